from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from budget.archives.models import ClosedMonth, ClosedMonthBalance, ClosedMonthLine
from budget.archives.services import month_hide, month_reopen, month_show
from budget.core.admin import (
    HouseholdFilter,
    HouseholdModelAdmin,
    OnlyShown,
    ReadOnlyInline,
    amount_column,
)
from budget.core.tenancy import household_scope


class LineInline(ReadOnlyInline):
    model = ClosedMonthLine
    fields = (
        "category_name",
        "monthly_limit",
        "income",
        "expenses",
        "neutral_in",
        "neutral_out",
        "count",
    )


class BalanceInline(ReadOnlyInline):
    model = ClosedMonthBalance
    fields = ("kind", "name", "received", "paid", "balance")


@admin.register(ClosedMonth)
class ClosedMonthAdmin(OnlyShown, HouseholdModelAdmin):
    """Snapshots are looked at; months are reopened, hidden and shown by actions."""

    inlines = (LineInline, BalanceInline)
    list_display = ("label", "household", "earned", "spent", "count", "hidden")
    list_filter: ClassVar[Any] = [("household", HouseholdFilter), "hidden", "first_day"]
    search_fields = ("household__slug",)
    fields = (
        "first_day",
        "last_day",
        "income",
        "expenses",
        "count",
        "hidden",
        "closed_at",
        "closed_by",
    )
    ordering = ("-first_day", "-pk")
    actions = ("reopen", "hide", "show")

    earned = amount_column("income", _("income"))
    spent = amount_column("expenses", _("expenses"))

    @admin.display(description=_("month"), ordering="first_day")
    def label(self, closed: ClosedMonth) -> str:
        return closed.period.label

    def has_keep_permission(self, request: HttpRequest) -> bool:
        """Who may use the actions: those who might change the rows, if anyone might."""
        return HouseholdModelAdmin.has_change_permission(self, request)

    @admin.action(description=_("Reopen the chosen months"), permissions=["keep"])
    def reopen(self, request: HttpRequest, months: QuerySet[ClosedMonth]) -> None:
        number = _each(months, month_reopen)
        told = ngettext("%(n)s month is open again.", "%(n)s months are open again.", number)
        self.message_user(request, told % {"n": number})

    @admin.action(description=_("Hide the chosen months"), permissions=["keep"])
    def hide(self, request: HttpRequest, months: QuerySet[ClosedMonth]) -> None:
        number = _each(months, month_hide)
        told = ngettext("%(n)s month is hidden.", "%(n)s months are hidden.", number)
        self.message_user(request, told % {"n": number})

    @admin.action(description=_("Show the chosen months"), permissions=["keep"])
    def show(self, request: HttpRequest, months: QuerySet[ClosedMonth]) -> None:
        number = _each(months, month_show)
        told = ngettext("%(n)s month is shown again.", "%(n)s months are shown again.", number)
        self.message_user(request, told % {"n": number})


def _each(months: QuerySet[ClosedMonth], act: Callable[..., None]) -> int:
    """Act on each month, in its household; return how many there were."""
    chosen = list(months.select_related("household"))
    for closed in chosen:
        with household_scope(closed.household):
            act(closed=closed)
    return len(chosen)
