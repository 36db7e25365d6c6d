"""A category for a line by what the household chose before, how sure that is, and why.

Every name is looked at by what it shares with the past: itself with the same amount, itself with
amounts like it, itself, its first words, each of its words. From the widest to the narrowest, each
knows better than the one before, the more of the past it has: what was chosen there is mixed with
what the wider ones expect (Dirichlet smoothing). A word counts by the different names that it
stands in, not by their lines: "pharmacie" in five shops says more than in one that is seen weekly.

The figures below were fitted on two households of `tests/imports/labelled.py`, by how well the
confidence foretells being right, and hold for the three others and for other seeds. Nothing is kept
and nothing leaves the machine.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from budget.core.folding import fold
from budget.imports.cleaning import clean
from budget.imports.label_words import listed

#: From this confidence on a suggestion is called sure.
SURE = 90
#: From this confidence on it is filled in by itself; below, the line waits to be checked.
FILLED = 60
#: After how many days a choice weighs half.
HALF_LIFE = 365


class Choice(NamedTuple):
    """The category that the household chose for lines of one description."""

    description: str
    incoming: bool
    category: int
    cents: Sequence[int]  # each line's amount, without its sign
    weight: float  # as how many lines of today these count: see HALF_LIFE


class Amounts(StrEnum):
    """Which of the lines with the word a suggestion rests on."""

    ANY = "any"
    LIKE = "like"  # those of about the same amount
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, how sure it is (0 to 100), and why: `right` of `of` lines with the word."""

    category: int
    confidence: int
    word: str
    right: int
    of: int
    amounts: Amounts = Amounts.ANY


def reason(*, word: str, right: int, of: int, amounts: str = Amounts.ANY) -> str:
    """Why a category is suggested, to stand beside its name: "12 of 13 “CARREFOUR”"."""
    match amounts:
        case Amounts.SAME:
            text = _("%(right)d of %(of)d “%(word)s” of this amount")
        case Amounts.LIKE:
            text = _("%(right)d of %(of)d “%(word)s” of about this amount")
        case _:
            text = _("%(right)d of %(of)d “%(word)s”")
    return text % {"right": right, "of": of, "word": word}


Words = tuple[str, ...]
Chances = dict[int, float]  # by category

_WORD = re.compile(r"[^\W_]+")
#: Said of any transfer, and small words: they tell nothing of what for.
_EMPTY = listed(
    """
    virement overschrijving uberweisung gutschrift dauerauftrag payment from to standing order
    received money de du des la le les et en au aux sur pour chez par van het een der die das und
    the of and at
    """
)

#: As how many lines what is expected of something wider counts beside what was chosen there: of a
#: name by its words, of amounts like it by the name, of one amount by those like it; and as how
#: many names, of first words by the single ones, and of a word by all names.
WIDER_THAN_NAME = 0.3
WIDER_THAN_LIKE = 2.0
WIDER_THAN_SAME = 0.3
WIDER_THAN_FIRST_WORDS = 1.0
WIDER_THAN_WORD = 0.4
#: What two names share is chance while few are known, and so is it what one was once.
FEW_NAMES = 25
#: How likely it is that a line belongs to none of the categories that its words speak for.
NONE_OF_THEM = 0.05
#: What lines the other way say: a refund is mostly of the category of what was bought.
OTHER_WAY = 0.5
#: Amounts are alike within this many steps of their natural logarithm.
STEP, STEPS = 0.18, 2
#: How many descriptions are remembered with their suggestions.
REMEMBERED = 50_000


class _Tally:
    """What was chosen where a word, or some first words, stand."""

    __slots__ = ("lines", "names")

    def __init__(self) -> None:
        self.names: Chances = defaultdict(float)  # each name counts 1, divided by its choices
        self.lines: dict[int, int] = defaultdict(int)


