"""The rows of a table, column by column: which are movements, and which stand between them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import itemgetter

from django.utils.translation import gettext as _

from budget.imports import amounts, dates
from budget.imports.columns import Columns, Told
from budget.imports.formats.csv.header import Header
from budget.imports.formats.csv.surroundings import account_of, balances_of
from budget.imports.headers import Role
from budget.imports.packed import Column
from budget.imports.reading import StatementBalance, Unreadable
from budget.imports.table import Table, is_movement


class Rows:
    """The rows after the header that may be movements.

    Of each it keeps the number of its line and the cells that have a role, those of labels folded
    to single spaces, those of dates without a time. `blocks` are the accounts that lines between
    the rows name: the index of the first row that is the account's, and the account.
    """

    def __init__(
        self,
        table: Table,
        header: Header,
        columns: Columns,
        seen: list[str],
        told: Told,
        *,
        has_nul: bool,
    ) -> None:
        self.table = table
        self.header = header
        self.columns = columns
        self.seen = seen
        self.told = told
        self.has_nul = has_nul
        self.width = len(seen)
        self.numbers: array[int] = array("l")
        self.cells: dict[int, Sequence[str]] = {}
        self.blocks: list[tuple[int, str]] = []
        self.balances: list[StatementBalance] = []
        self.unreadable: list[Unreadable] = []
        self._between: list[Sequence[str]] = []

    def __len__(self) -> int:
        return len(self.numbers)

    def column(self, role: Role) -> Sequence[str] | None:
        """The cells of the column that has a role; None where there is none."""
        index = self.columns.index(role)
        return None if index is None else self.cells[index]

    def cells_of(self, index: int) -> list[str]:
        """All cells of a row, of which only those with a role were kept."""
        return self.table.split(self.table.lines[self.numbers[index] - 1])

    def refuse(self, number: int, reason: str) -> None:
        """Tells that the line with this number cannot be read, and why."""
        text = self.table.lines[number - 1].strip()
        self.unreadable.append(Unreadable(number, reason, text[:200].replace("\x00", "")))

    def preamble(self, rows: Sequence[Sequence[str]], *, first: bool) -> None:
        """What is said of the account before its movements."""
        if not rows:
            return
        account = account_of(rows)
        if account or not first:
            self.blocks.append((len(self.numbers), account))
        self.balances += balances_of(rows, account)

    def collect(self) -> None:
        """Goes through the table."""
        roles = self.columns.roles
        later = self.columns.later_date
        used = {index for indices in roles.values() for index in indices}
        kept = {index: Column() for index in sorted(used if later is None else {*used, later})}
        labels = roles.get(Role.LABEL, [])
        days = [*roles.get(Role.DATE, []), *roles.get(Role.VALUE_DATE, []), later]
        for numbers, rows in self.table.batches():
            batch = self._movements(numbers, rows)
            for index, column in kept.items() if batch else ():
                cells: Sequence[str] = list(map(itemgetter(index), batch))
                if index in labels:
                    cells = [" ".join(cell.split()) for cell in cells]
                elif index in days:
                    cells = dates.without_times(cells)
                column.extend(cells)
        self.cells = {index: column.texts() for index, column in kept.items()}
        account = self.blocks[-1][1] if self.blocks else ""
        self.balances += balances_of(self._between, account)

    def _movements(
        self, numbers: Sequence[int], rows: list[list[str] | None]
    ) -> Sequence[Sequence[str]]:
        """The rows of some that are kept, whose numbers it notes; all are as wide as the table."""
        batch = [cells for cells in rows if cells]
        if len(batch) == len(rows) and self._is_plain(numbers, batch):
            self.numbers.extend(numbers)
            self._between = []
            return batch
        kept: list[Sequence[str]] = []
        for number, cells in zip(numbers, rows, strict=True):
            if number > self.header.number and (found := self._movement(number, cells)):
                kept.append(found)
                self.numbers.append(number)
        return kept

    def _is_plain(self, numbers: Sequence[int], batch: Sequence[Sequence[str]]) -> bool:
        """Whether all of some rows are kept as they are."""
        if not batch or numbers[0] <= self.header.number or self.has_nul:
            return False
        if set(map(len, batch)) != {self.width} or not all(map(any, batch)):
            return False
        names = self.header.names
        return not names or all(cells[0] != names[0] for cells in batch)

    def _movement(self, number: int, cells: list[str] | None) -> list[str] | None:
        """A row's cells, as many as the table has, if it may be a movement."""
        if cells is None or (self.has_nul and "\x00" in "".join(cells)):
            self.refuse(
                number,
                _("A quote is opened and not closed.")
                if cells is None
                else _("The line is damaged: it has NUL bytes."),
            )
            return None
        names = self.header.names
        if names and cells[: len(names)] == names:
            self.preamble(self._between, first=False)
            self._between = []
            return None
        if len(cells) != self.width:
            fitted = self._fit(number, cells)
            if fitted is None:
                self.header.check_other(cells, self.told, self.seen)
                self._between = [*self._between[-30:], cells]
                return None
            cells = fitted
        elif not any(cells):
            return None
        self._between = []
        return cells

    def _fit(self, number: int, cells: list[str]) -> list[str] | None:
        """A row's cells with as many as the table has, None where it is no row of it."""
        if not any(cell.strip() for cell in cells):
            return None
        missing = self.width - len(cells)
        if missing > 0:
            if len(cells) <= 2 and self.width > 3 and not is_movement(cells):
                return None
            return cells + [""] * missing
        if not any(cell.strip() for cell in cells[self.width :]):
            return cells[: self.width]
        merged = self._merged(cells)
        if merged is None and is_movement(cells):
            self.refuse(number, _("The line has more cells than there are columns."))
        return merged

    def _merged(self, cells: list[str]) -> list[str] | None:
        """The row with its label in one cell, where the label had the delimiter in it.

        Not with commas: those that part cells could as well be those of amounts.
        """
        labels = self.columns.roles.get(Role.LABEL, [])
        if len(labels) != 1 or self.table.delimiter == ",":
            return None
        at, extra = labels[0], len(cells) - self.width
        merged = [
            *cells[:at],
            self.table.delimiter.join(cells[at : at + extra + 1]),
            *cells[at + extra + 1 :],
        ]
        date = self.columns.index(Role.DATE)
        money = [
            merged[index]
            for role in (Role.AMOUNT, Role.DEBIT, Role.CREDIT, Role.BALANCE)
            for index in self.columns.roles.get(role, [])
        ]
        fits = (
            date is not None
            and dates.is_date(merged[date])
            and any(amounts.is_amount(cell) for cell in money)
            and all(amounts.is_amount(cell) or amounts.is_blank(cell) for cell in money)
        )
        return merged if fits else None
