"""The archives: months that can be closed, closed months, and what can be done with each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.archives.export import month_document, month_filename
from budget.archives.forms import EraseForm
from budget.archives.models import ClosedMonth
from budget.archives.selectors import (
    RECENT_MONTHS,
    closed_months,
    hidden_count,
    month_balances,
    month_figures,
    month_lines,
    months_to_close,
)
from budget.archives.services import (
    month_close,
    month_erase,
    month_hide,
    month_reopen,
    month_show,
    months_close_older,
)
from budget.core.guards import Refused
from budget.core.http import Undo, back, done, refused, render_page
from budget.core.periods import Period, Unit
from budget.core.tenancy import active_household, reverse
from budget.users.access import current_user, requires
from budget.users.models import Role

# How many months left open for long are listed; the rest is told as a number.
OLDER_SHOWN = 12


def _month(code: str) -> Period:
    """The household's month written `2026-10`; 404 for anything else."""
    try:
        period = Period.parse(code, start_day=active_household().month_start_day)
    except ValueError as error:
        raise Http404 from error
    if period.unit is not Unit.MONTH:
        raise Http404
    return period


def _closed(code: str) -> ClosedMonth:
    return get_object_or_404(
        ClosedMonth.objects.select_related("closed_by"), first_day=_month(code).first
    )


def _away(request: HttpRequest) -> tuple[str, bool]:
    """Where a write leads, and whether the page it came from is gone with it."""
    url = back(request, "")
    return url or reverse("archive_list"), bool(url)


@require_safe
def archive_list(request: HttpRequest) -> HttpResponse:
    with_hidden = request.GET.get("hidden") == "1"
    to_close = months_to_close()
    context = {
        "to_close": to_close,
        "older": to_close.older[:OLDER_SHOWN],
        "older_left": to_close.older[OLDER_SHOWN:],
        "oldest": to_close.older[-1] if to_close.older else None,
        "page": closed_months(with_hidden=with_hidden, parameters=request.GET),
        "hidden": hidden_count(),
        "with_hidden": with_hidden,
        "recent_months": RECENT_MONTHS,
    }
    return render_page(request, "archives/list.html", context)


@require_safe
def archive_detail(request: HttpRequest, code: str) -> HttpResponse:
    closed = _closed(code)
    snapshot = list(closed.lines.all())
    context = {
        "closed": closed,
        "period": closed.period,
        "figures": month_figures(snapshot),
        "balances": month_balances(closed),
        "page": month_lines(closed=closed, snapshot=snapshot, parameters=request.GET),
    }
    return render_page(request, "archives/detail.html", context)


@requires(Role.EDITOR)
@require_POST
def archive_close(request: HttpRequest, code: str) -> HttpResponse:
    period = _month(code)
    to = reverse("archive_list")
    try:
        month_close(period=period, closed_by=current_user(request))
    except Refused as error:
        return refused(request, error, to=to)
    message = gettext("%(month)s is closed.") % {"month": capfirst(period.label)}
    return done(request, message, to=to, undo=Undo(reverse("archive_reopen", code), code))


@requires(Role.EDITOR)
@require_POST
def archive_close_older(request: HttpRequest) -> HttpResponse:
    to = reverse("archive_list")
    closed = months_close_older(older_than=RECENT_MONTHS, closed_by=current_user(request))
    message = ngettext("%(count)d month is closed.", "%(count)d months are closed.", len(closed))
    return done(request, message % {"count": len(closed)}, to=to)


@requires(Role.EDITOR)
@require_POST
def archive_reopen(request: HttpRequest, code: str) -> HttpResponse:
    closed = _closed(code)
    to, leave = _away(request)
    try:
        month_reopen(closed=closed)
    except Refused as error:
        return refused(request, error, to=to)
    message = gettext("%(month)s is open again: its transactions can be changed.")
    return done(
        request,
        message % {"month": capfirst(closed.period.label)},
        to=to,
        leave=leave,
        undo=Undo(reverse("archive_close", code), code),
    )


@requires(Role.EDITOR)
@require_POST
def archive_hide(request: HttpRequest, code: str) -> HttpResponse:
    closed = _closed(code)
    month_hide(closed=closed)
    message = gettext("%(month)s is hidden, and still closed.")
    return done(
        request,
        message % {"month": capfirst(closed.period.label)},
        to=_away(request)[0],
        undo=Undo(reverse("archive_show", code), code),
    )


@requires(Role.EDITOR)
@require_POST
def archive_show(request: HttpRequest, code: str) -> HttpResponse:
    closed = _closed(code)
    month_show(closed=closed)
    message = gettext("%(month)s is shown again.") % {"month": capfirst(closed.period.label)}
    return done(request, message, to=_away(request)[0])


@requires(Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def archive_erase(request: HttpRequest, code: str) -> HttpResponse:
    closed = _closed(code)
    to, leave = _away(request)
    status = 200
    form = EraseForm(request.POST if request.method == "POST" else None, period=closed.period)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                month_erase(closed=closed)
            except Refused as error:
                form.add_error(None, str(error))
                status = 409
            else:
                message = gettext("%(month)s and its transactions are deleted.")
                return done(
                    request,
                    message % {"month": capfirst(closed.period.label)},
                    to=to,
                    leave=leave,
                )
    context = {
        "closed": closed,
        "period": closed.period,
        "form": form,
        "next": to if leave else "",
        "size": len(month_document(closed)),
    }
    return render_page(request, "archives/erase.html", context, partial="dialog", status=status)


@require_safe
def archive_download(request: HttpRequest, code: str) -> HttpResponse:
    closed = _closed(code)
    return HttpResponse(
        month_document(closed),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{month_filename(closed)}"'},
    )
