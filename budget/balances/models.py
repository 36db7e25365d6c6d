"""What the ledger comes to by wallet, envelope and person: kept by triggers, never by us.

Sums over years read a few hundred of these rows instead of the whole ledger, as `MonthTotal` does
for categories. `manage.py check_ledger` compares them with the ledger itself.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from budget.buckets.models import Bucket
from budget.core.tenancy import HouseholdModel
from budget.people.models import Person
from budget.wallets.models import Wallet


def _money() -> Any:
    return models.DecimalField(max_digits=16, decimal_places=2, default=0)


class WalletMonth(HouseholdModel):
    """What one wallet received and paid in one month, transfers included."""

    month = models.DateField()  # the first day of the household's month
    wallet = models.ForeignKey(
        Wallet, models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    received = _money()
    paid = _money()
    reconciled = _money()  # received less paid, of what a reconciliation sealed
    count = models.IntegerField()

    class Meta:
        verbose_name = "wallet's month"
        verbose_name_plural = "wallets' months"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "wallet", "month"], name="balances_walletmonth_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.wallet_id} {self.received} {self.paid}"


class BucketMonth(HouseholdModel):
    """What one envelope (none: unassigned) was given and what it spent in one month."""

    month = models.DateField()
    bucket = models.ForeignKey(
        Bucket,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
    )
    received = _money()
    spent = _money()
    count = models.IntegerField()

    class Meta:
        verbose_name = "envelope's month"
        verbose_name_plural = "envelopes' months"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "bucket", "month"],
                nulls_distinct=False,
                name="balances_bucketmonth_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.bucket_id} {self.received} {self.spent}"


class PersonTotal(HouseholdModel):
    """All that was ever lent to a person, borrowed from them, and paid back either way."""

    person = models.ForeignKey(
        Person, models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    lent = _money()
    collected = _money()
    borrowed = _money()
    repaid = _money()
    count = models.IntegerField()  # of all lines that name the person

    class Meta:
        verbose_name = "person's total"
        verbose_name_plural = "people's totals"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "person"], name="balances_persontotal_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.lent} {self.borrowed}"
