"""The one dialog, its keys, and the toasts that tell what a write has done."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Faults, Tab
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIST = "/h/alice/transactions/"


@pytest.fixture
def ledger(household: Household, today: dt.date) -> None:
    """Two expenses and an income of this month."""
    with household_scope(household):
        spend("41.20", dt.date(2026, 11, 20), category("Alimentation"), "Biocoop")
        spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
        earn(2500, dt.date(2026, 11, 2), category("Salaire"), "Paie")


@pytest.fixture
def page(tab: Tab, alice: User, ledger: None) -> Page:
    """Alice's transactions in French, at a desk."""
    page = tab(alice)
    page.goto(LIST)
    expect(titles(page)).to_have_text(["Biocoop", "Cinéma", "Paie"])
    return page


@pytest.fixture
def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def titles(page: Page) -> Locator:
    return page.locator("#ledger td.main a")


def amounts(household: Household, description: str) -> list[str]:
    """What the database holds under that description."""
    with household_scope(household):
        lines = Transaction.objects.filter(description=description)
        return sorted(str(line.amount) for line in lines)


def test_n_opens_the_form_in_the_amount_and_enter_saves_and_closes(
    page: Page, dialog: Locator, household: Household
) -> None:
    page.locator("body").press("n")
    amount = dialog.get_by_label("Montant")
    expect(amount).to_be_focused()
    page.keyboard.type("12,30")
    dialog.get_by_label("Description").fill("Boulangerie")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()  # "save and add another" would have kept it
    expect(page.get_by_text("« Boulangerie » ajouté.")).to_be_visible()
    expect(titles(page)).to_have_text(["Boulangerie", "Biocoop", "Cinéma", "Paie"])
    assert amounts(household, "Boulangerie") == ["12.30"]


def test_n_is_a_letter_where_one_writes(page: Page, dialog: Locator) -> None:
    page.get_by_role("searchbox").press("n")
    expect(page.get_by_role("searchbox")).to_have_value("n")
    expect(dialog).not_to_be_visible()


def test_focus_returns_to_what_opened_the_dialog(page: Page, dialog: Locator) -> None:
    pencil = page.get_by_role("link", name="Modifier Cinéma")
    pencil.click()
    expect(dialog.get_by_label("Montant")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(pencil).to_be_focused()

    pencil.press("Enter")
    dialog.get_by_label("Montant").fill("25")
    page.keyboard.press("Enter")
    expect(page.locator("#ledger")).to_contain_text("−25,00 €")
    expect(pencil).to_be_focused()  # the new one: the table was replaced


def test_the_dialog_keeps_the_tab_key_and_its_cross_closes_it(page: Page, dialog: Locator) -> None:
    page.get_by_role("link", name="Ajouter une transaction").first.click()
    expect(dialog).to_be_visible()
    expect(page.get_by_role("dialog", name="Ajouter une transaction")).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body ||"
            " document.activeElement.closest('dialog') !== null"
        )
    dialog.get_by_role("button", name="Fermer", exact=True).click()
    expect(dialog).not_to_be_visible()


def test_save_and_add_another_keeps_the_dialog_for_the_next_line(
    page: Page, dialog: Locator, household: Household
) -> None:
    page.locator("body").press("n")
    for amount in ("3,10", "4,20"):
        dialog.get_by_label("Montant").fill(amount)
        dialog.get_by_label("Description").fill("Café")
        dialog.get_by_role("button", name="Enregistrer et ajouter une autre").click()
        expect(dialog.get_by_label("Description")).to_have_value("")
        expect(dialog.get_by_label("Montant")).to_be_focused()
    page.keyboard.press("Escape")
    expect(titles(page).filter(has_text="Café")).to_have_count(2)
    assert amounts(household, "Café") == ["3.10", "4.20"]


def test_a_double_click_on_save_makes_one_line(
    page: Page, dialog: Locator, household: Household
) -> None:
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("9,99")
    dialog.get_by_label("Description").fill("Livre")
    dialog.get_by_role("button", name=re.compile("^Enregistrer ")).first.dblclick()
    expect(titles(page).filter(has_text="Livre")).to_have_count(1)
    expect(dialog).not_to_be_visible()
    assert amounts(household, "Livre") == ["9.99"]


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    page: Page, dialog: Locator
) -> None:
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("douze")
    dialog.get_by_label("Description").fill("Boulangerie")
    page.keyboard.press("Enter")
    amount = dialog.get_by_label("Montant")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(amount).to_be_focused()
    expect(amount).to_have_value("douze")
    expect(amount).to_have_accessible_description(re.compile("ne se lit pas comme un montant"))
    expect(dialog.get_by_label("Description")).to_have_value("Boulangerie")


