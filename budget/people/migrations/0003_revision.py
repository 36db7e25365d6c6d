from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("people", "0002_isolation"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Person"),
    ]
