"""Checking a wallet against its bank statement: what is found there is pointed, and sealed at zero.

Whatever writes here holds the household's lock while it does, so that what it has read stays true;
pointing a line does not, and so a reconciliation is summed once more after its lines are sealed.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.core import signing
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext

from budget.balances.reconciliation_selectors import (
    checking,
    last_closed,
    sealed_by,
    unsealed,
)
from budget.balances.selectors import reconciled_balance
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile, Refused, guarded
from budget.core.money import money_format
from budget.core.templatetags.display import long_day
from budget.core.tenancy import active_household
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.services import UNDO_LIFE, transaction_create
from budget.users.models import User
from budget.users.services import household_lock
from budget.wallets.models import Wallet

_SALT = "reconciliations.undo"


class OneUnderWay(Refused):
    """A wallet is being reconciled already: `reconciliation` is under way."""

    def __init__(self, reconciliation: Reconciliation) -> None:
        self.reconciliation = reconciliation
        super().__init__(
            gettext("“%(wallet)s” is being reconciled already. Continue that first, or cancel it.")
            % {"wallet": reconciliation.wallet.name}
        )


class ReconciledLater(Refused):
    """A statement dated before the last one, or a reconciliation on which a later one rests."""

    def __init__(self, last: Reconciliation) -> None:
        super().__init__(
            gettext("“%(wallet)s” is reconciled up to %(day)s already.")
            % {"wallet": last.wallet.name, "day": long_day(last.date)}
        )


class NotUnderWay(Refused):
    """A reconciliation that is no longer under way would go on."""

    def __init__(self) -> None:
        super().__init__(gettext("This reconciliation was closed or cancelled in the meantime."))


class WalletClosed(Refused):
    """A closed wallet would be reconciled."""

    def __init__(self, wallet: Wallet) -> None:
        super().__init__(
            gettext("“%(wallet)s” is closed. Reopen it to go on with its reconciliation.")
            % {"wallet": wallet.name}
        )


class NotAtZero(Refused):
    """What is pointed does not add up to the statement; `difference` is what is missing."""

    def __init__(self, difference: Decimal) -> None:
        self.difference = difference
        super().__init__(
            gettext("The difference is %(amount)s: a reconciliation is closed at zero.")
            % {"amount": money_format(difference, signed=True)}
        )


class DifferenceMoved(Refused):
    """An adjustment was agreed to, and would be of another amount by now."""

    def __init__(self, difference: Decimal) -> None:
        self.difference = difference
        super().__init__(
            gettext("The difference has changed in the meantime: it is %(amount)s now.")
            % {"amount": money_format(difference, signed=True)}
        )


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What is booked so that a reconciliation adds up: `difference`, as it was agreed to."""

    difference: Decimal
    category: Category | None = None
    submission: uuid.UUID | None = None


def reconciliation_create(*, wallet: Wallet, date: dt.date, balance: Decimal) -> Reconciliation:
    """Start checking a wallet against the statement of `date`, which says `balance`.

    Sent twice, the first is returned. Raises OneUnderWay, ReconciledLater, and GoneMeanwhile where
    the wallet has been closed or deleted.
    """
    with guarded():
        household_lock(active_household())
        if not Wallet.objects.open().filter(pk=wallet.pk).exists():
            raise GoneMeanwhile
        now = _under_way(wallet).first()
        if now is None:
            _require_latest(wallet, date)
            return Reconciliation.objects.create(wallet=wallet, date=date, balance=balance)
    if (now.date, now.balance) != (date, balance):
        raise OneUnderWay(now)
    return now


def reconciliation_update(
    *, reconciliation: Reconciliation, date: dt.date, balance: Decimal
) -> Reconciliation:
    """Correct what a statement says. Raises NotUnderWay, WalletClosed and ReconciledLater."""
    with guarded():
        current = _to_go_on(reconciliation)
        _require_latest(current.wallet, date)
        current.date, current.balance = date, balance
        current.save(update_fields=["date", "balance"])
    return current


def reconciliation_point_all(*, reconciliation: Reconciliation) -> tuple[int, str]:
    """Point all that is before a reconciliation; how many lines that was, and a token to undo it.

    Raises NotUnderWay and WalletClosed.
    """
    with guarded():
        current = _to_go_on(reconciliation)
        lines = unsealed(current)
        keys = list(lines.exclude(_pointed(current)).order_by().values_list("pk", flat=True))
        _point(current, keys, pointed=True)
    return len(keys), signing.dumps([current.pk, keys], salt=_SALT, compress=True)


def reconciliation_point_back(*, token: str) -> Reconciliation:
    """Take back what `reconciliation_point_all` did; doing so twice changes nothing.

    Raises Refused where the token is too old or not ours, NotUnderWay and WalletClosed.
    """
    try:
        pk, keys = signing.loads(token, salt=_SALT, max_age=UNDO_LIFE)
    except signing.BadSignature as error:
        raise Refused(gettext("It is too late to undo this.")) from error
    with guarded():
        current = _to_go_on(Reconciliation(pk=pk))
        _point(current, keys, pointed=False)
    return current


