"""The site served by the real gunicorn, as a production has it.

    with Gunicorn(folder, url, WEB_CONCURRENCY="2") as server:
        server.get("/crash/")
        server.lines

What it serves, unless told otherwise, is `tests.servers.pages`: the site, and pages that break or
take their time.
"""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from tests.servers import CHECKOUT, free_port

PATIENCE = 60


def collect_static_files() -> None:
    """Have ready what a production serves to browsers, as the installation does."""
    folder = CHECKOUT / "var" / "run"
    folder.mkdir(parents=True, exist_ok=True)
    # One at a time: tests run side by side, and another one's files would be half written.
    with (folder / "collecting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
            cwd=CHECKOUT,
            env={
                "PATH": os.environ["PATH"],
                "SECRET_KEY": secrets.token_urlsafe(50),
                "DATABASE_URL": "postgres://nobody@nowhere/nothing",
            },
            check=True,
        )


class Gunicorn:
    """One server with its workers; `variables` are the settings it has besides the usual.

    It ends a connection after `silence` seconds in which nothing came or went. Where it is to know
    who is signed in elsewhere, it is given the same SECRET_KEY.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        *,
        application: str = "tests.servers.pages",
        silence: int = 60,
        **variables: str,
    ) -> None:
        self.port = free_port()
        self.application = application
        self.config = folder / "config.py"
        config = (CHECKOUT / "budget" / "gunicorn.py").read_text(encoding="utf-8")
        for ours, theirs in [("SILENCE = 60", f"SILENCE = {silence}"), ("/dev/shm", str(folder))]:  # noqa: S108
            config = config.replace(ours, theirs)
        self.config.write_text(config)
        self.log = folder / "gunicorn.log"
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
        self.environment = kept | {
            "DATABASE_URL": url,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "HTTPS": "0",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "TMPDIR": str(folder),
            **variables,
        }

    def __enter__(self) -> Self:
        command = ["-m", "gunicorn", "--config", str(self.config), self.application]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=CHECKOUT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + PATIENCE
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise RuntimeError(self.log.read_text())
            time.sleep(0.05)
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _answers(self) -> bool:
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def get(self, path: str) -> http.client.HTTPResponse:
        """The answer to a request; its body is to be read."""
        return self.ask("GET", path)

    def post(self, path: str, form: dict[str, str], **headers: str) -> http.client.HTTPResponse:
        """The answer to a form that is sent."""
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(form), headers)

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        connection = self.connection()
        # A connection that is kept is waited for when the server stops.
        connection.request(method, path, body, {"Connection": "close", **(headers or {})})
        return connection.getresponse()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged so far. Fails where a line is not JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def wait_for(self, **parts: object) -> dict[str, Any]:
        """The first line that has these parts; the log may be a moment behind the answer."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for line in self.lines:
                if parts.items() <= line.items():
                    return line
            time.sleep(0.05)
        raise AssertionError(f"no line with {parts} in\n{self.log.read_text()}")
