"""The site as it runs in production, for measuring: gunicorn, a PostgreSQL of its own, a visitor.

    with server_folder() as folder, served(folder, workers=1, postgres={}) as site:
        site.visitor.get("/h/demo/")

What processes took is read from /proc, so this is for Linux.
"""

from __future__ import annotations

import dataclasses
import http.client
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from unittest import mock
from urllib.parse import urlencode, urlsplit

from tests.deploy.visitor import Form
from tests.servers import CHECKOUT, free_port, postgres

EMAIL, PASSWORD = "demo@example.org", "demo-budgeometre"
TICKS = os.sysconf("SC_CLK_TCK")
HOUSEHOLD = "/h/demo"


class Visitor:
    """A browser on one connection, which stays open between requests."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.cookies: dict[str, str] = {}
        self.path = ""

    def get(self, path: str) -> str:
        return self._ask("GET", path, b"", "")

    def sign_in(self) -> None:
        page = self.get("/accounts/login/")
        self.send(page, "/accounts/login/", login=EMAIL, password=PASSWORD)
        self.get(f"{HOUSEHOLD}/")

    def send(self, page: str, action: str, **fields: str) -> str:
        """Fill in the form of a page that leads to `action`, and send it."""
        body = urlencode({**Form(page, action).fields, **fields}).encode()
        return self._ask("POST", action, body, "application/x-www-form-urlencoded")

    def upload(self, page: str, action: str, name: str, content: bytes) -> str:
        """Send a file in the field `files` of the form of a page that leads to `action`."""
        form, edge = Form(page, action), secrets.token_hex(16)
        parts = [
            (
                f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            ).encode()
            for field, value in form.fields.items()
        ]
        parts.append(
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n".encode()
        )
        body = b"".join([*parts, content, f"\r\n--{edge}--\r\n".encode()])
        return self._ask("POST", action, body, f"multipart/form-data; boundary={edge}")

    def _ask(self, method: str, path: str, body: bytes, content_type: str) -> str:
        headers = {
            "Host": self.host,
            "Origin": f"http://{self.host}",
            "Accept-Language": "fr",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **({"Content-Type": content_type} if content_type else {}),
        }
        try:
            self.connection.request(method, path, body or None, headers)
            answer = self.connection.getresponse()
        except ConnectionError:
            # The server has closed what stayed open and was not used for some seconds.
            self.connection.close()
            self.connection.request(method, path, body or None, headers)
            answer = self.connection.getresponse()
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        self.path = path
        if answer.status in {301, 302, 303}:
            place = urlsplit(answer.headers["Location"])
            return self.get(f"{place.path}?{place.query}".rstrip("?"))
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} answered {answer.status}:\n{page[:3000]}")
        return page


@dataclasses.dataclass
class Site:
    """A site that is being served, with the processes that it takes."""

    environment: dict[str, str]
    web: int
    database: int
    visitor: Visitor

    def manage(self, *command: str, **environment: str) -> str:
        """Run a command of `manage.py` on its database; return what it said."""
        return manage(self.environment | environment, *command)


def manage(environment: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def served(
    folder: Path, *, workers: int, postgres_options: Mapping[str, str], rows: int, **more: str
) -> Iterator[Site]:
    """The site with a demonstration household of `rows` lines, signed in to.

    `more` are variables of the environment. PostgreSQL keeps to its own defaults but for
    `postgres_options`; only that nothing is flushed to the disk is the tests' way.
    """
    port = free_port()
    with (
        mock.patch.dict(postgres.OPTIONS, {"shared_buffers": "128MB", **postgres_options}),
        postgres.Primary(folder) as primary,
    ):
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = {
            **kept,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": primary.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "PORT": str(port),
            "WEB_CONCURRENCY": str(workers),
            **more,
        }
        manage(environment, "collectstatic", "--no-input")
        manage(environment, "migrate", "--verbosity=0")
        size = [f"--rows={rows}"] if rows else []
        manage(environment | {"DEMO": "1"}, "seed_demo", *size)
        gunicorn = subprocess.Popen(
            [
                Path(sys.executable).with_name("gunicorn"),
                "--config",
                "budget/gunicorn.py",
                "budget.wsgi",
            ],
            cwd=CHECKOUT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "gunicorn.log").open("ab"),
        )
        try:
            visitor = Visitor(port)
            _wait(visitor, gunicorn, folder / "gunicorn.log")
            visitor.sign_in()
            yield Site(environment, gunicorn.pid, primary.pid, visitor)
        finally:
            gunicorn.terminate()
            gunicorn.wait()


def _wait(visitor: Visitor, gunicorn: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        with suppress(OSError, RuntimeError):
            visitor.get("/readyz")
            return
        visitor.connection.close()
        if gunicorn.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"gunicorn did not start:\n{log.read_text()}")


# What processes take


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def memory(pids: Iterable[int], kind: str = "Pss") -> float:
    """The memory of processes in MB: their own, and their part of what several share (PSS).

    `Pss_Anon` is that without files and without what a database's processes share as buffers.
    """
    total = 0
    for pid in pids:
        with suppress(ProcessLookupError, FileNotFoundError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int((re.search(rf"^{kind}:\s+(\d+)", rollup, re.MULTILINE) or ["", "0"])[1])
    return total / 1024


def processor_time(pid: int) -> float:
    """Seconds of processor time, user and system, of a process, all below it, and their dead."""
    ticks = 0
    for each in family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS
