"""What a person says of a file's lines: at once in a row, of many, or in the dialog."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.imports.entering import import_confirm
from budget.imports.models import Choice, Finding, Import, ImportLine
from budget.imports.selectors import LINES_PER_PAGE, preview_figures, statements_wanted
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.imports.staged import FILE, LINES, findings, line, unmade, waiting_file
from tests.ledger import bucket, category, earn, person, wallet

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def source(household: Household, alice: User) -> Import:
    with household_scope(household):
        source = waiting_file(alice)
        findings(source)
    return source


def say(client: Client, source: Import, **fields: Any) -> Any:
    return client.post(f"/h/alice/import/{source.pk}/lines/", fields)


class Lines:
    """The lines of a file by words of theirs, as they are now."""

    def __init__(self, household: Household, source: Import) -> None:
        self.household, self.source = household, source

    def __call__(self, words: str, nth: int = 0) -> ImportLine:
        with household_scope(self.household):
            return line(self.source, words, nth)


@pytest.fixture
def lines(household: Household, source: Import) -> Lines:
    return Lines(household, source)


# One row


def test_a_row_takes_its_category_and_the_figures_follow(
    as_alice: Client,
    household: Household,
    source: Import,
    lines: Lines,
    htmx: dict[str, str],
) -> None:
    found = lines("DUBREUIL")
    with household_scope(household):
        salary = category("Salaire")
    fields = {
        "line": found.pk,
        "tick": found.pk,
        f"choice_{found.pk}": "add",
        f"category_{found.pk}": salary.pk,
        "tab": "check",
    }
    response = as_alice.post(f"/h/alice/import/{source.pk}/lines/", fields, headers=htmx)
    assert lines("DUBREUIL").category_id == salary.pk
    answer = response.content.decode()
    assert answer.count("<tr") == 1
    assert f'id="line-{found.pk}"' in answer
    for part in ("confirm", "figures", "tabs"):
        assert f'id="{part}"' in answer
    assert answer.count('hx-swap-oob="true"') == 3
    assert "Importer 5 transactions" in answer


def test_a_tick_taken_away_leaves_the_line_out_and_back(
    as_alice: Client, source: Import, lines: Lines
) -> None:
    pk = lines("BIOCOOP").pk
    response = say(as_alice, source, line=pk, tick=pk)
    assert response["Location"] == f"/h/alice/import/{source.pk}/"
    assert lines("BIOCOOP").choice == Choice.LEAVE
    say(as_alice, source, line=pk, tick=pk, **{f"choice_{pk}": "add"})
    assert lines("BIOCOOP").choice == Choice.ADD


def test_all_rows_of_the_page_are_said_at_once_without_scripts(
    as_alice: Client, household: Household, source: Import, lines: Lines
) -> None:
    with household_scope(household):
        food = category("Alimentation").pk
    coffee = [lines("MERICOURT", n).pk for n in (0, 1)]
    match = lines("BLABLACAR").pk
    fields = {f"category_{pk}": food for pk in coffee} | {f"choice_{coffee[0]}": "add"}
    say(
        as_alice, source, line=[*coffee, match], tick=coffee, **fields, **{f"choice_{match}": "add"}
    )
    assert [lines("MERICOURT", n).choice for n in (0, 1)] == [Choice.ADD, Choice.LEAVE]
    assert [lines("MERICOURT", n).category_id for n in (0, 1)] == [food, food]
    assert lines("BLABLACAR").choice == Choice.ADD


def test_a_whole_page_of_rows_is_not_too_long_a_form(
    as_alice: Client, household: Household, alice: User
) -> None:
    rows = "".join(f"20/11/2026;BOUTIQUE {n};-{n},00\n" for n in range(1, LINES_PER_PAGE + 1))
    with household_scope(household):
        source = waiting_file(alice, f"Date;Libellé;Montant\n{rows}".encode())
        mine = ImportLine.objects.filter(statement__source=source)
        keys = list(mine.values_list("pk", flat=True))
    fields: dict[str, Any] = {"line": keys, "tick": keys, "tab": "all", "next": "", "token": ""}
    for key in keys:
        fields |= {f"choice_{key}": "add", f"category_{key}": ""}
    assert len(keys) == LINES_PER_PAGE
    assert say(as_alice, source, **fields).status_code == 302


def test_what_cannot_be_said_of_a_line_is_not_said(
    as_alice: Client, source: Import, lines: Lines
) -> None:
    bad, new = lines("ENGIE"), lines("BIOCOOP")
    fields = {f"choice_{bad.pk}": "add", f"choice_{new.pk}": "join", f"category_{new.pk}": "9999"}
    say(as_alice, source, line=[bad.pk, new.pk], **fields)
    assert lines("ENGIE").choice == Choice.LEAVE
    assert lines("BIOCOOP").choice == Choice.ADD
    assert lines("BIOCOOP").category_id == new.category_id


@pytest.mark.parametrize(
    "fields",
    [
        {"line": "x"},
        {"line": "9" * 40},
        {"line": ["-1", "²"], "choice_-1": "add"},
        {"line": "1", "choice_1": "burn", "category_1": "²"},
        {"bulk": "1", "scope": "picked", "pick": "٣" * 30, "choice": "add"},
        {"bulk": "1", "scope": "nowhere", "choice": "add"},
        {"bulk": "1", "scope": "tab", "tab": "x", "choice": "leave"},
    ],
)
def test_nonsense_changes_nothing(
    as_alice: Client, household: Household, source: Import, fields: dict[str, Any]
) -> None:
    assert say(as_alice, source, **fields).status_code == 302
    with household_scope(household):
        assert preview_figures(statements_wanted(source)).chosen == 5


def test_another_files_lines_are_left_alone(
    as_alice: Client, household: Household, source: Import, alice: User
) -> None:
    with household_scope(household):
        other = waiting_file(alice, FILE.replace(b"41,20", b"99,20"), "autre.csv")
        pk = line(other, "BIOCOOP").pk
    say(as_alice, source, line=pk, tick=pk)
    with household_scope(household):
        assert line(other, "BIOCOOP").choice == Choice.ADD


def test_a_stale_tab_is_told_that_the_file_is_imported(
    as_alice: Client, household: Household, source: Import, lines: Lines, alice: User
) -> None:
    with household_scope(household):
        unmade(source)
        import_confirm(source=source, user=alice)
    pk = lines("BIOCOOP").pk
    response = as_alice.post(
        f"/h/alice/import/{source.pk}/lines/", {"line": pk, "tick": pk}, follow=True
    )
    assert "n’attend plus" in response.content.decode()
    assert lines("BIOCOOP").choice == Choice.ADD


# Many


def test_the_ticked_lines_change_and_no_others(
    as_alice: Client, household: Household, source: Import, lines: Lines
) -> None:
    with household_scope(household):
        food, fun, lea = category("Alimentation"), bucket("Plaisir"), person("Léa")
    picked = [lines("MERICOURT", n).pk for n in (0, 1)]
    say(
        as_alice, source, bulk=1, scope="picked", pick=picked,
        category=food.pk, bucket=fun.pk, person=lea.pk,
    )  # fmt: skip
    for n in (0, 1):
        found = lines("MERICOURT", n)
        assert (found.category_id, found.bucket_id, found.person_id) == (food.pk, fun.pk, lea.pk)
    assert lines("BIOCOOP").bucket_id is None


def test_all_lines_of_a_tab_change_beyond_the_page(
    as_alice: Client, household: Household, source: Import, lines: Lines
) -> None:
    say(as_alice, source, bulk=1, scope="tab", tab="all", choice="leave")
    with household_scope(household):
        assert preview_figures(statements_wanted(source)).chosen == 0
    say(as_alice, source, bulk=1, scope="tab", tab="all", choice="add")
    with household_scope(household):
        figures = preview_figures(statements_wanted(source))
    assert figures.chosen == 4, "what was found elsewhere is not added by the way"


def test_suggestions_are_taken_for_those_that_have_none(
    as_alice: Client, household: Household, source: Import, lines: Lines
) -> None:
    say(as_alice, source, bulk=1, scope="tab", tab="check", category="suggested")
    with household_scope(household):
        assert lines("DUBREUIL").category_id == category("Alimentation").pk
    assert lines("MERICOURT").category_id is None


def test_a_category_is_taken_away_from_many(as_alice: Client, source: Import, lines: Lines) -> None:
    say(as_alice, source, bulk=1, scope="picked", pick=lines("BIOCOOP").pk, category="none")
    assert lines("BIOCOOP").category_id is None


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scope": "picked", "choice": "leave"}, "Cochez les lignes"),
        ({"scope": "tab", "tab": "all"}, "ce qui doit changer"),
    ],
)
def test_what_is_missing_for_many_is_told(
    as_alice: Client, source: Import, fields: dict[str, str], words: str
) -> None:
    address = f"/h/alice/import/{source.pk}/lines/"
    response = as_alice.post(address, {"bulk": 1, **fields}, follow=True)
    assert words in response.content.decode()


# One line in the dialog


def correct(client: Client, line: ImportLine, **fields: Any) -> Any:
    return client.post(f"/h/alice/import/lines/{line.pk}/", fields)


def test_the_dialog_shows_the_banks_words_and_what_was_found(
    as_alice: Client, lines: Lines, htmx: dict[str, str]
) -> None:
    found = lines("BIOCOOP")
    response = as_alice.get(f"/h/alice/import/lines/{found.pk}/", headers=htmx)
    page = response.content.decode()
    assert "<html" not in page
    assert "CARTE 20/11 BIOCOOP VOLTAIRE CB*4821" in page
    assert 'value="Biocoop"' in page


def test_a_line_is_renamed_and_sorted(
    as_alice: Client, household: Household, source: Import, lines: Lines
) -> None:
    with household_scope(household):
        fun, food = bucket("Plaisir"), category("Alimentation")
    found = lines("DUBREUIL")
    response = correct(
        as_alice, found, description="Théo rembourse", category=food.pk, bucket=fun.pk
    )
    assert response["Location"].endswith(f"#line-{found.pk}")
    found = lines("DUBREUIL")
    assert (found.description, found.category_id) == ("Théo rembourse", food.pk)
    assert (found.bucket_id, found.label) == (fun.pk, "VIR INST M DUBREUIL THEO")


def test_a_line_becomes_a_transfer_and_loses_what_a_transfer_has_not(
    as_alice: Client, household: Household, lines: Lines
) -> None:
    with household_scope(household):
        savings, food = wallet("Livret"), category("Alimentation")
    correct(as_alice, lines("BIOCOOP"), category=food.pk, to_wallet=savings.pk)
    found = lines("BIOCOOP")
    assert (found.to_wallet_id, found.category_id) == (savings.pk, None)


def test_a_line_that_was_not_readable_is_told_and_becomes_new(
    as_alice: Client, household: Household, source: Import, lines: Lines, alice: User
) -> None:
    response = correct(
        as_alice, lines("ENGIE"), kind="expense", amount="58,12", date="2026-11-14",
        label="PRLV SEPA ENGIE", description="Engie",
    )  # fmt: skip
    assert response.status_code == 302
    found = lines("ENGIE")
    assert (found.date, found.amount) == (dt.date(2026, 11, 14), Decimal("-58.12"))
    assert (found.finding, found.choice, found.reason) == (Finding.NEW, Choice.ADD, "")
    with household_scope(household):
        unmade(source)
        assert import_confirm(source=source, user=alice) == 0
        entered = Transaction.objects.get(description="Engie")
        assert (entered.kind, entered.amount) == (Kind.EXPENSE, Decimal("58.12"))
        again = waiting_file(alice, FILE.replace(b"31/02/2026", b"14/11/2026"), "bis.csv")
        same = line(again, "ENGIE")
        assert (same.finding, same.found) == (Finding.KNOWN, entered.pk)


def test_a_mended_line_that_the_bank_said_before_is_known(
    as_alice: Client, household: Household, source: Import, lines: Lines, alice: User
) -> None:
    with household_scope(household):
        before = waiting_file(alice, FILE.replace(b"31/02/2026", b"14/11/2026"), "avant.csv")
        import_confirm(source=before, user=alice)
    correct(
        as_alice, lines("ENGIE"), kind="expense", amount="58.12", date="2026-11-14",
        label="PRLV SEPA ENGIE",
    )  # fmt: skip
    assert (lines("ENGIE").finding, lines("ENGIE").choice) == (Finding.KNOWN, Choice.LEAVE)


def test_a_mended_line_in_a_closed_month_is_refused_and_keeps_what_was_typed(
    as_alice: Client, household: Household, lines: Lines
) -> None:
    with household_scope(household):
        earn(10, dt.date(2026, 9, 3))
        month_close(period=Period.containing(dt.date(2026, 9, 1)))
    response = correct(
        as_alice, lines("ENGIE"), kind="expense", amount="58,12", date="2026-09-14", label="ENGIE"
    )
    assert response.status_code == 409
    page = response.content.decode()
    assert "mois clos" in page
    assert 'value="58,12"' in page
    assert lines("ENGIE").finding == Finding.UNREADABLE


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": "0", "date": "2026-11-14", "label": "x"},
        {"amount": "58,12", "date": "2026-02-31", "label": "x"},
        {"amount": "58,12", "date": "2026-11-14", "label": ""},
        {"amount": "douze", "date": "", "label": "x"},
    ],
)
def test_a_mending_that_cannot_be_read_is_told_beside_its_field(
    as_alice: Client, lines: Lines, fields: dict[str, str]
) -> None:
    response = correct(as_alice, lines("ENGIE"), kind="expense", **fields)
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert lines("ENGIE").finding == Finding.UNREADABLE


def test_a_viewer_says_nothing_of_lines(
    sign_in: SignIn, vera: User, source: Import, lines: Lines
) -> None:
    client, pk = sign_in(vera), lines("BIOCOOP").pk
    assert say(client, source, line=pk, tick=pk).status_code == 403
    assert correct(client, lines("BIOCOOP"), description="x").status_code == 403
    assert client.get(f"/h/alice/import/lines/{pk}/").status_code == 403


def test_the_example_file_has_as_many_lines_as_the_tests_count(source: Import) -> None:
    assert LINES == 8
