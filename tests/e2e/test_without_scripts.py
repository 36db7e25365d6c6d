"""A browser that runs no scripts keeps a budget too, page by page."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.conftest import PASSWORD
from tests.e2e.conftest import NARROW, Tab
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIST = "/h/alice/transactions/"


@pytest.fixture
def ledger(household: Household, today: dt.date) -> None:
    with household_scope(household):
        spend("41.20", dt.date(2026, 11, 20), category("Alimentation"), "Biocoop")
        spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
        earn(2500, dt.date(2026, 10, 28), category("Salaire"), "Paie")


@pytest.fixture
def page(tab: Tab, alice: User, ledger: None) -> Page:
    return tab(alice, scripts=False)


def titles(page: Page) -> Locator:
    return page.locator("#ledger td.main a")


def told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def press(page: Page, name: str) -> None:
    """A button of the page itself, not of its frame."""
    page.get_by_role("main").get_by_role("button", name=name).first.click()


@pytest.mark.parametrize("width", [1280, NARROW])
def test_one_signs_in_and_out(tab: Tab, alice: User, ledger: None, width: int) -> None:
    page = tab(scripts=False, width=width)
    page.goto(LIST)
    page.get_by_label("Adresse e-mail").fill(alice.email)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(titles(page)).to_have_count(3)
    if width == NARROW:
        page.get_by_role("button", name="Plus").click()
    page.get_by_role("button", name="Se déconnecter").locator("visible=true").click()
    page.goto(LIST)
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_a_line_is_added_corrected_edited_deleted_and_brought_back(page: Page) -> None:
    page.goto(LIST)
    page.get_by_role("main").get_by_role("link", name="Ajouter une transaction").click()
    page.get_by_label("Montant").fill("douze")
    page.get_by_text("Santé", exact=True).click()
    page.get_by_label("Description").fill("Pharmacie")
    press(page, "Enregistrer")
    expect(page.locator(".fault")).to_contain_text("ne se lit pas comme un montant")
    page.get_by_label("Montant").fill("12,30")
    press(page, "Enregistrer")
    told(page, "« Pharmacie » ajouté.")

    row = page.get_by_role("row", name="Pharmacie")
    expect(row).to_contain_text("Santé")
    expect(row).to_contain_text("−12,30 €")
    row.get_by_role("link", name="Modifier Pharmacie").click()
    page.get_by_label("Montant").fill("13")
    press(page, "Enregistrer")
    told(page, "« Pharmacie » enregistré.")
    expect(row).to_contain_text("−13,00 €")

    row.get_by_role("link", name="Supprimer Pharmacie").click()
    expect(page.get_by_role("main")).to_contain_text("−13,00 €")
    press(page, "Supprimer")
    told(page, "« Pharmacie » supprimé.")
    expect(titles(page)).to_have_count(3)
    page.get_by_role("button", name="Annuler").click()
    told(page, "« Pharmacie » est de retour.")
    expect(titles(page)).to_have_count(4)


@pytest.mark.parametrize("width", [1280, NARROW])
def test_the_ledger_is_filtered_and_sorted(tab: Tab, alice: User, ledger: None, width: int) -> None:
    page = tab(alice, scripts=False, width=width)
    page.goto(LIST)
    page.get_by_role("search").get_by_label("Sens", exact=True).select_option("Dépenses")
    page.get_by_role("search").get_by_role("button", name="Appliquer").first.click()
    expect(titles(page)).to_have_text(["Biocoop", "Cinéma"])
    if width == NARROW:
        page.get_by_text("Trier", exact=True).click()
        page.locator("#sort-menu").get_by_role("link", name="Montant").click()
    else:
        page.get_by_role("link", name="Montant").click()
        expect(page.get_by_role("columnheader", name="Montant")).to_have_attribute(
            "aria-sort", "descending"
        )
    expect(page).to_have_url(re.compile("sort=-?amount"))
    page.get_by_role("searchbox").fill("loisirs")
    page.get_by_role("searchbox").press("Enter")
    expect(titles(page)).to_have_text(["Cinéma"])
    expect(page).to_have_url(re.compile("sort=-?amount"))
    chips = page.get_by_role("list", name="Filtres actifs")
    chips.get_by_role("link", name=re.compile("loisirs")).click()
    expect(titles(page)).to_have_count(2)
    chips.get_by_role("link", name="Tout effacer").click()
    expect(titles(page)).to_have_count(3)


def test_a_goal_is_made_and_money_put_in(page: Page) -> None:
    page.goto("/h/alice/goals/")
    page.get_by_role("link", name="Nouvel objectif").first.click()
    page.get_by_label("Nom").fill("Vélo")
    page.get_by_label("Montant visé").fill("300")
    page.get_by_label("Versement prévu").fill("100")
    press(page, "Enregistrer")
    goal = page.get_by_role("article", name="Vélo")
    goal.get_by_role("link", name="Ajouter").click()
    page.get_by_label("Montant").fill("9999")
    press(page, "Ajouter")
    expect(page.locator(".fault")).to_contain_text("2 434,80")
    page.get_by_label("Montant").fill("120")
    press(page, "Ajouter")
    expect(goal).to_contain_text("40 %")


def test_a_month_is_closed_and_opened_again(page: Page) -> None:
    page.goto("/h/alice/archives/")
    press(page, "Clôturer octobre")
    told(page, "Octobre 2026 est clos.")
    closed = page.get_by_role("region", name="Mois clos")
    closed.get_by_role("link", name="Octobre 2026", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Paie")
    press(page, "Rouvrir")
    told(page, "Octobre 2026 est rouvert")
    page.goto("/h/alice/archives/")
    expect(page.get_by_role("button", name="Clôturer octobre")).to_be_visible()


def test_a_category_is_deleted_and_what_it_holds_moves(page: Page) -> None:
    page.goto("/h/alice/categories/")
    page.get_by_role("link", name="Supprimer Loisirs").click()
    press(page, "Supprimer")
    expect(page.locator(".fault")).to_be_visible()  # nowhere was chosen
    page.get_by_role("combobox").select_option("Autre")
    press(page, "Supprimer")
    told(page, "Catégorie « Loisirs » supprimée.")
    expect(page.get_by_role("article", name="Loisirs")).not_to_be_visible()
    page.goto(LIST)
    expect(page.get_by_role("row", name="Cinéma")).to_contain_text("Autre")


def test_the_figures_of_a_chart_that_is_not_drawn_can_be_read(page: Page) -> None:
    page.goto("/h/alice/budget/")
    expect(page.locator("canvas").first).not_to_be_visible()
    part = page.get_by_role("region", name="Dépenses par catégorie")
    expect(part.get_by_role("link", name=re.compile("^Loisirs"))).to_be_visible()
    part.get_by_text("Voir les chiffres").click()
    expect(part.get_by_role("row", name="Loisirs 24,00 €")).to_be_visible()
