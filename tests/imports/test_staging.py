"""What becomes of a file's lines before the person has seen them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close, month_reopen
from budget.core.periods import Period
from budget.imports.drafting import Drafter
from budget.imports.entering import import_confirm
from budget.imports.models import Choice, Finding, Import, ImportLine, ImportState, Statement
from budget.imports.reading import (
    LineStatus,
    Reading,
    StatementBalance,
    StatementLine,
    Unreadable,
)
from budget.imports.services import statements_assign
from budget.imports.staging import accounts_counted, lines_stage, statements_make
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
from tests.ledger import spend, wallet

pytestmark = pytest.mark.usefixtures("scope")


def line(number: int = 2, **said: Any) -> StatementLine:
    told = {"date": day(3), "amount": Decimal("-4.80"), "label": "CAFE", **said}
    return StatementLine(number, **told)


def stage(
    booked: Sequence[StatementLine],
    unreadable: Sequence[Unreadable] = (),
    balances: Sequence[StatementBalance] = (),
) -> Import:
    """What a reader gave, staged for the preview."""
    source = Import.objects.create(
        file_name="a", size=1, sha256="", format="csv", state=ImportState.READY
    )
    reading = Reading("csv", "", booked, unreadable, balances)
    lines_stage(source, reading, statements_make(source, reading), Drafter())
    return source


@pytest.mark.parametrize(
    ("said", "finding", "reason"),
    [
        ({"currency": "USD"}, Finding.UNREADABLE, "USD"),
        ({"amount": Decimal("0.00")}, Finding.UNREADABLE, "nul"),
        ({"amount": Decimal("1e12")}, Finding.UNREADABLE, "trop grand"),
        ({"amount": Decimal("-4.805")}, Finding.UNREADABLE, "deux décimales"),
        ({"date": dt.date(1492, 10, 12)}, Finding.UNREADABLE, "date"),
        ({"date": dt.date(9999, 1, 1)}, Finding.UNREADABLE, "date"),
        ({"status": LineStatus.PENDING}, Finding.NOT_BOOKED, "pas encore"),
        ({"status": LineStatus.REVERTED}, Finding.NOT_BOOKED, "aucun"),
    ],
)
def test_what_cannot_enter_the_ledger_is_shown_and_says_why(
    said: dict[str, Any], finding: Finding, reason: str
) -> None:
    source = stage([line(**said), line(3)])
    bad, good = lines(source).order_by("number")
    assert (bad.finding, bad.choice) == (finding, Choice.LEAVE)
    assert reason in bad.reason
    assert bad.number == 2
    assert bad.fingerprint is None
    assert (good.finding, good.choice, good.reason) == (Finding.NEW, Choice.ADD, "")


@pytest.mark.parametrize(
    "said",
    [
        {"currency": "EUR"},
        {"amount": Decimal("4.800")},
        {"amount": Decimal("-999999999999.99")},
        {"date": dt.date(2026, 2, 28), "value_date": None},
    ],
)
def test_what_only_looks_odd_is_new(said: dict[str, Any]) -> None:
    assert findings(stage([line(**said)])) == [(Finding.NEW, Choice.ADD)]


def test_a_line_that_is_not_readable_keeps_its_number_and_its_text() -> None:
    source = stage([line()], [Unreadable(7, "Il n’y a pas de date.", "x;y\x00;z")])
    bad = lines(source).get(finding=Finding.UNREADABLE)
    assert (bad.number, bad.reason, bad.label) == (7, "Il n’y a pas de date.", "x;y;z")
    assert bad.choice == Choice.LEAVE


def test_a_line_of_a_closed_month_is_left_out() -> None:
    spend(1, day(3, 10))
    month_close(period=Period.containing(day(3, 10)))
    source = stage([line(date=day(31, 10)), line(3, date=day(1))])
    assert findings(source) == [(Finding.CLOSED, Choice.LEAVE), (Finding.NEW, Choice.ADD)]


def test_lines_stay_in_the_files_order() -> None:
    source = stage([line(9, date=day(9)), line(10, date=day(2)), line(11, date=day(5))])
    assert list(lines(source).values_list("number", flat=True)) == [9, 10, 11]


def test_each_account_has_a_statement_and_a_line_its_own() -> None:
    wallet("Livret")
    booked = [line(account="A"), line(3, account="B"), line(4, account="A")]
    source = stage(booked, balances=[StatementBalance("B", day(9), Decimal("7.00"))])
    first, second = Statement.objects.filter(source=source)
    assert (first.account, second.account) == ("A", "B")
    assert (first.balance, second.balance, second.balance_date) == (None, Decimal("7.00"), day(9))
    assert first.lines.count() == 2
    assert first.wallet is None
    assert second.wallet is None


def test_without_a_wallet_nothing_is_compared() -> None:
    bring_in(csv([move(3, "-4.80")]))
    wallet("Livret")
    source = stage([line(account="unknown", label="SUMUP CAFE")])
    staged = lines(source).get()
    assert (staged.finding, staged.fingerprint) == (Finding.NEW, None)


def test_a_household_with_one_wallet_is_not_asked() -> None:
    source = stage([line()])
    assert Statement.objects.get(source=source).wallet == first_wallet()


def test_lines_of_an_account_that_is_not_wanted_are_not_kept() -> None:
    source = receive(ofx([move(3, "-4.80", account="001"), move(3, "-9.00", account="002")]))
    first, second = Statement.objects.filter(source=source)
    statements_assign(source=source, wallets={first.pk: None, second.pk: first_wallet()})
    assert [each.amount for each in lines(source)] == [Decimal("-9.00")]


def test_another_wallet_makes_other_lines() -> None:
    savings = wallet("Livret")
    bring_in(csv([move(3, "-4.80")]), first_wallet())
    assert findings(receive(csv([move(3, "-4.80")]), savings)) == [(Finding.NEW, Choice.ADD)]


def test_ids_that_are_all_alike_tell_nothing_apart() -> None:
    booked = [line(n, bank_id="0", label=f"CAFE {n}") for n in (2, 3, 4)]
    source = stage(booked)
    assert len(set(lines(source).values_list("fingerprint", flat=True))) == 3


def test_a_label_that_looks_like_an_id_is_none() -> None:
    source = stage([line(bank_id="5", label="x"), line(3, label="id|5"), line(4, label="5")])
    assert len(set(lines(source).values_list("fingerprint", flat=True))) == 3


def test_case_and_accents_of_a_label_do_not_make_another_line() -> None:
    bring_in(csv([move(3, "-4.80", "Café du Marché")]))
    source = receive(csv([move(3, "-4.80", "CAFE DU MARCHE")]))
    assert findings(source) == [(Finding.KNOWN, Choice.LEAVE)]


def test_a_line_that_the_person_left_out_is_known_and_left_out_again() -> None:
    source = receive(csv([move(3, "-4.80"), move(4, "-9.00")]))
    lines(source).filter(date=day(3)).update(choice=Choice.LEAVE)
    confirm(source)
    assert set(findings(receive(csv([move(3, "-4.80"), move(4, "-9.00")])))) == {
        (Finding.KNOWN, Choice.LEAVE)
    }


def test_a_line_left_out_for_its_closed_month_is_new_once_that_is_open() -> None:
    spend(1, day(3, 10))
    month_close(period=Period.containing(day(3, 10)))
    booked = [line(date=day(31, 10)), line(3, date=day(1))]
    source = stage(booked)
    assert import_confirm(source=source, user=None) == 0
    month_reopen(closed=ClosedMonth.objects.get())
    assert findings(stage(booked)) == [
        (Finding.NEW, Choice.ADD),
        (Finding.KNOWN, Choice.LEAVE),
    ]


def test_a_hundred_lines_take_as_many_queries_as_two() -> None:
    counts = []
    for month, number in ((9, 2), (10, 100)):
        booked = [line(n, date=day(1 + n % 28, month)) for n in range(number)]
        with CaptureQueriesContext(connection) as queries:
            source = stage(booked)
        assert ImportLine.objects.filter(statement__source=source).count() == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


# The bank's closing balance


def held(*said: tuple[int, str, str]) -> list[StatementLine]:
    """Movements of November: the day, the amount and what was left after it."""
    return [
        line(n, date=day(on), amount=Decimal(amount), balance=Decimal(left))
        for n, (on, amount, left) in enumerate(said)
    ]


def closing(source: Import) -> tuple[dt.date | None, Decimal | None]:
    """What the bank says the file's account held, and when."""
    statement = Statement.objects.get(source=source)
    return statement.balance_date, statement.balance


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ([(1, "-1.00", "9.00"), (2, "-2.00", "7.00")], (2, "7.00")),
        ([(2, "-2.00", "7.00"), (1, "-1.00", "9.00")], (2, "7.00")),
        # Of the last day, the last: by the file's order, or by what adds up.
        ([(1, "-1.00", "9.00"), (2, "-2.00", "7.00"), (2, "-3.00", "4.00")], (2, "4.00")),
        ([(2, "-3.00", "4.00"), (2, "-2.00", "7.00"), (1, "-1.00", "9.00")], (2, "4.00")),
        # One day alone says nothing of its order but by what adds up.
        ([(2, "-2.00", "7.00"), (2, "-3.00", "4.00")], (2, "4.00")),
        ([(2, "-3.00", "4.00"), (2, "-2.00", "7.00")], (2, "4.00")),
        ([(2, "-3.00", "4.00"), (2, "-2.00", "99.00")], None),
        ([(2, "-3.00", "4.00"), (2, "3.00", "7.00"), (2, "-3.00", "4.00")], (2, "4.00")),
        ([(2, "-2.00", "7.00")], (2, "7.00")),
    ],
)
def test_the_last_balance_is_told_where_the_file_says_which_is_last(
    said: list[tuple[int, str, str]], last: tuple[int, str] | None
) -> None:
    found = closing(stage(held(*said)))
    assert found == ((day(last[0]), Decimal(last[1])) if last else (None, None))


