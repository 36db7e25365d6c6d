"""Adding, changing, closing, reopening and deleting a wallet, by its pages."""

from __future__ import annotations

import datetime as dt
import html
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from budget.balances.closing import wallet_close
from budget.balances.selectors import wallet_balance
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Reconciliation
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn
from tests.ledger import book, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/wallets/"


def sent(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Livret",
        "kind": "savings",
        "colour": "#22c55e",
        "opening_balance": "12,50",
        "opening_date": "2026-11-01",
        "submission": str(uuid.uuid4()),
    } | changed


@pytest.fixture
def livret(household: Household) -> Wallet:
    """A wallet with 250 in it."""
    with household_scope(household):
        livret = wallet("Livret", opening=100)
        book(Kind.INCOME, 150, dt.date(2026, 11, 2), wallet=livret)
        return livret


def stored(household: Household, held: Wallet) -> Wallet:
    with household_scope(household):
        return Wallet.objects.get(pk=held.pk)


def in_it(household: Household, held: Wallet) -> Decimal:
    with household_scope(household):
        return wallet_balance(held).balance


def test_adding_one_says_so(as_alice: Client, household: Household) -> None:
    page = as_alice.post(f"{LIST}add/", sent(), follow=True).content.decode()
    assert "«\u00a0Livret\u00a0» ajouté." in page
    with household_scope(household):
        assert Wallet.objects.open().named("livret").get().opening_balance == Decimal("12.50")


def test_a_double_click_adds_one(as_alice: Client, household: Household) -> None:
    form = sent()
    for _ in range(2):
        assert as_alice.post(f"{LIST}add/", form).status_code == 302
    with household_scope(household):
        assert Wallet.objects.count() == 2


