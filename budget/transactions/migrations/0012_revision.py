from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("transactions", "0011_quicker_writes"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Reconciliation"),
        HouseholdRevision("Transaction"),
        HouseholdRevision("Allotment"),
        HouseholdRevision("MonthTotal"),
    ]
