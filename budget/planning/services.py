"""Writes that need the whole ledger: removing a category that is used."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext

from budget.archives.models import ClosedMonth
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile, Refused, guarded
from budget.core.tenancy import active_household
from budget.imports.models import Rule
from budget.transactions.models import Transaction
from budget.users.services import household_lock


class CategoryUsed(Refused):
    """The category holds something, and nobody said where that should go."""

    def __init__(self, category: Category) -> None:
        super().__init__(
            gettext("“%(name)s” is used. Choose where what it holds should go.")
            % {"name": category.name}
        )


def category_remove(
    *, category: Category, move_to: Category | None = None, uncategorise: bool = False
) -> bool:
    """Remove a category from every list and form; return whether it is gone for good.

    What it holds outside closed months moves to `move_to` first, or is left without a category
    with `uncategorise`. Lines in closed months do not move, and for their sake the category
    stays: retired, and visible there only. Doing so twice changes nothing. Raises CategoryUsed
    where it holds something and neither is given, GoneMeanwhile where `move_to` is itself gone.
    """
    with guarded():
        # The ledger's writers and the closing of months wait here, so what is found stays true.
        household_lock(active_household())
        others = Category.objects.active().exclude(pk=category.pk)
        if move_to and not others.filter(pk=move_to.pk).exists():
            raise GoneMeanwhile
        closed = Exists(
            ClosedMonth.objects.filter(
                first_day__lte=OuterRef("date"), last_day__gte=OuterRef("date")
            )
        )
        held: list[tuple[models.QuerySet[Any], dict[str, Any]]] = [
            (
                Transaction.objects.filter(~closed, category=category),
                {"category": move_to, "version": F("version") + 1, "updated_at": timezone.now()},
            ),
            *(
                (holder._default_manager.filter(**{name: category}), {name: move_to})
                for holder, name in holders()
            ),
        ]
        if not (move_to or uncategorise) and any(rows.exists() for rows, _ in held):
            raise CategoryUsed(category)
        for rows, change in held:
            rows.update(**change)
        if move_to:
            # What comes in later goes where what was there has gone.
            rules = Rule.objects.filter(category=category)
            rules.update(category=move_to, version=F("version") + 1)
        kept = Transaction.objects.filter(category=category).exists()
        if kept:
            Category.objects.filter(pk=category.pk).update(retired_at=timezone.now())
        else:
            Category.objects.filter(pk=category.pk).delete()
    return not kept


def holders() -> list[tuple[type[models.Model], str]]:
    """Whatever else points to a category, and by which field: goals, and what later apps add.

    A model that only derives from the ledger (the monthly totals) hides its relation with a
    related name of "+", and is not among them.
    """
    return [
        (relation.related_model, relation.field.name)
        for relation in Category._meta.related_objects
        if relation.related_model is not Transaction
    ]
