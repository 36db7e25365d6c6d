from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "budget.core"

    def ready(self) -> None:
        from budget.core import converters  # noqa: F401 - registers `<id:pk>`
