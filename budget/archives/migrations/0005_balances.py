"""A snapshot keeps what wallets and envelopes held, and tells apart what only passed through."""

import django.db.models.deletion
from django.db import migrations, models

from budget.core.tenancy import HouseholdPolicy, HouseholdReference

# Months closed before: the ledger's guard has kept them as they were, so they can be told still.
# Their household had one wallet then, and no envelope.
TOLD_LATER = """
SELECT set_config('budget.backoffice', 'on', true);
INSERT INTO archives_closedmonthbalance
    (household_id, closed_month_id, kind, name, colour, received, paid, balance)
SELECT closed.household_id, closed.id, 'wallet', wallet.name, wallet.colour,
       sums.received, sums.paid,
       sums.held + CASE WHEN wallet.opening_date <= closed.last_day
                        THEN wallet.opening_balance ELSE 0 END
FROM archives_closedmonth AS closed
JOIN wallets_wallet AS wallet ON wallet.household_id = closed.household_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(received) FILTER (WHERE month = closed.first_day), 0) AS received,
           coalesce(sum(paid) FILTER (WHERE month = closed.first_day), 0) AS paid,
           coalesce(sum(received - paid), 0) AS held,
           count(*) AS months
    FROM balances_walletmonth AS moved
    WHERE moved.household_id = closed.household_id AND moved.wallet_id = wallet.id
      AND moved.month <= closed.last_day
) AS sums
WHERE sums.months > 0
ORDER BY closed.id, wallet.position, wallet.id;
SELECT set_config('budget.backoffice', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("archives", "0004_pointing"),
        ("balances", "0002_totals"),
        ("users", "0002_membership_submission"),
    ]

    operations = [
        migrations.AddField(
            model_name="closedmonthline",
            name="neutral_in",
            field=models.DecimalField(
                db_default=0, decimal_places=2, default=0, max_digits=16, verbose_name="passed in"
            ),
        ),
        migrations.AddField(
            model_name="closedmonthline",
            name="neutral_out",
            field=models.DecimalField(
                db_default=0, decimal_places=2, default=0, max_digits=16, verbose_name="passed out"
            ),
        ),
        migrations.CreateModel(
            name="ClosedMonthBalance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("wallet", "Wallet"), ("bucket", "Envelope")],
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                ("colour", models.CharField(blank=True, max_length=7, verbose_name="colour")),
                (
                    "received",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="received"),
                ),
                ("paid", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="paid")),
                (
                    "balance",
                    models.DecimalField(decimal_places=2, max_digits=16, verbose_name="balance"),
                ),
                (
                    "closed_month",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="balances",
                        to="archives.closedmonth",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="+",
                        to="users.household",
                        verbose_name="household",
                    ),
                ),
            ],
            options={
                "verbose_name": "closed month's wallet or envelope",
                "verbose_name_plural": "closed month's wallets and envelopes",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["wallet", "bucket"])),
                        name="archives_closedmonthbalance_kind_known",
                    )
                ],
            },
        ),
        HouseholdPolicy("ClosedMonthBalance"),
        HouseholdReference("ClosedMonthBalance", "closed_month", "CASCADE"),
        migrations.RunSQL(TOLD_LATER, migrations.RunSQL.noop),
    ]
