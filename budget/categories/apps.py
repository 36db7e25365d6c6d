from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CategoriesConfig(AppConfig):
    name = "budget.categories"
    verbose_name = _("Categories")

    def ready(self) -> None:
        from budget.categories.services import starting_categories
        from budget.users.signals import household_created

        household_created.connect(starting_categories, dispatch_uid="starting_categories")
