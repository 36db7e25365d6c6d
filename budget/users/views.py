"""Pages outside any household: the way in, oneself, one's households, an invitation."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from budget.core.guards import Refused
from budget.core.http import done, redirect, render_page
from budget.core.templatetags.display import household_address
from budget.core.tenancy import reverse
from budget.users.access import current_user
from budget.users.devices import devices_of, devices_sign_out
from budget.users.forms import NewHouseholdForm, ProfileForm
from budget.users.models import Invitation, Membership, User
from budget.users.selectors import (
    INVITATION,
    home_among,
    invitation_carried,
    invitations_for,
    memberships_of,
    own_memberships,
)
from budget.users.services import household_create, invitation_accept, member_remove, user_update


@require_safe
@never_cache
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    """Send everyone where they belong: their household, their invitation, or the way in."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    user = current_user(request)
    invitation = invitation_carried(request)
    if invitation and invitation.email == user.email:
        return redirect("invitation", invitation.token)
    household = home_among(memberships_of(user), user)
    if household is None:
        return redirect("household_create")
    return HttpResponseRedirect(household_address(household))


@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Oneself: name and language, ways to sign in, where one is signed in, one's households."""
    user = current_user(request)
    if request.method == "POST":
        form = ProfileForm(request.POST)
        if form.is_valid():
            user_update(user=user, **form.cleaned_data)
            with translation.override(user.language or get_language_from_request(request)):
                return done(request, _("Your preferences are saved."), to=reverse("me"))
    else:
        form = ProfileForm(initial={"name": user.name, "language": user.language})
    memberships = own_memberships(request)
    context = {
        "form": form,
        "email_verified": EmailAddress.objects.filter(
            user=user, email=user.email, verified=True
        ).exists(),
        "devices": devices_of(user, current=request.session.session_key),
        "memberships": memberships,
        "home": home_among(memberships, user),
        "invitations": invitations_for(request, user),
    }
    return render_page(request, "users/me.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else, or everywhere. Where one is signed in stands on one's own page."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("me") + "#devices")
    user = current_user(request)
    if "everywhere" in request.POST:
        devices_sign_out(user)
        logout(request)
        return done(
            request, _("You are signed out everywhere."), to=reverse("account_login"), leave=True
        )
    devices_sign_out(user, keep=request.session.session_key)
    return done(request, _("You are signed out everywhere else."), to=reverse("me"))


@require_http_methods(["GET", "POST"])
def household_new(request: HttpRequest) -> HttpResponse:
    """Make another household; also where someone lands who belongs to none."""
    user = current_user(request)
    form = NewHouseholdForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        household = household_create(owner=user, **form.cleaned_data)
        return done(
            request,
            _("“%(household)s” is ready.") % {"household": household.name},
            to=household_address(household),
            leave=True,
        )
    context = {
        "form": form,
        "invitations": invitations_for(request, user),
        "home": home_among(own_memberships(request), user),
    }
    return render_page(
        request,
        "users/household_new.html",
        context,
        partial="dialog",
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def household_leave(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a household. A viewer may as well, so its address is not the household's."""
    membership = get_object_or_404(
        Membership.objects.select_related("household"),
        user=current_user(request),
        household__slug=slug,
    )
    refusal = ""
    if request.method == "POST":
        try:
            member_remove(membership=membership)
        except Refused as reason:
            refusal = str(reason)
        else:
            left = _("You have left “%(household)s”.") % {"household": membership.household.name}
            return done(request, left, to=reverse("me"), leave=True)
    return render_page(
        request,
        "users/household_leave.html",
        {"title": _("Leave the household"), "membership": membership, "refusal": refusal},
        partial="dialog",
        status=409 if refusal else 200,
    )


@require_http_methods(["GET", "POST"])
@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What an invitation's link shows: sign up or in, then accept with one click."""
    found = Invitation.objects.select_related("household", "invited_by").filter(token=token).first()
    user = request.user if isinstance(request.user, User) else None
    if found is None:
        return _invitation_gone(request, _("This invitation is not there any more"), status=404)
    if user and found.accepted_at and user.email == found.email:
        return redirect("home")  # A link followed a second time.
    if found.accepted_at:
        return _invitation_gone(request, _("This invitation has already been used"), status=410)
    if found.has_expired:
        return _invitation_gone(request, _("This invitation has expired"), status=410)
    if user is None:
        request.session[INVITATION] = token
        return render_page(request, "users/invitation.html", {"invitation": found})
    if user.email != found.email:
        context = {"invitation": found, "stranger": True}
        status = 403 if request.method == "POST" else 200
        return render_page(request, "users/invitation.html", context, status=status)
    if request.method == "POST":
        return _invitation_accepted(request, found, user)
    return render_page(request, "users/invitation.html", {"invitation": found})


def _invitation_accepted(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    try:
        invitation_accept(invitation=found, user=user)
    except Refused as refusal:
        return _invitation_gone(request, str(refusal), status=410)
    request.session.pop(INVITATION, None)
    return done(
        request,
        _("Welcome to “%(household)s”.") % {"household": found.household.name},
        to=household_address(found.household),
        leave=True,
    )


def _invitation_gone(request: HttpRequest, reason: str, *, status: int) -> HttpResponse:
    request.session.pop(INVITATION, None)
    return render_page(request, "users/invitation_gone.html", {"reason": reason}, status=status)
