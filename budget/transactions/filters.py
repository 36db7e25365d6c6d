"""What a list of transactions can be narrowed to, and how it is sorted: the address says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import (
    BigIntegerField,
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Left
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_filters import filters
from django_filters.filterset import FilterSet

from budget.categories.models import Category
from budget.core.fields import DayField, MoneyField
from budget.core.folding import folded
from budget.core.keyset import Order, without_cursor
from budget.core.money import money_format
from budget.core.templatetags.display import short_day
from budget.people.models import Person
from budget.transactions.models import LOANS, Allotment, Kind, Status, Transaction
from budget.transactions.names import Named, Names

UNCATEGORISED = "none"
UNASSIGNED = "none"
#: All that is lent, borrowed and paid back.
LOAN = "loan"
MOST_WORDS = 8


class MoneyFilter(filters.Filter):
    field_class: type[forms.Field] = MoneyField


class DayFilter(filters.Filter):
    field_class: type[forms.Field] = DayField


class TransactionFilter(FilterSet):
    """What is given must hold, all of it.

    `q`, `kind`, `category`, `from`, `to`, `min`, `max`; `wallet` and `bucket`, which a line moved
    on either side; `person`; and `status`, which is that of the wallet's side where one is given.
    """

    q = filters.CharFilter(
        method="filter_words",
        label=_("Search"),
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = filters.ChoiceFilter(
        method="filter_kind",
        choices=[
            (Kind.EXPENSE, _("Expenses")),
            (Kind.INCOME, _("Income")),
            (Kind.TRANSFER, _("Transfers")),
            (LOAN, _("Loans and repayments")),
        ],
        empty_label=_("Both directions"),
        label=_("Direction"),
    )
    category = filters.ChoiceFilter(
        method="filter_category",
        empty_label=_("All categories"),
        null_label=_("Uncategorised"),
        null_value=UNCATEGORISED,
        label=_("Category"),
    )
    wallet = filters.ChoiceFilter(
        method="filter_wallet", empty_label=_("All wallets"), label=_("Wallet")
    )
    bucket = filters.ChoiceFilter(
        method="filter_bucket",
        empty_label=_("All envelopes"),
        null_label=_("Unassigned"),
        null_value=UNASSIGNED,
        label=_("Envelope"),
    )
    person = filters.ChoiceFilter(
        method="filter_person", empty_label=_("Everybody"), label=_("Person")
    )
    status = filters.ChoiceFilter(
        method="filter_status",
        choices=Status.choices,
        empty_label=_("Pointed or not"),
        label=_("Checking"),
    )
    to = DayFilter(field_name="date", lookup_expr="lte", label=_("Until"))
    min = MoneyFilter(field_name="amount", lookup_expr="gte", label=_("At least"))
    max = MoneyFilter(field_name="amount", lookup_expr="lte", label=_("At most"))

    class Meta:
        model = Transaction
        fields: list[str] = []

    def __init__(
        self,
        parameters: QueryDict,
        *,
        queryset: QuerySet[Transaction],
        categories: Sequence[Category],
        names: Names,
    ) -> None:
        """`categories` and `names` are those to choose from: the page has read them already."""
        super().__init__(parameters, queryset=queryset)
        self.categories = categories
        self.names = names
        self.filters["category"].extra["choices"] = [
            (str(category.pk), category.name) for category in categories
        ]
        # Closed ones can be asked for, too, by the links of their own pages.
        for name, those in _named(names).items():
            self.filters[name].extra["choices"] = [(str(pk), each.name) for pk, each in those]

    @property
    def wallet_seen(self) -> Named | None:
        """The wallet that is looked at, and whose view of a transfer counts."""
        self.form.is_valid()  # A filter that cannot be is none, and the others hold all the same.
        chosen = self.form.cleaned_data.get("wallet")
        return self.names.wallets.get(int(chosen)) if chosen else None

    @property
    def offers(self) -> Offers:
        """What the form offers beside the words, the category, the days and the amounts."""
        given = {name: self.data.get(name, "") for name in ("kind", *_named(self.names), "status")}
        kinds = [(Kind.EXPENSE.value, True), (Kind.INCOME.value, True)]
        kinds.append((Kind.TRANSFER.value, self.names.with_transfers))
        kinds.append((LOAN, bool(self.names.people)))
        shown = {value for value, used in kinds if used or value == given["kind"]}
        options = {
            name: [each for pk, each in those if each.offered or str(pk) == given[name]]
            for name, those in _named(self.names).items()
        }
        if not self.names.by_wallet and not given["wallet"]:
            options["wallet"] = []
        return Offers(
            kinds=[each for each in self.form.fields["kind"].choices if each[0] in {"", *shown}],
            **options,
            status=self.names.checked or bool(given["status"]),
        )

    def filter_kind(
        self, rows: QuerySet[Transaction], _name: str, kind: str
    ) -> QuerySet[Transaction]:
        return rows.filter(kind__in=LOANS) if kind == LOAN else rows.filter(kind=kind)

    def filter_category(
        self, rows: QuerySet[Transaction], _name: str, category: str
    ) -> QuerySet[Transaction]:
        """A transfer and a loan have no category, and none is missing."""
        if category == UNCATEGORISED:
            return rows.filter(category=None, kind__in=[Kind.EXPENSE, Kind.INCOME])
        return rows.filter(category_id=int(category))

    def filter_wallet(
        self, rows: QuerySet[Transaction], _name: str, wallet: str
    ) -> QuerySet[Transaction]:
        return rows.filter(Q(wallet=wallet) | Q(to_wallet=wallet))

    def filter_bucket(
        self, rows: QuerySet[Transaction], _name: str, bucket: str
    ) -> QuerySet[Transaction]:
        """Incomes that were spread are in their envelopes, and assigned to the last cent."""
        parts = Allotment.objects.filter(transaction=OuterRef("pk")).order_by()
        if bucket != UNASSIGNED:
            spread = Exists(parts.filter(bucket_id=int(bucket)))
            return rows.filter(Q(bucket=bucket) | Q(to_bucket=bucket) | Q(spread))
        return rows.filter(
            (Q(bucket=None) & ~Q(kind=Kind.TRANSFER) & ~Q(Exists(parts)))
            | Q(kind=Kind.TRANSFER, bucket=None, to_bucket__isnull=False)
            | Q(kind=Kind.TRANSFER, bucket__isnull=False, to_bucket=None)
        )

    def filter_person(
        self, rows: QuerySet[Transaction], _name: str, person: str
    ) -> QuerySet[Transaction]:
        return rows.filter(person_id=int(person))

    def filter_status(
        self, rows: QuerySet[Transaction], _name: str, status: str
    ) -> QuerySet[Transaction]:
        """As `Transaction.status` says it, of the wallet's side where one is looked at."""
        wallet = self.form.cleaned_data.get("wallet")
        here, there = (Q(wallet=wallet), Q(to_wallet=wallet)) if wallet else (Q(), Q())
        here &= Q(wallet__isnull=False)
        there &= Q(to_wallet__isnull=False)
        if status == Status.OPEN:
            return rows.filter((here & Q(pointed=False)) | (there & Q(to_pointed=False)))
        rows = rows.filter(~here | Q(pointed=True), ~there | Q(to_pointed=True), here | there)
        unsealed = (here & Q(reconciliation=None)) | (there & Q(to_reconciliation=None))
        return rows.filter(unsealed if status == Status.POINTED else ~unsealed)

    def filter_words(
        self, rows: QuerySet[Transaction], _name: str, words: str
    ) -> QuerySet[Transaction]:
        """Every word must be in the description, the note, the category's or person's name."""
        for word in words.split()[:MOST_WORDS]:
            named = Category.objects.filter(name_folded__contains=folded(word)).order_by()
            found = Q(search__contains=folded(word)) | Q(category__in=named.values("pk"))
            if self.names.people:
                them = Person.objects.filter(search__contains=folded(word)).order_by()
                found |= Q(person__in=them.values("pk"))
            rows = rows.filter(found)
        return rows


