"""Forms that know what they were opened for: their own key, and the version they show.

And what the forms of wallets and of envelopes have in common.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from budget.core.fields import ChipSelect, ColourField, NameField, unused_colour
from budget.core.holders import Holder, HolderNameTaken


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


class HolderForm(VersionedForm, SubmittedForm):
    """The form of a wallet or an envelope. `holder` is the one that is changed, None for a new."""

    #: A subclass says which.
    model: ClassVar[type[Holder]]

    name = NameField()
    colour = ColourField(
        label=_("Colour"), error_messages={"required": _("Choose one of the colours.")}
    )

    def __init__(self, *args: Any, holder: Any = None, **kwargs: Any) -> None:
        self.holder = holder
        super().__init__(*args, **{"initial": self.beginning(), **kwargs})

    def beginning(self) -> dict[str, Any]:
        """What the form shows before anybody has typed: the holder, or what suits a new one."""
        if self.holder:
            shown = {name: getattr(self.holder, name, None) for name in self.base_fields}
            return shown | {"submission": None}
        taken = self._open().values_list("colour", flat=True)
        return {"colour": unused_colour(taken), "submission": uuid.uuid4()}

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        namesakes = self._open().named(name)
        # What this very form has made, when it was sent before, does not take its name.
        if key := self.cleaned_data.get("submission"):
            namesakes = namesakes.exclude(submission=key)
        if self.holder:
            namesakes = namesakes.exclude(pk=self.holder.pk)
        if namesakes.exists():
            raise forms.ValidationError(str(HolderNameTaken()), code="taken")
        return name

    def values(self) -> Any:
        """The valid form's content without its hidden fields, as the services take it."""
        hidden = ("submission", "version")
        return {name: said for name, said in self.cleaned_data.items() if name not in hidden}

    def _open(self) -> Any:
        return self.model._default_manager.open()  # type: ignore[attr-defined]


class ClosingForm(forms.Form):
    """Where goes what is left in a wallet or an envelope that is closed."""

    into: Any = forms.ModelChoiceField(
        label=_("What is left goes to"),
        queryset=None,
        widget=ChipSelect,
        blank=True,
        error_messages={
            "required": _("Choose where it goes."),
            "invalid_choice": _("This one was closed or deleted meanwhile. Choose another."),
        },
    )

    def __init__(
        self,
        *args: Any,
        others: QuerySet[Any],
        nowhere: str = "",
        label: str = "",
        **kwargs: Any,
    ) -> None:
        """`others` are those that may receive it; `nowhere` is what choosing none is called."""
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        into.label = label or into.label
        into.queryset = others
        into.required = not nowhere
        into.empty_label = nowhere or None
