"""What the back office's pages about a household's rows have in common.

The list shows every household's rows, because the middleware runs the admin in back-office scope.
A row's own page runs inside its household, so that a choice of category offers that household's,
amounts are in its currency, and the row-level policy holds there as it does for its members.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import DataError, IntegrityError, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext

from budget.core.fields import DayInput, MoneyField, MoneyInput
from budget.core.folding import folded
from budget.core.guards import GoneMeanwhile, Refused, guarded, row_to_change
from budget.core.money import money_format
from budget.core.tenancy import household_scope

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    RowPaginator = Paginator[Any]
    ModelForm = forms.ModelForm[Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
    RowPaginator = Paginator
    ModelForm = forms.ModelForm

HOUSEHOLDS_SHOWN = 200
MOST_ROWS = 5000
MOST_WORDS = 10


class BoundedPaginator(RowPaginator):
    """Counts, and pages through, the first rows only: the others are found by filtering."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_ROWS].count())


class AmountInput(MoneyInput):
    """A plain line for an amount: the back office has a style of its own."""

    template_name = "django/forms/widgets/text.html"


def amount_column(name: str, label: Any, *, ordering: str | None = None) -> Any:
    """A list's column for an amount of the row, in its household's currency."""

    @admin.display(description=label, ordering=ordering or name, empty_value="–")
    def column(_page: HouseholdModelAdmin, row: Any) -> str | None:
        amount = getattr(row, name)
        return None if amount is None else money_format(amount, currency=row.household.currency)

    return column


class HouseholdFilter(admin.RelatedFieldListFilter):
    """The households beside a list: the first ones by name, so that many do not make it long.

    Any other is found from its own page, which links here.
    """

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        households = field.remote_field.model.objects.order_by("name", "pk")
        choices = [(str(each.pk), str(each)) for each in households[:HOUSEHOLDS_SHOWN]]
        chosen = _chosen_household(request.GET.urlencode())
        if chosen and str(chosen) not in dict(choices):
            choices += [(str(each.pk), str(each)) for each in households.filter(pk=chosen)]
        return choices

    def has_output(self) -> bool:
        return bool(self.lookup_choices)  # Even one: choosing it is what makes adding possible.


def _chosen_household(query: str) -> int | None:
    """The household that a list's address is filtered by."""
    value = parse_qs(query).get("household__id__exact", [""])[-1]
    return int(value) if re.fullmatch("[0-9]{1,18}", value) else None


class StillInUse(Refused):
    """Other rows point to the one that would be deleted."""

    def __init__(self) -> None:
        super().__init__(gettext("It is still in use, so it cannot be deleted."))


class NoSuchRow(Refused):
    """An action was asked for on something that cannot be a row."""

    def __init__(self) -> None:
        super().__init__(gettext("What was chosen is not in this list. Choose again."))


class TwiceTheSame(Refused):
    """Another row has what only one may have."""

    def __init__(self) -> None:
        super().__init__(gettext("There is another such row already, so this one is not saved."))


@contextmanager
def _saving() -> Iterator[None]:
    try:
        with guarded():
            yield
    except IntegrityError as error:
        raise TwiceTheSame from error


@contextmanager
def _deleting() -> Iterator[None]:
    try:
        with guarded():
            yield
    except GoneMeanwhile as error:
        raise StillInUse from error


