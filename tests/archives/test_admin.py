"""The back office's pages of closed months."""

import datetime as dt

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from budget.archives.models import ClosedMonth, ClosedMonthLine
from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.backoffice import cost, rows_shown, told
from tests.conftest import SignIn
from tests.ledger import category, earn, spend

LIST = "/admin/archives/closedmonth/"

pytestmark = pytest.mark.usefixtures("today")


def close(household: Household, month: int) -> ClosedMonth:
    day = dt.date(2026, month, 3)
    with household_scope(household):
        earn(2500, day, category("Salaire"))
        spend("12.34", day, category())
        return month_close(period=Period.containing(day), closed_by=User.objects.get(name="Alice"))


def act(client: Client, action: str, *months: ClosedMonth) -> list[str]:
    fields = {"action": action, "_selected_action": [month.pk for month in months]}
    response = client.post(LIST, fields, follow=True)
    assert response.status_code == 200
    return told(response)


def test_list_costs_the_same_with_twice_the_rows(
    as_staff: Client, household: Household, charlie: User
) -> None:
    close(household, 10)
    before = cost(as_staff, LIST)
    close(household, 9)
    close(Household.objects.get(slug="charlie"), 8)
    assert cost(as_staff, LIST) == before <= 12


def test_one_households_months_are_shown_alone(
    as_staff: Client, household: Household, charlie: User
) -> None:
    close(household, 10)
    other = Household.objects.get(slug="charlie")
    assert rows_shown(as_staff.get(LIST, {"household__id__exact": household.pk})) == 1
    assert rows_shown(as_staff.get(LIST, {"q": "ALICE"})) == 1
    assert rows_shown(as_staff.get(LIST, {"q": "charlie"})) == 0
    assert rows_shown(as_staff.get(LIST, {"household__id__exact": other.pk})) == 0


def test_a_snapshot_is_shown_with_its_categories_and_cannot_be_changed(
    as_staff: Client, household: Household
) -> None:
    month = close(household, 10)
    url = f"{LIST}{month.pk}/change/"
    page = as_staff.get(url).content.decode()
    assert "Alimentation" in page
    assert "12,34" in page
    assert as_staff.post(url, {"income": "1"}).status_code == 403
    assert as_staff.get(f"{LIST}{month.pk}/delete/").status_code == 403
    assert as_staff.post(f"{LIST}add/", {}).status_code in {302, 403}
    with household_scope(household):
        month.refresh_from_db()
        assert month.income == 2500
        assert ClosedMonthLine.objects.count() == 2


def test_months_are_hidden_shown_and_reopened(as_staff: Client, household: Household) -> None:
    october, september = close(household, 10), close(household, 9)
    assert len(act(as_staff, "hide", october, september)) == 1
    with household_scope(household):
        assert ClosedMonth.objects.filter(hidden=True).count() == 2
    act(as_staff, "show", october)
    with household_scope(household):
        assert ClosedMonth.objects.get(hidden=True) == september
    act(as_staff, "reopen", october)
    with household_scope(household):
        assert ClosedMonth.objects.get() == september
        spend(5, dt.date(2026, 10, 5))
        assert Transaction.objects.count() == 5


def test_months_of_several_households_are_reopened_at_once(
    as_staff: Client, household: Household, charlie: User
) -> None:
    other = Household.objects.get(slug="charlie")
    act(as_staff, "reopen", close(household, 10), _close_of(other))
    for each in (household, other):
        with household_scope(each):
            assert not ClosedMonth.objects.exists()


def _close_of(household: Household) -> ClosedMonth:
    with household_scope(household):
        spend(5, dt.date(2026, 10, 5))
        return month_close(period=Period.containing(dt.date(2026, 10, 5)))


def test_a_month_reopened_meanwhile_is_none_of_those_acted_on(
    as_staff: Client, household: Household
) -> None:
    october = close(household, 10)
    act(as_staff, "reopen", october)
    assert act(as_staff, "reopen", october)


def test_who_may_only_look_has_no_actions(household: Household, sign_in: SignIn) -> None:
    october = close(household, 10)
    viewer = User.objects.create_user("look@example.org", "x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_closedmonth"))
    client = sign_in(viewer)
    page = client.get(LIST)
    assert page.status_code == 200
    assert "reopen" not in page.content.decode()
    act(client, "reopen", october)
    with household_scope(household):
        assert ClosedMonth.objects.exists()
