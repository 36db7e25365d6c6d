"""The form of a category, for adding and for changing one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.categories.models import Category, CategoryKind
from budget.categories.services import NameTaken
from budget.core.fields import (
    ChipSelect,
    ColourField,
    MoneyField,
    NameField,
    SegmentSelect,
    unused_colour,
)
from budget.core.forms import VersionedForm


class CategoryValues(TypedDict):
    """What a valid form says of a category."""

    name: str
    kind: CategoryKind
    colour: str
    description: str
    monthly_limit: Decimal | None
    bucket: Bucket | None


class CategoryForm(VersionedForm):
    """`category` is the one that is changed, None for a new one."""

    kind = forms.TypedChoiceField(
        label=_("Kind"),
        choices=CategoryKind.choices,
        coerce=CategoryKind,
        widget=SegmentSelect(
            icons={
                "expense": "arrow-up-right",
                "income": "arrow-down-left",
                "neutral": "arrow-left-right",
            }
        ),
        help_text=_(
            "Neutral is for money that only passes through, such as expenses paid for somebody "
            "else: its lines count neither as income nor as expenses."
        ),
    )
    name = NameField()
    description = forms.CharField(
        label=_("Description"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    colour = ColourField(
        label=_("Colour"), error_messages={"required": _("Choose one of the colours.")}
    )
    limited = forms.BooleanField(label=_("Set a monthly limit"), required=False)
    monthly_limit = MoneyField(
        label=_("Monthly limit"),
        required=False,
        help_text=_("A warning appears from four fifths of it on. Going over it is not prevented."),
    )
    bucket = forms.ModelChoiceField(
        label=_("Envelope"),
        queryset=Bucket._base_manager.none(),
        required=False,
        blank=True,
        empty_label=_("None"),
        widget=ChipSelect,
        error_messages={
            "invalid_choice": _("This envelope has been closed meanwhile. Choose another.")
        },
        help_text=_("What is spent in this category is taken from it, unless a line says else."),
    )

    #: Two fields are optional, and none needs to say so.
    hide_optional = True

    def __init__(self, *args: Any, category: Category | None = None, **kwargs: Any) -> None:
        self.category = category
        super().__init__(*args, **{"initial": _initial(category), **kwargs})
        open_buckets = Bucket.objects.open()
        if open_buckets or self.data.get("bucket"):
            # What was sent was chosen while there was one, and its end is told beside the field.
            cast("forms.ModelChoiceField[Bucket]", self.fields["bucket"]).queryset = open_buckets
        else:  # What a household does not use does not show.
            del self.fields["bucket"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        namesakes = Category.objects.active().named(name)
        if self.category:
            namesakes = namesakes.exclude(pk=self.category.pk)
        if namesakes.exists():
            raise forms.ValidationError(str(NameTaken()), code="taken")
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("limited") and data.get("kind") == CategoryKind.EXPENSE:
            if data.get("monthly_limit") is None and "monthly_limit" not in self.errors:
                self.add_error(
                    "monthly_limit", self.fields["monthly_limit"].error_messages["required"]
                )
        else:
            # What stands in a field that is not shown counts for nothing.
            self.errors.pop("monthly_limit", None)
            data["monthly_limit"] = None
        if data.get("kind") == CategoryKind.INCOME and "bucket" in self.fields:
            self.forget("bucket", data)
            data["bucket"] = None
        return data

    def values(self) -> CategoryValues:
        """The valid form's content, as the services take it."""
        data = self.cleaned_data
        return CategoryValues(
            name=data["name"],
            kind=data["kind"],
            colour=data["colour"],
            description=data["description"],
            monthly_limit=data["monthly_limit"],
            bucket=data.get("bucket"),
        )


def _initial(category: Category | None) -> dict[str, Any]:
    if category is None:
        taken = Category.objects.active().values_list("colour", flat=True)
        return {"kind": CategoryKind.EXPENSE, "colour": unused_colour(taken)}
    return {
        "kind": category.kind,
        "name": category.name,
        "description": category.description,
        "colour": category.colour,
        "limited": category.monthly_limit is not None,
        "monthly_limit": category.monthly_limit,
        "bucket": category.bucket_id,
        "version": category.version,
    }
