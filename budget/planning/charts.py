"""What the charts of the budget's pages draw, as `static/js/charts.js` takes it.

The server writes every word. Values are floats: a drawing needs no cents, and JSON has no decimals.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from budget.core.instruments import text
from budget.core.money import money_format
from budget.core.periods import Period, Unit, month_labels
from budget.core.templatetags.display import percent
from budget.core.tenancy import reverse
from budget.planning.selectors import CategoryHistory, Dashboard, Point, Share
from budget.transactions.filters import UNCATEGORISED
from budget.transactions.selectors import current_period


def axis(periods: list[Period]) -> list[str]:
    """Names for consecutive periods of one length, with the year where it changes."""
    if periods[0].unit is Unit.MONTH:
        return month_labels(periods)
    years = [each.year for each in periods]
    return [
        f"{each.short_label} {each.year}"
        if each.unit is Unit.QUARTER and each.year not in years[:index]
        else each.short_label
        for index, each in enumerate(periods)
    ]


def evolution(shown: Dashboard) -> dict[str, Any]:
    """Income and expenses up to the period shown; dashed to a period that has not ended.

    The lines begin where the household does: before, there is nothing rather than 0.
    """
    points = shown.evolution
    begins = next((i for i, each in enumerate(points) if each.flow.count), len(points))
    unfinished = shown.period >= current_period(shown.period.unit)
    return {
        "labels": axis([point.period for point in points]),
        "series": [
            {
                "label": _("Income"),
                "tone": "in",
                "values": [
                    _income(point, shown) if i >= begins else None for i, point in enumerate(points)
                ],
                "dashedLast": unfinished,
            },
            {
                "label": _("Expenses"),
                "tone": "out",
                "values": [
                    float(point.flow.expenses) if i >= begins else None
                    for i, point in enumerate(points)
                ],
                "dashedLast": unfinished,
            },
        ],
    }


def _income(point: Point, shown: Dashboard) -> float | None:
    """Nothing rather than 0 where the month's income has not come yet."""
    waiting = shown.usual is not None and point.period == shown.period
    return None if waiting else float(point.flow.income)


def slices(shown: Dashboard) -> list[dict[str, Any]]:
    """Each category's part of the spending, and the words shown beside the one pointed at."""
    return [
        {
            "name": _name(share),
            "color": share.category.colour if share.category else None,
            "value": float(share.spent),
            "url": share_address(share, shown.period),
            "spent": money_format(share.spent),
            "share": percent(share.ratio),
            "limit": _("none") if share.limit is None else money_format(share.limit),
            "count": str(share.count),
            "mean": money_format(share.mean),
            "gap": money_format(share.gap, signed=True),
            "open": _open_words(share),
            "bar": text(max(float(share.ratio) * 100, 0.5)),
        }
        for share in shown.shares
    ]


def _name(share: Share) -> str:
    return share.category.name if share.category else _("Uncategorised")


def _open_words(share: Share) -> str:
    if share.category is None:
        return _("See the transactions")
    return _("Deleted category") if share.category.retired_at else _("Open the category")


def share_address(share: Share, period: Period) -> str | None:
    """The category's page; for what has none, its lines. A retired category has no page."""
    if share.category is None:
        lines = reverse("transaction_list")
        return f"{lines}?category={UNCATEGORISED}&from={period.first}&to={period.last}"
    if share.category.retired_at is not None:
        return None
    address = reverse("category_detail", share.category.pk)
    return f"{address}?unit={period.unit.slug}"


def mean_words(unit: Unit) -> str:
    """ "Mean of 3 months", after the length of the period shown."""
    return {
        Unit.MONTH: _("Mean, 3 months"),
        Unit.QUARTER: _("Mean, 3 quarters"),
        Unit.YEAR: _("Mean, 3 years"),
    }[unit]


def history_bars(history: CategoryHistory) -> dict[str, Any]:
    """A category's amount in each period, with its mean and its limit across."""
    limit = history.limit
    return {
        "labels": axis([period for period, _flow, _amount in history.rows]),
        "values": [float(amount) for _period, _flow, amount in history.rows],
        "color": history.category.colour,
        "average": float(history.mean) if history.finished else None,
        "limit": float(limit.limit) if limit else None,
        "words": {
            "value": _amount_words(history),
            "average": _("mean"),
            "limit": _("limit"),
        },
    }


def _amount_words(history: CategoryHistory) -> str:
    if history.is_neutral:
        return _("Out less in")
    return _("Received") if history.is_income else _("Spent")


def finished_words(history: CategoryHistory) -> str:
    """Over how many finished periods the mean is taken."""
    if not history.finished:
        return _("so far")
    n = history.finished
    words = {
        Unit.MONTH: ngettext("over %(n)s full month", "over %(n)s full months", n),
        Unit.QUARTER: ngettext("over %(n)s full quarter", "over %(n)s full quarters", n),
        Unit.YEAR: ngettext("over %(n)s full year", "over %(n)s full years", n),
    }
    return words[history.unit] % {"n": n}
