"""What lines name besides their category: wallets, envelopes, people; and what of it is in use.

A household that uses none of it sees none of it: no column, no filter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

from django.db.models import (
    CharField,
    DateTimeField,
    F,
    PositiveSmallIntegerField,
    QuerySet,
    Value,
)
from django.db.models.functions import Concat, Trim
from django.utils.translation import gettext

from budget.buckets.models import Bucket
from budget.people.models import Person
from budget.transactions.models import Reconciliation, Transaction
from budget.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Named:
    """A wallet, an envelope or a person, as far as a row tells of it."""

    pk: int
    name: str
    colour: str
    #: Neither closed nor removed: forms and filters offer it.
    offered: bool


@dataclass(frozen=True, slots=True)
class Names:
    """All that the household's lines may name, by key and in their order; closed ones as well."""

    wallets: Mapping[int, Named] = field(default_factory=dict)
    buckets: Mapping[int, Named] = field(default_factory=dict)
    people: Mapping[int, Named] = field(default_factory=dict)
    #: Whether any line was ever pointed, or any wallet reconciled.
    checked: bool = False

    @property
    def by_wallet(self) -> bool:
        """Whether there is more than one wallet to tell apart."""
        return len(offered(self.wallets)) > 1

    @property
    def with_transfers(self) -> bool:
        return self.by_wallet or bool(self.buckets)

    def wallet(self, pk: int | None) -> Named | None:
        """What a row says of its wallet: the first, where most lines are, goes without saying."""
        found = self.wallets.get(pk or 0)
        usual = next(iter(offered(self.wallets)), None)
        return None if found == usual else found

    def bucket_name(self, pk: int | None) -> str:
        found = self.buckets.get(pk or 0)
        return found.name if found else gettext("Unassigned")


def offered(names: Mapping[int, Named]) -> list[Named]:
    """Those that are neither closed nor removed."""
    return [each for each in names.values() if each.offered]


def names_read() -> Names:
    """The names of the household in force. One query."""
    rows: list[tuple[str, int, str, str, Any, int]] = list(
        _named(Wallet.objects.order_by(), "wallet")
        .union(
            _named(Bucket.objects.order_by(), "bucket"),
            _named(
                Person.objects.order_by(),
                "person",
                name=Trim(Concat("first_name", Value(" "), "last_name")),
                colour=Value(""),
                ended=F("removed_at"),
                place=Value(0, PositiveSmallIntegerField()),
            ),
            _sign(Transaction.objects.filter(pointed=True, reconciliation=None)),
            _sign(Reconciliation.objects.all()),
            all=True,
        )
        .order_by()
    )
    kinds = {row[0] for row in rows}
    return Names(
        wallets=_of("wallet", rows),
        buckets=_of("bucket", rows),
        people=_of("person", rows),
        checked="checked" in kinds,
    )


def _named(
    rows: QuerySet[Any],
    what: str,
    *,
    name: Any = None,
    colour: Any = None,
    ended: Any = None,
    place: Any = None,
) -> QuerySet[Any, Any]:
    return rows.values_list(
        Value(what, CharField()),
        "pk",
        name or F("name"),
        colour or F("colour"),
        ended or F("closed_at"),
        place or F("position"),
    )


def _sign(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """One row where there is any."""
    nothing: Any = Value("", CharField())
    return rows.order_by().values_list(
        Value("checked", CharField()),
        "pk",
        nothing,
        nothing,
        Value(None, DateTimeField()),
        Value(0, PositiveSmallIntegerField()),
    )[:1]


def _of(what: str, rows: Iterable[tuple[str, int, str, str, Any, int]]) -> dict[int, Named]:
    mine = sorted(
        (
            place,
            normalize("NFD", name).casefold() if what == "person" else "",
            pk,
            name,
            colour,
            ended is None,
        )
        for kind, pk, name, colour, ended, place in rows
        if kind == what
    )
    return {pk: Named(pk, name, colour, open_) for _, _, pk, name, colour, open_ in mine}
