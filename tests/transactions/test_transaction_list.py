"""The table of transactions: its filters, its sorting and what its address says."""

from __future__ import annotations

import base64
import datetime as dt
import json

import pytest
from django.db import connection
from django.test import Client

from budget.transactions.filters import Sort
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import category, earn, spend

pytestmark = pytest.mark.django_db

LIST = "/h/alice/transactions/"
TITLES = ["Épicerie", "Salaire", "Cinéma", "Retrait", "Remboursement"]


@pytest.fixture
def history(scope: Household) -> None:
    spend("41.20", dt.date(2026, 11, 20), category("Alimentation"), "Épicerie", note="bio & vrac")
    earn(2500, dt.date(2026, 10, 28), category("Salaire"), "Salaire")
    spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
    spend(20, dt.date(2026, 11, 19), None, "Retrait")
    earn(20, dt.date(2026, 10, 26), category("Santé"), "Remboursement")


def shown(client: Client, query: str, htmx: dict[str, str] | None = None) -> list[str]:
    """The titles on the page, in their order."""
    response = client.get(f"{LIST}?{query}", headers=htmx or {})
    assert response.status_code == 200
    rows = response.content.decode().split('<tr role="row" id="line-')[1:]
    return [next(title for title in TITLES if f">{title}<" in row) for row in rows]


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Épicerie", "Retrait", "Cinéma", "Salaire", "Remboursement"]),
        ("q=epicerie", ["Épicerie"]),
        ("q=ÉPICERIE", ["Épicerie"]),
        ("q=VRAC", ["Épicerie"]),
        ("q=alimentation+bio", ["Épicerie"]),
        ("q=sante", ["Remboursement"]),
        ("q=100%25", []),
        ("q=_", []),
        ("q=epicerie+cinema", []),
        ("kind=income", ["Salaire", "Remboursement"]),
        ("category=none", ["Retrait"]),
        ("from=2026-11-08", ["Épicerie", "Retrait"]),
        ("to=2026-10-27", ["Remboursement"]),
        ("from=2026-11-07&to=2026-11-19", ["Retrait", "Cinéma"]),
        ("min=24", ["Épicerie", "Cinéma", "Salaire"]),
        ("min=20,00&max=24", ["Retrait", "Cinéma", "Remboursement"]),
        ("kind=expense&min=21&q=e&to=2026-11-19", ["Cinéma"]),
        ("sort=date", ["Remboursement", "Salaire", "Cinéma", "Retrait", "Épicerie"]),
        ("sort=description", ["Cinéma", "Épicerie", "Remboursement", "Retrait", "Salaire"]),
        ("sort=-description", ["Salaire", "Retrait", "Remboursement", "Épicerie", "Cinéma"]),
        ("sort=category", ["Retrait", "Épicerie", "Cinéma", "Salaire", "Remboursement"]),
        ("sort=amount", ["Épicerie", "Cinéma", "Retrait", "Remboursement", "Salaire"]),
        ("sort=-amount&kind=expense", ["Retrait", "Cinéma", "Épicerie"]),
    ],
)
def test_filters_add_up_and_headers_sort(
    as_alice: Client, query: str, expected: list[str], htmx: dict[str, str]
) -> None:
    assert shown(as_alice, query) == expected
    assert shown(as_alice, query, htmx) == expected


@pytest.mark.usefixtures("history")
def test_a_category_narrows_the_list_to_its_own(as_alice: Client, scope: Household) -> None:
    assert shown(as_alice, f"category={category('Loisirs').pk}") == ["Cinéma"]


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "query",
    [
        "from=31/02/2026", "to=99999-01-01", "min=abc", "max=-5", "min=NaN", "max=1e9999",
        "kind=gift", "category=999999", "category=x", "q=" + "x" * 500,
        "sort=password", "after=zzz", "before=%00", "q=%00",
        "wallet=999999", "wallet=x", "wallet=" + "9" * 40, "bucket=999999", "bucket=%00",
        "person=999999", "person=none", "status=done",
    ],
)  # fmt: skip
def test_what_a_filter_cannot_be_is_told_and_narrows_nothing(as_alice: Client, query: str) -> None:
    assert len(shown(as_alice, query)) == 5


