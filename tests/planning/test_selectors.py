"""What the budget's pages read: sums by period and category, means, histories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.categories.models import Category
from budget.core.periods import Period, Unit
from budget.core.tenancy import household_scope
from budget.planning.limits import LimitState
from budget.planning.selectors import (
    Share,
    category_cards,
    category_history,
    dashboard,
    income_below,
)
from budget.transactions.models import Transaction
from budget.transactions.selectors import current_period
from budget.users.models import Household
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

NOVEMBER = Period.parse("2026-11")


def on(month: int, day: int = 10, year: int = 2026) -> dt.date:
    return dt.date(year, month, day)


def limit(name: str, amount: int) -> Category:
    Category.objects.filter(name=name).update(monthly_limit=amount)
    return category(name)


def share(shares: Sequence[Share], name: str | None) -> Share:
    return next(each for each in shares if (each.category.name if each.category else None) == name)


class TestDashboard:
    def test_it_sums_the_period_and_the_one_before(self, scope: Household) -> None:
        earn(2500, on(10, 28), category("Salaire"))
        spend(100, on(10), category())
        spend(40, on(11), category())
        spend(1000, on(9), category())
        shown = dashboard(NOVEMBER)
        assert (shown.flow.income, shown.flow.expenses) == (Decimal(0), Decimal(40))
        assert (shown.previous.income, shown.previous.balance) == (Decimal(2500), Decimal(2400))

    @pytest.mark.parametrize(
        ("code", "first", "count"),
        [("2026-11", "2026-05", 7), ("2026-Q4", "2025-Q1", 8), ("2026", "2022", 5)],
    )
    def test_its_line_goes_back_seven_months_eight_quarters_or_five_years(
        self, scope: Household, code: str, first: str, count: int
    ) -> None:
        period, start = Period.parse(code), Period.parse(first)
        spend(7, start.first)
        spend(9, period.last)
        spend(1000, start.first - dt.timedelta(days=1))
        points = dashboard(period).evolution
        assert (points[0].period, points[-1].period, len(points)) == (start, period, count)
        assert [point.flow.expenses for point in points] == [7, *[0] * (count - 2), 9]

    @pytest.mark.parametrize("day", [dt.date(2027, 1, 31), dt.date(2028, 2, 29), on(12, 31)])
    def test_its_months_are_calendar_months_on_any_day(
        self, scope: Household, day: dt.date
    ) -> None:
        with time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC), tick=False):
            points = dashboard(current_period()).evolution
            firsts = [point.period.first for point in points]
            assert firsts[-1] == day.replace(day=1)
            assert {first.day for first in firsts} == {1}
            months = [first.year * 12 + first.month for first in firsts]
            assert months == list(range(months[-1] - 6, months[-1] + 1))

    def test_months_follow_the_household_where_they_begin_on_another_day(
        self, scope: Household
    ) -> None:
        scope.month_start_day = 25
        scope.save()
        spend(10, on(10, 25))
        spend(20, on(11, 24))
        spend(40, on(11, 25))
        assert dashboard(Period.parse("2026-11", start_day=25)).flow.expenses == 30

    def test_a_month_still_without_income_says_what_it_usually_is(self, scope: Household) -> None:
        for month in (8, 9, 10):
            earn(2400 + month, on(month, 28))
        waiting = dashboard(NOVEMBER).usual
        assert waiting is not None
        assert (waiting.amount, waiting.estimated) == (Decimal(2409), True)
        assert dashboard(NOVEMBER.previous).usual is None
        assert dashboard(NOVEMBER.as_unit(Unit.QUARTER)).usual is None
        earn(1, on(11))
        assert dashboard(NOVEMBER).usual is None

    def test_shares_are_what_each_category_cost_less_its_refunds(self, scope: Household) -> None:
        spend(60, on(11), category("Santé"))
        earn(20, on(11), category("Santé"))
        spend(120, on(11), category())
        spend(40, on(11))
        earn(500, on(11))
        earn(2500, on(11), category("Salaire"))
        shown = dashboard(NOVEMBER)
        assert [
            (each.category.name if each.category else None, each.spent, each.ratio)
            for each in shown.shares
        ] == [
            ("Alimentation", Decimal(120), Decimal("0.6")),
            ("Santé", Decimal(40), Decimal("0.2")),
            (None, Decimal(40), Decimal("0.2")),
        ]
        assert shown.spent == 200
        assert share(shown.shares, "Santé").count == 2

    def test_a_category_that_got_back_more_than_it_cost_has_no_part(self, scope: Household) -> None:
        earn(20, on(11), category("Santé"))
        assert dashboard(NOVEMBER).shares == []

    def test_a_share_stands_beside_the_mean_of_the_three_periods_before(
        self, scope: Household
    ) -> None:
        for month, amount in ((8, 30), (9, 60), (10, 45), (7, 1000)):
            spend(amount, on(month), category())
        spend(50, on(11), category())
        found = share(dashboard(NOVEMBER).shares, "Alimentation")
        assert (found.mean, found.gap) == (Decimal(45), Decimal(5))

    def test_months_before_the_first_line_do_not_lower_the_mean(self, scope: Household) -> None:
        spend(60, on(10), category())
        spend(50, on(11), category("Loisirs"))
        spend(70, on(11), category())
        shares = dashboard(NOVEMBER).shares
        assert share(shares, "Alimentation").mean == 60
        assert share(shares, "Loisirs").mean == 0

    def test_limits_are_three_times_as_high_over_a_quarter(self, scope: Household) -> None:
        limit("Alimentation", 100)
        limit("Loisirs", 50)
        spend(120, on(10), category())
        spend(20, on(11), category())
        spend(200, on(11), category("Loisirs"))
        month, quarter = dashboard(NOVEMBER), dashboard(NOVEMBER.as_unit(Unit.QUARTER))
        assert (month.kept, len(month.limits)) == (1, 2)
        assert [each.status.limit for each in quarter.limits] == [150, 300]
        assert [each.status.state for each in quarter.limits] == [
            LimitState.EXCEEDED,
            LimitState.FINE,
        ]
        assert [each.category.name for each in quarter.alerts] == ["Loisirs"]
        assert share(quarter.shares, "Alimentation").limit == 300

    def test_a_retired_category_shows_where_its_lines_are_but_has_no_page_and_no_limit(
        self, scope: Household
    ) -> None:
        food = limit("Alimentation", 10)
        spend(20, on(10), food)
        Category.objects.filter(pk=food.pk).update(retired_at=timezone.now())
        october = dashboard(NOVEMBER.previous)
        assert share(october.shares, "Alimentation").page is None
        assert october.limits == []
        assert dashboard(NOVEMBER).shares == []

    def test_equal_shares_stand_by_name_and_uncategorised_last(self, scope: Household) -> None:
        spend(10, on(11))
        for name in ("Transport", "Alimentation", "Loisirs"):
            spend(10, on(11), category(name))
        names = [each.category and each.category.name for each in dashboard(NOVEMBER).shares]
        assert names == ["Alimentation", "Loisirs", "Transport", None]


lines = st.lists(
    st.tuples(
        st.booleans(),
        st.decimals("0.01", "99999.99", places=2),
        st.dates(dt.date(2025, 6, 1), dt.date(2026, 12, 31)),
        st.integers(0, 3),
    ),
    max_size=15,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=lines, code=st.sampled_from(["2026-11", "2026-Q4", "2026", "2026-01"]))
def test_the_parts_make_the_whole_whatever_was_spent(
    household: Household, history: list[tuple[bool, Decimal, dt.date, int]], code: str
) -> None:
    with household_scope(household):
        Transaction.objects.all().delete()
        categories = [None, *Category.objects.all()[:3]]
        for income, amount, day, which in history:
            (earn if income else spend)(str(amount), day, categories[which])
        shown = dashboard(Period.parse(code))
        assert all(each.spent > 0 for each in shown.shares)
        assert sum(each.spent for each in shown.shares) == shown.spent
        if shown.shares:
            assert abs(sum((each.ratio for each in shown.shares), Decimal(-1))) < Decimal("1e-20")
        assert shown.evolution[-1].flow == shown.flow
        assert shown.evolution[-2].flow == shown.previous
        assert shown.spent >= shown.flow.expenses - shown.flow.income


class TestCards:
    def test_a_card_counts_the_month_and_shows_the_newest_three_of_any_month(
        self, scope: Household
    ) -> None:
        food = limit("Alimentation", 100)
        for month, amount in ((8, 1), (9, 2), (10, 3), (11, 4)):
            spend(amount, on(month), food)
        card = next(each for each in category_cards(NOVEMBER) if each.category == food)
        assert (card.flow.count, card.amount) == (1, Decimal(4))
        assert [line.amount for line in card.last] == [4, 3, 2]
        assert card.limit is not None
        assert card.limit.left == 96

    def test_an_income_category_shows_what_it_brought_in(self, scope: Household) -> None:
        earn(2500, on(11), category("Salaire"))
        spend(100, on(11), category("Salaire"))
        card = next(each for each in category_cards(NOVEMBER) if each.category.name == "Salaire")
        assert (card.amount, card.limit) == (Decimal(2400), None)

    def test_retired_categories_have_no_card(self, scope: Household) -> None:
        Category.objects.filter(name="Loisirs").update(retired_at=timezone.now())
        assert "Loisirs" not in [card.category.name for card in category_cards(NOVEMBER)]
        assert len(category_cards(NOVEMBER)) == 9


class TestHistory:
    @pytest.mark.parametrize(
        ("unit", "count", "first"),
        [
            (Unit.MONTH, 12, "2025-12"),
            (Unit.QUARTER, 8, "2025-Q1"),
            (Unit.YEAR, 5, "2022"),
        ],
    )
    def test_it_holds_twelve_months_eight_quarters_or_five_years(
        self, scope: Household, unit: Unit, count: int, first: str
    ) -> None:
        food, start = category(), Period.parse(first)
        spend(7, start.first, food)
        spend(1000, start.first - dt.timedelta(days=1), food)
        spend(9, on(11), food)
        spend(500, on(11), category("Loisirs"))
        history = category_history(food, unit)
        assert len(history.points) == count
        assert history.points[0].period == start
        assert (history.points[0].flow.expenses, history.amount_now) == (Decimal(7), Decimal(9))
        assert (history.total, history.flow.count) == (Decimal(16), 2)

    def test_its_mean_leaves_out_what_is_not_over_and_what_was_before_the_first_line(
        self, scope: Household
    ) -> None:
        spend(1, on(7), category("Loisirs"))
        spend(100, on(9), category())
        spend(1000, on(11), category())
        history = category_history(category(), Unit.MONTH)
        assert (history.finished, history.mean) == (4, Decimal(25))

    def test_a_first_month_is_its_own_mean(self, scope: Household) -> None:
        spend(30, on(11), category())
        history = category_history(category(), Unit.MONTH)
        assert (history.finished, history.mean) == (0, Decimal(30))

    def test_an_empty_category_has_a_history_of_nothing(self, scope: Household) -> None:
        history = category_history(category(), Unit.YEAR)
        assert (history.total, history.mean, history.last) == (Decimal(0), Decimal(0), [])

    def test_refunds_lower_it_and_income_is_counted_the_other_way_round(
        self, scope: Household
    ) -> None:
        spend(30, on(11), category("Santé"))
        earn(20, on(11), category("Santé"))
        earn(2500, on(11), category("Salaire"))
        assert category_history(category("Santé"), Unit.MONTH).total == 10
        assert category_history(category("Salaire"), Unit.MONTH).total == 2500

    def test_its_limit_grows_with_the_period_and_its_last_ten_lines_are_there(
        self, scope: Household
    ) -> None:
        food = limit("Alimentation", 100)
        for day in range(1, 13):
            spend(day, on(11, day), food)
        history = category_history(food, Unit.QUARTER)
        assert history.limit is not None
        assert (history.limit.limit, history.limit.spent) == (Decimal(300), Decimal(78))
        assert [line.amount for line in history.last] == list(range(12, 2, -1))


class TestIncomeBelow:
    @pytest.fixture(autouse=True)
    def past(self, scope: Household) -> None:
        for month in (8, 9, 10):
            earn(2500, on(month, 28))

    @pytest.mark.parametrize(("amount", "warned"), [("2500", False), ("2500.01", True)])
    def test_a_month_without_income_is_compared_by_the_mean_of_the_last_three(
        self, amount: str, warned: bool
    ) -> None:
        found = income_below(Decimal(amount))
        assert (found is not None) is warned
        if found:
            assert (found.amount, found.estimated) == (Decimal(2500), True)

    def test_the_month_s_own_income_counts_once_there_is_any(self) -> None:
        earn(300, on(11))
        found = income_below(Decimal(400))
        assert found is not None
        assert (found.amount, found.estimated) == (Decimal(300), False)


def test_without_any_income_every_limit_is_above_it(scope: Household) -> None:
    found = income_below(Decimal(1))
    assert found is not None
    assert found.amount == 0
