"""The environment's variables, read as what they mean.

`budget/settings.py` reads each variable once through an `Environment`. Any NAME may be given as
NAME_FILE instead, the path of a file that holds the value: compose and Kubernetes hand secrets
over as files. A variable that is empty counts as not given, because that is what compose makes
of one that is left out.

A wrong value never ends in a traceback. Its default stands in for it, the mistake is kept, and
a system check (`budget.core.checks`) names them all at once. What cannot be done without is
required: where it is missing or wrong, `Environment.require_all` stops the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})
#: What of a wrong value is shown.
LONGEST_SHOWN = 80

#: Bytes of a NAME_FILE: what is larger is another file, or one without end.
LONGEST_FILE = 65_536

# As Django compares them: a name, .name for all below it, an address, or * for any.
NAME = r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]"
HOST = re.compile(NAME, re.IGNORECASE)
HOSTS = re.compile(rf"\*|\.?({NAME})", re.IGNORECASE)
DATABASE_EXAMPLE = "postgres://budget:password@localhost/budget"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a variable, in a sentence, and what to do about it in another."""

    name: str
    sentence: str
    hint: str

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}"


class _Wrong(ValueError):  # noqa: N818 - never seen outside
    """A value, or this part of it, is not of its form."""

    def __init__(self, part: str, hint: str = "") -> None:
        super().__init__(part)
        self.part = part
        self.hint = hint


