"""Dates as banks write them. Which part is the day is decided by the column as a whole."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import itertools
import re
from collections.abc import Iterable, Sequence

from budget.core.folding import fold

FIRST_YEAR, LAST_YEAR = 1950, 2100
#: No date is longer, with its weekday and its time.
LONGEST = 40
#: Two-digit years from here on belong to the last century.
PIVOT = 70


class DateOrder(enum.StrEnum):
    """The order of day, month and year."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


#: A time of day after a date, which says nothing here.
CLOCK = r"[0-9]{1,2}[:.h][0-9]{2}(?:[:.][0-9]{2})?(?:[.,:][0-9]{1,9})?"
ZONE = r"(?:Z|UTC|GMT|[A-Z]{3,4}|[+-][0-9]{2}:?[0-9]{2})"
TIME = rf"(?:[T ,]\s*(?:(?:um|à|at|om|/)\s*)?{CLOCK}\s*(?:[AaPp]\.?[Mm]\.?)?\s*{ZONE}?)?"
# A date in figures: three parts with a separator, perhaps a stop after them.
SEPARATOR = r"\s?([/.\-'])\s?"
FIGURES = re.compile(
    rf"([0-9]{{1,4}}){SEPARATOR}([0-9]{{1,2}}){SEPARATOR}([0-9]{{4}}|[0-9]{{1,2}})\.?"
    rf"(?:\s/\s[0-9:]+)?{TIME}"
)
TIMED = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}[/.\-][0-9]{2}[/.\-][0-9]{4})"
    r"[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z?"
)
COMPACT = re.compile(
    rf"((?:19|20)[0-9]{{2}})([0-9]{{2}})([0-9]{{2}})(?:[0-9]{{6}})?(?:\.[0-9]+)?"
    rf"(?:\[[^\]]{{1,12}}\])?{TIME}"
)
WEEKDAY = r"(?:[^\W\d_]{2,9}\.?,?\s+)?"
WORD = r"([^\W\d_]{3,10})\.?"
#: Patterns of dates whose month is a word, and which of their groups are year, month and day.
NAMED = [
    (
        re.compile(
            rf"{WEEKDAY}([0-9]{{1,2}})(?:er|st|nd|rd|th|\.)?[\s\-/.,]*{WORD}[\s\-/.,']*"
            rf"([0-9]{{4}}|[0-9]{{2}}){TIME}"
        ),
        3,
        2,
        1,
    ),
    (
        re.compile(
            rf"{WEEKDAY}{WORD}[\s\-/.,]*([0-9]{{1,2}})(?:st|nd|rd|th)?[\s\-/.,]+([0-9]{{4}}){TIME}"
        ),
        3,
        1,
        2,
    ),
    (re.compile(rf"([0-9]{{4}})[\s\-/.,]+{WORD}[\s\-/.,]+([0-9]{{1,2}}){TIME}"), 1, 2, 3),
]

MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january janv janvier januar jaenner janner januari ene enero gen gennaio "
            "janeiro ianuarie ocak styczen stycznia sty",
            "feb february fev fevr fevrier februar februari febrero febbraio fevereiro "
            "februarie subat luty lutego lut",
            "mar march mars marz maerz mrz mrt maart marzo marco martie mart marzec marca",
            "apr april avr avril abr abril aprile aprilie nisan kwiecien kwietnia kwi",
            "may mai mei mayo mag maggio maio maj mayis maja",
            "jun june juin juni junio giu giugno junho iunie haziran czerwiec czerwca cze",
            "jul july juil juillet juli julio lug luglio julho iulie temmuz lipiec lipca",
            "aug august aou aout augustus ago agosto agustos sierpien sierpnia sie",
            "sep sept september septembre septiembre set settembre setembro septembrie eylul "
            "wrzesien wrzesnia wrz",
            "oct october octobre okt oktober octubre ott ottobre outubro out octombrie ekim "
            "pazdziernik pazdziernika paz",
            "nov november novembre noviembre novembro noiembrie kasim",
            "dec december decembre dez dezember dic diciembre dicembre dezembro des desember "
            "decembrie aralik grudzien grudnia gru",
        ],
        start=1,
    )
    for name in names.split()
}

type Parts = tuple[str, str, str, str, str]  # shape, separator, and the three parts


def _month(name: str) -> int | None:
    return MONTHS.get(fold(name))


