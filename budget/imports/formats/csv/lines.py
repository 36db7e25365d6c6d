"""A table's rows as lines of a statement, and why some are none."""

from __future__ import annotations

import functools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import repeat
from typing import Any, overload

from django.utils.translation import gettext as _

from budget.imports import amounts, dates, headers
from budget.imports.formats.csv.cells import Cells
from budget.imports.formats.csv.signs import Signs
from budget.imports.headers import Role
from budget.imports.packed import BESIDE, NOTHING, Amounts
from budget.imports.reading import LineStatus, StatementBalance, StatementLine

#: Longer labels are no labels: no bank writes more than some hundred characters.
LONGEST_LABEL = 10_000
NOT_BOOKED = (LineStatus.PENDING, LineStatus.REVERTED)
#: Where a line has its account.
ACCOUNT = StatementLine._fields.index("account")


class TableLines(Sequence[StatementLine]):
    """The lines of a table, each made when it is asked for: what is held are the columns."""

    def __init__(self, cells: Cells, signs: Signs) -> None:
        categories = cells.column(Role.CATEGORY)
        statuses = cells.statuses
        #: By the fields of a line: one value a row, or the one that holds for all.
        self._columns: list[tuple[Sequence[Any] | None, Any]] = [
            (cells.rows.numbers, 0),
            (cells.dates, None),
            (signs.values, None),
            (cells.labels, ""),
            (cells.value_dates(), None),
            (cells.accounts, ""),
            (signs.currencies, ""),
            (cells.bank_ids(), ""),
            (statuses, LineStatus.BOOKED),
            ([cell.strip() for cell in categories] if categories else None, ""),
            (signs.balance.values if signs.balance else None, None),
        ]
        self._fees = signs.fees
        self._fee = cells.columns.name(cells.columns.roles[Role.FEE][0]) if signs.fees else ""
        self._rows: array[int] = array("l")  # each line's row; of a fee's line what `~` gives
        self._longer: dict[int, str] = {}  # by line, labels that go on in the next rows

    def add(self, row: int) -> None:
        """Makes the row a line, and another of its fee if it has one."""
        self._rows.append(row)
        if self._fees and self._fees[row]:
            self._rows.append(~row)

    def lengthen(self, more: str) -> None:
        """Puts something after the label of the last line."""
        last = len(self) - 1
        self._longer[last] = f"{self[last].label} {more}".strip()

    def of_account(self, account: str) -> None:
        """Gives all lines the same account."""
        self._columns[ACCOUNT] = (None, account)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[StatementLine]:
        rows: Iterator[Iterable[Any]] = zip(
            *(repeat(one) if column is None else column for column, one in self._columns),
            strict=False,
        )
        lines = map(StatementLine._make, rows)
        if len(self._rows) == len(self._columns[0][0] or ()) and not (self._fees or self._longer):
            yield from lines
            return
        at, line = -1, None
        for position, row in enumerate(self._rows):
            while at < (row if row >= 0 else ~row):
                at, line = at + 1, next(lines)
            if line:
                yield self._made(line, position, row)

    def _made(self, line: StatementLine, position: int, row: int) -> StatementLine:
        if row < 0 and self._fees:
            line = StatementLine(
                line.number,
                line.date,
                -abs(self._fees[~row] or Decimal()),
                f"{self._fee} {line.label}",
                line.value_date,
                line.account,
                line.currency,
                status=line.status,
            )
        if position in self._longer:
            line = line._replace(label=self._longer[position])
        return line

    @overload
    def __getitem__(self, index: int) -> StatementLine: ...
    @overload
    def __getitem__(self, index: slice) -> list[StatementLine]: ...
    def __getitem__(self, index: int | slice) -> StatementLine | list[StatementLine]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        row = self._rows[index]
        at = row if row >= 0 else ~row
        values = (one if column is None else column[at] for column, one in self._columns)
        return self._made(StatementLine._make(values), index % len(self), row)


def lines_of(cells: Cells, signs: Signs) -> TableLines:
    """The lines of a table; rows that should be one and cannot be read are told to `cells.rows`."""
    return _Sifter(cells, signs).lines()


