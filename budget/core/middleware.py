"""`/healthz` and `/readyz`, answered before sessions, hosts and households come into play."""

from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from budget.core.checks import check_role

GetResponse = Callable[[HttpRequest], HttpResponseBase]


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
