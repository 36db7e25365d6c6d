"""What a month is.

A household's month may begin on any day from the 1st to the 28th (a salary's day, say). All month
arithmetic of the site is here, pure and without a database: nobody adds 30 days.

A month that begins on the 15th or earlier is named after the calendar month in which it begins,
any other after the one in which it ends, where most of its days lie: with a first day of 25,
"November 2026" runs from 25 October to 24 November; with a first day of 5, from 5 November to
4 December. Quarters and years are made of such months.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from babel.dates import format_date
from django.utils.translation import gettext

from budget.core.money import active_locale

#: Dates a ledger may hold. Outside, a date is a typing mistake, and arithmetic would overflow.
FIRST_DATE = dt.date(1900, 1, 1)
LAST_DATE = dt.date(2199, 12, 31)

_CODE = re.compile(r"(?P<year>\d{4})(?:-(?:(?P<month>\d{2})|Q(?P<quarter>[1-4])))?", re.ASCII)


class Unit(enum.IntEnum):
    """The length of a period, in months."""

    MONTH = 1
    QUARTER = 3
    YEAR = 12

    @property
    def slug(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A month, quarter or year of a household.

    `ordinal` counts units since year 0, which makes next and previous plain additions;
    `start_day` (1 to 28) is the household's first day of the month.
    """

    unit: Unit
    ordinal: int
    start_day: int = 1

    @classmethod
    def containing(cls, day: dt.date, *, unit: Unit = Unit.MONTH, start_day: int = 1) -> Period:
        """The period of length `unit` in which the local date `day` lies."""
        month = day.year * 12 + day.month - 1
        if start_day > 15:  # named after the month in which it ends
            month += day.day >= start_day
        else:
            month -= day.day < start_day
        return cls(unit, month // unit, start_day)

    @classmethod
    def parse(cls, code: str, *, start_day: int = 1) -> Period:
        """The period written as `2026-11`, `2026-Q4` or `2026` in an address.

        Raises ValueError for anything else, and for years that no date of a ledger lies in. A
        month may be named after the year beside it: with a first day of 5, 1 January 1900 lies in
        December 1899.
        """
        match = _CODE.fullmatch(code)
        if match is None:
            raise ValueError(f"not a period: {code!r}")
        year = int(match["year"])
        month, quarter = (int(part) if part else None for part in match.group("month", "quarter"))
        if not FIRST_DATE.year - 1 <= year <= LAST_DATE.year + 1:
            raise ValueError(f"year out of range: {year}")
        if month is not None:
            if not 1 <= month <= 12:
                raise ValueError(f"not a month: {month}")
            return cls(Unit.MONTH, year * 12 + month - 1, start_day)
        if quarter is not None:
            return cls(Unit.QUARTER, year * 4 + quarter - 1, start_day)
        return cls(Unit.YEAR, year, start_day)

    @property
    def code(self) -> str:
        """How addresses and archives write it: `2026-11`, `2026-Q4`, `2026`."""
        match self.unit:
            case Unit.MONTH:
                return f"{self.year:04}-{self.ordinal % 12 + 1:02}"
            case Unit.QUARTER:
                return f"{self.year:04}-Q{self.ordinal % 4 + 1}"
            case Unit.YEAR:
                return f"{self.year:04}"

    @property
    def year(self) -> int:
        return self.ordinal * self.unit // 12

    @property
    def named_month(self) -> dt.date:
        """The first of the calendar month that gives the period (or its first month) its name."""
        year, month = divmod(self.ordinal * self.unit, 12)
        return dt.date(year, month + 1, 1)

    @property
    def first(self) -> dt.date:
        named = self.named_month
        if self.start_day > 15:
            named = (named - dt.timedelta(days=1)).replace(day=1)
        return named.replace(day=self.start_day)

    @property
    def last(self) -> dt.date:
        return self.next.first - dt.timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.next.first - self.first).days

    @property
    def next(self) -> Period:
        return self.shift(1)

    @property
    def previous(self) -> Period:
        return self.shift(-1)

    def shift(self, units: int) -> Period:
        """The period `units` of its own length later (earlier where negative)."""
        return Period(self.unit, self.ordinal + units, self.start_day)

    def as_unit(self, unit: Unit) -> Period:
        """The period of another length that begins with, or contains, this one's first month."""
        return Period(unit, self.ordinal * self.unit // unit, self.start_day)

    def months(self) -> Iterator[Period]:
        """The months it is made of, oldest first."""
        first = self.ordinal * self.unit
        for ordinal in range(first, first + self.unit):
            yield Period(Unit.MONTH, ordinal, self.start_day)

    def last_periods(self, count: int) -> list[Period]:
        """This period and the ones before it, `count` in all, oldest first."""
        return [self.shift(offset) for offset in range(1 - count, 1)]

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last

    @property
    def label(self) -> str:
        """Its name in the active language: "novembre 2026", "4e trimestre 2026", "2026"."""
        locale = active_locale()
        match self.unit:
            case Unit.MONTH:
                return format_date(self.named_month, "LLLL y", locale)
            case Unit.QUARTER:
                return format_date(self.named_month, "QQQQ y", locale)
            case Unit.YEAR:
                return str(self.year)

    @property
    def short_label(self) -> str:
        """Its name where the year is known from around it: "nov.", "T4", "2026"."""
        locale = active_locale()
        match self.unit:
            case Unit.MONTH:
                return format_date(self.named_month, "LLL", locale)
            case Unit.QUARTER:
                return format_date(self.named_month, "QQQ", locale)
            case Unit.YEAR:
                return str(self.year)

    @property
    def span_label(self) -> str:
        """First and last day in words; worth showing where months do not begin on the 1st."""
        locale = active_locale()
        return gettext("from %(first)s to %(last)s") % {
            "first": format_date(self.first, "d MMM", locale),
            "last": format_date(self.last, "d MMM y", locale),
        }


def month_labels(months: list[Period]) -> list[str]:
    """Axis labels for consecutive months: short, with the year where it changes."""
    locale = active_locale()
    return [
        format_date(month.named_month, "LLL yy", locale)
        if index and month.named_month.month == 1
        else month.short_label
        for index, month in enumerate(months)
    ]
