"""The categories' cards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budget.categories.models import Category
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import category, earn, spend
from tests.planning import pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/categories/"
NOVEMBER = dt.date(2026, 11, 10)


def page(client: Client) -> str:
    return pages.page(client, LIST)


def card(client: Client, which: Category) -> str:
    return page(client).partition(f'id="category-{which.pk}"')[2].partition("</article>")[0]


def test_a_card_counts_the_month_s_lines_and_shows_the_last_three(
    as_alice: Client, scope: Household
) -> None:
    food = category()
    for day, name in ((1, "Un"), (2, "Deux"), (3, "Trois"), (4, "Quatre")):
        spend(10, dt.date(2026, 11, day), food, name)
    html = card(as_alice, food)
    assert "4 transactions ce mois" in html
    assert "Un<" not in html
    assert html.index("Quatre") < html.index("Trois") < html.index("Deux")


@pytest.mark.parametrize(
    ("spent", "words", "care"),
    [
        ("79.99", "Reste 20,01\u00a0€", False),
        ("80", "Reste 20,00\u00a0€", True),
        ("100", "Limite atteinte", True),
        ("123.40", "Dépassé de 23,40\u00a0€", True),
    ],
)
def test_the_bar_has_words_and_warns_from_80_percent_on(
    as_alice: Client, scope: Household, spent: str, words: str, care: bool
) -> None:
    food = category()
    Category.objects.filter(pk=food.pk).update(monthly_limit=100)
    spend(spent, NOVEMBER, food)
    html = card(as_alice, food)
    assert words in html
    assert ("limit-words num care" in html) is care


def test_a_line_without_a_description_is_told_by_its_day(
    as_alice: Client, scope: Household
) -> None:
    spend(10, NOVEMBER, category("Loisirs"))
    assert ">mar.\u00a010\u00a0nov.<" in card(as_alice, category("Loisirs"))


def test_an_income_category_shows_what_came_in(as_alice: Client, scope: Household) -> None:
    earn(2500, NOVEMBER, category("Salaire"))
    html = card(as_alice, category("Salaire"))
    assert '<strong class="num">2\u00a0500,00\u00a0€</strong>' in html
    assert "limite" not in html


def test_the_head_sums_the_limits(as_alice: Client, scope: Household) -> None:
    Category.objects.filter(name__in=["Alimentation", "Loisirs"]).update(monthly_limit="200.50")
    assert "10 catégories, 2 avec une limite\u00a0: 401,00\u00a0€ par mois" in page(as_alice)


def test_a_retired_category_is_not_there(as_alice: Client, scope: Household) -> None:
    Category.objects.filter(name="Loisirs").update(retired_at=timezone.now())
    assert "Loisirs" not in page(as_alice)


def test_without_categories_it_offers_to_make_one(as_alice: Client, scope: Household) -> None:
    Category.objects.all().delete()
    html = page(as_alice)
    assert "Aucune catégorie pour l’instant" in html
    assert html.count('href="/h/alice/categories/add/"') == 2


def test_a_viewer_is_offered_nothing_to_change(
    sign_in: SignIn, vera: User, scope: Household
) -> None:
    html = page(sign_in(vera))
    assert "/categories/add/" not in html
    assert "/edit/" not in html
    assert "/delete/" not in html
    Category.objects.all().delete()
    assert "/categories/add/" not in page(sign_in(vera))


@pytest.mark.usefixtures("without_summaries")
def test_it_takes_as_many_queries_whatever_there_is(as_alice: Client, scope: Household) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(as_alice)
        return len(found)

    page(as_alice)
    spend(20, NOVEMBER, category())
    few = queries()
    for number in range(15):
        new = Category.objects.create(name=f"Nouvelle {number}", monthly_limit=100)
        for _ in range(4):
            spend(20, NOVEMBER, new)
    assert queries() == few <= 12
