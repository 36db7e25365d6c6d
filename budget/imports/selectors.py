"""Reads of the pages of imports: the files there are, and the lines of one as its preview shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Case, Count, Max, Min, Prefetch, Q, Sum, Value, When
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.categories.models import Category
from budget.core.keyset import Order, Page, page_of
from budget.imports.models import Choice, Finding, Import, ImportLine, Statement
from budget.transactions.models import Transaction
from budget.transactions.names import Named, Names, names_read

#: How many past imports, and how many lines of a file, a page lists.
IMPORTS_PER_PAGE = 25
LINES_PER_PAGE = 50
#: How many waiting files are listed; they go after a day.
MOST_WAITING = 100

_NEWEST = Order("id", Import._meta.get_field("id"), descending=True)
_IN_FILE_ORDER = Order("statement_id", Statement._meta.get_field("id"))


# The files


def imports_waiting() -> list[Import]:
    """The files that wait to be imported, the newest first, with their statements."""
    rows = Import.objects.waiting().select_related("created_by")
    return list(rows.prefetch_related(_with_wallets())[:MOST_WAITING])


def imports_past(parameters: QueryDict) -> Page[Import]:
    """The files that were imported, the newest first, with their statements."""
    rows = Import.objects.past().select_related("done_by", "undone_by")
    rows = rows.prefetch_related(_with_wallets())
    return page_of(rows, order=_NEWEST, size=IMPORTS_PER_PAGE, parameters=parameters)


def _with_wallets() -> Prefetch[Any]:
    return Prefetch("statements", Statement.objects.select_related("wallet"))


# The lines of one


class Tab(models.TextChoices):
    """Which of a file's lines are shown."""

    ALL = "all", pgettext_lazy("lines of a file", "All")
    CHECK = "check", _("To check")
    FOUND = "found", _("Duplicates and matches")
    TRANSFERS = "transfers", _("Transfers")
    UNREADABLE = "bad", _("Not readable")
    KNOWN = "known", _("Already there")
    OTHER = "other", _("Not booked or closed")


