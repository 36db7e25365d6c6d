"""A household begins with one wallet."""

import pytest

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from budget.users.services import household_create
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet


@pytest.mark.parametrize(
    ("language", "name"), [("fr", "Compte courant"), ("en", "Current account")]
)
def test_a_household_begins_with_a_current_account(alice: User, language: str, name: str) -> None:
    household = household_create(name="Foyer", owner=alice, language=language)
    with household_scope(household):
        assert first_wallet().name == name


def test_the_first_wallet_is_the_first_open_one_in_their_order(scope: Household) -> None:
    second = Wallet.objects.create(name="B", position=1)
    Wallet.objects.exclude(pk=second.pk).update(closed_at="2026-11-21T12:00Z")
    assert first_wallet() == second
