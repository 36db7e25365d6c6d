"""What was there already: said by another file, or entered by hand."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.balances.check import ledger_faults
from budget.core.tenancy import household_scope
from budget.imports.models import Choice, Finding, ImportLine
from budget.imports.undoing import import_undo
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_delete
from budget.users.models import Household
from budget.wallets.selectors import first_wallet
from tests.imports.bank import (
    Movement,
    bring_in,
    confirm,
    csv,
    csv_by_value,
    day,
    findings,
    lines,
    move,
    ofx,
    receive,
)
from tests.ledger import book, category, person, spend, wallet

type Make = Callable[[Iterable[Movement]], bytes]

pytestmark = pytest.mark.usefixtures("scope")

NEW = (Finding.NEW, Choice.ADD)
LEFT = (Finding.PROBABLE, Choice.LEAVE)
KNOWN = (Finding.KNOWN, Choice.LEAVE)
MERGED = (Finding.MATCH, Choice.JOIN)
OFFERED = (Finding.MATCH, Choice.ADD)

MONTH = [
    move(3, "-41.20", "CARTE BIOCOOP"),
    move(5, "-4.80"),
    move(5, "-4.80"),
    move(9, "1850.00", "VIR SALAIRE"),
]


def in_ledger() -> Counter[tuple[dt.date, Decimal]]:
    signed = [(line.date, line.signed_amount) for line in Transaction.objects.all()]
    return Counter(signed)


# The same from another kind of file


@pytest.mark.parametrize("files", [[csv, ofx], [ofx, csv], [csv, csv_by_value, ofx]])
def test_a_month_in_two_formats_is_there_once(files: list[Make]) -> None:
    for make in files:
        source = bring_in(make(MONTH))

    assert findings(source) == [LEFT] * 4
    found = set(lines(source).values_list("found", flat=True))
    assert found == set(Transaction.objects.values_list("pk", flat=True))
    assert in_ledger() == Counter((each.date, each.amount) for each in MONTH)


def test_what_one_file_has_more_of_than_the_other_is_new() -> None:
    bring_in(csv([MONTH[0], MONTH[1]]))
    source = receive(ofx(MONTH))
    assert findings(source) == [LEFT, LEFT, NEW, NEW]


def test_of_equal_amounts_the_one_with_the_words_is_probably_there() -> None:
    bring_in(csv([move(5, "-4.80", "CARTE BOULANGERIE MARTIN")]))
    source = receive(ofx([move(5, "-4.80", "SUMUP CAFE"), move(5, "-4.80", "BOULANGERIE MARTIN")]))
    assert findings(source) == [NEW, LEFT]


def test_other_words_in_a_file_of_the_same_kind_are_another_line() -> None:
    bring_in(csv([move(5, "-4.80", "CAFE MERICOURT")]))
    source = receive(csv([move(5, "-4.80", "CAFE MERICOURT"), move(5, "-4.80", "CAFE DU NORD")]))
    assert findings(source) == [KNOWN, NEW]


def test_what_a_known_line_is_already_is_not_found_a_second_time() -> None:
    bring_in(ofx([move(5, "-4.80")]))
    first = receive(csv([move(5, "-4.80")]))
    lines(first).update(choice=Choice.JOIN)
    confirm(first)
    source = receive(csv([move(5, "-4.80"), move(5, "-4.80")]))
    assert findings(source) == [KNOWN, NEW]


def test_a_line_that_one_bank_dates_by_its_value_is_found_by_it() -> None:
    bring_in(ofx([move(2, "-9.00"), move(5, "-4.80"), move(9, "-7.00")]))
    late = move(4, "-4.80", value=5)
    source = receive(csv_by_value([move(2, "-9.00"), late, move(9, "-7.00")]))
    assert findings(source) == [LEFT] * 3


def test_coffees_on_two_days_from_two_files_that_adjoin_are_two() -> None:
    bring_in(csv_by_value([move(4, "-4.80", value=5)]))
    source = receive(ofx([move(5, "-4.80")]))
    assert findings(source) == [(Finding.PROBABLE, Choice.ADD)]


def test_what_the_person_deleted_is_not_brought_back_by_another_format() -> None:
    bring_in(csv(MONTH))
    transaction_delete(line=Transaction.objects.get(amount=Decimal("41.20")))
    assert findings(receive(ofx(MONTH))) == [LEFT] * 4


def test_what_an_undone_import_said_is_new_again(household: Household) -> None:
    first = bring_in(csv(MONTH[:3]))
    second = bring_in(ofx(MONTH))  # leaves three out, for the first has them
    import_undo(source=first, user=None)
    assert findings(receive(csv(MONTH))) == [NEW, NEW, NEW, LEFT]
    import_undo(source=second, user=None)
    assert findings(receive(ofx(MONTH, balance="1.00"))) == [NEW] * 4


movements = st.lists(
    st.builds(
        Movement,
        date=st.integers(1, 9).map(day),
        amount=st.sampled_from([Decimal("-4.80"), Decimal("-9.00"), Decimal("12.00")]),
        label=st.sampled_from(["SUMUP CAFE", "BOULANGERIE"]),
    ),
    max_size=14,
)
exports = st.lists(
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([csv, ofx]), st.randoms()),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=movements, cut=exports)
def test_files_that_overlap_in_any_order_and_format_bring_each_movement_once(
    household: Household,
    history: list[Movement],
    cut: list[tuple[int, int, Make, random.Random]],
) -> None:
    numbered = [
        Movement(each.date, each.amount, each.label, bank_id=f"F{n}")
        for n, each in enumerate(history)
    ]
    with household_scope(household), transaction.atomic():
        seen: set[str] = set()
        for one, other, make, shuffle in cut:
            first, last = sorted([day(one), day(other)])
            export = [each for each in numbered if first <= each.date <= last]
            if not export:
                continue
            seen |= {each.bank_id for each in export}
            shuffle.shuffle(export)
            bring_in(make(export))
        expected = Counter((each.date, each.amount) for each in numbered if each.bank_id in seen)
        assert in_ledger() == expected
        transaction.set_rollback(True)


# Entered by hand


def test_a_line_entered_by_hand_is_merged_and_keeps_what_the_person_said() -> None:
    by_hand = spend("41.20", day(2), category(), "Courses Biocoop", note="avec Léa")
    source = bring_in(csv(MONTH))

    assert source.joined == 1
    assert source.added == 3
    by_hand.refresh_from_db()
    assert by_hand.pointed
    assert by_hand.bank_label == "CARTE BIOCOOP"
    assert (by_hand.date, by_hand.description, by_hand.note) == (
        day(2),
        "Courses Biocoop",
        "avec Léa",
    )
    assert by_hand.category == category()
    assert Transaction.objects.count() == 4
    assert findings(receive(csv([*MONTH, move(12, "-1.00")]))) == [*[KNOWN] * 4, NEW]


@pytest.mark.parametrize(
    ("description", "on", "finding"),
    [
        ("Biocoop", 6, MERGED),
        ("bioco", 3, MERGED),
        ("Biocoop", 7, NEW),
        ("", 3, OFFERED),
        ("", 4, NEW),
        ("Alimentation", 3, OFFERED),
        ("Pharmacie", 4, NEW),
    ],
)
def test_how_like_a_line_by_hand_must_be(
    description: str, on: int, finding: tuple[str, str]
) -> None:
    spend("41.20", day(on), category(), description)
    assert findings(receive(csv(MONTH[:1]))) == [finding]


def test_only_the_same_money_in_the_same_wallet_the_same_way_is_a_match() -> None:
    spend("41.21", day(3), description="Biocoop")
    book(Kind.INCOME, "41.20", day(3), description="Biocoop")
    book(Kind.EXPENSE, "41.20", day(3), description="Biocoop", wallet=wallet("Livret"))
    assert findings(receive(csv(MONTH[:1]), first_wallet())) == [NEW]


def test_a_loan_is_a_match_as_well() -> None:
    lent = book(Kind.LEND, "35.00", day(3), description="Théo vélo", person=person("Théo"))
    bring_in(csv([move(4, "-35.00", "VIR INST M DUBREUIL THEO")]))
    lent.refresh_from_db()
    assert lent.pointed
    assert lent.kind == Kind.LEND


def test_each_line_by_hand_is_merged_with_one_line() -> None:
    spend("4.80", day(5), description="Café")
    source = receive(csv(MONTH[1:3]))
    assert sorted(findings(source)) == sorted([MERGED, NEW])


def test_the_surest_of_several_is_merged() -> None:
    spend("41.20", day(3), description="")
    right = spend("41.20", day(5), description="Biocoop")
    source = receive(csv(MONTH[:1]))
    assert list(lines(source).values_list("found", flat=True)) == [right.pk]


def test_what_another_import_was_merged_with_is_not_found_again() -> None:
    spend("41.20", day(3), description="Biocoop")
    bring_in(csv(MONTH[:1]))
    source = receive(csv([move(5, "-41.20", "CARTE BIOCOOP")]))
    assert findings(source) == [NEW]


def test_a_thousand_equal_lines_by_hand_make_no_more_pairs_than_lines() -> None:
    mine = first_wallet()
    Transaction.objects.bulk_create(
        Transaction(
            household=mine.household,
            kind=Kind.EXPENSE,
            amount=Decimal("4.80"),
            date=day(5),
            wallet=mine,
            description="Café",
        )
        for _n in range(1000)
    )
    source = bring_in(csv([move(5, "-4.80")] * 1000))
    assert source.joined == 1000
    assert Transaction.objects.filter(pointed=True).count() == 1000
    assert ImportLine.objects.values("found").distinct().count() == 1000
    assert ledger_faults() == []
