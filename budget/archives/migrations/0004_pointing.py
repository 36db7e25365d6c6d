"""A closed month's lines can still be pointed; its incomes stay spread as they were."""

from django.db import migrations

# As before, and whether a line was found on a statement is none of what it says either.
LEDGER = """
    was.id IS NULL OR now.id IS NULL
    OR (now.created_by_id IS NOT NULL AND now.created_by_id IS DISTINCT FROM was.created_by_id)
    OR to_jsonb(was) - ARRAY['created_by_id', 'pointed', 'reconciliation_id', 'to_pointed',
                             'to_reconciliation_id']
    <> to_jsonb(now) - ARRAY['created_by_id', 'pointed', 'reconciliation_id', 'to_pointed',
                             'to_reconciliation_id']
"""
PARTS = "was.id IS NULL OR now.id IS NULL OR to_jsonb(was) <> to_jsonb(now)"


def guard(name: str, says_otherwise: str) -> str:
    """A function that refuses rows of closed months which say something else than before."""
    return f"""
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    touched date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
        SELECT min(rows.date) INTO touched
        FROM (SELECT DISTINCT household_id, date FROM new_rows) AS rows
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM old_rows) ORDER BY id FOR NO KEY UPDATE;
        SELECT min(rows.date) INTO touched
        FROM (SELECT DISTINCT household_id, date FROM old_rows) AS rows
        JOIN users_household AS household ON household.id = rows.household_id
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
    ELSE
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM old_rows UNION SELECT household_id FROM new_rows)
        ORDER BY id FOR NO KEY UPDATE;
        SELECT min(rows.date) INTO touched
        FROM (SELECT household_id, date FROM old_rows
              UNION SELECT household_id, date FROM new_rows) AS rows
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
        IF touched IS NOT NULL THEN  -- Rare, so only now are rows compared.
            SELECT min(rows.date) INTO touched
            FROM (SELECT household_id, id, date FROM old_rows
                  UNION ALL SELECT household_id, id, date FROM new_rows) AS rows
            JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
             AND rows.date BETWEEN closed.first_day AND closed.last_day
            LEFT JOIN old_rows AS was ON was.id = rows.id
            LEFT JOIN new_rows AS now ON now.id = rows.id
            WHERE {says_otherwise};
        END IF;
    END IF;
    IF touched IS NOT NULL THEN
        RAISE EXCEPTION 'a closed month does not change'
            USING ERRCODE = 'BM001', DETAIL = touched::text;
    END IF;
    RETURN NULL;
END
$$;
"""


GUARD_PARTS = (
    guard("archives_refuse_closed_parts", PARTS)
    + """
CREATE TRIGGER closed_month_insert AFTER INSERT ON transactions_allotment
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION archives_refuse_closed_parts();
CREATE TRIGGER closed_month_update AFTER UPDATE ON transactions_allotment
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION archives_refuse_closed_parts();
CREATE TRIGGER closed_month_delete AFTER DELETE ON transactions_allotment
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION archives_refuse_closed_parts();
"""
)

REVERT_GUARD_PARTS = """
DROP TRIGGER closed_month_insert ON transactions_allotment;
DROP TRIGGER closed_month_update ON transactions_allotment;
DROP TRIGGER closed_month_delete ON transactions_allotment;
DROP FUNCTION archives_refuse_closed_parts();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("archives", "0003_snapshot_category"),
        ("transactions", "0007_first_wallets"),
    ]
    operations = [
        # Going back leaves this function in place: it refuses all that the one before refused.
        migrations.RunSQL(guard("archives_refuse_closed", LEDGER), migrations.RunSQL.noop),
        migrations.RunSQL(GUARD_PARTS, REVERT_GUARD_PARTS),
    ]