def _named(names: Names) -> dict[str, Iterable[tuple[int, Named]]]:
    """What can be chosen under each parameter's name."""
    return {
        "wallet": names.wallets.items(),
        "bucket": names.buckets.items(),
        "person": names.people.items(),
    }


@dataclass(frozen=True, slots=True)
class Offers:
    """What a filter's form offers; empty or false for what the household does not use."""

    kinds: Sequence[tuple[str, str]]
    wallet: Sequence[Named]
    bucket: Sequence[Named]
    person: Sequence[Named]
    status: bool


# `from` is a Python keyword, so the class body cannot name it.
TransactionFilter.base_filters["from"] = DayFilter(  # type: ignore[attr-defined]
    field_name="date", lookup_expr="gte", label=_("Since")
)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, in words, and the address's query without it."""

    label: str
    query: str


def chips(chosen: TransactionFilter, parameters: QueryDict) -> Iterator[Chip]:
    """The filters in force, each removable by itself. A page's cursor goes with any of them."""
    for name, value in chosen.form.cleaned_data.items():
        if value in (None, ""):
            continue
        rest = without_cursor(parameters)
        rest.pop(name, None)
        yield Chip(_words(name, value, chosen), rest.urlencode())


def _words(name: str, value: Any, chosen: TransactionFilter) -> str:
    match name:
        case "q":
            return gettext("“%(words)s”") % {"words": value}
        case "from":
            return gettext("Since %(day)s") % {"day": short_day(value)}
        case "to":
            return gettext("Until %(day)s") % {"day": short_day(value)}
        case "min":
            return gettext("At least %(amount)s") % {"amount": money_format(value)}
        case "max":
            return gettext("At most %(amount)s") % {"amount": money_format(value)}
        case _:
            asked = chosen.filters[name].extra
            none = {UNASSIGNED: asked["null_label"]} if "null_label" in asked else {}
            return str((dict(asked["choices"]) | none)[value])


