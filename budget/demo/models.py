"""What the seeding has made, so that it can be removed again, and nothing else with it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from budget.core.tenancy import HouseholdModel


class Seeding(HouseholdModel):
    """One `seed_demo` in a household. Its lines and movements carry a mark instead (services)."""

    # How it was called: a second call with the same options changes nothing.
    options = models.JSONField()
    # The household was made for it, and goes with it.
    made_household = models.BooleanField()
    # The demonstration user was made, or let into the household, by it.
    made_user = models.BooleanField(default=False)
    made_membership = models.BooleanField(default=False)
    # Keys of what was made in a household that was there before.
    categories = models.JSONField(default=list)
    goals = models.JSONField(default=list)
    closed_months = models.JSONField(default=list)
    wallets = models.JSONField(default=list)
    buckets = models.JSONField(default=list)
    people = models.JSONField(default=list)
    reconciliations = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household"], name="demo_seeding_once"),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.options}"
