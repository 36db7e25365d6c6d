"""The geometry of the gauges: pure functions from figures to coordinates.

Graduation is the site's one motif, so every ruler, dial and gauge is measured here, and
`templates/instruments/` only writes the marks down. Coordinates leave as text: a template would
write 12.5 as 12,5 in French, and two decimals are enough for any screen.

A ruler spans the width it is given, so its x are shares of a hundred. Marks are one path in
a `viewBox` of 100 units that is stretched; labels, which must not be, stand at percentages.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from math import cos, floor, log10, pi, sin

type Number = Decimal | float | int


def text(value: float) -> str:
    """A coordinate, short and the same in every language."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    return min(max(value, low), high)


def share_of(part: Number, whole: Number) -> float:
    """`part` over `whole` as a float for drawing; nothing of nothing is nothing."""
    return float(part / whole) if whole else 0.0  # type: ignore[operator]


# The dial


@dataclass(frozen=True, slots=True)
class Dial:
    """Three quarters of a circle in 41 marks, lit up to what is left, and a pointer there."""

    lit: str
    unlit: str
    pointer: str


DIAL_CENTRE = 120.0
DIAL_STEPS = 40
DIAL_START, DIAL_SWEEP = -135.0, 270.0


def dial(left: Number | None) -> Dial:
    """`left` is the share that is left, 0 to 1; None draws the dial without a measure."""
    level = None if left is None else clamp(float(left))
    marks = [
        (
            step / DIAL_STEPS,
            _ray(_dial_angle(step / DIAL_STEPS), 96, 117 if step % 10 == 0 else 112),
        )
        for step in range(DIAL_STEPS + 1)
    ]
    # Nothing left lights nothing, so the first mark waits for the first bit.
    lit = [mark for at, mark in marks if level and at <= level + 1e-9]
    return Dial(
        lit="".join(lit),
        unlit="".join(mark for _, mark in marks[len(lit) :]),
        pointer="" if level is None else _pointer(_dial_angle(level)),
    )


def _dial_angle(level: float) -> float:
    return DIAL_START + DIAL_SWEEP * level


def _point(angle: float, radius: float) -> str:
    """A point of the circle, with 0° at the top and clockwise."""
    turn = angle * pi / 180
    x, y = DIAL_CENTRE + radius * sin(turn), DIAL_CENTRE - radius * cos(turn)
    return f"{text(x)} {text(y)}"


def _ray(angle: float, inner: float, outer: float) -> str:
    return f"M{_point(angle, inner)}L{_point(angle, outer)}"


def _pointer(angle: float) -> str:
    return f"M{_point(angle, 92)}L{_point(angle + 6, 79)}L{_point(angle - 6, 79)}Z"


@dataclass(frozen=True, slots=True)
class Circle:
    lit: str
    unlit: str


@lru_cache(maxsize=1)
def gate_circle() -> Circle:
    """The great graduated circle behind the pages of the signed-out."""
    marks = [_ray(step * 2.25, 104, 111 if step % 10 == 0 else 107) for step in range(160)]
    return Circle(lit="".join(marks[:50]), unlit="".join(marks[50:]))


# Rulers


@dataclass(frozen=True, slots=True)
class Label:
    """A word on a ruler. `wide` ones are left out where the ruler is narrow."""

    x: str
    anchor: str
    value: int
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Bubble:
    """A rounded flag on a ruler, `x` percent along it; the line stands there, the flag slides."""

    x: str
    left: str
    width: str
    middle: str
    text: str


def vertical(xs: Sequence[float], top: float, bottom: float) -> str:
    return "".join(f"M{text(x)} {text(top)}V{text(bottom)}" for x in xs)


