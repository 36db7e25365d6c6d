"""Reads for the pages of people: where each stands, and what brought it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, DateField, F, Q, QuerySet, Sum, When
from django.http import QueryDict
from django.utils.translation import gettext

from budget.balances.selectors import NET_SIGN, Position, person_positions
from budget.core.keyset import Order, cursor, page_of
from budget.people.models import Person
from budget.people.selectors import people_named
from budget.transactions.filters import Column
from budget.transactions.flows import ZERO
from budget.transactions.models import Kind, Transaction

MOVEMENTS_SIZE = 50
#: How many newer movements stand above one that was asked for, so that it is seen in its place.
ABOVE = 5
NEWEST_FIRST = Order("date", DateField(), descending=True)
#: What a line does to the net, as the database sums it.
NET_CHANGE = Case(
    *(When(kind=kind, then=F("amount") * sign) for kind, sign in NET_SIGN.items()), default=ZERO
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person, and how the household stands with them."""

    person: Person
    position: Position


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The people that the address asks for, and what is open with all of them."""

    rows: list[Standing]
    receivable: Decimal
    debt: Decimal
    words: str
    sort: str
    columns: list[Column]


def people_table(parameters: QueryDict) -> PeopleTable:
    """Those named like `q`, sorted by `sort`: `name` unless it says `-name`, `net`, `-net`.

    Two queries, whatever the ledger's size. The sums are over everybody, found or not.
    """
    words = parameters.get("q", "").replace("\0", "")[:100].strip()
    positions = person_positions()
    rows = [Standing(each, positions.get(each.pk, Position())) for each in people_named(words)]
    sort = parameters.get("sort", "")
    if sort not in ("-name", "net", "-net"):
        sort = "name"
    if sort.endswith("net"):
        rows.sort(key=lambda each: each.position.net, reverse=sort.startswith("-"))
    elif sort == "-name":
        rows.reverse()
    return PeopleTable(
        rows=rows,
        receivable=sum((each.receivable for each in positions.values()), ZERO),
        debt=sum((each.debt for each in positions.values()), ZERO),
        words=words,
        sort="" if sort == "name" else sort,
        columns=_columns(sort, parameters),
    )


def _columns(sort: str, parameters: QueryDict) -> list[Column]:
    labels = {
        "name": gettext("Person"),
        "receivable": gettext("Receivable"),
        "debt": gettext("Debt"),
        "collected": gettext("Collected"),
        "net": gettext("Net"),
    }
    firsts = {"name": "name", "net": "-net"}
    columns = []
    for name, label in labels.items():
        mine = sort.removeprefix("-") == name
        order = "descending" if sort.startswith("-") else "ascending"
        after = firsts.get(name, "")
        if mine:
            after = name if sort.startswith("-") else f"-{name}"
        query = parameters.copy()
        query["sort"] = after
        columns.append(Column(name, label, order if mine else "", after, query.urlencode()))
    return columns


@dataclass(frozen=True, slots=True)
class MovementLine:
    """A line that names a person, what it did to the net, and the net after it."""

    line: Transaction
    change: Decimal
    balance: Decimal
    current: bool  # the one that the page was opened for

    @property
    def moves(self) -> bool:
        """Whether it changed what is owed; an expense or income only names the person."""
        return Kind(self.line.kind).is_loan


@dataclass(frozen=True, slots=True)
class Movements:
    """Lines that name a person, newest first, and the cursors of the pages around them."""

    lines: Sequence[MovementLine] = ()
    before: str = ""
    after: str = ""


def person_history(person: Person, position: Position, parameters: QueryDict) -> Movements:
    """The page of a person's lines that the address asks for. Three queries at most.

    `line` is the key of a line to show: its page is the first one shown, unless the address has
    turned to another.
    """
    lines = Transaction.objects.filter(person=person)
    asked = _asked_line(lines, parameters)
    page = page_of(
        lines.select_related("wallet", "category").defer("search", "note"),
        order=NEWEST_FIRST,
        size=MOVEMENTS_SIZE,
        parameters=_turned_to(asked, lines, parameters),
    )
    balance = position.net
    if page.before:
        # From the newest back, because it is the newest that people look at.
        newer = _newer(lines, page.rows[0])
        balance -= newer.aggregate(net=Sum(NET_CHANGE, default=ZERO))["net"]
    found = []
    for line in page.rows:
        change = line.amount * NET_SIGN.get(Kind(line.kind), 0)
        found.append(MovementLine(line, change, balance, bool(asked and line.pk == asked.pk)))
        balance -= change
    return Movements(found, before=page.before, after=page.after)


def _newer(lines: QuerySet[Transaction], line: Transaction) -> QuerySet[Transaction]:
    # The first condition alone is a range of the index; the second settles ties.
    return lines.filter(
        Q(date__gte=line.date) & (Q(date__gt=line.date) | Q(pk__gt=line.pk)),
    )


def _asked_line(lines: QuerySet[Transaction], parameters: QueryDict) -> Transaction | None:
    pk = parameters.get("line", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) <= 18):
        return None
    return lines.filter(pk=int(pk)).only("pk", "date").first()


def _turned_to(
    asked: Transaction | None, lines: QuerySet[Transaction], parameters: QueryDict
) -> QueryDict:
    """The address's parameters, turned to the page that shows `asked`."""
    if asked is None or "after" in parameters or "before" in parameters:
        return parameters
    newer = list(_newer(lines, asked).order_by("date", "pk").only("pk", "date")[:MOVEMENTS_SIZE])
    if len(newer) < MOVEMENTS_SIZE:
        return parameters  # It is on the first page.
    turned = parameters.copy()
    turned["after"] = cursor(newer[ABOVE], NEWEST_FIRST)
    return turned
