"""Amounts as banks write them. What a separator means is decided by the column as a whole."""

from __future__ import annotations

import enum
import functools
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import batched

from budget.imports.packed import FEW, NOTHING, TOGETHER, Amounts

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
    lone: set[str] = set()
    ungrouped = thousand_without = False
    for number in numbers:
        kind = decimals_of(number)
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

    values: Amounts
    blank: Sequence[bool]
    decimals: Decimals
    negatives: int
    positives: int
    pluses: bool  # whether any is written with a plus
    unsigned: bool  # whether any is written without any sign or mark
    marks: int  # how many different marks there are: CR, DR


def read_column(
    cells: Sequence[str], told: Decimals | None = None, *, whole: bool = False
) -> AmountColumn:
    """Reads a column of amounts as a whole; `told` is the sign of the decimals, where it is open.

    A mark of its own on credits alone makes the unmarked ones debits.
    """
    if (column := _read_plain(cells)) is not None:
        return column
    apart = functools.lru_cache(maxsize=FEW)(take_apart)
    marks: set[str] = set()
    pluses = unsigned = False

    def numbers() -> Iterator[str]:
        nonlocal pluses, unsigned
        for written in map(apart, cells):
            if written:
                pluses = pluses or written.plus
                unsigned = unsigned or not (written.plus or written.negative or written.mark)
                if written.mark:
                    marks.add(written.mark)
                yield written.number

    decimals = decimals_of_all(numbers(), whole=whole)
    if told and decimals is Decimals.UNKNOWN:
        decimals = told

    @functools.lru_cache(maxsize=FEW)
    def value(cell: str) -> Decimal | None:
        written = apart(cell)
        return _value(written, decimals, marks) if written else None

    values = Amounts()
    for cell in cells:
        values.append(value(cell))
    return AmountColumn(
        values=values,
        blank=blanks(cells),
        decimals=decimals,
        negatives=values.negatives(),
        positives=values.positives(),
        pluses=pluses,
        unsigned=unsigned,
        marks=len(marks),
    )


#: What nearly all columns have, and nothing else: read without taking it apart.
PLAIN = {
    Decimals.POINT: re.compile(r"(?:-?[0-9]{1,12}\.[0-9]{2})?(?:\0(?:-?[0-9]{1,12}\.[0-9]{2})?)*"),
    Decimals.COMMA: re.compile(r"(?:-?[0-9]{1,12},[0-9]{2})?(?:\0(?:-?[0-9]{1,12},[0-9]{2})?)*"),
}


def _read_plain(cells: Sequence[str]) -> AmountColumn | None:
    """The column, if every cell is blank or as plain as "-1234,56"; None if it is not."""
    sample = next(filter(None, cells), "")
    decimals = Decimals.COMMA if "," in sample else Decimals.POINT
    sign, plain_enough = decimals.value, PLAIN[decimals].fullmatch
    cents = array("q")
    for some in batched(cells, TOGETHER):
        text = "\0".join(some)
        if not plain_enough(text):
            return None
        figures = text.replace(sign, "").split("\0")
        cents.extend([int(each) if each else NOTHING for each in figures])
    if not sample:
        return None
    values = Amounts(cents)
    positives = values.positives()
    return AmountColumn(
        values=values,
        blank=[each == NOTHING for each in cents],
        decimals=decimals,
        negatives=values.negatives(),
        positives=positives,
        pluses=False,
        unsigned=positives > 0,
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


def blanks(cells: Iterable[str]) -> list[bool]:
    """Of each cell whether it is blank. None of them is that ends with a figure."""
    return [not cell or (not "0" <= cell[-1] <= "9" and is_blank(cell)) for cell in cells]
