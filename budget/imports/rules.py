"""What a rule says of a line, and which rule decides it. Nothing here asks the database.

The first rule in their order that fits decides the whole line, and the others are not asked. Mail
filters that go on after a hit, and budgets whose rules each set one field, need a reader who works
out in the head what several rules make of one line; here one sentence of the list is the answer.
What the deciding rule leaves open is filled in by what was learned.

A label is compared without case and accents, as the bank wrote it and as it is cleaned for reading.
Patterns are the person's own, so they run on RE2: its time grows with the text alone, whatever the
pattern (docs/dependencies.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import re2
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from budget.core.folding import fold
from budget.core.guards import Refused
from budget.imports.models import Matching

#: What of a label is looked at, in characters; no bank writes more.
LOOKED_AT = 1000
#: The longest program that a pattern may become. RE2 takes time in proportion to it: this one
#: needs a millisecond for a label of LOOKED_AT characters.
LONGEST_PROGRAM = 500
#: What RE2 may take for one pattern, and for all rules of a household at once, in bytes. It takes
#: what it needs, a few hundred KB; all the rules that there may be fit many times over, which
#: matters, because a set that was out of memory would say that nothing fits.
_ONE, _ALL = 1 << 20, 64 << 20

#: What RE2 says of a pattern that it cannot read, by how its message begins.
_FAULTS = {
    "missing )": gettext_noop("a closing parenthesis is missing"),
    "unexpected )": gettext_noop("a closing parenthesis has no opening one"),
    "missing ]": gettext_noop("a closing square bracket is missing"),
    "trailing \\": gettext_noop("nothing follows the backslash at its end"),
    "no argument for repetition": gettext_noop("nothing stands before a sign that repeats"),
    "bad repetition": gettext_noop("two signs that repeat follow each other"),
    "invalid repetition size": gettext_noop("it repeats something too many times"),
    "invalid character class": gettext_noop("a range in square brackets is not known"),
    "invalid perl operator": gettext_noop("looking ahead or behind is not possible here"),
    "invalid escape sequence": gettext_noop("what follows a backslash is not known"),
    "pattern too large": gettext_noop("it is too complicated"),
}


class BadPattern(Refused):
    """A pattern that cannot be read, or would take too long."""

    def __init__(self, reason: str) -> None:
        super().__init__(_("This pattern cannot be used: %(reason)s.") % {"reason": reason})


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule as lines meet it. References are ids; amounts positive; None where it says nothing."""

    pk: int
    name: str
    matching: str = Matching.CONTAINS
    text: str = ""
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    wallet: int | None = None
    category: int | None = None
    bucket: int | None = None
    person: int | None = None
    rename: str = ""
    transfer_to: int | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything would become of a line that fits."""
        return bool(self.rename or self.category or self.bucket or self.person or self.transfer_to)

    def fits(self, amount: Decimal, wallet: int | None) -> bool:
        """Whether a line fits it, label aside. `amount` may be signed; a wallet that is not known
        is none that a rule asks for. What goes to the line's own wallet is no transfer.
        """
        size = abs(amount)
        return (
            (self.amount_min is None or size >= self.amount_min)
            and (self.amount_max is None or size <= self.amount_max)
            and (self.wallet is None or self.wallet == wallet)
            and (self.transfer_to is None or self.transfer_to != wallet)
        )


def words(text: str) -> str:
    """A label as rules compare it: without case and accents, its spaces single."""
    return _words(text[:LOOKED_AT])


@lru_cache(maxsize=10_000)
def _words(text: str) -> str:
    return " ".join(fold(text).split())


def pattern_compile(pattern: str) -> Any:
    """A person's pattern, to be searched in `words`. Raises BadPattern with the reason."""
    # Only accents go: `\D` is another class than `\d`.
    unaccented = fold(pattern, lower=False)
    try:
        program = re2.compile(unaccented, _options(_ONE))
    except re2.error as error:
        raise BadPattern(_reason(error)) from None
    if program.programsize > LONGEST_PROGRAM:
        raise BadPattern(_("it is too complicated"))
    return program


def _options(memory: int) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = memory
    return options


def _reason(error: re2.error) -> str:
    said = error.args[0] if error.args else b""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return next(
        (_(reason) for begins, reason in _FAULTS.items() if text.startswith(begins)),
        _("it is not written as patterns are"),
    )


class Rulebook:
    """Rules in their order, made ready to be asked of 100,000 lines.

    One automaton looks for all their texts and patterns at once. A pattern that cannot be read
    fits nothing.
    """

    def __init__(self, rulings: Sequence[Ruling]) -> None:
        self._always: list[tuple[int, Ruling]] = []
        self._by_text: list[tuple[int, Ruling]] = []
        self._texts = re2.Set.SearchSet(_options(_ALL))
        for place, ruling in enumerate(rulings):
            if not ruling.text:
                self._always.append((place, ruling))
            elif pattern := _pattern(ruling):
                self._texts.Add(pattern)
                self._by_text.append((place, ruling))
        if self._by_text:
            self._texts.Compile()

    def __bool__(self) -> bool:
        return bool(self._always or self._by_text)

    def ruling(
        self, label: str, description: str, amount: Decimal, wallet: int | None
    ) -> Ruling | None:
        """The rule that decides a line, or none.

        `label` is the bank's own, `description` what it is cleaned to; `amount` may be signed;
        `wallet` is None where it is not known.
        """
        if not self._by_text:
            found = self._always
        else:
            # In a set that has nothing in it, or is not compiled, looking is a crash.
            hits = {*(self._texts.Match(words(label)) or ())}
            hits.update(self._texts.Match(words(description)) or ())
            if not hits and not self._always:
                return None
            found = sorted([*self._always, *(self._by_text[hit] for hit in hits)], key=_place)
        return next((each for _place, each in found if each.fits(amount, wallet)), None)


def _place(found: tuple[int, Ruling]) -> int:
    return found[0]


def _pattern(ruling: Ruling) -> str:
    """What is searched in `words` for a rule; empty where nothing can be found by it."""
    if ruling.matching != Matching.REGEX:
        text = words(ruling.text)
        start = "^" if text and ruling.matching == Matching.STARTS else ""
        return start + str(re2.escape(text))
    try:
        return str(pattern_compile(ruling.text).pattern)
    except BadPattern:
        return ""
