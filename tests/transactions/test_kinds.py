"""What a kind does to the money, said once in Python and once in the database."""

import pytest
from django.db import connection

from budget.transactions.models import Kind

pytestmark = pytest.mark.django_db


def test_the_database_and_the_site_agree_on_what_a_kind_does_to_the_money() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, transactions_sign(kind) FROM unnest(%s::text[]) AS kind", [Kind.values]
        )
        assert dict(cursor.fetchall()) == {kind.value: kind.sign for kind in Kind}


def test_the_totals_call_no_function_for_each_row_to_learn_what_its_kind_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN (VERBOSE, COSTS OFF) SELECT transactions_sign(kind)"
            " FROM transactions_transaction"
        )
        assert "transactions_sign" not in "".join(row[0] for row in cursor.fetchall())
