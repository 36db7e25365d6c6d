"""Which column of a table is what: as the person says, or the layout, the header, the cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import repeat

from django.utils.translation import gettext as _

from budget.imports import amounts, dates, headers, layouts
from budget.imports.amounts import Decimals
from budget.imports.dates import DateOrder
from budget.imports.headers import Role
from budget.imports.reading import LineStatus, NotSure

ISO_CURRENCY = re.compile(r"[A-Z]{3}")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{8,36}")
#: Names of columns that hold the account's own number in some files, the other side's in others.
EITHER_SIDE = {"iban", "kontonummer", "konto", "konto nr", "kontonr"}
#: No more of a column's name is shown.
LONGEST_NAME = 200
WORD = re.compile(r"[^\W\d_]{3}")
NET = re.compile(r"\bnett?o?\b")
#: A time of day, which is no label.
CLOCK = re.compile(r"[0-2]?[0-9][:.h][0-5][0-9](?:[:.][0-5][0-9])?")
#: At most so many rows of a sample are looked at.
SAMPLE_ROWS = 500
#: Of a wide table fewer, but some.
SAMPLE_CELLS, FEWEST_ROWS = 100_000, 20
#: Columns of amounts of which each may be compared with each: more are no bank's.
MOST_COMPARED = 12
TYPE_NAMES = {
    "type",
    "transaction type",
    "type de transaction",
    "type operation",
    "mutatiesoort",
    "kind",
    "type de mouvement",
    "art",
    "typ",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a table, by columns' names or their numbers from 1."""

    columns: dict[Role, str] = field(default_factory=dict)
    order: DateOrder | None = None
    decimals: Decimals | None = None
    spent: bool | None = None  # whether a positive amount leaves
    whole: bool = False  # the other columns are nothing: they are not to be taken for anything


