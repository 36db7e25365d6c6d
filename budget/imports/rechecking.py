"""What of a preview no longer holds when it is confirmed: asked under the household's lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Max, Min

from budget.core.tenancy import active_household, scope_cursor
from budget.imports.matching import DAYS_TRANSFER, Outcome, outcomes, write
from budget.imports.models import Choice, Finding, Import, ImportLine
from budget.imports.plans import joined_by_hashing
from budget.imports.staging import KNOWN
from budget.transactions.closing import ClosedDays

#: Servers' clocks differ a little.
CLOCKS = dt.timedelta(minutes=1)

#: What a line is left out for, and comes back from.
LEFT_FOR = (Finding.KNOWN, Finding.PROBABLE, Finding.CLOSED)

CLOSED = """
EXISTS (SELECT FROM unnest(%(closed_first)s::date[], %(closed_last)s::date[])
        AS closed (first, last) WHERE {day} BETWEEN closed.first AND closed.last)
"""
LINE_CLOSED = CLOSED.format(day="line.date")
ENTERED_CLOSED = CLOSED.format(day="entered.date")

# Lines that would be merged with what is not there any more, is of another amount, or was taken by
# another statement. They are few, and so is what they were found in.
BROKEN = f"""
SELECT line.id FROM (
    SELECT line.*, statement.wallet_id, row_number() OVER (
        PARTITION BY line.found, statement.wallet_id ORDER BY line.id) AS place
    FROM imports_importline AS line
    JOIN imports_statement AS statement
      ON statement.household_id = line.household_id AND statement.id = line.statement_id
    WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
      AND line.choice = 'join'
) AS line
LEFT JOIN transactions_transaction AS entered
  ON entered.household_id = line.household_id AND entered.id = line.found
 AND entered.amount = abs(line.amount)
LEFT JOIN buckets_bucket AS bucket
  ON bucket.household_id = entered.household_id AND bucket.id = entered.bucket_id
WHERE line.place > 1 OR NOT coalesce(CASE
    WHEN entered.to_wallet_id = line.wallet_id THEN line.amount > 0
    WHEN entered.wallet_id = line.wallet_id THEN
        sign(line.amount) = CASE WHEN entered.kind = 'transfer' THEN -1
                                 ELSE transactions_sign(entered.kind) END
    WHEN entered.kind IN ('expense', 'income') THEN
        sign(line.amount) = -transactions_sign(entered.kind)
        AND bucket.closed_at IS NULL AND NOT {ENTERED_CLOSED}
        AND NOT EXISTS (SELECT FROM transactions_allotment AS part
                        WHERE part.household_id = entered.household_id
                          AND part.transaction_id = entered.id)
    ELSE EXISTS (
        SELECT FROM imports_importline AS half
        JOIN imports_statement AS statement
          ON statement.household_id = half.household_id AND statement.id = half.statement_id
        WHERE half.household_id = line.household_id AND half.statement_id = ANY(%(statements)s)
          AND half.entry = line.found AND half.choice = 'add' AND half.amount = -line.amount
          AND statement.wallet_id <> line.wallet_id
          AND (half.to_wallet_id = line.wallet_id
               OR (half.to_wallet_id IS NULL AND half.finding <> 'transfer')))
    END, false)
  OR (line.finding <> 'probable' AND EXISTS (
        SELECT FROM imports_importline AS other
        JOIN imports_statement AS statement
          ON statement.household_id = other.household_id AND statement.id = other.statement_id
        JOIN imports_import AS source
          ON source.household_id = statement.household_id AND source.id = statement.source_id
        WHERE other.household_id = line.household_id AND source.state = 'done'
          AND statement.wallet_id = line.wallet_id
          AND ((other.choice = 'add' AND other.entry = line.found)
               OR (other.choice = 'join' AND other.found = line.found))))
"""  # noqa: S608 - constants of ours

# Lines that were to be the whole of a transfer whose other half goes its own way now.
ALONE = """
UPDATE imports_importline AS line
SET finding = 'new', to_wallet_id = CASE WHEN NOT EXISTS (
        SELECT FROM imports_importline AS half
        JOIN imports_statement AS statement
          ON statement.household_id = half.household_id AND statement.id = half.statement_id
        WHERE half.household_id = line.household_id AND half.statement_id = ANY(%(statements)s)
          AND half.found = line.entry AND statement.wallet_id = line.to_wallet_id
    ) THEN line.to_wallet_id END
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.finding = 'transfer' AND line.found IS NULL AND line.choice = 'add'
  AND NOT EXISTS (
      SELECT FROM imports_importline AS half
      WHERE half.household_id = line.household_id AND half.statement_id = ANY(%(statements)s)
        AND half.choice = 'join' AND half.found = line.entry)
