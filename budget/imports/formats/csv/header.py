"""Which row of a table has the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from budget.imports import amounts, dates, headers, layouts
from budget.imports.columns import Columns, Told
from budget.imports.headers import Role
from budget.imports.reading import NotSure
from budget.imports.table import is_movement

#: A header stands among the first so many rows: preambles of twelve lines were seen.
HEADER_ROWS = 80


@dataclass(frozen=True, slots=True)
class Header:
    """The row with the columns' names; without names where the table has none."""

    names: list[str]  # without those at its end that are blank
    row: int = -1  # among the sample's rows
    number: int = 0  # the line where it begins, from 1
    width: int = 0  # with the columns at its end that have no name

    def fits(self, movements: Sequence[Sequence[str]], common: int, delimiter: str) -> bool:
        """Whether rows of a table fit under it: more cells than names would move what they are."""
        extra = common - self.width
        if not self.names or extra <= 0 or not movements:
            return True
        wide = [cells for cells in movements if len(cells) > self.width]
        return not (
            any(any(cell.strip() for cell in cells[self.width :]) for cells in wide)
            and (delimiter == "," or extra > 1)
        )

    def is_repeated_by(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header once more, with other capitals or spaces."""
        return bool(self.names) and _normalised(cells) == _normalised(self.names)

    def check_other(self, cells: Sequence[str], told: Told, seen: Sequence[str]) -> None:
        """Refuses a file with several tables whose columns are not the same."""
        if self.names and score(cells, told) > 2 and not self.is_repeated_by(cells):
            raise NotSure(_("The file has several tables, with other columns each."), seen)


def _normalised(cells: Sequence[str]) -> list[str]:
    return [headers.normalised(cell) for cell in cells if cell.strip()]


def find(rows: Sequence[tuple[int, list[str]]], told: Told) -> Header:
    """The header among a table's first rows, each with its number."""
    best = (0, -1)
    for index, (_number, cells) in enumerate(rows[:HEADER_ROWS]):
        points = score(cells, told)
        if points > best[0]:
            best = (points, index)
    position = best[1]
    if position < 0:
        position = _before_movements(rows)
    if position < 0:
        return Header([], 0, rows[0][0]) if rows and _is_summary(rows) else Header([])
    number, cells = rows[position]
    names = list(cells)
    while len(names) > 1 and not names[-1].strip():
        names.pop()
    return Header(names, position, number, len(cells))


#: An account's number of which the bank shows the end alone.
MASKED = re.compile(r"\s*\*{2,}[0-9]{3,}\s*")


def _is_summary(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the first row of a table without a header tells the account, its balance and the
    day: it has the account's masked number, which no other row has."""
    (_first, cells), *others = rows
    return any(map(MASKED.fullmatch, cells)) and not any(
        MASKED.fullmatch(cell) for _number, row in others for cell in row
    )


def score(cells: Sequence[str], told: Told) -> int:
    """How much a row looks like the names of columns; 0 where it does not."""
    if len(cells) < 2 or is_movement(cells):
        return 0
    if layouts.layout_of(cells):
        return 1000
    named = {headers.normalised(name) for name in told.columns.values() if not name.isdigit()}
    if named and named <= {headers.normalised(cell) for cell in cells}:
        return 900
    roles = {role for cell in cells[:500] for role, _rank in headers.roles_of(cell)[:1]}
    has_date = roles & {Role.DATE, Role.VALUE_DATE}
    has_amount = roles & {Role.AMOUNT, Role.DEBIT, Role.CREDIT}
    return len(roles) if has_date and has_amount else 0


def _before_movements(rows: Sequence[tuple[int, list[str]]]) -> int:
    """The row right before the first movement, if it has names for about as many columns."""
    for index, (_number, cells) in enumerate(rows):
        if not is_movement(cells):
            continue
        if not index:
            return -1
        above = rows[index - 1][1]
        names = [cell for cell in above if cell.strip()]
        figures = [cell for cell in names if amounts.is_amount(cell) or dates.is_date(cell)]
        return (
            index - 1
            if len(names) >= 2 and not figures and abs(len(above) - len(cells)) <= 1
            else -1
        )
    return -1


def check_before(rows: Sequence[Sequence[str]], columns: Columns, seen: Sequence[str]) -> None:
    """Refuses a table whose header has movements before it: they would be lost."""
    date = columns.index(Role.DATE)
    money = [
        index
        for role in (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
        for index in columns.roles.get(role, [])
    ]
    for cells in rows:
        if date is None or max(date, *money) >= len(cells) or not dates.is_date(cells[date]):
            continue
        if any(amounts.is_amount(cells[index]) for index in money):
            raise NotSure(_("There are movements before the header."), seen)
