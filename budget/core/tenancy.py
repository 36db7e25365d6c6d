"""Households, and keeping them apart: the scope, the manager, the policy, the keys, the address.

A household owns its rows. Four layers see to it that nobody else reads or writes them, so that
forgetting one is not a leak: the address is authorised (`HouseholdMiddleware`), the scope filters
the ORM (`HouseholdModel.objects`), PostgreSQL's row-level security filters everything else
(`HouseholdPolicy`), and composite foreign keys refuse a row that points into another household
(`HouseholdReference`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.operations.base import Operation
from django.urls import NoReverseMatch, URLPattern, URLResolver, include, path
from django.urls import reverse as django_reverse
from django.urls.resolvers import RoutePattern
from django.utils.translation import gettext_lazy as _

from budget.core.money import set_active_currency

if TYPE_CHECKING:
    from budget.users.models import Household


class NoScope(RuntimeError):  # noqa: N818 - the state it names, as in DoesNotExist
    """A household's rows were asked for while no scope says whose."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows can be seen: one household's, or every household's (None), in the back office.

    In a `reading` scope nothing is written, and all that is read is of one moment: the one at which
    the household had `revision`. What is worked out there is true wherever the revision is the
    same. Where something may be written, `revision` is None: the next statement may change it.
    """

    household: Household | None
    reading: bool = False
    revision: int | None = None
    #: The database that is read, an alias of DATABASES.
    using: str = DEFAULT_DB_ALIAS


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


def active_scope() -> Scope:
    """The scope in force. Raises NoScope where there is none."""
    scope = _scope.get()
    if scope is None:
        raise NoScope("Enter household_scope(household) or backoffice_scope() first.")
    return scope


def scope_in_force() -> Scope | None:
    """The scope in force, or None."""
    return _scope.get()


def active_household() -> Household:
    """The household in force. Raises NoScope where there is none, or in back-office scope."""
    household = active_scope().household
    if household is None:
        raise NoScope("The back office has no household of its own: enter household_scope().")
    return household


def scoped_household() -> Household | None:
    """The household in force, or None; for what is shown on every page."""
    scope = _scope.get()
    return scope.household if scope else None


def scope_cursor() -> CursorWrapper:
    """A cursor for the SQL of a selector, on the database that the scope in force reads."""
    return connections[active_scope().using].cursor()


def scope_undo() -> None:
    """Have what was written in the scope in force undone when it ends; without one, do nothing."""
    scope = _scope.get()
    if scope is not None:
        transaction.set_rollback(True, using=scope.using)


@contextmanager
def household_scope(
    household: Household, *, reading: bool = False, using: str = DEFAULT_DB_ALIAS
) -> Iterator[None]:
    """Work on the rows of `household` alone, in one database transaction.

    With `reading` nothing can be written, and one moment is seen: the transaction is read-only and
    has a single snapshot, unless it is inside another one (a test's, say), which may write. `using`
    is the database that is read, an alias of DATABASES. Where `household` has changed since it was
    read, it is read again, so that it is of the same moment.
    """
    with _entered(Scope(household, reading=reading, using=using)):
        yield


@contextmanager
def backoffice_scope() -> Iterator[None]:
    """Work on the rows of every household: the admin and the operators' commands."""
    with _entered(Scope(None)):
        yield


@contextmanager
def _entered(scope: Scope) -> Iterator[None]:
    # The settings are local to the transaction, so the scope must be what opens it: set outside,
    # they would be gone with the next query, or stay for the next user of a pooled connection.
    # Inside another scope (or a test's transaction) they would outlive this one, so they are
    # put back by hand; a rollback puts them back by itself.
    outer = _scope.get()
    token = _scope.set(scope)
    currency = set_active_currency(scope.household.currency if scope.household else None)
    try:
        with transaction.atomic(using=scope.using):
            connection = connections[scope.using]
            outermost = len(connection.atomic_blocks) == 1
            if scope.reading:
                revision = _begin_reading(scope, outermost=outermost)
                _scope.set(replace(scope, revision=revision))
                _catch_up(scope, revision)
            else:
                _set_local(scope, using=scope.using)
            yield
            # With the outermost the transaction ends, and the settings with it.
            if not outermost and not connection.needs_rollback:
                _set_local(outer, using=scope.using)
    finally:
        set_active_currency(currency)
        _scope.reset(token)


# What tells the policies whose rows there are. The third is the triggers' own note of the household
# whose revision they have raised: whoever enters or leaves a scope begins anew.
_SETTINGS = (
    "SELECT set_config('budget.household', %s, true), set_config('budget.backoffice', %s, true),"
    " set_config('budget.revised', '', true)"
)
_READ_ONLY = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;"


def _values(scope: Scope | None) -> list[str]:
    if scope is None:
        return ["", ""]
    return ["", "on"] if scope.household is None else [str(scope.household.pk), ""]


def _set_local(scope: Scope | None, *, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(_SETTINGS, _values(scope))


def _begin_reading(scope: Scope, *, outermost: bool) -> int | None:
    """Set what a scope needs, in one round trip; the household's revision at that moment.

    None where the household is not (or no longer) there.
    """
    revision = ", (SELECT revision FROM users_household WHERE id = %s)"
    household = scope.household.pk if scope.household else None
    with connections[scope.using].cursor() as cursor:
        cursor.execute(
            (_READ_ONLY if outermost else "") + _SETTINGS + revision, [*_values(scope), household]
        )
        if outermost:
            cursor.nextset()
        found: int | None = cursor.fetchone()[-1]
    return found


def _catch_up(scope: Scope, revision: int | None) -> None:
    """Have the household as it is at `revision`, if that is newer than what was read of it before.

    Else what is worked out with the old start of its months would be kept under the new revision.
    """
    if scope.household and revision is not None and revision > scope.household.revision:
        scope.household.refresh_from_db(using=scope.using)
        set_active_currency(scope.household.currency)


class HouseholdManager[M: models.Model](models.Manager[M]):
    """Refuses to work without a scope; within one, shows that household's rows.

    Related objects that a template asks for are fetched for all rows of the query at once
    (FETCH_PEERS), so that forgetting `select_related` costs one query and not one a row.
    """

    def get_queryset(self) -> models.QuerySet[M]:
        scope = active_scope()
        rows = super().get_queryset().fetch_mode(models.FETCH_PEERS)
        if scope.household is not None:
            rows = rows.filter(household=scope.household)
        return rows


class HouseholdModel(models.Model):
    """A row that a household owns. Its migration adds `HouseholdPolicy`."""

    #: Whether its rows are part of the file in which a household takes everything away.
    exported: ClassVar[bool] = True

    household = models.ForeignKey(
        "users.Household",
        models.DB_CASCADE,
        editable=False,
        related_name="+",
        verbose_name=_("household"),
    )

    objects = HouseholdManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The stubs say a key is never None; before the first save it is.
        if not self.household_id:
            self.household = active_household()
        super().save(*args, **kwargs)


class _OnTable(Operation):
    """A migration operation that does something to one model's table, and nothing to its state."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.model_name], {})

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing of the models' state changes."""

    def table(self, app_label: str, state: Any) -> str:
        return str(state.apps.get_model(app_label, self.model_name)._meta.db_table)


class HouseholdPolicy(_OnTable):
    """Migration operation: give a household's table its policy and its composite key.

    The settings are read through scalar subqueries, so that they are evaluated once a statement
    and not once a row. FORCE, because the application's role owns the tables.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = self.table(app_label, to_state)
        schema_editor.execute(f'''
            ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;
            ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;
            CREATE POLICY household ON "{table}" USING (
                household_id = (
                    SELECT nullif(current_setting('budget.household', true), '')::bigint
                )
                OR (SELECT current_setting('budget.backoffice', true)) = 'on'
            );
            ALTER TABLE "{table}" ADD CONSTRAINT "{table}_household_key" UNIQUE (household_id, id);
        ''')

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = self.table(app_label, from_state)
        schema_editor.execute(f'''
            ALTER TABLE "{table}" DROP CONSTRAINT "{table}_household_key";
            DROP POLICY household ON "{table}";
            ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;
        ''')

    def describe(self) -> str:
        return f"Keep the rows of {self.model_name} to their household"


class HouseholdRevision(_OnTable):
    """Migration operation: have whatever is written to a table raise its household's revision.

    `Household.revision` tells whether anything has changed: it is raised in the same transaction as
    the write, whoever makes it. Inside a household's scope that is done once, before the first
    statement, so that the household's row is locked before any other (docs/adr/0003). Where the
    rows alone tell whose they are, in the back office and outside any scope, it is done after each
    statement. The functions are those of users/migrations/0003.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = self.table(app_label, to_state)
        own = "current_setting('budget.household', true)"
        # Asked here and not in the functions, so that none is called to do nothing.
        inside = f"{own} <> '' AND current_setting('budget.revised', true) IS DISTINCT FROM {own}"
        outside = f"coalesce({own}, '') = ''"
        by_rows = f"FOR EACH STATEMENT WHEN ({outside}) EXECUTE FUNCTION users_revise_by_rows()"
        schema_editor.execute(f'''
            CREATE TRIGGER revision_own BEFORE INSERT OR UPDATE OR DELETE ON "{table}"
                FOR EACH STATEMENT WHEN ({inside}) EXECUTE FUNCTION users_revise_own();
            CREATE TRIGGER revision_insert AFTER INSERT ON "{table}"
                REFERENCING NEW TABLE AS rows {by_rows};
            CREATE TRIGGER revision_update AFTER UPDATE ON "{table}"
                REFERENCING OLD TABLE AS old_rows NEW TABLE AS rows {by_rows};
            CREATE TRIGGER revision_delete AFTER DELETE ON "{table}"
                REFERENCING OLD TABLE AS rows {by_rows};
            CREATE TRIGGER revision_truncate BEFORE TRUNCATE ON "{table}"
                FOR EACH STATEMENT EXECUTE FUNCTION users_revise_all();
        ''')

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table = self.table(app_label, from_state)
        for name in ("own", "insert", "update", "delete", "truncate"):
            schema_editor.execute(f'DROP TRIGGER revision_{name} ON "{table}"')

    def describe(self) -> str:
        return f"Raise the household's revision when {self.model_name} changes"


class HouseholdReference(_OnTable):
    """Migration operation: make a foreign key hold inside the household.

    The model's field has `db_constraint=False`; this adds
    `(household_id, field_id) → (household_id, id)`, so that another household's row cannot be
    stored. `on_delete` is SQL: "CASCADE", "SET NULL" (of the field alone) or "NO ACTION".
    """

    def __init__(self, model_name: str, field_name: str, on_delete: str = "NO ACTION") -> None:
        super().__init__(model_name)
        self.field_name = field_name
        self.on_delete = on_delete

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.model_name, self.field_name, self.on_delete], {})

    def _names(self, app_label: str, state: Any) -> tuple[str, str, str]:
        model = state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.field_name)
        return model._meta.db_table, field.column, field.related_model._meta.db_table

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table, column, target = self._names(app_label, to_state)
        action = f"SET NULL ({column})" if self.on_delete == "SET NULL" else self.on_delete
        # Not deferred: a wrong household is refused by the statement that writes it.
        schema_editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_household"'
            f' FOREIGN KEY (household_id, "{column}") REFERENCES "{target}" (household_id, id)'
            f" ON DELETE {action}"
        )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        table, column, _ = self._names(app_label, from_state)
        schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{column}_household"')

    def describe(self) -> str:
        return f"Keep {self.model_name}.{self.field_name} inside the household"


class _HouseholdResolver(URLResolver):
    """Matches `h/<slug>/…` and keeps the slug to itself: the scope already says which household."""

    def resolve(self, path: Any) -> Any:
        match = super().resolve(path)
        match.kwargs.pop("household", None)
        return match


def household_patterns(*patterns: URLPattern | URLResolver) -> URLResolver:
    """URL patterns that live below a household's address, `/h/<slug>/`."""
    route = cast(RoutePattern, path("h/<slug:household>/", include([])).pattern)
    return _HouseholdResolver(route, list(patterns))


def reverse(viewname: str, *args: Any, **kwargs: Any) -> str:
    """The address of a view; below the active household's where the view lives there.

    Django keeps reversed prefixes for good, one a language, so a prefix that differs from request
    to request cannot be a property of the pattern (docs/adr/0002). The `{% url %}` of templates and
    `core.http.redirect` come here, and nobody passes a household.
    """
    household = scoped_household()
    if household is not None:
        try:
            if args:
                return django_reverse(viewname, args=(household.slug, *args))
            return django_reverse(viewname, kwargs={"household": household.slug, **kwargs})
        except NoReverseMatch:
            pass
    return django_reverse(viewname, args=args, kwargs=kwargs)
