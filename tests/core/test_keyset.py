"""Pages by keyset show every row once, in order, whatever the sort and the ties."""

import base64
import datetime as dt
import json
from decimal import Decimal

import pytest
from django.http import QueryDict

from budget.core.keyset import in_chunks, page_of
from budget.transactions.filters import COLUMNS, Sort
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household
from budget.wallets.selectors import first_wallet
from tests.ledger import category

pytestmark = pytest.mark.django_db

SORTS = [sign + column for column in COLUMNS for sign in ("", "-")]


@pytest.fixture
def rows(scope: Household) -> None:
    food, other = category("Alimentation"), category("Autre")
    Transaction.objects.bulk_create(
        Transaction(
            wallet=first_wallet(),
            household=scope,
            kind=Kind.INCOME if n % 5 == 0 else Kind.EXPENSE,
            amount=Decimal(n % 4 + 1),
            date=dt.date(2026, 11, 1 + n % 6),
            description=["", "Café", "cafe", "Épicerie", "épicerie 🥐"][n % 5],
            category=[None, food, other][n % 3],
        )
        for n in range(23)
    )


def walk(sort: str, size: int) -> tuple[list[list[int]], list[list[int]]]:
    """The ids of every page, walking to the end and then back to the start."""
    forward, backward = [], []
    parameters = QueryDict(f"sort={sort}", mutable=True)
    queryset, order = Sort.read(parameters).apply(Transaction.objects.all())
    page = page_of(queryset, order=order, size=size, parameters=parameters)
    for _ in range(24):
        forward.append([row.pk for row in page.rows])
        if not page.after:
            break
        page = page_of(
            queryset, order=order, size=size, parameters=QueryDict(f"after={page.after}")
        )
    for _ in range(24):
        backward.append([row.pk for row in page.rows])
        if not page.before:
            break
        page = page_of(
            queryset, order=order, size=size, parameters=QueryDict(f"before={page.before}")
        )
    return forward, backward


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("size", [1, 5, 22, 23, 50])
def test_every_row_is_on_one_page_whatever_the_sort(sort: str, size: int) -> None:
    forward, backward = walk(sort, size)
    ids = [pk for page in forward for pk in page]
    assert len(ids) == 23
    assert len(set(ids)) == 23
    assert [pk for page in reversed(backward) for pk in page] == ids


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("sort", SORTS)
def test_descending_is_ascending_reversed(sort: str) -> None:
    opposite = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    assert walk(sort, 50)[0][0] == walk(opposite, 50)[0][0][::-1]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!",
        "bnVsbA",
        "W10",
        "WyJkYXRlIiwgIngiLCAxXQ",
        "Ly8v",
        "W1tdLCAxLCAyXQ",
        "WyJkYXRlIiwgIlx1MDAwMCIsIDFd",
        "W1tb" * 40_000,
    ],
)
def test_a_cursor_that_cannot_be_read_shows_the_first_page(cursor: str) -> None:
    queryset, order = Sort.read(QueryDict()).apply(Transaction.objects.all())
    for name in ("after", "before"):
        page = page_of(queryset, order=order, size=5, parameters=QueryDict(f"{name}={cursor}"))
        first = page_of(queryset, order=order, size=5, parameters=QueryDict())
        assert [row.pk for row in page.rows] == [row.pk for row in first.rows]


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("sort", ["description", "category"])
def test_half_a_character_in_a_cursor_shows_the_first_page(sort: str) -> None:
    queryset, order = Sort.read(QueryDict(f"sort={sort}")).apply(Transaction.objects.all())
    half = json.dumps([order.key, "\ud800", 1]).encode()
    cursor = base64.urlsafe_b64encode(half).decode()
    page = page_of(queryset, order=order, size=5, parameters=QueryDict(f"after={cursor}"))
    assert len(page.rows) == 5
    assert not page.before


@pytest.mark.usefixtures("rows")
def test_a_page_behind_the_end_is_empty() -> None:
    queryset, order = Sort.read(QueryDict()).apply(Transaction.objects.all())
    last = page_of(queryset, order=order, size=50, parameters=QueryDict())
    cursor = page_of(queryset, order=order, size=22, parameters=QueryDict()).after
    Transaction.objects.filter(pk=last.rows[-1].pk).delete()
    page = page_of(queryset, order=order, size=5, parameters=QueryDict(f"after={cursor}"))
    assert (page.rows, page.before, page.after) == ([], "", "")


@pytest.mark.parametrize("size", [1, 5, 22, 23, 24])
def test_in_chunks_every_row_comes_once_in_the_order_of_keys(rows: None, size: int) -> None:
    expected = sorted(Transaction.objects.values_list("pk", flat=True))
    lines = Transaction.objects.order_by("-amount")
    assert [line.pk for line in in_chunks(lines, size=size)] == expected
    pairs = Transaction.objects.values_list("amount", "pk")
    assert [pk for _, pk in in_chunks(pairs, size=size, key=lambda row: row[1])] == expected