RETURNING line.id
"""

# Whether anything was imported, taken back, written or closed since the file came.
MOVED = f"""
SELECT EXISTS (
    SELECT FROM imports_import
    WHERE household_id = %(household)s AND (done_at >= %(since)s OR undone_at >= %(since)s)
) OR EXISTS (
    SELECT FROM transactions_transaction
    WHERE household_id = %(household)s AND updated_at >= %(since)s
      AND date BETWEEN %(around_first)s AND %(around_last)s
) OR EXISTS (
    SELECT FROM imports_importline AS line
    WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
      AND CASE WHEN line.choice = 'add' THEN {LINE_CLOSED}
               ELSE line.finding = 'closed' AND NOT {LINE_CLOSED} END
)
"""  # noqa: S608 - constants of ours

# The lines that stay merged, and with what, in which wallet.
SETTLED = """
SELECT line.id, line.found, statement.wallet_id
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.choice = 'join' AND line.id NOT IN (SELECT unnest(%(broken)s::bigint[]))
"""

# The lines of the file that are open to be found again: not known, and not merged already.
OWN = f"""
SELECT line.id, line.entry, statement.wallet_id, line.date, line.value_date, line.amount,
       line.bank_id <> '' AS ids
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
LEFT JOIN ({KNOWN}) AS known ON known.fingerprint = line.fingerprint
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.fingerprint IS NOT NULL AND known.fingerprint IS NULL
  AND NOT EXISTS (SELECT FROM ({SETTLED}) AS settled WHERE settled.id = line.id)
  AND NOT EXISTS (SELECT FROM ({SETTLED}) AS settled WHERE settled.found = line.entry)
"""  # noqa: S608 - constants of ours
OWN_KNOWN = f"""
SELECT known.entry AS found, statement.wallet_id
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
JOIN ({KNOWN}) AS known ON known.fingerprint = line.fingerprint
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
"""  # noqa: S608 - constants of ours

# Every line that could be something else now, with what it is in the preview.
STORED = f"""
SELECT line.id, line.finding, line.found, line.choice, known.fingerprint IS NOT NULL, known.entry,
       {LINE_CLOSED}
FROM imports_importline AS line
LEFT JOIN ({KNOWN}) AS known ON known.fingerprint = line.fingerprint
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.fingerprint IS NOT NULL
  AND (line.id IN (SELECT unnest(%(found)s::bigint[]))
       OR line.id IN (SELECT unnest(%(broken)s::bigint[]))
       OR line.finding IN ('known', 'probable', 'closed')
       OR known.fingerprint IS NOT NULL OR (line.choice = 'add' AND {LINE_CLOSED}))
"""  # noqa: S608 - constants of ours


class Stored(NamedTuple):
    """A line as the preview has it, and whether it is known or closed by now."""

    line: int
    finding: str
    found: int | None
    choice: str
    known: bool
    entry: int | None
    closed: bool


def look_again(source: Import, statements: Sequence[int]) -> int:
    """Write down what changed since the preview was made; how many lines that were.

    A line that the person added, merged or left out stays so unless that is no longer possible,
    or the reason for it has gone.
    """
    lines = ImportLine.objects.filter(statement__in=statements, fingerprint__isnull=False)
    ends = lines.aggregate(first=Min("date"), last=Max("date"))
    if ends["first"] is None:
        return 0
    spans = ClosedDays().spans
    around = dt.timedelta(days=DAYS_TRANSFER)
    values: dict[str, Any] = {
        "household": active_household().pk,
        "statements": list(statements),
        "first": ends["first"],
        "last": ends["last"],
        "around_first": ends["first"] - around,
        "around_last": ends["last"] + around,
        "since": source.created_at - CLOCKS,
        "closed_first": [first for first, _last in spans],
        "closed_last": [last for _first, last in spans],
    }
    alone = _ids(ALONE, values)
    broken = _ids(BROKEN, values)
    if not broken and not _row(MOVED, values)[0]:
        return len(alone)
    return len(alone) + _renew(source, statements, broken, values)


def _renew(
    source: Import, statements: Sequence[int], broken: list[int], values: dict[str, Any]
) -> int:
    values = {**values, "broken": broken, "pair_here": False}
    settled = _rows(SETTLED, values)
    found = outcomes(
        source,
        statements,
        own=OWN,
        known=OWN_KNOWN,
        taken={(found, side) for _line, found, wallet in settled for side in (wallet, 0)},
        values=values,
    )
    rows = _rows(STORED, {**values, "found": list(found)})
    gone = set(broken)
    changed = {}
    for row in rows:
        line = Stored(*row)
        fresh = _fresh(line, found.get(line.line))
        if _is_changed(line, fresh, line.line in gone):
            changed[line.line] = fresh
    write(changed)
    return len(changed)


def _fresh(line: Stored, found: Outcome | None) -> Outcome:
    """What the line would be if the preview were made now."""
    if line.known:
        return Outcome(Finding.KNOWN, line.entry, Choice.LEAVE)
    if found is not None:
        return found
    if line.closed:
        return Outcome(Finding.CLOSED, None, Choice.LEAVE)
    return Outcome(Finding.NEW, None, Choice.ADD)


def _is_changed(line: Stored, fresh: Outcome, broken: bool) -> bool:
    """Whether the line can no longer be what the preview says."""
    if line.choice == Choice.LEAVE:
        return line.finding in LEFT_FOR and fresh.finding not in LEFT_FOR
    if line.choice == Choice.JOIN:
        return broken or line.known
    if line.closed:
        return True
    if fresh.finding in (Finding.KNOWN, Finding.PROBABLE) and fresh.choice is Choice.LEAVE:
        return line.finding != fresh.finding
    offered = line.finding != Finding.NEW and line.found == fresh.found
    return fresh.choice is Choice.JOIN and not offered


def _ids(query: str, values: dict[str, Any]) -> list[int]:
    return [row[0] for row in _rows(query, values)]


def _row(query: str, values: dict[str, Any]) -> tuple[Any, ...]:
    return _rows(query, values)[0]


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with joined_by_hashing(), scope_cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
