"""A line as a table tells of it: what it moved, from where to where, and how far it was checked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from budget.transactions.models import Kind, Transaction
from budget.transactions.names import Named, Names


@dataclass(frozen=True, slots=True)
class Pointing:
    """What a click on a line's mark would do. `pressed` is an `aria-pressed`."""

    pressed: str
    #: The reconciliation that sealed all of it: then no click undoes it.
    sealed: int | None

    @property
    def wanted(self) -> bool:
        """What the click asks for: a line of which one side is pointed is pointed altogether."""
        return self.pressed != "true"


@dataclass(frozen=True, slots=True)
class Row:
    """`line` with the names it holds; `seen` is the wallet whose lines are looked at, if any."""

    line: Transaction
    names: Names
    seen: Named | None = None

    @property
    def is_transfer(self) -> bool:
        return self.line.kind == Kind.TRANSFER

    @property
    def amount(self) -> Decimal:
        """Signed as the reader sees it; a transfer is unsigned, but from the wallet looked at."""
        if not self.is_transfer:
            return self.line.signed_amount
        if self.seen is None:
            return self.line.amount
        return self.line.amount if self.line.to_wallet_id == self.seen.pk else -self.line.amount

    @property
    def unsigned(self) -> bool:
        return self.is_transfer and self.seen is None

    @property
    def routes(self) -> list[tuple[str, str]]:
        """Of a transfer: from where to where, wallets first, then envelopes."""
        line, names, found = self.line, self.names, []
        if not self.is_transfer:
            return []
        if line.wallet_id and line.to_wallet_id:
            ends = names.wallets.get(line.wallet_id), names.wallets.get(line.to_wallet_id)
            found.append((ends[0].name if ends[0] else "", ends[1].name if ends[1] else ""))
        if line.bucket_id != line.to_bucket_id:
            found.append((names.bucket_name(line.bucket_id), names.bucket_name(line.to_bucket_id)))
        return found

    @property
    def kind(self) -> Kind:
        return Kind(self.line.kind)

    @property
    def wallet(self) -> Named | None:
        """Its wallet, where it is not the one looked at and there are others."""
        if self.is_transfer or (self.seen and self.seen.pk == self.line.wallet_id):
            return None
        return self.names.wallet(self.line.wallet_id)

    @property
    def bucket(self) -> Named | None:
        """Its envelope; of a transfer, the one that the money stays in."""
        if self.is_transfer and self.line.bucket_id != self.line.to_bucket_id:
            return None
        return self.names.buckets.get(self.line.bucket_id or 0)

    @property
    def parts(self) -> int:
        """How many envelopes an income was spread over."""
        return getattr(self.line, "parts", None) or 0

    @property
    def person(self) -> Named | None:
        return self.names.people.get(self.line.person_id or 0)

    @property
    def pointing(self) -> Pointing | None:
        """None where no wallet moved, so that no statement can show it."""
        sides = self.line.sides(self.seen.pk if self.seen else None)
        if not sides:
            return None
        if all(side.sealed for side in sides):
            return Pointing("true", sides[0].sealed)
        pointed = [side.pointed for side in sides if not side.sealed]
        if all(pointed):
            return Pointing("true", None)
        return Pointing("mixed" if any(side.pointed for side in sides) else "false", None)
