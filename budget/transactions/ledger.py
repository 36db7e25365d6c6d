"""The table of transactions, filtered, sorted and paged: what the overview and the ledger show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from budget.categories.models import Category
from budget.core.keyset import Page, page_of
from budget.core.periods import Period
from budget.core.tenancy import active_household
from budget.transactions.closing import ClosedDays
from budget.transactions.filters import Chip, Column, Sort, TransactionFilter, chips
from budget.transactions.flows import Flow, Flows
from budget.transactions.models import Allotment, Transaction
from budget.transactions.names import Names, names_read
from budget.transactions.rows import Row
from budget.transactions.selectors import flows_between

PAGE_SIZE = 50
#: Above this many, matches are not counted to the end: nobody reads the difference.
COUNT_UP_TO = 1000


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one month, with the month's own totals; or all rows, when not sorted by date."""

    period: Period | None
    flow: Flow | None
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One page of transactions, and all that its table needs to say."""

    filters: TransactionFilter
    categories: list[Category]
    chips: list[Chip]
    sort: Sort
    columns: list[Column]
    page: Page[Transaction]
    groups: list[Group]
    count: int
    closed: ClosedDays
    names: Names

    @property
    def filtered(self) -> bool:
        return bool(self.chips)

    @property
    def many(self) -> bool:
        """Whether there are more matches than were counted."""
        return self.filtered and self.count > COUNT_UP_TO


def ledger_page(
    request: HttpRequest, *, rows: QuerySet[Transaction], count: int, flows: Flows | None = None
) -> Ledger:
    """The page of `rows` that the request's address asks for.

    `count` is how many rows there are unfiltered. `flows` gives the months their totals; where it
    is not at hand it is read for the months on the page. At most five queries: the rows (where
    filtered with their number), the months' totals, the categories, the names, the closed months.
    """
    categories = list(Category.objects.active())
    names = names_read()
    filters = TransactionFilter(request.GET, queryset=rows, categories=categories, names=names)
    found = filters.qs
    in_force = list(chips(filters, request.GET))
    sort = Sort.read(request.GET)
    seen = filters.wallet_seen
    sorted_rows, order = sort.apply(with_parts(found, names), wallet=seen.pk if seen else None)
    sorted_rows = sorted_rows.select_related("category").defer("search")
    if in_force:
        sorted_rows = sorted_rows.annotate(matches=_Number(found.order_by()[: COUNT_UP_TO + 1]))
    page = page_of(sorted_rows, order=order, size=PAGE_SIZE, parameters=request.GET)
    if in_force:
        count = getattr(page.rows[0], "matches", 0) if page.rows else 0
    shown = [Row(line, names, seen) for line in page.rows]
    return Ledger(
        filters=filters,
        categories=categories,
        chips=in_force,
        sort=sort,
        columns=sort.columns(request.GET),
        page=page,
        groups=list(_groups(shown, sort, flows, totals=not in_force)),
        count=count,
        closed=ClosedDays(),
        names=names,
    )


class _Number(Subquery):
    """How many rows a query has: asked once, with the rows themselves."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS matching)"

    def __init__(self, rows: QuerySet[Transaction]) -> None:
        super().__init__(rows.values("pk"), output_field=IntegerField())


def with_parts(rows: QuerySet[Transaction], names: Names) -> QuerySet[Transaction]:
    """The rows with the number of envelopes that each was spread over, where there are any."""
    if not names.buckets:
        return rows
    parts = Allotment.objects.filter(transaction=OuterRef("pk")).order_by().values("transaction")
    return rows.annotate(parts=Subquery(parts.annotate(number=Count("pk")).values("number")))


def _groups(
    rows: Sequence[Row], sort: Sort, flows: Flows | None, *, totals: bool
) -> Iterator[Group]:
    if sort.column != "date" or not rows:
        yield Group(None, None, list(rows))
        return
    start_day = active_household().month_start_day

    def month(row: Row) -> Period:
        return Period.containing(row.line.date, start_day=start_day)

    if totals and flows is None:
        ends = sorted([month(rows[0]), month(rows[-1])])
        flows = flows_between(*ends)
    for period, lines in groupby(rows, month):
        yield Group(period, flows.over(period) if totals and flows else None, list(lines))
