"""The date from the contribution, the contribution from the date."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.core.periods import FIRST_DATE, LAST_DATE
from budget.goals.models import Frequency
from budget.goals.schedule import (
    Plan,
    contribution_needed,
    contributions_needed,
    contributions_until,
    day_of_contribution,
    plan,
    reached_on,
)

TODAY = dt.date(2026, 11, 17)

days = st.dates(min_value=FIRST_DATE, max_value=LAST_DATE)
amounts = st.decimals(min_value="0.01", max_value="999999999999.99", places=2)
frequencies = st.sampled_from(Frequency)


def by_contribution(
    saved: str, target: str, contribution: str, frequency: Frequency = Frequency.MONTHLY
) -> Plan:
    return plan(
        target=Decimal(target),
        saved=Decimal(saved),
        frequency=frequency,
        contribution=Decimal(contribution),
        target_date=None,
        today=TODAY,
    )


def by_date(saved: str, target: str, target_date: dt.date) -> Plan:
    return plan(
        target=Decimal(target),
        saved=Decimal(saved),
        frequency=Frequency.MONTHLY,
        contribution=None,
        target_date=target_date,
        today=TODAY,
    )


class TestFromAContribution:
    def test_five_contributions_make_five_months(self) -> None:
        found = by_contribution("650", "1000", "70")
        assert (found.day, found.number) == (dt.date(2027, 4, 17), 5)

    def test_a_last_contribution_may_be_smaller(self) -> None:
        assert by_contribution("0", "100", "33.33").number == 4

    @pytest.mark.parametrize(
        ("frequency", "day"),
        [
            (Frequency.WEEKLY, dt.date(2026, 12, 1)),
            (Frequency.FORTNIGHTLY, dt.date(2026, 12, 15)),
            (Frequency.MONTHLY, dt.date(2027, 1, 17)),
            (Frequency.QUARTERLY, dt.date(2027, 5, 17)),
            (Frequency.YEARLY, dt.date(2028, 11, 17)),
        ],
    )
    def test_two_contributions_at_each_frequency(self, frequency: Frequency, day: dt.date) -> None:
        assert by_contribution("0", "100", "50", frequency).day == day

    def test_a_reached_goal_is_reached_today(self) -> None:
        found = by_contribution("1000", "1000", "70")
        assert (found.reached, found.day, found.number) == (True, TODAY, 0)

    def test_more_than_the_target_is_reached_as_well(self) -> None:
        found = by_contribution("1200", "1000", "70")
        assert found.reached
        assert found.missing == 0

    def test_a_cent_a_year_towards_a_fortune_has_no_date(self) -> None:
        found = by_contribution("0", "999999999999.99", "0.01", Frequency.YEARLY)
        assert found.day is None

    def test_the_last_day_of_a_long_month_is_kept(self) -> None:
        # 31 January, 28 February, 31 March: not 28 March.
        start = dt.date(2027, 1, 31)
        assert day_of_contribution(start, Frequency.MONTHLY, 1) == dt.date(2027, 2, 28)
        assert day_of_contribution(start, Frequency.MONTHLY, 2) == dt.date(2027, 3, 31)


def test_a_goal_without_contribution_and_date_is_no_goal() -> None:
    with pytest.raises(ValueError, match="either"):
        plan(
            target=Decimal(1),
            saved=Decimal(0),
            frequency=Frequency.MONTHLY,
            contribution=None,
            target_date=None,
            today=TODAY,
        )


class TestFromADate:
    def test_what_is_missing_is_spread_over_the_months_left(self) -> None:
        found = by_date("1200", "5000", dt.date(2028, 12, 31))
        assert (found.contribution, found.number) == (Decimal("152.00"), 25)

    def test_it_is_rounded_up_to_the_cent(self) -> None:
        assert by_date("0", "100", dt.date(2027, 2, 17)).contribution == Decimal("33.34")

    def test_a_date_before_the_first_contribution_takes_it_all_at_once(self) -> None:
        found = by_date("0", "100", TODAY + dt.timedelta(days=3))
        assert (found.contribution, found.number) == (Decimal("100.00"), 0)

    def test_today_is_not_too_late(self) -> None:
        assert by_date("0", "100", TODAY).contribution == Decimal(100)

    def test_a_passed_date_is_said_to_be_passed(self) -> None:
        found = by_date("0", "100", TODAY - dt.timedelta(days=1))
        assert found.contribution is None
        assert not found.reached

    def test_a_passed_date_of_a_reached_goal_is_not_late(self) -> None:
        found = by_date("100", "100", TODAY - dt.timedelta(days=1))
        assert found.reached


@given(missing=amounts, contribution=amounts, frequency=frequencies, start=days)
def test_the_day_is_the_first_on_which_enough_has_come(
    missing: Decimal, contribution: Decimal, frequency: Frequency, start: dt.date
) -> None:
    day = reached_on(missing=missing, contribution=contribution, frequency=frequency, start=start)
    number = contributions_needed(missing=missing, contribution=contribution)
    assert (number - 1) * contribution < missing <= number * contribution
    if day is None:
        assert number > contributions_until(start, LAST_DATE, frequency)
    else:
        assert start < day <= LAST_DATE
        assert contributions_until(start, day, frequency) == number
        assert contributions_until(start, day - dt.timedelta(days=1), frequency) == number - 1


@given(start=days, end=days, frequency=frequencies)
def test_no_contribution_is_missed_and_none_comes_after_the_end(
    start: dt.date, end: dt.date, frequency: Frequency
) -> None:
    number = contributions_until(start, end, frequency)
    assert number >= 0
    if number:
        assert start < day_of_contribution(start, frequency, number) <= end
    if end > start:
        assert day_of_contribution(start, frequency, number + 1) > end


@given(missing=amounts, number=st.integers(min_value=0, max_value=20_000))
def test_the_contributions_bring_it_all_and_hardly_more(missing: Decimal, number: int) -> None:
    each = contribution_needed(missing=missing, number=number)
    times = max(number, 1)
    assert each * times >= missing
    assert (each - Decimal("0.01")) * times < missing


@given(target=amounts, saved=amounts, target_date=days, frequency=frequencies, today=days)
def test_the_contribution_worked_out_reaches_the_goal_in_time(
    target: Decimal, saved: Decimal, target_date: dt.date, frequency: Frequency, today: dt.date
) -> None:
    found = plan(
        target=target,
        saved=saved,
        frequency=frequency,
        contribution=None,
        target_date=target_date,
        today=today,
    )
    assert (found.contribution is None) == (target_date < today)
    if found.number and not found.reached and found.contribution:
        day = reached_on(
            missing=found.missing,
            contribution=found.contribution,
            frequency=frequency,
            start=today,
        )
        assert day is not None
        assert day <= target_date
