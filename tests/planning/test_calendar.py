"""From one period to another: arrows, the ruler, the switch of length."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from budget.core.periods import Period, Unit
from budget.planning.calendar import brief, navigation, span

NOVEMBER = Period.parse("2026-11")


def go(code: str) -> Period:
    return Period.parse(code)


@pytest.mark.parametrize(
    ("code", "previous", "following"),
    [
        ("2026-11", "2026-10", "2026-12"),
        ("2026-01", "2025-12", "2026-02"),
        ("2026-Q1", "2025-Q4", "2026-Q2"),
        ("2026", "2025", "2027"),
    ],
)
def test_arrows_lead_to_the_period_before_and_after(
    code: str, previous: str, following: str
) -> None:
    found = navigation(go(code), NOVEMBER)
    assert (found.previous, found.next) == (go(previous), go(following))


@pytest.mark.parametrize(
    ("code", "previous", "following"), [("1899-01", False, True), ("2200-12", True, False)]
)
def test_no_arrow_leads_where_no_page_is(code: str, previous: bool, following: bool) -> None:
    found = navigation(go(code), NOVEMBER)
    assert (found.previous is not None, found.next is not None) == (previous, following)


def test_the_ruler_holds_the_twelve_months_of_the_year_and_no_link_into_the_future() -> None:
    stops = navigation(NOVEMBER, NOVEMBER).stops
    assert [stop.period.code for stop in stops] == [f"2026-{month:02}" for month in range(1, 13)]
    assert [stop.period.code for stop in stops if stop.shown] == ["2026-11"]
    assert [stop.period.code for stop in stops if not stop.reachable] == ["2026-12"]


def test_the_ruler_of_quarters_holds_the_year() -> None:
    stops = navigation(go("2026-Q2"), NOVEMBER).stops
    assert [stop.period.code for stop in stops] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]


@pytest.mark.parametrize(
    ("shown", "first", "last"),
    [
        ("2026", "2022", "2026"),
        ("2022", "2022", "2026"),
        ("2021", "2017", "2021"),
        ("2030", "2026", "2030"),
        ("1900", "1899", "1900"),
    ],
)
def test_the_ruler_of_years_ends_with_this_year_as_long_as_it_can(
    shown: str, first: str, last: str
) -> None:
    stops = navigation(go(shown), NOVEMBER).stops
    assert (stops[0].period.code, stops[-1].period.code) == (first, last)
    assert go(shown) in [stop.period for stop in stops]


@pytest.mark.parametrize(
    ("shown", "lengths"),
    [
        ("2026-11", ["2026-11", "2026-Q4", "2026"]),
        ("2026-Q4", ["2026-11", "2026-Q4", "2026"]),
        ("2026", ["2026-11", "2026-Q4", "2026"]),
        ("2026-Q2", ["2026-04", "2026-Q2", "2026"]),
        ("2025", ["2025-01", "2025-Q1", "2025"]),
    ],
)
def test_another_length_keeps_the_time_that_is_looked_at(shown: str, lengths: list[str]) -> None:
    assert [each.code for each in navigation(go(shown), NOVEMBER).lengths] == lengths


@given(
    day=st.dates(dt.date(1903, 1, 1), dt.date(2190, 12, 31)),
    today=st.dates(dt.date(1903, 1, 1), dt.date(2190, 12, 31)),
    unit=st.sampled_from(Unit),
    start_day=st.integers(1, 28),
)
def test_what_is_shown_is_always_on_the_ruler_once(
    day: dt.date, today: dt.date, unit: Unit, start_day: int
) -> None:
    shown = Period.containing(day, unit=unit, start_day=start_day)
    found = navigation(shown, Period.containing(today, start_day=start_day))
    assert [stop.period for stop in found.stops if stop.shown] == [shown]
    assert found.previous
    assert found.next
    assert found.previous.next == shown == found.next.previous
    assert [each.unit for each in found.lengths] == list(Unit)
    assert shown in found.lengths


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-05", "2026-11", ("mai", "novembre")),
        ("2025-12", "2026-11", ("décembre 2025", "novembre 2026")),
        ("2026-Q1", "2026-Q4", ("T1", "T4")),
        ("2025-Q1", "2026-Q4", ("1er trimestre 2025", "4e trimestre 2026")),
        ("2022", "2026", ("2022", "2026")),
    ],
)
def test_a_span_names_its_years_where_they_differ(
    first: str, last: str, words: tuple[str, str]
) -> None:
    with override("fr"):
        assert span(go(first), go(last)) == words


def test_initials_are_for_months_alone() -> None:
    with override("fr"):
        assert navigation(NOVEMBER, NOVEMBER).stops[0].initial == "J"
        assert navigation(go("2026-Q4"), NOVEMBER).stops[0].initial == "T1"
        assert brief(NOVEMBER) == "novembre"
