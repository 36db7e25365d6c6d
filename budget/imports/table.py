"""A text's rows and cells: which sign parts the cells, and where a quoted cell ends."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from budget.imports import amounts, dates

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

    lines: Sequence[str]  # with their ends
    delimiter: str
    backslash: bool  # whether a quote within quotes has a backslash before it
    first: int  # the line where the rows begin, from 0

    def rows(self, limit: int | None = None) -> Iterator[Row]:
        """Every row with the number, from 1, of the line where it begins.

        The cells are None where a quote is opened and not closed: the next line is a new row.
        """
        stop = len(self.lines) if limit is None else min(len(self.lines), self.first + limit)
        start = self.first
        while start < stop:
            start = yield from self._rows(start, stop)

    def _rows(self, start: int, stop: int) -> Generator[Row, None, int]:
        lines = self.lines
        begin = start

        def feed() -> Iterator[str]:
            for index in range(start, stop):
                if index - begin > MOST_LINES_OF_A_ROW:
                    return
                yield lines[index]

        reader = csv.reader(
            feed(),
            delimiter=self.delimiter,
            escapechar="\\" if self.backslash else None,
            doublequote=not self.backslash,
            skipinitialspace=True,
            strict=False,
        )
        for cells in reader:
            end = start + reader.line_num
            if end - begin > 1 and self._is_broken(begin, end):
                yield begin + 1, None
                return begin + 1
            yield begin + 1, cells
            begin = end
        return max(begin, start + 1)

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
OTHER_ENDS = str.maketrans(dict.fromkeys("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " "))


def split_lines(text: str) -> list[str]:
    """The lines with their ends, which may be LF, CRLF, CR alone or CRCRLF."""
    if "\r" in text:
        text = text.replace("\r\r\n", "\n").replace("\r\n", "\n")
        lone = text.count("\r")
        # Beside many line feeds a lone CR stands within a label.
        text = text.replace("\r", " " if lone and text.count("\n") > lone else "\n")
    if not text.isascii() or any(end in text for end in "\x0b\x0c\x1c\x1d\x1e"):
        text = text.translate(OTHER_ENDS) if _has_other_ends(text) else text
    return text.splitlines(keepends=True)


def _has_other_ends(text: str) -> bool:
    return any(chr(end) in text for end in OTHER_ENDS)


def recognise(lines: Sequence[str]) -> Table:
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


def _unwrapped(lines: Sequence[str]) -> list[str] | None:
    """The lines without the quotes that some programs put around a whole line."""
    found = 0
    result: list[str] = []
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
                result.append(cells[0] + "\n")
                continue
        result.append(line)
    return result if found * 2 > len(lines) else None
