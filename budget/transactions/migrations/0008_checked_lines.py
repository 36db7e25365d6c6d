"""What is still to be checked, what of it was found, and what a reconciliation sealed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transactions", "0007_first_wallets")]
    operations = [
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("reconciliation", None)),
                fields=["household", "wallet", "-date", "-id"],
                name="transactions_unsealed",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("pointed", True), ("reconciliation", None)),
                fields=["household", "wallet", "date"],
                name="transactions_pointed",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("reconciliation__isnull", False)),
                fields=["household", "reconciliation", "-date", "-id"],
                name="transactions_sealed",
            ),
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("to_reconciliation__isnull", False)),
                fields=["household", "to_reconciliation", "-date", "-id"],
                name="transactions_sealed_in",
            ),
        ),
    ]
