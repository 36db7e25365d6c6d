"""Amounts as banks write them. What a separator means is decided by the column as a whole."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

SPACES = " \t\u00a0\u202f\u2009\u2007"
MINUS = str.maketrans(dict.fromkeys("\u2212\u2013\u2012\ufe63\uff0d", "-"))
#: No amount is longer, with all its signs and its currency.
LONGEST = 60
#: Written beside an amount and no part of it.
CURRENCY_SIGNS = "€$£¥₤₣₹₽₺₴₪₩₱฿¤"
CURRENCY = re.compile(
    rf"[{CURRENCY_SIGNS}]|(?<![A-Za-z])(?:[A-Z]{{3}}|[Ee]ur|[Ee]uros?|Ft|K[čc]|zł|kr\.?|Fr\.?|lei|R\$|"
    r"US\$|CA\$|A\$|Rs\.?)(?![A-Za-z])"
)
#: What stands for "nothing" in a column of amounts.
BLANK = {"", "-", "--", "—", "–", "n/a", "na", "nan", "null", "none", "n.v.t.", "nul"}

CREDIT_MARKS = {"CR", "C", "H", "HABEN", "+"}
DEBIT_MARKS = {"DR", "DB", "D", "S", "SOLL"}
MARK = re.compile(r"(?<![A-Za-z])(CR|DR|DB|Cr|Dr|cr|dr|C|D|H|S)\.?$")

BARE = re.compile(r"[-+]?[0-9][0-9.,]*")
NUMBER = re.compile(r"[0-9][0-9.,]*|[.,][0-9.,]*[0-9]")
GROUPED = {
    ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+"),
    ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|[0-9]{1,3}(?:,[0-9]{2})+,[0-9]{3}"),
}
#: The most digits an amount may have before its decimal separator, and after it.
DIGITS = re.compile(r"[0-9]{0,15}")


class Decimals(enum.Enum):
    """Which sign begins the decimals in a column of amounts."""

    POINT = "."
    COMMA = ","
    NONE = ""  # no separator, or one that means the same either way
    UNKNOWN = "?"  # "1,234" alone: a thousand, or a little more than one
    BOTH = "!"  # some amounts are only readable with a point, others only with a comma


#: Which sign begins the decimals, and which parts the thousands.
SEPARATORS = {
    Decimals.POINT: (".", ","),
    Decimals.COMMA: (",", "."),
    Decimals.NONE: (".", ","),  # of its column no number has a separator
}


@dataclass(frozen=True, slots=True)
class Written:
    """An amount taken apart: digits and separators, and what is said of its sign."""

    number: str  # digits, points and commas only; no grouping by spaces or apostrophes
    negative: bool
    plus: bool  # an explicit plus
    mark: str  # "credit", "debit" or ""
    currency: str


def take_apart(cell: str) -> Written | None:
    """None where a cell is no amount. Blank cells are none either."""
    text = cell.strip(SPACES)
    if BARE.fullmatch(text):
        return _signed(text, "", "")
    if len(text) > LONGEST:
        return None
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    text = text.translate(MINUS)
    currency = mark = ""
    if found := CURRENCY.search(text):
        currency = found[0].upper() if len(found[0]) == 3 else ""
        text = (text[: found.start()] + " " + text[found.end() :]).strip(SPACES)
    if found := MARK.search(text):
        mark = "credit" if found[1].upper() in CREDIT_MARKS else "debit"
        text = text[: found.start()].strip(SPACES)
    if text.startswith("(") and text.endswith(")"):
        inner = _signed(text[1:-1].strip(SPACES), mark, currency)
        return (
            None if inner is None or inner.negative or inner.plus else replace(inner, negative=True)
        )
    return _signed(text, mark, currency)


def _signed(text: str, mark: str, currency: str) -> Written | None:
    """A number with its sign before or after it, if it has one."""
    sign = ""
    if text[:1] in ("-", "+"):
        sign, text = text[0], text[1:].strip(SPACES)
    elif text[-1:] in ("-", "+"):
        sign, text = text[-1], text[:-1].strip(SPACES)
    number = _ungrouped(text)
    if not NUMBER.fullmatch(number):
        return None
    return Written(number, sign == "-", sign == "+", mark, currency)


SPACE_GROUPS = re.compile(
    r"[0-9]{1,3}(?:([ \u00a0\u202f\u2009\u2007'’´`])[0-9]{3})(?:\1[0-9]{3})*(?![0-9])"
)


def _ungrouped(text: str) -> str:
    """A number without the spaces or apostrophes that part its thousands."""
    if found := SPACE_GROUPS.match(text):
        head = "".join(character for character in found[0] if character.isdigit())
        return head + text[found.end() :]
    return text


def decimals_of(number: str) -> Decimals:
    """What one number, as `Written.number` has it, says of the decimal separator."""
    points, commas = number.count("."), number.count(",")
    if not points and not commas:
        return Decimals.NONE
    if points and commas:
        point_last = number.rfind(".") > number.rfind(",")
        if (points if point_last else commas) > 1:
            return Decimals.BOTH
        return Decimals.POINT if point_last else Decimals.COMMA
    sign = "." if points else ","
    this, other = (Decimals.POINT, Decimals.COMMA) if points else (Decimals.COMMA, Decimals.POINT)
    if points + commas > 1:
        return other if GROUPED[sign].fullmatch(number) else Decimals.BOTH
    before, after = number.split(sign)
    if len(after) != 3 or len(before) > 3 or before.startswith("0") or not before:
        return this
    return Decimals.UNKNOWN


def decimals_of_all(numbers: Iterable[str], *, whole: bool = False) -> Decimals:
    """What the numbers of a column say together.

    `whole` says that the currency has no decimals, so that a lone separator parts thousands.
    """
    seen: set[Decimals] = set()
    shapes: dict[str, Decimals] = {}
    lone: set[str] = set()
    ungrouped = thousand_without = False
    for number in numbers:
        kind = decimals_of(number)
        shapes[number] = kind
        seen.add(kind)
        if kind is Decimals.UNKNOWN:
            lone.add("." if "." in number else ",")
        elif kind is Decimals.NONE:
            ungrouped = True
            thousand_without = thousand_without or len(number) > 3
    if Decimals.BOTH in seen or {Decimals.POINT, Decimals.COMMA} <= seen:
        return Decimals.BOTH
    if Decimals.POINT in seen:
        return Decimals.POINT
    if Decimals.COMMA in seen:
        return Decimals.COMMA
    if not lone:
        return Decimals.NONE
    if len(lone) == 2:
        return Decimals.BOTH
    # Thousands are parted and hundreds stand as they are: no column of decimals looks like that.
    if whole or (ungrouped and not thousand_without):
        return Decimals.COMMA if lone == {"."} else Decimals.POINT
    return Decimals.UNKNOWN


def to_decimal(number: str, decimals: Decimals) -> Decimal | None:
    """The number's value; None where it is not written as the column is."""
    if decimals not in SEPARATORS:
        return None
    sign, group = SEPARATORS[decimals]
    whole, _sign, fraction = number.partition(sign)
    if group in whole:
        # ",300.00": thousands of which the first group was left out with its zero.
        if not GROUPED[group].fullmatch(whole.removeprefix(group)) or (
            whole.startswith(group) and whole[4:5] not in ("", group)
        ):
            return None
        whole = whole.replace(group, "")
    if not DIGITS.fullmatch(whole) or not DIGITS.fullmatch(fraction) or not whole + fraction:
        return None
    return plain(Decimal(f"{whole or 0}.{fraction or 0}"))


