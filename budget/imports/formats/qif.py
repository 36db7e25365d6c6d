"""QIF, the Quicken Interchange Format: a field a line, a movement up to `^`.

The format says neither the order of day and month nor what a separator in an amount means; both
are told from the file as a whole, or not at all.

Source: Intuit's description of the Quicken Interchange Format; what programs write otherwise is
said where it is read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from budget.imports import dates
from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.decoding import decode
from budget.imports.formats.figures import Figures
from budget.imports.formats.labels import folded, label_of
from budget.imports.formats.lines import numbered_lines
from budget.imports.reading import (
    NotReadable,
    NotSure,
    Reading,
    StatementBalance,
    StatementLine,
    Unreadable,
)

HEAD = re.compile(
    r"\s*(?:!(?:Type|Account|Option|Clear)\b|D[0-9 './\-]{3,14}\n(?:[A-Z$%][^\n]*\n){0,20}?\^)",
    re.IGNORECASE,
)
MONEY = {"bank", "banque", "ccard", "cash", "oth a", "oth l", "otha", "othl"}
INVESTMENT = {"invst", "invest", "investment", "port", "401(k)/403(b)"}
#: Lists that Quicken writes beside the movements.
LISTS = {
    "cat", "class", "memorized", "memorised", "security", "prices", "budget", "tag", "template",
    "invitem", "bill", "invoice", "tax",
}  # fmt: skip
OPENING = {
    "opening balance", "opening bal", "starting balance", "initial balance", "solde initial",
    "solde d'ouverture", "solde d’ouverture", "solde de départ", "beginsaldo", "openingssaldo",
    "anfangssaldo", "eröffnungssaldo", "anfangsbestand", "eröffnungsbilanz", "saldo inicial",
    "saldo iniziale", "saldo di apertura", "saldo de apertura",
}  # fmt: skip
SINGLE = "DTUPLN"  # fields that a movement has once
JOINED = "M"  # one that some programs write on several lines
LONGEST_DATE = 40
BESIDE_SEPARATOR = re.compile(r"\s*([/.\-'])\s*")
SHORT_PART = re.compile(r"([/.\-'])([0-9])$")


@dataclass(slots=True)
class Record:
    """The fields up to a `^`, as they stand."""

    number: int
    account: str
    investment: bool
    fields: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)  # the amounts of its splits
    twice: str = ""
    broken_off: bool = False


@dataclass(slots=True)
class File:
    """What the lines of a file are, before any of them is understood."""

    records: list[Record] = field(default_factory=list)
    accounts: list[dict[str, str]] = field(default_factory=list)
    order: DateOrder | None = None  # where an option says it


def looks_like(head: bytes) -> bool:
    """Whether a file that begins like this is QIF."""
    text = head.replace(b"\x00", b"").decode("latin-1").lstrip("ÿþï»¿")
    return bool(HEAD.match(text.replace("\r\n", "\n").replace("\r", "\n")))


def read(content: bytes, told: Told | None = None) -> Reading:
    """Reads a file; `told` answers what the file does not tell, and overrules nothing.

    Raises NotReadable where it is no QIF or has investments alone, NotSure where the order of
    day and month, or what a separator means, cannot be told.
    """
    decoded = decode(content)
    file = _take_apart(decoded.text)
    movements = [record for record in file.records if not record.investment]
    if file.records and not movements:
        raise NotReadable(_("The file has investments alone; only money accounts are read."))
    amounts = Figures(
        (cell for record in movements for cell in _amounts(record)),
        "T",
        told=told.decimals if told else None,
    )
    order = _order(file, movements, amounts, told.order if told else None)
    lines: list[StatementLine] = []
    unreadable: list[Unreadable] = []
    balances = [
        balance for account in file.accounts if (balance := _balance(account, amounts, order))
    ]
    named = ""
    del movements
    for record in _given_up(file.records):
        line = _line(record, amounts, order, record.account or named)
        if isinstance(line, str):
            unreadable.append(Unreadable(record.number, line, _text(record)))
        elif _is_opening(record):
            named = record.account or folded(record.fields.get("L", "").strip("[] "))
            balances.append(StatementBalance(named, line.date - dt.timedelta(days=1), line.amount))
        else:
            lines.append(line)
    return Reading(
        format="qif",
        layout="",
        lines=lines,
        unreadable=unreadable,
        balances=balances,
        encoding=decoded.encoding,
    )


def _take_apart(text: str) -> File:
    file = File()
    kind, account = "bank", ""
    record: Record | None = None
    seen = ended = False
    for number, whole, with_end in numbered_lines(text):
        line, ended = whole.strip(), with_end
        if line[:1] == "!":
            seen = True
            _close(file, record, kind)
            record = None
            kind, account = _header(line, file, kind, account)
        elif line[:1] == "^":
            if record and kind == "account":
                account = folded(record.fields.get("N", ""))
            _close(file, record, kind)
            record = None
        elif line and kind != "list":
            record = record or Record(number, account, kind in INVESTMENT)
            _add(record, line[0].upper(), line[1:].strip(), kind)
    if record:
        # Without `^` the last movement is believed only where its last line has its end.
        record.broken_off = not ended
    _close(file, record, kind)
    if not seen and not any({"D", "T"} <= record.fields.keys() for record in file.records):
        raise NotReadable(_("The file has no QIF movement in it."))
    return file


def _header(line: str, file: File, kind: str, account: str) -> tuple[str, str]:
    """What follows a line that begins with "!", and the account it is of."""
    name, _colon, value = line[1:].partition(":")
    name, value = name.strip().casefold(), " ".join(value.split()).casefold()
    if name == "account":
        return "account", account
    if name in {"option", "clear"}:
        if value in {"mdy", "dmy"}:
            file.order = DateOrder(value)
        return kind, account
    if name != "type":
        raise NotReadable(_("The file has a part that is unknown in QIF: “%s”.") % line[:60])
    if value in MONEY | INVESTMENT:
        # Another kind of account without a name is another account.
        return value, account if kind in {"account", value, "list"} or not account else ""
    if value.partition(" ")[0] in LISTS:
        return "list", account
    raise NotReadable(_("The file has a part that is unknown in QIF: “%s”.") % line[:60])


def _close(file: File, record: Record | None, kind: str) -> None:
    if record is None:
        return
    if kind == "account":
        file.accounts.append(record.fields)
    else:
        file.records.append(record)


def _add(record: Record, letter: str, value: str, kind: str) -> None:
    # Some programs write the amounts of splits as T.
    split = letter == "$" or (letter == "T" and {"S", "T"} <= record.fields.keys())
    if split and kind != "account":
        record.parts.append(value)
        return
    known = record.fields.setdefault(letter, value)
    if known == value:
        return
    if letter == JOINED:
        record.fields[letter] = f"{known} {value}"
    elif letter in SINGLE:
        record.twice = letter


def _amounts(record: Record) -> Iterator[str]:
    for letter in "TU":
        if record.fields.get(letter):
            yield record.fields[letter]
    yield from record.parts


def _given_up(records: list[Record]) -> Iterator[Record]:
    """Each record in turn, which is then not kept any more: lines take their place in memory."""
    records.reverse()
    while records:
        yield records.pop()


def _text(record: Record) -> str:
    fields = [f"{letter}{value}" for letter, value in record.fields.items()]
    return folded(" ".join([*fields, *(f"${part}" for part in record.parts)])[:200])


def _written_date(value: str) -> str:
    """A date as others write it: QIF pads days and years with a space, `1/ 2' 6`."""
    if len(value) > LONGEST_DATE:
        return value
    return SHORT_PART.sub(r"\g<1>0\2", BESIDE_SEPARATOR.sub(r"\1", value))


def _order(
    file: File, movements: list[Record], amounts: Figures, told: DateOrder | None
) -> DateOrder | None:
    """The order of day and month; None where no date leaves it open."""
    cells = [_written_date(record.fields["D"]) for record in movements if "D" in record.fields]
    possible = dates.orders_of(cells)
    if possible is None:
        return None
    orders = _with_years_last(cells, possible)
    if not orders:
        raise NotSure(_("Some dates have the day first, others the month."), ["D"])
    if len(orders) > 1 and file.order in orders:
        return file.order
    if len(orders) > 1 and (
        amounts.decimals is Decimals.COMMA or all(cell.count(".") for cell in cells)
    ):
        # Where decimals follow a comma, or a full stop the day, nobody puts the month first.
        orders = orders - {DateOrder.MDY}
    if len(orders) > 1 and _means_the_same(cells):
        return DateOrder.DMY
    if len(orders) == 1:
        return orders.pop()
    if likely := dates.likeliest(cells, orders):
        return likely
    if told not in orders:
        raise NotSure(
            _("Nothing tells whether dates have the day or the month first."), ["D"], about="order"
        )
    return told


def _with_years_last(cells: list[str], possible: set[DateOrder]) -> set[DateOrder]:
    """The orders that are in question.

    QIF has its years last. Nearly all dates with two-digit years could be read with the year first
    as well; that is in question only where it brings the dates nearer to each other.
    """
    last = possible - {DateOrder.YMD}
    if not last or last == possible:
        return possible
    nearest = min(_span(cells, order) for order in last)
    return possible if _span(cells, DateOrder.YMD) < nearest else last


def _span(cells: list[str], order: DateOrder) -> dt.timedelta:
    found = [date for cell in cells if (date := _date(cell, order))]
    return max(found) - min(found) if found else dt.timedelta()


def _means_the_same(cells: list[str]) -> bool:
    for cell in cells:
        parts = dates.take_apart(cell)
        if isinstance(parts, tuple) and (
            dates.in_order(parts, DateOrder.DMY) != dates.in_order(parts, DateOrder.MDY)
        ):
            return False
    return True


def _date(value: str, order: DateOrder | None) -> dt.date | None:
    parts = dates.take_apart(_written_date(value))
    if isinstance(parts, tuple):
        return dates.in_order(parts, order) if order else None
    return parts


def _line(
    record: Record, amounts: Figures, order: DateOrder | None, account: str
) -> StatementLine | str:
    """The line, or why there is none."""
    told = record.fields
    if record.investment:
        return _("A movement of investments: only money accounts are read.")
    if record.broken_off:
        return _("The file breaks off here.")
    if record.twice:
        return _("%s is told twice, each time otherwise.") % record.twice
    date = _date(told.get("D", ""), order)
    if date is None:
        return _("“%s” is no date.") % told.get("D", "")
    amount = _amount(record, amounts)
    if isinstance(amount, str):
        return amount
    return StatementLine(
        number=record.number,
        date=date,
        amount=amount,
        label=label_of(told.get("P", ""), told.get("M", "")),
        account=account,
        category=folded(told.get("L", "")),
    )


def _amount(record: Record, amounts: Figures) -> Decimal | str:
    told = [record.fields[letter] for letter in "TU" if record.fields.get(letter)]
    if not told:
        return _("It has no amount.")
    values = [amounts.value(cell) for cell in told]
    for cell, value in zip(told, values, strict=True):
        if value is None:
            return _("“%s” is no amount.") % cell
    first = values[0]
    if first is None or any(value != first for value in values):
        return _("T and U say different amounts.")
    if record.parts:
        parts = [amounts.value(cell) for cell in record.parts]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts) or sum(known) != first:
            return _("The parts it is split into do not add up to its amount.")
    return first


def _is_opening(record: Record) -> bool:
    """Quicken begins an account with what it held, as a movement from the account to itself."""
    payee = folded(record.fields.get("P", "")).casefold()
    return payee in OPENING and (record.fields.get("L") or "[").startswith("[")


def _balance(
    account: dict[str, str], amounts: Figures, order: DateOrder | None
) -> StatementBalance | None:
    date = _date(account.get("/", ""), order)
    amount = amounts.value(account.get("$", ""))
    if date is None or amount is None:
        return None
    return StatementBalance(folded(account.get("N", "")), date, amount)
