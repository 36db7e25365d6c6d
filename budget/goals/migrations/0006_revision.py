from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("goals", "0005_wallet"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Goal"),
        HouseholdRevision("GoalMovement"),
    ]
