"""What was shown is looked at again when it is confirmed, and entered all or nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close, month_reopen
from budget.balances.check import ledger_faults
from budget.core.guards import ClosedHolder
from budget.core.periods import Period
from budget.imports import entering
from budget.imports.entering import NothingChosen, NotWaiting, WalletUnknown, import_confirm
from budget.imports.models import Choice, Finding, Import, ImportState
from budget.imports.undoing import import_undo
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_delete
from budget.users.models import User
from budget.wallets.models import Wallet
from tests.imports.bank import bring_in, csv, day, findings, lines, move, ofx, receive
from tests.ledger import bucket, category, spend, wallet

pytestmark = pytest.mark.usefixtures("scope")

COFFEE = move(5, "-4.80", "CARTE BIOCOOP")
OTHER = move(9, "-9.00", "CARTE SNCF")
NEW = (Finding.NEW, Choice.ADD)


def test_a_line_says_what_the_person_chose_and_the_bank_said(alice: User) -> None:
    source = receive(csv([COFFEE]))
    lines(source).update(category=category(), description="Courses")
    assert import_confirm(source=source, user=alice) == 0
    line = Transaction.objects.get()
    assert (line.description, line.bank_label) == ("Courses", "CARTE BIOCOOP")
    assert (line.category, line.kind, line.amount) == (category(), Kind.EXPENSE, Decimal("4.80"))
    assert (line.created_by, line.pointed, line.version) == (alice, True, 1)
    source.refresh_from_db()
    assert (source.done_by, source.added, source.joined, source.left) == (alice, 1, 0, 0)
    with pytest.raises(NotWaiting):
        import_confirm(source=source, user=alice)


def test_the_envelope_of_a_category_is_the_lines_unless_it_is_closed() -> None:
    food = category()
    food.bucket = bucket()
    food.save()
    source = receive(csv([COFFEE]))
    lines(source).update(category=food)
    import_confirm(source=source, user=None)
    assert Transaction.objects.get().bucket == bucket()


def test_nothing_is_imported_of_nothing() -> None:
    source = receive(csv([COFFEE]))
    lines(source).update(choice=Choice.LEAVE)
    with pytest.raises(NothingChosen):
        import_confirm(source=source, user=None)


def test_without_a_wallet_nothing_is_imported() -> None:
    wallet("Livret")
    with pytest.raises(WalletUnknown):
        import_confirm(source=receive(csv([COFFEE])), user=None)


def test_into_a_wallet_that_was_closed_nothing_is_imported() -> None:
    savings = wallet("Livret")
    source = receive(csv([COFFEE]), savings)
    Wallet.objects.filter(pk=savings.pk).update(closed_at="2026-11-01T00:00Z")
    with pytest.raises(ClosedHolder):
        import_confirm(source=source, user=None)


def test_a_known_line_that_is_wanted_again_is_there_twice() -> None:
    bring_in(csv([COFFEE]))
    source = receive(csv([COFFEE, OTHER]))
    lines(source).update(choice=Choice.ADD)
    assert import_confirm(source=source, user=None) == 0
    assert Transaction.objects.filter(amount=Decimal("4.80")).count() == 2
    import_undo(source=source, user=None)
    assert Transaction.objects.count() == 1


def changes_to(source: Import, *expected: tuple[str, str], changed: int = 1) -> None:
    """It is not imported, but shown again as expected; then it can be imported."""
    before = Transaction.objects.count()
    assert import_confirm(source=source, user=None) == changed
    assert findings(source) == list(expected)
    assert Transaction.objects.count() == before
    source.refresh_from_db()
    assert source.state == ImportState.READY
    if any(choice != Choice.LEAVE for _finding, choice in expected):
        assert import_confirm(source=source, user=None) == 0
    assert ledger_faults() == []


def test_what_was_entered_by_hand_meanwhile_is_offered() -> None:
    source = receive(csv([COFFEE, OTHER]))
    spend("4.80", day(5), description="Biocoop")
    changes_to(source, (Finding.MATCH, Choice.JOIN), NEW)
    assert Transaction.objects.count() == 2


def test_what_would_be_merged_and_has_gone_is_new() -> None:
    line = spend("4.80", day(5), description="Biocoop")
    source = receive(csv([COFFEE, OTHER]))
    assert findings(source) == [(Finding.MATCH, Choice.JOIN), NEW]
    transaction_delete(line=line)
    changes_to(source, NEW, NEW)


def test_what_would_be_merged_and_has_another_amount_is_new() -> None:
    line = spend("4.80", day(5), description="Biocoop")
    source = receive(csv([COFFEE, OTHER]))
    line.amount = Decimal("4.90")
    line.save()
    changes_to(source, NEW, NEW)


def test_what_would_be_merged_and_goes_the_other_way_is_new() -> None:
    line = spend("4.80", day(5), description="Biocoop")
    source = receive(csv([COFFEE, OTHER]))
    line.kind = Kind.INCOME
    line.save()
    changes_to(source, NEW, NEW)


def test_what_another_import_took_is_new() -> None:
    spend("4.80", day(6), description="Biocoop")
    source = receive(csv([COFFEE, OTHER]))
    bring_in(csv([move(7, "-4.80", "CARTE BIOCOOP")]))
    changes_to(source, NEW, NEW)


def test_with_one_line_gone_the_next_best_is_found() -> None:
    line = spend("4.80", day(5), description="Biocoop")
    second = spend("4.80", day(7), description="Biocoop")
    source = receive(csv([COFFEE, OTHER]))
    transaction_delete(line=line)
    changes_to(source, (Finding.MATCH, Choice.JOIN), NEW)
    second.refresh_from_db()
    assert second.pointed


def test_what_was_imported_meanwhile_is_left_out() -> None:
    source = receive(csv([COFFEE, OTHER]))
    bring_in(csv([COFFEE]))
    changes_to(source, (Finding.KNOWN, Choice.LEAVE), NEW)


def test_what_was_imported_in_another_format_meanwhile_is_left_out() -> None:
    source = receive(csv([COFFEE, OTHER]))
    bring_in(ofx([COFFEE]))
    changes_to(source, (Finding.PROBABLE, Choice.LEAVE), NEW)


def test_what_was_closed_meanwhile_is_left_out_and_what_was_reopened_comes_back() -> None:
    spend(1, day(3, 10))
    october = Period.containing(day(3, 10))
    old = move(5, "-4.80")
    booked = [type(old)(day(5, 10), old.amount, old.label), OTHER]
    source = receive(csv(booked))
    month_close(period=october)
    assert import_confirm(source=source, user=None) == 1
    assert findings(source) == [(Finding.CLOSED, Choice.LEAVE), NEW]
    month_reopen(closed=ClosedMonth.objects.get())
    changes_to(source, NEW, NEW)


def test_what_the_person_decided_stays_decided() -> None:
    bring_in(ofx([COFFEE]))
    spend("9.00", day(9), description="SNCF")
    source = receive(csv([COFFEE, OTHER, move(12, "-1.00")]))
    wanted = [(Finding.PROBABLE, Choice.ADD), (Finding.MATCH, Choice.ADD)]
    lines(source).update(choice=Choice.ADD)
    lines(source).filter(date=day(12)).update(choice=Choice.LEAVE)
    spend("33.00", day(9))  # something moved, so that all is looked at again
    assert import_confirm(source=source, user=None) == 0
    assert findings(source) == [*wanted, (Finding.NEW, Choice.LEAVE)]
    assert Transaction.objects.count() == 5


def test_a_line_is_merged_once_even_if_two_are_told_so() -> None:
    line = spend("4.80", day(5), description="Biocoop")
    source = receive(csv([COFFEE, COFFEE]))
    lines(source).update(choice=Choice.JOIN, finding=Finding.MATCH, found=line.pk)
    assert import_confirm(source=source, user=None) == 1
    assert sorted(findings(source)) == sorted([(Finding.MATCH, Choice.JOIN), NEW])


def test_the_line_of_another_wallet_cannot_be_merged_as_if_it_were_this_ones() -> None:
    savings = wallet("Livret")
    line = spend("4.80", day(5), description="Biocoop")
    source = receive(csv([COFFEE, OTHER]), savings)
    lines(source).filter(date=day(5)).update(
        choice=Choice.JOIN, finding=Finding.MATCH, found=line.pk
    )
    changes_to(source, NEW, NEW)


def test_in_batches_every_line_is_entered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entering, "BATCH", 3)
    bring_in(csv([move(n, f"-{n}.00") for n in range(1, 9)]))
    assert Transaction.objects.count() == 8


def test_a_hundred_lines_take_as_many_queries_as_two() -> None:
    counts = []
    for start, number in ((100, 2), (200, 2), (300, 100)):
        moved = [move(5, f"-{start + n}.00", f"MAGASIN {n}") for n in range(number)]
        source = receive(csv(moved))
        with CaptureQueriesContext(connection) as queries:
            assert import_confirm(source=source, user=None) == 0
        counts.append(len(queries))
    assert counts[1] == counts[2]
