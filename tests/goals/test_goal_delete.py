"""Deleting a goal."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.goals.models import Goal
from budget.goals.selectors import available
from budget.goals.services import goal_release
from budget.users.models import Household
from tests.goals.pages import LIST, make, page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_says_beforehand_what_is_lost_and_what_is_released(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    goal = make(household, saved=300)
    page = as_alice.get(page_of(goal, "delete"), headers=htmx).content.decode()
    assert "seront supprimés définitivement" in page
    assert "300,00\u00a0€" in page
    with household_scope(household):
        assert Goal.objects.filter(pk=goal.pk).exists()


def test_releases_the_money_and_says_so(as_alice: Client, household: Household) -> None:
    goal = make(household, saved=300)
    response = as_alice.post(page_of(goal, "delete"), follow=True)
    text = "supprimé\u00a0: 300,00\u00a0€ sont de nouveau disponibles."
    assert text in response.content.decode()
    with household_scope(household):
        assert not Goal.objects.exists()
        assert available() == Decimal(2000)


def test_of_an_empty_one_says_nothing_of_money(as_alice: Client, household: Household) -> None:
    goal = make(household)
    assert "pas d’argent" in as_alice.get(page_of(goal, "delete")).content.decode()
    response = as_alice.post(page_of(goal, "delete"), follow=True)
    assert "«\u00a0Vélo\u00a0» supprimé." in response.content.decode()


def test_of_a_closed_one_is_possible(as_alice: Client, household: Household) -> None:
    goal = make(household, saved=500)
    with household_scope(household):
        goal_release(goal=goal)
    assert as_alice.post(page_of(goal, "delete")).status_code == 302


def test_leaves_the_page_of_the_goal(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    # That page would ask for itself again, and no longer be there.
    response = as_alice.post(page_of(make(household), "delete"), headers=htmx)
    assert (response.status_code, response["HX-Redirect"]) == (204, LIST)


def test_a_second_time_is_not_found(as_alice: Client, household: Household) -> None:
    goal = make(household)
    as_alice.post(page_of(goal, "delete"))
    assert as_alice.post(page_of(goal, "delete")).status_code == 404
