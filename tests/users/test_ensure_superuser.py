"""The first administrator."""

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from pytest_django import Settings

from budget.users.models import User


@pytest.fixture(autouse=True)
def environment(settings: Settings, db: None) -> None:
    settings.SUPERUSER_EMAIL = "Boss@example.org"
    settings.SUPERUSER_PASSWORD = "a long enough secret"


def test_it_is_made_once(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("ensure_superuser")
    boss = User.objects.get()
    assert (boss.email, boss.is_staff, boss.is_superuser) == ("boss@example.org", True, True)
    assert boss.check_password("a long enough secret")
    assert "boss@example.org is the administrator" in capsys.readouterr().out

    settings.SUPERUSER_EMAIL = "other@example.org"
    settings.SUPERUSER_PASSWORD = ""
    call_command("ensure_superuser")
    assert User.objects.count() == 1
    assert "already: boss@example.org" in capsys.readouterr().out


def test_what_is_missing_is_named(settings: Settings) -> None:
    settings.SUPERUSER_PASSWORD = ""
    with pytest.raises(CommandError, match="Set SUPERUSER_PASSWORD in"):
        call_command("ensure_superuser")
    settings.SUPERUSER_EMAIL = ""
    with pytest.raises(CommandError, match="Set SUPERUSER_EMAIL and SUPERUSER_PASSWORD in"):
        call_command("ensure_superuser")


@pytest.mark.parametrize("email", ["boss", "boss@", "a b@example.org"])
def test_what_is_no_address_is_refused(settings: Settings, email: str) -> None:
    settings.SUPERUSER_EMAIL = email
    with pytest.raises(CommandError, match="not an address"):
        call_command("ensure_superuser")


@pytest.mark.parametrize("password", ["admin", "password1234", "boss@example.org"])
def test_a_weak_password_is_refused(settings: Settings, password: str) -> None:
    settings.SUPERUSER_PASSWORD = password
    with pytest.raises(CommandError, match="will not do"):
        call_command("ensure_superuser")
    assert not User.objects.exists()


def test_someone_who_signed_up_with_the_address_is_not_raised() -> None:
    User.objects.create_user("boss@example.org", "mine")
    with pytest.raises(CommandError, match="has an account already"):
        call_command("ensure_superuser")
    assert not User.objects.filter(is_superuser=True).exists()


def test_the_first_administrators_address_needs_no_mail_to_be_confirmed() -> None:
    call_command("ensure_superuser")

    assert EmailAddress.objects.get(email="boss@example.org").verified
