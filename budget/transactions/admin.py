from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.admin import (
    HouseholdFilter,
    VersionedAdminForm,
    VersionedModelAdmin,
    amount_column,
)
from budget.core.fields import DayField
from budget.transactions.models import Transaction


class TransactionAdminForm(VersionedAdminForm):
    date = DayField(label=_("Date"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        # Those in use, and a retired one where the line has it: the line may be only looked at.
        category.queryset = Category.objects.filter(
            Q(retired_at=None) | Q(pk=self.instance.category_id)
        )
        category.error_messages["invalid_choice"] = _("This is not a category of the household.")


@admin.register(Transaction)
class TransactionAdmin(VersionedModelAdmin):
    form = TransactionAdminForm
    fields = ("kind", "amount", "date", "category", "description", "note", "seen")
    list_display = ("date", "title", "category", "signed", "household")
    list_display_links = ("date", "title")
    list_filter: ClassVar[Any] = [("household", HouseholdFilter), "kind", "date"]
    list_select_related: ClassVar[Any] = ["household", "category"]
    search_fields = ("search", "category__name_folded")
    # The newest entries first. By date would sort every household's whole ledger.
    ordering = ("-pk",)

    signed = amount_column("signed_amount", _("amount"), ordering="amount")

    @admin.display(description=_("description"), ordering="description")
    def title(self, line: Transaction) -> str:
        return line.title

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
