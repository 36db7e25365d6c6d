"""The pages of what is remembered of files: columns by their names, and accounts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from budget.core.guards import ChangedMeanwhile
from budget.core.http import done, render_page
from budget.core.tenancy import reverse
from budget.imports.accounts import accounts_known
from budget.imports.column_forms import ColumnsForm, roles_told, told_initial
from budget.imports.mappings import (
    mapping_delete,
    mapping_told,
    mapping_update,
)
from budget.imports.models import Mapping
from budget.imports.reading import NotReadable
from budget.users.access import requires
from budget.users.models import Role


@require_safe
def mapping_list(request: HttpRequest) -> HttpResponse:
    context = {"mappings": Mapping.objects.all(), "accounts": accounts_known()}
    return render_page(request, "imports/mapping_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    mapping = get_object_or_404(Mapping.objects.all(), pk=pk)
    if request.method != "POST":
        return _page(request, mapping, _form(mapping))
    form = _form(mapping, request.POST)
    form.fields["name"].required = True
    if not form.is_valid():
        return _page(request, mapping, form, status=422)
    data = form.cleaned_data
    try:
        mapping_update(
            mapping=mapping, version=data["version"], name=data["name"], told=form.told()
        )
    except ChangedMeanwhile as conflict:
        return _page(request, mapping, form, conflict=conflict, status=409)
    said = _("“%(name)s” saved, for the files to come.") % {"name": data["name"]}
    return done(request, said, to=reverse("mapping_list"), leave=True)


def _form(mapping: Mapping, data: object = None) -> ColumnsForm:
    try:
        told = mapping_told(mapping)
    except NotReadable:
        told = None
    columns = {role.value: name for role, name in told.columns.items()} if told else {}
    return ColumnsForm(
        data,
        header=mapping.header,
        roles=roles_told(mapping.header, columns, "+"),
        initial=told_initial(told, mapping.header)
        | {"name": mapping.name, "version": mapping.version},
    )


def _page(
    request: HttpRequest,
    mapping: Mapping,
    form: ColumnsForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"mapping": mapping, "form": form, "conflict": conflict}
    return render_page(request, "imports/mapping_edit.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    mapping = get_object_or_404(Mapping.objects.all(), pk=pk)
    if request.method != "POST":
        return render_page(
            request,
            "imports/mapping_delete.html",
            {"title": _("Forget “%(name)s”") % {"name": mapping.name}, "mapping": mapping},
            partial="dialog",
        )
    mapping_delete(mapping=mapping)
    said = _("“%(name)s” is forgotten: the next such file is read by itself, or asks.")
    return done(request, said % {"name": mapping.name}, to=reverse("mapping_list"), leave=True)
