"""Answers that belong to no app."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token has expired: say so, and that going back keeps what was typed."""
    return render(request, "403_csrf.html", status=403)


@require_safe
@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon at the address where browsers and feed readers look without having read a page."""
    return HttpResponseRedirect(static("img/favicon.png"))
