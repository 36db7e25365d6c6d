"""The form of a wallet, for adding and for changing one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budget.core.fields import ChipSelect, DayField, SignedMoneyField
from budget.core.forms import HolderForm
from budget.wallets.models import Wallet, WalletKind
from budget.wallets.services import WalletValues


class WalletForm(HolderForm):
    """`holder` is the wallet that is changed, None for a new one."""

    model = Wallet

    kind = forms.TypedChoiceField(
        label=_("Kind"), choices=WalletKind.choices, coerce=WalletKind, widget=ChipSelect
    )
    opening_balance = SignedMoneyField(
        label=_("Opening balance"),
        required=False,
        help_text=_("What was in it before the first transaction noted here. Less than 0 if owed."),
    )
    opening_date = DayField(label=_("On"))
    hidden = forms.BooleanField(
        label=_("Fold away in the list"),
        required=False,
        help_text=_("Its money counts all the same."),
    )

    #: Two fields are optional, and none needs to say so.
    hide_optional = True

    def beginning(self) -> dict[str, Any]:
        if self.holder:
            return super().beginning()
        new = {"kind": _unused_kind(), "opening_balance": 0, "opening_date": timezone.localdate()}
        return super().beginning() | new

    def clean_opening_balance(self) -> Decimal:
        return self.cleaned_data["opening_balance"] or Decimal(0)

    def clean_opening_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["opening_date"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day is yet to come: choose one that is not."))
        return day

    def values(self) -> WalletValues:
        return cast(WalletValues, super().values())


def _unused_kind() -> WalletKind:
    """A new wallet is likely to be of a kind that is not there yet: savings, then cash."""
    taken = set(Wallet.objects.open().values_list("kind", flat=True))
    return next((kind for kind in WalletKind if kind not in taken), WalletKind.OTHER)
