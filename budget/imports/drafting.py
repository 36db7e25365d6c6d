"""What a line of a file will say in the ledger, before the person has looked at it."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from budget.imports.cleaning import clean
from budget.imports.learning import FILLED, Learned, Suggestion
from budget.imports.learning_selectors import learned_read
from budget.imports.rule_selectors import rulebook_read
from budget.imports.rules import Rulebook, Ruling

#: How sure a rule is, in percent: it is what the person said.
RULED = 100


class Draft(NamedTuple):
    """What the ledger's line will say; ids of the household's own. `because` says why the category
    was suggested, as models.ImportLine.because has it.
    """

    description: str
    category: int | None = None
    bucket: int | None = None
    person: int | None = None
    to_wallet: int | None = None
    suggested: int | None = None
    confidence: int | None = None
    because: dict[str, Any] | None = None


class Drafter:
    """Drafts the lines of one file; reads what it needs of the household once, when it is made.

    A rule of the household's says what it says, and what it leaves open of the category is
    suggested by what was learned: filled in where that is likely enough, else only told.
    """

    def __init__(self, rules: Rulebook | None = None, learned: Learned | None = None) -> None:
        """The household's own, unless it is asked what others would make of a line."""
        self.rules = rulebook_read() if rules is None else rules
        self.learned = learned_read() if learned is None else learned

    def draft(self, label: str, amount: Decimal, wallet: int | None) -> Draft:
        """What the line will say. `amount` is signed; `wallet` is None where it is not known."""
        description = clean(label)
        ruling = self.rules.ruling(label, description, amount, wallet) if self.rules else None
        if ruling is None:
            return _learned(description, self.learned.suggest(description, amount))
        draft = _ruled(ruling, description)
        if ruling.category is None and ruling.transfer_to is None:
            return _suggested(draft, self.learned.suggest(description, amount))
        return draft


def _ruled(ruling: Ruling, description: str) -> Draft:
    """What a rule makes of a line. A transfer has no category, and is nobody's."""
    description, because = ruling.rename or description, {"rule": ruling.name}
    if ruling.transfer_to is not None:
        return Draft(description, to_wallet=ruling.transfer_to, because=because)
    return Draft(
        description,
        category=ruling.category,
        bucket=ruling.bucket,
        person=ruling.person,
        suggested=ruling.category,
        confidence=RULED if ruling.category else None,
        because=because,
    )


@lru_cache(maxsize=1 << 14)
def _learned(description: str, suggestion: Suggestion | None) -> Draft:
    """What was learned, for the many lines of one name."""
    return _suggested(Draft(description), suggestion)


def _suggested(draft: Draft, suggestion: Suggestion | None) -> Draft:
    """The draft with what was learned of its category."""
    if suggestion is None:
        return draft
    return draft._replace(
        category=suggestion.category if suggestion.confidence >= FILLED else None,
        suggested=suggestion.category,
        confidence=suggestion.confidence,
        because={
            "word": suggestion.word,
            "right": suggestion.right,
            "of": suggestion.of,
            "amounts": suggestion.amounts.value,
        },
    )
