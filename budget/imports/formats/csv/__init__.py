"""CSV of any bank: what its cells say as a whole decides how each is read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from operator import itemgetter

from django.utils.translation import gettext as _

from budget.imports import amounts, dates, headers, layouts
from budget.imports.amounts import AmountColumn, Decimals
from budget.imports.columns import Columns, Told, choose, names_of, runs
from budget.imports.dates import DateOrder
from budget.imports.decoding import decode
from budget.imports.formats.csv.surroundings import account_of, balances_of, unwrapped
from budget.imports.headers import Role
from budget.imports.reading import (
    LineStatus,
    NotReadable,
    NotSure,
    Reading,
    StatementBalance,
    StatementLine,
    Unreadable,
)
from budget.imports.table import (
    DELIMITERS,
    SAMPLE_LINES,
    Table,
    is_movement,
    recognise,
    split_lines,
)

#: A header stands among the first so many rows: preambles of twelve lines were seen.
HEADER_ROWS = 80
#: Longer labels are no labels: no bank writes more than some hundred characters.
LONGEST_LABEL = 10_000
MOST_COLUMNS = 5_000
#: More signs that could part cells than any label has, whichever of them does.
MOST_CELLS = 20_000
#: What is shown of a table where a person says which column is what: rows, and characters of each
#: cell.
ROWS_SHOWN = 8
LONGEST_SHOWN = 200
NOTHING_TOLD = Told()
#: Currencies without decimals: a lone separator in their amounts parts thousands.
WHOLE_CURRENCIES = {"JPY", "HUF", "KRW", "CLP", "ISK", "VND", "XOF", "XAF", "XPF", "IDR", "PYG"}


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
    decoded = decode(content)
    if decoded.text.lstrip()[:1] == "<":
        raise NotReadable(_("This is a page or an XML file, not a table."))
    lines = split_lines(decoded.text)
    _check_cells(lines)
    has_nul = "\x00" in decoded.text
    encoding = decoded.encoding
    del decoded
    return _Reader(recognise(lines), told, encoding, has_nul=has_nul).read()


def _check_cells(lines: Sequence[str]) -> None:
    """Refuses a table so wide that parting its cells alone would fill the memory."""
    for line in lines:
        if len(line) > MOST_CELLS and max(map(line.count, DELIMITERS)) > MOST_CELLS:
            raise _too_wide()


def _too_wide() -> NotReadable:
    return NotReadable(_("The table has more than %d columns.") % MOST_COLUMNS)


class _Reader:
    """One table on its way to a reading."""

    def __init__(self, table: Table, told: Told, encoding: str, *, has_nul: bool) -> None:
        self.table = table
        self.told = told
        self.encoding = encoding
        self.has_nul = has_nul
        self.unreadable: list[Unreadable] = []
        self.balances: list[StatementBalance] = []
        self.header: list[str] = []
        self.header_row = -1  # among the sample's rows
        self.header_number = 0
        self.header_width = 0  # with the columns at its end that have no name
        self.width = 0
        self.seen: list[str] = []  # the columns' names, or numbers where they have none
        self.numbers: list[int] = []
        self.accounts_by_block: list[tuple[int, str]] = []
        self.columns: Columns

    def read(self) -> Reading:
        sample = [row for row in self.table.rows(SAMPLE_LINES) if row[1]]
        self._find_header([(number, cells or []) for number, cells in sample])
        after = [cells for _number, cells in sample[self.header_row + 1 :] if cells]
        movements = [cells for cells in after if is_movement(cells)]
        widths = Counter(len(cells) for cells in movements)
        common = widths.most_common(1)[0][0] if widths else 0
        if not self.header:
            if not movements:
                raise self._nothing([cells for cells in after if any(cells)])
            after = movements = [cells for cells in movements if len(cells) == common]
        self.width = max(len(self.header), common)
        if self.width > MOST_COLUMNS:
            raise _too_wide()
        self.seen = names_of(self.header, self.width)
        self.sample = _shown(after, self.width)
        try:
            self._check_width(movements, common)
            self.columns = choose(self.header, movements, self.width, self.told)
            before = sample[: max(self.header_row, 0)]
            self._check_before([cells or [] for _number, cells in before])
            return self._interpret(self._collect())
        except NotSure as error:
            error.sample = self.sample
            raise

    def _nothing(self, rows: Sequence[Sequence[str]]) -> NotReadable:
        """What is said of a table without a header in which no row is a movement."""
        reason = _("No line with a date and an amount was found.")
        columns = rows[0][:60] if rows else []
        if len(columns) < 2:
            return NotReadable(reason)
        names = names_of([" ".join(name.split())[:60] for name in columns], len(columns))
        return NotSure(reason, names, _shown(rows[1:], len(columns)))

    # The header

    def _find_header(self, rows: Sequence[tuple[int, list[str]]]) -> None:
        best = (0, -1)
        for index, (_number, cells) in enumerate(rows[:HEADER_ROWS]):
            score = self._header_score(cells)
            if score > best[0]:
                best = (score, index)
        position = best[1]
        if position < 0:
            position = self._header_before_movements(rows)
        if position >= 0:
            self.header_number, self.header = rows[position]
            self.header_row = position
            self.header_width = len(self.header)
            while len(self.header) > 1 and not self.header[-1].strip():
                self.header = self.header[:-1]
        self._preamble([cells for _number, cells in rows[: max(position, 0)]], first=True)

    def _header_score(self, cells: Sequence[str]) -> int:
        """How much a row looks like the names of columns; 0 where it does not."""
        if len(cells) < 2 or is_movement(cells):
            return 0
        if layouts.layout_of(cells):
            return 1000
        told = {
            headers.normalised(name) for name in self.told.columns.values() if not name.isdigit()
        }
        if told and told <= {headers.normalised(cell) for cell in cells}:
            return 900
        roles = {role for cell in cells[:500] for role, _rank in headers.roles_of(cell)[:1]}
        has_date = roles & {Role.DATE, Role.VALUE_DATE}
        has_amount = roles & {Role.AMOUNT, Role.DEBIT, Role.CREDIT}
        return len(roles) if has_date and has_amount else 0

    def _header_before_movements(self, rows: Sequence[tuple[int, list[str]]]) -> int:
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

    def _check_width(self, movements: Sequence[Sequence[str]], common: int) -> None:
        """Refuses a table whose rows have more cells than its header, in a way that moves them."""
        extra = common - self.header_width
        if not self.header or extra <= 0 or not movements:
            return
        wide = [cells for cells in movements if len(cells) > self.header_width]
        if any(any(cell.strip() for cell in cells[self.header_width :]) for cells in wide) and (
            self.table.delimiter == "," or extra > 1
        ):
            raise NotSure(
                _("The lines have more cells than there are column names."),
                self.seen,
            )

    def _check_before(self, rows: Sequence[Sequence[str]]) -> None:
        """Refuses a table whose header has movements before it: they would be lost."""
        date = self.columns.index(Role.DATE)
        money = [
            index
            for role in (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
            for index in self.columns.roles.get(role, [])
        ]
        for cells in rows:
            if date is None or max(date, *money) >= len(cells) or not dates.is_date(cells[date]):
                continue
            if any(amounts.is_amount(cells[index]) for index in money):
                raise NotSure(_("There are movements before the header."), self.seen)

    def _check_other_header(self, cells: Sequence[str]) -> None:
        """Refuses a file with several tables whose columns are not the same."""
        if (
            self.header
            and self._header_score(cells) > 2
            and self._names(cells) != self._names(self.header)
        ):
            raise NotSure(_("The file has several tables, with other columns each."), self.seen)

    def _names(self, cells: Sequence[str]) -> list[str]:
        return [headers.normalised(cell) for cell in cells if cell.strip()]

    def _preamble(self, rows: Sequence[Sequence[str]], *, first: bool) -> None:
        """What is said of the account before its movements."""
        if not rows:
            return
        account = account_of(rows)
        if account or not first:
            self.accounts_by_block.append((len(self.numbers), account))
        self.balances += balances_of(rows, account)

    # The rows

    def _collect(self) -> list[tuple[str, ...]]:
        """Of every row after the header, the cells that have a role, as long as any is filled."""
        self.used = sorted({index for indices in self.columns.roles.values() for index in indices})
        if self.columns.later_date is not None:
            self.used = sorted({*self.used, self.columns.later_date})
        pick: Callable[[Sequence[str]], tuple[str, ...]] = (
            itemgetter(*self.used) if len(self.used) > 1 else lambda cells: (cells[self.used[0]],)
        )
        kept: list[tuple[str, ...]] = []
        numbers = self.numbers
        header, width, has_nul = self.header, self.width, self.has_nul
        between: list[Sequence[str]] = []
        for number, cells in self.table.rows():
            if number <= self.header_number:
                continue
            if cells is None or (has_nul and "\x00" in "".join(cells)):
                self._refuse(
                    number,
                    _("A quote is opened and not closed.")
                    if cells is None
                    else _("The line is damaged: it has NUL bytes."),
                )
                continue
            if header and cells[: len(header)] == header:
                self._preamble(between, first=False)
                between = []
                continue
            if len(cells) != width:
                fitted = self._fit(number, cells)
                if fitted is None:
                    self._check_other_header(cells)
                    between = [*between[-30:], cells]
                    continue
                cells = fitted
            elif not any(cells):
                continue
            kept.append(pick(cells))
            numbers.append(number)
            between = []
        self._after(between)
        return kept

    def _after(self, rows: Sequence[Sequence[str]]) -> None:
        account = self.accounts_by_block[-1][1] if self.accounts_by_block else ""
        self.balances += balances_of(rows, account)

    def _refuse(self, number: int, reason: str) -> None:
        text = self.table.lines[number - 1].strip()
        self.unreadable.append(Unreadable(number, reason, text[:200].replace("\x00", "")))

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
            self._refuse(number, _("The line has more cells than there are columns."))
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

    # The cells

    def _interpret(self, kept: list[tuple[str, ...]]) -> Reading:
        self.count = len(kept)
        self.cells: dict[int, Sequence[str]] = dict(
            zip(self.used, zip(*kept, strict=True), strict=True)
            if kept
            else ((index, ()) for index in self.used)
        )
        del kept
        date_cells = self._column(Role.DATE) or [""] * self.count
        self.later: set[int] = set()  # rows that have another day than that of booking alone
        if self.columns.later_date is not None:
            later = self.cells[self.columns.later_date]
            self.later = {index for index, cell in enumerate(date_cells) if not cell.strip()}
            date_cells = [
                cell if cell.strip() else after
                for cell, after in zip(date_cells, later, strict=True)
            ]
        self.date_cells = self._with_pending(date_cells)
        self.labels = self._labels()
        self.accounts = self._accounts()
        self.is_blank = self._blank_amounts()
        self.order = self._date_order()
        self.dates = dates.read_column(self.date_cells, self.order)
        self._read_amounts()
        lines = self._lines()
        return Reading(
            format="csv",
            layout=self.columns.layout.name if self.columns.layout else "",
            lines=lines,
            unreadable=sorted(self.unreadable, key=lambda each: each.number),
            balances=self.balances,
            encoding=self.encoding,
            columns={
                role.value: " + ".join(self.columns.name(index) for index in indices)
                for role, indices in self.columns.roles.items()
                if indices
            },
            header=self.seen,
            sample=self.sample,
        )

    def _with_pending(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells of dates, with the date of value where a word says that a line is pending."""
        self.pending: set[int] = set()
        value_dates = self._column(Role.VALUE_DATE)
        different = set(cells)
        words = {cell for cell in different if headers.status_of(cell) is LineStatus.PENDING}
        if not value_dates or not (words or any(not cell.strip() for cell in different)):
            return cells
        statuses = self._column(Role.STATUS) or [""] * self.count
        self.pending = {
            index
            for index, (cell, status) in enumerate(zip(cells, statuses, strict=True))
            if cell in words
            or (not cell.strip() and headers.status_of(status) is LineStatus.PENDING)
        }
        return [
            value_dates[index] if index in self.pending else cell
            for index, cell in enumerate(cells)
        ]

    def _column(self, role: Role) -> Sequence[str] | None:
        index = self.columns.index(role)
        return None if index is None else self.cells[index]

    def _not_sure(self, reason: str, about: str = "columns") -> NotSure:
        return NotSure(reason, self.seen, about=about)

    def _labels(self) -> Sequence[str]:
        indices = self.columns.roles.get(Role.LABEL, [])
        if not indices:
            return [""] * self.count
        if len(indices) == 1:
            labels = [" ".join(cell.split()) for cell in self.cells[indices[0]]]
            # A spreadsheet's sign that a cell is a text, where it stands before all of them.
            if all(label.startswith("'") for label in labels if label):
                labels = [label[1:] for label in labels]
            return labels
        parts = zip(*(self.cells[index] for index in indices), strict=True)
        return [joined(each) for each in parts]

    def _accounts(self) -> Sequence[str]:
        column = self._column(Role.ACCOUNT)
        if column is not None:
            folded = {cell: unwrapped(cell) for cell in set(column)}
            return [folded[cell] for cell in column]
        accounts: list[str] = []
        for (start, account), (end, _next) in itertools.pairwise(
            [(0, ""), *self.accounts_by_block, (self.count, "")]
        ):
            accounts += [account] * (end - start)
        return accounts

    # Dates

    def _date_order(self) -> DateOrder | None:
        """The order of day, month and year, from all columns of dates together."""
        cells = list(
            dict.fromkeys(
                cell
                for cell, blank in zip(self.date_cells, self.is_blank, strict=True)
                if not blank
            )
        )
        orders = dates.orders_of(cells)
        if orders is None:
            return None
        if not orders:
            raise self._not_sure(_("The dates are written in several orders."), "order")
        value_dates = self._column(Role.VALUE_DATE)
        more = dates.orders_of(set(value_dates)) if value_dates else None
        if more and orders & more:
            orders &= more
        return self._one_order(orders, cells)

    def _one_order(self, orders: set[DateOrder], cells: Sequence[str]) -> DateOrder:
        layout = self.columns.layout
        if self.told.order in orders:
            return self.told.order
        orders = dates.without_year_first(cells, orders)
        if len(orders) == 1:
            return orders.pop()
        if layout and layout.order in orders:
            return layout.order
        readings = {tuple(dates.read_column(cells, order)) for order in orders}
        if len(readings) == 1:
            return orders.pop()
        if DateOrder.DMY in orders and self._is_day_first():
            return DateOrder.DMY
        in_sequence = [cell for cell, _same in zip(self.date_cells, range(20_000), strict=False)]
        if likeliest := dates.likeliest(in_sequence, orders):
            return likeliest
        raise self._not_sure(
            _("The dates, such as %s, can be read with the day or with the month first.")
            % cells[0].strip(),
            "order",
        )

    def _is_day_first(self) -> bool:
        """Whether the header is in a language that writes the day first."""
        return any(headers.DAY_FIRST.search(headers.normalised(name)) for name in self.header)

    # Amounts

    def _money_cells(self) -> list[Sequence[str]]:
        roles = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
        return [column for role in roles if (column := self._column(role)) is not None]

    def _blank_amounts(self) -> list[bool]:
        columns = self._money_cells()
        blank = {cell for column in columns for cell in set(column) if amounts.is_blank(cell)}
        if len(columns) == 1:
            return [cell in blank for cell in columns[0]]
        return [one in blank and other in blank for one, other in zip(*columns, strict=True)]

    def _dated(self, cells: Sequence[str]) -> list[str]:
        """A column's cells, blank where the row has no date: those of totals say nothing."""
        return [cell if date else "" for cell, date in zip(cells, self.dates, strict=True)]

    def _read_amounts(self) -> None:
        currency = self._column(Role.CURRENCY)
        self.currencies = [cell.strip().upper() for cell in currency] if currency else None
        whole = bool(self.currencies) and set(self.currencies or []) - {""} <= WHOLE_CURRENCIES
        balance = self._column(Role.BALANCE)
        told = self.told.decimals
        self.balance = (
            amounts.read_column(self._dated(balance), told, whole=whole) if balance else None
        )
        debit, credit = self._column(Role.DEBIT), self._column(Role.CREDIT)
        if debit is not None and credit is not None:
            both = self._numbers([*self._dated(debit), *self._dated(credit)], whole=whole)
            self.values = self._sided(both)
        else:
            column = self._numbers(self._dated(self._column(Role.AMOUNT) or []), whole=whole)
            self.values = self._signed(column)
        fee = self._column(Role.FEE)
        self.fees = self._fees(self._numbers(self._dated(fee), whole=whole).values) if fee else None

    def _numbers(self, cells: Sequence[str], *, whole: bool) -> AmountColumn:
        """A column of amounts whose separators are understood; NotSure where they are not."""
        column = amounts.read_column(cells, self.told.decimals, whole=whole)
        if column.decimals is Decimals.BOTH:
            raise self._not_sure(
                _("The amounts have decimals after a comma and decimals after a point."), "decimals"
            )
        if column.decimals is Decimals.UNKNOWN:
            sign = next(
                iter({"," if "," in cell else "." for cell in cells if "," in cell or "." in cell})
            )
            told = self.balance.decimals if self.balance else Decimals.UNKNOWN
            if self.columns.layout:
                told = self.columns.layout.decimals
            if told not in (Decimals.POINT, Decimals.COMMA) or told.value == sign:
                raise self._not_sure(
                    _("Nothing tells whether “%s” begins the decimals or parts the thousands.")
                    % sign,
                    "decimals",
                )
            column = amounts.read_column(cells, told, whole=whole)
        return column

    def _sided(self, column: AmountColumn) -> list[Decimal | None]:
        """Signed amounts from debits and credits, both read as one column, one after the other."""
        debits, credits_ = column.values[: self.count], column.values[self.count :]
        debit_blank, credit_blank = column.blank[: self.count], column.blank[self.count :]
        # A column whose amounts are all negative says nothing by that.
        mixed = _is_mixed(debits) or _is_mixed(credits_)
        debit_sign = -1 if any(each > 0 for each in debits if each) else 1
        credit_sign = (
            -1 if any(each < 0 for each in credits_ if each) and not _is_mixed(credits_) else 1
        )
        values: list[Decimal | None] = []
        for index in range(self.count):
            debit, credit = debits[index], credits_[index]
            if (debit is None and not debit_blank[index]) or (
                credit is None and not credit_blank[index]
            ):
                values.append(None)
            elif debit and credit:
                values.append(None)
                if self.dates[index]:
                    self._refuse(self.numbers[index], _("Debit and credit are both filled in."))
            elif debit:
                values.append(debit_sign * debit)
            elif credit:
                values.append(credit_sign * credit)
            else:
                values.append(debit if debit is not None else credit)
        if mixed and self._runs(values) != "normal":
            raise self._not_sure(
                _("The debits or the credits have both signs, and nothing says what they mean.")
            )
        return values

    def _runs(self, values: Sequence[Decimal | None]) -> str:
        if not self.balance:
            return ""
        days = [date for date in self.dates if date]
        newest_first = bool(days) and days[0] > days[-1]
        return runs(values, self.balance.values, self.accounts, newest_first=newest_first)

    def _signed(self, column: AmountColumn) -> list[Decimal | None]:
        """Signed amounts from one column, perhaps with another of directions."""
        directions = self._column(Role.DIRECTION)
        if directions is not None:
            return self._directed(column, directions)
        values = list(column.values)
        reversed_ = [None if value is None else -value for value in values]
        layout = self.columns.layout
        if self.told.spent is not None:
            return reversed_ if self.told.spent else values
        if layout:
            return reversed_ if layout.spent else values
        if column.marks:
            return values
        sequence = self._runs(values)
        if sequence == "reversed":
            return reversed_
        self._check_signs(column, sequence)
        return values

    def _check_signs(self, column: AmountColumn, sequence: str) -> None:
        """Refuses a column of which it is not sure that a negative amount leaves the account."""
        if not column.positives:
            return
        if not column.negatives:
            signed = column.pluses and not column.unsigned
            if sequence or signed or Role.AMOUNT in self.told.columns:
                return
            raise self._not_sure(
                _("All amounts are positive, and nothing says which of them leave the account."),
                "spent",
            )
        # From an account more leaves than comes in, in number; on a card's statement more is spent.
        positives = column.positives - self._balances_among(column)
        mostly_positive = (
            positives + column.negatives >= 3
            and positives >= 2 * column.negatives
            and not column.pluses
        )
        if (mostly_positive and not sequence) or self._is_card(column):
            reason = _(
                "Nothing says whether the positive amounts were spent, as on a card's statement."
            )
            raise self._not_sure(reason, "spent")

    def _balances_among(self, column: AmountColumn) -> int:
        """How many of the positive amounts are balances."""
        return sum(
            1
            for index, (value, label) in enumerate(zip(column.values, self.labels, strict=True))
            if value and value > 0 and label and self._is_balance(index, label)
        )

    def _is_card(self, column: AmountColumn) -> bool:
        """Whether payments to a card are negative, so that what was spent is positive."""
        if Role.AMOUNT in self.told.columns:
            return False
        if column.positives > column.negatives and any(
            CARD_NAME.search(headers.normalised(name)) for name in self.header
        ):
            return True
        return any(
            value is not None and value < 0 and CARD_PAYMENT.search(label)
            for value, label in zip(column.values, self.labels, strict=True)
        )

    def _directed(self, column: AmountColumn, directions: Sequence[str]) -> list[Decimal | None]:
        senses = self._senses(directions)
        unknown = [
            cell
            for cell, value, date in zip(directions, column.values, self.dates, strict=True)
            if value and date and senses[cell] is None
        ]
        values = list(column.values)
        if column.negatives or column.marks:
            agree = sum(
                (value < 0) == senses[cell]
                for cell, value in zip(directions, values, strict=True)
                if value and senses[cell] is not None
            )
            known = sum(
                bool(value) and senses[cell] is not None
                for cell, value in zip(directions, values, strict=True)
            )
            if agree == known or self._runs(values) == "normal":
                return values
            if not agree and len({sense for sense in senses.values() if sense is not None}) == 2:
                # A card's statement: what was spent is positive, and said to be a debit.
                return [None if value is None else -value for value in values]
            raise self._not_sure(
                _("The amounts' signs and the column of directions contradict each other.")
            )
        if unknown:
            raise self._not_sure(
                _("“%s” does not say whether an amount comes in or leaves.") % unknown[0].strip()
            )
        return [
            -value if value is not None and senses[cell] else value
            for cell, value in zip(directions, values, strict=True)
        ]

    def _senses(self, directions: Sequence[str]) -> dict[str, bool | None]:
        """Whether each word of a column of directions says that money leaves.

        Where only credits are marked, what has no mark left, and the reverse.
        """
        senses = {cell: headers.leaves(cell) for cell in set(directions)}
        marked = {sense for cell, sense in senses.items() if cell.strip()}
        if len(marked) == 1 and None not in marked:
            (only,) = marked
            senses |= {cell: not only for cell in senses if not cell.strip()}
        return senses

    def _fees(self, fees: Sequence[Decimal | None]) -> Sequence[Decimal | None] | None:
        """The fees that come on top of the amounts; None where they are within."""
        if not any(fees):
            return None
        if self.columns.layout:
            return fees
        if self._runs(self.values) == "normal":
            return None
        net = [
            value - abs(fee or Decimal()) if value is not None else None
            for value, fee in zip(self.values, fees, strict=True)
        ]
        if self._runs(net) == "normal":
            return fees
        raise self._not_sure(
            _("There are fees, and nothing says whether the amounts contain them.")
        )

    # The lines

    def _lines(self) -> list[StatementLine]:
        statuses = self._statuses()
        value_cells = self._column(Role.VALUE_DATE)
        value_dates = self._value_dates(value_cells) if value_cells else None
        ids = self._bank_ids()
        categories = self._column(Role.CATEGORY)
        refused = {each.number for each in self.unreadable}
        balances = self.balance.values if self.balance else None
        lines: list[StatementLine] = []
        self.too_exact = {each for each in set(self.values) if each and each != round(each, 2)}
        rows = zip(self.numbers, self.dates, self.values, self.labels, self.accounts, strict=True)
        previous = -1
        for index, (number, date, value, label, account) in enumerate(rows):
            if number in refused:
                continue
            status = statuses[index] if statuses else LineStatus.BOOKED
            reason = self._reason(index, date, value, label, status)
            if reason is not None or date is None or value is None or status is None:
                if reason:
                    if status in NOT_BOOKED:
                        continue  # it will come again when it is booked
                    self._refuse(number, reason)
                elif previous == index - 1 and lines and self._continues(index, lines[-1].label):
                    lines[-1] = _with_label(lines[-1], label)
                    previous = index
                continue
            previous = index
            line = StatementLine(
                number,
                date,
                value,
                label,
                value_dates[index] if value_dates else None,
                account,
                self.currencies[index] if self.currencies else "",
                ids[index] if ids else "",
                status,
                categories[index].strip() if categories else "",
                balances[index] if balances else None,
            )
            lines.append(line)
            if self.fees and (fee := self.fees[index]):
                lines.append(self._fee_line(line, fee))
        return self._with_account(lines)

    def _with_account(self, lines: list[StatementLine]) -> list[StatementLine]:
        """The lines, with the account that the first or the last row tells with its balance."""
        for index in (0, self.count - 1) if self.count > 1 else ():
            label, date, value = self.labels[index], self.dates[index], self.values[index]
            if date and value is not None and self._is_account_alone(label):
                self.balances.append(StatementBalance(label, date, value))
                if not any(self.accounts):
                    return [dataclasses.replace(line, account=label) for line in lines]
        return lines

    def _reason(
        self,
        index: int,
        date: dt.date | None,
        value: Decimal | None,
        label: str,
        status: LineStatus | None,
    ) -> str | None:
        """Why a row is no line: a sentence, "" for what is no movement, None for a line."""
        if date is None:
            return self._undated(index)
        if value is None:
            if headers.tells_a_sum(label) or self._has_balance_alone(index, label):
                return ""
            if index in self.later and self.is_blank[index]:
                return ""  # what is blocked, and not booked
            return (
                _("There is no amount.")
                if self.is_blank[index]
                else _("The amount cannot be read.")
            )
        if self._is_balance(index, label):
            return ""
        if value in self.too_exact:
            return _("The amount has more than two decimals.")
        if len(label) > LONGEST_LABEL:
            return _("The label is too long.")
        if status is None:
            return _("It does not say whether the line is booked.")
        return None

    def _undated(self, index: int) -> str:
        cell = self.date_cells[index].strip()
        if dates.is_invented(cell):
            return _("The date does not exist.")
        if headers.status_of(cell) is LineStatus.PENDING:
            return ""
        if self.is_blank[index]:
            return ""
        self._check_other_header(self._cells_of(index))
        paid = any(amounts.is_amount(column[index]) for column in self._money_cells())
        if self._tells_a_sum(index) or not (paid or cell) or self._is_header(index):
            return ""
        if not cell and not self.labels[index] and self._is_sum(index):
            return ""
        return _("The date cannot be read.") if cell else _("There is no date.")

    def _is_balance(self, index: int, label: str) -> bool:
        """Whether a row with a date and an amount tells a balance. Shops have such names too, so
        where the words could be one it must be the first or the last row."""
        if not label:
            return self._tells_a_sum(index)
        if index in (0, self.count - 1) and self._is_account_alone(label):
            return True
        if not headers.tells_a_balance(label):
            return False
        return label.casefold() != "new balance" or index in (0, self.count - 1)

    def _is_account_alone(self, label: str) -> bool:
        """Whether the label of the first or the last row is an account's number, and no other's."""
        return (
            self.count > 1
            and bool(ACCOUNT_ALONE.fullmatch(label))
            and not any(ACCOUNT_ALONE.fullmatch(each) for each in self.labels if each != label)
        )

    def _cells_of(self, index: int) -> list[str]:
        """All cells of a row, of which only those with a role were kept."""
        return self.table.split(self.table.lines[self.numbers[index] - 1])

    def _is_header(self, index: int) -> bool:
        """Whether a row is the header once more, with other capitals or spaces."""
        return bool(self.header) and self._names(self._cells_of(index)) == self._names(self.header)

    def _has_balance_alone(self, index: int, label: str) -> bool:
        """Whether a row has nothing but a day and the balance on it."""
        balance = self._column(Role.BALANCE)
        return (
            not label
            and self.is_blank[index]
            and balance is not None
            and amounts.is_amount(balance[index])
        )

    def _is_sum(self, index: int) -> bool:
        """Whether the amounts of a row without a date are the sums of those that have one."""
        columns, sums = self._sums
        return all(
            abs(column[index] or 0) == abs(each) for column, each in zip(columns, sums, strict=True)
        )

    @functools.cached_property
    def _sums(self) -> tuple[list[Sequence[Decimal | None]], list[Decimal]]:
        """The columns of amounts as they are written, and the sum of each over the dated rows."""
        columns = [amounts.read_column(column).values for column in self._money_cells()]
        sums = [
            sum(
                (value for value, date in zip(column, self.dates, strict=True) if value and date),
                Decimal(),
            )
            for column in columns
        ]
        return columns, sums

    def _tells_a_sum(self, index: int) -> bool:
        """Whether any cell of a row says that it is a balance or a total."""
        cells = self._cells_of(index)
        return any(headers.tells_a_sum(each) for each in cells if each)

    def _continues(self, index: int, before: str) -> bool:
        """Whether a row has nothing but more of the label of the row before it, or all of it."""
        label = self.columns.index(Role.LABEL)
        if not label or not self.labels[index] or headers.tells_a_sum(self.labels[index]):
            return False
        cells = self._cells_of(index)
        if not before:
            return not self.date_cells[index].strip() and self.is_blank[index]
        return (
            all(not cell.strip() for at, cell in enumerate(cells) if at != label)
            and len(cells) > label
        )

    def _fee_line(self, line: StatementLine, fee: Decimal) -> StatementLine:
        name = self.columns.name(self.columns.roles[Role.FEE][0])
        return StatementLine(
            line.number,
            line.date,
            -abs(fee),
            f"{name} {line.label}",
            line.value_date,
            line.account,
            line.currency,
            "",
            line.status,
        )

    def _statuses(self) -> list[LineStatus | None] | None:
        column = self._column(Role.STATUS)
        if column is None:
            return (
                [
                    LineStatus.PENDING if index in self.pending else LineStatus.BOOKED
                    for index in range(self.count)
                ]
                if self.pending
                else None
            )
        name = self.columns.name(self.columns.roles[Role.STATUS][0])
        known = {cell: headers.status_of(cell, name) for cell in set(column)}
        words = {cell.strip() for cell in known} - {""}
        if not any(known[word] for word in known if word.strip()):
            if len(words) > 1 and not self.told.columns:
                raise self._not_sure(
                    _("“%s” does not say whether a line is booked.") % min(words)[:60]
                )
            return None  # not one word for a status: it is another kind of column
        return [known[cell] for cell in column]

    def _value_dates(self, cells: Sequence[str]) -> list[dt.date | None]:
        """Dates of value; one that does not exist, as a bank's 30 February, is left out."""
        own = dates.orders_of(set(cells))
        order = self.order
        if own and (order is None or order not in own):
            order = next(iter(own)) if len(own) == 1 else None
        return dates.read_column(cells, order)

    def _bank_ids(self) -> Sequence[str] | None:
        column = self._column(Role.BANK_ID)
        if column is None:
            return None
        ids = [unwrapped(cell) for cell in column]
        filled = [(account, each) for account, each in zip(self.accounts, ids, strict=True) if each]
        if Role.BANK_ID in self.told.columns or len(set(filled)) == len(filled):
            return ids
        return None


