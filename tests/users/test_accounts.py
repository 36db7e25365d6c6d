"""Signing up, in and out, and the ways back in."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from pytest_django import Settings

from budget.categories.models import Category
from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.conftest import PASSWORD, SignIn
from tests.users.conftest import link_in

NEW = "a fresh pair of shoes"


def sign_up(client: Client, email: str = "new@example.org", **more: str) -> None:
    response = client.post("/accounts/signup/", {"email": email, "password1": NEW, **more})
    assert response.status_code == 302, response.context["form"].errors


def test_signing_up_makes_a_household_in_the_browsers_language(visitor: Client) -> None:
    sign_up(visitor)

    home = Household.objects.get()
    assert home.memberships.get().user.email == "new@example.org"
    assert home.memberships.get().role == "owner"
    assert home.name == "Mon foyer"
    response = visitor.get("/")
    assert response["Location"] == f"/h/{home.slug}/"
    with household_scope(home):
        assert Category.objects.filter(name="Alimentation").count() == 1
        assert Category.objects.count() == 10


def test_signing_up_in_english_names_things_in_english(db: None) -> None:
    sign_up(Client(headers={"accept-language": "en"}))

    assert Household.objects.get().name == "My household"


def test_a_welcome_mail_confirms_the_address(visitor: Client) -> None:
    sign_up(visitor)

    [message] = mail.outbox
    assert message.subject == "Bienvenue\u00a0! Confirmez votre adresse e-mail"
    page = visitor.get(link_in(message))
    assert page.status_code == 200
    visitor.post(link_in(message))
    assert EmailAddress.objects.get().verified


def test_a_mail_that_could_not_leave_is_not_said_to_be_sent(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    response = visitor.post(
        "/accounts/signup/", {"email": "new@example.org", "password1": NEW}, follow=True
    )

    said = [str(message) for message in response.context["messages"]]
    assert any("n’a pas pu partir" in each for each in said)
    assert not any("new@example.org" in each for each in said), said


def test_an_address_has_one_account(visitor: Client, alice: User) -> None:
    response = visitor.post("/accounts/signup/", {"email": "Alice@Example.org", "password1": NEW})

    assert response.context["form"].errors["email"]
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["", "short", "password", "12345678901", "new@example.org"])
def test_a_weak_password_is_refused_beside_its_field(visitor: Client, password: str) -> None:
    response = visitor.post(
        "/accounts/signup/", {"email": "new@example.org", "password1": password}
    )

    assert response.context["form"].errors["password1"]
    assert not User.objects.exists()
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a" * 300 + "@example.org", "x\x00@example.org", "<s>@x.org"]
)
def test_what_is_no_address_is_refused(visitor: Client, email: str) -> None:
    response = visitor.post("/accounts/signup/", {"email": email, "password1": NEW})

    assert response.context["form"].errors["email"]
    assert not User.objects.exists()


def test_signing_in_leads_to_the_household(visitor: Client, household: Household) -> None:
    response = visitor.post(
        "/accounts/login/", {"login": "alice@example.org", "password": PASSWORD, "remember": "on"}
    )

    assert response["Location"] == "/"
    assert visitor.get("/")["Location"] == "/h/alice/"


def test_signing_in_leads_back_to_where_one_was_going(visitor: Client, alice: User) -> None:
    asked = visitor.get("/me/")
    assert asked["Location"] == "/accounts/login/?next=/me/"
    page = visitor.get(asked["Location"])
    assert b'name="next" value="/me/"' in page.content
    response = visitor.post(
        "/accounts/login/", {"login": "alice@example.org", "password": PASSWORD, "next": "/me/"}
    )
    assert response["Location"] == "/me/"


def test_signing_in_never_leads_to_another_site(visitor: Client, alice: User) -> None:
    response = visitor.post(
        "/accounts/login/",
        {"login": "alice@example.org", "password": PASSWORD, "next": "https://evil.example/"},
    )

    assert response["Location"] == "/"


def test_without_staying_signed_in_the_session_ends_with_the_browser(
    visitor: Client, alice: User
) -> None:
    visitor.post("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD})

    assert visitor.session.get_expire_at_browser_close()


def test_a_wrong_password_says_so_and_keeps_the_address(visitor: Client, alice: User) -> None:
    response = visitor.post("/accounts/login/", {"login": "alice@example.org", "password": "wrong"})

    assert response.context["form"].non_field_errors()
    assert b'value="alice@example.org"' in response.content


def test_guessing_passwords_is_slowed_down(visitor: Client, alice: User) -> None:
    for _ in range(6):
        response = visitor.post(
            "/accounts/login/", {"login": "alice@example.org", "password": "wrong"}
        )
    assert "Trop" in str(response.context["form"].non_field_errors())

    for _ in range(30):
        response = visitor.post("/accounts/login/", {"login": "a@example.org", "password": "x"})
    assert response.status_code == 429
    assert "Un instant" in response.content.decode()


def test_a_deactivated_person_is_out_at_once_and_told_why(
    as_alice: Client, alice: User, visitor: Client
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert as_alice.get("/me/")["Location"].startswith("/accounts/login/")
    response = visitor.post(
        "/accounts/login/", {"login": "alice@example.org", "password": PASSWORD}, follow=True
    )
    assert not response.wsgi_request.user.is_authenticated


def test_signing_out(as_alice: Client) -> None:
    assert as_alice.get("/accounts/logout/").status_code == 200
    response = as_alice.post("/accounts/logout/")

    assert response["Location"] == "/accounts/login/"
    assert as_alice.get("/me/").status_code == 302


# A forgotten password


def test_the_four_steps_to_another_password(visitor: Client, alice: User, sign_in: SignIn) -> None:
    elsewhere = sign_in(alice)
    assert visitor.get("/accounts/password/reset/").status_code == 200
    asked = visitor.post("/accounts/password/reset/", {"email": "alice@example.org"})
    assert visitor.get(asked["Location"]).status_code == 200
    [message] = mail.outbox
    assert message.subject == "Choisissez un autre mot de passe"
    assert message.to == ["alice@example.org"]

    form = visitor.get(link_in(message), follow=True)
    url = form.redirect_chain[-1][0]
    assert visitor.post(url, {"password1": "x", "password2": "x"}).context["form"].errors
    done = visitor.post(url, {"password1": NEW, "password2": NEW})
    assert visitor.get(done["Location"]).status_code == 200

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert elsewhere.get("/me/").status_code == 302, "other sessions have ended"
    assert mail.outbox[1].subject == "Votre mot de passe a changé"
    used = visitor.get(link_in(message))
    assert "Ce lien ne sert plus" in used.content.decode()


@pytest.mark.parametrize("key", ["1-abc", "zzzzzzzzzzzzz-abc", "x-set-password", "0-a/b"])
def test_a_link_that_never_was_says_so(visitor: Client, key: str) -> None:
    response = visitor.get(f"/accounts/password/reset/key/{key}/")

    assert response.status_code == 200
    assert "Ce lien ne sert plus" in response.content.decode()


def test_an_unknown_address_gets_no_different_answer(visitor: Client) -> None:
    response = visitor.post("/accounts/password/reset/", {"email": "nobody@example.org"})

    assert response["Location"] == "/accounts/password/reset/done/"
    assert mail.outbox[0].subject == "Pas de compte avec cette adresse"


def test_a_mail_is_in_its_readers_language(visitor: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="en")
    visitor.post("/accounts/password/reset/", {"email": "alice@example.org"})

    assert mail.outbox[0].subject == "Choose another password"
    assert str(mail.outbox[0].body).startswith("Hello,")


def test_a_mail_server_that_is_down_breaks_no_page(
    visitor: Client, alice: User, settings: Settings
) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 1},
        }
    }

    response = visitor.post(
        "/accounts/password/reset/", {"email": "alice@example.org"}, follow=True
    )

    assert response.status_code == 200
    assert "n’a pas pu partir" in response.content.decode()


# What one changes when signed in


def test_changing_the_password_keeps_this_session_only(
    as_alice: Client, alice: User, sign_in: SignIn
) -> None:
    elsewhere = sign_in(alice)
    data = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert as_alice.get("/accounts/password/change/").status_code == 200
    as_alice.post("/accounts/password/change/", data, REMOTE_ADDR="203.0.113.7")

    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert as_alice.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert "203.0.113.7" in str(mail.outbox[0].body)


def test_a_new_address_is_asked_a_password_for_and_counts_once_confirmed(
    as_alice: Client, alice: User
) -> None:
    assert as_alice.get("/accounts/email/").status_code == 200
    asked = as_alice.post("/accounts/email/", {"action_add": "", "email": "alice@example.com"})
    assert "Votre mot de passe" in as_alice.get(asked["Location"]).content.decode()
    assert not mail.outbox
    wrong = as_alice.post(asked["Location"], {"password": "wrong"})
    assert wrong.context["form"].errors["password"]

    as_alice.post(asked["Location"], {"password": PASSWORD})

    assert "alice@example.com" in as_alice.get("/accounts/email/").content.decode()
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    as_alice.post(link_in(mail.outbox[-1]))
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def change_to(client: Client, email: str) -> None:
    asked = client.post("/accounts/email/", {"action_add": "", "email": email})
    client.post(asked["Location"], {"password": PASSWORD})


def test_a_change_of_address_can_be_given_up(as_alice: Client, alice: User) -> None:
    change_to(as_alice, "first@example.com")
    change_to(as_alice, "second@example.com")
    assert EmailAddress.objects.filter(email="first@example.com").count() == 0

    as_alice.post("/accounts/email/", {"action_remove": "", "email": "second@example.com"})

    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    assert "ne fait plus partie" in as_alice.get("/accounts/email/").content.decode()
    assert "second@example.com" not in as_alice.get("/accounts/email/").content.decode()


def test_the_address_one_signs_in_with_cannot_be_removed(as_alice: Client, alice: User) -> None:
    change_to(as_alice, "second@example.com")

    as_alice.post("/accounts/email/", {"action_remove": "", "email": "alice@example.org"})

    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_another_persons_address_cannot_be_taken(as_alice: Client, alice: User, bob: User) -> None:
    asked = as_alice.post("/accounts/email/", {"action_add": "", "email": "bob@example.org"})
    assert asked.context["form"].errors["email"]

    # Nor by whoever signs up with it between the mail and the click.
    change_to(as_alice, "dora@example.org")
    User.objects.create_user("dora@example.org", PASSWORD)
    response = as_alice.post(link_in(mail.outbox[-1]))
    assert response.status_code == 302
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_where_addresses_must_be_confirmed_first_they_are(
    visitor: Client, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    sent = visitor.post("/accounts/signup/", {"email": "new@example.org", "password1": NEW})
    assert "Ouvrez-le" in visitor.get(sent["Location"]).content.decode()
    assert visitor.get("/me/").status_code == 302
    visitor.post("/accounts/login/", {"login": "new@example.org", "password": NEW})
    assert visitor.get("/me/").status_code == 302

    visitor.post(link_in(mail.outbox[0]))

    visitor.post("/accounts/login/", {"login": "new@example.org", "password": NEW})
    assert visitor.get("/me/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "login/",
        "signup/",
        "logout/",
        "inactive/",
        "reauthenticate/",
        "email/",
        "confirm-email/",
        "confirm-email/nonsense/",
        "password/change/",
        "password/set/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "login/code/confirm/",
        "sessions/",
    ],
)
def test_every_page_of_accounts_is_in_our_frame(
    path: str, visitor: Client, as_alice: Client
) -> None:
    for client in (visitor, as_alice):
        response = client.get(f"/accounts/{path}", follow=True)
        assert response.status_code == 200
        assert '<main id="main"' in response.content.decode()
        assert "budgeometre.css" in response.content.decode()


def test_where_addresses_are_confirmed_signing_up_does_not_tell_who_has_an_account(
    settings: Settings, alice: User
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    answers = []
    for email in ("new@example.org", alice.email):
        visitor = Client(headers={"accept-language": "fr"})
        response = visitor.post("/accounts/signup/", {"email": email, "password1": NEW})
        page = visitor.get(response["Location"]).content.decode().replace(email, "")
        answers.append((response.status_code, response["Location"], "Ouvrez-le" in page))

    assert answers[0] == answers[1]
    assert User.objects.filter(email=alice.email).count() == 1
    assert mail.outbox[1].to == [alice.email]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("login/", {"login": "alice@example.org", "password": "wrong"}),
        ("signup/", {"email": "nobody", "password1": "x"}),
        ("password/reset/", {"email": "nobody"}),
    ],
)
def test_a_form_of_allauths_that_is_not_valid_answers_as_ours_do(
    visitor: Client, alice: User, path: str, data: dict[str, str]
) -> None:
    assert visitor.get(f"/accounts/{path}").status_code == 200
    response = visitor.post(f"/accounts/{path}", data)

    assert response.status_code == 422
    assert response.context["form"].errors


def test_a_wrong_password_on_ones_own_pages_answers_422(as_alice: Client) -> None:
    data = {"oldpassword": "wrong", "password": "wrong", "password1": NEW, "password2": NEW}
    for path in ("password/change/", "reauthenticate/"):
        assert as_alice.post(f"/accounts/{path}", data).status_code == 422
