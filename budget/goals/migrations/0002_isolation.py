"""Goals stay in their household, and no goal gives more than it holds."""

from django.db import migrations

from budget.core.tenancy import HouseholdPolicy, HouseholdReference

NEVER_OVERDRAWN = """
CREATE FUNCTION goals_refuse_overdrawn() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    -- One writer a goal at a time, or two withdrawals would each see the money still there.
    PERFORM 1 FROM goals_goal WHERE id = COALESCE(NEW.goal_id, OLD.goal_id) FOR NO KEY UPDATE;
    IF FOUND AND (
        SELECT sum(CASE kind WHEN 'deposit' THEN amount ELSE -amount END)
        FROM goals_goalmovement WHERE goal_id = COALESCE(NEW.goal_id, OLD.goal_id)
    ) < 0 THEN
        RAISE EXCEPTION 'a goal would be overdrawn' USING ERRCODE = 'BM002';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER never_overdrawn AFTER INSERT OR UPDATE OR DELETE ON goals_goalmovement
    FOR EACH ROW EXECUTE FUNCTION goals_refuse_overdrawn();
"""

REVERT = """
DROP TRIGGER never_overdrawn ON goals_goalmovement;
DROP FUNCTION goals_refuse_overdrawn();
"""


class Migration(migrations.Migration):
    dependencies = [("goals", "0001_initial"), ("categories", "0002_isolation")]
    operations = [
        HouseholdPolicy("Goal"),
        HouseholdPolicy("GoalMovement"),
        HouseholdReference("Goal", "category", "SET NULL"),
        HouseholdReference("GoalMovement", "goal", "CASCADE"),
        migrations.RunSQL(NEVER_OVERDRAWN, REVERT),
    ]
