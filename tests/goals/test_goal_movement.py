"""Adding to a goal and taking from it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from budget.core.guards import GoneMeanwhile
from budget.core.tenancy import household_scope
from budget.goals.models import GoalMovement
from budget.goals.services import goal_release
from budget.users.models import Household, User
from tests.goals.pages import key, make, page_of, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def typed(amount: str, **changes: object) -> dict[str, object]:
    return {"amount": amount, "submission": key(), **changes}


class TestDeposit:
    def test_suggests_the_contribution_and_says_what_is_available(
        self, as_alice: Client, household: Household, htmx: dict[str, str]
    ) -> None:
        goal = make(household, saved=320, contribution=Decimal(45))
        page = as_alice.get(page_of(goal, "deposit"), headers=htmx).content.decode()
        assert 'value="45"' in page
        assert "1\u00a0680,00\u00a0€ disponibles, encore 180,00\u00a0€ à réunir" in page
        assert "<html" not in page

    @pytest.mark.parametrize(
        ("given", "suggested"),
        [
            ({"contribution": Decimal(700)}, "500"),
            ({"target_date": dt.date(2027, 9, 21)}, "50"),
            ({"target_date": dt.date(2026, 11, 20)}, None),
        ],
    )
    def test_suggests_what_it_takes_and_never_more_than_is_missing(
        self,
        as_alice: Client,
        household: Household,
        given: dict[str, Any],
        suggested: str | None,
    ) -> None:
        page = as_alice.get(page_of(make(household, **given), "deposit")).content.decode()
        amount = page.partition('name="amount"')[2].partition(">")[0]
        assert (f'value="{suggested}"' in amount) if suggested else ("value" not in amount)

    def test_adds_to_the_goal(self, as_alice: Client, alice: User, household: Household) -> None:
        goal = make(household)
        response = as_alice.post(page_of(goal, "deposit"), typed("45,90"), follow=True)
        assert stored(household, goal).saved == Decimal("45.90")
        assert "45,90\u00a0€ ajoutés à «\u00a0Vélo\u00a0»." in response.content.decode()
        with household_scope(household):
            assert GoalMovement.objects.get().created_by == alice

    def test_says_when_the_goal_is_reached(self, as_alice: Client, household: Household) -> None:
        goal = make(household, saved=400)
        response = as_alice.post(page_of(goal, "deposit"), typed("100"), follow=True)
        assert "l’objectif est atteint" in response.content.decode()

    def test_of_more_than_is_available_is_refused_with_the_figures_and_kept(
        self, as_alice: Client, household: Household
    ) -> None:
        goal = make(household)
        response = as_alice.post(page_of(goal, "deposit"), typed("2 500"))
        page = response.content.decode()
        assert response.status_code == 422
        assert "Il y a 2\u00a0000,00\u00a0€ disponibles, il manque 500,00\u00a0€." in page
        assert 'value="2 500"' in page
        assert 'aria-invalid="true"' in page
        assert stored(household, goal).saved == 0

    def test_sent_twice_adds_once(self, as_alice: Client, household: Household) -> None:
        goal = make(household)
        form = typed("100")
        for _ in range(2):
            assert as_alice.post(page_of(goal, "deposit"), form).status_code == 302
        assert stored(household, goal).saved == 100

    def test_into_a_closed_goal_says_that_it_is(
        self, as_alice: Client, household: Household
    ) -> None:
        goal = make(household, saved=500)
        with household_scope(household):
            goal_release(goal=goal)
        response = as_alice.post(page_of(goal, "deposit"), typed("100"))
        assert response.status_code == 409
        assert "Cet objectif a été clôturé." in response.content.decode()

    def test_into_a_goal_deleted_meanwhile_keeps_the_form(
        self, as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(**_: object) -> GoalMovement:
            raise GoneMeanwhile

        monkeypatch.setattr("budget.goals.views.goal_deposit", gone)
        response = as_alice.post(page_of(make(household), "deposit"), typed("100"))
        assert response.status_code == 409
        assert 'value="100"' in response.content.decode()


class TestWithdraw:
    def test_takes_from_the_goal(self, as_alice: Client, household: Household) -> None:
        goal = make(household, saved=300)
        response = as_alice.post(page_of(goal, "withdraw"), typed("100"), follow=True)
        assert stored(household, goal).saved == 200
        assert "100,00\u00a0€ retirés de" in response.content.decode()

    def test_suggests_nothing_and_says_what_is_saved(
        self, as_alice: Client, household: Household
    ) -> None:
        page = as_alice.get(page_of(make(household, saved=300), "withdraw")).content.decode()
        assert "300,00\u00a0€ épargnés" in page
        assert "value" not in page.partition('name="amount"')[2].partition(">")[0]

    def test_of_more_than_is_saved_is_refused_with_the_figures(
        self, as_alice: Client, household: Household
    ) -> None:
        goal = make(household, saved=320)
        response = as_alice.post(page_of(goal, "withdraw"), typed("400"))
        assert response.status_code == 422
        text = "Il y a 320,00\u00a0€ d’épargnés, il manque 80,00\u00a0€."
        assert text in response.content.decode()
        assert stored(household, goal).saved == 320


@pytest.mark.parametrize("action", ["deposit", "withdraw"])
@pytest.mark.parametrize(
    "amount", ["", "0", "-5", "abc", "NaN", "Infinity", "1e9999", "12,345.678", "1\x00", "9" * 99]
)
def test_what_is_no_amount_is_told(
    as_alice: Client, household: Household, action: str, amount: str
) -> None:
    goal = make(household, saved=300)
    response = as_alice.post(page_of(goal, action), typed(amount))
    assert response.status_code == 422
    assert 'id="id_amount_error"' in response.content.decode()
    assert stored(household, goal).saved == 300


class TestLandingWhileTyping:
    def test_shows_where_a_contribution_leads(self, as_alice: Client, household: Household) -> None:
        goal = make(household, saved=320, contribution=Decimal(45))
        address = page_of(goal, "landing")
        page = as_alice.get(address, {"amount": "45", "kind": "deposit"}).content.decode()
        assert "Ensuite 365,00\u00a0€ sur 500,00\u00a0€" in page
        assert "73\u00a0%" in page
        assert "À ce rythme\u00a0: février 2027" in page

    def test_shows_where_a_withdrawal_leads(self, as_alice: Client, household: Household) -> None:
        address = page_of(make(household, saved=320), "landing")
        page = as_alice.get(address, {"amount": "20", "kind": "withdrawal"}).content.decode()
        assert "Ensuite 300,00\u00a0€" in page

    @pytest.mark.parametrize(
        ("amount", "kind"),
        [("2000", "deposit"), ("321", "withdrawal"), ("", "deposit"), ("abc", "x")],
    )
    def test_shows_nothing_of_what_would_be_refused(
        self, as_alice: Client, household: Household, amount: str, kind: str
    ) -> None:
        address = page_of(make(household, saved=320), "landing")
        response = as_alice.get(address, {"amount": amount, "kind": kind})
        assert (response.status_code, response.content) == (200, b"")
