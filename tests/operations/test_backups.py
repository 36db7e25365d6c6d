"""A backup gives everything back: rows, totals, closed months and what keeps households apart."""

from __future__ import annotations

import datetime as dt
import os
import re
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoDbBlocker

from budget.operations import backups, postgres, restoring
from budget.operations.backups import (
    Backup,
    backup_make,
    backups_remove,
    database_counts,
    folder_turn,
)
from budget.operations.postgres import BackupError, Database, manage, program
from budget.operations.restoring import (
    backup_check,
    backup_restore,
    emptied_database,
    scratch_database,
    stoppable,
)
from tests.servers import postgres as servers
from tests.servers import server_folder
from tests.servers.postgres import Primary

VERSION = 18

# The tests' database is made for those that say so. Nothing here uses Django's connection to it.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def schema(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Backup:
    """A backup of a database that was migrated, and no more."""
    folder = tmp_path_factory.mktemp("schema")
    with django_db_blocker.unblock():
        return backup_make(Database.current(), folder)


FILL = """
from django.core.management import call_command
from budget.users.models import User
from budget.users.services import household_create
call_command("seed_demo", months=2)
charlie = User.objects.create_user("charlie@example.org")
household_create(name="Charlie's", slug="charlie", owner=charlie, language="fr")
"""


@pytest.fixture(scope="module")
def home(schema: Backup) -> Iterator[Database]:
    """A database with two households in it, one of them with closed months."""
    with scratch_database(Database.current()) as database:
        backup_restore(schema.path, database)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("DEMO", "1")
            manage(database, "shell", "--no-imports", "--command", FILL)
        yield database


