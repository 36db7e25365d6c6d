"""The form of a person."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from budget.core.forms import SubmittedForm, VersionedForm
from budget.people.models import Person
from budget.people.services import Contact

#: What people part the figures of a number with, and the plus of a country.
PHONE = re.compile(r"\+?[\d\s().\-/]*\d[\d\s().\-/]*")


def _phone(number: str) -> None:
    if not PHONE.fullmatch(number):
        raise ValidationError(_("Write the number in digits, like +33 6 12 34 56 78."))


class PersonForm(VersionedForm, SubmittedForm):
    """Only a first name is asked for. Two people of one name are two people."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("Email"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=30,
        validators=[_phone],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    @classmethod
    def for_new(cls) -> PersonForm:
        """An empty form."""
        return cls(initial={"submission": uuid.uuid4()})

    @classmethod
    def for_person(cls, person: Person) -> PersonForm:
        """The form with what is known of someone."""
        names = ("first_name", "last_name", "email", "phone", "note", "version")
        return cls(initial={name: getattr(person, name) for name in names}, person=person)

    def contact(self) -> Contact:
        """The valid form's content, without its hidden fields."""
        data = self.cleaned_data
        return Contact(
            first_name=data["first_name"],
            last_name=data["last_name"],
            email=data["email"],
            phone=data["phone"],
            note=data["note"],
        )
