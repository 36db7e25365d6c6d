"""The site as it runs in production, for measuring: gunicorn, a PostgreSQL of its own, a visitor.

    with server_folder() as folder, served(folder, workers=1, postgres_options={}, rows=0) as site:
        site.visitor.get("/h/demo/")

What processes took is read from /proc, so this is for Linux.
"""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

from tests.servers import CHECKOUT, postgres
from tests.servers.gunicorn import Gunicorn, collect_static_files
from tests.servers.visitor import Visitor

EMAIL, PASSWORD = "demo@example.org", "demo-budgeometre"
TICKS = os.sysconf("SC_CLK_TCK")
HOUSEHOLD = "/h/demo"


@dataclasses.dataclass
class Site:
    """A site that is being served, with the processes that it takes."""

    environment: dict[str, str]
    web: int
    database: int
    visitor: Visitor


def manage(environment: Mapping[str, str], *command: str) -> None:
    """Run a command of `manage.py`; where it fails, end with what it said."""
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


@contextmanager
def served(
    folder: Path, *, workers: int, postgres_options: Mapping[str, str], rows: int, **more: str
) -> Iterator[Site]:
    """The site with a demonstration household of `rows` lines, signed in to.

    `more` are variables of the environment. PostgreSQL keeps to its own defaults but for
    `postgres_options`; only that nothing is flushed to the disk is the tests' way.
    """
    with (
        mock.patch.dict(postgres.OPTIONS, {"shared_buffers": "128MB", **postgres_options}),
        postgres.Primary(folder) as primary,
    ):
        site = Gunicorn(
            folder,
            primary.url,
            application="budget.wsgi",
            ALLOWED_HOSTS="127.0.0.1",
            WEB_CONCURRENCY=str(workers),
        )
        site.environment |= more
        collect_static_files()
        manage(site.environment, "migrate", "--verbosity=0")
        size = [f"--rows={rows}"] if rows else []
        manage(site.environment | {"DEMO": "1"}, "seed_demo", *size)
        with site:
            visitor = Visitor(site.port, keep_open=True)
            page = visitor.get("/accounts/login/")
            visitor.send(page, "/accounts/login/", login=EMAIL, password=PASSWORD)
            visitor.get(f"{HOUSEHOLD}/")
            yield Site(site.environment, site.process.pid, primary.pid, visitor)


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
