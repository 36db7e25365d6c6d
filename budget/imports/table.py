"""A text's rows and cells: which sign parts the cells, and where a quoted cell ends."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from budget.imports import amounts, dates
from budget.imports.packed import TOGETHER, Lines

DELIMITERS = ";,\t|"
#: How many lines one row may span: banks' labels have five or six.
MOST_LINES_OF_A_ROW = 40
SAMPLE_LINES = 400
SAMPLE_CHARACTERS = 400_000
SAMPLE_CELLS = 200

# A cell may be as long as the file: what is too long is refused where it is read.
csv.field_size_limit(2**31 - 1)

type Row = tuple[int, list[str] | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of text, and how their cells are parted."""

    lines: Lines
    delimiter: str
    backslash: bool  # whether a quote within quotes has a backslash before it
    first: int  # the line where the rows begin, from 0

    def rows(self, limit: int | None = None, *, start: int | None = None) -> Iterator[Row]:
        """Every row with the number, from 1, of the line where it begins.

        The cells are None where a quote is opened and not closed: the next line is a new row.
        Begins at line `start`, from 0, where that is given: the first of a row.
        """
        stop = len(self.lines) if limit is None else min(len(self.lines), self.first + limit)
        start = self.first if start is None else start
        while start < stop:
            start = yield from self._rows(start, stop)

    def batches(self) -> Iterator[tuple[Sequence[int], list[list[str] | None]]]:
        """All rows as `rows` has them, many at a time: their numbers, and the cells of each.

        Where every line of a part is a row by itself they need not be looked at one by one.
        """
        start = self.first
        for first, part in self.lines.parts(start):
            lines = part.splitlines(keepends=True)
            end = first + len(lines)
            if start >= end:
                continue
            lines = [*self.lines[start:first], *lines[max(start - first, 0) :]]
            rows: list[list[str] | None] = list(self._reader(lines))
            if len(rows) == len(lines):
                # The row that begins on the last line may go on after it.
                if '"' in lines[-1] or self.backslash:
                    rows.pop()
                yield range(start + 1, start + 1 + len(rows)), rows
                start += len(rows)
                continue
            numbers = []
            rows = []
            for number, cells in self.rows(start=start):
                start = number - 1
                if start >= end:
                    break
                numbers.append(number)
                rows.append(cells)
            else:
                start = len(self.lines)
            yield numbers, rows
        rest = list(self.rows(start=start))
        yield [number for number, _cells in rest], [cells for _number, cells in rest]

    def _rows(self, start: int, stop: int) -> Generator[Row, None, int]:
        lines = self.lines
        begin = start

        def feed() -> Iterator[str]:
            for index in range(start, stop):
                if index - begin > MOST_LINES_OF_A_ROW:
                    return
                yield lines[index]

        reader = self._reader(feed())
        for cells in reader:
            end = start + reader.line_num
            if end - begin > 1 and self._is_broken(begin, end):
                yield begin + 1, None
                return begin + 1
            yield begin + 1, cells
            begin = end
        return max(begin, start + 1)

    def _reader(self, lines: Iterable[str]) -> Any:
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            escapechar="\\" if self.backslash else None,
            doublequote=not self.backslash,
            skipinitialspace=True,
            strict=False,
        )

    def _is_broken(self, begin: int, end: int) -> bool:
        """Whether lines that were taken for one row are several: a quote is left open."""
        if end - begin > MOST_LINES_OF_A_ROW:
            return True
        quotes = [self.lines[index].count('"') for index in range(begin, end)]
        if not self.backslash and sum(quotes) % 2:
            return True
        # Lines that are whole movements, were it not for their quotes: each has one left open.
        plain = (self.lines[index].strip().split(self.delimiter) for index in range(begin, end))
        if is_movement(next(plain)) and any(is_movement(cells) for cells in plain):
            return True
        return any(
            count % 2 == 0 and is_movement(self.split(self.lines[index]))
            for index, count in enumerate(quotes[1:], start=begin + 1)
        )

    def split(self, line: str) -> list[str]:
        """The cells of one line by itself."""
        return next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=True), [])


