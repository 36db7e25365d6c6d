"""The field that asks for a category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category
from budget.core.fields import ChipSelect

if TYPE_CHECKING:
    CategoryChoiceField = forms.ModelChoiceField[Category]
else:
    CategoryChoiceField = forms.ModelChoiceField


class CategoryField(CategoryChoiceField):
    """None, or one of those that the form offers by setting `queryset`."""

    widget = ChipSelect
    default_error_messages = {
        "invalid_choice": _("This category has been deleted meanwhile. Choose another.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Category._base_manager.none(),
            label=_("Category"),
            required=False,
            blank=True,
            empty_label=_("None"),
            **kwargs,
        )
