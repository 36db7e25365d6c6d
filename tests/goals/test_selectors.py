"""What the goals hold, and how far they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.goals.models import Goal, GoalMovement, MovementKind
from budget.goals.selectors import set_aside, set_aside_during
from budget.users.models import Household, User

NOVEMBER = Period.parse("2026-11")


def goal(name: str = "Vacances", target: int = 1000) -> Goal:
    return Goal.objects.create(name=name, target=target, contribution=70)


def moved(goal: Goal, kind: MovementKind, amount: int, day: dt.date) -> GoalMovement:
    return GoalMovement.objects.create(goal=goal, kind=kind, amount=amount, date=day)


@pytest.mark.usefixtures("scope")
class TestSetAside:
    def test_is_nothing_without_goals(self) -> None:
        assert set_aside() == 0
        assert set_aside_during(NOVEMBER).moved == 0

    def test_adds_up_what_every_goal_holds(self) -> None:
        one, other = goal(), goal("Téléphone")
        moved(one, MovementKind.DEPOSIT, 100, dt.date(2026, 11, 1))
        moved(one, MovementKind.WITHDRAWAL, 30, dt.date(2026, 11, 2))
        moved(other, MovementKind.DEPOSIT, 50, dt.date(2026, 10, 2))
        assert set_aside() == Decimal(120)

    def test_of_a_period_counts_its_own_days_only(self) -> None:
        one = goal()
        for day in (dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(2026, 11, 30)):
            moved(one, MovementKind.DEPOSIT, 10, day)
        assert set_aside_during(NOVEMBER).moved == Decimal(20)

    def test_what_a_goal_was_spent_on_was_not_taken_back(self) -> None:
        one = goal()
        moved(one, MovementKind.DEPOSIT, 100, dt.date(2026, 10, 1))
        moved(one, MovementKind.DEPOSIT, 20, dt.date(2026, 11, 1))
        moved(one, MovementKind.SPENT, 90, dt.date(2026, 11, 5))
        moved(one, MovementKind.RELEASED, 5, dt.date(2026, 11, 5))
        assert set_aside_during(NOVEMBER).moved == Decimal(15)
        assert set_aside() == Decimal(25)


def test_another_households_goals_are_not_counted(household: Household, charlie: User) -> None:
    with household_scope(charlie.households.get()):
        moved(goal(), MovementKind.DEPOSIT, 100, dt.date(2026, 11, 1))
    with household_scope(household):
        assert set_aside() == 0
        assert set_aside_during(NOVEMBER).moved == 0
