"""The policies of the totals, and the triggers that keep them.

Statement triggers, as for the monthly totals by category: a bulk insert of 100,000 rows costs one
GROUP BY. What a row moved is written down once below, and counted with a minus for rows as they
were and a plus for rows as they are.
"""

from collections.abc import Callable

from django.db import migrations

from budget.core.tenancy import HouseholdPolicy, HouseholdReference

# What the ledger's rows in {rows} move, times {factor}.
WALLET_MOVES = """
SELECT household_id, date, wallet_id,
       {factor} * CASE WHEN transactions_sign(kind) = 1 THEN amount ELSE 0 END AS received,
       {factor} * CASE WHEN transactions_sign(kind) = 1 THEN 0 ELSE amount END AS paid,
       {factor} * CASE WHEN reconciliation_id IS NULL THEN 0
                       WHEN transactions_sign(kind) = 1 THEN amount ELSE -amount
                  END AS reconciled,
       {factor} AS count
FROM {rows} WHERE wallet_id IS NOT NULL
UNION ALL
SELECT household_id, date, to_wallet_id, {factor} * amount, 0,
       {factor} * CASE WHEN to_reconciliation_id IS NULL THEN 0 ELSE amount END, {factor}
FROM {rows} WHERE to_wallet_id IS NOT NULL
"""

# A transfer between wallets that changes no envelope moves nothing here.
BUCKET_MOVES = """
SELECT household_id, date, bucket_id,
       {factor} * CASE WHEN transactions_sign(kind) = 1 THEN amount ELSE 0 END AS received,
       {factor} * CASE WHEN transactions_sign(kind) = 1 THEN 0 ELSE amount END AS spent,
       {factor} AS count
FROM {rows} WHERE kind <> 'transfer' OR bucket_id IS DISTINCT FROM to_bucket_id
UNION ALL
SELECT household_id, date, to_bucket_id, {factor} * amount, 0, {factor}
FROM {rows} WHERE kind = 'transfer' AND bucket_id IS DISTINCT FROM to_bucket_id
"""

# An allotment takes its part of an income out of what is unassigned.
ALLOTMENT_MOVES = """
SELECT household_id, date, bucket_id, {factor} * amount AS received, 0 AS spent, {factor} AS count
FROM {rows}
UNION ALL
SELECT household_id, date, NULL, 0 - {factor} * amount, 0, 0 FROM {rows}
"""

PERSON_MOVES = """
SELECT household_id, person_id,
       {factor} * CASE WHEN kind = 'lend' THEN amount ELSE 0 END AS lent,
       {factor} * CASE WHEN kind = 'collect' THEN amount ELSE 0 END AS collected,
       {factor} * CASE WHEN kind = 'borrow' THEN amount ELSE 0 END AS borrowed,
       {factor} * CASE WHEN kind = 'repay' THEN amount ELSE 0 END AS repaid,
       {factor} AS count
FROM {rows} WHERE person_id IS NOT NULL
"""

ADD_TO_WALLETS = """
INSERT INTO balances_walletmonth AS kept
    (household_id, month, wallet_id, received, paid, reconciled, count)
SELECT household_id, budget_month_start(date, month_start_day), wallet_id,
       sum(received), sum(paid), sum(reconciled), sum(count)
FROM ({moves}) AS moved JOIN users_household AS household ON household.id = household_id
GROUP BY 1, 2, 3
ON CONFLICT (household_id, wallet_id, month) DO UPDATE
SET received = kept.received + excluded.received, paid = kept.paid + excluded.paid,
    reconciled = kept.reconciled + excluded.reconciled, count = kept.count + excluded.count;
"""

ADD_TO_BUCKETS = """
INSERT INTO balances_bucketmonth AS kept (household_id, month, bucket_id, received, spent, count)
SELECT household_id, budget_month_start(date, month_start_day), bucket_id,
       sum(received), sum(spent), sum(count)
FROM ({moves}) AS moved JOIN users_household AS household ON household.id = household_id
GROUP BY 1, 2, 3
ON CONFLICT (household_id, bucket_id, month) DO UPDATE
SET received = kept.received + excluded.received, spent = kept.spent + excluded.spent,
    count = kept.count + excluded.count;
"""

