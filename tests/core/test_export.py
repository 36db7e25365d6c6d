"""Everything a household owns, in one file."""

import datetime as dt
import json
import tracemalloc
import uuid
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection

from budget.archives.services import month_close
from budget.categories.models import Category
from budget.core.export import Content, household_contents, household_export, household_models
from budget.core.periods import Period
from budget.core.tenancy import NoScope, household_scope
from budget.goals.models import Goal
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.users.models import Household, User
from budget.wallets.selectors import first_wallet
from tests.ledger import book, bucket, person, wallet

DAY = dt.date(2026, 11, 3)


def exported(**besides: Any) -> dict[str, Any]:
    with household_export(besides=besides) as file:
        content: dict[str, Any] = json.loads(file.read())
    return content


@pytest.mark.usefixtures("scope")
def test_every_model_of_a_household_is_in_it() -> None:
    content = exported()

    assert content["format"] == "budgeometre-household"
    assert content["version"] == 1
    kept = {model._meta.label_lower for model in household_models() if model.exported}
    assert kept <= content.keys()
    # The bank's files, which the person has and which go after a day.
    assert {model._meta.label for model in household_models() if not model.exported} == {
        "imports.ImportFile"
    }


def test_rows_are_readable(scope: Household, alice: User) -> None:
    Category.objects.all().delete()
    food = Category.objects.create(name='Épicerie "fine" <b>', monthly_limit=Decimal(400))
    key = uuid.uuid4()
    line = Transaction.objects.create(
        amount=Decimal("45.90"),
        date=DAY,
        category=food,
        description="Pain\n🥖 \u202e",
        submission=key,
        created_by=alice,
    )

    content = exported(members=[{"email": "alice@example.org"}])

    assert content["household"]["name"] == "Chez Alice"
    assert content["household"]["currency"] == "EUR"
    assert content["members"] == [{"email": "alice@example.org"}]
    assert content["categories.category"] == [
        {
            "id": food.pk,
            "name": 'Épicerie "fine" <b>',
            "description": "",
            "colour": "#64748b",
            "kind": "expense",
            "monthly_limit": "400.00",
            "bucket_id": None,
            "version": 1,
            "retired_at": None,
        }
    ]
    [row] = content["transactions.transaction"]
    assert row["amount"] == "45.90"
    assert row["date"] == "2026-11-03"
    assert row["category_id"] == food.pk
    assert row["created_by_id"] == alice.pk
    assert row["description"] == "Pain\n🥖 \u202e"
    assert row["submission"] == str(key)
    assert dt.datetime.fromisoformat(row["created_at"]) == line.created_at
    assert "search" not in row, "a generated column says nothing new"
    assert "household_id" not in row


@pytest.mark.usefixtures("scope")
def test_a_household_with_nothing_in_it_is_a_file_all_the_same() -> None:
    Category.objects.all().delete()

    assert exported()["transactions.transaction"] == []


def test_it_holds_nothing_of_another_household(household: Household, charlie: User) -> None:
    with household_scope(household):
        Transaction.objects.create(amount=1, date=DAY, description="Alice's")
    with household_scope(Household.objects.get(slug="charlie")):
        Transaction.objects.create(amount=1, date=DAY, description="Charlie's")

        assert "Alice's" not in json.dumps(exported())


@pytest.mark.django_db
def test_it_needs_a_household() -> None:
    with pytest.raises(NoScope):
        household_export()


def test_a_long_history_does_not_fill_the_memory(scope: Household) -> None:
    def peak(rows: int) -> int:
        Transaction.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO transactions_transaction (household_id, wallet_id, kind, amount, date,"
                " description, note, version, created_at, updated_at)"
                " SELECT %s, %s, 'expense', 1,"
                " date '2026-01-01' + n %% 300, 'Line ' || n, '', 1, now(), now()"
                " FROM generate_series(1, %s) n",
                [scope.pk, first_wallet().pk, rows],
            )
        tracemalloc.start()
        with household_export() as file:
            assert sum(1 for _ in file) > rows
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 2 * peak(5_000)


def test_what_is_there_is_counted_in_one_query(
    scope: Household, django_assert_num_queries: Any
) -> None:
    Category.objects.all().delete()
    Transaction.objects.create(amount=1, date=DAY)
    for name in ("Un", "Deux"):
        Category.objects.create(name=name)
    labels = ["transactions.Transaction", "categories.Category", "goals.Goal"]

    with django_assert_num_queries(1):
        found = household_contents(labels)

    assert not Goal.objects.exists()
    assert [str(content) for content in found] == ["1 transaction", "2 catégories"]
    assert str(Content(12_345, Transaction)) == "12\u00a0345 transactions"


def test_wallets_envelopes_people_and_what_rests_on_them_are_in_it(scope: Household) -> None:
    needs, fun = bucket("Nécessaire", 60), bucket("Plaisir", 40)
    book(Kind.INCOME, "100.05", DAY, spread=[(needs, 60), (fun, 40)])
    book(Kind.TRANSFER, 30, DAY, wallet=first_wallet(), to_wallet=wallet())
    book(Kind.LEND, 10, DAY, person=person("Zoé"))
    Reconciliation.objects.create(wallet=first_wallet(), date=DAY, balance=Decimal("60.05"))
    with time_machine.travel(dt.datetime(2026, 12, 2, 12, tzinfo=dt.UTC)):
        month_close(period=Period.containing(DAY))

    content = exported()

    assert [each["name"] for each in content["wallets.wallet"]] == ["Compte courant", "Livret"]
    assert [each["share"] for each in content["buckets.bucket"]] == [60, 40]
    assert [each["first_name"] for each in content["people.person"]] == ["Zoé"]
    assert [each["amount"] for each in content["transactions.allotment"]] == ["60.03", "40.02"]
    assert [each["balance"] for each in content["transactions.reconciliation"]] == ["60.05"]
    lines = {each["kind"]: each for each in content["transactions.transaction"]}
    assert lines["transfer"]["to_wallet_id"] == content["wallets.wallet"][1]["id"]
    assert lines["lend"]["person_id"] == content["people.person"][0]["id"]
    kept = {(each["kind"], each["name"]) for each in content["archives.closedmonthbalance"]}
    assert ("wallet", "Livret") in kept
    assert ("bucket", "Plaisir") in kept
