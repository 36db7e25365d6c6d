"""Closed and open months for the archives' tests, inside a household's scope."""

from __future__ import annotations

import datetime as dt

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close
from budget.core.periods import Period
from budget.transactions.models import Transaction
from tests.ledger import category, earn, spend

OCTOBER = Period.parse("2026-10")
SEPTEMBER = Period.parse("2026-09")
NOVEMBER = Period.parse("2026-11")


def october(day: int) -> dt.date:
    return dt.date(2026, 10, day)


def fill_october() -> list[Transaction]:
    """2,500 earned, 92.40 spent: 50 and 12.40 on food, 30 on nothing in particular."""
    return [
        earn(2500, october(28), category("Salaire"), "Salaire"),
        spend(50, october(3), category("Alimentation"), "Biocoop"),
        spend("12.40", october(31), category("Alimentation"), "Boulangerie"),
        spend(30, october(1), None, "Retrait"),
    ]


def close(code: str) -> ClosedMonth:
    """Close a month that holds transactions."""
    return month_close(period=Period.parse(code))