def take_apart(cell: str) -> Parts | dt.date | None:
    """A date's three parts where their order is open, the date where it is not, else None."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    return None if not text or len(text) > LONGEST else _take_apart(text)


@functools.lru_cache(maxsize=8192)
def _take_apart(text: str) -> Parts | dt.date | None:
    if not any("0" <= character <= "9" for character in text):
        return None
    if found := FIGURES.fullmatch(text):
        return _figures(*found.groups())
    if found := COMPACT.fullmatch(text):
        return _date(*found.groups())
    return _named(text)


def _figures(first: str, sep: str, second: str, sep2: str, third: str) -> Parts | dt.date | None:
    if sep != sep2 and sep2 != "'":
        return None
    if len(first) == 4:
        return _date(first, second, third) if len(third) <= 2 else None
    if len(first) == 3 or len(third) == 1:
        return None
    return ("long" if len(third) == 4 else "short", sep, first, second, third)


def _named(text: str) -> dt.date | None:
    """A date whose month is a word."""
    for pattern, year, month, day in NAMED:
        if found := pattern.fullmatch(text):
            number = _month(found[month])
            return _date(found[year], str(number), found[day]) if number else None
    return None


def _century(year: str) -> str:
    if len(year) == 2:
        return f"19{year}" if int(year) >= PIVOT else f"20{year}"
    return year


def _date(year: str, month: str, day: str) -> dt.date | None:
    try:
        date = dt.date(int(_century(year)), int(month), int(day))
    except ValueError:
        return None
    return date if FIRST_YEAR <= date.year <= LAST_YEAR else None


def in_order(parts: Parts, order: DateOrder) -> dt.date | None:
    """The date that the parts are in an order, None where they are none."""
    _shape, _separator, first, second, third = parts
    if order is DateOrder.DMY:
        return _date(third, second, first)
    if order is DateOrder.MDY:
        return _date(third, first, second)
    return _date(first, second, third) if len(third) == 2 else None


def is_date(cell: str) -> bool:
    """Whether a cell is written like a date that exists in some order."""
    parts = take_apart(cell)
    if isinstance(parts, tuple):
        return any(in_order(parts, order) for order in DateOrder)
    return parts is not None


def without_times(cells: Sequence[str]) -> Sequence[str]:
    """Cells of a column of dates, those without the time of day that are nothing but both: then
    a day is written once and not once for each of its seconds."""
    if not any(len(cell) > len("31/12/2026") for cell in cells):
        return cells
    return [found[1] if (found := TIMED.fullmatch(cell)) else cell for cell in cells]


def is_invented(cell: str) -> bool:
    """Whether a cell is a date that no calendar has, such as 30 February."""
    found = FIGURES.fullmatch(cell.strip()) or COMPACT.fullmatch(cell.strip())
    return bool(found) and not is_date(cell)


def orders_of(cells: Iterable[str]) -> set[DateOrder] | None:
    """The orders in which every cell that is a date can be read; None where none leaves it open."""
    possible = set(DateOrder)
    is_open = False
    for cell in cells:
        parts = take_apart(cell)
        if not isinstance(parts, tuple):
            continue
        fits = {order for order in DateOrder if in_order(parts, order)}
        if not fits:
            continue  # 30 February says nothing of the order
        is_open = True
        if parts[1] == "." and DateOrder.DMY in fits:
            fits.discard(DateOrder.MDY)  # nobody puts a full stop after a month that comes first
        possible &= fits
    return possible if is_open else None


def without_year_first(cells: Sequence[str], orders: set[DateOrder]) -> set[DateOrder]:
    """The orders without that of two figures for the year first, "26/12/31", which is rare: it
    stays only where the dates then lie much closer together."""
    others = orders - {DateOrder.YMD}
    if not others or DateOrder.YMD not in orders:
        return orders
    spans = {order: _span(cells, order) for order in orders}
    if spans[DateOrder.YMD] * 8 < min(spans[order] for order in others):
        return orders
    return others


def _span(cells: Sequence[str], order: DateOrder) -> int:
    dates = [date for date in read_column(cells, order) if date]
    return (max(dates) - min(dates)).days if dates else 0


def likeliest(cells: Sequence[str], orders: set[DateOrder]) -> DateOrder | None:
    """The one of several orders that the cells' sequence speaks for; None where it does not.

    Statements are sorted by day, and cover years, not decades. Both are evidence only where one
    order satisfies them and the others do not.
    """
    runs: dict[DateOrder, list[dt.date]] = {}
    for order in orders:
        dates = []
        for cell in cells:
            parts = take_apart(cell)
            if isinstance(parts, tuple) and (date := in_order(parts, order)):
                dates.append(date)
        runs[order] = dates
    spans = {order: (max(run) - min(run)).days for order, run in runs.items() if run}
    if not spans:
        return None
    if len(set(runs[next(iter(orders))])) > 1:
        short = min(spans.values())
        kept = {order for order, span in spans.items() if span < 8 * 365 or span <= 2 * short}
        if len(kept) == 1 and short < 3 * 365:
            return kept.pop()
        if not kept:
            return None
    else:
        kept = set(orders)
    if any(len(set(runs[order])) < 5 for order in kept):
        return None
    ordered = {order for order in kept if is_sorted(runs[order])}
    return ordered.pop() if len(ordered) == 1 else None


def is_sorted(dates: Sequence[dt.date]) -> bool:
    """Whether dates never go back, or never go forward."""
    pairs = list(itertools.pairwise(dates))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def read_column(cells: Sequence[str], order: DateOrder | None) -> list[dt.date | None]:
    """The dates of a column, None where a cell is none in this order."""
    known: dict[str, dt.date | None] = {}
    for cell in set(cells):
        parts = take_apart(cell)
        if isinstance(parts, tuple):
            known[cell] = in_order(parts, order) if order else None
        else:
            known[cell] = parts
    return [known[cell] for cell in cells]
