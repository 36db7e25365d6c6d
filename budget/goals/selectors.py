"""Reads of the savings goals."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from budget.core.periods import Period
from budget.goals.models import SIGNED_AMOUNT, GoalMovement, MovementKind

ZERO = Decimal(0)


def set_aside() -> Decimal:
    """What all goals hold together, in the household's currency. One query.

    It is part of the balance; what is left of the balance without it is available.
    """
    return GoalMovement.objects.aggregate(held=Sum(SIGNED_AMOUNT))["held"] or ZERO


def set_aside_during(period: Period) -> Decimal:
    """What was put into goals during `period`, less what was taken back out. One query.

    Negative where more was taken back. What a goal was spent on does not count: it was not taken
    back, and its expense stands among the expenses.
    """
    return (
        GoalMovement.objects.filter(date__range=(period.first, period.last))
        .exclude(kind=MovementKind.SPENT)
        .aggregate(moved=Sum(SIGNED_AMOUNT))["moved"]
        or ZERO
    )
