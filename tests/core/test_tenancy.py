"""Four layers keep households apart, and each holds when the one before it is gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, clear_url_caches, path
from django.urls import reverse as django_reverse

import budget.urls
from budget.categories.models import Category
from budget.core.export import household_models
from budget.core.guards import Refused
from budget.core.tenancy import (
    HouseholdModel,
    HouseholdPolicy,
    HouseholdReference,
    NoScope,
    active_household,
    active_scope,
    backoffice_scope,
    household_patterns,
    household_scope,
    reverse,
    scoped_household,
)
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, Membership, Role, User
from tests.conftest import SignIn

DAY = dt.date(2026, 11, 3)

#: Tables with a household that carry no policy, and why.
READ_BEFORE_THE_SCOPE = {
    "users.Membership": "it decides the scope, so it is read before there is one (docs/adr/0001)",
    "users.Invitation": "its reader belongs to no household yet; its token is the key",
}


@pytest.fixture
def other(charlie: User) -> Household:
    return Household.objects.get(slug="charlie")


@pytest.fixture
def both(household: Household, other: Household) -> tuple[Category, Category]:
    """A category of Alice's and one of Charlie's, with an expense in each."""
    made = []
    for home in (household, other):
        with household_scope(home):
            category = Category.objects.create(name=f"Of {home.slug}")
            Transaction.objects.create(
                amount=Decimal(10), date=DAY, category=category, description=f"of {home.slug}"
            )
            made.append(category)
    return made[0], made[1]


def seen_by_sql() -> set[str]:
    """The descriptions that plain SQL finds: no manager stands before it, only the policy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT description FROM transactions_transaction")
        return {description for (description,) in cursor.fetchall()}


def seen_without_the_filter() -> set[str]:
    """The same through the ORM with the manager's filter removed."""
    return set(Transaction._base_manager.values_list("description", flat=True))


def settings_in_force() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting('budget.household', true), ''),"
            " coalesce(current_setting('budget.backoffice', true), '')"
        )
        row = cursor.fetchone()
    return row[0], row[1]


@contextmanager
def refused(reason: str) -> Iterator[None]:
    """The database refuses what is tried inside; the transaction around goes on."""
    with pytest.raises(DatabaseError, match=reason), transaction.atomic():
        yield


# The scope


@pytest.mark.django_db
def test_without_a_scope_the_manager_refuses_to_work() -> None:
    with pytest.raises(NoScope):
        Transaction.objects.all()
    with pytest.raises(NoScope):
        Transaction.objects.create(amount=1, date=DAY)
    with pytest.raises(NoScope):
        active_scope()
    assert scoped_household() is None


def test_a_scope_shows_its_household_alone(
    household: Household, other: Household, both: object
) -> None:
    for home in (household, other):
        with household_scope(home):
            assert active_household() == home
            assert [row.description for row in Transaction.objects.all()] == [f"of {home.slug}"]


def test_the_manager_filters_where_the_policy_is_gone(household: Household, both: object) -> None:
    with household_scope(household), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('budget.backoffice', 'on', true)")
        assert seen_by_sql() == {"of alice", "of charlie"}
        assert [row.description for row in Transaction.objects.all()] == ["of alice"]
        assert Transaction.objects.filter(description="of charlie").first() is None


def test_the_back_office_sees_all_and_has_no_household(both: object) -> None:
    with backoffice_scope():
        assert Transaction.objects.count() == 2
        assert seen_by_sql() == {"of alice", "of charlie"}
        with pytest.raises(NoScope):
            active_household()
        with pytest.raises(NoScope):
            Transaction(amount=1, date=DAY).save()


def test_amounts_are_in_the_scopes_currency(household: Household) -> None:
    from budget.core.money import active_currency

    household.currency = "CHF"
    with household_scope(household):
        assert active_currency() == "CHF"
        with backoffice_scope():
            assert active_currency() == "EUR"
        assert active_currency() == "CHF"
    assert active_currency() == "EUR"


# The policy, where the manager's filter is gone


def test_the_policy_hides_the_other_household(
    household: Household, other: Household, both: object
) -> None:
    for home in (household, other):
        with household_scope(home):
            assert seen_by_sql() == {f"of {home.slug}"}
            assert seen_without_the_filter() == {f"of {home.slug}"}
    assert seen_by_sql() == set(), "nothing at all without a scope"
    assert seen_without_the_filter() == set()


def test_the_policy_spares_the_other_households_rows(household: Household, both: object) -> None:
    with household_scope(household):
        assert Transaction._base_manager.update(description="mine") == 1
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM transactions_transaction")
            assert cursor.rowcount == 1
    with backoffice_scope():
        assert Transaction.objects.get().description == "of charlie"


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO categories_category (household_id, name, description, colour, kind)"
        " VALUES (%(other)s, 'Slipped in', '', '#64748b', 'expense')",
        "UPDATE categories_category SET household_id = %(other)s",
    ],
)
def test_the_policy_refuses_to_write_into_another_household(
    sql: str, household: Household, other: Household, both: object
) -> None:
    with household_scope(household):
        with refused("row-level security"), connection.cursor() as cursor:
            cursor.execute(sql, {"other": other.pk})
        with refused("row-level security"):
            Category(household=other, name="Slipped in").save()


