"""Writes about categories. Removing one that is used concerns the ledger: see planning."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from budget.buckets.models import Bucket
from budget.categories.models import Category, CategoryKind
from budget.core.guards import GoneMeanwhile, Refused, one_of_a_name, row_to_change
from budget.core.tenancy import active_household
from budget.users.models import Household
from budget.users.services import household_lock

#: What a new household begins with: name, description, colour, kind.
STARTING_CATEGORIES: Final = [
    (gettext_noop("Food"), gettext_noop("Groceries, market, restaurants"), "#ef4444", "expense"),
    (gettext_noop("Transport"), gettext_noop("Pass, fuel, car sharing"), "#3b82f6", "expense"),
    (gettext_noop("Leisure"), gettext_noop("Outings, books, sport"), "#a855f7", "expense"),
    (gettext_noop("Housing"), gettext_noop("Rent, electricity, internet"), "#f59e0b", "expense"),
    (gettext_noop("Health"), gettext_noop("Pharmacy, appointments"), "#14b8a6", "expense"),
    (gettext_noop("Shopping"), gettext_noop("Clothes, home"), "#ec4899", "expense"),
    (gettext_noop("Subscriptions"), gettext_noop("Video, music, press"), "#6366f1", "expense"),
    (gettext_noop("Salary"), gettext_noop("Pay, bonuses"), "#22c55e", "income"),
    (gettext_noop("Savings"), gettext_noop("Interest"), "#0ea5e9", "income"),
    (gettext_noop("Other"), gettext_noop("What fits nowhere else"), "#64748b", "expense"),
]


def starting_categories(*, household: Household, language: str, **_signal: Any) -> None:
    """Stock a new household, in its scope and its founder's language."""
    with override(language):
        Category.objects.bulk_create(
            Category(
                household=household,
                name=_(name),
                description=_(description),
                colour=colour,
                kind=kind,
            )
            for name, description, colour, kind in STARTING_CATEGORIES
        )


def retired_clear() -> None:
    """Delete the retired categories to which nothing points any more.

    They stay for the sake of lines in closed months; a month that is reopened or erased, or a line
    that is then moved, may have been the last. Call it while the household's lock is held.
    """
    unused = Category.objects.exclude(retired_at=None)
    for relation in Category._meta.related_objects:
        holders = relation.related_model._default_manager
        unused = unused.exclude(Exists(holders.filter(**{relation.field.name: OuterRef("pk")})))
    unused.delete()


class NameTaken(Refused):
    """Another category of the household has that name, whatever its case and accents."""

    def __init__(self) -> None:
        super().__init__(_("There is a category of that name already."))


def _require_open(bucket: Bucket | None) -> None:
    """Raise GoneMeanwhile unless the envelope is open, and keep it so until the write is through.

    Before the category's row is locked: closing an envelope takes it from its categories, and
    locks them in that order.
    """
    if bucket is None:
        return
    still = Bucket.objects.open().filter(pk=bucket.pk).select_for_update(no_key=True)
    if not still.exists():
        raise GoneMeanwhile


def category_create(
    *,
    name: str,
    kind: CategoryKind,
    colour: str,
    description: str = "",
    monthly_limit: Decimal | None = None,
    bucket: Bucket | None = None,
) -> Category:
    """Add a category to the household in force. `monthly_limit` is in its currency, or None.

    `bucket` is the category's own envelope. Raises NameTaken, and GoneMeanwhile where the envelope
    has just been closed or deleted.
    """
    with one_of_a_name(NameTaken):
        household_lock(active_household())
        _require_open(bucket)
        return Category.objects.create(
            name=name,
            kind=kind,
            colour=colour,
            description=description,
            monthly_limit=monthly_limit,
            bucket=bucket,
        )


def category_update(
    *,
    category: Category,
    version: int | None,
    name: str,
    kind: CategoryKind,
    colour: str,
    description: str = "",
    monthly_limit: Decimal | None = None,
    bucket: Bucket | None = None,
) -> Category:
    """Change a category that still has the `version` its form was opened with.

    Its transactions keep pointing to it. Raises NameTaken, ChangedMeanwhile (with the category as
    it stands now, or None where it has been removed), and GoneMeanwhile as `category_create` does.
    """
    with one_of_a_name(NameTaken):
        household_lock(active_household())
        _require_open(bucket)
        current = row_to_change(Category.objects.active().filter(pk=category.pk), version)
        current.name = name
        current.kind = kind
        current.colour = colour
        current.description = description
        current.monthly_limit = monthly_limit
        current.bucket = bucket
        current.save()
    return current
