"""The back office's pages of wallets, envelopes and people."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from budget.buckets.models import Bucket
from budget.core.holders import Holder
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Kind
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.backoffice import add_url, cost, rows_shown, told
from tests.ledger import book, bucket, person, wallet

DAY = dt.date(2026, 11, 3)
WALLETS = "/admin/wallets/wallet/"
BUCKETS = "/admin/buckets/bucket/"
PEOPLE = "/admin/people/person/"


def act(client: Client, url: str, action: str, *rows: Holder | Person) -> list[str]:
    keys = [row.pk for row in rows]
    fields = {"action": action, "_selected_action": keys, "post": "yes"}
    return told(client.post(url, fields, follow=True))


def fill(household: Household, mark: str) -> None:
    with household_scope(household):
        for n in range(3):
            book(Kind.LEND, 10, DAY, wallet=wallet(f"W{mark}{n}"), bucket=bucket(f"B{mark}{n}"),
                 person=person(f"P{mark}{n}"))  # fmt: skip


@pytest.mark.parametrize("url", [WALLETS, BUCKETS, PEOPLE])
def test_a_list_costs_the_same_with_twice_the_rows(
    as_staff: Client, household: Household, charlie: User, url: str
) -> None:
    fill(household, "a")
    before = cost(as_staff, url)
    fill(household, "b")
    fill(Household.objects.get(slug="charlie"), "c")
    assert cost(as_staff, url) == before <= 12


def test_lists_tell_what_is_held_and_owed(as_staff: Client, household: Household) -> None:
    with household_scope(household):
        wallet("Livret", 100)
        book(Kind.LEND, 40, DAY, wallet=wallet("Livret"), bucket=bucket("Dons"), person=person())
    for url, words in ((WALLETS, "60,00"), (BUCKETS, "-40,00"), (PEOPLE, "40,00")):
        assert words in as_staff.get(url).content.decode().replace("\u2212", "-")


def test_rows_are_found_by_name_and_by_household(
    as_staff: Client, household: Household, charlie: User
) -> None:
    fill(household, "a")
    fill(Household.objects.get(slug="charlie"), "b")
    for url, word in ((WALLETS, "wa1"), (BUCKETS, "ba1"), (PEOPLE, "pa1")):
        assert rows_shown(as_staff.get(url, {"q": word})) == 1
    assert rows_shown(as_staff.get(BUCKETS, {"household__id__exact": household.pk})) == 3


def test_a_wallet_that_holds_money_is_not_closed_and_an_empty_one_is(
    as_staff: Client, household: Household
) -> None:
    with household_scope(household):
        full, empty = wallet("Livret", 100), wallet("Espèces")
    [message] = act(as_staff, WALLETS, "close", full, empty)
    assert "Livret" in message
    assert "100,00" in message
    with household_scope(household):
        assert Wallet.objects.open().count() == 3
    act(as_staff, WALLETS, "close", empty)
    assert rows_shown(as_staff.get(WALLETS, {"closed_at__isempty": "0"})) == 1
    act(as_staff, WALLETS, "reopen", empty)
    with household_scope(household):
        assert Wallet.objects.open().count() == 3


def test_the_last_wallet_is_neither_closed_nor_deleted(
    as_staff: Client, household: Household
) -> None:
    with household_scope(household):
        last = first_wallet()
    for action in ("close", "delete_selected"):
        [message] = act(as_staff, WALLETS, action, last)
        assert "dernier portefeuille" in message
    with household_scope(household):
        assert Wallet.objects.open().get() == last


def test_a_used_wallet_or_envelope_is_not_deleted_and_an_unused_one_is(
    as_staff: Client, household: Household
) -> None:
    fill(household, "a")
    with household_scope(household):
        used: list[tuple[str, Any]] = [(WALLETS, wallet("Wa1")), (BUCKETS, bucket("Ba1"))]
        unused: list[tuple[str, Any]] = [(WALLETS, wallet("Neuf")), (BUCKETS, bucket("Neuve"))]
    for url, row in used:
        response = as_staff.post(f"{url}{row.pk}/delete/", {"post": "yes"}, follow=True)
        assert len(told(response)) == 1
        with household_scope(household):
            assert type(row)._default_manager.filter(pk=row.pk).exists()
    for url, row in unused:
        as_staff.post(f"{url}{row.pk}/delete/", {"post": "yes"})
        with household_scope(household):
            assert not type(row)._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("share", ["101", "50", "-1"])
def test_a_share_that_is_too_large_is_refused_in_words(
    as_staff: Client, household: Household, share: str
) -> None:
    with household_scope(household):
        bucket("Nécessaire", 60)
    fields = {"name": "Plaisir", "colour": "#64748b", "share": share, "position": "0", "seen": "1"}
    response = as_staff.post(add_url(BUCKETS, household.pk), fields, follow=True)
    assert response.status_code == 200
    html = response.content.decode()
    assert told(response) or "errorlist" in html
    assert "buckets_bucket_" not in html
    with household_scope(household):
        assert Bucket.objects.count() == 1


def test_a_wallet_is_added_and_changed_and_the_second_to_save_is_told(
    as_staff: Client, household: Household
) -> None:
    fields = {
        "name": "Coffre", "kind": "savings", "colour": "#64748b", "opening_balance": "12,50",
        "opening_date": "2026-11-01", "position": "0", "seen": "1",
    }  # fmt: skip
    assert as_staff.post(add_url(WALLETS, household.pk), fields).status_code == 302
    with household_scope(household):
        made = Wallet.objects.get(name="Coffre")
    url = f"{WALLETS}{made.pk}/change/"
    assert as_staff.post(url, fields | {"name": "Compte courant"}).status_code == 200
    assert as_staff.post(url, fields | {"name": "Cagnotte"}).status_code == 302
    stale = as_staff.post(url, fields | {"name": "Tirelire"}, follow=True)
    assert "Quelqu’un a changé cela pendant que vous le modifiiez." in told(stale)
    with household_scope(household):
        made.refresh_from_db()
    assert (made.name, made.version) == ("Cagnotte", 2)


def test_someone_with_something_open_is_not_deleted(as_staff: Client, household: Household) -> None:
    with household_scope(household):
        zoe = person("Zoé")
        book(Kind.LEND, 40, DAY, person=zoe)
    response = as_staff.post(f"{PEOPLE}{zoe.pk}/delete/", {"post": "yes"}, follow=True)
    assert any("40,00" in message for message in told(response))
    with household_scope(household):
        book(Kind.COLLECT, 40, DAY, person=zoe)
    as_staff.post(f"{PEOPLE}{zoe.pk}/delete/", {"post": "yes"})
    with household_scope(household):
        zoe.refresh_from_db()
    assert zoe.removed_at
