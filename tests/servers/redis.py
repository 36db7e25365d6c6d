"""A real redis-server for tests, which can be killed, hung and started again.

with Redis(folder) as redis:
    settings.CACHES = caches_of(redis.url)
    redis.hang()
    redis.resume()
    redis.kill()
    redis.start()
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self, cast

import redis as client_library
from django.core.cache import caches

from budget.core import cache
from tests.programs import require
from tests.servers import free_port

#: Seconds that a busy machine may take.
PATIENCE = 10.0


def set_patience(seconds: float) -> None:
    """How long our caches wait for their Redis from now on, connections that are open as well."""
    cache.PATIENCE = seconds
    for each in caches.all(initialized_only=True):
        if isinstance(each, cache.RedisCache):
            client: Any = each._cache
            client._pool_options["socket_timeout"] = seconds
            for pool in client._pools.values():
                pool.connection_kwargs["socket_timeout"] = seconds
                for connection in pool._available_connections:
                    connection.socket_timeout = seconds
                    connection.update_current_socket_timeout(seconds)


class Redis:
    """One redis-server on 127.0.0.1 and on a socket in `folder`, empty at first.

    What is written goes to its log at once, so that it can be started again as it was.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._program = require("redis-server")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def socket_url(self) -> str:
        return f"unix://{self.folder / 'redis.sock'}?db=0"

    @property
    def client(self) -> client_library.Redis:
        """A client of the test's own, which waits for the server."""
        return client_library.Redis(port=self.port, socket_timeout=PATIENCE)

    def start(self, *, empty: bool = False) -> None:
        """Start it, with what it held when it was killed or `empty`; returns when it answers."""
        if empty:
            shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)
        # It goes when we do, however that comes about.
        guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "unixsocket": str(self.folder / "redis.sock"),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "no",
            "databases": "1",
        }
        arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [*guard, self._program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "redis.log").open("ab"),
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the tests.
            start_new_session=True,
        )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"redis-server does not start: see {self.folder}/redis.log")
            time.sleep(0.01)

    def kill(self) -> None:
        """From one moment to the next it is gone."""
        process = self._running()
        process.kill()
        process.wait()
        self._process = None

    def hang(self) -> None:
        """It takes connections and commands, and answers nothing. Our caches give up soon."""
        set_patience(0.05)
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on, and first does everything it was told while it hung."""
        self._running().send_signal(signal.SIGCONT)
        # It has answered us only after those who were there before.
        self.client.ping()
        set_patience(PATIENCE)

    def names(self, part: str = "") -> list[str]:
        """The keys it holds that have `part` in them."""
        found = cast(list[bytes], self.client.keys("*"))
        return sorted(key.decode() for key in found if part in key.decode())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self.kill()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("This redis-server is not running.")
        return self._process

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except client_library.exceptions.RedisError:
            return False
