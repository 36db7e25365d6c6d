"""Pages by keyset: what comes after the last row shown, never "skip 5,000 rows".

A deep page costs what the first one costs, and rows that arrive meanwhile shift nothing. The
cursor in the address holds the sort key and the id of the row at the page's edge.
"""

from __future__ import annotations

import base64
import binascii
import json
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import QueryDict

#: Rows that are held at once where all of a table are gone through.
CHUNK = 2000


def in_chunks[Row](
    rows: QuerySet[Any, Row],
    *,
    size: int = CHUNK,
    key: Callable[[Row], int] = operator.attrgetter("pk"),
) -> Iterator[Row]:
    """All of the rows in the order of their keys, a few in memory at a time; `key` finds a row's.

    A cursor on the server would do the same, but is off: behind a pooler the next part of what is
    read outside a transaction would be asked of another connection.
    """
    rows = rows.order_by("pk")
    chunk = list(rows[:size])
    yield from chunk
    while len(chunk) == size:
        chunk = list(rows.filter(pk__gt=key(chunk[-1]))[:size])
        yield from chunk


@dataclass(frozen=True, slots=True)
class Page[M]:
    """Some rows, and the cursors of the pages around them (empty where there is none)."""

    rows: Sequence[M]
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What rows are sorted by: an annotation or column that is never null, then their id."""

    key: str
    field: Field[Any, Any]
    descending: bool = False


def page_of[M: Model](
    rows: QuerySet[M], *, order: Order, size: int, parameters: QueryDict
) -> Page[M]:
    """The page that the address asks for with `after` or `before`, else the first one.

    One query, which reads one row more than it shows to know whether there is another page.
    A cursor that cannot be read, or is of another order, is as good as none.
    """
    backwards = "before" in parameters
    edge = _read(parameters.get("before" if backwards else "after", ""), order)
    backwards = backwards and edge is not None
    descending = order.descending != backwards
    if edge is not None:
        rows = rows.filter(_beyond(order.key, edge, descending=descending))
    direction = "-" if descending else ""
    found = list(rows.order_by(f"{direction}{order.key}", f"{direction}pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page(found)
    return Page(
        found,
        before=cursor(found[0], order) if (more if backwards else edge is not None) else "",
        after=cursor(found[-1], order) if (True if backwards else more) else "",
    )


def without_cursor(parameters: QueryDict) -> QueryDict:
    """A copy of the address's parameters that asks for the first page."""
    rest = parameters.copy()
    for name in ("after", "before"):
        rest.pop(name, None)
    return rest


def _beyond(key: str, edge: tuple[Any, int], *, descending: bool) -> Q:
    # The first condition alone is a range of the index; the second settles ties.
    value, pk = edge
    lookup = "lt" if descending else "gt"
    return Q((f"{key}__{lookup}e", value)) & (
        Q((f"{key}__{lookup}", value)) | Q((f"pk__{lookup}", pk))
    )


def cursor(row: Model, order: Order) -> str:
    """What an address holds to ask for the rows around `row`."""
    edge = json.dumps([order.key, str(getattr(row, order.key)), row.pk])
    return base64.urlsafe_b64encode(edge.encode()).decode().rstrip("=")


def _read(text: str, order: Order) -> tuple[Any, int] | None:
    try:
        padded = text + "=" * (-len(text) % 4)
        key, value, pk = json.loads(base64.urlsafe_b64decode(padded))
        if key != order.key or not isinstance(value, str) or "\0" in value:
            return None
        if not 0 < pk < 2**63:
            return None
        value.encode()  # Half of a surrogate pair is text to JSON, and to nobody else.
        return order.field.to_python(value), int(pk)
    except (
        binascii.Error,
        RecursionError,
        UnicodeError,
        ValueError,
        TypeError,
        ValidationError,
    ):
        return None
