"""Where money is, what it is for and whom it concerns, in the dialog."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab
from tests.ledger import bucket, category, person, spend, wallet

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIST = "/h/alice/transactions/"
ENVELOPES = {"Épargne": 20, "Nécessaire": 50, "Formation": 10, "Plaisir": 10, "Dons": 10}


@pytest.fixture
def ledger(household: Household, today: dt.date) -> Household:
    """Three wallets, five envelopes, someone to lend to, and an expense that was reconciled."""
    with household_scope(household):
        wallet("Livret"), wallet("Espèces"), person("Léa")
        for name, share in ENVELOPES.items():
            bucket(name, share)
        food = category("Alimentation")
        food.bucket = bucket("Nécessaire")
        food.save()
        line = spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
        line.pointed, line.reconciliation = (
            True,
            Reconciliation.objects.create(wallet=line.wallet, date=line.date, balance=-24),
        )
        line.save()
    return household


@pytest.fixture
def page(tab: Tab, alice: User, ledger: Household) -> Page:
    page = tab(alice)
    page.goto(LIST)
    return page


@pytest.fixture
def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def only(household: Household, description: str) -> Transaction:
    """The one line of that description."""
    with household_scope(household):
        lines = Transaction.objects.select_related("wallet", "to_wallet", "bucket", "person")
        return lines.get(description=description)


def parts_of(household: Household, description: str) -> list[str]:
    with household_scope(household):
        line = Transaction.objects.get(description=description)
        return [str(part.amount) for part in line.allotments.order_by("pk")]


def part(form: Locator, envelope: str) -> Locator:
    """Where an envelope's part of an income is typed."""
    return form.get_by_role("textbox", name=envelope)


def envelope_of(form: Locator) -> Locator:
    return form.get_by_role("combobox", name="Enveloppe", exact=False).first


def typed_parts(dialog: Locator) -> list[str]:
    return [field.input_value() for field in dialog.locator("#parts input[name^=part_]").all()]


def test_a_salary_is_spread_over_the_envelopes(
    page: Page, dialog: Locator, ledger: Household
) -> None:
    page.locator("body").press("n")
    expect(dialog.get_by_label("Montant")).to_be_focused()
    dialog.get_by_role("radio", name="Dépense").press("ArrowRight")
    expect(dialog.get_by_role("radio", name="Revenu")).to_be_checked()
    dialog.get_by_label("Répartir entre les enveloppes").check()
    dialog.get_by_label("Montant").fill("100,05")
    saved = part(dialog, "Épargne")
    expect(saved).to_have_value("20,01")
    # 50.025, and three times 10.005: the cents left go to those that lost most, the first ones.
    assert typed_parts(dialog) == ["20,01", "50,03", "10,01", "10", "10"]
    expect(envelope_of(dialog)).not_to_be_visible()

    # Ten more for the savings, which something else has to give.
    saved.fill("30,01")
    expect(dialog.locator("#parts-left")).to_contain_text(
        "Les parts dépassent le montant de 10,00 €."
    )
    expect(saved).to_be_focused()
    dialog.get_by_label("Description").fill("Paie")
    with page.expect_response("**/add/"):
        dialog.get_by_label("Description").press("Enter")
    expect(dialog.locator(".fault")).to_contain_text("10,00 €")
    dialog.get_by_role("button", name="Revenir aux parts").click()
    expect(saved).to_have_value("20,01")
    dialog.get_by_label("Description").press("Enter")
    expect(dialog).not_to_be_visible()
    parts = parts_of(ledger, "Paie")
    assert len(parts) == 5
    assert sum(map(float, parts)) == pytest.approx(100.05)

    page.get_by_role("link", name="Paie", exact=True).click()
    expect(saved).to_have_value("20,01")
    dialog.get_by_label("Montant").fill("200")
    expect(saved).to_have_value("40")
    dialog.get_by_label("Montant").press("Enter")
    expect(dialog).not_to_be_visible()
    assert parts_of(ledger, "Paie") == ["40.00", "100.00", "20.00", "20.00", "20.00"]

    # The next one is spread as well, whichever comes first: its amount or its tab.
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("10")
    with page.expect_response("**/parts/**"):
        dialog.get_by_role("radio", name="Dépense").press("ArrowRight")
    expect(saved).to_have_value("2")


