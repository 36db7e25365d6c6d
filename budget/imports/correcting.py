"""What the person says of a waiting file's lines: what becomes of each, and what it will say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, Value, When

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.guards import ClosedMonth, guarded
from budget.core.tenancy import active_household, scope_cursor
from budget.imports.entering import NotWaiting
from budget.imports.models import (
    ADDABLE,
    JOINABLE,
    Choice,
    Finding,
    Import,
    ImportLine,
    ImportState,
    Statement,
)
from budget.imports.staging import FINGERPRINT, KNOWN
from budget.people.models import Person
from budget.transactions.closing import ClosedDays
from budget.users.services import household_lock
from budget.wallets.models import Wallet

# A line that was mended is known by what it says now; among equals of the file it is the last.
FINGERPRINTED = f"""
UPDATE imports_importline AS line SET fingerprint = known.fingerprint
FROM (
    SELECT draft.id, {FINGERPRINT} AS fingerprint
    FROM (
        SELECT id, statement_id, date, amount, bank_id, budget_fold(label) AS folded,
               CASE id WHEN %(line)s THEN 9223372036854775807 ELSE id END AS n
        FROM imports_importline
        WHERE household_id = %(household)s AND date = %(date)s AND amount = %(amount)s
          AND statement_id IN (
              SELECT id FROM imports_statement
              WHERE household_id = %(household)s AND source_id = %(source)s)
    ) AS draft
    JOIN imports_statement AS statement ON statement.id = draft.statement_id
) AS known
WHERE line.id = %(line)s AND known.id = line.id
RETURNING line.fingerprint
"""  # noqa: S608 - constants of ours
SAID_BEFORE = f"SELECT entry FROM ({KNOWN}) AS known WHERE fingerprint = %(fingerprint)s"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of one line on the page, as far as it may be said of it."""

    choice: Choice | None = None
    #: The category's id, None where it is to have none; left as it is unless `sorted`.
    category: int | None = None
    sorted: bool = False


def lines_say(*, source: Import, said: Mapping[int, Said]) -> None:
    """Take down what was said of these lines, by their ids; other files' lines are passed over.

    Raises NotWaiting.
    """
    with guarded():
        _locked(source)
        lines = list(ImportLine.objects.filter(statement__source=source, pk__in=said.keys()))
        for line in lines:
            word = said[line.pk]
            if word.choice is not None and may_be(line, word.choice):
                line.choice = word.choice
            if word.sorted and line.finding in ADDABLE:
                line.category_id = word.category
        ImportLine.objects.bulk_update(lines, ["choice", "category"])


#: What can become of which lines, as a condition.
POSSIBLE: dict[Choice, Q] = {
    Choice.ADD: Q(finding__in=ADDABLE),
    Choice.JOIN: Q(finding__in=JOINABLE, found__isnull=False),
    Choice.LEAVE: Q(finding__in=Finding.values),
}
#: The lines of which a category can be said.
SPEAKING = Q(finding__in=ADDABLE, to_wallet=None)


def may_be(line: ImportLine, choice: Choice) -> bool:
    """Whether that may become of the line."""
    if choice == Choice.ADD:
        return line.finding in ADDABLE
    if choice == Choice.JOIN:
        return line.finding in JOINABLE and line.found is not None
    return True


def lines_change(
    *,
    source: Import,
    which: Q,
    choice: Choice | None = None,
    as_suggested: bool = False,
    changes: Mapping[str, Any] | None = None,
) -> int:
    """Say the same of many lines at once, by one statement; of how many it could be said.

    `changes` holds "category", "bucket" and "person", each a row or None. With `as_suggested`
    each line without a category gets the one that is suggested for it. What cannot be said of a
    line is not said of it. Raises NotWaiting.
    """
    touched, updates = Q(pk__in=[]), {}
    if choice is not None:
        touched |= POSSIBLE[choice]
        updates["choice"] = _where(POSSIBLE[choice], Value(choice.value), "choice")
    if as_suggested:
        offered = Q(suggested__in=list(Category.objects.active().values_list("pk", flat=True)))
        unsaid = SPEAKING & Q(category=None) & offered
        touched |= unsaid
        updates["category"] = _where(unsaid, F("suggested"), "category")
    for name, row in (changes or {}).items():
        touched |= SPEAKING
        updates[name] = _where(SPEAKING, Value(row.pk if row else None), name)
    with guarded():
        _locked(source)
        statements = list(Statement.objects.filter(source=source).values_list("pk", flat=True))
        lines = ImportLine.objects.filter(which & touched, statement__in=statements)
        return lines.update(**updates) if updates else 0


def _where(condition: Q, then: Any, field: str) -> Case:
    """What `field` becomes where the condition holds; elsewhere it stays."""
    output: Any = ImportLine._meta.get_field(field)
    return Case(When(condition, then=then), default=F(field), output_field=output)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a line will say in the ledger."""

    description: str
    category: Category | None
    bucket: Bucket | None
    person: Person | None
    to_wallet: Wallet | None


@dataclass(frozen=True, slots=True)
class Mending:
    """What a line says that could not be read. `amount` is signed."""

    date: dt.date
    amount: Decimal
    label: str


def line_correct(
    *, line: ImportLine, correction: Correction, mending: Mending | None = None
) -> ImportLine:
    """Change what a line of a waiting file will say; `mending` makes one new that is not readable.

    Raises NotWaiting; ClosedMonth where the day that was mended is in a closed month.
    """
    with guarded():
        _locked(line.statement.source)
        current = ImportLine.objects.select_for_update(of=["self"]).filter(pk=line.pk).first()
        if current is None:
            raise NotWaiting
        current.description = correction.description
        current.category, current.bucket = correction.category, correction.bucket
        current.person, current.to_wallet = correction.person, correction.to_wallet
        if mending and current.finding == Finding.UNREADABLE:
            _mend(current, mending)
        current.save()
        if mending:
            _look_up(current)
    return current


def _mend(line: ImportLine, mending: Mending) -> None:
    if mending.date in ClosedDays():
        raise ClosedMonth(mending.date)
    line.date, line.amount, line.label = mending.date, mending.amount, mending.label
    line.reason = ""
    line.finding, line.choice = Finding.NEW, Choice.ADD


def _look_up(line: ImportLine) -> None:
    """Give a mended line its fingerprint, and leave it out where the bank said so before."""
    household = active_household().pk
    with scope_cursor() as cursor:
        cursor.execute(
            FINGERPRINTED,
            {
                "household": household,
                "line": line.pk,
                "source": line.statement.source_id,
                "date": line.date,
                "amount": line.amount,
            },
        )
        row = cursor.fetchone()
        if row is None or row[0] is None:
            return  # nobody has said yet which wallet it is
        cursor.execute(
            SAID_BEFORE,
            {
                "household": household,
                "first": line.date,
                "last": line.date,
                "fingerprint": row[0],
            },
        )
        said_before = cursor.fetchone()
    if said_before:
        line.refresh_from_db()
        line.finding, line.choice, line.found = Finding.KNOWN, Choice.LEAVE, said_before[0]
        line.save(update_fields=["finding", "choice", "found"])


def _locked(source: Import) -> Import:
    """The file, locked as long as the transaction lasts. Raises NotWaiting."""
    household_lock(active_household())
    current = Import.objects.select_for_update(no_key=True, of=["self"]).filter(pk=source.pk)
    found = current.first()
    if found is None or found.state != ImportState.READY:
        raise NotWaiting
    return found
