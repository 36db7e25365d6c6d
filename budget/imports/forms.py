"""The forms of a file's lines: what is said of many at once, and of one."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from budget.buckets.models import Bucket
from budget.categories.fields import CategoryField
from budget.categories.models import Category
from budget.core.fields import (
    AmountInput,
    DayField,
    MoneyField,
    RowField,
    SegmentSelect,
)
from budget.imports.correcting import Correction, Mending, Said
from budget.imports.models import Choice, Finding, ImportLine
from budget.imports.selectors import SHOWN, Tab
from budget.people.models import Person
from budget.transactions.models import Kind
from budget.transactions.names import Names, offered
from budget.wallets.models import Wallet

#: Of many lines: they are to have none; each is to have what is suggested.
NONE = "none"
SUGGESTED = "suggested"

#: Ids that one page may name.
MOST = 200


def said_of_lines(data: QueryDict, categories: set[int]) -> dict[int, Said]:
    """What a page says of its lines: `line` names them, `choice_ID` and `category_ID` say it.

    A tick that is not sent is a line left out, where `tick` names it. What is not offered is not
    said.
    """
    ticks = set(_ids(data.getlist("tick")))
    said = {}
    for pk in _ids(data.getlist("line")):
        choice = data.get(f"choice_{pk}", Choice.LEAVE if pk in ticks else "")
        category = data.get(f"category_{pk}")
        key = int(category) if category and category.isdecimal() and len(category) < 19 else None
        said[pk] = Said(
            choice=Choice(choice) if choice in Choice.values else None,
            category=key,
            sorted=category == "" or key in categories,
        )
    return said


def _ids(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:MOST] if text.isdecimal() and len(text) < 19]


class LinesForm(forms.Form):
    """What is said of many lines: those that are picked, or all that a tab shows."""

    hide_optional = True

    scope = forms.ChoiceField(choices=[("picked", ""), ("tab", "")], initial="picked")
    tab = forms.ChoiceField(choices=Tab.choices, initial=Tab.ALL, required=False)
    choice = forms.ChoiceField(
        label=gettext_lazy("What becomes of them"),
        choices=[("", gettext_lazy("As it is")), *Choice.choices],
        required=False,
    )
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)
    bucket = forms.ChoiceField(label=gettext_lazy("Envelope"), required=False)
    person = forms.ChoiceField(label=gettext_lazy("Person"), required=False)

    def __init__(self, *args: Any, names: Names, categories: list[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep, none = ("", gettext_lazy("As it is")), (NONE, pgettext_lazy("no row", "None"))
        suggested = (SUGGESTED, gettext_lazy("The one suggested for each"))
        self.rows: dict[str, dict[str, Any]] = {
            "category": {str(each.pk): each for each in categories},
            "bucket": {str(each.pk): each for each in offered(names.buckets)},
            "person": {str(each.pk): each for each in offered(names.people)},
        }
        for name, rows in self.rows.items():
            field = cast("forms.ChoiceField", self.fields[name])
            first = [keep, suggested, none] if name == "category" else [keep, none]
            field.choices = [*first, *((key, row.name) for key, row in rows.items())]
            if not rows and name != "category":
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not any(data.get(name) for name in ("choice", *self.rows)):
            raise forms.ValidationError(_("Choose what is to change."))
        if not self.errors and data["scope"] == "picked" and not self.picked():
            raise forms.ValidationError(
                _("Tick the lines that are meant, or take all of this tab.")
            )
        return data

    def picked(self) -> list[int]:
        return _ids(cast(QueryDict, self.data).getlist("pick"))

    def which(self) -> Q:
        """The lines that are meant."""
        data = self.cleaned_data
        if data["scope"] == "picked":
            return Q(pk__in=self.picked())
        tab = Tab(data["tab"] or Tab.ALL)
        shown = SHOWN[tab]
        if data["choice"] == Choice.ADD and tab in {Tab.ALL, Tab.CHECK}:
            # What is there already is not added again by the way.
            return shown & Q(finding=Finding.NEW)
        return shown

    def becomes(self) -> Choice | None:
        chosen = self.cleaned_data["choice"]
        return Choice(chosen) if chosen else None

    def as_suggested(self) -> bool:
        return bool(self.cleaned_data["category"] == SUGGESTED)

    def changes(self) -> dict[str, Any]:
        """What was chosen: a row, or None where there is to be none."""
        said = {name: self.cleaned_data.get(name) for name in self.rows}
        return {
            name: self.rows[name].get(key) for name, key in said.items() if key and key != SUGGESTED
        }


class LineForm(forms.Form):
    """What one line will say. One that could not be read is first told its day and amount."""

    kind = forms.TypedChoiceField(
        label=gettext_lazy("Direction"),
        choices=[
            (Kind.EXPENSE.value, gettext_lazy("Expense")),
            (Kind.INCOME.value, pgettext_lazy("one transaction", "Income")),
        ],
        coerce=Kind,
        initial=Kind.EXPENSE,
        widget=SegmentSelect(icons={"expense": "arrow-up-right", "income": "arrow-down-left"}),
    )
    amount = MoneyField(label=gettext_lazy("Amount"), widget=AmountInput(attrs={"autofocus": True}))
    date = DayField(label=gettext_lazy("Date"))
    label = forms.CharField(label=gettext_lazy("Bank’s label"), max_length=1000)
    description = forms.CharField(label=gettext_lazy("Description"), required=False, max_length=200)
    category = CategoryField()
    bucket = RowField[Bucket](label=gettext_lazy("Envelope"), required=False)
    person = RowField[Person](label=gettext_lazy("Person"), required=False)
    to_wallet = RowField[Wallet](
        label=gettext_lazy("Transfer with the wallet"),
        required=False,
        help_text=gettext_lazy(
            "The money stays with you: it goes to this wallet, or comes from it."
        ),
    )

    def __init__(self, *args: Any, line: ImportLine, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _values(line), **kwargs})
        self.line = line
        category = cast("CategoryField", self.fields["category"])
        category.queryset = Category.objects.active()
        self._offer("bucket", Bucket.objects.open(), gettext_lazy("Unassigned"))
        self._offer("person", Person.objects.filter(removed_at=None), gettext_lazy("Nobody"))
        others = Wallet.objects.open().exclude(pk=line.statement.wallet_id or 0)
        self._offer("to_wallet", others, gettext_lazy("No transfer"))
        if line.finding != Finding.UNREADABLE:
            for name in ("kind", "amount", "date", "label"):
                del self.fields[name]
            self.fields["description"].widget.attrs["autofocus"] = True

    def _offer(self, name: str, rows: Any, empty: Any) -> None:
        there = list(rows)
        if not there:
            del self.fields[name]
            return
        field = cast("RowField[Any]", self.fields[name])
        field.offer([(row, row.name) for row in there], empty=empty)

    def correction(self) -> Correction:
        data = self.cleaned_data
        moved = data.get("to_wallet")
        return Correction(
            description=data["description"],
            category=None if moved else data["category"],
            bucket=None if moved else data.get("bucket"),
            person=None if moved else data.get("person"),
            to_wallet=moved,
        )

    def mending(self) -> Mending | None:
        """What a line says that could not be read; None for one that could."""
        data = self.cleaned_data
        if "amount" not in self.fields:
            return None
        amount = data["amount"] if data["kind"] == Kind.INCOME else -data["amount"]
        return Mending(date=data["date"], amount=amount, label=data["label"])


def _values(line: ImportLine) -> dict[str, Any]:
    return {
        "label": line.label,
        "description": line.description,
        "category": line.category_id,
        "bucket": line.bucket_id,
        "person": line.person_id,
        "to_wallet": line.to_wallet_id,
        "date": line.date,
        "amount": abs(line.amount) if line.amount else None,
    }
