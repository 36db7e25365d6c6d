"""Reads about the budget: what a period cost, by category, against its limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum

from budget.archives.models import ClosedMonth
from budget.categories.models import Category, CategoryKind
from budget.core.money import money_round
from budget.core.periods import Period, Unit
from budget.core.summaries import summary
from budget.goals.models import Goal
from budget.planning.limits import (
    CategoryLimit,
    LimitStatus,
    category_limits,
    limit_over,
    limits_kept,
)
from budget.transactions.flows import (
    MEAN_OF,
    ZERO,
    ExpectedIncome,
    Flow,
    Flows,
    expected_income,
    sum_flows,
)
from budget.transactions.models import MonthTotal, Transaction
from budget.transactions.selectors import current_period, flows_between, last_of_each_category

#: How many periods a line or a history shows: seven months, eight quarters, five years.
EVOLUTION = {Unit.MONTH: 7, Unit.QUARTER: 8, Unit.YEAR: 5}
HISTORY = {Unit.MONTH: 12, Unit.QUARTER: 8, Unit.YEAR: 5}
LAST_LINES = 10


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category, what it moved in a month, its limit if it has one, and its newest lines."""

    category: Category
    flow: Flow
    limit: LimitStatus | None
    last: Sequence[Transaction]

    @property
    def is_income(self) -> bool:
        return self.category.kind == CategoryKind.INCOME

    @property
    def is_neutral(self) -> bool:
        return self.category.kind == CategoryKind.NEUTRAL

    @property
    def amount(self) -> Decimal:
        """What it brought in, what it cost, or what passed out less in, after its kind."""
        return _amount(self.category, self.flow)


def _amount(category: Category, flow: Flow) -> Decimal:
    match category.kind:
        case CategoryKind.INCOME:
            return flow.balance
        case CategoryKind.NEUTRAL:
            return flow.passed
    return flow.spending


@summary
def category_cards(month: Period) -> list[CategoryCard]:
    """Every category that is offered, with its figures of `month`. Three queries."""
    spent = flows_between(month, month).by_category(month)
    last = last_of_each_category()
    cards = []
    for category in Category.objects.active():
        lines = last.get(category.pk, [])
        for line in lines:
            line.category = category
        flow = spent.get(category.pk, Flow())
        limit = limit_over(category, month)
        status = None if limit is None else LimitStatus(flow.spending, limit)
        cards.append(CategoryCard(category, flow, status, lines))
    return cards


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a line or a history, and what it moved."""

    period: Period
    flow: Flow


@dataclass(frozen=True, slots=True)
class Share:
    """What one category (None: uncategorised) cost in a period, beside its usual cost."""

    category: Category | None
    spent: Decimal
    ratio: Decimal
    count: int
    limit: Decimal | None
    mean: Decimal

    @property
    def gap(self) -> Decimal:
        """By how much it costs more than usual; negative where less."""
        return self.spent - self.mean

    @property
    def page(self) -> Category | None:
        """The category whose page may be opened: a retired one has none."""
        return self.category if self.category and self.category.retired_at is None else None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A month, quarter or year of the household. Amounts are in its currency."""

    period: Period
    flow: Flow
    previous: Flow
    #: For a month that has no income yet, the mean it is measured against.
    usual: ExpectedIncome | None
    limits: Sequence[CategoryLimit]
    evolution: Sequence[Point]
    shares: Sequence[Share]

    @property
    def is_empty(self) -> bool:
        """Whether its line would have nothing to show."""
        return not any(point.flow.count for point in self.evolution)

    @property
    def kept(self) -> int:
        return limits_kept(self.limits)

    @property
    def alerts(self) -> list[CategoryLimit]:
        return [each for each in self.limits if each.status.near]

    @property
    def spent(self) -> Decimal:
        """What all categories that cost anything cost together: the whole of the shares."""
        return sum((share.spent for share in self.shares), ZERO)


@summary
def dashboard(period: Period) -> Dashboard:
    """All that the dashboard of `period` shows. Two queries."""
    points = period.last_periods(EVOLUTION[period.unit])
    flows = flows_between(points[0], period)
    categories = list(Category.objects.all())
    own = flows.over(period)
    waiting = period.unit is Unit.MONTH and period == current_period() and not own.income
    return Dashboard(
        period=period,
        flow=own,
        previous=flows.over(period.previous),
        usual=expected_income(flows, period) if waiting else None,
        limits=category_limits(
            flows, period, (each for each in categories if each.retired_at is None)
        ),
        evolution=[Point(each, flows.over(each)) for each in points],
        shares=_shares(flows, period, categories),
    )


def _cost(category_id: int | None, flow: Flow) -> Decimal:
    """Spending; where there is no category, an income is no refund of anything."""
    return flow.expenses if category_id is None else flow.spending


