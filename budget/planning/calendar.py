"""Going from one period to another: arrows, the ruler of periods, the switch of their length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from babel.dates import format_date

from budget.core.money import active_locale
from budget.core.periods import Period, Unit

#: How many years stand on the ruler of years.
YEARS = 5


@dataclass(frozen=True, slots=True)
class Stop:
    """A period on the ruler. One that is still to come has no page to open."""

    period: Period
    shown: bool
    reachable: bool

    @property
    def initial(self) -> str:
        """What stands there where there is little room."""
        label = self.period.short_label
        return label[:1].upper() if self.period.unit is Unit.MONTH else label


@dataclass(frozen=True, slots=True)
class Navigation:
    """From the period that is shown to those around it."""

    period: Period
    previous: Period | None
    next: Period | None
    stops: Sequence[Stop]
    #: The same time as a month, a quarter and a year.
    lengths: Sequence[Period]


def navigation(period: Period, present: Period) -> Navigation:
    """Where one can go from `period`; `present` is the month that contains today."""
    now = present.as_unit(period.unit)
    return Navigation(
        period=period,
        previous=_within(period.previous),
        next=_within(period.next),
        stops=[
            Stop(each, shown=each == period, reachable=each <= now)
            for each in _around(period, now)
            if _within(each)
        ],
        lengths=[_resized(period, unit, present) for unit in Unit],
    )


def brief(period: Period) -> str:
    """A period's name where its year is plain: "octobre", "T3", "2025"."""
    if period.unit is Unit.MONTH:
        return format_date(period.named_month, "LLLL", active_locale())
    return period.short_label


def span(first: Period, last: Period) -> tuple[str, str]:
    """The names of the two ends of a line, with their years where they differ."""
    if first.unit is Unit.YEAR or first.year == last.year:
        return brief(first), brief(last)
    return first.label, last.label


def _within(period: Period) -> Period | None:
    """The period, if its address leads anywhere."""
    try:
        return Period.parse(period.code, start_day=period.start_day)
    except ValueError:
        return None


def _around(period: Period, now: Period) -> list[Period]:
    """The months or quarters of the year, or five years that end with the present if they can."""
    if period.unit is Unit.YEAR:
        last = now if period <= now and now.ordinal - period.ordinal < YEARS else period
        return last.last_periods(YEARS)
    count = 12 // period.unit
    first = Period(period.unit, period.year * count, period.start_day)
    return [first.shift(offset) for offset in range(count)]


def _resized(period: Period, unit: Unit, present: Period) -> Period:
    """`period` in another length: round the present where it lies there, else from its start."""
    if present.as_unit(period.unit) == period:
        return present.as_unit(unit)
    return period.as_unit(unit)
