"""A household that was there before wallets were has its current account, and its closed months."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from budget.archives.models import ClosedMonthBalance
from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.core.checks import check_policies
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_create
from budget.users.models import Household
from budget.wallets.models import Wallet

BEFORE = [("balances", "zero"), ("archives", "0003"), ("transactions", "0004")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("today")
def test_an_upgrade_gives_what_was_recorded_its_wallet(household: Household) -> None:
    with household_scope(household):
        for day in (dt.date(2026, 9, 3), dt.date(2026, 11, 5)):
            transaction_create(kind=Kind.INCOME, amount=Decimal(70), date=day)
        month_close(period=Period.containing(dt.date(2026, 9, 3)))
    try:
        for app, step in BEFORE:
            call_command("migrate", app, step, verbosity=0, skip_checks=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('budget.backoffice', 'on', false)")
            cursor.execute("DELETE FROM wallets_wallet")
            cursor.execute("SELECT set_config('budget.backoffice', '', false)")
    finally:
        call_command("migrate", verbosity=0)
    with household_scope(household):
        account = Wallet.objects.get()
        assert account.opening_date == dt.date(2026, 9, 3)
        assert [line.wallet for line in Transaction.objects.all()] == [account, account]
        assert ledger_faults() == []
        [kept] = ClosedMonthBalance.objects.all()
        assert [kept.name, kept.received, kept.paid, kept.balance] == [account.name, 70, 0, 70]


@pytest.mark.django_db(transaction=True)
def test_an_upgrade_that_was_interrupted_can_go_on() -> None:
    try:
        call_command("migrate", "balances", "0001", verbosity=0, skip_checks=True)
        assert check_policies() == []
    finally:
        call_command("migrate", verbosity=0)
