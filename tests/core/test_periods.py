"""Months, quarters and years are cut where the household cuts them."""

import datetime as dt

import pytest
from django.db import connection
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from budget.core.periods import Period, Unit, month_labels

days = st.dates(dt.date(1901, 1, 1), dt.date(2198, 12, 31))
start_days = st.integers(1, 28)
units = st.sampled_from(Unit)


@given(day=days, unit=units, start_day=start_days)
def test_a_day_lies_in_its_period_and_in_no_neighbour(
    day: dt.date, unit: Unit, start_day: int
) -> None:
    period = Period.containing(day, unit=unit, start_day=start_day)
    assert day in period
    assert day not in period.next
    assert day not in period.previous


@given(day=days, unit=units, start_day=start_days)
def test_periods_follow_each_other_without_gap_or_overlap(
    day: dt.date, unit: Unit, start_day: int
) -> None:
    period = Period.containing(day, unit=unit, start_day=start_day)
    assert period.next.first == period.last + dt.timedelta(days=1)
    assert period.next.previous == period
    assert period.days == (period.last - period.first).days + 1


@given(day=days, unit=units, start_day=start_days)
def test_the_code_in_an_address_leads_back_to_the_period(
    day: dt.date, unit: Unit, start_day: int
) -> None:
    period = Period.containing(day, unit=unit, start_day=start_day)
    assert Period.parse(period.code, start_day=start_day) == period


@given(day=days, unit=units, start_day=start_days)
def test_a_period_is_made_of_its_months(day: dt.date, unit: Unit, start_day: int) -> None:
    period = Period.containing(day, unit=unit, start_day=start_day)
    months = list(period.months())
    assert len(months) == unit
    assert months[0].first == period.first
    assert months[-1].last == period.last
    assert {month.as_unit(unit) for month in months} == {period}


@given(day=days, start_day=start_days)
def test_a_month_is_named_after_the_calendar_month_that_holds_at_least_half_of_it(
    day: dt.date, start_day: int
) -> None:
    period = Period.containing(day, start_day=start_day)
    days = [period.first + dt.timedelta(days=n) for n in range(period.days)]
    named = [day for day in days if day.replace(day=1) == period.named_month]
    assert len(named) >= period.days / 2 - 1


@pytest.mark.django_db
@given(day=days, start_day=start_days)
def test_the_database_cuts_months_at_the_same_days(day: dt.date, start_day: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT budget_month_start(%s, %s::smallint)", [day, start_day])
        assert cursor.fetchone() == (Period.containing(day, start_day=start_day).first,)


@pytest.mark.parametrize(
    "code", ["", "2026-13", "2026-00", "2026-Q5", "2026-1", "0000", "99999", "٢٠٢٦", "2026-11-01"]
)
def test_what_is_no_period_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Period.parse(code)


def test_the_last_seven_months_are_calendar_months_on_a_31st() -> None:
    months = Period.containing(dt.date(2026, 12, 31)).last_periods(7)
    assert [month.code for month in months] == [
        "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12",
    ]  # fmt: skip


def test_a_month_that_begins_on_the_25th_is_named_after_the_one_it_ends_in() -> None:
    period = Period.containing(dt.date(2026, 10, 25), start_day=25)
    assert (period.code, period.first, period.last) == (
        "2026-11",
        dt.date(2026, 10, 25),
        dt.date(2026, 11, 24),
    )


@pytest.mark.parametrize(
    ("language", "labels"),
    [
        ("fr", ("novembre 2026", "4e trimestre 2026", "2026", "du 1 nov. au 30 nov. 2026")),
        ("en", ("November 2026", "4th quarter 2026", "2026", "from 1 Nov to 30 Nov 2026")),
    ],
)
def test_periods_are_named_in_the_readers_language(
    language: str, labels: tuple[str, str, str, str]
) -> None:
    month = Period.containing(dt.date(2026, 11, 21))
    with override(language):
        assert (
            month.label,
            month.as_unit(Unit.QUARTER).label,
            month.as_unit(Unit.YEAR).label,
            month.span_label,
        ) == labels


def test_an_axis_says_the_year_where_it_changes() -> None:
    with override("fr"):
        months = Period.containing(dt.date(2026, 2, 1)).last_periods(4)
        assert month_labels(months) == ["nov.", "déc.", "janv. 26", "févr."]


@pytest.mark.parametrize(
    ("unit", "labels"),
    [(Unit.MONTH, "nov."), (Unit.QUARTER, "T4"), (Unit.YEAR, "2026")],
)
def test_short_labels_leave_the_year_to_what_is_around(unit: Unit, labels: str) -> None:
    with override("fr"):
        assert Period.containing(dt.date(2026, 11, 21), unit=unit).short_label == labels
