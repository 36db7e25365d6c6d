from django.db import migrations

from budget.core.tenancy import HouseholdPolicy


class Migration(migrations.Migration):
    dependencies = [("buckets", "0001_initial")]
    operations = [HouseholdPolicy("Bucket")]