def reconciliation_close(
    *,
    reconciliation: Reconciliation,
    closed_by: User | None = None,
    adjustment: Adjustment | None = None,
) -> Reconciliation:
    """Seal the pointed lines of a reconciliation that adds up; an `adjustment` is booked first.

    Doing so twice changes nothing. Raises NotAtZero, DifferenceMoved, NotUnderWay where it was
    cancelled, WalletClosed, and what booking a line can.
    """
    with guarded():
        current = _current(reconciliation)
        if current.closed_at is not None:
            return current
        _require_open(current.wallet)
        if adjustment is not None:
            _adjust(current, adjustment, closed_by)
        _seal(current)
        difference = current.balance - reconciled_balance(current.wallet, on=current.date)
        if difference:
            raise NotAtZero(difference)
        current.closed_at, current.closed_by = timezone.now(), closed_by
        current.save(update_fields=["closed_at", "closed_by"])
    return current


def reconciliation_reopen(*, reconciliation: Reconciliation) -> Reconciliation:
    """Put a wallet's last reconciliation under way again; its lines are pointed, as before.

    Doing so twice changes nothing. Raises ReconciledLater, OneUnderWay and WalletClosed.
    """
    with guarded():
        current = _current(reconciliation)
        if current.closed_at is None:
            return current
        last = last_closed(current.wallet)
        if last and last.pk != current.pk:
            raise ReconciledLater(last)
        now = _under_way(current.wallet).first()
        if now:
            raise OneUnderWay(now)
        _require_open(current.wallet)
        sealed_by(current).update(
            reconciliation=_unless_by(current, "reconciliation"),
            to_reconciliation=_unless_by(current, "to_reconciliation"),
        )
        current.closed_at = current.closed_by = None
        current.save(update_fields=["closed_at", "closed_by"])
    return current


def reconciliation_cancel(*, reconciliation: Reconciliation) -> None:
    """Give a reconciliation up. What was pointed stays so. Raises NotUnderWay once it is closed."""
    with guarded():
        household_lock(active_household())
        rows = Reconciliation.objects.filter(pk=reconciliation.pk)
        if rows.filter(closed_at__isnull=False).exists():
            raise NotUnderWay
        rows.delete()


def _under_way(wallet: Wallet) -> QuerySet[Reconciliation]:
    rows = Reconciliation.objects.select_related("wallet")
    return rows.filter(wallet=wallet, closed_at=None)


def _require_latest(wallet: Wallet, date: dt.date) -> None:
    last = last_closed(wallet)
    if last and date < last.date:
        raise ReconciledLater(last)


def _current(reconciliation: Reconciliation) -> Reconciliation:
    """It as it stands now, with the ledger held. Raises NotUnderWay where it is gone."""
    household_lock(active_household())
    current = Reconciliation.objects.select_related("wallet").filter(pk=reconciliation.pk).first()
    if current is None:
        raise NotUnderWay
    return current


def _to_go_on(reconciliation: Reconciliation) -> Reconciliation:
    current = _current(reconciliation)
    if current.closed_at is not None:
        raise NotUnderWay
    _require_open(current.wallet)
    return current


def _require_open(wallet: Wallet) -> None:
    if not wallet.is_open:
        raise WalletClosed(wallet)


def _pointed(current: Reconciliation) -> Q:
    """Lines that are pointed in the reconciliation's wallet."""
    wallet = current.wallet_id
    return Q(wallet=wallet, pointed=True) | Q(to_wallet=wallet, to_pointed=True)


def _point(current: Reconciliation, keys: list[int], *, pointed: bool) -> None:
    wallet = current.wallet_id
    here = When(wallet=wallet, reconciliation=None, then=Value(pointed))
    there = When(to_wallet=wallet, to_reconciliation=None, then=Value(pointed))
    Transaction.objects.filter(pk__in=keys).update(
        pointed=Case(here, default=F("pointed")),
        to_pointed=Case(there, default=F("to_pointed")),
    )


def _adjust(current: Reconciliation, adjustment: Adjustment, by: User | None) -> None:
    difference = checking(current).difference
    if difference != adjustment.difference:
        raise DifferenceMoved(difference)
    if not difference:
        return
    line = transaction_create(
        kind=Kind.INCOME if difference > 0 else Kind.EXPENSE,
        amount=abs(difference),
        date=current.date,
        wallet=current.wallet,
        category=adjustment.category,
        description=gettext("Reconciliation adjustment"),
        submission=adjustment.submission,
        created_by=by,
    )
    _point(current, [line.pk], pointed=True)


def _seal(current: Reconciliation) -> None:
    """Each side by itself: the other one stands on another statement."""
    wallet, seal = current.wallet_id, Value(current.pk)
    here = When(wallet=wallet, pointed=True, reconciliation=None, then=seal)
    there = When(to_wallet=wallet, to_pointed=True, to_reconciliation=None, then=seal)
    unsealed(current).filter(_pointed(current)).update(
        reconciliation=_either(here, "reconciliation"),
        to_reconciliation=_either(there, "to_reconciliation"),
    )


def _unless_by(current: Reconciliation, seal: str) -> Case:
    return _either(When(**{seal: current.pk}, then=Value(None)), seal)


def _either(change: When, seal: str) -> Case:
    return Case(change, default=F(seal), output_field=BigIntegerField())
