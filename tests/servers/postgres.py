"""A PostgreSQL for tests that need one of their own, and a streaming standby of it.

Both are the embedded server's programs, listening on 127.0.0.1. They run as its account where we
are root, and stop when the process that started them is gone, whatever became of it.

    with server_folder() as folder, Primary(folder) as primary, primary.standby() as standby:
        standby.pause()
        psycopg.connect(standby.url)
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg
from psycopg.rows import scalar_row

from budget.core.embedded import NAME, Server, programs
from tests.servers import free_port, start_guarded

OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "wal_keep_size": "256MB",
    "hot_standby": "on",
    # What a standby has not been sent yet is looked for ten times a second, not every five.
    "wal_retrieve_retry_interval": "100ms",
    # Nothing of it is to outlast the tests.
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "log_checkpoints": "off",
}


class Postgres:
    """One server, whose data lie in `folder`/postgres: the part that a primary and a standby share.

    The role `budget` is the application's: neither a superuser nor exempt from policies, it owns
    the database `budget` and may make others.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._files = Server(folder)
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The DATABASE_URL of the application's role. Every password is the right one."""
        return f"postgres://{NAME}:{NAME}@127.0.0.1:{self.port}/{NAME}"

    @property
    def superuser_url(self) -> str:
        return f"postgres://postgres:postgres@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """The process that all others of the server are below."""
        return int((self._files.data / "postmaster.pid").read_text().split("\n", 1)[0])

    def start(self) -> None:
        """Start the server where its data are, and return when it answers."""
        options = [f"-c{name}={value}" for name, value in {**OPTIONS, "port": self.port}.items()]
        self._guard = start_guarded(
            [programs() / "postgres", "-D", self._files.data, *options],
            log=self.folder / "server.log",
            stop="QUIT",
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            account=self._files.account(),
        )
        self._wait_until(self._answers, "start")

    def stop(self) -> None:
        """Stop as an operator would: those who are connected are told."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop from one moment to the next, as where the machine is gone."""
        self._end(signal.SIGQUIT)

    @property
    def has_stopped(self) -> bool:
        return self._guard is None

    def execute(self, statement: str, *parameters: object) -> list[object]:
        """Run a statement as the superuser in the database `postgres`; its first column."""
        with psycopg.connect(self.superuser_url, autocommit=True, row_factory=scalar_row) as server:
            # The statement is a test's own.
            cursor = server.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._files.data)

    def _answers(self) -> bool:
        if self._guard is None or self._guard.poll() is not None:
            log = (self.folder / "server.log").read_text(errors="replace")
            raise RuntimeError(f"PostgreSQL has stopped by itself:\n{log[-2000:]}")
        with suppress(psycopg.OperationalError):
            return self.execute("SELECT true") == [True]
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._guard is None:
            return
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(self.pid, how)
        assert self._guard.stdin
        if how == signal.SIGINT:
            self._wait_until(lambda: not (self._files.data / "postmaster.pid").exists(), "stop")
        self._guard.stdin.close()
        self._guard.wait()
        self._guard = None

    def _wait_until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not {what}: see {self.folder}/server.log")
            time.sleep(0.02)


class Primary(Postgres):
    """A server that can be written to, and that standbys can follow."""

    def __enter__(self) -> Self:
        self._files.create_cluster("--no-sync")
        super().__enter__()
        self.execute(f"CREATE ROLE {NAME} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB")
        self.execute(f"CREATE DATABASE {NAME} OWNER {NAME} ENCODING 'UTF8' TEMPLATE template0")
        return self

    def standby(self, folder: Path | None = None) -> Standby:
        """A standby of this server, as a context manager, with its data below `folder`."""
        return Standby(folder or self.folder / "standby", self)


class Standby(Postgres):
    """A hot standby: it can be read, and follows its primary as the WAL comes."""

    def __init__(self, folder: Path, primary: Primary) -> None:
        super().__init__(folder)
        self.primary = primary

    def __enter__(self) -> Self:
        data = self._files.data
        data.mkdir(parents=True, mode=0o700)
        if account := self.primary._files.account():
            os.chown(data, account.pw_uid, account.pw_gid)
        self._files.run_program(
            "pg_basebackup",
            f"--dbname=host=127.0.0.1 port={self.primary.port} user=postgres",
            "--checkpoint=fast",
            "--wal-method=stream",
            "--write-recovery-conf",
            "--no-sync",
        )
        return super().__enter__()

    def pause(self) -> None:
        """Fall behind: what the primary writes from now on is not shown."""
        self.execute("SELECT pg_wal_replay_pause()")
        self._wait_until(self._is_paused, "pause")

    def resume(self) -> None:
        """Show again what the primary writes, and return when all of it is there."""
        self.execute("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until everything is shown that the primary has written by now."""
        (position,) = self.primary.execute("SELECT pg_current_wal_flush_lsn()::text")

        def is_there() -> bool:
            return self.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position) == [True]

        self._wait_until(is_there, "catch up")

    def _is_paused(self) -> bool:
        return self.execute("SELECT pg_get_wal_replay_pause_state()") == ["paused"]