ADD_TO_PEOPLE = """
INSERT INTO balances_persontotal AS kept
    (household_id, person_id, lent, collected, borrowed, repaid, count)
SELECT household_id, person_id, sum(lent), sum(collected), sum(borrowed), sum(repaid), sum(count)
FROM ({moves}) AS moved JOIN users_household AS household ON household.id = household_id
GROUP BY 1, 2
ON CONFLICT (household_id, person_id) DO UPDATE
SET lent = kept.lent + excluded.lent, collected = kept.collected + excluded.collected,
    borrowed = kept.borrowed + excluded.borrowed, repaid = kept.repaid + excluded.repaid,
    count = kept.count + excluded.count;
"""

SWEEP = """
DELETE FROM balances_walletmonth WHERE household_id = ANY(changed) AND count = 0;
DELETE FROM balances_bucketmonth
    WHERE household_id = ANY(changed) AND count = 0 AND received = 0 AND spent = 0;
DELETE FROM balances_persontotal WHERE household_id = ANY(changed) AND count = 0;
"""

# Closed means empty. The name goes along for whoever tells the person.
EMPTY = """
SELECT wallet.name INTO full_one FROM wallets_wallet AS wallet
WHERE wallet.household_id = ANY(changed) AND wallet.closed_at IS NOT NULL
  AND wallet.opening_balance + (
      SELECT coalesce(sum(received - paid), 0) FROM balances_walletmonth
      WHERE household_id = wallet.household_id AND wallet_id = wallet.id
  ) <> 0
LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'the closed wallet % is not empty', full_one
        USING ERRCODE = 'BM004', DETAIL = full_one;
END IF;
SELECT bucket.name INTO full_one FROM buckets_bucket AS bucket
WHERE bucket.household_id = ANY(changed) AND bucket.closed_at IS NOT NULL AND (
    SELECT coalesce(sum(received - spent), 0) FROM balances_bucketmonth
    WHERE household_id = bucket.household_id AND bucket_id = bucket.id
) <> 0
LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'the closed envelope % is not empty', full_one
        USING ERRCODE = 'BM004', DETAIL = full_one;
END IF;
"""

# The columns on which a total depends.
SUMMED = (
    "id, household_id, date, kind, amount, wallet_id, to_wallet_id, bucket_id, to_bucket_id,"
    " person_id, reconciliation_id, to_reconciliation_id"
)


def _moves(template: str, *signed_rows: tuple[str, str]) -> str:
    return "UNION ALL".join(template.format(factor=sign, rows=rows) for sign, rows in signed_rows)


def _add_ledger(*signed_rows: tuple[str, str]) -> str:
    return (
        ADD_TO_WALLETS.format(moves=_moves(WALLET_MOVES, *signed_rows))
        + ADD_TO_BUCKETS.format(moves=_moves(BUCKET_MOVES, *signed_rows))
        + ADD_TO_PEOPLE.format(moves=_moves(PERSON_MOVES, *signed_rows))
    )


def _add_allotments(*signed_rows: tuple[str, str]) -> str:
    return ADD_TO_BUCKETS.format(moves=_moves(ALLOTMENT_MOVES, *signed_rows))


OLD = ("-1", "old_rows")
NEW = ("1", "new_rows")
LOCK = "PERFORM 1 FROM users_household WHERE id = ANY(changed) ORDER BY id FOR NO KEY UPDATE;"


def _keeper(name: str, table: str, columns: str, add: Callable[..., str]) -> str:
    """A function and the three triggers that keep the totals of `table`."""
    return f"""
CREATE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    full_one text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT household_id) INTO changed FROM new_rows;
        {LOCK}
        {add(NEW)}
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT household_id) INTO changed FROM old_rows;
        {LOCK}
        {add(OLD)}
    ELSE
        -- Nothing that is summed has changed: it happens outside any household's scope, too,
        -- where a person's account goes, and with it their name from the lines they wrote.
        IF NOT EXISTS (SELECT {columns} FROM old_rows EXCEPT SELECT {columns} FROM new_rows) THEN
            RETURN NULL;
        END IF;
        SELECT array_agg(DISTINCT household_id) INTO changed
        FROM (SELECT household_id FROM old_rows UNION SELECT household_id FROM new_rows) AS rows;
        {LOCK}
        {add(OLD, NEW)}
    END IF;
    {SWEEP}
    {EMPTY}
    RETURN NULL;
END
$$;

CREATE TRIGGER totals_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER totals_update AFTER UPDATE ON {table}
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER totals_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""


def _revert_keeper(name: str, table: str) -> str:
    return f"""
