"""What every page's frame shows: the household, one's others, and the right to write."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from budget.core.tenancy import scoped_household
from budget.users.access import may_write
from budget.users.models import Household, User


def household(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)

    def households() -> list[Household]:
        if hasattr(request, "memberships"):
            return [membership.household for membership in request.memberships]
        if not isinstance(user, User):
            return []
        return list(user.households.order_by("name", "pk"))

    return {
        "household": scoped_household(),
        "households": SimpleLazyObject(households),
        "can_write": may_write(request),
        "demo": settings.DEMO,
    }
