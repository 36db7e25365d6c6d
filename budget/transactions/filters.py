"""What a list of transactions can be narrowed to, and how it is sorted: the address says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import (
    BigIntegerField,
    DateField,
    Q,
    QuerySet,
    TextField,
    Value,
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
from budget.transactions.models import Kind, Transaction

UNCATEGORISED = "none"
MOST_WORDS = 8


class MoneyFilter(filters.Filter):
    field_class: type[forms.Field] = MoneyField


class DayFilter(filters.Filter):
    field_class: type[forms.Field] = DayField


class TransactionFilter(FilterSet):
    """`q`, `kind`, `category`, `from`, `to`, `min`, `max`: all that are given must hold."""

    q = filters.CharFilter(
        method="filter_words",
        label=_("Search"),
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = filters.ChoiceFilter(
        choices=[(Kind.EXPENSE, _("Expenses")), (Kind.INCOME, _("Income"))],
        empty_label=_("Both directions"),
        label=_("Direction"),
    )
    category = filters.ChoiceFilter(
        empty_label=_("All categories"),
        null_label=_("Uncategorised"),
        null_value=UNCATEGORISED,
        label=_("Category"),
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
    ) -> None:
        """`categories` are those to choose from: the page has read them already."""
        super().__init__(parameters, queryset=queryset)
        self.categories = categories
        self.filters["category"].extra["choices"] = [
            (str(category.pk), category.name) for category in categories
        ]

    def filter_words(
        self, rows: QuerySet[Transaction], _name: str, words: str
    ) -> QuerySet[Transaction]:
        """Every word must be in the description, the note or the category's name."""
        for word in words.split()[:MOST_WORDS]:
            named = Category.objects.filter(name_folded__contains=folded(word)).order_by()
            rows = rows.filter(
                Q(search__contains=folded(word)) | Q(category__in=named.values("pk"))
            )
        return rows


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
        yield Chip(_words(name, value, chosen.categories), rest.urlencode())


def _words(name: str, value: Any, categories: Sequence[Category]) -> str:
    match name:
        case "q":
            return gettext("“%(words)s”") % {"words": value}
        case "kind":
            return gettext("Expenses") if value == Kind.EXPENSE else gettext("Income")
        case "category":
            names = {str(category.pk): category.name for category in categories}
            return names.get(value, gettext("Uncategorised"))
        case "from":
            return gettext("Since %(day)s") % {"day": short_day(value)}
        case "to":
            return gettext("Until %(day)s") % {"day": short_day(value)}
        case "min":
            return gettext("At least %(amount)s") % {"amount": money_format(value)}
        case _:
            return gettext("At most %(amount)s") % {"amount": money_format(value)}


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

    def apply(self, rows: QuerySet[Transaction]) -> tuple[QuerySet[Transaction], Order]:
        """The rows with their sort key, and the order that `core.keyset` pages them in."""
        key, expression, field = _KEYS[self.column]
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
