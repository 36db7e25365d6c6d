"""The geometry of the gauges: pure functions from figures to coordinates.

Graduation is the site's one motif, so every ruler, dial and gauge is measured here, and
`templates/instruments/` only writes the marks down. Coordinates leave as text: a template would
write 12.5 as 12,5 in French, and two decimals are enough for any screen.

A ruler spans the width it is given, so its x are shares of a hundred. Marks are one path in
a `viewBox` of 100 units that is stretched; labels, which must not be, stand at percentages.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
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
    return f"M{_point(angle, 92)}L{_point(angle + 4.5, 82)}L{_point(angle - 4.5, 82)}Z"


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
    text: str
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


# How wide the letters of the 12-pixel semi-bold are, near enough to keep words apart.
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


# The two widths, in pixels, for which labels are chosen: in a panel beside the dial, on a phone.
_BROAD, _PHONE = 600, 290
_GAP = 7

_ANCHOR_SHIFT = {"start": 0.0, "middle": 0.5, "end": 1.0}


def _anchor(at: float) -> str:
    return "start" if at <= 0 else "end" if at >= 1 else "middle"


def fitting(marks: Sequence[tuple[float, str]], flag: Bubble, ruler: float) -> set[int]:
    """Which labels have room on a ruler of so many pixels: beside the flag and one another.

    The ends come first, since they say what the ruler measures.
    """
    start = float(flag.x) / 100 * ruler + float(flag.left)
    taken = [(start, start + float(flag.width))]
    ends = [0, len(marks) - 1]
    fit = set()
    for index in [*ends, *range(1, len(marks) - 1)]:
        at, words = marks[index]
        width = text_width(words)
        left = at * ruler - width * _ANCHOR_SHIFT[_anchor(at)]
        if all(left > end + _GAP or left + width < begin - _GAP for begin, end in taken):
            taken.append((left, left + width))
            fit.add(index)
    return fit


def labels(marks: Sequence[tuple[float, str]], flag: Bubble) -> tuple[Label, ...]:
    """The labels for `marks`, without those that would touch, and knowing which a phone omits."""
    shown = fitting(marks, flag, _BROAD)
    on_phone = fitting(marks, flag, _PHONE)
    return tuple(
        Label(text(at * 100), _anchor(at), words, wide=index not in on_phone)
        for index, (at, words) in enumerate(marks)
        if index in shown
    )


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
    write_money: Callable[[int], str],
    write_day: Callable[[dt.date], str],
) -> MonthRuler:
    """The scale goes to the income, or to what was spent where that is more.

    `write_money` and `write_day` put an amount and a day in the reader's words.
    """
    paid, base = max(float(spent), 0.0), max(float(income), 0.0)
    end = max(paid, base)
    at = paid / end if end else 0.0
    gone = days_gone(first, last, today)
    money_flag = bubble(at, write_money(round(paid)))
    day_flag = bubble(gone, write_day(min(max(today, first), last)))
    amounts, fine = _amounts(end)
    days = _days(first, last)
    named = {place for place, _ in days}
    length = (last - first).days + 1
    every_day = [(index + 1) / length for index in range(length)]
    written = [(x, write_money(amount) if amount else "0") for x, amount in amounts]
    if end >= 1 and written[-1][0] < 1:
        written.append((1.0, write_money(round(end))))
    over = base and paid > base
    return MonthRuler(
        money_long=vertical([x * 100 for x, _ in amounts], 0, 12),
        money_short=vertical([x * 100 for x in fine], 6, 12),
        money_labels=labels(written, money_flag),
        day_long=vertical([x * 100 for x in every_day if x in named], 0, 12),
        day_short=vertical([x * 100 for x in every_day if x not in named], 0, 6),
        day_labels=labels([(x, str(day)) for x, day in days], day_flag),
        spent=text((base / end if over else at) * 100),
        over_from=text(base / end * 100) if over else "",
        over=text((paid - base) / end * 100) if over else "",
        gone=text(gone * 100),
        spent_ratio=paid / base if base else 0.0,
        gone_ratio=gone,
        money_flag=money_flag,
        day_flag=day_flag,
    )


def _amounts(end: float) -> tuple[list[tuple[float, int]], list[float]]:
    """Round amounts along the ruler, and the finer marks between them; cents have none."""
    if end < 1:
        return [(0.0, 0)], []
    step = max(round_step(end), 1.0)
    count = floor(end / step + 1e-9)
    long = [(index * step / end, round(index * step)) for index in range(count + 1)]
    finer = step / 5
    short = [i * finer / end for i in range(floor(end / finer + 1e-9) + 1) if i % 5]
    return long, short


def _days(first: dt.date, last: dt.date) -> list[tuple[float, int]]:
    """The days with a name on the ruler: its ends and the fives, each where that day is over."""
    length = (last - first).days + 1
    days = [first + dt.timedelta(days=index) for index in range(length)]
    return [
        ((index + 1) / length, day.day)
        for index, day in enumerate(days)
        if day in (first, last) or day.day in (1, 5, 10, 15, 20, 25)
    ]


# Gauges


@dataclass(frozen=True, slots=True)
class LimitGauge:
    """A bar from 0 to 125 % of a limit, so that the 100 % marks of a list stand in one line."""

    spent: str
    over: str
    landing: str


LIMIT_END = 1.25
LIMIT_MARK = 100 / LIMIT_END  # where 100 % stands


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
    cents: bool  # whether the labels need them


# Below, quarters rounded to the unit would be wrong; from the other on, five do not fit a phone.
_NEEDS_CENTS, _CROWDED = 20, 100_000_000
_QUARTERS = vertical([0, 25, 50, 75, 100], 0, 7)
_TWENTIETHS = vertical([x for x in range(5, 100, 5) if x % 25], 0, 4)


def goal_gauge(saved: Number, target: Decimal) -> GoalGauge:
    """A ruler of twenty marks, quarters named by their amounts."""
    quarters: tuple[tuple[str, str], ...] = (
        ("0", "start"),
        ("25", "middle"),
        ("50", "middle"),
        ("75", "middle"),
        ("100", "end"),
    )
    if target >= _CROWDED:
        quarters = (quarters[0], quarters[-1])
    return GoalGauge(
        saved=text(clamp(share_of(saved, target)) * 100),
        long=_QUARTERS,
        short=_TWENTIETHS,
        labels=tuple((x, anchor, target * int(x) / 100) for x, anchor in quarters),
        cents=target < _NEEDS_CENTS,
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


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar that is divided among several: where it begins, and how long it is."""

    x: str
    width: str


#: A part that is there is seen: none is drawn shorter than this share of the bar.
SHORTEST_PART = 0.008


def divided_bar(amounts: Sequence[Number]) -> tuple[Part | None, ...]:
    """Each amount's part of a bar of 100, in order; None for one that is not above 0."""
    there = [float(amount) for amount in amounts if amount > 0]
    least = sum(there) * SHORTEST_PART
    whole = sum(max(amount, least) for amount in there)
    parts: list[Part | None] = []
    x = 0.0
    for amount in amounts:
        width = 100 * max(float(amount), least) / whole if amount > 0 else 0.0
        parts.append(Part(text(x), text(width)) if width else None)
        x += width
    return tuple(parts)
