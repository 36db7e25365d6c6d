"""How long a goal takes, and how much it takes each time: pure arithmetic, no database.

A contribution comes every step of the goal's frequency, the first one step from today. Steps are
counted from the day one starts and not from one another, so that the 31st stays the 31st wherever
a month has one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from dateutil.relativedelta import relativedelta

from budget.core.money import money_step
from budget.core.periods import LAST_DATE
from budget.goals.models import Frequency

_WEEKS = {Frequency.WEEKLY: 1, Frequency.FORTNIGHTLY: 2}
_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3, Frequency.YEARLY: 12}


def day_of_contribution(start: dt.date, frequency: Frequency, number: int) -> dt.date:
    """The day of the contribution of that number (1 is the first) for one who starts on `start`.

    Raises OverflowError or ValueError beyond the year 9999.
    """
    if weeks := _WEEKS.get(frequency):
        return start + dt.timedelta(weeks=weeks * number)
    return start + relativedelta(months=_MONTHS[frequency] * number)


def contributions_until(start: dt.date, end: dt.date, frequency: Frequency) -> int:
    """How many contributions fall after `start` and no later than `end`."""
    if end <= start:
        return 0
    if weeks := _WEEKS.get(frequency):
        return (end - start).days // (7 * weeks)
    months = (end.year - start.year) * 12 + end.month - start.month
    if start + relativedelta(months=months) > end:
        months -= 1
    return months // _MONTHS[frequency]


def reached_on(
    *, missing: Decimal, contribution: Decimal, frequency: Frequency, start: dt.date
) -> dt.date | None:
    """The day on which contributions of that much have brought what is missing.

    `start` itself where nothing is missing; None where it lies after the year 2199.
    """
    number = contributions_needed(missing=missing, contribution=contribution)
    if number > contributions_until(start, LAST_DATE, frequency):
        return None if number else start
    return day_of_contribution(start, frequency, number)


def contributions_needed(*, missing: Decimal, contribution: Decimal) -> int:
    """How many contributions of that much bring what is missing; the last may be smaller."""
    if missing <= 0:
        return 0
    whole, rest = divmod(missing, contribution)
    return int(whole) + bool(rest)


def contribution_needed(*, missing: Decimal, number: int) -> Decimal:
    """What each of `number` contributions (at least one) must bring, rounded up to the cent,
    or to the unit where the household's currency has no cents."""
    if missing <= 0:
        return Decimal(0)
    return (missing / max(number, 1)).quantize(money_step(), rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class ByContribution:
    """So much each time: when will it be enough?

    `missing` is 0 once the goal is reached, `day` None where that is after 2199, and `number` says
    how many contributions it takes.
    """

    missing: Decimal
    contribution: Decimal
    number: int
    day: dt.date | None

    @property
    def reached(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class ByDate:
    """By such a day: how much does it take each time?

    `missing` is 0 once the goal is reached. `number` is how many contributions still come in time,
    0 where the day is nearer than the first of them: then `contribution` is all that is missing.
    It is None where the day has passed.
    """

    missing: Decimal
    day: dt.date
    number: int
    contribution: Decimal | None

    @property
    def reached(self) -> bool:
        return not self.missing


type Plan = ByContribution | ByDate


def plan(
    *,
    target: Decimal,
    saved: Decimal,
    frequency: Frequency,
    contribution: Decimal | None,
    target_date: dt.date | None,
    today: dt.date,
) -> Plan:
    """Work the date out from the contribution, or the contribution from the date.

    Exactly one of `contribution` (positive) and `target_date` is given, else ValueError. Amounts in
    the household's currency; `saved` may exceed `target`.
    """
    missing = max(target - saved, Decimal(0))
    match contribution, target_date:
        case None, dt.date() as day:
            number = contributions_until(today, day, frequency)
            needed = contribution_needed(missing=missing, number=number)
            return ByDate(missing, day, number, None if day < today else needed)
        case Decimal() as each, None:
            return ByContribution(
                missing,
                each,
                contributions_needed(missing=missing, contribution=each),
                reached_on(missing=missing, contribution=each, frequency=frequency, start=today),
            )
    raise ValueError("a goal has either a contribution or a target date")