#: What a click on a column's header first sorts by; the reverse comes with a second click.
COLUMNS = {
    "date": "-date",
    "description": "description",
    "category": "category",
    "amount": "-amount",
}
DEFAULT_SORT = "-date"

_KEYS: dict[str, tuple[str, Any, Any]] = {
    "date": ("date", None, DateField()),
    "description": ("by_text", Left("search", 80), TextField()),
    "category": (
        "by_category",
        Coalesce("category__name_folded", Value(""), output_field=TextField()),
        TextField(),
    ),
    "amount": ("signed_cents", None, BigIntegerField()),
}


def _seen_from(wallet: int) -> Case:
    out = When(kind=Kind.TRANSFER, wallet=wallet, then=-F("signed_cents"))
    return Case(out, default=F("signed_cents"), output_field=BigIntegerField())


@dataclass(frozen=True, slots=True)
class Column:
    """A header: its name, how the table is sorted by it, and what a click on it asks for."""

    name: str
    label: str
    aria_sort: str
    sort: str
    query: str


@dataclass(frozen=True, slots=True)
class Sort:
    """`date`, `description`, `category` or `amount`, with a minus for descending."""

    column: str
    descending: bool

    @classmethod
    def read(cls, parameters: QueryDict) -> Sort:
        """What the address asks for; newest first where it asks for nothing we know."""
        asked = parameters.get("sort", DEFAULT_SORT)
        if asked.removeprefix("-") not in COLUMNS:
            asked = DEFAULT_SORT
        return cls(asked.removeprefix("-"), asked.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.column}" if self.descending else self.column

    @property
    def parameter(self) -> str:
        """As an address says it: nothing for the usual order."""
        return "" if str(self) == DEFAULT_SORT else str(self)

    def apply(
        self, rows: QuerySet[Transaction], *, wallet: int | None = None
    ) -> tuple[QuerySet[Transaction], Order]:
        """The rows with their sort key, and the order that `core.keyset` pages them in.

        Amounts sort as `wallet` sees them, where one is given: a transfer out is negative.
        """
        key, expression, field = _KEYS[self.column]
        if self.column == "amount" and wallet:
            key, expression = "seen_cents", _seen_from(wallet)
        if expression is not None:
            rows = rows.annotate(**{key: expression})
        return rows, Order(key, field, self.descending)

    def columns(self, parameters: QueryDict) -> list[Column]:
        """The table's sortable headers."""
        labels = {
            "date": gettext("Date"),
            "description": gettext("Description"),
            "category": gettext("Category"),
            "amount": gettext("Amount"),
        }
        columns = []
        for name, first in COLUMNS.items():
            mine = name == self.column
            query = without_cursor(parameters)
            next_sort = first
            if mine:
                next_sort = name if self.descending else f"-{name}"
            query["sort"] = next_sort
            order = "descending" if self.descending else "ascending"
            columns.append(
                Column(name, labels[name], order if mine else "", next_sort, query.urlencode())
            )
        return columns
