"""Reads of rules."""

from __future__ import annotations

from budget.imports.models import Rule
from budget.imports.rules import Rulebook, Ruling


def rules_read() -> list[Rule]:
    """The household's rules in their order, with what they name. One query."""
    return list(
        Rule.objects.select_related("wallet", "category", "bucket", "person", "transfer_to")
    )


def ruling_of(rule: Rule) -> Ruling:
    """A rule as lines meet it, without what it names and is no longer offered."""
    category, bucket, person, other = rule.category, rule.bucket, rule.person, rule.transfer_to
    return Ruling(
        pk=rule.pk or 0,
        name=str(rule),
        matching=rule.matching,
        text=rule.text,
        amount_min=rule.amount_min,
        amount_max=rule.amount_max,
        wallet=rule.wallet_id,
        category=category.pk if category and category.retired_at is None else None,
        bucket=bucket.pk if bucket and bucket.is_open else None,
        person=person.pk if person and person.removed_at is None else None,
        rename=rule.rename,
        transfer_to=other.pk if other and other.is_open else None,
    )


def rulebook_read() -> Rulebook:
    """The household's rules, ready to be asked. One query."""
    return Rulebook(rulings_read())


def rulings_read() -> list[Ruling]:
    """The rules in their order, without those that say nothing any more. One query."""
    rulings = [ruling_of(rule) for rule in rules_read()]
    return [each for each in rulings if each.says_something]
