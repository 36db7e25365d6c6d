"""A household's settings: who may look, who may change, and its end."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.core.tenancy import household_scope
from budget.users.models import Household, Membership, Role, User
from budget.users.services import invitation_create
from tests.conftest import SignIn
from tests.ledger import earn, spend

DAY = dt.date(2026, 11, 3)
GOOD = {"name": "Chez nous", "currency": "CHF", "month_start_day": "25"}

Member = Callable[[User], Membership]


@pytest.fixture
def member(household: Household) -> Member:
    return lambda user: Membership.objects.get(household=household, user=user)


# Who may


@pytest.mark.parametrize(
    ("path", "owner", "others"),
    [
        ("", 200, 200),
        ("export/", 200, 200),
        ("delete/", 200, 403),
        ("invitations/new/", 200, 403),
        ("members/{bob}/", 200, 403),
        ("members/{bob}/remove/", 200, 403),
    ],
)
def test_everyone_looks_and_owners_change(
    path: str,
    owner: int,
    others: int,
    alice: User,
    bob: User,
    vera: User,
    charlie: User,
    member: Member,
    sign_in: SignIn,
    visitor: Client,
) -> None:
    url = f"/h/alice/settings/{path.format(bob=member(bob).pk)}"
    assert sign_in(alice).get(url).status_code == owner
    assert sign_in(bob).get(url).status_code == others
    assert sign_in(vera).get(url).status_code == others
    assert sign_in(charlie).get(url).status_code == 404
    assert visitor.get(url).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "",
        "delete/",
        "invitations/new/",
        "invitations/{invitation}/resend/",
        "invitations/{invitation}/revoke/",
        "members/{bob}/",
        "members/{bob}/remove/",
    ],
)
def test_only_owners_write(
    path: str,
    alice: User,
    bob: User,
    vera: User,
    charlie: User,
    household: Household,
    member: Member,
    sign_in: SignIn,
) -> None:
    invitation = invitation_create(
        household=household, email="x@x.org", role=Role.VIEWER, invited_by=alice
    )
    url = f"/h/alice/settings/{path.format(bob=member(bob).pk, invitation=invitation.pk)}"
    data = GOOD | {"role": "owner", "email": "y@y.org"}
    for user, status in ((bob, 403), (vera, 403), (charlie, 404)):
        assert sign_in(user).post(url, data).status_code == status
    household.refresh_from_db()
    invitation.refresh_from_db()
    assert household.name == "Chez Alice"
    assert member(bob).role == Role.EDITOR


def test_a_viewer_sees_no_controls(vera: User, household: Household, sign_in: SignIn) -> None:
    page = sign_in(vera).get("/h/alice/settings/").content.decode()

    assert "Chez Alice" in page
    assert "Euro (EUR)" in page
    assert 'name="currency"' not in page
    assert "/members/" not in page
    assert "/settings/delete/" not in page
    assert "/settings/export/" in page
    assert "/me/households/alice/leave/" in page


def test_settings_cost_the_same_whoever_belongs(
    as_alice: Client, alice: User, household: Household
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert as_alice.get("/h/alice/settings/").status_code == 200
        return len(queries)

    as_alice.get("/h/alice/settings/")
    before = cost()
    for number in range(6):
        user = User.objects.create_user(f"extra{number}@example.org")
        Membership.objects.create(household=household, user=user, role=Role.VIEWER)
        invitation_create(
            household=household, email=f"i{number}@x.org", role=Role.VIEWER, invited_by=alice
        )
    assert cost() == before <= 12


# Name, currency, first day of the month


def test_changes_are_kept(as_alice: Client, household: Household) -> None:
    response = as_alice.post("/h/alice/settings/", GOOD, follow=True)

    household.refresh_from_db()
    assert (household.name, household.currency, household.month_start_day) == (
        "Chez nous",
        "CHF",
        25,
    )
    assert household.slug == "alice", "bookmarks keep working"
    assert "Le foyer est enregistré." in response.content.decode()
    assert "Franc suisse (CHF)" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "\x00"),
        ("currency", "ZZZ"),
        ("month_start_day", "29"),
        ("month_start_day", "0"),
        ("month_start_day", ""),
    ],
)
def test_what_cannot_be_is_said_and_stays_typed(
    field: str, value: str, as_alice: Client, household: Household
) -> None:
    response = as_alice.post("/h/alice/settings/", GOOD | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    household.refresh_from_db()
    assert household.currency == "EUR"
    assert "Chez Alice" in response.content.decode(), "the frame shows what is, not what was typed"


def test_an_unusual_currency_stays_among_the_choices(
    as_alice: Client, household: Household
) -> None:
    Household.objects.update(currency="XAG")
    form = as_alice.get("/h/alice/settings/").context["form"]

    codes = [code for code, _ in form.fields["currency"].choices]
    assert codes[0] == "EUR"
    assert "XAG" in codes


def test_currencies_are_named_in_the_readers_language(as_alice: Client) -> None:
    choices = as_alice.get("/h/alice/settings/").context["form"].fields["currency"].choices

    assert choices[0] == ("EUR", "Euro (EUR)")
    assert ("USD", "Dollar des États-Unis (USD)") in choices
    names = [name for _, name in choices[1:]]
    assert names == sorted(names, key=lambda name: name.casefold().replace("é", "e"))


def test_the_months_first_day_waits_for_closed_months(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        earn(100, dt.date(2025, 1, 10))
    call_command("archive_months", household="alice")

    response = as_alice.post("/h/alice/settings/", GOOD)

    assert response.status_code == 409
    assert "month_start_day" in response.context["form"].errors
    household.refresh_from_db()
    assert (household.name, household.month_start_day) == ("Chez Alice", 1)
    assert as_alice.post("/h/alice/settings/", GOOD | {"month_start_day": "1"}).status_code == 302


# Members


def test_a_role_is_changed(
    as_alice: Client, bob: User, member: Member, htmx: dict[str, str]
) -> None:
    url = f"/h/alice/settings/members/{member(bob).pk}/"
    form = as_alice.get(url, headers=htmx).content.decode()
    assert "<html" not in form
    assert 'value="editor"' in form
    response = as_alice.post(url, {"role": "viewer"}, headers=htmx)

    assert "dialog-close" in response["HX-Trigger"]
    assert "Nouveau rôle de Bob" in response.content.decode()
    assert member(bob).role == Role.VIEWER


@pytest.mark.parametrize("role", ["", "boss", "<script>"])
def test_an_unknown_role_is_refused(role: str, as_alice: Client, bob: User, member: Member) -> None:
    response = as_alice.post(f"/h/alice/settings/members/{member(bob).pk}/", {"role": role})

    assert response.status_code == 422
    assert member(bob).role == Role.EDITOR


def test_the_last_owner_remains_one(as_alice: Client, alice: User, member: Member) -> None:
    url = f"/h/alice/settings/members/{member(alice).pk}/"
    for response in (as_alice.post(url, {"role": "viewer"}), as_alice.post(f"{url}remove/")):
        assert response.status_code == 409
        assert "au moins un propriétaire" in response.content.decode()
    assert member(alice).role == Role.OWNER


def test_with_another_owner_one_may_step_back_or_go(
    as_alice: Client, alice: User, bob: User, member: Member
) -> None:
    as_alice.post(f"/h/alice/settings/members/{member(bob).pk}/", {"role": "owner"})
    response = as_alice.post(f"/h/alice/settings/members/{member(alice).pk}/remove/")

    assert response["Location"] == "/"
    assert not Membership.objects.filter(user=alice).exists()
    assert as_alice.get("/h/alice/settings/").status_code == 404


def test_a_member_is_removed_and_what_they_entered_stays(
    as_alice: Client, bob: User, household: Household, sign_in: SignIn, member: Member
) -> None:
    url = f"/h/alice/settings/members/{member(bob).pk}/remove/"
    assert "Bob ne verra plus" in as_alice.get(url).content.decode()
    response = as_alice.post(url, follow=True)

    assert "Bob ne fait plus partie du foyer." in response.content.decode()
    assert sign_in(bob).get("/h/alice/settings/").status_code == 404
    assert as_alice.post(url).status_code == 404, "a second click finds nobody"


def test_members_of_another_household_are_out_of_reach(as_alice: Client, charlie: User) -> None:
    theirs = Membership.objects.get(user=charlie)
    for pk in (theirs.pk, 0, 10**17):
        assert as_alice.get(f"/h/alice/settings/members/{pk}/").status_code == 404
        assert as_alice.post(f"/h/alice/settings/members/{pk}/remove/").status_code == 404
    for strange in ("9" * 40, "-1", "abc", "1e3"):
        assert as_alice.get(f"/h/alice/settings/members/{strange}/").status_code == 404
    assert Membership.objects.filter(pk=theirs.pk).exists()


# Its data, and its end


def test_everything_is_downloaded_as_one_file(
    vera: User, household: Household, sign_in: SignIn
) -> None:
    with household_scope(household):
        spend("45.90", DAY, description="Pain")

    response = sign_in(vera).get("/h/alice/settings/export/")

    assert response["Content-Type"] == "application/json"
    today = dt.date.today().isoformat()  # noqa: DTZ011 - the name carries the local day
    assert response["Content-Disposition"] == (
        f'attachment; filename="budgeometre-alice-{today}.json"'
    )
    content = json.loads(response.getvalue())
    assert content["household"]["slug"] == "alice"
    assert [each["email"] for each in content["members"]] == [
        "alice@example.org",
        "bob@example.org",
        "vera@example.org",
    ]
    assert content["transactions.transaction"][0]["amount"] == "45.90"


def test_deleting_says_what_is_lost_and_asks_for_the_name(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        spend(10, DAY)
        spend(20, DAY)
    page = as_alice.get("/h/alice/settings/delete/").content.decode()
    assert "2 transactions" in page
    assert "10 catégories" in page

    for wrong in ("", "Chez", "Chez Alic", "x" * 5000, "\x00"):
        response = as_alice.post("/h/alice/settings/delete/", {"name": wrong})
        assert response.status_code == 422
    assert Household.objects.filter(pk=household.pk).exists()


def test_a_household_goes_with_everything_in_it(
    as_alice: Client, household: Household, charlie: User, htmx: dict[str, str]
) -> None:
    with household_scope(household):
        earn(100, dt.date(2025, 1, 10))
        spend(10, DAY)
    call_command("archive_months", household="alice")

    response = as_alice.post("/h/alice/settings/delete/", {"name": " chez  ALICE "}, headers=htmx)

    assert response["HX-Redirect"] == "/"
    assert list(Household.objects.values_list("slug", flat=True)) == ["charlie"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('budget.backoffice', 'on', true)")
        cursor.execute("SELECT count(*) FROM transactions_transaction")
        assert cursor.fetchone() == (0,)
    assert as_alice.get("/h/alice/settings/").status_code == 404
    assert as_alice.get("/")["Location"] == "/households/new/"
    assert "supprimé" in as_alice.get("/households/new/").content.decode()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Été à Genève", "ete a geneve"),
        ("Ete a Geneve", "ÉTÉ À GENÈVE"),
        ("Große Straße", "GROSSE STRASSE"),
        ("L’appart", "l'appart"),
    ],
)
def test_neither_accents_nor_case_matter_in_the_name_typed_to_confirm(
    as_alice: Client, household: Household, name: str, typed: str
) -> None:
    Household.objects.filter(pk=household.pk).update(name=name)

    assert as_alice.post("/h/alice/settings/delete/", {"name": typed}).status_code == 302
