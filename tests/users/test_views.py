"""Pages outside any household: the way in, oneself, one's households."""

import uuid

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.categories.models import Category
from budget.core.tenancy import household_scope
from budget.users.devices import device_name
from budget.users.models import Household, Membership, Role, User
from budget.users.services import household_create, invitation_create
from tests.conftest import PASSWORD, SignIn

# The way in


def test_a_visitor_is_asked_in(visitor: Client) -> None:
    assert visitor.get("/")["Location"] == "/accounts/login/"


def test_home_is_the_last_household_seen(as_alice: Client, alice: User) -> None:
    assert as_alice.get("/")["Location"] == "/h/alice/"
    other = household_create(name="Aaa", slug="aaa", owner=alice)
    as_alice.get("/h/alice/settings/")
    assert as_alice.get("/")["Location"] == "/h/alice/"
    as_alice.get("/h/aaa/settings/")
    assert as_alice.get("/")["Location"] == "/h/aaa/"

    Membership.objects.filter(household=other).delete()
    assert as_alice.get("/")["Location"] == "/h/alice/"


def test_without_a_household_home_offers_to_make_one(sign_in: SignIn, bob: User) -> None:
    client = sign_in(bob)

    assert client.get("/")["Location"] == "/households/new/"
    assert client.get("/households/new/").status_code == 200


# Oneself


def test_name_and_language_are_kept_and_read_at_once(as_alice: Client, alice: User) -> None:
    response = as_alice.post("/me/", {"name": "  Alice \n Liddell ", "language": "en"}, follow=True)

    alice.refresh_from_db()
    assert (alice.name, alice.language) == ("Alice Liddell", "en")
    assert response["Content-Language"] == "en"
    assert "Your preferences are saved." in response.content.decode()
    assert as_alice.get("/h/nobody/")["Content-Language"] == "en", "errors follow as well"
    as_alice.post("/me/", {"name": "", "language": ""})
    assert as_alice.get("/me/")["Content-Language"] == "fr"


