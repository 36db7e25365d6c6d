"""Reads about closed months, and about those that could be closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.dates import format_date
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import QueryDict
from django.utils import timezone

from budget.archives.models import (
    ClosedMonth,
    ClosedMonthBalance,
    ClosedMonthLine,
    HolderKind,
)
from budget.core import instruments
from budget.core.keyset import Order, Page, page_of
from budget.core.money import active_locale
from budget.core.periods import Period
from budget.core.tenancy import active_household
from budget.transactions.flows import Flow
from budget.transactions.models import Allotment, Kind, MonthTotal, Transaction
from budget.transactions.selectors import current_period, flows_by_month

#: Months that ended longer ago than this many months are worth closing.
RECENT_MONTHS = 3
#: How many months a page of the archives lists, and how many transactions a page of a month.
MONTHS_PER_PAGE = 24
LINES_PER_PAGE = 50
_BY_MONTH = Order("first_day", ClosedMonth._meta.get_field("first_day"), descending=True)
_BY_DATE = Order("date", Transaction._meta.get_field("date"), descending=True)


def closed_periods() -> list[tuple[dt.date, dt.date]]:
    """First and last day of every closed month, hidden ones included, oldest first. One query."""
    return list(ClosedMonth.objects.order_by("first_day").values_list("first_day", "last_day"))


# Months that can be closed


@dataclass(frozen=True, slots=True)
class ClosableMonth:
    """A month that has ended, holds transactions, and is not closed."""

    period: Period
    flow: Flow

    @property
    def days_ago(self) -> int:
        """How many days ago it ended: 1 on the first day of the next month."""
        return (timezone.localdate() - self.period.last).days

    @property
    def name(self) -> str:
        """The month without its year: "octobre"."""
        return format_date(self.period.named_month, "LLLL", locale=active_locale())


def closable_months(*, older_than: int = 0) -> list[ClosableMonth]:
    """The months that can be closed, newest first. One query, over the monthly totals.

    `older_than` leaves out the last so many months before the current one: with 3, on any day of
    November, July is the newest that can be listed.
    """
    start_day = active_household().month_start_day
    earliest_kept = current_period().shift(-older_than)
    rows = MonthTotal.objects.filter(month__lt=earliest_kept.first).exclude(
        Exists(ClosedMonth.objects.filter(first_day=OuterRef("month")))
    )
    return [
        ClosableMonth(Period.containing(first, start_day=start_day), flow)
        for first, flow in sorted(flows_by_month(rows).items(), reverse=True)
    ]


@dataclass(frozen=True, slots=True)
class MonthsToClose:
    """What the archives propose: first what has been left open for long, then the recent months."""

    older: list[ClosableMonth]
    recent: list[ClosableMonth]

    def __bool__(self) -> bool:
        return bool(self.older or self.recent)


def months_to_close() -> MonthsToClose:
    """The closable months, newest first, parted where `RECENT_MONTHS` ends. One query."""
    months = closable_months()
    limit = current_period().shift(-RECENT_MONTHS)
    return MonthsToClose(
        older=[month for month in months if month.period < limit],
        recent=[month for month in months if month.period >= limit],
    )


# Closed months


def closed_months(*, with_hidden: bool, parameters: QueryDict) -> Page[ClosedMonth]:
    """The page of closed months, newest first, that the address asks for. One query."""
    rows = ClosedMonth.objects.all() if with_hidden else ClosedMonth.objects.filter(hidden=False)
    return page_of(rows, order=_BY_MONTH, size=MONTHS_PER_PAGE, parameters=parameters)


def hidden_count() -> int:
    """How many closed months are hidden."""
    return ClosedMonth.objects.filter(hidden=True).count()


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """What one category cost or brought in a closed month, under its name of then."""

    name: str  # empty: uncategorised
    colour: str
    amount: Decimal
    share: float  # of all amounts beside it
    count: int | None  # unknown where the line stands in both lists
    limit: Decimal | None
    over: Decimal

    @property
    def bar(self) -> str:
        """The length of its bar, in percent."""
        return instruments.text(self.share * 100)


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """A closed month by category: what cost, what brought in, and how the limits were kept.

    A category that both cost and brought stands where its difference puts it; uncategorised
    lines have nothing to do with one another, and stand in both.
    """

    spending: list[CategoryFigures]
    income: list[CategoryFigures]
    #: What passed through neutral categories, which is neither.
    neutral: list[ClosedMonthLine]
    limits: int
    kept: int


def month_figures(lines: Sequence[ClosedMonthLine]) -> MonthFigures:
    """The snapshot's lines for reading, the largest first. No query."""
    spending: list[tuple[Decimal, ClosedMonthLine]] = []
    income: list[tuple[Decimal, ClosedMonthLine]] = []
    neutral = [line for line in lines if line.neutral_in or line.neutral_out]
    for line in lines:
        if line in neutral:
            continue
        if not line.category_name:
            spending.append((line.expenses, line))
            income.append((line.income, line))
        elif line.spending >= 0:
            spending.append((line.spending, line))
        else:
            income.append((-line.spending, line))
    limits = [line for line in lines if line.monthly_limit is not None]
    return MonthFigures(
        spending=_largest_first(spending),
        income=_largest_first(income),
        neutral=sorted(neutral, key=lambda line: (-line.neutral_out, line.category_name)),
        limits=len(limits),
        kept=sum(not line.over for line in limits),
    )


