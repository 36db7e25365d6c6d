"""Figures for Prometheus: requests by page, and what the databases were asked.

Labels are names of pages, methods and statuses, never addresses or households. gunicorn's master
serves them on METRICS_PORT, a port of their own (budget/gunicorn.py); this module is imported
only where that is set. Its workers keep their figures in files that the master adds up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import prometheus_client
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import multiprocess, values

#: Which of the workers this is, from 1; gunicorn's master has 0.
_place = 0

# Files by place and not by process: a worker that takes another's place goes on in its files.
# By process, each worker that is replaced would leave its own for good.
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
        process_identifier=lambda: _place
    )

# After that, because it makes its metrics when it is imported.
from django_prometheus.middleware import PrometheusAfterMiddleware  # noqa: E402

STATEMENTS = prometheus_client.Histogram(
    "budget_database_seconds", "Seconds a statement took.", ["database"]
)
ERRORS = prometheus_client.Counter(
    "budget_database_errors", "Statements that failed.", ["database", "kind"]
)


class MetricsMiddleware(PrometheusAfterMiddleware):  # type: ignore[misc]
    def label_metric(
        self, metric: Any, request: HttpRequest, response: HttpResponse | None = None, **labels: Any
    ) -> Any:
        # Some of its metrics take any word for a method, and each would be a figure for good.
        if "method" in labels:
            labels["method"] = self._method(request)
        return super().label_metric(metric, request, response, **labels)


def count(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """An execute wrapper that counts statements and those that fail."""
    database = context["connection"].alias
    start = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    except DatabaseError as error:
        ERRORS.labels(database, type(error).__name__).inc()
        raise
    finally:
        STATEMENTS.labels(database).observe(time.perf_counter() - start)


def count_connection(connection: Any, **kwargs: Any) -> None:
    """Receives `connection_created`, as `logs.measure_connection` does."""
    if count not in connection.execute_wrappers:
        connection.execute_wrappers.append(count)


def take_place(place: int) -> None:
    """Be the worker of this place, from 1; no other that lives may have it."""
    global _place
    _place = place


def serve(port: int, folder: Path) -> None:
    """Answer Prometheus on `port` with the sum of what the workers keep in `folder`.

    In a thread of this process. Raises OSError where the port cannot be had.
    """
    registry = prometheus_client.CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    prometheus_client.start_http_server(port, registry=registry)
