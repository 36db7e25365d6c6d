"""What the charts of the budget's pages draw, as `static/js/charts.js` takes it."""

from __future__ import annotations

from typing import Any

from budget.planning.selectors import CategoryHistory, Dashboard


def of_dashboard(shown: Dashboard) -> dict[str, Any]:
    return {}


def of_history(history: CategoryHistory) -> dict[str, Any]:
    return {}
