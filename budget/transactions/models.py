"""The ledger, how incomes were spread, what was checked, and the totals kept of it all."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, F, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.folding import folded_column
from budget.core.periods import FIRST_DATE, LAST_DATE, Period
from budget.core.tenancy import HouseholdManager, HouseholdModel
from budget.people.models import Person
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet


class Kind(models.TextChoices):
    """What a line is. The amount itself is always positive.

    Only incomes and expenses count as such. A transfer moves money inside the household. What is
    lent, borrowed and paid back moves a wallet, and changes what a person owes or is owed.
    """

    EXPENSE = "expense", _("Expense")
    INCOME = "income", pgettext_lazy("one transaction", "Income")
    TRANSFER = "transfer", _("Transfer")
    LEND = "lend", _("Lent")
    COLLECT = "collect", _("Repayment received")
    BORROW = "borrow", _("Borrowed")
    REPAY = "repay", _("Repayment made")

    @property
    def sign(self) -> int:
        """What it does to the household's money: 1 adds, -1 takes away, 0 for a transfer.

        The database's `transactions_sign(kind)` says the same.
        """
        if self is Kind.TRANSFER:
            return 0
        return 1 if self in INCOMING else -1

    @property
    def counts(self) -> bool:
        """Whether it is an income or an expense, and may have a category."""
        return self in (Kind.EXPENSE, Kind.INCOME)

    @property
    def is_loan(self) -> bool:
        """Whether it changes what a person owes, or is owed."""
        return self in LOANS


INCOMING = (Kind.INCOME, Kind.COLLECT, Kind.BORROW)
OUTGOING = (Kind.EXPENSE, Kind.LEND, Kind.REPAY)
LOANS = (Kind.LEND, Kind.COLLECT, Kind.BORROW, Kind.REPAY)


class Status(models.TextChoices):
    """How far a line was checked against the bank."""

    OPEN = "open", pgettext_lazy("not yet checked", "To point")
    POINTED = "pointed", _("Pointed")
    RECONCILED = "reconciled", _("Reconciled")


class Reconciliation(HouseholdModel):
    """A bank statement that a wallet is checked against; while it is not closed, under way."""

    wallet = models.ForeignKey(
        Wallet,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="reconciliations",
        verbose_name=_("wallet"),
        db_index=False,
    )
    date = models.DateField(_("statement date"))
    balance = models.DecimalField(_("statement balance"), max_digits=14, decimal_places=2)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DB_SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering: ClassVar = ["-date", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["household", "wallet", "-date"], name="reconciliations_by_wallet"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "wallet"],
                condition=models.Q(closed_at=None),
                name="transactions_reconciliation_one_under_way",
            ),
            models.CheckConstraint(
                condition=models.Q(date__range=(FIRST_DATE, LAST_DATE)),
                name="transactions_reconciliation_date_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wallet} {self.date}"


class TransactionQuerySet(models.QuerySet["Transaction"]):
    def within(self, period: Period) -> TransactionQuerySet:
        """Those dated in the period."""
        return self.filter(date__range=(period.first, period.last))

    def newest_first(self) -> TransactionQuerySet:
        return self.order_by("-date", "-pk")


def inside_household(model: type[HouseholdModel], label: Any, related_name: str) -> Any:
    """An optional foreign key that the migration's HouseholdReference guards."""
    return models.ForeignKey(
        model,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name=related_name,
        verbose_name=label,
        db_index=False,
    )


_COUNTS = models.Q(kind__in=[Kind.EXPENSE, Kind.INCOME])
_LOAN = models.Q(kind__in=LOANS)
_NO_OTHER_SIDE = models.Q(to_wallet=None, to_bucket=None)
_OTHER_BUCKET = (
    models.Q(bucket=None, to_bucket__isnull=False)
    | models.Q(bucket__isnull=False, to_bucket=None)
    | (
        models.Q(bucket__isnull=False, to_bucket__isnull=False)
        & ~models.Q(bucket=models.F("to_bucket"))
    )
)
_BETWEEN_WALLETS = models.Q(wallet__isnull=False, to_wallet__isnull=False) & ~models.Q(
    wallet=models.F("to_wallet")
)
_BETWEEN_BUCKETS = models.Q(wallet=None, to_wallet=None) & _OTHER_BUCKET


@dataclass(frozen=True, slots=True)
class Side:
    """A line as one wallet's statement has it: whether found there, and what sealed that."""

    wallet: int | None
    pointed: bool
    sealed: int | None


