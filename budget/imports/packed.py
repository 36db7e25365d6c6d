"""Long columns, packed: 500,000 lines of a bank as Python's own texts and numbers take a gigabyte.

What is packed is read in order for little more than a list costs, and one by one for some more.
"""

from __future__ import annotations

from abc import abstractmethod
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import batched
from typing import overload

#: How many texts are packed together.
TOGETHER = 1000
#: A column with more different texts than this is packed; one with fewer holds each text once.
FEW = 20_000


class _Packed(Sequence[str]):
    """Texts in parts, each of them UTF-8, whatever letters are in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._starts: list[int] = []  # the index of each part's first text
        self._length = 0
        self._opened = -1
        self._texts: list[str] = []  # those of the part that was opened last

    @abstractmethod
    def _split(self, part: str) -> list[str]:
        """The texts of one part."""

    def _add(self, part: str, count: int) -> None:
        self._parts.append(part.encode())
        self._starts.append(self._length)
        self._length += count

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        for part in self._parts:
            yield from self._split(part.decode())

    def parts(self, start: int = 0) -> Iterator[tuple[int, str]]:
        """From the part on that has the text `start`: the index of each part's first, and it."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        for index in range(first, len(self._parts)):
            yield self._starts[index], self._parts[index].decode()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._length))]
        if index < 0:
            index += self._length
        if not 0 <= index < self._length:
            raise IndexError(index)
        part = bisect_right(self._starts, index) - 1
        if part != self._opened:
            self._opened, self._texts = part, self._split(self._parts[part].decode())
        return self._texts[index - self._starts[part]]


class Lines(_Packed):
    """Lines with the line feeds at their ends; nothing else in them may end a line."""

    def __init__(self, parts: Iterable[str]) -> None:
        """Each of `parts` is whole lines: all but the last end with a line feed."""
        super().__init__()
        for part in parts:
            if part:
                self._add(part, part.count("\n") + (not part.endswith("\n")))

    def _split(self, part: str) -> list[str]:
        return part.splitlines(keepends=True)


class Texts(_Packed):
    """Texts without NUL characters."""

    def _split(self, part: str) -> list[str]:
        return part.split("\0")

    def extend(self, texts: Iterable[str]) -> None:
        for each in batched(texts, TOGETHER):
            self._add("\0".join(each), len(each))


class Column:
    """Takes a column's texts as they come, in whichever way they are held with less."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._list: list[str] | None = []
        self._texts = Texts()

    def extend(self, texts: Iterable[str]) -> None:
        for some in batched(texts, TOGETHER):
            if self._list is None:
                self._texts.extend(some)
                continue
            self._list += map(self._known.setdefault, some, some)
            if len(self._known) > FEW:
                self._texts.extend(self._list)
                self._list = None
                self._known.clear()

    def texts(self) -> Sequence[str]:
        return self._texts if self._list is None else self._list


#: What stands for no amount, and for one that is kept beside the others.
NOTHING, BESIDE = -(2**63), -(2**63) + 1


class Amounts(Sequence[Decimal | None]):
    """Amounts, or None, held as cents; `beside` has those that are no whole number of cents."""

    def __init__(self, cents: Iterable[int] = (), beside: dict[int, Decimal] | None = None) -> None:
        self.cents = array("q", cents)
        self.beside: dict[int, Decimal] = beside or {}

    def append(self, amount: Decimal | None) -> None:
        if amount is None:
            self.cents.append(NOTHING)
            return
        _sign, digits, exponent = amount.as_tuple()
        if exponent == -2 and len(digits) <= 17:
            self.cents.append(int(amount.scaleb(2)))
        else:
            self.beside[len(self.cents)] = amount
            self.cents.append(BESIDE)

    def positives(self) -> int:
        """How many are above zero."""
        return sum(1 for each in self.cents if each > 0) + sum(
            1 for each in self.beside.values() if each > 0
        )

    def negatives(self) -> int:
        """How many are below zero."""
        return sum(1 for each in self.cents if BESIDE < each < 0) + sum(
            1 for each in self.beside.values() if each < 0
        )

    def negated(self, where: Iterable[object] | None = None) -> Amounts:
        """With the other sign: all of them, or those where something true stands."""
        turned = self.cents if where is None else [each or None for each in where]
        return Amounts(
            (
                -each if turn is not None and each > BESIDE else each
                for each, turn in zip(self.cents, turned, strict=True)
            ),
            {
                index: -each if turned[index] is not None else each
                for index, each in self.beside.items()
            },
        )

    def split(self, at: int) -> tuple[Amounts, Amounts]:
        """Those before an index, and those from there on."""
        before = {index: each for index, each in self.beside.items() if index < at}
        after = {index - at: each for index, each in self.beside.items() if index >= at}
        return Amounts(self.cents[:at], before), Amounts(self.cents[at:], after)

    def __len__(self) -> int:
        return len(self.cents)

    def __iter__(self) -> Iterator[Decimal | None]:
        known: dict[int, Decimal | None] = {NOTHING: None}
        for index, cents in enumerate(self.cents):
            if cents in known:
                yield known[cents]
            elif cents == BESIDE:
                yield self.beside[index]
            else:
                amount = Decimal(cents).scaleb(-2)
                if len(known) < FEW:
                    known[cents] = amount
                yield amount

    @overload
    def __getitem__(self, index: int) -> Decimal | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[Decimal | None]: ...
    def __getitem__(self, index: int | slice) -> Decimal | list[Decimal | None] | None:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self.cents)))]
        cents = self.cents[index]
        if cents == NOTHING:
            return None
        if cents == BESIDE:
            return self.beside[index % len(self.cents)]
        return Decimal(cents).scaleb(-2)
