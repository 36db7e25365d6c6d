"""Reconciling a wallet: only what adds up is closed, and what was sealed is known to be."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.balances.reconciliation_selectors import checking, gap, lines_page
from budget.balances.reconciling import (
    Adjustment,
    DifferenceMoved,
    NotAtZero,
    NotUnderWay,
    OneUnderWay,
    ReconciledLater,
    WalletClosed,
    reconciliation_cancel,
    reconciliation_close,
    reconciliation_create,
    reconciliation_point_all,
    reconciliation_reopen,
)
from budget.core.guards import GoneMeanwhile
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.services import transaction_point, transaction_update
from budget.users.models import Household, User
from budget.users.services import household_create
from budget.wallets.models import Wallet
from tests.conftest import SignIn
from tests.ledger import book, category, earn, spend, wallet

pytestmark = pytest.mark.django_db

LIST = "/h/alice/reconciliations/"
OCT, NOV = dt.date(2026, 10, 31), dt.date(2026, 11, 20)


@pytest.fixture
def account(scope: Household, today: dt.date) -> Wallet:
    """A current account that opened with 100, and has moved since."""
    account = Wallet.objects.get()
    account.opening_balance, account.opening_date = Decimal(100), dt.date(2026, 1, 1)
    account.save()
    return account


def start(account: Wallet, balance: str | int, on: dt.date = NOV) -> Reconciliation:
    return reconciliation_create(wallet=account, date=on, balance=Decimal(balance))


def pointed(*lines: Transaction) -> None:
    for line in lines:
        transaction_point(pk=line.pk, pointed=True)


def closed(account: Wallet, balance: str | int, on: dt.date = NOV) -> Reconciliation:
    """One that is closed, with all lines up to its day."""
    found = start(account, balance, on)
    reconciliation_point_all(reconciliation=found)
    return reconciliation_close(reconciliation=found)


def seals() -> set[tuple[str, bool]]:
    return {(line.description, line.reconciled) for line in Transaction.objects.all()}


def test_the_difference_follows_what_is_pointed(account: Wallet) -> None:
    lines = [spend(30, NOV), earn(50, NOV), spend(7, NOV)]
    found = start(account, "113.00")
    assert checking(found).difference == 13
    pointed(*lines)
    assert checking(found).difference == 0
    assert checking(found).count == 3


def test_a_transfer_counts_on_the_side_of_the_wallet(account: Wallet) -> None:
    savings = wallet()
    out = book(Kind.TRANSFER, 40, NOV, wallet=account, to_wallet=savings)
    back = book(Kind.TRANSFER, 15, NOV, wallet=savings, to_wallet=account)
    found = start(account, 75)
    for line in (out, back):
        transaction_point(pk=line.pk, pointed=True, wallet=account.pk)
    reconciliation_close(reconciliation=found)
    out.refresh_from_db()
    back.refresh_from_db()
    assert (out.reconciliation_id, out.to_reconciliation_id) == (found.pk, None)
    assert (back.reconciliation_id, back.to_reconciliation_id) == (None, found.pk)
    assert not out.to_pointed
    other = start(savings, 25)
    assert checking(other).difference == 25


def test_lines_after_the_statements_day_are_not_its_business(account: Wallet) -> None:
    before, after = spend(30, OCT, description="avant"), spend(5, NOV, description="après")
    pointed(before, after)
    found = start(account, 70, OCT)
    assert checking(found).difference == 0
    reconciliation_close(reconciliation=found)
    assert seals() == {("avant", True), ("après", False)}


def test_closing_away_from_zero_is_refused_and_seals_nothing(account: Wallet) -> None:
    pointed(spend(30, NOV))
    found = start(account, 71)
    with pytest.raises(NotAtZero) as refusal:
        reconciliation_close(reconciliation=found)
    assert refusal.value.difference == 1
    assert not Transaction.objects.get().reconciled
    found.refresh_from_db()
    assert found.closed_at is None


def test_the_next_one_begins_where_the_last_one_ended(account: Wallet) -> None:
    spend(30, OCT)
    closed(account, 70, OCT)
    line = spend(20, NOV)
    found = start(account, 50)
    assert page_lines(found) == [line]
    pointed(line)
    assert checking(found).difference == 0


def page_lines(found: Reconciliation) -> list[Transaction]:
    return [row.line for row in lines_page(found, QueryDict()).rows]


@pytest.mark.parametrize(
    ("balance", "kind", "amount"), [(75, Kind.INCOME, 5), ("67.70", Kind.EXPENSE, "2.30")]
)
def test_an_adjustment_is_booked_as_agreed_and_sealed(
    account: Wallet, alice: User, balance: str | int, kind: Kind, amount: str | int
) -> None:
    pointed(spend(30, NOV))
    found = start(account, balance)
    agreed = Adjustment(checking(found).difference, category("Autre"))
    reconciliation_close(reconciliation=found, closed_by=alice, adjustment=agreed)
    line = Transaction.objects.get(kind=kind, amount=Decimal(amount))
    assert line.reconciliation_id == found.pk
    assert line.date == NOV
    assert line.category == category("Autre")
    assert line.created_by == alice
    assert ledger_faults() == []


def test_an_adjustment_of_another_amount_than_agreed_is_not_booked(account: Wallet) -> None:
    line = spend(30, NOV)
    found = start(account, 75)
    agreed = Adjustment(checking(found).difference)
    pointed(line)
    with pytest.raises(DifferenceMoved):
        reconciliation_close(reconciliation=found, adjustment=agreed)
    assert Transaction.objects.count() == 1


def test_a_tab_that_still_points_after_it_was_closed_gets_its_figures_and_nothing_to_press(
    account: Wallet, as_alice: Client, htmx: dict[str, str]
) -> None:
    found = closed(account, 100)
    figures = as_alice.get(f"{LIST}{found.pk}/", headers=htmx)
    assert figures.status_code == 200
    assert "100,00" in figures.content.decode()
    assert "<button" not in figures.content.decode()
    assert "difference-said" not in figures.content.decode()


def test_a_second_click_on_close_says_the_same_and_books_nothing_more(
    account: Wallet, as_alice: Client
) -> None:
    found = start(account, 105)
    agreed = {"adjust": "1", "difference": "5", "submission": str(uuid.uuid4())}
    for _click in range(2):
        answer = as_alice.post(f"{LIST}{found.pk}/close/", agreed, follow=True)
        assert "est rapproché" in answer.content.decode()
        assert "annulé entre-temps" not in answer.content.decode()
    assert Transaction.objects.get().reconciliation_id == found.pk


def test_an_adjustment_in_a_closed_month_is_refused(account: Wallet, as_alice: Client) -> None:
    day = dt.date(2026, 9, 30)
    spend(10, day)
    month_close(period=Period.containing(day))
    found = start(account, 80, day)
    answer = as_alice.post(f"{LIST}{found.pk}/close/", {"adjust": "1", "difference": "-20"})
    assert answer.status_code == 409
    assert "mois clos" in answer.content.decode()


def test_lines_of_a_closed_month_are_sealed_too(account: Wallet) -> None:
    day = dt.date(2026, 9, 30)
    spend(10, day)
    month_close(period=Period.containing(day))
    closed(account, 90, day)
    assert Transaction.objects.get().reconciled


def test_one_at_a_time_of_a_wallet_even_past_the_service(account: Wallet) -> None:
    start(account, 100)
    with pytest.raises(OneUnderWay):
        start(account, 90)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reconciliation.objects.create(wallet=account, date=NOV, balance=1)


def test_started_twice_by_a_double_click_it_is_one(account: Wallet) -> None:
    assert start(account, 100) == start(account, 100)


def test_a_statement_older_than_the_last_one_is_refused(account: Wallet) -> None:
    closed(account, 100, NOV)
    with pytest.raises(ReconciledLater):
        start(account, 100, OCT)


def test_only_the_last_one_is_reopened_and_its_lines_are_pointed_again(account: Wallet) -> None:
    spend(30, OCT, description="octobre")
    first = closed(account, 70, OCT)
    spend(20, NOV, description="novembre")
    second = closed(account, 50)
    with pytest.raises(ReconciledLater):
        reconciliation_reopen(reconciliation=first)
    reconciliation_reopen(reconciliation=second)
    assert seals() == {("octobre", True), ("novembre", False)}
    assert Transaction.objects.get(description="novembre").pointed
    reconciliation_close(reconciliation=second)
    assert ledger_faults() == []


def test_it_is_not_reopened_while_another_is_under_way(account: Wallet) -> None:
    first = closed(account, 100, OCT)
    start(account, 100)
    with pytest.raises(OneUnderWay):
        reconciliation_reopen(reconciliation=first)


def test_cancelling_keeps_what_is_pointed_and_a_closed_one_is_not_cancelled(
    account: Wallet,
) -> None:
    line = spend(30, NOV)
    found = start(account, 70)
    pointed(line)
    reconciliation_cancel(reconciliation=found)
    assert Transaction.objects.get().pointed
    done = closed(account, 70)
    with pytest.raises(NotUnderWay):
        reconciliation_cancel(reconciliation=done)


def test_a_wallet_closed_meanwhile_stops_it_with_a_message(
    account: Wallet, as_alice: Client
) -> None:
    savings = wallet()
    found = start(savings, 0)
    Wallet.objects.filter(pk=savings.pk).update(closed_at=timezone.now())
    with pytest.raises(WalletClosed):
        reconciliation_close(reconciliation=found)
    with pytest.raises(GoneMeanwhile):
        reconciliation_create(wallet=savings, date=NOV, balance=Decimal(0))
    assert "est clôturé" in as_alice.get(f"{LIST}{found.pk}/").content.decode()
    assert as_alice.post(f"{LIST}{found.pk}/close/").status_code == 302


def test_a_line_that_changed_leaves_it_and_the_page_says_by_how_much(
    account: Wallet, as_alice: Client
) -> None:
    line = spend(30, NOV)
    found = closed(account, 70)
    assert gap(found) == 0
    line.refresh_from_db()
    transaction_update(line=line, version=line.version, confirmed=True, kind=Kind.EXPENSE,
                       amount=Decimal(35), date=NOV)  # fmt: skip
    assert gap(found) == -30
    page = as_alice.get(f"{LIST}{found.pk}/").content.decode()
    assert "n’y est plus" in page
    assert "−30,00\xa0€" in page
    assert "n’y est plus" in as_alice.get(LIST).content.decode()


def test_an_earlier_one_is_judged_without_the_later_ones(account: Wallet) -> None:
    spend(30, OCT)
    first = closed(account, 70, OCT)
    spend(20, NOV)
    second = closed(account, 50)
    assert gap(first) == 0
    assert gap(second) == 0


def test_all_at_once_and_taken_back(account: Wallet, as_alice: Client) -> None:
    mine = spend(5, NOV, description="déjà")
    pointed(mine)
    spend(30, NOV, description="nouveau")
    found = start(account, 65)
    _, token = reconciliation_point_all(reconciliation=found)
    assert checking(found).difference == 0
    as_alice.post(f"{LIST}unpoint/", {"token": token})
    assert [line.description for line in Transaction.objects.filter(pointed=True)] == ["déjà"]
    assert as_alice.post(f"{LIST}unpoint/", {"token": "forged"}).status_code == 302


class OnlyAtZero(TestCase):
    """Whatever is pointed, a reconciliation closes exactly where the sums agree."""

    @given(
        lines=st.lists(
            st.tuples(
                st.sampled_from([Kind.INCOME, Kind.EXPENSE]),
                st.integers(min_value=1, max_value=300),
                st.booleans(),
            ),
            max_size=6,
        ),
        off=st.integers(min_value=-2, max_value=2),
    )
    def test_closes_at_zero_alone(self, lines: list[tuple[Kind, int, bool]], off: int) -> None:
        owner = User.objects.create_user("owner@example.org")
        household = household_create(name="Ici", slug="ici", owner=owner, language="fr")
        with household_scope(household):
            account, expected = Wallet.objects.get(), Decimal(0)
            for kind, cents, found in lines:
                line = book(kind, str(Decimal(cents) / 100), dt.date(2026, 1, 5))
                if found:
                    transaction_point(pk=line.pk, pointed=True)
                    expected += line.signed_amount
            statement = expected + Decimal(off) / 100
            begun = reconciliation_create(
                wallet=account, date=timezone.localdate(), balance=statement
            )
            account.refresh_from_db()
            try:
                reconciliation_close(reconciliation=begun)
                closes = True
            except NotAtZero:
                closes = False
            assert closes is (off == 0)
            sealed = Transaction.objects.filter(reconciliation=begun).count()
            assert sealed == (sum(found for *_, found in lines) if closes else 0)
            assert ledger_faults() == []


def test_the_form_takes_a_balance_below_zero_and_leads_to_the_lines(
    account: Wallet, as_alice: Client
) -> None:
    sent = {"wallet": account.pk, "date": "2026-11-20", "balance": "-12,34"}
    answer = as_alice.post(f"{LIST}add/", sent)
    found = Reconciliation.objects.get()
    assert answer["Location"] == f"{LIST}{found.pk}/"
    assert found.balance == Decimal("-12.34")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"balance": "abc"}, "ne se lit pas"),
        ({"balance": ""}, "Indiquez un montant"),
        ({"date": "2026-11-22"}, "date à venir"),
        ({"date": "31/02/2026"}, "date valide"),
        ({"wallet": "999999"}, "clôturé ou supprimé"),
        ({"wallet": ""}, "Choisissez un portefeuille"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    account: Wallet, as_alice: Client, change: dict[str, str], says: str
) -> None:
    sent = {"wallet": str(account.pk), "date": "2026-11-20", "balance": "1"} | change
    answer = as_alice.post(f"{LIST}add/", sent)
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_the_list_has_those_under_way_and_the_past_ones(
    account: Wallet, as_alice: Client, alice: User
) -> None:
    assert "Rien n’est encore rapproché" in as_alice.get(LIST).content.decode()
    spend(30, OCT)
    found = start(account, 70, OCT)
    assert "En cours" in as_alice.get(LIST).content.decode()
    reconciliation_point_all(reconciliation=found)
    as_alice.post(f"{LIST}{found.pk}/close/")
    page = as_alice.get(LIST).content.decode()
    assert "31 octobre 2026" in page
    assert ">Alice</td>" in page
    assert "70,00\xa0€" in page
    assert "En cours" not in page


def test_closing_away_from_zero_says_what_would_be_booked_first(
    account: Wallet, as_alice: Client
) -> None:
    pointed(spend(30, NOV))
    found = start(account, "66.80")
    answer = as_alice.post(f"{LIST}{found.pk}/close/")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "dépense de 3,20\xa0€" in page
    assert 'name="difference" value="-3.20"' in page
    as_alice.post(f"{LIST}{found.pk}/close/", {"adjust": "1", "difference": "-3.20"})
    found.refresh_from_db()
    assert found.closed_at
    assert Transaction.objects.get(amount=Decimal("3.20")).title == "Ajustement du rapprochement"


def test_the_figures_come_alone_for_htmx(
    account: Wallet, as_alice: Client, htmx: dict[str, str]
) -> None:
    found = start(account, 100)
    answer = as_alice.get(f"{LIST}{found.pk}/", headers=htmx).content.decode()
    assert answer.strip().startswith('<div id="figures"')
    assert "<table" not in answer


def test_hundreds_of_lines_page_and_the_figures_stay_whole(
    account: Wallet, as_alice: Client
) -> None:
    for n in range(60):
        spend(1, dt.date(2026, 11, 1 + n % 20), description=f"n{n}")
    found = start(account, 40)
    reconciliation_point_all(reconciliation=found)
    first = as_alice.get(f"{LIST}{found.pk}/").content.decode()
    assert first.count('id="line-') == 50
    cursor = first.partition("?after=")[2].partition('"')[0]
    with CaptureQueriesContext(connection) as queries:
        second = as_alice.get(f"{LIST}{found.pk}/?after={cursor}").content.decode()
    assert second.count('id="line-') == 10
    assert "60\xa0lignes" in second
    assert len(queries) <= 16


def test_another_households_reconciliation_is_not_found(
    account: Wallet, charlie: User, sign_in: SignIn
) -> None:
    found = start(account, 100)
    client = sign_in(charlie)
    for page in ("", "edit/", "cancel/", "close/"):
        address = f"/h/charlie/reconciliations/{found.pk}/{page}"
        assert client.get(address).status_code == 404


def test_a_viewer_looks_and_changes_nothing(account: Wallet, vera: User, sign_in: SignIn) -> None:
    found = start(account, 100)
    client = sign_in(vera)
    page = client.get(f"{LIST}{found.pk}/").content.decode()
    assert "point-all" not in page
    assert "close-reconciliation" not in page
    assert client.post(f"{LIST}{found.pk}/close/").status_code == 403
