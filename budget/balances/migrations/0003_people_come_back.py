"""Someone who was removed, and with whom something is open again, is among the people again.

Only those are removed with whom nothing is open. A line of theirs that is changed, deleted or
brought back, or a month of theirs that is erased, can open what was settled: then it must be seen,
and settled anew. How to reach them is not known any more.
"""

from django.db import migrations

# Nothing is open where what was lent and not collected is what was borrowed and not repaid, and
# neither is left: see `Position`.
COME_BACK = """
CREATE FUNCTION balances_person_back() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE people_person SET removed_at = NULL, version = version + 1
    WHERE household_id = NEW.household_id AND id = NEW.person_id AND removed_at IS NOT NULL;
    RETURN NULL;
END
$$;

CREATE TRIGGER person_back AFTER INSERT OR UPDATE ON balances_persontotal
    FOR EACH ROW WHEN (
        NEW.lent > NEW.collected OR NEW.lent - NEW.collected <> NEW.borrowed - NEW.repaid
    )
    EXECUTE FUNCTION balances_person_back();
"""

REVERT = """
DROP TRIGGER person_back ON balances_persontotal;
DROP FUNCTION balances_person_back();
"""


class Migration(migrations.Migration):
    dependencies = [("balances", "0002_totals"), ("people", "0002_isolation")]
    operations = [migrations.RunSQL(COME_BACK, REVERT)]
