"""Deleting a category: what the person is told before, and where what it holds goes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile
from budget.core.periods import Period
from budget.goals.models import Goal
from budget.planning import views
from budget.transactions.models import Transaction
from budget.users.models import Household
from tests.ledger import category, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/categories/"


def delete(which: Category) -> str:
    return f"{LIST}{which.pk}/delete/"


@pytest.fixture
def food(scope: Household) -> Category:
    """A category with a limit, two lines in a closed month, one in an open one, and a goal."""
    food = category()
    Category.objects.filter(pk=food.pk).update(monthly_limit=400)
    for amount in (30, 31):
        spend(amount, dt.date(2026, 10, 10), food)
    month_close(period=Period.parse("2026-10"))
    spend(10, dt.date(2026, 11, 10), food)
    Goal.objects.create(name="Vélo", target=Decimal(500), category=food, contribution=Decimal(50))
    return food


def test_an_unused_category_goes_after_one_question(as_alice: Client, scope: Household) -> None:
    shopping = category("Shopping")
    html = as_alice.get(delete(shopping)).content.decode()
    assert "Elle ne contient rien" in html
    assert "move_to" not in html
    response = as_alice.post(delete(shopping), follow=True)
    assert "Catégorie «\u00a0Shopping\u00a0» supprimée." in response.content.decode()
    assert not Category.objects.filter(pk=shopping.pk).exists()


def test_what_will_be_lost_moved_and_kept_is_said_before(as_alice: Client, food: Category) -> None:
    html = as_alice.get(delete(food)).content.decode()
    assert "Sa limite mensuelle de 400,00\u00a0€ disparaît avec elle." in html
    assert "1 transaction rejoint la catégorie que vous choisissez." in html
    assert "1 objectif d’épargne la rejoint aussi" in html
    assert "2 transactions de mois clôturés ne bougent pas" in html


def test_every_other_category_is_offered_those_of_its_kind_first(
    as_alice: Client, food: Category
) -> None:
    html = as_alice.get(delete(food)).content.decode()
    assert f'<option value="{food.pk}"' not in html
    assert html.index('<optgroup label="Dépense') < html.index('<optgroup label="Revenu')
    assert html.index(">Loisirs<") < html.index('<optgroup label="Revenu') < html.index(">Salaire<")
    assert '<option value="none">Sans catégorie</option>' in html


@pytest.mark.parametrize(("target", "landed"), [("Loisirs", "Loisirs"), ("none", None)])
def test_what_it_holds_goes_where_it_is_told(
    as_alice: Client, food: Category, target: str, landed: str | None
) -> None:
    value = target if target == "none" else str(category(target).pk)
    response = as_alice.post(delete(food), {"move_to": value}, follow=True)
    assert "Les mois clôturés la montrent encore." in response.content.decode()
    line = Transaction.objects.get(amount=10)
    assert (line.category.name if line.category else None) == landed
    goal_category = Goal.objects.get().category
    assert (goal_category.name if goal_category else None) == landed
    assert 'id="category-' + str(food.pk) not in as_alice.get(LIST).content.decode()


@pytest.mark.parametrize("value", ["", "abc", "999999999999999999999", "-1", "\x00", "itself"])
def test_without_a_sound_choice_nothing_happens(
    as_alice: Client, food: Category, value: str
) -> None:
    response = as_alice.post(
        delete(food), {"move_to": str(food.pk) if value == "itself" else value}
    )
    assert response.status_code == 422
    assert Category.objects.active().filter(pk=food.pk).exists()
    assert Transaction.objects.filter(category=food).count() == 3


def test_a_target_that_vanishes_meanwhile_is_told(
    as_alice: Client, food: Category, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**_arguments: object) -> bool:
        raise GoneMeanwhile

    monkeypatch.setattr(views, "category_remove", gone)
    response = as_alice.post(delete(food), {"move_to": "none"})
    assert response.status_code == 409
    assert "vient d’être supprimé" in response.content.decode()


def test_deleting_twice_finds_nothing_the_second_time(as_alice: Client, food: Category) -> None:
    assert as_alice.post(delete(food), {"move_to": "none"}).status_code == 302
    assert as_alice.post(delete(food), {"move_to": "none"}).status_code == 404


def test_from_its_own_page_the_browser_goes_to_the_list(
    as_alice: Client, scope: Household, htmx: dict[str, str]
) -> None:
    shopping = category("Shopping")
    form = as_alice.get(f"{delete(shopping)}?leave", headers=htmx).content.decode()
    assert f'action="{delete(shopping)}?leave"' in form
    response = as_alice.post(f"{delete(shopping)}?leave", headers=htmx)
    assert response["HX-Redirect"] == LIST


def test_a_line_that_moved_cannot_be_saved_from_a_stale_form(
    as_alice: Client, food: Category
) -> None:
    line = Transaction.objects.get(amount=10)
    as_alice.post(delete(food), {"move_to": str(category("Loisirs").pk)})
    stale = {
        "kind": "expense",
        "amount": "12",
        "date": "2026-11-10",
        "category": str(food.pk),
        "version": str(line.version),
    }
    response = as_alice.post(f"/h/alice/transactions/{line.pk}/", stale)
    assert response.status_code in {409, 422}
    assert Transaction.objects.get(pk=line.pk).amount == 10
