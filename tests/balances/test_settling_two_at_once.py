"""Two people at the same person's page at the same moment, each on a connection of their own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

import pytest
from django.db import connection

from budget.balances.check import ledger_faults
from budget.balances.settling import NothingOpen, StillOpen, person_delete, person_settle
from budget.core.guards import GoneMeanwhile, Refused
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_create
from budget.users.models import Household
from tests.ledger import book, person

pytestmark = pytest.mark.django_db(transaction=True)

DAY = dt.date(2026, 11, 3)


@pytest.fixture
def lea(household: Household) -> Person:
    with household_scope(household):
        book(Kind.LEND, 300, DAY, person=person())
        book(Kind.BORROW, 40, DAY, person=person())
        return person()


def both(household: Household, *writes: Callable[[], object]) -> list[Refused | None]:
    """Run two writes, the second one while the first is not committed yet; who was refused."""
    written, second_is_through = Event(), Event()

    def first() -> Refused | None:
        try:
            with household_scope(household):
                writes[0]()
                written.set()
                # Without a lock the second would be through long before this has passed.
                second_is_through.wait(0.5)
        except Refused as refusal:
            return refusal
        finally:
            written.set()
            connection.close()
        return None

    def second() -> Refused | None:
        written.wait(10)
        try:
            with household_scope(household):
                writes[1]()
        except Refused as refusal:
            return refusal
        finally:
            second_is_through.set()
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(first), pool.submit(second)]
        return [answer.result(timeout=20) for answer in answers]


def test_two_who_settle_do_so_once(household: Household, lea: Person) -> None:
    def settle() -> None:
        person_settle(person=lea, submission=uuid.uuid4())

    refused = both(household, settle, settle)
    assert refused[0] is None
    assert isinstance(refused[1], NothingOpen)
    with household_scope(household):
        assert Transaction.objects.count() == 4
        assert ledger_faults() == []


def test_a_double_click_is_answered_alike_and_settles_once(
    household: Household, lea: Person
) -> None:
    key = uuid.uuid4()

    def settle() -> None:
        person_settle(person=lea, submission=key)

    assert both(household, settle, settle) == [None, None]
    with household_scope(household):
        assert Transaction.objects.count() == 4


def test_a_person_cannot_go_while_something_is_being_lent_to_them(
    household: Household, lea: Person
) -> None:
    with household_scope(household):
        person_settle(person=lea)

    def lend() -> None:
        transaction_create(kind=Kind.LEND, amount=Decimal(5), date=DAY, person=lea)

    refused = both(household, lend, lambda: person_delete(person=lea))
    assert refused[0] is None
    assert isinstance(refused[1], StillOpen)


def test_nothing_can_be_lent_to_someone_who_is_going(household: Household, lea: Person) -> None:
    with household_scope(household):
        person_settle(person=lea)

    def lend() -> None:
        transaction_create(kind=Kind.LEND, amount=Decimal(5), date=DAY, person=lea)

    refused = both(household, lambda: person_delete(person=lea), lend)
    assert refused[0] is None
    assert isinstance(refused[1], GoneMeanwhile)
    with household_scope(household):
        assert not Person.objects.active().exists()
        assert ledger_faults() == []
