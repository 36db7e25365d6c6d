import atexit

from django.apps import AppConfig
from django.db import connections


class CoreConfig(AppConfig):
    name = "budget.core"

    def ready(self) -> None:
        from budget.core import checks, converters  # noqa: F401 - both register themselves

        atexit.register(close_pools)


def close_pools() -> None:
    """Let the pools' threads go while they still can: later, each is waited for five seconds."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        if alias_pool := getattr(connection, "_connection_pools", {}).pop(connection.alias, None):
            alias_pool.close()
