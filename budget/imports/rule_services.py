"""Writes of rules: what they say, and their order.

What a rule names and is closed or removed between form and write is no harm: rules are read
without it (rule_selectors.ruling_of).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core import signing
from django.db import IntegrityError
from django.utils.translation import gettext

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile, Refused, guarded, row_to_change
from budget.core.tenancy import active_household
from budget.imports.drafting import Drafter
from budget.imports.learning_selectors import learned_read
from budget.imports.models import Import, ImportState, Rule
from budget.imports.past import Applied, past_change
from budget.imports.redrafting import waiting_redraft
from budget.imports.rule_selectors import in_its_place, rulebook_read, rules_read
from budget.imports.rules import Rulebook
from budget.people.models import Person
from budget.transactions.services import undo_read
from budget.users.services import household_lock
from budget.wallets.models import Wallet

#: More rules than anybody keeps in order; as many fit in the memory that matching has.
MOST_RULES = 1000
_SALT = "imports.rule_undo"
_PLAIN = ("matching", "text", "rename")
_AMOUNTS = ("amount_min", "amount_max")
_REFERENCES: dict[str, Any] = {
    "wallet": Wallet,
    "category": Category,
    "bucket": Bucket,
    "person": Person,
    "transfer_to": Wallet,
}


class Terms(TypedDict):
    """What a rule asks for and what it gives. Amounts are positive; None and "" say nothing."""

    matching: str
    text: str
    amount_min: Decimal | None
    amount_max: Decimal | None
    wallet: Wallet | None
    category: Category | None
    bucket: Bucket | None
    person: Person | None
    rename: str
    transfer_to: Wallet | None


class TooManyRules(Refused):
    def __init__(self) -> None:
        super().__init__(
            gettext("There are %(number)d rules: delete one that you no longer need first.")
            % {"number": MOST_RULES}
        )


class WalletGone(Refused):
    """A deleted rule would come back without the wallet that it asks for or transfers to."""

    def __init__(self) -> None:
        super().__init__(
            gettext("The wallet of this rule has been deleted since, so it cannot come back.")
        )


@dataclass(frozen=True, slots=True)
class Saved:
    """A rule, how many lines of waiting files it changed, and what it changed of the past."""

    rule: Rule
    waiting: int = 0
    past: Applied | None = None


def rule_create(
    *, submission: uuid.UUID | None = None, past: bool = False, **terms: Unpack[Terms]
) -> Saved:
    """Add a rule after the others, and apply it to the files that wait; with `past` to the ledger.

    `submission` is the form's own key: sent twice, the first rule is returned. Raises
    GoneMeanwhile where what it names has just been deleted, TooManyRules, and what `past_change`
    does.
    """
    rule = Rule(submission=submission, **terms)
    try:
        with guarded():
            household_lock(active_household())
            if Rule.objects.count() >= MOST_RULES:
                raise TooManyRules
            before = rulebook_read()
            rule.position = Rule.objects.next_position()
            rule.save()
            return _spread(rule, before, past=past)
    except IntegrityError:
        first = submission and Rule.objects.filter(submission=submission).first()
        if not first:
            raise
        return Saved(first)


def rule_update(
    *, rule: Rule, version: int | None, past: bool = False, **terms: Unpack[Terms]
) -> Saved:
    """Change a rule that still has the `version` its form was opened with; as `rule_create`.

    Raises ChangedMeanwhile (with the rule as it stands now, or None where it is gone) as well.
    """
    with guarded():
        household_lock(active_household())
        before = rulebook_read()
        current = row_to_change(Rule.objects.filter(pk=rule.pk), version)
        for name, said in terms.items():
            setattr(current, name, said)
        current.save()
        return _spread(current, before, past=past)


def _spread(rule: Rule, before: Rulebook, *, past: bool) -> Saved:
    """Apply a rule that was just saved to what waits, and to the past."""
    ruling, after = in_its_place(rule, rules_read())
    waiting = 0
    if Import.objects.filter(state=ImportState.READY).exists():
        learned = learned_read()
        waiting = waiting_redraft(ruling, Drafter(before, learned), Drafter(after, learned))
    return Saved(rule, waiting, past_change(ruling, after) if past else None)


def rule_apply(*, rule: Rule) -> Applied:
    """Change the lines of the ledger that a rule decides. Raises what `past_change` does."""
    with guarded():
        household_lock(active_household())
        return past_change(*in_its_place(rule, rules_read()))


def rule_move(*, rule: Rule, up: bool) -> bool:
    """Swap a rule with the one before it, or after it; False at the end of the list.

    Raises GoneMeanwhile where it was deleted.
    """
    household_lock(active_household())
    keys = list(Rule.objects.values_list("pk", flat=True))
    if rule.pk not in keys:
        raise GoneMeanwhile
    place = keys.index(rule.pk)
    to = place + (-1 if up else 1)
    if not 0 <= to < len(keys):
        return False
    keys[place], keys[to] = keys[to], keys[place]
    Rule.objects.put_in_order(keys)
    return True


def rule_delete(*, rule: Rule) -> str:
    """Delete a rule, and return the token with which `rule_restore` brings it back."""
    token = signing.dumps(
        {
            "household": rule.household_id,
            "id": rule.pk,
            "position": rule.position,
            "version": rule.version,
            **{name: getattr(rule, name) for name in _PLAIN},
            **{name: _text(getattr(rule, name)) for name in _AMOUNTS},
            **{name: getattr(rule, f"{name}_id") for name in _REFERENCES},
        },
        salt=_SALT,
        compress=True,
    )
    Rule.objects.filter(pk=rule.pk).delete()
    return token


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def rule_restore(*, token: str) -> Rule:
    """Bring a deleted rule back to its place, with the id it had. Doing so twice changes nothing.

    What it named and is gone is left out. Raises Refused where the token is too old, was tampered
    with or is another household's, and WalletGone where a wallet it needs is.
    """
    data = undo_read(token, salt=_SALT)
    with guarded():
        household_lock(active_household())
        existing = Rule.objects.filter(pk=data["id"]).first()
        if existing is not None:
            return existing
        named = {
            name: model.objects.filter(pk=data[name]).first() if data[name] else None
            for name, model in _REFERENCES.items()
        }
        if any(data[name] and not named[name] for name in ("wallet", "transfer_to")):
            raise WalletGone
        amounts = {name: Decimal(data[name]) if data[name] else None for name in _AMOUNTS}
        rule = Rule(
            pk=data["id"],
            household=active_household(),
            position=data["position"],
            version=data["version"] + 1,
            **{name: data[name] for name in _PLAIN},
            **amounts,
            **named,
        )
        rule.save(force_insert=True)
    return rule
