"""A closed month's page: its figures and every transaction, under the names of then."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.archives.selectors import month_figures
from budget.archives.services import month_close, month_hide
from budget.categories.models import Category
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from budget.users.services import household_create
from budget.wallets.selectors import first_wallet
from tests.archives.months import OCTOBER, close, fill_october, october
from tests.conftest import SignIn
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

URL = "/h/alice/archives/2026-10/"


def shown(client: Client, url: str = URL) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def test_figures_categories_and_every_transaction_are_shown(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        Category.objects.filter(name="Alimentation").update(monthly_limit=60)
        Category.objects.filter(name="Loisirs").update(monthly_limit=200)
        fill_october()
        month_close(period=OCTOBER, closed_by=alice)
    page = shown(as_alice)
    assert "clos le samedi 21 novembre 2026 par Alice" in page
    for figure in ("2 500,00 €", "−92,40 €", "+2 407,60 €", "62,40 €", "68 %", "32 %"):
        assert figure in page
    assert "limite de 60,00 € dépassée de 2,40 €" in page
    assert "limite de 200,00 € tenue" in page
    assert "Sans catégorie" in page
    for description in ("Biocoop", "Boulangerie", "Salaire", "Retrait"):
        assert description in page


def test_names_colours_and_limits_are_those_of_the_closing(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        fill_october()
        close("2026-10")
        Category.objects.filter(name="Alimentation").update(
            name="Courses", colour="#000000", monthly_limit=1
        )
    page = shown(as_alice)
    assert "Alimentation" in page
    assert "Courses" not in page
    assert "#000000" not in page


def test_a_refund_lowers_what_its_category_cost(scope: Household) -> None:
    health, leisure = category("Santé"), category("Loisirs")
    spend(50, october(2), health)
    earn(20, october(5), health)
    spend(5, october(2), leisure)
    earn(20, october(5), leisure)
    spend(10, october(2))
    earn(3, october(2))
    figures = month_figures(list(close("2026-10").lines.all()))
    assert [(row.name, row.amount, row.count) for row in figures.spending] == [
        ("Santé", Decimal(30), 2),
        ("", Decimal(10), None),
    ]
    assert [(row.name, row.amount, row.count) for row in figures.income] == [
        ("Loisirs", Decimal(15), 2),
        ("", Decimal(3), None),
    ]
    assert sum(row.share for row in figures.spending) == pytest.approx(1)


def test_limits_kept_are_counted(scope: Household) -> None:
    Category.objects.filter(name__in=["Santé", "Loisirs", "Shopping"]).update(monthly_limit=20)
    spend(20, october(2), category("Santé"))
    spend("20.01", october(2), category("Loisirs"))
    figures = month_figures(list(close("2026-10").lines.all()))
    assert (figures.kept, figures.limits) == (2, 3)


def test_a_hidden_month_can_still_be_read_and_says_that_it_is(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        fill_october()
        month_hide(closed=close("2026-10"))
    page = shown(as_alice)
    assert "masqué" in page
    assert "/h/alice/archives/2026-10/show/" in page


def test_its_span_is_shown_where_months_begin_on_another_day(alice: User, sign_in: SignIn) -> None:
    late = household_create(
        name="Late", slug="late", owner=alice, month_start_day=25, language="fr"
    )
    with household_scope(late):
        spend(5, dt.date(2026, 9, 25), description="inside")
        spend(5, dt.date(2026, 9, 24), description="outside")
        month_close(period=Period.parse("2026-10", start_day=25))
    page = shown(sign_in(alice), "/h/late/archives/2026-10/")
    assert "du 25 sept. au 24 oct. 2026" in page
    assert "inside" in page
    assert "outside" not in page


def test_transactions_are_paged_and_none_is_lost_or_shown_twice(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        Transaction.objects.bulk_create(
            Transaction(
                wallet=first_wallet(),
                household=household,
                kind=Kind.EXPENSE,
                amount=Decimal(number + 1),
                date=october(number % 7 + 1),
            )
            for number in range(120)
        )
        close("2026-10")
    seen, query = [], ""
    for _ in range(3):
        page = as_alice.get(URL + query).context["page"]
        seen += [each.line.signed_amount for each in page.lines]
        query = f"?after={page.after}"
    assert page.after == ""
    assert sorted(-amount for amount in seen) == list(range(1, 121))
    back = as_alice.get(f"{URL}?before={page.before}").context["page"]
    assert [each.line.signed_amount for each in back.lines] == seen[50:100]


def test_text_that_people_wrote_is_shown_as_text(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        hostile = Category.objects.create(name="<script>alert(1)</script>", monthly_limit=1)
        spend(5, october(2), hostile, "<b>gras</b> 😀 שלום", "ligne 1\n<i>2</i>")
        close("2026-10")
    page = shown(as_alice)
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;gras&lt;/b&gt; 😀 שלום" in page
    assert "ligne 1<br>&lt;i&gt;2&lt;/i&gt;" in page


def test_a_line_without_description_is_called_by_its_kind(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        spend(5, october(2))
        close("2026-10")
    assert as_alice.get(URL).context["page"].lines[0].description == "Dépense"


@pytest.mark.parametrize(
    "code",
    [
        "2026-09",
        "2026-13",
        "2026-00",
        "0000-10",
        "99999-10",
        "2026-Q4",
        "2026",
        "abc",
        "-1",
        "1",
        "9" * 30,
    ],
)
def test_what_is_no_closed_month_is_not_found(
    as_alice: Client, household: Household, code: str
) -> None:
    with household_scope(household):
        fill_october()
        spend(5, dt.date(2026, 9, 3))
        close("2026-10")
    for action in ("", "erase/", "download/"):
        assert as_alice.get(f"/h/alice/archives/{code}/{action}").status_code == 404
    for action in ("reopen", "hide", "show", "erase"):
        assert as_alice.post(f"/h/alice/archives/{code}/{action}/").status_code == 404


def test_a_stranger_and_another_household_see_nothing(
    sign_in: SignIn, charlie: User, household: Household
) -> None:
    with household_scope(household):
        fill_october()
        close("2026-10")
    client = sign_in(charlie)
    assert client.get(URL).status_code == 404
    assert client.get("/h/charlie/archives/2026-10/").status_code == 404


def test_a_viewer_reads_it_without_buttons(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    with household_scope(household):
        fill_october()
        close("2026-10")
    page = shown(sign_in(vera))
    assert "Biocoop" in page
    assert "/download/" in page
    for action in ("hide", "reopen", "erase"):
        assert f"/{action}/" not in page


def test_a_thousand_lines_cost_the_queries_of_four(as_alice: Client, household: Household) -> None:
    def cost(code: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(as_alice, f"/h/alice/archives/{code}/")
        return len(queries)

    with household_scope(household):
        fill_october()
        close("2026-10")
        Transaction.objects.bulk_create(
            Transaction(
                wallet=first_wallet(),
                household=household,
                kind=Kind.EXPENSE,
                amount=Decimal(1),
                date=dt.date(2026, 9, number % 30 + 1),
                category=which,
            )
            for number in range(100)
            for which in Category.objects.all()
        )
        close("2026-09")
    cost("2026-10")
    assert cost("2026-09") == cost("2026-10") <= 12


def test_a_month_without_expenses_is_not_praised_for_its_limits(
    as_alice: Client, scope: Household
) -> None:
    Category.objects.filter(name="Alimentation").update(monthly_limit=100)
    earn(2500, dt.date(2026, 8, 28), category("Salaire"))
    close("2026-08")
    page = as_alice.get("/h/alice/archives/2026-08/").content.decode()
    assert "rien dépensé" in page
    assert "sur 1</span>" not in page
