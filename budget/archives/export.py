"""A closed month as one JSON document: what is offered before it is deleted for good."""

from __future__ import annotations

import json
from typing import Any

from budget.archives.models import ClosedMonth, ClosedMonthBalance
from budget.archives.selectors import month_balances, with_sides
from budget.buckets.models import Bucket
from budget.core.tenancy import active_household
from budget.people.models import Person
from budget.transactions.models import Transaction
from budget.wallets.models import Wallet

FORMAT = "budgeometre-month"
VERSION = 2


def month_document(closed: ClosedMonth) -> bytes:
    """The month complete, in UTF-8: its figures, its categories' as they were, every transaction.

    Amounts are decimal texts (`"12.50"`) in the household's currency, days and moments are ISO
    8601. Whatever is named is given by its name: a category by that of the closing; a line's
    wallet, envelope and person by that of today. Four queries.
    """
    household = active_household()
    snapshot = list(closed.lines.all())
    names = {line.category_id: line.category_name for line in snapshot}
    balances = month_balances(closed)
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
                "passed_in": str(line.neutral_in),
                "passed_out": str(line.neutral_out),
                "transactions": line.count,
            }
            for line in snapshot
        ],
        "wallets": [_balance(each) for each in balances.wallets],
        "envelopes": [_balance(each) for each in balances.buckets],
        "transactions": [
            _line(line, names.get(line.category_id))
            for line in with_sides(Transaction.objects.within(closed.period)).order_by("date", "pk")
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def _balance(each: ClosedMonthBalance) -> dict[str, Any]:
    return {
        "name": each.name or None,
        "colour": each.colour or None,
        "received": str(each.received),
        "paid": str(each.paid),
        "balance": str(each.balance),
    }


def _line(line: Transaction, category: str | None) -> dict[str, Any]:
    return {
        "date": line.date.isoformat(),
        "kind": line.kind,
        "amount": str(line.amount),
        "category": category or None,
        "wallet": _name(line.wallet),
        "to_wallet": _name(line.to_wallet),
        "envelope": _name(line.bucket),
        "to_envelope": _name(line.to_bucket),
        "parts": [
            {"envelope": part.bucket.name, "amount": str(part.amount)}
            for part in line.allotments.all()
        ],
        "person": _name(line.person),
        "status": line.status.value,
        "description": line.description,
        "note": line.note,
        "created_at": line.created_at.isoformat(),
    }


def _name(named: Wallet | Bucket | Person | None) -> str | None:
    return None if named is None else named.name


def month_filename(closed: ClosedMonth) -> str:
    """`budgeometre-chez-alice-2026-10.json`."""
    return f"budgeometre-{active_household().slug}-{closed.period.code}.json"
