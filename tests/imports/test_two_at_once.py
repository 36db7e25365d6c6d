"""Two imports at the same moment, and one that is killed in the middle: real transactions."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError, connection

from budget.balances.check import ledger_faults
from budget.core.guards import Refused
from budget.core.tenancy import household_scope
from budget.imports import entering, progress
from budget.imports.entering import NotWaiting, import_confirm
from budget.imports.models import Choice, Finding, Import, ImportFile, ImportState
from budget.imports.recognition import read
from budget.imports.services import import_receive
from budget.imports.undoing import import_undo
from budget.transactions.models import Transaction
from budget.users.models import Household
from tests.conftest import TODAY
from tests.imports.bank import csv, findings, move, ofx
from tests.ledger import spend

pytestmark = pytest.mark.django_db(transaction=True)

MOVED = [move(n, f"-{n}.00", f"CARTE MAGASIN {n}") for n in range(1, 8)]


def in_thread(pool: ThreadPoolExecutor, household: Household, what: Any) -> Future[Any]:
    """Do something in a household on a connection of its own; what it gave, or why it was not."""

    def run() -> Any:
        try:
            with household_scope(household):
                return what()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    return pool.submit(run)


def staged(household: Household, *contents: bytes) -> list[Import]:
    with household_scope(household):
        return [
            import_receive(file_name=f"{n}", content=content, user=None)
            for n, content in enumerate(contents)
        ]


def test_the_same_file_received_twice_at_once_waits_once(household: Household) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [
            in_thread(
                pool,
                household,
                lambda: import_receive(file_name="a", content=csv(MOVED), user=None).pk,
            )
            for _n in range(2)
        ]
        assert len({each.result(30) for each in both}) == 1
    with household_scope(household):
        assert Import.objects.count() == 1


def test_others_write_while_a_long_file_is_read(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
        spend(5, TODAY)

    def slowly(*what: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            in_thread(pool, household, write).result()
        return read(*what)

    monkeypatch.setattr("budget.imports.services.read", slowly)
    staged(household, csv(MOVED))
    with household_scope(household):
        assert Transaction.objects.count() == 1


def test_one_file_confirmed_twice_at_once_is_imported_once(household: Household) -> None:
    (source,) = staged(household, csv(MOVED))
    with ThreadPoolExecutor(2) as pool:
        both = [
            in_thread(pool, household, lambda: import_confirm(source=source, user=None))
            for _n in range(2)
        ]
        answers = [each.result(30) for each in both]
    assert 0 in answers
    assert any(isinstance(answer, NotWaiting) for answer in answers)
    with household_scope(household):
        assert Transaction.objects.count() == len(MOVED)


@pytest.mark.parametrize("other", [csv, ofx])
def test_two_files_with_the_same_lines_bring_each_once(household: Household, other: Any) -> None:
    sources = staged(household, csv(MOVED), other([*MOVED, move(9, "-9.00")]))
    with ThreadPoolExecutor(2) as pool:
        both = [
            in_thread(pool, household, lambda each=each: import_confirm(source=each, user=None))
            for each in sources
        ]
        changed = [each.result(30) for each in both]
    assert sorted(changed) == [0, 7]  # the one that came second is looked at again
    with household_scope(household):
        again = sources[0 if changed[0] else 1]
        assert import_confirm_again(again) in {0, None}
        assert Transaction.objects.count() == 8
        assert ledger_faults() == []


def import_confirm_again(source: Import) -> int | None:
    """Import what is new; None where nothing is."""
    if all(choice == Choice.LEAVE for _finding, choice in findings(source)):
        return None
    return import_confirm(source=source, user=None)


def test_a_file_that_is_confirmed_while_the_same_is_taken_back_is_looked_at_again(
    household: Household,
) -> None:
    (first,) = staged(household, csv(MOVED))
    with household_scope(household):
        import_confirm(source=first, user=None)
    (second,) = staged(household, ofx([*MOVED, move(9, "-9.00")]))
    with household_scope(household):
        import_undo(source=first, user=None)
    with household_scope(household):
        assert import_confirm(source=second, user=None) == 7
        assert {finding for finding, _choice in findings(second)} == {Finding.NEW}
        assert import_confirm(source=second, user=None) == 0
        assert Transaction.objects.count() == 8


def nothing_is_written(household: Household, source: Import) -> None:
    with household_scope(household):
        source.refresh_from_db()
        assert source.state == ImportState.READY
        assert ImportFile.objects.filter(source=source).exists()
        assert not Transaction.objects.exists()
        assert ledger_faults() == []
    assert progress.told(source.pk) is None


def test_a_failure_in_the_last_batch_leaves_nothing_and_can_be_tried_again(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = staged(household, csv(MOVED))
    monkeypatch.setattr(entering, "BATCH", 2)
    tell, told = progress.tell, []

    def failing(pk: int, step: str, done: int, total: int) -> None:
        tell(pk, step, done, total)
        told.append(done)
        if done == 6:
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(progress, "tell", failing)
    with pytest.raises(RuntimeError), household_scope(household):
        import_confirm(source=source, user=None)
    assert told == [0, 2, 4, 6]
    nothing_is_written(household, source)

    monkeypatch.setattr(progress, "tell", tell)
    with household_scope(household):
        assert import_confirm(source=source, user=None) == 0
        assert Transaction.objects.count() == len(MOVED)


def test_progress_is_told_and_a_server_that_is_killed_leaves_nothing(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,) = staged(household, csv(MOVED))
    monkeypatch.setattr(entering, "BATCH", 3)
    half_way, killed = Event(), Event()
    backends: list[int] = []
    tell = progress.tell

    def waiting(pk: int, step: str, done: int, total: int) -> None:
        tell(pk, step, done, total)
        if done == 3:
            backends.append(connection.connection.info.backend_pid)
            half_way.set()
            killed.wait(20)

    monkeypatch.setattr(progress, "tell", waiting)

    def confirming() -> str:
        try:
            with suppress(Refused), household_scope(household):
                import_confirm(source=source, user=None)
        except OperationalError:
            return "killed"
        finally:
            connection.close()
        return "through"

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(confirming)
        assert half_way.wait(30)
        assert progress.told(source.pk) == progress.Told("writing", 3, 7)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", backends)
        killed.set()
        assert answer.result(30) == "killed"
    nothing_is_written(household, source)

    monkeypatch.setattr(progress, "tell", tell)
    with household_scope(household):
        assert import_confirm(source=source, user=None) == 0
        assert Transaction.objects.count() == len(MOVED)
