"""Forms that know what they were opened for: their own key, and the version they show."""

from __future__ import annotations

from typing import Any

from django import forms


class _Known(forms.Form):
    """A form with hidden fields, in which no form of ours sends nonsense."""

    def forget(self, name: str, data: dict[str, Any]) -> None:
        """Take a field as not filled in, whatever was sent."""
        if self.errors.pop(name, None):
            data[name] = None


class SubmittedForm(_Known):
    """A form that writes a row carries a key of its own, so that sent twice it writes one."""

    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.forget("submission", data)
        return data


class VersionedForm(_Known):
    """A form that changes a row knows which version of it the person saw.

    Its template includes `forms/conflict.html`, which keeps the number.
    """

    version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.forget("version", data)
        return data
