"""MT940: read exactly, or refused."""

import pytest

from budget.imports.formats.mt940 import read
from budget.imports.reading import NotReadable, Reading, StatementLine


def statement(
    line: str, information: str = "x", *, opening: str = "100,", closing: str = "98,50"
) -> bytes:
    return (
        f":20:S\n:25:1\n:28C:1/1\n:60F:C261230EUR{opening}\n:61:{line}\n:86:{information}\n"
        f":62F:C261231EUR{closing}\n-\n"
    ).encode()


def reading(line: str, information: str = "x", closing: str = "98,50") -> Reading:
    return read(statement(line, information, closing=closing))


def only(line: str, information: str = "x", closing: str = "98,50") -> StatementLine:
    read_ = reading(line, information, closing)
    assert not read_.unreadable
    (found,) = read_.lines
    return found


@pytest.mark.parametrize(
    ("line", "closing", "amount"),
    [
        ("2612311231D1,50NTRFNONREF", "98,50", "-1.50"),
        ("2612311231DR1,5NTRFNONREF", "98,5", "-1.50"),
        ("2612311231C1,50NTRFNONREF", "101,50", "1.50"),
        ("2612311231RC1,50NTRFNONREF", "98,50", "-1.50"),
        ("2612311231RD1,50NTRFNONREF", "101,50", "1.50"),
        ("2612311231RDR1,50NTRFNONREF", "101,50", "1.50"),
        ("261231    D1,50NTRFNONREF", "98,50", "-1.50"),
        ("261231D1,50NOV NONREF", "98,50", "-1.50"),
        ("261231D2NTRFNONREF", "98,", "-2.00"),
        ("261231D1.50NTRFNONREF", "98.50", "-1.50"),
        ("261231D,50NTRFNONREF", "99,50", "-0.50"),
    ],
)
def test_an_amount_has_the_sign_of_its_mark(line: str, closing: str, amount: str) -> None:
    assert str(only(line, closing=closing).amount) == amount


@pytest.mark.parametrize(
    ("days", "date", "value_date"),
    [
        ("2612310102", "2027-01-02", "2026-12-31"),
        ("2701011231", "2026-12-31", "2027-01-01"),
        ("261231", "2026-12-31", "2026-12-31"),
        ("2802290301", "2028-03-01", "2028-02-29"),
        ("2602300301", "2026-03-01", "None"),
        ("9912310103", "2000-01-03", "1999-12-31"),
    ],
)
def test_a_day_of_entry_is_in_the_year_nearest_the_value_date(
    days: str, date: str, value_date: str
) -> None:
    line = only(f"{days}D1,50NTRFNONREF")
    assert (str(line.date), str(line.value_date)) == (date, value_date)


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "261331D1,50NTRFNONREF",
        "260230D1,50NTRFNONREF",
        "2612310230D1,50NTRFNONREF",
        "261231D-1,50NTRFNONREF",
        "261231X1,50NTRFNONREF",
        "261231D1.500NTRFNONREF",
    ],
)
def test_a_line_that_cannot_be_read_is_told(line: str) -> None:
    read_ = reading(line)
    assert not read_.lines
    assert [each.number for each in read_.unreadable] == [5]


def test_a_statement_that_does_not_add_up_is_refused() -> None:
    with pytest.raises(NotReadable, match=r"98\.50"):
        reading("261231D7,50NTRFNONREF")


def test_a_balance_of_too_many_digits_is_none() -> None:
    with pytest.raises(NotReadable):
        read(statement("261231D1,50NTRFNONREF", opening="1" * 60))


def test_a_line_without_a_text_has_the_type_of_its_transaction() -> None:
    assert only("261231D1,50NCHG", information="").label == "NCHG"


@pytest.mark.parametrize("missing", [":60F:", ":62F:"])
def test_a_statement_without_a_balance_is_refused(missing: str) -> None:
    text = statement("261231D1,50NTRFNONREF").decode()
    with pytest.raises(NotReadable):
        read(
            "".join(line for line in text.splitlines(True) if not line.startswith(missing)).encode()
        )


@pytest.mark.parametrize("rest", [":20:S", ":20:S\n:25:1", ":20:S\n:25:1\n:60F:C261231EUR1,"])
def test_a_statement_that_only_begins_is_told(rest: str) -> None:
    read_ = read(statement("261231D1,50NTRFNONREF") + rest.encode())
    assert (len(read_.lines), [each.number for each in read_.unreadable]) == (1, [9])


@pytest.mark.parametrize(
    ("reference", "bank_id"),
    [
        ("NTRFNONREF//ABC123", "ABC123"),
        ("NTRFNONREF", ""),
        ("NTRFPAYER-1//NONREF", ""),
        ("NTRFPAYER-1", ""),
        ("NTRFNONREF//00", ""),
    ],
)
def test_an_id_is_the_banks_own(reference: str, bank_id: str) -> None:
    assert only(f"261231D1,50{reference}").bank_id == bank_id


@pytest.mark.parametrize(
    ("information", "label"),
    [
        ("one\ntwo", "one two"),
        ("x" * 65 + "\ny", "x" * 65 + "y"),
        ("x" * 64 + "\n" + "y" * 64 + "\nz", "x" * 64 + "y" * 64 + "z"),
        ("x" * 65 + "\n" + "y" * 60 + "\nz", "x" * 65 + " " + "y" * 60 + " z"),
        ("x" * 100 + "\ny", "x" * 100 + " y"),
        ("005?00LASTSCHRIFT?20EREF+1?21SVWZ+Strom?32STADTWERKE", "STADTWERKE Strom"),
        ("005?00LASTSCHRIFT?20Why? Not?60more", "Why? Not more"),
        ("020>00TEXT>20Grund>32WER", "WER Grund"),
        ("020?00ENTGELT", "ENTGELT"),
        ("/TRTP/iDEAL/NAME/SHOP B.V./REMI/Order 12/EREF/1", "SHOP B.V. Order 12"),
        ("/EREF/1//CNTP/NL1/INGBNL2A/J JANSEN/UTRECHT/REMI/USTD//rent/", "J JANSEN rent"),
        ("24/12 A/B not structured", "24/12 A/B not structured"),
        ("2026-12 paid", "2026-12 paid"),
    ],
)
def test_information_is_read_by_the_way_it_is_divided(information: str, label: str) -> None:
    assert only("261231D1,50NTRFNONREF", information).label == label


def test_an_ibans_currency_is_no_part_of_the_account() -> None:
    text = statement("261231D1,50NTRFNONREF").replace(b":25:1", b":25:NL91ABNA0417164300EUR")
    assert read(text).lines[0].account == "NL91ABNA0417164300"


@pytest.mark.parametrize("content", [b"", b":20:S\n", b"hello", b":86:only a text"])
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read(content)


def test_a_german_purpose_may_begin_on_the_next_line() -> None:
    reading = read(
        b":20:A\n:25:LU12\n:28C:1\n:60F:C260101EUR0,\n:61:2601050105CR1,00N229NONREF\n"
        b":86:229\n?00BONUS\n?20Prime\n?32Ada\n:62F:C260105EUR1,\n"
    )
    assert [line.label for line in reading.lines] == ["Ada Prime"]