def _shown(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """The first rows as a person is shown them: each with as many cells as there are columns."""
    return [
        [
            " ".join(cell[:LONGEST_SHOWN].replace("\x00", "").split())
            for cell in itertools.islice(itertools.chain(cells, itertools.repeat("")), width)
        ]
        for cells in itertools.islice(filter(any, rows), ROWS_SHOWN)
    ]


def joined(parts: Iterable[str]) -> str:
    """Parts of a label as one, without those that others contain."""
    kept: list[str] = []
    for part in parts:
        text = " ".join(part.split())
        if not text or any(text.casefold() in each.casefold() for each in kept):
            continue
        kept = [each for each in kept if each.casefold() not in text.casefold()]
        kept.append(text)
    return " ".join(kept)


def _with_label(line: StatementLine, more: str) -> StatementLine:
    return dataclasses.replace(line, label=f"{line.label} {more}".strip())


def _is_mixed(values: Sequence[Decimal | None]) -> bool:
    return any(each > 0 for each in values if each) and any(each < 0 for each in values if each)


NOT_BOOKED = (LineStatus.PENDING, LineStatus.REVERTED)
#: An account's number where a label stands: banks tell the balance in a row with it.
ACCOUNT_ALONE = re.compile(r"[0-9]{5} ?[0-9]{4,11} ?[A-Z]?|[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")
CARD_NAME = re.compile(
    r"\b(?:card ?member|card ?holder|cardmember|card (?:no|number)|kaarthouder|kaartlid|"
    r"karteninhaber|kortmedlem|titulaire de (?:la )?carte|titolare della carta|kartenmitglied)\b"
)
CARD_PAYMENT = re.compile(
    r"payment\s*[-–]?\s*(?:received|thank)|thank you|auto\s?pay|paiement re[cç]u|merci|directpay|"
    r"zahlung dankend|payment from|online payment|betalning mottagen|zahlung erhalten|besten dank|"
    r"hartelijk (?:dank|bedankt)|pr[ée]l[èe]vement automatique enregistr|pagamento recebido|"
    r"pago recibido|gracias por su pago|pagamento ricevuto|betaling modtaget|betaling mottatt",
    re.IGNORECASE,
)
