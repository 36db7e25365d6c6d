from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    name = "budget.goals"
    verbose_name = _("Savings goals")

    def ready(self) -> None:
        from budget.goals.services import goals_follow
        from budget.wallets.signals import wallet_closed

        wallet_closed.connect(goals_follow, dispatch_uid="goals_follow")
