"""Two people at the same goal at the same moment, each on a connection of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection

from budget.core.guards import OverdrawnGoal, Refused, guarded
from budget.core.tenancy import household_scope
from budget.goals.models import Goal, GoalMovement, MovementKind
from budget.goals.selectors import available
from budget.goals.services import NotEnoughAvailable, goal_create, goal_deposit
from budget.users.models import Household
from tests.ledger import earn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def goal(household: Household) -> Goal:
    """A goal in a household that has 100, of which 50 are in it."""
    with household_scope(household):
        earn(100, dt.date(2026, 11, 1))
        goal = goal_create(name="Vélo", target=Decimal(500), contribution=Decimal(50))
        goal_deposit(goal=goal, amount=Decimal(50))
        return goal


def both(household: Household, write: Callable[[], object]) -> list[Refused | None]:
    """Run `write` twice, the second one while the first is not committed yet; who was refused."""
    written, second_is_through = Event(), Event()

    def first() -> Refused | None:
        try:
            with household_scope(household):
                write()
                written.set()
                # Without a lock the second would be through long before this has passed.
                second_is_through.wait(0.5)
        except Refused as refusal:
            return refusal
        finally:
            written.set()
            connection.close()
        return None

    def second() -> Refused | None:
        written.wait(10)
        try:
            with household_scope(household):
                write()
        except Refused as refusal:
            return refusal
        finally:
            second_is_through.set()
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(first), pool.submit(second)]
        return [answer.result(timeout=20) for answer in answers]


def test_two_deposits_cannot_both_take_the_last_euros(household: Household, goal: Goal) -> None:
    refused = both(household, lambda: goal_deposit(goal=goal, amount=Decimal(40)))
    assert refused[0] is None
    assert isinstance(refused[1], NotEnoughAvailable)
    with household_scope(household):
        assert available() == 10


def test_two_withdrawals_cannot_both_empty_the_goal_past_the_services(
    household: Household, goal: Goal
) -> None:
    def withdraw() -> None:
        with guarded():
            GoalMovement.objects.create(
                household=household, goal=goal, kind=MovementKind.WITHDRAWAL, amount=Decimal(40)
            )

    refused = both(household, withdraw)
    assert refused[0] is None
    assert isinstance(refused[1], OverdrawnGoal)
    with household_scope(household):
        assert Goal.objects.with_saved().get(pk=goal.pk).saved == 10