class _Sifter:
    """Parts the movements among a table's rows from what is none, and from what is not readable."""

    def __init__(self, cells: Cells, signs: Signs) -> None:
        self.cells = cells
        self.rows = cells.rows
        self.values = signs.values
        self.statuses = cells.statuses
        self.made = TableLines(cells, signs)

    def lines(self) -> TableLines:
        refused = {each.number for each in self.rows.unreadable}
        odd = self._odd_rows()
        previous = -1
        rows = zip(self.rows.numbers, self.cells.dates, self.values.cents, strict=True)
        for index, (number, date, cents) in enumerate(rows):
            if number in refused:
                continue
            if date is not None and cents > BESIDE and index not in odd:
                reason = None
            else:
                reason = self._reason(index)
            if reason is None:
                self.made.add(index)
            elif reason:
                # What is not booked will come again when it is.
                if not self.statuses or self.statuses[index] not in NOT_BOOKED:
                    self.rows.refuse(number, reason)
                continue
            elif previous == index - 1 and self.made and self._continues(index):
                self.made.lengthen(self.cells.labels[index])
            else:
                continue
            previous = index
        self._note_account()
        return self.made

    def _note_account(self) -> None:
        """Keeps the account that the first or the last row tells with its balance."""
        for index in (0, self.cells.count - 1) if self.cells.count > 1 else ():
            date, value = self.cells.dates[index], self.values[index]
            if date and value is not None and self.cells.is_account_alone(index):
                account = self.cells.labels[index]
                self.rows.balances.append(StatementBalance(account, date, value))
                if not any(self.cells.accounts):
                    self.made.of_account(account)
                    return

    def _odd_rows(self) -> set[int]:
        """The rows that may be no lines by their labels or statuses."""
        labels = enumerate(self.cells.labels)
        ends = {0, self.cells.count - 1} if self.cells.count > 2 else set()
        return {
            *self.cells.balances,
            *(index for index in ends if headers.tells_a_sum(self.cells.labels[index])),
            *(index for index, label in labels if not 0 < len(label) <= LONGEST_LABEL),
            *(index for index, each in enumerate(self.statuses or ()) if each is None),
        }

    def _reason(self, index: int) -> str | None:
        """Why a row is no line: a sentence, "" for what is no movement, None for a line."""
        if self.cells.dates[index] is None:
            return self._undated(index)
        label = self.cells.labels[index]
        if self.values.cents[index] == NOTHING:
            if headers.tells_a_sum(label) or self._has_balance_alone(index, label):
                return ""
            if index in self.cells.later and self.cells.is_blank[index]:
                return ""  # what is blocked, and not booked
            return (
                _("There is no amount.")
                if self.cells.is_blank[index]
                else _("The amount cannot be read.")
            )
        if index in self.cells.balances or (not label and self._tells_a_sum(index)):
            return ""
        if headers.tells_a_sum(label) and self._is_sum_of_others(index):
            return ""
        if self.values.cents[index] == BESIDE:
            return _("The amount has more than two decimals.")
        if len(label) > LONGEST_LABEL:
            return _("The label is too long.")
        if self.statuses and self.statuses[index] is None:
            return _("It does not say whether the line is booked.")
        return None

    def _undated(self, index: int) -> str:
        cell = self.cells.date_cells[index].strip()
        if dates.is_invented(cell):
            return _("The date does not exist.")
        if headers.status_of(cell) is LineStatus.PENDING:
            return ""
        if self.cells.is_blank[index]:
            return ""
        self.rows.header.check_other(self.rows.cells_of(index), self.cells.told, self.rows.seen)
        paid = any(amounts.is_amount(column[index]) for column in self.cells.money())
        if not (paid or cell) or self._tells_a_sum(index) or self._is_header(index):
            return ""
        if not cell and not self.cells.labels[index] and self._is_sum(index):
            return ""
        return _("The date cannot be read.") if cell else _("There is no date.")

    def _is_header(self, index: int) -> bool:
        return self.rows.header.is_repeated_by(self.rows.cells_of(index))

    def _has_balance_alone(self, index: int, label: str) -> bool:
        """Whether a row has nothing but a day and the balance on it."""
        balance = self.cells.column(Role.BALANCE)
        return (
            not label
            and self.cells.is_blank[index]
            and balance is not None
            and amounts.is_amount(balance[index])
        )

    def _is_sum(self, index: int) -> bool:
        """Whether the amounts of a row without a date are the sums of those that have one."""
        columns, sums = self._sums
        return all(
            abs(column[index] or 0) == abs(each) for column, each in zip(columns, sums, strict=True)
        )

    def _is_sum_of_others(self, index: int) -> bool:
        """Whether the amounts of a row with a date are the sums of all others."""
        columns, sums = self._sums
        return any(sums) and all(
            2 * (column[index] or 0) == each for column, each in zip(columns, sums, strict=True)
        )

    @functools.cached_property
    def _sums(self) -> tuple[list[Amounts], list[Decimal]]:
        """The columns of amounts as they are written, and the sum of each over the dated rows."""
        days = self.cells.dates
        columns = [amounts.read_column(column).values for column in self.cells.money()]
        sums = [
            sum(
                (value for value, day in zip(column, days, strict=True) if value and day), Decimal()
            )
            for column in columns
        ]
        return columns, sums

    def _tells_a_sum(self, index: int) -> bool:
        """Whether any cell of a row says that it is a balance or a total."""
        cells = self.rows.cells_of(index)
        return any(headers.tells_a_sum(each) for each in cells if each)

    def _continues(self, index: int) -> bool:
        """Whether a row has nothing but more of the label of the row before it, or all of it."""
        label, more = self.cells.columns.index(Role.LABEL), self.cells.labels[index]
        if not label or not more or headers.tells_a_sum(more):
            return False
        if not self.made[-1].label:
            return not self.cells.date_cells[index].strip() and self.cells.is_blank[index]
        cells = self.rows.cells_of(index)
        return (
            all(not cell.strip() for at, cell in enumerate(cells) if at != label)
            and len(cells) > label
        )
