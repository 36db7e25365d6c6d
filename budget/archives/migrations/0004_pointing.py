"""A closed month's lines can still be pointed; its incomes stay spread as they were."""

from django.db import migrations

# What a line says. Whether it was found on a statement is not part of it.
SAID = (
    "id, household_id, date, kind, amount, category_id, wallet_id, to_wallet_id, bucket_id,"
    " to_bucket_id, person_id, description, note, submission, version, created_by_id, created_at,"
    " updated_at"
)
ALLOTTED = "id, household_id, date, transaction_id, bucket_id, amount"


def guard(said: str, name: str) -> str:
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
        FROM new_rows AS rows
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM old_rows) ORDER BY id FOR NO KEY UPDATE;
        -- Lines that go because their household goes find it gone already.
        SELECT min(rows.date) INTO touched
        FROM old_rows AS rows
        JOIN users_household AS household ON household.id = rows.household_id
        JOIN archives_closedmonth AS closed ON closed.household_id = rows.household_id
         AND rows.date BETWEEN closed.first_day AND closed.last_day;
    ELSIF EXISTS (SELECT {said} FROM old_rows EXCEPT SELECT {said} FROM new_rows) THEN
        PERFORM 1 FROM users_household
        WHERE id IN (SELECT household_id FROM old_rows UNION SELECT household_id FROM new_rows)
        ORDER BY id FOR NO KEY UPDATE;
        SELECT min(rows.date) INTO touched
        FROM (
            (SELECT {said} FROM old_rows EXCEPT SELECT {said} FROM new_rows)
            UNION ALL
            (SELECT {said} FROM new_rows EXCEPT SELECT {said} FROM old_rows)
        ) AS rows
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
"""


ALLOTMENTS = (
    guard(ALLOTTED, "archives_refuse_closed_parts")
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

REVERT_ALLOTMENTS = """
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
        migrations.RunSQL(guard(SAID, "archives_refuse_closed"), migrations.RunSQL.noop),
        migrations.RunSQL(ALLOTMENTS, REVERT_ALLOTMENTS),
    ]
