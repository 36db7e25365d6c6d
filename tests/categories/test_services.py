"""Writes about categories: names that are taken, and categories that have just gone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.utils import timezone

from budget.buckets.models import Bucket
from budget.categories.models import Category, CategoryKind
from budget.categories.services import NameTaken, category_create, category_update
from budget.core.guards import ChangedMeanwhile, GoneMeanwhile
from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.ledger import bucket, category

pytestmark = pytest.mark.django_db


def create(name: str) -> Category:
    return category_create(name=name, kind=CategoryKind.EXPENSE, colour="#ef4444")


def rename(which: Category, name: str) -> Category:
    return category_update(
        category=which,
        version=which.version,
        name=name,
        kind=CategoryKind.EXPENSE,
        colour="#3b82f6",
        description="Tout",
        monthly_limit=Decimal(12),
    )


@pytest.mark.parametrize("name", ["Santé", "SANTE", "santé", "sAnTe"])
def test_a_name_is_taken_whatever_its_case_and_accents(scope: Household, name: str) -> None:
    with pytest.raises(NameTaken):
        create(name)
    with pytest.raises(NameTaken):
        rename(category("Loisirs"), name)
    assert category("Loisirs").name == "Loisirs"


def test_a_category_may_change_the_case_of_its_own_name(scope: Household) -> None:
    assert rename(category("Santé"), "SANTE").name == "SANTE"


def test_another_household_may_use_the_same_name(scope: Household, charlie: User) -> None:
    create("Voyages")
    with household_scope(Household.objects.get(slug="charlie")):
        assert create("VOYAGES").household.slug == "charlie"


def test_every_field_is_changed(scope: Household) -> None:
    rename(category("Loisirs"), "Sorties")
    found = category("Sorties")
    assert (found.colour, found.description) == ("#3b82f6", "Tout")
    assert found.monthly_limit == 12


@pytest.mark.parametrize("how", ["deleted", "retired"])
def test_a_category_that_has_just_gone_is_not_changed(scope: Household, how: str) -> None:
    leisure = category("Loisirs")
    if how == "deleted":
        Category.objects.filter(pk=leisure.pk).delete()
    else:
        Category.objects.filter(pk=leisure.pk).update(retired_at=timezone.now())
    with pytest.raises(ChangedMeanwhile):
        rename(leisure, "Sorties")
    assert not Category.objects.filter(name="Sorties").exists()


def test_what_the_database_refuses_for_another_reason_is_not_called_a_name(
    scope: Household,
) -> None:
    with pytest.raises(IntegrityError, match="limit_positive"):
        category_create(
            name="Voyages",
            kind=CategoryKind.EXPENSE,
            colour="#ef4444",
            monthly_limit=Decimal(-1),
        )


@pytest.mark.parametrize("gone", ["closed", "deleted"])
def test_an_envelope_that_has_just_gone_is_nobody_s_own(scope: Household, gone: str) -> None:
    envelope = bucket("Plaisir")
    row = Bucket.objects.filter(pk=envelope.pk)
    row.update(closed_at=timezone.now()) if gone == "closed" else row.delete()
    with pytest.raises(GoneMeanwhile):
        category_create(name="Jeux", kind=CategoryKind.EXPENSE, colour="#ef4444", bucket=envelope)
    assert not Category.objects.named("Jeux").exists()


def test_a_deleted_envelope_leaves_its_categories(scope: Household) -> None:
    envelope = bucket("Plaisir")
    category_create(name="Jeux", kind=CategoryKind.EXPENSE, colour="#ef4444", bucket=envelope)
    Bucket.objects.filter(pk=envelope.pk).delete()
    assert category("Jeux").bucket is None


def test_another_household_s_envelope_cannot_be_stored(scope: Household, charlie: User) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        theirs = bucket("Plaisir")
    with pytest.raises(IntegrityError), atomic():
        Category.objects.filter(pk=category("Loisirs").pk).update(bucket=theirs)
    assert category("Loisirs").bucket is None
