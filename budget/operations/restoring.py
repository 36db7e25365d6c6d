"""Backups put back: into an empty database, all of one or nothing.

There the rows come before the policies and the triggers do, so that totals and closed months are
put back as they were and nothing is worked out anew.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from budget.operations.backups import CHECKSUM, OURS, TIME, Backup, database_counts, sha256
from budget.operations.postgres import BackupError, Database, major_version, manage, program, reason

#: Databases in which a backup was tried: one of a run that was killed is dropped a day later.
SCRATCH = "budget_check_"
SCRATCH_AGE = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says of itself.

    `entries` is pg_restore's list, less what belongs to the server rather than to us; `missing`
    are the migrations that this version of the code has and the backup has not.
    """

    entries: str
    missing: list[str]


def backup_read(path: Path, *, version: int) -> Contents:
    """Look into a backup, to be restored into a server of this major version.

    Raises BackupError where the file is damaged, is none of ours, or comes from newer code.
    """
    _refuse_missing(path)
    _compare_checksum(path)
    entries = []
    tables = set()
    for line in _pg_restore(path, "--list", version=version).splitlines():
        # 3456; 0 16385 TABLE DATA public users_household budget
        kind = re.match(r"\d+; \d+ \d+ ((?:[A-Z]+ )+)(?:- )?(.*)", line)
        if kind is None:
            continue
        if kind[1] == "TABLE DATA ":
            tables.add(kind[2].split()[1])
        if kind[1] not in {"EXTENSION ", "SCHEMA "}:
            entries.append(line)
    if lacking := OURS - tables:
        raise BackupError(
            f"{path} is a dump of something else: it has no {', '.join(sorted(lacking))}."
        )
    return Contents("\n".join(entries) + "\n", _missing_migrations(path, version))


def _refuse_missing(path: Path) -> None:
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")


def _compare_checksum(path: Path) -> None:
    note = path.with_name(path.name + CHECKSUM)
    with suppress(FileNotFoundError):
        if note.read_text().split()[:1] != [sha256(path)]:
            raise BackupError(
                f"{path} is damaged: it is not what {note.name} says. Take another copy of it, or "
                "an older one."
            )


def _missing_migrations(path: Path, version: int) -> list[str]:
    copied = _pg_restore(
        path, "--data-only", "--table=django_migrations", "--file=-", version=version
    )
    lines = [line.split("\t") for line in copied.splitlines()]
    applied: set[tuple[str, ...]] = {(cells[1], cells[2]) for cells in lines if len(cells) == 4}
    loader = MigrationLoader(None)
    known = set(loader.disk_migrations)
    # One that was squashed away has left its name in the one that takes its place.
    replaced = {
        each for migration in loader.disk_migrations.values() for each in migration.replaces
    }
    if newer := applied - known - {(app, name) for app, name in replaced}:
        raise BackupError(
            f"{path} was made by a newer version than this, whose migrations are unknown here "
            f"({_names(newer)}). Install that version first."
        )
    return [f"{app}.{name}" for app, name in sorted(known - applied)]


