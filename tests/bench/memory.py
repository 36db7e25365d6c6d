"""What the site needs of memory on a small machine: `make bench-memory`.

gunicorn in production settings, PostgreSQL with the settings of docs/raspberry-pi.md, the
scheduler; after the pages of a household of 20,000 lines were asked for, a line was written and a
bank's file of 1,000 lines was imported. Each figure is proportional set size: what a process has
alone, and its part of what it shares. Nothing here is a test.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import imports
from tests.bench.serving import HOUSEHOLD, Site, family, memory, served
from tests.servers import CHECKOUT, server_folder

#: As docs/raspberry-pi.md has it, for a server of one household or a few.
POSTGRES = {
    "shared_buffers": "32MB",
    "max_connections": "12",
    "work_mem": "2MB",
    "maintenance_work_mem": "16MB",
    "autovacuum_max_workers": "1",
    "autovacuum_worker_slots": "1",
    "max_worker_processes": "0",
    "max_parallel_workers": "0",
    "max_logical_replication_workers": "0",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "io_method": "sync",
    "jit": "off",
}
WEB = {"DATABASE_POOL_SIZE": "2", "MALLOC_ARENA_MAX": "2"}
PAGES = ("", "transactions/", "transactions/?q=carrefour", "categories/", "budget/", "goals/")
MORE_PAGES = ("buckets/", "wallets/", "people/", "archives/", "import/")
ROWS = int(os.environ.get("ROWS", "20000"))
LINES = 1_000
LIMIT = 300


def main() -> None:
    imports.LINES = LINES
    print(f"{'MB':24}{'web':>8}{'database':>10}{'scheduler':>11}{'in all':>8}")
    most = 0.0
    for workers in (1, 2):
        with (
            server_folder() as folder,
            served(folder, workers=workers, postgres_options=POSTGRES, rows=ROWS, **WEB) as site,
            scheduler(site) as waiting,
        ):
            title = f"{workers} worker{'s' if workers > 1 else ''}"
            most = max(most, told(f"{title}, just started", site, waiting))
            visit(site)
            most = max(most, told(f"{title}, after pages", site, waiting))
            import_file(site)
            most = max(most, told(f"{title}, after an import", site, waiting))
            most = max(most, peak(site, waiting))
    print(f"the most: {most:.0f} MB, of {LIMIT}")


def visit(site: Site) -> None:
    """Each page twelve times, so that every worker and thread has had its turn, and a write."""
    for _ in range(12):
        for page in (*PAGES, *MORE_PAGES):
            site.visitor.get(f"{HOUSEHOLD}/{page}")
            # Another connection, which another worker may take.
            site.visitor.connection.close()
    form = site.visitor.get(f"{HOUSEHOLD}/transactions/add/")
    site.visitor.send(
        form, f"{HOUSEHOLD}/transactions/add/", amount="12,50", description="Boulangerie"
    )


def import_file(site: Site) -> None:
    page = site.visitor.get(f"{HOUSEHOLD}/import/")
    name, content = "releve.csv", imports.bank_file(1)
    page = site.visitor.upload(page, f"{HOUSEHOLD}/import/upload/", name, content)
    if site.visitor.path.endswith("/wallets/"):
        wallet = dict.fromkeys(re.findall(r'name="(wallet_\d+)"', page), "new")
        named = {f"name_{field.removeprefix('wallet_')}": "Banque" for field in wallet}
        page = site.visitor.send(page, site.visitor.path, **wallet, **named)
    site.visitor.send(page, f"{site.visitor.path}confirm/")


def told(title: str, site: Site, waiting: int) -> float:
    """Print what each takes now; return the sum."""
    time.sleep(1)  # a connection that was closed takes its process with it
    each = [memory(family(pid)) for pid in (site.web, site.database, waiting)]
    print(f"{title:24}{each[0]:>8.0f}{each[1]:>10.0f}{each[2]:>11.0f}{sum(each):>8.0f}")
    return sum(each)


def peak(site: Site, waiting: int) -> float:
    """The most while a backup is made, which the scheduler does at night."""
    with tempfile.TemporaryDirectory() as folder:
        backup = subprocess.Popen(
            [sys.executable, "manage.py", "backup", folder],
            cwd=CHECKOUT,
            env=dict(site.environment),
            stdout=subprocess.DEVNULL,
        )
        most = 0.0
        while backup.poll() is None:
            pids = {*family(site.web), *family(site.database), waiting, *family(backup.pid)}
            most = max(most, memory(pids))
            time.sleep(0.02)
    print(f"{'  while a backup is made':45}{'':8}{most:>8.0f}")
    return most


class scheduler:  # noqa: N801 - a context manager, named as what it starts
    """The scheduler, waiting for the night; as a value its process."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def __enter__(self) -> int:
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "scheduler", "--backups", self.folder.name],
            cwd=CHECKOUT,
            env={**self.site.environment, "TMPDIR": self.folder.name},
            stderr=subprocess.DEVNULL,
        )
        sign = Path(self.folder.name, "budgeometre-scheduler")
        while not sign.exists() and self.process.poll() is None:
            time.sleep(0.1)
        return self.process.pid

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


if __name__ == "__main__":
    main()