class RefusalsAsMessages(ModelAdmin):
    """Tells what is refused (a closed month, the last owner) in a message; nothing is written.

    To write by a service of yours, override `save_model` or `delete_model`; a `Refused` that they
    raise is caught.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        with _saving():
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        with _saving():
            super().save_related(request, form, formsets, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with _deleting():
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with _deleting():
            super().delete_queryset(request, queryset)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        def page() -> Any:
            return super(RefusalsAsMessages, self).changeform_view(
                request, object_id, form_url, extra_context
            )

        return self._told(request, page, request.get_full_path())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        def page() -> Any:
            return super(RefusalsAsMessages, self).delete_view(request, object_id, extra_context)

        return self._told(request, page, self._list_url())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        def page() -> Any:
            self._mind_the_chosen(request)
            return super(RefusalsAsMessages, self).changelist_view(request, extra_context)

        return self._told(request, page, request.get_full_path())

    def _mind_the_chosen(self, request: HttpRequest) -> None:
        """Raise Refused where an action is asked for on rows whose ids are none."""
        key = self.opts.pk
        for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                key.to_python(chosen)
            except ValidationError as error:
                raise NoSuchRow from error

    def _list_url(self) -> str:
        meta = self.opts
        return reverse(f"{self.admin_site.name}:{meta.app_label}_{meta.model_name}_changelist")

    def _told(self, request: HttpRequest, page: Callable[[], Any], instead: str) -> HttpResponse:
        """The page, rendered here and now; what is refused goes into a message on `instead`."""
        try:
            with transaction.atomic():
                response = page()
                if isinstance(response, SimpleTemplateResponse):
                    response.render()  # Later, the scope it was made in would be gone.
                return response  # type: ignore[no-any-return]
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(instead)
        except DataError:  # A NUL in a filter's value, which only a mangled address has.
            self.message_user(request, gettext("This address cannot be read."), messages.ERROR)
            return HttpResponseRedirect(self._list_url())


class HouseholdModelAdmin(RefusalsAsMessages):
    """Base of the admin of a `HouseholdModel`.

    - Add ("household", HouseholdFilter) to `list_filter`, or leave the default.
    - A row is added from a list that is filtered by one household, in that household.
    - What the database refuses (a closed month, …) is told as a message, and nothing is written.
    - `search_fields` are folded columns: every word must be in one of them, whatever its case or
      accents.
    - Lists count and page through the first rows alone.
    """

    list_filter: ClassVar[Any] = [("household", HouseholdFilter)]
    list_select_related: ClassVar[Any] = ["household"]
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    formfield_overrides: ClassVar[Any] = {models.DateField: {"widget": DayInput}}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["household", *super().get_readonly_fields(request, obj)]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The household first."""
        fields = list(super().get_fields(request, obj))
        return ["household", *(field for field in fields if field != "household")]

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        for word in search_term.split()[:MOST_WORDS]:
            found = models.Q()
            for column in self.get_search_fields(request):
                found |= models.Q(**{f"{column}__contains": folded(word)})
            queryset = queryset.filter(found)
        return queryset, False

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Amounts as people type them, and refused in words."""
        if isinstance(db_field, models.DecimalField):
            return MoneyField(
                label=capfirst(db_field.verbose_name),
                required=not db_field.blank,
                widget=AmountInput,
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Its links open lists of every household's rows.
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_view_related = field.widget.can_delete_related = False
        return field

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        if object_id is None:
            household = self._household_to_add_to(request)
            if household is None:
                text = gettext("Filter the list by one household first: the row is added to it.")
                self.message_user(request, text, messages.WARNING)
                return HttpResponseRedirect(self._list_url())
        else:
            row = self.get_object(request, unquote(object_id))
            if row is None:
                return super().changeform_view(request, object_id, form_url, extra_context)
            household = row.household
        with household_scope(household):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.hold(type(obj)._base_manager.filter(pk=obj.pk))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        self.hold(queryset)
        super().delete_queryset(request, queryset)

    def hold(self, rows: models.QuerySet[Any]) -> None:
        """Lock the households of the rows before a row is: whoever writes in one does it so."""
        households: Any = self.model._meta.get_field("household").related_model
        held = households.objects.select_for_update(no_key=True).order_by("pk")
        list(held.filter(pk__in=rows.order_by().values("household")).values_list("pk"))

    def _household_to_add_to(self, request: HttpRequest) -> Any:
        chosen = _chosen_household(request.GET.get("_changelist_filters", ""))
        households: Any = self.model._meta.get_field("household").related_model
        return households.objects.filter(pk=chosen).first() if chosen else None


class VersionedAdminForm(ModelForm):
    """Knows the version one has seen; its page's `fields` end with "seen"."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version


class VersionedModelAdmin(HouseholdModelAdmin):
    """Base of the admin of a row with a `version`: saving over a newer one is refused."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        with _saving():
            if change:
                rows = self.model._base_manager.filter(pk=obj.pk)
                self.hold(rows)
                obj.version = row_to_change(rows, form.cleaned_data["seen"]).version
            super().save_model(request, obj, form, change)


class OnlyShown:
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(OnlyShown, TabularInline):
    """Rows shown below the one they belong to, and only shown."""

    template = "admin/rows.html"
    extra = 0
