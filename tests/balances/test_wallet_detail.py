"""A wallet's own page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.balances.closing import wallet_close
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Reconciliation
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn
from tests.ledger import book, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def livret(household: Household) -> Wallet:
    """Opened with 100 on 1 September; 50 came from the current account, 20 were spent."""
    with household_scope(household):
        livret = wallet("Livret", opening=100)
        Wallet.objects.filter(pk=livret.pk).update(opening_date=dt.date(2026, 9, 1))
        book(Kind.TRANSFER, 50, dt.date(2026, 10, 5), wallet=first_wallet(), to_wallet=livret)
        book(Kind.EXPENSE, 20, dt.date(2026, 11, 3), wallet=livret, description="Billet")
        return livret


def page_of(held: Wallet) -> str:
    return f"/h/alice/wallets/{held.pk}/"


def test_says_what_is_in_it_now_and_what_it_received_and_paid_this_month(
    as_alice: Client, livret: Wallet
) -> None:
    page = as_alice.get(page_of(livret)).content.decode()
    assert "130,00\u00a0€" in page
    assert "−20,00\u00a0€" in page
    assert "100,00\u00a0€ au départ" in page


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2026-08-31", "0,00\u00a0€"),
        ("2026-09-01", "100,00\u00a0€"),
        ("2026-10-05", "150,00\u00a0€"),
        ("2026-11-02", "150,00\u00a0€"),
        ("2026-12-31", "130,00\u00a0€"),
    ],
)
def test_says_what_was_in_it_on_any_day(
    as_alice: Client, livret: Wallet, day: str, held: str
) -> None:
    page = as_alice.get(page_of(livret), {"on": day}).content.decode()
    assert f'il contenait <strong class="num">{held}</strong>' in page


@pytest.mark.parametrize("day", ["hier", "2026-02-30", "0001-01-01", "9" * 500, "\x00"])
def test_a_day_that_is_none_is_told(as_alice: Client, livret: Wallet, day: str) -> None:
    response = as_alice.get(page_of(livret), {"on": day})
    assert response.status_code == 200
    assert 'id="asked-answer" role="alert"' in response.content.decode()


def test_its_line_begins_with_it_and_has_its_figures_in_a_table(
    as_alice: Client, livret: Wallet
) -> None:
    response = as_alice.get(page_of(livret))
    assert [each["values"] for each in response.context["line"]["series"]] == [[100, 150, 130]]
    assert "Septembre 2026" in response.content.decode()


def test_a_wallet_of_this_month_has_no_line_yet(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        held = wallet("Neuf")
    page = as_alice.get(page_of(held)).content.decode()
    assert "data-chart" not in page
    assert "dès le deuxième mois" in page


def test_a_transfer_says_where_it_came_from_and_went_to(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    there = as_alice.get(page_of(livret)).content.decode()
    assert "de Compte courant" in there
    assert "+50,00\u00a0€" in there
    with household_scope(household):
        account = first_wallet()
    here = as_alice.get(page_of(account)).content.decode()
    assert "vers Livret" in here
    assert "−50,00\u00a0€" in here


def test_says_how_far_it_was_reconciled(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    with household_scope(household):
        Reconciliation.objects.create(
            wallet=livret,
            date=dt.date(2026, 10, 31),
            balance=Decimal(150),
            closed_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        )
    page = as_alice.get(page_of(livret)).content.decode()
    assert "relevé du 31 octobre 2026" in page


def test_a_closed_wallet_keeps_its_history_and_can_be_reopened(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    with household_scope(household):
        wallet_close(wallet=livret, into=first_wallet())
    page = as_alice.get(page_of(livret)).content.decode()
    assert "clos le" in page
    assert "Billet" in page
    assert f"{page_of(livret)}reopen/" in page
    assert f"{page_of(livret)}edit/" not in page


def test_a_used_wallet_offers_closing_and_an_unused_one_deletion(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    with household_scope(household):
        unused = wallet("Neuf")
    assert f"{page_of(livret)}close/" in as_alice.get(page_of(livret)).content.decode()
    assert f"{page_of(unused)}delete/" in as_alice.get(page_of(unused)).content.decode()


def test_a_viewer_sees_it_and_is_offered_nothing(
    sign_in: SignIn, vera: User, livret: Wallet
) -> None:
    page = sign_in(vera).get(page_of(livret)).content.decode()
    assert "130,00\u00a0€" in page
    for action in ("edit", "close", "delete", "reopen"):
        assert f"{page_of(livret)}{action}/" not in page
