"""Rows that stand in an order of the household's own: the model's `position`, from 0."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models


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
