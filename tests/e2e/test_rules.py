"""A rule from a line: tried on the past while it is typed, applied, taken back; and its order."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from budget.core.tenancy import household_scope
from budget.imports.models import ImportLine, Rule
from budget.imports.services import import_receive
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab
from tests.ledger import category, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

RULES = "/h/alice/rules/"
LINES = "/h/alice/transactions/"


BANK_FILE = """Date;Libellé;Débit euros;Crédit euros;
20/11/2026;CARTE 20/11 BIOCOOP VOLTAIRE CB*4821;41,20;;
18/11/2026;CARTE 18/11 SUMUP *CAFE MERICOURT;4,80;;
17/11/2026;CARTE 17/11 BIOCOOP NATION CB*4821;12,00;;
""".encode("latin-1")


@pytest.fixture
def ledger(household: Household, today: dt.date) -> None:
    with household_scope(household):
        spend("41.20", dt.date(2026, 11, 20), category("Loisirs"), "Biocoop Voltaire")
        spend("12.30", dt.date(2026, 11, 7), None, "Biocoop Nation")
        spend(24, dt.date(2026, 11, 6), category("Loisirs"), "Cinéma")


@pytest.mark.parametrize("width", [1280, NARROW])
def test_a_rule_from_a_line_changes_its_fellows_and_can_be_undone(
    tab: Tab, alice: User, ledger: None, width: int
) -> None:
    page = tab(alice, width=width)
    page.goto(LINES)
    page.get_by_role("link", name="Biocoop Nation", exact=True).click()
    page.get_by_role("dialog").get_by_role("link", name="En faire une règle").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Nouvelle règle")).to_be_visible()
    expect(dialog.get_by_label("Texte")).to_have_value("Biocoop Nation")
    dialog.get_by_label("Texte").fill("biocoop")
    dialog.get_by_label("Catégorie").select_option(label="Alimentation")
    trial = dialog.locator("#trial")
    expect(trial).to_contain_text("Changerait 2 lignes")
    expect(trial).to_contain_text("Loisirs → Alimentation")
    trial.get_by_label("Modifier aussi ces 2 lignes du passé").check()
    dialog.get_by_label("Texte").press("Enter")

    expect(dialog).to_be_hidden()
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("2 lignes du passé ont changé.")
    expect(page.locator("#ledger .cat").get_by_text("Alimentation")).to_have_count(2)
    toast.get_by_role("button", name="Annuler").click()
    expect(toast).to_contain_text("2 lignes sont comme avant.")
    expect(page.locator("#ledger .cat").get_by_text("Alimentation")).to_have_count(0)


def test_a_rule_from_a_line_of_a_file_decides_its_fellows(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    with household_scope(household):
        source = import_receive(file_name="releve.csv", content=BANK_FILE, user=alice)
    page = tab(alice)
    page.goto(f"/h/alice/import/{source.pk}/")
    page.locator("#lines").get_by_role("link", name="Biocoop Voltaire").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Toujours faire ainsi").click()
    expect(dialog.get_by_label("Texte")).to_have_value("Biocoop Voltaire")
    dialog.get_by_label("Texte").fill("biocoop")
    dialog.get_by_label("Catégorie").select_option(label="Alimentation")
    dialog.get_by_role("button", name="Enregistrer").click()

    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("2 lignes en attente d’import la suivent.")
    for name in ("Biocoop Voltaire", "Biocoop Nation"):
        row = page.locator("#lines tr").filter(has=page.get_by_role("link", name=name))
        expect(row.locator("option:checked").first).to_have_text("Alimentation")
    with household_scope(household):
        names = ImportLine.objects.order_by("number").values_list("category__name", flat=True)
        assert list(names) == ["Alimentation", None, "Alimentation"]


def test_a_pattern_that_cannot_be_read_is_told_beside_its_field(
    tab: Tab, alice: User, ledger: None
) -> None:
    page = tab(alice)
    page.goto(RULES)
    page.locator(".empty").get_by_role("link", name="Nouvelle règle").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Texte")).to_be_focused()
    page.keyboard.type("(biocoop")
    dialog.get_by_label("Le libellé").select_option(label="correspond au motif")
    dialog.get_by_label("Renommer en").fill("Bio")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("il manque une parenthèse fermante")
    expect(dialog.get_by_label("Texte")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(")")
    expect(dialog.locator("#trial")).to_contain_text("Changerait 2 lignes")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator(".rules")).to_contain_text("correspond au motif")


def order(page: Page, *texts: str) -> None:
    """Expect the rules to stand in that order."""
    sentences = [f"Si le libellé contient «\u00a0{text}\u00a0»" for text in texts]
    expect(page.locator(".rules .says > p:first-child")).to_have_text(sentences)


def test_rules_are_put_in_order_and_deleted_by_keys_alone(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    with household_scope(household):
        for position, text in enumerate("abc"):
            Rule.objects.create(text=text, position=position, rename=text)
    page = tab(alice)
    page.goto(RULES)
    up = page.get_by_role("button", name="Monter c")
    up.focus()
    page.keyboard.press("Enter")
    order(page, "a", "c", "b")
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    order(page, "c", "a", "b")
    page.get_by_role("link", name="Supprimer a").focus()
    page.keyboard.press("Enter")
    order(page, "c", "b")
    page.locator("#toasts").get_by_role("button", name="Annuler").click()
    order(page, "c", "a", "b")


def test_without_scripts_a_rule_is_tried_saved_and_applied(
    tab: Tab, alice: User, ledger: None
) -> None:
    page = tab(alice, scripts=False)
    page.goto(f"{RULES}add/")
    page.get_by_label("Texte").fill("biocoop")
    page.get_by_label("Catégorie").select_option(label="Alimentation")
    page.get_by_role("button", name="L’essayer sur le passé").click()
    expect(page.locator("#trial")).to_contain_text("Changerait 2 lignes")
    page.get_by_role("button", name="Enregistrer").click()
    order(page, "biocoop")
    page.get_by_role("link", name="Appliquer biocoop au passé").click()
    page.get_by_role("button", name="Modifier 2 lignes").click()
    expect(
        page.get_by_role("status").filter(has_text="2 lignes du passé ont changé.")
    ).to_be_visible()
    page.get_by_role("button", name="Annuler").click()
    expect(page.get_by_role("status").filter(has_text="2 lignes sont comme avant.")).to_be_visible()
