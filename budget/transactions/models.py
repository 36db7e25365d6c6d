"""The ledger, and the monthly totals that the database keeps of it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, F, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.categories.models import Category
from budget.core.folding import folded_column
from budget.core.periods import FIRST_DATE, LAST_DATE, Period
from budget.core.tenancy import HouseholdManager, HouseholdModel


class Kind(models.TextChoices):
    """Which way the money went. The amount itself is always positive."""

    EXPENSE = "expense", _("Expense")
    INCOME = "income", pgettext_lazy("one transaction", "Income")

    @property
    def sign(self) -> int:
        return 1 if self is Kind.INCOME else -1


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def within(self, period: Period) -> TransactionQuerySet:
        """Those dated in the period."""
        return self.filter(date__range=(period.first, period.last))

    def newest_first(self) -> TransactionQuerySet:
        return self.order_by("-date", "-pk")


class Transaction(HouseholdModel):
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.EXPENSE)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    date = models.DateField(_("date"), default=timezone.localdate)
    category = models.ForeignKey(
        Category,
        models.DO_NOTHING,
        db_constraint=False,  # the migration's HouseholdReference stands instead
        null=True,
        blank=True,
        related_name="transactions",
        verbose_name=_("category"),
        db_index=False,
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    # In cents, negative for an expense: what a table is sorted by. An integer, because under a
    # policy only leakproof operators reach an index, and those of `numeric` are not: docs/adr/0003.
    signed_cents = models.GeneratedField(
        expression=Cast(
            Case(When(kind=Kind.INCOME, then=F("amount")), default=-F("amount")) * 100,
            models.BigIntegerField(),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
        verbose_name=_("signed amount"),
    )
    search = folded_column("description", "note")
    # A form's own random key: sent twice, it makes one transaction.
    submission = models.UUIDField(null=True, editable=False)
    # Raised by every change: saving over a version one has not seen is refused.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DB_SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = HouseholdManager.from_queryset(TransactionQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        indexes: ClassVar = [
            models.Index(fields=["household", "-date", "-id"], name="transactions_by_date"),
            models.Index(
                fields=["household", "category", "-date", "-id"], name="transactions_by_category"
            ),
            models.Index(fields=["household", "signed_cents", "id"], name="transactions_by_amount"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="transactions_transaction_amount_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="transactions_transaction_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(date__range=(FIRST_DATE, LAST_DATE)),
                name="transactions_transaction_date_sane",
            ),
            models.UniqueConstraint(
                fields=["household", "submission"], name="transactions_transaction_submitted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.title} {self.signed_amount}"

    @property
    def title(self) -> str:
        """What a list calls it: the description, else the category, else the kind."""
        if self.description:
            return self.description
        return self.category.name if self.category else str(Kind(self.kind).label)

    @property
    def signed_amount(self) -> Decimal:
        """Euros (the household's currency), negative for an expense."""
        return self.amount * Kind(self.kind).sign


class MonthTotal(HouseholdModel):
    """What one category moved in one month and direction: kept by a trigger, never by us.

    Sums over years read a few hundred of these instead of the whole ledger.
    """

    month = models.DateField()  # the first day of the household's month
    category = models.ForeignKey(
        Category,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
        db_index=False,
    )
    kind = models.CharField(max_length=8, choices=Kind)
    total = models.DecimalField(max_digits=16, decimal_places=2)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("monthly total")
        verbose_name_plural = _("monthly totals")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "month", "category", "kind"],
                nulls_distinct=False,
                name="transactions_monthtotal_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.category_id} {self.kind} {self.total}"
