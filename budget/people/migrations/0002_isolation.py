from django.db import migrations

from budget.core.tenancy import HouseholdPolicy


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [HouseholdPolicy("Person")]
