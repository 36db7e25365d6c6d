"""The gauges' geometry: marks where they belong, nothing outside the frame, no words that touch."""

import datetime as dt
import itertools
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.core import instruments
from budget.core.instruments import (
    MonthRuler,
    bubble,
    days_gone,
    dial,
    fitting,
    gate_circle,
    goal_gauge,
    kept_pips,
    limit_gauge,
    month_ruler,
    round_step,
    text,
    text_width,
)

FIRST, LAST, TODAY = dt.date(2026, 11, 1), dt.date(2026, 11, 30), dt.date(2026, 11, 21)


def ruler(
    spent: float = 1721.63,
    income: float = 2500,
    *,
    first: dt.date = FIRST,
    last: dt.date = LAST,
    today: dt.date = TODAY,
) -> MonthRuler:
    return month_ruler(
        spent=spent,
        income=income,
        first=first,
        last=last,
        today=today,
        write_money=lambda amount: f"{amount:,} €".replace(",", " "),
        write_day=lambda day: f"{day.day} nov.",
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (-0.001, "0"), (12.5, "12.5"), (-0.5, "-0.5"), (3.14159, "3.14"), (100.0, "100")],
)
def test_coordinates_are_short_and_have_points(value: float, written: str) -> None:
    assert text(value) == written


# The dial


@pytest.mark.parametrize(
    ("left", "lit"),
    [(0, 0), (0.31, 13), (0.5, 21), (1, 41), (1.7, 41), (-0.2, 0), (Decimal("0.25"), 11)],
)
def test_the_dial_lights_a_mark_for_every_fortieth_that_is_left(
    left: float | Decimal, lit: int
) -> None:
    drawn = dial(left)
    assert drawn.lit.count("M") == lit
    assert drawn.unlit.count("M") == 41 - lit
    assert drawn.pointer


def test_the_dial_without_income_has_no_pointer_and_no_light() -> None:
    drawn = dial(None)
    assert (drawn.lit, drawn.pointer) == ("", "")
    assert drawn.unlit.count("M") == 41


def test_the_dials_marks_start_at_the_lower_left_and_go_over_the_top() -> None:
    marks = dial(1).lit.split("M")[1:]
    assert marks[0] == "52.12 187.88L37.27 202.73"
    assert marks[20] == "120 24L120 3"  # half, a long mark
    assert marks[40] == "187.88 187.88L202.73 202.73"


def test_the_gates_circle_has_a_long_mark_every_tenth() -> None:
    circle = gate_circle()
    assert circle.lit.count("M") + circle.unlit.count("M") == 160
    assert circle.lit.startswith("M120 16L120 9M")


# The month's ruler


@pytest.mark.parametrize(
    ("span", "step"),
    [
        (2500, 500),
        (2501, 1000),
        (1000, 200),
        (900, 200),
        (12, 2.5),
        (5, 1),
        (0, 1),
        (999_999, 200_000),
    ],
)
def test_the_scale_is_cut_at_round_amounts_five_at_most(span: float, step: float) -> None:
    assert round_step(span) == step


@given(span=st.floats(0.01, 1e12))
def test_a_round_step_leaves_at_most_five_parts_and_not_only_one(span: float) -> None:
    parts = span / round_step(span)
    assert 1.99 <= parts <= 5.01


@pytest.mark.parametrize(
    ("today", "gone"),
    [
        (dt.date(2026, 11, 1), 1 / 30),
        (TODAY, 0.7),
        (LAST, 1),
        (dt.date(2026, 12, 5), 1),
        (dt.date(2026, 10, 5), 0),
    ],
)
def test_today_counts_among_the_days_gone(today: dt.date, gone: float) -> None:
    assert days_gone(FIRST, LAST, today) == pytest.approx(gone)


def test_the_ruler_of_an_ordinary_month() -> None:
    drawn = ruler()
    assert drawn.spent == "68.87"
    assert drawn.gone == "70"
    assert drawn.over == ""
    assert drawn.money_long.count("M") == 6
    assert drawn.money_short.count("M") == 20
    assert [label.text for label in drawn.money_labels] == [
        "0", "500 €", "1 000 €", "2 000 €", "2 500 €",
    ]  # fmt: skip
    # The 20 would lie under the flag of the 21.
    assert [label.text for label in drawn.day_labels] == ["1", "5", "10", "15", "25", "30"]
    assert drawn.money_flag.text == "1 722 €"
    assert drawn.day_flag.text == "21 nov."


def test_spending_beyond_the_income_lengthens_the_scale_and_is_hatched() -> None:
    drawn = ruler(3000, 2400)
    assert (drawn.spent, drawn.over_from, drawn.over) == ("80", "80", "20")
    assert drawn.money_labels[0].text == "0"
    assert drawn.spent_ratio == pytest.approx(1.25)


def test_a_month_without_any_money_has_a_scale_without_amounts() -> None:
    drawn = ruler(0, 0)
    assert (drawn.spent, drawn.over, drawn.spent_ratio) == ("0", "", 0)
    assert [label.text for label in drawn.money_labels] == []
    assert drawn.money_flag.text == "0 €"


def test_refunds_above_the_spending_do_not_push_the_bar_out_of_the_frame() -> None:
    assert ruler(-50, 2500).spent == "0"


