"""Pointing a line: one click, taken back by the next, in the wallet that is looked at."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Reconciliation, Status, Transaction
from budget.transactions.services import transaction_point
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from tests.conftest import SignIn
from tests.ledger import book, bucket, spend, wallet

pytestmark = pytest.mark.django_db

LIST = "/h/alice/transactions/"
NOV = dt.date(2026, 11, 10)


def address(line: Transaction) -> str:
    return f"{LIST}{line.pk}/point/"


@pytest.fixture
def line(scope: Household) -> Transaction:
    return spend(10, NOV, description="Marché")


@pytest.fixture
def transfer(scope: Household) -> Transaction:
    first = Wallet.objects.get()
    return book(Kind.TRANSFER, 20, NOV, wallet=first, to_wallet=wallet(), description="Épargner")


def sealed(line: Transaction, side: str = "") -> None:
    found = Reconciliation.objects.create(
        wallet=line.to_wallet if side else line.wallet,
        date=NOV,
        balance=0,
        closed_at=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
    )
    fields = {f"{side}pointed": True, f"{side}reconciliation": found}
    Transaction.objects.filter(pk=line.pk).update(**fields)


def test_a_click_points_and_the_next_takes_it_back(
    as_alice: Client, line: Transaction, htmx: dict[str, str]
) -> None:
    answer = as_alice.post(address(line), {"pointed": "1"}, headers=htmx)
    assert 'aria-pressed="true"' in answer.content.decode()
    assert "«\xa0Marché\xa0» est pointée" in answer.content.decode()
    assert answer["HX-Trigger"] == "line-pointed"
    line.refresh_from_db()
    assert line.status == Status.POINTED
    answer = as_alice.post(address(line), {"pointed": "0"}, headers=htmx)
    assert 'aria-pressed="false"' in answer.content.decode()
    line.refresh_from_db()
    assert not line.pointed


def test_a_double_click_is_one_click(as_alice: Client, line: Transaction) -> None:
    for _ in range(2):
        as_alice.post(address(line), {"pointed": "1"})
    line.refresh_from_db()
    assert line.pointed


def test_without_scripts_it_leads_back_to_the_row(as_alice: Client, line: Transaction) -> None:
    there = f"{LIST}?q=marche"
    answer = as_alice.post(address(line), {"pointed": "1", "next": there})
    assert answer.status_code == 302
    assert answer["Location"] == f"{there}#line-{line.pk}"


def test_the_wallet_looked_at_is_the_side_that_is_pointed(
    as_alice: Client, transfer: Transaction
) -> None:
    as_alice.post(address(transfer), {"pointed": "1", "wallet": str(transfer.to_wallet_id)})
    transfer.refresh_from_db()
    assert (transfer.pointed, transfer.to_pointed) == (False, True)
    as_alice.post(address(transfer), {"pointed": "1"})
    transfer.refresh_from_db()
    assert (transfer.pointed, transfer.to_pointed) == (True, True)


def test_the_page_of_a_wallet_says_which_side_its_marks_mean(
    as_alice: Client, transfer: Transaction
) -> None:
    page = as_alice.get(f"{LIST}?wallet={transfer.to_wallet_id}").content.decode()
    assert f'<input type="hidden" name="wallet" value="{transfer.to_wallet_id}">' in page


def test_half_pointed_is_told_and_a_click_points_the_rest(
    as_alice: Client, transfer: Transaction
) -> None:
    transaction_point(pk=transfer.pk, pointed=True, wallet=transfer.wallet_id)
    page = as_alice.get(LIST).content.decode()
    assert 'aria-pressed="mixed"' in page
    assert 'name="pointed"\n            value="1"' in page


def test_a_reconciled_line_shows_a_seal_and_no_click_undoes_it(
    as_alice: Client, line: Transaction, htmx: dict[str, str]
) -> None:
    sealed(line)
    page = as_alice.get(LIST).content.decode()
    assert "Marché\xa0: rapprochée" in page
    assert "aria-pressed" not in page
    answer = as_alice.post(address(line), {"pointed": "0"}, headers=htmx)
    assert "«\xa0Marché\xa0» est rapprochée" in answer.content.decode()
    line.refresh_from_db()
    assert line.status == Status.RECONCILED


def test_of_a_transfer_the_side_that_is_not_sealed_can_still_be_pointed(
    as_alice: Client, transfer: Transaction
) -> None:
    sealed(transfer, "to_")
    for pointed in ("1", "0"):
        as_alice.post(address(transfer), {"pointed": pointed})
        transfer.refresh_from_db()
        assert transfer.pointed is (pointed == "1")
        assert transfer.to_reconciliation_id


def test_what_no_wallet_moved_cannot_be_pointed(as_alice: Client, scope: Household) -> None:
    moved = book(Kind.TRANSFER, 5, NOV, to_bucket=bucket())
    assert as_alice.post(address(moved), {"pointed": "1"}).status_code == 302
    moved.refresh_from_db()
    assert moved.status == Status.OPEN
    assert "aria-pressed" not in as_alice.get(LIST).content.decode()


def test_a_line_of_a_closed_month_can_be_pointed(as_alice: Client, scope: Household) -> None:
    line = spend(10, dt.date(2026, 9, 3))
    month_close(period=Period.containing(line.date))
    as_alice.post(address(line), {"pointed": "1"})
    line.refresh_from_db()
    assert line.pointed


def test_pointing_is_one_statement_and_no_new_version(line: Transaction) -> None:
    with CaptureQueriesContext(connection) as queries:
        transaction_point(pk=line.pk, pointed=True)
    assert len(queries) == 1
    before = line.version
    line.refresh_from_db()
    assert line.version == before


def test_another_households_line_is_not_found_and_stays(
    as_alice: Client, line: Transaction, charlie: User, sign_in: SignIn
) -> None:
    other = sign_in(charlie).post(f"/h/charlie/transactions/{line.pk}/point/", {"pointed": "1"})
    assert other.status_code == 404
    line.refresh_from_db()
    assert not line.pointed


def test_another_households_wallet_is_as_good_as_none(
    as_alice: Client, line: Transaction, charlie: User
) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        foreign = Wallet.objects.get().pk
    for wallet_id in (foreign, "x", "9" * 40):
        assert as_alice.post(address(line), {"wallet": wallet_id}).status_code == 302


def test_a_viewer_sees_what_is_pointed_and_points_nothing(
    line: Transaction, sign_in: SignIn, vera: User
) -> None:
    client = sign_in(vera)
    assert client.post(address(line), {"pointed": "1"}).status_code == 403
    transaction_point(pk=line.pk, pointed=True)
    page = client.get(LIST).content.decode()
    assert "Pointée" in page
    assert "aria-pressed" not in page