@pytest.mark.parametrize(
    "data",
    [
        {"name": "x" * 81, "language": ""},
        {"name": "x" * 10_000, "language": ""},
        {"name": "a\x00b", "language": ""},
        {"name": "Alice", "language": "de"},
        {"name": "Alice", "language": "<script>"},
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(
    data: dict[str, str], as_alice: Client, alice: User
) -> None:
    response = as_alice.post("/me/", data)

    assert response.status_code == 422
    assert response.context["form"].errors
    alice.refresh_from_db()
    assert alice.name == "Alice"
    assert "<h1>" in response.content.decode()


@pytest.mark.parametrize(
    "name", ['<script>alert("x")</script>', "O'Brien & “Co”", "🙂", "\u202eabc"]
)
def test_any_name_is_shown_as_it_is_and_runs_nothing(name: str, as_alice: Client) -> None:
    as_alice.post("/me/", {"name": name, "language": ""})

    page = as_alice.get("/h/alice/settings/").content.decode()
    assert "<script>alert" not in page
    assert as_alice.get("/me/").context["form"]["name"].value() == name


def test_language_comes_from_preference_then_browser_then_french(
    alice: User, sign_in: SignIn
) -> None:
    assert (
        Client(headers={"accept-language": "en-GB"}).get("/accounts/login/")["Content-Language"]
        == "en"
    )
    for unknown in ("de", "", "x-none;q=zzz"):
        page = Client(headers={"accept-language": unknown}).get("/accounts/login/")
        assert page["Content-Language"] == "fr"
        assert '<html lang="fr"' in page.content.decode()
    User.objects.filter(pk=alice.pk).update(language="en")
    page = sign_in(alice).get("/me/")
    assert page["Content-Language"] == "en"
    assert '<html lang="en"' in page.content.decode()


def test_whether_the_address_is_confirmed_is_shown(as_alice: Client, alice: User) -> None:
    assert "Pas encore confirmée" in as_alice.get("/me/").content.decode()
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    assert "Pas encore confirmée" not in as_alice.get("/me/").content.decode()


def test_oneself_costs_the_same_whatever_there_is(as_alice: Client, alice: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert as_alice.get("/me/").status_code == 200
        return len(queries)

    signed_in(alice)
    before = cost()
    for number in range(4):
        household_create(name=f"Home {number}", owner=alice)
        signed_in(alice)
    assert cost() == before <= 12


# Where one is signed in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def signed_in(user: User, agent: str = FIREFOX) -> Client:
    """A client that has come in by the login page, as `force_login` leaves no trace."""
    client = Client(headers={"accept-language": "fr", "user-agent": agent})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert client.get("/me/").status_code == 200
    return client


def test_devices_are_named_and_this_one_comes_first(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice, IPHONE)

    devices = here.get("/me/").context["devices"]

    assert [(device.name, device.current, device.small) for device in devices] == [
        ("Firefox, Linux", True, False),
        ("Safari, iPhone", False, True),
    ]
    assert there.get("/me/").context["devices"][0].name == "Safari, iPhone"


def test_signing_out_everywhere_else_leaves_this_device(alice: User, bob: User) -> None:
    here, there, bobs = signed_in(alice), signed_in(alice), signed_in(bob)

    response = here.post("/accounts/sessions/", follow=True)

    assert "déconnecté partout ailleurs" in response.content.decode()
    assert there.get("/me/").status_code == 302
    assert here.get("/me/").status_code == 200
    assert len(here.get("/me/").context["devices"]) == 1
    assert bobs.get("/me/").status_code == 200


def test_signing_out_everywhere_leaves_none(alice: User, bob: User) -> None:
    here, there, bobs = signed_in(alice), signed_in(alice), signed_in(bob)

    response = here.post("/accounts/sessions/", {"everywhere": "1"}, follow=True)

    assert "déconnecté partout" in response.content.decode()
    assert here.get("/me/").status_code == 302
    assert there.get("/me/").status_code == 302
    assert not UserSession.objects.filter(user=alice).exists()
    assert bobs.get("/me/").status_code == 200


def test_what_no_longer_lets_in_is_not_listed(alice: User) -> None:
    here, expired, stale = signed_in(alice), signed_in(alice), signed_in(alice)
    Session.objects.filter(pk=expired.session.session_key).update(
        expire_date="2020-01-01T00:00:00Z"
    )
    session = stale.session
    session["_auth_user_hash"] = "of a password before this one"
    session.save()

    assert len(here.get("/me/").context["devices"]) == 1


def test_the_address_of_sessions_leads_to_ones_page(as_alice: Client, visitor: Client) -> None:
    assert as_alice.get("/accounts/sessions/")["Location"] == "/me/#devices"
    assert visitor.post("/accounts/sessions/").status_code == 302


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537 Edg/140",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/18 Safari/605", "Safari, macOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile Safari", "Chrome, Android"),
        ("curl/8.1", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
    ],
)
def test_browsers_are_recognised(agent: str, name: str) -> None:
    assert device_name(agent) == name


# One's households


def test_another_household_is_made_with_its_categories_in_a_chosen_language(
    as_alice: Client, alice: User
) -> None:
    data = {"name": " Les  jardins ", "currency": "CHF", "month_start_day": "25", "language": "en"}
    assert as_alice.get("/households/new/").status_code == 200
    response = as_alice.post("/households/new/", data)

    made = Household.objects.get(name="Les jardins")
    assert response["Location"] == f"/h/{made.slug}/"
    assert made.slug.startswith("les-jardins-")
    assert (made.currency, made.month_start_day) == ("CHF", 25)
    assert made.memberships.get().user == alice
    assert made.memberships.get().role == Role.OWNER
    with household_scope(made):
        assert Category.objects.count() == 10
        assert not Category.objects.filter(name="Alimentation").exists()


def test_a_household_made_from_the_dialog_is_gone_to(
    as_alice: Client, htmx: dict[str, str]
) -> None:
    form = as_alice.get("/households/new/", headers=htmx)
    assert "<html" not in form.content.decode()
    data = {"name": "Deux", "currency": "EUR", "month_start_day": "1", "language": "fr"}
    response = as_alice.post("/households/new/", data, headers=htmx)

    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/h/deux-")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 10_000),
        ("name", "a\x00b"),
        ("currency", "XYZ"),
        ("currency", "eur"),
        ("currency", ""),
        ("month_start_day", "0"),
        ("month_start_day", "29"),
        ("month_start_day", "1e3"),
        ("month_start_day", "-1"),
        ("month_start_day", "x"),
        ("language", "de"),
    ],
)
def test_an_impossible_household_is_refused_beside_the_field(
    field: str, value: str, as_alice: Client
) -> None:
    data = {"name": "Deux", "currency": "EUR", "month_start_day": "1", "language": "fr"}
    response = as_alice.post("/households/new/", data | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Household.objects.count() == 1


@pytest.mark.parametrize("name", ["漢字", "!!!", "Été & Cie", "<b>", "\u202eabc", "🙂"])
def test_any_name_makes_an_address(name: str, as_alice: Client) -> None:
    data = {"name": name, "currency": "EUR", "month_start_day": "1", "language": "fr"}
    response = as_alice.post("/households/new/", data)

    assert as_alice.get(f"{response['Location']}settings/").status_code == 200


def test_a_viewer_may_leave(vera: User, household: Household, sign_in: SignIn) -> None:
    client = sign_in(vera)
    url = "/me/households/alice/leave/"
    assert "Chez Alice" in client.get(url).content.decode()
    response = client.post(url, follow=True)

    assert "Vous avez quitté «\u00a0Chez Alice\u00a0»" in response.content.decode()
    assert not Membership.objects.filter(user=vera).exists()
    assert client.get("/h/alice/settings/").status_code == 404


def test_the_last_owner_stays(as_alice: Client, alice: User, htmx: dict[str, str]) -> None:
    response = as_alice.post("/me/households/alice/leave/", headers=htmx)

    assert response.status_code == 409
    assert "au moins un propriétaire" in response.content.decode()
    assert Membership.objects.filter(user=alice).exists()


@pytest.mark.parametrize("slug", ["charlie", "nobody", "x" * 500])
def test_one_leaves_only_ones_own(slug: str, as_alice: Client, charlie: User) -> None:
    assert as_alice.get(f"/me/households/{slug}/leave/").status_code == 404
    assert as_alice.post(f"/me/households/{slug}/leave/").status_code == 404


def test_invitations_wait_on_ones_page_once_the_address_is_proven(
    household: Household, alice: User, charlie: User, sign_in: SignIn
) -> None:
    invitation_create(household=household, email=charlie.email, role=Role.VIEWER, invited_by=alice)
    client = sign_in(charlie)
    for page in ("/me/", "/households/new/"):
        assert "Chez Alice" not in client.get(page).content.decode()
    EmailAddress.objects.create(user=charlie, email=charlie.email, verified=True, primary=True)
    for page in ("/me/", "/households/new/"):
        assert "Chez Alice" in client.get(page).content.decode()


def test_a_household_that_is_sent_twice_is_made_once(as_alice: Client, alice: User) -> None:
    page = as_alice.get("/households/new/").content.decode()
    assert 'name="submission" value="' in page
    key = {"submission": str(uuid.uuid4())}
    data = {"name": "Colocation", "currency": "EUR", "month_start_day": "1", "language": "fr"}

    first = as_alice.post("/households/new/", data | key)
    second = as_alice.post("/households/new/", data | key)

    assert first["Location"] == second["Location"]
    assert alice.households.filter(name="Colocation").count() == 1
    as_alice.post("/households/new/", data | {"submission": "x"})
    assert alice.households.filter(name="Colocation").count() == 2


def test_a_key_is_its_founders_own(as_alice: Client, sign_in: SignIn, bob: User) -> None:
    data = {"name": "Colocation", "currency": "EUR", "month_start_day": "1", "language": "fr"}
    data |= {"submission": str(uuid.uuid4())}
    as_alice.post("/households/new/", data)
    sign_in(bob).post("/households/new/", data)

    assert bob.households.filter(name="Colocation").count() == 1
    assert Household.objects.filter(name="Colocation").count() == 2
