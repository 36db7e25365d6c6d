"""Rows that stand in an order of the household's own: the model's `position`, from 0."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext as _


class OrderedQuerySet[M: models.Model](models.QuerySet[M]):
    def next_position(self) -> int:
        """The place after the last one of these."""
        last = self.aggregate(last=models.Max("position"))["last"]
        return 0 if last is None else last + 1

    def put_in_order(self, keys: Sequence[int]) -> None:
        """Number these rows in the order of `keys`, which has all of theirs."""
        rows = self.in_bulk(keys)
        for position, key in enumerate(keys):
            rows[key].position = position  # type: ignore[attr-defined]
        self.bulk_update(rows.values(), ["position"])


def moved_in_words(name: str, *, up: bool, moved: bool) -> str:
    """What came of moving the row of that name up, or down; `moved` is false at the list's end."""
    if moved:
        said = _("“%(name)s” moved up.") if up else _("“%(name)s” moved down.")
    else:
        said = _("“%(name)s” is the first.") if up else _("“%(name)s” is the last.")
    return said % {"name": name}
