"""Rules, and what they change, in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.lists import format_list
from django.utils.translation import gettext as _

from budget.categories.models import Category
from budget.core.money import active_locale, money_format
from budget.imports.models import Matching, Rule
from budget.imports.past import Change
from budget.transactions.models import Kind
from budget.transactions.names import Named, Names


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


def examples_in_words(
    changes: Iterable[Change], names: Names, categories: Mapping[int, Category]
) -> list[Example]:
    """The lines as they are, each with what would be different in it."""
    return [
        Example(
            day=each.line.date,
            title=each.line.description or str(Kind(each.line.kind).label),
            amount=each.line.amount * Kind(each.line.kind).sign,
            differences=list(_differences(each, names, categories)),
        )
        for each in changes
    ]


def _differences(
    change: Change, names: Names, categories: Mapping[int, Category]
) -> Iterable[Difference]:
    before, after = change.before, change.after
    if "description" in after:
        yield Difference(_("Description"), before["description"], after["description"])
    if "kind" in after:
        source = after.get("wallet_id", change.line.wallet_id)
        ends = [_name(names.wallets, pk) for pk in (source, after["to_wallet_id"])]
        yield Difference(_("Transfer"), "", " → ".join(ends))
        return
    tables: list[tuple[str, str, Mapping[int, Any]]] = [
        (_("Category"), "category_id", categories),
        (_("Envelope"), "bucket_id", names.buckets),
        (_("Person"), "person_id", names.people),
    ]
    for what, column, table in tables:
        if column in after:
            yield Difference(what, _name(table, before[column]), _name(table, after[column]))


def _name(table: Mapping[int, Named | Category], pk: int | None) -> str:
    found = table.get(pk or 0)
    return found.name if found else ""
