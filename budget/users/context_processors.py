"""What every page's frame shows: the household, one's others, and the right to write."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from budget.core.tenancy import scoped_household
from budget.users.access import may_write
from budget.users.models import Household, User
from budget.users.selectors import own_memberships


def household(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)

    def households() -> list[Household]:
        if not isinstance(user, User):
            return []
        known = getattr(request, "memberships", None)
        memberships = own_memberships(request) if known is None else known
        return [membership.household for membership in memberships]

    return {
        "household": scoped_household(),
        "households": SimpleLazyObject(households),
        "can_write": may_write(request),
        "demo": settings.DEMO,
    }
