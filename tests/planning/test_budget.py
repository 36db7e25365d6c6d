"""The dashboard's page: which periods it shows, what it says, and what it costs."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

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

BUDGET = "/h/alice/budget/"
NOVEMBER = dt.date(2026, 11, 10)


def page(client: Client, query: str = "") -> str:
    return pages.page(client, f"{BUDGET}{query}")


def drawn(html: str) -> list[Any]:
    """What the page gives its charts."""
    found = re.findall(r'<script type="application/json">(.*?)</script>', html)
    return [json.loads(each) for each in found]


def limit(name: str, amount: int) -> Category:
    Category.objects.filter(name=name).update(monthly_limit=amount)
    return category(name)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Novembre 2026"),
        ("?period=", "Novembre 2026"),
        ("?period=2026-01", "Janvier 2026"),
        ("?period=2026-Q4", "4e trimestre 2026"),
        ("?period=2025", "2025"),
    ],
)
def test_the_address_says_which_period(as_alice: Client, query: str, title: str) -> None:
    assert f"<h1> {title} </h1>" in page(as_alice, query)


@pytest.mark.parametrize(
    "code",
    ["2026-13", "2026-00", "2026-Q5", "0000", "99999", "1898", "2201", "abc", "-5", "2026-11-01",
     "%00", "٢٠٢٦", "9" * 400],
)  # fmt: skip
def test_what_is_no_period_is_not_there(as_alice: Client, code: str) -> None:
    assert as_alice.get(f"{BUDGET}?period={code}").status_code == 404


@pytest.mark.parametrize("query", ["?period=1899-01", "?period=2200-12", "?period=1899"])
def test_the_first_and_last_periods_have_a_page(as_alice: Client, query: str) -> None:
    page(as_alice, query)


def test_a_viewer_sees_it_without_what_changes_anything(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    html = page(sign_in(vera))
    assert "Limites mensuelles" in html
    assert "Ajouter une transaction" not in html


def test_it_only_reads(as_alice: Client) -> None:
    assert as_alice.post(BUDGET).status_code == 405


def test_figures_stand_beside_those_of_the_period_before(
    as_alice: Client, scope: Household
) -> None:
    earn(2000, dt.date(2026, 10, 28), category("Salaire"))
    earn(2500, NOVEMBER, category("Salaire"))
    spend("1234.56", NOVEMBER, category())
    html = page(as_alice)
    assert "2\u00a0500,00\u00a0€" in html
    assert "octobre\u00a0: 2\u00a0000,00\u00a0€" in html
    assert "−1\u00a0234,56\u00a0€" in html
    assert "+1\u00a0265,44\u00a0€" in html
    assert "octobre\u00a0: +2\u00a0000,00\u00a0€" in html


def test_a_limit_that_is_broken_is_told_in_words_and_the_kept_ones_are_counted(
    as_alice: Client, scope: Household
) -> None:
    limit("Alimentation", 100)
    limit("Loisirs", 50)
    limit("Transport", 10)
    spend("123.40", NOVEMBER, category())
    spend(40, NOVEMBER, category("Loisirs"))
    html = page(as_alice)
    assert "Dépassé de 23,40\u00a0€" in html
    assert "Reste 10,00\u00a0€" in html
    assert "2 limites proches ou dépassées" in html
    assert '<span class="fig num">2 <span class="small">sur 3</span></span>' in html


def test_without_limits_or_spending_it_says_what_would_be_there(as_alice: Client) -> None:
    html = page(as_alice)
    assert drawn(html) == []
    assert "Aucune transaction sur cette durée." in html
    assert "aucune limite fixée" in html
    assert "Fixez une limite" in html
    assert "Aucune dépense sur cette période." in html


def test_the_charts_have_the_same_figures_as_the_tables(as_alice: Client, scope: Household) -> None:
    earn(2500, dt.date(2026, 10, 28), category("Salaire"))
    spend(30, NOVEMBER, limit("Alimentation", 100))
    spend(10, NOVEMBER)
    html = page(as_alice)
    evolution, slices = drawn(html)
    assert evolution["labels"] == ["mai", "juin", "juil.", "août", "sept.", "oct.", "nov."]
    income, expenses = evolution["series"]
    assert income["values"] == [None] * 5 + [2500, None]
    assert expenses["values"] == [None] * 5 + [0, 40]
    assert income["dashedLast"] is True
    assert '<th scope="row">Octobre 2026</th> <td class="text-end num">2\u00a0500,00' in html
    food, none = slices
    assert (food["name"], food["value"], food["share"]) == ("Alimentation", 30, "75\u00a0%")
    assert (food["color"], food["limit"]) == ("#ef4444", "100,00\u00a0€")
    assert food["url"] == f"/h/alice/categories/{category().pk}/?unit=month"
    assert (none["name"], none["color"], none["limit"]) == ("Sans catégorie", None, "aucune")
    assert none["url"] == ("/h/alice/transactions/?category=none&from=2026-11-01&to=2026-11-30")
    assert as_alice.get(none["url"]).status_code == 200


def test_a_period_that_is_over_is_not_dotted(as_alice: Client, scope: Household) -> None:
    spend(10, dt.date(2026, 8, 10))
    html = page(as_alice, "?period=2026-Q3")
    assert drawn(html)[0]["series"][0]["dashedLast"] is False
    assert "pointillé" not in html
    assert drawn(html)[0]["labels"][-4:] == ["T4", "T1 2026", "T2", "T3"]


def test_a_retired_category_is_named_in_its_closed_month_but_leads_nowhere(
    as_alice: Client, scope: Household
) -> None:
    food = category()
    spend(20, dt.date(2026, 10, 10), food)
    Category.objects.filter(pk=food.pk).update(retired_at=timezone.now())
    html = page(as_alice, "?period=2026-10")
    (slice_,) = drawn(html)[1]
    assert (slice_["name"], slice_["url"], slice_["open"]) == (
        "Alimentation",
        None,
        "Catégorie supprimée",
    )
    assert f"/h/alice/categories/{food.pk}/" not in html


def test_a_month_that_begins_on_another_day_says_from_when_to_when(
    as_alice: Client, scope: Household
) -> None:
    Household.objects.filter(pk=scope.pk).update(month_start_day=25)
    assert "du 25 oct. au 24 nov. 2026" in page(as_alice)


def test_names_cannot_break_out_of_the_page_or_its_data(as_alice: Client, scope: Household) -> None:
    Category.objects.filter(name="Alimentation").update(name="</script><script>alert(1)</script>")
    spend(20, NOVEMBER, Category.objects.get(name__startswith="</script>"))
    html = page(as_alice)
    assert "<script>alert" not in html
    assert drawn(html)[1][0]["name"] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize("query", ["", "?period=2026-Q4", "?period=2026"])
@pytest.mark.usefixtures("without_summaries")
def test_it_takes_as_many_queries_whatever_there_is(
    as_alice: Client, scope: Household, query: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            page(as_alice, query)
        return len(found)

    page(as_alice, query)
    spend(20, NOVEMBER, category())
    few = queries()
    for number in range(12):
        new = Category.objects.create(name=f"Nouvelle {number}", monthly_limit=100)
        for month in (1, 6, 11):
            spend(20, dt.date(2026, month, 10), new)
    assert queries() == few <= 12


@pytest.mark.parametrize("query", ["?period=2026-03", "?period=2027-Q1", "?period=2027"])
def test_where_nothing_was_spent_no_limit_is_praised_as_kept(
    as_alice: Client, scope: Household, query: str
) -> None:
    limit("Alimentation", 100)
    spend(20, NOVEMBER, category())
    earn(2500, dt.date(2026, 3, 28), category("Salaire"))
    html = page(as_alice, query)
    assert "rien dépensé" in html
    assert '<span class="fig num">1 <span class="small">sur 1</span></span>' not in html
