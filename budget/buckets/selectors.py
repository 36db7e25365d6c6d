"""Reads of the envelopes themselves; what is in them follows from the ledger: see balances."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from budget.buckets.models import Bucket


def shares_left(*, besides: Bucket | None = None) -> int:
    """The percents that no envelope has been given; those of `besides` count as free."""
    buckets = Bucket.objects.open()
    if besides:
        buckets = buckets.exclude(pk=besides.pk)
    return 100 - int(buckets.aggregate(given=Sum("share", default=0))["given"])


@dataclass(frozen=True, slots=True)
class ShareSum:
    """What shares add up to, in percent. Incomes can be spread at exactly 100."""

    total: int

    @property
    def left(self) -> int:
        """What no envelope has been given; negative where they have more than all."""
        return 100 - self.total

    @property
    def over(self) -> int:
        """What they have too much; 0 or less where that is nothing."""
        return self.total - 100
