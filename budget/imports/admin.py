"""The back office's pages of bank files: what came of them, never what is in the files themselves.

Lines enter and leave the ledger by the site's pages alone, where a person sees what becomes of
them. What a household has said (columns, accounts, rules) can be forgotten here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from budget.core.admin import (
    HouseholdFilter,
    HouseholdModelAdmin,
    OnlyShown,
    ReadOnlyInline,
    VersionedAdminForm,
    VersionedModelAdmin,
    amount_column,
)
from budget.core.folding import Fold
from budget.core.tenancy import household_scope
from budget.imports.models import Import, ImportLine, KnownAccount, Mapping, Rule, Statement
from budget.imports.services import import_discard


class StatementInline(ReadOnlyInline):
    model = Statement
    fields = readonly_fields = ("account", "wallet", "skipped", "currency", "balance_date")


@admin.register(Import)
class ImportAdmin(OnlyShown, HouseholdModelAdmin):
    """Files are looked at; those that wait can be removed."""

    inlines = (StatementInline,)
    fields = (
        "file_name",
        "size",
        "state",
        "format",
        "layout",
        "encoding",
        "added",
        "joined",
        "left",
        "created_at",
        "created_by",
        "done_at",
        "done_by",
        "undone_at",
        "undone_by",
    )
    list_display = ("file_name", "household", "state", "bank", "added", "joined", "created_at")
    list_filter: ClassVar[Any] = [("household", HouseholdFilter), "state", "format"]
    search_fields = ("name_folded",)
    ordering = ("-pk",)
    actions = ("discard",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        sources: Any = super().get_queryset(request)
        # What is in a file is nobody's business here, and large.
        hidden = ("header", "sample", "columns", "told", "question")
        return sources.annotate(name_folded=Fold("file_name")).defer(*hidden)  # type: ignore[no-any-return]

    @admin.display(description=_("bank"), ordering="layout")
    def bank(self, source: Import) -> str:
        return source.bank

    def has_keep_permission(self, request: HttpRequest) -> bool:
        """Who may use the action: those who might delete the rows, if anyone might."""
        return HouseholdModelAdmin.has_delete_permission(self, request)

    @admin.action(description=_("Remove the chosen files that wait"), permissions=["keep"])
    def discard(self, request: HttpRequest, sources: QuerySet[Import]) -> None:
        waiting = list(sources.waiting().select_related("household"))  # type: ignore[attr-defined]
        for source in waiting:
            with household_scope(source.household):
                import_discard(source=source)
        told = ngettext("%(n)s file removed.", "%(n)s files removed.", len(waiting))
        self.message_user(request, told % {"n": len(waiting)})


@admin.register(ImportLine)
class ImportLineAdmin(OnlyShown, HouseholdModelAdmin):
    fields = (
        "statement",
        "number",
        "date",
        "value_date",
        "amount",
        "label",
        "bank_id",
        "finding",
        "reason",
        "choice",
        "description",
        "category",
        "bucket",
        "person",
        "to_wallet",
    )
    list_display = ("number", "household", "file", "date", "label", "sum", "finding", "choice")
    list_filter: ClassVar[Any] = [("household", HouseholdFilter), "finding", "choice"]
    list_select_related: ClassVar[Any] = ["household", "statement__source"]
    ordering = ("-pk",)

    sum = amount_column("amount", _("signed amount"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportLine]:
        lines: QuerySet[ImportLine] = super().get_queryset(request)
        return lines.defer("statement__source__header", "statement__source__sample")

    @admin.display(description=_("file name"))
    def file(self, line: ImportLine) -> str:
        return line.statement.source.file_name


class Forgettable(OnlyShown, HouseholdModelAdmin):
    """What a household has said is looked at, and deleted; it is said anew on the site."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return HouseholdModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Mapping)
class MappingAdmin(VersionedModelAdmin):
    """A name can be mended; which column is what is said on the site, beside the file's rows."""

    form = VersionedAdminForm
    fields = ("name", "told", "created_at", "seen")
    readonly_fields = ("told", "created_at")
    list_display = ("name", "household", "created_at")
    search_fields = ("name_folded",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mapping]:
        mappings: Any = super().get_queryset(request)
        return mappings.annotate(name_folded=Fold("name"))  # type: ignore[no-any-return]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(KnownAccount)
class KnownAccountAdmin(Forgettable):
    fields = ("key", "wallet")
    list_display = ("key", "household", "wallet")
    list_select_related: ClassVar[Any] = ["household", "wallet"]
    search_fields = ("key_folded",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[KnownAccount]:
        accounts: Any = super().get_queryset(request)
        return accounts.annotate(key_folded=Fold("key"))  # type: ignore[no-any-return]


@admin.register(Rule)
class RuleAdmin(Forgettable):
    """Rules are tried against the past before they are saved, which the site does."""

    fields = (
        "position",
        "matching",
        "text",
        "amount_min",
        "amount_max",
        "wallet",
        "category",
        "bucket",
        "person",
        "rename",
        "transfer_to",
    )
    list_display = ("position", "household", "matching", "text", "rename", "category")
    list_display_links = ("text", "position")
    list_select_related: ClassVar[Any] = ["household", "category"]
    search_fields = ("text_folded",)
    ordering = ("household", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        rules: Any = super().get_queryset(request)
        return rules.annotate(text_folded=Fold("text"))  # type: ignore[no-any-return]
