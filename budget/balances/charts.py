"""What the charts of balances draw, as `static/js/charts.js` takes it.

The server writes every word. Values are floats: a drawing needs no cents, and JSON has no decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from budget.balances.selectors import MonthEnd
from budget.core.periods import month_labels


def balance_line(history: Sequence[MonthEnd]) -> dict[str, Any]:
    """What was there when each month ended; dashed to the present one, which has not."""
    return {
        "labels": month_labels([end.period for end in history]),
        "series": [
            {
                "label": _("Balance"),
                "tone": "mark",
                "values": [float(end.balance) for end in history],
                "dashedLast": True,
            }
        ],
    }