def _largest_first(found: Iterable[tuple[Decimal, ClosedMonthLine]]) -> list[CategoryFigures]:
    shown = [(amount, line) for amount, line in found if amount or line.category_name]
    shown.sort(key=lambda each: (-each[0], each[1].category_name))
    whole = sum(amount for amount, _ in shown)
    return [
        CategoryFigures(
            name=line.category_name,
            colour=line.colour,
            amount=amount,
            share=float(amount / whole) if whole else 0.0,
            count=None if line.expenses and line.income and not line.category_name else line.count,
            limit=line.monthly_limit,
            over=line.over,
        )
        for amount, line in shown
    ]


@dataclass(frozen=True, slots=True)
class MonthBalances:
    """What wallets and envelopes moved in a closed month, and held at its end."""

    wallets: list[ClosedMonthBalance]
    buckets: list[ClosedMonthBalance]

    @property
    def many_wallets(self) -> bool:
        """Whether a line needs to say which wallet it moved."""
        return len(self.wallets) > 1

    @property
    def many_buckets(self) -> bool:
        """Whether there was more than what was unassigned."""
        return len(self.buckets) > 1


def month_balances(closed: ClosedMonth) -> MonthBalances:
    """The snapshot's wallets and envelopes, in their order of then. One query."""
    found = list(closed.balances.all())
    return MonthBalances(
        wallets=[each for each in found if each.kind == HolderKind.WALLET],
        buckets=[each for each in found if each.kind == HolderKind.BUCKET],
    )


@dataclass(frozen=True, slots=True)
class ArchivedLine:
    """A transaction of a closed month, its category under the name and colour of then."""

    line: Transaction
    category_name: str
    colour: str

    @property
    def description(self) -> str:
        return self.line.description or str(Kind(self.line.kind).label)

    @property
    def counts(self) -> bool:
        """Whether it is an income or an expense, and could have a category."""
        return Kind(self.line.kind).counts

    @property
    def is_transfer(self) -> bool:
        """Whether it moved money inside the household: its amount then has no sign."""
        return self.line.kind == Kind.TRANSFER


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some transactions, newest first, and the cursors of the pages around them."""

    lines: list[ArchivedLine]
    before: str
    after: str


def month_lines(
    *, closed: ClosedMonth, snapshot: Sequence[ClosedMonthLine], parameters: QueryDict
) -> LinePage:
    """The page of a closed month's transactions that the address asks for. Two queries."""
    rows = with_sides(Transaction.objects.within(closed.period).defer("search"))
    page = page_of(rows, order=_BY_DATE, size=LINES_PER_PAGE, parameters=parameters)
    then = {line.category_id: line for line in snapshot}
    return LinePage(
        [_archived(row, then.get(row.category_id)) for row in page.rows], page.before, page.after
    )


def with_sides(rows: QuerySet[Transaction]) -> QuerySet[Transaction]:
    """The lines with all that they name besides the category; one query more, for the parts."""
    parts = Allotment.objects.select_related("bucket").order_by("bucket__position", "bucket")
    return rows.select_related(
        "wallet", "to_wallet", "bucket", "to_bucket", "person"
    ).prefetch_related(Prefetch("allotments", parts))


def _archived(row: Transaction, then: ClosedMonthLine | None) -> ArchivedLine:
    return ArchivedLine(row, then.category_name if then else "", then.colour if then else "")
