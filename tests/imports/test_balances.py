"""The bank's closing balance beside what the wallet holds, or will hold once a file is imported."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.imports.models import Choice, Import
from budget.imports.selectors import balance_checks, import_summary, statements_wanted
from budget.users.models import Household
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.imports.bank import bring_in, confirm, csv, day, lines, move, ofx, receive
from tests.ledger import spend, wallet

pytestmark = pytest.mark.usefixtures("household")


@pytest.fixture
def current(scope: Household) -> Wallet:
    """A wallet that began the year with 1,000."""
    mine = first_wallet()
    mine.opening_balance, mine.opening_date = Decimal(1000), dt.date(2026, 1, 1)
    mine.save()
    return mine


def held(source: Import) -> list[Decimal]:
    return [check.held for check in balance_checks(statements_wanted(source))]


def test_a_file_that_waits_is_counted_as_it_would_be_imported(current: Wallet) -> None:
    spend("41.20", day(2), description="Biocoop")
    bring_in(csv([move(3, "-9.00", "CARTE SNCF")]))
    booked = [
        move(2, "-41.20", "CARTE BIOCOOP"),  # merged with the one entered by hand
        move(3, "-9.00", "SNCF"),  # there, by the other format
        move(4, "-100.00", "LOYER"),
        move(5, "30.00", "REMBOURSEMENT"),
    ]
    source = receive(ofx(booked, balance="879.80"))
    (check,) = balance_checks(statements_wanted(source))
    assert (check.date, check.balance, check.held) == (day(30), Decimal("879.80"), check.balance)
    assert check.difference == 0

    lines(source).filter(amount=30).update(choice=Choice.LEAVE)
    (check,) = balance_checks(statements_wanted(source))
    assert check.difference == 30

    confirm(source)
    (check,) = import_summary(source).balances
    assert (check.held, check.difference) == (Decimal("849.80"), Decimal(30))


def test_what_comes_after_the_banks_day_is_not_counted(current: Wallet) -> None:
    source = receive(ofx([move(3, "-10.00")], balance="990.00"))
    lines(source).update(date=dt.date(2026, 12, 1))
    assert held(source) == [1000]


def test_the_halves_of_transfers_count_in_both_wallets(current: Wallet) -> None:
    savings = wallet("Livret")
    halves = [
        move(3, "-500.00", "VIR LIVRET A", account="00011122233"),
        move(4, "500.00", "VIREMENT", account="00044455566"),
    ]
    here = receive(ofx(halves, balance="0.00"), current, savings)
    assert held(here) == [500, 500]

    bring_in(csv([move(3, "-500.00", "VIR LIVRET A")]), current)
    assert held(receive(ofx(halves[1:], balance="1.00"), savings)) == [500]


def test_without_a_balance_nothing_is_said(current: Wallet) -> None:
    assert held(receive(csv([move(3, "-10.00")]))) == []


@pytest.mark.parametrize(("balance", "words"), [("990.00", "Le solde est juste"), ("1", "Écart")])
def test_the_preview_says_whether_the_balance_will_be_right(
    as_alice: Client, household: Household, balance: str, words: str
) -> None:
    with household_scope(household):
        Wallet.objects.update(opening_balance=1000, opening_date=dt.date(2026, 1, 1))
        source = receive(ofx([move(3, "-10.00")], balance=balance))
    page = as_alice.get(f"/h/alice/import/{source.pk}/").content.decode()
    assert words in page
    assert "ici après cet import" in page
