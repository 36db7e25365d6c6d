"""Out of the ledger again: an import is taken back whole.

What it added goes, and what it was merged with is again what it was (`ImportLine.before`). Where
another import's line was merged with what goes, that bank said so too: the line of the ledger
becomes that one's, as if it had been added by it.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext

from budget.core.guards import Refused, guarded
from budget.core.tenancy import active_household, scope_cursor
from budget.imports.models import Import, ImportState
from budget.imports.plans import joined_by_hashing
from budget.users.models import User
from budget.users.services import household_lock

_STATEMENT = """
imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
"""

# What the import added and is still there, each with the line of another import that takes it over:
# one of the same wallet, which says the same, before the other half of a transfer.
OWNED = f"""
CREATE TEMPORARY TABLE import_owned ON COMMIT DROP AS
SELECT entered.id, statement.wallet_id, line.to_wallet_id, heir.line_id AS heir,
       heir.source_id AS heir_source, heir.wallet_id = statement.wallet_id AS same
FROM {_STATEMENT}
JOIN transactions_transaction AS entered
  ON entered.household_id = line.household_id AND entered.id = line.entry
LEFT JOIN (
    SELECT DISTINCT ON (own.id) own.id, line.id AS line_id, statement.wallet_id,
           source.id AS source_id
    FROM {_STATEMENT}
    JOIN imports_import AS source
      ON source.household_id = line.household_id AND source.id = statement.source_id
    JOIN (
        SELECT line.entry AS id, statement.wallet_id FROM {_STATEMENT}
        WHERE line.household_id = %(household)s AND statement.source_id = %(source)s
          AND line.choice = 'add'
    ) AS own ON own.id = line.found
    WHERE line.household_id = %(household)s AND line.choice = 'join' AND source.state = 'done'
      AND source.id <> %(source)s
    ORDER BY own.id, (statement.wallet_id = own.wallet_id) DESC, line.id
) AS heir ON heir.id = entered.id
WHERE line.household_id = %(household)s AND statement.source_id = %(source)s
  AND line.choice = 'add'
"""  # noqa: S608 - constants of ours

# What the import was merged with and is still there, but for what goes or becomes another's
# transfer half; `later` is another import's line that says the same of the same wallet.
MERGED = f"""
CREATE TEMPORARY TABLE import_merged ON COMMIT DROP AS
SELECT line.id AS line_id, entered.id, statement.wallet_id, line.label, line.before,
       entered.wallet_id = statement.wallet_id AS here,
       coalesce(entered.to_wallet_id = statement.wallet_id, false) AS there,
       later.said IS NOT NULL AS said, later.line_id AS later
FROM {_STATEMENT}
JOIN transactions_transaction AS entered
  ON entered.household_id = line.household_id AND entered.id = line.found
JOIN imports_import AS own
  ON own.household_id = line.household_id AND own.id = statement.source_id
LEFT JOIN LATERAL (
    SELECT other.id AS said,
           CASE WHEN other.choice = 'join' AND source.done_at >= own.done_at THEN other.id END
           AS line_id
    FROM imports_importline AS other
    JOIN imports_statement AS place
      ON place.household_id = other.household_id AND place.id = other.statement_id
    JOIN imports_import AS source
      ON source.household_id = other.household_id AND source.id = place.source_id
    WHERE other.household_id = line.household_id AND source.state = 'done'
      AND source.id <> own.id AND place.wallet_id = statement.wallet_id
      AND ((other.choice = 'join' AND other.found = entered.id)
           OR (other.choice = 'add' AND other.entry = entered.id))
    ORDER BY source.done_at, other.id LIMIT 1
) AS later ON true
WHERE line.household_id = %(household)s AND statement.source_id = %(source)s
  AND line.choice = 'join'
  AND NOT EXISTS (SELECT FROM import_owned AS owned
                  WHERE owned.id = entered.id AND owned.same IS NOT TRUE)
"""  # noqa: S608 - constants of ours

RECONCILED = """
SELECT 1 FROM transactions_transaction AS entered
JOIN import_owned AS owned ON owned.id = entered.id
WHERE entered.household_id = %(household)s AND owned.same IS NOT TRUE
  AND ((entered.reconciliation_id IS NOT NULL
        AND (owned.heir IS NULL OR entered.wallet_id = owned.wallet_id))
    OR (entered.to_reconciliation_id IS NOT NULL
        AND (owned.heir IS NULL OR entered.to_wallet_id = owned.wallet_id)))