@pytest.fixture(scope="module")
def saved(home: Database, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    return backup_make(home, tmp_path_factory.mktemp("saved"), count=True)


@pytest.fixture
def empty() -> Iterator[Database]:
    with scratch_database(Database.current()) as database:
        yield database


@pytest.fixture
def at_home(home: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The commands take the home for the site's own database."""
    monkeypatch.setattr(Database, "current", classmethod(lambda _: home))
    return home


def dumped(database: Database, *options: str) -> list[str]:
    """All that pg_dump tells of a database, in an order that rows may not change."""
    said = subprocess.run(
        [
            program("pg_dump", version=VERSION),
            "--enable-row-security",
            f"--dbname={database.conninfo}",
            *options,
        ],
        env=database.environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # The name of the restricted session is another each time.
    return sorted(line for line in said.splitlines() if not line.startswith(("\\", "--")))


def names_of_scratch(database: Database) -> set[str]:
    with database.connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    return {name for (name,) in rows if name.startswith(restoring.SCRATCH)}


def test_everything_comes_back_and_nothing_else(
    home: Database, saved: Backup, empty: Database
) -> None:
    backup_restore(saved.path, empty)
    assert dumped(empty) == dumped(home)
    with empty.connect() as connection:
        counts = database_counts(connection)
        assert counts == saved.counts
        assert counts.rows["transactions_transaction"] > 50
        assert counts.rows["archives_closedmonth"] == 2
        assert min(counts.guards.values()) > 10
        keeps_households_apart(connection)
        keeps_closed_months(connection)
    answers_as_a_site(empty)


def test_a_database_without_the_site_is_not_saved_in_the_place_of_the_real_one(
    empty: Database, tmp_path: Path
) -> None:
    # An address with a slip in it: each night its nothing would push out a backup of everything.
    with pytest.raises(BackupError, match=f"“{empty.name}” has no users_household"):
        backup_make(empty, tmp_path)
    assert not list(tmp_path.glob("*.dump*"))


def keeps_households_apart(connection: psycopg.Connection) -> None:
    """Charlie sees his one wallet and none of theirs; without a scope there is nothing at all."""
    wallets = "SELECT count(*) FROM wallets_wallet"
    assert (connection.execute(wallets).fetchone() or (0,))[0] > 1
    with connection.transaction():
        connection.execute("SET LOCAL budget.backoffice = ''")
        assert connection.execute(wallets).fetchone() == (0,)
        connection.execute(
            "SELECT set_config('budget.household', max(id)::text, true) FROM users_household"
        )
        assert connection.execute(wallets).fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(
                "UPDATE wallets_wallet SET household_id = (SELECT min(id) FROM users_household)"
            )


def keeps_closed_months(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error, match="month"):
        connection.execute(
            "DELETE FROM transactions_transaction WHERE date < current_date - interval '40 days'"
        )


VISIT = """
from django.core.management import call_command
from django.test import Client
from budget.users.models import User
call_command("check", databases=["default"])
call_command("check_ledger")
client = Client(headers={"host": "localhost"})
demo = User.objects.get(email="demo@example.org")
client.force_login(demo, backend="django.contrib.auth.backends.ModelBackend")
print([client.get(f"/h/{page}").status_code for page in ("demo/", "demo/archives/", "charlie/")])
"""


def answers_as_a_site(database: Database) -> None:
    said = manage(database, "shell", "--no-imports", "--command", VISIT).splitlines()
    assert "no issues" in said[0]
    assert "2 households: every balance agrees with the ledger." in said
    assert said[-1] == "[200, 200, 404]"


def test_what_is_written_meanwhile_is_in_none_of_it(
    home: Database, tmp_path: Path, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = backups._dump

    def busy_dump(database: Database, connection: psycopg.Connection, draft: Path) -> None:
        with home.connect() as other:
            other.execute("UPDATE users_user SET name = 'Meanwhile'")
            other.execute("INSERT INTO django_session VALUES ('meanwhile', '', now())")
        dump(database, connection, draft)

    monkeypatch.setattr(backups, "_dump", busy_dump)
    made = backup_make(home, tmp_path, count=True)
    backup_restore(made.path, empty)
    with empty.connect() as connection:
        assert database_counts(connection) == made.counts
        assert connection.execute(
            "SELECT count(*) FROM users_user WHERE name = 'Meanwhile'"
        ).fetchone() == (0,)
    with home.connect() as connection:
        connection.execute("DELETE FROM django_session")


def test_only_its_owner_may_read_a_backup(saved: Backup) -> None:
    for path in (saved.path, saved.path.with_name(saved.path.name + backups.CHECKSUM)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert backups.NAME.fullmatch(saved.path.name)
    made = dt.datetime.strptime(saved.path.stem.split("-")[1], "%Y%m%dT%H%M%S%z")
    assert abs(dt.datetime.now(dt.UTC) - made) < dt.timedelta(hours=1)


# What may stand in the way


def refused(path: Path, database: Database) -> str:
    """What is said of a file that cannot be restored; the database is as empty as before."""
    with pytest.raises(BackupError) as error:
        backup_restore(path, database)
    with database.connect() as connection:
        assert database_counts(connection).rows == {}
    return str(error.value)


def test_damaged_and_foreign_files_are_refused_in_words(
    home: Database, saved: Backup, empty: Database, tmp_path: Path
) -> None:
    whole = saved.path.read_bytes()
    file = tmp_path / "budgeometre.dump"
    assert "There is no file" in refused(file, empty)
    # Whoever mistypes a path is not sent to make another database first.
    with pytest.raises(BackupError, match="There is no file"):
        backup_restore(file, home)
    for content in (b"", b"PGDMP", b"SELECT 1;\n", os.urandom(5000), whole[:200]):
        file.write_bytes(content)
        assert "cannot be read as a backup" in refused(file, empty)
    for cut in (len(whole) // 2, len(whole) - 10):
        file.write_bytes(whole[:cut])
        assert "budgeometre.dump c" in refused(file, empty)
    rows = len(whole) - 500
    file.write_bytes(whole[:rows] + bytes([whole[rows] ^ 255]) + whole[rows + 1 :])
    assert "budgeometre.dump c" in refused(file, empty)
    # Any change at all, where the checksum has come with it.
    note = tmp_path / (file.name + backups.CHECKSUM)
    note.write_text(saved.path.with_name(saved.path.name + backups.CHECKSUM).read_text())
    file.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    assert "is damaged" in refused(file, empty)
    note.unlink()
    subprocess.run(
        [
            program("pg_dump", version=VERSION),
            "--format=custom",
            "--table=django_migrations",
            f"--file={file}",
            f"--dbname={home.conninfo}",
        ],
        env=home.environment(),
        check=True,
    )
    assert "is a dump of something else" in refused(file, empty)


def test_a_database_that_holds_anything_is_left_alone(
    home: Database, saved: Backup, empty: Database
) -> None:
    before = dumped(home)
    with pytest.raises(BackupError, match=r"not empty: it has .* and \d+ more.*CREATE DATABASE"):
        backup_restore(saved.path, home)
    assert dumped(home) == before
    with empty.connect() as connection:
        connection.execute("CREATE FUNCTION leftover() RETURNS integer RETURN 1")
    with pytest.raises(BackupError, match="it has leftover"):
        backup_restore(saved.path, empty)


def test_a_backup_of_newer_code_is_refused_and_one_of_older_is_to_be_migrated(
    schema: Backup, empty: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / "newer", tmp_path / "older"]
    with scratch_database(Database.current()) as other:
        backup_restore(schema.path, other)
        for folder, change in zip(
            folders,
            (
                "INSERT INTO django_migrations (app, name, applied) VALUES ('x', '0001_x', now())",
                "DELETE FROM django_migrations WHERE app = 'x' OR (app, name) ="
                " ('sessions', '0001_initial')",
            ),
            strict=True,
        ):
            folder.mkdir()
            with other.connect() as connection:
                connection.execute(change)
            backup_make(other, folder)
    newer, older = (next(folder.glob("*.dump")) for folder in folders)
    assert re.search(r"newer version than this.*\(x\.0001_x\)", refused(newer, empty))
    call_command("restore", older, into=empty.name)
    assert "by 1 migrations: now run manage.py migrate" in capsys.readouterr().out


def test_a_role_that_no_policy_binds_restores_nothing(saved: Backup, empty: Database) -> None:
    postgres = Database({**empty.parameters, "user": "postgres"}, "")
    with pytest.raises(BackupError, match="postgres is not bound by row-level security"):
        backup_restore(saved.path, postgres)


def test_a_pooler_that_drops_the_scope_is_not_taken_for_an_empty_database(
    home: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "BACKOFFICE", "-c budget.elsewhere=on")
    with pytest.raises(BackupError, match="the server's own address"):
        backup_make(home, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_database_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    nobody = Database.at("postgres://budget:secret-word@127.0.0.1:1/budget")
    with pytest.raises(BackupError, match="does not answer") as error:
        backup_make(nobody, tmp_path)
    assert "secret-word" not in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgres://budget:p%40ss%2Fword@db.example.org:6543/budget?sslmode=require",
        "postgres://budget@/budget?host=%2Fvar%2Frun&port=5432",
        "postgres://budget:x@db/budget?options=-c%20statement_timeout%3D0",
    ],
)
def test_an_address_survives_being_taken_apart(address: str) -> None:
    database = Database.at(address)
    assert Database.at(database.url) == database
    assert not database.password or database.password not in database.conninfo
    assert "budget.backoffice=on" in database.conninfo
    for part in ("sslmode", "statement_timeout"):
        assert (part in address) is (part in database.conninfo)


# PostgreSQL's programs

Fake = Callable[[str, str], Path]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Puts a program that does as the test says before all others, and hides the others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr(postgres, "find_spec", lambda _: None)

    def write(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "{name} (PostgreSQL) $0" >/dev/null\n{script}'
        )
        path.chmod(0o755)
        return path

    return write


def test_a_program_older_than_the_server_is_told(fake: Fake) -> None:
    fake("pg_dump", 'echo "pg_dump (PostgreSQL) 14.9 (Debian 14.9-1)"')
    with pytest.raises(BackupError, match=r"pg_dump 14 is older.*PostgreSQL 18.*client-18"):
        program("pg_dump", version=18)
    assert program("pg_dump", version=14).name == "pg_dump"


def test_a_missing_program_is_told(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BackupError, match="pg_dump is not installed"):
        program("pg_dump", version=18)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo half; echo 'pg_dump: error: no space left' >&2; exit 1", "failed: no space left"),
        ("kill -9 $$", "it did not say why"),
    ],
)
def test_a_dump_that_fails_leaves_nothing_behind(
    home: Database, tmp_path: Path, fake: Fake, script: str, said: str
) -> None:
    fake(
        "pg_dump",
        f'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) 18.1"; exit; fi\n{script}',
    )
    target = tmp_path / "backups"
    target.mkdir()
    with pytest.raises(BackupError, match=said):
        backup_make(home, target)
    assert not list(target.iterdir())


def test_a_backup_that_is_told_to_stop_leaves_nothing_behind(
    home: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(database: Database, connection: psycopg.Connection, draft: Path) -> None:
        draft.write_text("half")
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(backups, "_dump", stop)
    with pytest.raises(SystemExit), stoppable():
        backup_make(home, tmp_path)
    assert not list(tmp_path.iterdir())


# The folder


def test_older_backups_of_ours_go_and_nothing_else(tmp_path: Path) -> None:
    ours = [f"budgeometre-2026010{day}T033000Z.dump" for day in range(1, 6)]
    others = ["budgeometre-20260101T033000Z.dump.gz", "notes.dump", "budgeometre-old.dump"]
    for name in [*ours, *others, *(f"{name}.sha256" for name in ours)]:
        (tmp_path / name).touch()
    removed = backups_remove(tmp_path, keep=2)
    assert [path.name for path in removed] == ours[:3]
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*others, *ours[3:], *(f"{name}.sha256" for name in ours[3:])}


def test_two_backups_at_once_are_one(tmp_path: Path) -> None:
    with (
        folder_turn(tmp_path),
        pytest.raises(BackupError, match="under way"),
        folder_turn(tmp_path),
    ):
        pass
    with folder_turn(tmp_path):
        pass


def test_a_missing_folder_is_not_made_for_it_may_be_a_disk_that_is_not_there(
    tmp_path: Path,
) -> None:
    with pytest.raises(BackupError, match="There is no folder"), folder_turn(tmp_path / "usb"):
        pass
    assert not (tmp_path / "usb").exists()


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "budgeometre-20260101T033000Z.dump.part").touch()
    with folder_turn(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [".backup.lock"]


# Trying it out


def test_a_checked_backup_says_so_and_its_database_is_gone(
    at_home: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "budgeometre-20200101T033000Z.dump").touch()
    before = names_of_scratch(at_home)
    call_command("backup", tmp_path, keep=1, check=True)
    said = capsys.readouterr().out
    assert re.search(r"Saved .*dump .*\nRestored and checked: \d+ tables, \d+ rows", said)
    assert "Removed older backups: 1." in said
    assert len(list(tmp_path.glob("*.dump"))) == 1
    assert names_of_scratch(at_home) == before


def test_a_backup_in_doubt_fails_and_the_old_ones_stay(
    at_home: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "budgeometre-20200101T033000Z.dump"
    old.touch()

    def short(path: Path, database: Database) -> None:
        with database.connect() as connection:
            connection.execute("CREATE TABLE wallets_wallet (id integer)")

    monkeypatch.setattr(restoring, "backup_restore", short)
    before = names_of_scratch(at_home)
    with pytest.raises(
        CommandError, match=r"everything back: .*policies \d+ → 0,.* wallets_wallet \d+ → 0"
    ):
        call_command("backup", tmp_path, keep=1, check=True)
    assert old.exists()
    assert names_of_scratch(at_home) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit, BackupError])
def test_the_database_of_a_check_is_dropped_however_it_ends(
    home: Database, stop: type[BaseException]
) -> None:
    before = names_of_scratch(home)

    def stopped() -> None:
        with scratch_database(home) as scratch, scratch.connect():  # somebody is in it still
            assert scratch.name in names_of_scratch(home)
            raise stop

    with pytest.raises(stop):
        stopped()
    assert names_of_scratch(home) == before


def test_the_database_of_a_check_is_dropped_although_autovacuum_is_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One that comes at once, and stays.
    for name, value in {
        "naptime": "1s",
        "vacuum_cost_delay": "100ms",
        "vacuum_cost_limit": "1",
    }.items():
        monkeypatch.setitem(servers.OPTIONS, f"autovacuum_{name}", value)
    at_work = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
    at_work += f" AND datname LIKE '{restoring.SCRATCH}%%'"
    with server_folder() as folder, Primary(folder) as primary:
        database = Database.at(primary.url)
        with scratch_database(database) as scratch:
            # What was written is told to autovacuum when the connection is closed.
            with scratch.connect() as connection:
                connection.execute("CREATE TABLE t AS SELECT generate_series(1, 50000) AS n")
                connection.execute("DELETE FROM t")
            for _ in range(600):
                if primary.execute(at_work) == [1]:
                    break
                time.sleep(0.1)
            assert primary.execute(at_work) == [1]
        assert not names_of_scratch(database)


def test_the_database_of_a_killed_check_is_dropped_a_day_later(home: Database) -> None:
    long_ago = f"{restoring.SCRATCH}20200101t000000z_abcdef"
    with home.connect() as connection:
        connection.execute(f"CREATE DATABASE {long_ago}".encode())
    with scratch_database(home), scratch_database(home):
        names = names_of_scratch(home)
    assert long_ago not in names
    assert len(names) >= 2


def test_a_given_database_is_used_and_left_empty(
    saved: Backup, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "manage", lambda *_: "")
    with emptied_database(empty) as scratch:
        backup_check(saved, scratch)
    with emptied_database(empty) as scratch, scratch.connect() as connection:
        assert database_counts(connection).rows == {}


def test_a_given_database_that_holds_anything_is_refused(home: Database) -> None:
    with pytest.raises(BackupError, match="not empty"), emptied_database(home):
        pass


def test_a_role_that_makes_no_databases_is_told_what_to_do(
    home: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def __enter__(self) -> Refusing:
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, *_: Any) -> Any:
            raise psycopg.errors.InsufficientPrivilege

    monkeypatch.setattr(Database, "connect", lambda _: Refusing())
    monkeypatch.setattr(restoring, "_drop_forgotten", lambda _: None)
    with pytest.raises(BackupError, match="CREATEDB, or name an empty"), scratch_database(home):
        pass


@pytest.mark.parametrize("keep", ["0", "-1", "x", "²", ""])
def test_keeping_none_is_refused(tmp_path: Path, keep: str) -> None:
    with pytest.raises(CommandError, match="--keep"):
        call_command("backup", str(tmp_path), f"--keep={keep}")


def test_a_restore_checks_what_it_has_put_back(
    at_home: Database, saved: Backup, empty: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("restore", saved.path, into=empty.name)
    said = capsys.readouterr().out
    assert f"into “{empty.name}”" in said
    assert "2 households: every balance agrees" in said
    with pytest.raises(CommandError, match="is not empty"):
        call_command("restore", saved.path)
