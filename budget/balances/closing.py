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

from budget.balances.selectors import wallet_balance
from budget.core.guards import GoneMeanwhile, Refused, guarded, one_of_a_name
from budget.core.holders import Holder, HolderNameTaken
from budget.core.tenancy import active_household
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.services import UNDO_LIFE, transaction_create, transaction_delete
from budget.users.models import User
from budget.users.services import household_lock
from budget.wallets.models import Wallet
from budget.wallets.signals import wallet_closed

_SALT = "balances.closing"


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


def closing_token(transfer: Transaction | None) -> str:
    """What takes a closing back when `holder_reopen` is given it: the transfer goes as well."""
    return signing.dumps(transfer.pk if transfer else None, salt=_SALT)


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
                _write(current, closed_at=None, position=rows.open().next_position())
                _take_back(token)
    except HolderNameTaken as error:
        raise NameTakenMeanwhile(holder.name) from error
    return current


def _take_back(token: str) -> None:
    """Delete the transfer of a closing, unless it was changed or checked since."""
    try:
        transfer = signing.loads(token, salt=_SALT, max_age=UNDO_LIFE)
    except signing.BadSignature:
        return
    line = Transaction.objects.filter(pk=transfer, kind=Kind.TRANSFER, version=1).first()
    if line and not line.reconciled:
        transaction_delete(line=line)


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
class WalletClosing:
    """What closing a wallet did: `moved` was in it (negative: was missing), and went to `into`."""

    into: Wallet
    moved: Decimal
    transfer: Transaction | None


def wallet_close(
    *, wallet: Wallet, into: Wallet, created_by: User | None = None
) -> WalletClosing | None:
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
        if into.pk == current.pk or not Wallet.objects.open().filter(pk=into.pk).exists():
            raise GoneMeanwhile
        left = wallet_balance(current).balance
        transfer = _empty(current, left, into, created_by) if left else None
        holder_end(current)
        wallet_closed.send(Wallet, wallet=current, into=into)
    return WalletClosing(into, left, transfer)


def _empty(wallet: Wallet, left: Decimal, into: Wallet, created_by: User | None) -> Transaction:
    giver, taker = (wallet, into) if left > 0 else (into, wallet)
    return transaction_create(
        kind=Kind.TRANSFER,
        amount=abs(left),
        date=timezone.localdate(),
        wallet=giver,
        to_wallet=taker,
        description=gettext("Closing of “%(name)s”") % {"name": wallet.name},
        created_by=created_by,
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


def _write(current: Holder, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*changes, "version"])
