"""The list of goals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.core.tenancy import household_scope
from budget.goals.models import Goal, GoalMovement, GoalState, MovementKind
from budget.goals.selectors import CLOSED_SIZE, LAST_MOVEMENTS
from budget.goals.services import goal_deposit, goal_release, goal_withdraw
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.goals.pages import LIST, make, page_of
from tests.ledger import category

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_says_what_is_saved_how_far_that_is_and_when_it_will_be_enough(
    as_alice: Client, household: Household
) -> None:
    make(household, "Vacances", target=1000, saved=650, contribution=Decimal(70))
    page = as_alice.get(LIST).content.decode()
    assert "650,00\u00a0€ mis de côté, 1\u00a0350,00\u00a0€ encore disponibles" in page
    assert "65\u00a0%" in page
    assert "À ce rythme\u00a0: avril 2027" in page
    assert "70,00\u00a0€ par mois" in page


def test_says_what_it_takes_to_reach_a_goal_by_its_date(
    as_alice: Client, household: Household
) -> None:
    make(household, "Voiture", target=5000, saved=1200, target_date=dt.date(2028, 12, 31))
    page = as_alice.get(LIST).content.decode()
    assert "Il faut 152,00\u00a0€ par mois" in page
    assert "d’ici le 31 décembre 2028" in page


def test_speaks_english(sign_in: SignIn, alice: User, household: Household) -> None:
    make(household, "Holiday", target=1000, saved=650, contribution=Decimal(70))
    alice.language = "en"
    alice.save()
    page = sign_in(alice).get(LIST).content.decode()
    assert "Savings goals" in page
    assert "At this pace: April 2027" in page
    assert "€70.00 a month" in page
    assert "Contribution" in page


def test_shows_the_last_movements_with_what_was_saved_after_each(
    as_alice: Client, household: Household
) -> None:
    goal = make(household, saved=100)
    with household_scope(household):
        goal_withdraw(goal=goal, amount=Decimal(40))
    page = as_alice.get(LIST).content.decode()
    history = page[page.index(f'id="history-{goal.pk}"') :]
    assert history.index("−40,00\u00a0€") < history.index("60,00\u00a0€")
    assert history.index("60,00\u00a0€") < history.index("+100,00\u00a0€")
    assert "Tous ses mouvements" not in history


def test_older_movements_are_a_link_away(as_alice: Client, household: Household) -> None:
    goal = make(household)
    with household_scope(household):
        for number in range(1, LAST_MOVEMENTS + 2):
            goal_deposit(goal=goal, amount=Decimal(number), date=dt.date(2026, 11, number))
    page = as_alice.get(LIST).content.decode()
    assert "+6,00\u00a0€" in page
    assert "+1,00\u00a0€" not in page
    assert "Tous ses mouvements" in page


def test_a_reached_goal_can_be_closed_and_no_longer_added_to(
    as_alice: Client, household: Household
) -> None:
    goal = make(household, saved=500)
    page = as_alice.get(LIST).content.decode()
    assert "Objectif atteint" in page
    assert page_of(goal, "close") in page
    assert page_of(goal, "deposit") not in page


def test_without_goals_it_says_what_belongs_here_and_offers_to_begin(
    as_alice: Client, household: Household
) -> None:
    page = as_alice.get(LIST).content.decode()
    assert "Aucun objectif en cours" in page
    assert page.count(f'href="{LIST}add/"') == 2
    assert "Objectifs clôturés" not in page


def test_a_viewer_is_offered_nothing_to_change(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    goal = make(household, saved=100)
    page = sign_in(vera).get(LIST).content.decode()
    assert goal.name in page
    for action in ("deposit", "withdraw", "edit", "delete"):
        assert page_of(goal, action) not in page
    assert f'href="{LIST}add/"' not in page


def test_a_viewer_without_goals_is_not_offered_one(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    assert f'href="{LIST}add/"' not in sign_in(vera).get(LIST).content.decode()


def test_strangers_find_nothing(sign_in: SignIn, charlie: User, household: Household) -> None:
    assert sign_in(charlie).get(LIST).status_code == 404


def test_the_anonymous_are_sent_to_the_login_page(household: Household) -> None:
    response = Client().get(LIST)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_another_households_goals_are_not_listed(
    as_alice: Client, household: Household, charlie: User
) -> None:
    make(charlie.households.get(), "Secret")
    assert "Secret" not in as_alice.get(LIST).content.decode()


def test_what_people_call_their_goals_is_only_text(as_alice: Client, household: Household) -> None:
    make(household, '<script>alert("x")</script> 🚲 \u202eמטרה')
    page = as_alice.get(LIST).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


class TestClosedGoals:
    def close_one(self, household: Household, number: int) -> None:
        with household_scope(household):
            Goal.objects.create(
                name=f"Ancien {number:02}",
                target=10,
                contribution=1,
                state=GoalState.RELEASED,
                closed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number),
            )

    def test_are_folded_away_with_what_they_had_saved(
        self, as_alice: Client, household: Household
    ) -> None:
        make(household, "En cours")
        goal = make(household, "Ordinateur", saved=510)
        with household_scope(household):
            goal_release(goal=goal)
        page = as_alice.get(LIST).content.decode()
        closed = page[page.index('id="closed-goals"') :]
        assert not closed.startswith('id="closed-goals" open')
        assert "Ordinateur" in closed
        assert "510,00\u00a0€" in closed
        assert "Libéré" in closed

    def test_are_shown_some_at_a_time(self, as_alice: Client, household: Household) -> None:
        for number in range(CLOSED_SIZE + 3):
            self.close_one(household, number)
        first = as_alice.get(LIST).content.decode()
        assert "Ancien 22" in first
        assert "Ancien 02" not in first
        after = first.split('href="?after=')[1].split("#")[0]
        second = as_alice.get(LIST, {"after": after}).content.decode()
        assert "Ancien 02" in second
        assert "Ancien 22" not in second
        assert 'id="closed-goals" open' in second

    @pytest.mark.parametrize("cursor", ["x", "ÿ", "a" * 5000, "\x00", "W10"])
    def test_a_cursor_made_up_starts_from_the_newest(
        self, as_alice: Client, household: Household, cursor: str
    ) -> None:
        self.close_one(household, 1)
        response = as_alice.get(LIST, {"after": cursor})
        assert response.status_code == 200
        assert "Ancien 01" in response.content.decode()


@pytest.mark.usefixtures("without_summaries")
def test_costs_the_same_queries_however_many_goals(as_alice: Client, household: Household) -> None:
    def fill(many: int) -> None:
        with household_scope(household):
            for number in range(many):
                goal = Goal.objects.create(
                    name=f"But {number}",
                    target=1000,
                    contribution=1,
                    category=category("Loisirs" if number % 2 else "Transport"),
                )
                GoalMovement.objects.bulk_create(
                    GoalMovement(
                        household=household, goal=goal, kind=MovementKind.DEPOSIT, amount=1
                    )
                    for _ in range(8)
                )
                Goal.objects.create(
                    name=f"Ancien {number}",
                    target=10,
                    contribution=1,
                    state=GoalState.SPENT,
                    category=category("Santé"),
                    closed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
                )

    fill(3)
    as_alice.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        as_alice.get(LIST)
    fill(6)
    with CaptureQueriesContext(connection) as more:
        as_alice.get(LIST)
    assert len(more) == len(few) <= 12
