"""Closed months: a snapshot of their figures, and the wall around their transactions."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.periods import Period
from budget.core.tenancy import HouseholdModel


class ClosedMonth(HouseholdModel):
    """A month that no longer changes. While its row stands, a trigger guards its transactions."""

    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    income = models.DecimalField(_("income"), max_digits=16, decimal_places=2)
    expenses = models.DecimalField(_("expenses"), max_digits=16, decimal_places=2)
    count = models.PositiveIntegerField(_("transactions"))
    hidden = models.BooleanField(_("hidden"), default=False)
    closed_at = models.DateTimeField(_("closed"), auto_now_add=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DB_SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        ordering: ClassVar = ["-first_day"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "first_day"], name="archives_closedmonth_once"
            ),
            models.CheckConstraint(
                condition=models.Q(last_day__gt=models.F("first_day")),
                name="archives_closedmonth_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.period.label

    @property
    def period(self) -> Period:
        return Period.containing(self.first_day, start_day=self.first_day.day)

    @property
    def balance(self) -> Decimal:
        return self.income - self.expenses


class ClosedMonthLine(HouseholdModel):
    """One category's figures in a closed month, as they were: name and colour included."""

    closed_month = models.ForeignKey(
        ClosedMonth, models.DO_NOTHING, db_constraint=False, related_name="lines"
    )
    # Which category it was, so that the month's transactions can be shown under the name and
    # colour of then. Both are kept here, whatever becomes of the category itself.
    category = models.ForeignKey(
        Category,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
    )
    category_name = models.CharField(
        _("category"), max_length=60, blank=True
    )  # empty: uncategorised
    colour = models.CharField(_("colour"), max_length=7, blank=True)
    monthly_limit = models.DecimalField(
        _("monthly limit"), max_digits=14, decimal_places=2, null=True
    )
    income = models.DecimalField(_("income"), max_digits=16, decimal_places=2)
    expenses = models.DecimalField(_("expenses"), max_digits=16, decimal_places=2)
    # What passed through a category that was neutral then: it is in neither of the two above.
    neutral_in = models.DecimalField(
        _("passed in"), max_digits=16, decimal_places=2, default=0, db_default=0
    )
    neutral_out = models.DecimalField(
        _("passed out"), max_digits=16, decimal_places=2, default=0, db_default=0
    )
    count = models.PositiveIntegerField(_("transactions"))

    class Meta:
        verbose_name = _("closed month's category")
        verbose_name_plural = _("closed month's categories")
        ordering: ClassVar = ["-expenses", "category_name"]

    def __str__(self) -> str:
        return f"{self.category_name} {self.expenses}"

    @property
    def spending(self) -> Decimal:
        """What the category cost: its expenses less what came back."""
        return self.expenses - self.income

    @property
    def over(self) -> Decimal:
        """By how much the limit of then was exceeded; 0 where it held, or where there was none."""
        if self.monthly_limit is None:
            return Decimal(0)
        return max(self.spending - self.monthly_limit, Decimal(0))


class HolderKind(models.TextChoices):
    WALLET = "wallet", _("Wallet")
    BUCKET = "bucket", _("Envelope")


class ClosedMonthBalance(HouseholdModel):
    """What a wallet or envelope moved in a closed month and held at its end, as they were.

    It points to neither: what becomes of them does not concern a snapshot.
    """

    closed_month = models.ForeignKey(
        ClosedMonth, models.DO_NOTHING, db_constraint=False, related_name="balances"
    )
    kind = models.CharField(_("kind"), max_length=6, choices=HolderKind)
    name = models.CharField(_("name"), max_length=60, blank=True)  # empty: what is unassigned
    colour = models.CharField(_("colour"), max_length=7, blank=True)
    received = models.DecimalField(_("received"), max_digits=16, decimal_places=2)
    paid = models.DecimalField(_("paid"), max_digits=16, decimal_places=2)
    balance = models.DecimalField(_("balance"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("closed month's wallet or envelope")
        verbose_name_plural = _("closed month's wallets and envelopes")
        ordering: ClassVar = ["pk"]  # as they stood in their lists
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=HolderKind.values),
                name="archives_closedmonthbalance_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.balance}"
