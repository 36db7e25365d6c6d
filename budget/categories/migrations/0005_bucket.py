import django.db.models.deletion
from django.db import migrations, models

from budget.core.tenancy import HouseholdReference


class Migration(migrations.Migration):
    dependencies = [
        ("buckets", "0003_shares"),
        ("categories", "0004_neutral"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="bucket",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="categories",
                to="buckets.bucket",
                verbose_name="envelope",
            ),
        ),
        HouseholdReference("Category", "bucket", "SET NULL"),
    ]
