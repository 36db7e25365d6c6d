"""A PgBouncer for tests, in transaction mode: each transaction may be on another connection.

with PgBouncer(folder, primary, connections=1) as pooler:
    psycopg.connect(pooler.url)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Self

import psycopg

from budget.core.embedded import NAME, Server
from tests.programs import require
from tests.servers import free_port, start_guarded
from tests.servers.postgres import Postgres

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
admin_users = {name}
pool_mode = transaction
default_pool_size = {connections}
query_wait_timeout = {patience}
max_client_conn = 100
logfile = {folder}/pgbouncer.log
pidfile =
"""


class PgBouncer:
    """One PgBouncer before `server`, which opens at most `connections` to each database.

    Whoever waits for one is turned away after `patience` seconds; by itself it waits for 120.
    """

    def __init__(
        self, folder: Path, server: Postgres, *, connections: int, patience: int = 120
    ) -> None:
        self.folder = folder / "pgbouncer"
        self.port = free_port()
        self.server = server
        self.connections = connections
        self.patience = patience
        self._program = require("pgbouncer")
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The DATABASE_URL of the application's role through it."""
        return f"postgres://{NAME}:{NAME}@127.0.0.1:{self.port}/{NAME}"

    @property
    def admin_url(self) -> str:
        """Where PgBouncer tells of itself: SHOW POOLS, SHOW SERVERS."""
        return f"postgres://{NAME}:{NAME}@127.0.0.1:{self.port}/pgbouncer"

    def __enter__(self) -> Self:
        self.folder.mkdir()
        configuration = self.folder / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder,
                port=self.port,
                server=self.server.port,
                connections=self.connections,
                patience=self.patience,
                name=NAME,
            )
        )
        (self.folder / "users.txt").write_text(f'"{NAME}" "{NAME}"\n')
        # It refuses to be root, as PostgreSQL does, and writes its log as whom it runs.
        account = Server(self.folder).account()
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._guard = start_guarded(
            [self._program, "--quiet", configuration],
            log=self.folder / "pgbouncer.out",
            account=account,
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            if time.monotonic() > deadline:
                raise RuntimeError(f"PgBouncer did not start: see {self.folder}/pgbouncer.log")
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._guard
        assert self._guard.stdin
        self._guard.stdin.close()
        self._guard.wait()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        if self._guard is None or self._guard.poll() is not None:
            raise RuntimeError("PgBouncer has stopped by itself.")
        try:
            with psycopg.connect(self.url) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False
