"""A household's shares add up to 100 percent at most, whoever writes them and when."""

from django.db import migrations

# The household's row is locked first, so that two changes of shares come one after the other.
SHARES = """
CREATE FUNCTION buckets_refuse_over_100() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    PERFORM 1 FROM users_household WHERE id = NEW.household_id FOR NO KEY UPDATE;
    SELECT sum(share) INTO total FROM buckets_bucket WHERE household_id = NEW.household_id;
    IF total > 100 THEN
        RAISE EXCEPTION 'the shares add up to more than 100 percent'
            USING ERRCODE = 'BM005', DETAIL = (100 - total + NEW.share)::text;
    END IF;
    RETURN NULL;
END
$$;

-- Deferrable, so that a form that changes several shares may pass through more than 100.
CREATE CONSTRAINT TRIGGER shares_within_100 AFTER INSERT OR UPDATE OF share ON buckets_bucket
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW WHEN (NEW.share > 0) EXECUTE FUNCTION buckets_refuse_over_100();
"""

REVERT_SHARES = """
DROP TRIGGER shares_within_100 ON buckets_bucket;
DROP FUNCTION buckets_refuse_over_100();
"""


class Migration(migrations.Migration):
    dependencies = [("buckets", "0002_isolation")]
    operations = [migrations.RunSQL(SHARES, REVERT_SHARES)]
