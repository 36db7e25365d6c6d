"""Two people at the same wallets at the same moment, each on a connection of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection

from budget.balances.check import ledger_faults
from budget.balances.closing import LastWallet, wallet_close, wallet_delete
from budget.core.guards import GoneMeanwhile, Refused
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind
from budget.users.models import Household
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.ledger import book, wallet

pytestmark = pytest.mark.django_db(transaction=True)


def one_after_the_other(
    household: Household, first: Callable[[], object], second: Callable[[], object]
) -> list[Refused | None]:
    """Run `second` while `first` is not committed yet; which of them was refused, and how."""
    written, second_is_through = Event(), Event()

    def leading() -> Refused | None:
        try:
            with household_scope(household):
                first()
                written.set()
                # Without a lock the second would be through long before this has passed.
                second_is_through.wait(0.5)
        except Refused as refusal:
            return refusal
        finally:
            written.set()
            connection.close()
        return None

    def following() -> Refused | None:
        written.wait(10)
        try:
            with household_scope(household):
                second()
        except Refused as refusal:
            return refusal
        finally:
            second_is_through.set()
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(leading), pool.submit(following)]
        return [answer.result(timeout=20) for answer in answers]


@pytest.fixture
def two(household: Household) -> list[Wallet]:
    """The household's two open wallets, which are empty."""
    with household_scope(household):
        return [first_wallet(), wallet("Livret")]


def test_the_last_two_wallets_cannot_both_be_deleted(
    household: Household, two: list[Wallet]
) -> None:
    refused = one_after_the_other(
        household, lambda: wallet_delete(wallet=two[0]), lambda: wallet_delete(wallet=two[1])
    )
    assert refused[0] is None
    assert isinstance(refused[1], LastWallet)


def test_two_wallets_cannot_both_be_closed_into_each_other(
    household: Household, two: list[Wallet]
) -> None:
    refused = one_after_the_other(
        household,
        lambda: wallet_close(wallet=two[0], into=two[1]),
        lambda: wallet_close(wallet=two[1], into=two[0]),
    )
    assert refused[0] is None
    assert isinstance(refused[1], LastWallet)


def test_a_line_written_while_its_wallet_closes_is_refused(
    household: Household, two: list[Wallet]
) -> None:
    refused = one_after_the_other(
        household,
        lambda: wallet_close(wallet=two[1], into=two[0]),
        lambda: book(Kind.INCOME, 20, dt.date(2026, 11, 3), wallet=two[1]),
    )
    assert refused[0] is None
    assert isinstance(refused[1], GoneMeanwhile)


def test_a_wallet_that_closes_takes_along_what_was_just_written(
    household: Household, two: list[Wallet]
) -> None:
    refused = one_after_the_other(
        household,
        lambda: book(Kind.INCOME, 20, dt.date(2026, 11, 3), wallet=two[1]),
        lambda: wallet_close(wallet=two[1], into=two[0]),
    )
    assert refused == [None, None]
    with household_scope(household):
        assert ledger_faults() == []
        transfer = two[0].transfers_in.get()
        assert transfer.amount == Decimal(20)
