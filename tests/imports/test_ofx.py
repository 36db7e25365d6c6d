"""OFX, QFX and OFC: read exactly, or refused."""

import pytest

from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.formats.ofx import read
from budget.imports.reading import LineStatus, NotReadable, NotSure, Reading

MOVEMENT = (
    "<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{date}<TRNAMT>{amount}<FITID>{id}<NAME>{name}</STMTTRN>"
)


def movement(
    amount: str = "-1.50", date: str = "20261231", fitid: str = "", name: str = "x", more: str = ""
) -> str:
    text = MOVEMENT.format(amount=amount, date=date, id=fitid, name=name)
    return text.replace("</STMTTRN>", f"{more}</STMTTRN>")


def statement(*movements: str, kind: str = "STMTRS", currency: str = "EUR") -> str:
    account = "BANKACCTFROM" if kind == "STMTRS" else "CCACCTFROM"
    return (
        f"<OFX><{kind}><CURDEF>{currency}<{account}><ACCTID>1</{account}>"
        f"<BANKTRANLIST>{''.join(movements)}</BANKTRANLIST></{kind}></OFX>"
    )


def reading(*movements: str, kind: str = "STMTRS") -> Reading:
    return read(statement(*movements, kind=kind).encode())


def amounts(*written: str) -> list[str]:
    lines = reading(*[movement(amount) for amount in written])
    assert not lines.unreadable
    return [str(line.amount) for line in lines.lines]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (["-1,50", "2"], ["-1.50", "2.00"]),
        (["-1.234,50", "1.000"], ["-1234.50", "1000.00"]),
        (["-1,234.50", "1,000"], ["-1234.50", "1000.00"]),
        (["-,109.59", ",300.00"], ["-109.59", "300.00"]),
        (["5,", "12,5"], ["5.00", "12.50"]),
        (["-45.5000"], ["-45.50"]),
        (["1'000.00", "+12.00", "(3.00)"], ["1000.00", "12.00", "-3.00"]),
        (["12,00-"], ["-12.00"]),
    ],
)
def test_amounts_are_read_as_the_file_writes_them(written: list[str], read_as: list[str]) -> None:
    assert amounts(*written) == read_as


def test_a_thousand_or_a_little_more_than_one_is_not_guessed() -> None:
    with pytest.raises(NotSure) as refused:
        reading(movement("-1,234"))
    assert refused.value.columns == ["TRNAMT"]
    told = Told(decimals=Decimals.POINT)
    (line,) = read(statement(movement("-1,234")).encode(), told).lines
    assert str(line.amount) == "-1234.00"


@pytest.mark.parametrize("wrong", ["", "abc", "1.2.3", "NaN", "Infinity", "1e5", "--3", "1-2"])
def test_what_is_no_amount_is_told(wrong: str) -> None:
    read_ = reading(movement(wrong), movement("2.00"))
    assert [str(line.amount) for line in read_.lines] == ["2.00"]
    assert len(read_.unreadable) == 1


@pytest.mark.parametrize(
    "written",
    [
        "20261231",
        "20261231120000",
        "20261231235959.999[-12:X]",
        "20261231000000[+14:LINT]",
        "2026123100",
        "202612311200",
        "2026-12-31",
        "2026/12/31",
        "2026-12-31T10:00:00",
    ],
)
def test_the_day_is_the_one_that_is_written(written: str) -> None:
    assert [str(line.date) for line in reading(movement(date=written)).lines] == ["2026-12-31"]


@pytest.mark.parametrize(
    "wrong", ["", "20260230", "31122026", "00000000", "2026123", "202612311", "yesterday"]
)
def test_what_is_no_date_is_told(wrong: str) -> None:
    read_ = reading(movement(date=wrong))
    assert not read_.lines
    assert len(read_.unreadable) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["a", "b"], ["a", "b"]),
        (["0", "0"], ["", ""]),
        (["a", "a", "b"], ["", "", "b"]),
        (["", ""], ["", ""]),
        (["000"], [""]),
    ],
)
def test_an_id_is_kept_where_it_tells_a_movement_from_another(
    given: list[str], kept: list[str]
) -> None:
    read_ = reading(*[movement(fitid=each) for each in given])
    assert [line.bank_id for line in read_.lines] == kept


def test_overlapping_statements_keep_the_id_of_what_is_in_both() -> None:
    read_ = read((statement(movement(fitid="a")) + statement(movement(fitid="a"))).encode())
    assert [line.bank_id for line in read_.lines] == ["a", "a"]


@pytest.mark.parametrize(
    ("name", "memo", "label"),
    [
        ("SHOP", "", "SHOP"),
        ("SHOP", "SHOP", "SHOP"),
        ("SHOP PAR", "SHOP PARIS 12", "SHOP PARIS 12"),
        ("SHOP", "Paris", "SHOP Paris"),
        ("A &amp; B &#233;", "", "A & B é"),
        ("AT&T", "R&D;", "AT&T R&D;"),
        ("", "only memo", "only memo"),
        ("a\n  b", "", "a b"),
        ("x<!-- why -->", "", "x"),
    ],
)
def test_a_label_says_everything_once(name: str, memo: str, label: str) -> None:
    read_ = reading(movement(name=name, more=f"<MEMO>{memo}"))
    assert [line.label for line in read_.lines] == [label]


