"""A bank's file dropped, corrected, imported, imported again and taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab
from tests.imports.made_up import many
from tests.imports.staged import FILE
from tests.ledger import category

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("household", "today"),
]

PAGE = "/h/alice/import/"
#: Drops files where a person would: a browser gives scripts no other way to make the event.
DROP = """(zone, files) => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) transfer.items.add(new File([text], name));
    for (const type of ["dragover", "drop"]) {
        const event = { dataTransfer: transfer, bubbles: true, cancelable: true };
        zone.dispatchEvent(new DragEvent(type, event));
    }
}"""


def entered(household: Household) -> list[str]:
    with household_scope(household):
        return list(
            Transaction.objects.order_by("date", "pk").values_list("description", flat=True)
        )


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    """Drop files on the page of imports, and have them read."""
    page.goto(PAGE)
    sent = [[name, content.decode("latin-1")] for name, content in files]
    page.locator("#upload").evaluate(DROP, sent)
    expect(page.locator("[data-chosen] li")).to_have_count(len(files))
    expect(page.get_by_role("button", name="Lire les fichiers")).to_be_focused()
    page.keyboard.press("Enter")


def utf8(content: bytes) -> bytes:
    """The same without accents in its header, which a dropped text would change."""
    return content.decode("latin-1").replace("é", "e").encode()


def test_a_file_is_dropped_corrected_imported_again_and_taken_back(
    tab: Tab, alice: User, household: Household
) -> None:
    page = tab(alice)
    drop(page, ("releve.csv", utf8(FILE)))
    expect(page).to_have_url(re.compile(r"/import/\d+/$"))
    expect(page.get_by_role("heading", name="Vérifier l’import")).to_be_visible()
    button = page.get_by_role("button", name=re.compile(r"^Importer \d+ transactions?$"))
    expect(button).to_have_text("Importer 7 transactions")

    # In the row: a tick and a category are said at once, and stay.
    coffee = page.get_by_role("checkbox", name=re.compile("Café|Mericourt|MERICOURT")).first
    coffee.focus()
    page.keyboard.press("Space")
    expect(button).to_have_text("Importer 6 transactions")
    row = page.get_by_role("row").filter(has_text="BIOCOOP")
    with household_scope(household):
        food = category("Alimentation").name
    row.get_by_role("combobox").select_option(label=food)
    expect(page.locator("#figures")).to_contain_text("À vérifier 5")
    page.reload()
    expect(button).to_have_text("Importer 6 transactions")

    # In the dialog: what could not be read.
    page.get_by_role("link", name=re.compile(r"^Corriger")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Montant").fill("58,12")
    dialog.get_by_label("Date").fill("2026-11-14")
    dialog.get_by_label("Description").fill("Engie")
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(dialog).to_be_hidden()
    expect(button).to_have_text("Importer 7 transactions")

    button.click()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible()
    assert len(entered(household)) == 7
    assert "Engie" in entered(household)

    drop(page, ("releve.csv", utf8(FILE)))
    expect(page.get_by_role("heading", name="Vérifier l’import")).to_be_visible()
    expect(button).to_have_text("Importer 0 transaction")
    expect(button).to_be_disabled()
    page.get_by_role("button", name="Retirer").click()
    expect(page.get_by_role("heading", name="Imports passés")).to_be_visible()

    page.get_by_role("link", name="releve.csv").click()
    page.get_by_role("link", name="Annuler cet import").click()
    expect(dialog).to_contain_text("7 transactions")
    dialog.get_by_role("button", name="Annuler cet import").click()
    expect(page.get_by_role("heading", name="Import annulé")).to_be_visible()
    assert entered(household) == []


def test_in_english_with_the_keyboard_alone(tab: Tab, alice: User, household: Household) -> None:
    page = tab(alice, language="en")
    page.goto(PAGE)
    chooser = page.get_by_label(re.compile("Drop your bank’s files"))
    chooser.focus()
    chooser.set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": FILE})
    expect(page.locator("[data-chosen]")).to_contain_text("a.csv")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check the import")).to_be_visible()
    page.get_by_role("button", name="Import 7 transactions").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Import done")).to_be_visible()
    assert len(entered(household)) == 7


def test_on_a_phone_many_lines_are_changed_at_once(
    tab: Tab, alice: User, household: Household
) -> None:
    page = tab(alice, width=NARROW)
    drop(page, ("releve.csv", utf8(FILE)))
    expect(page.get_by_role("heading", name="Vérifier l’import")).to_be_visible()
    page.get_by_role("link", name="Modifier en groupe").click()
    many_lines = page.locator("#many")
    expect(many_lines).to_be_visible()
    for tick in page.get_by_role("checkbox", name=re.compile("Café|Mericourt|MERICOURT")).all():
        tick.check()
    many_lines.get_by_label("Catégorie").select_option(label="Loisirs")
    many_lines.get_by_role("button", name="Modifier").click()
    expect(page.locator("#toasts")).to_contain_text("2 lignes modifiées.")
    page.get_by_role("link", name="Terminer").click()
    page.get_by_role("button", name="Importer 7 transactions").click()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible()
    with household_scope(household):
        assert Transaction.objects.filter(category=category("Loisirs")).count() == 2
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0


def test_a_file_that_is_too_large_is_told_and_not_sent(tab: Tab, alice: User) -> None:
    page = tab(alice)
    page.goto(PAGE)
    page.locator("#upload").evaluate("form => { form.dataset.largest = '100'; }")
    page.locator("#files").set_input_files(
        {"name": "g.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    expect(page.locator("[data-fault]")).to_contain_text("dépasse 50\xa0Mo")
    expect(page.get_by_role("button", name="Lire les fichiers")).to_be_disabled()


def test_each_of_several_files_is_answered_for(tab: Tab, alice: User) -> None:
    page = tab(alice)
    drop(page, ("releve.csv", utf8(FILE)), ("photo.csv", b"\x89PNG\r\n\x1a\n"))
    answers = page.locator("#answers")
    expect(answers.get_by_role("listitem")).to_have_count(2)
    expect(page.locator("#waiting")).to_contain_text("releve.csv")
    answers.get_by_role("link", name="Vérifier").click()
    expect(page.get_by_role("heading", name="Vérifier l’import")).to_be_visible()


def test_progress_is_shown_while_lines_are_written(tab: Tab, alice: User, tmp_path: Path) -> None:
    page = tab(alice)
    file = tmp_path / "long.csv"
    file.write_bytes(many(120))
    page.goto(PAGE)
    page.locator("#files").set_input_files(file)
    page.get_by_role("button", name="Lire les fichiers").click()
    held: list[Route] = []
    page.route("**/confirm/", lambda route: held.append(route))
    page.get_by_role("button", name=re.compile("^Importer 120")).click()
    expect(page.locator("#importing progress")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible()


def test_without_scripts_a_file_is_sent_said_of_and_imported(
    tab: Tab, alice: User, household: Household
) -> None:
    page = tab(alice, scripts=False)
    page.goto(PAGE)
    page.locator("#files").set_input_files(
        {"name": "releve.csv", "mimeType": "text/csv", "buffer": FILE}
    )
    page.get_by_role("button", name="Lire les fichiers").click()
    row = page.get_by_role("row").filter(has_text="BIOCOOP")
    row.get_by_role("checkbox").uncheck()
    page.get_by_role("button", name="Enregistrer mes choix").click()
    page.get_by_role("button", name="Importer 6 transactions").click()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible()
    assert len(entered(household)) == 6
    page.get_by_role("link", name="Annuler cet import").click()
    page.get_by_role("button", name="Annuler cet import").click()
    expect(page.get_by_role("heading", name="Import annulé")).to_be_visible()
