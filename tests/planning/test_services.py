"""Removing a category: where what it holds goes, and what stays for the sake of closed months."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection

from budget.archives.services import month_close
from budget.categories.models import Category
from budget.core.guards import ChangedMeanwhile, GoneMeanwhile
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.goals.models import Goal
from budget.imports.models import Rule
from budget.planning import services
from budget.planning.selectors import CategoryUse, category_use
from budget.planning.services import CategoryUsed, category_remove
from budget.transactions.models import Kind, MonthTotal, Transaction
from budget.transactions.services import transaction_update
from budget.users.models import Household, User
from budget.users.services import household_lock
from tests.ledger import category, spend

pytestmark = pytest.mark.django_db

OCTOBER, NOVEMBER = dt.date(2026, 10, 10), dt.date(2026, 11, 10)


def close_october() -> None:
    month_close(period=Period.parse("2026-10"))


def goal(of: Category) -> Goal:
    return Goal.objects.create(
        name="Vélo", target=Decimal(500), category=of, contribution=Decimal(50)
    )


def test_an_unused_category_is_deleted(scope: Household) -> None:
    assert category_remove(category=category("Shopping")) is True
    assert not Category.objects.filter(name="Shopping").exists()


def test_rules_give_the_category_that_the_lines_have_moved_to(scope: Household) -> None:
    spend(10, NOVEMBER, category())
    rule = Rule.objects.create(text="carrefour", category=category())
    category_remove(category=category(), move_to=category("Shopping"))
    rule.refresh_from_db()
    assert (rule.category, rule.version) == (category("Shopping"), 2)


def test_a_rule_alone_keeps_no_category(scope: Household) -> None:
    rule = Rule.objects.create(text="carrefour", category=category())
    category_remove(category=category())
    rule.refresh_from_db()
    assert rule.category is None


@pytest.mark.parametrize("held", ["line", "goal"])
def test_what_is_used_is_not_removed_until_it_is_said_where_it_goes(
    scope: Household, held: str
) -> None:
    food = category()
    if held == "line":
        spend(10, NOVEMBER, food)
    else:
        goal(food)
    with pytest.raises(CategoryUsed):
        category_remove(category=food)
    assert Category.objects.active().filter(pk=food.pk).exists()


def test_lines_and_goals_move_to_the_category_that_takes_over(scope: Household) -> None:
    food, leisure = category(), category("Loisirs")
    line, saving = spend(10, NOVEMBER, food), goal(food)
    other = spend(5, NOVEMBER, leisure)
    assert category_remove(category=food, move_to=leisure) is True
    moved = Transaction.objects.get(pk=line.pk)
    assert moved.category == leisure
    assert moved.version == line.version + 1
    assert moved.updated_at > line.updated_at
    assert Transaction.objects.get(pk=other.pk).version == other.version
    assert Goal.objects.get(pk=saving.pk).category == leisure
    assert list(MonthTotal.objects.values_list("category", "total")) == [(leisure.pk, Decimal(15))]


def test_lines_and_goals_may_be_left_without_a_category(scope: Household) -> None:
    food = category()
    line, saving = spend(10, NOVEMBER, food), goal(food)
    assert category_remove(category=food, uncategorise=True) is True
    assert Transaction.objects.get(pk=line.pk).category is None
    assert Goal.objects.get(pk=saving.pk).category is None
    assert not Category.objects.filter(pk=food.pk).exists()


def test_lines_in_closed_months_keep_the_category_which_is_retired(scope: Household) -> None:
    food, leisure = category(), category("Loisirs")
    closed, still_open = spend(30, OCTOBER, food), spend(10, NOVEMBER, food)
    close_october()
    assert category_remove(category=food, move_to=leisure) is False
    assert Transaction.objects.get(pk=closed.pk).category == food
    assert Transaction.objects.get(pk=closed.pk).version == closed.version
    assert Transaction.objects.get(pk=still_open.pk).category == leisure
    assert Category.objects.get(pk=food.pk).retired_at is not None
    assert food not in Category.objects.active()


def test_what_only_closed_months_use_is_retired_without_asking(scope: Household) -> None:
    food = category()
    spend(30, OCTOBER, food)
    close_october()
    assert category_remove(category=food) is False
    assert food not in Category.objects.active()


def test_a_retired_name_is_free_again(scope: Household) -> None:
    test_what_only_closed_months_use_is_retired_without_asking(scope)
    Category.objects.create(name="ALIMENTATION")
    assert Category.objects.active().filter(name_folded="alimentation").count() == 1


@pytest.mark.parametrize("gone", ["deleted", "retired", "itself"])
def test_nothing_moves_to_a_category_that_is_gone(scope: Household, gone: str) -> None:
    food, target = category(), category("Loisirs")
    line = spend(10, NOVEMBER, food)
    if gone == "deleted":
        Category.objects.filter(pk=target.pk).delete()
    elif gone == "retired":
        Category.objects.filter(pk=target.pk).update(retired_at=line.created_at)
    else:
        target = food
    with pytest.raises(GoneMeanwhile):
        category_remove(category=food, move_to=target)
    assert Transaction.objects.get(pk=line.pk).category == food
    assert Transaction.objects.get(pk=line.pk).version == line.version


def test_nothing_moves_to_another_household(scope: Household, charlie: User) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        theirs = Category.objects.first()
    food = category()
    spend(10, NOVEMBER, food)
    with pytest.raises(GoneMeanwhile):
        category_remove(category=food, move_to=theirs)


def test_removing_twice_changes_nothing_more(scope: Household) -> None:
    food, leisure = category(), category("Loisirs")
    line = spend(10, NOVEMBER, food)
    category_remove(category=food, move_to=leisure)
    assert category_remove(category=food, move_to=leisure) is True
    assert Transaction.objects.get(pk=line.pk).version == line.version + 1


def test_whatever_shows_its_category_is_moved_and_derived_totals_are_not(scope: Household) -> None:
    holders = services.holders()
    assert (Goal, "category") in holders
    assert MonthTotal not in [model for model, _field in holders]


def test_the_use_of_a_category_is_counted_by_where_it_can_go(scope: Household) -> None:
    food = category()
    for amount in (30, 31):
        spend(amount, OCTOBER, food)
    close_october()
    spend(10, NOVEMBER, food)
    goal(food)
    assert category_use(food) == CategoryUse(open_lines=1, closed_lines=2, goals=1)
    assert category_use(category("Shopping")) == CategoryUse(0, 0, 0)
    assert not category_use(category("Shopping")).used


@pytest.mark.django_db(transaction=True)
def test_a_removal_and_the_change_of_one_of_its_lines_do_not_wait_for_each_other(
    household: Household,
) -> None:
    with household_scope(household):
        food, leisure = category(), category("Loisirs")
        line = spend(10, NOVEMBER, food)
    outcome: list[object] = []

    def change() -> None:
        try:
            with household_scope(household):
                transaction_update(
                    line=line,
                    version=line.version,
                    kind=Kind.EXPENSE,
                    amount=Decimal(12),
                    date=NOVEMBER,
                    category=food,
                    description="",
                    note="",
                )
        except ChangedMeanwhile as error:
            outcome.append(error)
        finally:
            connection.close()

    with household_scope(household):
        household_lock(household)
        other = threading.Thread(target=change)
        other.start()
        # It waits for the household, and must not hold the line meanwhile.
        other.join(0.3)
        assert category_remove(category=food, move_to=leisure) is True
    other.join(10)
    assert [type(each) for each in outcome] == [ChangedMeanwhile]
