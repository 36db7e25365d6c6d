"""The page of one category: its history, total and mean, and its last lines."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.categories.models import Category
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import category, earn, spend
from tests.planning import pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def page(client: Client, which: Category, query: str = "") -> str:
    return pages.page(client, f"/h/alice/categories/{which.pk}/{query}")


def bars(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json">(.*?)</script>', html)
    assert found
    bars: dict[str, Any] = json.loads(found[1])
    return bars


def on(month: int, day: int = 10, year: int = 2026) -> dt.date:
    return dt.date(year, month, day)


@pytest.fixture
def food(scope: Household) -> Category:
    """100 in October, 50 in November, against a limit of 80."""
    Category.objects.filter(name="Alimentation").update(monthly_limit=80)
    food = category()
    spend(100, on(10), food, "Octobre")
    spend(50, on(11), food, "Novembre")
    return food


@pytest.mark.parametrize(
    ("query", "count", "first", "last", "limit", "mean"),
    [
        ("", 12, "déc.", "nov.", 80, 100),
        ("?unit=month", 12, "déc.", "nov.", 80, 100),
        ("?unit=quarter", 8, "T1 2025", "T4", 240, None),
        ("?unit=year", 5, "2022", "2026", 960, None),
    ],
)
def test_the_length_of_a_period_can_be_chosen(
    as_alice: Client,
    food: Category,
    query: str,
    count: int,
    first: str,
    last: str,
    limit: int,
    mean: int | None,
) -> None:
    drawn = bars(page(as_alice, food, query))
    assert (len(drawn["labels"]), len(drawn["values"])) == (count, count)
    assert (drawn["labels"][0], drawn["labels"][-1]) == (first, last)
    assert (drawn["limit"], drawn["average"]) == (limit, mean)
    assert sum(drawn["values"]) == 150
    assert drawn["color"] == food.colour


def test_axes_name_the_year_where_it_begins(as_alice: Client, food: Category) -> None:
    assert bars(page(as_alice, food))["labels"][:3] == ["déc.", "janv. 26", "févr."]
    assert bars(page(as_alice, food, "?unit=quarter"))["labels"][3:6] == ["T4", "T1 2026", "T2"]


def test_total_mean_and_last_lines_are_there(as_alice: Client, food: Category) -> None:
    html = page(as_alice, food)
    assert "150,00\u00a0€" in html
    assert "sur 1 mois complet" in html
    assert "à ce jour" in page(as_alice, food, "?unit=year")
    assert "Reste 30,00\u00a0€" in html
    assert html.index("Novembre</span>") < html.index("Octobre</span>")
    assert f"/h/alice/transactions/?category={food.pk}" in html


def test_income_is_received_not_spent(as_alice: Client, scope: Household) -> None:
    earn(2500, on(11), category("Salaire"))
    html = page(as_alice, category("Salaire"))
    assert bars(html)["values"][-1] == 2500
    assert bars(html)["words"]["value"] == "Reçu"


def test_an_empty_category_offers_its_first_line(as_alice: Client, scope: Household) -> None:
    empty = category("Shopping")
    html = page(as_alice, empty)
    assert "Cette catégorie ne contient rien" in html
    assert f"/h/alice/transactions/add/?category={empty.pk}&amp;kind=expense" in html
    assert "<canvas" not in html


@pytest.mark.parametrize("unit", ["week", "", "%00", "MONTH"])
def test_a_length_that_does_not_exist_is_not_there(
    as_alice: Client, food: Category, unit: str
) -> None:
    assert as_alice.get(f"/h/alice/categories/{food.pk}/?unit={unit}").status_code == 404


def test_a_viewer_sees_it_without_what_changes_anything(
    sign_in: SignIn, vera: User, food: Category
) -> None:
    html = page(sign_in(vera), food)
    assert "/edit/" not in html
    assert "/delete/" not in html
    Category.objects.create(name="Vide")
    assert "/add/" not in page(sign_in(vera), category("Vide"))


@pytest.mark.parametrize("query", ["", "?unit=year"])
@pytest.mark.usefixtures("without_summaries")
def test_it_takes_as_many_queries_whatever_there_is(
    as_alice: Client, food: Category, query: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page(as_alice, food, query)
        return len(found)

    page(as_alice, food, query)
    few = queries()
    for day in range(1, 25):
        spend(20, on(11, day), food)
        spend(20, on(9, day), category("Loisirs"))
    assert queries() == few <= 12


def test_a_neutral_category_shows_what_passed_out_and_in(
    as_alice: Client, scope: Household
) -> None:
    passing = Category.objects.create(name="Avances", kind="neutral")
    spend(120, on(11), passing, "Avance")
    earn(100, on(11, 12), passing, "Retour")
    spend(30, on(10), passing, "Avance")
    html = page(as_alice, passing).replace("\u00a0", " ")
    assert "catégorie neutre" in html
    figures = html.partition('<dl class="figures">')[2].partition("</dl>")[0]
    for words in ('120,00 €</strong> <span class="small">sortis', "100,00 €</strong>", "20,00 €"):
        assert words in figures
    assert bars(html)["values"][-2:] == [30.0, 20.0]
    card = pages.page(as_alice, "/h/alice/categories/").replace("\u00a0", " ")
    card = card.partition(f'id="category-{passing.pk}"')[2].partition("</article>")[0]
    assert "120,00 €" in card
    assert "100,00 €" in card
