"""How spending stands against a category's limit: pure values, no database.

A limit is set by the month; over a quarter it is three times as much, over a year twelve times.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from budget.categories.models import Category
from budget.core.money import money_format
from budget.core.periods import Period
from budget.transactions.flows import Flows

#: From this share of its limit on, a category is worth a warning.
CARE = Decimal("0.8")


class LimitState(enum.Enum):
    FINE = "fine"
    WARNING = "warning"
    REACHED = "reached"
    EXCEEDED = "exceeded"


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """What was spent (negative where more came back) against a positive limit, same currency."""

    spent: Decimal
    limit: Decimal

    @property
    def state(self) -> LimitState:
        """Fine below 80 % of the limit, a warning from there, reached at 100 %, then exceeded."""
        if self.spent > self.limit:
            return LimitState.EXCEEDED
        if self.spent == self.limit:
            return LimitState.REACHED
        if self.spent >= self.limit * CARE:
            return LimitState.WARNING
        return LimitState.FINE

    @property
    def kept(self) -> bool:
        """Whether the limit holds; one that is just reached does."""
        return self.spent <= self.limit

    @property
    def near(self) -> bool:
        """Whether it needs care: near the limit, at it, or over it."""
        return self.state is not LimitState.FINE

    @property
    def full(self) -> bool:
        """Whether nothing is left: the limit is reached or exceeded."""
        return self.spent >= self.limit

    @property
    def ratio(self) -> Decimal:
        """The share of the limit that is spent: 1 is the limit. Never below 0."""
        return max(self.spent, Decimal(0)) / self.limit

    @property
    def left(self) -> Decimal:
        """What may still be spent; negative where the limit is exceeded."""
        return self.limit - self.spent

    @property
    def over(self) -> Decimal:
        """By how much the limit is exceeded; 0 where it is not."""
        return max(-self.left, Decimal(0))

    @property
    def words(self) -> str:
        """It in a few words, in the reader's language: "Exceeded by €49.79", "€62.54 left"."""
        match self.state:
            case LimitState.EXCEEDED:
                return _("Exceeded by %(amount)s") % {"amount": money_format(self.over)}
            case LimitState.REACHED:
                return _("Limit reached")
            case _other:
                return _("%(amount)s left") % {"amount": money_format(self.left)}


@dataclass(frozen=True, slots=True)
class CategoryLimit:
    """One category's limit over one period."""

    category: Category
    status: LimitStatus


def limit_over(category: Category, period: Period) -> Decimal | None:
    """What `category` may cost over `period`; None where it has no limit."""
    if category.monthly_limit is None:
        return None
    return category.monthly_limit * period.unit


def category_limits(
    flows: Flows, period: Period, categories: Iterable[Category]
) -> list[CategoryLimit]:
    """The limits of those `categories` that have one, the fullest first.

    `flows` must cover `period`. Equally full ones stay in the order they came in.
    """
    spent = flows.by_category(period)
    found = [
        CategoryLimit(
            category,
            LimitStatus(flow.spending if (flow := spent.get(category.pk)) else Decimal(0), limit),
        )
        for category in categories
        if (limit := limit_over(category, period)) is not None
    ]
    return sorted(found, key=lambda each: each.status.ratio, reverse=True)


def alerts(flows: Flows, period: Period, categories: Iterable[Category]) -> list[CategoryLimit]:
    """Those limits that are near, reached or exceeded in `period`, the worst first."""
    return [each for each in category_limits(flows, period, categories) if each.status.near]


def limits_kept(limits: Iterable[CategoryLimit]) -> int:
    """How many of `limits` hold."""
    return sum(each.status.kept for each in limits)