@dataclass(slots=True)
class Content:
    """What the cells of one column are, in a sample of the movements."""

    cells: list[str] = field(default_factory=list)
    filled: int = 0
    clocks: int = 0
    dates: int = 0
    amounts: int = 0
    codes: int = 0  # three capitals
    signs: list[bool | None] = field(default_factory=list)

    def add(self, cell: str) -> None:
        self.cells.append(cell)
        text = cell.strip()
        if text:
            self.signs.append(headers.leaves(text))  # "-" says nothing, or that money leaves
        if amounts.is_blank(text):
            return
        self.filled += 1
        if len(text) > 40:
            return
        if dates.is_date(text) or dates.is_invented(text):
            self.dates += 1
        elif amounts.is_amount(text):
            self.amounts += 1
        elif ISO_CURRENCY.fullmatch(text):
            self.codes += 1
        elif CLOCK.fullmatch(text):
            self.clocks += 1

    def are_dates(self) -> bool:
        return self.filled > 0 and self.dates >= 0.6 * self.filled

    def are_amounts(self) -> bool:
        return self.filled > 0 and self.amounts >= 0.6 * self.filled

    def are_codes(self) -> bool:
        return self.filled > 0 and self.codes == self.filled

    def are_texts(self) -> bool:
        return self.may_be_label() and self.filled > 0 and not self.are_codes()

    def are_marks(self) -> bool:
        """Whether the cells that are not blank all say CR, or all DR."""
        words = {cell.strip().upper() for cell in self.cells} - {""}
        return len(words) == 1 and words <= {"CR", "DR"}

    def may_be_label(self) -> bool:
        others = self.dates + self.amounts + self.clocks
        return not self.filled or others < 0.6 * self.filled

    def are_ids(self) -> bool:
        """Whether every line has another. The numbers 1, 2, 3 are the file's, not the bank's."""
        cells = {cell.strip() for cell in self.cells}
        return (
            0 < self.filled == len(self.cells) == len(cells)
            and not self.dates
            and any(len(cell) > 5 or not cell.isdigit() for cell in cells)
        )

    def are_ibans(self) -> bool:
        return self.filled > 0 and all(
            IBAN.fullmatch(cell.strip()) for cell in self.cells if cell.strip()
        )

    def distinct(self) -> int:
        return len({cell.strip() for cell in self.cells})


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns by role, counted from 0; only labels may be several."""

    roles: dict[Role, list[int]]
    header: Sequence[str]
    layout: layouts.Layout | None = None
    later_date: int | None = None

    def index(self, role: Role) -> int | None:
        found = self.roles.get(role)
        return found[0] if found else None

    def names(self) -> dict[str, str]:
        """The columns of each role as a person sees them; several are joined with " + "."""
        return {
            role.value: " + ".join(self.name(index) for index in indices)
            for role, indices in self.roles.items()
            if indices
        }

    def name(self, index: int) -> str:
        """A column as the person sees it: its name, or its number where it has none."""
        name = self.header[index].strip() if index < len(self.header) else ""
        return " ".join(name[:LONGEST_NAME].replace("\x00", "").split()) or str(index + 1)


def names_of(header: Sequence[str], width: int) -> list[str]:
    """The columns as a person sees them: by their names, or by numbers where they have none."""
    columns = Columns({}, header)
    return [columns.name(index) for index in range(max(width, len(header)))]


def index_told(name: str, width: int) -> int | None:
    """The index of the column that is told by its number, from 1 to `width`; None for none such."""
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 7 else 0
    return number - 1 if 1 <= number <= width else None


def table_fingerprint(header: Sequence[str], sample: Sequence[Sequence[str]]) -> str:
    """What a table is known by again, from its columns as a person sees them and its first rows.

    Where no column has a name, what the cells are tells tables of as many columns apart.
    """
    if any(name != str(number) for number, name in enumerate(header, 1)):
        return headers.header_fingerprint(header)
    kinds = (
        "date" if content.are_dates() else "amount" if content.are_amounts() else "text"
        for content in contents_of(sample, len(header))
    )
    return headers.header_fingerprint(list(kinds))


def contents_of(rows: Iterable[Sequence[str]], width: int) -> list[Content]:
    """What the columns of some rows hold."""
    found = [Content() for _each in range(width)]
    for cells in rows:
        for index, content in enumerate(found):
            content.add(cells[index] if index < len(cells) else "")
    return found


def choose(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, told: Told) -> Columns:
    """The columns of a table, from its header (perhaps empty) and a sample of its movements.

    Raises NotSure where several columns could be the one and nothing decides.
    """
    layout = layouts.layout_of(header) if header else None
    if layout and not told.columns:
        return _by_layout(layout, header)
    if not header and not told.columns and (layout := layouts.unnamed_layout_of(rows)):
        numbers = {
            role: [int(name) - 1 for name in names] for role, names in layout.roles().items()
        }
        return Columns(numbers, header, layout)
    most = min(SAMPLE_ROWS, max(FEWEST_ROWS, SAMPLE_CELLS // max(width, 1)))
    chooser = _Chooser(header, contents_of(rows[:most], width), told)
    return chooser.choose()


def _by_layout(layout: layouts.Layout, header: Sequence[str]) -> Columns:
    names = [headers.normalised(name) for name in header]
    roles = {
        role: [names.index(name) for name in wanted if name in names]
        for role, wanted in layout.roles().items()
    }
    later = headers.normalised(layout.later_date)
    return Columns(
        {role: found for role, found in roles.items() if found},
        header,
        layout,
        names.index(later) if layout.later_date and later in names else None,
    )


class _Chooser:
    def __init__(self, header: Sequence[str], contents: list[Content], told: Told) -> None:
        self.header = header
        self.contents = contents
        self.told = told
        self.names = names_of(header, len(contents))
        self.rows = len(contents[0].cells) if contents else 0
        self.roles: dict[Role, list[int]] = {}
        self.later_date: int | None = None
        self.by_role: dict[Role, list[tuple[int, int]]] = {}
        for index, name in enumerate(header[: len(contents)]):
            for role, rank in headers.roles_of(name):
                self.by_role.setdefault(role, []).append((rank, index))

    def not_sure(self, reason: str) -> NotSure:
        return NotSure(reason, self.names)

    def choose(self) -> Columns:
        self._told()
        if self.told.whole:
            return self._as_told()
        unsure: NotSure | None = None
        for step in (
            self._dates,
            self._simple,
            self._amounts,
            self._direction,
            self._account,
            self._labels,
        ):
            try:
                step()
            except NotSure as error:
                unsure = unsure or error
        roles = {role: indices for role, indices in self.roles.items() if indices}
        found = Columns(roles, self.header, None, self.later_date)
        if unsure:
            unsure.taken = found.names()
            raise unsure
        return found

    def _as_told(self) -> Columns:
        if Role.DATE not in self.roles:
            raise self.not_sure(_("Say which column has the date."))
        if Role.AMOUNT not in self.roles and not self.roles.keys() & {Role.DEBIT, Role.CREDIT}:
            raise self.not_sure(_("Say which column has the amount, or which have both sides."))
        if Role.AMOUNT not in self.roles and not {Role.DEBIT, Role.CREDIT} <= self.roles.keys():
            raise self.not_sure(_("Debits and credits are two columns: say both."))
        return Columns(self.roles, self.header)

    def taken(self) -> set[int]:
        return {index for indices in self.roles.values() for index in indices}

    def _told(self) -> None:
        for role, name in self.told.columns.items():
            self.roles[role] = [
                self._named(part)
                for part in ([name] if role is not Role.LABEL else name.split("+"))
            ]

    def _named(self, name: str) -> int:
        text = name.strip()
        found = [index for index, each in enumerate(self.header) if each.strip() == text]
        found = found or [
            index
            for index, each in enumerate(self.header)
            if each.strip() and headers.normalised(each) == headers.normalised(text)
        ]
        number = index_told(text, len(self.contents))
        if not found and number is not None:
            return number
        if len(found) == 1:
            return found[0]
        if found:
            raise self.not_sure(
                _("Several columns are called “%s”: say which by its number, from 1.") % text
            )
        raise self.not_sure(_("There is no column “%s”.") % text)

    def candidates(self, role: Role) -> list[int]:
        """The columns whose names fit a role, the best first."""
        return [index for _rank, index in sorted(self.by_role.get(role, []))]

    def _dates(self) -> None:
        valued = [
            each for each in self.candidates(Role.VALUE_DATE) if self.contents[each].are_dates()
        ]
        if Role.DATE not in self.roles:
            dated = [
                each
                for each in self.candidates(Role.DATE)
                if (self.contents[each].are_dates() or not self.rows) and each not in self.taken()
            ]
            # A column that is blank in most lines is another kind of date.
            dated.sort(key=lambda each: self.contents[each].filled * 2 < self.rows)
            if not dated or self._rank(Role.DATE, dated[0]) >= headers.AFTER_THE_LISTS:
                dated = self._dates_by_content(valued)
            self.roles[Role.DATE] = dated[:1]
            if dated and 0 < self.contents[dated[0]].filled < self.rows:
                self.later_date = next(iter(dated[1:]), None)
        if Role.VALUE_DATE not in self.roles and (
            rest := [each for each in valued if each not in self.taken()]
        ):
            self.roles[Role.VALUE_DATE] = rest[:1]

    def _dates_by_content(self, valued: list[int]) -> list[int]:
        found = [
            index
            for index, content in enumerate(self.contents)
            if content.are_dates() and index not in valued and index not in self.taken()
        ] or valued
        if not found:
            raise self.not_sure(_("No column has dates."))
        if len(found) == 1:
            return found
        columns = [self.contents[index].cells for index in found]
        if all(column == columns[0] for column in columns):
            return found[:1]
        # Statements are in the order in which lines were booked: of several dates, only that of
        # booking never goes back.
        ordered = [index for index in found if _is_sorted(self.contents[index].cells)]
        if len(ordered) == 1 and self.rows > 4:
            other = [index for index in found if index != ordered[0]]
            if len(other) == 1 and Role.VALUE_DATE not in self.roles:
                self.roles[Role.VALUE_DATE] = other
            return ordered
        raise self.not_sure(
            _("Several columns have dates, and nothing says which is that of booking.")
        )

    def _simple(self) -> None:
        checks = {
            Role.BALANCE: Content.are_amounts,
            Role.CURRENCY: Content.are_codes,
            Role.STATUS: Content.are_texts,
            Role.CATEGORY: Content.are_texts,
            Role.FEE: Content.are_amounts,
        }
        for role, check in checks.items():
            if role in self.roles:
                continue
            found = [
                each
                for each in self.candidates(role)
                if check(self.contents[each]) and each not in self.taken()
            ]
            if found:
                self.roles[role] = found[:1]
        if Role.STATUS not in self.roles:
            taken = self.taken()
            self.roles[Role.STATUS] = [
                index
                for index, content in enumerate(self.contents)
                if index not in taken and self._is_status(content)
            ][:1]
        if Role.BANK_ID not in self.roles:
            for each in self.candidates(Role.BANK_ID):
                if self.contents[each].are_ids():
                    self.roles[Role.BANK_ID] = [each]
                    break

    # Amounts

    def _amounts(self) -> None:
        if Role.AMOUNT in self.roles or {Role.DEBIT, Role.CREDIT} <= self.roles.keys():
            return
        if Role.DEBIT in self.roles or Role.CREDIT in self.roles:
            raise self.not_sure(_("Debits and credits are two columns: say both."))
        amount = self._amount_by_name()
        if amount is not None and NET.search(headers.normalised(self.names[amount])):
            self.roles.pop(Role.FEE, None)  # the amount is what they leave
        debit, credit = self._side_by_name(Role.DEBIT), self._side_by_name(Role.CREDIT)
        if debit is not None and credit is not None and debit != credit:
            if amount is None or not self._is_signed(amount):
                self.roles[Role.DEBIT], self.roles[Role.CREDIT] = [debit], [credit]
                return
        elif amount is None and credit is not None and self._is_signed(credit):
            amount = credit  # "Inflow", negative where money leaves
        elif amount is None and (debit is not None or credit is not None):
            raise self.not_sure(_("There is a column of debits or of credits, and not the other."))
        if amount is not None:
            self.roles[Role.AMOUNT] = [amount]
        else:
            self._amounts_by_content()

    def _is_signed(self, index: int) -> bool:
        content = self.contents[index]
        return content.filled == self.rows and amounts.read_column(content.cells).negatives > 0

    def _is_status(self, content: Content) -> bool:
        """Whether all cells are words for a status, of which some say that a line is not booked."""
        words = {cell.strip() for cell in content.cells if cell.strip()}
        known = {headers.status_of(word) for word in words}
        return bool(words) and None not in known and known != {LineStatus.BOOKED}

    def _side_by_name(self, role: Role) -> int | None:
        found = [
            each
            for each in self.candidates(role)
            if (self.contents[each].are_amounts() or not self.contents[each].filled)
            and each not in self.taken()
        ]
        if len(found) > 1 and self._rank(role, found[0]) == self._rank(role, found[1]):
            raise self.not_sure(_("Several columns have the same meaning: %s.") % self._list(found))
        return found[0] if found else None

    def _rank(self, role: Role, index: int) -> int:
        return next(rank for rank, each in self.by_role[role] if each == index)

    def _list(self, indices: Sequence[int]) -> str:
        names = ", ".join(self.names[index] for index in indices[:MOST_COMPARED])
        return f"{names}, …" if len(indices) > MOST_COMPARED else names

    def _amount_by_name(self) -> int | None:
        found = [
            each
            for each in self.candidates(Role.AMOUNT)
            if (self.contents[each].are_amounts() or not self.rows)
            and each not in self.taken()
            # What is zero in all lines is a tax, or what was not charged.
            and (any(self._values(each)) or not self._has_other_amounts(each))
        ]
        if not found:
            return None
        own = [each for each in found if headers.is_in_account_currency(self.names[each])]
        if len(own) == 1:
            return own[0]
        first = self._rank(Role.AMOUNT, found[0])
        listed = first < headers.AFTER_THE_LISTS
        rivals = [
            each
            for each in found[1:]
            if self._rank(Role.AMOUNT, each) == first
            or (listed and self._rank(Role.AMOUNT, each) < headers.AFTER_THE_LISTS)
        ]
        rivals = [each for each in rivals if self._values(each) != self._values(found[0])]
        if not rivals:
            return self._not_in_cents(found[0])
        if len(rivals) == 1 and (net := self._net(found[0], rivals[0])) is not None:
            return net
        whole = [each for each in [found[0], *rivals] if self.contents[each].filled == self.rows]
        if len(whole) == 1:
            return whole[0]  # every movement has an amount
        proven = self._proven([found[0], *rivals])
        if proven is not None:
            return proven
        raise self.not_sure(
            _("Several columns could be the amount: %s.") % self._list([found[0], *rivals])
        )

    def _has_other_amounts(self, amount: int) -> bool:
        return any(
            content.are_amounts() and any(self._values(index))
            for index, content in enumerate(self.contents)
            if index != amount and index not in self.taken()
        )

    def _not_in_cents(self, amount: int) -> int:
        """The column itself, or where it has whole numbers of cents, that which has the same in
        units."""
        if self._has_decimals(amount):
            return amount
        cents = self._values(amount)
        for index, content in enumerate(self.contents):
            if content.filled == self.contents[amount].filled and self._has_decimals(index):
                units = self._values(index)
                if any(units) and all(
                    cent == (unit and 100 * unit) for cent, unit in zip(cents, units, strict=True)
                ):
                    return index
        return amount

    def _net(self, one: int, other: int) -> int | None:
        """That of two columns of amounts which is what a column of fees leaves of the other."""
        for fee in self.candidates(Role.FEE):
            if not self.contents[fee].are_amounts():
                continue
            rows = [
                (first or Decimal(), second or Decimal(), abs(cost or Decimal()))
                for first, second, cost in zip(
                    self._values(one), self._values(other), self._values(fee), strict=True
                )
            ]
            if all(second == first - cost for first, second, cost in rows):
                return other
            if all(first == second - cost for first, second, cost in rows):
                return one
        return None

    def _values(self, index: int) -> list[Decimal | None]:
        column = amounts.read_column(self.contents[index].cells)
        return list(column.values)

    def _proven(self, candidates: Sequence[int]) -> int | None:
        """The one of several columns of amounts by which a column of balances changes."""
        balance = self.roles.get(Role.BALANCE)
        balances = balance or [
            index
            for index, content in enumerate(self.contents)
            if content.are_amounts() and index not in candidates
        ]
        if len(candidates) + len(balances) > 2 * MOST_COMPARED:
            return None
        proven = {
            each
            for each in candidates
            for other in balances
            if other != each and runs(self._values(each), self._values(other))
        }
        return proven.pop() if len(proven) == 1 else None

    def _amounts_by_content(self) -> None:
        numeric = [
            index
            for index, content in enumerate(self.contents)
            if content.are_amounts() and index not in self.taken()
        ]
        # Numbers of cheques, cards and customers have no decimals where amounts have.
        decimal = [index for index in numeric if self._has_decimals(index)]
        numeric = decimal or numeric
        whole = [index for index in numeric if self.contents[index].filled == self.rows]
        if len(numeric) <= MOST_COMPARED and self._pair_with_balance(numeric, whole):
            return
        sides = [index for index in numeric if index not in whole]
        if len(whole) == 1 and not sides:
            self.roles[Role.AMOUNT] = whole
        elif len(sides) == 2 and self._are_sides(*sides):
            self._sides_by_sign(*sides)
        elif not numeric:
            raise self.not_sure(_("No column has amounts."))
        else:
            raise self.not_sure(_("Several columns could be the amount: %s.") % self._list(numeric))

    def _has_decimals(self, index: int) -> bool:
        return any("." in cell or "," in cell for cell in self.contents[index].cells)

    def _pair_with_balance(self, numeric: Sequence[int], whole: Sequence[int]) -> bool:
        """Takes an amount, or two sides, and a balance if the one explains the other."""
        known = self.roles.get(Role.BALANCE)
        balances = known or whole
        single = [
            (amount, balance)
            for balance in balances
            for amount in whole
            if amount != balance
            and "normal"
            in (
                runs(self._values(amount), self._values(balance)),
                runs(self._directed(amount), self._values(balance)),
            )
        ]
        double = [
            (debit, credit, balance)
            for balance in balances
            for debit in numeric
            for credit in numeric
            if len({debit, credit, balance}) == 3
            and self._are_sides(debit, credit)
            and runs(self._both(debit, credit), self._values(balance)) == "normal"
        ]
        if len(single) + len(double) != 1:
            return False
        if single:
            self.roles[Role.AMOUNT], self.roles[Role.BALANCE] = ([each] for each in single[0])
        else:
            self.roles[Role.DEBIT], self.roles[Role.CREDIT], self.roles[Role.BALANCE] = (
                [each] for each in double[0]
            )
        return True

    def _directed(self, amount: int) -> list[Decimal | None]:
        """The amounts with the signs that another column's words give them, as long as they have
        none themselves."""
        values = self._values(amount)
        senses = [
            content.signs
            for content in self.contents
            if len(content.signs) == self.rows and set(content.signs) == {True, False}
        ]
        if len(senses) != 1 or any(value and value < 0 for value in values):
            return values
        return [
            -value if value and sense else value
            for value, sense in zip(values, senses[0], strict=True)
        ]

    def _are_sides(self, one: int, other: int) -> bool:
        """Whether of two columns each line has exactly one filled."""
        values = zip(self._values(one), self._values(other), strict=True)
        return all(bool(first) != bool(second) for first, second in values)

    def _both(self, debit: int, credit: int) -> list[Decimal | None]:
        return [
            -abs(out) if out else into
            for out, into in zip(self._values(debit), self._values(credit), strict=True)
        ]

    def _sides_by_sign(self, one: int, other: int) -> None:
        first, second = (amounts.read_column(self.contents[each].cells) for each in (one, other))
        if first.negatives and not first.positives and not second.negatives:
            self.roles[Role.DEBIT], self.roles[Role.CREDIT] = [one], [other]
        elif second.negatives and not second.positives and not first.negatives:
            self.roles[Role.DEBIT], self.roles[Role.CREDIT] = [other], [one]
        else:
            raise self.not_sure(
                _("Two columns have amounts in turn, and nothing says which has the debits: %s.")
                % self._list([one, other])
            )

    # What is not needed to read a movement

    def _direction(self) -> None:
        if Role.DIRECTION in self.roles or Role.AMOUNT not in self.roles:
            return
        signed = self._is_signed(self.roles[Role.AMOUNT][0])
        for index in range(len(self.contents)):
            content = self.contents[index]
            if index in self.taken() or not self.rows:
                continue
            if len(content.signs) < self.rows:
                if not signed and content.are_marks():
                    self.roles[Role.DIRECTION] = [index]
                    return
                continue
            named = any(index == each for _rank, each in self.by_role.get(Role.DIRECTION, []))
            senses = set(content.signs)
            type_named = (
                index < len(self.header) and headers.normalised(self.header[index]) in TYPE_NAMES
            )
            by_words = None not in senses and (len(senses) == 2 or type_named)
            if (named and senses != {None}) or (
                by_words and (not signed or self._opposes(content))
            ):
                self.roles[Role.DIRECTION] = [index]
                return

    def _opposes(self, directions: Content) -> bool:
        """Whether every amount that leaves, by its direction, is positive, and the reverse."""
        values = self._values(self.roles[Role.AMOUNT][0])
        signs = [headers.leaves(cell) for cell in directions.cells]
        return len(set(signs)) == 2 and all(
            not value or (value > 0) == sign for value, sign in zip(values, signs, strict=True)
        )

    def _account(self) -> None:
        if Role.ACCOUNT in self.roles or not self.rows:
            return
        taken = self.taken()
        named = [index for index in self.candidates(Role.ACCOUNT) if index not in taken]
        if not self.header and self.rows > 2:
            named = [index for index, content in enumerate(self.contents) if content.are_ibans()]
        for each in named:
            content = self.contents[each]
            if content.dates or content.filled < 0.9 * self.rows:
                continue
            different = content.distinct()
            # What may as well be the other side's must hardly vary.
            is_open = not self.header or headers.normalised(self.header[each]) in EITHER_SIDE
            if is_open and any(headers.is_counterparty(name) for name in self.header):
                is_own = different * 4 <= self.rows
            elif is_open:
                is_own = different == 1 or different * 4 <= self.rows
            else:
                is_own = different == 1 or different < self.rows
            if is_own:
                self.roles[Role.ACCOUNT] = [each]
                return

    def _labels(self) -> None:
        if Role.LABEL in self.roles:
            return
        taken = self.taken()
        texts = [
            index
            for index, content in enumerate(self.contents)
            if index not in taken and (content.are_texts() or not self.rows)
        ]
        named = [
            each
            for each in self.candidates(Role.LABEL)
            if each not in taken and self.contents[each].may_be_label()
        ]
        named += [each for each in self._unnamed_after(named) if each in texts]
        # A label is a label even where all of them are numbers.
        named = named or [each for each in self.candidates(Role.LABEL) if each not in taken][:1]
        surest = [
            each
            for each in named
            if not self._is_named(each) or self._rank(Role.LABEL, each) < headers.AFTER_THE_LISTS
        ]
        others = [
            index
            for index in texts
            if index < len(self.header)
            and index not in surest
            and not self.contents[index].are_ibans()
            and headers.is_counterparty(self.header[index])
        ]
        others.sort(key=lambda index: -self.contents[index].distinct())
        # The holder of the account may be among them, who is the same in most lines.
        others = sorted(others[:2]) if self._vary_alike(others) else others[:1]
        chosen = others + sorted(surest or named)[:4]
        if not chosen:
            varied = [
                index
                for index in texts
                if not self.contents[index].are_ibans()
                and (self.contents[index].distinct() > 1 or self.rows == 1)
            ]
            words = {each: sum(map(_has_word, self.contents[each].cells)) for each in varied}
            telling = [each for each in varied if words[each]] or varied
            telling.sort(key=lambda each: -words[each])
            chosen = sorted(telling[:3]) or texts[:1]
        self.roles[Role.LABEL] = self._telling(chosen, texts)

    def _unnamed_after(self, named: Sequence[int]) -> list[int]:
        """The columns without a name that follow those of labels: more of the label."""
        found: list[int] = []
        for each in range(1, len(self.contents)):
            if not self._is_named(each) and (each - 1 in named or each - 1 in found):
                found.append(each)
        return found

    def _is_named(self, index: int) -> bool:
        return index < len(self.header) and bool(self.header[index].strip())

    def _telling(self, chosen: list[int], texts: Sequence[int]) -> list[int]:
        """Columns of labels without those that say the same in all lines, or nothing, if others
        tell more; and with one more where they leave lines without a label."""
        if self.rows > 2:
            chosen = [each for each in chosen if self.contents[each].distinct() > 1] or chosen
        chosen = [each for each in chosen if self.contents[each].filled] or chosen
        same = self.rows > 2 and all(self.contents[each].distinct() == 1 for each in chosen)
        gaps = [
            row
            for row in range(self.rows)
            if same or not any(self.contents[each].cells[row].strip() for each in chosen)
        ]
        others = [
            (told, self.contents[index].distinct(), -index)
            for index in texts
            if index not in chosen
            and not self.contents[index].are_ibans()
            and (self.contents[index].distinct() > 1 or self.rows <= 2)
            and (told := sum(_has_word(self.contents[index].cells[row]) for row in gaps))
        ]
        return [*chosen, -max(others)[-1]] if others else chosen

    def _vary_alike(self, indices: Sequence[int]) -> bool:
        return len(indices) > 1 and (
            self.contents[indices[0]].distinct() <= 2 * self.contents[indices[1]].distinct()
        )


def _has_word(cell: str) -> bool:
    """Whether a cell has a word of three letters, and is no address of the net."""
    return "@" not in cell and bool(WORD.search(cell))


def _is_sorted(cells: Sequence[str]) -> bool:
    orders = dates.orders_of(cells)
    for order in orders or [None]:
        column = [each for each in dates.read_column(cells, order) if each]
        if column and len(set(column)) > 1 and dates.is_sorted(column):
            return True
    return False


def runs(
    values: Iterable[Decimal | int | None],
    balances: Iterable[Decimal | int | None],
    accounts: Iterable[str] | None = None,
    *,
    newest_first: bool = False,
) -> str:
    """How a balance after each line follows from the amounts: "normal" where it grows by them,
    "reversed" where it falls by them, "" where neither is so.

    Lines may be in either order of time. Nine pairs of lines in ten must add up, and fewer than
    that for the other sense.
    """
    pairs = 0
    found = [0, 0, 0, 0]
    last: dict[str, tuple[Decimal | int, Decimal | int]] = {}
    for value, balance, account in zip(values, balances, accounts or repeat("")):  # noqa: B905
        if value is None or balance is None:
            continue
        before = last.get(account)
        last[account] = (value, balance)
        if before is None:
            continue
        earlier_value, earlier = before
        if not value or not earlier_value:
            continue
        pairs += 1
        change = balance - earlier
        found[0] += change == value
        found[1] += change == -earlier_value
        found[2] += change == -value
        found[3] += change == earlier_value
    # A balance before each line follows from amounts as one after it does from reversed ones, in
    # the other order of time.
    normal, opposite = max(found[:2]), found[3] if newest_first else found[2]
    if not pairs or max(normal, opposite) < 0.9 * pairs or normal == opposite:
        return ""
    return "normal" if normal > opposite else "reversed"
