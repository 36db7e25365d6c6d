"""What the ledger refuses for a reason of the household's own is told, and keeps what was typed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.transactions.models import Transaction
from budget.users.models import Household
from tests.ledger import category, spend
from tests.transactions.test_transaction_form import ADD, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def october_closed(scope: Household, today: dt.date) -> Transaction:
    line = spend(10, dt.date(2026, 10, 5), category("Autre"), "Cadeau")
    month_close(period=Period.containing(line.date))
    return line


@pytest.mark.usefixtures("october_closed")
def test_a_line_dated_in_a_closed_month_is_refused_with_its_day(
    as_alice: Client, scope: Household, htmx: dict[str, str]
) -> None:
    response = as_alice.post(ADD, typed(date="2026-10-06", description="Oublié"), headers=htmx)
    page = response.content.decode()
    assert response.status_code == 409
    assert "6 octobre 2026" in page
    assert 'value="Oublié"' in page
    assert Transaction.objects.count() == 1


def test_a_closed_line_neither_changes_nor_moves_out_nor_goes(
    as_alice: Client, october_closed: Transaction, htmx: dict[str, str]
) -> None:
    address = f"/h/alice/transactions/{october_closed.pk}/"
    for day in ("2026-10-05", "2026-11-05"):
        response = as_alice.post(address, typed(version=1, date=day), headers=htmx)
        assert response.status_code == 409
        assert "mois clos" in response.content.decode()
    assert as_alice.post(f"{address}delete/", headers=htmx).status_code == 409
    october_closed.refresh_from_db()
    assert (october_closed.description, october_closed.version) == ("Cadeau", 1)


@pytest.mark.usefixtures("october_closed")
def test_an_open_line_does_not_move_into_a_closed_month(as_alice: Client, scope: Household) -> None:
    line = spend(5, dt.date(2026, 11, 5))
    response = as_alice.post(
        f"/h/alice/transactions/{line.pk}/", typed(version=1, date="2026-10-07")
    )
    assert response.status_code == 409
    line.refresh_from_db()
    assert line.date == dt.date(2026, 11, 5)


def test_closed_lines_show_a_lock_instead_of_a_pencil(
    as_alice: Client, october_closed: Transaction
) -> None:
    page = as_alice.get("/h/alice/transactions/").content.decode()
    row = page.partition(f'id="line-{october_closed.pk}"')[2].partition("</tr>")[0]
    assert "Dans un mois clos" in row
    assert "delete" not in row
