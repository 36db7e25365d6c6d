from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "budget.users"
    verbose_name = _("People and households")

    def ready(self) -> None:
        from budget.users import devices  # noqa: F401 - notes where people sign in
