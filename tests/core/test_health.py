"""What probes ask, and what they are told when something is wrong."""

from contextlib import closing

import pytest
from django.contrib.staticfiles import finders
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from budget.core import checks, middleware
from budget.users.models import Household


def test_the_process_answers_without_a_database() -> None:
    # No database mark: a query would fail this test.
    response = Client().get("/healthz", headers={"host": "10.0.0.7"})
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_a_migrated_database_is_ready() -> None:
    assert Client().get("/readyz", headers={"host": "10.0.0.7"}).status_code == 200


@pytest.mark.django_db
def test_a_missing_migration_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one"])
    response = Client().get("/readyz")
    assert (response.status_code, response.content) == (503, b"migrations are not applied")


def test_an_unreachable_database_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise OperationalError("connection refused: secret host")

    monkeypatch.setattr(middleware, "MigrationExecutor", unreachable)
    response = Client().get("/readyz")
    assert (response.status_code, response.content) == (503, b"the database cannot be reached")


@pytest.mark.django_db
def test_a_role_for_whom_no_policy_holds_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_row", lambda *_: ("postgres", True, True))
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.content == b"the database role is exempt from row-level security"


def test_the_icon_is_found_where_browsers_look_first() -> None:
    response = Client().get("/favicon.ico")

    assert (response.status_code, response["Location"]) == (302, "/static/img/favicon.png")
    assert finders.find("img/favicon.png")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_restarted_is_found_by_the_first_who_comes(
    as_alice: Client, household: Household
) -> None:
    connection.close()  # back into the pool, as at a request's end
    with closing(connection.copy()) as other:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user"
                " AND pid <> pg_backend_pid()"
            )
            assert (True,) in cursor.fetchall()
        assert as_alice.get("/h/alice/").status_code == 200
