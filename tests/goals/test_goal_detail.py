"""A goal's own page, with all its movements."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.core.tenancy import household_scope
from budget.goals.models import Goal, GoalMovement, MovementKind
from budget.goals.selectors import MOVEMENTS_SIZE
from budget.goals.services import goal_spend
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.goals.pages import make, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def fill(household: Household, goal: Goal, many: int) -> None:
    with household_scope(household):
        GoalMovement.objects.bulk_create(
            GoalMovement(
                household=household,
                goal=goal,
                kind=MovementKind.DEPOSIT,
                amount=number,
                # Two a day, so that a page may end in the middle of one.
                date=dt.date(2020, 1, 1) + dt.timedelta(days=number // 2),
            )
            for number in range(1, many + 1)
        )


def test_shows_how_far_it_is(as_alice: Client, household: Household) -> None:
    page = as_alice.get(page_of(make(household, saved=300))).content.decode()
    assert "60\u00a0%" in page
    assert "+300,00\u00a0€" in page


def test_without_movements_offers_the_first(as_alice: Client, household: Household) -> None:
    page = as_alice.get(page_of(make(household))).content.decode()
    assert "Faire un premier versement" in page


def test_is_shown_to_a_viewer_without_what_changes_it(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    goal = make(household)
    page = sign_in(vera).get(page_of(goal)).content.decode()
    assert goal.name in page
    assert "deposit" not in page


def test_of_a_closed_goal_tells_how_it_ended(as_alice: Client, household: Household) -> None:
    goal = make(household, saved=500)
    with household_scope(household):
        goal_spend(goal=goal, amount=Decimal(450))
    page = as_alice.get(page_of(goal)).content.decode()
    assert "Dépensé" in page
    assert "−450,00\u00a0€" in page
    assert "−50,00\u00a0€" in page
    assert page_of(goal, "edit") not in page
    assert page_of(goal, "delete") in page


def test_pages_go_on_counting_what_was_saved(as_alice: Client, household: Household) -> None:
    goal = make(household)
    many = MOVEMENTS_SIZE + 10
    fill(household, goal, many)
    first = as_alice.get(page_of(goal))
    history = first.context["progress"].history
    assert history.lines[0].saved == many * (many + 1) // 2
    assert not history.before
    second = as_alice.get(page_of(goal), {"after": history.after})
    rest = second.context["progress"].history
    assert len(rest.lines) == 10
    last_shown, next_shown = history.lines[-1], rest.lines[0]
    assert last_shown.saved - last_shown.movement.signed_amount == next_shown.saved
    assert rest.lines[-1].saved == rest.lines[-1].movement.amount
    assert not rest.after
    back = as_alice.get(page_of(goal), {"before": rest.before}).context["progress"].history
    assert back == history


def test_costs_the_same_queries_however_many_movements(
    as_alice: Client, household: Household
) -> None:
    goal = make(household)
    fill(household, goal, 4)
    as_alice.get(page_of(goal))
    with CaptureQueriesContext(connection) as few:
        as_alice.get(page_of(goal))
    fill(household, goal, 8)
    with CaptureQueriesContext(connection) as more:
        as_alice.get(page_of(goal))
    assert len(more) == len(few) <= 12
