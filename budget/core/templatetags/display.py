"""How values are shown: money, days, shares, icons, and where in the site the reader is.

These are builtins of the template engine (see settings.TEMPLATES): no `{% load %}`.
"""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django import template
from django.conf import settings
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from budget.core.money import (
    MINUS,
    NARROW_NO_BREAK_SPACE,
    NO_BREAK_SPACE,
    active_currency,
    active_locale,
    money_format,
)

register = template.Library()

# Money


@register.filter
def money(amount: Decimal | int | None) -> str:
    """`1 234,56 €`; a negative amount has a true minus. Nothing for None."""
    return "" if amount is None else money_format(amount)


@register.filter
def signed_money(amount: Decimal | int | None) -> str:
    """`+2 500,00 €` or `−41,20 €`; zero has no sign."""
    return "" if amount is None else money_format(amount, signed=True)


@register.filter
def money_round(amount: Decimal | int | None) -> str:
    """`1 235 €`: rounded to the unit, for where cents are noise."""
    return "" if amount is None else money_format(amount, decimals=False)


@register.filter
def negative(amount: Decimal | int | None) -> Decimal | int | None:
    """The amount with its sign turned: `{{ expenses|negative|money }}`."""
    return None if amount is None else -amount


@register.simple_tag
def currency() -> str:
    """The ISO code of the active household's currency."""
    return active_currency()


@register.filter
def percent(ratio: Decimal | float | None) -> str:
    """`31 %` for 0.31. Just short of the whole is 99 %, a trace is `< 1 %`: 100 means reached."""
    if ratio is None:
        return ""
    share = Decimal(str(ratio))
    hundredths = int((share * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if hundredths == 100 and share < 1:
        hundredths = 99
    if hundredths == 0 and share > 0:
        return f"<{NO_BREAK_SPACE}{_percent(1, active_locale())}"
    return _percent(hundredths, active_locale())


@lru_cache(maxsize=512)
def _percent(hundredths: int, locale: Locale) -> str:
    text = format_percent(Decimal(hundredths) / 100, locale=locale)
    return text.replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE).replace("-", MINUS)


# Numbers


@register.filter
def grouped(number: int | None) -> str:
    """`45 000`: how many, where it may be many thousands."""
    if number is None:
        return ""
    text = format_decimal(number, locale=active_locale())
    return text.replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE)


# Days


def _written(value: dt.date, pattern: str, locale: Locale) -> str:
    """Babel's words, with the French first of the month as people say it."""
    if locale.language == "fr" and value.day == 1:
        pattern = re.sub(r"\bd\b", "d'er'", pattern)
    return format_date(value, pattern, locale=locale)


@lru_cache(maxsize=4096)
def _day(value: dt.date, this_year: int, locale: Locale) -> str:
    pattern = "EEE d MMM" if value.year == this_year else "EEE d MMM y"
    return _written(value, pattern, locale).replace(" ", NO_BREAK_SPACE)


@lru_cache(maxsize=4096)
def _full_day(value: dt.date, locale: Locale) -> str:
    return _written(value, "EEEE d MMMM y", locale)


def _date(value: dt.date) -> dt.date:
    """The local day of a moment; a day is one already."""
    return timezone.localtime(value).date() if isinstance(value, dt.datetime) else value


@register.filter
def day(value: dt.date | None) -> str:
    """`mar. 17 nov.`, with the year where it is not the present one."""
    if value is None:
        return ""
    return _day(_date(value), timezone.localdate().year, active_locale())


@register.filter
def full_day(value: dt.date | None) -> str:
    """`mardi 17 novembre 2026`."""
    return "" if value is None else _full_day(_date(value), active_locale())


@register.filter
def long_day(value: dt.date | None) -> str:
    """`17 novembre 2026`: where the weekday does not matter, and the year does."""
    return "" if value is None else _written(_date(value), "d MMMM y", active_locale())


@register.filter
def short_day(value: dt.date | None) -> str:
    """`17 nov.`: on an axis, or where the weekday does not matter."""
    if value is None:
        return ""
    return _written(_date(value), "d MMM", active_locale()).replace(" ", NO_BREAK_SPACE)


