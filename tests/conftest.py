"""The cast: Alice owns a household, Bob edits in it, Vera only looks, Charlie is a stranger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.db import connections
from django.test import Client, TransactionTestCase
from pytest_django import Settings

from budget.core import cache
from budget.core.tenancy import household_scope
from budget.settings import caches
from budget.users.models import Household, Membership, Role, User
from budget.users.services import household_create
from tests.servers.redis import PATIENCE, Redis

# No test measures time: a busy machine is no bug.
hypothesis.settings.register_profile("budgeometre", deadline=None)
hypothesis.settings.load_profile("budgeometre")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: one of them at the end would keep one core busy and the other waiting."""
    items.sort(key=lambda item: item.get_closest_marker("deploy") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was measured: a test records it by `record_property`."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


#: What migrations put there. Django empties the last two as well, and then makes their rows anew
#: one model after the other, which takes longer than to empty all tables.
KEPT = ["django_migrations", "django_content_type", "auth_permission"]


def emptied(case: TransactionTestCase) -> None:
    """Empty every other table, after a test that commits."""
    for alias in case._databases_names(include_mirrors=False):  # type: ignore[attr-defined]
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> ALL (%s)",
                [KEPT],
            )
            cursor.execute(f"TRUNCATE {cursor.fetchone()[0]}")


@pytest.fixture(autouse=True, scope="session")
def quick_emptying() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


PASSWORD = "correct horse battery staple"
TODAY = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """A hash that is strong takes a quarter of a second, and each test makes people."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_slow_queries(settings: Settings) -> None:
    """On a machine that is busy any statement is slow, and a line of it is no test's matter."""
    settings.SLOW_QUERY_SECONDS = 0


@pytest.fixture
def today() -> Iterator[dt.date]:
    """Saturday 21 November 2026, for tests whose figures depend on the day."""
    with time_machine.travel(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False):
        yield TODAY


def person(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}@example.org", PASSWORD, name=name)


@pytest.fixture
def alice(db: None) -> User:
    return person("Alice")


@pytest.fixture
def bob(db: None) -> User:
    return person("Bob")


@pytest.fixture
def vera(db: None) -> User:
    return person("Vera")


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger to Alice's household, with one of his own."""
    charlie = person("Charlie")
    household_create(name="Charlie's", slug="charlie", owner=charlie, language="fr")
    return charlie


@pytest.fixture
def household(alice: User, bob: User, vera: User) -> Household:
    """Alice's household at /h/alice/, with the ten starting categories in French."""
    household = household_create(name="Chez Alice", slug="alice", owner=alice, language="fr")
    Membership.objects.create(household=household, user=bob, role=Role.EDITOR)
    Membership.objects.create(household=household, user=vera, role=Role.VIEWER)
    return household


@pytest.fixture
def scope(household: Household) -> Iterator[Household]:
    """The test runs inside Alice's household, as a request to it would."""
    with household_scope(household):
        yield household


SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    """A client of the person's own: `sign_in(alice).get("/h/alice/")`."""

    def signed_in(user: User) -> Client:
        client = Client(headers={"accept-language": "fr"})
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def as_alice(sign_in: SignIn, alice: User, household: Household) -> Client:
    return sign_in(alice)


@pytest.fixture
def as_staff(sign_in: SignIn, db: None) -> Client:
    """An administrator in the back office, who belongs to no household."""
    return sign_in(User.objects.create_superuser("office@example.org", PASSWORD))


@pytest.fixture
def redis(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A Redis of the test's own, in use for all that is cached."""
    monkeypatch.setattr(cache, "PATIENCE", PATIENCE)
    before = settings.CACHES
    with Redis(tmp_path) as server:
        settings.CACHES = caches(server.url)
        yield server
        settings.CACHES = before


@pytest.fixture
def htmx() -> dict[str, str]:
    """Headers of a request that HTMX makes: `client.get(url, headers=htmx)`."""
    return {"HX-Request": "true"}


@pytest.fixture
def without_summaries(settings: Settings) -> None:
    """Each page works out its figures afresh, so that what it asks for can be counted."""
    dummy = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = {**settings.CACHES, "summaries": dummy}
