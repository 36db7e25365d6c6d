from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.admin import (
    HouseholdFilter,
    ReadOnlyInline,
    VersionedAdminForm,
    VersionedModelAdmin,
    amount_column,
)
from budget.core.folding import Fold
from budget.core.money import money_format
from budget.goals.models import Goal, GoalMovement
from budget.wallets.models import Wallet


class GoalAdminForm(VersionedAdminForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category: Any = self.fields["category"]
        category.queryset = Category.objects.active()
        wallet: Any = self.fields["wallet"]
        wallet.queryset = Wallet.objects.filter(Q(closed_at=None) | Q(pk=self.instance.wallet_id))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        planned = [self.cleaned_data.get(name) for name in ("contribution", "target_date")]
        if not self.errors and sum(value is not None for value in planned) != 1:
            text = _("Give either a planned contribution or a target date: the other follows.")
            self.add_error("contribution", text)
        return data


class MovementInline(ReadOnlyInline):
    """What went in and out. Money moves by the site's pages alone, which look at what is there."""

    model = GoalMovement
    fields = readonly_fields = ("date", "kind", "amount", "created_by")


@admin.register(Goal)
class GoalAdmin(VersionedModelAdmin):
    form = GoalAdminForm
    fields = (
        "name",
        "description",
        "target",
        "category",
        "wallet",
        "frequency",
        "contribution",
        "target_date",
        "state",
        "closed_at",
        "created_at",
        "seen",
    )
    inlines = (MovementInline,)
    list_display = ("name", "household", "held", "wanted", "state", "category")
    list_filter: ClassVar[Any] = [("household", HouseholdFilter), "state", "frequency"]
    list_select_related: ClassVar[Any] = ["household", "category"]
    search_fields = ("name_folded",)
    readonly_fields = ("state", "closed_at", "created_at")
    ordering = ("-pk",)

    held = amount_column("saved", _("saved"))
    wanted = amount_column("target", _("target"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Goal]:
        goals: Any = super().get_queryset(request)
        return goals.with_saved().annotate(name_folded=Fold("name"))  # type: ignore[no-any-return]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Tell what goes with the goals: their movements, by the database, and what they hold."""
        told, counts, missing, protected = super().get_deleted_objects(objs, request)
        keys = [goal.pk for goal in objs]
        movements = GoalMovement.objects.filter(goal__in=keys).count()
        if movements:
            counts[str(GoalMovement._meta.verbose_name_plural)] = movements
        goals: Any = self.get_queryset(request).filter(pk__in=keys).select_related("household")
        for goal in goals:
            held = money_format(goal.saved, currency=goal.household.currency)
            told.append(
                _("“%(goal)s” holds %(amount)s, available again afterwards")
                % {"goal": goal.name, "amount": held}
            )
        return told, counts, missing, protected