def test_a_month_that_starts_on_the_28th_names_both_its_ends() -> None:
    drawn = ruler(
        first=dt.date(2026, 10, 28), last=dt.date(2026, 11, 27), today=dt.date(2026, 11, 12)
    )
    days = [label.text for label in drawn.day_labels]
    assert days[0] == "28"
    assert days[-1] == "27"
    assert drawn.day_long.count("M") + drawn.day_short.count("M") == 31


@given(at=st.floats(0, 1), words=st.text("0123456789 €nov.", min_size=1, max_size=12))
def test_a_flag_stays_in_the_frame_and_on_its_line(at: float, words: str) -> None:
    flag = bubble(at, words)
    left, width = float(flag.left), float(flag.width)
    assert left <= 0.01
    assert left + width >= -0.01  # the line stands within the flag
    for wide in (290, 600, 1000):
        if width < wide * 0.24:
            assert at * wide + left >= -1
            assert at * wide + left + width <= wide + 1


@given(
    spent=st.floats(0, 1e7),
    income=st.floats(0, 1e7),
    today=st.dates(FIRST, LAST),
)
def test_no_two_words_on_a_ruler_touch_on_either_width(
    spent: float, income: float, today: dt.date
) -> None:
    drawn = ruler(spent, income, today=today)
    for labels, flag in (
        (drawn.money_labels, drawn.money_flag),
        (drawn.day_labels, drawn.day_flag),
    ):
        for width, shown in (
            (600, labels),
            (290, [label for label in labels if not label.wide]),
        ):
            start = float(flag.x) / 100 * width + float(flag.left)
            spans = [(start, start + float(flag.width))]
            for label in shown:
                size = text_width(label.text)
                shift = {"start": 0.0, "middle": size / 2, "end": size}[label.anchor]
                left = float(label.x) / 100 * width - shift
                spans.append((left, left + size))
            spans.sort()
            assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))


def test_the_ends_of_a_ruler_are_named_before_what_lies_between() -> None:
    marks = [(0.0, "0"), (0.93, "930 €"), (1.0, "1 000 €")]
    assert fitting(marks, bubble(0.5, "500 €"), 290) == {0, 2}


# The gauges


@pytest.mark.parametrize(
    ("spent", "limit", "bar", "over"),
    [
        ("337.46", 400, "67.49", ""),
        ("150", 150, "80", ""),
        ("949.79", 900, "80", "4.43"),
        ("300", 100, "80", "20"),
        ("0", 100, "0", ""),
        ("-20", 100, "0", ""),
        ("5", 0, "80", "20"),
        ("0", 0, "0", ""),
    ],
)
def test_a_limits_gauge_ends_at_125_percent(spent: str, limit: int, bar: str, over: str) -> None:
    gauge = limit_gauge(Decimal(spent), Decimal(limit))
    assert (gauge.spent, gauge.over) == (bar, over)


@pytest.mark.parametrize(
    ("landing", "grey"), [("383.36", "76.67"), ("300", ""), ("5000", "100"), (None, "")]
)
def test_a_line_being_written_shows_where_the_limit_will_land(
    landing: str | None, grey: str
) -> None:
    to_come = None if landing is None else Decimal(landing)
    assert limit_gauge(Decimal("337.46"), Decimal(400), to_come).landing == grey


@pytest.mark.parametrize(
    ("saved", "target", "bar"), [(650, 1000, "65"), (5600, 5000, "100"), (0, 10, "0"), (5, 0, "0")]
)
def test_a_goals_gauge_is_full_at_its_target(saved: int, target: int, bar: str) -> None:
    assert goal_gauge(Decimal(saved), Decimal(target)).saved == bar


def test_a_goals_quarters_carry_their_amounts() -> None:
    labels = goal_gauge(Decimal(650), Decimal(1000)).labels
    assert [amount for _, _, amount in labels] == [0, 250, 500, 750, 1000]


@pytest.mark.parametrize(("target", "named"), [("99999999.99", 5), ("100000000", 2)])
def test_a_goals_labels_do_not_crowd(target: str, named: int) -> None:
    assert len(goal_gauge(Decimal(0), Decimal(target)).labels) == named


@pytest.mark.parametrize(("target", "cents"), [("19.99", True), ("20", False)])
def test_a_small_goals_labels_have_cents(target: str, cents: bool) -> None:
    assert goal_gauge(Decimal(0), Decimal(target)).cents is cents


@pytest.mark.parametrize(
    ("kept", "total", "states"),
    [(6, 7, "kkkkkko"), (0, 2, "oo"), (3, 3, "kkk"), (9, 2, "kk"), (0, 0, ""), (30, 40, "ko")],
)
def test_pips_show_the_limits_kept_first(kept: int, total: int, states: str) -> None:
    assert "".join("k" if pip.kept else "o" for pip in kept_pips(kept, total)) == states


@given(total=st.integers(1, 200), data=st.data())
def test_pips_stay_in_the_frame(total: int, data: st.DataObject) -> None:
    for pip in kept_pips(data.draw(st.integers(0, total)), total):
        assert float(pip.x) + float(pip.width) <= 100.02


def test_paths_hold_nothing_but_commands_and_short_numbers() -> None:
    drawn = ruler()
    for path in (dial(0.3).lit, dial(0.3).pointer, drawn.money_long, drawn.day_short):
        assert re.fullmatch(r"(?:[MLV]-?\d+(?:\.\d{1,2})?(?: -?\d+(?:\.\d{1,2})?)?Z?)+", path)
    assert instruments.share_of(1, 0) == 0
