"""The pages of imports: the files, the preview of one, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.core.guards import Refused
from budget.core.http import done, redirect, refused, render_page
from budget.core.tenancy import reverse
from budget.imports import progress
from budget.imports.entering import import_confirm
from budget.imports.forms import LinesForm
from budget.imports.mappings import mapping_of
from budget.imports.models import Import, ImportState
from budget.imports.reading import NotReadable
from budget.imports.selectors import (
    import_summary,
    imports_past,
    imports_waiting,
    preview_page,
    undo_figures,
)
from budget.imports.services import import_discard, import_receive
from budget.imports.undoing import import_undo
from budget.imports.unpacking import unpacked
from budget.imports.uploading import UploadRefused, files_received, upload_limits
from budget.users.access import current_user, may_write, requires
from budget.users.models import Role


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an uploaded file: it waits as `source`, or the reason why it was refused."""

    file_name: str
    source: Import | None = None
    reason: str = ""


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    return _list(request)


def _list(
    request: HttpRequest, answers: list[Answer] | None = None, *, fault: str = ""
) -> HttpResponse:
    """The files. `answers` to an upload that was not taken whole, `fault` to one refused whole."""
    context = {
        "waiting": imports_waiting(),
        "page": imports_past(request.GET),
        "answers": answers or [],
        "fault": fault,
        "limits": upload_limits(),
    }
    status = 422 if fault or answers else 200
    return render_page(
        request, "imports/import_list.html", context, partial="imports", status=status
    )


@csrf_exempt  # only until the body's bounds are set: _uploaded asks for the token
@require_POST
@requires(Role.EDITOR)
def upload(request: HttpRequest) -> HttpResponse:
    """Read uploaded files. One that is recognised alone is shown at once."""
    try:
        files, passed_over = files_received(request)
    except UploadRefused as refusal:
        return _list(request, fault=str(refusal))
    return _uploaded(request, files, [Answer(name, reason=why) for name, why in passed_over])


@csrf_protect
def _uploaded(request: HttpRequest, files: list[Any], answers: list[Answer]) -> HttpResponse:
    for file in files:
        answers = [*answers, *_received(request, file)]
    if not answers:
        return _list(request, fault=_("Choose a file first."))
    taken = [answer.source for answer in answers if answer.source]
    if len(taken) < len(answers):
        return _list(request, answers)
    if len(taken) == 1:
        to, said = reverse("import_detail", taken[0].pk), _("“%s” was read.") % taken[0].file_name
        return done(request, said, to=to, leave=True)
    said = ngettext("%d file was read.", "%d files were read.", len(taken)) % len(taken)
    return done(request, said, to=reverse("import_list"), leave=True)


def _received(request: HttpRequest, file: Any) -> list[Answer]:
    """What became of a file, or of each that is packed in it."""
    name = file.name or _("file")
    try:
        files = unpacked(name, file.read())
    except NotReadable as error:
        return [Answer(name, reason=str(error))]
    answers = []
    for each, content in files:
        try:
            source = import_receive(file_name=each, content=content, user=current_user(request))
        except NotReadable as error:
            answers.append(Answer(each, reason=str(error)))
        else:
            answers.append(Answer(each, source))
    return answers


def _import(pk: int) -> Import:
    rows = Import.objects.select_related("created_by", "done_by", "undone_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A file: the preview of its lines while it waits, what became of them afterwards."""
    source = _import(pk)
    if source.state in {ImportState.DONE, ImportState.UNDONE}:
        context = {"source": source, "summary": import_summary(source)}
        return render_page(request, "imports/import_summary.html", context)
    if source.state == ImportState.ASKING:
        if may_write(request):
            return redirect("import_columns", pk)
        return render_page(request, "imports/import_asking.html", {"source": source})
    preview = preview_page(source, request.GET)
    if may_write(request) and not preview.wallets_known:
        return redirect("import_wallets", pk)
    context = {"source": source, "preview": preview, "mapping": mapping_of(source)}
    if "bulk" in request.GET:
        categories = list(preview.categories.values())
        context["bulk"] = LinesForm(names=preview.names, categories=categories)
    return render_page(request, "imports/import_preview.html", context, partial="preview")


@require_POST
@requires(Role.EDITOR)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the chosen lines into the ledger. Sent twice, it is done once."""
    source = _import(pk)
    to = reverse("import_detail", pk)
    if source.state == ImportState.DONE:
        return done(request, _("It is imported already."), to=to, leave=True)
    try:
        changed = import_confirm(source=source, user=current_user(request))
    except Refused as refusal:
        return refused(request, refusal, to=to)
    if changed:
        said = ngettext(
            "%d line has changed since the preview was made: something like it was imported, "
            "closed or removed meanwhile. Look once more, then import.",
            "%d lines have changed since the preview was made: something like them was imported, "
            "closed or removed meanwhile. Look once more, then import.",
            changed,
        )
        return done(request, said % changed, to=to, leave=True, care=True)
    source.refresh_from_db()
    n = source.added + source.joined
    said = ngettext("%d transaction imported.", "%d transactions imported.", n) % n
    return done(request, said, to=to, leave=True)


@require_safe
@requires(Role.EDITOR)
def told(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the import is, while another request does it."""
    source = _import(pk)
    context = {"source": source, "told": progress.told(source.pk)}
    return render_page(request, "imports/_progress.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back whole. GET says what goes."""
    source = _import(pk)
    to = reverse("import_detail", pk)
    if source.state in {ImportState.ASKING, ImportState.READY}:
        return redirect("import_detail", pk)
    refusal = None
    if request.method == "POST":
        try:
            import_undo(source=source, user=current_user(request))
        except Refused as error:
            refusal = error
        else:
            return done(request, _("The import is taken back."), to=to, leave=True)
    context = {
        "title": _("Undo this import"),
        "source": source,
        "figures": undo_figures(source),
        "refusal": refusal,
    }
    status = 409 if refusal else 200
    return render_page(
        request, "imports/import_undo.html", context, partial="dialog", status=status
    )


@require_POST
@requires(Role.EDITOR)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a file that waits."""
    source = _import(pk)
    to = reverse("import_list")
    try:
        import_discard(source=source)
    except Refused as refusal:
        return refused(request, refusal, to=to)
    said = _("“%(name)s” removed. Nothing of it was imported.") % {"name": source.file_name}
    return done(request, said, to=to, leave=True)