@pytest.mark.django_db
def test_the_policy_refuses_to_write_without_a_scope(household: Household) -> None:
    with refused("row-level security"):
        Category(household=household, name="Nobody's").save()


# The keys, where the policy is gone


def test_another_households_category_cannot_be_referred_to(
    both: tuple[Category, Category], household: Household
) -> None:
    _, theirs = both
    with household_scope(household), refused("foreign key"):
        Transaction.objects.create(amount=1, date=DAY, category_id=theirs.pk)
    with backoffice_scope(), refused("foreign key"):
        Transaction(household=household, amount=1, date=DAY, category=theirs).save()


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (model, field)
        for model in household_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, HouseholdModel)
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value.name,
)
@pytest.mark.django_db
def test_references_between_households_rows_are_composite_keys(
    model: type[HouseholdModel], field: models.ForeignKey[Any, Any]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT array_agg(attname ORDER BY attname) FROM pg_constraint
            JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
            WHERE contype = 'f' AND conrelid = %s::regclass AND confrelid = %s::regclass
            GROUP BY pg_constraint.oid
            """,
            [model._meta.db_table, field.remote_field.model._meta.db_table],
        )
        keys = [set(columns) for (columns,) in cursor.fetchall()]
    assert {"household_id", field.column} in keys
    assert {field.column} not in keys, "a plain key beside it says less and costs as much"


# The catalogue


@pytest.mark.parametrize("model", household_models(), ids=lambda model: model.__name__)
@pytest.mark.django_db
def test_every_household_table_has_its_policy_in_force(model: type[HouseholdModel]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relrowsecurity, relforcerowsecurity, polcmd, polpermissive, polroles = '{0}',
                   pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
            FROM pg_class LEFT JOIN pg_policy ON polrelid = pg_class.oid
            WHERE pg_class.oid = %s::regclass
            """,
            [model._meta.db_table],
        )
        [row] = cursor.fetchall()
    enabled, forced, command, permissive, everyone, using, check = row
    assert enabled
    assert forced, "the role that owns the table is the one that asks"
    assert (command, permissive, everyone) == ("*", True, True)
    assert "household_id = ( SELECT" in using, "a scalar subquery: evaluated once a statement"
    assert "budget.household" in using
    assert "budget.backoffice" in using
    assert check is None, "what may be seen is what may be written"


def test_every_table_with_a_household_is_known() -> None:
    with_household = {
        model._meta.label
        for model in apps.get_models()
        if any(
            isinstance(field, models.ForeignKey) and field.related_model is Household
            for field in model._meta.concrete_fields
        )
    }
    under_policy = {model._meta.label for model in household_models()}

    assert with_household - under_policy == set(READ_BEFORE_THE_SCOPE)


@pytest.mark.django_db
def test_we_are_no_superuser_and_bypass_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False)


# The settings come and go with their scope


def test_scopes_within_scopes_give_back_what_they_found(
    household: Household, other: Household, both: object
) -> None:
    assert settings_in_force() == ("", "")
    with backoffice_scope():
        assert settings_in_force() == ("", "on")
        with household_scope(household):
            assert settings_in_force() == (str(household.pk), "")
            with household_scope(other):
                assert seen_by_sql() == {"of charlie"}
            assert seen_by_sql() == {"of alice"}
            assert active_household() == household
        assert settings_in_force() == ("", "on")
        assert Transaction.objects.count() == 2
    assert settings_in_force() == ("", "")


def change_and_fail(household: Household) -> None:
    with household_scope(household):
        Transaction.objects.update(description="changed")
        raise RuntimeError


def test_a_scope_that_fails_gives_back_what_it_found(
    household: Household, other: Household, both: object
) -> None:
    with household_scope(household):
        with pytest.raises(RuntimeError):
            change_and_fail(other)
        assert settings_in_force() == (str(household.pk), "")
        with pytest.raises(DatabaseError), household_scope(other), connection.cursor() as cursor:
            cursor.execute("SELECT no_such_thing")
        assert seen_by_sql() == {"of alice"}
    with household_scope(other):
        assert seen_by_sql() == {"of charlie"}, "what it wrote is undone"


@pytest.mark.django_db(transaction=True)
def test_settings_end_with_the_transaction(household: Household) -> None:
    with household_scope(household):
        assert settings_in_force() == (str(household.pk), "")
    assert settings_in_force() == ("", ""), "the next user of a pooled connection sees nothing"
    with pytest.raises(RuntimeError), backoffice_scope():
        raise RuntimeError
    assert settings_in_force() == ("", "")


# The address


