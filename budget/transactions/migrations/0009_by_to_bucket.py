from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transactions", "0008_checked_lines")]
    operations = [
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(
                condition=models.Q(("to_bucket__isnull", False)),
                fields=["household", "to_bucket", "-date", "-id"],
                name="transactions_by_to_bucket",
            ),
        ),
    ]
