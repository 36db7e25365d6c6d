from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "budget.core"

    def ready(self) -> None:
        from budget.core import checks, converters  # noqa: F401 - both register themselves
