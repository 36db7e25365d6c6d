"""From the preview into the ledger, all or nothing, and back out of it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext

from budget.core.guards import ClosedHolder, Refused, guarded
from budget.core.tenancy import active_household
from budget.imports import progress
from budget.imports.models import (
    Choice,
    Import,
    ImportFile,
    ImportLine,
    ImportState,
    KnownAccount,
    Statement,
)
from budget.imports.staging import KNOWN, account_key
from budget.transactions.closing import ClosedDays
from budget.users.models import User
from budget.users.services import household_lock

#: Lines of one statement of SQL. The ledger's triggers run once for each, and after each the
#: person sees how far it is.
BATCH = 10_000

# What became known, or closed, since the preview was made: another import of the same lines, or a
# month that was closed.
LOOK_AGAIN = f"""
UPDATE imports_importline AS line
SET choice = 'leave',
    finding = CASE WHEN known.fingerprint IS NULL THEN 'closed' ELSE 'known' END,
    found = known.entry
FROM imports_importline AS same LEFT JOIN ({KNOWN}) AS known ON known.fingerprint = same.fingerprint
WHERE line.household_id = %(household)s AND same.id = line.id
  AND line.statement_id = ANY(%(statements)s) AND line.choice <> 'leave'
  AND ((known.fingerprint IS NOT NULL AND line.finding <> 'known') OR EXISTS (
      SELECT FROM unnest(%(closed_first)s::date[], %(closed_last)s::date[])
      AS closed (first, last) WHERE line.date BETWEEN closed.first AND closed.last))
"""  # noqa: S608 - constants of ours

# A line with another wallet is a transfer, from it where money came in. What is imported was found
# on the bank's statement by definition, so it is pointed. Categories and envelopes that are no
# longer offered are left out. `submission` is unique in the household: the database itself takes a
# line once, unless the person wants one again that is there already.
ENTER = """
INSERT INTO transactions_transaction
    (id, household_id, kind, amount, date, category_id, wallet_id, to_wallet_id, bucket_id,
     person_id, pointed, to_pointed, description, note, bank_label, submission, version,
     created_by_id, created_at, updated_at)
SELECT line.entry, line.household_id,
       CASE WHEN line.to_wallet_id IS NOT NULL THEN 'transfer'
            WHEN line.amount < 0 THEN 'expense' ELSE 'income' END,
       abs(line.amount), line.date,
       CASE WHEN line.to_wallet_id IS NULL THEN category.id END,
       CASE WHEN line.to_wallet_id IS NOT NULL AND line.amount > 0 THEN line.to_wallet_id
            ELSE statement.wallet_id END,
       CASE WHEN line.to_wallet_id IS NOT NULL AND line.amount > 0 THEN statement.wallet_id
            ELSE line.to_wallet_id END,
       CASE WHEN line.to_wallet_id IS NULL THEN bucket.id END,
       CASE WHEN line.to_wallet_id IS NULL THEN line.person_id END,
       line.to_wallet_id IS NULL OR line.amount < 0,
       line.to_wallet_id IS NOT NULL AND line.amount > 0,
       line.description, '', line.label,
       CASE WHEN line.finding <> 'known' THEN line.fingerprint END,
       1, %(user)s, now(), now()
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
LEFT JOIN categories_category AS category
  ON category.household_id = line.household_id AND category.id = line.category_id
 AND category.retired_at IS NULL
LEFT JOIN buckets_bucket AS bucket
  ON bucket.household_id = line.household_id
 AND bucket.id = coalesce(line.bucket_id, category.bucket_id) AND bucket.closed_at IS NULL
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.choice = 'add' AND line.id BETWEEN %(first)s AND %(last)s
ORDER BY line.date, line.id
"""


# The ledger's lines that an import added, as far as they are still there.
ENTERED = """
imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
WHERE line.household_id = %(household)s AND statement.source_id = %(source)s
  AND entered.id = line.entry AND entered.household_id = line.household_id
  AND line.choice = 'add'
"""
RECONCILED = f"""
SELECT 1 FROM transactions_transaction AS entered, {ENTERED}
  AND (entered.reconciliation_id IS NOT NULL OR entered.to_reconciliation_id IS NOT NULL)
