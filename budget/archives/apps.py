from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchivesConfig(AppConfig):
    name = "budget.archives"
    verbose_name = _("Monthly archives")

    def ready(self) -> None:
        from budget.archives.selectors import closed_periods
        from budget.transactions import closing

        closing.register(closed_periods)
