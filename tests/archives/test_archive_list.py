"""The archives' first page: what can be closed, what is closed, and who may do it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.archives.models import ClosedMonth
from budget.archives.selectors import months_to_close
from budget.archives.services import month_hide, months_close, months_close_older
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from budget.users.services import household_create
from tests.archives.months import OCTOBER, close, fill_october
from tests.conftest import SignIn
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

URL = "/h/alice/archives/"


def shown(client: Client, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def closed_codes(client: Client, query: str = "") -> list[str]:
    return [month.period.code for month in client.get(URL + query).context["page"].rows]


def test_an_empty_household_is_told_what_belongs_here(as_alice: Client) -> None:
    page = shown(as_alice)
    assert "Aucun mois à clôturer pour l’instant" in page
    assert "/h/alice/transactions/add/" in page


def test_a_recent_month_shows_its_figures_and_a_button(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        fill_october()
    page = shown(as_alice)
    assert "Octobre 2026" in page
    assert "terminé depuis 21 jours" in page
    assert "+2 500,00 €" in page
    assert "−92,40 €" in page
    assert "+2 407,60 €" in page
    assert "Clôturer octobre" in page
    assert "/h/alice/archives/2026-10/close/" in page
    assert "Mois anciens" not in page


def test_the_current_month_and_what_is_to_come_cannot_be_closed(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        spend(5, dt.date(2026, 11, 1))
        spend(5, dt.date(2027, 1, 1))
    assert "Aucun mois à clôturer" in shown(as_alice)


def test_months_further_back_than_three_come_first(scope: Household) -> None:
    for code in ("2026-10", "2026-09", "2026-08", "2026-07", "2025-12"):
        spend(5, Period.parse(code).first)
    close("2026-09")
    found = months_to_close()
    assert [month.period.code for month in found.older] == ["2026-07", "2025-12"]
    assert [month.period.code for month in found.recent] == ["2026-10", "2026-08"]
    assert [month.days_ago for month in found.recent] == [21, 82]


def test_old_months_are_closed_together_or_one_by_one(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        spend(5, dt.date(2026, 7, 1))
        spend(5, dt.date(2026, 6, 1))
    page = shown(as_alice)
    assert "Mois anciens, pas encore clos" in page
    assert "2 mois sont terminés depuis plus de 3 mois" in page
    assert "Clôturer ces 2 mois" in page
    assert "/h/alice/archives/2026-06/close/" in page


def test_years_of_open_months_are_told_and_not_all_listed(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        for month in Period.parse("2026-07").last_periods(30):
            spend(5, month.first)
    page = shown(as_alice)
    assert page.count("/close/") == 12 + 1
    assert "Clôturer ces 30 mois" in page
    assert "Et 18 plus anciens, de février 2024 à juillet 2025." in page


def test_a_line_of_1901_makes_one_month_and_not_fifteen_hundred(scope: Household) -> None:
    spend(5, dt.date(1901, 2, 3))
    fill_october()
    found = months_to_close()
    assert [month.period.code for month in found.older] == ["1901-02"]
    assert [month.period.code for month in months_close_older(older_than=0)] == [
        "1901-02",
        "2026-10",
    ]


def test_closed_months_are_listed_latest_first_with_their_figures(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        fill_october()
        earn(10, dt.date(2026, 9, 2))
        spend(25, dt.date(2026, 9, 2))
        months_close(periods=[OCTOBER, OCTOBER.previous], closed_by=alice)
    page = shown(as_alice)
    assert page.index("Octobre 2026") < page.index("Septembre 2026")
    assert "−15,00 €" in page
    for action in ("hide", "reopen", "erase"):
        assert f"/h/alice/archives/2026-10/{action}/" in page
    assert "À clôturer" not in page


def test_hidden_months_are_behind_a_toggle(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        fill_october()
        spend(5, dt.date(2026, 9, 2))
        close("2026-10")
        month_hide(closed=close("2026-09"))
    assert closed_codes(as_alice) == ["2026-10"]
    assert "Montrer le mois masqué (1)" in shown(as_alice)
    assert closed_codes(as_alice, "?hidden=1") == ["2026-10", "2026-09"]
    page = shown(as_alice, "?hidden=1")
    assert "Ne plus montrer le mois masqué (1)" in page
    assert "/h/alice/archives/2026-09/show/" in page


def test_all_hidden_says_so(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        fill_october()
        month_hide(closed=close("2026-10"))
    page = shown(as_alice)
    assert "Tous les mois clos sont masqués." in page
    assert "Aucun mois à clôturer" not in page


def test_a_month_that_begins_on_the_25th_shows_its_days(alice: User, sign_in: SignIn) -> None:
    late = household_create(
        name="Late", slug="late", owner=alice, month_start_day=25, language="fr"
    )
    with household_scope(late):
        spend(5, dt.date(2026, 9, 25))
        spend(5, dt.date(2026, 8, 25))
        months_close(periods=[Period.parse("2026-09", start_day=25)])
    page = sign_in(alice).get("/h/late/archives/").content.decode()
    assert "du 25 sept. au 24 oct. 2026" in page
    assert "du 25 août au 24 sept. 2026" in page


def test_a_viewer_sees_the_archives_and_no_buttons(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    with household_scope(household):
        fill_october()
        spend(5, dt.date(2026, 9, 2))
        spend(5, dt.date(2026, 6, 2))
        spend(5, dt.date(2026, 5, 2))
        close("2026-09")
    page = sign_in(vera).get(URL).content.decode()
    assert "Septembre 2026" in page
    for action in ("close", "hide", "reopen", "erase"):
        assert f"/{action}/" not in page


@pytest.mark.parametrize(
    ("start_day", "day", "code"),
    [(5, dt.date(1900, 1, 1), "1899-12"), (1, dt.date(1900, 1, 1), "1900-01")],
)
def test_the_very_first_day_of_a_ledger_can_be_closed_and_read(
    alice: User, sign_in: SignIn, start_day: int, day: dt.date, code: str
) -> None:
    old = household_create(
        name="Old", slug="old", owner=alice, month_start_day=start_day, language="fr"
    )
    with household_scope(old):
        spend(5, day)
    client = sign_in(alice)
    assert client.post(f"/h/old/archives/{code}/close/").status_code == 302
    assert client.get(f"/h/old/archives/{code}/").status_code == 200


@pytest.mark.parametrize("cursor", ["x", "%00", "W10", "9" * 5000, "WyJmaXJzdF9kYXkiLDEsMV0"])
def test_a_cursor_that_cannot_be_read_shows_the_first_page(
    as_alice: Client, household: Household, cursor: str
) -> None:
    with household_scope(household):
        fill_october()
        close("2026-10")
    assert closed_codes(as_alice, f"?after={cursor}") == ["2026-10"]


def test_many_closed_months_are_paged(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        months = Period.parse("2026-07").last_periods(27)
        for month in months:
            spend(5, month.first)
        months_close(periods=months)
    first = as_alice.get(URL)
    assert len(first.context["page"].rows) == 24
    assert "Page suivante" in first.content.decode()
    rest = closed_codes(as_alice, f"?after={first.context['page'].after}")
    assert rest == [month.code for month in months[2::-1]]


def test_sixty_months_cost_what_one_costs(as_alice: Client, household: Household) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(as_alice, "?hidden=1")
        return len(queries)

    with household_scope(household):
        fill_october()
        spend(5, dt.date(2026, 9, 2))
        spend(5, dt.date(2026, 6, 2))
        close("2026-10")
    cost()  # The first request of a session remembers the household.
    before = cost()
    with household_scope(household):
        months = Period.parse("2026-05").last_periods(60)
        for month in months:
            spend(5, month.first, category("Loisirs"))
            spend(5, month.last.replace(day=2), category("Autre"))
        months_close(periods=months[:40])
        ClosedMonth.objects.filter(first_day__lt="2023-01-01").update(hidden=True)
    assert cost() == before
    assert before <= 12
