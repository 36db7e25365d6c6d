"""From an invitation sent to a member more, and every way it can go wrong."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from budget.core.guards import Refused
from budget.users import household_views
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.services import (
    InvitationGone,
    invitation_accept,
    invitation_create,
    member_remove,
)
from tests.conftest import PASSWORD, SignIn
from tests.users.conftest import link_in

NEW = "a fresh pair of shoes"


@pytest.fixture
def invitation(household: Household, alice: User) -> Invitation:
    return invitation_create(
        household=household, email="dora@example.org", role=Role.EDITOR, invited_by=alice
    )


@pytest.fixture
def link(invitation: Invitation) -> str:
    return f"/invitations/{invitation.token}/"


@pytest.fixture
def dora(db: None) -> User:
    return User.objects.create_user("dora@example.org", PASSWORD)


def roles(household: Household) -> dict[str, str]:
    return dict(household.memberships.values_list("user__email", "role"))


# Sending


def test_an_invitation_leaves_once_it_is_written(
    as_alice: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        response = as_alice.post(
            "/h/alice/settings/invitations/new/", {"email": "Dora@Example.org", "role": "viewer"}
        )
        assert not mail.outbox
    assert response["Location"] == "/h/alice/settings/"
    [message] = mail.outbox
    assert message.to == ["dora@example.org"]
    assert message.subject == "Alice vous invite dans le foyer «\u00a0Chez Alice\u00a0»"
    invitation = Invitation.objects.get()
    assert link_in(message) == f"/invitations/{invitation.token}/"
    assert "regarder le budget" in str(message.body)
    assert "dora@example.org" in as_alice.get("/h/alice/settings/").content.decode()


def test_it_is_in_the_language_of_whoever_invites(
    as_alice: Client,
    alice: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    User.objects.filter(pk=alice.pk).update(language="en")
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post(
            "/h/alice/settings/invitations/new/", {"email": "dora@example.org", "role": "editor"}
        )

    assert mail.outbox[0].subject == "Alice invites you to the household “Chez Alice”"
    assert "keep the budget" in str(mail.outbox[0].body)


def test_names_cannot_write_headers(
    household: Household,
    alice: User,
    as_alice: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Household.objects.filter(pk=household.pk).update(name="Nice\nBcc: all@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post(
            "/h/alice/settings/invitations/new/", {"email": "dora@example.org", "role": "editor"}
        )

    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].recipients() == ["dora@example.org"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_is_told_and_the_invitation_stays(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    response = as_alice.post(
        "/h/alice/settings/invitations/new/",
        {"email": "dora@example.org", "role": "editor"},
        follow=True,
    )

    assert "n’a pas pu partir" in response.content.decode()
    assert Invitation.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        {"email": "", "role": "editor"},
        {"email": "dora", "role": "editor"},
        {"email": "x" * 250 + "@example.org", "role": "editor"},
        {"email": "dora@example.org\x00", "role": "editor"},
        {"email": "dora@example.org", "role": ""},
        {"email": "dora@example.org", "role": "owner"},
        {"email": "dora@example.org", "role": "boss"},
    ],
)
def test_an_impossible_invitation_is_refused(data: dict[str, str], as_alice: Client) -> None:
    response = as_alice.post("/h/alice/settings/invitations/new/", data)

    assert response.status_code == 422
    assert response.context["form"].errors
    assert not Invitation.objects.exists()


def test_a_member_is_not_invited_again(as_alice: Client) -> None:
    response = as_alice.post(
        "/h/alice/settings/invitations/new/", {"email": "BOB@example.org", "role": "viewer"}
    )

    assert response.status_code == 409
    assert "déjà membre" in str(response.context["form"].errors["email"])


def test_inviting_twice_replaces_the_first(as_alice: Client, invitation: Invitation) -> None:
    as_alice.post(
        "/h/alice/settings/invitations/new/", {"email": "dora@example.org", "role": "viewer"}
    )

    assert Invitation.objects.get().role == Role.VIEWER
    assert Invitation.objects.get().token != invitation.token


def test_a_household_is_no_way_to_send_many_mails(
    as_alice: Client, alice: User, household: Household, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"invite": "2/h/user"}
    codes = [
        as_alice.post(
            "/h/alice/settings/invitations/new/", {"email": f"{n}@example.org", "role": "viewer"}
        ).status_code
        for n in range(3)
    ]
    assert codes == [302, 302, 409]
    pending = Invitation.objects.order_by("pk").first()
    assert pending
    again = as_alice.post(f"/h/alice/settings/invitations/{pending.pk}/resend/", follow=True)
    assert "Attendez une heure" in again.content.decode()

    for n in range(48):
        Invitation.objects.create(
            household=household, email=f"more{n}@example.org", invited_by=alice
        )
    with pytest.raises(Refused, match="Trop d’invitations"):
        invitation_create(
            household=household, email="last@example.org", role=Role.VIEWER, invited_by=alice
        )


def test_sending_again_lets_it_run_anew_with_the_same_link(
    as_alice: Client,
    invitation: Invitation,
    link: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Invitation.objects.update(created_at=timezone.now() - dt.timedelta(days=15))
    assert "expirée" in as_alice.get("/h/alice/settings/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        as_alice.post(f"/h/alice/settings/invitations/{invitation.pk}/resend/")

    assert link_in(mail.outbox[0]) == link
    assert "expirée" not in as_alice.get("/h/alice/settings/").content.decode()


def test_a_withdrawn_invitation_is_gone(
    as_alice: Client, invitation: Invitation, link: str, visitor: Client
) -> None:
    as_alice.post(f"/h/alice/settings/invitations/{invitation.pk}/revoke/")

    assert visitor.get(link).status_code == 404
    assert "n’existe plus" in visitor.get(link).content.decode()


@pytest.mark.parametrize("action", ["resend", "revoke"])
def test_another_households_invitation_is_out_of_reach(
    action: str, as_alice: Client, charlie: User
) -> None:
    theirs = Invitation.objects.create(
        household=Household.objects.get(slug="charlie"), email="x@x.org", invited_by=charlie
    )
    for pk in (theirs.pk, 0, 10**17):
        url = f"/h/alice/settings/invitations/{pk}/{action}/"
        assert as_alice.post(url).status_code == 404
    assert Invitation.objects.filter(pk=theirs.pk).exists()


# Accepting


def test_someone_new_signs_up_and_joins_with_one_click(
    visitor: Client, household: Household, link: str
) -> None:
    page = visitor.get(link).content.decode()
    assert "Chez Alice" in page
    assert f"/accounts/signup/?next={link}&amp;email=dora%40example.org" in page
    form = visitor.get(f"/accounts/signup/?next={link}&email=dora%40example.org")
    assert form.context["form"]["email"].value() == "dora@example.org"
    signed_up = visitor.post(
        "/accounts/signup/", {"email": "dora@example.org", "password1": NEW, "next": link}
    )
    assert signed_up["Location"] == link
    dora = User.objects.get(email="dora@example.org")
    assert not dora.households.exists(), "no household of their own that nobody asked for"
    assert EmailAddress.objects.get(user=dora).verified, "the link reached the address"

    response = visitor.post(link)

    assert response["Location"] == "/h/alice/"
    assert roles(household)["dora@example.org"] == "editor"
    assert visitor.get("/")["Location"] == "/h/alice/"


def test_someone_who_signs_up_without_the_link_back_is_led_to_it(
    visitor: Client, link: str
) -> None:
    visitor.get(link)
    visitor.post("/accounts/signup/", {"email": "dora@example.org", "password1": NEW})

    assert visitor.get("/")["Location"] == link
    assert "Chez Alice" in visitor.get("/me/").content.decode()


def test_whoever_signs_up_with_another_address_gets_their_own_household(
    visitor: Client, link: str, household: Household
) -> None:
    visitor.get(link)
    visitor.post("/accounts/signup/", {"email": "other@example.org", "password1": NEW})

    other = User.objects.get(email="other@example.org")
    assert other.households.count() == 1
    assert visitor.post(link).status_code == 403
    assert "other@example.org" not in roles(household)


def test_someone_known_signs_in_and_joins(
    visitor: Client, dora: User, household: Household, link: str
) -> None:
    visitor.get(link)
    response = visitor.post(
        "/accounts/login/", {"login": dora.email, "password": PASSWORD, "next": link}
    )
    assert response["Location"] == link
    assert "Rejoindre le foyer" in visitor.get(link).content.decode()
    visitor.post(link)

    assert roles(household)[dora.email] == "editor"


def test_looking_joins_nothing(
    dora: User, household: Household, link: str, sign_in: SignIn
) -> None:
    assert sign_in(dora).get(link).status_code == 200
    assert dora.email not in roles(household)


def test_it_is_for_its_addressee_alone(
    charlie: User, household: Household, link: str, sign_in: SignIn
) -> None:
    client = sign_in(charlie)
    page = client.get(link)

    assert page.status_code == 200
    assert "dora@example.org" in page.content.decode()
    assert "charlie@example.org" in page.content.decode()
    assert "Rejoindre" not in page.content.decode()
    assert client.post(link).status_code == 403
    assert charlie.email not in roles(household)


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_expired_one_says_so(
    method: str, dora: User, household: Household, link: str, sign_in: SignIn
) -> None:
    Invitation.objects.update(created_at=timezone.now() - dt.timedelta(days=14, seconds=1))

    response = getattr(sign_in(dora), method)(link)

    assert response.status_code == 410
    assert "a expiré" in response.content.decode()
    assert dora.email not in roles(household)


def test_a_used_one_says_so_and_leads_its_addressee_home(
    dora: User, link: str, sign_in: SignIn, visitor: Client
) -> None:
    client = sign_in(dora)
    client.post(link)

    assert client.get(link)["Location"] == "/"
    assert client.post(link)["Location"] == "/"
    assert visitor.get(link).status_code == 410


def test_someone_removed_does_not_come_back_by_the_old_link(
    dora: User, household: Household, link: str, sign_in: SignIn
) -> None:
    client = sign_in(dora)
    client.post(link)
    member_remove(membership=Membership.objects.get(user=dora))

    client.post(link)

    assert dora.email not in roles(household)


@pytest.mark.parametrize("token", ["x", "a" * 43, "-", "x" * 2000])
def test_an_unknown_one_says_so(token: str, visitor: Client) -> None:
    response = visitor.get(f"/invitations/{token}/")

    assert response.status_code == 404
    assert "n’existe plus" in response.content.decode()


def test_what_is_no_token_is_not_found(visitor: Client) -> None:
    assert visitor.get("/invitations/a%00b/").status_code == 404


def test_accepting_in_the_moment_it_is_withdrawn(
    dora: User, household: Household, invitation: Invitation
) -> None:
    Invitation.objects.all().delete()
    with pytest.raises(InvitationGone):
        invitation_accept(invitation=invitation, user=dora)
    household.delete()
    with pytest.raises(InvitationGone):
        invitation_accept(invitation=invitation, user=dora)


def test_accepting_keeps_the_role_one_has(
    bob: User, household: Household, alice: User, invitation: Invitation
) -> None:
    invitation.email = bob.email
    invitation.role = Role.VIEWER
    invitation.save()

    invitation_accept(invitation=invitation, user=bob)
    invitation_accept(invitation=invitation, user=bob)

    assert roles(household)[bob.email] == "editor"


def test_accepting_anothers_is_refused(charlie: User, invitation: Invitation) -> None:
    with pytest.raises(Refused, match=r"dora@example\.org"):
        invitation_accept(invitation=invitation, user=charlie)


def test_too_many_mails_are_refused_and_not_told_as_a_success(
    as_alice: Client, invitation: Invitation, settings: Settings, htmx: dict[str, str]
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"invite": "1/h/user"}
    url = f"/h/alice/settings/invitations/{invitation.pk}/resend/"
    assert as_alice.post(url, headers=htmx).status_code == 200

    refused = as_alice.post(url, headers=htmx)

    assert refused.status_code == 409
    assert "Attendez une heure" in refused.content.decode()


def test_the_form_says_how_long_a_link_really_holds(
    as_alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(household_views, "INVITATION_LIFE", dt.timedelta(days=9))
    page = as_alice.get("/h/alice/settings/invitations/new/").content.decode()

    assert "valable 9\u00a0jours" in page or "valable 9 jours" in page
