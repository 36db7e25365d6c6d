"""Shorthands for writing a household's history in a test, inside its scope."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.people.models import Person
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_create
from budget.wallets.models import Wallet


def category(name: str = "Alimentation") -> Category:
    """One of the starting categories, by its French name."""
    return Category.objects.get(name=name)


def wallet(name: str = "Livret", opening: str | int = 0) -> Wallet:
    """A wallet of that name, made unless it is there."""
    found = Wallet.objects.open().named(name).first()
    return found or Wallet.objects.create(name=name, opening_balance=Decimal(opening))


def bucket(name: str = "Nécessaire", share: int = 0) -> Bucket:
    """An envelope of that name, made unless it is there."""
    found = Bucket.objects.open().named(name).first()
    return found or Bucket.objects.create(name=name, share=share)


def person(first_name: str = "Léa") -> Person:
    """A person of that first name, made unless they are there."""
    return Person.objects.filter(first_name=first_name).first() or Person.objects.create(
        first_name=first_name
    )


def book(kind: Kind, amount: str | int, on: dt.date, **entry: Any) -> Transaction:
    """A line of any kind."""
    return transaction_create(kind=kind, amount=Decimal(amount), date=on, **entry)


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
