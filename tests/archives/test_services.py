"""Closing keeps the month's figures as they are; reopening and erasing take them away again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.archives.models import ClosedMonth, ClosedMonthLine
from budget.archives.selectors import closed_periods
from budget.archives.services import (
    AlreadyClosed,
    NotClosed,
    month_close,
    month_erase,
    month_hide,
    month_reopen,
    month_show,
    months_close,
    months_close_older,
)
from budget.categories.models import Category
from budget.core.guards import Refused
from budget.core.periods import Period, Unit
from budget.core.tenancy import NoScope, household_scope
from budget.planning.services import category_remove
from budget.transactions.closing import ClosedDays
from budget.transactions.models import Kind, Transaction
from budget.transactions.selectors import money_now
from budget.transactions.services import transaction_delete, transaction_update
from budget.users.models import Household, User
from tests.archives.months import NOVEMBER, OCTOBER, SEPTEMBER, close, fill_october, october
from tests.ledger import category, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def test_the_snapshot_holds_totals_and_counts(scope: Household, alice: User) -> None:
    fill_october()
    spend(99, dt.date(2026, 11, 1))
    spend(99, dt.date(2026, 9, 30))

    closed = month_close(period=OCTOBER, closed_by=alice)

    assert (closed.first_day, closed.last_day) == (october(1), october(31))
    assert (closed.income, closed.expenses) == (Decimal(2500), Decimal("92.40"))
    assert (closed.balance, closed.count) == (Decimal("2407.60"), 4)
    assert (closed.closed_by, closed.hidden, closed.period) == (alice, False, OCTOBER)


def test_the_snapshot_keeps_categories_as_they_are_now(scope: Household) -> None:
    food = category("Alimentation")
    Category.objects.filter(pk=food.pk).update(monthly_limit=40)
    fill_october()
    closed = month_close(period=OCTOBER)

    Category.objects.filter(pk=food.pk).update(name="Courses", colour="#000000", monthly_limit=999)

    kept = {line.category_name: line for line in closed.lines.all()}
    assert set(kept) == {"Alimentation", "Salaire", ""}
    line = kept["Alimentation"]
    assert (line.colour, line.monthly_limit) == ("#ef4444", Decimal(40))
    assert (line.expenses, line.income, line.count) == (Decimal("62.40"), Decimal(0), 2)
    assert (line.spending, line.over) == (Decimal("62.40"), Decimal("22.40"))
    assert (kept[""].expenses, kept[""].count, kept[""].colour) == (Decimal(30), 1, "")
    assert kept[""].over == 0


def test_a_limit_that_nothing_was_spent_against_is_in_the_snapshot(scope: Household) -> None:
    Category.objects.filter(name="Shopping").update(monthly_limit=150)
    Category.objects.filter(name="Loisirs").update(
        monthly_limit=150, retired_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    fill_october()
    line = month_close(period=OCTOBER).lines.get(category_name="Shopping")
    assert (line.count, line.spending, line.over) == (0, Decimal(0), Decimal(0))
    assert not ClosedMonthLine.objects.filter(category_name="Loisirs").exists()


def test_the_snapshot_outlives_its_category(scope: Household) -> None:
    gone = Category.objects.create(name="Vin")
    line = spend(5, october(2), gone)
    spend(6, october(3))
    closed = month_close(period=OCTOBER)
    # In a closed month a used category cannot go; one of a line of zeros can.
    assert Transaction.objects.get(pk=line.pk).category_id == gone.pk
    limited = Category.objects.get(name="Shopping")
    ClosedMonthLine.objects.create(
        closed_month=closed,
        category=limited,
        category_name="Shopping",
        colour="#ec4899",
        income=0,
        expenses=0,
        count=0,
    )
    limited.delete()
    assert closed.lines.get(category_name="Shopping").category_id is None


@pytest.mark.parametrize("code", ["2026-11", "2026-12", "2027-10"])
def test_a_month_that_has_not_ended_is_not_closed(scope: Household, code: str) -> None:
    spend(5, dt.date(2026, 11, 2))
    spend(5, dt.date(2026, 12, 2))
    with pytest.raises(Refused, match="n’est pas encore terminé"):
        month_close(period=Period.parse(code))
    assert not ClosedMonth.objects.exists()


def test_a_month_is_closed_from_the_day_after_its_last_on(scope: Household) -> None:
    spend(5, october(31))
    # The household's day, not the server's: at 23:30 in London it is November in Paris.
    evening = time_machine.travel(dt.datetime(2026, 10, 31, 22, tzinfo=dt.UTC), tick=False)
    with evening, pytest.raises(Refused):
        month_close(period=OCTOBER)
    with time_machine.travel(dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC), tick=False):
        assert month_close(period=OCTOBER).count == 1


def test_a_month_without_transactions_is_not_closed(scope: Household) -> None:
    fill_october()
    with pytest.raises(Refused):
        month_close(period=SEPTEMBER)
    assert not ClosedMonth.objects.exists()


@pytest.mark.parametrize(
    "period",
    [
        Period.parse("2026-10", start_day=25),
        Period.parse("2026-Q3"),
        Period.parse("2025"),
        OCTOBER.as_unit(Unit.YEAR).previous,
    ],
)
def test_only_the_households_own_months_are_closed(scope: Household, period: Period) -> None:
    fill_october()
    spend(5, dt.date(2025, 1, 1))
    with pytest.raises(Refused):
        month_close(period=period)
    assert not ClosedMonth.objects.exists()


def test_closing_twice_is_refused_and_keeps_the_first(scope: Household, alice: User) -> None:
    fill_october()
    first = month_close(period=OCTOBER, closed_by=alice)
    with pytest.raises(AlreadyClosed):
        month_close(period=OCTOBER)
    assert list(ClosedMonth.objects.all()) == [first]


def test_several_months_are_closed_at_once_and_closed_ones_left_out(scope: Household) -> None:
    fill_october()
    spend(5, dt.date(2026, 9, 2))
    spend(6, dt.date(2026, 6, 2))
    close("2026-09")
    closed = months_close(periods=[OCTOBER, SEPTEMBER, Period.parse("2026-06"), OCTOBER])
    assert [(month.period.code, month.count) for month in closed] == [
        ("2026-06", 1),
        ("2026-10", 4),
    ]
    assert months_close(periods=[OCTOBER, SEPTEMBER]) == []


def test_none_is_closed_where_one_cannot_be(scope: Household) -> None:
    fill_october()
    with pytest.raises(Refused):
        months_close(periods=[OCTOBER, NOVEMBER])
    with pytest.raises(Refused):
        months_close(periods=[SEPTEMBER, OCTOBER])
    assert not ClosedMonth.objects.exists()


def test_closing_many_months_takes_as_many_statements_as_closing_few(scope: Household) -> None:
    def cost(periods: list[Period]) -> int:
        for period in periods:
            spend(5, period.first, category("Loisirs"))
        with CaptureQueriesContext(connection) as queries:
            assert len(months_close(periods=periods)) == len(periods)
        return len(queries)

    assert cost(Period.parse("2020-12").last_periods(24)) == cost([Period.parse("2021-01")])


@pytest.mark.parametrize(
    ("older_than", "codes"),
    [
        (0, ["2026-06", "2026-07", "2026-08", "2026-10"]),
        (1, ["2026-06", "2026-07", "2026-08"]),
        (2, ["2026-06", "2026-07", "2026-08"]),
        (3, ["2026-06", "2026-07"]),
        (4, ["2026-06"]),
        (5, []),
    ],
)
def test_older_months_are_closed_and_the_recent_left_open(
    scope: Household, older_than: int, codes: list[str]
) -> None:
    for month in (6, 7, 8, 10, 11):
        spend(5, dt.date(2026, month, 28))
    closed = months_close_older(older_than=older_than)
    assert [month.period.code for month in closed] == codes
    assert months_close_older(older_than=older_than) == []


def test_reopening_takes_the_snapshot_away(scope: Household) -> None:
    fill_october()
    closed = close("2026-10")
    month_reopen(closed=closed)
    assert not ClosedMonth.objects.exists()
    assert not ClosedMonthLine.objects.exists()
    assert Transaction.objects.count() == 4
    with pytest.raises(NotClosed):
        month_reopen(closed=closed)


def test_a_closed_month_and_its_lines_say_what_they_are(scope: Household) -> None:
    fill_october()
    closed = close("2026-10")
    assert str(closed) == "octobre 2026"
    assert str(closed.lines.get(category_name="Alimentation")) == "Alimentation 62.40"


def test_a_reopened_month_closes_again_with_what_changed(scope: Household) -> None:
    fill_october()
    month_reopen(closed=close("2026-10"))
    spend(1, october(2))
    assert close("2026-10").count == 5


def test_a_hidden_month_is_still_closed(scope: Household) -> None:
    fill_october()
    closed = close("2026-10")
    month_hide(closed=closed)
    month_hide(closed=closed)
    assert ClosedMonth.objects.get().hidden
    assert october(3) in ClosedDays()
    month_show(closed=closed)
    assert not ClosedMonth.objects.get().hidden


def test_erasing_takes_the_months_transactions_and_no_others(scope: Household) -> None:
    fill_october()
    spend(7, dt.date(2026, 9, 30))
    spend(8, dt.date(2026, 11, 1))
    spend(9, dt.date(2026, 9, 1))
    close("2026-09")
    closed = close("2026-10")
    before = money_now()

    assert month_erase(closed=closed) == 4

    assert money_now() == before - closed.balance
    assert sorted(Transaction.objects.values_list("amount", flat=True)) == [7, 8, 9]
    assert [month.period.code for month in ClosedMonth.objects.all()] == ["2026-09"]
    spend(3, october(3))


def test_erasing_twice_is_refused_and_erases_nothing_more(scope: Household) -> None:
    fill_october()
    closed = close("2026-10")
    month_erase(closed=closed)
    spend(3, october(3))
    with pytest.raises(NotClosed):
        month_erase(closed=closed)
    assert Transaction.objects.count() == 1


def test_erasing_a_month_that_was_reopened_meanwhile_erases_nothing(scope: Household) -> None:
    fill_october()
    closed = close("2026-10")
    month_reopen(closed=closed)
    with pytest.raises(NotClosed):
        month_erase(closed=closed)
    assert Transaction.objects.count() == 4


def test_closing_needs_a_household(db: None) -> None:
    with pytest.raises(NoScope):
        month_close(period=OCTOBER)


def test_one_households_closing_is_none_of_anothers(scope: Household, charlie: User) -> None:
    fill_october()
    close("2026-10")
    with household_scope(Household.objects.get(slug="charlie")):
        assert closed_periods() == []
        spend(5, october(3))
        assert close("2026-10").count == 1
    assert ClosedMonth.objects.get().count == 4


def test_a_list_of_transactions_learns_which_days_are_closed(scope: Household) -> None:
    fill_october()
    close("2026-10")
    days = ClosedDays()
    assert october(1) in days
    assert october(31) in days
    assert dt.date(2026, 9, 30) not in days
    assert dt.date(2026, 11, 1) not in days


lines = st.lists(
    st.tuples(
        st.dates(dt.date(2025, 12, 20), dt.date(2026, 2, 10)),
        st.decimals("0.01", "999999999.99", places=2),
        st.sampled_from([Kind.EXPENSE.value, Kind.INCOME.value]),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=15,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=lines, start_day=st.integers(1, 28))
def test_whatever_the_ledger_a_snapshot_is_its_sum(
    household: Household, history: list[tuple[dt.date, Decimal, str, int]], start_day: int
) -> None:
    Household.objects.filter(pk=household.pk).update(month_start_day=start_day)
    household.refresh_from_db()
    with household_scope(household):
        ClosedMonth.objects.all().delete()
        Transaction.objects.all().delete()
        categories = [None, *Category.objects.all()[:3]]
        for day, amount, kind, which in history:
            Transaction.objects.create(
                date=day, amount=amount, kind=kind, category=categories[which]
            )
        for closed in months_close_older(older_than=0):
            rows = list(Transaction.objects.within(closed.period))
            assert closed.count == len(rows) > 0
            assert closed.balance == sum(row.signed_amount for row in rows)
            assert closed.balance == sum(-line.spending for line in closed.lines.all())
            assert closed.count == sum(line.count for line in closed.lines.all())
        assert sum(month.count for month in ClosedMonth.objects.all()) == len(history)
        ClosedMonth.objects.all().delete()


class TestARetiredCategory:
    """Deleted while closed months still hold lines of it."""

    def retired(self, *days: dt.date) -> tuple[Category, list[ClosedMonth]]:
        leisure = category("Loisirs")
        for day in days:
            spend(10, day, leisure)
        months = months_close(periods=[Period.containing(day) for day in days])
        assert category_remove(category=leisure, uncategorise=True) is False
        return leisure, months

    def test_goes_with_the_last_month_that_holds_it(self, scope: Household) -> None:
        leisure, (september, october) = self.retired(dt.date(2026, 9, 5), dt.date(2026, 10, 5))
        month_erase(closed=september)
        assert Category.objects.filter(pk=leisure.pk).exists()
        month_erase(closed=october)
        assert not Category.objects.filter(pk=leisure.pk).exists()

    def test_stays_with_its_lines_when_the_month_is_reopened_until_they_move(
        self, scope: Household
    ) -> None:
        leisure, (october,) = self.retired(dt.date(2026, 10, 5))
        month_reopen(closed=october)
        line = Transaction.objects.get(category=leisure)
        transaction_update(
            line=line,
            version=line.version,
            kind=Kind.EXPENSE,
            amount=line.amount,
            date=line.date,
            category=category("Autre"),
            description="",
            note="",
        )
        assert not Category.objects.filter(pk=leisure.pk).exists()

    def test_goes_with_the_last_of_its_lines(self, scope: Household) -> None:
        leisure, (october,) = self.retired(dt.date(2026, 10, 5))
        month_reopen(closed=october)
        transaction_delete(line=Transaction.objects.get(category=leisure))
        assert not Category.objects.filter(pk=leisure.pk).exists()

    def test_that_nothing_holds_any_more_goes_when_a_month_is_reopened(
        self, scope: Household
    ) -> None:
        _leisure, (october,) = self.retired(dt.date(2026, 10, 5))
        left = Category.objects.create(name="Vieux", retired_at=timezone.now())
        month_reopen(closed=october)
        assert not Category.objects.filter(pk=left.pk).exists()
        assert Category.objects.active().count() == 9
