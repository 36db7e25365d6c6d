"""The triggers that keep the monthly totals, and one writer at a time in a household's ledger."""

from django.db import migrations

# Statement triggers: a bulk insert of 100,000 rows costs one GROUP BY and not 100,000 updates.
# The household's row is locked first, so that totals and the closing of a month see writes
# one after the other, and two writers cannot wait for each other.
APPLY = """
CREATE FUNCTION transactions_keep_month_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    -- Nothing that is summed has changed: a person's account went, and with it their name from
    -- the lines they wrote. That happens outside any household's scope.
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT id, household_id, date, category_id, kind, amount FROM old_rows
            EXCEPT
            SELECT id, household_id, date, category_id, kind, amount FROM new_rows
        ) THEN
            RETURN NULL;
        END IF;
    END IF;

    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT household_id) INTO changed FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT household_id) INTO changed FROM old_rows;
    ELSE
        SELECT array_agg(DISTINCT household_id) INTO changed
        FROM (SELECT household_id FROM old_rows UNION SELECT household_id FROM new_rows) AS rows;
    END IF;
    PERFORM 1 FROM users_household WHERE id = ANY(changed) ORDER BY id FOR NO KEY UPDATE;

    IF TG_OP <> 'INSERT' THEN
        UPDATE transactions_monthtotal AS kept
        SET total = kept.total - gone.total, count = kept.count - gone.count
        FROM (
            SELECT household_id, budget_month_start(date, month_start_day) AS month,
                   category_id, kind, sum(amount) AS total, count(*) AS count
            FROM old_rows JOIN users_household AS household ON household.id = household_id
            GROUP BY 1, 2, 3, 4
        ) AS gone
        WHERE kept.household_id = gone.household_id AND kept.month = gone.month
          AND kept.category_id IS NOT DISTINCT FROM gone.category_id AND kept.kind = gone.kind;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO transactions_monthtotal AS kept
            (household_id, month, category_id, kind, total, count)
        SELECT household_id, budget_month_start(date, month_start_day),
               category_id, kind, sum(amount), count(*)
        FROM new_rows JOIN users_household AS household ON household.id = household_id
        GROUP BY 1, 2, 3, 4
        ON CONFLICT (household_id, month, category_id, kind) DO UPDATE
        SET total = kept.total + excluded.total, count = kept.count + excluded.count;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM transactions_monthtotal WHERE household_id = ANY(changed) AND count = 0;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER month_totals_insert AFTER INSERT ON transactions_transaction
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_keep_month_totals();
CREATE TRIGGER month_totals_update AFTER UPDATE ON transactions_transaction
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_keep_month_totals();
CREATE TRIGGER month_totals_delete AFTER DELETE ON transactions_transaction
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION transactions_keep_month_totals();
"""

REVERT_APPLY = """
DROP TRIGGER month_totals_insert ON transactions_transaction;
DROP TRIGGER month_totals_update ON transactions_transaction;
DROP TRIGGER month_totals_delete ON transactions_transaction;
DROP FUNCTION transactions_keep_month_totals();
"""

# A household that moves the first day of its month has its totals cut anew. Households are
# changed in any scope or none, so the function sees to it that the policies let it work.
RECUT = """
CREATE FUNCTION transactions_recut_month_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('budget.backoffice', true), '');
BEGIN
    PERFORM set_config('budget.backoffice', 'on', true);
    DELETE FROM transactions_monthtotal WHERE household_id = NEW.id;
    INSERT INTO transactions_monthtotal (household_id, month, category_id, kind, total, count)
    SELECT household_id, budget_month_start(date, NEW.month_start_day),
           category_id, kind, sum(amount), count(*)
    FROM transactions_transaction WHERE household_id = NEW.id
    GROUP BY 1, 2, 3, 4;
    PERFORM set_config('budget.backoffice', before, true);
    RETURN NULL;
END
$$;

CREATE TRIGGER month_totals_recut AFTER UPDATE OF month_start_day ON users_household
    FOR EACH ROW WHEN (OLD.month_start_day <> NEW.month_start_day)
    EXECUTE FUNCTION transactions_recut_month_totals();
"""

REVERT_RECUT = """
DROP TRIGGER month_totals_recut ON users_household;
DROP FUNCTION transactions_recut_month_totals();
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0002_isolation")]
    operations = [
        migrations.RunSQL(APPLY, REVERT_APPLY),
        migrations.RunSQL(RECUT, REVERT_RECUT),
    ]
