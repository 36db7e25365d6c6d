"""A snapshot knows its categories; and a person who leaves may leave closed months behind."""

import django.db.models.deletion
from django.db import migrations, models

from budget.core.tenancy import HouseholdReference

# As before, except for one change that is none of the ledger's: when a person's account goes,
# their name goes from the lines they wrote (ON DELETE SET NULL), in closed months as well.
# A trigger with transition tables cannot be bound to columns, so rows are compared. Days are
# made distinct first: an import of 100,000 lines has a few hundred of them.
GUARD = """
CREATE OR REPLACE FUNCTION archives_refuse_closed() RETURNS trigger
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
            WHERE was.id IS NULL OR now.id IS NULL OR now.created_by_id IS NOT NULL
               OR to_jsonb(was) - 'created_by_id' <> to_jsonb(now) - 'created_by_id';
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


class Migration(migrations.Migration):
    dependencies = [("archives", "0002_isolation"), ("categories", "0002_isolation")]
    operations = [
        migrations.AddField(
            model_name="closedmonthline",
            name="category",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="categories.category",
            ),
        ),
        HouseholdReference("ClosedMonthLine", "category", "SET NULL"),
        # Going back leaves this function in place: it refuses all that the one before refused.
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