class Environment:
    """Reads variables, and remembers their defaults and what was wrong."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        #: Each variable that was read, with its default as one would write it; None where the
        #: default is worked out from something else. What is required has "required".
        self.defaults: dict[str, str | None] = {}
        self.mistakes: list[Mistake] = []
        self._required: list[Mistake] = []

    # What a variable can be. All return the default where the variable is not given or wrong.

    def text(self, name: str, default: str = "") -> str:
        return self._read(name, default, str.strip, "", default)

    def secret(self, name: str, default: str = "", *, hint: str = "") -> str:
        """A text that is never shown. With `hint` it is required unless there is a default."""
        if hint and not default:
            return self._read_required(name, str, "", hint) or ""
        return self._read(name, default, str, "", default, shown=False)

    def flag(self, name: str, default: bool = False) -> bool:
        def parse(value: str) -> bool:
            if value.lower() in YES | NO:
                return value.lower() in YES
            raise _Wrong(value)

        return self._read(name, default, parse, "neither 1 nor 0", "1" if default else "0")

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        number = self._number(name, default, least, most, str(default))
        return default if number is None else number

    def number_or_none(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number; None where the default is worked out from something else."""
        return self._number(name, None, least, most, None)

    def _number(
        self, name: str, default: int | None, least: int, most: int, written: str | None
    ) -> int | None:
        def parse(value: str) -> int:
            # Only digits: int() takes 1_000 and Arabic ones as well.
            if re.fullmatch(r"-?[0-9]{1,18}", value) and least <= int(value) <= most:
                return int(value)
            raise _Wrong(value)

        form = f"not a whole number from {least} to {most}"
        return self._read(name, default, parse, form, written)

    def seconds(self, name: str, default: float, *, least: float, most: float) -> float:
        def parse(value: str) -> float:
            if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value) and least <= float(value) <= most:
                return float(value)
            raise _Wrong(value)

        form = f"not a number of seconds from {least:g} to {most:g}"
        return self._read(name, default, parse, form, f"{default:g}")

    def choice(self, name: str, default: str, *choices: str) -> str:
        def parse(value: str) -> str:
            for each in choices:
                if value.lower() == each.lower():
                    return each
            raise _Wrong(value)

        return self._read(name, default, parse, f"none of {', '.join(choices)}", default)

    def host(self, name: str, default: str) -> str:
        """The name or address of a server."""

        def parse(value: str) -> str:
            if HOST.fullmatch(value) or HOST.fullmatch(f"[{value}]"):
                return value
            raise _Wrong(value)

        return self._read(name, default, parse, "not the name of a host", default)

    def hosts(self, name: str, default: list[str]) -> list[str]:
        """Host names separated by commas, as Django's ALLOWED_HOSTS has them."""
        hint = "Write names alone, without scheme, port or path, as in budget.example.org"

        def parse(part: str) -> str:
            if HOSTS.fullmatch(part):
                return part
            raise _Wrong(part, f"{hint}; separate several by commas.")

        return self._list(name, default, parse, "not the name of a host")

    def origins(self, name: str, default: list[str]) -> list[str]:
        """Origins separated by commas: scheme, host and perhaps a port."""
        hint = "Write scheme and host, as in https://budget.example.org; separate several by commas"

        def parse(part: str) -> str:
            url = _split(part)
            origin = f"{url.scheme}://{url.netloc}"
            # A star stands for every name below a domain. The brackets of an address are gone.
            host = (url.hostname or "").removeprefix("*.")
            sound = "@" not in origin and HOST.fullmatch(f"[{host}]" if ":" in host else host)
            if sound and url.scheme in {"http", "https"} and part.rstrip("/") == origin:
                return origin
            raise _Wrong(part, f"{hint}.")

        return self._list(name, default, parse, "not an origin")

    def mailbox(self, name: str, default: str = "") -> str:
        """An e-mail address, alone or as in `Name <address>`."""

        def parse(value: str) -> str:
            try:
                EmailValidator(allowlist=["localhost"])(parseaddr(value)[1])
            except ValidationError:
                raise _Wrong(value) from None
            if "\n" in value or "\r" in value:
                raise _Wrong(value)
            return value

        return self._read(name, default, parse, "not an e-mail address", default)

    def time_zone(self, name: str, default: str) -> str:
        """The name of a time zone, as in Europe/Paris."""

        def parse(value: str) -> str:
            try:
                ZoneInfo(value)
            except (OSError, ValueError, KeyError):
                ending = f"/{value}".lower()
                zones = [each for each in available_timezones() if each.lower().endswith(ending)]
                hint = f"Did you mean {' or '.join(sorted(zones)[:3])}?" if zones else ""
                raise _Wrong(value, hint) from None
            return value

        return self._read(name, default, parse, "not the name of a time zone", default)

    def redis(self, name: str) -> str:
        """The URL of a Redis, or an empty text. It may hold a password, so it is not shown."""

        def parse(value: str) -> str:
            url = _split(value)
            hint = f"Write it as in {name}=redis://localhost:6379/0."
            if (url.scheme in {"redis", "rediss"} and url.hostname) or (
                url.scheme == "unix" and url.path
            ):
                _redis_options(value, hint)
                return value
            raise _Wrong(value, hint)

        return self._read(name, "", parse, "not the URL of a Redis", "", shown=False)

    def dsn(self, name: str) -> str:
        """The address errors are reported to, or an empty text. Its key is not shown."""

        def parse(value: str) -> str:
            url = _split(value)
            project = url.path.rpartition("/")[2]
            sound = url.scheme in {"http", "https"} and url.hostname and url.username
            if sound and re.fullmatch("[0-9]+", project):
                return value
            raise _Wrong(value, f"Write it as in {name}=https://key@sentry.example.org/1.")

        return self._read(name, "", parse, "not a DSN", "", shown=False)

    def database(self, name: str, *, hint: str = "") -> dict[str, Any] | None:
        """An entry for Django's DATABASES from the URL of a PostgreSQL, or None.

        With `hint` it is required. libpq itself reads the URL, so that whatever `psql` takes
        (several hosts, a socket's folder, `sslmode`) is taken here.
        """
        form = (
            "not the address of a PostgreSQL, without which households cannot be kept apart "
            "(or a character of its password is to be percent-encoded)"
        )
        if hint:
            return self._read_required(name, _database, form, hint)
        return self._read(name, None, _database, form, "", shown=False)

    # How they are read.

    def has(self, name: str) -> bool:
        """Whether the variable is given, as NAME or as NAME_FILE."""
        return bool(self._variables.get(name) or self._variables.get(f"{name}_FILE"))

    def refuse(self, name: str, sentence: str, hint: str) -> None:
        """Note that a variable is wrong, for a reason that only `settings.py` can see."""
        self.mistakes.append(Mistake(name, sentence, hint))

    def require_all(self) -> None:
        """Raise ImproperlyConfigured, with all there is to say, where a required one is missing."""
        if self._required:
            raise ImproperlyConfigured("\n".join(map(str, [*self._required, *self.mistakes])))

    def _read[T](
        self,
        name: str,
        default: T,
        parse: Callable[[str], T],
        form: str,
        written: str | None,
        *,
        shown: bool = True,
    ) -> T:
        self.defaults[name] = written
        value, mistake = self._given(name)
        # A secret is taken as it is.
        value = value if parse is str else value.strip()
        if value and not mistake:
            try:
                return parse(value)
            except _Wrong as wrong:
                hint = wrong.hint or _how_to_write(name, written)
                mistake = Mistake(name, _sentence(name, value, wrong.part, form, shown), hint)
        if mistake:
            self.mistakes.append(mistake)
        return default

    def _read_required[T](
        self, name: str, parse: Callable[[str], T], form: str, hint: str
    ) -> T | None:
        self.defaults[name] = "required"
        value, mistake = self._given(name)
        if value and not mistake:
            try:
                return parse(value)
            except _Wrong as wrong:
                mistake = Mistake(name, _sentence(name, value, "", form, False), wrong.hint)
        self._required.append(mistake or Mistake(name, f"{name} is not set.", hint))
        return None

    def _list(
        self, name: str, default: list[str], parse: Callable[[str], str], form: str
    ) -> list[str]:
        def parse_all(value: str) -> list[str]:
            return [parse(part.strip()) for part in value.split(",") if part.strip()]

        return self._read(name, default, parse_all, form, ",".join(default))

    def _given(self, name: str) -> tuple[str, Mistake | None]:
        """What NAME or NAME_FILE holds, empty where neither does; or why that cannot be said."""
        value, file = self._variables.get(name, ""), self._variables.get(f"{name}_FILE", "")
        if not file:
            # Editors and `echo` end a file with a line's end, which is no part of a password;
            # and who reads one into a variable may have it there.
            return value.rstrip("\r\n"), None
        if value:
            return "", Mistake(
                name, f"{name} and {name}_FILE are both given.", "Leave out one of them."
            )
        try:
            with Path(file).open("rb") as opened:
                content = opened.read(LONGEST_FILE + 1)
            if len(content) <= LONGEST_FILE:
                return content.decode().rstrip("\r\n"), None
            why: str | None = "it is longer than any value"
        except OSError as error:
            why = error.strerror
        except ValueError:
            why = "it is not text in UTF-8"
        return "", Mistake(
            name,
            f"{name}_FILE names the file {file}, which cannot be read: {why}.",
            "Mount it there, readable for whom this runs as, or correct the path.",
        )


