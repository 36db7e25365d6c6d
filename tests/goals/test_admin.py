"""The back office's pages of goals."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.categories.models import Category
from budget.core.tenancy import backoffice_scope, household_scope
from budget.goals.models import Goal, GoalMovement
from budget.users.models import Household, User
from tests.backoffice import add_url, cost, rows_shown, told

LIST = "/admin/goals/goal/"
NEW: dict[str, object] = {
    "name": "Vélo",
    "description": "",
    "target": "900",
    "category": "",
    "frequency": "monthly",
    "contribution": "45,50",
    "target_date": "",
    "movements-TOTAL_FORMS": "0",
    "movements-INITIAL_FORMS": "0",
}


def edit(goal: Goal) -> str:
    return f"{LIST}{goal.pk}/change/"


@pytest.fixture
def goal(household: Household) -> Goal:
    with household_scope(household):
        goal = Goal.objects.create(name="Vacances", target=1000, contribution=Decimal(70))
        for amount in (400, 250):
            GoalMovement.objects.create(
                goal=goal, kind="deposit", amount=amount, date=dt.date(2026, 11, 3)
            )
    return goal


def test_list_shows_what_is_saved_and_costs_the_same_with_twice_the_rows(
    as_staff: Client, household: Household, goal: Goal
) -> None:
    assert "650,00\u00a0€" in as_staff.get(LIST).content.decode()
    before = cost(as_staff, LIST)
    with household_scope(household):
        for number in range(10):
            Goal.objects.create(
                name=f"G{number}",
                target=10,
                contribution=Decimal(1),
                category=Category.objects.all()[number % 9],
            )
    assert cost(as_staff, LIST) == before <= 12


def test_a_goal_is_found_by_its_name(as_staff: Client, goal: Goal) -> None:
    assert rows_shown(as_staff.get(LIST, {"q": "vacances"})) == 1
    assert rows_shown(as_staff.get(LIST, {"q": "vélo"})) == 0


def test_a_goal_is_added_and_changed(as_staff: Client, household: Household) -> None:
    assert as_staff.post(add_url(LIST, household.pk), NEW).status_code == 302
    with household_scope(household):
        goal = Goal.objects.get()
    assert (goal.target, goal.contribution) == (Decimal(900), Decimal("45.50"))

    changed = {**NEW, "contribution": "", "target_date": "2027-12-31", "seen": "1"}
    assert as_staff.post(edit(goal), changed).status_code == 302
    with household_scope(household):
        goal.refresh_from_db()
    assert (goal.contribution, goal.target_date) == (None, dt.date(2027, 12, 31))


@pytest.mark.parametrize(
    "wrong",
    [
        {"contribution": ""},
        {"target_date": "2027-12-31"},
        {"target": "0"},
        {"target": "-5"},
        {"target": "NaN"},
        {"contribution": "0"},
        {"name": "x" * 61},
        {"frequency": "daily"},
        {"category": "9" * 30},
        {"target_date": "31/02/2027", "contribution": ""},
    ],
)
def test_what_makes_no_goal_is_refused_in_words(
    as_staff: Client, household: Household, wrong: dict[str, str]
) -> None:
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, **wrong})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert "goals_goal_" not in response.content.decode()
    with household_scope(household):
        assert not Goal.objects.exists()


def test_another_households_category_is_refused(
    as_staff: Client, household: Household, charlie: User
) -> None:
    with backoffice_scope():
        theirs = Category.objects.filter(household__slug="charlie")[0]
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, "category": theirs.pk})
    assert "category" in response.context["adminform"].form.errors


def test_movements_are_shown_and_cannot_be_changed(
    as_staff: Client, household: Household, goal: Goal
) -> None:
    page = as_staff.get(edit(goal)).content.decode()
    assert "400,00" in page
    with household_scope(household):
        first = GoalMovement.objects.order_by("pk")[0]
    as_staff.post(
        edit(goal),
        {
            **NEW,
            "movements-TOTAL_FORMS": "1",
            "movements-INITIAL_FORMS": "1",
            "movements-0-id": first.pk,
            "movements-0-goal": goal.pk,
            "movements-0-amount": "9999",
            "movements-0-DELETE": "on",
        },
    )
    with household_scope(household):
        assert list(GoalMovement.objects.order_by("pk").values_list("amount", flat=True)) == [
            400,
            250,
        ]


def test_deleting_says_what_is_lost_and_released(
    as_staff: Client, household: Household, goal: Goal
) -> None:
    url = f"{LIST}{goal.pk}/delete/"
    page = as_staff.get(url).content.decode()
    assert "650,00\u00a0€" in page
    assert as_staff.post(url, {"post": "yes"}).status_code == 302
    with household_scope(household):
        assert not Goal.objects.exists()
        assert not GoalMovement.objects.exists()


def test_saving_over_what_somebody_else_saved_is_refused(
    as_staff: Client, household: Household, goal: Goal
) -> None:
    with household_scope(household):
        Goal.objects.filter(pk=goal.pk).update(version=2, name="Barque")

    refused = as_staff.post(edit(goal), NEW | {"seen": "1"}, follow=True)

    assert "Quelqu’un a changé cela" in told(refused)[0]
    with household_scope(household):
        goal.refresh_from_db()
    assert goal.name == "Barque"
    assert as_staff.post(edit(goal), NEW | {"seen": "2"}).status_code == 302
    with household_scope(household):
        goal.refresh_from_db()
    assert (goal.name, goal.version) == ("Vélo", 3)