@register.filter
def month(value: dt.date | None) -> str:
    """`Novembre 2026`, as a title."""
    if value is None:
        return ""
    text = format_date(_date(value), "LLLL y", locale=active_locale())
    return text[:1].upper() + text[1:]


@register.simple_tag
def day_tag(value: dt.date) -> SafeString:
    """`<time>` showing the short day, with the full one as its title."""
    return _day_tag(_date(value), timezone.localdate().year, active_locale())


@lru_cache(maxsize=4096)
def _day_tag(value: dt.date, this_year: int, locale: Locale) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        _full_day(value, locale),
        _day(value, this_year, locale),
    )


# Icons

_FRAME = re.compile(r"</?svg[^>]*>")


@lru_cache(maxsize=256)
def _shapes(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise template.TemplateSyntaxError(f"no icon is called {name!r}")
    path = settings.NODE_MODULES / "bootstrap-icons" / "icons" / f"{name}.svg"
    try:
        svg = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise template.TemplateSyntaxError(f"bootstrap-icons has no {name!r}") from None
    return re.sub(r">\s+<", "><", _FRAME.sub("", svg).strip())


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """The shapes of a bootstrap-icon, inlined; `extra` is a class. Words stand beside it."""
    return format_html(
        '<svg class="bi{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>',
        f" {extra}" if extra else "",
        mark_safe(_shapes(name)),  # noqa: S308 a file of the package, by a checked name
    )


@register.simple_tag
@lru_cache(maxsize=64)
def use_icon(name: str, extra: str = "") -> SafeString:
    """The same by reference to a symbol that the frame defines: for what every row repeats."""
    return format_html(
        '<svg class="bi{}" aria-hidden="true"><use href="#i-{}"/></svg>',
        f" {extra}" if extra else "",
        name,
    )


@register.simple_tag
@lru_cache(maxsize=8)
def icon_symbols(*names: str) -> SafeString:
    """The symbols that `use_icon` refers to."""
    return mark_safe(  # noqa: S308 files of the package, by checked names
        "".join(
            f'<symbol id="i-{name}" viewBox="0 0 16 16">{_shapes(name)}</symbol>' for name in names
        )
    )


# Where the reader is


@register.filter
def household_address(household: Any) -> str:
    """The first page of any of one's households, the active one or not."""
    return f"/h/{household.slug}/"


# The first word of a page's URL name says in which place of the menu it is found.
PLACES = {
    "overview": "overview",
    "transaction": "transactions",
    "budget": "budget",
    "category": "categories",
    "goal": "goals",
    "wallet": "wallets",
    "bucket": "wallets",
    "person": "wallets",
    "reconciliation": "wallets",
    "archive": "archives",
    "import": "import",
    "rule": "import",
    "mapping": "import",
    "knownaccount": "import",
    "household": "settings",
    "membership": "settings",
    "invitation": "settings",
    "me": "me",
    "account": "me",
}


@register.simple_tag(takes_context=True)
def current_place(context: RequestContext) -> str:
    """The place of the menu that the page belongs to; a page may set `nav` itself."""
    if named := context.get("nav"):
        return str(named)
    return PLACES.get(current_subject(context), "")


@register.simple_tag(takes_context=True)
def current_subject(context: RequestContext) -> str:
    """What the page is about, as its URL name says: "wallet" for wallet_list and wallet_edit."""
    match = getattr(context.get("request"), "resolver_match", None)
    return (getattr(match, "url_name", None) or "").partition("_")[0]


@register.inclusion_tag("frame/place.html", takes_context=True)
def place(
    context: RequestContext, name: str, url_name: str, icon_name: str, label: str, level: int = 1
) -> dict[str, Any]:
    """One line of the menu, marked when it is where the reader is."""
    match = getattr(context.get("request"), "resolver_match", None)
    here = current_place(context) == name
    exact = here and getattr(match, "url_name", None) == url_name
    return {
        "current": "page" if exact else "true" if here else "",
        "url_name": url_name,
        "icon_name": icon_name,
        "label": label,
        "level": level,
    }
