"""The form of a rule: what a line must be like, and what becomes of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.fields import MoneyField, RowField
from budget.core.forms import SubmittedForm, VersionedForm
from budget.imports.models import Matching, Rule
from budget.imports.rule_services import Terms
from budget.imports.rules import BadPattern, pattern_compile, words
from budget.people.models import Person
from budget.transactions.forms import row_label
from budget.wallets.models import Wallet

#: What a rule may give that a transfer cannot have.
_NOT_OF_TRANSFERS = ("category", "bucket", "person")


def _text(label: Any, **attrs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", **attrs})
    return forms.CharField(label=label, required=False, max_length=200, widget=widget)


class RuleForm(VersionedForm, SubmittedForm):
    """`rule` is the one that is changed, None for a new one.

    What it names and is closed or removed stays chosen, so that nothing is lost by looking at it.
    """

    hide_optional = True

    matching = forms.TypedChoiceField(
        label=_("The label"), choices=Matching.choices, coerce=Matching, initial=Matching.CONTAINS
    )
    text = _text(_("Text"), autofocus=True)
    amount_min = MoneyField(label=_("Amount at least"), required=False, zero=True)
    amount_max = MoneyField(label=_("Amount at most"), required=False, zero=True)
    wallet = RowField[Wallet](label=_("Wallet"), required=False)
    category = RowField[Category](
        label=_("Category"),
        required=False,
        error_messages={
            "invalid_choice": _("This category has been deleted meanwhile. Choose another.")
        },
    )
    rename = _text(_("Rename to"))
    bucket = RowField[Bucket](label=_("Envelope"), required=False)
    person = RowField[Person](label=_("Person"), required=False)
    transfer_to = RowField[Wallet](
        label=_("Transfer with"),
        required=False,
        help_text=_("The line becomes a transfer to this wallet, or from it where money came in."),
    )
    past = forms.BooleanField(required=False)

    def __init__(self, *args: Any, rule: Rule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        wallets = list(
            Wallet.objects.filter(Q(closed_at=None) | self._own("wallet", "transfer_to"))
        )
        self._offer("wallet", wallets, at_least=2, empty=_("Any wallet"))
        self._offer(
            "category",
            Category.objects.filter(Q(retired_at=None) | self._own("category")),
            empty=_("Unchanged"),
        )
        self._offer(
            "bucket",
            Bucket.objects.filter(Q(closed_at=None) | self._own("bucket")),
            empty=_("Unchanged"),
        )
        self._offer(
            "person",
            Person.objects.filter(Q(removed_at=None) | self._own("person")),
            empty=_("Unchanged"),
        )
        self._offer("transfer_to", wallets, at_least=2, empty=_("No transfer"))

    def _own(self, *names: str) -> Q:
        """Those that the rule names already, whatever has become of them."""
        return Q(pk__in=[getattr(self.rule, f"{name}_id", None) for name in names])

    def _offer(self, name: str, rows: Iterable[Any], *, empty: Any, at_least: int = 1) -> None:
        """Offer `rows`, or take the field away where they are too few and none was chosen."""
        rows = list(rows)
        sent = self.data.get(name) if self.is_bound else self.initial.get(name)
        if len(rows) < at_least and not sent:
            del self.fields[name]
            return
        field = cast("RowField[Any]", self.fields[name])
        field.offer([(row, row_label(row)) for row in rows], empty=empty)

    @classmethod
    def for_new(cls, **says: Any) -> RuleForm:
        """An empty form; `says` prefills it, references by their keys."""
        return cls(initial={"submission": uuid.uuid4()} | says)

    @classmethod
    def for_rule(cls, rule: Rule) -> RuleForm:
        """The form that changes `rule`, and knows which version of it the person saw."""
        plain = ("matching", "text", "amount_min", "amount_max", "rename", "version")
        named = ("wallet", "category", "bucket", "person", "transfer_to")
        initial = {name: getattr(rule, name) for name in plain}
        initial |= {name: getattr(rule, f"{name}_id") for name in named}
        return cls(initial=initial, rule=rule)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._clean_text(data)
        self._clean_amounts(data)
        asks = ("text", "amount_min", "amount_max", "wallet")
        # 0 is an amount.
        if not any(data.get(name) not in (None, "") for name in asks) and not (
            self.errors.keys() & {*asks}
        ):
            self.add_error(
                "text", _("Say what a line must be like: a text, an amount or a wallet.")
            )
        gives = ("category", "bucket", "person", "rename", "transfer_to")
        if not any(data.get(name) for name in gives) and not self.errors.keys() & {*gives}:
            where = "category" if "category" in self.fields else "rename"
            self.add_error(where, _("Say what becomes of the line: a category, a name…"))
        self._clean_transfer(data)
        return data

    def _clean_text(self, data: dict[str, Any]) -> None:
        text = data.get("text")
        if not text:
            return
        try:
            if data.get("matching") == Matching.REGEX:
                pattern_compile(text)
            elif not words(text):
                raise ValidationError(_("There is nothing in this text to look for."))
        except BadPattern as bad:
            self.add_error("text", str(bad))
        except ValidationError as error:
            self.add_error("text", error)

    def _clean_amounts(self, data: dict[str, Any]) -> None:
        least, most = data.get("amount_min"), data.get("amount_max")
        if least is not None and most is not None and least > most:
            self.add_error("amount_max", _("This is less than the first amount."))

    def _clean_transfer(self, data: dict[str, Any]) -> None:
        other = data.get("transfer_to")
        if other is None:
            return
        if any(data.get(name) for name in _NOT_OF_TRANSFERS):
            self.add_error(
                "transfer_to",
                _("A transfer has no category, envelope or person: choose one or the other."),
            )
        elif other == data.get("wallet"):
            self.add_error("transfer_to", _("Choose another wallet than the one the line is in."))

    def terms(self) -> Terms:
        """What the form says, as far as it is valid."""
        data = self.cleaned_data
        return Terms(
            matching=data.get("matching") or Matching.CONTAINS,
            text=data.get("text", ""),
            amount_min=data.get("amount_min"),
            amount_max=data.get("amount_max"),
            wallet=data.get("wallet"),
            category=data.get("category"),
            bucket=data.get("bucket"),
            person=data.get("person"),
            rename=data.get("rename", ""),
            transfer_to=data.get("transfer_to"),
        )

    @property
    def can_be_tried(self) -> bool:
        """Whether it says what a line must be like, so that fitting ones can be counted."""
        return not self.errors.keys() & {"matching", "text", "amount_min", "amount_max", "wallet"}
