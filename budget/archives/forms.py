"""The word to type before a month is deleted for good."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from budget.core.fields import says_the_same
from budget.core.periods import Period


class EraseForm(forms.Form):
    """Valid only with the month's name, as the reader's language writes it."""

    word = forms.CharField(
        max_length=60,
        error_messages={"required": _("Type the month to confirm.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def __init__(self, *args: Any, period: Period, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = period.label
        self.fields["word"].widget.attrs["data-confirm-word"] = self.expected

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"])
        if not says_the_same(word, self.expected):
            raise ValidationError(
                _("That is not the month’s name. Type “%(month)s”."),
                params={"month": self.expected},
            )
        return word
