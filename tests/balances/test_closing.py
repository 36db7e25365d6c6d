"""Closing, reopening and deleting wallets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from budget.balances.check import ledger_faults
from budget.balances.closing import (
    BeingReconciled,
    LastWallet,
    NameTakenMeanwhile,
    WalletUsed,
    holder_reopen,
    wallet_close,
    wallet_delete,
)
from budget.balances.selectors import wallet_balance
from budget.core.guards import GoneMeanwhile
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.selectors import money_now
from budget.transactions.services import transaction_create, transaction_update
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from budget.wallets.signals import wallet_closed
from tests.ledger import book, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "scope")]


@pytest.fixture
def livret() -> Wallet:
    """A wallet with 250 in it, of which 100 were there from the beginning."""
    livret = wallet("Livret", opening=100)
    book(Kind.INCOME, 150, dt.date(2026, 11, 2), wallet=livret)
    return livret


def balance(held: Wallet) -> Decimal:
    return wallet_balance(held).balance


def test_what_is_left_goes_to_the_other_wallet_by_a_transfer(livret: Wallet) -> None:
    before = money_now()
    closing = wallet_close(wallet=livret, into=first_wallet())
    assert closing
    assert closing.moved == 250
    assert closing.transfer
    assert closing.transfer.date == dt.date(2026, 11, 21)
    assert [balance(livret), balance(first_wallet())] == [0, 250]
    assert livret not in Wallet.objects.open()
    assert money_now() == before
    assert ledger_faults() == []


def test_what_is_missing_comes_from_the_other_wallet(livret: Wallet) -> None:
    book(Kind.EXPENSE, 400, dt.date(2026, 11, 3), wallet=livret)
    closing = wallet_close(wallet=livret, into=first_wallet())
    assert closing
    assert closing.moved == -150
    assert [balance(livret), balance(first_wallet())] == [0, -150]
    assert ledger_faults() == []


def test_an_empty_wallet_closes_without_a_transfer() -> None:
    closing = wallet_close(wallet=wallet("Tirelire"), into=first_wallet())
    assert closing
    assert closing.transfer is None
    assert not Transaction.objects.exists()


def test_closing_twice_moves_the_money_once(livret: Wallet) -> None:
    wallet_close(wallet=livret, into=first_wallet())
    assert wallet_close(wallet=livret, into=first_wallet()) is None
    assert balance(first_wallet()) == 250


def test_who_names_the_wallet_is_told_where_to_go(livret: Wallet) -> None:
    told: list[Any] = []

    def hear(wallet: Wallet, into: Wallet, **_signal: Any) -> None:
        told.append((wallet, into, wallet.is_open))

    wallet_closed.connect(hear)
    try:
        wallet_close(wallet=livret, into=first_wallet())
    finally:
        wallet_closed.disconnect(hear)
    assert told == [(livret, first_wallet(), False)]


def test_the_last_open_wallet_stays_open() -> None:
    with pytest.raises(LastWallet):
        wallet_close(wallet=first_wallet(), into=first_wallet())
    with pytest.raises(LastWallet):
        wallet_delete(wallet=first_wallet())


def test_a_wallet_does_not_close_while_it_is_being_reconciled(livret: Wallet) -> None:
    statement = Reconciliation.objects.create(
        wallet=livret, date=dt.date(2026, 11, 20), balance=Decimal(250)
    )
    with pytest.raises(BeingReconciled) as refusal:
        wallet_close(wallet=livret, into=first_wallet())
    assert refusal.value.reconciliation == statement
    assert balance(livret) == 250


def test_money_does_not_go_to_a_wallet_that_was_closed_meanwhile(livret: Wallet) -> None:
    other = wallet("Espèces")
    wallet_close(wallet=other, into=first_wallet())
    with pytest.raises(GoneMeanwhile):
        wallet_close(wallet=livret, into=other)
    with pytest.raises(GoneMeanwhile):
        wallet_close(wallet=livret, into=livret)


def test_a_line_for_a_wallet_that_was_closed_meanwhile_is_refused(livret: Wallet) -> None:
    wallet_close(wallet=livret, into=first_wallet())
    with pytest.raises(GoneMeanwhile):
        transaction_create(
            kind=Kind.EXPENSE, amount=Decimal(5), date=dt.date(2026, 11, 4), wallet=livret
        )


def test_a_reopened_wallet_is_empty_and_the_last_of_the_list(livret: Wallet) -> None:
    wallet_close(wallet=livret, into=first_wallet())
    wallet("Espèces")
    assert holder_reopen(livret).is_open
    assert balance(livret) == 0
    assert balance(first_wallet()) == 250


def test_undone_the_money_comes_back_as_well(livret: Wallet) -> None:
    closing = wallet_close(wallet=livret, into=first_wallet())
    assert closing
    holder_reopen(livret, token=closing.undo)
    holder_reopen(livret, token=closing.undo)
    assert [balance(livret), balance(first_wallet())] == [250, 0]
    assert ledger_faults() == []


def test_undone_a_transfer_that_was_changed_since_stays(livret: Wallet) -> None:
    closing = wallet_close(wallet=livret, into=first_wallet())
    assert closing
    assert closing.transfer
    transaction_update(
        line=closing.transfer, version=1, kind=Kind.TRANSFER, amount=Decimal(250),
        date=dt.date(2026, 11, 21), description="Retouché",
    )  # fmt: skip
    holder_reopen(livret, token=closing.undo)
    assert balance(livret) == 0


def test_the_undo_of_an_earlier_closing_takes_back_neither(livret: Wallet) -> None:
    first = wallet_close(wallet=livret, into=first_wallet())
    assert first
    holder_reopen(livret)
    book(Kind.INCOME, 40, dt.date(2026, 11, 20), wallet=livret)
    wallet_close(wallet=livret, into=first_wallet())
    assert holder_reopen(livret, token=first.undo).is_open
    assert [balance(livret), balance(first_wallet())] == [0, 290]
    assert ledger_faults() == []


@pytest.mark.parametrize("token", ["", "x", "MTIz:made:up"])
def test_a_token_made_up_reopens_and_moves_nothing(livret: Wallet, token: str) -> None:
    wallet_close(wallet=livret, into=first_wallet())
    assert holder_reopen(livret, token=token).is_open
    assert balance(livret) == 0


def test_a_wallet_whose_name_was_taken_meanwhile_says_so_and_stays_closed(livret: Wallet) -> None:
    wallet_close(wallet=livret, into=first_wallet())
    wallet("livret")
    with pytest.raises(NameTakenMeanwhile, match="Livret"):
        holder_reopen(livret)
    assert not Wallet.objects.get(pk=livret.pk).is_open


def test_an_unused_wallet_is_deleted_with_its_opening_balance() -> None:
    wallet_delete(wallet=wallet("Tirelire", opening=30))
    assert [each.name for each in Wallet.objects.all()] == ["Compte courant"]
    assert money_now() == 0


def test_a_used_wallet_is_not_deleted(livret: Wallet) -> None:
    with pytest.raises(WalletUsed):
        wallet_delete(wallet=livret)


def test_a_wallet_that_was_checked_against_its_bank_is_not_deleted() -> None:
    held = wallet("Tirelire")
    Reconciliation.objects.create(wallet=held, date=dt.date(2026, 11, 20), balance=Decimal(0))
    with pytest.raises(WalletUsed):
        wallet_delete(wallet=held)


def test_what_is_gone_cannot_be_closed_reopened_or_deleted() -> None:
    held = wallet("Tirelire")
    Wallet.objects.filter(pk=held.pk).delete()
    with pytest.raises(GoneMeanwhile):
        wallet_close(wallet=held, into=first_wallet())
    with pytest.raises(GoneMeanwhile):
        holder_reopen(held)
    with pytest.raises(GoneMeanwhile):
        wallet_delete(wallet=held)
