"""Closing wallets and envelopes: what is left in one goes to another, and its history stays.

The database sees to it that a closed one is empty (docs/adr/0006). Whatever closes, reopens or
deletes one holds the household's lock while it does, so that what it has read stays true.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext

from budget.balances.selectors import bucket_balance, wallet_balance
from budget.buckets.models import Bucket
from budget.core.guards import GoneMeanwhile, Refused, guarded, one_of_a_name
from budget.core.holders import Holder, HolderNameTaken
from budget.core.tenancy import active_household
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.services import UNDO_LIFE, transaction_create, transaction_delete
from budget.users.models import User
from budget.users.services import household_lock
from budget.wallets.models import Wallet
from budget.wallets.signals import wallet_closed


def holder_now[H: Holder](holder: H) -> H:
    """A wallet or an envelope as it stands now, with the household's ledger held.

    Raises GoneMeanwhile where it has been deleted.
    """
    household_lock(active_household())
    rows: Any = type(holder)._default_manager
    current: H | None = rows.filter(pk=holder.pk).select_for_update(no_key=True).first()
    if current is None:
        raise GoneMeanwhile
    return current


def holder_end(current: Holder, **changes: Any) -> None:
    """Write that what `holder_now` gave, emptied since, is closed; `changes` go with it.

    Raises ClosedHolder where it is not empty.
    """
    _write(current, closed_at=timezone.now(), **changes)


class NameTakenMeanwhile(Refused):
    """A wallet or an envelope would be reopened whose name an open one has been given since."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext("Another is called “%(name)s” by now. Rename that one, then reopen this one.")
            % {"name": name}
        )


def holder_reopen[H: Holder](holder: H, *, token: str = "") -> H:
    """Open a closed wallet or envelope again, at the end of the list.

    It is empty, unless `token` is that of its closing, less than an hour old: what was moved comes
    back then. Doing so twice changes nothing. Raises NameTakenMeanwhile, and GoneMeanwhile.
    """
    try:
        with one_of_a_name(HolderNameTaken):
            current = holder_now(holder)
            if not current.is_open:
                rows: Any = type(holder)._default_manager
                transfer = _moved_by(current, token)
                _write(current, closed_at=None, position=rows.open().next_position())
                if transfer:
                    transaction_delete(line=transfer)
    except HolderNameTaken as error:
        raise NameTakenMeanwhile(holder.name) from error
    return current


def _undo(closed: Holder, transfer: Transaction | None) -> str:
    """What takes this closing back, and no other: the next one has another version."""
    booked = [closed.pk, closed.version, transfer.pk if transfer else None]
    return signing.dumps(booked, salt=_salt(closed))


def _moved_by(closed: Holder, token: str) -> Transaction | None:
    """The transfer of the closing that `token` is of, unless it was changed or checked since."""
    try:
        *one, transfer = signing.loads(token, salt=_salt(closed), max_age=UNDO_LIFE)
    except signing.BadSignature:
        return None
    line = Transaction.objects.filter(pk=transfer, kind=Kind.TRANSFER, version=1).first()
    return line if line and not line.reconciled and one == [closed.pk, closed.version] else None


def _salt(holder: Holder) -> str:
    return f"balances.closing.{holder._meta.model_name}"


class LastWallet(Refused):
    """The household's last open wallet would go."""

    def __init__(self) -> None:
        super().__init__(
            gettext("This is the last open wallet: money has to be somewhere. Add another first.")
        )


class WalletUsed(Refused):
    """A wallet would be deleted on which lines or reconciliations rest."""

    def __init__(self) -> None:
        super().__init__(gettext("This wallet has been used. Close it: its history stays."))


class BeingReconciled(Refused):
    """A wallet would be closed while it is being checked against a statement."""

    def __init__(self, reconciliation: Reconciliation) -> None:
        self.reconciliation = reconciliation
        super().__init__(
            gettext("This wallet is being reconciled. Finish or cancel that before closing it.")
        )


@dataclass(frozen=True, slots=True)
class Closing[H]:
    """What closing one did: `moved` was in it (negative: was missing), and went to `into`.

    `undo` is the token with which `holder_reopen` takes it back.
    """

    into: H
    moved: Decimal
    transfer: Transaction | None
    undo: str


