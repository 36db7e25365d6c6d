"""Reads of the pages of imports: the files there are, and the lines of one as its preview shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import (
    Case,
    Count,
    Exists,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.balances.selectors import wallet_balances_on
from budget.categories.models import Category
from budget.core.guards import ClosedMonth
from budget.core.keyset import Order, Page, page_of
from budget.imports import learning
from budget.imports.learning import FILLED, SURE
from budget.imports.models import (
    ADDABLE,
    JOINABLE,
    Choice,
    Finding,
    Import,
    ImportLine,
    ImportState,
    Statement,
)
from budget.imports.undoing import LinesReconciled
from budget.transactions.closing import ClosedDays
from budget.transactions.models import Kind, Transaction
from budget.transactions.names import Named, Names, names_read
from budget.wallets.models import Wallet

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
    FOUND = "found", _("Possible duplicates")
    TRANSFERS = "transfers", _("Transfers")
    UNREADABLE = "bad", pgettext_lazy("lines of a file", "Not readable")
    KNOWN = "known", _("Already there")
    OTHER = "other", _("Cannot be imported")


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


class Sureness(models.TextChoices):
    """How sure a suggestion is, by how many of three bars are lit."""

    SURE = "3", _("sure")
    PROBABLE = "2", pgettext_lazy("a suggested category", "probable")
    UNSURE = "1", _("to check")


@dataclass(frozen=True, slots=True)
class FoundLine:
    """The ledger's line that a line was found to be, or to belong to."""

    date: dt.date
    title: str
    wallet: str
    #: Whether it is only numbered yet: a line of another file that waits.
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a file by the name the file has for it, and the wallet that it is."""

    name: str
    wallet: Named | None


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A line of a file as the preview shows it."""

    line: ImportLine
    names: Names
    categories: Mapping[int, Category]
    found: FoundLine | None
    #: The account that begins with it, on a page that has several.
    begins: Account | None = None

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

    @property
    def can_be_added(self) -> bool:
        return self.line.finding in ADDABLE

    @property
    def choices(self) -> list[tuple[Choice, str]]:
        """What can become of a line that was found; a tick says it of any other."""
        if self.line.finding not in JOINABLE:
            return []
        join = _("Merge") if self.line.finding != Finding.TRANSFER else _("Make one transfer")
        words = [(Choice.ADD, _("Import all the same")), (Choice.LEAVE, _("Leave out"))]
        if self.found:
            words.insert(0, (Choice.JOIN, join))
        return [(choice, str(said)) for choice, said in words]

    @property
    def is_sorted(self) -> bool:
        """Whether its category is asked for: it becomes a line of its own, and is no transfer."""
        return self.can_be_added and self.line.choice != Choice.JOIN and not self.line.to_wallet_id

    @property
    def found_says_more(self) -> bool:
        """Whether the ledger's line says anything that this one does not."""
        found, line = self.found, self.line
        return found is not None and (found.title, found.date) != (self.title, line.date)

    @property
    def sureness(self) -> Sureness | None:
        """How sure the suggested category is; None where the person chose another themselves."""
        line = self.line
        if line.confidence is None or not self.suggested:
            return None
        if line.category_id is None:
            return Sureness.UNSURE
        if line.category_id != line.suggested:
            return None
        if line.confidence >= SURE:
            return Sureness.SURE
        return Sureness.PROBABLE if line.confidence >= FILLED else Sureness.UNSURE

    @property
    def share(self) -> Decimal:
        """The confidence as a share of 1."""
        return Decimal(self.line.confidence or 0) / 100

    @property
    def rule(self) -> str:
        """The name of the rule that said what the line will say."""
        return str((self.line.because or {}).get("rule") or "")

    @property
    def reason(self) -> str:
        """Why the category is suggested, where it was learned."""
        because = self.line.because or {}
        return learning.reason(**because) if "word" in because else ""

    @property
    def first_time(self) -> bool:
        """Nothing is known of lines like this one."""
        return self.line.confidence is None and not self.line.because and not self.line.category_id


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
    balances: Sequence[BalanceCheck]

    @property
    def tabs(self) -> list[tuple[Tab, int]]:
        """The tabs that have something to show, and the one that is shown, with their counts."""
        counts = [(tab, self.figures.of(tab)) for tab in Tab]
        return [(tab, n) for tab, n in counts if n or tab in {Tab.ALL, self.tab}]

    @property
    def shown(self) -> int:
        """How many lines the tab shows, on all its pages."""
        return self.figures.of(self.tab)

    @property
    def wallets_known(self) -> bool:
        """Whether it is known which wallet each account is."""
        return all(each.wallet_id for each in self.statements)

    @property
    def wallet_names(self) -> list[str]:
        named = (self.names.wallets.get(each.wallet_id or 0) for each in self.statements)
        return list(dict.fromkeys(each.name for each in named if each))


