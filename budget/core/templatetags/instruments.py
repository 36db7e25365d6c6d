"""The gauges as template tags: geometry from `core.instruments`, markup from templates.

These are builtins of the template engine (see settings.TEMPLATES): no `{% load %}`.
"""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from budget.core import instruments
from budget.core.money import money_format
from budget.core.templatetags.display import short_day

register = template.Library()

NEUTRAL = "#94a3b8"
_HEX = re.compile(r"#[0-9a-fA-F]{3,8}")


def _fill(colour: str | None) -> str:
    return colour if colour and _HEX.fullmatch(colour) else NEUTRAL


@register.simple_tag
@lru_cache(maxsize=512)
def dot(colour: str | None = None) -> SafeString:
    """A category's colour; a dashed circle where there is no category."""
    if not colour:
        return mark_safe(
            '<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">'
            '<circle class="dashed" cx="5" cy="5" r="4.25"/></svg>'
        )
    return format_html(
        '<svg class="dot" viewBox="0 0 10 10" aria-hidden="true">'
        '<circle cx="5" cy="5" r="5" fill="{}"/></svg>',
        _fill(colour),
    )


@register.inclusion_tag("instruments/dial.html")
def dial(left: Decimal, of: Decimal | None, note: str = "") -> dict[str, Any]:
    """What is left of the income, as a dial with its figures in the middle.

    `left` and `of` are amounts; without `of` the dial waits for a first income. `note` replaces
    “of 2,500 €” by words of the page.
    """
    ratio = left / of if of else None
    if not note:
        note = _("of %(amount)s") % {"amount": money_format(of, decimals=False)} if of else ""
    amount = money_format(abs(left))
    return {
        "dial": instruments.dial(ratio),
        "title": _("Left") if left >= 0 else _("Missing"),
        "amount": amount,
        "size": "long" if len(amount) > 9 else "",
        "short": left < 0,
        "ratio": ratio,
        "words": "" if ratio is None else left_in_words(ratio),
        "note": note or _("no income yet"),
    }


def left_in_words(ratio: Decimal) -> str:
    """The steps of 75, 50, 25 and 0 %, said."""
    if ratio < 0:
        return _("more than came in is spent")
    if ratio == 0:
        return _("nothing is left")
    if ratio < Decimal("0.25"):
        return _("less than a quarter")
    if ratio < Decimal("0.5"):
        return _("more than a quarter") if ratio > Decimal("0.25") else _("a quarter")
    if ratio < Decimal("0.75"):
        return _("more than half") if ratio > Decimal("0.5") else _("half")
    if ratio < 1:
        return _("more than three quarters") if ratio > Decimal("0.75") else _("three quarters")
    return _("all of it")


@register.inclusion_tag("instruments/month_ruler.html")
def month_ruler(
    spent: Decimal,
    of: Decimal | None,
    first: dt.date,
    last: dt.date,
    today: dt.date | None = None,
) -> dict[str, Any]:
    """Spending against the days gone: `of` is the income, `first` and `last` the month's ends."""
    return {
        "has_income": bool(of),
        "ruler": instruments.month_ruler(
            spent=spent,
            income=of or 0,
            first=first,
            last=last,
            today=today or timezone.localdate(),
            write_money=partial(money_format, decimals=False),
            write_day=short_day,
        ),
    }


@register.inclusion_tag("instruments/limit_gauge.html")
def limit_gauge(
    spent: Decimal, limit: Decimal, colour: str | None = None, landing: Decimal | None = None
) -> dict[str, Any]:
    """A category's spending against its limit, 0 to 125 %; the words stand beside it.

    `landing` previews in grey what will have been spent with the line being written.
    """
    return {"gauge": instruments.limit_gauge(spent, limit, landing), "fill": _fill(colour)}


@register.inclusion_tag("instruments/limit_scale.html")
def limit_scale() -> dict[str, Any]:
    """The figures under a list of limit gauges."""
    return {}


@register.inclusion_tag("instruments/goal_gauge.html")
def goal_gauge(
    saved: Decimal, target: Decimal, colour: str | None = None, labels: bool = True
) -> dict[str, Any]:
    """What is saved of a goal; `labels` names the quarters by their amounts."""
    gauge = instruments.goal_gauge(saved, target)
    return {"gauge": gauge, "fill": _fill(colour), "labels": labels}


@register.inclusion_tag("instruments/kept_pips.html")
def kept_pips(kept: int, total: int) -> dict[str, Any]:
    """One pip a limit: violet kept, amber not. The words stand beside it."""
    return {"pips": instruments.kept_pips(kept, total)}


@register.inclusion_tag("instruments/divided_bar.html")
def divided_bar(parts: Sequence[tuple[Decimal, str | None]]) -> dict[str, Any]:
    """A whole in parts: amounts with their colours, in order; None is drawn in the neutral one.

    What is 0 or less has no part. A table beside it says the same in figures.
    """
    drawn = instruments.divided_bar([amount for amount, _colour in parts])
    return {
        "parts": [
            (part, _fill(colour))
            for part, (_amount, colour) in zip(drawn, parts, strict=True)
            if part
        ]
    }


@register.inclusion_tag("instruments/fate_bar.html")
def fate_bar(parts: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """A whole in parts that differ in kind: numbers, each with the mark it is drawn in: "mark",
    "lamp", "tick" or "ink". Figures beside it say the same.
    """
    drawn = instruments.divided_bar([number for _mark, number in parts])
    return {"parts": [(part, mark) for part, (mark, _n) in zip(drawn, parts, strict=True) if part]}


@register.inclusion_tag("instruments/gate_circle.html")
def gate_circle() -> dict[str, Any]:
    """The great circle behind the pages of the signed-out."""
    return {"circle": instruments.gate_circle()}
