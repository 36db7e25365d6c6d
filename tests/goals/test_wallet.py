"""A goal may name the wallet that holds its money, which then pays for it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client

from budget.balances.closing import wallet_close
from budget.core.guards import GoneMeanwhile
from budget.core.tenancy import household_scope
from budget.goals.models import Frequency, Goal
from budget.goals.services import goal_create, goal_deposit, goal_spend
from budget.users.models import Household
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.ledger import earn, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

ADD = "/h/alice/goals/add/"
VALID = {
    "name": "Vélo",
    "target": "100",
    "plan": "contribution",
    "contribution": "10",
    "frequency": "monthly",
    "category": "",
    "description": "",
    "submission": "5f0c6f0e-3e5a-4f43-9d2f-3a5b8c7d6e5f",
}


def goal(holder: Wallet | None) -> Goal:
    made = goal_create(
        name="Vélo", target=Decimal(100), contribution=Decimal(10), wallet=holder,
        frequency=Frequency.MONTHLY,
    )  # fmt: skip
    return Goal.objects.with_saved().get(pk=made.pk)


def test_with_one_wallet_nothing_is_asked(as_alice: Client, scope: Household) -> None:
    assert 'name="wallet"' not in as_alice.get(ADD).content.decode()
    assert as_alice.post(ADD, VALID).status_code == 302
    assert Goal.objects.get().wallet is None


def test_a_wallet_closed_meanwhile_is_told_also_where_one_alone_is_left(
    as_alice: Client, scope: Household
) -> None:
    savings = wallet("Livret bleu")
    wallet_close(wallet=savings, into=first_wallet())
    response = as_alice.post(ADD, VALID | {"wallet": savings.pk})
    assert response.status_code == 422
    assert "Ce portefeuille a été clos" in response.content.decode()
    assert as_alice.post(ADD, VALID | {"wallet": first_wallet().pk}).status_code == 302


def test_the_wallet_is_chosen_and_shown(as_alice: Client, scope: Household) -> None:
    savings = wallet("Livret bleu")
    assert 'name="wallet"' in as_alice.get(ADD).content.decode()
    assert as_alice.post(ADD, VALID | {"wallet": savings.pk}).status_code == 302
    made = Goal.objects.get()
    assert made.wallet == savings
    for address in ("/h/alice/goals/", f"/h/alice/goals/{made.pk}/"):
        assert "Livret bleu" in as_alice.get(address).content.decode()


def test_a_wallet_closed_meanwhile_is_told_and_nothing_is_lost(
    as_alice: Client, scope: Household
) -> None:
    wallet("Espèces")
    savings = wallet()
    wallet_close(wallet=savings, into=first_wallet())
    response = as_alice.post(ADD, VALID | {"wallet": savings.pk})
    assert response.status_code == 422
    html = response.content.decode()
    assert "portefeuille" in html
    assert 'value="Vélo"' in html
    with pytest.raises(GoneMeanwhile):
        goal(savings)


def test_another_household_s_wallet_is_refused(
    as_alice: Client, household: Household, charlie: object
) -> None:
    with household_scope(household):
        wallet()
        own = goal(None)
    with household_scope(Household.objects.get(slug="charlie")):
        foreign = first_wallet()
    assert as_alice.post(ADD, VALID | {"wallet": foreign.pk}).status_code == 422
    with household_scope(household), pytest.raises(IntegrityError), atomic():
        Goal.objects.filter(pk=own.pk).update(wallet=foreign.pk)


def test_a_spent_goal_is_paid_from_its_wallet(scope: Household) -> None:
    earn(500, dt.date(2026, 11, 2))
    savings = wallet("Livret", 200)
    mine = goal(savings)
    goal_deposit(goal=mine, amount=Decimal(100))
    expense = goal_spend(goal=mine)
    assert expense
    assert expense.wallet == savings


def test_closing_the_wallet_takes_its_goals_along(scope: Household) -> None:
    savings = wallet()
    mine = goal(savings)
    wallet_close(wallet=savings, into=first_wallet())
    moved = Goal.objects.get()
    assert moved.wallet == first_wallet()
    assert moved.version == mine.version + 1


def test_a_wallet_that_is_deleted_leaves_its_goals(scope: Household) -> None:
    savings = wallet()
    goal(savings)
    savings.delete()
    assert Goal.objects.get().wallet is None