def test_a_part_that_is_typed_while_the_page_answers_stays_as_typed(
    page: Page, dialog: Locator
) -> None:
    page.locator("body").press("n")
    dialog.get_by_text("Revenu", exact=True).click()
    dialog.get_by_label("Répartir entre les enveloppes").check()
    dialog.get_by_label("Montant").fill("100")
    saved = part(dialog, "Épargne")
    expect(saved).to_have_value("20")
    held: list[Route] = []
    page.route("**/parts/**", lambda route: held.append(route), times=1)
    with page.expect_request("**/parts/**"):
        dialog.get_by_label("Montant").fill("200")
    saved.fill("55,55")
    held[0].continue_()
    expect(part(dialog, "Nécessaire")).to_have_value("100")
    expect(saved).to_have_value("55,55")
    expect(saved).to_be_focused()
    expect(dialog.locator("#parts-left")).to_contain_text("15,55 €")


def test_a_transfer_on_a_phone(tab: Tab, alice: User, ledger: Household) -> None:
    page = tab(alice, width=NARROW)
    page.goto(LIST)
    page.get_by_role("link", name="Ajouter une transaction").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Montant").fill("50")
    dialog.get_by_text("Virement", exact=True).click()
    expect(dialog.get_by_text("Alimentation", exact=True)).not_to_be_visible()
    dialog.get_by_label("Du portefeuille").select_option("Compte courant")
    dialog.get_by_label("Vers le portefeuille").select_option("Compte courant")
    dialog.get_by_label("Description").fill("Pour plus tard")
    dialog.get_by_role("button", name="Enregistrer", exact=False).first.click()
    expect(dialog.locator(".fault")).to_have_text(
        "Choisissez un autre portefeuille que celui d’où il part."
    )
    expect(dialog.get_by_label("Vers le portefeuille")).to_be_focused()
    dialog.get_by_label("Vers le portefeuille").select_option("Livret")
    dialog.get_by_label("Vers l’enveloppe").select_option("Épargne")
    for name in ("Dépense", "Revenu", "Prêt", "Virement"):
        dialog.get_by_text(name, exact=True).click()
        assert dialog.evaluate("each => each.scrollWidth <= each.clientWidth"), name
    expect(dialog.get_by_label("Vers le portefeuille")).to_have_value(
        str(only_wallet(ledger, "Livret"))
    )
    dialog.get_by_role("button", name="Enregistrer", exact=False).first.click()
    expect(dialog).not_to_be_visible()
    line = only(ledger, "Pour plus tard")
    assert (line.kind, str(line.wallet), str(line.to_wallet)) == (
        Kind.TRANSFER, "Compte courant", "Livret",
    )  # fmt: skip


def only_wallet(household: Household, name: str) -> int:
    with household_scope(household):
        return wallet(name).pk


def test_a_category_suggests_its_envelope_until_one_is_chosen(
    page: Page, dialog: Locator, ledger: Household
) -> None:
    page.locator("body").press("n")
    envelope = envelope_of(dialog)
    chosen = envelope.locator("option:checked")
    dialog.get_by_text("Alimentation", exact=True).click()
    expect(chosen).to_have_text("Nécessaire")
    dialog.get_by_text("Loisirs", exact=True).click()
    expect(chosen).to_have_text("Non affecté")
    envelope.select_option("Plaisir")
    dialog.get_by_text("Alimentation", exact=True).click()
    expect(chosen).to_have_text("Plaisir")


