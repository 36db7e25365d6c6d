"""Rules, and what they change, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.lists import format_list
from django.utils.translation import gettext as _

from budget.core.money import active_locale, money_format
from budget.imports.models import Matching, Rule
from budget.imports.past import Change
from budget.transactions.models import Kind


def rule_name(rule: Rule) -> str:
    """What a rule is called where there is no room for a sentence: its text, else what it asks."""
    return rule.text or _listed(_conditions(rule))


def conditions_in_words(rule: Rule) -> str:
    """`If the label contains “CARREFOUR” and the amount is at least €10.00`."""
    return _("If %(conditions)s") % {"conditions": _listed(_conditions(rule))}


def _listed(parts: Iterable[str]) -> str:
    return format_list(list(parts), locale=active_locale())


def _conditions(rule: Rule) -> list[str]:
    texts = {
        Matching.CONTAINS: _("the label contains “%(text)s”"),
        Matching.STARTS: _("the label starts with “%(text)s”"),
        Matching.REGEX: _("the label matches the pattern “%(text)s”"),
    }
    said = []
    if rule.text:
        said.append(texts[Matching(rule.matching)] % {"text": rule.text})
    if amount := _amount_in_words(rule.amount_min, rule.amount_max):
        said.append(amount)
    if rule.wallet:
        said.append(_("the wallet is %(name)s") % {"name": rule.wallet.name})
    return said


def _amount_in_words(least: Decimal | None, most: Decimal | None) -> str:
    words = {
        "least": "" if least is None else money_format(least),
        "most": "" if most is None else money_format(most),
    }
    if least is None and most is None:
        return ""
    if most is None:
        return _("the amount is at least %(least)s") % words
    if least is None:
        return _("the amount is at most %(most)s") % words
    if least == most:
        return _("the amount is %(least)s") % words
    return _("the amount is from %(least)s to %(most)s") % words


def outcomes_in_words(rule: Rule) -> list[str]:
    """What becomes of a line, category aside, and whether that is possible still."""
    category, bucket, person, other = rule.category, rule.bucket, rule.person, rule.transfer_to
    said = []
    if category and category.retired_at:
        said.append(_("%(name)s (deleted)") % {"name": category.name})
    if rule.rename:
        said.append(_("rename to “%(name)s”") % {"name": rule.rename})
    if bucket:
        text = _("envelope %(name)s") if bucket.is_open else _("envelope %(name)s (closed)")
        said.append(text % {"name": bucket.name})
    if person:
        text = _("with %(name)s (removed)") if person.removed_at else _("with %(name)s")
        said.append(text % {"name": person.name})
    if other:
        text = (
            _("transfer with %(name)s") if other.is_open else _("transfer with %(name)s (closed)")
        )
        said.append(text % {"name": other.name})
    return said


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes in a line, in words; `before` may be nothing."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Example:
    """A line that would change. `amount` is signed."""

    day: dt.date
    title: str
    amount: Decimal
    differences: list[Difference]


def examples_in_words(rule: Rule, changes: Iterable[Change]) -> list[Example]:
    """The lines as they are, each with what the rule would make different in it."""
    return [
        Example(
            day=each.line.date,
            title=each.line.description or str(Kind(each.line.kind).label),
            amount=each.line.amount * Kind(each.line.kind).sign,
            differences=list(_differences(rule, each)),
        )
        for each in changes
    ]


def _differences(rule: Rule, change: Change) -> Iterable[Difference]:
    line, after = change.line, change.after
    if "description" in after:
        yield Difference(_("Description"), line.description, rule.rename)
    if "kind" in after and rule.transfer_to:
        ends = [line.wallet, rule.transfer_to.name]
        yield Difference(
            _("Transfer"), "", " → ".join(reversed(ends) if "wallet_id" in after else ends)
        )
        return
    if "category_id" in after and rule.category:
        yield Difference(_("Category"), line.category or "", rule.category.name)
    if "bucket_id" in after and rule.bucket:
        yield Difference(_("Envelope"), line.bucket or "", rule.bucket.name)
    if "person_id" in after and rule.person:
        before = " ".join(filter(None, [line.first_name, line.last_name]))
        yield Difference(_("Person"), before, rule.person.name)
