from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("wallets", "0002_isolation"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Wallet"),
    ]
