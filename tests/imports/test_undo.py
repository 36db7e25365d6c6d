"""An import is taken back whole, and what it was merged with is again what it was."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.balances.reconciling import reconciliation_close, reconciliation_create
from budget.core.guards import ClosedMonth
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.imports.models import Choice, Finding, Import, ImportLine, ImportState
from budget.imports.undoing import LinesReconciled, NotImported, import_undo
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_delete
from budget.users.models import Household
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.imports.bank import Movement, bring_in, confirm, csv, day, lines, move, ofx, receive
from tests.ledger import book, bucket, category, person, spend, wallet

pytestmark = pytest.mark.usefixtures("scope")

OUT = move(3, "-500.00", "VIR LIVRET A")
IN = move(4, "500.00", "VIREMENT DE MME MARTIN")


@pytest.fixture
def current() -> Wallet:
    return first_wallet()


@pytest.fixture
def savings() -> Wallet:
    return wallet("Livret")


def ledger() -> list[Any]:
    """All that the ledger says, but for how often and when it was written."""
    return list(
        Transaction.objects.order_by("pk").values(
            "pk",
            "kind",
            "amount",
            "date",
            "category",
            "wallet",
            "to_wallet",
            "bucket",
            "person",
            "pointed",
            "to_pointed",
            "description",
            "note",
            "bank_label",
        )
    )


def undo(source: Import) -> None:
    import_undo(source=source, user=None)


def agrees() -> None:
    """Every line of a bank that is in the ledger stands there once, on its wallet's side."""
    assert ledger_faults() == []
    written = ImportLine.objects.filter(statement__source__state=ImportState.DONE)
    for line in written.exclude(choice=Choice.LEAVE).select_related("statement"):
        key = line.entry if line.choice == Choice.ADD else line.found
        entered = Transaction.objects.get(pk=key or 0)
        sides = {side.wallet: side.pointed for side in entered.sides()}
        assert sides[line.statement.wallet_id], f"{line} is not pointed in its wallet"
        assert entered.amount == abs(line.amount or 0)


def test_what_was_merged_is_as_the_person_had_left_it(current: Wallet) -> None:
    spend("41.20", day(2), category(), "Biocoop", note="avec Léa")
    before = ledger()
    source = bring_in(csv([move(3, "-41.20", "CARTE BIOCOOP"), move(4, "-1.00")]))
    undo(source)
    assert ledger() == before
    source.refresh_from_db()
    assert source.state == ImportState.UNDONE
    with pytest.raises(NotImported):
        undo(source)


def test_what_was_pointed_by_hand_stays_so(current: Wallet) -> None:
    spend("41.20", day(2), description="Biocoop")
    Transaction.objects.update(pointed=True)
    before = ledger()
    undo(bring_in(csv([move(3, "-41.20", "CARTE BIOCOOP")])))
    assert ledger() == before


def test_a_transfer_becomes_the_expense_again_that_it_was(current: Wallet, savings: Wallet) -> None:
    book(
        Kind.EXPENSE,
        500,
        day(3),
        wallet=current,
        category=category(),
        bucket=bucket(),
        person=person(),
        description="Virement livret",
    )
    before = ledger()
    source = bring_in(ofx([IN]), savings)
    assert Transaction.objects.get().kind == Kind.TRANSFER
    undo(source)
    assert ledger() == before


def test_a_category_that_has_gone_since_is_left_out(current: Wallet, savings: Wallet) -> None:
    book(Kind.EXPENSE, 500, day(3), wallet=current, category=category(), description="Vir livret")
    source = bring_in(ofx([IN]), savings)
    category().delete()
    undo(source)
    line = Transaction.objects.get()
    assert (line.kind, line.category, line.wallet) == (Kind.EXPENSE, None, current)


