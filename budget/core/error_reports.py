"""Errors reported to Sentry, or to what speaks its protocol (GlitchTip, Bugsink), by SENTRY_DSN.

A report says where in the code it broke and on which page, for whom by number. What households
own and who they are stays here: of each event only what is named below is sent, everything else
that the library gathers is left out.
"""

from __future__ import annotations

from typing import Any

import sentry_sdk
from django.conf import settings
from django.core.signals import got_request_exception
from django.http import HttpRequest
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.tracing import TransactionSource
from sentry_sdk.types import Event, Hint

from budget.core import logs
from budget.core.middleware import user_of

#: Of an event: what is sent of it as it is.
PLAIN = frozenset(
    {
        "event_id",
        "timestamp",
        "platform",
        "level",
        "logger",
        "environment",
        "release",
        "sdk",
        "modules",
        "user",
    }
)
#: Of an exception in it, and of each place in the code that led there.
OF_EXCEPTION = frozenset({"type", "module", "mechanism"})
OF_FRAME = frozenset(
    {
        "filename",
        "abs_path",
        "module",
        "function",
        "lineno",
        "pre_context",
        "context_line",
        "post_context",
        "in_app",
    }
)


def start() -> None:
    # Before the library's own receiver, which makes the report of it.
    got_request_exception.connect(name_user)
    # Whoever tries names at random would fill the reports; the log has them.
    ignore_logger("django.security.DisallowedHost")
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        # What is not gathered needs no leaving out, and takes no time.
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        server_name="",
        default_integrations=True,
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(transaction_style="url", middleware_spans=False),
            LoggingIntegration(sentry_logs_level=None),
        ],
        before_send=only_what_is_named,
    )


def name_user(request: HttpRequest | None = None, **kwargs: Any) -> None:
    if request is not None:
        sentry_sdk.get_isolation_scope().set_user({"id": user_of(request)})


def only_what_is_named(event: Event, hint: Hint) -> Event | None:
    """The event with what a report may hold, and nothing else."""
    given: dict[str, Any] = dict(event)
    kept: dict[str, Any] = {name: given[name] for name in PLAIN & given.keys()}
    # The pattern of a page; of one that is not there the library would tell the address instead.
    if given.get("transaction_info", {}).get("source") == TransactionSource.ROUTE:
        kept["transaction"] = given["transaction"]
    if exceptions := given.get("exception"):
        kept["exception"] = {"values": [_exception(each) for each in exceptions["values"]]}
    if entry := given.get("logentry"):
        # The message as it stands in the code, with places for its values.
        kept["logentry"] = {"message": logs.without_personal_data(str(entry.get("message", "")))}
    if method := given.get("request", {}).get("method"):
        kept["request"] = {"method": method}
    if identity := logs.request_id.get():
        kept["tags"] = {"request_id": identity}
    result: Event = kept  # type: ignore[assignment]
    return result


def _exception(given: dict[str, Any]) -> dict[str, Any]:
    kept = {name: given[name] for name in OF_EXCEPTION & given.keys()}
    kept["value"] = logs.without_personal_data(str(given.get("value") or ""))
    frames = (given.get("stacktrace") or {}).get("frames") or []
    kept["stacktrace"] = {
        "frames": [{name: frame[name] for name in OF_FRAME & frame.keys()} for frame in frames]
    }
    return kept
