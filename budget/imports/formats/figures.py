"""Amounts of a file that has no columns: what a separator means is told by all of them together."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from budget.imports.amounts import (
    Decimals,
    Written,
    decimals_of,
    decimals_of_all,
    take_apart,
    to_decimal,
)
from budget.imports.reading import NotSure

LONGEST = 60  # characters that an amount may have, with its currency and spaces


class Figures:
    """Reads amounts as the file as a whole writes them.

    `cells` are all its amounts, `field` is their name in the file. Raises NotSure where "1,234"
    may be a thousand or a little more than one, and nothing in the file decides.
    """

    def __init__(self, cells: Iterable[str], field: str, *, told: Decimals | None = None) -> None:
        written = {cell: take_apart(cell) for cell in set(cells) if len(cell) <= LONGEST}
        self.decimals = decimals_of_all(each.number for each in written.values() if each)
        if self.decimals is Decimals.UNKNOWN:
            if told is None:
                example = next(
                    cell
                    for cell, each in written.items()
                    if each and decimals_of(each.number) is Decimals.UNKNOWN
                )
                raise NotSure(
                    _("“%s” may be a thousand or a little more than one: nothing tells which.")
                    % example,
                    [field],
                    about="decimals",
                )
            self.decimals = told

    def value(self, cell: str) -> Decimal | None:
        """The amount with its sign, None where it is none or could be two."""
        written = take_apart(cell) if len(cell) <= LONGEST else None
        if written is None or written.mark:
            return None
        value = to_decimal(written.number, self._decimals(written))
        return -value if value is not None and written.negative else value

    def _decimals(self, written: Written) -> Decimals:
        """A file that writes amounts in both ways tells nothing: each speaks for itself."""
        return decimals_of(written.number) if self.decimals is Decimals.BOTH else self.decimals
