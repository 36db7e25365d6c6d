"""Forms about oneself, one's households and who belongs to them; and allauth's, in our words."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from babel.numbers import get_currency_name, list_currencies
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.functional import lazy
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from budget.core.fields import SegmentSelect, says_the_same
from budget.core.forms import SubmittedForm
from budget.core.money import DEFAULT_CURRENCY, active_locale
from budget.users.access import current_user
from budget.users.models import Household, Role, User

# allauth's forms, without placeholders, which would say again what the label says.


class _Plain:
    fields: dict[str, forms.Field]
    hide_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.label = _("Email address")
                # allauth cuts off what the column cannot hold.
                field.validators.append(MaxLengthValidator(254))
            if name in {"oldpassword", "password"}:
                field.help_text = ""  # The way to a new one stands beside the field.
            if name == "password1":
                field.help_text = password_rule()


def _password_rule() -> str:
    length = MinimumLengthValidator().min_length
    return ngettext(
        "At least %(n)s character, and nothing that many people use.",
        "At least %(n)s characters, and nothing that many people use.",
        length,
    ) % {"n": length}


password_rule = lazy(_password_rule, str)


class LoginForm(_Plain, account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs |= {"autocomplete": "username", "autofocus": True}
        self.fields["remember"].label = _("Stay signed in on this device")
        self.fields["remember"].initial = True


class SignupForm(_Plain, account_forms.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs |= {"autocomplete": "username", "autofocus": True}


class AddEmailForm(_Plain, account_forms.AddEmailForm):
    """Asks for the address that is to take the present one's place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New email address")

    def clean_email(self) -> str:
        email = super().clean_email()
        if User.objects.filter(email=email).exists():
            raise get_adapter().validation_error("email_taken")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        # allauth would delete any unverified address here: the present one too, if it is.
        addresses = EmailAddress.objects.filter(user=current_user(request))
        addresses.filter(verified=False).exclude(email=current_user(request).email).delete()
        address = addresses.create(user=current_user(request), email=self.cleaned_data["email"])
        address.send_confirmation(request)
        return address


class ChangePasswordForm(_Plain, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(_Plain, account_forms.SetPasswordForm):
    pass


class ResetPasswordForm(_Plain, account_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs |= {"autocomplete": "username", "autofocus": True}


class ResetPasswordKeyForm(_Plain, account_forms.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(_Plain, account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs["autofocus"] = True


# Ours


class NameField(forms.CharField):
    """A name on one line: what is between words becomes one space."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value)).split())


class ProfileForm(forms.Form):
    name = NameField(
        label=_("Name"),
        required=False,
        max_length=80,
        help_text=_("How the other members of your households see you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=User._meta.get_field("language").choices or [],
        required=False,
        widget=SegmentSelect,
    )


# Those of the countries where French or much English is spoken, and their neighbours'.
_COMMON = """
    AED AUD BGN BRL CAD CDF CHF CNY CVE CZK DJF DKK DZD EGP GBP GNF HKD HTG HUF IDR ILS INR ISK
    JPY KMF KRW LBP MAD MGA MRU MUR MXN NOK NZD PLN RON RSD RUB RWF SAR SCR SEK SGD THB TND TRY
    UAH USD VND VUV XAF XOF XPF ZAR
"""
COMMON_CURRENCIES = frozenset(_COMMON.split())


def currency_choices(*besides: str) -> list[tuple[str, str]]:
    """Currencies by name in the reader's language, the default first. `besides` are added."""
    codes = {*COMMON_CURRENCIES, *besides} & set(list_currencies()) - {DEFAULT_CURRENCY}
    named = [(code, currency_label(code)) for code in codes]
    # Sorted as the reader sees them, accents and capitals aside: "dollar" comes before "Émirats".
    named.sort(key=lambda each: each[1].casefold().replace("é", "e"))
    return [(DEFAULT_CURRENCY, currency_label(DEFAULT_CURRENCY)), *named]


def currency_label(code: str) -> str:
    """`Euro (EUR)`, in the reader's language."""
    name = get_currency_name(code, locale=active_locale())
    return f"{name[:1].upper()}{name[1:]} ({code})"


class HouseholdForm(forms.Form):
    name = NameField(label=_("Name of the household"), max_length=80)
    currency = forms.ChoiceField(
        label=_("Currency"), help_text=_("Amounts keep their figures: nothing is converted.")
    )
    month_start_day = forms.TypedChoiceField(
        label=_("The month begins on the"),
        choices=[(day, day) for day in range(1, 29)],
        coerce=int,
        help_text=_("The day your pay comes in, for instance. 1 is the calendar's month."),
    )

    def __init__(self, *args: Any, household: Household | None = None, **kwargs: Any) -> None:
        """`household` gives the present values."""
        present: dict[str, Any] = {"currency": DEFAULT_CURRENCY, "month_start_day": 1}
        if household:
            present = {name: getattr(household, name) for name in self.base_fields}
        kwargs["initial"] = present
        super().__init__(*args, **kwargs)
        currency = self.fields["currency"]
        if isinstance(currency, forms.ChoiceField):
            currency.choices = currency_choices(present["currency"])


class NewHouseholdForm(SubmittedForm, HouseholdForm):
    language = forms.ChoiceField(
        label=_("Its first categories are named in"),
        choices=settings.LANGUAGES,
        widget=SegmentSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True
        self.initial["submission"] = uuid.uuid4()
        self.initial["language"] = (get_language() or settings.LANGUAGE_CODE)[:2]


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    role = forms.TypedChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in (Role.EDITOR, Role.VIEWER)],
        coerce=Role,
        initial=Role.EDITOR,
        widget=SegmentSelect(icons={"editor": "pencil", "viewer": "eye"}),
        help_text=_("An editor adds and changes transactions; a viewer only looks."),
    )


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(
        label=_("Role"),
        choices=Role.choices,
        coerce=Role,
        widget=SegmentSelect(icons={"owner": "house", "editor": "pencil", "viewer": "eye"}),
        help_text=_(
            "An owner also decides who belongs to the household and what becomes of it. "
            "An editor adds and changes transactions; a viewer only looks."
        ),
    )


class DeletionForm(forms.Form):
    """Asks for the household's name, so that it is not deleted by a slip."""

    name = NameField(label=_("Type the household's name to confirm"), max_length=80)

    def __init__(self, *args: Any, household: Household, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.household = household
        self.fields["name"].widget.attrs |= {
            "data-confirm-word": household.name,
            "autocomplete": "off",
            "autofocus": True,
        }

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if not says_the_same(name, self.household.name):
            raise ValidationError(_("This is not the household's name."), code="mismatch")
        return name
