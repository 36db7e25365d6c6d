"""Closing, reopening, hiding and showing by their buttons, with JavaScript and without."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from budget.archives import views
from budget.archives.models import ClosedMonth
from budget.archives.services import NotClosed
from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.archives.months import OCTOBER, close, fill_october
from tests.conftest import SignIn
from tests.ledger import spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/archives/"
OCTOBER_URL = "/h/alice/archives/2026-10/"


@pytest.fixture
def filled(household: Household) -> Household:
    with household_scope(household):
        fill_october()
    return household


@pytest.fixture
def closed(filled: Household) -> Household:
    with household_scope(filled):
        close("2026-10")
    return filled


def state(household: Household) -> list[tuple[str, bool]]:
    with household_scope(household):
        return [(month.period.code, month.hidden) for month in ClosedMonth.objects.all()]


def test_closing_says_so_and_offers_to_undo(
    as_alice: Client, filled: Household, alice: User
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}close/")
    assert (response.status_code, response["Location"]) == (302, LIST)
    (message,) = get_messages(response.wsgi_request)
    assert "Octobre 2026 est clos." in str(message)
    assert f"{OCTOBER_URL}reopen/" in str(message)
    with household_scope(filled):
        assert ClosedMonth.objects.get().closed_by == alice


def test_closing_with_htmx_lets_the_page_ask_for_itself(
    as_alice: Client, filled: Household, htmx: dict[str, str]
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}close/", headers=htmx)
    assert response.status_code == 200
    assert "ledger-changed" in response["HX-Trigger"]
    assert "Octobre 2026 est clos." in response.content.decode()
    assert state(filled) == [("2026-10", False)]


def test_closing_twice_tells_the_second_and_changes_nothing(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}close/")
    assert response["Location"] == LIST
    (message,) = get_messages(response.wsgi_request)
    assert (str(message), message.level_tag) == ("Octobre 2026 est déjà clos.", "warning")
    response = as_alice.post(f"{OCTOBER_URL}close/", headers=htmx)
    assert response.status_code == 409
    assert response["HX-Trigger"] == "ledger-changed"
    assert "Octobre 2026 est déjà clos." in response.content.decode()
    assert "data-stays" in response.content.decode()
    assert state(closed) == [("2026-10", False)]


@pytest.mark.parametrize("code", ["2026-11", "2026-12", "2026-09", "2199-01", "1900-01"])
def test_what_cannot_be_closed_is_refused_with_a_reason(
    as_alice: Client, filled: Household, htmx: dict[str, str], code: str
) -> None:
    response = as_alice.post(f"/h/alice/archives/{code}/close/", headers=htmx)
    assert response.status_code in {404, 409}
    assert state(filled) == []


@pytest.mark.parametrize("code", ["2026-13", "2026-Q3", "2025", "99999-01", "0000-01", "x"])
def test_what_is_no_month_is_not_found(as_alice: Client, filled: Household, code: str) -> None:
    assert as_alice.post(f"/h/alice/archives/{code}/close/").status_code == 404


def test_old_months_are_closed_at_once(as_alice: Client, filled: Household) -> None:
    with household_scope(filled):
        spend(5, dt.date(2026, 7, 1))
        spend(5, dt.date(2026, 6, 1))
        spend(5, dt.date(2026, 8, 1))
    response = as_alice.post(f"{LIST}close/")
    (message,) = get_messages(response.wsgi_request)
    assert "2 mois sont clos." in str(message)
    assert [code for code, _ in state(filled)] == ["2026-07", "2026-06"]
    assert as_alice.post(f"{LIST}close/").status_code == 302
    assert len(state(filled)) == 2


def test_reopening_frees_the_month_and_offers_to_undo(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}reopen/", headers=htmx)
    assert response.status_code == 200
    assert "Octobre 2026 est rouvert" in response.content.decode()
    assert f"{OCTOBER_URL}close/" in response.content.decode()
    assert state(closed) == []
    with household_scope(closed):
        assert Transaction.objects.count() == 4
    assert as_alice.post(f"{OCTOBER_URL}reopen/").status_code == 404


def test_reopening_from_the_months_own_page_leaves_it(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}reopen/", {"next": LIST}, headers=htmx)
    assert (response.status_code, response["HX-Redirect"]) == (204, LIST)
    assert "Octobre 2026 est rouvert" in as_alice.get(LIST).content.decode()


def test_a_month_reopened_by_somebody_else_at_the_same_moment_is_told(
    as_alice: Client,
    closed: Household,
    htmx: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(**_kwargs: object) -> None:
        raise NotClosed(OCTOBER)

    monkeypatch.setattr(views, "month_reopen", gone)
    response = as_alice.post(f"{OCTOBER_URL}reopen/", headers=htmx)
    assert response.status_code == 409
    assert "Octobre 2026 n’est plus clos." in response.content.decode()


@pytest.mark.parametrize(
    "address", ["https://example.com/", "//example.com", "\x00", "javascript:1"]
)
def test_an_address_that_is_not_ours_does_not_lead_away(
    as_alice: Client, closed: Household, htmx: dict[str, str], address: str
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}hide/", {"next": address})
    assert response["Location"] == LIST
    response = as_alice.post(f"{OCTOBER_URL}reopen/", {"next": address}, headers=htmx)
    assert response.status_code == 200
    assert "HX-Redirect" not in response


@pytest.mark.parametrize(
    ("address", "quoted"),
    [("?q=é€", "?q=%C3%A9%E2%82%AC"), ("?a=%20b#c", "?a=%20b#c"), ("\r\nX: y", "%0D%0AX:%20y")],
)
def test_an_address_fits_into_a_header_whatever_its_letters(
    as_alice: Client, closed: Household, htmx: dict[str, str], address: str, quoted: str
) -> None:
    response = as_alice.post(f"{OCTOBER_URL}reopen/", {"next": LIST + address}, headers=htmx)
    assert response["HX-Redirect"] == LIST + quoted


def test_hiding_and_showing_say_so_and_can_be_repeated(
    as_alice: Client, closed: Household, htmx: dict[str, str]
) -> None:
    for _ in range(2):
        response = as_alice.post(f"{OCTOBER_URL}hide/", headers=htmx)
        assert "Octobre 2026 est masqué" in response.content.decode()
        assert f"{OCTOBER_URL}show/" in response.content.decode()
        assert state(closed) == [("2026-10", True)]
    for _ in range(2):
        response = as_alice.post(f"{OCTOBER_URL}show/")
        assert response["Location"] == LIST
        assert state(closed) == [("2026-10", False)]


ACTIONS = ["2026-10/close", "2026-10/reopen", "2026-10/hide", "2026-10/show", "close"]


@pytest.mark.parametrize("action", ACTIONS)
def test_looking_at_an_action_does_nothing(
    as_alice: Client, closed: Household, action: str
) -> None:
    assert as_alice.get(f"{LIST}{action}/").status_code == 405
    assert state(closed) == [("2026-10", False)]


@pytest.mark.parametrize("action", [*ACTIONS, "2026-10/erase"])
def test_a_viewer_may_not_and_a_stranger_finds_nothing(
    sign_in: SignIn, vera: User, charlie: User, closed: Household, action: str
) -> None:
    assert sign_in(vera).post(f"{LIST}{action}/").status_code == 403
    assert sign_in(charlie).post(f"{LIST}{action}/").status_code == 404
    assert Client().post(f"{LIST}{action}/")["Location"].startswith("/accounts/login/")
    assert state(closed) == [("2026-10", False)]


def test_an_editor_may(sign_in: SignIn, bob: User, filled: Household) -> None:
    client = sign_in(bob)
    for action in ("close", "hide", "show", "reopen"):
        assert client.post(f"{OCTOBER_URL}{action}/").status_code == 302
    assert state(filled) == []