def _sentence(name: str, value: str, part: str, form: str, shown: bool) -> str:
    if not shown:
        return f"{name} is {form}."
    verb = "is" if part == value else "has"
    if len(part) > LONGEST_SHOWN:
        part = f"{part[:LONGEST_SHOWN]}…"
    return f"{name} {verb} “{part}”, which is {form}."


def _how_to_write(name: str, default: str | None) -> str:
    if default:
        return f"Write it as in {name}={default}, which is what holds where it is left out."
    return "Correct it, or leave it out."


def _split(value: str) -> SplitResult:
    """The parts of a URL, the port looked at as well."""
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        raise _Wrong(value) from None
    return url


def _redis_options(value: str, hint: str) -> None:
    """See to it that the client can take what stands behind the `?`."""
    # Imported here: only settings with a Redis need it.
    from redis import ConnectionPool, RedisError

    try:
        ConnectionPool.from_url(value).make_connection()  # which does not connect yet
    except (TypeError, ValueError, RedisError):
        raise _Wrong(value, hint) from None


def _database(value: str) -> dict[str, Any]:
    # Imported here: only settings with a DATABASE_URL need it, and Django imports it later anyway.
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    wrong = _Wrong(value, f"Write it as in {DATABASE_EXAMPLE}.")
    if not value.startswith(("postgres://", "postgresql://")):
        raise wrong
    try:
        options = conninfo_to_dict(value)
    except Error:
        raise wrong from None
    ports = str(options.get("port", "")).split(",")
    sound_ports = all(not port or (port.isdecimal() and 0 < int(port) < 65536) for port in ports)
    # An @ in the host is one of the password's that should have been %40.
    if not options.get("dbname") or not sound_ports or "@" in str(options.get("host", "")):
        raise wrong
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname"),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        "OPTIONS": options,
    }
