"""What a person says of a file's lines in its preview: at once, or one by one in the dialog."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from budget.core.guards import Refused
from budget.core.http import back, done, in_place, refused, render_page
from budget.core.tenancy import reverse
from budget.imports.correcting import line_correct, lines_change, lines_say
from budget.imports.forms import LineForm, LinesForm, said_of_lines
from budget.imports.models import Finding, Import, ImportLine, ImportState
from budget.imports.selectors import categories_offered, preview_of
from budget.transactions.names import names_read
from budget.users.access import requires
from budget.users.models import Role


@require_POST
@requires(Role.EDITOR)
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """What is said of lines: with `bulk` the same of many, else of each that `line` names."""
    source = get_object_or_404(Import, pk=pk)
    to = back(request, reverse("import_detail", pk))
    if "bulk" in request.POST:
        return _many(request, source, to)
    categories = categories_offered()
    said = said_of_lines(request.POST, set(categories))
    try:
        lines_say(source=source, said=said)
    except Refused as refusal:
        return refused(request, refusal, to=to)
    preview = preview_of(source, list(said), tab=request.POST.get("tab", ""))
    return in_place(request, "imports/_answer.html", {"preview": preview}, to=to)


def _many(request: HttpRequest, source: Import, to: str) -> HttpResponse:
    form = LinesForm(
        request.POST, names=names_read(), categories=list(categories_offered().values())
    )
    if not form.is_valid():
        faults = [str(fault) for errors in form.errors.values() for fault in errors]
        return refused(request, Refused(faults[0]), to=to)
    try:
        n = lines_change(
            source=source,
            which=form.which(),
            choice=form.becomes(),
            as_suggested=form.as_suggested(),
            changes=form.changes(),
        )
    except Refused as refusal:
        return refused(request, refusal, to=to)
    said = ngettext("%d line changed.", "%d lines changed.", n) % n
    return done(request, said, to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def line(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct one line; one that could not be read is told its day and its amount."""
    found = get_object_or_404(ImportLine.objects.select_related("statement__source"), pk=pk)
    source = found.statement.source
    to = back(request, f"{reverse('import_detail', source.pk)}#line-{pk}")
    sent = request.method == "POST"
    form = LineForm(request.POST if sent else None, line=found)
    status = 200
    if sent:
        status = 422
        if form.is_valid():
            try:
                line_correct(line=found, correction=form.correction(), mending=form.mending())
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                return done(request, _("Line %(n)s corrected.") % {"n": found.number}, to=to)
    context = {
        "title": _("Correct line %(n)s") % {"n": found.number},
        "line": found,
        "form": form,
        "unreadable": found.finding == Finding.UNREADABLE,
        "waits": source.state == ImportState.READY,
        "to": to,
    }
    return render_page(
        request, "imports/import_line.html", context, partial="dialog", status=status
    )
