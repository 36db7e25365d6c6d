"""Shorthands for writing a household's history in a test, inside its scope."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from budget.categories.models import Category
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_create


def category(name: str = "Alimentation") -> Category:
    """One of the starting categories, by its French name."""
    return Category.objects.get(name=name)


def spend(
    amount: str | int,
    on: dt.date,
    category: Category | None = None,
    description: str = "",
    note: str = "",
) -> Transaction:
    return transaction_create(
        kind=Kind.EXPENSE,
        amount=Decimal(amount),
        date=on,
        category=category,
        description=description,
        note=note,
    )


def earn(
    amount: str | int,
    on: dt.date,
    category: Category | None = None,
    description: str = "",
) -> Transaction:
    return transaction_create(
        kind=Kind.INCOME,
        amount=Decimal(amount),
        date=on,
        category=category,
        description=description,
    )
