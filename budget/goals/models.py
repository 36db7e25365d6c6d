"""What is being saved for. Money in a goal is set aside, not spent."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Sum, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.periods import FIRST_DATE, LAST_DATE
from budget.core.tenancy import HouseholdManager, HouseholdModel
from budget.wallets.models import Wallet


class Frequency(models.TextChoices):
    WEEKLY = "weekly", _("Weekly")
    FORTNIGHTLY = "fortnightly", _("Fortnightly")
    MONTHLY = "monthly", _("Monthly")
    QUARTERLY = "quarterly", _("Quarterly")
    YEARLY = "yearly", _("Yearly")


class GoalState(models.TextChoices):
    ACTIVE = "active", _("In progress")
    SPENT = "spent", _("Spent")
    RELEASED = "released", _("Released")


class MovementKind(models.TextChoices):
    DEPOSIT = "deposit", _("Contribution")
    WITHDRAWAL = "withdrawal", _("Withdrawal")
    SPENT = "spent", _("Spent")
    RELEASED = "released", _("Released")

    @property
    def sign(self) -> int:
        return 1 if self is MovementKind.DEPOSIT else -1


#: Money into a goal counts up, everything else takes money out of it.
SIGNED_AMOUNT = Case(
    When(kind=MovementKind.DEPOSIT, then=F("amount")),
    default=-F("amount"),
    output_field=models.DecimalField(max_digits=16, decimal_places=2),
)


class GoalQuerySet(models.QuerySet["Goal"]):
    def active(self) -> GoalQuerySet:
        return self.filter(state=GoalState.ACTIVE)

    def closed(self) -> GoalQuerySet:
        return self.exclude(state=GoalState.ACTIVE)

    def with_saved(self) -> GoalQuerySet:
        """Each goal with `saved`: what it holds now, in the household's currency."""
        return self.annotate(saved=_movements_sum(SIGNED_AMOUNT, Q()))  # type: ignore[no-redef]

    def with_held(self) -> GoalQuerySet:
        """Each goal with `held`: what it held when it was closed; 0 until then."""
        closing = Q(kind__in=[MovementKind.SPENT, MovementKind.RELEASED])
        return self.annotate(held=_movements_sum(F("amount"), closing))  # type: ignore[no-redef]


def _movements_sum(amount: models.expressions.Combinable, which: Q) -> models.functions.Coalesce:
    movements = GoalMovement.objects.filter(which, goal=models.OuterRef("pk"))
    summed = movements.order_by().values("goal").annotate(sum=Sum(amount)).values("sum")
    return models.functions.Coalesce(
        models.Subquery(summed),
        Decimal(0),
        output_field=models.DecimalField(max_digits=16, decimal_places=2),
    )


class Goal(HouseholdModel):
    # What a query adds: `with_saved()` and `with_held()`.
    saved: Decimal
    held: Decimal

    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=2)
    category = models.ForeignKey(
        Category,
        models.DO_NOTHING,
        db_constraint=False,  # the migration's HouseholdReference stands instead
        null=True,
        blank=True,
        related_name="goals",
        verbose_name=_("category"),
    )
    # The wallet that holds its money; none: whichever.
    wallet = models.ForeignKey(
        Wallet,
        models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="goals",
        verbose_name=_("wallet"),
    )
    frequency = models.CharField(
        _("frequency"), max_length=11, choices=Frequency, default=Frequency.MONTHLY
    )
    # One of the two is given by the person; the other is worked out from it (goals/schedule.py).
    contribution = models.DecimalField(
        _("planned contribution"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    target_date = models.DateField(_("target date"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=GoalState, default=GoalState.ACTIVE)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    submission = models.UUIDField(null=True, editable=False)
    # Counts the changes, so that of two people who edit it the second is told.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = HouseholdManager.from_queryset(GoalQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("savings goal")
        verbose_name_plural = _("savings goals")
        ordering: ClassVar = ["created_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(target__gt=0), name="goals_goal_target_positive"),
            models.CheckConstraint(
                condition=Q(contribution=None) | Q(contribution__gt=0),
                name="goals_goal_contribution_positive",
            ),
            models.CheckConstraint(
                condition=Q(contribution=None, target_date__isnull=False)
                | Q(contribution__isnull=False, target_date=None),
                name="goals_goal_contribution_or_date",
            ),
            models.CheckConstraint(
                condition=Q(state=GoalState.ACTIVE, closed_at=None)
                | (~Q(state=GoalState.ACTIVE) & Q(closed_at__isnull=False)),
                name="goals_goal_closed_when_not_active",
            ),
            models.CheckConstraint(
                condition=Q(target_date__range=(FIRST_DATE, LAST_DATE)),
                name="goals_goal_target_date_sane",
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=Frequency.values), name="goals_goal_frequency_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=GoalState.values), name="goals_goal_state_known"
            ),
            models.UniqueConstraint(
                fields=["household", "submission"], name="goals_goal_submitted_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GoalMovement(HouseholdModel):
    """Money put into a goal or taken out of it. A trigger refuses to take more than it holds."""

    goal = models.ForeignKey(Goal, models.DO_NOTHING, db_constraint=False, related_name="movements")
    kind = models.CharField(_("movement"), max_length=10, choices=MovementKind)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    date = models.DateField(_("date"), default=timezone.localdate)
    submission = models.UUIDField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DB_SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("goal movement")
        verbose_name_plural = _("goal movements")
        ordering: ClassVar = ["-date", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="goals_goalmovement_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(date__range=(FIRST_DATE, LAST_DATE)),
                name="goals_goalmovement_date_sane",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MovementKind.values), name="goals_goalmovement_kind_known"
            ),
            models.UniqueConstraint(
                fields=["household", "submission"], name="goals_goalmovement_submitted_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind} {self.amount}"

    @property
    def signed_amount(self) -> Decimal:
        return self.amount * MovementKind(self.kind).sign