def test_a_balance_in_words_wins_and_the_latest_of_several() -> None:
    said = [
        StatementBalance("", day(10), Decimal("8.00")),
        StatementBalance("", day(3), Decimal("1.00")),
    ]
    source = stage(held((9, "-1.00", "5.00")), balances=said)
    assert closing(source) == (day(10), Decimal("8.00"))


def test_what_is_pending_says_no_balance() -> None:
    pending = line(9, date=day(9), balance=Decimal("1.00"), status=LineStatus.PENDING)
    source = stage([*held((2, "-2.00", "7.00")), pending])
    assert closing(source) == (day(2), Decimal("7.00"))


def test_the_wallet_of_an_account_is_remembered() -> None:
    savings: Wallet = wallet("Livret")
    bring_in(ofx([move(3, "5.00")], account="FR01"), savings)
    source = receive(ofx([move(4, "5.00")], account="FR01"))
    assert Statement.objects.get(source=source).wallet == savings


def test_ids_that_only_count_a_files_lines_do_not_make_overlapping_files_new() -> None:
    movements = [move(1, "-4.80"), move(2, "-41.20", "BIOCOOP"), move(3, "-27.65", "PICARD")]

    def numbered(part: list[Movement]) -> bytes:
        return ofx(replace(each, bank_id=str(n)) for n, each in enumerate(part, 1))

    bring_in(numbered(movements[:2]), first_wallet())
    second = receive(numbered(movements[1:]), first_wallet())

    assert [finding for finding, _choice in findings(second)] == [Finding.KNOWN, Finding.NEW]


@pytest.mark.parametrize(
    ("ids", "counted"),
    [
        (["1", "2", "3"], True),
        (["3", "2", "1"], True),
        (["0", "1"], True),
        (["00001", "00002"], True),
        (["1"], True),
        (["501", "502", "503"], False),  # a bank that numbers on from file to file
        (["1", "3"], False),
        (["1", ""], False),
        (["2026110301"], False),
    ],
)
def test_numbers_count_lines_where_they_begin_anew_and_miss_none(
    ids: list[str], counted: bool
) -> None:
    booked = [line(n, account="A", bank_id=each) for n, each in enumerate(ids)]
    assert accounts_counted(booked) == ({"A"} if counted else set())
