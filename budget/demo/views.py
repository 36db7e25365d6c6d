"""The way into the demonstration."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)

from budget.demo.services import demo_user


@login_not_required
def demo_enter(request: HttpRequest) -> HttpResponse:
    """Sign in as the demonstration user. There is no such address unless DEMO is set."""
    user = demo_user() if settings.DEMO else None
    if user is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)
