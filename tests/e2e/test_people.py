"""Lending, being paid back and settling, on a phone and without scripts."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from budget.balances.check import ledger_faults
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab
from tests.ledger import book, person

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PEOPLE = "/h/alice/people/"


def book_by_dialog(page: Page, button: str, amount: str) -> None:
    """Press one of the four buttons of a person's page, and save that amount."""
    page.get_by_role("link", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Montant")).to_be_focused()
    expect(dialog.get_by_label("Personne").locator("option:checked")).to_have_text("Léa Forêt")
    dialog.get_by_label("Montant").fill(amount)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()


def figure(page: Page, name: str, amount: str) -> None:
    """Expect one of the four figures to be that amount."""
    group = page.locator(".figures > div", has=page.get_by_text(name, exact=True))
    expect(group.locator(".fig")).to_have_text(amount.replace(" ", "\u00a0"))


def test_lend_300_get_100_back_200_left(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    page = tab(alice, width=NARROW)
    page.goto(PEOPLE)
    page.locator(".empty").get_by_role("link", name="Nouvelle personne").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Prénom")).to_be_focused()
    page.keyboard.type("Léa")
    dialog.locator("#id_last_name").fill("Forêt")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Léa Forêt").click()

    book_by_dialog(page, "Prêter", "300")
    figure(page, "Créance", "300,00 €")
    book_by_dialog(page, "On m’a remboursé", "100")
    figure(page, "Créance", "200,00 €")
    figure(page, "Récolté", "100,00 €")
    expect(page.locator(".page-head")).to_contain_text("Vous doit 200,00\u00a0€")
    expect(page.locator(".movements .balance")).to_have_text(["+200,00\u00a0€", "+300,00\u00a0€"])

    page.get_by_role("button", name="Tout solder").click()
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("Soldé avec Léa Forêt\u00a0: 200,00\u00a0€ récoltés.")
    figure(page, "Créance", "0,00 €")
    expect(page.get_by_role("button", name="Tout solder")).to_have_count(0)
    toast.get_by_role("button", name="Annuler").click()
    figure(page, "Créance", "200,00 €")
    with household_scope(household):
        assert Transaction.objects.count() == 2
        assert ledger_faults() == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_line_that_led_here_is_in_sight(
    tab: Tab, alice: User, household: Household, scripts: bool
) -> None:
    with household_scope(household):
        lea = person()
        for n in range(60):
            book(Kind.LEND, n + 1, dt.date(2026, 3, 1) + dt.timedelta(days=n), person=lea)
        asked = Transaction.objects.order_by("date")[30]
    page = tab(alice, width=NARROW, scripts=scripts)
    # Scripts bring it in sight even where the address does not end in its name.
    anchor = "" if scripts else f"#line-{asked.pk}"
    page.goto(f"{PEOPLE}{lea.pk}/?line={asked.pk}{anchor}")
    row = page.locator('[aria-current="true"][id^="line-"]')
    expect(row).to_have_id(f"line-{asked.pk}")
    expect(row).to_be_in_viewport()


def test_typing_a_name_narrows_the_list(tab: Tab, alice: User, household: Household) -> None:
    with household_scope(household):
        for name in ("Léa", "Tom", "Zoé"):
            person(name)
    page = tab(alice)
    page.goto(PEOPLE)
    page.get_by_role("searchbox").fill("ZOE")
    expect(page.locator(".owed tbody th a")).to_have_text(["Zoé"])
    page.get_by_role("searchbox").fill("")
    expect(page.locator(".owed tbody th a")).to_have_count(3)
    page.get_by_role("link", name="Net").click()
    expect(page.locator("th.net")).to_have_attribute("aria-sort", "descending")


def test_without_scripts_one_can_settle_and_take_it_back(
    tab: Tab, alice: User, household: Household
) -> None:
    with household_scope(household):
        book(Kind.LEND, 300, dt.date(2026, 11, 3), person=person())
        lea = person()
    page = tab(alice, scripts=False)
    page.goto(f"{PEOPLE}{lea.pk}/")
    page.get_by_role("button", name="Tout solder").click()
    figure(page, "Créance", "0,00 €")
    page.get_by_role("button", name="Annuler").click()
    figure(page, "Créance", "300,00 €")
