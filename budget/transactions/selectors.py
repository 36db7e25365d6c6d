"""Reads of the ledger."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, F, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from budget.categories.models import Category, CategoryKind
from budget.core.periods import Period, Unit
from budget.core.summaries import summary
from budget.core.tenancy import active_household
from budget.transactions.flows import ZERO, Flow, Flows
from budget.transactions.models import INCOMING, Kind, MonthTotal, Transaction
from budget.wallets.selectors import opening_balances


def current_period(unit: Unit = Unit.MONTH) -> Period:
    """The household's month, quarter or year that contains today."""
    return Period.containing(
        timezone.localdate(), unit=unit, start_day=active_household().month_start_day
    )


def flows_between(first: Period, last: Period) -> Flows:
    """The flow of every month and category from period `first` to period `last`. One query."""
    cells: dict[tuple[dt.date, int | None], Flow] = defaultdict(Flow)
    others: dict[dt.date, int] = defaultdict(int)
    rows = MonthTotal.objects.filter(month__range=(first.first, last.last)).values_list(
        "month", "category_id", "category__kind", "kind", "total", "count"
    )
    for month, category, category_kind, kind, total, count in rows:
        if not Kind(kind).counts:
            others[month] += count
        else:
            cells[month, category] += _flow(kind, category_kind, total, count)
    return Flows(dict(cells), dict(others))


def flows_by_month(totals: QuerySet[MonthTotal]) -> dict[dt.date, Flow]:
    """The flow of each month (by its first day) that `totals` hold; it counts every line.

    One query, that reads a few rows a month.
    """
    flows: dict[dt.date, Flow] = defaultdict(Flow)
    rows = (
        totals.order_by()
        .values("month", "category__kind", "kind")
        .annotate(moved=Sum("total"), lines=Sum("count"))
        .values_list("month", "category__kind", "kind", "moved", "lines")
    )
    for month, category_kind, kind, total, count in rows:
        if not Kind(kind).counts:
            flows[month] += Flow(count=count)
        else:
            flows[month] += _flow(kind, category_kind, total, count)
    return dict(flows)


def _flow(kind: str, category_kind: str | None, total: Decimal, count: int) -> Flow:
    incoming = kind == Kind.INCOME
    if category_kind == CategoryKind.NEUTRAL:
        sides = (total, ZERO) if incoming else (ZERO, total)
        return Flow(ZERO, ZERO, count, *sides)
    return Flow(total, ZERO, count) if incoming else Flow(ZERO, total, count)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the whole ledger stands."""

    balance: Decimal  # what is in all wallets, goals included
    count: int
    earlier: int  # how many transactions are older than the period asked for


@summary
def standing(*, before: Period | None = None) -> Standing:
    """The balance and the number of transactions, and of those older than `before`. One query."""
    older = Q(month__lt=before.first) if before else Q()
    moved = Case(
        When(kind__in=INCOMING, then=F("total")),
        When(kind=Kind.TRANSFER, then=ZERO),
        default=-F("total"),
    )
    sums = MonthTotal.objects.aggregate(
        balance=opening_balances() + Sum(moved, default=ZERO),
        lines=Sum("count"),
        earlier=Sum("count", filter=older),
    )
    return Standing(sums["balance"], sums["lines"] or 0, sums["earlier"] or 0)


def line_counts(*, before: Period) -> dict[str, Coalesce]:
    """`lines` and `earlier_lines` of `Standing`, for use in another query."""
    months = MonthTotal.objects.order_by().values("household")
    sums = {"lines": Sum("count"), "earlier_lines": Sum("count", filter=Q(month__lt=before.first))}
    return {
        name: Coalesce(Subquery(months.annotate(n=each).values("n")), 0)
        for name, each in sums.items()
    }


def money_now() -> Decimal:
    """The balance, in the household's currency."""
    return standing().balance


def last_of_each_category(per_category: int = 3) -> dict[int | None, list[Transaction]]:
    """The newest few transactions of every category. One query, whatever the ledger's size.

    A lateral join takes a few entries of the index per category, where a window function would
    number the whole ledger.
    """
    household = active_household()
    rows = Transaction.objects.raw(
        """
        SELECT line.* FROM categories_category AS category
        CROSS JOIN LATERAL (
            SELECT id, household_id, category_id, kind, amount, date, description
            FROM transactions_transaction
            WHERE household_id = %(household)s AND category_id = category.id
            ORDER BY date DESC, id DESC LIMIT %(most)s
        ) AS line
        WHERE category.household_id = %(household)s AND category.retired_at IS NULL
        """,
        {"household": household.pk, "most": per_category},
    )
    found: dict[int | None, list[Transaction]] = defaultdict(list)
    for line in rows:
        found[line.category_id].append(line)
    return dict(found)


@dataclass(frozen=True, slots=True)
class Landing:
    """A month of a category that has a limit, with a line that is still being typed."""

    category: Category
    other_month: Period | None  # where it is not the present one
    limit: Decimal
    spent: Decimal
    after: Decimal

    @property
    def ratio(self) -> Decimal:
        """The share of the limit that will be spent; 1 is all of it."""
        return self.after / self.limit


def category_landing(
    *, category: Category, amount: Decimal, date: dt.date, replaced: Transaction | None = None
) -> Landing | None:
    """What a month's spending in `category` becomes with an expense of `amount`.

    The month is the household's in which `date` lies. `replaced` is the line that this expense
    takes the place of: it counts no longer. None where the category has no limit.
    """
    if category.monthly_limit is None:
        return None
    now = current_period()
    month = Period.containing(date, start_day=now.start_day)
    spent = flows_between(month, month).of(category.pk, month).spending
    if replaced and replaced.category_id == category.pk and replaced.date in month:
        spent += replaced.signed_amount
    other_month = None if month == now else month
    return Landing(category, other_month, category.monthly_limit, spent, spent + amount)