def test_a_name_that_is_taken_is_told_and_nothing_is_lost(as_alice: Client, livret: Wallet) -> None:
    response = as_alice.post(f"{LIST}add/", sent(name="LIVRET", opening_balance="-7"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Ce nom est déjà pris" in page
    assert 'value="-7"' in page


def test_changing_one_keeps_what_its_form_showed(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    edit = f"{LIST}{livret.pk}/edit/"
    assert 'value="100"' in as_alice.get(edit).content.decode()
    as_alice.post(edit, sent(name="Livret A", version=1, hidden="on"))
    now = stored(household, livret)
    assert (now.name, now.hidden, now.version) == ("Livret A", True, 2)


def test_of_two_who_edit_the_second_is_told_what_the_first_has_saved(
    as_alice: Client, sign_in: SignIn, bob: User, livret: Wallet
) -> None:
    edit = f"{LIST}{livret.pk}/edit/"
    sign_in(bob).post(edit, sent(name="De Bob", version=1))
    response = as_alice.post(edit, sent(name="D’Alice", version=1))
    assert response.status_code == 409
    page = html.unescape(response.content.decode())
    assert "De Bob" in page
    assert "D’Alice" in page
    assert as_alice.post(edit, sent(name="D’Alice", version=2)).status_code == 302


def test_a_form_open_on_a_wallet_that_was_closed_is_refused_clearly(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    with household_scope(household):
        wallet_close(wallet=livret, into=first_wallet())
    response = as_alice.post(f"{LIST}{livret.pk}/edit/", sent(version=1))
    assert response.status_code == 409
    assert "Livret" in response.content.decode()


class TestClosing:
    def test_says_what_is_in_it_and_where_it_can_go(self, as_alice: Client, livret: Wallet) -> None:
        page = as_alice.get(f"{LIST}{livret.pk}/close/").content.decode()
        assert "250,00\u00a0€" in page
        assert "Ce qui reste va à" in page
        assert "Compte courant" in page

    def test_moves_the_money_and_can_be_undone(
        self, as_alice: Client, household: Household, livret: Wallet
    ) -> None:
        with household_scope(household):
            into = first_wallet()
        page = as_alice.post(
            f"{LIST}{livret.pk}/close/", {"into": into.pk}, follow=True
        ).content.decode()
        assert "250,00\u00a0€ sont passés à «\u00a0Compte courant\u00a0»" in page
        assert in_it(household, into) == 250
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token
        page = as_alice.post(
            f"{LIST}{livret.pk}/reopen/", {"token": token[1]}, follow=True
        ).content.decode()
        assert "«\u00a0Livret\u00a0» est rouvert." in page
        assert in_it(household, livret) == 250
        assert in_it(household, into) == 0

    def test_a_double_click_closes_it_once(
        self, as_alice: Client, household: Household, livret: Wallet
    ) -> None:
        with household_scope(household):
            into = first_wallet()
        for _ in range(2):
            response = as_alice.post(f"{LIST}{livret.pk}/close/", {"into": into.pk})
            assert response.status_code == 302
        assert in_it(household, into) == 250

    @pytest.mark.parametrize("into", ["", "0", "x", "9" * 30, "itself", "charlie's"])
    def test_asks_for_an_open_wallet_of_the_household(
        self, as_alice: Client, household: Household, livret: Wallet, charlie: User, into: str
    ) -> None:
        with household_scope(charlie.households.get()):
            others = first_wallet()
        chosen = {"itself": livret.pk, "charlie's": others.pk}.get(into, into)
        response = as_alice.post(f"{LIST}{livret.pk}/close/", {"into": chosen})
        assert response.status_code == 422
        assert 'class="fault"' in response.content.decode()
        assert stored(household, livret).is_open

    def test_of_the_last_one_is_not_offered(self, as_alice: Client, household: Household) -> None:
        with household_scope(household):
            last = first_wallet()
        page = as_alice.get(f"{LIST}{last.pk}/close/").content.decode()
        assert "C’est le dernier portefeuille ouvert" in page
        assert "Clôturer le portefeuille" not in page

    def test_that_became_the_last_one_while_its_form_was_open_says_so(
        self, as_alice: Client, livret: Wallet
    ) -> None:
        with household_scope(livret.household):
            other = first_wallet()
            wallet_close(wallet=other, into=livret)
        response = as_alice.post(f"{LIST}{livret.pk}/close/", {"into": str(other.pk)})
        assert response.status_code == 409
        assert "dernier portefeuille ouvert" in response.content.decode()

    def test_waits_for_a_reconciliation_that_is_under_way(
        self, as_alice: Client, household: Household, livret: Wallet
    ) -> None:
        with household_scope(household):
            into = first_wallet()
            Reconciliation.objects.create(
                wallet=livret, date=dt.date(2026, 11, 20), balance=Decimal(250)
            )
        response = as_alice.post(f"{LIST}{livret.pk}/close/", {"into": into.pk})
        assert response.status_code == 409
        assert "Un rapprochement de ce portefeuille est en cours" in response.content.decode()
        assert stored(household, livret).is_open


def test_reopening_where_the_name_was_taken_says_so(
    as_alice: Client, household: Household, livret: Wallet, htmx: dict[str, str]
) -> None:
    with household_scope(household):
        wallet_close(wallet=livret, into=first_wallet())
        wallet("Livret")
    reopen = f"{LIST}{livret.pk}/reopen/"
    assert as_alice.post(reopen, headers=htmx).status_code == 409
    page = as_alice.post(reopen, follow=True).content.decode()
    assert "Un autre s’appelle désormais «\u00a0Livret\u00a0»" in page


def test_an_unused_one_is_deleted_and_a_used_one_is_not(
    as_alice: Client, household: Household, livret: Wallet
) -> None:
    with household_scope(household):
        unused = wallet("Tirelire", opening=30)
    assert "30,00\u00a0€" in as_alice.get(f"{LIST}{unused.pk}/delete/").content.decode()
    page = as_alice.post(f"{LIST}{unused.pk}/delete/", follow=True).content.decode()
    assert "«\u00a0Tirelire\u00a0» supprimé." in page
    assert as_alice.post(f"{LIST}{livret.pk}/delete/").status_code == 409
    assert "a servi" in as_alice.get(f"{LIST}{livret.pk}/delete/").content.decode()


@pytest.mark.parametrize("action", ["edit", "close", "delete", "reopen", "move"])
def test_a_viewer_changes_nothing(sign_in: SignIn, vera: User, livret: Wallet, action: str) -> None:
    assert sign_in(vera).post(f"{LIST}{livret.pk}/{action}/").status_code == 403


@pytest.mark.parametrize("action", ["", "edit/", "close/", "delete/"])
def test_a_stranger_finds_nothing(
    sign_in: SignIn, charlie: User, livret: Wallet, action: str
) -> None:
    client = sign_in(charlie)
    assert client.get(f"{LIST}{livret.pk}/{action}").status_code == 404
    assert client.get(f"/h/charlie/wallets/{livret.pk}/{action}").status_code == 404
