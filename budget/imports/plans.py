"""How PostgreSQL is to join what was just written, of which it has no statistics yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from budget.core.tenancy import scope_cursor


@contextmanager
def joined_by_hashing() -> Iterator[None]:
    """Inside, tables are joined by hashing wherever they can be, which takes as long as they are.

    PostgreSQL guesses the number of rows of what has no statistics. Where it guesses one, and
    there are 100,000, it would look for each of them among all the others, or sort them by the
    wallet alone, which is the same: hours.
    """
    _set("off")
    yield
    _set("on")  # after an error the rollback does it


def _set(others: str) -> None:
    with scope_cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_nestloop', %s, true),"
            " set_config('enable_mergejoin', %s, true)",
            [others, others],
        )
