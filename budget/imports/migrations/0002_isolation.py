from django.db import migrations

from budget.core.tenancy import HouseholdPolicy, HouseholdReference


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial")]
    operations = [
        *(
            HouseholdPolicy(model)
            for model in (
                "Import",
                "ImportFile",
                "Statement",
                "ImportLine",
                "KnownAccount",
                "Mapping",
                "Rule",
            )
        ),
        HouseholdReference("ImportFile", "source", "CASCADE"),
        HouseholdReference("Statement", "source", "CASCADE"),
        HouseholdReference("Statement", "wallet", "SET NULL"),
        HouseholdReference("ImportLine", "statement", "CASCADE"),
        *(
            HouseholdReference("ImportLine", field, "SET NULL")
            for field in ("category", "bucket", "person", "to_wallet")
        ),
        HouseholdReference("KnownAccount", "wallet", "CASCADE"),
        *(
            HouseholdReference("Rule", field, "SET NULL")
            for field in ("category", "bucket", "person")
        ),
        # A rule without the wallet it asks for would fit everywhere; one without the wallet that
        # it transfers to would make expenses of transfers.
        HouseholdReference("Rule", "wallet", "CASCADE"),
        HouseholdReference("Rule", "transfer_to", "CASCADE"),
    ]