def wallet_close(
    *, wallet: Wallet, into: Wallet, created_by: User | None = None
) -> Closing[Wallet] | None:
    """Close a wallet, and move what is left in it to the open wallet `into` by a transfer.

    What is missing in it, where its balance is negative, is moved from `into`. What names the
    wallet elsewhere names `into` from then on (the signal wallet_closed). Returns None where it
    is closed already. Raises LastWallet, BeingReconciled, and GoneMeanwhile.
    """
    with guarded():
        current = holder_now(wallet)
        if not current.is_open:
            return None
        require_closable(current)
        _require_another(into, current)
        left = wallet_balance(current).balance
        transfer = _empty("wallet", current, left, into, created_by)
        holder_end(current)
        wallet_closed.send(Wallet, wallet=current, into=into)
    return Closing(into, left, transfer, _undo(current, transfer))


def _require_another(into: Holder, current: Holder) -> None:
    """Raise GoneMeanwhile unless `into` is another one, and open."""
    rows: Any = type(into)._default_manager
    if into.pk == current.pk or not rows.open().filter(pk=into.pk).exists():
        raise GoneMeanwhile


def _empty(
    side: str, current: Holder, left: Decimal, into: Holder | None, created_by: User | None
) -> Transaction | None:
    """Move what is left to `into`, or what is missing from there. `side`: "wallet" or "bucket"."""
    if not left:
        return None
    giver, taker = (current, into) if left > 0 else (into, current)
    sides: Any = {side: giver, f"to_{side}": taker}
    return transaction_create(
        kind=Kind.TRANSFER,
        amount=abs(left),
        date=timezone.localdate(),
        description=gettext("Closing of “%(name)s”") % {"name": current.name},
        created_by=created_by,
        **sides,
    )


def wallet_delete(*, wallet: Wallet) -> None:
    """Delete a wallet that nothing rests on. Raises WalletUsed, LastWallet and GoneMeanwhile."""
    with guarded():
        current = holder_now(wallet)
        require_deletable(current)
        current.delete()


def require_deletable(wallet: Wallet) -> None:
    """Raise what stands against deleting a wallet: WalletUsed, LastWallet."""
    if wallet_balance(wallet).used or wallet.reconciliations.exists():
        raise WalletUsed
    if wallet.is_open:
        _keep_a_wallet(wallet)


def require_closable(wallet: Wallet) -> None:
    """Raise what stands against closing a wallet, whatever is in it: LastWallet, BeingReconciled.

    What it finds stays true where the household's lock is held.
    """
    _keep_a_wallet(wallet)
    if under_way := wallet.reconciliations.filter(closed_at=None).first():
        raise BeingReconciled(under_way)


def _keep_a_wallet(wallet: Wallet) -> None:
    if not Wallet.objects.open().exclude(pk=wallet.pk).exists():
        raise LastWallet


class BucketUsed(Refused):
    """An envelope would be deleted that lines name."""

    def __init__(self) -> None:
        super().__init__(gettext("This envelope has been used. Close it: its history stays."))


def bucket_close(
    *, bucket: Bucket, into: Bucket | None, created_by: User | None = None
) -> Closing[Bucket | None] | None:
    """Close an envelope, and move what is left in it to `into`; None: it becomes unassigned.

    What is missing in it, where its balance is negative, is moved from there. Its share is freed,
    and the categories whose own envelope it was have none. Returns None where it is closed
    already. Raises GoneMeanwhile, also where `into` has just been closed.
    """
    with guarded():
        current = holder_now(bucket)
        if not current.is_open:
            return None
        if into is not None:
            _require_another(into, current)
        left = bucket_balance(current).balance
        transfer = _empty("bucket", current, left, into, created_by)
        current.categories.update(bucket=None)
        holder_end(current, share=0)
    return Closing(into, left, transfer, _undo(current, transfer))


def bucket_delete(*, bucket: Bucket) -> None:
    """Delete an envelope that no line names. Raises BucketUsed and GoneMeanwhile."""
    with guarded():
        current = holder_now(bucket)
        if bucket_balance(current).used:
            raise BucketUsed
        current.delete()


def _write(current: Holder, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*changes, "version"])
