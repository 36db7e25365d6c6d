"""The pages of rules: the list in their order, the form, the trial, and what came of it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.balances.closing import wallet_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.imports.models import Import, ImportLine, Matching, Rule
from budget.imports.services import import_receive
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from budget.users.services import household_create
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn
from tests.ledger import book, bucket, category, person, spend, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/rules/"
ADD = "/h/alice/rules/add/"
TRIAL = "/h/alice/rules/trial/"
DAY = dt.date(2026, 11, 12)
FILE = """Date;Libellé;Débit euros;Crédit euros;
20/11/2026;CARREFOUR CITY PARIS;41,20;;
19/11/2026;CARREFOUR MARKET LYON;12,00;;
18/11/2026;MONOPRIX;4,80;;
""".encode("latin-1")


def typed(household: Household, **says: Any) -> dict[str, Any]:
    """What a browser sends: a text, and the category Alimentation."""
    with household_scope(household):
        food = category("Alimentation").pk
    return {
        "matching": "contains",
        "text": "carrefour",
        "amount_min": "",
        "amount_max": "",
        "category": food,
        "rename": "",
        "submission": str(uuid.uuid4()),
    } | says


def add(household: Household, text: str = "carrefour", **says: Any) -> Rule:
    with household_scope(household):
        position = Rule.objects.next_position()
        says = says or {"category": category("Alimentation")}
        return Rule.objects.create(text=text, position=position, **says)


def rules(household: Household) -> list[Rule]:
    with household_scope(household):
        return list(Rule.objects.all())


def uploaded(household: Household, user: User) -> Import:
    with household_scope(household):
        return import_receive(file_name="releve.csv", content=FILE, user=user)


def lines(household: Household) -> list[ImportLine]:
    with household_scope(household):
        return list(ImportLine.objects.select_related("category").order_by("number"))


def text_of(response: Any) -> str:
    """What a page says, its spaces single and ordinary."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def undo(response: Any) -> dict[str, str]:
    """The form of the toast's button: its address and its token."""
    html = response.content.decode()
    found = re.search(r'action="([^"]+/restore/)".*?name="token" value="([^"]+)"', html, re.DOTALL)
    assert found, "no undo"
    return {"url": found[1], "token": found[2]}


# The list


def test_without_a_rule_the_page_says_what_one_does(as_alice: Client) -> None:
    html = as_alice.get(LIST).content.decode()
    assert "Aucune règle pour l’instant" in html
    assert f'href="{ADD}"' in html


