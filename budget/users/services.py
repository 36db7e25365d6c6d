"""Writes about people, households and who belongs to them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, gettext

from budget.core.export import household_models
from budget.core.guards import GoneMeanwhile, Refused, guarded
from budget.core.money import DEFAULT_CURRENCY
from budget.core.tenancy import backoffice_scope, household_scope
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.signals import household_created

MOST_INVITATIONS = 50


class InvitationGone(Refused):
    """The invitation was withdrawn, or has expired."""

    def __init__(self) -> None:
        super().__init__(gettext("This invitation has been withdrawn"))


class LastOwner(Refused):
    """The household would be left without an owner."""

    def __init__(self) -> None:
        super().__init__(
            gettext("A household keeps at least one owner: make someone else owner first.")
        )


def user_update(*, user: User, name: str, language: str) -> User:
    """Change what someone is called and reads. `language` "" leaves it to their browser."""
    user.name = name
    user.language = language
    user.save(update_fields=["name", "language"])
    return user


def user_delete(*, user: User) -> None:
    """Delete a person for good. What they entered stays, without their name.

    Their name goes from the lines before those triggers take the household's lock, while whoever
    changes such a line holds the lock before the line. So all the locks are taken first.
    """
    with backoffice_scope():
        touched = set(Membership.objects.filter(user=user).values_list("household", flat=True))
        for model in household_models():
            for field in model._meta.concrete_fields:
                if field.related_model is User:
                    rows = model._default_manager.filter(**{field.name: user})
                    touched.update(rows.order_by().values_list("household", flat=True).distinct())
        households_lock(touched)
        user.delete()


def household_create(
    *,
    name: str,
    owner: User,
    slug: str | None = None,
    currency: str = DEFAULT_CURRENCY,
    month_start_day: int = 1,
    language: str | None = None,
    submission: uuid.UUID | None = None,
) -> Household:
    """Make a household with `owner` in it, and announce it to the apps that stock it.

    `language` ("fr" or "en", by default the active one) is the one its starting categories are
    named in. The slug is made from the name unless given. `submission` is the form's own key: sent
    twice, the first household is returned and nothing is made.
    """
    try:
        with transaction.atomic():
            household = Household.objects.create(
                name=name,
                slug=slug or _free_slug(name),
                currency=currency,
                month_start_day=month_start_day,
            )
            Membership.objects.create(
                household=household, user=owner, role=Role.OWNER, submission=submission
            )
            with household_scope(household):
                household_created.send(
                    sender=Household,
                    household=household,
                    language=language or get_language() or "fr",
                )
    except IntegrityError:
        first = (
            submission
            and Household.objects.filter(
                memberships__user=owner, memberships__submission=submission
            ).first()
        )
        if not first:
            raise
        return first
    return household


def _free_slug(name: str) -> str:
    """An address made from the name, with a few letters that make it unguessable and unique."""
    return f"{slugify(name)[:48] or 'h'}-{secrets.token_hex(4)}"


def household_update(
    *, household: Household, name: str, currency: str, month_start_day: int
) -> Household:
    """Rename a household, change its currency or the first day of its month.

    Raises ClosedMonthsExist where the first day would change while months are closed, and
    GoneMeanwhile where it has just been deleted. The database works the months' totals out anew.
    """
    household.name = name
    household.currency = currency
    household.month_start_day = month_start_day
    with guarded():
        household_lock(household)
        household.save(update_fields=["name", "currency", "month_start_day"])
    return household


def household_delete(*, household: Household) -> None:
    """Delete a household and everything it owns, for good."""
    household.delete()


def household_lock(household: Household) -> None:
    """Hold the household's ledger until the transaction ends: one writer at a time.

    The ledger's triggers take the same lock, so what is read after this call stays true. Raises
    GoneMeanwhile where the household has just been deleted.
    """
    rows = Household.objects.select_for_update(no_key=True).values_list("pk")
    if rows.filter(pk=household.pk).first() is None:
        raise GoneMeanwhile


def households_lock(keys: Iterable[int] | QuerySet[Any, Any]) -> None:
    """Hold the ledgers of households, by their keys, before any row of theirs is touched."""
    held = Household.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    list(held.values_list("pk"))


def member_set_role(*, membership: Membership, role: Role) -> Membership:
    """Change what a member may do. Raises LastOwner, and GoneMeanwhile where they have left."""
    with transaction.atomic():
        household_lock(membership.household)
        if role is not Role.OWNER:
            _keep_an_owner(membership)
        if not Membership.objects.filter(pk=membership.pk).update(role=role):
            raise GoneMeanwhile
    membership.role = role
    return membership


def member_remove(*, membership: Membership) -> None:
    """Remove a member, or leave. Raises LastOwner."""
    with transaction.atomic():
        household_lock(membership.household)
        _keep_an_owner(membership)
        membership.delete()


def _keep_an_owner(membership: Membership) -> None:
    others = Membership.objects.filter(household=membership.household_id, role=Role.OWNER)
    if not others.exclude(pk=membership.pk).exists():
        raise LastOwner


def invitation_create(
    *, household: Household, email: str, role: Role, invited_by: User
) -> Invitation:
    """Invite someone by email; a pending invitation of the same person is replaced.

    Raises Refused where they are a member already, or where too many are invited. Sending the
    mail is the caller's.
    """
    email = email.strip().lower()
    with transaction.atomic():
        household_lock(household)
        if Membership.objects.filter(household=household, user__email=email).exists():
            raise Refused(gettext("%(email)s is already a member.") % {"email": email})
        open_ones = Invitation.objects.filter(household=household, accepted_at=None)
        open_ones.filter(email=email).delete()
        if open_ones.count() >= MOST_INVITATIONS:
            raise Refused(gettext("Too many invitations are waiting. Withdraw one first."))
        return Invitation.objects.create(
            household=household, email=email, role=role, invited_by=invited_by
        )


def invitation_renew(*, invitation: Invitation) -> Invitation:
    """Let an invitation run from now again, with its link unchanged. The mail is the caller's."""
    invitation.created_at = timezone.now()
    Invitation.objects.filter(pk=invitation.pk).update(created_at=invitation.created_at)
    return invitation


def invitation_withdraw(*, invitation: Invitation) -> None:
    """Take an invitation back: its link leads nowhere from now on."""
    with transaction.atomic():
        # The household before the invitation, as whoever accepts it does.
        households_lock([invitation.household_id])
        invitation.delete()


def invitation_accept(*, invitation: Invitation, user: User) -> Membership:
    """Make the invited person a member. Raises Refused where it was sent to someone else.

    Accepting twice changes nothing. Raises InvitationGone where it was withdrawn meanwhile.
    """
    if user.email.lower() != invitation.email.lower():
        raise Refused(
            gettext("This invitation was sent to %(email)s. Sign in with that address.")
            % {"email": invitation.email}
        )
    with transaction.atomic():
        try:
            household_lock(invitation.household)
        except GoneMeanwhile:
            raise InvitationGone from None
        if (
            not Invitation.objects.pending()
            .filter(pk=invitation.pk)
            .update(accepted_at=timezone.now())
        ):
            member = Membership.objects.filter(household=invitation.household_id, user=user).first()
            if member is None:
                raise InvitationGone
            return member
        membership, _ = Membership.objects.get_or_create(
            household=invitation.household, user=user, defaults={"role": invitation.role}
        )
    return membership
