"""Reads of rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from budget.imports.cleaning import clean
from budget.imports.models import ImportLine, Rule
from budget.imports.past import SHOWN, Trial, rule_try
from budget.imports.rule_words import (
    Example,
    conditions_in_words,
    examples_in_words,
    outcomes_in_words,
    rule_name,
)
from budget.imports.rules import Rulebook, Ruling
from budget.transactions.models import Kind, Transaction

#: What a rule names.
NAMED = ("wallet", "category", "bucket", "person", "transfer_to")


def rules_read() -> list[Rule]:
    """The household's rules in their order, with what they name. One query."""
    return list(Rule.objects.select_related(*NAMED))


@dataclass(frozen=True, slots=True)
class Row:
    """A rule in sentences. `idle`: nothing becomes of a line by it any more."""

    rule: Rule
    name: str
    conditions: str
    outcomes: list[str]
    idle: bool


def rule_rows() -> list[Row]:
    """The household's rules as the page tells them, in their order. One query."""
    return [
        Row(
            rule,
            rule_name(rule),
            conditions_in_words(rule),
            outcomes_in_words(rule),
            idle=not ruling_of(rule).says_something,
        )
        for rule in rules_read()
    ]


def like_statement_line(line: ImportLine) -> dict[str, Any]:
    """What a rule says that is made of a line of a file, as the form's initial values."""
    name = clean(line.label)
    says: dict[str, Any] = {"text": name}
    if line.description != name:
        says["rename"] = line.description
    if line.to_wallet_id:
        return says | {"transfer_to": line.to_wallet_id}
    return says | {
        "category": line.category_id or line.suggested,
        "bucket": line.bucket_id,
        "person": line.person_id,
    }


def like_ledger_line(line: Transaction) -> dict[str, Any]:
    """What a rule says that is made of a line of the ledger, as the form's initial values."""
    says: dict[str, Any] = {"text": clean(line.bank_label) or line.description}
    if line.bank_label and line.description and line.description != says["text"]:
        says["rename"] = line.description
    if line.kind == Kind.TRANSFER:
        return says | {"transfer_to": line.to_wallet_id}
    category = line.category
    if category and category.bucket_id != line.bucket_id:
        says["bucket"] = line.bucket_id
    return says | {"category": line.category_id, "person": line.person_id}


def ruling_of(rule: Rule) -> Ruling:
    """A rule as lines meet it, without what it names and is no longer offered."""
    category, bucket, person, other = rule.category, rule.bucket, rule.person, rule.transfer_to
    return Ruling(
        pk=rule.pk or 0,
        name=rule_name(rule),
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


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule tried on the past, with the first lines that it would change."""

    trial: Trial
    examples: list[Example]


def rule_tried(rule: Rule, rules: Sequence[Rule]) -> Tried:
    """What a rule would do to the ledger, in its place among the household's `rules`.

    It is one of them, as stored or as it would be; or a new one, which comes after them. Three
    queries.
    """
    trial = rule_try(*in_its_place(rule, rules))
    return Tried(trial, examples_in_words(rule, trial.changes[:SHOWN]))


def in_its_place(rule: Rule, rules: Sequence[Rule]) -> tuple[Ruling, Rulebook]:
    """A rule as it is given, and the household's `rules` with it in its place."""
    ruling = ruling_of(rule)
    rulings = [
        ruling if each.pk == ruling.pk else each
        for each in map(ruling_of, rules)
        if each.says_something or each.pk == ruling.pk
    ]
    return ruling, Rulebook(rulings if rule.pk else [*rulings, ruling])


def rulebook_read() -> Rulebook:
    """The household's rules, ready to be asked. One query."""
    return Rulebook(rulings_read())


def rulings_read() -> list[Ruling]:
    """The rules in their order, without those that say nothing any more. One query."""
    rulings = [ruling_of(rule) for rule in rules_read()]
    return [each for each in rulings if each.says_something]
