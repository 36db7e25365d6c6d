"""Whatever changes in a household gives it a new revision, and nothing else does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from budget.categories.models import Category
from budget.core.export import household_models
from budget.core.tenancy import HouseholdRevision, backoffice_scope, household_scope
from budget.transactions.models import MonthTotal, Transaction
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.services import household_create, household_delete, user_delete, user_update
from tests.ledger import spend

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 3)


@pytest.fixture
def other(charlie: User) -> Household:
    return Household.objects.get(slug="charlie")


def revision(household: Household) -> int:
    return Household.objects.values_list("revision", flat=True).get(pk=household.pk)


@contextmanager
def raises_the_revision(*households: Household) -> Iterator[None]:
    """What is done inside gives these households a higher revision."""
    before = {each.pk: revision(each) for each in households}
    yield
    for each in households:
        assert revision(each) > before[each.pk], each


@contextmanager
def leaves_the_revision(*households: Household) -> Iterator[None]:
    before = {each.pk: revision(each) for each in households}
    yield
    for each in households:
        assert revision(each) == before[each.pk], each


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_every_table_of_a_household_raises_its_revision() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, array_agg(tgname::text ORDER BY tgname) FROM pg_trigger
            JOIN pg_class ON pg_class.oid = tgrelid
            WHERE tgname LIKE 'revision%%' AND tgenabled = 'O' GROUP BY relname
            """
        )
        found = dict(cursor.fetchall())
    triggers = [f"revision_{name}" for name in ("delete", "insert", "own", "truncate", "update")]
    models: list[type[Model]] = [*household_models(), Membership, Invitation]
    assert found == {model._meta.db_table: triggers for model in models}


WRITES: dict[str, Callable[[Household], object]] = {
    "insert": lambda home: Category(household=home, name="New").save(),
    "update": lambda _: Category.objects.filter(name="Old").update(description="changed"),
    "delete": lambda _: Category.objects.filter(name="Old").delete(),
    "sql": lambda _: execute("UPDATE categories_category SET description = 'by hand'"),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("in_backoffice", [False, True])
def test_a_write_raises_the_revision_of_its_household(
    write: str, in_backoffice: bool, household: Household, other: Household
) -> None:
    with household_scope(household):
        Category.objects.create(name="Old")
    changed = {household, other} if write == "sql" and in_backoffice else {household}
    with (
        leaves_the_revision(*{household, other} - changed),
        raises_the_revision(*changed),
        backoffice_scope() if in_backoffice else household_scope(household),
    ):
        WRITES[write](household)


def test_the_totals_that_triggers_write_belong_to_the_same_revision(household: Household) -> None:
    with raises_the_revision(household), household_scope(household):
        spend(5, DAY)
        seen = revision(household)
        spend(7, DAY)
        assert MonthTotal.objects.exists()
        assert revision(household) == seen, "once is enough"


def test_each_scope_begins_anew(household: Household) -> None:
    for _ in range(2):
        with raises_the_revision(household), household_scope(household):
            spend(5, DAY)
    with household_scope(household):
        spend(5, DAY)
        with raises_the_revision(household), household_scope(household):
            spend(5, DAY)
        with raises_the_revision(household):
            spend(5, DAY)


def test_what_is_undone_up_to_a_savepoint_does_not_stand_for_the_next_write(
    household: Household,
) -> None:
    with raises_the_revision(household), household_scope(household):
        with leaves_the_revision(household), transaction.atomic():
            spend(5, DAY)
            transaction.set_rollback(True)
        spend(5, DAY)


def test_two_households_in_one_transaction_are_both_told(
    household: Household, other: Household
) -> None:
    with raises_the_revision(household, other), transaction.atomic():
        for home in (household, other):
            with household_scope(home):
                spend(5, DAY)


def test_nothing_written_leaves_the_revision(
    household: Household, alice: User, as_alice: Client
) -> None:
    with leaves_the_revision(household):
        as_alice.get("/h/alice/")
        alice.last_household = "elsewhere"
        alice.save()
        with household_scope(household):
            list(Transaction.objects.all())


def test_the_household_itself_raises_it_and_a_stale_copy_does_not_lower_it(
    household: Household,
) -> None:
    stale = Household.objects.get(pk=household.pk)
    with raises_the_revision(household):
        Household.objects.filter(pk=household.pk).update(name="Chez nous")
    with raises_the_revision(household):
        stale.save()


def test_who_belongs_to_it_and_who_is_asked_raise_it(
    household: Household, other: Household, alice: User, charlie: User
) -> None:
    with raises_the_revision(household), leaves_the_revision(other):
        Membership.objects.create(household=household, user=charlie, role=Role.VIEWER)
    with raises_the_revision(household), leaves_the_revision(other):
        Membership.objects.filter(household=household, user=charlie).update(role=Role.EDITOR)
    with raises_the_revision(household), leaves_the_revision(other):
        Membership.objects.filter(household=household, user=charlie).delete()
    with raises_the_revision(household), leaves_the_revision(other):
        Invitation.objects.create(household=household, email="x@example.org", invited_by=alice)


def test_a_members_name_and_address_raise_it(
    household: Household, other: Household, bob: User
) -> None:
    with raises_the_revision(household), leaves_the_revision(other):
        user_update(user=bob, name="Robert", language="")
    with raises_the_revision(household), leaves_the_revision(other):
        User.objects.filter(pk=bob.pk).update(email="robert@example.org")
    with leaves_the_revision(household, other):
        user_update(user=bob, name="Robert", language="en")


def test_somebody_who_goes_takes_their_name_from_the_lines(
    household: Household, other: Household, charlie: User
) -> None:
    with household_scope(household):
        line = spend(5, DAY)
        Transaction.objects.filter(pk=line.pk).update(created_by=charlie)
    with raises_the_revision(household, other):
        user_delete(user=charlie)
    with household_scope(household):
        line = spend(5, DAY)


def test_a_household_goes_with_all_it_owns(household: Household, other: Household) -> None:
    with household_scope(household):
        spend(5, DAY)
    with leaves_the_revision(other):
        household_delete(household=household)
    assert not Household.objects.filter(pk=household.pk).exists()


def test_a_table_that_is_emptied_raises_every_revision(
    household: Household, other: Household
) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with raises_the_revision(household, other):
        execute("TRUNCATE demo_seeding")


def test_no_number_comes_twice_where_the_database_goes_back_in_time(household: Household) -> None:
    with transaction.atomic():
        with household_scope(household):
            spend(5, DAY)
        lost = revision(household)
        transaction.set_rollback(True)
    assert revision(household) < lost
    with household_scope(household):
        spend(6, DAY)
    assert revision(household) > lost


def test_a_new_household_has_a_revision_of_its_own(alice: User) -> None:
    made = household_create(name="Autre", owner=alice, language="fr")
    assert revision(made) > 0


def test_the_triggers_can_be_taken_back(household: Household) -> None:
    from django.db.migrations.loader import MigrationLoader

    state = MigrationLoader(connection).project_state()
    operation = HouseholdRevision("Seeding")
    assert operation.deconstruct() == ("HouseholdRevision", ["Seeding"], {})
    assert "Seeding" in operation.describe()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        operation.database_backwards("demo", editor, state, state)
    with leaves_the_revision(household):
        execute("TRUNCATE demo_seeding")
    with connection.schema_editor() as editor:
        operation.database_forwards("demo", editor, state, state)
    with raises_the_revision(household):
        execute("TRUNCATE demo_seeding")
