"""Form fields and widgets that several apps share: money, days, choices, colours.

`{{ form.amount.as_field_group }}` draws each with its label, help and errors; see
`templates/django/forms/field.html`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from budget.core.money import (
    MoneyError,
    currency_leads,
    currency_symbol,
    decimal_symbol,
    money_input,
    money_parse,
    money_step,
)
from budget.core.periods import FIRST_DATE, LAST_DATE


class MoneyInput(forms.TextInput):
    """One line for an amount, with the currency beside it."""

    template_name = "forms/money.html"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        # What was typed comes back as it was typed, what was stored as the reader writes it.
        if isinstance(value, Decimal | int):
            return money_input(value)
        return None if value in (None, "") else str(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context |= {"symbol": currency_symbol(), "leads": currency_leads()}
        return context


class AmountInput(MoneyInput):
    """The large amount at the head of a dialog. Its sign follows the chosen kind, by CSS."""

    template_name = "forms/amount.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        placeholder = "0" if money_step() == 1 else f"0{decimal_symbol()}00"
        context["widget"]["attrs"].setdefault("placeholder", placeholder)
        return context


class MoneyField(forms.Field):
    """A positive amount as people type it; `zero=True` admits 0, for bounds and limits."""

    widget: type[MoneyInput] | MoneyInput = MoneyInput
    default_error_messages = {
        "required": _("Enter an amount."),
        "invalid": _("“%(value)s” cannot be read as an amount: write it like 1234.56."),
        "negative": _("The amount must be greater than 0."),
        "zero": _("The amount must be greater than 0."),
        "below": _("The amount cannot be negative."),
        "decimals": _("An amount has two decimals at most."),
        "whole": _("This currency has no cents: write a whole amount."),
        "large": _("The amount cannot exceed 999,999,999,999.99."),
    }

    def __init__(self, *, zero: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zero = zero

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, Decimal):
            return value
        text = "" if value is None else str(value)
        try:
            return self.parse(text)
        except MoneyError as error:
            if error.kind == "empty":
                return None
            code = "below" if error.kind == "negative" and self.zero else error.kind
            shown = text if len(text) <= 40 else f"{text[:40]}…"
            raise ValidationError(
                self.error_messages[code], code=code, params={"value": shown}
            ) from None

    def parse(self, text: str) -> Decimal:
        """The amount that was typed. Raises MoneyError."""
        return money_parse(text, zero=self.zero)


class SignedMoneyField(MoneyField):
    """What is in a wallet: any amount, 0 and what is owed included."""

    # The keypad for decimals has no minus on some telephones.
    widget = MoneyInput(attrs={"inputmode": "text"})

    def parse(self, text: str) -> Decimal:
        return money_parse(text, signed=True)


class NameField(forms.CharField):
    """What a person calls something: one line, in which there is something to read."""

    default_error_messages = {"required": _("Give it a name.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
        super().__init__(**{"label": _("Name"), "max_length": 60, "widget": widget, **kwargs})

    def clean(self, value: Any) -> Any:
        name = super().clean(value)
        if name and not any(unicodedata.category(sign)[0] in "LNPS" for sign in name):
            raise ValidationError(self.error_messages["required"], code="required")
        return name


def says_the_same(typed: str, expected: str) -> bool:
    """Whether the word typed to confirm something is the one that was asked for.

    Case, accents, superfluous spaces and the shape of apostrophes do not matter: "AOUT  2026" is
    "août 2026". app.js, which holds the button back until then, compares in the same way.
    """
    return _bare(typed) == _bare(expected)


def _bare(text: str) -> str:
    # Up and down again, because "ß" has no capital of its own.
    decomposed = unicodedata.normalize("NFKD", text).replace("\u2019", "'")
    letters = "".join(sign for sign in decomposed if unicodedata.category(sign) != "Mn")
    return " ".join(letters.upper().lower().split())


class RowField[M: models.Model](forms.ChoiceField):
    """One of rows that were read already: `offer` them, and the value is one of them or None.

    Unlike Django's ModelChoiceField it asks the database neither to be drawn nor to be checked.
    """

    default_error_messages = {
        "invalid_choice": _("What you chose has just been deleted or closed. Choose again.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: dict[str, M] = {}

    def offer(self, rows: Iterable[tuple[M, str]], *, empty: Any = None) -> None:
        """Let one choose among `rows`, each with its label; or none of them, under `empty`."""
        labels = [(str(row.pk), row, label) for row, label in rows]
        self.rows = {key: row for key, row, _ in labels}
        blank = [] if empty is None else [("", empty)]
        self.choices = blank + [(key, label) for key, _, label in labels]

    def to_python(self, value: Any) -> M | None:
        if value in self.empty_values:
            return None
        if str(value) not in self.rows:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return self.rows[str(value)]

    def valid_value(self, value: Any) -> bool:
        return value in self.rows.values()


class DayInput(forms.DateInput):
    """The browser's own date control, which speaks ISO dates whatever the language."""

    input_type = "date"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__(dict(attrs or {}), format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day that a ledger may hold; the browser's control speaks ISO, people type their own."""

    widget = DayInput

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not FIRST_DATE <= day <= LAST_DATE:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class _Chosen(forms.RadioSelect):
    """Radios whose label is the control: the input itself is only there for keys and readers."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["class"] = "visually-hidden"
        return option


class SegmentSelect(_Chosen):
    """A few exclusive choices side by side. `icons` names an icon for a value."""

    template_name = "forms/segments.html"

    def __init__(
        self,
        attrs: Mapping[str, Any] | None = None,
        choices: Any = (),
        icons: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(dict(attrs or {}), choices)
        self.icons = icons or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"icon": self.icons.get(str(value))}


class ChipSelect(_Chosen):
    """Choices as chips; those of a model that has a `colour` carry it as a dot."""

    template_name = "forms/chips.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        instance = getattr(value, "instance", None)
        return option | {
            "colour": getattr(instance, "colour", None),
            "dot": instance is not None,
            "kind": getattr(instance, "kind", None),
            "bucket": getattr(instance, "bucket_id", None),
        }


COLOURS = [
    ("#ef4444", _("Red")),
    ("#f97316", _("Orange")),
    ("#f59e0b", _("Amber")),
    ("#84cc16", _("Lime")),
    ("#22c55e", _("Green")),
    ("#14b8a6", _("Teal")),
    ("#0ea5e9", _("Sky blue")),
    ("#3b82f6", _("Blue")),
    ("#6366f1", _("Indigo")),
    ("#a855f7", _("Purple")),
    ("#ec4899", _("Pink")),
    ("#a16207", _("Brown")),
    ("#64748b", _("Slate")),
]


def unused_colour(taken: Iterable[str]) -> str:
    """A colour to begin with: one that no other has, as long as there is one."""
    used = set(taken)
    return next((colour for colour, _name in COLOURS if colour not in used), COLOURS[0][0])


class ColourSelect(_Chosen):
    """Swatches to choose from, and a last one beside which any other colour can be picked."""

    template_name = "forms/colours.html"
    OWN = "own"

    def __init__(self, attrs: Mapping[str, Any] | None = None, choices: Any = COLOURS) -> None:
        super().__init__(dict(attrs or {}), choices)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        chosen = super().value_from_datadict(cast("dict[str, Any]", data), files, name)
        return data.get(f"{name}_{self.OWN}") if chosen == self.OWN else chosen

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        own = isinstance(value, str) and bool(HEX.fullmatch(value))
        own = own and value not in dict(self.choices)
        context["own"] = {
            "name": f"{name}_{self.OWN}",
            "value": value if own else "#7c3aed",
            "radio": self.create_option(name, self.OWN, _("Another colour"), own, len(COLOURS)),
        }
        return context


HEX = re.compile(r"#[0-9a-f]{6}")


class ColourField(forms.CharField):
    """`#rrggbb`, in small letters."""

    widget = ColourSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(HEX.pattern + r"\Z", _("Choose one of the colours.")))

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).lower()