class Transaction(HouseholdModel):
    # Without an index of its own: those below begin with it.
    household = models.ForeignKey(
        "users.Household",
        models.DB_CASCADE,
        editable=False,
        related_name="+",
        verbose_name=_("household"),
        db_index=False,
    )
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
    # The wallet that paid or received; of a transfer, the one it leaves. None only where a
    # transfer moves money between envelopes and stays in the wallets it is in.
    wallet = inside_household(Wallet, _("wallet"), "transactions")
    to_wallet = inside_household(Wallet, _("to wallet"), "transfers_in")
    # What the money is for; none: unassigned. An income that was spread has allotments instead.
    bucket = inside_household(Bucket, _("envelope"), "transactions")
    to_bucket = inside_household(Bucket, _("to envelope"), "transfers_in")
    person = inside_household(Person, _("person"), "transactions")
    # Whether it was found on the wallet's statement, and which reconciliation sealed that; the
    # other side of a transfer stands on another statement, and is checked by itself.
    pointed = models.BooleanField(_("pointed"), default=False, db_default=False)
    reconciliation = inside_household(Reconciliation, _("reconciliation"), "lines")
    to_pointed = models.BooleanField(
        _("pointed in the other wallet"), default=False, db_default=False
    )
    to_reconciliation = inside_household(
        Reconciliation, _("the other wallet's reconciliation"), "lines_in"
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    # The bank's own words, of a line that came in a file; what the description was made from.
    bank_label = models.TextField(_("bank’s label"), blank=True, db_default="", editable=False)
    # In cents, as a list shows it, negative for what goes out: what a table is sorted by. An
    # integer, because under a policy only leakproof operators reach an index, and those of
    # `numeric` are not: docs/adr/0003.
    signed_cents = models.GeneratedField(
        expression=Cast(
            Case(When(kind__in=OUTGOING, then=-F("amount")), default=F("amount")) * 100,
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
            models.Index(
                fields=["household", "wallet", "-date", "-id"], name="transactions_by_wallet"
            ),
            models.Index(
                fields=["household", "to_wallet", "-date", "-id"],
                condition=models.Q(to_wallet__isnull=False),
                name="transactions_by_to_wallet",
            ),
            models.Index(
                fields=["household", "bucket", "-date", "-id"],
                condition=models.Q(bucket__isnull=False),
                name="transactions_by_bucket",
            ),
            models.Index(
                fields=["household", "to_bucket", "-date", "-id"],
                condition=models.Q(to_bucket__isnull=False),
                name="transactions_by_to_bucket",
            ),
            models.Index(
                fields=["household", "person", "-date", "-id"],
                condition=models.Q(person__isnull=False),
                name="transactions_by_person",
            ),
            # What a reconciliation has before it, what of that was found, and what it sealed. The
            # other side of transfers is few rows, and has transactions_by_to_wallet.
            models.Index(
                fields=["household", "wallet", "-date", "-id"],
                condition=models.Q(reconciliation=None),
                name="transactions_unsealed",
            ),
            models.Index(
                fields=["household", "wallet", "date"],
                condition=models.Q(pointed=True, reconciliation=None),
                name="transactions_pointed",
            ),
            models.Index(
                fields=["household", "reconciliation", "-date", "-id"],
                condition=models.Q(reconciliation__isnull=False),
                name="transactions_sealed",
            ),
            models.Index(
                fields=["household", "to_reconciliation", "-date", "-id"],
                condition=models.Q(to_reconciliation__isnull=False),
                name="transactions_sealed_in",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="transactions_transaction_amount_positive"
            ),
            models.CheckConstraint(
                condition=(_COUNTS & _NO_OTHER_SIDE & models.Q(wallet__isnull=False))
                | (
                    _LOAN
                    & _NO_OTHER_SIDE
                    & models.Q(wallet__isnull=False, person__isnull=False, category=None)
                )
                | (
                    models.Q(kind=Kind.TRANSFER, category=None, person=None)
                    & (_BETWEEN_WALLETS | _BETWEEN_BUCKETS)
                ),
                name="transactions_transaction_sides_fit_kind",
            ),
            models.CheckConstraint(
                condition=(models.Q(reconciliation=None) | models.Q(pointed=True))
                & (models.Q(to_reconciliation=None) | models.Q(to_pointed=True))
                & (models.Q(pointed=False) | models.Q(wallet__isnull=False))
                & (models.Q(to_pointed=False) | models.Q(to_wallet__isnull=False)),
                name="transactions_transaction_pointed_where_it_moved",
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.wallet_id is None and self.kind != Kind.TRANSFER:
            self.wallet = first_wallet()
        super().save(*args, **kwargs)

    @property
    def title(self) -> str:
        """What a list calls it: the description, else the category, else the kind."""
        if self.description:
            return self.description
        return self.category.name if self.category else str(Kind(self.kind).label)

    @property
    def signed_amount(self) -> Decimal:
        """What it does to the household's money, in its currency; 0 for a transfer."""
        return self.amount * Kind(self.kind).sign

    def sides(self, wallet: int | None = None) -> list[Side]:
        """How far it was checked in each wallet that it moved, or in `wallet` alone."""
        sides = [
            Side(self.wallet_id, self.pointed, self.reconciliation_id),
            Side(self.to_wallet_id, self.to_pointed, self.to_reconciliation_id),
        ]
        return [side for side in sides if side.wallet and wallet in (None, side.wallet)]

    @property
    def status(self) -> Status:
        """How far it was checked; of a transfer between wallets, the side that is less so."""
        sides = self.sides()
        if not all(side.pointed for side in sides) or not sides:
            return Status.OPEN
        return Status.RECONCILED if all(side.sealed for side in sides) else Status.POINTED

    @property
    def reconciled(self) -> bool:
        """Whether a reconciliation rests on it, on either side of a transfer."""
        return bool(self.reconciliation_id or self.to_reconciliation_id)


class Allotment(HouseholdModel):
    """The part of an income that one envelope was given. The parts add up to the income.

    `weight` is what the parts are worked out from again when the income's amount changes: the
    envelopes' percents of then, or the cents of parts that were adjusted by hand.
    """

    transaction = models.ForeignKey(
        Transaction,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="allotments",
        db_index=False,
    )
    bucket = models.ForeignKey(
        Bucket,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="allotments",
        verbose_name=_("envelope"),
        db_index=False,
    )
    weight = models.PositiveBigIntegerField(_("weight"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    # The transaction's, kept by a trigger: the totals know the month of a row that is going.
    date = models.DateField(editable=False)

    class Meta:
        verbose_name = _("part of an income")
        verbose_name_plural = _("parts of incomes")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "transaction", "bucket"], name="transactions_allotment_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="transactions_allotment_not_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["household", "bucket", "-date"], name="allotments_by_bucket"),
        ]

    def __str__(self) -> str:
        return f"{self.bucket} {self.amount}"


class MonthTotal(HouseholdModel):
    """What one category moved in one month and by one kind: kept by a trigger, never by us.

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