def is_movement(cells: Sequence[str]) -> bool:
    """Whether among the cells there is a date, and an amount in another."""
    has_date = has_amount = False
    for cell in cells[:SAMPLE_CELLS]:
        if not cell or len(cell) > 40:
            continue
        if not has_date and dates.is_date(cell):
            has_date = True
        elif not has_amount and amounts.is_amount(cell):
            has_amount = True
        if has_date and has_amount:
            return True
    return False


#: What Python takes for the end of a line and no bank does.
OTHER_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
ASCII_ENDS = "\x0b\x0c\x1c\x1d\x1e"
#: How many characters of a text are looked at together.
PIECE = 64 * 1024


def table_lines(parts: Iterable[str]) -> Lines:
    """The lines of a text in parts. Their ends may be LF, CRLF, CR alone or CRCRLF."""
    lines = Lines(_whole_lines(_with_line_feeds(parts)))
    alone = sum(part.count("\r") for _first, part in lines.parts())
    if not alone:
        return lines
    # Beside many line feeds a lone CR stands within a label.
    feeds = sum(part.count("\n") for _first, part in lines.parts())
    instead = " " if feeds > alone else "\n"
    return Lines(
        _whole_lines(
            piece
            for _first, part in lines.parts()
            for piece in _pieces(part.replace("\r", instead))
        )
    )


def _with_line_feeds(parts: Iterable[str]) -> Iterator[str]:
    """The parts with LF for CRLF and CRCRLF, and spaces for other signs that end a line."""
    held = ""
    for part in parts:
        text = held + part
        kept = text.rstrip("\r")
        held = text[len(kept) :]
        yield _plain(kept)
    yield _plain(held)


def _plain(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n")
    for end in ASCII_ENDS if text.isascii() else OTHER_ENDS:
        if end in text:
            text = text.replace(end, " ")
    return text


def _whole_lines(parts: Iterable[str]) -> Iterator[str]:
    """The same text in parts that end where a line does."""
    held: list[str] = []
    for part in parts:
        cut = part.rfind("\n") + 1
        if cut:
            yield "".join([*held, part[:cut]])
            held.clear()
        held.append(part[cut:])
    yield "".join(held)


def _pieces(text: str) -> Iterator[str]:
    for at in range(0, len(text), PIECE):
        yield text[at : at + PIECE]


def recognise(lines: Lines) -> Table:
    """The table in a text: by the delimiter that gives the most rows with a date and an amount."""
    first = 0
    delimiters = DELIMITERS
    if lines and (told := re.fullmatch(r'"?sep=(.)"?[;,\s]*', lines[0], re.IGNORECASE)):
        first, delimiters = 1, told[1]
    backslash = any('\\"' in line for line in lines[:SAMPLE_LINES])
    best = max(
        (
            (_score(table), -order, table)
            for order, table in enumerate(
                Table(lines, delimiter, escape, first)
                for delimiter in delimiters
                for escape in ([False, True] if backslash else [False])
            )
        ),
        key=lambda each: each[:2],
    )
    if not best[0][0] and (unwrapped := _unwrapped(lines)) is not None:
        return recognise(unwrapped)
    return best[2]


def _score(table: Table) -> tuple[int, int]:
    """How many rows of a sample are movements, and how alike the rows are."""
    movements = characters = 0
    widths: Counter[int] = Counter()
    for number, cells in table.rows(SAMPLE_LINES):
        characters += len(table.lines[number - 1])
        if characters > SAMPLE_CHARACTERS:
            break
        if cells:
            movements += is_movement(cells)
            widths[len(cells)] += 1
    alike = max((count * (width - 1) for width, count in widths.items()), default=0)
    return movements, alike


def _unwrapped(lines: Lines) -> Lines | None:
    """The lines without the quotes that some programs put around a whole line."""
    found = 0

    def plain() -> Iterator[str]:
        nonlocal found
        for line in lines:
            text = line.strip()
            if (
                len(text) > 2
                and text[0] == text[-1] == '"'
                and not re.search(r'[^"]"(;|,|\t|\|)"[^"]', text)
            ):
                cells = next(csv.reader([text]))
                if len(cells) == 1 and any(sign in cells[0] for sign in DELIMITERS):
                    found += 1
                    yield cells[0] + "\n"
                    continue
            yield line

    result = Lines("".join(some) for some in batched(plain(), TOGETHER))
    return result if found * 2 > len(lines) else None
