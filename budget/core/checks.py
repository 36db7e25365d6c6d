"""Mistakes of configuration, told by name with what to do about them.

`manage.py check` runs those of the settings, `check --database default` and `migrate` those of
the database too, and `check --deploy` those of production.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from budget.core import replica
from budget.core.export import household_models

OLDEST_POSTGRESQL = 150000

ROLE_HINT = (
    "Make a role without those rights and let it own the database: "
    "CREATE ROLE budget LOGIN PASSWORD '…'; ALTER DATABASE budget OWNER TO budget;"
)

#: Backends that send no mail to anybody.
SILENT_MAIL = ("console", "dummy", "filebased", "locmem")


#: The tag of checks that read settings alone, so that a server can run them before it starts.
CONFIGURATION = "configuration"

#: What other projects call it, and what it is called here.
FOREIGN_NAMES = {
    "ALLOWED_HOST": "ALLOWED_HOSTS",
    "DEFAULT_FROM_EMAIL": "EMAIL_FROM",
    "DJANGO_ALLOWED_HOSTS": "ALLOWED_HOSTS",
    "DJANGO_DEBUG": "DEBUG",
    "DJANGO_SECRET_KEY": "SECRET_KEY",
    "EMAIL_HOST_PASSWORD": "EMAIL_PASSWORD",
    "EMAIL_HOST_USER": "EMAIL_USER",
    "EMAIL_USE_TLS": "EMAIL_TLS",
    "TRUSTED_ORIGINS": "CSRF_TRUSTED_ORIGINS",
    "WEB_WORKERS": "WEB_CONCURRENCY",
}


@register(CONFIGURATION)
def check_configuration(**kwargs: Any) -> list[CheckMessage]:
    """Every variable of the environment that is wrong, all of them at once."""
    messages: list[CheckMessage] = [
        Error(mistake.sentence, hint=mistake.hint, id="budget.E006")
        for mistake in settings.CONFIGURATION_MISTAKES
    ]
    messages += [
        Caution(f"{foreign} is not read.", hint=f"Its name here is {ours}.", id="budget.W003")
        for foreign, ours in FOREIGN_NAMES.items()
        if foreign in os.environ
    ]
    return messages


@register(Tags.database)
def check_database(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Row-level security must hold for the role we are, on a server that knows what we use."""
    if "default" not in (databases or ()):
        return []
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return [
            Error(
                "The database is not PostgreSQL.",
                hint="Households are kept apart by row-level security: "
                "set DATABASE_URL to postgres://…",
                id="budget.E001",
            )
        ]
    return [*check_version(), *check_role(), *check_policies(), *check_replica()]


def check_version() -> list[CheckMessage]:
    version = _row("SHOW server_version_num")[0]
    if int(version) >= OLDEST_POSTGRESQL:
        return []
    return [
        Error(
            f"PostgreSQL {int(version) // 10000} is too old.",
            hint="Use PostgreSQL 15 or newer.",
            id="budget.E002",
        )
    ]


def check_role(alias: str = "default") -> list[CheckMessage]:
    name, superuser, bypasses = _row(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user", alias
    )
    messages: list[CheckMessage] = []
    if superuser:
        messages.append(
            Error(
                f"The database role {name} is a superuser, for whom no row-level policy holds.",
                hint=ROLE_HINT,
                id="budget.E003",
            )
        )
    if bypasses:
        messages.append(
            Error(
                f"The database role {name} may bypass row-level security.",
                hint=f"ALTER ROLE {name} NOBYPASSRLS; {ROLE_HINT}",
                id="budget.E004",
            )
        )
    return messages


def check_policies() -> list[CheckMessage]:
    """Every household table that there is has its policy, in force for its owner as well.

    A table whose app is still to be migrated is left out: `migrate` runs these checks too, and an
    upgrade that was interrupted between a table and its policy must be able to go on.
    """
    tables = {model._meta.db_table: model for model in household_models()}
    with connections["default"].cursor() as cursor:
        cursor.execute(
            """
            SELECT relname FROM pg_class
            WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
            AND NOT (
                relrowsecurity AND relforcerowsecurity
                AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid)
            )
            ORDER BY relname
            """,
            [list(tables)],
        )
        bare = [name for (name,) in cursor.fetchall()]
    if bare:
        pending = _apps_to_migrate()
        bare = [name for name in bare if tables[name]._meta.app_label not in pending]
    return [
        Error(
            f"The rows of {name} are not kept to their household.",
            hint="Add core.tenancy.HouseholdPolicy to its migration, or migrate.",
            obj=tables[name],
            id="budget.E005",
        )
        for name in bare
    ]


def _apps_to_migrate() -> set[str]:
    executor = MigrationExecutor(connections["default"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {migration.app_label for migration, _backwards in plan}


def check_replica() -> list[CheckMessage]:
    """Where there is a replica: policies hold for our role there too, and it is one of ours."""
    if replica.ALIAS not in connections.settings:
        return []
    of_cluster = "SELECT system_identifier FROM pg_control_system()"
    try:
        (is_standby,) = _row("SELECT pg_is_in_recovery()", replica.ALIAS)
        messages = check_role(replica.ALIAS)
    except DatabaseError as error:
        return [
            Caution(
                f"The replica cannot be read: {error}".strip(),
                hint="Until it can, pages are read from the primary. "
                "Correct DATABASE_REPLICA_URL, or leave it out.",
                id="budget.W004",
            )
        ]
    with suppress(DatabaseError):  # not every provider lets this be asked
        is_standby = is_standby and _row(of_cluster, replica.ALIAS) == _row(of_cluster)
    if not is_standby:
        messages.append(
            Caution(
                "DATABASE_REPLICA_URL does not lead to a standby of the database in DATABASE_URL.",
                hint="Give it the address of a hot standby that follows it by streaming "
                "replication, or leave it out.",
                id="budget.W005",
            )
        )
    return messages


def _row(sql: str, alias: str = "default") -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


@register(Tags.security, deploy=True)
def check_production(**kwargs: Any) -> list[CheckMessage]:
    """What is fine on one's own machine and not on a server."""
    messages: list[CheckMessage] = []
    backend = settings.MAILERS["default"]["BACKEND"]
    if any(f".{silent}." in backend for silent in SILENT_MAIL):
        messages.append(
            Caution(
                "Mails are not sent: nobody can reset a password or be invited.",
                hint="Unset DEBUG, and set EMAIL_HOST to a mail server.",
                id="budget.W001",
            )
        )
    if settings.DEMO:
        messages.append(
            Caution(
                "The demonstration is on: its user's password is known to everyone.",
                hint="Unset DEMO, then run manage.py clear_demo.",
                id="budget.W002",
            )
        )
    return messages
