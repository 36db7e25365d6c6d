"""Amounts of money: reading what people type, writing what they read, sharing out to the cent.

Amounts are `Decimal` with two places. The currency they are shown in is the active household's;
a context variable keeps it, so that no template and no form has to pass it along.
"""

import re
from collections.abc import Sequence
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from babel.core import Locale
from babel.numbers import (
    format_currency,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)
from django.conf import settings
from django.utils.translation import get_language

CENT = Decimal("0.01")
UNIT = Decimal(1)
LARGEST = Decimal("999999999999.99")

MINUS = "\u2212"
NO_BREAK_SPACE = "\u00a0"
NARROW_NO_BREAK_SPACE = "\u202f"

DEFAULT_CURRENCY = "EUR"
_currency: ContextVar[str] = ContextVar("currency", default=DEFAULT_CURRENCY)


def active_currency() -> str:
    """The ISO code of the currency in which amounts are read and written now."""
    return _currency.get()


def set_active_currency(code: str | None) -> str:
    """Make `code` the active currency, None the default one; return the one before it."""
    before = _currency.get()
    _currency.set(code or DEFAULT_CURRENCY)
    return before


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def active_locale() -> Locale:
    """Babel's locale for the language of the reader."""
    return _locale(_language())


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


class _Layout(NamedTuple):
    """How one language writes one currency: what Babel knows, reduced to what a row needs.

    Babel takes some 30 µs an amount, most of it to find these again; a page has a hundred.
    """

    prefix: str
    suffix: str
    decimal: str
    separators: dict[int, str]
    places: int

    @property
    def symbol(self) -> str:
        return (self.prefix + self.suffix).strip()


@lru_cache(maxsize=64)
def _layout(language: str, currency: str) -> _Layout:
    locale = _locale(language)
    decimal = get_decimal_symbol(locale)
    # The typeface has no narrow no-break space, so groups are parted by the ordinary one.
    group = get_group_symbol(locale).replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE)
    sample = format_currency(0, currency, locale=locale, currency_digits=False)
    prefix, _, suffix = sample.partition(f"0{decimal}00")
    return _Layout(
        prefix=prefix.replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE),
        suffix=suffix.replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE),
        decimal=decimal,
        separators=str.maketrans({",": group, ".": decimal}),
        places=min(get_currency_precision(currency), 2),
    )


def money_round(amount: Decimal, to: Decimal | None = None) -> Decimal:
    """`amount` to the cent (or to the unit), half a cent away from zero: what a mean comes to.

    To the unit, too, where the active currency has no cents.
    """
    return amount.quantize(to or money_step(), rounding=ROUND_HALF_UP)


def money_format(
    amount: Decimal | int,
    *,
    currency: str | None = None,
    signed: bool = False,
    decimals: bool = True,
) -> str:
    """`1 234,56 €`, in the reader's language; `signed` writes the plus too.

    Without `decimals` the amount is rounded to the unit. A currency without cents is written
    without them, unless the amount has some: what is stored is never hidden.
    """
    layout = _layout(_language(), currency or active_currency())
    amount = Decimal(amount)
    places = 2 if decimals and (layout.places == 2 or amount % 1) else 0
    rounded = money_round(amount, CENT if places else UNIT)
    sign = MINUS if rounded < 0 else "+" if signed and rounded else ""
    digits = f"{abs(rounded):,}".translate(layout.separators)
    return f"{sign}{layout.prefix}{digits}{layout.suffix}"


def money_input(amount: Decimal | int) -> str:
    """`1234,56`: the amount as a form field shows it, with nothing in the way of editing it."""
    amount = Decimal(amount)
    if not amount % 1:
        return f"{amount:.0f}"
    return f"{amount:.2f}".replace(".", decimal_symbol())


def decimal_symbol() -> str:
    """What parts units from cents in the reader's language."""
    return _layout(_language(), active_currency()).decimal


def currency_symbol(currency: str | None = None) -> str:
    """`€`, or `$US` to a French reader."""
    return _layout(_language(), currency or active_currency()).symbol


def currency_leads() -> bool:
    """Whether the reader's language puts the symbol before the amount."""
    return bool(_layout(_language(), active_currency()).prefix)


