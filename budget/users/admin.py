"""The back office's pages about people, households and who belongs to them.

No page shows a password, hashed or not: a password is only ever replaced, by its owner, through a
mailed link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account import admin as account_admin
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.usersessions import admin as usersessions_admin  # noqa: F401 - registers first
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from budget.core.admin import HouseholdFilter, OnlyShown, RefusalsAsMessages
from budget.core.export import household_models
from budget.users.access import current_user
from budget.users.devices import devices_sign_out
from budget.users.forms import ResetPasswordForm
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.services import household_delete, member_remove, member_set_role

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
    ModelAdmin = admin.ModelAdmin[Any]
else:
    TabularInline = admin.TabularInline
    ModelAdmin = admin.ModelAdmin

admin.site.site_header = admin.site.site_title = "Budgeomètre"
# The site's own way in, so that guessing a password is slowed down here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign, no-untyped-call]
# Signing out is a matter of the person's own page; sessions are none of the back office's.
admin.site.unregister(UserSession)
admin.site.unregister([EmailAddress, Group])


class MembershipInline(OnlyShown, TabularInline):
    """Who belongs to it. Changed under Memberships, where a household keeps an owner."""

    model = Membership
    extra = 0
    fields = ("user", "household", "role", "joined_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user", "household")


@admin.register(EmailAddress)
class EmailAddressPage(RefusalsAsMessages, account_admin.EmailAddressAdmin):
    """allauth's own."""


@admin.register(Group)
class GroupPage(RefusalsAsMessages, auth_admin.GroupAdmin):
    """Django's own."""


@admin.register(User)
class UserAdmin(RefusalsAsMessages):
    list_display = (
        "email",
        "name",
        "language",
        "is_active",
        "is_staff",
        "date_joined",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", "is_superuser", "language")
    search_fields = ("email", "name", "households__name")
    ordering = ("-date_joined", "-pk")
    list_per_page = 50
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "name", "language", "is_active")}),
        (_("Back office"), {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        (None, {"fields": ("date_joined", "last_login", "last_household")}),
    )
    readonly_fields = ("date_joined", "last_login", "last_household")
    filter_horizontal = ("groups", "user_permissions")
    inlines = (MembershipInline,)
    actions = ("deactivate", "activate", "send_reset")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights are given by superusers alone: staff could give them to themselves."""
        fixed = super().get_readonly_fields(request, obj)
        if current_user(request).is_superuser:
            return fixed
        return (*fixed, "is_staff", "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        above = obj is not None and obj.is_superuser and not current_user(request).is_superuser
        return allowed and not above

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # Someone's households may have others in them: deactivate instead.

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        obj.email = obj.email.lower()
        if not change:
            obj.set_unusable_password()  # They choose one, through a mailed link.
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True)
        if not obj.is_active:
            devices_sign_out(obj)

    @admin.action(description=_("Deactivate: they cannot sign in any more"), permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = list(self._within_reach(request, queryset).exclude(pk=current_user(request).pk))
        User.objects.filter(pk__in=[user.pk for user in chosen]).update(is_active=False)
        devices_sign_out(*chosen)
        self._tell(
            request,
            ngettext("%(n)s person deactivated.", "%(n)s people deactivated.", len(chosen)),
            len(chosen),
        )

    @admin.action(description=_("Activate again"), permissions=["change"])
    def activate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        count = self._within_reach(request, queryset).update(is_active=True)
        self._tell(
            request, ngettext("%(n)s person activated.", "%(n)s people activated.", count), count
        )

    @admin.action(description=_("Send a link to choose another password"), permissions=["change"])
    def send_reset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        chosen = list(queryset.filter(is_active=True))
        for user in chosen:
            form = ResetPasswordForm({"email": user.email})
            if form.is_valid():
                form.save(request)
        self._tell(
            request, ngettext("%(n)s link sent.", "%(n)s links sent.", len(chosen)), len(chosen)
        )

    def _within_reach(self, request: HttpRequest, chosen: QuerySet[User]) -> QuerySet[User]:
        return chosen if current_user(request).is_superuser else chosen.filter(is_superuser=False)

    def _tell(self, request: HttpRequest, text: str, count: int) -> None:
        self.message_user(request, text % {"n": count}, messages.SUCCESS)


@admin.register(Household)
class HouseholdAdmin(RefusalsAsMessages):
    list_display = ("name", "slug", "currency", "month_start_day", "people", "created_at")
    list_filter = ("currency",)
    search_fields = ("name", "slug", "members__email")
    ordering = ("-created_at", "-pk")
    list_per_page = 50
    show_full_result_count = False
    fields = ("name", "slug", "currency", "month_start_day", "created_at", "contents")
    readonly_fields = ("slug", "created_at", "contents")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = rows.annotate(people=Count("memberships", distinct=True))
        return counted

    @admin.display(description=_("members"), ordering="people")
    def people(self, household: Any) -> int:
        return int(household.people)

    @admin.display(description=_("what it owns"))
    def contents(self, household: Household) -> SafeString:
        """Links to the lists of what it owns, filtered by it."""
        site = self.admin_site
        owned: list[type[Model]] = [*household_models(), Membership, Invitation]
        return format_html_join(
            " · ",
            '<a href="{}?household__id__exact={}">{}</a>',
            (
                (
                    reverse(f"{site.name}:{meta.app_label}_{meta.model_name}_changelist"),
                    household.pk,
                    capfirst(meta.verbose_name_plural),
                )
                for model in owned
                if site.is_registered(model)
                for meta in [model._meta]
            ),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # It needs an owner: people make their own.

    def delete_model(self, request: HttpRequest, obj: Household) -> None:
        household_delete(household=obj)


@admin.register(Membership)
class MembershipAdmin(RefusalsAsMessages):
    list_display = ("user", "household", "role", "joined_at")
    list_filter = ("role", ("household", HouseholdFilter))
    search_fields = ("user__email", "user__name", "household__name", "household__slug")
    ordering = ("-joined_at", "-pk")
    list_select_related = ("user", "household")
    list_per_page = 50
    show_full_result_count = False
    fields = ("user", "household", "role")
    autocomplete_fields = ("user", "household")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("user", "household") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: Any) -> None:
        if change:
            member_set_role(membership=obj, role=Role(obj.role))
        else:
            super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        member_remove(membership=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for membership in queryset:
            member_remove(membership=membership)


@admin.register(Invitation)
class InvitationAdmin(OnlyShown, ModelAdmin):
    list_display = ("email", "household", "role", "invited_by", "created_at", "accepted_at")
    list_filter = ("role", ("household", HouseholdFilter))
    search_fields = ("email", "household__name", "household__slug", "invited_by__email")
    ordering = ("-created_at", "-pk")
    list_select_related = ("household", "invited_by")
    list_per_page = 50
    show_full_result_count = False
    fields = ("email", "household", "role", "invited_by", "created_at", "accepted_at")
