"""What came in, what went out, and what a month is measured against."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.core.periods import Period, Unit
from budget.transactions.flows import ExpectedIncome, Flow, Flows, expected_income, sum_flows
from budget.transactions.models import Transaction
from budget.transactions.selectors import (
    flows_between,
    last_of_each_category,
    money_now,
    standing,
)
from budget.users.models import Household
from tests.ledger import category, earn, spend

NOVEMBER = Period.containing(dt.date(2026, 11, 21))
flows = st.builds(
    Flow,
    st.decimals(0, 10_000, places=2),
    st.decimals(0, 10_000, places=2),
    st.integers(0, 50),
)


@given(st.lists(flows))
def test_the_balance_of_a_sum_is_the_sum_of_the_balances(parts: list[Flow]) -> None:
    whole = sum_flows(parts)
    assert whole.balance == sum(part.balance for part in parts) == -whole.spending


def month(first: dt.date, income: int, count: int = 1) -> dict[tuple[dt.date, int | None], Flow]:
    return {(first, None): Flow(Decimal(income), Decimal(0), count)}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, ExpectedIncome(Decimal(0), estimated=True)),
        (month(dt.date(2026, 11, 1), 900), ExpectedIncome(Decimal(900), estimated=False)),
        (
            month(dt.date(2026, 8, 1), 2500)
            | month(dt.date(2026, 9, 1), 2500)
            | month(dt.date(2026, 10, 1), 2520),
            ExpectedIncome(Decimal("2506.67"), estimated=True),
        ),
        (month(dt.date(2026, 10, 1), 2500), ExpectedIncome(Decimal(2500), estimated=True)),
        (
            month(dt.date(2026, 9, 1), 0) | month(dt.date(2026, 10, 1), 2500),
            ExpectedIncome(Decimal(1250), estimated=True),
        ),
        (month(dt.date(2026, 7, 1), 2500), ExpectedIncome(Decimal(0), estimated=True)),
        (
            {(dt.date(2026, 9, 1), None): Flow(Decimal("0.01"), Decimal(0), 1)}
            | {(dt.date(2026, 10, 1), None): Flow(Decimal("0.04"), Decimal(0), 1)},
            ExpectedIncome(Decimal("0.03"), estimated=True),  # half a cent rounds up
        ),
    ],
    ids=["nothing", "own income", "mean of three", "second month", "lean month", "too old", "half"],
)
def test_a_month_without_income_is_measured_against_the_months_before(
    cells: dict[tuple[dt.date, int | None], Flow], expected: ExpectedIncome
) -> None:
    assert expected_income(Flows(cells), NOVEMBER) == expected


@pytest.mark.django_db
def test_a_refund_lowers_what_its_category_has_cost(scope: Household) -> None:
    health = category("Santé")
    spend(50, dt.date(2026, 11, 3), health)
    earn(20, dt.date(2026, 11, 9), health)
    found = flows_between(NOVEMBER, NOVEMBER)
    assert found.of(health.pk, NOVEMBER).spending == 30
    assert found.over(NOVEMBER) == Flow(Decimal(20), Decimal(50), 2)
    assert found.by_category(NOVEMBER) == {health.pk: Flow(Decimal(20), Decimal(50), 2)}


@pytest.mark.django_db
def test_flows_leave_out_what_is_before_and_after(scope: Household) -> None:
    for day in (dt.date(2026, 9, 30), dt.date(2026, 10, 1), dt.date(2027, 1, 1)):
        spend(10, day)
    quarter = NOVEMBER.as_unit(Unit.QUARTER)
    assert flows_between(quarter, quarter).over(quarter).expenses == 10


@pytest.mark.django_db
def test_the_balance_counts_everything_and_the_standing_what_is_older(scope: Household) -> None:
    assert money_now() == 0
    earn(1000, dt.date(2020, 1, 1))
    spend("0.01", dt.date(2026, 11, 30))
    found = standing(before=NOVEMBER)
    assert (found.balance, found.count, found.earlier) == (Decimal("999.99"), 2, 1)


@pytest.mark.django_db
def test_the_last_lines_of_each_category_are_its_newest(scope: Household) -> None:
    food = category("Alimentation")
    lines = [spend(n, dt.date(2026, 11, n), food) for n in range(1, 6)]
    spend(9, dt.date(2026, 11, 9))
    found = last_of_each_category()
    assert [line.pk for line in found[food.pk]] == [line.pk for line in reversed(lines[2:])]
    assert set(found) == {food.pk}
    assert Transaction.objects.count() == 6
