"""A household's revision: another number after every write, whoever makes it."""

from django.db import migrations, models

from budget.core.tenancy import HouseholdRevision

# Microseconds and not one more than before: so that no number comes twice where the database goes
# back in time, restored from a backup or continued by a standby that lacked the last writes. What
# was worked out of those, and is still kept somewhere, is then never taken for true.
FUNCTIONS = """
CREATE FUNCTION users_household_revised() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := greatest(
        OLD.revision + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    );
    RETURN NEW;
END
$$;

CREATE FUNCTION users_revise_own() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('budget.household');
BEGIN
    UPDATE users_household SET revision = revision + 1 WHERE id = own::bigint;
    -- Local to the transaction, and undone with it up to a savepoint, as the update is.
    PERFORM set_config('budget.revised', own, true);
    RETURN NULL;
END
$$;

CREATE FUNCTION users_revise(changed bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users_household WHERE id = ANY(changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE users_household SET revision = revision + 1 WHERE id = ANY(changed);
END
$$;

CREATE FUNCTION users_revise_by_rows() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(household_id) INTO changed
        FROM (SELECT household_id FROM old_rows UNION SELECT household_id FROM rows) AS both_rows;
    ELSE
        SELECT array_agg(DISTINCT household_id) INTO changed FROM rows;
    END IF;
    IF changed IS NOT NULL THEN
        PERFORM users_revise(changed);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION users_revise_all() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM users_revise(ARRAY(SELECT id FROM users_household));
    RETURN NULL;
END
$$;

-- A person is shown to all the households they belong to.
CREATE FUNCTION users_revise_of_person() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM users_revise(ARRAY(SELECT household_id FROM users_membership WHERE user_id = NEW.id));
    RETURN NULL;
END
$$;

CREATE TRIGGER revised BEFORE UPDATE ON users_household
    FOR EACH ROW EXECUTE FUNCTION users_household_revised();
CREATE TRIGGER person_shown AFTER UPDATE OF name, email ON users_user
    FOR EACH ROW WHEN (OLD.name <> NEW.name OR OLD.email <> NEW.email)
    EXECUTE FUNCTION users_revise_of_person();
"""

REVERT_FUNCTIONS = """
DROP TRIGGER revised ON users_household;
DROP TRIGGER person_shown ON users_user;
DROP FUNCTION users_revise_of_person();
DROP FUNCTION users_revise_all();
DROP FUNCTION users_revise_by_rows();
DROP FUNCTION users_revise(bigint[]);
DROP FUNCTION users_revise_own();
DROP FUNCTION users_household_revised();
"""


class Migration(migrations.Migration):
    dependencies = [("users", "0002_membership_submission")]
    operations = [
        migrations.AddField(
            model_name="household",
            name="revision",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.RunSQL(FUNCTIONS, REVERT_FUNCTIONS),
        HouseholdRevision("Membership"),
        HouseholdRevision("Invitation"),
    ]
