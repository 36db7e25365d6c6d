"""Which of a file's ids tell one movement from another."""

from collections.abc import Iterable, Sequence
from itertools import chain

from budget.imports.reading import StatementLine


def with_own_ids(statements: Iterable[Sequence[StatementLine]]) -> list[StatementLine]:
    """The lines of all statements, without the ids that several movements of an account share.

    Some banks write the same id on every movement, or make it of date and amount, so that two
    coffees have one. An id that is repeated is kept only where statements overlap: the same
    movement, once in each of them.
    """
    statements = list(statements)
    seen: set[tuple[str, str]] = set()
    again: dict[tuple[str, str], list[tuple[int, StatementLine]]] = {}
    for line in chain.from_iterable(statements):
        key = line.account, line.bank_id
        if not line.bank_id.strip("0") or key in seen:
            again[key] = []
        seen.add(key)
    for ordinal, statement in enumerate(statements):
        for line in statement:
            if (found := again.get((line.account, line.bank_id))) is not None:
                found.append((ordinal, line))
    shared = {key for key, found in again.items() if key[1] and not _overlap(key[1], found)}
    lines = list(chain.from_iterable(statements))
    if not shared:
        return lines
    return [
        line._replace(bank_id="") if (line.account, line.bank_id) in shared else line
        for line in lines
    ]


def _overlap(bank_id: str, found: Sequence[tuple[int, StatementLine]]) -> bool:
    """Whether an id is that of one movement, told by several statements."""
    movements = {(line.date, line.amount, line.label) for _ordinal, line in found}
    apart = len({ordinal for ordinal, _line in found}) == len(found)
    return bool(bank_id.strip("0")) and len(movements) == 1 and apart
