"""What the tests of the goals' pages have in common."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from budget.core.tenancy import household_scope
from budget.goals.models import Goal
from budget.goals.services import goal_create, goal_deposit
from budget.users.models import Household
from tests.ledger import earn

LIST = "/h/alice/goals/"


def page_of(goal: Goal, action: str = "") -> str:
    """The address of a goal's page: `page_of(goal, "deposit")`."""
    return f"{LIST}{goal.pk}/{action}/" if action else f"{LIST}{goal.pk}/"


def make(
    household: Household,
    name: str = "Vélo",
    *,
    target: int = 500,
    saved: int = 0,
    income: int = 2000,
    **given: Any,
) -> Goal:
    """A goal with that much in it, in a household to which that much came in."""
    if "target_date" not in given:
        given.setdefault("contribution", Decimal(50))
    with household_scope(household):
        if income:
            earn(income, dt.date(2026, 11, 1))
        goal = goal_create(name=name, target=Decimal(target), **given)
        if saved:
            goal_deposit(goal=goal, amount=Decimal(saved), date=dt.date(2026, 11, 2))
        return goal


def stored(household: Household, goal: Goal) -> Goal:
    """The goal as the database has it now, with what it holds."""
    with household_scope(household):
        return Goal.objects.with_saved().select_related("category").get(pk=goal.pk)


def key() -> str:
    """What a form's hidden field holds."""
    return str(uuid.uuid4())
