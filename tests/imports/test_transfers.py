"""The two halves of a transfer, wherever they come from, are one."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.balances.selectors import wallet_balance
from budget.core.periods import Period
from budget.imports.entering import import_confirm
from budget.imports.models import Choice, Finding, Rule
from budget.imports.undoing import import_undo
from budget.transactions.models import Kind, Transaction
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.imports.bank import (
    Movement,
    bring_in,
    confirm,
    csv,
    day,
    findings,
    lines,
    move,
    ofx,
    receive,
)
from tests.ledger import book, bucket, category, person, wallet

pytestmark = pytest.mark.usefixtures("scope")

OUT = move(3, "-500.00", "VIR LIVRET A")
IN = move(4, "500.00", "VIREMENT DE MME MARTIN")
JOINED = (Finding.TRANSFER, Choice.JOIN)
OFFERED = (Finding.TRANSFER, Choice.ADD)
NEW = (Finding.NEW, Choice.ADD)


@pytest.fixture
def current() -> Wallet:
    return first_wallet()


@pytest.fixture
def savings() -> Wallet:
    return wallet("Livret")


def is_one_transfer(current: Wallet, savings: Wallet) -> Transaction:
    line = Transaction.objects.get()
    assert (line.kind, line.wallet, line.to_wallet) == (Kind.TRANSFER, current, savings)
    assert (line.pointed, line.to_pointed) == (True, True)
    assert wallet_balance(current).balance == -500
    assert wallet_balance(savings).balance == 500
    assert ledger_faults() == []
    return line


@pytest.mark.parametrize("out_first", [True, False])
def test_files_of_two_wallets_in_either_order_give_one_transfer(
    current: Wallet, savings: Wallet, out_first: bool
) -> None:
    files = [(csv([OUT]), current), (ofx([IN]), savings)]
    for content, of in files if out_first else files[::-1]:
        source = bring_in(content, of)
    assert findings(source) == [JOINED]
    assert (source.added, source.joined) == (0, 1)
    is_one_transfer(current, savings)


def test_two_files_that_wait_at_once_give_one_transfer(current: Wallet, savings: Wallet) -> None:
    first, second = receive(csv([OUT]), current), receive(ofx([IN]), savings)
    assert [*findings(first), *findings(second)] == [NEW, NEW]

    assert import_confirm(source=first, user=None) == 0
    assert import_confirm(source=second, user=None) == 1  # the person looks again
    assert findings(second) == [JOINED]
    assert import_confirm(source=second, user=None) == 0
    is_one_transfer(current, savings)


@pytest.mark.parametrize("backwards", [True, False])
def test_two_accounts_of_one_file_give_one_transfer(
    current: Wallet, savings: Wallet, backwards: bool
) -> None:
    halves = [
        Movement(OUT.date, OUT.amount, OUT.label, account="00011122233"),
        Movement(IN.date, IN.amount, IN.label, account="00044455566"),
    ]
    wallets = [current, savings]
    if backwards:
        halves.reverse()
        wallets.reverse()
    source = receive(ofx(halves), *wallets)
    out, into = lines(source).order_by("amount")
    assert (out.finding, out.choice, out.found) == (Finding.TRANSFER, Choice.ADD, None)
    assert out.to_wallet == savings
    assert (into.finding, into.choice, into.found) == (*JOINED, out.entry)
    confirm(source)
    assert (source.added, source.joined) == (1, 1)
    is_one_transfer(current, savings)


def test_a_half_whose_other_half_the_person_leaves_out_stands_alone(
    current: Wallet, savings: Wallet
) -> None:
    halves = [
        Movement(OUT.date, OUT.amount, OUT.label, account="00011122233"),
        Movement(IN.date, IN.amount, IN.label, account="00044455566"),
    ]
    source = receive(ofx(halves), current, savings)
    lines(source).filter(choice=Choice.ADD).update(choice=Choice.LEAVE)
    assert import_confirm(source=source, user=None) == 1
    confirm(source)
    line = Transaction.objects.get()
    assert (line.kind, line.wallet) == (Kind.INCOME, savings)


def test_halves_that_the_person_parts_are_two_lines(current: Wallet, savings: Wallet) -> None:
    halves = [
        Movement(OUT.date, OUT.amount, OUT.label, account="00011122233"),
        Movement(IN.date, IN.amount, IN.label, account="00044455566"),
    ]
    source = receive(ofx(halves), current, savings)
    lines(source).filter(choice=Choice.JOIN).update(choice=Choice.ADD)
    confirm(source)
    entered = Transaction.objects.order_by("date")
    assert [line.kind for line in entered] == [Kind.EXPENSE, Kind.INCOME]
    assert [line.to_wallet for line in entered] == [None, None]


def test_a_half_that_is_offered_and_chosen_is_entered_as_a_transfer(
    current: Wallet, savings: Wallet
) -> None:
    halves = [
        Movement(OUT.date, OUT.amount, "CARTE LECLERC", account="00011122233"),
        Movement(OUT.date, IN.amount, IN.label, account="00044455566"),
    ]
    source = receive(ofx(halves), current, savings)
    assert sorted(findings(source)) == sorted([NEW, OFFERED])
    lines(source).filter(finding=Finding.TRANSFER).update(choice=Choice.JOIN)
    confirm(source)
    is_one_transfer(current, savings)


def test_a_transfer_entered_by_hand_is_pointed_on_each_side_by_its_own_statement(
    current: Wallet, savings: Wallet
) -> None:
    by_hand = book(
        Kind.TRANSFER, 500, day(1), wallet=current, to_wallet=savings, description="Épargne"
    )
    source = bring_in(csv([OUT]), current)
    assert findings(source) == [JOINED]
    by_hand.refresh_from_db()
    assert (by_hand.pointed, by_hand.to_pointed) == (True, False)
    bring_in(ofx([IN]), savings)
    line = is_one_transfer(current, savings)
    assert (line.date, line.description) == (day(1), "Épargne")


def test_what_a_rule_transfers_waits_for_its_other_half(current: Wallet, savings: Wallet) -> None:
    Rule.objects.create(text="LIVRET A", transfer_to=savings, position=0)
    bring_in(csv([OUT]), current)
    assert Transaction.objects.get().kind == Kind.TRANSFER
    assert findings(bring_in(ofx([IN]), savings)) == [JOINED]
    is_one_transfer(current, savings)


def test_a_rule_that_says_where_it_went_is_not_overruled(current: Wallet, savings: Wallet) -> None:
    Rule.objects.create(text="VIR", transfer_to=wallet("Compte joint"), position=0)
    bring_in(ofx([move(4, "500.00", "REMISE")]), savings)
    assert findings(receive(csv([OUT]), current)) == [NEW]


def test_what_a_half_had_of_an_expense_goes_with_it(current: Wallet, savings: Wallet) -> None:
    book(
        Kind.EXPENSE,
        500,
        day(3),
        wallet=current,
        category=category(),
        bucket=bucket(),
        person=person(),
        description="Virement livret",
        note="pour Noël",
    )
    bring_in(ofx([IN]), savings)
    line = Transaction.objects.get()
    assert (line.category, line.bucket, line.person) == (None, None, None)
    assert (line.description, line.note) == ("Virement livret", "pour Noël")
    assert (line.pointed, line.to_pointed) == (False, True)
    assert line.version == 2


@pytest.mark.parametrize(
    ("out", "into", "finding"),
    [
        (("-500.00", "VIR LIVRET A", 3), ("500.00", "VIREMENT", 8), JOINED),
        (("-500.00", "VIR LIVRET A", 3), ("500.00", "VIREMENT", 9), NEW),
        (("-500.00", "VIR LIVRET A", 3), ("500.01", "VIREMENT", 3), NEW),
        (("-500.00", "VIR LIVRET A", 3), ("-500.00", "VIREMENT", 3), NEW),
        (("-500.00", "CARTE LECLERC", 3), ("500.00", "VIREMENT", 3), OFFERED),
        (("-500.00", "VIR", 3), ("500.00", "CARTE ANNULATION", 3), OFFERED),
        (("-500.00", "X", 3), ("500.00", "Y", 3), JOINED),
    ],
)
def test_when_two_lines_are_the_halves_of_a_transfer(
    current: Wallet,
    savings: Wallet,
    out: tuple[str, str, int],
    into: tuple[str, str, int],
    finding: tuple[str, str],
) -> None:
    bring_in(csv([move(out[2], out[0], out[1])]), current)
    source = receive(ofx([move(into[2], into[0], into[1])]), savings)
    assert findings(source) == [finding]


@pytest.mark.parametrize(
    ("label", "finding"),
    [("DEPOT", OFFERED), ("VERSEMENT COURANT FR76 3000 4000 0312 3456", JOINED), ("VIR", OFFERED)],
)
def test_a_half_with_a_category_takes_more_to_be_one(
    current: Wallet, savings: Wallet, label: str, finding: tuple[str, str]
) -> None:
    bring_in(ofx([move(1, "-1.00", "FRAIS")], account="FR7630004000031234"), current)
    book(Kind.EXPENSE, 500, day(3), wallet=current, category=category(), description="Sport")
    source = receive(csv([move(4, "500.00", label)]), savings)
    assert findings(source) == [finding]


def test_with_two_candidates_nothing_is_joined_without_the_persons_word(
    current: Wallet, savings: Wallet
) -> None:
    bring_in(csv([OUT, move(2, "-500.00", "VIR LOYER")]), current)
    assert findings(receive(ofx([IN]), savings)) == [OFFERED]


def test_transfers_of_every_day_are_told_apart_by_their_day(
    current: Wallet, savings: Wallet
) -> None:
    days = range(1, 8)
    bring_in(csv([move(n, "-10.00", "VIR LIVRET") for n in days]), current)
    source = receive(ofx([move(n, "10.00", "VIREMENT") for n in days]), savings)
    assert findings(source) == [JOINED] * 7
    found = [Transaction.objects.get(pk=line.found or 0).date for line in lines(source)]
    assert found == [day(n) for n in days]


def test_a_half_in_a_closed_month_stays_what_it_was(current: Wallet, savings: Wallet) -> None:
    october = Movement(day(31, 10), Decimal(-500), "VIR LIVRET A")
    bring_in(csv([october]), current)
    month_close(period=Period.containing(day(31, 10)))
    assert findings(receive(ofx([move(2, "500.00", "VIREMENT")]), savings)) == [NEW]


def test_an_income_that_was_spread_is_no_half(current: Wallet, savings: Wallet) -> None:
    book(
        Kind.INCOME,
        500,
        day(3),
        wallet=savings,
        description="Virement",
        spread=[(bucket("Nécessaire"), 60), (bucket("Loisirs"), 40)],
    )
    assert findings(receive(csv([OUT]), current)) == [NEW]


def test_a_line_by_hand_takes_both_halves(current: Wallet, savings: Wallet) -> None:
    """Entered as an expense, said by the bank, and the other half found after that."""
    book(Kind.EXPENSE, 500, day(3), wallet=current, description="Livret")
    bring_in(csv([OUT]), current)
    bring_in(ofx([IN]), savings)
    is_one_transfer(current, savings)


def test_every_order_of_three_wallets_gives_two_transfers(current: Wallet, savings: Wallet) -> None:
    joint = wallet("Compte joint")
    files = [
        (csv([OUT, move(10, "-80.00", "VIR COMPTE JOINT")]), current),
        (ofx([IN]), savings),
        (ofx([move(11, "80.00", "VIREMENT")], account="J"), joint),
    ]
    for order in itertools.permutations(files):
        made = [bring_in(content, of) for content, of in order]
        kinds = set(Transaction.objects.values_list("kind", "pointed", "to_pointed"))
        assert kinds == {(Kind.TRANSFER, True, True)}
        assert Transaction.objects.count() == 2
        for source in made:
            import_undo(source=source, user=None)
        assert not Transaction.objects.exists()
