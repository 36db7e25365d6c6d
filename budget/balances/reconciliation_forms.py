"""The forms of reconciliations: what the statement says, and what is booked to make it add up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.fields import ChipSelect, DayField, SignedMoneyField
from budget.core.forms import SubmittedForm
from budget.transactions.models import Reconciliation
from budget.wallets.models import Wallet


class StatementForm(forms.Form):
    """A statement's date and balance, which may be below zero."""

    date = DayField(label=_("Statement date"))
    balance = SignedMoneyField(
        label=_("Statement balance"),
        help_text=_("As the bank gives it on that day; with a minus where it is overdrawn."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["balance"].widget.attrs["autofocus"] = True

    @classmethod
    def for_statement(cls, reconciliation: Reconciliation) -> StatementForm:
        return cls(initial={"date": reconciliation.date, "balance": reconciliation.balance})

    def clean_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["date"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("No statement is of a day to come."))
        return day


class ReconciliationForm(StatementForm):
    """Which wallet is checked, and what its statement says."""

    wallet = forms.ModelChoiceField(
        label=_("Wallet"),
        queryset=Wallet._base_manager.none(),
        empty_label=None,
        widget=ChipSelect,
        error_messages={
            "required": _("Choose a wallet."),
            "invalid_choice": _("This wallet has been closed or deleted. Choose another."),
        },
    )
    field_order = ("wallet", "date", "balance")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wallet = cast("forms.ModelChoiceField[Wallet]", self.fields["wallet"])
        wallet.queryset = Wallet.objects.open()

    @classmethod
    def for_new(
        cls, wallet: Wallet | None, *, date: str = "", balance: str = ""
    ) -> ReconciliationForm:
        """An empty form dated today, or with what an address says of the statement."""
        told = StatementForm({"date": date, "balance": balance})
        told.full_clean()
        return cls(initial={"wallet": wallet, "date": timezone.localdate(), **told.cleaned_data})


class AdjustmentForm(SubmittedForm):
    """What is booked so that a reconciliation adds up; `difference` is what the person saw."""

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
    difference = forms.DecimalField(
        widget=forms.HiddenInput, max_digits=16, decimal_places=2, required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = cast("forms.ModelChoiceField[Category]", self.fields["category"])
        category.queryset = Category.objects.active()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.forget("difference", data)
        data["difference"] = data.get("difference") or Decimal(0)
        return data