def statements_wanted(source: Import) -> list[Statement]:
    """The accounts of a file whose lines are wanted, with their wallets; each has as `coming` what
    the file would bring into its wallet up to the day of the bank's balance. One query.
    """
    rows = Statement.objects.filter(source=source, skipped=False).select_related("wallet")
    return list(rows.annotate(coming=_coming()))


def _coming() -> Case:
    """What a statement's lines would add to its wallet, by what is chosen for them.

    The lines that are added, less those of the file's other accounts that go to this wallet; and
    of the halves of transfers those that the ledger has only in the other wallet yet. What is
    merged with a line of this wallet is in it already.
    """
    added = ImportLine.objects.filter(choice=Choice.ADD, date__lte=OuterRef("balance_date"))
    half = Transaction.objects.filter(
        pk=OuterRef("found"),
        kind__in=[Kind.EXPENSE, Kind.INCOME],
        date__lte=OuterRef(OuterRef("balance_date")),
    ).exclude(wallet=OuterRef(OuterRef("wallet")))
    own = added.filter(statement=OuterRef("pk"))
    away = added.filter(statement__source=OuterRef("source"), to_wallet=OuterRef("wallet"))
    halves = ImportLine.objects.filter(Exists(half), statement=OuterRef("pk"), choice=Choice.JOIN)
    return Case(
        When(
            balance__isnull=False,
            then=_sum(own, "statement") - _sum(away, "to_wallet") + _sum(halves, "statement"),
        ),
        default=Value(Decimal()),
        output_field=models.DecimalField(),
    )


def _sum(lines: models.QuerySet[ImportLine], by: str) -> Coalesce:
    sums = lines.order_by().values(by).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums), Value(Decimal()), output_field=models.DecimalField())


def categories_offered() -> dict[int, Category]:
    """The categories that a line can be given, by key and in their order. One query."""
    return {each.pk: each for each in Category.objects.active()}


def _tab(asked: str) -> Tab:
    return Tab(asked) if asked in Tab.values else Tab.ALL


def preview_page(source: Import, parameters: QueryDict) -> Preview:
    """The page of a preview that the address asks for, by `tab` and the cursor."""
    tab = _tab(parameters.get("tab", ""))
    statements = statements_wanted(source)
    rows = ImportLine.objects.filter(SHOWN[tab], statement__in=[each.pk for each in statements])
    page = page_of(rows, order=_IN_FILE_ORDER, size=LINES_PER_PAGE, parameters=parameters)
    return _preview(source, statements, tab, page)


def preview_of(source: Import, lines: Sequence[int], *, tab: str) -> Preview:
    """These lines of a file alone, as its preview shows them under `tab`."""
    statements = statements_wanted(source)
    rows = ImportLine.objects.filter(statement__in=[each.pk for each in statements], pk__in=lines)
    return _preview(source, statements, _tab(tab), Page(list(rows)))


def _preview(
    source: Import, statements: Sequence[Statement], tab: Tab, page: Page[ImportLine]
) -> Preview:
    names, categories = names_read(), categories_offered()
    return Preview(
        source=source,
        statements=statements,
        figures=preview_figures(statements),
        tab=tab,
        page=page,
        lines=lines_shown(page.rows, names, categories, statements=statements),
        names=names,
        categories=categories,
        balances=balance_checks(statements),
    )


def lines_shown(
    rows: Sequence[ImportLine],
    names: Names,
    categories: Mapping[int, Category],
    *,
    statements: Sequence[Statement],
) -> list[PreviewLine]:
    """Lines with what they name and what was found of them. At most two queries.

    Where the file has several accounts, the first line of each knows so.
    """
    found = _found(rows, names)
    accounts = {
        each.pk: Account(each.account, names.wallets.get(each.wallet_id or 0))
        for each in statements
        if len(statements) > 1
    }
    before: int | None = None
    shown = []
    for line in rows:
        begins = accounts.get(line.statement_id) if line.statement_id != before else None
        before = line.statement_id
        shown.append(PreviewLine(line, names, categories, found.get(line.found or 0), begins))
    return shown


def _found(rows: Sequence[ImportLine], names: Names) -> dict[int, FoundLine]:
    wanted = {line.found for line in rows if line.found}
    if not wanted:
        return {}
    there = Transaction.objects.filter(pk__in=wanted).select_related("category")
    found = {
        line.pk: FoundLine(line.date, line.title, _wallet(names, line.wallet_id)) for line in there
    }
    if ahead := wanted - found.keys():
        for each in ImportLine.objects.filter(entry__in=ahead).select_related("statement"):
            if each.date:
                wallet = _wallet(names, each.statement.wallet_id)
                title = each.description or each.label
                found[each.entry] = FoundLine(each.date, title, wallet, waiting=True)
    return found


def _wallet(names: Names, pk: int | None) -> str:
    named = names.wallets.get(pk or 0)
    return named.name if named else ""


# What an import became

#: How many of its lines without a category the summary lists.
UNSORTED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Unsorted:
    """A line in the ledger that an import added and that has no category yet."""

    line: Transaction
    suggested: Category | None


