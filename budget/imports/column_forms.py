"""The form in which a person says what the columns of a table are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budget.core.forms import VersionedForm
from budget.imports import layouts
from budget.imports.amounts import Decimals
from budget.imports.columns import Told, index_told
from budget.imports.dates import DateOrder
from budget.imports.headers import Role, normalised
from budget.imports.mappings import LONGEST_NAME

#: A form takes so many columns, and those that mean something beyond them.
MOST_SHOWN = 80

ROLES = [
    ("", _("Not used")),
    (Role.DATE, _("Date")),
    (Role.VALUE_DATE, _("Value date")),
    (Role.LABEL, _("Label")),
    (Role.AMOUNT, _("Amount")),
    (Role.DEBIT, _("Debit")),
    (Role.CREDIT, _("Credit")),
    (Role.DIRECTION, _("Direction (debit or credit)")),
    (Role.ACCOUNT, _("Account")),
    (Role.BALANCE, _("Balance")),
    (Role.CURRENCY, _("Currency")),
    (Role.BANK_ID, _("Bank’s id")),
    (Role.STATUS, _("Status (booked, pending)")),
    (Role.CATEGORY, _("Bank’s category")),
    (Role.FEE, _("Fee on top")),
]
ORDERS = [
    ("", _("As the file tells")),
    (DateOrder.DMY, _("Day, month, year")),
    (DateOrder.MDY, _("Month, day, year")),
    (DateOrder.YMD, _("Year, month, day")),
]
DECIMALS = [
    ("", _("As the file tells")),
    (Decimals.COMMA.value, _("A comma: 12,50")),
    (Decimals.POINT.value, _("A point: 12.50")),
]
SPENT = [
    ("", _("As the file tells")),
    ("in", _("Money that comes in")),
    ("out", _("Money that goes out, as on a card’s statement")),
]
SENSES = {"in": False, "out": True}


def column_key(header: Sequence[str], index: int) -> str:
    """How a column is told: by its name where that is plain and its own, else by its number."""
    name = header[index]
    names = [normalised(each) for each in header]
    plain = not name.isdigit() and "+" not in name and len(name) < LONGEST_NAME
    return name if plain and names.count(normalised(name)) == 1 else str(index + 1)


def roles_told(header: Sequence[str], columns: Mapping[str, str], parted_by: str) -> dict[int, str]:
    """The role of each column, counted from 0, that is told by its name or its number."""
    found: dict[int, str] = {}
    for role, told in columns.items():
        names = [told] if told in header else [part.strip() for part in told.split(parted_by)]
        for name in names:
            index = _index(header, name, found)
            if index is not None:
                found[index] = role
    return found


def _index(header: Sequence[str], name: str, taken: Mapping[int, str]) -> int | None:
    for index, each in enumerate(header):
        if each == name and index not in taken:
            return index
    for index, each in enumerate(header):
        if normalised(each) == normalised(name) and index not in taken:
            return index
    return index_told(name, len(header))


class ColumnsForm(VersionedForm):
    """A role for each column, and what the file may leave open.

    `header` has the columns, none where the file is no table: then only the rest is asked.
    """

    name = forms.CharField(
        label=_("Remember these columns as"),
        required=False,
        max_length=LONGEST_NAME,
        help_text=_("The next file with the same columns is read like this one."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    order = forms.ChoiceField(label=_("Dates are written as"), choices=ORDERS, required=False)
    decimals = forms.ChoiceField(label=_("Decimals follow"), choices=DECIMALS, required=False)
    spent = forms.ChoiceField(label=_("Positive amounts are"), choices=SPENT, required=False)

    hide_optional = True

    def __init__(
        self,
        *args: Any,
        header: Sequence[str],
        sample: Sequence[Sequence[str]] = (),
        roles: Mapping[int, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """`sample` has the file's first rows, `roles` what each column is so far."""
        super().__init__(*args, **kwargs)
        self.header, self.sample = header, sample
        roles = roles or {}
        self.shown = [index for index in range(len(header)) if index < MOST_SHOWN or index in roles]
        for index in self.shown:
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=header[index],
                choices=ROLES,
                required=False,
                initial=roles.get(index, ""),
                widget=forms.Select(attrs={"class": "form-select-sm"}),
            )
        if not header:
            del self.fields["name"], self.fields["spent"]

    @property
    def hidden_columns(self) -> int:
        """How many columns there are that are not offered."""
        return len(self.header) - len(self.shown)

    def columns(self) -> Iterator[tuple[forms.BoundField, list[str]]]:
        """Each column's field with its first cells."""
        for index in self.shown:
            yield self[f"column_{index}"], [cells[index] for cells in self.sample]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.header:
            return data
        at: dict[str, int] = {}
        for index in self.shown:
            role = data.get(f"column_{index}", "")
            if role and role != Role.LABEL and role in at:
                self.add_error(
                    f"column_{index}",
                    _("“%(name)s” is that already: one column alone can be.")
                    % {"name": self.header[at[role]]},
                )
            at.setdefault(role, index)
        if Role.DATE not in at:
            self.add_error(None, _("Say which column has the date."))
        self._clean_amounts(at)
        return data

    def _clean_amounts(self, at: Mapping[str, int]) -> None:
        sides = [role for role in (Role.DEBIT, Role.CREDIT) if role in at]
        if Role.AMOUNT not in at and not sides:
            self.add_error(None, _("Say which column has the amount, or which have both sides."))
        elif Role.AMOUNT in at and sides:
            self.add_error(
                f"column_{at[sides[0]]}",
                _("An amount, or debits and credits: not both."),
            )
        elif len(sides) == 1:
            self.add_error(
                f"column_{at[sides[0]]}", _("Debits and credits are two columns: say both.")
            )

    def told(self) -> Told:
        """What the valid form says."""
        data = self.cleaned_data
        columns: dict[Role, str] = {}
        for index in self.shown:
            if role := data[f"column_{index}"]:
                key = column_key(self.header, index)
                same = columns.get(Role(role))
                columns[Role(role)] = f"{same}+{key}" if same else key
        return Told(
            columns=columns,
            order=DateOrder(data["order"]) if data["order"] else None,
            decimals=Decimals(data["decimals"]) if data["decimals"] else None,
            spent=SENSES.get(data.get("spent", "")),
            whole=bool(self.header),
        )

    def add_question(self, about: str, reason: str) -> None:
        """Say beside the field it is about what reading leaves open still."""
        self.add_error(about if about in self.fields else None, reason)


def told_initial(told: Told | None, header: Sequence[str]) -> dict[str, Any]:
    """The beginning of what the file may leave open: as told, else as its bank is known to."""
    layout = layouts.layout_of(header) if header and told is None else None
    order = told.order if told else layout.order if layout else None
    decimals = told.decimals if told else layout.decimals if layout else None
    spent = told.spent if told else layout.spent or None if layout else None
    return {
        "order": order.value if order else "",
        "decimals": decimals.value if decimals else "",
        "spent": "" if spent is None else "out" if spent else "in",
    }
