from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("archives", "0005_balances"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("ClosedMonth"),
        HouseholdRevision("ClosedMonthLine"),
        HouseholdRevision("ClosedMonthBalance"),
    ]
