"""What is logged, and that nothing in it is a household's or a person's.

A request has an id, which is on every line logged while it is answered. Its own line says which
page, not which address: addresses hold searches, invitations and keys that reset a password.
Statements are logged as they are sent, with places for their values and not the values. See
docs/logs-and-privacy.md.
"""

from __future__ import annotations

import copy
import datetime as dt
import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve
from pythonjsonlogger.json import JsonFormatter

queries = logging.getLogger("budget.queries")

#: What of a statement is logged.
LONGEST_STATEMENT = 2000

#: The id of the request that is being answered. It is not taken back at its end, so that what the
#: server says of the connection afterwards has it too; the next request has its own.
request_id: ContextVar[str] = ContextVar("request_id", default="")


@dataclass(slots=True)
class Tally:
    """What a request has asked of the databases: how often, and for how many seconds."""

    queries: int = 0
    seconds: float = 0.0


tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def measure(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """An execute wrapper: counts a statement for its request, and logs it where it is slow."""
    start = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.perf_counter() - start
        if current := tally.get():
            current.queries += 1
            current.seconds += seconds
        if 0 < settings.SLOW_QUERY_SECONDS <= seconds:
            queries.warning(
                "A slow query took %.3f s",
                seconds,
                extra={
                    "seconds": round(seconds, 4),
                    "database": context["connection"].alias,
                    "sql": " ".join(str(sql).split())[:LONGEST_STATEMENT],
                },
            )


def measure_connection(connection: Any, **kwargs: Any) -> None:
    """Receives `connection_created`: a wrapper of each thread is used again with every request."""
    if measure not in connection.execute_wrappers:
        connection.execute_wrappers.append(measure)


def page_of(request: HttpRequest) -> ResolverMatch | None:
    """Which page an address is of; None where it is of none."""
    # What is refused before the view is asked has been resolved by nobody.
    match = request.resolver_match
    if match is None:
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return None
    return match


#: What of a line of an error is logged. More is a value, and takes long to look through.
LONGEST_LINE = 2000
BEYOND = re.compile(rf"^(.{{{LONGEST_LINE}}}).+$", re.MULTILINE)

# PostgreSQL tells in these lines which row it was, with all that is in it.
DETAILS = re.compile(r"^(DETAIL|CONTEXT|QUERY|WHERE|LINE \d+):.*$", re.MULTILINE)
# What PostgreSQL and Python quote of a value that they cannot read.
QUOTED = re.compile(
    r"((?:[Ii]nvalid (?:input|literal|isoformat)|could not convert|malformed|syntax error in"
    r"|unconverted data)[^:\n]*|[^:\n]* out of range): .*"
)
# The same in the middle of a sentence; Django's own forms and fields write “…” around it.
WITHIN = re.compile(
    r"(?<=but got ).*|(?<=time data ).*(?= does not match)|(?<=value )\".*\"(?= is out of range)"
    r"|(?<=“)[^”\n]*(?=”)"
)
# Of an address only whose it is: a browser tells from which page a form came.
URL = re.compile(r"(https?://[^\s/?#'\"<>]+)[/?#][^\s'\"<>]*")
ADDRESS = re.compile(r"[^\s<>'\"(),;:=]+@[^\s<>'\"(),;:=]+\.[^\s<>'\"(),;:=]+")
# After these gunicorn tells the address, the query with it, and who asked.
SERVER_ERRORS = re.compile(r"Error handling request|Invalid request")


def without_personal_data(text: str) -> str:
    """The text of an error without the values that libraries put into it."""
    text = BEYOND.sub(r"\1…", text)
    text = DETAILS.sub(r"\1: …", text)
    text = QUOTED.sub(r"\1: …", text)
    text = WITHIN.sub("…", text)
    text = URL.sub(r"\1/…", text)
    return ADDRESS.sub("…@…", text)


def anonymous(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of a record that has the page in place of the address, and the request's id."""
    record = copy.copy(record)
    request = record.__dict__.pop("request", None)
    if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        match = page_of(request)
        page = match.route if match else "an unknown address"
        record.args = tuple(page if arg == request.path else arg for arg in record.args)
    if record.name == "gunicorn.error" and (known := SERVER_ERRORS.match(str(record.msg))):
        record.msg, record.args = known.group(), ()
    record.request_id = request_id.get() or None
    return record


class Lines(JsonFormatter):
    """One JSON object a line: time (UTC), level, logger, message, request_id, and what else."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "exception"},
            json_ensure_ascii=False,
        )

    def format(self, record: logging.LogRecord) -> str:
        return super().format(anonymous(record))

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        moment = dt.datetime.fromtimestamp(record.created, tz=dt.UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds")
        super().add_fields(log_data, record, message_dict)
        log_data["message"] = without_personal_data(log_data["message"])
        if log_data["request_id"] is None:
            del log_data["request_id"]

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        return without_personal_data(str(super().formatException(ei)))


class Text(logging.Formatter):
    """The same for people: time, level, logger, request_id, message; exceptions below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(request_id)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        record = anonymous(record)
        identity = record.__dict__["request_id"]
        record.request_id = f"{identity} " if identity else ""
        # Another handler may have formatted it already, with what we leave out.
        record.exc_text = None
        return without_personal_data(super().format(record))