def test_the_last_categorys_envelope_comes_with_it(page: Page, dialog: Locator) -> None:
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("1")
    dialog.get_by_text("Alimentation", exact=True).click()
    dialog.get_by_label("Montant").press("Enter")
    expect(dialog).not_to_be_visible()
    page.locator("body").press("n")
    chosen = envelope_of(dialog).locator("option:checked")
    expect(chosen).to_have_text("Nécessaire")
    dialog.get_by_text("Revenu", exact=True).click()  # whose last category is none
    expect(chosen).to_have_text("Non affecté")
    dialog.get_by_text("Dépense", exact=True).click()
    expect(chosen).to_have_text("Nécessaire")


def test_a_loan_is_told_in_ones_own_words(page: Page, dialog: Locator, ledger: Household) -> None:
    page.locator("body").press("n")
    dialog.get_by_label("Montant").fill("100")
    dialog.get_by_text("Prêt", exact=True).click()
    dialog.get_by_text("On m’a remboursé").click()
    dialog.get_by_label("Description").fill("Léa rend")
    dialog.get_by_label("Description").press("Enter")
    expect(dialog.locator(".fault")).to_have_text("Choisissez une personne.")
    dialog.get_by_label("Personne").select_option("Léa")
    dialog.get_by_label("Personne").press("Enter")
    dialog.get_by_label("Description").press("Enter")
    expect(dialog).not_to_be_visible()
    line = only(ledger, "Léa rend")
    assert (line.kind, str(line.person)) == (Kind.COLLECT, "Léa")


def test_the_bin_of_a_reconciled_line_asks_first(
    page: Page, dialog: Locator, ledger: Household
) -> None:
    page.get_by_role("link", name="Supprimer Cinéma").click()
    box = dialog.get_by_label("Je sais que cette ligne est rapprochée")
    dialog.get_by_role("button", name="Supprimer").click()
    expect(dialog.locator(".fault")).to_contain_text("Cette ligne est rapprochée.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Supprimer Cinéma")).to_be_focused()
    page.get_by_role("link", name="Supprimer Cinéma").click()
    box.check()
    dialog.get_by_role("button", name="Supprimer").click()
    expect(dialog).not_to_be_visible()
    expect(page.get_by_text("« Cinéma » supprimé.")).to_be_visible()
    with household_scope(ledger):
        assert not Transaction.objects.filter(description="Cinéma").exists()


def test_without_scripts_the_tabs_hide_what_they_do_not_use_and_an_income_is_spread(
    tab: Tab, alice: User, ledger: Household
) -> None:
    page = tab(alice, width=NARROW, scripts=False)
    page.goto(f"{LIST}add/")
    form = page.get_by_role("main")
    expect(form.get_by_label("Vers le portefeuille")).not_to_be_visible()
    form.get_by_text("Virement", exact=True).click()
    expect(form.get_by_label("Vers le portefeuille")).to_be_visible()
    expect(form.get_by_label("Personne")).not_to_be_visible()
    form.get_by_text("Revenu", exact=True).click()
    form.get_by_label("Montant").fill("10")
    form.get_by_label("Description").fill("Prime")
    form.get_by_label("Répartir entre les enveloppes").check()
    form.get_by_role("button", name="Enregistrer", exact=False).first.click()
    expect(page.get_by_text("« Prime » ajouté.")).to_be_visible()
    assert parts_of(ledger, "Prime") == ["2.00", "5.00", "1.00", "1.00", "1.00"]
    with household_scope(ledger):
        pk = Transaction.objects.get(description="Prime").pk
    page.goto(f"{LIST}{pk}/")
    expect(part(form, "Épargne")).to_have_value("2")
    form.get_by_label("Montant").fill("20")
    form.get_by_role("button", name="Enregistrer", exact=False).first.click()
    expect(page.get_by_text("« Prime » enregistré.")).to_be_visible()
    assert parts_of(ledger, "Prime") == ["4.00", "10.00", "2.00", "2.00", "2.00"]