@dataclass(frozen=True, slots=True)
class BalanceCheck:
    """What the bank says a wallet held at the end of a day, beside what the ledger says; or will
    say, where the file still waits.
    """

    wallet: Wallet
    date: dt.date
    balance: Decimal
    held: Decimal

    @property
    def difference(self) -> Decimal:
        """What the ledger lacks, or has too much where it is below zero."""
        return self.balance - self.held


def balance_checks(statements: Sequence[Statement]) -> list[BalanceCheck]:
    """The check of each statement that says a balance, and whose wallet is known. Two queries.

    Of a file that waits, `statements` are as `statements_wanted` gives them.
    """
    asked = [
        (each.wallet, each.balance_date, each.balance, getattr(each, "coming", Decimal()))
        for each in statements
        if each.wallet and each.balance_date and each.balance is not None
    ]
    held = wallet_balances_on([(wallet, day) for wallet, day, _balance, _coming in asked])
    return [
        BalanceCheck(wallet, day, balance, there + coming)
        for (wallet, day, balance, coming), there in zip(asked, held, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import brought: money in and out of what it added, transfers apart."""

    statements: Sequence[Statement]
    income: Decimal
    expenses: Decimal
    transfers: int
    first: dt.date | None
    last: dt.date | None
    unsorted_count: int
    unsorted: Sequence[Unsorted]
    balances: Sequence[BalanceCheck]
    #: The next file that waits.
    following: Import | None

    @property
    def wallet_names(self) -> list[str]:
        return list(dict.fromkeys(each.wallet.name for each in self.statements if each.wallet))


def import_summary(source: Import) -> Summary:
    """What became of a file that was imported."""
    statements = list(
        Statement.objects.filter(source=source, skipped=False).select_related("wallet")
    )
    added = ImportLine.objects.filter(statement__in=statements, choice=Choice.ADD).order_by()
    nothing, moved = Decimal(), Q(to_wallet__isnull=False)
    sums = added.aggregate(
        income=Sum("amount", filter=Q(amount__gt=0) & ~moved, default=nothing),
        expenses=Sum("amount", filter=Q(amount__lt=0) & ~moved, default=nothing),
        transfers=Count("pk", filter=moved),
        first=Min("date"),
        last=Max("date"),
    )
    unsorted = Transaction.objects.filter(
        pk__in=added.values("entry"), category=None, kind__in=[Kind.EXPENSE, Kind.INCOME]
    )
    listed: list[Any] = list(
        unsorted.newest_first().annotate(all=Window(Count("pk")))[:UNSORTED_SHOWN]
    )
    return Summary(
        statements=statements,
        unsorted_count=listed[0].all if listed else 0,
        unsorted=_with_suggestions(added, listed),
        balances=balance_checks(statements),
        following=Import.objects.waiting().order_by("pk").first(),
        **sums,
    )


def _with_suggestions(
    added: models.QuerySet[ImportLine], lines: Sequence[Transaction]
) -> list[Unsorted]:
    rows = added.filter(entry__in=[line.pk for line in lines], suggested__isnull=False)
    said = dict(rows.values_list("entry", "suggested"))
    there = Category.objects.active().in_bulk(set(said.values()))
    return [Unsorted(line, there.get(said.get(line.pk, 0))) for line in lines]


@dataclass(frozen=True, slots=True)
class UndoFigures:
    """What taking an import back removes, and what speaks against it."""

    lines: int
    changed: int
    gone: int
    #: Sentences, where it would be refused.
    against: Sequence[str]


def undo_figures(source: Import) -> UndoFigures:
    """What is left in the ledger of the lines that an import added."""
    added = ImportLine.objects.filter(statement__source=source, choice=Choice.ADD).order_by()
    there = Transaction.objects.filter(pk__in=added.values("entry"))
    sealed = Q(reconciliation__isnull=False) | Q(to_reconciliation__isnull=False)
    closed = Q(pk__in=[])
    for first, last in ClosedDays().spans:
        closed |= Q(date__range=(first, last))
    found = there.aggregate(
        lines=Count("pk"),
        changed=Count("pk", filter=Q(version__gt=1)),
        reconciled=Count("pk", filter=sealed),
        closed=Min("date", filter=closed),
    )
    against: list[str] = []
    if _taken_over(source, added):
        found["reconciled"], found["closed"] = 0, None
    if found["reconciled"]:
        against.append(str(LinesReconciled()))
    if found["closed"]:
        against.append(str(ClosedMonth(found["closed"])))
    return UndoFigures(
        lines=found["lines"],
        changed=found["changed"],
        gone=source.added - found["lines"],
        against=against,
    )


def _taken_over(source: Import, added: models.QuerySet[ImportLine]) -> bool:
    """Whether another import's lines keep some in the ledger; what is refused is then told when
    it is tried.
    """
    others = ImportLine.objects.filter(
        choice=Choice.JOIN,
        found__in=added.values("entry"),
        statement__source__state=ImportState.DONE,
    )
    return others.exclude(statement__source=source).exists()
