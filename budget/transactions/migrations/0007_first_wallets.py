"""Every household gets its current account, and what it has recorded so far moved that."""

from django.db import migrations, models

# Set-based, for every household at once, and past the triggers: totals by category do not change,
# and closed months may be told which wallet they moved. The account is named in its founder's
# language, and dated as the first line is.
FILL = """
SELECT set_config('budget.backoffice', 'on', true);
ALTER TABLE transactions_transaction DISABLE TRIGGER USER;

INSERT INTO wallets_wallet (household_id, name, colour, position, kind, opening_balance,
                            opening_date, hidden, version)
SELECT household.id,
       CASE WHEN (
           SELECT founder.language FROM users_membership AS member
           JOIN users_user AS founder ON founder.id = member.user_id
           WHERE member.household_id = household.id ORDER BY member.id LIMIT 1
       ) = 'en' THEN 'Current account' ELSE 'Compte courant' END,
       '#3b82f6', 0, 'current', 0,
       coalesce(
           (SELECT min(date) FROM transactions_transaction WHERE household_id = household.id),
           household.created_at::date
       ),
       false, 1
FROM users_household AS household
WHERE NOT EXISTS (SELECT FROM wallets_wallet WHERE household_id = household.id);

UPDATE transactions_transaction AS line
SET wallet_id = (
    SELECT id FROM wallets_wallet WHERE household_id = line.household_id ORDER BY id LIMIT 1
)
WHERE wallet_id IS NULL AND kind <> 'transfer';

ALTER TABLE transactions_transaction ENABLE TRIGGER USER;
SELECT set_config('budget.backoffice', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0006_isolation")]
    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="transaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind__in", ["expense", "income"]),
                        ("to_bucket", None),
                        ("to_wallet", None),
                        ("wallet__isnull", False),
                    ),
                    models.Q(
                        ("kind__in", ("lend", "collect", "borrow", "repay")),
                        ("to_bucket", None),
                        ("to_wallet", None),
                        ("category", None),
                        ("person__isnull", False),
                        ("wallet__isnull", False),
                    ),
                    models.Q(
                        ("category", None),
                        ("kind", "transfer"),
                        ("person", None),
                        models.Q(
                            models.Q(
                                ("to_wallet__isnull", False),
                                ("wallet__isnull", False),
                                models.Q(("wallet", models.F("to_wallet")), _negated=True),
                            ),
                            models.Q(
                                ("to_wallet", None),
                                ("wallet", None),
                                models.Q(
                                    models.Q(("bucket", None), ("to_bucket__isnull", False)),
                                    models.Q(("bucket__isnull", False), ("to_bucket", None)),
                                    models.Q(
                                        ("bucket__isnull", False),
                                        ("to_bucket__isnull", False),
                                        models.Q(("bucket", models.F("to_bucket")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="transactions_transaction_sides_fit_kind",
            ),
        ),
    ]