def test_where_the_limit_lands_is_shown_before_saving(
    page: Page, dialog: Locator, household: Household
) -> None:
    with household_scope(household):
        food = category("Alimentation")
        food.monthly_limit = 100
        food.save()
    page.locator("body").press("n")
    dialog.get_by_text("Alimentation", exact=True).click()
    dialog.get_by_label("Montant").fill("30")
    expect(dialog.locator("#landing")).to_contain_text("71 %")
    expect(dialog.locator("#landing")).to_contain_text("71,20 € sur 100,00 €")


def test_an_edited_line_is_not_counted_twice_in_where_its_limit_lands(
    page: Page, dialog: Locator, household: Household
) -> None:
    with household_scope(household):
        food = category("Alimentation")
        food.monthly_limit = 100
        food.save()
    page.get_by_role("link", name="Modifier Biocoop").click()
    expect(dialog.locator("#landing")).to_contain_text("41,20 € sur 100,00 €")
    dialog.get_by_label("Date").fill("2026-10-02")
    expect(dialog.locator("#landing")).to_contain_text("octobre 2026")


def test_the_other_direction_has_its_own_suggestion_until_a_category_is_chosen(
    page: Page, dialog: Locator
) -> None:
    def add(name: str, *, income: bool = False) -> None:
        page.locator("body").press("n")
        dialog.get_by_label("Montant").fill("5")
        if income:
            dialog.get_by_text("Revenu", exact=True).click()
        dialog.get_by_text(name, exact=True).click()
        page.keyboard.press("Enter")
        expect(dialog).not_to_be_visible()

    checked = dialog.locator("label:has([name=category]:checked)")
    add("Loisirs")
    page.locator("body").press("n")
    expect(checked).to_have_text("Loisirs")
    dialog.get_by_text("Revenu", exact=True).click()
    expect(checked).to_have_text("Aucune")  # no income has been noted yet
    dialog.get_by_text("Dépense", exact=True).click()
    expect(checked).to_have_text("Loisirs")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()

    add("Salaire", income=True)
    page.locator("body").press("n")
    expect(checked).to_have_text("Loisirs")
    dialog.get_by_text("Revenu", exact=True).click()
    expect(checked).to_have_text("Salaire")
    dialog.get_by_text("Santé", exact=True).click()  # a refund
    dialog.get_by_text("Dépense", exact=True).click()
    expect(checked).to_have_text("Santé")


def test_on_a_phone_a_line_is_duplicated_and_deleted_from_its_form(
    tab: Tab, alice: User, ledger: None, household: Household
) -> None:
    page = tab(alice, width=NARROW)
    page.goto(LIST)
    dialog = page.get_by_role("dialog")
    page.get_by_role("link", name="Cinéma").click()
    dialog.get_by_role("link", name="Dupliquer").click()
    expect(dialog.get_by_role("heading", name="Ajouter une transaction")).to_be_visible()
    expect(dialog.get_by_label("Description")).to_have_value("Cinéma")
    dialog.get_by_label("Montant").fill("9")
    page.keyboard.press("Enter")
    expect(dialog).not_to_be_visible()
    assert amounts(household, "Cinéma") == ["24.00", "9.00"]

    page.get_by_role("link", name="Biocoop").click()
    dialog.get_by_role("link", name="Supprimer").click()
    dialog.get_by_role("button", name="Supprimer").click()
    expect(dialog).not_to_be_visible()
    expect(titles(page)).to_have_text(["Cinéma", "Cinéma", "Paie"])
    page.get_by_role("button", name="Annuler").click()
    expect(titles(page)).to_have_text(["Cinéma", "Biocoop", "Cinéma", "Paie"])


def test_without_scripts_a_line_is_duplicated_and_deleted_from_its_page(
    tab: Tab, alice: User, ledger: None, household: Household
) -> None:
    page = tab(alice, width=NARROW, scripts=False)
    page.goto(LIST)
    page.get_by_role("link", name="Cinéma").click()
    page.get_by_role("link", name="Dupliquer").click()
    page.get_by_role("button", name="Enregistrer", exact=False).first.click()
    expect(page.get_by_text("« Cinéma » ajouté.")).to_be_visible()
    assert amounts(household, "Cinéma") == ["24.00", "24.00"]
    page.goto(LIST)
    page.get_by_role("link", name="Paie").click()
    page.get_by_role("link", name="Supprimer").click()
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("« Paie » supprimé.")).to_be_visible()
    assert amounts(household, "Paie") == []


