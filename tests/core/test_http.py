"""Page or partial, where writes lead, and what expired forms are told."""

import pytest
from django.test import Client, RequestFactory

from budget.core.http import back
from budget.users.models import Household, User
from tests.conftest import SignIn


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/h/alice/budget/?period=2026", "/h/alice/budget/?period=2026"),
        ("", "/home"),
        ("//evil.example/", "/home"),
        ("https://evil.example/", "/home"),
        ("javascript:alert(1)", "/home"),
        ("/\\evil.example", "/home"),
    ],
)
def test_a_form_sends_people_back_to_our_own_pages_only(url: str, expected: str) -> None:
    request = RequestFactory().post("/", {"next": url})
    assert back(request, "/home") == expected


@pytest.mark.django_db
def test_a_form_without_its_token_says_that_it_expired(household: Household, alice: User) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "fr"})
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/h/alice/transactions/add/", {"amount": "1"})
    assert response.status_code == 403
    assert "formulaire" in response.content.decode()


@pytest.mark.django_db
def test_what_is_not_there_is_told_in_the_readers_language(
    household: Household, sign_in: SignIn, alice: User
) -> None:
    response = sign_in(alice).get("/h/alice/nowhere/")
    assert response.status_code == 404
    assert '<html lang="fr"' in response.content.decode()
    assert "<h1" in response.content.decode()


@pytest.mark.django_db
def test_no_answer_may_be_framed_or_run_scripts_of_others(
    household: Household, sign_in: SignIn, alice: User
) -> None:
    response = sign_in(alice).get("/h/alice/")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