DROP TRIGGER totals_insert ON {table};
DROP TRIGGER totals_update ON {table};
DROP TRIGGER totals_delete ON {table};
DROP FUNCTION {name}();
"""


ALLOTTED = "id, household_id, bucket_id, amount, date"

# A wallet or an envelope can only be closed when it is empty.
CLOSING = f"""
CREATE FUNCTION balances_close_empty() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[] := ARRAY[NEW.household_id];
    full_one text;
BEGIN
    {EMPTY}
    RETURN NULL;
END
$$;

CREATE TRIGGER close_empty AFTER UPDATE OF closed_at, opening_balance ON wallets_wallet
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION balances_close_empty();
CREATE TRIGGER close_empty AFTER UPDATE OF closed_at ON buckets_bucket
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION balances_close_empty();
"""

REVERT_CLOSING = """
DROP TRIGGER close_empty ON wallets_wallet;
DROP TRIGGER close_empty ON buckets_bucket;
DROP FUNCTION balances_close_empty();
"""

RECUT_LINES = ("1", "(SELECT * FROM transactions_transaction WHERE household_id = NEW.id) AS rows")
RECUT_PARTS = ("1", "(SELECT * FROM transactions_allotment WHERE household_id = NEW.id) AS rows")

# A household that moves the first day of its month has its totals cut anew. Households are
# changed in any scope or none, so the function sees to it that the policies let it work.
RECUT = f"""
CREATE FUNCTION balances_recut() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('budget.backoffice', true), '');
BEGIN
    PERFORM set_config('budget.backoffice', 'on', true);
    DELETE FROM balances_walletmonth WHERE household_id = NEW.id;
    DELETE FROM balances_bucketmonth WHERE household_id = NEW.id;
    {ADD_TO_WALLETS.format(moves=_moves(WALLET_MOVES, RECUT_LINES))}
    {ADD_TO_BUCKETS.format(moves=_moves(BUCKET_MOVES, RECUT_LINES))}
    {ADD_TO_BUCKETS.format(moves=_moves(ALLOTMENT_MOVES, RECUT_PARTS))}
    PERFORM set_config('budget.backoffice', before, true);
    RETURN NULL;
END
$$;

CREATE TRIGGER balances_recut AFTER UPDATE OF month_start_day ON users_household
    FOR EACH ROW WHEN (OLD.month_start_day <> NEW.month_start_day)
    EXECUTE FUNCTION balances_recut();
"""

REVERT_RECUT = """
DROP TRIGGER balances_recut ON users_household;
DROP FUNCTION balances_recut();
"""

# What was recorded before there were wallets, for every household at once.
FILL = f"""
SELECT set_config('budget.backoffice', 'on', true);
{_add_ledger(("1", "transactions_transaction"))}
{_add_allotments(("1", "transactions_allotment"))}
SELECT set_config('budget.backoffice', '', true);
"""

REVERT_FILL = """
SELECT set_config('budget.backoffice', 'on', true);
DELETE FROM balances_walletmonth;
DELETE FROM balances_bucketmonth;
DELETE FROM balances_persontotal;
SELECT set_config('budget.backoffice', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("balances", "0001_initial"), ("transactions", "0007_first_wallets")]
    operations = [
        HouseholdPolicy("WalletMonth"),
        HouseholdPolicy("BucketMonth"),
        HouseholdPolicy("PersonTotal"),
        HouseholdReference("WalletMonth", "wallet", "CASCADE"),
        HouseholdReference("BucketMonth", "bucket", "CASCADE"),
        HouseholdReference("PersonTotal", "person", "CASCADE"),
        migrations.RunSQL(FILL, REVERT_FILL),
        migrations.RunSQL(
            _keeper("balances_keep_ledger", "transactions_transaction", SUMMED, _add_ledger),
            _revert_keeper("balances_keep_ledger", "transactions_transaction"),
        ),
        migrations.RunSQL(
            _keeper(
                "balances_keep_allotments", "transactions_allotment", ALLOTTED, _add_allotments
            ),
            _revert_keeper("balances_keep_allotments", "transactions_allotment"),
        ),
        migrations.RunSQL(CLOSING, REVERT_CLOSING),
        migrations.RunSQL(RECUT, REVERT_RECUT),
    ]
