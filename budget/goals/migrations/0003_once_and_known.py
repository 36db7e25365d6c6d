"""A form sent twice makes one goal, words are known ones, and a closed goal holds nothing."""

import datetime

from django.conf import settings
from django.db import migrations, models

# Whatever moves, the service empties a goal before it closes it.
CLOSED_IS_EMPTY = """
CREATE FUNCTION goals_refuse_closed_with_money() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    subject bigint;
BEGIN
    IF TG_TABLE_NAME = 'goals_goal' THEN
        subject := NEW.id;
    ELSE
        subject := COALESCE(NEW.goal_id, OLD.goal_id);
    END IF;
    PERFORM 1 FROM goals_goal WHERE id = subject AND state <> 'active' FOR NO KEY UPDATE;
    IF FOUND AND (
        SELECT sum(CASE kind WHEN 'deposit' THEN amount ELSE -amount END)
        FROM goals_goalmovement WHERE goal_id = subject
    ) <> 0 THEN
        RAISE EXCEPTION 'a closed goal would hold money' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER closed_is_empty AFTER INSERT OR UPDATE OF state ON goals_goal
    FOR EACH ROW WHEN (NEW.state <> 'active') EXECUTE FUNCTION goals_refuse_closed_with_money();
CREATE TRIGGER closed_is_empty AFTER INSERT OR UPDATE OR DELETE ON goals_goalmovement
    FOR EACH ROW EXECUTE FUNCTION goals_refuse_closed_with_money();
"""

REVERT = """
DROP TRIGGER closed_is_empty ON goals_goalmovement;
DROP TRIGGER closed_is_empty ON goals_goal;
DROP FUNCTION goals_refuse_closed_with_money();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("categories", "0002_isolation"),
        ("goals", "0002_isolation"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="goal",
            name="submission",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("target_date__range", (datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)))
                ),
                name="goals_goal_target_date_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("frequency__in", ["weekly", "fortnightly", "monthly", "quarterly", "yearly"])
                ),
                name="goals_goal_frequency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "spent", "released"])),
                name="goals_goal_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="goal",
            constraint=models.UniqueConstraint(
                fields=("household", "submission"), name="goals_goal_submitted_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="goalmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["deposit", "withdrawal", "spent", "released"])),
                name="goals_goalmovement_kind_known",
            ),
        ),
        migrations.RunSQL(CLOSED_IS_EMPTY, REVERT),
    ]
