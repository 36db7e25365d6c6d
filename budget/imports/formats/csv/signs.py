"""The amounts of a table's rows, and which of them leave the account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from budget.imports import amounts, headers
from budget.imports.amounts import AmountColumn, Decimals
from budget.imports.columns import runs
from budget.imports.formats.csv.cells import Cells, saying
from budget.imports.headers import Role
from budget.imports.packed import BESIDE, NOTHING, Amounts, Column

#: Currencies without decimals: a lone separator in their amounts parts thousands.
WHOLE_CURRENCIES = {"JPY", "HUF", "KRW", "CLP", "ISK", "VND", "XOF", "XAF", "XPF", "IDR", "PYG"}
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


#: Without one of these no label is that of a payment to a card.
CARD_PAYMENT_WORDS = (
    "payment",
    "thank you",
    "autopay",
    "auto pay",
    "paiement re",
    "merci",
    "directpay",
    "zahlung dankend",
    "betalning mottagen",
    "zahlung erhalten",
    "besten dank",
    "hartelijk",
    "automatique enregistr",
    "pagamento ric",
    "pagamento rec",
    "pago recibido",
    "gracias por su pago",
    "betaling mo",
)


class Signs:
    """The signed amounts of a table, its balances and its fees, one value a row.

    Raises NotSure where the amounts, or which of them leave, can be read in two ways.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        currency = self.cells.column(Role.CURRENCY)
        self.currencies = [cell.strip().upper() for cell in currency] if currency else None
        whole = bool(self.currencies) and set(self.currencies or []) - {""} <= WHOLE_CURRENCIES
        balance = self.cells.column(Role.BALANCE)
        told = self.cells.told.decimals
        self.balance = (
            amounts.read_column(self._dated(balance), told, whole=whole) if balance else None
        )
        debit, credit = self.cells.column(Role.DEBIT), self.cells.column(Role.CREDIT)
        if debit is not None and credit is not None:
            both = Column()
            both.extend(self._dated(debit))
            both.extend(self._dated(credit))
            self.values = self._sided(self._numbers(both.texts(), whole=whole))
        else:
            column = self._numbers(self._dated(self.cells.column(Role.AMOUNT) or []), whole=whole)
            self.values = self._signed(column)
        fee = self.cells.column(Role.FEE)
        self.fees = self._fees(self._numbers(self._dated(fee), whole=whole).values) if fee else None

    def _dated(self, cells: Sequence[str]) -> Sequence[str]:
        """A column's cells, blank where the row has no date: those of totals say nothing."""
        if all(self.cells.dates):
            return cells
        column = Column()
        column.extend(
            cell if date else "" for cell, date in zip(cells, self.cells.dates, strict=True)
        )
        return column.texts()

    def _numbers(self, cells: Sequence[str], *, whole: bool) -> AmountColumn:
        """A column of amounts whose separators are understood; NotSure where they are not."""
        column = amounts.read_column(cells, self.cells.told.decimals, whole=whole)
        if column.decimals is Decimals.BOTH:
            raise self.cells.not_sure(
                _("The amounts have decimals after a comma and decimals after a point."), "decimals"
            )
        if column.decimals is Decimals.UNKNOWN:
            written = (each for each in map(amounts.take_apart, cells) if each)
            open_ones = (
                each.number
                for each in written
                if amounts.decimals_of(each.number) is Decimals.UNKNOWN
            )
            sign = "," if "," in next(open_ones) else "."
            told = self.balance.decimals if self.balance else Decimals.UNKNOWN
            if self.cells.columns.layout:
                told = self.cells.columns.layout.decimals
            if told not in (Decimals.POINT, Decimals.COMMA) or told.value == sign:
                raise self.cells.not_sure(
                    _("Nothing tells whether “%s” begins the decimals or parts the thousands.")
                    % sign,
                    "decimals",
                )
            column = amounts.read_column(cells, told, whole=whole)
        return column

    def _sided(self, column: AmountColumn) -> Amounts:
        """Signed amounts from debits and credits, both read as one column, one after the other."""
        count, rows = self.cells.count, self.cells.rows
        debits, credits_ = column.values.split(count)
        # A column whose amounts are all negative says nothing by that.
        mixed = _is_mixed(debits) or _is_mixed(credits_)
        if debits.positives():
            debits = debits.negated()
        if credits_.negatives() and not _is_mixed(credits_):
            credits_ = credits_.negated()
        values = Amounts()
        for index, (debit, credit) in enumerate(zip(debits.cents, credits_.cents, strict=True)):
            if (debit == NOTHING and not column.blank[index]) or (
                credit == NOTHING and not column.blank[count + index]
            ):
                side = None
            elif debit not in (0, NOTHING) and credit not in (0, NOTHING):
                side = None
                is_sum = headers.tells_a_sum(self.cells.labels[index])
                if self.cells.dates[index] and not is_sum:
                    rows.refuse(rows.numbers[index], _("Debit and credit are both filled in."))
            elif debit not in (0, NOTHING) or credit == NOTHING:
                side = debits
            else:
                side = credits_
            cents = side.cents[index] if side else NOTHING
            if cents == BESIDE and side:
                values.beside[index] = side.beside[index]
            values.cents.append(cents)
        if mixed and self._runs(values) != "normal":
            raise self.cells.not_sure(
                _("The debits or the credits have both signs, and nothing says what they mean.")
            )
        return values

    def _runs(self, values: Amounts) -> str:
        if not self.balance:
            return ""
        days = [date for date in self.cells.dates if date]
        newest_first = bool(days) and days[0] > days[-1]
        balances = self.balance.values
        exact = not values.beside and not balances.beside
        return runs(
            _cents(values) if exact else values,
            _cents(balances) if exact else balances,
            self.cells.accounts,
            newest_first=newest_first,
        )

    def _signed(self, column: AmountColumn) -> Amounts:
        """Signed amounts from one column, perhaps with another of directions."""
        directions = self.cells.column(Role.DIRECTION)
        if directions is not None:
            return self._directed(column, directions)
        values = column.values
        spent = self.cells.told.spent
        if spent is None and (layout := self.cells.columns.layout):
            spent = layout.spent
        if spent is not None:
            return values.negated() if spent else values
        if column.marks:
            return values
        sequence = self._runs(values)
        if sequence == "reversed":
            return values.negated()
        self._check_signs(column, sequence)
        return values

    def _check_signs(self, column: AmountColumn, sequence: str) -> None:
        """Refuses a column of which it is not sure that a negative amount leaves the account."""
        if not column.positives:
            return
        if not column.negatives:
            signed = column.pluses and not column.unsigned
            if sequence or signed or Role.AMOUNT in self.cells.told.columns:
                return
            raise self.cells.not_sure(
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
            raise self.cells.not_sure(reason, "spent")

    def _balances_among(self, column: AmountColumn) -> int:
        """How many of the positive amounts are balances."""
        values = (column.values[index] for index in self.cells.balances)
        return sum(1 for value in values if value and value > 0)

    def _is_card(self, column: AmountColumn) -> bool:
        """Whether payments to a card are negative, so that what was spent is positive."""
        if Role.AMOUNT in self.cells.told.columns:
            return False
        if column.positives > column.negatives and any(
            CARD_NAME.search(headers.normalised(name)) for name in self.cells.rows.header.names
        ):
            return True
        payments = saying(self.cells.labels, CARD_PAYMENT_WORDS, CARD_PAYMENT.search)
        values = (column.values[index] for index in payments)
        return any(value < 0 for value in values if value)

    def _directed(self, column: AmountColumn, directions: Sequence[str]) -> Amounts:
        senses = self._senses(directions)
        unknown = [
            cell
            for cell, value, date in zip(directions, column.values, self.cells.dates, strict=True)
            if value and date and senses[cell] is None
        ]
        values = column.values
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
                return values.negated()
            raise self.cells.not_sure(
                _("The amounts' signs and the column of directions contradict each other.")
            )
        if unknown:
            raise self.cells.not_sure(
                _("“%s” does not say whether an amount comes in or leaves.") % unknown[0].strip()
            )
        return values.negated(senses[cell] for cell in directions)

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

    def _fees(self, fees: Amounts) -> Amounts | None:
        """The fees that come on top of the amounts; None where they are within."""
        if not any(fees):
            return None
        if self.cells.columns.layout:
            return fees
        within, on_top = self._balances_with_fees(fees)
        # Once in a thousand lines chance makes a balance fit the other way.
        if max(within, on_top) <= 20 * min(within, on_top):
            raise self.cells.not_sure(
                _("There are fees, and nothing says whether the amounts contain them.")
            )
        return fees if on_top > within else None

    def _balances_with_fees(self, fees: Amounts) -> tuple[int, int]:
        """How many lines with a fee change the balance by their amount, and how many by the fee
        as well; whichever order of time the lines are in."""
        within = on_top = 0
        if self.balance is None:
            return within, on_top
        last: dict[str, tuple[Decimal, Decimal, Decimal | None]] = {}
        for account, value, balance, fee in zip(
            self.cells.accounts, self.values, self.balance.values, fees, strict=True
        ):
            if value is None or balance is None:
                continue
            if account in last:
                value_before, balance_before, fee_before = last[account]
                for change, amount, cost in (
                    (balance - balance_before, value, fee),  # the oldest line is the first
                    (balance_before - balance, value_before, fee_before),  # or the last
                ):
                    if cost:
                        within += change == amount
                        on_top += change == amount - abs(cost)
            last[account] = value, balance, fee
        return within, on_top


def _is_mixed(values: Amounts) -> bool:
    return values.positives() > 0 and values.negatives() > 0


def _cents(values: Amounts) -> Iterator[int | None]:
    return (None if each == NOTHING else each for each in values.cents)
