"""Who may do what in a household.

A stranger gets 404 (the household is none of their business), a viewer who writes gets 403, an
anonymous visitor the login page. The middleware decides the first and the last, and stops every
unsafe request of a viewer; `requires` adds the views with a rule of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from budget.users.models import Membership, Role, User

_RANK = {Role.VIEWER: 0, Role.EDITOR: 1, Role.OWNER: 2}


class HouseholdRequest(HttpRequest):
    """A request below `/h/<slug>/`, as the middleware leaves it."""

    membership: Membership


def role_suffices(membership: Membership | None, role: Role) -> bool:
    return membership is not None and _RANK[Role(membership.role)] >= _RANK[role]


def requires[**P](
    role: Role,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Let only members of at least this role see a view, its form included; others get 403."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not role_suffices(getattr(request, "membership", None), role):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def may_write(request: HttpRequest) -> bool:
    """Whether this request's person may change anything in the household it is in."""
    membership: Any = getattr(request, "membership", None)
    return role_suffices(membership, Role.EDITOR)


def current_user(request: HttpRequest) -> User:
    """The signed-in person of a request that the middleware has let through."""
    return cast(User, request.user)


def current_membership(request: HttpRequest) -> Membership:
    """The person's membership in the household of a request below `/h/<slug>/`."""
    return cast(HouseholdRequest, request).membership
