"""Two people at the rules at the same moment, each on a connection of their own."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from budget.balances.check import ledger_faults
from budget.core.guards import ChangedMeanwhile
from budget.core.tenancy import household_scope
from budget.imports.models import Matching, Rule
from budget.imports.rule_services import (
    Terms,
    rule_apply,
    rule_create,
    rule_move,
    rule_update,
)
from budget.transactions.models import Transaction
from budget.users.models import Household
from tests.buckets.test_two_at_once import both
from tests.ledger import category, spend

pytestmark = pytest.mark.django_db(transaction=True)


def terms(text: str) -> Terms:
    return Terms(
        matching=Matching.CONTAINS,
        text=text,
        amount_min=None,
        amount_max=None,
        wallet=None,
        category=category("Alimentation"),
        bucket=None,
        person=None,
        rename="",
        transfer_to=None,
    )


def stored(household: Household) -> list[tuple[str, int]]:
    with household_scope(household):
        return list(Rule.objects.values_list("text", "position"))


def test_one_form_sent_twice_at_once_makes_one_rule(household: Household) -> None:
    key = uuid.uuid4()

    def write() -> None:
        rule_create(submission=key, **terms("carrefour"))

    assert both(household, write, write) == [None, None]
    assert stored(household) == [("carrefour", 0)]


def test_two_new_rules_at_once_have_each_a_place(household: Household) -> None:
    both(household, *(lambda text=text: rule_create(**terms(text)) for text in "ab"))
    assert stored(household) == [("a", 0), ("b", 1)]


def test_of_two_who_change_a_rule_at_once_the_second_is_told(household: Household) -> None:
    with household_scope(household):
        rule = rule_create(**terms("a")).rule
    first, second = both(
        household,
        *(lambda text=text: rule_update(rule=rule, version=1, **terms(text)) for text in "bc"),
    )
    assert first is None
    assert isinstance(second, ChangedMeanwhile)
    assert stored(household) == [("b", 0)]


def test_two_who_move_at_once_lose_no_rule(household: Household) -> None:
    with household_scope(household):
        rules = [rule_create(**terms(text)).rule for text in "abc"]
    both(
        household,
        lambda: rule_move(rule=rules[2], up=True),
        lambda: rule_move(rule=rules[0], up=False),
    )
    assert stored(household) == [("c", 0), ("a", 1), ("b", 2)]


def test_the_past_is_changed_once_by_two_at_once(household: Household) -> None:
    with household_scope(household):
        rule = rule_create(**terms("carrefour")).rule
        line = spend(10, dt.date(2026, 11, 12), None, "Carrefour")
    numbers = []

    def write() -> None:
        numbers.append(rule_apply(rule=rule).number)

    assert both(household, write, write) == [None, None]
    assert sorted(numbers) == [0, 1]
    with household_scope(household):
        assert Transaction.objects.get(pk=line.pk).version == line.version + 1
        assert not ledger_faults()
