"""Closing a reached goal: its money was spent, or is released."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.goals.models import GoalState
from budget.goals.services import goal_release
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from tests.goals.pages import key, make, page_of, stored
from tests.ledger import category, earn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def typed(**changes: object) -> dict[str, object]:
    return {
        "outcome": "spent",
        "amount": "500",
        "date": "2026-11-21",
        "submission": key(),
        **changes,
    }


def expenses(household: Household) -> list[Transaction]:
    with household_scope(household):
        return list(Transaction.objects.select_related("category").filter(kind=Kind.EXPENSE))


def test_the_form_proposes_all_that_is_saved_spent_today(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    with household_scope(household):
        leisure = category("Loisirs")
    goal = make(household, saved=510, category=leisure)
    page = as_alice.get(page_of(goal, "close"), headers=htmx).content.decode()
    assert 'value="510"' in page
    assert 'value="2026-11-21"' in page
    assert "Une dépense est inscrite dans Loisirs." in page


def test_spent_books_the_expense(as_alice: Client, alice: User, household: Household) -> None:
    with household_scope(household):
        leisure = category("Loisirs")
    goal = make(household, saved=500, category=leisure)
    response = as_alice.post(
        page_of(goal, "close"), typed(amount="479,90", date="2026-11-18"), follow=True
    )
    assert "clôturé, et sa dépense inscrite." in response.content.decode()
    (expense,) = expenses(household)
    assert (expense.amount, expense.date, expense.category, expense.created_by) == (
        Decimal("479.90"),
        dt.date(2026, 11, 18),
        leisure,
        alice,
    )
    closed = stored(household, goal)
    assert closed.state == GoalState.SPENT
    assert closed.saved == 0


def test_released_books_nothing_whatever_the_other_fields_say(
    as_alice: Client, household: Household
) -> None:
    goal = make(household, saved=500)
    response = as_alice.post(
        page_of(goal, "close"),
        typed(outcome="released", amount="abc", date="31/02/2026"),
        follow=True,
    )
    assert "son argent est de nouveau disponible" in response.content.decode()
    assert expenses(household) == []
    assert stored(household, goal).state == GoalState.RELEASED


@pytest.mark.parametrize("outcome", ["spent", "released"])
def test_sent_twice_closes_once_and_says_the_same(
    as_alice: Client, household: Household, outcome: str
) -> None:
    goal = make(household, saved=500)
    form = typed(outcome=outcome)
    for _ in range(2):
        assert as_alice.post(page_of(goal, "close"), form).status_code == 302
    assert len(expenses(household)) == (outcome == "spent")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", ""),
        ("amount", "-5"),
        ("amount", "1e9999"),
        ("date", ""),
        ("date", "31/02/2026"),
        ("date", "99999-01-01"),
        ("outcome", "burnt"),
        ("outcome", ""),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_closed(
    as_alice: Client, household: Household, field: str, value: str
) -> None:
    goal = make(household, saved=500)
    response = as_alice.post(page_of(goal, "close"), typed(**{field: value}))
    assert response.status_code == 422
    assert 'class="fault"' in response.content.decode()
    assert stored(household, goal).state == GoalState.ACTIVE
    assert expenses(household) == []


def test_a_goal_not_reached_is_refused_with_the_figure(
    as_alice: Client, household: Household
) -> None:
    goal = make(household, saved=480)
    response = as_alice.post(page_of(goal, "close"), typed())
    assert response.status_code == 409
    assert "il manque 20,00\u00a0€." in response.content.decode()
    assert expenses(household) == []


def test_an_expense_in_a_closed_month_is_refused_and_kept(
    as_alice: Client, household: Household
) -> None:
    goal = make(household, saved=500)
    with household_scope(household):
        earn(10, dt.date(2026, 9, 1))
        month_close(period=Period.parse("2026-09"))
    response = as_alice.post(page_of(goal, "close"), typed(date="2026-09-03"))
    assert response.status_code == 409
    page = response.content.decode()
    assert "3 septembre 2026 est dans un mois clos" in page
    assert 'value="2026-09-03"' in page
    closed = stored(household, goal)
    assert closed.state == GoalState.ACTIVE
    assert closed.saved == 500


def test_a_closed_goal_says_that_it_is(as_alice: Client, household: Household) -> None:
    goal = make(household, saved=500)
    with household_scope(household):
        goal_release(goal=goal)
    for response in (
        as_alice.get(page_of(goal, "close")),
        as_alice.post(page_of(goal, "close"), typed()),
    ):
        assert response.status_code == 409
        assert "Cet objectif a été clôturé." in response.content.decode()
