"""The part of a transaction's form that spreads an income over the envelopes.

The page shows the parts before they are saved, and whoever likes adjusts them. The form remembers
the amount of which the parts on the page are those by share. While they are, nobody has touched
them: they follow the amount, and the income keeps the shares as its weights. Parts that were
adjusted stay as they are, and are kept to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.core.fields import MoneyField
from budget.core.forms import SubmittedForm
from budget.core.money import CENT, money_format, money_input, split_by_share
from budget.transactions.models import Transaction
from budget.transactions.services import Spread

PART = "part_"


def part_name(bucket: Bucket) -> str:
    """The name of the field with an envelope's part of an income."""
    return f"{PART}{bucket.pk}"


@dataclass(frozen=True, slots=True)
class Part:
    """One envelope's part of an income, as the form shows it."""

    bucket: Bucket
    share: Decimal | None  # of the whole; None where the parts were set by hand
    field: BoundField


class SpreadForm(SubmittedForm):
    """For a form with an `amount`, which calls `offer_spread` and, in `clean`, `clean_parts`."""

    spread = forms.BooleanField(label=_("Spread over the envelopes"), required=False)
    spread_of = MoneyField(required=False, widget=forms.HiddenInput)

    #: Over which envelopes, by which weights; empty where there is nothing to spread over.
    to_spread: Spread = ()
    by_hand = False

    def offer_spread(self, line: Transaction | None, buckets: Sequence[Bucket]) -> None:
        """Offer to spread where the shares of `buckets` add up to 100, or where `line` is spread
        already: then by the shares that it was given.
        """
        given = list(line.allotments.select_related("bucket").order_by("pk")) if line else []
        shares = [(bucket, bucket.share) for bucket in buckets if bucket.share]
        if given:
            self.to_spread = [(part.bucket, part.weight) for part in given]
        elif sum(share for _bucket, share in shares) == 100:
            self.to_spread = shares
        elif "spread" not in self.data:
            del self.fields["spread"], self.fields["spread_of"]
        for bucket, _weight in self.to_spread:
            self.fields[part_name(bucket)] = MoneyField(
                label=bucket.name, zero=True, required=False
            )
        if self.is_bound or not self.to_spread:
            return
        if line and given:
            self.initial.update(spread=True, spread_of=line.amount)
            self.initial.update({part_name(part.bucket): part.amount for part in given})
        elif self.initial.get("spread") and self.initial.get("amount"):
            self.initial.update(self._by_share(self.initial["amount"]))

    @property
    def parts(self) -> Iterator[Part]:
        """The envelopes with the fields of their parts; none before there is an amount."""
        names = [part_name(bucket) for bucket, _weight in self.to_spread]
        if not any(self[name].value() not in (None, "") or self[name].errors for name in names):
            return
        whole = sum(weight for _bucket, weight in self.to_spread)
        for (bucket, weight), name in zip(self.to_spread, names, strict=True):
            share = None if self.by_hand or whole != 100 else Decimal(weight) / whole
            yield Part(bucket, share, self[name])

    def clean_parts(self, data: dict[str, Any]) -> None:
        """Make `data["spread"]` the Spread that was asked for: none, by share, or as adjusted.

        What the page shows afterwards is what was worked out, or what was typed.
        """
        names = [part_name(bucket) for bucket, _weight in self.to_spread]
        if not data.get("spread"):
            for name in names:
                self.forget(name, data)
            data["spread"] = ()
            return
        if not self.to_spread:
            self.add_error("spread", _("The shares of the envelopes no longer add up to 100%."))
            return
        amount: Decimal | None = data.get("amount")
        typed = [data.get(name) for name in names]
        wrong = any(name in self.errors for name in names)
        self.by_hand = wrong or not self._untouched(typed, [amount, data.get("spread_of")])
        if amount is None or wrong:
            return
        if self.by_hand:
            self._clean_adjusted(amount, [part or Decimal(0) for part in typed], data)
        else:
            shown = {name: money_input(part) for name, part in self._by_share(amount).items()}
            self.data = {**self.data, **shown}
            data["spread"] = self.to_spread

    def _by_share(self, amount: Decimal) -> dict[str, Decimal]:
        """The parts of `amount` by their names, and the amount they are parts of."""
        parts = split_by_share(amount, [weight for _bucket, weight in self.to_spread])
        names = [part_name(bucket) for bucket, _weight in self.to_spread]
        return {"spread_of": amount, **dict(zip(names, parts, strict=True))}

    def _untouched(
        self, typed: Sequence[Decimal | None], amounts: Sequence[Decimal | None]
    ) -> bool:
        """Whether the parts are those that the page worked out of one of `amounts`, or none."""
        if all(part is None for part in typed):
            return True
        return any(
            [amount, *typed] == list(self._by_share(amount).values())
            for amount in amounts
            if amount
        )

    def _clean_adjusted(
        self, amount: Decimal, parts: Sequence[Decimal], data: dict[str, Any]
    ) -> None:
        left = amount - sum(parts)
        if left:
            text = (
                gettext("%(left)s are still to be spread.")
                if left > 0
                else gettext("The parts exceed the amount by %(left)s.")
            )
            self.add_error("spread", text % {"left": money_format(abs(left))})
            return
        data["spread"] = [
            (bucket, int(part / CENT))
            for (bucket, _weight), part in zip(self.to_spread, parts, strict=True)
        ]
