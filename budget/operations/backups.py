"""Backups: the whole database in one file each, made by pg_dump while the site is in use.

It runs as the application's role. Row-level security is forced on that, so it is in back-office
scope, and told `--enable-row-security`, without which it refuses. `restoring` puts them back.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from budget.operations.postgres import BackupError, Database, major_version, program, reason

#: Ours, and no other file of the folder.
NAME = re.compile(r"budgeometre-\d{8}T\d{6}Z\.dump")
#: A moment in UTC, as the names of backups have it.
TIME = "%Y%m%dT%H%M%SZ"
CHECKSUM = ".sha256"
#: What a database of this site has, and so each backup of one.
OURS = {"django_migrations", "users_household", "transactions_transaction"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows each table has, and how many there are of what guards them, by kind."""

    rows: Mapping[str, int]
    guards: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: its file, its size in bytes, and, if counted, what is in it."""

    path: Path
    size: int
    counts: Counts | None


@contextmanager
def folder_turn(folder: Path) -> Iterator[None]:
    """Have a folder of backups to ourselves. Raises BackupError where it cannot be had."""
    if not folder.is_dir():
        raise BackupError(f"There is no folder {folder}: make it, or mount what is to hold it.")
    try:
        lock = os.open(folder / ".backup.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BackupError(f"{folder} cannot be written to: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupError(f"Another backup into {folder} is under way.") from None
    else:
        # What a run that was killed has left.
        for leftover in folder.glob("budgeometre-*.part"):
            leftover.unlink(missing_ok=True)
        yield
    finally:
        os.close(lock)


def backup_make(database: Database, folder: Path, *, count: bool = False) -> Backup:
    """Save a database in a new file of `folder`, whose turn the caller has.

    The file is the database at one moment, whatever is written meanwhile; with `count` the rows
    of each table are counted at that same moment. The file gets its name when it is whole and on
    the disk; nobody but its owner may read it. Raises BackupError, and leaves nothing behind.
    """
    path = folder / f"budgeometre-{dt.datetime.now(dt.UTC).strftime(TIME)}.dump"
    if path.exists():
        raise BackupError(f"{path} is there already: a second backup within a second.")
    draft = path.with_name(f"{path.name}.part")
    try:
        with database.connect() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            _refuse_foreign(connection, database)
            counts = database_counts(connection) if count else None
            _dump(database, connection, draft)
        digest = sha256(draft)
        _write(path.with_name(path.name + CHECKSUM), f"{digest}  {path.name}\n")
        draft.rename(path)
        _sync(folder)
    except OSError as error:
        raise BackupError(f"The backup could not be written: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)
        if not path.exists():
            path.with_name(path.name + CHECKSUM).unlink(missing_ok=True)
    return Backup(path, path.stat().st_size, counts)


def _refuse_foreign(connection: psycopg.Connection, database: Database) -> None:
    """What is not the site's would one day push out the last backup that is."""
    rows = connection.execute(
        "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(quote_ident(name)) IS NULL"
        " ORDER BY name DESC",
        [sorted(OURS)],
    ).fetchall()
    if rows:
        raise BackupError(
            f"The database “{database.name}” has no {', '.join(name for (name,) in rows)}: it is "
            "another one than the site's, or was never migrated. Look at DATABASE_URL."
        )


def _dump(database: Database, connection: psycopg.Connection, draft: Path) -> None:
    (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
    # Given its file and not our output: there it would write its table of contents twice.
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        done = subprocess.run(
            [
                program("pg_dump", version=major_version(connection)),
                "--format=custom",
                "--enable-row-security",
                "--no-publications",
                "--no-subscriptions",
                "--no-password",
                f"--snapshot={snapshot}",
                f"--file={draft}",
                f"--dbname={database.conninfo}",
            ],
            check=False,
            env=database.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        os.fsync(file)
    finally:
        os.close(file)
    if done.returncode:
        raise BackupError(f"pg_dump failed: {reason(done.stderr)}")


GUARDS = """
    SELECT 'tables under forced policies', count(*) FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity AND relforcerowsecurity
    UNION ALL SELECT 'policies', count(*) FROM pg_policies WHERE schemaname = current_schema()
    UNION ALL SELECT 'indexes', count(*) FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT 'triggers', count(*) FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE c.relnamespace = current_schema()::regnamespace
    UNION ALL SELECT 'constraints', count(*) FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace
"""


def database_counts(connection: psycopg.Connection) -> Counts:
    """What the database has in it, in the transaction that is under way."""
    tables = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    ).fetchall()
    rows = {}
    for (table,) in tables:
        counted = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        ).fetchone()
        rows[table] = counted[0] if counted else 0
    return Counts(rows, dict(connection.execute(GUARDS).fetchall()))


def backups_remove(folder: Path, *, keep: int) -> list[Path]:
    """Remove all backups of the folder but the newest `keep`; return those that are gone."""
    ours = sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    old = ours[:-keep]
    for path in old:
        path.unlink()
        path.with_name(path.name + CHECKSUM).unlink(missing_ok=True)
    return old


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(file)


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
