"""What lines point to stays in their household, and what a kind does to the money."""

from django.db import migrations

from budget.core.tenancy import HouseholdPolicy, HouseholdReference

# The same as models.Kind.sign, which a test compares.
SIGN = """
CREATE FUNCTION transactions_sign(kind text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN kind IN ('income', 'collect', 'borrow') THEN 1
            WHEN kind = 'transfer' THEN 0 ELSE -1 END;
"""

# An allotment has its income's date, so that totals by month need not look for an income that
# has just been deleted.
DATE = """
CREATE FUNCTION transactions_date_allotments() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE transactions_allotment SET date = NEW.date WHERE transaction_id = NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER date_allotments AFTER UPDATE OF date ON transactions_transaction
    FOR EACH ROW WHEN (OLD.date <> NEW.date) EXECUTE FUNCTION transactions_date_allotments();
"""

REVERT_DATE = """
DROP TRIGGER date_allotments ON transactions_transaction;
DROP FUNCTION transactions_date_allotments();
"""

# Deferred to the commit: an income and its parts change in several statements. The scope may be
# over by then, so the function sees to it that the policies let it look.
ADD_UP = """
CREATE FUNCTION transactions_allotments_add_up() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    income bigint;
    before text := coalesce(current_setting('budget.backoffice', true), '');
    wrong boolean;
BEGIN
    IF TG_TABLE_NAME = 'transactions_transaction' THEN
        income := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        income := OLD.transaction_id;
    ELSE
        income := NEW.transaction_id;
    END IF;
    PERFORM set_config('budget.backoffice', 'on', true);
    SELECT line.kind <> 'income' OR line.bucket_id IS NOT NULL OR line.amount <> sum(part.amount)
           OR bool_or(part.date <> line.date)
    INTO wrong
    FROM transactions_transaction AS line
    JOIN transactions_allotment AS part ON part.transaction_id = line.id
    WHERE line.id = income
    GROUP BY line.id;
    PERFORM set_config('budget.backoffice', before, true);
    IF wrong THEN
        RAISE EXCEPTION 'the parts of income % do not add up to it', income
            USING ERRCODE = 'BM006';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER allotments_add_up AFTER INSERT OR UPDATE OR DELETE
    ON transactions_allotment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION transactions_allotments_add_up();
CREATE CONSTRAINT TRIGGER allotments_add_up AFTER UPDATE OF amount, kind, bucket_id
    ON transactions_transaction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.amount <> NEW.amount OR OLD.kind <> NEW.kind
                       OR OLD.bucket_id IS DISTINCT FROM NEW.bucket_id)
    EXECUTE FUNCTION transactions_allotments_add_up();
"""

REVERT_ADD_UP = """
DROP TRIGGER allotments_add_up ON transactions_transaction;
DROP TRIGGER allotments_add_up ON transactions_allotment;
DROP FUNCTION transactions_allotments_add_up();
"""


class Migration(migrations.Migration):
    dependencies = [("transactions", "0005_where_what_who")]
    operations = [
        HouseholdPolicy("Reconciliation"),
        HouseholdPolicy("Allotment"),
        HouseholdReference("Reconciliation", "wallet"),
        *(
            HouseholdReference("Transaction", field)
            for field in (
                "wallet",
                "to_wallet",
                "bucket",
                "to_bucket",
                "person",
                "reconciliation",
                "to_reconciliation",
            )
        ),
        HouseholdReference("Allotment", "transaction", "CASCADE"),
        HouseholdReference("Allotment", "bucket"),
        migrations.RunSQL(SIGN, "DROP FUNCTION transactions_sign(text)"),
        migrations.RunSQL(DATE, REVERT_DATE),
        migrations.RunSQL(ADD_UP, REVERT_ADD_UP),
    ]
