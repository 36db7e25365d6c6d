"""From an address to a household's scope, and from a preference to a language."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import Error, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.defaults import page_not_found, permission_denied

from budget.core import replica
from budget.core.guards import GoneMeanwhile, Refused, violates_foreign_key
from budget.core.http import login_redirect
from budget.core.replica import household_read
from budget.core.tenancy import backoffice_scope, household_scope, scope_undo
from budget.users.access import may_write
from budget.users.models import Household, User
from budget.users.selectors import memberships_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]

#: Methods that change nothing (RFC 9110), which the database sees to.
SAFE = {"GET", "HEAD", "OPTIONS"}


class PreferredLanguageMiddleware:
    """A person's own choice of language comes before their browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = getattr(request.user, "language", "")
        if not language:
            return self.get_response(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            response["Content-Language"] = language
            return response


class InvalidFormMiddleware:
    """Has allauth's pages answer 422 to a form that is not valid, as our own do.

    allauth answers 200. The page stays the same; scripts, logs and browsers that keep passwords
    learn that nothing was done.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        match = request.resolver_match
        form = (response.context_data or {}).get("form")
        ours = match is None or not match.route.startswith("accounts/")
        if not ours and response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 422
        return response


class HouseholdMiddleware:
    """Authorise the household in the address, and run the view in its scope.

    The scope is one database transaction: an answer of 500 rolls it back. That of a safe method can
    only read. The admin runs in back-office scope. Responses must be complete when they leave the
    view: a streaming one would be read after the scope has closed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        match request.path_info.split("/", 3):
            case ["", "h", slug, _]:
                return self.in_household(request, slug)
            case ["", "admin", *_] if getattr(request.user, "is_staff", False):
                with backoffice_scope():
                    return self.finished(request)
        return self.get_response(request)

    def in_household(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return login_redirect(request)
        # All of them at once: the frame offers the others to switch to.
        memberships = memberships_of(user)
        membership = next((each for each in memberships if each.household.slug == slug), None)
        if membership is None:
            return page_not_found(request, Http404())
        request.membership = membership  # type: ignore[attr-defined]
        request.memberships = memberships  # type: ignore[attr-defined]
        if user.last_household != slug:
            User.objects.filter(pk=user.pk).update(last_household=slug)
        if request.method in SAFE:
            try:
                return household_read(membership.household, partial(self.finished, request))
            except Household.DoesNotExist:
                return page_not_found(request, Http404())
        if not may_write(request):
            return permission_denied(request, PermissionDenied())
        try:
            with household_scope(membership.household):
                return self.finished(request)
        except IntegrityError as error:
            # Keys between tables are checked when the transaction ends, after the view: the
            # household, say, has been deleted since.
            if not violates_foreign_key(error):
                raise
            return render(request, "409.html", {"reason": str(GoneMeanwhile())}, status=409)

    def finished(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code >= 500:
            scope_undo()
        if error := getattr(response, "unread", None):
            raise error
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """A refusal no form caught is still an answer, not a crash; its writes are undone.

        Where the replica fails there is no answer yet: `finished` hands that on to where the view
        is run again, which from here is out of reach.
        """
        if isinstance(error, Error) and replica.is_read():
            response = HttpResponse(status=503)
            response.unread = error  # type: ignore[attr-defined]
            return response
        if isinstance(error, Refused):
            response = render(request, "409.html", {"reason": str(error)}, status=409)
            scope_undo()
            return response
        return None