def test_the_other_bank_keeps_its_half_when_the_first_is_taken_back(
    current: Wallet, savings: Wallet
) -> None:
    first = bring_in(csv([OUT]), current)
    second = bring_in(ofx([IN]), savings)
    undo(first)

    agrees()
    line = Transaction.objects.get()
    assert (line.kind, line.wallet, line.to_wallet) == (Kind.INCOME, savings, None)
    assert (line.date, line.bank_label, line.pointed) == (IN.date, IN.label, True)
    second.refresh_from_db()
    assert (second.added, second.joined) == (1, 0)

    again = bring_in(csv([OUT]), current)  # and it is one transfer again
    agrees()
    assert Transaction.objects.get().kind == Kind.TRANSFER
    undo(second)
    undo(again)
    assert not Transaction.objects.exists()


def test_two_accounts_of_one_file_go_together(current: Wallet, savings: Wallet) -> None:
    halves = [
        Movement(OUT.date, OUT.amount, OUT.label, account="00011122233"),
        Movement(IN.date, IN.amount, IN.label, account="00044455566"),
    ]
    undo(bring_in(ofx(halves), current, savings))
    assert not Transaction.objects.exists()


def test_what_two_banks_said_stays_as_long_as_one_is_in_the_ledger(current: Wallet) -> None:
    first = bring_in(csv([move(5, "-4.80")]))
    changed = Transaction.objects.get()
    changed.category = category()
    changed.save()
    second = receive(ofx([move(5, "-4.80")]))
    lines(second).update(choice=Choice.JOIN)
    confirm(second)
    undo(first)
    agrees()
    assert Transaction.objects.get().category == category()
    assert list(lines(receive(csv([move(5, "-4.80")]))).values_list("finding", flat=True)) == [
        Finding.PROBABLE
    ]
    undo(second)
    assert not Transaction.objects.exists()


def test_what_the_person_deleted_since_is_no_hindrance(current: Wallet, savings: Wallet) -> None:
    spend("41.20", day(2), description="Biocoop")
    source = bring_in(csv([move(3, "-41.20", "CARTE BIOCOOP"), OUT]), current)
    other = bring_in(ofx([IN]), savings)
    for line in Transaction.objects.all():
        transaction_delete(line=line)
    undo(source)
    undo(other)
    assert not Transaction.objects.exists()


def reconcile(of: Wallet, balance: str) -> None:
    made = reconciliation_create(wallet=of, date=day(20), balance=Decimal(balance))
    reconciliation_close(reconciliation=made)


def test_lines_that_are_reconciled_are_not_taken_back(current: Wallet, savings: Wallet) -> None:
    first = bring_in(csv([OUT]), current)
    second = bring_in(ofx([IN]), savings)
    before = ledger()
    reconcile(savings, "500.00")
    with pytest.raises(LinesReconciled):
        undo(second)
    assert ledger() == before

    undo(first)  # the other side; what is reconciled stays so
    line = Transaction.objects.get()
    assert line.reconciliation
    assert line.wallet == savings
    agrees()
    with pytest.raises(LinesReconciled):
        undo(second)


def test_what_was_merged_and_reconciled_is_not_taken_back(current: Wallet) -> None:
    spend("41.20", day(2), description="Biocoop")
    source = bring_in(csv([move(3, "-41.20", "CARTE BIOCOOP")]))
    reconcile(current, "-41.20")
    with pytest.raises(LinesReconciled):
        undo(source)


def test_what_was_reconciled_before_it_was_merged_may_be(current: Wallet) -> None:
    spend("41.20", day(2), description="Biocoop")
    Transaction.objects.update(pointed=True)
    reconcile(current, "-41.20")
    before = ledger()
    undo(bring_in(csv([move(3, "-41.20", "CARTE BIOCOOP")])))
    assert ledger() == before


def october(on: int, amount: str, label: str) -> Movement:
    return Movement(day(on, 10), Decimal(amount), label)


def close_october() -> None:
    month_close(period=Period.containing(day(15, 10)))