@pytest.fixture
def extra_views(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Views below a household's address that write a line and then end in some way."""

    def ending(request: HttpRequest, how: str) -> HttpResponse:
        Transaction.objects.create(amount=1, date=DAY, description=how)
        match how:
            case "raises":
                raise RuntimeError
            case "answers500":
                return HttpResponse(status=500)
            case "refuses":
                raise Refused("Not today.")
        return HttpResponse(active_household().slug)

    monkeypatch.setattr(
        budget.urls,
        "urlpatterns",
        [
            household_patterns(path("ending/<slug:how>/", ending, name="ending")),
            *budget.urls.urlpatterns,
        ],
    )
    clear_url_caches()
    yield
    monkeypatch.undo()
    clear_url_caches()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("how", "status", "written"),
    [("well", 200, 1), ("raises", 500, 0), ("answers500", 500, 0), ("refuses", 409, 0)],
)
@pytest.mark.usefixtures("extra_views")
def test_an_answer_of_500_undoes_what_was_written(
    how: str, status: int, written: int, as_alice: Client, household: Household
) -> None:
    as_alice.raise_request_exception = False

    response = as_alice.post(f"/h/alice/ending/{how}/")

    assert response.status_code == status
    with household_scope(household):
        assert Transaction.objects.count() == written
    assert settings_in_force() == ("", "")
    if how == "refuses":
        assert "Not today." in response.content.decode()


@pytest.mark.usefixtures("extra_views")
def test_an_address_opens_to_its_members_alone(
    as_alice: Client, charlie: User, vera: User, sign_in: SignIn
) -> None:
    well = "/h/alice/ending/well/"
    assert as_alice.get(well).content == b"alice"
    assert as_alice.post(well).status_code == 200
    assert sign_in(vera).get(well).status_code == 200
    assert sign_in(vera).post(well).status_code == 403
    assert sign_in(vera).delete(well).status_code == 403
    assert sign_in(charlie).get(well).status_code == 404
    assert sign_in(charlie).post(well).status_code == 404
    assert Client().get(well)["Location"] == f"/accounts/login/?next={well}"
    assert as_alice.get("/h/nobody/ending/well/").status_code == 404
    assert as_alice.get("/h/charlie/ending/well/").status_code == 404


@pytest.mark.usefixtures("extra_views")
def test_someone_taken_out_is_out_at_once(
    as_alice: Client, bob: User, sign_in: SignIn, household: Household
) -> None:
    as_bob = sign_in(bob)
    assert as_bob.get("/h/alice/ending/well/").status_code == 200
    Membership.objects.filter(user=bob).delete()
    assert as_bob.get("/h/alice/ending/well/").status_code == 404
    Membership.objects.create(household=household, user=bob, role=Role.VIEWER)
    assert as_bob.post("/h/alice/ending/well/").status_code == 403


@pytest.mark.parametrize(
    "slug", ["", "a b", "é", "%00", "..", "alice%2f..", "x" * 3000, "<script>", "'; --"]
)
def test_a_strange_address_is_not_found(slug: str, as_alice: Client) -> None:
    assert as_alice.get(f"/h/{slug}/settings/").status_code == 404


@pytest.mark.usefixtures("extra_views")
def test_addresses_need_no_household_and_stay_in_the_active_one(
    household: Household, other: Household
) -> None:
    with household_scope(household):
        assert reverse("ending", "well") == "/h/alice/ending/well/"
        assert reverse("ending", how="well") == "/h/alice/ending/well/"
        assert reverse("me") == "/me/"
        with household_scope(other):
            assert reverse("ending", "well") == "/h/charlie/ending/well/"
        with pytest.raises(NoReverseMatch):
            reverse("no_such_view")
    with pytest.raises(NoReverseMatch):
        reverse("ending", "well")
    assert django_reverse("ending", args=("alice", "well")) == "/h/alice/ending/well/"


# The operations


def test_migrations_operations_can_be_written_down_and_read_back() -> None:
    policy = HouseholdPolicy("Transaction")
    assert policy.deconstruct() == ("HouseholdPolicy", ["Transaction"], {})
    assert "Transaction" in policy.describe()
    reference = HouseholdReference("Transaction", "category", "SET NULL")
    assert reference.deconstruct()[1] == ["Transaction", "category", "SET NULL"]
    assert "Transaction.category" in reference.describe()


def test_operations_can_be_taken_back(household: Household, both: object) -> None:
    from django.db.migrations.loader import MigrationLoader

    state = MigrationLoader(connection).project_state()
    operations = [
        HouseholdReference("Allotment", "transaction", "CASCADE"),  # it needs the household's key
        HouseholdReference("Transaction", "category"),
        HouseholdPolicy("Transaction"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the table cannot be altered
    with connection.schema_editor() as editor:
        for operation in operations:
            operation.database_backwards("transactions", editor, state, state)
    assert seen_by_sql() == {"of alice", "of charlie"}
    with connection.schema_editor() as editor:
        for operation in reversed(operations):
            operation.database_forwards("transactions", editor, state, state)
    assert seen_by_sql() == set()
    with household_scope(household):
        assert Transaction.objects.get().kind == Kind.EXPENSE
