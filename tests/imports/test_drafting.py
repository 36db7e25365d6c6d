"""What a line of a file will say: by a rule, else by what was learned, else by its clean label."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budget.balances.closing import bucket_close, wallet_close
from budget.imports.drafting import Draft, Drafter
from budget.imports.learning import FILLED
from budget.imports.models import Rule
from budget.wallets.selectors import first_wallet
from tests.ledger import bucket, category, person, spend, wallet

pytestmark = pytest.mark.usefixtures("scope", "today")

CARREFOUR = "CARTE 12/03 CARREFOUR CITY PARIS CB*1234"


def draft(label: str = CARREFOUR, amount: str = "-41.20", wallet_pk: int | None = 1) -> Draft:
    return Drafter().draft(label, Decimal(amount), wallet_pk)


def rule(text: str = "carrefour", position: int = 0, **says: Any) -> Rule:
    return Rule.objects.create(text=text, position=position, **says)


def chosen(times: int, name: str = "Alimentation") -> None:
    """The household put Carrefour into that category so many times."""
    for day in range(1, times + 1):
        spend(41, dt.date(2026, 11, day), category(name), "Carrefour City")


def test_without_anything_known_it_is_the_clean_label() -> None:
    assert draft() == Draft("Carrefour City")


def test_a_rule_says_what_it_says() -> None:
    food, fun, lea = category("Alimentation"), bucket("Plaisir"), person("Léa")
    rule("CARREFOUR", rename="Courses", category=food, bucket=fun, person=lea)
    assert draft() == Draft(
        "Courses", food.pk, fun.pk, lea.pk, None, food.pk, 100, {"rule": "CARREFOUR"}
    )


def test_a_rule_that_transfers_leaves_category_and_person_out() -> None:
    held = wallet("Livret")
    rule("vir epargne", transfer_to=held)
    found = draft("VIR EPARGNE 12/03")
    assert (found.to_wallet, found.category, found.suggested) == (held.pk, None, None)
    assert found.because == {"rule": "vir epargne"}
    assert draft("VIR EPARGNE 12/03", wallet_pk=held.pk).to_wallet is None


def test_a_rule_goes_before_what_was_learned() -> None:
    chosen(8)
    rule(category=category("Loisirs"))
    found = draft()
    assert (found.category, found.confidence) == (category("Loisirs").pk, 100)


def test_what_was_learned_is_filled_in_where_it_is_likely() -> None:
    chosen(8)
    found = draft()
    assert found.category == found.suggested == category("Alimentation").pk
    assert found.confidence is not None
    assert found.confidence >= FILLED
    assert found.because == {"word": "CARREFOUR CITY", "right": 8, "of": 8, "amounts": "any"}


def test_what_is_not_likely_enough_is_only_told() -> None:
    for name in ("Alimentation", "Loisirs", "Santé"):
        chosen(2, name)
    found = draft()
    assert found.category is None
    assert found.suggested is not None
    assert found.confidence is not None
    assert found.confidence < FILLED


def test_what_a_rule_leaves_open_is_learned() -> None:
    chosen(8)
    rule(rename="Courses")
    found = draft()
    assert (found.description, found.category) == ("Courses", category("Alimentation").pk)
    assert found.because
    assert found.because["right"] == 8


def test_what_is_closed_or_gone_is_left_out() -> None:
    food, old, lea, held = category("Alimentation"), bucket("Travaux"), person(), wallet("Livret")
    rule(rename="Courses", category=food, bucket=old, person=lea)
    rule("vir", 1, rename="Virement", transfer_to=held)
    food.retired_at = lea.removed_at = timezone.now()
    food.save()
    lea.save()
    bucket_close(bucket=old, into=None)
    wallet_close(wallet=held, into=first_wallet())
    assert draft()[:5] == ("Courses", None, None, None, None)
    assert draft("VIR LIVRET").to_wallet is None


def test_a_rule_that_says_nothing_any_more_lets_the_next_one_decide() -> None:
    food = category("Alimentation")
    rule("carrefour", 0, category=food)
    rule("city", 1, rename="City")
    food.retired_at = timezone.now()
    food.save()
    assert draft().description == "City"


def test_a_file_costs_two_queries_whatever_it_and_the_rules_number() -> None:
    rule(category=category("Alimentation"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        Drafter().draft(CARREFOUR, Decimal(1), None)
    for position in range(1, 20):
        rule(f"text {position}", position, category=category("Loisirs"), person=person())
    with CaptureQueriesContext(connection) as many:
        drafter = Drafter()
        for number in range(50):
            drafter.draft(f"CARTE CARREFOUR {number} text 3", Decimal(number + 1), None)
    assert len(few) == len(many) == 2
