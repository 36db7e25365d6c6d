"""Adding, changing and ordering wallets."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from budget.balances.closing import wallet_close
from budget.core.guards import ChangedMeanwhile, ClosedHolder
from budget.core.holders import HolderNameTaken
from budget.users.models import Household
from budget.wallets.forms import WalletForm
from budget.wallets.models import Wallet, WalletKind
from budget.wallets.selectors import first_wallet
from budget.wallets.services import WalletValues, wallet_create, wallet_move, wallet_update

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today", "scope")]


def values(**changed: Any) -> WalletValues:
    return WalletValues(
        name=changed.get("name", "Livret"),
        colour="#22c55e",
        kind=WalletKind.SAVINGS,
        opening_balance=Decimal(changed.get("opening", 10)),
        opening_date=dt.date(2026, 11, 1),
        hidden=changed.get("hidden", False),
    )


def names() -> list[str]:
    return [each.name for each in Wallet.objects.open()]


def test_a_new_wallet_is_the_last_of_the_list() -> None:
    wallet_create(**values(name="A"))
    wallet_create(**values(name="B"))
    assert names() == ["Compte courant", "A", "B"]


def test_a_form_sent_twice_adds_one_wallet() -> None:
    key = uuid.uuid4()
    assert wallet_create(submission=key, **values()) == wallet_create(submission=key, **values())
    assert names() == ["Compte courant", "Livret"]


@pytest.mark.parametrize("name", ["livret", "LIVRÈT", " Livret "])
def test_of_two_open_wallets_with_one_name_the_second_is_refused(name: str) -> None:
    wallet_create(**values())
    with pytest.raises(HolderNameTaken):
        wallet_create(**values(name=name.strip()))


def test_the_name_of_a_closed_wallet_is_free() -> None:
    wallet_close(wallet=wallet_create(**values()), into=first_wallet())
    wallet_create(**values())
    assert names() == ["Compte courant", "Livret"]


def test_of_two_who_change_a_wallet_the_second_is_told_what_it_says_now() -> None:
    held = wallet_create(**values())
    wallet_update(wallet=held, version=1, **values(name="Livret A"))
    with pytest.raises(ChangedMeanwhile) as conflict:
        wallet_update(wallet=held, version=1, **values(name="Livret B"))
    assert conflict.value.current.name == "Livret A"


def test_a_wallet_that_was_closed_meanwhile_is_not_changed() -> None:
    held = wallet_create(**values())
    wallet_close(wallet=held, into=first_wallet())
    with pytest.raises(ClosedHolder):
        wallet_update(wallet=held, version=1, **values(name="Autre"))


def test_a_wallet_moves_among_those_that_are_shown_as_it_is(scope: Household) -> None:
    a = wallet_create(**values(name="A"))
    wallet_create(**values(name="caché", hidden=True))
    b = wallet_create(**values(name="B"))
    assert wallet_move(wallet=b, up=True)
    assert [name for name in names() if name != "caché"] == ["Compte courant", "B", "A"]
    assert wallet_move(wallet=b, up=True)
    assert names()[0] == "B"
    assert not wallet_move(wallet=b, up=True)
    assert not wallet_move(wallet=a, up=False)


def form(**changed: Any) -> WalletForm:
    sent = {
        "name": "Livret",
        "kind": "savings",
        "colour": "#22c55e",
        "opening_balance": "",
        "opening_date": "2026-11-01",
    }
    return WalletForm(sent | changed, holder=changed.pop("holder", None))


@pytest.mark.parametrize(
    ("typed", "read"), [("", "0"), ("0", "0"), ("-120,50", "-120.50"), ("\u2212 3", "-3")]
)
def test_an_opening_balance_may_be_nothing_or_owed(typed: str, read: str) -> None:
    filled = form(opening_balance=typed)
    assert filled.is_valid(), filled.errors
    assert filled.values()["opening_balance"] == Decimal(read)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "\u200b"),
        ("name", "compte COURANT"),
        ("name", "x" * 61),
        ("kind", "gold"),
        ("colour", "red"),
        ("opening_balance", "1,234"),
        ("opening_balance", "9" * 20),
        ("opening_date", "2026-11-22"),
        ("opening_date", "1066-10-14"),
        ("opening_date", ""),
    ],
)
def test_nonsense_is_told_beside_its_field(field: str, typed: str) -> None:
    assert field in form(**{field: typed}).errors


def test_a_name_is_not_taken_by_the_wallet_that_the_same_form_has_made() -> None:
    key = uuid.uuid4()
    wallet_create(submission=key, **values())
    assert form(submission=str(key)).is_valid()
    assert not form().is_valid()


def test_a_new_wallet_suggests_what_is_not_there_yet() -> None:
    beginning = WalletForm().initial
    assert beginning["kind"] == WalletKind.SAVINGS
    assert beginning["colour"] != first_wallet().colour
    assert beginning["opening_date"] == timezone.localdate()
