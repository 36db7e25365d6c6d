from django.db import migrations

from budget.core.tenancy import HouseholdRevision


class Migration(migrations.Migration):
    dependencies = [("buckets", "0003_shares"), ("users", "0003_revision")]
    operations = [
        HouseholdRevision("Bucket"),
    ]