UNION ALL
SELECT 1 FROM transactions_transaction AS entered
JOIN import_merged AS merged ON merged.id = entered.id
WHERE entered.household_id = %(household)s AND NOT merged.said
  AND (merged.before->>'pointed') IS DISTINCT FROM 'true'
  AND ((merged.here AND entered.reconciliation_id IS NOT NULL)
    OR (merged.there AND entered.to_reconciliation_id IS NOT NULL))
LIMIT 1
"""

# Where another line says the same, it is now the first to have said so.
HAND_ON = """
UPDATE imports_importline AS line SET before = merged.before
FROM import_merged AS merged
WHERE line.household_id = %(household)s AND line.id = merged.later
"""

# The halves part. The other half is what it was, with its category, envelope and person as far as
# they are still there; what its own statement says of it stays.
PART = """
UPDATE transactions_transaction AS half
SET kind = CASE WHEN merged.there THEN 'expense' ELSE 'income' END,
    wallet_id = CASE WHEN merged.there THEN half.wallet_id ELSE half.to_wallet_id END,
    to_wallet_id = NULL, bucket_id = merged.bucket, to_bucket_id = NULL,
    pointed = CASE WHEN merged.there THEN half.pointed ELSE half.to_pointed END,
    to_pointed = false,
    reconciliation_id = CASE WHEN merged.there THEN half.reconciliation_id
                             ELSE half.to_reconciliation_id END,
    to_reconciliation_id = NULL,
    category_id = merged.category, person_id = merged.person,
    bank_label = CASE WHEN merged.before->>'labelled' = 'false' AND half.bank_label = merged.label
                      THEN '' ELSE half.bank_label END,
    version = half.version + 1, updated_at = now()
FROM (
    SELECT merged.*, category.id AS category, bucket.id AS bucket, person.id AS person
    FROM import_merged AS merged
    LEFT JOIN categories_category AS category ON category.household_id = %(household)s
     AND category.id = (merged.before->>'category')::bigint
    LEFT JOIN buckets_bucket AS bucket ON bucket.household_id = %(household)s
     AND bucket.id = (merged.before->>'bucket')::bigint AND bucket.closed_at IS NULL
    LEFT JOIN people_person AS person ON person.household_id = %(household)s
     AND person.id = (merged.before->>'person')::bigint
) AS merged
WHERE half.household_id = %(household)s AND half.id = merged.id AND NOT merged.said
  AND merged.before ? 'kind' AND half.kind = 'transfer' AND (merged.here OR merged.there)
"""

# Pointed by this import alone, it no longer is; the bank's words go where they came from it.
UNPOINT = """
UPDATE transactions_transaction AS entered
SET pointed = entered.pointed AND NOT coalesce(entered.wallet_id = ANY(merged.wallets), false),
    to_pointed = entered.to_pointed
             AND NOT coalesce(entered.to_wallet_id = ANY(merged.wallets), false),
    bank_label = CASE WHEN entered.bank_label = ANY(merged.labels) THEN ''
                      ELSE entered.bank_label END
FROM (
    SELECT id,
           array_agg(wallet_id) FILTER (WHERE before->>'pointed' = 'false') AS wallets,
           array_agg(label) FILTER (WHERE before->>'labelled' = 'false') AS labels
    FROM import_merged WHERE NOT said AND before ? 'pointed' GROUP BY id
) AS merged
WHERE entered.household_id = %(household)s AND entered.id = merged.id
"""

UNSPREAD = """
DELETE FROM transactions_allotment AS part USING import_owned AS owned
WHERE part.household_id = %(household)s AND part.transaction_id = owned.id
  AND owned.heir IS NOT NULL AND NOT owned.same
