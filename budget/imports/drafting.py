"""What a line of a file will say in the ledger, before the person has looked at it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

#: A description's length in the ledger.
LONGEST_DESCRIPTION = 200


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

    def draft(self, label: str, amount: Decimal, wallet: int | None) -> Draft:
        """What the line will say. `amount` is signed; `wallet` is None where it is not known."""
        return Draft(label[:LONGEST_DESCRIPTION])
