"""Whatever the bytes, a reader reads or refuses, and never fails."""

import datetime as dt
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from budget.imports.amounts import Decimals, take_apart, to_decimal
from budget.imports.dates import DateOrder, in_order
from budget.imports.dates import take_apart as date_parts
from budget.imports.reading import NotReadable, Reading
from budget.imports.recognition import read

CELLS = st.one_of(
    st.sampled_from(
        """
        |Date|Libellé|Montant|Débit|Crédit|Solde|13/01/2026|01/02/26|2026-01-13|-1,00|1.234,56|
        1,234|12.50-|(3)|CR|"|""|EUR|Total|D|C|=1+1|\x00|\r|\u2028|'|+|-|5,|,300.00|30/02/2026|
        En attente
        """.strip(" ").split("|")
    ),
    st.text(max_size=8),
)
TABLES = st.builds(
    lambda rows, delimiter, end: end.join(delimiter.join(row) for row in rows),
    st.lists(st.lists(CELLS, max_size=7), max_size=12),
    st.sampled_from(";,\t|"),
    st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"]),
)


def read_or_refuse(content: bytes) -> None:
    try:
        reading = read(content)
    except NotReadable:
        return
    assert isinstance(reading, Reading)
    for line in reading.lines:
        assert isinstance(line.date, dt.date)
        assert line.amount == round(line.amount, 2)
        assert "\x00" not in line.label
        assert line.label == " ".join(line.label.split())


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes(content: bytes) -> None:
    read_or_refuse(content)


@given(TABLES, st.sampled_from(["utf-8", "utf-16", "utf-16-le", "cp1252"]))
@settings(max_examples=500, deadline=None)
def test_any_table(text: str, encoding: str) -> None:
    read_or_refuse(text.encode(encoding, errors="replace"))


@given(
    st.integers(-(10**11), 10**11),
    st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]),
)
def test_an_amount_is_read_as_it_was_written(cents: int, signs: tuple[str, str]) -> None:
    point, group = signs
    written = (
        f"{Decimal(cents) / 100:,.2f}".replace(",", "~").replace(".", point).replace("~", group)
    )
    found = take_apart(written)
    assert found
    value = to_decimal(found.number, Decimals(point))
    assert value is not None
    assert (-value if found.negative else value) == Decimal(cents) / 100


@given(st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)), st.sampled_from("/.-"))
def test_a_date_is_read_as_it_was_written(day: dt.date, separator: str) -> None:
    for pattern, order in [
        ("%d~%m~%Y", DateOrder.DMY),
        ("%m~%d~%y", DateOrder.MDY),
        ("%y~%m~%d", DateOrder.YMD),
    ]:
        parts = date_parts(day.strftime(pattern).replace("~", separator))
        assert isinstance(parts, tuple)
        assert in_order(parts, order) == day
    assert date_parts(day.isoformat()) == day
