"""Goals may name the wallet that holds their money."""

import django.db.models.deletion
from django.db import migrations, models

from budget.core.tenancy import HouseholdReference


class Migration(migrations.Migration):
    dependencies = [
        ("goals", "0004_version"),
        ("wallets", "0002_isolation"),
    ]

    operations = [
        migrations.AddField(
            model_name="goal",
            name="wallet",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="goals",
                to="wallets.wallet",
                verbose_name="wallet",
            ),
        ),
        HouseholdReference("Goal", "wallet", "SET NULL"),
    ]
