"""What the money is for: envelopes, each with its share of what comes in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from budget.core.holders import Holder, HolderQuerySet
from budget.core.tenancy import HouseholdManager


class BucketQuerySet(HolderQuerySet["Bucket"]):
    """The verbs of every holder, on these."""


class Bucket(Holder):
    """An envelope. What no envelope holds is unassigned: a null in the ledger."""

    # Percent. A household's shares add up to 100 at most, which a trigger guards.
    share = models.PositiveSmallIntegerField(_("share"), default=0)

    objects = HouseholdManager.from_queryset(BucketQuerySet)()  # type: ignore[misc]

    class Meta(Holder.Meta):
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        constraints: ClassVar = [
            *Holder.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(share__lte=100), name="buckets_bucket_share_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(share=0),
                name="buckets_bucket_closed_without_share",
            ),
        ]
