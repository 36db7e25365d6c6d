"""CSV of any bank: what its cells say as a whole decides how each is read."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from budget.imports.columns import Columns, Told, choose, names_of
from budget.imports.decoding import decode, decode_in_parts
from budget.imports.formats.csv import header
from budget.imports.formats.csv.cells import Cells
from budget.imports.formats.csv.lines import lines_of
from budget.imports.formats.csv.rows import Rows
from budget.imports.formats.csv.signs import Signs
from budget.imports.packed import Lines
from budget.imports.reading import NotReadable, NotSure, Reading
from budget.imports.table import (
    DELIMITERS,
    SAMPLE_LINES,
    Table,
    is_movement,
    recognise,
    table_lines,
)

MOST_COLUMNS = 5_000
#: In characters. What is shorter is told as a line that cannot be read, and the others are read.
LONGEST_LINE = 12_000_000
#: More signs that could part cells than any label has, whichever of them does.
MOST_CELLS = 20_000

#: What is shown of a table where a person says which column is what: rows, and characters of each
#: cell.
ROWS_SHOWN = 8
LONGEST_SHOWN = 200
NOTHING_TOLD = Told()


def looks_like(head: bytes) -> bool:
    """Whether a file's beginning could be a table: text with at least two cells in a line."""
    try:
        text = decode(head).text
    except NotReadable:
        return False
    if text.lstrip()[:1] in ("<", "{", "["):
        return False
    return any(sign in text for sign in ";,\t|")


def read(content: bytes, told: Told = NOTHING_TOLD) -> Reading:
    """Reads a table of movements; `told` is what the person says of its columns.

    Raises NotReadable where it is none, and NotSure where it can be read in several ways.
    """
    parts, encoding = decode_in_parts(content)
    lines = table_lines(parts)
    if next((line for line in lines if not line.isspace()), "").lstrip()[:1] == "<":
        raise NotReadable(_("This is a page or an XML file, not a table."))
    _check_cells(lines)
    has_nul = b"\x00" in content and any("\x00" in line for line in lines)
    return _read(recognise(lines), told, encoding, has_nul=has_nul)


def _check_cells(lines: Lines) -> None:
    """Refuses a table so wide that parting its cells alone would fill the memory."""
    for _first, part in lines.parts():
        if len(part) > LONGEST_LINE and max(map(len, part.splitlines())) > LONGEST_LINE:
            raise NotReadable(_("A line of the file is too long."))
        if max(map(part.count, DELIMITERS)) <= MOST_CELLS:
            continue
        for line in part.splitlines():
            if len(line) > MOST_CELLS and max(map(line.count, DELIMITERS)) > MOST_CELLS:
                raise _too_wide()


def _too_wide() -> NotReadable:
    return NotReadable(_("The table has more than %d columns.") % MOST_COLUMNS)


def _read(table: Table, told: Told, encoding: str, *, has_nul: bool) -> Reading:
    sample = [(number, cells) for number, cells in table.rows(SAMPLE_LINES) if cells]
    head = header.find(sample, told)
    after = [cells for _number, cells in sample[head.row + 1 :]]
    movements = [cells for cells in after if is_movement(cells)]
    widths = Counter(len(cells) for cells in movements)
    common = widths.most_common(1)[0][0] if widths else 0
    if not head.names:
        if not movements:
            raise _nothing([cells for cells in after if any(cells)])
        after = movements = [cells for cells in movements if len(cells) == common]
    if max(len(head.names), common) > MOST_COLUMNS:
        raise _too_wide()
    seen = names_of(head.names, max(len(head.names), common))
    shown = _shown(after, len(seen))
    columns: Columns | None = None
    try:
        if not head.fits(movements, common, table.delimiter):
            raise NotSure(_("The lines have more cells than there are column names."), seen)
        columns = choose(head.names, movements, len(seen), told)
        before = [cells for _number, cells in sample[: max(head.row, 0)]]
        header.check_before(before, columns, seen)
        rows = Rows(table, head, columns, seen, told, has_nul=has_nul)
        rows.preamble(before, first=True)
        rows.collect()
        cells = Cells(rows)
        lines = lines_of(cells, Signs(cells))
    except NotSure as error:
        error.sample = shown
        error.taken = error.taken or (columns.names() if columns else {})
        raise
    return Reading(
        format="csv",
        layout=columns.layout.name if columns.layout else "",
        lines=lines,
        unreadable=sorted(rows.unreadable, key=lambda each: each.number),
        balances=rows.balances,
        encoding=encoding,
        columns=columns.names(),
        header=seen,
        sample=shown,
    )


def _nothing(rows: Sequence[Sequence[str]]) -> NotReadable:
    """What is said of a table without a header in which no row is a movement."""
    reason = _("No line with a date and an amount was found.")
    columns = rows[0][:60] if rows else []
    if len(columns) < 2:
        return NotReadable(reason)
    names = names_of([" ".join(name.split())[:60] for name in columns], len(columns))
    return NotSure(reason, names, _shown(rows[1:], len(columns)))


def _shown(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """The first rows as a person is shown them: each with as many cells as there are columns."""
    return [
        [
            " ".join(cell[:LONGEST_SHOWN].replace("\x00", "").split())
            for cell in itertools.islice(itertools.chain(cells, itertools.repeat("")), width)
        ]
        for cells in itertools.islice(filter(any, rows), ROWS_SHOWN)
    ]
