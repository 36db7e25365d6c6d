"""Which days no longer change, as far as a list of transactions wants to know.

The archives app lies above this one, so it registers its answer here when it starts. This is for
showing a lock instead of a pencil; what really guards a closed month is the database.
"""

import datetime as dt
from collections.abc import Callable, Sequence

#: First and last day, both included.
Days = tuple[dt.date, dt.date]

_source: Callable[[], Sequence[Days]] = tuple


def register(source: Callable[[], Sequence[Days]]) -> None:
    """Let `source` say which days are closed in the household in force; one query."""
    global _source
    _source = source


class ClosedDays:
    """Asked row by row, answered from one query."""

    def __init__(self) -> None:
        self.spans = _source()

    def __contains__(self, day: dt.date) -> bool:
        return any(first <= day <= last for first, last in self.spans)
