"""What a line of a file will say in the ledger, before the person has looked at it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from budget.imports.rule_selectors import rulebook_read
from budget.imports.rules import Rulebook, Ruling

#: A description's length in the ledger.
LONGEST_DESCRIPTION = 200
#: How sure a rule is, in percent: it is what the person said.
SURE = 100


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
    """Drafts the lines of one file; reads what it needs of the household once, when it is made."""

    def __init__(self, rules: Rulebook | None = None) -> None:
        """`rules` are the household's unless it is asked what others would make of a line."""
        self.rules = rulebook_read() if rules is None else rules

    def decided_by(self, label: str, amount: Decimal, wallet: int | None) -> int | None:
        """The key of the rule that decides a line, if any."""
        ruling = self._ruling(label, label[:LONGEST_DESCRIPTION], amount, wallet)
        return ruling.pk if ruling else None

    def _ruling(
        self, label: str, description: str, amount: Decimal, wallet: int | None
    ) -> Ruling | None:
        return self.rules.ruling(label, description, amount, wallet) if self.rules else None

    def draft(self, label: str, amount: Decimal, wallet: int | None) -> Draft:
        """What the line will say. `amount` is signed; `wallet` is None where it is not known."""
        description = label[:LONGEST_DESCRIPTION]
        ruling = self._ruling(label, description, amount, wallet)
        if ruling is None:
            return Draft(description)
        return _ruled(ruling, ruling.rename or description)


def _ruled(ruling: Ruling, description: str) -> Draft:
    """What a rule makes of a line. A transfer has no category, and is nobody's."""
    if ruling.transfer_to is not None:
        return Draft(description, to_wallet=ruling.transfer_to, because={"rule": ruling.name})
    return Draft(
        description,
        category=ruling.category,
        bucket=ruling.bucket,
        person=ruling.person,
        suggested=ruling.category,
        confidence=SURE if ruling.category else None,
        because={"rule": ruling.name},
    )
