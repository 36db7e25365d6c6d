"""From the preview into the ledger, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from budget.core.guards import ClosedHolder, Refused, guarded
from budget.core.tenancy import active_household, scope_cursor
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
from budget.imports.plans import joined_by_hashing
from budget.imports.rechecking import look_again
from budget.imports.staging import account_key
from budget.transactions.closing import ClosedDays
from budget.users.models import User
from budget.users.services import household_lock

#: Lines of one statement of SQL. The ledger's triggers run once for each, and after each the
#: person sees how far it is.
BATCH = 10_000

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


# The first half of a transfer whose other half is in the same file is entered as the whole.
PAIR = """
UPDATE imports_importline AS line SET to_wallet_id = statement.wallet_id
FROM imports_importline AS half
JOIN imports_statement AS statement
  ON statement.household_id = half.household_id AND statement.id = half.statement_id
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND half.household_id = line.household_id AND half.statement_id = ANY(%(statements)s)
  AND half.choice = 'join' AND half.found = line.entry AND line.choice = 'add'
"""

# The lines of a file that are merged with the ledger's, and those.
JOINED = """
imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
JOIN transactions_transaction AS entered
  ON entered.household_id = line.household_id AND entered.id = line.found
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.choice = 'join'
"""
# Whether the ledger's line moved the statement's wallet already. Where it did not, the two are the
# halves of a transfer.
SAME_WALLET = "(statement.wallet_id IN (entered.wallet_id, entered.to_wallet_id))"

# What the ledger's line was: whether it was pointed there and had a bank's words; and of what
# becomes a transfer, what a transfer has not.
KEEP = f"""
UPDATE imports_importline AS kept SET before = joined.before
FROM (
    SELECT line.id, jsonb_build_object('labelled', entered.bank_label <> '') || CASE
        WHEN {SAME_WALLET} THEN jsonb_build_object('pointed',
            CASE WHEN entered.wallet_id = statement.wallet_id THEN entered.pointed
                 ELSE entered.to_pointed END)
        ELSE jsonb_build_object(
            'kind', entered.kind, 'category', entered.category_id, 'bucket', entered.bucket_id,
            'person', entered.person_id) END AS before
    FROM {JOINED}
) AS joined
WHERE kept.household_id = %(household)s AND kept.id = joined.id
"""  # noqa: S608 - constants of ours

# It was found on the bank's statement, and keeps all that the person said of it. In a closed month
# it can still be pointed, and nothing else of it changes.
MERGE = f"""
UPDATE transactions_transaction AS merged
SET pointed = merged.pointed OR coalesce(merged.wallet_id = ANY(joined.wallets), false),
    to_pointed = merged.to_pointed OR coalesce(merged.to_wallet_id = ANY(joined.wallets), false),
    bank_label = CASE WHEN merged.bank_label <> '' OR EXISTS (
            SELECT FROM unnest(%(closed_first)s::date[], %(closed_last)s::date[])
            AS closed (first, last) WHERE merged.date BETWEEN closed.first AND closed.last
        ) THEN merged.bank_label ELSE joined.label END
FROM (
    SELECT line.found, array_agg(statement.wallet_id) AS wallets,
           (array_agg(line.label ORDER BY line.id))[1] AS label
    FROM {JOINED} AND {SAME_WALLET} GROUP BY line.found
) AS joined
WHERE merged.household_id = %(household)s AND merged.id = joined.found
"""  # noqa: S608 - constants of ours

# Each side keeps what its own statement says of it. The person's edit that is open is refused.
CONVERT = f"""
UPDATE transactions_transaction AS half
SET kind = 'transfer', category_id = NULL, bucket_id = NULL, person_id = NULL,
    wallet_id = CASE WHEN half.kind = 'expense' THEN half.wallet_id ELSE joined.wallet_id END,
    to_wallet_id = CASE WHEN half.kind = 'expense' THEN joined.wallet_id ELSE half.wallet_id END,
    pointed = half.kind <> 'expense' OR half.pointed,
    to_pointed = half.kind = 'expense' OR half.pointed,
    reconciliation_id = CASE WHEN half.kind = 'expense' THEN half.reconciliation_id END,
    to_reconciliation_id = CASE WHEN half.kind <> 'expense' THEN half.reconciliation_id END,
    bank_label = CASE WHEN half.bank_label = '' THEN joined.label ELSE half.bank_label END,
    version = half.version + 1, updated_at = now()
FROM (
    SELECT line.found, statement.wallet_id, line.label
    FROM {JOINED} AND {SAME_WALLET} IS NOT TRUE
) AS joined
WHERE half.household_id = %(household)s AND half.id = joined.found
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


def import_confirm(*, source: Import, user: User | None) -> int:
    """Write the chosen lines of a file into the ledger, all or nothing.

    Returns 0 when it is done. Where lines can no longer be what the preview says (they are there
    already, their month was closed, what they would be merged with has gone), nothing is written:
    the preview is brought up to date, the number of those lines is returned, and the person looks
    again. Raises NotWaiting, WalletUnknown, NothingChosen, ClosedHolder and ClosedMonth.
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
        if changed := look_again(current, keys):
            return changed
        numbers = _numbers(keys)
        if not numbers[Choice.ADD] + numbers[Choice.JOIN]:
            raise NothingChosen
        if numbers[Choice.JOIN]:
            _execute([PAIR], statements=keys)
        _enter(current, keys, numbers[Choice.ADD], user)
        if numbers[Choice.JOIN]:
            _join(keys)
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
        with scope_cursor() as cursor:
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


def _join(statements: list[int]) -> None:
    """Merge the chosen lines with the ledger's, whose state before is kept."""
    spans = ClosedDays().spans
    _execute(
        [KEEP, MERGE, CONVERT],
        statements=statements,
        closed_first=[first for first, _last in spans],
        closed_last=[last for _first, last in spans],
    )


def _execute(queries: Iterable[str], **values: Any) -> None:
    with joined_by_hashing(), scope_cursor() as cursor:
        for query in queries:
            cursor.execute(query, {"household": active_household().pk, **values})


def _batches(statements: list[int]) -> Iterator[tuple[int, int]]:
    """The first and last id of every so many lines that are to be added."""
    with scope_cursor() as cursor:
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
