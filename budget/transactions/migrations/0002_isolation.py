from django.db import migrations

from budget.core.tenancy import HouseholdPolicy, HouseholdReference


class Migration(migrations.Migration):
    dependencies = [("transactions", "0001_initial"), ("categories", "0002_isolation")]
    operations = [
        HouseholdPolicy("Transaction"),
        HouseholdPolicy("MonthTotal"),
        HouseholdReference("Transaction", "category"),
        HouseholdReference("MonthTotal", "category"),
    ]