def money_step() -> Decimal:
    """The smallest amount of the active currency that we keep: a cent, or 1 where it has none."""
    return CENT if _layout(_language(), active_currency()).places else UNIT


MoneyFault = Literal["empty", "invalid", "negative", "zero", "decimals", "whole", "large"]


class MoneyError(ValueError):
    """A text that is not an amount one can book, and why."""

    def __init__(self, kind: MoneyFault) -> None:
        super().__init__(kind)
        self.kind: MoneyFault = kind


_SPACES = str.maketrans(
    {" ": " ", NO_BREAK_SPACE: " ", NARROW_NO_BREAK_SPACE: " ", "\u2009": " ", "\t": " "}
)
_GROUPED = {
    # The group separator goes with the decimal separators that can follow it.
    " ": re.compile(r"[0-9]{1,3}( [0-9]{3})+([.,][0-9]*)?"),
    "'": re.compile(r"[0-9]{1,3}('[0-9]{3})+([.,][0-9]*)?"),
    ",": re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?"),
    ".": re.compile(r"[0-9]{1,3}(\.[0-9]{3})+(,[0-9]*)?"),
}
_PLAIN = re.compile(r"[0-9]+([.,][0-9]*)?|[.,][0-9]+")
_LONGEST = 40


def money_parse(text: str, *, zero: bool = False, signed: bool = False) -> Decimal:
    """The positive amount that `text` says: `45,90`, `45.90`, `1 234,56`, `1.234,56`, `1,234.56`.

    One separator alone is the decimal one: `1,234` is refused for its three decimals rather
    than guessed at, except where the currency has no cents, whose `12,50` is refused in turn.
    Raises `MoneyError`, whose `kind` says what is wrong; 0 passes with `zero`, and 0 and what is
    below it with `signed`.
    """
    text = _bare(text.translate(_SPACES).replace("\u2019", "'"))
    if not text:
        raise MoneyError("empty")
    negative = text[0] in "-" + MINUS
    if negative or text[0] == "+":
        text = _bare(text[1:])
    if len(text) > _LONGEST:
        raise MoneyError("large" if text.isascii() and text.isdigit() else "invalid")
    amount = Decimal(_normalise(text))
    if amount == 0 and not (zero or signed):
        raise MoneyError("zero")
    if amount and negative and not signed:
        raise MoneyError("negative")
    if amount > LARGEST:
        raise MoneyError("large")
    if amount % money_step():
        raise MoneyError("whole")
    return (-amount if amount and negative else amount).quantize(CENT)


def _bare(text: str) -> str:
    """`text` without the currency's name beside it."""
    text = text.strip()
    for name in (currency_symbol(), active_currency()):
        text = text.removesuffix(name).removeprefix(name).strip()
    return text


def _normalise(text: str) -> str:
    """`1 234,5` as `1234.5`; more than two decimals, or no number at all, raise."""
    grouped = next((sign for sign, shape in _GROUPED.items() if shape.fullmatch(text)), None)
    if _PLAIN.fullmatch(text) and not (grouped and money_step() == UNIT):
        plain = text.replace(",", ".")
    elif grouped:
        # `1,234` has one separator, which is the decimal one wherever there are cents.
        plain = text.replace(grouped, "").replace(",", ".")
    else:
        raise MoneyError("invalid")
    _, _, decimals = plain.partition(".")
    if len(decimals) > 2:
        raise MoneyError("decimals")
    return plain


def split_by_share(total: Decimal, shares: Sequence[Decimal | int]) -> list[Decimal]:
    """`total` in parts proportional to `shares`, to the cent, adding up to it exactly.

    Largest remainder: each part is rounded down, and the cents that are then left go to the
    parts that lost most, the earlier first. In a currency without cents the parts are whole, as
    the total is.
    """
    step = CENT if total % money_step() else money_step()
    cents = total / step
    if cents != cents.to_integral_value():
        raise ValueError("the total has more than two decimals")
    weights = [Fraction(share) for share in shares]
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("shares are not negative, and one at least is not zero")
    exact = [abs(int(cents)) * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    left = abs(int(cents)) - sum(parts)
    by_loss = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_loss[:left]:
        parts[i] += 1
    return [(step * part).quantize(CENT).copy_sign(total) for part in parts]
