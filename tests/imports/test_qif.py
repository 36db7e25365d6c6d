"""QIF: read exactly, or refused."""

import pytest

from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.formats.qif import read
from budget.imports.reading import NotReadable, NotSure, Reading


def reading(text: str, order: DateOrder | None = None) -> Reading:
    return read(text.encode(), Told(order=order))


def movements(*dates: str, amount: str = "-1.00") -> str:
    return "!Type:Bank\n" + "".join(f"D{date}\nT{amount}\nPx\n^\n" for date in dates)


def dates_of(*written: str, amount: str = "-1.00", order: DateOrder | None = None) -> list[str]:
    read_ = reading(movements(*written, amount=amount), order)
    assert not read_.unreadable
    return [str(line.date) for line in read_.lines]


YEARS_FIRST = ["2013-08-12", "2013-08-15", "2013-03-03", "2013-03-04"]


@pytest.mark.parametrize(
    ("written", "dates"),
    [
        (["05/04/2026", "13/04/2026"], ["2026-04-05", "2026-04-13"]),
        (["05/04/2026", "04/13/2026"], ["2026-05-04", "2026-04-13"]),
        (["12/31'25", " 1/ 2'26"], ["2025-12-31", "2026-01-02"]),
        (["31/12/98", " 1/ 2' 5"], ["1998-12-31", "2005-02-01"]),
        (["2026-04-05"], ["2026-04-05"]),
        (["05.04.2026"], ["2026-04-05"]),
        (["05.04.26"], ["2026-04-05"]),
        (["04/08'2008", "13/08'2008"], ["2008-08-04", "2008-08-13"]),
        (["05/05/2026"], ["2026-05-05"]),
        (["31/12/26"], ["2026-12-31"]),
        (["15/01/26", "15/02/26", "15/03/26"], ["2026-01-15", "2026-02-15", "2026-03-15"]),
        (["13/08/12", "13/08/15", "13/3/3", "13/3/4"], YEARS_FIRST),
        (
            ["05/01/2026", "06/01/2026", "09/01/2026", "02/02/2026", "03/02/2026"],
            ["2026-01-05", "2026-01-06", "2026-01-09", "2026-02-02", "2026-02-03"],
        ),
    ],
)
def test_day_and_month_are_told_from_the_file_as_a_whole(
    written: list[str], dates: list[str]
) -> None:
    assert dates_of(*written) == dates


def test_decimals_after_a_comma_tell_that_the_day_is_first() -> None:
    assert dates_of("05/04/2026", amount="-1,50") == ["2026-04-05"]


def test_an_order_that_nothing_tells_is_asked_for() -> None:
    with pytest.raises(NotSure) as refused:
        dates_of("05/04/2026")
    assert refused.value.columns == ["D"]
    assert dates_of("05/04/2026", order=DateOrder.DMY) == ["2026-04-05"]
    assert dates_of("05/04/2026", order=DateOrder.MDY) == ["2026-05-04"]


def test_an_answer_does_not_overrule_what_the_file_tells() -> None:
    assert dates_of("13/04/2026", order=DateOrder.MDY) == ["2026-04-13"]


def test_dates_in_both_orders_are_refused() -> None:
    with pytest.raises(NotSure):
        dates_of("13/04/2026", "04/13/2026")


@pytest.mark.parametrize(
    ("amounts", "read_as"),
    [
        (["-1,234.50", "1,000"], ["-1234.50", "1000.00"]),
        (["-1.234,50", "5,"], ["-1234.50", "5.00"]),
        (["-,109.59"], ["-109.59"]),
        (["1 234,56"], ["1234.56"]),
        (["- 12.00"], ["-12.00"]),
    ],
)
def test_amounts_are_read_as_the_file_writes_them(amounts: list[str], read_as: list[str]) -> None:
    text = "!Type:Bank\n" + "".join(f"D31/12/2026\nT{each}\nPx\n^\n" for each in amounts)
    assert [str(line.amount) for line in reading(text).lines] == read_as


@pytest.mark.parametrize(
    "fields",
    [
        "D31/12/2026\nPx",
        "T-1.00\nPx",
        "D99/99/2026\nT-1.00",
        "D31/12/2026\nTabc",
        "D31/12/2026\nT-1.00\nU-2.00",
        "D31/12/2026\nT-1.00\nT-2.00",
        "D31/12/2026\nT-1.00\nSa\n$-0.50\nSb\n$-0.40",
    ],
)
def test_a_movement_that_cannot_be_told_is_unreadable_and_the_others_are_read(fields: str) -> None:
    read_ = reading(f"!Type:Bank\nD30/12/2026\nT-7.00\nPy\n^\n{fields}\n^\n")
    assert [str(line.amount) for line in read_.lines] == ["-7.00"]
    assert [each.number for each in read_.unreadable] == [6]


@pytest.mark.parametrize("letter", ["$", "T"])
def test_a_split_movement_is_one_line_of_the_whole_amount(letter: str) -> None:
    fields = f"D31/12/2026\nT-1.00\nSa\nE\n{letter}-0.40\nS\n{letter}-0.60\n"
    read_ = reading(f"!Type:Bank\n{fields}^\n")
    assert [str(line.amount) for line in read_.lines] == ["-1.00"]


def test_an_amount_on_which_the_file_breaks_off_is_not_believed() -> None:
    read_ = reading("!Type:Bank\nD31/12/2026\nPx\nT-15")
    assert not read_.lines
    assert len(read_.unreadable) == 1


def test_investments_are_refused_aloud() -> None:
    stocks = "!Type:Invst\nD31/12/2026\nNBuy\nYACME\nI10\nQ2\nT20.00\n^\n"
    with pytest.raises(NotReadable):
        reading(stocks)
    read_ = reading(movements("31/12/2026") + stocks)
    assert (len(read_.lines), len(read_.unreadable)) == (1, 1)


def test_lists_beside_the_movements_are_passed_over() -> None:
    lists = "!Type:Cat\nNFood\nDEating\nE\n^\n!Type:Class\nNTrip\n^\n"
    assert len(reading(lists + movements("31/12/2026")).lines) == 1


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(NotReadable):
        reading("!Type:Something\nD31/12/2026\nT1\n^\n")


def test_another_kind_of_account_without_a_name_is_not_the_one_before() -> None:
    text = "!Account\nNMine\nTBank\n^\n" + movements("31/12/2026")
    text += movements("30/12/2026").replace("Bank", "CCard")
    assert [line.account for line in reading(text).lines] == ["Mine", ""]


def test_an_opening_balance_is_no_movement() -> None:
    text = "!Type:Bank\nD31/12/2026\nT100.00\nPSolde initial\nL[Compte courant]\n^\n"
    read_ = reading(text + movements("31/12/2026").removeprefix("!Type:Bank\n"))
    assert [(line.account, str(line.amount)) for line in read_.lines] == [
        ("Compte courant", "-1.00")
    ]
    assert [(str(each.date), str(each.amount)) for each in read_.balances] == [
        ("2026-12-30", "100.00")
    ]


@pytest.mark.parametrize("content", [b"", b"hello", b"!Typ:Bank\n"])
def test_what_is_no_qif_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read(content)