CENT = Decimal("0.01")


def plain(value: Decimal) -> Decimal:
    """The value with two decimals where that loses nothing."""
    rounded = value.quantize(CENT)
    return rounded if rounded == value else value.normalize()


@dataclass(frozen=True, slots=True)
class AmountColumn:
    """A column's cells as numbers, with what they say of sign and separators.

    `values` has None where a cell is blank or no amount; `blank` tells them apart.
    """

    values: Sequence[Decimal | None]
    blank: Sequence[bool]
    decimals: Decimals
    negatives: int
    positives: int
    pluses: int
    unsigned: int  # amounts written without any sign or mark
    marks: int  # how many different marks there are: CR, DR


def read_column(
    cells: Sequence[str], told: Decimals | None = None, *, whole: bool = False
) -> AmountColumn:
    """Reads a column of amounts as a whole; `told` is the sign of the decimals, where it is open.

    A mark of its own on credits alone makes the unmarked ones debits.
    """
    different = set(cells)
    if (column := _read_plain(cells, different)) is not None:
        return column
    apart = {cell: take_apart(cell) for cell in different}
    written = [each for each in apart.values() if each]
    decimals = decimals_of_all((each.number for each in written), whole=whole)
    if told and decimals is Decimals.UNKNOWN:
        decimals = told
    marks = {each.mark for each in written if each.mark}
    known = {cell: _value(each, decimals, marks) if each else None for cell, each in apart.items()}
    blank = {cell: is_blank(cell) for cell in apart}
    return AmountColumn(
        values=[known[cell] for cell in cells],
        blank=[blank[cell] for cell in cells],
        decimals=decimals,
        negatives=_count(cells, {cell for cell, value in known.items() if value and value < 0}),
        positives=_count(cells, {cell for cell, value in known.items() if value and value > 0}),
        pluses=sum(each.plus for each in written),
        unsigned=sum(not (each.plus or each.negative or each.mark) for each in written),
        marks=len(marks),
    )


