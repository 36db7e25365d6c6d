"""The back office's pages of categories."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from budget.categories.admin import CategoryAdminForm
from budget.categories.models import Category
from budget.core import admin as office
from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.backoffice import add_url, cost, rows_shown, told
from tests.ledger import bucket, category

LIST = "/admin/categories/category/"
NEW = {"name": "Vélo", "description": "", "kind": "expense", "colour": "#22c55e"}


def edit(pk: int) -> str:
    return f"{LIST}{pk}/change/"


def test_list_costs_the_same_with_twice_the_rows(
    as_staff: Client, household: Household, charlie: User
) -> None:
    before = cost(as_staff, LIST)
    with household_scope(household):
        for number in range(20):
            Category.objects.create(name=f"C{number}", monthly_limit=Decimal(5))
    assert cost(as_staff, LIST) == before <= 12


def test_search_ignores_case_and_accents(as_staff: Client, household: Household) -> None:
    assert rows_shown(as_staff.get(LIST, {"q": "EPARGNE"})) == 1
    assert rows_shown(as_staff.get(LIST, {"q": "épargne"})) == 1
    assert rows_shown(as_staff.get(LIST, {"q": "épargne loisirs"})) == 0


def test_limits_are_shown_in_the_households_currency(
    as_staff: Client, household: Household
) -> None:
    Household.objects.update(currency="JPY")
    with household_scope(household):
        Category.objects.filter(name="Loisirs").update(monthly_limit=Decimal(20000))
    page = as_staff.get(LIST, {"q": "loisirs"}).content.decode()
    assert "20\u00a0000\u00a0JPY" in page


def test_retired_ones_can_be_told_apart(as_staff: Client, household: Household) -> None:
    with household_scope(household):
        Category.objects.filter(name="Loisirs").update(retired_at=timezone.now())
    assert rows_shown(as_staff.get(LIST, {"retired_at__isempty": "0"})) == 1


def test_a_category_is_changed_and_its_limit_may_be_typed_in_french(
    as_staff: Client, household: Household
) -> None:
    with household_scope(household):
        food = category()
    response = as_staff.post(edit(food.pk), {**NEW, "monthly_limit": "1 234,56", "seen": "1"})
    assert response.status_code == 302
    with household_scope(household):
        food.refresh_from_db()
        assert (food.name, food.monthly_limit) == ("Vélo", Decimal("1234.56"))


@pytest.mark.parametrize("limit", ["0", "-5", "abc", "NaN", "1e9999", "12,345.678"])
def test_a_limit_that_is_no_amount_is_refused_in_words(
    as_staff: Client, household: Household, limit: str
) -> None:
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, "monthly_limit": limit})
    assert response.status_code == 200
    assert "monthly_limit" in response.context["adminform"].form.errors
    assert "categories_category" not in response.content.decode()


@pytest.mark.parametrize("name", ["ALIMENTATION", "alimentation", "Santé", "SANTE"])
def test_a_name_the_household_has_is_refused(
    as_staff: Client, household: Household, name: str
) -> None:
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, "name": name})
    assert response.status_code == 200
    assert "name" in response.context["adminform"].form.errors


def test_a_name_taken_between_the_check_and_the_write_is_told(
    as_staff: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CategoryAdminForm, "clean_name", lambda form: form.cleaned_data["name"])
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, "name": "Santé"}, follow=True)
    assert response.status_code == 200
    assert len(told(response)) == 1


def test_a_household_beyond_those_beside_the_list_can_still_be_filtered_by(
    as_staff: Client, household: Household, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "HOUSEHOLDS_SHOWN", 1)
    last = Household.objects.order_by("name").last()
    assert last
    page = as_staff.get(LIST, {"household__id__exact": last.pk})
    assert rows_shown(page) == 10
    assert f">{last.name}</a>".replace("'", "&#x27;") in page.content.decode()


def test_another_households_name_may_be_used(
    as_staff: Client, household: Household, charlie: User
) -> None:
    with household_scope(household):
        Category.objects.filter(name="Loisirs").delete()
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, "name": "Loisirs"})
    assert response.status_code == 302
    with household_scope(household):
        assert Category.objects.filter(name="Loisirs").exists()


def test_a_retired_category_keeps_its_name_beside_an_active_one(
    as_staff: Client, household: Household
) -> None:
    with household_scope(household):
        retired = Category.objects.create(name="Loisirs", retired_at=timezone.now())
    response = as_staff.post(edit(retired.pk), {**NEW, "name": "Loisirs"})
    assert response.status_code == 302


@pytest.mark.parametrize("name", ["x" * 61, "a\x00b", "", "   "])
def test_a_name_that_cannot_be_kept_is_refused(
    as_staff: Client, household: Household, name: str
) -> None:
    response = as_staff.post(add_url(LIST, household.pk), {**NEW, "name": name})
    assert response.status_code == 200
    assert "name" in response.context["adminform"].form.errors


def test_hostile_names_are_shown_as_text(as_staff: Client, household: Household) -> None:
    with household_scope(household):
        Category.objects.create(name='<script>alert("1")</script>')
    page = as_staff.get(LIST).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_envelope_is_asked_for_only_where_there_are_some(
    as_staff: Client, household: Household, charlie: User
) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        bucket("Ailleurs")
    with household_scope(household):
        row = category("Loisirs")
    assert "bucket" not in as_staff.get(edit(row.pk)).context["adminform"].form.fields
    with household_scope(household):
        own = bucket("Plaisir")
    page = as_staff.get(edit(row.pk))
    assert "Plaisir" in page.content.decode()
    assert "Ailleurs" not in page.content.decode()
    posted = {**NEW, "name": "Loisirs", "bucket": own.pk, "seen": row.version}
    assert as_staff.post(edit(row.pk), posted).status_code == 302
    with household_scope(household):
        assert category("Loisirs").bucket == own