def test_nothing_leaves_a_closed_month(current: Wallet, savings: Wallet) -> None:
    added = bring_in(csv([october(3, "-500.00", "VIR LIVRET A")]), current)
    converted = bring_in(ofx([october(4, "500.00", "VIREMENT")]), savings)
    close_october()
    before = ledger()
    for source in (added, converted):
        with pytest.raises(ClosedMonth):
            undo(source)
    assert ledger() == before


def test_a_line_of_a_closed_month_is_pointed_and_no_longer(current: Wallet) -> None:
    spend("41.20", day(3, 10), description="Biocoop")
    close_october()
    before = ledger()
    source = bring_in(csv([october(3, "-41.20", "CARTE BIOCOOP"), move(5, "-1.00")]))
    line = Transaction.objects.get(date=day(3, 10))
    assert (line.pointed, line.bank_label) == (True, "")
    undo(source)
    assert ledger() == before


def test_a_hundred_lines_take_as_many_queries_as_two(current: Wallet, savings: Wallet) -> None:
    counts = []
    for start, number in ((1000, 2), (2000, 2), (3000, 100)):
        out = csv([move(5, f"-{start + n}.00", "VIR LIVRET") for n in range(number)])
        into = ofx([move(5, f"{start + n}.00", "VIREMENT") for n in range(number)])
        with CaptureQueriesContext(connection) as queries:
            first, second = bring_in(out, current), bring_in(into, savings)
            undo(first)
            undo(second)
        assert second.joined == number
        counts.append(len(queries))
    assert counts[1] == counts[2]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Movement], list[Movement], list[Movement]]:
    """What moved on two accounts, and what of it a person entered by hand."""
    amounts = st.sampled_from(["4.80", "50.00", "500.00"])
    days = st.integers(2, 12)
    here: list[Movement] = []
    there: list[Movement] = []
    for _each in range(draw(st.integers(1, 5))):
        what, on, amount = draw(st.sampled_from("stx")), draw(days), draw(amounts)
        if what == "s":
            here.append(move(on, f"-{amount}", draw(st.sampled_from(["CAFE", "BIOCOOP"]))))
        elif what == "x":
            there.append(move(on, amount, "INTERETS"))
        else:
            here.append(move(on, f"-{amount}", "VIR LIVRET"))
            there.append(move(on + draw(st.integers(0, 2)), amount, "VIREMENT"))
    by_hand = [each for each in here + there if draw(st.booleans())]
    return here, there, by_hand


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), order=st.randoms(use_true_random=False))
def test_imports_taken_back_in_any_order_leave_the_ledger_as_it_was(
    household: Household,
    history: tuple[list[Movement], list[Movement], list[Movement]],
    order: random.Random,
) -> None:
    here, there, by_hand = history
    with household_scope(household), transaction.atomic():
        current, savings = first_wallet(), wallet("Livret")
        for each in by_hand:
            of = current if each in here else savings
            if each.label.startswith("VIR") and order.random() < 0.5:
                away = {"wallet": current, "to_wallet": savings}
                book(Kind.TRANSFER, abs(each.amount), each.date, **away)  # type: ignore[arg-type]
            else:
                kind = Kind.EXPENSE if each.amount < 0 else Kind.INCOME
                words = order.choice([each.label, "", "autre"])
                book(kind, abs(each.amount), each.date, wallet=of, description=words)  # type: ignore[arg-type]
        before = ledger()
        files = [
            (make(moved), of)
            for make, moved, of in [
                (csv, here, current),
                (ofx, here, current),
                (csv, there, savings),
                (ofx, there, savings),
            ]
            if moved
        ]
        order.shuffle(files)
        done = []
        for content, of in files:
            source = receive(content, of)
            for line in lines(source).filter(found__isnull=False):
                if order.random() < 0.4 and line.finding != Finding.KNOWN:
                    line.choice = order.choice([Choice.JOIN, Choice.ADD])
                    line.save()
            confirm(source)
            source.refresh_from_db()
            if source.state == ImportState.DONE:
                done.append(source)
            agrees()
        order.shuffle(done)
        for source in done:
            undo(source)
            agrees()
        assert ledger() == before
        transaction.set_rollback(True)
