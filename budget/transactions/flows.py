"""What came in and what went out: plain values, and sums over them.

An income is every transaction of kind income, an expense every one of kind expense, unless their
category is neutral. Transfers, and what is lent, borrowed and paid back, are neither. What a
category has cost is its expenses less its incomes: a refund is an income in the expense's
category. Nothing else on the site decides this.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from budget.core.money import money_round
from budget.core.periods import Period

ZERO = Decimal(0)
#: How many periods before the present one make what is usual.
MEAN_OF = 3


@dataclass(frozen=True, slots=True)
class Flow:
    """Money in and out over some time, in the household's currency, and how many lines moved it."""

    income: Decimal = ZERO
    expenses: Decimal = ZERO
    count: int = 0
    #: What passed in and out through neutral categories, which is neither.
    neutral_in: Decimal = ZERO
    neutral_out: Decimal = ZERO

    def __add__(self, other: Flow) -> Flow:
        return Flow(
            self.income + other.income,
            self.expenses + other.expenses,
            self.count + other.count,
            self.neutral_in + other.neutral_in,
            self.neutral_out + other.neutral_out,
        )

    @property
    def balance(self) -> Decimal:
        return self.income - self.expenses

    @property
    def spending(self) -> Decimal:
        """What it has cost: expenses less refunds. Negative where more came back."""
        return self.expenses - self.income

    @property
    def passed(self) -> Decimal:
        """What left through neutral categories less what came back through them."""
        return self.neutral_out - self.neutral_in


@dataclass(frozen=True, slots=True)
class Flows:
    """The flow of each month (by its first day) and category (None: uncategorised).

    `others` counts each month's lines that have no category because they are no flow: transfers,
    loans and their repayments.
    """

    cells: Mapping[tuple[dt.date, int | None], Flow] = field(default_factory=dict)
    others: Mapping[dt.date, int] = field(default_factory=dict)

    def over(self, period: Period) -> Flow:
        """The flow of a whole period, all categories together; it counts every line."""
        others = sum(count for first, count in self.others.items() if first in period)
        flows = (flow for (first, _), flow in self.cells.items() if first in period)
        return sum_flows(flows) + Flow(count=others)

    def of(self, category_id: int | None, period: Period) -> Flow:
        """One category's flow in a period."""
        return sum_flows(
            flow
            for (first, category), flow in self.cells.items()
            if category == category_id and first in period
        )

    def by_category(self, period: Period) -> dict[int | None, Flow]:
        """Each category's flow in a period; those without one are left out."""
        flows: dict[int | None, Flow] = defaultdict(Flow)
        for (first, category), flow in self.cells.items():
            if first in period:
                flows[category] += flow
        return dict(flows)


def sum_flows(flows: Iterable[Flow]) -> Flow:
    return sum(flows, Flow())


@dataclass(frozen=True, slots=True)
class ExpectedIncome:
    """The income a month is measured against.

    The month's own, once it has any; until then (a salary on the 28th) the mean of the last three
    months, and `estimated` says so. Zero where there is neither.
    """

    amount: Decimal
    estimated: bool


def expected_income(flows: Flows, month: Period) -> ExpectedIncome:
    """What income to measure `month` against; `flows` must cover it and the three before it.

    The mean is over those of the three months that hold any transaction, so that a household in
    its second month is not told a third of its income.
    """
    own = flows.over(month).income
    if own:
        return ExpectedIncome(own, estimated=False)
    return ExpectedIncome(usual_income(flows, month), estimated=True)


def usual_income(flows: Flows, month: Period) -> Decimal:
    """The mean income of the three months before `month`, to the cent."""
    earlier = [flows.over(month.shift(-offset)) for offset in range(1, MEAN_OF + 1)]
    lived = [flow.income for flow in earlier if flow.count]
    if not lived:
        return ZERO
    return money_round(sum(lived, ZERO) / len(lived))