def _pg_restore(path: Path, *options: str, version: int) -> str:
    done = subprocess.run(
        [program("pg_restore", version=version), *options, path],
        check=False,
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BackupError(f"{path} cannot be read as a backup: {reason(done.stderr)}")
    return done.stdout


def backup_restore(path: Path, database: Database) -> Contents:
    """Put a backup into an empty database: all of it, or nothing.

    Raises BackupError, with the database as it was, where it is not empty, where its role is one
    that no policy holds, or where the file is no whole backup of ours.
    """
    _refuse_missing(path)
    with database.connect() as connection:
        _refuse_role(connection)
        _refuse_filled(connection, database)
        version = major_version(connection)
    contents = backup_read(path, version=version)
    with tempfile.NamedTemporaryFile("w", suffix=".list") as entries:
        entries.write(contents.entries)
        entries.flush()
        done = subprocess.run(
            [
                program("pg_restore", version=version),
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
                "--no-comments",
                "--no-password",
                f"--use-list={entries.name}",
                f"--dbname={database.conninfo}",
                path,
            ],
            check=False,
            env=database.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    if done.returncode:
        raise BackupError(f"{path} could not be restored: {reason(done.stderr)}")
    with database.connect() as connection:
        connection.execute("ANALYZE")
    return contents


def _refuse_role(connection: psycopg.Connection) -> None:
    row = connection.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"
    ).fetchone()
    if row:
        raise BackupError(
            f"The role {row[0]} is not bound by row-level security, and would own every table. "
            "Restore as the role that the site uses, which must own the database."
        )


OBJECTS = """
    SELECT {relation} FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
        SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
    UNION ALL
    SELECT {function} FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    ORDER BY 1
"""


def _refuse_filled(connection: psycopg.Connection, database: Database) -> None:
    found = connection.execute(
        sql.SQL(OBJECTS).format(relation=sql.SQL("relname"), function=sql.SQL("proname"))
    ).fetchall()
    if not found:
        return
    (owner,) = connection.execute("SELECT current_user").fetchone() or ("",)
    raise BackupError(
        f"The database “{database.name}” is not empty: it has "
        f"{_names({(name,) for (name,) in found})}. Nothing was changed. "
        f"Make an empty one (CREATE DATABASE budget_restored OWNER {owner}) and restore "
        "--into budget_restored; when all is well, let DATABASE_URL name it."
    )


def _names(found: set[tuple[str, ...]]) -> str:
    names = sorted(".".join(each) for each in found)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


# Trying one out


@contextmanager
def scratch_database(database: Database) -> Iterator[Database]:
    """A database of its own on the same server, dropped at the end, however that comes."""
    name = f"{SCRATCH}{dt.datetime.now(dt.UTC).strftime(TIME)}_{secrets.token_hex(3)}".lower()
    with database.connect() as connection:
        _drop_forgotten(connection)
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            raise BackupError(
                "The role may not make a database to try the backup in. ALTER ROLE … CREATEDB, or "
                "name an empty database with --scratch."
            ) from None
    try:
        yield database.named(name)
    finally:
        with _undisturbed(), database.connect() as connection:
            _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    # Not WITH (FORCE): that is refused while autovacuum is in it, a superuser's process, which the
    # server sends away by itself otherwise. Our own are ended here.
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = current_user",
        [name],
    )
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _drop_forgotten(connection: psycopg.Connection) -> None:
    oldest = (dt.datetime.now(dt.UTC) - SCRATCH_AGE).strftime(TIME).lower()
    names = connection.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname < %s"
        " AND datdba = current_user::regrole",
        [SCRATCH, f"{SCRATCH}{oldest}"],
    ).fetchall()
    for (name,) in names:
        _drop(connection, name)


@contextmanager
def emptied_database(database: Database) -> Iterator[Database]:
    """A database that somebody gave us to try things in: empty before, and empty again after."""
    with database.connect() as connection:
        _refuse_filled(connection, database)
    try:
        yield database
    finally:
        with _undisturbed(), database.connect() as connection:
            for (statement,) in connection.execute(
                sql.SQL(OBJECTS).format(
                    relation=sql.SQL("format('DROP TABLE IF EXISTS %s CASCADE', c.oid::regclass)"),
                    function=sql.SQL(
                        "format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)"
                    ),
                )
            ).fetchall():
                connection.execute(statement)


def backup_check(backup: Backup, scratch: Database) -> None:
    """Restore a backup, compare what came back, and check it. Raises BackupError."""
    backup_restore(backup.path, scratch)
    with scratch.connect() as connection:
        found = database_counts(connection)
    if backup.counts and found != backup.counts:
        before = {**backup.counts.rows, **backup.counts.guards}
        after = {**found.rows, **found.guards}
        told = ", ".join(
            f"{what} {before.get(what, 'none')} → {after.get(what, 'none')}"
            for what in sorted(before.keys() | after.keys())
            if before.get(what) != after.get(what)
        )
        raise BackupError(f"{backup.path} does not give everything back: {told}.")
    manage(scratch, "check_ledger")


# Being stopped


@contextmanager
def stoppable() -> Iterator[None]:
    """Let a SIGTERM end what is under way as Ctrl-C does: with everything put in order."""

    def stop(*_: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put things in order to the end, however often one is told to stop."""
    both = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in both}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
