"""The overview: what is left of the month, and at what pace it goes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.balances.closing import wallet_close
from budget.balances.wallet_selectors import spread_and_standing, wallet_spread
from budget.core.tenancy import household_scope
from budget.planning.overview import Pace, overview_today
from budget.transactions.models import Kind
from budget.transactions.selectors import current_period, standing
from budget.users.models import Household
from budget.wallets.selectors import first_wallet
from tests.ledger import book, category, earn, spend, wallet

pytestmark = pytest.mark.django_db
HOME = "/h/alice/"


@pytest.mark.parametrize(
    ("spent", "gone", "state"),
    [
        ("0.69", "0.70", "steady"),
        ("0.75", "0.70", "steady"),
        ("0.76", "0.70", "fast"),
        ("0.64", "0.70", "slow"),
        ("1", "1", "steady"),
        ("1.01", "1", "over"),
    ],
)
def test_spending_is_held_against_the_days_gone(spent: str, gone: str, state: str) -> None:
    assert Pace(Decimal(spent), Decimal(gone)).state == state


def test_until_the_salary_comes_the_usual_income_is_the_yardstick_and_is_called_so(
    as_alice: Client, scope: Household, today: dt.date
) -> None:
    for month in (8, 9, 10):
        earn(2500, dt.date(2026, month, 28), category("Salaire"))
    spend(1000, dt.date(2026, 11, 2), category("Logement"))
    now = overview_today()
    assert now.income.estimated
    assert now.left == 1500
    page = as_alice.get(HOME).content.decode()
    assert "le revenu habituel" in page
    assert "1\xa0500,00\xa0€" in page


def test_once_it_came_the_months_own_income_counts(scope: Household, today: dt.date) -> None:
    earn(2500, dt.date(2026, 10, 28), category("Salaire"))
    earn(900, dt.date(2026, 11, 3), category("Salaire"))
    now = overview_today()
    assert (now.income.amount, now.income.estimated) == (Decimal(900), False)


def test_days_left_and_gone_are_those_of_the_households_month(
    scope: Household, today: dt.date
) -> None:
    scope.month_start_day = 25
    scope.save()
    earn(100, dt.date(2026, 11, 1))
    now = overview_today()
    assert (now.month.first, now.days_left) == (dt.date(2026, 10, 25), 3)
    assert now.pace is not None
    assert now.pace.gone == Decimal(28) / 31


def test_older_transactions_are_counted_and_lead_to_the_archives(
    as_alice: Client, scope: Household, today: dt.date
) -> None:
    spend(10, dt.date(2026, 9, 1))
    spend(10, dt.date(2026, 8, 31))
    spend(10, dt.date(2020, 1, 1))
    page = as_alice.get(HOME).content.decode()
    assert "2 transactions plus anciennes" in page
    assert page.count('id="line-') == 1
    assert f'href="{HOME}archives/"' in page


def test_a_limit_that_is_exceeded_is_to_be_watched(
    as_alice: Client, scope: Household, today: dt.date
) -> None:
    food = category("Alimentation")
    food.monthly_limit = Decimal(100)
    food.save()
    spend("123.40", dt.date(2026, 11, 3), food)
    assert "Dépassé de 23,40\xa0€" in as_alice.get(HOME).content.decode()


def test_a_household_without_history_is_shown_where_to_begin(
    as_alice: Client, today: dt.date
) -> None:
    page = as_alice.get(HOME).content.decode()
    assert "Trois gestes" in page
    assert "?kind=income" in page
    assert "pas encore de revenu" in page


def test_nothing_but_a_future_income_waits_for_a_yardstick(
    as_alice: Client, scope: Household, today: dt.date
) -> None:
    earn(10, dt.date(2026, 12, 24))
    assert overview_today().pace is None
    assert "En attente d’un premier revenu" in as_alice.get(HOME).content.decode()


def test_a_refresh_by_htmx_brings_the_table_alone(
    as_alice: Client, scope: Household, today: dt.date, htmx: dict[str, str]
) -> None:
    spend(10, dt.date(2026, 11, 3))
    page = as_alice.get(f"{HOME}?q=rien", headers=htmx).content.decode()
    assert page.strip().startswith('<div id="ledger">')
    assert "Rien ne correspond" in page


def test_one_wallet_is_not_spread(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        earn(100, dt.date(2026, 11, 2))
    assert "Où est l’argent" not in as_alice.get("/h/alice/").content.decode()


def test_says_how_the_money_is_spread_over_several_wallets(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        earn(100, dt.date(2026, 11, 2))
        wallet("Livret", opening=250)
        old = wallet("Ancien", opening=30)
        wallet_close(wallet=old, into=first_wallet())
        hidden = wallet("Cave", opening=7)
        hidden.hidden = True
        hidden.save()
    page = as_alice.get("/h/alice/").content.decode()
    table = page[page.index('class="spread') : page.index("</table>", page.index('class="spread'))]
    for said in ("Compte courant", "130,00", "Livret", "250,00", "Repliés", "7,00"):
        assert said in table
    assert "Cave" not in table
    assert "solde 387,00\u00a0€" in page


@pytest.mark.usefixtures("today")
def test_the_spread_and_the_standing_agree_with_the_ledgers(scope: Household) -> None:
    book(Kind.TRANSFER, 5, dt.date(2026, 8, 1), wallet=first_wallet(), to_wallet=wallet())
    spend(12, dt.date(2026, 11, 3))
    before = current_period().shift(-2)
    spread, stands = spread_and_standing(before=before)
    assert stands == standing(before=before)
    assert spread == wallet_spread()
    assert (stands.count, stands.earlier) == (2, 1)
