"""What the rows of a table say, apart from their amounts: days, labels, accounts, statuses."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
from collections.abc import Callable, Iterable, Sequence

from django.utils.translation import gettext as _

from budget.imports import amounts, dates, headers
from budget.imports.columns import Columns, Told
from budget.imports.dates import DateOrder
from budget.imports.formats.csv.rows import Rows
from budget.imports.formats.csv.surroundings import unwrapped
from budget.imports.headers import Role
from budget.imports.packed import TOGETHER, Texts
from budget.imports.reading import LineStatus, NotSure

#: An account's number where a label stands: banks tell the balance in a row with it.
ACCOUNT_ALONE = re.compile(r"[0-9]{5} ?[0-9]{4,11} ?[A-Z]?|[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}")


class Cells:
    """The columns of a table, one value a row.

    Raises NotSure where its dates can be read in two ways.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.count = len(rows)
        self.columns: Columns = rows.columns
        self.told: Told = rows.told
        self.later: set[int] = set()  # rows that have another day than that of booking alone
        self.pending: set[int] = set()
        self.date_cells = self._with_pending(self._date_cells())
        self.labels = self._labels()
        self.accounts = self._accounts()
        self.is_blank = self._blank_amounts()
        self.order = self._date_order()
        self.dates = dates.read_column(self.date_cells, self.order)

    def column(self, role: Role) -> Sequence[str] | None:
        return self.rows.column(role)

    def not_sure(self, reason: str, about: str = "columns") -> NotSure:
        return NotSure(reason, self.rows.seen, about=about)

    def _date_cells(self) -> Sequence[str]:
        cells = self.column(Role.DATE) or [""] * self.count
        if self.columns.later_date is None:
            return cells
        later = self.rows.cells[self.columns.later_date]
        self.later = {index for index, cell in enumerate(cells) if not cell.strip()}
        return [cell if cell.strip() else after for cell, after in zip(cells, later, strict=True)]

    def _with_pending(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells of dates, with the date of value where a word says that a line is pending."""
        value_dates = self.column(Role.VALUE_DATE)
        different = set(cells)
        words = {cell for cell in different if headers.status_of(cell) is LineStatus.PENDING}
        if not value_dates or not (words or any(not cell.strip() for cell in different)):
            return cells
        statuses = self.column(Role.STATUS) or [""] * self.count
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

    def _labels(self) -> Sequence[str]:
        columns = [
            without_marks(self.rows.cells[index])
            for index in self.columns.roles.get(Role.LABEL, [])
        ]
        if not columns:
            return [""] * self.count
        if len(columns) > 1:
            labels = Texts()
            labels.extend(map(joined, zip(*columns, strict=True)))
            return labels
        return columns[0]

    def _accounts(self) -> Sequence[str]:
        column = self.column(Role.ACCOUNT)
        if column is not None:
            folded = {cell: unwrapped(cell) for cell in set(column)}
            return [folded[cell] for cell in column]
        accounts: list[str] = []
        for (start, account), (end, _next) in itertools.pairwise(
            [(0, ""), *self.rows.blocks, (self.count, "")]
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
            raise self.not_sure(_("The dates are written in several orders."), "order")
        value_dates = self.column(Role.VALUE_DATE)
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
        writes_both = layout is not None and layout.order is None
        if DateOrder.DMY in orders and self._is_day_first() and not writes_both:
            return DateOrder.DMY
        in_sequence = [cell for cell, _same in zip(self.date_cells, range(20_000), strict=False)]
        if likeliest := dates.likeliest(in_sequence, orders):
            return likeliest
        raise self.not_sure(
            _("The dates, such as %s, can be read with the day or with the month first.")
            % cells[0].strip(),
            "order",
        )

    def _is_day_first(self) -> bool:
        """Whether the header is in a language that writes the day first."""
        return any(
            headers.DAY_FIRST.search(headers.normalised(name)) for name in self.rows.header.names
        )

    def value_dates(self) -> list[dt.date | None] | None:
        """Dates of value; one that does not exist, as a bank's 30 February, is left out."""
        cells = self.column(Role.VALUE_DATE)
        if not cells:
            return None
        own = dates.orders_of(set(cells))
        order = self.order
        if own and (order is None or order not in own):
            order = next(iter(own)) if len(own) == 1 else None
        return dates.read_column(cells, order)

    # What else they say

    @functools.cached_property
    def balances(self) -> set[int]:
        """The rows whose labels are those of balances.

        Shops have such names too, so where the words could be one it must be the first or the last
        row. So must an account's number, and no other row may have one.
        """
        found = saying(self.labels, headers.BALANCE_WORDS, headers.tells_a_balance)
        ends = {0, self.count - 1} if self.count else set()
        found -= {each for each in found - ends if self.labels[each].casefold() == "new balance"}
        return found | {each for each in ends if self.is_account_alone(each)}

    def is_account_alone(self, index: int) -> bool:
        """Whether the label of the first or the last row is an account's number, and no other's."""
        told = self.labels[index]
        return (
            self.count > 1
            and bool(ACCOUNT_ALONE.fullmatch(told))
            and not any(ACCOUNT_ALONE.fullmatch(each) for each in self.labels if each != told)
        )

    def money(self) -> list[Sequence[str]]:
        """The columns of amounts: one, or debits and credits."""
        roles = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
        return [column for role in roles if (column := self.column(role)) is not None]

    def _blank_amounts(self) -> list[bool]:
        """Of each row whether it has no amount."""
        columns = [amounts.blanks(column) for column in self.money()]
        if len(columns) == 1:
            return columns[0]
        return [one and other for one, other in zip(*columns, strict=True)]

    @functools.cached_property
    def statuses(self) -> list[LineStatus | None] | None:
        """What is booked; None where all is."""
        column = self.column(Role.STATUS)
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
                raise self.not_sure(
                    _("“%s” does not say whether a line is booked.") % min(words)[:60]
                )
            return None  # not one word for a status: it is another kind of column
        return [known[cell] for cell in column]

    def bank_ids(self) -> Sequence[str] | None:
        """The bank's own ids, where each of an account's lines has another."""
        column = self.column(Role.BANK_ID)
        if column is None:
            return None
        ids = Texts()
        ids.extend(map(unwrapped, column))
        # Different hashes are different ids, and need not be held.
        filled = [hash(each) for each in zip(self.accounts, ids, strict=True) if each[1]]
        if Role.BANK_ID in self.told.columns or len(set(filled)) == len(filled):
            return ids
        return None


def saying(labels: Sequence[str], words: Sequence[str], says: Callable[[str], object]) -> set[int]:
    """The indices of the labels that say something, which none does without one of the words.

    The words are in small letters, and looked for in many labels at once.
    """
    found: set[int] = set()
    start = 0
    for some in itertools.batched(labels, TOGETHER):
        text = "\n".join(some).casefold()
        if any(word in text for word in words):
            found.update(start + index for index, label in enumerate(some) if says(label))
        start += len(some)
    return found


def without_marks(column: Sequence[str]) -> Sequence[str]:
    """Labels without the sign that they are texts, where it stands before or around all of them."""
    if not all(cell.startswith("'") for cell in column if cell):
        return column
    end = -1 if all(cell.endswith("'") and len(cell) > 1 for cell in column if cell) else None
    return [cell[1:end] for cell in column]


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
