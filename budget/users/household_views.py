"""A household's settings: what it is called, who belongs to it, and its end.

Everyone in it may look and may download; only an owner changes anything.
"""

from __future__ import annotations

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.core.export import household_contents, household_export
from budget.core.guards import ClosedMonthsExist, Refused
from budget.core.http import done, refused, render_page
from budget.core.tenancy import active_household, reverse
from budget.users.access import current_membership, current_user, requires
from budget.users.forms import (
    DeletionForm,
    HouseholdForm,
    InvitationForm,
    RoleForm,
    currency_label,
)
from budget.users.mails import invitation_send
from budget.users.models import INVITATION_LIFE, Invitation, Membership, Role
from budget.users.selectors import invitations_of, members_of
from budget.users.services import (
    household_delete,
    household_update,
    invitation_create,
    invitation_renew,
    invitation_withdraw,
    member_remove,
    member_set_role,
)

#: What is worth counting before a household is deleted.
CONTENTS = (
    "transactions.Transaction",
    "categories.Category",
    "wallets.Wallet",
    "buckets.Bucket",
    "people.Person",
    "goals.Goal",
    "archives.ClosedMonth",
)


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    household = active_household()
    if request.method != "POST":
        return _settings(request, HouseholdForm(household=household))
    if current_membership(request).role != Role.OWNER:
        raise PermissionDenied
    form = HouseholdForm(request.POST, household=household)
    if not form.is_valid():
        return _settings(request, form, status=422)
    try:
        household_update(household=household, **form.cleaned_data)
    except ClosedMonthsExist as refusal:
        household.refresh_from_db()
        form.add_error("month_start_day", str(refusal))
        return _settings(request, form, status=409)
    return done(request, _("The household is saved."), to=reverse("household_settings"))


def _settings(request: HttpRequest, form: HouseholdForm, *, status: int = 200) -> HttpResponse:
    household = active_household()
    membership = current_membership(request)
    owner = membership.role == Role.OWNER
    context = {
        "form": form,
        "owner": owner,
        "currency_label": currency_label(household.currency),
        "membership": membership,
        "members": members_of(household),
        "invitations": invitations_of(household) if owner else [],
    }
    return render_page(request, "users/household_settings.html", context, status=status)


# Who belongs to it


@require_http_methods(["GET", "POST"])
@requires(Role.OWNER)
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a member may do."""
    membership = _member(pk)
    form = RoleForm(
        request.POST if request.method == "POST" else None, initial={"role": membership.role}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                member_set_role(membership=membership, role=form.cleaned_data["role"])
            except Refused as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                text = _("%(member)s is now: %(role)s.") % {
                    "member": membership.user.get_full_name(),
                    "role": Role(membership.role).label,
                }
                return done(request, text, to=reverse("household_settings"))
    context = {"title": membership.user.get_full_name(), "member": membership, "form": form}
    return render_page(request, "users/member.html", context, partial="dialog", status=status)


@require_http_methods(["GET", "POST"])
@requires(Role.OWNER)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member out of the household. What they entered stays."""
    membership = _member(pk)
    refusal = ""
    if request.method == "POST":
        try:
            member_remove(membership=membership)
        except Refused as reason:
            refusal = str(reason)
        else:
            text = _("%(member)s no longer belongs to the household.") % {
                "member": membership.user.get_full_name()
            }
            # Whoever takes themselves out has no page to come back to.
            own = membership.user_id == current_user(request).pk
            to = reverse("home") if own else reverse("household_settings")
            return done(request, text, to=to, leave=own)
    return render_page(
        request,
        "users/member_remove.html",
        {"title": _("Remove from the household"), "member": membership, "refusal": refusal},
        partial="dialog",
        status=409 if refusal else 200,
    )


def _member(pk: int) -> Membership:
    members = Membership.objects.select_related("user", "household")
    return get_object_or_404(members, pk=pk, household=active_household())


@require_http_methods(["GET", "POST"])
@requires(Role.OWNER)
def invite(request: HttpRequest) -> HttpResponse:
    form = InvitationForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _mind_the_rate(request)
                invitation = invitation_create(
                    household=active_household(),
                    invited_by=current_user(request),
                    **form.cleaned_data,
                )
            except Refused as refusal:
                form.add_error("email", str(refusal))
                status = 409
            else:
                return _sent(request, invitation)
    context = {"title": _("Invite someone"), "form": form, "days": INVITATION_LIFE.days}
    return render_page(
        request, "users/invitation_new.html", context, partial="dialog", status=status
    )


@require_POST
@requires(Role.OWNER)
def invitation_resend(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _invitation(pk)
    try:
        _mind_the_rate(request)
    except TooManyMails as refusal:
        return refused(request, refusal, to=reverse("household_settings"))
    return _sent(request, invitation_renew(invitation=invitation))


@require_POST
@requires(Role.OWNER)
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = _invitation(pk)
    invitation_withdraw(invitation=invitation)
    text = _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email}
    return done(request, text, to=reverse("household_settings"))


def _invitation(pk: int) -> Invitation:
    invitations = Invitation.objects.select_related("invited_by", "household")
    return get_object_or_404(invitations, pk=pk, household=active_household(), accepted_at=None)


class TooManyMails(Refused):
    """Someone has sent as many invitations as one sends in an hour."""

    def __init__(self) -> None:
        super().__init__(_("That is a lot of invitations. Wait an hour before sending more."))


def _mind_the_rate(request: HttpRequest) -> None:
    """The mails carry a text of the sender's, so a household is not to be a way to send many."""
    if not ratelimit.consume(request, action="invite", user=current_user(request)):
        raise TooManyMails


def _sent(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    language = translation.get_language()

    def send() -> None:
        with translation.override(language):
            if not invitation_send(request, invitation):
                text = _("The mail could not be sent. Try again in a few minutes.")
                messages.warning(request, text)

    transaction.on_commit(send, robust=True)
    text = _("An invitation is on its way to %(email)s.") % {"email": invitation.email}
    return done(request, text, to=reverse("household_settings"))


# Its data, and its end


@require_safe
def export(request: HttpRequest) -> FileResponse:
    """Everything the household owns, as one JSON file."""
    household = active_household()
    members = [
        {
            "user_id": member.user_id,
            "email": member.user.email,
            "name": member.user.name,
            "role": member.role,
            "joined_at": member.joined_at,
        }
        for member in members_of(household)
    ]
    file = household_export(besides={"members": members})
    name = f"budgeometre-{household.slug}-{timezone.localdate().isoformat()}.json"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/json")


@require_http_methods(["GET", "POST"])
@requires(Role.OWNER)
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the household, once its name has been typed."""
    household = active_household()
    form = DeletionForm(request.POST if request.method == "POST" else None, household=household)
    if request.method == "POST" and form.is_valid():
        household_delete(household=household)
        text = _("“%(household)s” is deleted.") % {"household": household.name}
        return done(request, text, to="/", leave=True)
    context = {
        "title": _("Delete the household"),
        "form": form,
        "contents": household_contents(CONTENTS),
    }
    return render_page(
        request,
        "users/household_delete.html",
        context,
        partial="dialog",
        status=422 if form.errors else 200,
    )