def test_a_deleted_line_comes_back_with_the_toasts_undo(page: Page) -> None:
    page.get_by_role("link", name="Supprimer Cinéma").click()
    expect(titles(page)).to_have_text(["Biocoop", "Paie"])
    toast = page.get_by_role("status").filter(has_text="« Cinéma » supprimé.")
    toast.get_by_role("button", name="Annuler").click()
    expect(titles(page)).to_have_text(["Biocoop", "Cinéma", "Paie"])
    expect(page.get_by_text("« Cinéma » est de retour.")).to_be_visible()
    expect(page.get_by_text("« Cinéma » supprimé.")).not_to_be_visible()  # its Undo is used up


def test_two_lines_deleted_in_a_row_can_both_be_undone(page: Page) -> None:
    held: list[Route] = []
    page.route("**/delete/", lambda route: held.append(route))
    for title in ("Biocoop", "Cinéma"):
        with page.expect_request("**/delete/"):
            page.get_by_role("link", name=f"Supprimer {title}").click()
    held[0].continue_()
    # The table is replaced while the second deletion is still under way.
    expect(titles(page)).to_have_text(["Cinéma", "Paie"])
    held[1].continue_()
    expect(titles(page)).to_have_text(["Paie"])
    expect(page.get_by_role("button", name="Annuler")).to_have_count(2)


def test_closing_the_dialog_while_it_saves_still_shows_what_was_saved(
    page: Page, dialog: Locator
) -> None:
    held: list[Route] = []
    page.route("**/add/", lambda route: held.append(route) if post(route) else route.continue_())
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("7")
    dialog.get_by_label("Description").fill("Timbres")
    with page.expect_request(lambda request: request.method == "POST"):
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    held[0].continue_()
    expect(titles(page).filter(has_text="Timbres")).to_have_count(1)
    expect(page.get_by_text("« Timbres » ajouté.")).to_be_visible()


def post(route: Route) -> bool:
    return route.request.method == "POST"


def test_a_server_that_is_gone_is_told_and_what_was_typed_is_kept(
    page: Page, dialog: Locator, faults: Faults
) -> None:
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("18,50")
    dialog.get_by_label("Description").fill("Pressing")
    faults.expected = True
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le serveur ne répond pas.")).to_be_visible()
    expect(dialog.get_by_label("Montant")).to_have_value("18,50")
    page.context.set_offline(False)
    dialog.get_by_label("Description").press("Enter")  # the same form, once more
    expect(titles(page).filter(has_text="Pressing")).to_have_count(1)


def test_a_server_that_fails_says_that_nothing_was_changed(
    page: Page, dialog: Locator, faults: Faults
) -> None:
    faults.expected = True
    page.route(
        "**/add/", lambda route: route.fulfill(status=500) if post(route) else route.continue_()
    )
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("18,50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cela n’a pas marché")).to_be_visible()
    expect(dialog.get_by_label("Montant")).to_have_value("18,50")


def test_a_session_that_ended_leads_to_the_login_page_and_back(page: Page, dialog: Locator) -> None:
    page.context.clear_cookies(name="sessionid")
    page.locator("body").press("n")
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    assert page.url.endswith(f"?next={LIST}")


def test_a_line_that_is_gone_is_told(page: Page, household: Household, faults: Faults) -> None:
    faults.expected = True
    with household_scope(household):
        Transaction.objects.get(description="Cinéma").delete()
    page.get_by_role("link", name="Modifier Cinéma").click()
    expect(page.get_by_text("n’est plus là")).to_be_visible()


def test_on_a_phone_a_toast_never_lies_on_the_form(tab: Tab, alice: User, ledger: None) -> None:
    page = tab(alice, width=NARROW)
    page.goto(LIST)
    dialog = page.get_by_role("dialog")
    for amount in ("1", "2", "3"):
        page.get_by_role("link", name="Ajouter une transaction").click()
        dialog.get_by_label("Montant").fill(amount)
        dialog.get_by_text("Revenu", exact=True).click(trial=True)
        dialog.get_by_label("Montant").press("Enter")
        expect(dialog).not_to_be_visible()
    expect(
        page.get_by_role("status").get_by_role("button", name="Fermer ce message")
    ).to_have_count(3)


@pytest.mark.parametrize("typed", ["grosse fete a geneve", "GROSSE  FÊTE À GENÈVE"])
def test_the_button_that_deletes_awakes_to_what_the_server_accepts(
    page: Page, dialog: Locator, household: Household, typed: str
) -> None:
    Household.objects.filter(pk=household.pk).update(name="Große Fête à Genève")
    page.goto("/h/alice/settings/")
    page.locator('[href$="/settings/delete/"]').click()
    button = dialog.locator("[data-confirmed]")
    expect(button).to_be_disabled()
    dialog.get_by_role("textbox").fill(typed)
    button.click()
    expect(page).to_have_url(re.compile("/households/new/$"))
    assert not Household.objects.exists()