def _count(cells: Sequence[str], which: set[str]) -> int:
    return sum(1 for cell in cells if cell in which) if which else 0


#: What nearly all columns have, and nothing else: read without taking it apart.
PLAIN = {
    Decimals.POINT: re.compile(r"-?[0-9]{1,12}\.[0-9]{2}"),
    Decimals.COMMA: re.compile(r"-?[0-9]{1,12},[0-9]{2}"),
}


def _read_plain(cells: Sequence[str], different: set[str]) -> AmountColumn | None:
    """The column, if every cell is blank or as plain as "-1234,56"; None if it is not."""
    sample = next(filter(None, cells), "")
    decimals = Decimals.COMMA if "," in sample else Decimals.POINT
    plain_enough = PLAIN[decimals].fullmatch
    if not sample or not all(not cell or plain_enough(cell) for cell in different):
        return None
    known: dict[str, Decimal | None] = {
        cell: Decimal(cell.replace(",", ".")) if cell else None for cell in different
    }
    negative = {cell for cell in different if cell[:1] == "-" and known[cell]}
    zero = {cell for cell in different if not known[cell]}
    negatives = _count(cells, negative)
    return AmountColumn(
        values=[known[cell] for cell in cells],
        blank=[not cell for cell in cells],
        decimals=decimals,
        negatives=negatives,
        positives=len(cells) - negatives - _count(cells, zero),
        pluses=0,
        unsigned=len(different) - len(negative) - len(zero),
        marks=0,
    )


def _value(written: Written, decimals: Decimals, marks: set[str]) -> Decimal | None:
    """An amount's value in a column that has these marks, signed by its own."""
    value = to_decimal(written.number, decimals)
    if value is None or not marks:
        return -value if value is not None and written.negative else value
    if written.negative:
        return None  # a sign and a mark: only one of them can be meant
    leaves = written.mark == "debit" or (not written.mark and marks == {"credit"})
    return -value if leaves else value


def is_amount(cell: str) -> bool:
    """Whether a cell is written like an amount, whatever its separators mean."""
    return take_apart(cell) is not None


def is_blank(cell: str) -> bool:
    """Whether a cell of a column of amounts says "nothing"."""
    return cell.strip(SPACES).casefold() in BLANK
