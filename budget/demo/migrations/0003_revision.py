from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("demo", "0002_wallets_envelopes_people"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Seeding"),
    ]
