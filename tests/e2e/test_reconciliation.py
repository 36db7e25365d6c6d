"""Pointing in the table, and a wallet reconciled to zero, by click and by key."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.users.models import Household, User
from budget.wallets.selectors import first_wallet
from tests.e2e.conftest import Tab
from tests.ledger import book, category, earn, spend, wallet

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIST = "/h/alice/transactions/"


@pytest.fixture
def history(household: Household, today: dt.date) -> None:
    with household_scope(household):
        earn(2500, dt.date(2026, 11, 2), category("Salaire"), "Paie")
        spend("41.20", dt.date(2026, 11, 3), category("Alimentation"), "Biocoop")
        spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
        book(Kind.TRANSFER, 200, dt.date(2026, 11, 8), wallet=first_wallet(), to_wallet=wallet())


def test_a_click_and_a_key_point_a_line_and_take_it_back(
    tab: Tab, alice: User, history: None
) -> None:
    page = tab(alice)
    page.goto(LIST)
    button = page.get_by_role("button", name="Pointer Biocoop", exact=True)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    expect(page.locator("#pointing-said")).to_have_text("«\xa0Biocoop\xa0» est pointée.")
    page.get_by_role("link", name="Cinéma", exact=True).focus()
    page.keyboard.press("p")
    cinema = page.get_by_role("button", name="Pointer Cinéma", exact=True)
    expect(cinema).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("p")
    expect(cinema).to_have_attribute("aria-pressed", "false")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_reconcile_a_wallet_to_zero(
    tab: Tab, alice: User, household: Household, history: None
) -> None:
    page = tab(alice)
    page.goto("/h/alice/reconciliations/")
    page.get_by_role("link", name="Rapprocher un portefeuille").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Compte courant").click()
    dialog.get_by_label("Date du relevé").fill("2026-11-10")
    dialog.get_by_label("Solde du relevé").fill("2 234,80")
    dialog.get_by_role("button", name="Commencer").click()
    expect(page).to_have_url(re.compile(r"/reconciliations/\d+/$"))
    difference = page.locator("#difference")
    expect(difference).to_have_text("+2\xa0234,80\xa0€")
    page.get_by_role("button", name="Pointer Paie", exact=True).click()
    expect(difference).to_have_text("−265,20\xa0€")
    page.get_by_role("link", name="Biocoop", exact=True).focus()
    page.keyboard.press("p")
    expect(difference).to_have_text("−224,00\xa0€")
    expect(page.locator("#difference-said")).to_have_text("Écart\xa0: −224,00\xa0€")
    page.get_by_role("button", name="Tout pointer").click()
    expect(difference).to_have_text("0,00\xa0€")
    page.get_by_role("button", name="Clôturer le rapprochement").click()
    expect(page.get_by_role("heading", name="Lignes rapprochées")).to_be_visible()
    with household_scope(household):
        assert Reconciliation.objects.get().closed_at
        assert all(line.reconciliation_id for line in Transaction.objects.all())
    page.get_by_role("button", name="Rouvrir").click()
    expect(page.get_by_role("button", name="Pointer Paie", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_an_adjustment_is_announced_before_it_is_booked(
    tab: Tab, alice: User, household: Household, history: None
) -> None:
    with household_scope(household):
        started = Reconciliation.objects.create(
            wallet=first_wallet(), date=dt.date(2026, 11, 10), balance=2230
        )
    page = tab(alice)
    page.goto(f"/h/alice/reconciliations/{started.pk}/")
    page.get_by_role("button", name="Tout pointer").click()
    expect(page.locator("#difference")).to_have_text("−4,80\xa0€")
    page.get_by_role("link", name="Clôturer avec un ajustement").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("dépense de 4,80\xa0€")
    dialog.get_by_text("Autre", exact=True).click()
    dialog.get_by_role("button", name="L’inscrire et clôturer").click()
    expect(page.get_by_text("Ajustement du rapprochement")).to_be_visible()
