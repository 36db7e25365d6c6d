"""What a line, a page, a write and a backup cost: `make bench-capacity`.

The figures that docs/operations.md works its sizes out from. Time is processor time, user and
system, of gunicorn and of PostgreSQL apart, so that what else the machine does weighs little; it
is that of the machine it runs on. Nothing here is a test: a busy machine fails nobody.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from tests.bench.serving import HOUSEHOLD, Site, family, manage, memory, processor_time, served
from tests.servers import server_folder

ROWS = int(os.environ.get("ROWS", "100000"))
ASKED = int(os.environ.get("ASKED", "40"))
PAGES = {
    "overview": "",
    "transactions": "transactions/",
    "transactions, searched": "transactions/?q=carrefour",
    "a form to add a line": "transactions/add/",
    "dashboard, month": "budget/",
    "categories": "categories/",
    "wallets": "wallets/",
    "envelopes": "buckets/",
}
#: Every measured thing stays where it is: nothing is tidied up meanwhile.
POSTGRES = {"autovacuum": "off", "max_connections": "40", "checkpoint_timeout": "1h"}


def main() -> None:
    with (
        server_folder() as folder,
        served(folder, workers=1, postgres_options=POSTGRES, rows=ROWS) as site,
        psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as database,
    ):
        database.execute("SET budget.backoffice = 'on'")
        database.execute("VACUUM ANALYZE")
        sizes(database)
        pages(site)
        writing(site, database)
        memories(site)
        backups(site)


def one(database: psycopg.Connection, query: str) -> int:
    row = database.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def sizes(database: psycopg.Connection) -> None:
    lines = one(database, "SELECT count(*) FROM transactions_transaction")
    table = one(database, "SELECT pg_table_size('transactions_transaction')")
    indexes = one(database, "SELECT pg_indexes_size('transactions_transaction')")
    everything = one(database, "SELECT pg_database_size(current_database())")
    print(f"lines in the ledger                 {lines:>12,}")
    print(f"bytes a line, its row               {table / lines:>12.0f}")
    print(f"bytes a line, its indexes           {indexes / lines:>12.0f}")
    print(f"bytes a line, whole database        {everything / lines:>12.0f}")


def took(site: Site, what: Callable[[], object], times: int) -> tuple[float, float]:
    """Milliseconds of processor time that gunicorn and PostgreSQL each need for it."""
    for _ in range(5):
        what()
    before = processor_time(site.web), processor_time(site.database)
    for _ in range(times):
        what()
    after = processor_time(site.web), processor_time(site.database)
    web, database = (
        1000 * (late - early) / times for early, late in zip(before, after, strict=True)
    )
    return web, database


def reference() -> float:
    """Milliseconds of processor time of a sum in Python, to compare machines by; the least of 5."""
    spent = []
    for _ in range(5):
        start = time.process_time()
        sum(number * number for number in range(1_000_000))
        spent.append(1000 * (time.process_time() - start))
    return min(spent)


def pages(site: Site) -> None:
    print(f"\n{'a million squares in Python, ms':36}{reference():>12.0f}")
    print(f"{'processor time, ms':36}{'web':>12}{'database':>10}")
    sums = [0.0, 0.0]
    for title, page in PAGES.items():
        each = took(site, partial(site.visitor.get, f"{HOUSEHOLD}/{page}"), ASKED)
        sums = [total + spent for total, spent in zip(sums, each, strict=True)]
        print(f"{title:36}{each[0]:>12.1f}{each[1]:>10.1f}")
    web, database = (total / len(PAGES) for total in sums)
    print(f"{'the mean of these':36}{web:>12.1f}{database:>10.1f}")
    print(f"requests a second, a core for web   {1000 / web:>12.0f}")
    print(f"requests a second, a core for both  {1000 / (web + database):>12.0f}")


def writing(site: Site, database: psycopg.Connection) -> None:
    """An expense added by its form, and what that leaves in the write-ahead log."""
    form = site.visitor.get(f"{HOUSEHOLD}/transactions/add/")
    position = "SELECT pg_current_wal_lsn() - '0/0'"

    def write() -> None:
        nonlocal form
        site.visitor.send(
            form, f"{HOUSEHOLD}/transactions/add/", amount="12,50", description="Boulangerie"
        )
        form = site.visitor.get(f"{HOUSEHOLD}/transactions/add/")

    lines = one(database, "SELECT count(*) FROM transactions_transaction")
    start = one(database, position)
    web, spent = took(site, write, ASKED)
    written = one(database, "SELECT count(*) FROM transactions_transaction") - lines
    if written != ASKED + 5:
        sys.exit(f"{written} lines were written, not {ASKED + 5}")
    log = (one(database, position) - start) / written
    print(f"{'a line added: form, post, list':36}{web:>12.1f}{spent:>10.1f}")
    print(f"bytes in the write-ahead log, a line{log:>12,.0f}")


def memories(site: Site) -> None:
    workers = family(site.web)[1:]
    backends = [pid for pid in family(site.database) if "budget budget" in title(pid)]
    print(f"\n{'memory (PSS), MB':36}")
    print(f"gunicorn's first process            {memory([site.web]):>12.0f}")
    print(f"a worker                            {memory(workers) / len(workers):>12.0f}")
    own = memory(backends, "Pss_Anon") / max(len(backends), 1)
    print(f"a connection, without the buffers   {own:>12.0f}")


def title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def backups(site: Site) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made, spent = timed(site, "backup", folder)
        file = next(Path(folder).glob("*.dump"))
        print(f"\na backup, MB                        {file.stat().st_size / 1e6:>12.1f}")
        print(f"  processor time, s                 {made:>12.1f}{spent:>10.1f}")
        with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as server:
            server.execute("CREATE DATABASE restored")
        back, spent = timed(site, "restore", str(file), "--into", "restored")
        print(f"restored and checked, s             {back:>12.1f}{spent:>10.1f}")


def timed(site: Site, *command: str) -> tuple[float, float]:
    """Seconds of processor time that a command and PostgreSQL each need for it."""
    database, own = processor_time(site.database), os.times()
    manage(site.environment, *command)
    late = os.times()
    spent = late.children_user + late.children_system - own.children_user - own.children_system
    return spent, processor_time(site.database) - database


if __name__ == "__main__":
    main()
