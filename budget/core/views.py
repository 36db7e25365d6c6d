"""Answers that belong to no app."""

from django.contrib.auth.decorators import login_not_required
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from budget.core.logs import request_id


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token has expired: say so, and that going back keeps what was typed."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """What is broken is ours; the request's id finds it in the log. Nothing else is asked for."""
    page = get_template("500.html").render({"reference": request_id.get()})
    return HttpResponseServerError(page)


@require_safe
@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon at the address where browsers and feed readers look without having read a page."""
    return HttpResponseRedirect(static("img/favicon.png"))
