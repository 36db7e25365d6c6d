"""Reads of reconciliations: what is before them, what of it was found, and whether it adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DateField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.http import QueryDict

from budget.balances.models import WalletMonth
from budget.balances.selectors import reconciled_balance
from budget.core.keyset import Order, Page, page_of
from budget.transactions.flows import ZERO
from budget.transactions.ledger import with_parts
from budget.transactions.models import INCOMING, Reconciliation, Transaction
from budget.transactions.names import Names, names_read
from budget.transactions.rows import Row
from budget.wallets.models import Wallet

#: Lines on a page, and past reconciliations on one.
PAGE_SIZE = 50
PAST = 25
_BY_DATE = Order("date", DateField(), descending=True)


@dataclass(frozen=True, slots=True)
class Checking:
    """How far a reconciliation has come. Amounts are in the household's currency."""

    reconciliation: Reconciliation
    start: Decimal  # what earlier reconciliations sealed, with the opening balance
    pointed: Decimal  # what the lines found on the statement add to it
    count: int  # how many lines those are

    @property
    def found(self) -> Decimal:
        return self.start + self.pointed

    @property
    def difference(self) -> Decimal:
        """The statement's balance less what was found; zero closes."""
        return self.reconciliation.balance - self.found

    @property
    def at_zero(self) -> bool:
        return not self.difference


def checking(reconciliation: Reconciliation) -> Checking:
    """How far a reconciliation has come. Two queries, over what is not sealed yet."""
    wallet = reconciliation.wallet_id
    here = Q(wallet=wallet, pointed=True, reconciliation=None)
    there = Q(to_wallet=wallet, to_pointed=True, to_reconciliation=None)
    lines = Transaction.objects.filter(here | there, date__lte=reconciliation.date)
    sums = lines.aggregate(**_moved(here, there), lines=Count("pk"))
    start = reconciled_balance(reconciliation.wallet, on=reconciliation.date)
    return Checking(reconciliation, start, sums["came"] - sums["went"], sums["lines"])


def _moved(here: Q, there: Q) -> dict[str, Any]:
    """What came into a wallet and went out of it by the lines whose sides there these are."""
    incoming = Q(kind__in=INCOMING)
    return {
        "came": Sum("amount", filter=(here & incoming) | there, default=ZERO),
        "went": Sum("amount", filter=here & ~incoming, default=ZERO),
    }


def unsealed(reconciliation: Reconciliation) -> QuerySet[Transaction]:
    """The lines of its wallet up to its date that no reconciliation has sealed."""
    wallet = reconciliation.wallet_id
    here = Q(wallet=wallet, reconciliation=None)
    there = Q(to_wallet=wallet, to_reconciliation=None)
    return Transaction.objects.filter(here | there, date__lte=reconciliation.date)


def sealed_by(reconciliation: Reconciliation) -> QuerySet[Transaction]:
    return Transaction.objects.filter(
        Q(reconciliation=reconciliation) | Q(to_reconciliation=reconciliation)
    )


def lines_page(reconciliation: Reconciliation, parameters: QueryDict) -> Page[Row]:
    """A page of what a reconciliation has before it, or sealed; newest first. Two queries."""
    under_way = reconciliation.closed_at is None
    lines = unsealed(reconciliation) if under_way else sealed_by(reconciliation)
    names = names_read()
    rows = with_parts(lines, names).select_related("category").defer("search")
    page = page_of(rows, order=_BY_DATE, size=PAGE_SIZE, parameters=parameters)
    return Page(_rows(page.rows, names, reconciliation), page.before, page.after)


def _rows(
    lines: Sequence[Transaction], names: Names, reconciliation: Reconciliation
) -> Sequence[Row]:
    seen = names.wallets[reconciliation.wallet_id]
    return [Row(line, names, seen) for line in lines]


def last_closed(wallet: Wallet) -> Reconciliation | None:
    """A wallet's last reconciliation: the one that can be reopened. One query."""
    rows = Reconciliation.objects.select_related("wallet").filter(wallet=wallet)
    return rows.filter(closed_at__isnull=False).order_by("-date", "-pk").first()


def gap(reconciliation: Reconciliation) -> Decimal:
    """By how much a closed reconciliation no longer adds up: its statement's balance less what
    is still sealed by it and those before it. Zero where nothing changed. Two queries.
    """
    wallet, date = reconciliation.wallet_id, reconciliation.date
    later = (
        Reconciliation.objects.filter(wallet=wallet, closed_at__isnull=False)
        .filter(Q(date__gt=date) | Q(date=date, pk__gt=reconciliation.pk))
        .order_by()
        .values("pk")
    )
    here, there = Q(reconciliation__in=later), Q(to_reconciliation__in=later)
    sums = Transaction.objects.filter(here | there).aggregate(**_moved(here, there))
    sealed = reconciled_balance(reconciliation.wallet, on=date) - sums["came"] + sums["went"]
    return Decimal(reconciliation.balance - sealed)


def under_way() -> list[Reconciliation]:
    """Those that are under way, one a wallet at most. One query."""
    return list(Reconciliation.objects.select_related("wallet").filter(closed_at=None))


@dataclass(frozen=True, slots=True)
class Past:
    """A closed reconciliation, whether it can be reopened, and whether it still adds up."""

    reconciliation: Reconciliation
    lines: int
    last: bool
    gap: Decimal


def past(parameters: QueryDict) -> Page[Past]:
    """A page of closed reconciliations, the latest first. Three queries.

    Only of a wallet's last one it is said here whether it still adds up: a line that leaves an
    earlier one is missing in the last one, too, until it is found again.
    """
    page = page_of(_with_lines(), order=_BY_DATE, size=PAST, parameters=parameters)
    last = {
        each.wallet_id: each
        for each in Reconciliation.objects.filter(closed_at__isnull=False)
        .order_by("wallet_id", "-date", "-pk")
        .distinct("wallet_id")
    }
    sealed = dict(
        WalletMonth.objects.order_by()
        .values_list("wallet")
        .annotate(held=Sum("reconciled", default=ZERO))
    )

    def row(each: Any) -> Past:
        is_last = last[each.wallet_id].pk == each.pk
        opening = each.wallet.opening_balance if each.wallet.opening_date <= each.date else ZERO
        missing = each.balance - opening - sealed.get(each.wallet_id, ZERO) if is_last else ZERO
        return Past(each, each.here + each.there, is_last, missing)

    return Page([row(each) for each in page.rows], page.before, page.after)


def _with_lines() -> QuerySet[Reconciliation]:
    def number(seal: str) -> Coalesce:
        lines = Transaction.objects.filter(**{seal: OuterRef("pk")}).order_by().values(seal)
        counted = lines.annotate(number=Count("pk")).values("number")
        return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())

    return (
        Reconciliation.objects.filter(closed_at__isnull=False)
        .select_related("wallet", "closed_by")
        .annotate(here=number("reconciliation"), there=number("to_reconciliation"))
    )