def test_a_comment_after_a_value_is_no_part_of_it() -> None:
    read_ = reading(movement("-1.50 <!-- EUR -->", date="20261231<!-- a day -->"))
    assert [(str(line.date), str(line.amount)) for line in read_.lines] == [("2026-12-31", "-1.50")]


def test_a_cards_sign_is_as_given_and_a_banks_positive_debit_is_not_guessed() -> None:
    debit = movement("12.00").replace("OTHER", "DEBIT")
    assert [str(line.amount) for line in reading(debit, kind="CCSTMTRS").lines] == ["12.00"]
    with pytest.raises(NotSure):
        reading(debit)


def test_signs_that_are_in_use_are_believed_whatever_the_type_says() -> None:
    debit = movement("12.00").replace("OTHER", "DEBIT")
    assert [str(line.amount) for line in reading(debit, movement("-3.00")).lines] == [
        "12.00",
        "-3.00",
    ]


def test_a_field_told_twice_makes_a_movement_unreadable() -> None:
    """The end of one and the beginning of the next are missing: neither amount is known."""
    read_ = reading(movement(more="<DTPOSTED>20261231<TRNAMT>-9.00<NAME>y"))
    assert not read_.lines
    assert len(read_.unreadable) == 1


def test_a_correction_is_told_and_not_counted_as_a_movement() -> None:
    more = "<CORRECTFITID>a<CORRECTACTION>DELETE"
    assert len(reading(movement(more=more)).unreadable) == 1


def test_another_currency_than_the_accounts_is_told() -> None:
    foreign = movement(more="<CURRENCY><CURRATE>0.9<CURSYM>USD</CURRENCY>")
    same = movement(more="<CURRENCY><CURRATE>1<CURSYM>EUR</CURRENCY>")
    converted = movement(more="<ORIGCURRENCY><CURRATE>0.9<CURSYM>USD</ORIGCURRENCY>")
    read_ = reading(foreign, same, converted)
    assert [line.currency for line in read_.lines] == ["EUR", "EUR"]
    assert len(read_.unreadable) == 1


def test_pending_movements_are_pending() -> None:
    text = statement(movement()).replace("STMTTRN>", "STMTTRNP>").replace("DTPOSTED", "DTTRAN")
    assert [line.status for line in read(text.encode()).lines] == [LineStatus.PENDING]


def test_no_entity_of_the_file_is_resolved() -> None:
    text = '<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(NotReadable):
        read((text + statement(movement(name="&a;"))).encode())


@pytest.mark.parametrize("content", [b"", b"<OFX></OFX>", b"OFXHEADER:100", b"\x89PNG\r\n\x1a\n\0"])
def test_a_file_without_a_statement_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read(content)


def test_a_file_without_its_end_is_told_to_break_off() -> None:
    read_ = read(statement(movement()).removesuffix("</OFX>").encode())
    assert (len(read_.lines), len(read_.unreadable)) == (1, 1)


def test_a_list_of_movements_needs_nothing_around_it() -> None:
    text = f"OFXHEADER:100\n\n<BANKTRANLIST>{movement()}</BANKTRANLIST>"
    read_ = read(text.encode())
    assert (len(read_.lines), len(read_.unreadable)) == (1, 0)


def test_a_balance_among_the_movements_is_no_movement() -> None:
    movements = "".join(
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20260120<TRNAMT>{amount}<FITID>{number}<MEMO>{memo}"
        "</STMTTRN>"
        for number, (amount, memo) in enumerate(
            [("1000.00", "SALDO ANTERIOR"), ("-2.50", "CAFE"), (" . ", "SALDO DIA")]
        )
    )
    reading = read(
        f"OFXHEADER:100\n\n<OFX><STMTRS><BANKTRANLIST>{movements}</BANKTRANLIST></STMTRS></OFX>".encode()
    )
    assert [(str(line.amount), line.label) for line in reading.lines] == [("-2.50", "CAFE")]
    assert not reading.unreadable


def test_a_card_whose_debits_and_credits_have_the_other_s_sign_is_asked_about() -> None:
    debit = movement("12.00").replace("OTHER", "DEBIT")
    credit = movement("-90.00").replace("OTHER", "CREDIT")
    with pytest.raises(NotSure):
        reading(debit, credit, kind="CCSTMTRS")
    for spent, written in [(True, ["-12.00", "90.00"]), (False, ["12.00", "-90.00"])]:
        read_ = read(statement(debit, credit, kind="CCSTMTRS").encode(), Told(spent=spent))
        assert [str(line.amount) for line in read_.lines] == written
