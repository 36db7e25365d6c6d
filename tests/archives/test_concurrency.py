"""Two connections at once: a line written while its month closes is counted, or refused."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from budget.archives.models import ClosedMonth, ClosedMonthLine
from budget.archives.services import (
    AlreadyClosed,
    month_close,
    month_erase,
    month_reopen,
    months_close_older,
)
from budget.core import guards
from budget.core.guards import CLOSED_MONTH, ClosedMonthsExist, Refused
from budget.core.tenancy import household_scope
from budget.transactions.models import Transaction
from budget.users.models import Household
from budget.users.services import household_update
from tests.archives.months import OCTOBER, close, fill_october, october
from tests.ledger import spend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("today")]

PATIENCE = 10.0


def until_somebody_waits() -> None:
    """Return once a connection waits for another's lock."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database())"
            )
            if cursor.fetchone() == (True,):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


class Race:
    """Runs writes in threads, each with a connection and a household scope of its own."""

    def __init__(self, household: Household, pool: ThreadPoolExecutor) -> None:
        self.household = household
        self.pool = pool

    def start[T](self, write: Callable[[], T], *, hold: threading.Event | None = None) -> Future[T]:
        """Run `write`; with `hold`, commit only once that is set. Returns when it has written."""
        written = threading.Event()

        def run() -> T:
            try:
                with household_scope(Household.objects.get(pk=self.household.pk)):
                    result = write()
                    written.set()
                    assert hold is None or hold.wait(PATIENCE)
                    return result
            finally:
                written.set()
                connection.close()

        future = self.pool.submit(run)
        if hold is not None:
            assert written.wait(PATIENCE)
        return future

    def second_waits[A, B](
        self, first: Callable[[], A], second: Callable[[], B]
    ) -> tuple[Future[A], Future[B]]:
        """Let `first` write, `second` begin and wait for it, then `first` commit."""
        commit = threading.Event()
        one = self.start(first, hold=commit)
        two = self.start(second)
        until_somebody_waits()
        assert not two.done()
        commit.set()
        one.exception(PATIENCE)
        two.exception(PATIENCE)
        return one, two


@pytest.fixture
def race(household: Household) -> Iterator[Race]:
    with household_scope(household):
        fill_october()
    with ThreadPoolExecutor(2) as pool:
        yield Race(household, pool)


@contextmanager
def afterwards(race: Race) -> Iterator[None]:
    with household_scope(race.household):
        yield


def test_closing_waits_for_a_line_being_written_and_counts_it(race: Race) -> None:
    _, closing = race.second_waits(
        lambda: spend(7, october(9)), lambda: month_close(period=OCTOBER)
    )
    assert closing.result().count == 5
    with afterwards(race):
        assert Transaction.objects.count() == 5


def test_a_line_written_while_its_month_closes_is_refused(race: Race) -> None:
    closing, writing = race.second_waits(
        lambda: month_close(period=OCTOBER), lambda: spend(7, october(9))
    )
    assert closing.result().count == 4
    assert isinstance(writing.exception(), guards.ClosedMonth)
    with afterwards(race):
        assert Transaction.objects.count() == 4


def test_a_line_changed_while_its_month_closes_is_refused(race: Race) -> None:
    def rewrite() -> int:
        return Transaction.objects.filter(date=october(3)).update(amount=1)

    closing, writing = race.second_waits(lambda: month_close(period=OCTOBER), rewrite)
    assert closing.result().expenses == Decimal("92.40")
    assert getattr(getattr(writing.exception(), "__cause__", None), "sqlstate", "") == CLOSED_MONTH
    with afterwards(race):
        assert not Transaction.objects.filter(amount=1).exists()


def test_a_line_of_another_month_waits_and_is_written(race: Race) -> None:
    _, writing = race.second_waits(
        lambda: month_close(period=OCTOBER), lambda: spend(7, dt.date(2026, 11, 9))
    )
    assert writing.result().amount == 7


def test_of_two_who_close_the_same_month_one_does(race: Race) -> None:
    first, second = race.second_waits(
        lambda: month_close(period=OCTOBER), lambda: month_close(period=OCTOBER)
    )
    assert first.exception() is None
    assert isinstance(second.exception(), AlreadyClosed)
    with afterwards(race):
        assert ClosedMonth.objects.count() == 1
        assert ClosedMonthLine.objects.count() == 3


def test_the_second_of_two_that_close_old_months_finds_nothing(race: Race) -> None:
    first, second = race.second_waits(
        lambda: months_close_older(older_than=0), lambda: months_close_older(older_than=0)
    )
    assert [month.count for month in first.result()] == [4]
    assert second.result() == []


def test_the_command_waits_for_another_and_finds_nothing(race: Race) -> None:
    out = StringIO()

    def command() -> None:
        call_command("archive_months", "--older-than=0", "--household=alice", stdout=out)

    race.second_waits(lambda: months_close_older(older_than=0), command)
    assert "alice: nothing to close" in out.getvalue()


def test_the_first_day_of_the_month_does_not_move_while_a_month_closes(race: Race) -> None:
    def move() -> None:
        household_update(household=race.household, name="x", currency="EUR", month_start_day=5)

    _, moving = race.second_waits(lambda: month_close(period=OCTOBER), move)
    assert isinstance(moving.exception(), ClosedMonthsExist)


def test_a_month_is_not_closed_with_the_first_day_of_before(race: Race) -> None:
    def move() -> None:
        household_update(household=race.household, name="x", currency="EUR", month_start_day=5)

    _, closing = race.second_waits(move, lambda: month_close(period=OCTOBER))
    assert isinstance(closing.exception(), Refused)
    race.household.refresh_from_db()
    with afterwards(race):
        assert not ClosedMonth.objects.exists()


def test_a_line_waits_for_reopening_and_is_written(race: Race) -> None:
    with afterwards(race):
        closed = close("2026-10")
    _, writing = race.second_waits(
        lambda: month_reopen(closed=closed), lambda: spend(7, october(9))
    )
    assert writing.result().amount == 7


def test_of_two_who_erase_and_reopen_the_second_is_told(race: Race) -> None:
    with afterwards(race):
        closed = close("2026-10")
    reopening, erasing = race.second_waits(
        lambda: month_reopen(closed=closed), lambda: month_erase(closed=closed)
    )
    assert reopening.exception() is None
    assert isinstance(erasing.exception(), Refused)
    with afterwards(race):
        assert Transaction.objects.count() == 4
