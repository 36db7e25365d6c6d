"""Wallets: closing one with money in it and taking that back, and their order."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from budget.balances.check import ledger_faults
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab
from tests.ledger import book, earn, wallet

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WALLETS = "/h/alice/wallets/"


def holds(page: Page, name: str, amount: str) -> None:
    """Expect the wallet of that name to stand in the list with that amount."""
    row = page.locator(
        "#main .holders tbody tr", has=page.get_by_role("link", name=name, exact=True)
    )
    expect(row.locator(".sum")).to_have_text(amount.replace(" ", "\u00a0"))


def test_close_a_wallet_with_money_in_it(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    with household_scope(household):
        earn(1000, dt.date(2026, 11, 2))
        livret = wallet("Livret", opening=100)
        book(Kind.INCOME, 150, dt.date(2026, 11, 3), wallet=livret)
    page = tab(alice, width=NARROW)
    page.goto(WALLETS)
    holds(page, "Livret", "250,00 €")
    page.get_by_role("link", name="Livret", exact=True).click()
    page.get_by_role("link", name="Clôturer").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Livret contient 250,00\u00a0€")
    expect(dialog.get_by_label("Compte courant")).to_be_checked()
    dialog.get_by_role("button", name="Clôturer le portefeuille").click()
    expect(dialog).to_be_hidden()
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("«\u00a0Livret\u00a0» est clos\u00a0: 250,00\u00a0€ sont passés")
    expect(page.get_by_role("button", name="Rouvrir")).to_be_visible()

    page.goto(WALLETS)
    holds(page, "Compte courant", "1 250,00 €")
    expect(page.locator(".holders")).not_to_contain_text("Livret")
    page.get_by_text("1 portefeuille clos").click()
    page.get_by_role("button", name="Rouvrir Livret").click()
    holds(page, "Livret", "0,00 €")
    with household_scope(household):
        assert ledger_faults() == []


def test_closing_is_undone_from_its_toast(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    with household_scope(household):
        livret = wallet("Livret", opening=100)
    page = tab(alice)
    page.goto(f"{WALLETS}{livret.pk}/close/")
    page.get_by_role("button", name="Clôturer le portefeuille").click()
    page.locator("#toasts").get_by_role("button", name="Annuler").click()
    holds(page, "Livret", "100,00 €")
    with household_scope(household):
        assert ledger_faults() == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_wallets_are_put_in_order(
    tab: Tab, alice: User, household: Household, today: dt.date, scripts: bool
) -> None:
    with household_scope(household):
        wallet("Livret")
    page = tab(alice, scripts=scripts)
    page.goto(WALLETS)
    names = page.locator(".holders tbody .cat")
    expect(names).to_have_text(["Compte courant", "Livret"])
    up = page.get_by_role("button", name="Monter Livret")
    up.focus()
    page.keyboard.press("Enter")
    expect(names).to_have_text(["Livret", "Compte courant"])
    if scripts:
        expect(up).to_be_focused()
