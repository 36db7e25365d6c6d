"""Deleting a month for good: what is lost is said, the word is typed, nothing half is done."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client

from budget.archives import views
from budget.archives.models import ClosedMonth
from budget.archives.services import NotClosed
from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.archives.months import OCTOBER, close, fill_october
from tests.conftest import SignIn
from tests.ledger import earn, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/archives/"
URL = "/h/alice/archives/2026-10/erase/"


@pytest.fixture
def closed(household: Household) -> Household:
    with household_scope(household):
        fill_october()
        spend(7, dt.date(2026, 11, 1))
        close("2026-10")
    return household


def left(household: Household) -> tuple[int, int]:
    """How many transactions and closed months there are."""
    with household_scope(household):
        return Transaction.objects.count(), ClosedMonth.objects.count()


def test_the_form_says_what_will_be_lost_and_offers_the_download(
    as_alice: Client, closed: Household
) -> None:
    page = as_alice.get(URL).content.decode().replace("\u00a0", " ")
    assert "Supprimer octobre 2026 pour toujours ?" in page
    assert "<strong>4 transactions</strong>" in page
    assert 'Le solde du foyer baissera de <strong class="num">2 407,60 €</strong>' in page
    assert "On ne pourra pas revenir en arrière" in page
    assert "/h/alice/archives/2026-10/download/" in page
    assert 'data-confirm-word="octobre 2026"' in page
    assert left(closed) == (5, 1)


@pytest.mark.parametrize(
    ("income", "words"),
    [(10, "augmentera de"), (30, "baissera de"), (20, "restera le même")],
)
def test_it_says_which_way_the_balance_goes(
    as_alice: Client, household: Household, income: int, words: str
) -> None:
    with household_scope(household):
        earn(income, dt.date(2026, 9, 2))
        spend(20, dt.date(2026, 9, 2))
        close("2026-09")
    page = as_alice.get("/h/alice/archives/2026-09/erase/").content.decode()
    assert words in page


def test_htmx_gets_the_form_alone(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    page = as_alice.get(URL, headers=htmx).content.decode()
    assert "<form" in page
    assert "<html" not in page


@pytest.mark.parametrize(
    "word",
    ["octobre 2026", "OCTOBRE 2026", "  Octobre   2026 ", "óctobre 2026", "octobre\u00a02026"],
)
def test_the_months_name_erases_it_whatever_its_case_and_accents(
    as_alice: Client, closed: Household, word: str
) -> None:
    response = as_alice.post(URL, {"word": word})
    assert (response.status_code, response["Location"]) == (302, LIST)
    assert left(closed) == (1, 0)
    assert "Octobre 2026 et ses transactions sont supprimés." in as_alice.get(LIST).content.decode()


def test_accents_of_the_month_need_not_be_typed(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        spend(5, dt.date(2026, 8, 2))
        close("2026-08")
    as_alice.post("/h/alice/archives/2026-08/erase/", {"word": "aout 2026"})
    assert left(household) == (0, 0)


@pytest.mark.parametrize(
    "word",
    ["", " ", "octobre", "2026", "octobre 2025", "october 2026", "oui", "x" * 10_000, "a\x00b"],
)
def test_any_other_word_erases_nothing(as_alice: Client, closed: Household, word: str) -> None:
    response = as_alice.post(URL, {"word": word})
    assert response.status_code == 422
    assert "word" in response.context["form"].errors
    assert left(closed) == (5, 1)


def test_without_a_word_at_all_nothing_is_erased(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    response = as_alice.post(URL, headers=htmx)
    assert response.status_code == 422
    assert "Écrivez le mois pour confirmer." in response.content.decode()
    assert left(closed) == (5, 1)


def test_an_english_reader_types_the_english_name(as_alice: Client, closed: Household) -> None:
    english = {"accept-language": "en"}
    page = as_alice.get(URL, headers=english).content.decode()
    assert "Delete October 2026 for good?" in page
    assert as_alice.post(URL, {"word": "octobre 2026"}, headers=english).status_code == 422
    assert as_alice.post(URL, {"word": "october 2026"}, headers=english).status_code == 302
    assert left(closed) == (1, 0)


def test_erasing_in_the_dialog_closes_it_or_leaves_the_months_page(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    page = as_alice.get(f"{URL}?next={LIST}", headers=htmx).content.decode()
    assert f'name="next" value="{LIST}"' in page
    response = as_alice.post(URL, {"word": "octobre 2026", "next": LIST}, headers=htmx)
    assert (response.status_code, response["HX-Redirect"]) == (204, LIST)
    with household_scope(closed):
        spend(5, dt.date(2026, 9, 2))
        close("2026-09")
    response = as_alice.post(
        "/h/alice/archives/2026-09/erase/", {"word": "septembre 2026"}, headers=htmx
    )
    assert "dialog-close" in response["HX-Trigger"]


def test_erasing_twice_finds_nothing_the_second_time(as_alice: Client, closed: Household) -> None:
    as_alice.post(URL, {"word": "octobre 2026"})
    with household_scope(closed):
        spend(9, dt.date(2026, 10, 2))
    assert as_alice.post(URL, {"word": "octobre 2026"}).status_code == 404
    assert left(closed) == (2, 0)


def test_a_month_reopened_in_between_is_told_and_keeps_what_was_typed(
    as_alice: Client, closed: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_kwargs: object) -> int:
        raise NotClosed(OCTOBER)

    monkeypatch.setattr(views, "month_erase", gone)
    response = as_alice.post(URL, {"word": "octobre 2026"})
    assert response.status_code == 409
    page = response.content.decode()
    assert "Octobre 2026 n’est plus clos." in page
    assert 'value="octobre 2026"' in page


def test_only_get_and_post_are_answered(as_alice: Client, closed: Household) -> None:
    assert as_alice.put(URL).status_code == 405
    assert as_alice.delete(URL).status_code == 405
    assert left(closed) == (5, 1)


def test_a_viewer_does_not_even_see_the_form(
    sign_in: SignIn, vera: User, closed: Household
) -> None:
    assert sign_in(vera).get(URL).status_code == 403


def test_the_download_holds_the_month_complete(as_alice: Client, closed: Household) -> None:
    response = as_alice.get("/h/alice/archives/2026-10/download/")
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="budgeometre-alice-2026-10.json"'
    )
    document = json.loads(response.content)
    assert (document["month"], document["currency"]) == ("2026-10", "EUR")
    assert (document["income"], document["expenses"]) == ("2500.00", "92.40")
    assert [line["description"] for line in document["transactions"]] == [
        "Retrait",
        "Biocoop",
        "Salaire",
        "Boulangerie",
    ]
    assert document["transactions"][1] | {"created_at": ""} == {
        "date": "2026-10-03",
        "kind": "expense",
        "amount": "50.00",
        "category": "Alimentation",
        "wallet": "Compte courant",
        "to_wallet": None,
        "envelope": None,
        "to_envelope": None,
        "parts": [],
        "person": None,
        "status": "open",
        "description": "Biocoop",
        "note": "",
        "created_at": "",
    }
    assert document["transactions"][0]["category"] is None
    food = next(row for row in document["categories"] if row["name"] == "Alimentation")
    assert food == {
        "name": "Alimentation",
        "colour": "#ef4444",
        "monthly_limit": None,
        "income": "0.00",
        "expenses": "62.40",
        "passed_in": "0.00",
        "passed_out": "0.00",
        "transactions": 2,
    }


def test_a_viewer_may_download_and_a_stranger_not(
    sign_in: SignIn, vera: User, charlie: User, closed: Household
) -> None:
    url = "/h/alice/archives/2026-10/download/"
    assert sign_in(vera).get(url).status_code == 200
    assert sign_in(charlie).get(url).status_code == 404
    assert sign_in(vera).get("/h/alice/archives/2026-09/download/").status_code == 404
