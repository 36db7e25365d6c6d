from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("balances", "0003_people_come_back"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("WalletMonth"),
        HouseholdRevision("BucketMonth"),
        HouseholdRevision("PersonTotal"),
    ]