def _shares(flows: Flows, period: Period, categories: Iterable[Category]) -> list[Share]:
    by_id: dict[int | None, Category] = {each.pk: each for each in categories}
    own = flows.by_category(period)
    cost = {key: amount for key, flow in own.items() if (amount := _cost(key, flow)) > 0}
    whole = sum(cost.values(), ZERO)
    earlier = [each for each in _before(period) if flows.over(each).count]
    before = [flows.by_category(each) for each in earlier]
    shares = []
    for key, spent in cost.items():
        category = by_id.get(key)
        usual = sum((_cost(key, each.get(key, Flow())) for each in before), ZERO)
        shares.append(
            Share(
                category=category,
                spent=spent,
                ratio=spent / whole,
                count=own[key].count,
                limit=limit_over(category, period) if category else None,
                mean=_mean(usual, len(before)),
            )
        )
    # Of equal shares the first by name, and uncategorised last.
    names = {each.pk: index for index, each in enumerate(by_id.values())}
    return sorted(
        shares,
        key=lambda each: (
            -each.spent,
            names[each.category.pk] if each.category else len(names),
        ),
    )


def _before(period: Period) -> list[Period]:
    return [period.shift(-offset) for offset in range(1, MEAN_OF + 1)]


def _mean(total: Decimal, count: int) -> Decimal:
    return money_round(total / count) if count else ZERO


@dataclass(frozen=True, slots=True)
class CategoryHistory:
    """A category over the last months, quarters or years, oldest first."""

    category: Category
    unit: Unit
    points: Sequence[Point]
    #: How many finished periods the mean is over; 0 where only the present one has lines.
    finished: int
    mean: Decimal
    limit: LimitStatus | None
    last: Sequence[Transaction]

    @property
    def is_income(self) -> bool:
        return self.category.kind == CategoryKind.INCOME

    @property
    def is_neutral(self) -> bool:
        return self.category.kind == CategoryKind.NEUTRAL

    def amount(self, flow: Flow) -> Decimal:
        return _amount(self.category, flow)

    @property
    def flow(self) -> Flow:
        return sum_flows(point.flow for point in self.points)

    @property
    def total(self) -> Decimal:
        return self.amount(self.flow)

    @property
    def present(self) -> Point:
        return self.points[-1]

    @property
    def amount_now(self) -> Decimal:
        """The amount of the present period, which is not over."""
        return self.amount(self.present.flow)

    @property
    def rows(self) -> list[tuple[Period, Flow, Decimal]]:
        """Each period with its flow and its amount, oldest first."""
        return [(each.period, each.flow, self.amount(each.flow)) for each in self.points]


@summary
def category_history(category: Category, unit: Unit) -> CategoryHistory:
    """A category's last periods up to the present one. Two queries.

    The mean is over the finished periods since the household's first transaction among them: a
    category that is used in summer alone still has its cost by month.
    """
    present = current_period(unit)
    periods = present.last_periods(HISTORY[unit])
    flows = flows_between(periods[0], present)
    points = [Point(each, flows.of(category.pk, each)) for each in periods]
    lived = next((i for i, each in enumerate(periods) if flows.over(each).count), len(periods))
    finished = points[lived:-1]
    limit = limit_over(category, present)
    lines = list(Transaction.objects.filter(category=category).newest_first()[:LAST_LINES])
    for line in lines:
        line.category = category
    history = CategoryHistory(
        category=category,
        unit=unit,
        points=points,
        finished=len(finished),
        mean=ZERO,
        limit=None if limit is None else LimitStatus(points[-1].flow.spending, limit),
        last=lines,
    )
    total = history.amount(sum_flows(each.flow for each in finished))
    return replace(history, mean=_mean(total, len(finished)) if finished else history.total)


@dataclass(frozen=True, slots=True)
class CategoryUse:
    """What hangs on a category: lines that may still move, lines in closed months, goals."""

    open_lines: int
    closed_lines: int
    goals: int

    @property
    def movable(self) -> bool:
        return bool(self.open_lines or self.goals)

    @property
    def used(self) -> bool:
        return self.movable or bool(self.closed_lines)


def category_use(category: Category) -> CategoryUse:
    """How much hangs on `category`. Two queries, neither of which reads the ledger."""
    closed = Exists(ClosedMonth.objects.filter(first_day=OuterRef("month")))
    lines = MonthTotal.objects.filter(category=category).aggregate(
        open=Sum("count", filter=~closed), closed=Sum("count", filter=closed)
    )
    return CategoryUse(
        open_lines=lines["open"] or 0,
        closed_lines=lines["closed"] or 0,
        goals=Goal.objects.filter(category=category).count(),
    )


def income_below(limit: Decimal) -> ExpectedIncome | None:
    """The income of the present month, if a category's monthly `limit` is above it.

    Where the month has none yet, the mean of the last three is compared. One query.
    """
    month = current_period()
    income = expected_income(flows_between(month.shift(-MEAN_OF), month), month)
    return income if limit > income.amount else None
