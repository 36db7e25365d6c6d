"""Closed months stay in their household, and their transactions stay as they were."""

from django.db import migrations

from budget.core.tenancy import HouseholdPolicy, HouseholdReference

# The lock is the one that closing a month takes: a line written at the same moment is either
# in the snapshot or refused. Lines that go because their household goes find it gone already.
GUARD = """
CREATE FUNCTION archives_refuse_closed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    touched date;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
        SELECT min(rows.date) INTO touched
        FROM new_rows AS rows
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
    END IF;
    IF TG_OP <> 'INSERT' AND touched IS NULL THEN
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM old_rows) ORDER BY id FOR NO KEY UPDATE;
        SELECT min(rows.date) INTO touched
        FROM old_rows AS rows
        JOIN users_household AS household ON household.id = rows.household_id
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
    END IF;
    IF touched IS NOT NULL THEN
        RAISE EXCEPTION 'a closed month does not change'
            USING ERRCODE = 'BM001', DETAIL = touched::text;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER closed_month_insert AFTER INSERT ON transactions_transaction
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION archives_refuse_closed();
CREATE TRIGGER closed_month_update AFTER UPDATE ON transactions_transaction
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION archives_refuse_closed();
CREATE TRIGGER closed_month_delete AFTER DELETE ON transactions_transaction
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION archives_refuse_closed();
"""

REVERT_GUARD = """
DROP TRIGGER closed_month_insert ON transactions_transaction;
DROP TRIGGER closed_month_update ON transactions_transaction;
DROP TRIGGER closed_month_delete ON transactions_transaction;
DROP FUNCTION archives_refuse_closed();
"""

# Closed months were cut with the first day in force: it stays while there are any. Households
# are changed in any scope or none, so the function sees to it that the policies let it look.
FIRST_DAY = """
CREATE FUNCTION archives_keep_first_day() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('budget.backoffice', true), '');
BEGIN
    PERFORM set_config('budget.backoffice', 'on', true);
    IF EXISTS (SELECT FROM archives_closedmonth WHERE household_id = NEW.id) THEN
        RAISE EXCEPTION 'closed months rest on the first day of the month'
            USING ERRCODE = 'BM003';
    END IF;
    PERFORM set_config('budget.backoffice', before, true);
    RETURN NULL;
END
$$;

CREATE TRIGGER closed_months_first_day AFTER UPDATE OF month_start_day ON users_household
    FOR EACH ROW WHEN (OLD.month_start_day <> NEW.month_start_day)
    EXECUTE FUNCTION archives_keep_first_day();
"""

REVERT_FIRST_DAY = """
DROP TRIGGER closed_months_first_day ON users_household;
DROP FUNCTION archives_keep_first_day();
"""


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial"), ("transactions", "0003_month_totals")]
    operations = [
        HouseholdPolicy("ClosedMonth"),
        HouseholdPolicy("ClosedMonthLine"),
        HouseholdReference("ClosedMonthLine", "closed_month", "CASCADE"),
        migrations.RunSQL(GUARD, REVERT_GUARD),
        migrations.RunSQL(FIRST_DAY, REVERT_FIRST_DAY),
    ]
