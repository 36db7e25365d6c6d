"""Where the money is."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.users.models import Household
from tests.ledger import earn, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/wallets/"


def test_says_what_is_in_each_wallet_and_which_share_of_the_whole_that_is(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        earn(750, dt.date(2026, 11, 1))
        wallet("Livret", opening=250)
    page = as_alice.get(LIST).content.decode()
    assert "1\u00a0000,00\u00a0€ dans 2 portefeuilles" in page
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.index("Compte courant") < table.index("75\u00a0%") < table.index("750,00")
    assert table.index("Livret") < table.index("25\u00a0%") < table.index("250,00")
