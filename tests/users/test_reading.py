"""A safe request writes nothing: the database refuses it.

That no page tries to is shown by tests/core/test_replica.py, which asks for every one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from budget.core import replica
from budget.core.money import money_format
from budget.core.tenancy import active_household, active_scope, household_scope
from budget.transactions.models import Transaction
from budget.users import middleware
from budget.users.models import Household
from budget.users.services import household_delete

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("method", "reading"),
    [("get", True), ("head", True), ("options", True), ("post", False), ("delete", False)],
)
def test_what_is_read_and_what_may_write_is_told_by_the_method(
    method: str, reading: bool, as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = []

    @contextmanager
    def noted(household: Household, *, reading: bool = False) -> Iterator[None]:
        entered.append(reading)
        with household_scope(household, reading=reading):
            yield

    monkeypatch.setattr(middleware, "household_scope", noted)
    monkeypatch.setattr(replica, "household_scope", noted)
    getattr(as_alice, method)("/h/alice/settings/")
    assert entered == [reading]


def test_what_a_reading_scope_would_write_is_refused(household: Household) -> None:
    with household_scope(household, reading=True):
        assert active_scope().reading
        with pytest.raises(DatabaseError, match="read-only transaction"), transaction.atomic():
            Transaction.objects.create(amount=1, date=dt.date(2026, 11, 3))
    with household_scope(household):
        Transaction.objects.create(amount=1, date=dt.date(2026, 11, 3))


def test_a_reading_scope_sees_one_moment(household: Household) -> None:
    other = connection.copy()
    with household_scope(household, reading=True):
        revision = active_scope().revision
        assert revision == Household.objects.get(pk=household.pk).revision
        with other.cursor() as cursor:
            cursor.execute("UPDATE users_household SET name = 'Chez nous'")
        other.close()
        assert Household.objects.get(pk=household.pk).name == "Chez Alice"
        assert active_scope().revision == revision
    with household_scope(household, reading=True):
        assert active_scope().revision != revision
        assert Household.objects.get(pk=household.pk).name == "Chez nous"


def test_a_scope_that_may_write_has_no_revision(household: Household) -> None:
    with household_scope(household):
        assert active_scope().revision is None
        assert not active_scope().reading


def test_a_household_that_changed_since_it_was_read_is_of_the_scopes_moment(
    household: Household,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users_household SET currency = 'CHF', month_start_day = 25")
    with household_scope(household, reading=True):
        assert active_household().month_start_day == 25
        assert "CHF" in money_format(Decimal(1))


def test_a_household_that_is_deleted_as_its_page_is_asked_for_is_not_found(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in_scope = replica.household_read

    def delete_first(household: Household, answer: Callable[[], object]) -> object:
        household_delete(household=Household.objects.get(pk=household.pk))
        return read_in_scope(household, answer)

    monkeypatch.setattr(middleware, "household_read", delete_first)
    assert as_alice.get("/h/alice/").status_code == 404
