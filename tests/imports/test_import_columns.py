"""The page where a person says what the columns of a file are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.imports.models import Import, ImportLine, ImportState, Mapping
from budget.imports.services import import_discard, import_receive
from budget.users.models import Household, User
from tests.conftest import SignIn

OPEN = "Quand;Quoi;Somme A;Somme B\n13/01/2026;Café;-1,00;-2,00\n14/01/2026;Pain;-3,00;-9,00\n"
SURE = "Date;Libellé;Débit euros;Crédit euros;\n20/11/2026;BIOCOOP;41,20;;\n"
#: Nothing tells the day from the month.
DATES = "Date,Description,Amount\n01/02/2026,a,-1.00\n"
TOLD = {"column_0": "date", "column_1": "label", "column_3": "amount", "name": "Ma banque"}


@pytest.fixture
def source(household: Household) -> Import:
    return receive(household, OPEN)


def receive(household: Household, text: str, name: str = "releve.csv") -> Import:
    with household_scope(household):
        return import_receive(file_name=name, content=text.encode(), user=None)


def page(source: Import) -> str:
    return f"/h/alice/import/{source.pk}/columns/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_file_that_asks_leads_here_with_its_question_and_first_rows(
    as_alice: Client, source: Import
) -> None:
    response = as_alice.get(f"/h/alice/import/{source.pk}/", follow=True)
    assert response.redirect_chain == [(page(source), 302)]
    html = text_of(response)
    assert "Plusieurs colonnes pourraient être le montant" in html
    assert "-9,00" in html


def test_what_was_recognised_is_chosen_already(as_alice: Client, source: Import) -> None:
    form = as_alice.get(page(source)).context["form"]
    assert [field.value() for field, _cells in form.columns()] == ["date", "label", "", ""]
    assert form["name"].value() == "releve"


def test_of_a_file_that_was_read_all_columns_are_chosen(
    as_alice: Client, household: Household
) -> None:
    source = receive(household, SURE)
    response = as_alice.get(page(source))
    form = response.context["form"]
    assert [field.value() for field, _cells in form.columns()][:4] == [
        "date", "label", "debit", "credit",
    ]  # fmt: skip
    assert (form["order"].value(), form["decimals"].value()) == ("dmy", ",")
    assert form["name"].value() == "Crédit Agricole"
    assert [str(line.amount) for line in response.context["trial"].lines] == ["-41.20"]


def test_saying_it_reads_the_file_and_remembers_it(
    as_alice: Client, household: Household, source: Import
) -> None:
    response = as_alice.post(page(source), TOLD, follow=True)
    assert response.redirect_chain[0] == (f"/h/alice/import/{source.pk}/", 302)
    assert "lu comme « Ma banque »" in text_of(response).replace("\xa0", " ")
    with household_scope(household):
        assert Mapping.objects.get().name == "Ma banque"
        amounts = ImportLine.objects.values_list("amount", flat=True)
        assert [str(amount) for amount in amounts] == ["-2.00", "-9.00"]
    later = receive(household, OPEN.replace("Pain", "Thé"))
    assert later.state == ImportState.READY


def test_twice_the_same_click_is_as_once(
    as_alice: Client, household: Household, source: Import
) -> None:
    for _ in range(2):
        assert as_alice.post(page(source), TOLD).status_code == 302
    with household_scope(household):
        assert ImportLine.objects.count() == 2
        assert Mapping.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"column_0": ""}, None, "quelle colonne contient la date"),
        ({"column_3": ""}, None, "quelle colonne contient le montant"),
        ({"column_2": "amount"}, "column_3", "« Somme A » l’est déjà"),
        ({"column_3": "debit"}, "column_3", "deux colonnes"),
        ({"column_2": "credit"}, "column_2", "pas les deux"),
        ({"column_3": "colour"}, "column_3", "colour"),
        ({"order": "dym"}, "order", "dym"),
        ({"name": "x" * 61}, "name", "60"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    as_alice: Client, household: Household, source: Import,
    changes: dict[str, str], field: str | None, words: str,
) -> None:  # fmt: skip
    response = as_alice.post(page(source), TOLD | changes)
    assert response.status_code == 422
    form = response.context["form"]
    said = form.errors[field] if field else form.non_field_errors()
    assert words in " ".join(said).replace("\xa0", " ")
    assert form["column_1"].value() == "label"
    with household_scope(household):
        assert not Mapping.objects.exists()
        assert Import.objects.get().state == ImportState.ASKING


def test_what_reading_leaves_open_is_asked_beside_its_field(
    as_alice: Client, household: Household
) -> None:
    source = receive(household, DATES)
    assert source.state == ImportState.ASKING
    told = {"column_0": "date", "column_1": "label", "column_2": "amount"}
    response = as_alice.post(page(source), told)
    assert response.status_code == 422
    assert "01/02/2026" in response.context["form"].errors["order"][0]
    assert as_alice.post(page(source), told | {"order": "mdy"}).status_code == 302
    with household_scope(household):
        assert str(ImportLine.objects.get().date) == "2026-01-02"


def test_positive_amounts_may_be_what_was_spent(as_alice: Client, household: Household) -> None:
    source = receive(household, SURE.replace("Débit euros;Crédit euros", "Montant;Autre"))
    told = {"column_0": "date", "column_1": "label", "column_2": "amount", "spent": "out"}
    assert as_alice.post(page(source), told).status_code == 302
    with household_scope(household):
        assert str(ImportLine.objects.get().amount) == "-41.20"


def test_the_first_lines_show_what_it_would_do_and_save_nothing(
    as_alice: Client, household: Household, source: Import, htmx: dict[str, str]
) -> None:
    response = as_alice.post(page(source), TOLD | {"try": "1"}, headers=htmx)
    html = text_of(response)
    assert "<html" not in html
    assert "Pain" in html
    assert "−9,00" in html
    wrong = as_alice.post(page(source), TOLD | {"try": "1", "column_0": ""}, headers=htmx)
    assert wrong.status_code == 200
    assert "quelle colonne contient la date" in text_of(wrong)
    whole = as_alice.post(page(source), TOLD | {"try": "1"})
    assert "<html" in text_of(whole)
    with household_scope(household):
        assert not Mapping.objects.exists()
        assert Import.objects.get().state == ImportState.ASKING


def test_the_first_lines_of_a_large_file_are_read_from_its_beginning(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget.imports.trying.HEAD", 150)
    source = receive(household, SURE + "19/11/2026;PAIN;2,10;;\n" * 2000)
    trial = as_alice.get(page(source)).context["trial"]
    assert 1 < len(trial.lines) < 6
    assert not trial.fault


def test_a_file_that_is_no_table_is_asked_only_what_it_leaves_open(
    as_alice: Client, household: Household
) -> None:
    source = receive(household, "!Type:Bank\nD01/02/2026\nT-1.00\nPa\n^\n", "releve.qif")
    assert source.state == ImportState.ASKING
    form = as_alice.get(page(source)).context["form"]
    assert set(form.fields) == {"order", "decimals", "version"}
    assert as_alice.post(page(source), {"order": "dmy"}).status_code == 302
    with household_scope(household):
        assert str(ImportLine.objects.get().date) == "2026-02-01"
        assert not Mapping.objects.exists()


def test_columns_beyond_what_a_form_holds_are_counted(
    as_alice: Client, household: Household
) -> None:
    names = ";".join(f"c{n}" for n in range(300))
    row = "13/01/2026;Café" + ";" * 301 + "-1,00"
    source = receive(household, f"Date;Libellé;{names};Montant\n{row}\n{row}\n")
    response = as_alice.get(page(source))
    form = response.context["form"]
    assert form.hidden_columns == 303 - 81
    told = {f"column_{index}": form[f"column_{index}"].value() for index in form.shown}
    assert as_alice.post(page(source), told).status_code == 302
    with household_scope(household):
        assert [str(line.amount) for line in ImportLine.objects.all()] == ["-1.00", "-1.00"]


def test_columns_of_one_name_are_told_apart(as_alice: Client, household: Household) -> None:
    source = receive(household, "Date;Texte;Montant;Montant\n13/01/2026;a;-1,00;-2,00\n" * 2)
    told = {"column_0": "date", "column_1": "label", "column_3": "amount"}
    assert as_alice.post(page(source), told).status_code == 302
    with household_scope(household):
        assert {str(line.amount) for line in ImportLine.objects.filter(finding="new")} == {"-2.00"}
    form = as_alice.get(page(source)).context["form"]
    assert [field.value() for field, _cells in form.columns()] == ["date", "label", "", "amount"]


def test_several_labels_become_one(as_alice: Client, household: Household, source: Import) -> None:
    assert as_alice.post(page(source), TOLD | {"column_2": "label"}).status_code == 302
    with household_scope(household):
        assert "Café -1,00" in set(ImportLine.objects.values_list("label", flat=True))


def test_a_file_that_is_gone_or_imported_meanwhile_is_no_error(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        import_discard(source=source)
    assert as_alice.post(page(source), TOLD).status_code == 404
    done = receive(household, SURE)
    as_alice.post(f"/h/alice/import/{done.pk}/confirm/")
    for method in (as_alice.get, as_alice.post):
        assert method(page(done))["Location"] == f"/h/alice/import/{done.pk}/"


def test_someone_who_only_looks_does_not_tell(sign_in: SignIn, vera: User, source: Import) -> None:
    client = sign_in(vera)
    assert client.get(page(source)).status_code == 403
    assert client.get(f"/h/alice/import/{source.pk}/").status_code == 200


def test_reading_again_keeps_the_wallet_that_was_said(
    as_alice: Client, household: Household, source: Import
) -> None:
    as_alice.post(page(source), TOLD)
    with household_scope(household):
        before = source.statements.get().wallet_id
        source.statements.update(skipped=True)
    as_alice.post(page(source), TOLD | {"column_2": "amount", "column_3": ""})
    with household_scope(household):
        statement = source.statements.get()
        assert (statement.wallet_id, statement.skipped) == (before, True)