@pytest.mark.usefixtures("history")
def test_a_wrong_date_is_named_on_the_page(as_alice: Client) -> None:
    page = as_alice.get(f"{LIST}?from=31/02/2026").content.decode()
    assert 'aria-invalid="true"' in page


@pytest.mark.usefixtures("history")
def test_each_filter_in_force_can_be_removed_by_itself(as_alice: Client) -> None:
    page = as_alice.get(f"{LIST}?q=epicerie&min=6&sort=amount").content.decode()
    assert f'href="{LIST}?min=6&amp;sort=amount"' in page
    assert f'href="{LIST}?q=epicerie&amp;sort=amount"' in page
    assert "Au moins 6,00\xa0€" in page
    assert f'<a class="chip" href="{LIST}">' in page


@pytest.mark.usefixtures("history")
def test_the_sorted_column_says_so_and_a_second_click_reverses(as_alice: Client) -> None:
    page = as_alice.get(f"{LIST}?sort=amount").content.decode()
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="ascending"' in page
    assert f'href="{LIST}?sort=-amount"' in page


@pytest.mark.usefixtures("history")
def test_an_htmx_request_gets_the_table_alone_and_caches_keep_them_apart(
    as_alice: Client, htmx: dict[str, str]
) -> None:
    response = as_alice.get(LIST, headers=htmx)
    assert response.content.strip().startswith(b'<div id="ledger">')
    assert "HX-Request" in response["Vary"]
    for header in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        assert b"<html" in as_alice.get(LIST, headers=htmx | header).content


def test_a_page_shows_fifty_lines_and_leads_to_the_next(as_alice: Client, scope: Household) -> None:
    for n in range(60):
        spend(n + 1, dt.date(2026, 11, 1 + n % 20), None, "Retrait")
    first = as_alice.get(LIST).content.decode()
    assert first.count('id="line-') == 50
    link = first.partition("?after=")[2].partition('"')[0]
    second = as_alice.get(f"{LIST}?after={link}").content.decode()
    assert second.count('id="line-') == 10
    assert "?before=" in second


@pytest.mark.usefixtures("history")
def test_months_carry_their_own_totals_unless_filtered(as_alice: Client) -> None:
    assert "+2\xa0520,00\xa0€" in as_alice.get(LIST).content.decode()
    assert "+2\xa0520,00\xa0€" not in as_alice.get(f"{LIST}?q=salaire").content.decode()


def test_an_empty_ledger_offers_the_action_that_fills_it(
    as_alice: Client, sign_in: SignIn, vera: User
) -> None:
    assert "Aucune transaction" in as_alice.get(LIST).content.decode()
    vera_sees = sign_in(vera).get(LIST).content.decode()
    assert "transactions/add/" not in vera_sees


@pytest.mark.usefixtures("history")
def test_nothing_found_is_told_apart_from_nothing_there(as_alice: Client) -> None:
    assert "Rien ne correspond" in as_alice.get(f"{LIST}?q=introuvable").content.decode()


@pytest.mark.usefixtures("history")
def test_the_number_of_matches_is_announced(as_alice: Client) -> None:
    page = as_alice.get(f"{LIST}?kind=income").content.decode()
    assert '<p class="visually-hidden" role="status">2 transactions</p>' in page


def test_sorting_by_amount_reads_a_range_of_the_index_under_the_policy(scope: Household) -> None:
    rows, _ = Sort("amount", descending=True).apply(Transaction.objects.all())
    with connection.cursor() as cursor:
        # A table of no rows is quickest read whole: ask what else could be done.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = rows.filter(signed_cents__lte=-3000).order_by("-signed_cents", "-pk")[:51].explain()
    assert "Index Scan Backward using transactions_by_amount" in plan
    assert "AND (signed_cents <= '-3000'" in plan


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("cents", ["9" * 30, "-" + "9" * 30, "x", "1.5", ""])
def test_a_forged_cursor_of_the_order_by_amount_is_no_fault(as_alice: Client, cents: str) -> None:
    edge = json.dumps(["signed_cents", cents, 1]).encode()
    cursor = base64.urlsafe_b64encode(edge).decode().rstrip("=")
    assert as_alice.get(f"{LIST}?sort=amount&after={cursor}").status_code == 200
