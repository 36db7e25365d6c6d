"""The page where a person says what the columns of a file are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from budget.core.http import done, redirect, refused, render_page
from budget.core.tenancy import reverse
from budget.imports.column_forms import ColumnsForm, roles_told, told_initial
from budget.imports.entering import NotWaiting
from budget.imports.mappings import (
    mapping_for,
    mapping_remember,
    name_suggested,
    told_from_json,
)
from budget.imports.models import Import, ImportState
from budget.imports.reading import NotReadable, NotSure
from budget.imports.services import import_read_again
from budget.imports.trying import Trial, told_try
from budget.users.access import requires
from budget.users.models import Role


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """What each column is. With `try` nothing is saved: the first lines show what it would do."""
    source = get_object_or_404(Import.objects.all(), pk=pk)
    if source.state in {ImportState.DONE, ImportState.UNDONE}:
        return redirect("import_detail", pk)
    if request.method != "POST":
        return _page(request, source, _form(source))
    form = _form(source, request.POST)
    if "try" in request.POST:
        return _page(request, source, form)
    if not form.is_valid():
        return _page(request, source, form, status=422)
    told = form.told()
    try:
        source = import_read_again(source=source, told=told)
    except NotWaiting as refusal:
        return refused(request, refusal, to=reverse("import_list"))
    except NotReadable as error:
        form.add_question(error.about if isinstance(error, NotSure) else "", str(error))
        return _page(request, source, form, status=422)
    said = _("“%s” was read.") % source.file_name
    if source.header:
        mapping = mapping_remember(source=source, told=told, name=form.cleaned_data["name"])
        said = _("“%(file)s” was read, and its columns are remembered as “%(name)s”.") % {
            "file": source.file_name,
            "name": mapping.name,
        }
    return done(request, said, to=reverse("import_detail", pk), leave=True)


def _form(source: Import, data: object = None) -> ColumnsForm:
    """The form, with what was told of the file, else with what it was taken for."""
    told = told_from_json(source.told)
    whole = told is not None and told.whole
    roles = roles_told(
        source.header,
        source.told["columns"] if whole else source.columns,
        "+" if whole else " + ",
    )
    mapping = mapping_for(source)
    name = mapping.name if mapping else name_suggested(source)
    return ColumnsForm(
        data,
        header=source.header,
        sample=source.sample,
        roles=roles,
        initial=told_initial(told, source.header) | {"name": name},
    )


def _page(
    request: HttpRequest, source: Import, form: ColumnsForm, *, status: int = 200
) -> HttpResponse:
    return render_page(
        request,
        "imports/import_columns.html",
        {"source": source, "form": form, "trial": _trial(source, form)},
        partial="first-lines",
        status=status,
    )


def _trial(source: Import, form: ColumnsForm) -> Trial:
    """The first lines as the form says; as they were taken where it has not been sent."""
    if not form.is_bound:
        form = _form(source, {form.add_prefix(each.name): each.value() for each in form})
    if not form.is_valid():
        faults = [str(error) for errors in form.errors.values() for error in errors]
        return Trial(fault=faults[0])
    return told_try(source=source, told=form.told())
