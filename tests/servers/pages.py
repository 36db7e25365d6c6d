"""The site with a few pages more, for tests of the server that it runs in."""

import os
from decimal import Decimal

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from budget.core.tenancy import household_patterns
from budget.urls import urlpatterns
from budget.users.models import User
from budget.wsgi import application

__all__ = ["application"]


@csrf_exempt
def breaks(request: HttpRequest) -> HttpResponse:
    """Breaks in the middle of a household's affairs."""
    label, amount = request.POST["label"], Decimal(request.POST["amount"])
    User.objects.create(email=str(request.user.email))  # type: ignore[union-attr]
    return HttpResponse(f"{label} {amount}")


@login_not_required
@csrf_exempt
def takes(request: HttpRequest) -> HttpResponse:
    """Says how much it was sent, and by which process."""
    return HttpResponse(f"{len(request.body)} bytes in {os.getpid()}")


@login_not_required
def waits(request: HttpRequest) -> HttpResponse:
    """Takes a second, in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [1])
    return HttpResponse("done")


urlpatterns += [
    path("takes/", takes, name="takes"),
    path("waits/", waits, name="waits"),
    household_patterns(path("breaks/", breaks, name="breaks")),
]
