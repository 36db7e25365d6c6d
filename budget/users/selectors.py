"""Reads about people, households and who belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from budget.users.access import current_user
from budget.users.models import Household, Invitation, Membership, User

INVITATION = "invitation"  # the session's key for the token one came with


def memberships_of(user: User) -> list[Membership]:
    """The households one belongs to, by name, with one's role in each."""
    rows = Membership.objects.filter(user=user).select_related("household")
    return list(rows.order_by("household__name", "household__pk"))


def own_memberships(request: HttpRequest) -> list[Membership]:
    """The same for whoever asks, read once a request: the frame offers them to switch to."""
    memberships = memberships_of(current_user(request))
    request.memberships = memberships  # type: ignore[attr-defined]
    return memberships


def home_among(memberships: Sequence[Membership], user: User) -> Household | None:
    """The household one was last in, if one still belongs to it; else the first of them."""
    homes = [membership.household for membership in memberships]
    return next(
        (home for home in homes if home.slug == user.last_household), homes[0] if homes else None
    )


def members_of(household: Household) -> list[Membership]:
    """Everyone in the household: owners, then editors, then viewers, as they joined."""
    rows = Membership.objects.filter(household=household).select_related("user")
    rank = {"owner": 0, "editor": 1, "viewer": 2}
    return sorted(rows, key=lambda member: (rank[member.role], member.joined_at, member.pk))


def invitations_of(household: Household) -> list[Invitation]:
    """Invitations nobody has accepted yet, the newest first; expired ones among them."""
    rows = Invitation.objects.filter(household=household, accepted_at=None)
    return list(rows.order_by("-created_at", "-pk"))


def invitation_carried(request: HttpRequest) -> Invitation | None:
    """The pending invitation whose link one followed in this session, if any."""
    token = request.session.get(INVITATION)
    if not token:
        return None
    rows = Invitation.objects.pending().select_related("household", "invited_by")
    return rows.filter(token=token).first()


def invitations_for(request: HttpRequest, user: User) -> list[Invitation]:
    """Pending invitations of this person.

    An address proves nothing until it is verified: before that, only the invitation whose link
    was followed, which reached the address's owner.
    """
    rows = Invitation.objects.pending().filter(email=user.email.lower())
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        rows = rows.filter(token=request.session.get(INVITATION) or "")
    return list(rows.select_related("household", "invited_by").order_by("-created_at"))
