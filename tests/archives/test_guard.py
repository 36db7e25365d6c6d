"""A closed month does not change, whoever asks and by whatever way; an open one does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close, month_reopen
from budget.core import guards
from budget.core.guards import CLOSED_MONTH, ClosedMonthsExist
from budget.core.periods import Period
from budget.core.tenancy import backoffice_scope, household_scope
from budget.transactions.models import Allotment, Kind, Transaction
from budget.transactions.services import (
    transaction_create,
    transaction_delete,
    transaction_restore,
    transaction_update,
)
from budget.users.models import Household, User
from budget.users.services import household_create, household_delete, household_update
from budget.wallets.selectors import first_wallet
from tests.archives.months import OCTOBER, close, fill_october, october
from tests.ledger import bucket, category, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

NOVEMBER_3 = dt.date(2026, 11, 3)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def refused(write: Callable[[], object]) -> str:
    """The SQLSTATE with which the database refuses `write`; fails where it does not."""
    before = rows()
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        write()
    assert rows() == before
    cause = caught.value.__cause__
    return str(getattr(cause, "sqlstate", ""))


def rows() -> list[tuple[object, ...]]:
    return list(
        Transaction.objects.order_by("pk").values_list(
            "pk", "date", "amount", "kind", "category", "description", "note"
        )
    )


def new_line(day: dt.date, amount: int = 5) -> Transaction:
    return Transaction(wallet=first_wallet(), kind=Kind.EXPENSE, amount=Decimal(amount), date=day)


@pytest.fixture
def line(scope: Household) -> Transaction:
    """A line of October, which is closed."""
    lines = fill_october()
    close("2026-10")
    return lines[1]


@pytest.mark.parametrize("day", [october(1), october(15), october(31)])
def test_orm_inserts_nothing_into_a_closed_month(line: Transaction, day: dt.date) -> None:
    assert refused(new_line(day).save) == CLOSED_MONTH


def test_bulk_create_is_refused_as_a_whole_for_one_closed_day(
    line: Transaction, scope: Household
) -> None:
    batch = [new_line(NOVEMBER_3), new_line(october(31)), new_line(NOVEMBER_3)]
    for each in batch:
        each.household = scope
    assert refused(lambda: Transaction.objects.bulk_create(batch)) == CLOSED_MONTH


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Decimal(1)},
        {"kind": Kind.INCOME},
        {"category": None},
        {"description": "other"},
        {"note": "other"},
        {"version": 9},
        {"date": october(4)},
        {"date": NOVEMBER_3},
    ],
    ids=lambda changes: "-".join(f"{key}={value}" for key, value in changes.items()),
)
def test_orm_updates_nothing_in_a_closed_month_and_moves_nothing_out(
    line: Transaction, changes: dict[str, object]
) -> None:
    assert refused(lambda: Transaction.objects.filter(pk=line.pk).update(**changes)) == CLOSED_MONTH


def test_nothing_moves_into_a_closed_month(line: Transaction) -> None:
    november = spend(7, NOVEMBER_3)
    move = Transaction.objects.filter(pk=november.pk)
    assert refused(lambda: move.update(date=october(15))) == CLOSED_MONTH


def test_saving_a_line_of_a_closed_month_is_refused(line: Transaction) -> None:
    line.amount = Decimal(1)
    assert refused(line.save) == CLOSED_MONTH


def test_deleting_one_or_all_is_refused(line: Transaction) -> None:
    spend(7, NOVEMBER_3)
    assert refused(line.delete) == CLOSED_MONTH
    assert refused(lambda: Transaction.objects.all().delete()) == CLOSED_MONTH


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transactions_transaction SET amount = amount + 1",
        "UPDATE transactions_transaction SET date = date + 31 WHERE date = '2026-10-31'",
        "UPDATE transactions_transaction SET id = id + 1000000",
        "DELETE FROM transactions_transaction",
        "DELETE FROM transactions_transaction WHERE date = '2026-10-31'",
        """INSERT INTO transactions_transaction
           (household_id, wallet_id, kind, amount, date,
            description, note, version, created_at, updated_at)
           SELECT household_id, wallet_id, kind, amount, date, description, note, 1, now(), now()
           FROM transactions_transaction""",
        """INSERT INTO transactions_transaction
           (id, household_id, wallet_id, kind, amount, date,
            description, note, version, created_at, updated_at)
           SELECT id, household_id, wallet_id, kind, 1, '2026-11-03', '', '', 1, now(), now()
           FROM transactions_transaction
           ON CONFLICT (id) DO UPDATE SET amount = excluded.amount""",
    ],
)
def test_raw_sql_is_refused_like_everything_else(line: Transaction, statement: str) -> None:
    assert refused(lambda: sql(statement)) == CLOSED_MONTH


def test_the_back_office_is_refused_too(line: Transaction) -> None:
    with backoffice_scope():
        write = Transaction.objects.filter(pk=line.pk)
        assert refused(lambda: write.update(amount=Decimal(1))) == CLOSED_MONTH
        assert refused(lambda: write.delete()) == CLOSED_MONTH


def test_services_say_which_day_is_closed(line: Transaction) -> None:
    with pytest.raises(guards.ClosedMonth) as caught:
        transaction_create(kind=Kind.EXPENSE, amount=Decimal(5), date=october(9))
    assert caught.value.day == october(9)
    with pytest.raises(guards.ClosedMonth):
        transaction_delete(line=line)
    november = spend(7, NOVEMBER_3)
    with pytest.raises(guards.ClosedMonth):
        transaction_update(
            line=november,
            version=november.version,
            kind=Kind.EXPENSE,
            amount=november.amount,
            date=october(9),
            category=None,
            description="",
            note="",
        )


def test_a_deletion_cannot_be_undone_into_a_month_closed_meanwhile(scope: Household) -> None:
    lines = fill_october()
    token = transaction_delete(line=lines[1])
    close("2026-10")
    with pytest.raises(guards.ClosedMonth):
        transaction_restore(token=token)


def test_other_months_and_other_households_stay_open(
    line: Transaction, scope: Household, charlie: User
) -> None:
    november = spend(7, NOVEMBER_3)
    september = spend(7, dt.date(2026, 9, 30))
    Transaction.objects.filter(pk__in=[november.pk, september.pk]).update(amount=Decimal(8))
    with household_scope(Household.objects.get(slug="charlie")):
        spend(3, october(9)).delete()
    assert Transaction.objects.filter(amount=8).count() == 2


def test_reopened_rows_are_free_again(scope: Household) -> None:
    line = fill_october()[1]
    month_reopen(closed=close("2026-10"))
    Transaction.objects.filter(pk=line.pk).update(amount=Decimal(8))
    spend(7, october(9))
    line.delete()
    assert Transaction.objects.count() == 4


def test_a_category_of_a_closed_month_cannot_be_emptied_by_moving_its_lines(
    line: Transaction,
) -> None:
    food = Transaction.objects.filter(category=line.category)
    assert refused(lambda: food.update(category=category("Autre"))) == CLOSED_MONTH


@pytest.mark.parametrize("scoped", [True, False])
def test_a_person_who_goes_leaves_closed_months_behind_unchanged(
    household: Household, bob: User, scoped: bool
) -> None:
    with household_scope(household):
        transaction_create(kind=Kind.EXPENSE, amount=Decimal(5), date=october(9), created_by=bob)
        closed = month_close(period=OCTOBER, closed_by=bob)
        before = rows()
        if scoped:
            bob.delete()
    if not scoped:
        bob.delete()
    with household_scope(household):
        assert rows() == before
        assert Transaction.objects.get().created_by_id is None
        closed.refresh_from_db()
        assert (closed.count, closed.closed_by) == (1, None)


def test_the_author_of_a_closed_line_can_go_but_not_change(line: Transaction, alice: User) -> None:
    write = Transaction.objects.filter(pk=line.pk)
    assert refused(lambda: write.update(created_by=alice)) == CLOSED_MONTH
    assert refused(lambda: write.update(created_by=None, amount=Decimal(1))) == CLOSED_MONTH


@pytest.mark.parametrize("scoped", [True, False])
def test_a_household_goes_with_its_closed_months(alice: User, scoped: bool) -> None:
    doomed = household_create(name="Doomed", slug="doomed", owner=alice, language="fr")
    pk = doomed.pk
    with household_scope(doomed):
        fill_october()
        close("2026-10")
        if scoped:
            household_delete(household=doomed)
    if not scoped:
        household_delete(household=doomed)
    with backoffice_scope():
        assert not Transaction.objects.filter(household_id=pk).exists()
        assert not ClosedMonth.objects.filter(household_id=pk).exists()


def test_the_first_day_of_the_month_stays_while_months_are_closed(
    line: Transaction, scope: Household
) -> None:
    with pytest.raises(ClosedMonthsExist):
        household_update(household=scope, name="Other", currency="EUR", month_start_day=5)
    scope.refresh_from_db()
    assert (scope.name, scope.month_start_day) == ("Chez Alice", 1)
    household_update(household=scope, name="Other", currency="CHF", month_start_day=1)


def test_the_first_day_stays_outside_any_scope_too(household: Household) -> None:
    with household_scope(household):
        fill_october()
        close("2026-10")
    with pytest.raises(ClosedMonthsExist):
        household_update(household=household, name="x", currency="EUR", month_start_day=5)
    with pytest.raises(DatabaseError), transaction.atomic():
        Household.objects.filter(pk=household.pk).update(month_start_day=5)


def test_the_first_day_is_free_again_after_reopening(scope: Household) -> None:
    fill_october()
    month_reopen(closed=close("2026-10"))
    household_update(household=scope, name="x", currency="EUR", month_start_day=5)
    scope.refresh_from_db()
    assert scope.month_start_day == 5


def test_a_month_that_begins_on_the_25th_is_guarded_by_its_own_days(alice: User) -> None:
    late = household_create(
        name="Late", slug="late", owner=alice, month_start_day=25, language="fr"
    )
    with household_scope(late):
        spend(7, dt.date(2026, 9, 25))
        spend(7, dt.date(2026, 10, 24))
        month_close(period=Period.parse("2026-10", start_day=25))
        assert refused(new_line(dt.date(2026, 9, 25)).save) == CLOSED_MONTH
        assert refused(new_line(dt.date(2026, 10, 24)).save) == CLOSED_MONTH
        spend(1, dt.date(2026, 9, 24))
        spend(1, dt.date(2026, 10, 25))


def test_a_line_of_a_closed_month_can_still_be_pointed(line: Transaction) -> None:
    Transaction.objects.filter(pk=line.pk).update(pointed=True)
    assert Transaction.objects.get(pk=line.pk).pointed


def test_an_income_of_a_closed_month_stays_spread_as_it_was(household: Household) -> None:
    with household_scope(household):
        transaction_create(
            kind=Kind.INCOME, amount=Decimal(10), date=october(9), spread=[(bucket(), 100)]
        )
        month_close(period=OCTOBER)
        parts = Allotment.objects.all()
        assert refused(lambda: parts.update(amount=Decimal(9))) == CLOSED_MONTH
        assert refused(parts.delete) == CLOSED_MONTH