def test_rules_are_sentences_in_their_order(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        livret, lea, fun = wallet("Livret"), person("Léa"), bucket("Plaisir")
        food = category("Alimentation")
    add(
        household,
        "CARREFOUR",
        category=food,
        amount_min=Decimal(10),
        amount_max=Decimal(20),
        wallet=livret,
        rename="Carrefour",
        bucket=fun,
        person=lea,
    )
    add(household, "VIR", matching=Matching.STARTS, transfer_to=livret)
    add(household, "", amount_min=Decimal(500), rename="Loyer")
    said = text_of(as_alice.get(LIST))
    assert (
        "Si le libellé contient « CARREFOUR », le montant va de 10,00 € à 20,00 € et le "
        "portefeuille est Livret → Alimentation renommer en « Carrefour » enveloppe Plaisir "
        "avec Léa" in said
    )
    assert "Si le libellé commence par « VIR » → virement avec Livret" in said
    assert "Si le montant est d’au moins 500,00 € → renommer en « Loyer »" in said
    assert said.index("CARREFOUR") < said.index("VIR") < said.index("Loyer")


def test_a_rule_whose_category_was_retired_says_so(as_alice: Client, household: Household) -> None:
    add(household)
    with household_scope(household):
        food = category("Alimentation")
        food.retired_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        food.save()
    said = text_of(as_alice.get(LIST))
    assert "Alimentation (supprimée)" in said
    assert "ne dit plus rien" in said


def test_a_rule_moves_up_and_down_and_stops_at_the_ends(
    as_alice: Client, household: Household
) -> None:
    first, second = add(household, "a"), add(household, "b")

    def moved(rule: Rule, to: str) -> str:
        return text_of(as_alice.post(f"{LIST}{rule.pk}/move/", {"to": to}, follow=True))

    assert "est déjà en tête" in moved(first, "up")
    moved(second, "up")
    assert [rule.text for rule in rules(household)] == ["b", "a"]
    moved(second, "down")
    assert [rule.text for rule in rules(household)] == ["a", "b"]


# The form


def test_the_form_is_a_page_and_a_dialog(as_alice: Client, htmx: dict[str, str]) -> None:
    page = as_alice.get(ADD).content.decode()
    dialog = as_alice.get(ADD, headers=htmx).content.decode()
    assert "<html" in page
    assert "<html" not in dialog
    assert all('name="submission"' in part for part in (page, dialog))


def test_a_rule_is_added_after_the_others(as_alice: Client, household: Household) -> None:
    add(household, "a")
    response = as_alice.post(ADD, typed(household, rename="Courses"), follow=True)
    first, second = rules(household)
    assert first.text == "a"
    assert (second.text, second.rename, second.position) == ("carrefour", "Courses", 1)
    assert "Règle «\u00a0carrefour\u00a0» ajoutée." in response.content.decode()


def test_a_form_sent_twice_adds_one(as_alice: Client, household: Household) -> None:
    form = typed(household)
    assert [as_alice.post(ADD, form).status_code for _ in range(2)] == [302, 302]
    assert len(rules(household)) == 1


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ({"text": ""}, "Dites comment doit être une ligne"),
        ({"text": "\u0301"}, "rien à chercher"),
        ({"text": "a" * 201}, "au plus 200"),
        ({"text": "a\0b"}, "nul"),
        ({"text": "(", "matching": "regex"}, "il manque une parenthèse fermante"),
        ({"matching": "sounds like"}, "choix valide"),
        ({"category": "", "rename": ""}, "Dites ce que devient la ligne"),
        ({"category": "999999"}, "cette catégorie a été supprimée"),
        ({"category": "x"}, "cette catégorie a été supprimée"),
        ({"amount_min": "abc"}, "ne se lit pas comme un montant"),
        ({"amount_min": "20", "amount_max": "10"}, "C’est moins que le premier montant."),
        ({"rename": "a" * 201}, "au plus 200"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    as_alice: Client, household: Household, says: dict[str, str], said: str
) -> None:
    response = as_alice.post(ADD, typed(household, rename="Mes courses") | says)
    assert response.status_code == 422
    assert said.casefold() in response.content.decode().casefold()
    assert not rules(household)
    if "rename" not in says:
        assert 'value="Mes courses"' in response.content.decode()


def test_a_transfer_has_no_category_and_goes_to_another_wallet(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        livret = wallet("Livret").pk
    form = typed(household, transfer_to=livret)
    assert "Un virement n’a ni catégorie" in as_alice.post(ADD, form).content.decode()
    form = typed(household, transfer_to=livret, category="", wallet=livret)
    assert "un autre portefeuille" in as_alice.post(ADD, form).content.decode()
    form = typed(household, transfer_to=livret, category="")
    assert as_alice.post(ADD, form).status_code == 302


def test_zero_is_an_amount_to_ask_for(as_alice: Client, household: Household) -> None:
    as_alice.post(ADD, typed(household, text="", amount_min="0", amount_max="5"))
    assert [rule.amount_min for rule in rules(household)] == [0]


def test_a_rule_is_changed_and_a_stale_form_is_told(as_alice: Client, household: Household) -> None:
    rule = add(household)
    page = f"{LIST}{rule.pk}/"
    as_alice.post(page, typed(household, text="monoprix", version=1))
    response = as_alice.post(page, typed(household, text="lidl", version=1))
    assert response.status_code == 409
    said = text_of(response)
    assert "Si le libellé contient « monoprix »" in said
    assert 'value="lidl"' in response.content.decode()
    assert [(each.text, each.version) for each in rules(household)] == [("monoprix", 2)]


def test_a_closed_wallet_stays_chosen_while_its_rule_is_looked_at(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        livret = wallet("Livret")
        wallet("Autre")
    rule = add(household, "vir", transfer_to=livret)
    with household_scope(household):
        wallet_close(wallet=livret, into=first_wallet())
    html = as_alice.get(f"{LIST}{rule.pk}/").content.decode()
    assert re.search(rf'<option value="{livret.pk}" selected>Livret \(clos\)', html)
    assert f'value="{livret.pk}"' not in as_alice.get(ADD).content.decode()


# Deleting


def test_a_deleted_rule_comes_back_to_its_place(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    for text in "abc":
        add(household, text)
    second = rules(household)[1]
    response = as_alice.post(f"{LIST}{second.pk}/delete/", headers=htmx)
    assert [rule.text for rule in rules(household)] == ["a", "c"]
    back = undo(response)
    for _ in range(2):
        as_alice.post(back["url"], {"token": back["token"]})
    assert [(rule.text, rule.pk) for rule in rules(household)][1] == ("b", second.pk)


def test_a_rule_does_not_come_back_without_its_wallet(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    with household_scope(household):
        livret = wallet("Livret")
    rule = add(household, "vir", transfer_to=livret)
    back = undo(as_alice.post(f"{LIST}{rule.pk}/delete/", headers=htmx))
    with household_scope(household):
        livret.delete()
    said = text_of(as_alice.post(back["url"], {"token": back["token"]}, follow=True))
    assert "ne peut pas revenir" in said
    assert not rules(household)


def test_nonsense_is_no_token(as_alice: Client) -> None:
    for url in (f"{LIST}restore/", f"{LIST}past/restore/"):
        assert "trop tard" in text_of(as_alice.post(url, {"token": "x"}, follow=True))


# The past


def with_past(household: Household) -> None:
    """Three lines that fit, one of them in a closed month and one that says it already."""
    with household_scope(household):
        spend(10, dt.date(2026, 9, 3), None, "Carrefour Nord")
        spend(11, DAY, category("Loisirs"), "Carrefour Sud")
        spend(12, DAY, category("Alimentation"), "Carrefour Est")
        month_close(period=Period.containing(dt.date(2026, 9, 3)))


def test_the_trial_counts_and_shows_what_would_change(
    as_alice: Client, household: Household
) -> None:
    with_past(household)
    said = text_of(as_alice.get(TRIAL, typed(household)))
    assert "Changerait 1 ligne" in said
    assert "Elle concerne 2 lignes du passé." in said
    assert "1 autre est dans un mois clos et ne change pas." in said
    assert "Carrefour Sud −11,00 € Catégorie Loisirs → Alimentation" in said
    assert "Modifier aussi cette ligne du passé" in said


@pytest.mark.parametrize(
    "says", [{"text": ""}, {"text": "(", "matching": "regex"}, {"amount_min": "x"}]
)
def test_what_cannot_be_tried_yet_says_nothing(
    as_alice: Client, household: Household, says: dict[str, str]
) -> None:
    with_past(household)
    assert not text_of(as_alice.get(TRIAL, typed(household, **says)))


def test_before_it_says_what_becomes_of_them_the_lines_that_fit_are_counted(
    as_alice: Client, household: Household
) -> None:
    with_past(household)
    said = text_of(as_alice.get(TRIAL, typed(household, category="")))
    assert "Elle concerne 2 lignes du passé." in said


def test_without_scripts_a_button_tries_it_and_saves_nothing(
    as_alice: Client, household: Household
) -> None:
    with_past(household)
    response = as_alice.post(ADD, typed(household, **{"try": "1"}))
    assert response.status_code == 200
    assert "Changerait 1 ligne" in text_of(response)
    assert not rules(household)


def test_saved_with_the_past_it_changes_it_and_can_be_taken_back(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    with_past(household)
    response = as_alice.post(ADD, typed(household, past="on"), headers=htmx)
    assert "1 ligne du passé a changé." in text_of(response)
    with household_scope(household):
        assert Transaction.objects.get(amount=11).category == category("Alimentation")
    back = undo(response)
    said = text_of(as_alice.post(back["url"], {"token": back["token"]}, follow=True))
    assert "1 ligne est comme avant." in said
    with household_scope(household):
        assert Transaction.objects.get(amount=11).category == category("Loisirs")
    assert len(rules(household)) == 1


def test_without_the_past_it_leaves_it_alone(as_alice: Client, household: Household) -> None:
    with_past(household)
    as_alice.post(ADD, typed(household))
    with household_scope(household):
        assert Transaction.objects.get(amount=11).category == category("Loisirs")


def test_a_stored_rule_is_applied_to_the_past_from_its_page(
    as_alice: Client, household: Household
) -> None:
    with_past(household)
    rule = add(household)
    page = f"{LIST}{rule.pk}/past/"
    asked = text_of(as_alice.get(page))
    assert "Changerait 1 ligne" in asked
    assert "Modifier 1 ligne" in asked
    assert "1 ligne du passé a changé." in text_of(as_alice.post(page, follow=True))
    assert "Rien n’était à changer" in text_of(as_alice.post(page, follow=True))
    assert "Modifier 1 ligne" not in text_of(as_alice.get(page))


def test_many_lines_are_asked_about_with_their_number(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget.imports.past.UNDOABLE", 1)
    with household_scope(household):
        for amount in (10, 11):
            spend(amount, DAY, None, "Carrefour")
    rule = add(household)
    page = f"{LIST}{rule.pk}/past/"
    asked = text_of(as_alice.get(page))
    assert "Autant de lignes ne peuvent pas être rétablies" in asked
    assert "Modifier 2 lignes" in asked
    response = as_alice.post(page, follow=True)
    assert "2 lignes du passé ont changé." in text_of(response)
    assert "restore" not in response.content.decode()


# From a line


def test_a_rule_made_of_a_line_of_the_ledger_says_what_it_says(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        line = spend(10, DAY, category("Loisirs"), "Cinéma Méliès")
    html = as_alice.get(f"{ADD}?transaction={line.pk}").content.decode()
    assert 'value="Cinéma Méliès"' in html
    assert re.search(r"<option[^>]* selected[^>]*>Loisirs", html)
    form = as_alice.get(f"/h/alice/transactions/{line.pk}/").content.decode()
    assert f"{ADD}?transaction={line.pk}" in form


def test_a_rule_made_of_a_transfer_transfers(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        line = book(
            Kind.TRANSFER,
            10,
            DAY,
            wallet=first_wallet(),
            to_wallet=wallet("Livret"),
            description="Épargne",
        )
    html = as_alice.get(f"{ADD}?transaction={line.pk}").content.decode()
    chosen = re.search(r'name="transfer_to".*?</select>', html, re.DOTALL)
    assert chosen
    assert re.search(r"selected[^>]*>Livret", chosen[0])


def test_a_rule_made_of_a_line_of_a_file_changes_its_fellows(
    as_alice: Client, household: Household, alice: User
) -> None:
    uploaded(household, alice)
    line = lines(household)[0]
    assert "CARREFOUR" in as_alice.get(f"{ADD}?line={line.pk}").content.decode().upper()

    response = as_alice.post(ADD, typed(household, rename="Courses"), follow=True)

    assert "2 lignes en attente d’import la suivent." in text_of(response)
    assert [
        (each.description, each.category.name if each.category else "", each.because)
        for each in lines(household)[:2]
    ] == [("Courses", "Alimentation", {"rule": "carrefour"})] * 2
    assert lines(household)[2].category is None


def test_what_the_person_said_of_a_waiting_line_stays(
    as_alice: Client, household: Household, alice: User
) -> None:
    uploaded(household, alice)
    with household_scope(household):
        decided = ImportLine.objects.order_by("number")[0]
        decided.category = category("Loisirs")
        decided.save()
    as_alice.post(ADD, typed(household, rename="Courses"))
    first, second, _third = lines(household)
    names = [each.category.name if each.category else "" for each in (first, second)]
    assert names == ["Loisirs", "Alimentation"]
    assert first.description == "Courses"


def test_a_changed_rule_changes_waiting_lines_again(
    as_alice: Client, household: Household, alice: User
) -> None:
    rule = add(household)
    uploaded(household, alice)
    assert [bool(each.category) for each in lines(household)] == [True, True, False]
    as_alice.post(f"{LIST}{rule.pk}/", typed(household, text="monoprix", version=1))
    assert [bool(each.category) for each in lines(household)] == [False, False, True]


# Who may


def test_a_viewer_reads_and_a_stranger_sees_nothing(
    sign_in: SignIn, vera: User, charlie: User, household: Household
) -> None:
    rule = add(household)
    pages = [ADD, TRIAL, f"{LIST}{rule.pk}/", f"{LIST}{rule.pk}/past/", f"{LIST}{rule.pk}/delete/"]
    as_vera, as_charlie = sign_in(vera), sign_in(charlie)
    seen = as_vera.get(LIST)
    assert "carrefour" in seen.content.decode()
    assert ADD not in seen.content.decode()
    assert {as_vera.get(page).status_code for page in pages} == {403}
    assert as_vera.post(ADD, typed(household)).status_code == 403
    assert {as_charlie.get(page).status_code for page in [LIST, *pages]} == {404}
    assert len(rules(household)) == 1


def test_what_is_another_household_s_is_not_there(as_alice: Client, alice: User) -> None:
    other = household_create(name="Autre", slug="autre", owner=alice, language="fr")
    rule = add(other)
    with household_scope(other):
        theirs = category("Loisirs").pk
        line = spend(10, DAY, None, "Secret")
    source = uploaded(other, alice)
    staged = lines(other)[0].pk
    assert source.pk
    for page in (
        f"{LIST}{rule.pk}/",
        f"{LIST}{rule.pk}/past/",
        f"{ADD}?transaction={line.pk}",
        f"{ADD}?line={staged}",
    ):
        assert as_alice.get(page).status_code == 404
    assert as_alice.post(f"{LIST}{rule.pk}/move/").status_code == 404
    response = as_alice.post(ADD, {"text": "x", "category": theirs, "matching": "contains"})
    assert response.status_code == 422
    assert len(rules(other)) == 1


def test_a_token_of_another_household_is_refused(
    as_alice: Client, alice: User, household: Household, htmx: dict[str, str]
) -> None:
    household_create(name="Autre", slug="autre", owner=alice, language="fr")
    rule = add(household)
    back = undo(as_alice.post(f"{LIST}{rule.pk}/delete/", headers=htmx))
    said = as_alice.post("/h/autre/rules/restore/", {"token": back["token"]}, follow=True)
    assert "trop tard" in text_of(said)


@pytest.mark.parametrize("query", ["line=x", "transaction=9999999999999999999", "line="])
def test_a_line_that_no_address_can_name_prefills_nothing(as_alice: Client, query: str) -> None:
    assert as_alice.get(f"{ADD}?{query}").status_code == 200
