"""The site on servers of its own, in this process: what Django knows as its databases is changed.

with served_by(primary.url, replica=standby.url):
    Client().get("/")
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, router

from budget.core import replica as replicas
from budget.core.configuration import Environment
from budget.core.embedded import programs as embedded_programs
from tests.servers.postgres import Primary


def entry(url: str) -> dict[str, Any]:
    """What DATABASES has for a URL, besides what Django itself adds to it."""
    database = Environment({"URL": url}).database("URL")
    assert database is not None
    return {**connections.settings[DEFAULT_DB_ALIAS], "CONN_MAX_AGE": 300, **database}


@contextmanager
def served_by(url: str, *, replica: str | None = None) -> Iterator[None]:
    """The database is the one at `url`; with `replica` pages may be read from that one."""
    wanted = {DEFAULT_DB_ALIAS: entry(url)}
    if replica:
        wanted[replicas.ALIAS] = entry(replica)
    before, routers = dict(connections.settings), router.routers
    connected = {each.alias: each for each in connections.all(initialized_only=True)}
    connections.settings.clear()
    connections.settings.update(wanted)
    for alias in wanted:
        connections[alias] = connections.create_connection(alias)
    router.routers = [replicas.Router()] if replica else []
    try:
        yield
    finally:
        for alias in wanted:
            connections[alias].close()
            del connections[alias]
        for alias, connection in connected.items():
            connections[alias] = connection
        router.routers = routers
        connections.settings.clear()
        connections.settings.update(before)


def copy_tables(primary: Primary) -> None:
    """Give a new server the tables of the test database, in a fraction of what migrating takes."""
    source = connections[DEFAULT_DB_ALIAS].get_connection_params()
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER"}
    names["password"] = "PGPASSWORD"
    environment = os.environ | {
        variable: str(source[name]) for name, variable in names.items() if source.get(name)
    }
    programs = embedded_programs()
    dump = subprocess.run(
        [programs / "pg_dump", "--no-owner", "--enable-row-security"],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        [programs / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", primary.url],
        input=dump.stdout,
        check=True,
        stdout=subprocess.DEVNULL,
    )
