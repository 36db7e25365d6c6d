"""A closed month as one JSON document: what is offered before it is deleted for good."""

from __future__ import annotations

import json
from typing import Any

from budget.archives.models import ClosedMonth
from budget.core.tenancy import active_household
from budget.transactions.models import Transaction

FORMAT = "budgeometre-month"
VERSION = 1


def month_document(closed: ClosedMonth) -> bytes:
    """The month complete, in UTF-8: its figures, its categories' as they were, every transaction.

    Amounts are decimal texts (`"12.50"`) in the household's currency, days and moments are ISO
    8601, and a category is given by its name. Two queries.
    """
    household = active_household()
    snapshot = list(closed.lines.all())
    names = {line.category_id: line.category_name for line in snapshot}
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "household": household.name,
        "currency": household.currency,
        "month": closed.period.code,
        "first_day": closed.first_day.isoformat(),
        "last_day": closed.last_day.isoformat(),
        "closed_at": closed.closed_at.isoformat(),
        "income": str(closed.income),
        "expenses": str(closed.expenses),
        "balance": str(closed.balance),
        "categories": [
            {
                "name": line.category_name or None,
                "colour": line.colour or None,
                "monthly_limit": None if line.monthly_limit is None else str(line.monthly_limit),
                "income": str(line.income),
                "expenses": str(line.expenses),
                "transactions": line.count,
            }
            for line in snapshot
        ],
        "transactions": [
            {
                "date": date.isoformat(),
                "kind": kind,
                "amount": str(amount),
                "category": names.get(category_id) or None,
                "description": description,
                "note": note,
                "created_at": created_at.isoformat(),
            }
            for date, kind, amount, category_id, description, note, created_at in (
                Transaction.objects.within(closed.period)
                .order_by("date", "pk")
                .values_list(
                    "date", "kind", "amount", "category_id", "description", "note", "created_at"
                )
            )
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def month_filename(closed: ClosedMonth) -> str:
    """`budgeometre-chez-alice-2026-10.json`."""
    return f"budgeometre-{active_household().slug}-{closed.period.code}.json"