class _Past:
    """What was chosen for the lines of one name that came in, or that went out."""

    __slots__ = ("_by_cents", "_by_step", "choices", "lines", "weights")

    def __init__(self) -> None:
        self.choices: list[Choice] = []
        self.lines: dict[int, int] = defaultdict(int)
        self.weights: Chances = defaultdict(float)  # lines, the old ones less
        # By amount, where these tell categories apart: each line's category and weight.
        self._by_cents: dict[int, list[tuple[int, float]]] = {}
        self._by_step: dict[int, list[tuple[int, float]]] = {}

    def count(self) -> None:
        """Count the choices; by amounts as well where more than a slip was in another category."""
        for choice in self.choices:
            self.lines[choice.category] += len(choice.cents)
            self.weights[choice.category] += choice.weight
        if len(self.lines) < 2 or sorted(self.lines.values())[-2] < 2:
            return
        for choice in self.choices:
            line = (choice.category, choice.weight / len(choice.cents))
            for cents in choice.cents:
                self._by_cents.setdefault(cents, []).append(line)
                self._by_step.setdefault(_step(cents), []).append(line)

    @property
    def depends_on_amount(self) -> bool:
        return bool(self._by_cents)

    def same(self, cents: int) -> tuple[dict[int, int], Chances]:
        """Lines and weights of exactly this amount, where it was there more than once."""
        lines, weights = _summed((line, 1.0) for line in self._by_cents.get(cents, ()))
        return (lines, weights) if sum(lines.values()) > 1 else ({}, {})

    def like(self, cents: int) -> tuple[dict[int, int], Chances]:
        """Lines and weights of about this amount; what is further off weighs less."""
        here = _step(cents)
        return _summed(
            (line, 1 - abs(away) / (STEPS + 1))
            for away in range(-STEPS, STEPS + 1)
            for line in self._by_step.get(here + away, ())
        )


def _summed(
    shares: Iterable[tuple[tuple[int, float], float]],
) -> tuple[dict[int, int], Chances]:
    lines: dict[int, int] = defaultdict(int)
    weights: Chances = defaultdict(float)
    for (category, weight), share in shares:
        lines[category] += 1
        weights[category] += weight * share
    return lines, weights


def _step(cents: int) -> int:
    return round(math.log(cents or 1) / STEP)


class _Way:
    """The past of the lines that came in, or of those that went out."""

    def __init__(self) -> None:
        self.names: dict[Words, _Past] = defaultdict(_Past)
        self.words: dict[str, _Tally] = defaultdict(_Tally)
        self.first_words: dict[Words, _Tally] = defaultdict(_Tally)
        self.chances: Chances = {}

    def tally(self) -> None:
        """Count what was chosen for the names, and what they have in common."""
        chances: Chances = defaultdict(float)
        for words, past in self.names.items():
            past.count()
            total = sum(past.weights.values())
            tallies = [self.words[word] for word in {*words} - _EMPTY]
            tallies += [self.first_words[first] for first in _beginnings(words)]
            for category, weight in past.weights.items():
                share = weight / total
                chances[category] += share
                for tally in tallies:
                    tally.names[category] += share
                    tally.lines[category] += past.lines[category]
        names = len(self.names) + 1
        self.chances = {category: share / names for category, share in chances.items()}

    @property
    def doubt(self) -> float:
        """How many times more the wider counts, because little was seen: 2 of FEW_NAMES names."""
        return 1 + FEW_NAMES / len(self.names)

    def by_words(self, words: Words) -> Chances | None:
        """What the words speak for, each by itself; None where none was ever seen."""
        known = [self.words[word] for word in dict.fromkeys(words) if word in self.words]
        if not known:
            return None
        logs = {category: math.log(chance) for category, chance in self.chances.items()}
        wider = WIDER_THAN_WORD * self.doubt
        for tally in known:
            for category, chance in _mixed(self.chances, tally.names, wider).items():
                logs[category] += math.log(chance / self.chances[category])
        chances = {category: math.exp(log) for category, log in logs.items()}
        total = sum(chances.values()) + NONE_OF_THEM
        chances = {category: chance / total for category, chance in chances.items()}
        for first in _beginnings(words):
            if first in self.first_words:
                names = self.first_words[first].names
                chances = _mixed(chances, names, WIDER_THAN_FIRST_WORDS)
        return chances

    def why(self, words: Words, category: int) -> tuple[str, dict[int, int]]:
        """The first words, else the word, that speak most for the category, and their lines."""
        for first in reversed(_beginnings(words)):
            tally = self.first_words.get(first)
            if tally is not None and tally.lines.get(category):
                return " ".join(first).upper(), tally.lines
        best = max(
            (word for word in words if word in self.words),
            key=lambda word: _mixed(self.chances, self.words[word].names, 1.0)[category],
            default="",
        )
        return best.upper(), self.words[best].lines if best else {}


def _beginnings(words: Words) -> list[Words]:
    """The first two words, the first three…, less than all, where they end with a telling one."""
    return [words[:length] for length in range(2, len(words)) if words[length - 1] not in _EMPTY]


