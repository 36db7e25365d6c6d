from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("categories", "0006_neutral_without_limit"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Category"),
    ]
