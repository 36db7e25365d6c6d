"""The base of the household rows' back office, tried on categories and transactions."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches, path

import budget.urls
from budget.categories.models import Category
from budget.core.admin import HouseholdModelAdmin
from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import spend

DAY = dt.date(2026, 11, 3)


class TransactionAdmin(HouseholdModelAdmin):
    list_display = ["date", "description", "household"]
    fields = ["kind", "amount", "date", "category", "description"]


@pytest.fixture(autouse=True)
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A back office of our own, whatever the apps register in the real one."""
    site = admin.AdminSite()
    site.register(Category, HouseholdModelAdmin)
    site.register(Transaction, TransactionAdmin)
    others = [each for each in budget.urls.urlpatterns if str(each.pattern) != "admin/"]
    monkeypatch.setattr(budget.urls, "urlpatterns", [path("admin/", site.urls), *others])
    clear_url_caches()
    yield
    monkeypatch.undo()
    clear_url_caches()


@pytest.fixture
def staff(db: None, sign_in: SignIn) -> Client:
    return sign_in(User.objects.create_superuser("staff@example.org", "x"))


TRANSACTIONS = "/admin/transactions/transaction/"


def test_list_shows_every_household_and_filters_by_one(
    staff: Client, household: Household, charlie: User
) -> None:
    with household_scope(household):
        spend(10, DAY, description="Alice's bread")
    with household_scope(Household.objects.get(slug="charlie")):
        spend(20, DAY, description="Charlie's beer")

    everything = staff.get(TRANSACTIONS).content.decode()
    assert "Alice&#x27;s bread" in everything
    assert "Charlie&#x27;s beer" in everything

    filtered = staff.get(f"{TRANSACTIONS}?household__id__exact={household.pk}").content.decode()
    assert "Alice&#x27;s bread" in filtered
    assert "Charlie&#x27;s beer" not in filtered


def test_rows_cost_no_queries_of_their_own(staff: Client, household: Household) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            staff.get(TRANSACTIONS)
        return len(queries)

    with household_scope(household):
        spend(10, DAY, Category.objects.create(name="Pain"))
    before = cost()
    with household_scope(household):
        for number in range(10):
            spend(10, DAY, Category.objects.create(name=f"Vin {number}"))
    assert cost() == before


def test_a_rows_choices_are_its_households(
    staff: Client, household: Household, charlie: User
) -> None:
    with household_scope(household):
        bread = spend(10, DAY)
        Category.objects.create(name="Alices only")
    with household_scope(Household.objects.get(slug="charlie")):
        Category.objects.create(name="Charlies only")

    page = staff.get(f"{TRANSACTIONS}{bread.pk}/change/").content.decode()

    assert "Alices only" in page
    assert "Charlies only" not in page


def test_adding_asks_for_a_household_and_goes_into_it(staff: Client, household: Household) -> None:
    refused = staff.get(f"{TRANSACTIONS}add/", follow=True)
    assert refused.redirect_chain == [(TRANSACTIONS, 302)]

    url = f"{TRANSACTIONS}add/?_changelist_filters=household__id__exact%3D{household.pk}"
    assert staff.get(url).status_code == 200
    staff.post(url, {"kind": "expense", "amount": "12", "date": "2026-11-03"})
    with household_scope(household):
        assert Transaction.objects.get().amount == 12


@pytest.mark.parametrize("value", ["", "abc", "9" * 40, "-1", "0"])
def test_adding_with_an_unreadable_household_changes_nothing(staff: Client, value: str) -> None:
    url = f"{TRANSACTIONS}add/?_changelist_filters=household__id__exact%3D{value}"
    response = staff.post(url, {"kind": "expense", "amount": "12", "date": "2026-11-03"})
    assert (response.status_code, response["Location"]) == (302, TRANSACTIONS)


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40, "abc"])
def test_a_row_that_is_not_there_leads_to_the_index(staff: Client, pk: str) -> None:
    assert staff.get(f"{TRANSACTIONS}{pk}/change/").status_code == 302


def test_what_is_used_is_not_deleted_and_says_so(staff: Client, household: Household) -> None:
    with household_scope(household):
        food = Category.objects.create(name="Pain")
        spend(10, DAY, food)

    url = f"/admin/categories/category/{food.pk}/delete/"
    assert staff.get(url).status_code == 200
    response = staff.post(url, {"post": "yes"}, follow=True)

    assert response.status_code == 200
    assert "sert encore" in str(next(iter(response.context["messages"])))
    with household_scope(household):
        assert Category.objects.filter(pk=food.pk).exists()