LIMIT 1
"""  # noqa: S608 - constants of ours
TAKE_BACK = f"""
DELETE FROM transactions_transaction AS entered USING {ENTERED}
"""  # noqa: S608 - constants of ours


class NothingChosen(Refused):
    """An import of no line."""

    def __init__(self) -> None:
        super().__init__(gettext("No line is chosen: there is nothing to import."))


class WalletUnknown(Refused):
    """Nobody has said which wallet an account of the file is."""

    def __init__(self) -> None:
        super().__init__(gettext("Say first which wallet each account is."))


class NotWaiting(Refused):
    """The file is imported already, or was taken back or removed."""

    def __init__(self) -> None:
        super().__init__(gettext("This file is no longer waiting to be imported."))


class NotImported(Refused):
    """What would be taken back is not in the ledger."""

    def __init__(self) -> None:
        super().__init__(gettext("This import has been taken back already."))


class LinesReconciled(Refused):
    """A reconciliation rests on lines that would be taken back."""

    def __init__(self) -> None:
        super().__init__(
            gettext("Some of its lines are reconciled. Reopen that reconciliation first.")
        )


def import_confirm(*, source: Import, user: User | None) -> int:
    """Write the chosen lines of a file into the ledger, all or nothing.

    Returns 0 when it is done. Where lines turn out to be there already, or in a month that was
    closed since the preview was made, nothing is written: they are left out, their number is
    returned, and the person looks at the preview again. Raises NotWaiting, WalletUnknown,
    NothingChosen, ClosedHolder and ClosedMonth.
    """
    with guarded():
        household_lock(active_household())
        current = _waiting(source)
        statements = list(Statement.objects.filter(source=current).select_related("wallet"))
        wanted = [each for each in statements if not each.skipped]
        for each in wanted:
            if each.wallet is None:
                raise WalletUnknown
            if not each.wallet.is_open:
                raise ClosedHolder(each.wallet.name)
        keys = [each.pk for each in wanted]
        if changed := _look_again(keys):
            return changed
        numbers = _numbers(keys)
        if not numbers[Choice.ADD] + numbers[Choice.JOIN]:
            raise NothingChosen
        _enter(current, keys, numbers[Choice.ADD], user)
        _remember(current, wanted)
        ImportFile.objects.filter(source=current).delete()
        current.state = ImportState.DONE
        current.done_at, current.done_by = timezone.now(), user
        current.added, current.joined = numbers[Choice.ADD], numbers[Choice.JOIN]
        current.left = numbers[Choice.LEAVE]
        current.save()
    return 0


def _waiting(source: Import) -> Import:
    """The file, locked, as it is now. Raises NotWaiting."""
    current = Import.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
    if current is None or current.state != ImportState.READY:
        raise NotWaiting
    return current


def _look_again(statements: list[int]) -> int:
    """Leave out what is known or closed by now; how many lines that were."""
    lines = ImportLine.objects.filter(statement__in=statements)
    days = lines.aggregate(last=Max("date"))
    first = lines.exclude(date=None).order_by("date").values_list("date", flat=True).first()
    if first is None:
        return 0
    spans = ClosedDays().spans
    with connection.cursor() as cursor:
        cursor.execute(
            LOOK_AGAIN,
            {
                "household": active_household().pk,
                "statements": statements,
                "first": first,
                "last": days["last"],
                "closed_first": [each for each, _last in spans],
                "closed_last": [each for _first, each in spans],
            },
        )
        return int(cursor.rowcount)


def _numbers(statements: list[int]) -> dict[str, int]:
    """How many lines there are of each choice."""
    rows = (
        ImportLine.objects.filter(statement__in=statements)
        .order_by()
        .values_list("choice")
        .annotate(number=Count("pk"))
    )
    return {**dict.fromkeys(Choice.values, 0), **dict(rows)}


def _enter(source: Import, statements: list[int], total: int, user: User | None) -> None:
    done = 0
    for first, last in _batches(statements):
        progress.tell(source.pk, "writing", done, total)
        with connection.cursor() as cursor:
            cursor.execute(
                ENTER,
                {
                    "household": active_household().pk,
                    "statements": statements,
                    "user": user.pk if user else None,
                    "first": first,
                    "last": last,
                },
            )
            done += cursor.rowcount
    progress.tell(source.pk, "writing", total, total)


def _batches(statements: list[int]) -> Iterator[tuple[int, int]]:
    """The first and last id of every so many lines that are to be added."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT min(id), max(id) FROM (
                SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS batch
                FROM imports_importline
                WHERE household_id = %s AND statement_id = ANY(%s) AND choice = 'add'
            ) AS numbered GROUP BY batch ORDER BY batch
            """,
            [BATCH, active_household().pk, statements],
        )
        yield from cursor.fetchall()


def _remember(source: Import, statements: list[Statement]) -> None:
    """Which wallet each account is, for the next file."""
    for each in statements:
        KnownAccount.objects.update_or_create(
            household=active_household(),
            key=account_key(source, each.account),
            defaults={"wallet": each.wallet},
        )


def import_undo(*, source: Import, user: User | None) -> None:
    """Take an import back whole: its lines leave the ledger, whatever was made of them since.

    Raises NotImported, LinesReconciled, ClosedHolder, and ClosedMonth where one of its months is
    closed.
    """
    with guarded():
        household_lock(active_household())
        current = Import.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
        if current is None or current.state != ImportState.DONE:
            raise NotImported
        with connection.cursor() as cursor:
            keys = {"household": active_household().pk, "source": current.pk}
            cursor.execute(RECONCILED, keys)
            if cursor.fetchone():
                raise LinesReconciled
            cursor.execute(TAKE_BACK, keys)
        current.state = ImportState.UNDONE
        current.undone_at, current.undone_by = timezone.now(), user
        current.save()
