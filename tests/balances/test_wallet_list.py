"""Where the money is."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from budget.balances.closing import wallet_close
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind
from budget.users.models import Household, User
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn
from tests.ledger import book, earn, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/wallets/"


def table_of(page: str) -> str:
    return re.sub(r"[ \n]+", " ", page[page.index("<tbody") : page.index("</table>")])


def test_says_what_is_in_each_wallet_and_which_share_of_the_whole_that_is(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        earn(750, dt.date(2026, 11, 1))
        wallet("Livret", opening=250)
    page = as_alice.get(LIST).content.decode()
    assert "1\u00a0000,00\u00a0€ dans 2 portefeuilles" in page
    table = table_of(page)
    assert table.index("Compte courant") < table.index("75\u00a0%") < table.index("750,00")
    assert table.index("Livret") < table.index("25\u00a0%") < table.index("250,00")
    assert page.count("<rect x=") == 2
    assert 'x="75%"' in page


def test_what_is_overdrawn_is_told_and_not_drawn(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        earn(100, dt.date(2026, 11, 1))
        wallet("Carte", opening=-40)
    page = as_alice.get(LIST).content.decode()
    assert "60,00\u00a0€ dans 2 portefeuilles" in page
    assert "n’y est pas\u00a0: −40,00\u00a0€" in page
    assert "à découvert" in table_of(page)
    assert page.count("<rect x=") == 1


def test_hidden_wallets_are_folded_away_with_their_sum(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        earn(100, dt.date(2026, 11, 1))
        for name in ("Cave", "Grenier"):
            held = wallet(name, opening=50)
            held.hidden = True
            held.save()
    page = as_alice.get(LIST).content.decode()
    table = table_of(page)
    assert "Cave" not in table
    assert "Repliés" in table
    assert "100,00\u00a0€" in table
    assert "Montrer les 2 portefeuilles repliés" in page
    assert "Cave" in page[page.index('id="hidden-wallets"') :]


def test_one_wallet_alone_says_what_a_second_one_is_good_for(
    as_alice: Client, household: Household
) -> None:
    page = as_alice.get(LIST).content.decode()
    assert "Tout votre argent est-il au même endroit" in page
    assert 'class="gauge divided"' not in page


def test_closed_wallets_are_at_the_foot_and_can_be_reopened(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        held = wallet("Livret", opening=30)
        wallet_close(wallet=held, into=first_wallet())
    page = as_alice.get(LIST).content.decode()
    assert "Livret" not in table_of(page)
    assert f"{LIST}{held.pk}/reopen/" in page[page.index('id="closed-wallets"') :]
    assert "1 portefeuille clos" in page


def test_wallets_are_put_in_order_without_scripts(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        held = wallet("Livret", opening=30)
    response = as_alice.post(f"{LIST}{held.pk}/move/", {"to": "up"}, follow=True)
    page = response.content.decode()
    assert "«\u00a0Livret\u00a0» monté." in page
    table = table_of(page)
    assert table.index("Livret") < table.index("Compte courant")
    again = as_alice.post(f"{LIST}{held.pk}/move/", {"to": "up"}, follow=True)
    assert "déjà en tête" in again.content.decode()


def test_a_closed_wallet_has_no_place_in_the_order(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    with household_scope(household):
        held = wallet("Livret")
        wallet_close(wallet=held, into=first_wallet())
    assert as_alice.post(f"{LIST}{held.pk}/move/", {"to": "up"}, headers=htmx).status_code == 409


def test_a_viewer_is_offered_nothing_to_change(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    with household_scope(household):
        held = wallet("Livret", opening=30)
        closed = wallet("Ancien")
        wallet_close(wallet=closed, into=held)
    page = sign_in(vera).get(LIST).content.decode()
    assert "Livret" in page
    for action in ("add", f"{held.pk}/edit", f"{held.pk}/move", f"{closed.pk}/reopen"):
        assert f"{LIST}{action}/" not in page


def test_another_households_wallets_are_not_listed(
    as_alice: Client, household: Household, charlie: User
) -> None:
    with household_scope(charlie.households.get()):
        wallet("Secret", opening=1000)
    page = as_alice.get(LIST).content.decode()
    assert "Secret" not in page
    assert "0,00\u00a0€ dans 1 portefeuille" in page


def test_what_people_call_their_wallets_is_only_text(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        wallet('<script>alert("x")</script>', opening=5)
    page = as_alice.get(LIST).content.decode()
    assert "<script>alert" not in page


def test_speaks_english(sign_in: SignIn, alice: User, household: Household) -> None:
    alice.language = "en"
    alice.save()
    with household_scope(household):
        book(Kind.TRANSFER, 5, dt.date(2026, 11, 2), wallet=first_wallet(), to_wallet=wallet())
    page = sign_in(alice).get(LIST).content.decode()
    assert "Where the money is" in page
    assert "overdrawn" in page