def _mixed(wider: Chances, seen: Mapping[int, float], weight: float) -> Chances:
    """The wider's chances and what was seen, where the wider counts as `weight` lines."""
    total = sum(seen.values())
    if not total:
        return wider
    return {
        category: (seen.get(category, 0.0) + weight * wider.get(category, 0.0)) / (total + weight)
        for category in {**wider, **seen}
    }


class _Name:
    """What is known of one description, and of its amounts where they matter."""

    __slots__ = ("by_amount", "chances", "past", "shown", "suggestion")

    def __init__(
        self, shown: str, chances: Chances, past: _Past | None, suggestion: Suggestion | None
    ) -> None:
        self.shown = shown
        self.chances = chances
        self.past = past  # None where the amount tells nothing
        self.suggestion = suggestion  # whatever the amount
        self.by_amount: dict[tuple[int, int], Suggestion] = {}


class Learned:
    """What the household's choices taught."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        self._ways = (_Way(), _Way())  # out, in
        self._known: dict[tuple[str, bool], _Name] = {}
        names: dict[str, Words] = {}
        for choice in choices:
            if (words := names.get(choice.description)) is None:
                words = names[choice.description] = _words(choice.description)[1]
            self._ways[choice.incoming].names[words].choices.append(choice)
        for way in self._ways:
            way.tally()

    def suggest(self, description: str, amount: Decimal) -> Suggestion | None:
        """The likeliest category of a line; None where nothing like it was ever seen.

        `description`: as the bank wrote it, or cleaned already, which is faster where many lines
        have the same. `amount`: signed, in euros.
        """
        incoming = amount > 0
        name = self._known.get((description, incoming))
        if name is None:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            name = self._known[description, incoming] = self._name(description, incoming)
        if name.past is None:
            return name.suggestion
        cents = _cents(amount)
        # Amounts that were there often have each their own answer, all others one for each step.
        key = (cents, 0) if name.past.same(cents)[0] else (0, _step(cents))
        if (suggestion := name.by_amount.get(key)) is None:
            suggestion = name.by_amount[key] = self._by_amount(name, name.past, cents)
        return suggestion

    def _name(self, description: str, incoming: bool) -> _Name:
        shown, words = _words(description)
        way = self._ways[incoming]
        past, other = way.names.get(words), self._ways[not incoming].names.get(words)
        chances = way.by_words(words)
        if past is not None:
            chances = _mixed(chances or way.chances, past.weights, WIDER_THAN_NAME * way.doubt)
        elif other is not None:
            share = OTHER_WAY / max(1.0, sum(other.weights.values()) / 2)
            seen = {category: weight * share for category, weight in other.weights.items()}
            chances = _mixed(chances or {}, seen, 1.0)
        if not chances:
            return _Name(shown, {}, None, None)
        category = _likeliest(chances)
        for known in (past, other):
            if known is not None and known.lines.get(category):
                word, lines = shown, known.lines
                break
        else:
            word, lines = way.why(words, category)
        suggestion = _suggestion(chances, category, word, lines)
        return _Name(shown, chances, past if past and past.depends_on_amount else None, suggestion)

    @staticmethod
    def _by_amount(name: _Name, past: _Past, cents: int) -> Suggestion:
        """The suggestion for a name that was in several categories, by its amounts."""
        like, weights = past.like(cents)
        chances = _mixed(name.chances, weights, WIDER_THAN_LIKE)
        same, weights = past.same(cents)
        chances = _mixed(chances, weights, WIDER_THAN_SAME)
        category = _likeliest(chances)
        best = _suggestion(chances, category, name.shown, past.lines)
        for amounts, lines in ((Amounts.LIKE, like), (Amounts.SAME, same)):
            right, of = lines.get(category, 0), sum(lines.values())
            if of > 1 and right * best.of > best.right * of:
                best = replace(best, right=right, of=of, amounts=amounts)
        return best


def _likeliest(chances: Chances) -> int:
    return max(chances, key=lambda category: (chances[category], -category))


def _suggestion(chances: Chances, category: int, word: str, lines: Mapping[int, int]) -> Suggestion:
    confidence = min(99, int(100 * chances[category] + 0.5))
    return Suggestion(category, confidence, word, lines.get(category, 0), sum(lines.values()))


def _cents(amount: Decimal) -> int:
    return abs(int(amount * 100))


@lru_cache(maxsize=1 << 14)
def _words(description: str) -> tuple[str, Words]:
    """The name in capitals, as it is shown, and its words as they are compared: no figures."""
    shown = clean(description)
    found = _WORD.findall(fold(shown))
    words = [word for word in found if len(word) > 1 and not word.isdigit()]
    return shown.upper(), tuple(words or found)
