"""A table that nothing recognises: its columns told by hand, and remembered for the next file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, WIDE, Tab
from tests.ledger import wallet

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

HEAD = "Quand;Quoi;Somme A;Somme B\n"
FIRST = HEAD + "13/10/2026;Café;-1,00;-2,00\n14/10/2026;Pain;-3,00;-9,00\n"
NEXT = HEAD + "15/10/2026;Thé;-4,00;-5,00\n16/10/2026;Lait;-6,00;-7,50\n"


def file(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def bring(page: Page, name: str, text: str) -> None:
    page.goto("/h/alice/import/")
    page.locator("#files").set_input_files(file(name, text))
    page.get_by_role("button", name="Lire les fichiers").click()


def lines(page: Page) -> list[str]:
    return [text.replace("\n", " ") for text in page.locator("#lines tbody tr").all_inner_texts()]


def labels(household: Household) -> list[str]:
    with household_scope(household):
        return sorted(Transaction.objects.values_list("bank_label", flat=True))


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_columns_told_by_hand_are_remembered_for_the_next_file(
    tab: Tab, alice: User, household: Household, width: int
) -> None:
    page = tab(alice, width=width)
    bring(page, "octobre.csv", FIRST)
    expect(page.get_by_role("heading", name="Indiquer les colonnes")).to_be_visible()
    shown = page.locator("#first-lines")
    expect(shown).to_contain_text("Dites quelle colonne contient le montant")

    # What is chosen is shown at once, and what is wrong as well.
    page.get_by_label("Somme B", exact=True).select_option(label="Montant")
    expect(shown).to_contain_text("−9,00\xa0€")
    page.get_by_label("Somme A", exact=True).select_option(label="Montant")
    page.get_by_role("button", name="Lire le fichier ainsi").click()
    expect(page.get_by_label("Somme B", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Somme A", exact=True).select_option(label="Non utilisée")
    page.get_by_label("Retenir ces colonnes sous le nom").fill("Banque du coin")
    page.get_by_role("button", name="Lire le fichier ainsi").click()
    expect(page.get_by_role("main")).to_contain_text("lu comme «\xa0Banque du coin\xa0»")
    assert any("−9,00" in line for line in lines(page))

    bring(page, "novembre.csv", NEXT)
    expect(page).to_have_url(re.compile(r"/import/\d+/$"))
    expect(page.get_by_role("main")).to_contain_text("lu comme «\xa0Banque du coin\xa0»")
    assert any("−7,50" in line for line in lines(page))
    page.get_by_role("button", name="Importer 2 transactions").locator("visible=true").click()
    expect(page.get_by_text("2 transactions importées").first).to_be_visible()
    assert labels(household) == ["Lait", "Thé"]

    page.goto("/h/alice/import/columns/")
    page.get_by_role("link", name="Oublier Banque du coin").click()
    page.get_by_role("dialog").get_by_role("button", name="Oublier").click()
    expect(page.get_by_role("heading", name="Aucune colonne retenue")).to_be_visible()


@pytest.mark.usefixtures("today")
def test_without_scripts_columns_and_wallets_are_told_as_well(
    tab: Tab, alice: User, household: Household
) -> None:
    with household_scope(household):
        wallet("Livret")
    page = tab(alice, scripts=False)
    bring(page, "octobre.csv", FIRST)
    page.get_by_label("Somme B", exact=True).select_option(label="Montant")
    page.get_by_role("button", name="Voir les premières lignes").click()
    expect(page.locator("#first-lines")).to_contain_text("−9,00\xa0€")
    page.get_by_role("button", name="Lire le fichier ainsi").click()

    # Which wallet it is nobody has said yet.
    expect(page.get_by_role("heading", name="Choisir les portefeuilles")).to_be_visible()
    name = page.get_by_label("Nom du nouveau portefeuille")
    expect(name).to_be_hidden()
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.locator(".fault")).to_contain_text("de quel portefeuille")
    page.get_by_label("Portefeuille", exact=True).select_option(label="Un nouveau portefeuille")
    name.fill("Compte joint")
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_role("main")).to_contain_text("vers Compte joint")
    page.get_by_role("button", name="Importer 2 transactions").locator("visible=true").click()
    expect(page.get_by_text("2 transactions importées").first).to_be_visible()
    with household_scope(household):
        assert {str(line.wallet) for line in Transaction.objects.all()} == {"Compte joint"}