def round_step(span: float, most: int = 5) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that divides `span` into at most `most` parts."""
    if span <= 0:
        return 1.0
    power = 10.0 ** floor(log10(span / most))
    for factor in (1, 2, 2.5, 5, 10):
        if span / (factor * power) <= most + 1e-9:
            return factor * power
    raise AssertionError("ten times the power always fits")


# How wide the letters of the 12-pixel semi-bold are, near enough to draw a flag around them.
_NARROW, _WIDE = frozenset(" \u00a0.,'’:ijl1tf"), frozenset("mwMW€")


def text_width(words: str) -> float:
    return sum(3.6 if c in _NARROW else 9.5 if c in _WIDE else 7.2 for c in words)


# A flag near an end slides inwards over this share of the ruler, to stay inside.
_SLIDE = 0.12


def bubble(at: float, words: str) -> Bubble:
    """A flag with `words`, centred on its line save near the ends, where it stays in the frame."""
    width = text_width(words) + 18
    if at < _SLIDE:
        left = -width / 2 * at / _SLIDE
    elif at > 1 - _SLIDE:
        left = -width + width / 2 * (1 - at) / _SLIDE
    else:
        left = -width / 2
    return Bubble(text(at * 100), text(left), text(width), text(left + width / 2), words)


# Two labels, or a label and a flag, that stand nearer than this would touch: on a wide ruler
# of some 650 pixels, and on a phone's of 330.
_APART, _APART_NARROW = 0.095, 0.185


def _place(
    labels: Sequence[tuple[float, int]], flag: float | None, apart: float, narrow: float
) -> Iterator[Label]:
    """The labels that fit beside the flag and beside one another."""
    shown: list[tuple[float, int]] = []
    for at, value in labels:
        if flag is not None and abs(at - flag) < apart:
            continue
        # The last label, the end of the ruler, drives away the one before it.
        while shown and at >= 1 and at - shown[-1][0] < apart and len(shown) > 1:
            shown.pop()
        shown.append((at, value))
    for at, value in shown:
        crowded = flag is not None and abs(at - flag) < narrow
        anchor = "start" if at <= 0 else "end" if at >= 1 else "middle"
        yield Label(text(at * 100), anchor, value, wide=crowded)


@dataclass(frozen=True, slots=True)
class MonthRuler:
    """Money above, days below: is spending ahead of the month, or behind it?"""

    money_long: str
    money_short: str
    money_labels: tuple[Label, ...]
    day_long: str
    day_short: str
    day_labels: tuple[Label, ...]
    spent: str
    over_from: str
    over: str
    income_at: str
    gone: str
    spent_ratio: float
    gone_ratio: float
    money_flag: Bubble
    day_flag: Bubble


def days_gone(first: dt.date, last: dt.date, today: dt.date) -> float:
    """The share of the month that has gone, today included."""
    length = (last - first).days + 1
    return clamp(((today - first).days + 1) / length)


def month_ruler(
    *,
    spent: Number,
    income: Number,
    first: dt.date,
    last: dt.date,
    today: dt.date,
    money_words: str,
    day_words: str,
) -> MonthRuler:
    """The scale goes to the income, or to what was spent where that is more."""
    paid, base = max(float(spent), 0.0), max(float(income), 0.0)
    end = max(paid, base) or 1.0
    at = paid / end
    step = round_step(end)
    long = [i * step / end for i in range(floor(end / step + 1e-9) + 1)]
    fine = step / 5
    short = [i * fine / end for i in range(floor(end / fine + 1e-9) + 1) if i % 5]
    amounts = [(x, round(x * end)) for x in long]
    if amounts[-1][0] < 1 - 1e-9:
        amounts.append((1.0, round(end)))
    gone = days_gone(first, last, today)
    days = [first + dt.timedelta(days=i) for i in range((last - first).days + 1)]
    places = [(i + 1) / len(days) for i in range(len(days))]
    named = [
        (place, day.day)
        for place, day in zip(places, days, strict=True)
        if day in (first, last) or day.day in (1, 5, 10, 15, 20, 25)
    ]
    # 30 would touch 31; the first and the last of a month that starts on another day, likewise.
    named = [one for one, after in pairwise([*named, (9.0, 0)]) if after[0] - one[0] > 0.05]
    marked = {place for place, _ in named}
    return MonthRuler(
        money_long=vertical([x * 100 for x in long], 0, 12),
        money_short=vertical([x * 100 for x in short], 6, 12),
        money_labels=tuple(_place(amounts, at, _APART, _APART_NARROW)),
        day_long=vertical([x * 100 for x in places if x in marked], 0, 12),
        day_short=vertical([x * 100 for x in places if x not in marked], 0, 6),
        day_labels=tuple(_place(named, gone, 0.06, 0.115)),
        spent=text(min(at, base / end if base else 1.0) * 100),
        over_from=text(base / end * 100),
        over=text((paid - base) / end * 100) if base and paid > base else "",
        income_at=text(base / end * 100) if base and paid > base else "",
        gone=text(gone * 100),
        spent_ratio=paid / base if base else 0.0,
        gone_ratio=gone,
        money_flag=bubble(at, money_words),
        day_flag=bubble(gone, day_words),
    )


# Gauges


@dataclass(frozen=True, slots=True)
class LimitGauge:
    """A bar from 0 to 125 % of a limit, so that the 100 % marks of a list stand in one line."""

    spent: str
    over: str
    landing: str


LIMIT_END = 1.25
LIMIT_MARK = 100 / LIMIT_END  # where 100 % stands
CARE_MARK = 80 / LIMIT_END


def limit_gauge(spent: Number, limit: Number, landing: Number | None = None) -> LimitGauge:
    """`landing` is what will have been spent once the line being written is saved."""
    ratio = _limit_ratio(spent, limit)
    over = clamp(ratio, 1, LIMIT_END) - 1
    to_come = 0.0 if landing is None else clamp(_limit_ratio(landing, limit), 0, LIMIT_END)
    return LimitGauge(
        spent=text(clamp(ratio) * LIMIT_MARK),
        over=text(over * LIMIT_MARK) if over else "",
        landing=text(to_come * LIMIT_MARK) if to_come > ratio else "",
    )


def _limit_ratio(spent: Number, limit: Number) -> float:
    """Against a limit of nothing, anything at all is past the scale."""
    if float(limit) <= 0:
        return LIMIT_END if float(spent) > 0 else 0.0
    return max(share_of(spent, limit), 0.0)


@dataclass(frozen=True, slots=True)
class GoalGauge:
    saved: str
    long: str
    short: str
    labels: tuple[tuple[str, str, Decimal], ...]


_QUARTERS = vertical([0, 25, 50, 75, 100], 0, 7)
_TWENTIETHS = vertical([x for x in range(5, 100, 5) if x % 25], 0, 4)


def goal_gauge(saved: Number, target: Decimal) -> GoalGauge:
    """A ruler of twenty marks, quarters named by their amounts."""
    quarters = (
        ("0", "start"),
        ("25", "middle"),
        ("50", "middle"),
        ("75", "middle"),
        ("100", "end"),
    )
    return GoalGauge(
        saved=text(clamp(share_of(saved, target)) * 100),
        long=_QUARTERS,
        short=_TWENTIETHS,
        labels=tuple((x, anchor, target * int(x) / 100) for x, anchor in quarters),
    )


@dataclass(frozen=True, slots=True)
class Pip:
    x: str
    width: str
    kept: bool


def kept_pips(kept: int, total: int) -> tuple[Pip, ...]:
    """One pip for each limit, those kept first; too many for pips become two bars."""
    kept = min(max(kept, 0), total)
    if total <= 0:
        return ()
    if total <= 20:
        pitch = 100 / total
        width = text(pitch * 0.8 if total > 1 else 100)
        return tuple(Pip(text(i * pitch), width, i < kept) for i in range(total))
    edge = 100 * kept / total
    bars = (Pip("0", text(edge), True), Pip(text(edge), text(100 - edge), False))
    return tuple(bar for bar in bars if bar.width != "0")
