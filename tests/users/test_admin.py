"""The back office's pages about people and households."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core import mail
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.services import household_create, invitation_create
from tests.conftest import PASSWORD, SignIn

LISTS = ["user", "household", "membership", "invitation"]


@pytest.fixture
def boss(db: None, sign_in: SignIn) -> Client:
    return sign_in(User.objects.create_superuser("boss@example.org", PASSWORD))


@pytest.fixture
def clerk(db: None, sign_in: SignIn) -> Client:
    """Someone of the staff who may change people, and no more."""
    clerk = User.objects.create_user("clerk@example.org", PASSWORD, is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    return sign_in(clerk)


def act(client: Client, action: str, *users: User) -> str:
    """Run an action of the list of people; returns the page that follows."""
    response = client.post(
        "/admin/users/user/",
        {"action": action, "_selected_action": [user.pk for user in users], "index": "0"},
        follow=True,
    )
    return response.content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_searched_at_a_fixed_cost(
    name: str, boss: Client, household: Household, alice: User
) -> None:
    invitation_create(household=household, email="x@x.org", role=Role.VIEWER, invited_by=alice)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            response = boss.get(f"/admin/users/{name}/", {"q": "e"})
        assert response.status_code == 200
        return len(queries)

    before = cost()
    for number in range(10):
        user = User.objects.create_user(f"extra{number}@example.org")
        home = household_create(name=f"Extra {number}", owner=user)
        invitation_create(household=home, email="e@x.org", role=Role.EDITOR, invited_by=user)
    assert cost() == before


@pytest.mark.parametrize("name", LISTS)
def test_a_search_finds_by_address(name: str, boss: Client, household: Household) -> None:
    Invitation.objects.create(
        household=household, email="alice@example.org", invited_by=User.objects.get(name="Alice")
    )
    found = boss.get(f"/admin/users/{name}/", {"q": "alice@"}).context["cl"].result_list

    assert len(found) == 1
    assert boss.get(f"/admin/users/{name}/", {"q": "alice\x00"}).status_code == 200


def test_members_are_counted_rightly_in_a_search(boss: Client, household: Household) -> None:
    [found] = boss.get("/admin/users/household/", {"q": "example.org"}).context["cl"].result_list

    assert found.people == 3


@pytest.mark.parametrize("page", ["", "{pk}/change/", "{pk}/history/", "add/"])
def test_no_page_shows_a_password(page: str, boss: Client, alice: User) -> None:
    content = boss.get(f"/admin/users/user/{page.format(pk=alice.pk)}").content.decode()

    assert alice.password not in content
    assert "md5$" not in content
    assert 'name="password' not in content


def test_sessions_are_none_of_the_back_offices(boss: Client) -> None:
    assert boss.get("/admin/usersessions/usersession/").status_code == 404


def test_deactivating_ends_sessions_and_spares_oneself(
    boss: Client, alice: User, visitor: Client
) -> None:
    visitor.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
    assert visitor.get("/me/").status_code == 200

    page = act(boss, "deactivate", alice, User.objects.get(email="boss@example.org"))

    assert "1 personne désactivée" in page
    assert visitor.get("/me/").status_code == 302
    act(boss, "activate", alice)
    alice.refresh_from_db()
    assert alice.is_active
    assert visitor.get("/me/").status_code == 302, "the old session stays ended"


def test_unticking_active_ends_sessions_too(boss: Client, alice: User, visitor: Client) -> None:
    visitor.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})
    data = {"email": alice.email, "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    boss.post(f"/admin/users/user/{alice.pk}/change/", data)
    User.objects.filter(pk=alice.pk).update(is_active=True)

    assert visitor.get("/me/").status_code == 302


def test_a_households_page_leads_to_what_it_owns(boss: Client, household: Household) -> None:
    page = boss.get(f"/admin/users/household/{household.pk}/change/").content.decode()

    address = f"/admin/transactions/transaction/?household__id__exact={household.pk}"
    assert address in page
    assert boss.get(address).status_code == 200


def test_a_link_is_sent_in_the_readers_language(boss: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="en")
    User.objects.filter(pk=bob.pk).update(is_active=False)

    page = act(boss, "send_reset", alice, bob)

    assert "1 lien envoyé" in page
    assert [(message.subject, message.to) for message in mail.outbox] == [
        ("Choose another password", ["alice@example.org"])
    ]


def test_staff_cannot_raise_themselves_or_touch_superusers(clerk: Client, alice: User) -> None:
    boss = User.objects.create_superuser("boss@example.org", PASSWORD)
    me = User.objects.get(email="clerk@example.org")
    data = {"email": me.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    data |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}

    assert clerk.post(f"/admin/users/user/{me.pk}/change/", data).status_code == 302
    act(clerk, "deactivate", boss, alice)

    me.refresh_from_db()
    boss.refresh_from_db()
    alice.refresh_from_db()
    assert not me.is_superuser
    assert boss.is_active
    assert not alice.is_active
    refused = clerk.post(f"/admin/users/user/{boss.pk}/change/", data | {"email": "x@x.org"})
    assert refused.status_code == 403


def test_someone_added_has_no_password_until_they_choose_one(boss: Client) -> None:
    data = {"email": "New@Example.org", "is_active": "on"}
    data |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    boss.post("/admin/users/user/add/", data)

    new = User.objects.get(email="new@example.org")
    assert not new.has_usable_password()
    act(boss, "send_reset", new)
    assert mail.outbox[0].to == ["new@example.org"]
    again = boss.post("/admin/users/user/add/", data)
    assert again.status_code == 200, "an address has one account"


def test_a_changed_address_is_to_be_confirmed_anew(boss: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    data = {"email": "alice@example.com", "is_active": "on"}
    data |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    boss.post(f"/admin/users/user/{alice.pk}/change/", data)

    address = EmailAddress.objects.get(user=alice)
    assert (address.email, address.verified) == ("alice@example.com", False)


def test_people_are_not_deleted(boss: Client, alice: User) -> None:
    assert boss.post(f"/admin/users/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_household_keeps_an_owner_here_too(boss: Client, household: Household) -> None:
    owner = Membership.objects.get(household=household, role=Role.OWNER)
    url = f"/admin/users/membership/{owner.pk}"

    changed = boss.post(f"{url}/change/", {"role": "viewer"}, follow=True)
    deleted = boss.post(f"{url}/delete/", {"post": "yes"}, follow=True)
    boss.post(
        "/admin/users/membership/",
        {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"},
    )

    for response in (changed, deleted):
        assert "au moins un propriétaire" in response.content.decode()
    owner.refresh_from_db()
    assert owner.role == Role.OWNER


def test_memberships_are_added_changed_and_removed(
    boss: Client, household: Household, bob: User
) -> None:
    dora = User.objects.create_user("dora@example.org")
    page = "/admin/users/membership/"
    boss.post(f"{page}add/", {"user": dora.pk, "household": household.pk, "role": "viewer"})
    added = Membership.objects.get(user=dora)
    boss.post(f"{page}{added.pk}/change/", {"role": "editor"})
    added.refresh_from_db()
    assert added.role == Role.EDITOR
    boss.post(f"{page}{added.pk}/delete/", {"post": "yes"})
    assert not Membership.objects.filter(user=dora).exists()
    others = Membership.objects.exclude(role=Role.OWNER)
    boss.post(
        page,
        {
            "action": "delete_selected",
            "_selected_action": list(others.values_list("pk", flat=True)),
            "post": "yes",
        },
    )
    assert household.memberships.count() == 1


def test_a_household_is_renamed_and_deleted_and_not_added(
    boss: Client, household: Household
) -> None:
    url = f"/admin/users/household/{household.pk}"
    data = {"name": "Renamed", "currency": "CHF", "month_start_day": "5"}
    data |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    boss.post(f"{url}/change/", data)
    household.refresh_from_db()
    assert (household.name, household.currency, household.slug) == ("Renamed", "CHF", "alice")

    assert boss.get("/admin/users/household/add/").status_code == 403
    boss.post(f"{url}/delete/", {"post": "yes"})
    assert not Household.objects.exists()


def test_the_way_in_is_the_sites_own(visitor: Client, as_alice: Client) -> None:
    response = visitor.get("/admin/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"

    assert as_alice.get("/admin/", follow=True).status_code == 403
    assert as_alice.get("/admin/users/user/", follow=True).status_code == 403


@pytest.mark.parametrize("chosen", ["abc", "", "1e3", "-1", "9" * 40, "\x00", "1' or 1"])
@pytest.mark.parametrize(
    "model",
    list(admin.site._registry),
    ids=lambda model: model._meta.label_lower,
)
def test_an_action_on_what_is_no_row_is_answered(
    model: type[Model], chosen: str, boss: Client
) -> None:
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    response = boss.post(
        url, {"action": "delete_selected", "_selected_action": [chosen], "index": "0"}, follow=True
    )
    assert response.status_code == 200
