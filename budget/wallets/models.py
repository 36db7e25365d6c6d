"""Where the money is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budget.core.holders import Holder, HolderQuerySet
from budget.core.periods import FIRST_DATE, LAST_DATE
from budget.core.tenancy import HouseholdManager


class WalletKind(models.TextChoices):
    CURRENT = "current", _("Current account")
    SAVINGS = "savings", _("Savings account")
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    MEAL = "meal", _("Meal vouchers")
    OTHER = "other", _("Other")


class WalletQuerySet(HolderQuerySet["Wallet"]):
    """The verbs of every holder, on these."""


class Wallet(Holder):
    """Its balance is the opening balance, from its date on, plus what the ledger moved."""

    kind = models.CharField(_("kind"), max_length=8, choices=WalletKind, default=WalletKind.CURRENT)
    opening_balance = models.DecimalField(
        _("opening balance"), max_digits=14, decimal_places=2, default=0
    )
    opening_date = models.DateField(_("opening date"), default=timezone.localdate)
    # Left out of what is shown at a glance; its money counts all the same.
    hidden = models.BooleanField(_("hidden"), default=False)

    objects = HouseholdManager.from_queryset(WalletQuerySet)()  # type: ignore[misc]

    class Meta(Holder.Meta):
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints: ClassVar = [
            *Holder.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(kind__in=WalletKind.values), name="wallets_wallet_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(opening_date__range=(FIRST_DATE, LAST_DATE)),
                name="wallets_wallet_opening_date_sane",
            ),
        ]
