from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.categories.services import NameTaken
from budget.core.admin import (
    HouseholdFilter,
    VersionedAdminForm,
    VersionedModelAdmin,
    amount_column,
)


class CategoryAdminForm(VersionedAdminForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "bucket" in self.fields:
            bucket: Any = self.fields["bucket"]
            bucket.queryset = Bucket.objects.open()

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        others = Category.objects.active().exclude(pk=self.instance.pk)
        if self.instance.retired_at is None and others.named(name).exists():
            raise ValidationError(str(NameTaken()))
        return name


@admin.register(Category)
class CategoryAdmin(VersionedModelAdmin):
    form = CategoryAdminForm
    fields = (
        "name",
        "description",
        "kind",
        "colour",
        "monthly_limit",
        "bucket",
        "retired_at",
        "seen",
    )
    list_display = ("name", "household", "kind", "swatch", "limit", "retired_at")
    list_filter: ClassVar[Any] = [
        ("household", HouseholdFilter),
        "kind",
        ("retired_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ("name_folded",)
    readonly_fields = ("retired_at",)
    ordering = ("household", "name_folded", "pk")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An envelope only where the household has some."""
        fields = super().get_fields(request, obj)
        if Bucket.objects.open().exists():
            return fields
        return [field for field in fields if field != "bucket"]

    limit = amount_column("monthly_limit", _("monthly limit"))

    @admin.display(description=_("colour"), ordering="colour")
    def swatch(self, category: Category) -> SafeString:
        return format_html(
            '<svg width="14" height="14" role="img" aria-label="{0}"><title>{0}</title>'
            '<circle cx="7" cy="7" r="7" fill="{0}"/></svg>',
            category.colour,
        )
