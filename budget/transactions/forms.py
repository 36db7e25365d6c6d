"""The form of a transaction, for adding and for changing one."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.fields import AmountInput, ChipSelect, DayField, MoneyField, SegmentSelect
from budget.core.forms import SubmittedForm, VersionedForm
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import Entry


class TransactionForm(VersionedForm, SubmittedForm):
    kind = forms.TypedChoiceField(
        label=_("Direction"),
        choices=[(kind.value, kind.label) for kind in (Kind.EXPENSE, Kind.INCOME)],
        coerce=Kind,
        initial=Kind.EXPENSE,
        widget=SegmentSelect(icons={"expense": "arrow-up-right", "income": "arrow-down-left"}),
    )
    amount = MoneyField(label=_("Amount"), widget=AmountInput(attrs={"autofocus": True}))
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category._base_manager.none(),
        required=False,
        blank=True,
        empty_label=_("None"),
        widget=ChipSelect,
        error_messages={
            "invalid_choice": _("This category has been deleted meanwhile. Choose another.")
        },
    )
    date = DayField(label=_("Date"))
    description = forms.CharField(label=_("Description"), required=False, max_length=200)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, line: Transaction | None = None, **kwargs: Any) -> None:
        """`line` is the one that is changed. Its category, if retired, must be chosen anew."""
        super().__init__(*args, **kwargs)
        category = cast("forms.ModelChoiceField[Category]", self.fields["category"])
        category.queryset = Category.objects.active()
        self.to_choose = ""
        if line and line.category and line.category.retired_at:
            text = gettext("“%(category)s” has been deleted. Choose another category, or “None”.")
            self.to_choose = text % {"category": line.category.name}
            category.help_text = escape(self.to_choose)

    def clean_category(self) -> Category | None:
        category: Category | None = self.cleaned_data["category"]
        if self.to_choose and category is None and "category" not in self.data:
            # Nothing was chosen, which is not the same as "None".
            raise forms.ValidationError(self.to_choose)
        return category

    @classmethod
    def for_new(
        cls,
        *,
        like: Transaction | None = None,
        kind: str = Kind.EXPENSE,
        category: str | int | None = None,
    ) -> TransactionForm:
        """An empty form dated today; `like` prefills it from a line, for duplicating."""
        initial: dict[str, Any] = {"kind": kind, "category": category}
        if like is not None:
            initial = _values(like)
        initial["date"] = timezone.localdate()
        initial["submission"] = uuid.uuid4()
        return cls(initial=initial)

    @classmethod
    def for_line(cls, line: Transaction) -> TransactionForm:
        """The form that changes `line`, and knows which version of it the person saw."""
        return cls(initial=_values(line) | {"version": line.version}, line=line)

    def entry(self) -> Entry:
        """The valid form's content, without its hidden fields."""
        data = self.cleaned_data
        return Entry(
            kind=data["kind"],
            amount=data["amount"],
            date=data["date"],
            category=data["category"],
            description=data["description"],
            note=data["note"],
        )


def _values(line: Transaction) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "amount": line.amount,
        "category": line.category_id,
        "date": line.date,
        "description": line.description,
        "note": line.note,
    }
