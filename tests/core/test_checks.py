"""Mistakes of configuration are found and named."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from budget.core import checks


def ids(databases: list[str] | None = None, *, deploy: bool = False) -> set[str]:
    messages = run_checks(databases=databases, include_deployment_checks=deploy)
    return {str(message.id) for message in messages if str(message.id).startswith("budget.")}


@contextmanager
def answers(monkeypatch: pytest.MonkeyPatch, *row: object) -> Iterator[None]:
    """The catalogue answers `row`, whatever it is asked."""
    with monkeypatch.context() as patch:
        patch.setattr(checks, "_row", lambda *_: row)
        yield


@pytest.mark.django_db
def test_the_embedded_server_is_in_order() -> None:
    assert ids(["default"]) == set()


def test_without_databases_none_is_asked() -> None:
    assert checks.check_database(databases=None) == []


@pytest.mark.django_db
def test_an_old_server_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with answers(monkeypatch, "140011"):
        [message] = checks.check_version()
    assert (message.id, message.msg) == ("budget.E002", "PostgreSQL 14 is too old.")
    with answers(monkeypatch, "150000"):
        assert checks.check_version() == []


@pytest.mark.parametrize(
    ("superuser", "bypasses", "found"),
    [
        (False, False, []),
        (True, False, ["budget.E003"]),
        (False, True, ["budget.E004"]),
        (True, True, ["budget.E003", "budget.E004"]),
    ],
)
def test_a_role_for_whom_no_policy_holds_is_refused(
    superuser: bool, bypasses: bool, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with answers(monkeypatch, "postgres", superuser, bypasses):
        messages = checks.check_role()
    assert [message.id for message in messages] == found
    assert all("postgres" in message.msg and message.hint for message in messages)


@pytest.mark.parametrize(
    "undone",
    [
        "ALTER TABLE goals_goal DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE goals_goal NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY household ON goals_goal",
    ],
)
@pytest.mark.django_db
def test_a_table_without_its_policy_is_named(undone: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(undone)

    assert ids(["default"]) == {"budget.E005"}
    with pytest.raises(CommandError, match="goals_goal are not kept to their household"):
        call_command("check", databases=["default"])


def test_another_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "connections", {"default": type("Other", (), {"vendor": "sqlite"})})

    assert [message.id for message in checks.check_database(databases=["default"])] == [
        "budget.E001"
    ]


# Django's own checks ask the server for its version.
@pytest.mark.django_db
def test_production_sends_its_mails_and_has_no_demonstration(settings: Settings) -> None:
    settings.DEMO = False
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
    assert ids(deploy=True) == set()

    settings.DEMO = True
    settings.MAILERS = {"default": {"BACKEND": "budget.core.console.EmailBackend"}}
    assert ids(deploy=True) == {"budget.W001", "budget.W002"}
    assert ids() == set(), "on one's own machine both are as they should be"
