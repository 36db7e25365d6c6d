"""The ledger's filters and sorting: the address says them, and the browser's buttons know them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIST = "/h/alice/transactions/"


@pytest.fixture
def history(household: Household, today: dt.date) -> None:
    with household_scope(household):
        spend("41.20", dt.date(2026, 11, 20), category("Alimentation"), "Biocoop")
        spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
        spend(12, dt.date(2026, 11, 6), category("Loisirs"), "Musée")
        earn(2500, dt.date(2026, 11, 2), category("Salaire"), "Paie")


@pytest.fixture
def page(tab: Tab, alice: User, history: None) -> Page:
    page = tab(alice)
    page.goto(LIST)
    return page


def titles(page: Page) -> Locator:
    return page.locator("#ledger td.main a")


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Filtres actifs").get_by_role("link")


def test_the_address_carries_what_was_chosen_and_nothing_that_was_not(page: Page) -> None:
    page.get_by_role("searchbox").press_sequentially("i")
    expect(page).to_have_url(re.compile(r"/\?q=i$"))
    page.get_by_label("Catégorie", exact=True).select_option("Loisirs")
    expect(titles(page)).to_have_text(["Cinéma", "Musée"])
    page.get_by_role("link", name="Montant").click()
    expect(titles(page)).to_have_text(["Musée", "Cinéma"])
    query = page.url.partition("?")[2].split("&")
    assert sorted(each.partition("=")[0] for each in query) == ["category", "q", "sort"]
    page.reload()
    expect(titles(page)).to_have_text(["Musée", "Cinéma"])
    expect(page.get_by_role("searchbox")).to_have_value("i")


def test_the_back_button_undoes_a_filter_and_the_page_still_works(page: Page) -> None:
    page.get_by_label("Sens", exact=True).select_option("Dépenses")
    expect(titles(page)).to_have_count(3)
    page.get_by_label("Catégorie", exact=True).select_option("Loisirs")
    expect(titles(page)).to_have_count(2)
    page.go_back()
    expect(titles(page)).to_have_count(3)
    expect(page.get_by_label("Catégorie", exact=True)).to_have_value("")
    page.go_back()
    expect(titles(page)).to_have_count(4)
    expect(page.get_by_label("Sens", exact=True)).to_have_value("")
    page.go_forward()
    expect(titles(page)).to_have_count(3)
    expect(page.get_by_label("Sens", exact=True)).to_have_value("expense")

    dialog = page.get_by_role("dialog")
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("3")
    dialog.get_by_label("Description").fill("Café")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    expect(titles(page)).to_have_count(4)
    expect(page.get_by_text("« Café » ajouté.")).to_be_visible()
    page.get_by_role("link", name="Supprimer Café").click()
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("« Café » est de retour.")).to_be_visible()


def test_a_chip_removes_its_filter_alone(page: Page) -> None:
    page.goto(f"{LIST}?kind=expense&min=20")
    expect(titles(page)).to_have_text(["Biocoop", "Cinéma"])
    chips(page).filter(has_text="Au moins").click()
    expect(titles(page)).to_have_count(3)
    expect(chips(page)).to_have_count(2)  # the other one, and "clear all"
    assert page.url.endswith("?kind=expense")
    chips(page).filter(has_text="Tout effacer").click()
    expect(titles(page)).to_have_count(4)
    expect(page.get_by_label("Sens", exact=True)).to_have_value("")
    assert page.url.endswith(LIST)


def test_dates_and_amounts_filter_from_their_panel(page: Page) -> None:
    page.get_by_text("Filtres", exact=True).click()
    page.get_by_label("Depuis").fill("2026-11-06")
    page.get_by_label("Au plus").fill("30")
    page.get_by_label("Au plus").press("Enter")
    expect(titles(page)).to_have_text(["Cinéma", "Musée"])
    expect(page.get_by_label("Au plus")).to_be_visible()  # the panel is still open
    page.keyboard.press("Escape")
    expect(page.get_by_label("Au plus")).not_to_be_visible()
    expect(page.locator("#more-filters summary")).to_be_focused()


def test_sorting_takes_what_has_just_been_typed(page: Page) -> None:
    page.get_by_role("searchbox").fill("loisirs")
    page.get_by_role("link", name="Montant").click()
    expect(titles(page)).to_have_text(["Musée", "Cinéma"])
    expect(page.get_by_role("columnheader", name="Montant")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.wait_for_timeout(400)  # longer than the search box waits for another letter
    expect(titles(page)).to_have_text(["Musée", "Cinéma"])
    page.get_by_role("link", name="Montant").press("Enter")
    expect(titles(page)).to_have_text(["Cinéma", "Musée"])


def test_the_number_of_matches_is_said_to_those_who_cannot_see_it(page: Page) -> None:
    page.get_by_role("searchbox").fill("mus")
    expect(page.locator("#ledger [role=status]:not([id])")).to_have_text("1 transaction")


def test_a_filter_survives_a_write(page: Page) -> None:
    page.goto(f"{LIST}?q=cin")
    page.get_by_role("link", name="Dupliquer Cinéma").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Montant")).to_have_value("24")
    dialog.get_by_label("Montant").press("Enter")
    expect(titles(page)).to_have_text(["Cinéma", "Cinéma"])
    assert page.url.endswith("?q=cin")


def test_pages_of_the_table_have_addresses(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    with household_scope(household):
        for n in range(55):
            spend(n + 1, dt.date(2026, 11, 1 + n % 20), None, f"Ligne {n}")
    page = tab(alice, width=NARROW)
    page.goto(LIST)
    expect(titles(page)).to_have_count(50)
    page.get_by_role("link", name="Page suivante").click()
    expect(titles(page)).to_have_count(5)
    assert "?after=" in page.url
    page.go_back()
    expect(titles(page)).to_have_count(50)
    page.go_forward()
    expect(titles(page)).to_have_count(5)
    page.get_by_role("link", name="Page précédente").click()
    expect(titles(page)).to_have_count(50)
