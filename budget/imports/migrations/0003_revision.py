from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_isolation"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Import"),
        HouseholdRevision("ImportFile"),
        HouseholdRevision("Statement"),
        HouseholdRevision("ImportLine"),
        HouseholdRevision("KnownAccount"),
        HouseholdRevision("Mapping"),
        HouseholdRevision("Rule"),
    ]
