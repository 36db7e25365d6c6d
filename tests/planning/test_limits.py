"""Limits: where they begin to warn, when they are broken, and how they grow with the period."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from budget.categories.models import Category
from budget.core.periods import Period, Unit
from budget.planning.limits import (
    LimitState,
    LimitStatus,
    alerts,
    category_limits,
    limits_kept,
)
from budget.transactions.flows import Flow, Flows

NOVEMBER = Period.parse("2026-11")


def status(spent: str, limit: str = "100") -> LimitStatus:
    return LimitStatus(Decimal(spent), Decimal(limit))


@pytest.mark.parametrize(
    ("spent", "state"),
    [
        ("-20", LimitState.FINE),
        ("0", LimitState.FINE),
        ("79.99", LimitState.FINE),
        ("80", LimitState.WARNING),
        ("99.99", LimitState.WARNING),
        ("100", LimitState.REACHED),
        ("100.01", LimitState.EXCEEDED),
        ("99999", LimitState.EXCEEDED),
    ],
)
def test_the_state_changes_at_80_and_at_100_percent(spent: str, state: LimitState) -> None:
    assert status(spent).state is state


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        ("123.40", "Dépassé de 23,40\u00a0€"),
        ("100", "Limite atteinte"),
        ("90", "Reste 10,00\u00a0€"),
        ("-5", "Reste 105,00\u00a0€"),
    ],
)
def test_a_limit_says_in_words_what_is_left_or_over(spent: str, words: str) -> None:
    with override("fr"):
        assert status(spent).words == words


amounts = st.decimals("-9999999999.99", "9999999999.99", places=2)


@given(spent=amounts, limit=st.decimals("0.01", "9999999999.99", places=2))
def test_the_figures_of_a_limit_agree_with_one_another(spent: Decimal, limit: Decimal) -> None:
    found = LimitStatus(spent, limit)
    assert found.spent + found.left == limit
    assert found.over == max(spent - limit, 0)
    assert found.kept is (found.over == 0)
    assert found.kept is (found.state is not LimitState.EXCEEDED)
    assert found.full is (found.left <= 0)
    assert found.near is (spent * 10 >= limit * 8)
    assert found.ratio >= 0


def cat(pk: int, name: str, limit: str | None) -> Category:
    return Category(pk=pk, name=name, monthly_limit=Decimal(limit) if limit else None)


FOOD, RENT, FUN, PAY = (
    cat(1, "Food", "400"),
    cat(2, "Rent", "900"),
    cat(3, "Fun", "200"),
    cat(4, "Pay", None),
)


def flows(**spent: str) -> Flows:
    ids = {"food": 1, "rent": 2, "fun": 3, "pay": 4}
    return Flows(
        {
            (NOVEMBER.first, ids[name]): Flow(Decimal(0), Decimal(amount), 1)
            for name, amount in spent.items()
        }
    )


def test_alerts_are_the_limits_near_or_over_worst_first() -> None:
    found = alerts(
        flows(food="340", rent="950", fun="50", pay="5000"), NOVEMBER, [FOOD, RENT, FUN, PAY]
    )
    assert [(each.category.name, each.status.state) for each in found] == [
        ("Rent", LimitState.EXCEEDED),
        ("Food", LimitState.WARNING),
    ]


def test_a_limit_nothing_was_spent_against_is_kept() -> None:
    limits = category_limits(flows(rent="900.01"), NOVEMBER, [FOOD, RENT, FUN, PAY])
    assert len(limits) == 3
    assert limits_kept(limits) == 2


def test_a_refund_makes_room_under_the_limit() -> None:
    spent = Flows({(NOVEMBER.first, 1): Flow(Decimal(100), Decimal(450), 2)})
    (limit,) = category_limits(spent, NOVEMBER, [FOOD])
    assert limit.status == LimitStatus(Decimal(350), Decimal(400))


@pytest.mark.parametrize(("unit", "limit"), [(Unit.QUARTER, 1200), (Unit.YEAR, 4800)])
def test_a_quarter_allows_three_months_and_a_year_twelve(unit: Unit, limit: int) -> None:
    (found,) = category_limits(flows(food="300"), NOVEMBER.as_unit(unit), [FOOD])
    assert found.status == LimitStatus(Decimal(300), Decimal(limit))


def test_what_was_spent_in_another_month_is_not_counted() -> None:
    october = Flows({(dt.date(2026, 10, 1), 1): Flow(Decimal(0), Decimal(1000), 1)})
    assert alerts(october, NOVEMBER, [FOOD]) == []
