"""What a reader gives back of a bank's file, whatever its format: plain values, no database.

A reader is exact or refuses aloud. A line that it cannot read is told with its number and the
reason; a file that can be read in two ways is not read at all.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple


class LineStatus(enum.StrEnum):
    """Whether the bank has booked a line. Only booked lines are imported."""

    BOOKED = "booked"
    PENDING = "pending"
    REVERTED = "reverted"  # declined, failed, cancelled: no money moved


class StatementLine(NamedTuple):
    """One movement as the bank tells it."""

    number: int  # the file's line where it begins, from 1; in XML the movement's ordinal
    date: dt.date  # the day it was booked
    amount: Decimal  # signed, in the account's currency: negative leaves the account
    label: str  # as the bank wrote it, white space folded to single spaces
    value_date: dt.date | None = None
    account: str = ""  # the IBAN, number or name by which the file tells accounts apart
    currency: str = ""  # ISO code, where the file says it
    bank_id: str = ""  # the bank's own id: FITID, AcctSvcrRef…; "" where there is none
    status: LineStatus = LineStatus.BOOKED
    category: str = ""  # the bank's own idea of it
    balance: Decimal | None = None  # the account's balance after it, where the file says it


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that looks like a movement and cannot be read."""

    number: int
    reason: str  # a sentence in the reader's language
    text: str  # the line, at most 200 characters of it


@dataclass(frozen=True, slots=True)
class StatementBalance:
    """What the file says an account held at the end of a day."""

    account: str
    date: dt.date
    amount: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read of one file."""

    format: str  # "csv", "ofx", "qif", "camt", "mt940"
    layout: str  # the bank's layout by name, "" where none was recognised
    lines: Sequence[StatementLine]
    unreadable: Sequence[Unreadable] = ()
    balances: Sequence[StatementBalance] = ()
    encoding: str = ""
    #: For CSV: which column was taken for what, by its header or "1", "2"….
    columns: dict[str, str] = field(default_factory=dict)
    #: For CSV: all columns as a person sees them, by name, or by number where there is none.
    header: list[str] = field(default_factory=list)
    #: For CSV: the first rows below the header, each with a cell for every column.
    sample: list[list[str]] = field(default_factory=list)


class NotReadable(ValueError):  # noqa: N818
    """The whole file is refused. `str()` says why, in the reader's language."""


class NotSure(NotReadable):
    """The file can be read in more than one way.

    `columns` are those that were seen, `sample` a table's first rows, with a cell for each column;
    as `Reading.header` and `Reading.sample` have them. `about` is what of `columns.Told` would
    settle it: "order", "decimals", "spent", or "columns". `taken` is which column was taken for
    what so far, and `format` the format, both as in a Reading.
    """

    def __init__(
        self,
        reason: str,
        columns: Sequence[str],
        sample: Sequence[Sequence[str]] = (),
        about: str = "columns",
    ) -> None:
        super().__init__(reason)
        self.columns = list(columns)
        self.sample = [list(cells) for cells in sample]
        self.about = about
        self.taken: dict[str, str] = {}
        self.format = ""
