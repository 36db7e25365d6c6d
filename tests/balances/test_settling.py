"""Settling what is open with a person, taking that back, and taking a person out."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.core import signing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.archives.services import month_close, month_erase
from budget.balances.check import ledger_faults
from budget.balances.selectors import NET_SIGN, person_position
from budget.balances.settling import (
    ChangedSince,
    NothingOpen,
    StillOpen,
    person_delete,
    person_settle,
    person_unsettle,
    settling_wallet,
)
from budget.core.guards import GoneMeanwhile, Refused
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import LOANS, Kind, Transaction
from budget.transactions.services import (
    NothingToComeBackTo,
    transaction_create,
    transaction_delete,
    transaction_restore,
    transaction_update,
)
from budget.users.models import Household, User
from budget.wallets.selectors import first_wallet
from tests.ledger import book, person, spend, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

DAY = dt.date(2026, 11, 3)
TODAY = dt.date(2026, 11, 21)


def booked(lines: list[Transaction]) -> list[tuple[Kind, int, dt.date]]:
    return [(Kind(line.kind), int(line.amount), line.date) for line in lines]


# Settling


def test_what_they_owe_is_collected_today(scope: Household, alice: User) -> None:
    book(Kind.LEND, 300, DAY, person=person())
    book(Kind.COLLECT, 100, DAY, person=person())
    lines = person_settle(person=person(), created_by=alice).lines
    assert booked(lines) == [(Kind.COLLECT, 200, TODAY)]
    assert lines[0].created_by == alice
    assert not person_position(person()).is_open


def test_what_is_owed_to_them_is_repaid(scope: Household) -> None:
    book(Kind.BORROW, 80, DAY, person=person())
    assert booked(person_settle(person=person()).lines) == [(Kind.REPAY, 80, TODAY)]


def test_both_are_settled_where_both_are_open(scope: Household) -> None:
    book(Kind.LEND, 100, DAY, person=person())
    book(Kind.BORROW, 30, DAY, person=person())
    assert booked(person_settle(person=person()).lines) == [
        (Kind.COLLECT, 100, TODAY),
        (Kind.REPAY, 30, TODAY),
    ]
    assert not person_position(person()).is_open


def test_a_surplus_is_given_back(scope: Household) -> None:
    book(Kind.LEND, 100, DAY, person=person())
    book(Kind.COLLECT, 120, DAY, person=person())
    assert booked(person_settle(person=person()).lines) == [(Kind.REPAY, 20, TODAY)]
    assert not person_position(person()).is_open


def test_nothing_open_is_said(scope: Household) -> None:
    spend(10, DAY)
    with pytest.raises(NothingOpen, match="Léa"):
        person_settle(person=person())


def test_the_same_button_settles_once(scope: Household) -> None:
    book(Kind.LEND, 100, DAY, person=person())
    book(Kind.BORROW, 30, DAY, person=person())
    key = uuid.uuid4()
    first = person_settle(person=person(), submission=key)
    again = person_settle(person=person(), submission=key)
    assert [line.pk for line in again.lines] == [line.pk for line in first.lines]
    assert Transaction.objects.count() == 4


def test_it_moves_the_wallet_of_the_last_loan_where_that_is_open(scope: Household) -> None:
    cash = wallet("Espèces")
    lent = book(Kind.LEND, 300, DAY, person=person(), wallet=cash)
    book(Kind.EXPENSE, 5, TODAY, person=person())
    assert settling_wallet(person()) == cash
    assert person_settle(person=person()).lines[0].wallet == cash
    Transaction.objects.exclude(pk=lent.pk).delete()
    transaction_update(
        line=lent, version=1, kind=Kind.LEND, amount=lent.amount, date=DAY, wallet=first_wallet()
    )
    assert settling_wallet(person()) == first_wallet()


def test_a_closed_wallet_is_not_moved(scope: Household) -> None:
    cash = wallet("Espèces")
    book(Kind.BORROW, 20, DAY, person=person(), wallet=cash)
    book(Kind.TRANSFER, 20, DAY, wallet=cash, to_wallet=first_wallet())
    cash.closed_at = dt.datetime(2026, 11, 4, tzinfo=dt.UTC)
    cash.save()
    assert person_settle(person=person()).lines[0].wallet == first_wallet()


def test_with_someone_who_was_removed_nothing_is_open(scope: Household) -> None:
    lea = person()
    book(Kind.EXPENSE, 20, DAY, person=lea)
    person_delete(person=lea)
    with pytest.raises(NothingOpen):
        person_settle(person=lea)


def test_a_person_deleted_meanwhile_is_not_settled(scope: Household) -> None:
    lea = person()
    person_delete(person=lea)
    with pytest.raises(GoneMeanwhile):
        person_settle(person=lea)


# Taking it back


def test_all_lines_are_taken_back_at_once(scope: Household) -> None:
    book(Kind.LEND, 100, DAY, person=person())
    book(Kind.BORROW, 30, DAY, person=person())
    token = person_settle(person=person()).undo
    assert person_unsettle(token=token) == person()
    position = person_position(person())
    assert [position.receivable, position.debt, position.count] == [100, 30, 2]
    assert person_unsettle(token=token) is None


def test_a_line_changed_since_is_not_taken_back_nor_is_the_other(scope: Household) -> None:
    book(Kind.LEND, 100, DAY, person=person())
    book(Kind.BORROW, 30, DAY, person=person())
    settlement = person_settle(person=person())
    line = settlement.lines[1]
    transaction_update(
        line=line, version=1, kind=Kind(line.kind), amount=Decimal(29), date=line.date
    )
    with pytest.raises(ChangedSince):
        person_unsettle(token=settlement.undo)
    assert Transaction.objects.count() == 4


@pytest.mark.parametrize(
    "token",
    ["", "nonsense", signing.dumps({"household": 1, "lines": []})],
    ids=["nothing", "nonsense", "signed for something else"],
)
def test_a_token_that_is_not_ours_takes_nothing_back(scope: Household, token: str) -> None:
    with pytest.raises(Refused):
        person_unsettle(token=token)


def test_another_households_token_takes_nothing_back(household: Household, charlie: User) -> None:
    with household_scope(household):
        book(Kind.LEND, 100, DAY, person=person())
        token = person_settle(person=person()).undo
    with household_scope(Household.objects.get(slug="charlie")), pytest.raises(Refused):
        person_unsettle(token=token)
    with household_scope(household):
        assert Transaction.objects.count() == 2


# Taking a person out


@pytest.mark.parametrize(
    ("loans", "said"),
    [
        ([(Kind.LEND, 200)], "200,00"),
        ([(Kind.BORROW, 50)], "50,00"),
        ([(Kind.LEND, 200), (Kind.BORROW, 200)], "200,00"),
    ],
)
def test_an_open_balance_keeps_a_person_and_says_how_much(
    scope: Household, loans: list[tuple[Kind, int]], said: str
) -> None:
    for kind, amount in loans:
        book(kind, amount, DAY, person=person())
    with pytest.raises(StillOpen) as refusal:
        person_delete(person=person())
    assert said in str(refusal.value)
    assert person().removed_at is None


def test_a_person_whom_no_line_names_is_deleted(scope: Household) -> None:
    assert person_delete(person=person()) is False
    assert not Person.objects.exists()
    assert ledger_faults() == []


def test_a_name_stays_on_its_lines_and_the_rest_is_erased(scope: Household) -> None:
    lea = person()
    Person.objects.update(email="lea@example.org", phone="06", note="Le soir")
    book(Kind.EXPENSE, 20, DAY, person=lea)
    assert person_delete(person=lea) is True
    line = Transaction.objects.select_related("person").get()
    assert line.person is not None
    assert line.person.name == "Léa"
    assert [line.person.email, line.person.phone, line.person.note] == ["", "", ""]
    assert not Person.objects.active().exists()
    with pytest.raises(GoneMeanwhile):
        person_delete(person=lea)


def test_a_repayment_form_that_was_open_meanwhile_is_told(scope: Household) -> None:
    lea = person()
    book(Kind.EXPENSE, 20, DAY, person=lea)
    person_delete(person=lea)
    with pytest.raises(GoneMeanwhile):
        transaction_create(kind=Kind.COLLECT, amount=Decimal(5), date=DAY, person=lea)


# A line of someone who was removed


def removed(*loans: tuple[Kind, int]) -> tuple[Person, list[Transaction]]:
    lea = person()
    lines = [book(kind, amount, DAY, person=lea) for kind, amount in loans]
    person_delete(person=lea)
    return lea, lines


def test_undoing_the_deletion_of_a_loan_brings_its_person_back(scope: Household) -> None:
    lea = person()
    book(Kind.EXPENSE, 5, DAY, person=lea)
    token = transaction_delete(line=book(Kind.LEND, 100, DAY, person=lea))
    person_delete(person=lea)
    assert transaction_restore(token=token).person == lea
    assert Person.objects.active().get() == lea
    assert person_position(lea).receivable == 100
    assert ledger_faults() == []


def test_undoing_the_deletion_of_a_line_that_only_named_someone_names_them_again(
    scope: Household,
) -> None:
    lea = person()
    book(Kind.EXPENSE, 5, DAY, person=lea)
    token = transaction_delete(line=book(Kind.EXPENSE, 9, DAY, person=lea))
    person_delete(person=lea)
    assert transaction_restore(token=token).person == lea
    assert not Person.objects.active().exists()


def test_what_named_someone_who_is_gone_for_good_comes_back_without_them_unless_it_is_a_loan(
    scope: Household,
) -> None:
    lea = person()
    named = transaction_delete(line=book(Kind.EXPENSE, 9, DAY, person=lea))
    lent = transaction_delete(line=book(Kind.LEND, 9, DAY, person=lea))
    person_delete(person=lea)
    assert transaction_restore(token=named).person is None
    with pytest.raises(NothingToComeBackTo):
        transaction_restore(token=lent)


def test_changing_a_settled_loan_brings_its_person_back(scope: Household) -> None:
    lea, (lent, _) = removed((Kind.LEND, 100), (Kind.COLLECT, 100))
    transaction_update(
        line=lent, version=1, kind=Kind.LEND, amount=Decimal(100), date=DAY, description="Vélo"
    )
    assert not Person.objects.active().exists()
    transaction_update(line=lent, version=2, kind=Kind.LEND, amount=Decimal(120), date=DAY)
    assert Person.objects.active().get() == lea
    assert ledger_faults() == []


def test_erasing_a_closed_month_brings_back_whom_it_had_settled(scope: Household) -> None:
    lea = person()
    book(Kind.LEND, 100, dt.date(2026, 9, 3), person=lea)
    book(Kind.COLLECT, 100, dt.date(2026, 10, 3), person=lea)
    person_delete(person=lea)
    closed = month_close(period=Period.containing(dt.date(2026, 10, 3)))
    month_erase(closed=closed)
    assert Person.objects.active().get() == lea
    assert person_position(lea).receivable == 100


# Over random histories

loans = st.lists(
    st.tuples(st.sampled_from([*LOANS, Kind.EXPENSE]), st.integers(1, 5000), st.booleans()),
    max_size=12,
)


@given(history=loans)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_persons_balance_is_their_lines_and_settling_closes_it(
    scope: Household, history: list[tuple[Kind, int, bool]]
) -> None:
    lea = Person.objects.create(first_name="Léa")
    net = Decimal(0)
    for kind, cents, deleted in history:
        line = book(kind, str(Decimal(cents) / 100), DAY, person=lea)
        if deleted:
            transaction_delete(line=line)
        else:
            net += NET_SIGN.get(kind, 0) * line.amount
    position = person_position(lea)
    assert position.net == net == position.receivable - position.debt
    assert min(position.receivable, position.debt) >= 0
    if position.is_open:
        person_settle(person=lea)
    after = person_position(lea)
    assert [after.receivable, after.debt, after.net, after.is_open] == [0, 0, 0, False]
    person_delete(person=lea)
    assert ledger_faults() == []


@given(lent=st.integers(2, 10_000), parts=st.lists(st.integers(1, 4000), max_size=6))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_repayment_brings_the_balance_down_by_its_amount(
    scope: Household, lent: int, parts: list[int]
) -> None:
    lea = Person.objects.create(first_name="Léa")
    book(Kind.LEND, lent, DAY, person=lea)
    left = Decimal(lent)
    for part in parts:
        book(Kind.COLLECT, part, DAY, person=lea)
        left -= part
        position = person_position(lea)
        assert position.net == left
        assert [position.receivable, position.debt] == [max(left, 0), max(-left, 0)]
