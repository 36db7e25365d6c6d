"""The overview: how much is left this month, what needs care, and the last three months."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from budget.balances.wallet_selectors import WalletSpread, spread_and_standing
from budget.core.periods import Period
from budget.core.summaries import summary
from budget.goals.selectors import SetAside, set_aside_during
from budget.transactions.flows import (
    MEAN_OF,
    ExpectedIncome,
    Flow,
    Flows,
    expected_income,
    sum_flows,
)
from budget.transactions.selectors import Standing, current_period, flows_between

#: The overview's table holds this month and the two before it.
MONTHS = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """Spending against the days gone: both as shares of their whole, 1 being all of it."""

    spent: Decimal
    gone: Decimal

    @property
    def ahead(self) -> Decimal:
        """By how much spending is ahead of the month; negative where it is behind."""
        return self.spent - self.gone

    @property
    def state(self) -> str:
        """`over` once more is spent than came in; else `fast`, `steady` or `slow`.

        Within five hundredths of the days gone, spending keeps the month's pace.
        """
        if self.spent > 1:
            return "over"
        if self.ahead > Decimal("0.05"):
            return "fast"
        return "slow" if self.ahead < Decimal("-0.05") else "steady"


@dataclass(frozen=True, slots=True)
class Overview:
    """The household today. Amounts are in its currency."""

    month: Period
    today: dt.date
    flow: Flow
    income: ExpectedIncome
    standing: Standing
    spread: WalletSpread
    set_aside: SetAside  # now in goals, and moved this month
    flows: Flows

    @property
    def available(self) -> Decimal:
        """The money that no goal holds."""
        return self.standing.balance - self.set_aside.held

    @property
    def left(self) -> Decimal:
        """What is left of the month's income; negative where more was spent."""
        return self.income.amount - self.flow.expenses

    @property
    def days_left(self) -> int:
        """Days after today until the month ends."""
        return (self.month.last - self.today).days

    @property
    def pace(self) -> Pace | None:
        """None until there is an income to measure against."""
        if not self.income.amount:
            return None
        gone = (self.today - self.month.first).days + 1
        return Pace(self.flow.expenses / self.income.amount, Decimal(gone) / self.month.days)

    @property
    def recent(self) -> Flow:
        """The months of the table together."""
        return sum_flows(self.flows.over(month) for month in self.month.last_periods(MONTHS))

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever written here."""
        return not self.standing.count


@summary
def overview_today() -> Overview:
    """The overview of the household in force. Three queries."""
    month = current_period()
    flows = flows_between(month.shift(-MEAN_OF), month)
    spread, stands = spread_and_standing(before=month.shift(1 - MONTHS))
    return Overview(
        month=month,
        today=timezone.localdate(),
        flow=flows.over(month),
        income=expected_income(flows, month),
        standing=stands,
        spread=spread,
        set_aside=set_aside_during(month),
        flows=flows,
    )
