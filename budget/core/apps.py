import atexit

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.backends.signals import connection_created


class CoreConfig(AppConfig):
    name = "budget.core"

    def ready(self) -> None:
        from budget.core import checks, converters, logs  # noqa: F401 - two register themselves

        connection_created.connect(logs.measure_connection)
        if settings.METRICS_PORT:
            from budget.core import metrics

            connection_created.connect(metrics.count_connection)
        if settings.SENTRY_DSN:
            # Imported only where it is wanted: it costs each process some megabytes.
            from budget.core import error_reports

            error_reports.start()
        atexit.register(close_pools)


def close_pools() -> None:
    """Let the pools' threads go while they still can: later, each is waited for five seconds."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if alias_pool := getattr(connection, "_connection_pools", {}).pop(connection.alias, None):
            alias_pool.close()
