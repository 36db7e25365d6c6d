"""How far an import has come, told while its transaction is still open.

What a transaction writes is seen by nobody until it ends, and a second connection would only be
there for this. PostgreSQL shows one thing of a running session at once: its application name, set
for the transaction alone and gone with it, also when the server is killed (docs/adr/0007).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import connection

NAME = re.compile(r"import (\d+) (\w+) (\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    """`done` lines of `total`, in the step "reading" or "writing"."""

    step: str
    done: int
    total: int


#: Takes the step, how many lines are done, and of how many.
Listener = Callable[[str, int, int], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Have what is told in here told to `listener` as well: to a command that draws a bar."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(pk: int, step: str, done: int, total: int) -> None:
    """Let others see how far import `pk` has come. Inside its transaction."""
    if listener := _listener.get():
        listener(step, done, total)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('application_name', %s, true)",
            [f"import {pk} {step} {done}/{total}"],
        )


def told(pk: int) -> Told | None:
    """How far import `pk` has come, None where nobody is at it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE %s",
            [f"import {pk} %"],
        )
        row = cursor.fetchone()
    found = NAME.fullmatch(row[0]) if row else None
    return Told(found[2], int(found[3]), int(found[4])) if found else None
