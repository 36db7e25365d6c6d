from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WalletsConfig(AppConfig):
    name = "budget.wallets"
    verbose_name = _("Wallets")

    def ready(self) -> None:
        from budget.users.signals import household_created
        from budget.wallets.services import starting_wallet

        household_created.connect(starting_wallet, dispatch_uid="starting_wallet")
