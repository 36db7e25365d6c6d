from django.db import migrations

from budget.core.tenancy import HouseholdPolicy


class Migration(migrations.Migration):
    dependencies = [("wallets", "0001_initial")]
    operations = [HouseholdPolicy("Wallet")]