"""
# A transfer whose first half goes is what the other half's statement says, as if nothing had been
# known of the first. A line that another statement says as well stays as it is.
INHERIT = """
UPDATE transactions_transaction AS entered
SET submission = heir.fingerprint, version = entered.version + 1, updated_at = now(),
    kind = CASE WHEN owned.same THEN entered.kind
                WHEN heir.amount < 0 THEN 'expense' ELSE 'income' END,
    amount = CASE WHEN owned.same THEN entered.amount ELSE abs(heir.amount) END,
    date = CASE WHEN owned.same THEN entered.date ELSE heir.date END,
    category_id = CASE WHEN owned.same THEN entered.category_id ELSE category.id END,
    wallet_id = CASE WHEN owned.same THEN entered.wallet_id ELSE statement.wallet_id END,
    to_wallet_id = CASE WHEN owned.same THEN entered.to_wallet_id END,
    bucket_id = CASE WHEN owned.same THEN entered.bucket_id ELSE bucket.id END,
    to_bucket_id = CASE WHEN owned.same THEN entered.to_bucket_id END,
    person_id = CASE WHEN owned.same THEN entered.person_id ELSE heir.person_id END,
    pointed = owned.same IS FALSE OR entered.pointed,
    to_pointed = owned.same AND entered.to_pointed,
    reconciliation_id = CASE
        WHEN owned.same OR entered.wallet_id = statement.wallet_id THEN entered.reconciliation_id
        WHEN entered.to_wallet_id = statement.wallet_id THEN entered.to_reconciliation_id END,
    to_reconciliation_id = CASE WHEN owned.same THEN entered.to_reconciliation_id END,
    description = CASE WHEN owned.same THEN entered.description ELSE heir.description END,
    bank_label = CASE WHEN owned.same THEN entered.bank_label ELSE heir.label END
FROM import_owned AS owned
JOIN imports_importline AS heir ON heir.id = owned.heir
JOIN imports_statement AS statement
  ON statement.household_id = heir.household_id AND statement.id = heir.statement_id
LEFT JOIN categories_category AS category
  ON category.household_id = heir.household_id AND category.id = heir.category_id
 AND category.retired_at IS NULL
LEFT JOIN buckets_bucket AS bucket
  ON bucket.household_id = heir.household_id
 AND bucket.id = coalesce(heir.bucket_id, category.bucket_id) AND bucket.closed_at IS NULL
WHERE entered.household_id = %(household)s AND entered.id = owned.id
  AND heir.household_id = %(household)s
"""
HEIRS = """
UPDATE imports_importline AS line
SET choice = 'add', entry = owned.id, found = NULL, before = NULL,
    to_wallet_id = CASE WHEN owned.same THEN owned.to_wallet_id END
FROM import_owned AS owned
WHERE line.household_id = %(household)s AND line.id = owned.heir
"""
COUNT_HEIRS = """
UPDATE imports_import AS source
SET added = source.added + heirs.number, joined = source.joined - heirs.number
FROM (SELECT heir_source AS id, count(*) AS number FROM import_owned
      WHERE heir IS NOT NULL GROUP BY heir_source) AS heirs
WHERE source.household_id = %(household)s AND source.id = heirs.id
"""
REMOVE = """
DELETE FROM transactions_transaction AS entered USING import_owned AS owned
WHERE entered.household_id = %(household)s AND entered.id = owned.id AND owned.heir IS NULL
"""


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


def import_undo(*, source: Import, user: User | None) -> None:
    """Take an import back whole: its lines leave the ledger, whatever was made of them since.

    What it was merged with is again what it was; where another import was merged with its lines,
    these stay, as that import's. Raises NotImported, LinesReconciled, ClosedHolder, and
    ClosedMonth where one of its months is closed.
    """
    with guarded():
        household_lock(active_household())
        current = Import.objects.select_for_update(no_key=True).filter(pk=source.pk).first()
        if current is None or current.state != ImportState.DONE:
            raise NotImported
        values = {"household": active_household().pk, "source": current.pk}
        with joined_by_hashing(), scope_cursor() as cursor:
            cursor.execute(OWNED, values)
            cursor.execute(MERGED, values)
            cursor.execute(RECONCILED, values)
            if cursor.fetchone():
                raise LinesReconciled
            for query in (HAND_ON, PART, UNPOINT, UNSPREAD, INHERIT, HEIRS, COUNT_HEIRS, REMOVE):
                cursor.execute(query, values)
            cursor.execute("DROP TABLE import_owned, import_merged")
        current.state = ImportState.UNDONE
        current.undone_at, current.undone_by = timezone.now(), user
        current.save()