#: To be added, and nobody has said what it is.
UNSURE = Q(choice=Choice.ADD, category=None, to_wallet=None)
SHOWN = {
    Tab.ALL: Q(),
    Tab.CHECK: UNSURE,
    Tab.FOUND: Q(finding__in=[Finding.PROBABLE, Finding.MATCH]),
    Tab.TRANSFERS: Q(finding=Finding.TRANSFER) | Q(to_wallet__isnull=False),
    Tab.UNREADABLE: Q(finding=Finding.UNREADABLE),
    Tab.KNOWN: Q(finding=Finding.KNOWN),
    Tab.OTHER: Q(finding__in=[Finding.NOT_BOOKED, Finding.CLOSED]),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that are alike in what counts for the figures; `amount` is their signed sum."""

    finding: str
    choice: str
    unsure: bool
    transfer: bool
    count: int
    amount: Decimal
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a file holds and what becomes of it, counted by groups."""

    groups: Sequence[Group]

    def _count(self, groups: Iterable[Group]) -> int:
        return sum(group.count for group in groups)

    @property
    def lines(self) -> int:
        return self._count(self.groups)

    @property
    def chosen(self) -> int:
        """How many lines would enter the ledger, those merged with one included."""
        return self._count(g for g in self.groups if g.choice != Choice.LEAVE)

    @property
    def joined(self) -> int:
        return self._count(g for g in self.groups if g.choice == Choice.JOIN)

    @property
    def amount(self) -> Decimal:
        """What the lines to be added come to; a transfer is in it, as the statement has it."""
        return sum((g.amount for g in self.groups if g.choice == Choice.ADD), Decimal())

    @property
    def check(self) -> int:
        return self._count(g for g in self.groups if g.unsure)

    @property
    def left(self) -> int:
        """Left out, though it could be read."""
        return self._count(
            g for g in self.groups if g.choice == Choice.LEAVE and g.finding != Finding.UNREADABLE
        )

    @property
    def left_by_choice(self) -> int:
        """Left out of what nothing is known against."""
        return self._count(
            g for g in self.groups if g.choice == Choice.LEAVE and g.finding == Finding.NEW
        )

    @property
    def known(self) -> int:
        return self._count(g for g in self.groups if g.finding == Finding.KNOWN)

    @property
    def known_again(self) -> int:
        """Already there, and wanted once more."""
        return self._count(
            g for g in self.groups if g.finding == Finding.KNOWN and g.choice != Choice.LEAVE
        )

    @property
    def found(self) -> int:
        return self._count(g for g in self.groups if g.finding in {Finding.PROBABLE, Finding.MATCH})

    @property
    def transfers(self) -> int:
        return self._count(g for g in self.groups if g.finding == Finding.TRANSFER or g.transfer)

    @property
    def unreadable(self) -> int:
        return self._count(g for g in self.groups if g.finding == Finding.UNREADABLE)

    @property
    def unreadable_lines(self) -> tuple[int, int]:
        """The numbers of the first and the last line that is not readable."""
        bad = [g for g in self.groups if g.finding == Finding.UNREADABLE]
        return min(g.first for g in bad), max(g.last for g in bad)

    @property
    def other(self) -> int:
        return self._count(
            g for g in self.groups if g.finding in {Finding.NOT_BOOKED, Finding.CLOSED}
        )

    @property
    def bar(self) -> list[tuple[str, int]]:
        """The parts of the bar, each with what it is drawn as: imported, to check, left, bad."""
        return [
            ("mark", self.chosen - self.check),
            ("lamp", self.check),
            ("tick", self.left),
            ("ink", self.unreadable),
        ]

    def of(self, tab: Tab) -> int:
        """How many lines a tab shows."""
        counts = {
            Tab.ALL: self.lines,
            Tab.CHECK: self.check,
            Tab.FOUND: self.found,
            Tab.TRANSFERS: self.transfers,
            Tab.UNREADABLE: self.unreadable,
            Tab.KNOWN: self.known,
            Tab.OTHER: self.other,
        }
        return counts[tab]


def preview_figures(statements: Sequence[Statement]) -> Figures:
    """The figures of the lines of these statements. One query."""
    yes, no = Value(True), Value(False)
    rows = (
        ImportLine.objects.filter(statement__in=[each.pk for each in statements])
        .order_by()
        .values_list(
            "finding",
            "choice",
            Case(When(UNSURE, then=yes), default=no),
            Case(When(to_wallet__isnull=False, then=yes), default=no),
        )
        .annotate(Count("pk"), Sum("amount", default=Decimal()), Min("number"), Max("number"))
    )
    found: list[Any] = list(rows)
    return Figures([Group(*row) for row in found])


@dataclass(frozen=True, slots=True)
class FoundLine:
    """The ledger's line that a line was found to be, or to belong to."""

    date: dt.date
    title: str
    wallet: str
    #: Whether it came in a file; else somebody entered it.
    from_bank: bool
    #: Whether it is only numbered yet: a line of another file that waits.
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A line of a file as the preview shows it."""

    line: ImportLine
    names: Names
    categories: Mapping[int, Category]
    found: FoundLine | None
    #: Whether the line before it on the page is of another account.
    begins: bool = False

    @property
    def title(self) -> str:
        return self.line.description or self.line.label

    @property
    def category(self) -> Category | None:
        return self.categories.get(self.line.category_id or 0)

    @property
    def suggested(self) -> Category | None:
        return self.categories.get(self.line.suggested or 0)

    @property
    def bucket(self) -> Named | None:
        return self.names.buckets.get(self.line.bucket_id or 0)

    @property
    def person(self) -> Named | None:
        return self.names.people.get(self.line.person_id or 0)

    @property
    def to_wallet(self) -> Named | None:
        return self.names.wallets.get(self.line.to_wallet_id or 0)

    @property
    def wanted(self) -> bool:
        return self.line.choice != Choice.LEAVE


@dataclass(frozen=True, slots=True)
class Preview:
    """A file that waits, as a page shows it."""

    source: Import
    statements: Sequence[Statement]
    figures: Figures
    tab: Tab
    page: Page[ImportLine]
    lines: Sequence[PreviewLine]
    names: Names
    categories: Mapping[int, Category]

    @property
    def tabs(self) -> list[tuple[Tab, int]]:
        """The tabs that have something to show, and the one that is shown, with their counts."""
        counts = [(tab, self.figures.of(tab)) for tab in Tab]
        return [(tab, n) for tab, n in counts if n or tab in {Tab.ALL, self.tab}]

    @property
    def wallets_known(self) -> bool:
        """Whether it is known which wallet each account is."""
        return all(each.wallet_id for each in self.statements)

    @property
    def wallet_names(self) -> list[str]:
        named = (self.names.wallets.get(each.wallet_id or 0) for each in self.statements)
        return list(dict.fromkeys(each.name for each in named if each))


def statements_wanted(source: Import) -> list[Statement]:
    """The accounts of a file whose lines are wanted."""
    return list(Statement.objects.filter(source=source, skipped=False))


def preview_page(source: Import, parameters: QueryDict) -> Preview:
    """The page of a preview that the address asks for, by `tab` and the cursor."""
    asked = parameters.get("tab", "")
    tab = Tab(asked) if asked in Tab.values else Tab.ALL
    statements = statements_wanted(source)
    rows = ImportLine.objects.filter(SHOWN[tab], statement__in=[each.pk for each in statements])
    page = page_of(rows, order=_IN_FILE_ORDER, size=LINES_PER_PAGE, parameters=parameters)
    names = names_read()
    categories = {each.pk: each for each in Category.objects.active()}
    return Preview(
        source=source,
        statements=statements,
        figures=preview_figures(statements),
        tab=tab,
        page=page,
        lines=lines_shown(page.rows, names, categories),
        names=names,
        categories=categories,
    )


def lines_shown(
    rows: Sequence[ImportLine], names: Names, categories: Mapping[int, Category]
) -> list[PreviewLine]:
    """Lines with what they name and what was found of them. At most two queries."""
    found = _found(rows, names)
    before: int | None = None
    shown = []
    for line in rows:
        begins = line.statement_id != before
        before = line.statement_id
        shown.append(PreviewLine(line, names, categories, found.get(line.found or 0), begins))
    return shown


def _found(rows: Sequence[ImportLine], names: Names) -> dict[int, FoundLine]:
    wanted = {line.found for line in rows if line.found}
    if not wanted:
        return {}
    there = Transaction.objects.filter(pk__in=wanted).select_related("category")
    found = {
        line.pk: FoundLine(
            line.date, line.title, _wallet(names, line.wallet_id), bool(line.bank_label)
        )
        for line in there
    }
    if ahead := wanted - found.keys():
        for each in ImportLine.objects.filter(entry__in=ahead).select_related("statement"):
            if each.date:
                wallet = _wallet(names, each.statement.wallet_id)
                title = each.description or each.label
                found[each.entry] = FoundLine(each.date, title, wallet, True, waiting=True)
    return found


def _wallet(names: Names, pk: int | None) -> str:
    named = names.wallets.get(pk or 0)
    return named.name if named else ""


# What an import became


@dataclass(frozen=True, slots=True)
class UndoFigures:
    """What taking an import back removes: how many lines, and how many were changed since."""

    lines: int
    changed: int
    gone: int
    first: dt.date | None
    last: dt.date | None


def undo_figures(source: Import) -> UndoFigures:
    """What is left in the ledger of the lines that an import added."""
    entries = (
        ImportLine.objects.filter(statement__source=source, choice=Choice.ADD)
        .order_by()
        .values("entry")
    )
    there = Transaction.objects.filter(pk__in=entries).aggregate(
        lines=Count("pk"),
        changed=Count("pk", filter=Q(version__gt=1)),
        first=Min("date"),
        last=Max("date"),
    )
    return UndoFigures(gone=source.added - there["lines"], **there)
