"""What the pages of balances ask for."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from budget.core.fields import DayField


class DayForm(forms.Form):
    """The day of which a balance is asked for, in the address: `?on=2026-10-31`."""

    on = DayField(label=_("On"), required=False)

    def day(self) -> dt.date | None:
        """The day, where the address names one."""
        return self.cleaned_data.get("on") if self.is_valid() else None
