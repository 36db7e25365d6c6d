"""Where what a removed category holds should go."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budget.categories.models import Category, CategoryKind
from budget.planning.selectors import CategoryUse


class Destination(TypedDict, total=False):
    """What a valid form says, as `category_remove` takes it."""

    move_to: Category
    uncategorise: bool


NOWHERE = "none"


class CategoryRemovalForm(forms.Form):
    """Asks where to only where there is something that can move."""

    move_to = forms.ChoiceField(
        label=_("Move them to"),
        error_messages={
            "required": _("Choose where they should go."),
            "invalid_choice": _("What you chose has just been deleted or closed. Choose again."),
        },
    )

    def __init__(self, *args: Any, category: Category, use: CategoryUse, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category = category
        self.others: dict[str, Category] = {}
        if not use.movable:
            del self.fields["move_to"]
            return
        others = Category.objects.active().exclude(pk=category.pk)
        self.others = {str(each.pk): each for each in others}
        field = cast(forms.ChoiceField, self.fields["move_to"])
        field.choices = [
            ("", gettext("Choose")),
            *self._groups(),
            (NOWHERE, gettext("Uncategorised")),
        ]

    def _groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The other categories, those of the same kind first."""
        kinds = sorted(CategoryKind, key=lambda kind: kind != self.category.kind)
        groups = [
            (
                str(kind.label),
                [(key, each.name) for key, each in self.others.items() if each.kind == kind],
            )
            for kind in kinds
        ]
        return [(label, members) for label, members in groups if members]

    def destination(self) -> Destination:
        chosen = self.cleaned_data.get("move_to")
        if chosen is None:
            return {}
        return {"uncategorise": True} if chosen == NOWHERE else {"move_to": self.others[chosen]}
