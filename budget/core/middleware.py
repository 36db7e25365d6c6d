"""What surrounds every request: its id and its line in the log; and the probes' answers."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.utils.functional import SimpleLazyObject

from budget.core import logs
from budget.core.checks import check_role

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PROBES = frozenset({"/healthz", "/readyz"})
#: What a proxy may give a request as its id.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")

requests = logging.getLogger("budget.requests")


class RequestLogMiddleware:
    """Gives a request its id, answers with it, and logs one line once it is answered.

    Probes have no line, and neither have static files that were found.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        identity = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        logs.request_id.set(identity)
        tally = logs.Tally()
        logs.tally.set(tally)
        start = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - start
        response["X-Request-ID"] = identity
        static = request.path_info.startswith(settings.STATIC_URL) and response.status_code < 400
        if not static and request.path_info not in PROBES:
            self.log(request, response.status_code, seconds, tally)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Who goes away while sending has broken nothing: there is no error to look into."""
        if isinstance(error, UnreadablePostError):
            return HttpResponse(status=400)
        return None

    def log(self, request: HttpRequest, status: int, seconds: float, tally: logs.Tally) -> None:
        if not requests.isEnabledFor(logging.INFO):
            return
        match = logs.page_of(request)
        page = match.view_name if match else "unknown"
        requests.info(
            "%s %s %s in %.3f s",
            request.method,
            page,
            status,
            seconds,
            extra={
                "method": request.method,
                "page": page,
                "route": match.route if match else None,
                "status": status,
                "seconds": round(seconds, 4),
                "queries": tally.queries,
                "database_seconds": round(tally.seconds, 4),
                "household": household_of(request),
                "user": user_of(request),
            },
        )


def household_of(request: HttpRequest) -> int | None:
    """The number of the household whose page was asked for, where its member asked."""
    return getattr(getattr(request, "membership", None), "household_id", None)


def user_of(request: HttpRequest) -> int | None:
    """The number of who is signed in, if that has been looked up: nothing is asked for it."""
    user: Any = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)


class HealthMiddleware:
    """Probes come by IP address and without cookies, so no host check and no session for them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match request.path_info:
            case "/healthz":
                return HttpResponse("ok", content_type="text/plain")
            case "/readyz":
                reason = why_not_ready()
                return HttpResponse(
                    reason or "ok", content_type="text/plain", status=503 if reason else 200
                )
        return self.get_response(request)


def why_not_ready() -> str:
    """Why requests cannot be served yet; empty when they can."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are not applied"
        if check_role():
            return "the database role is exempt from row-level security"
    except (DatabaseError, ImproperlyConfigured):
        return "the database cannot be reached"
    return ""
