"""Pages are read from a standby as long as nobody can tell: both are real servers."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches, path
from pytest_django import Settings

import budget.urls
from budget.categories.models import Category
from budget.core import replica
from budget.core.export import household_models
from budget.core.tenancy import (
    active_scope,
    backoffice_scope,
    household_patterns,
    household_scope,
    scope_cursor,
)
from budget.transactions.models import Transaction
from budget.users.models import Household, Membership, Role, User
from budget.users.services import household_create
from tests import addresses
from tests.architecture.test_queries import VARIANTS
from tests.conftest import TODAY, person
from tests.ledger import spend
from tests.servers import server_folder
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgres import Primary, Standby
from tests.servers.site import copy_tables, served_by

HOUSEHOLD_TABLES = re.compile("|".join(model._meta.db_table for model in household_models()))
LIST = "/h/alice/transactions/"


@pytest.fixture
def db() -> None:
    """Nothing: who asks for it has the tests' database made, whose tables the servers are given."""


pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(scope="module")
def primary(django_db_setup: None, django_db_blocker: Any) -> Iterator[Primary]:
    with server_folder() as folder, Primary(folder) as primary, django_db_blocker.unblock():
        copy_tables(primary)
        connection.close()
        yield primary


@pytest.fixture(scope="module")
def standby(primary: Primary) -> Iterator[Standby]:
    with primary.standby() as standby:
        yield standby


@pytest.fixture(scope="module")
def cast(primary: Primary, standby: Standby) -> Iterator[None]:
    """Alice, Bob who edits in her household, and Charlie with one of his own."""
    with served_by(primary.url, replica=standby.url):
        alice, bob, charlie = person("Alice"), person("Bob"), person("Charlie")
        home = household_create(name="Chez Alice", slug="alice", owner=alice, language="fr")
        Membership.objects.create(household=home, user=bob, role=Role.EDITOR)
        household_create(name="Charlie's", slug="charlie", owner=charlie, language="fr")
        yield


@pytest.fixture(autouse=True)
def standby_is_there(
    cast: None, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setattr(replica, "_rests_until", 0.0)
    connections[replica.ALIAS].close()  # it may have been to a server that was killed
    standby.resume()
    yield
    if standby.has_stopped:
        standby.start()


@pytest.fixture
def home() -> Household:
    return Household.objects.get(slug="alice")


def client(name: str) -> Client:
    signed_in = Client(headers={"accept-language": "fr"})
    signed_in.force_login(
        User.objects.get(email=f"{name}@example.org"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return signed_in


@pytest.fixture
def alice() -> Client:
    return client("alice")


class Asked:
    """What was asked of each database."""

    def __init__(self) -> None:
        self.of: dict[str, list[str]] = {"default": [], "replica": []}

    @property
    def ledger(self) -> set[str]:
        """Where the ledger was read."""
        return {
            alias
            for alias, statements in self.of.items()
            if any('FROM "transactions_transaction"' in each for each in statements)
        }


@contextmanager
def asked(meanwhile: Callable[[str, int], object] | None = None) -> Iterator[Asked]:
    """Notes what is asked. `meanwhile` is called before each, with the alias and how many yet."""
    note = Asked()

    def noting(alias: str) -> Callable[..., Any]:
        def wrapper(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
            note.of[alias].append(sql)
            if meanwhile:
                meanwhile(alias, len(note.of[alias]))
            return execute(sql, parameters, many, context)

        return wrapper

    with ExitStack() as stack:
        for alias in note.of:
            stack.enter_context(connections[alias].execute_wrapper(noting(alias)))
        yield note


def written(home: Household, description: str) -> None:
    with household_scope(home):
        spend(5, TODAY, description=description)


def shows(client: Client, text: str) -> bool:
    response = client.get(f"{LIST}?period=2026-11")
    assert response.status_code == 200
    return text in response.content.decode()


# Where it is read


def test_a_page_is_read_from_the_standby(alice: Client) -> None:
    with asked() as note:
        assert alice.get(LIST).status_code == 200
    assert note.ledger == {"replica"}
    with connections["replica"].cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (True,)


def test_what_may_write_is_on_the_primary(alice: Client) -> None:
    with asked() as note:
        assert alice.post("/h/alice/transactions/add/", {"amount": "no"}).status_code == 422
    assert note.of["replica"] == []


def test_ones_own_write_is_seen_at_once_however_far_the_standby_lags(
    alice: Client, standby: Standby
) -> None:
    standby.pause()
    response = alice.post(
        "/h/alice/categories/add/", {"name": "Toute neuve", "kind": "expense", "colour": "#64748b"}
    )
    assert response.status_code == 302, response.content.decode()
    with asked() as note:
        assert "Toute neuve" in alice.get("/h/alice/categories/").content.decode()
        assert note.of["replica"], "the standby was asked whether it has caught up"
        assert not any(HOUSEHOLD_TABLES.search(sql) for sql in note.of["replica"])

    standby.resume()
    with asked() as note:
        assert "Toute neuve" in alice.get("/h/alice/categories/").content.decode()
    assert not any(HOUSEHOLD_TABLES.search(sql) for sql in note.of["default"])


WRITES: dict[str, Callable[[Household], object]] = {
    "their partner": lambda home: written(home, "De Bob"),
    "the back office": lambda _: _in_backoffice(),
    "psql": lambda _: _by_hand(),
}


def _in_backoffice() -> None:
    with backoffice_scope():
        home = Household.objects.get(slug="alice")
        Transaction(household=home, amount=5, date=TODAY, description="De Bob").save()


def _by_hand() -> None:
    with backoffice_scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE transactions_transaction SET description = 'De Bob'")


@pytest.mark.parametrize("writer", WRITES)
def test_what_others_write_is_seen_at_once(
    writer: str, alice: Client, home: Household, standby: Standby, today: dt.date
) -> None:
    with household_scope(home):
        Transaction.objects.all().delete()
        spend(5, TODAY, description="avant")
    standby.catch_up()
    assert not shows(alice, "De Bob")

    standby.pause()
    WRITES[writer](home)

    assert shows(alice, "De Bob")


def test_a_household_is_read_there_while_another_is_behind(
    alice: Client, home: Household, standby: Standby
) -> None:
    standby.pause()
    written(Household.objects.get(slug="charlie"), "de Charlie")
    with asked() as note:
        alice.get(LIST)
    assert note.ledger == {"replica"}


def test_a_household_that_is_not_there_yet_is_read_on_the_primary(standby: Standby) -> None:
    standby.pause()
    bob = User.objects.get(email="bob@example.org")
    household_create(name="Neuf", slug="neuf", owner=bob, language="fr")
    assert client("bob").get("/h/neuf/categories/").status_code == 200


# Where it fails


def rests() -> bool:
    return not replica._is_there()


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_standby_that_is_gone_is_left_alone_and_used_again_when_it_is_back(
    end: str, alice: Client, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.get(LIST)  # the connection is there, and becomes a dead one
    getattr(standby, end)()
    with asked() as note:
        assert alice.get(LIST).status_code == 200
    assert note.ledger == {"default"}
    assert rests()
    with asked() as note:
        assert alice.get(LIST).status_code == 200
        assert note.of["replica"] == [], "it is not even tried"

    monkeypatch.setattr(replica, "_rests_until", 0.0)
    assert alice.get(LIST).status_code == 200
    assert rests(), "a new connection is refused as well"

    standby.start()
    monkeypatch.setattr(replica, "_rests_until", 0.0)
    with asked() as note:
        assert alice.get(LIST).status_code == 200
    assert note.ledger == {"replica"}


def test_a_standby_that_dies_in_the_middle_of_a_page_is_not_noticed(
    alice: Client, home: Household, standby: Standby, today: dt.date
) -> None:
    written(home, "Au milieu")
    standby.catch_up()

    def die(alias: str, number: int) -> None:
        if alias == "replica" and number == 3:
            standby.kill()

    with asked(die) as note:
        assert shows(alice, "Au milieu")
    assert len(note.of["replica"]) == 3
    assert rests()


def test_a_page_whose_query_recovery_gives_up_is_read_once_more(
    alice: Client, home: Household, standby: Standby, today: dt.date
) -> None:
    written(home, "Annulée")
    standby.catch_up()

    def give_up(alias: str, number: int) -> None:
        if alias == "replica" and number == 3:
            raw = connections["replica"].connection
            with pytest.raises(Exception, match="canceling statement"):
                raw.execute("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(10)")

    with asked(give_up):
        assert shows(alice, "Annulée")
    assert not rests(), "the standby itself is well"


def test_a_page_that_swallowed_what_the_standby_told_it_is_read_once_more(
    home: Household, standby: Standby
) -> None:
    """As Django's `{% if a and b %}` does with any error, and shows the rest."""
    standby.catch_up()
    read_from = []

    def answer() -> str:
        read_from.append(active_scope().using)
        if replica.is_read():
            with suppress(DatabaseError), scope_cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        return read_from[-1]

    assert replica.household_read(home, answer) == "default"
    assert read_from == ["replica", "default"]


def test_a_standby_that_is_gone_behind_pgbouncer_is_not_waited_for(
    primary: Primary, standby: Standby
) -> None:
    with (
        PgBouncer(standby.folder, standby, connections=2, patience=1) as pooler,
        served_by(primary.url, replica=pooler.url),
    ):
        alice = client("alice")
        with asked() as note:
            assert alice.get(LIST).status_code == 200
        assert note.ledger == {"replica"}
        standby.kill()
        with asked() as note:
            assert alice.get(LIST).status_code == 200
        assert note.ledger == {"default"}
        assert rests()


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A page that tells whether it is read in recovery, and one that fails."""

    def where(request: HttpRequest) -> HttpResponse:
        with scope_cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            return HttpResponse(f"{cursor.fetchone()[0]} {active_scope().reading}")

    def crash(request: HttpRequest) -> HttpResponse:
        with scope_cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return HttpResponse()

    patterns = household_patterns(path("where/", where), path("crash/", crash))
    monkeypatch.setattr(budget.urls, "urlpatterns", [patterns, *budget.urls.urlpatterns])
    clear_url_caches()
    yield
    monkeypatch.undo()
    clear_url_caches()


@pytest.mark.usefixtures("probe")
def test_sql_is_asked_of_the_standby_too_and_a_fault_of_its_own_stays_one(alice: Client) -> None:
    assert alice.get("/h/alice/where/").content == b"True True"
    alice.raise_request_exception = False
    assert alice.get("/h/alice/crash/").status_code == 500
    assert not rests()
    assert alice.get("/h/alice/where/").content == b"True True"


# Whose rows


def test_policies_hold_on_the_standby(home: Household, alice: Client) -> None:
    others = Household.objects.get(slug="charlie")
    written(others, "de Charlie")
    written(home, "d’Alice")
    assert client("charlie").get(LIST).status_code == 404
    with household_scope(home, reading=True, using="replica"), scope_cursor() as cursor:
        cursor.execute("SELECT DISTINCT household_id FROM categories_category")
        assert cursor.fetchall() == [(home.pk,)]
        assert {each.household_id for each in Category.objects.all()} == {home.pk}
        assert not Category._base_manager.filter(household=others).exists()
    with connections["replica"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM categories_category")
        assert cursor.fetchone() == (0,), "nothing at all without a scope"


# Every page


def example_addresses(home: Household) -> list[str]:
    with household_scope(home):
        examples = addresses.examples_in(home, User.objects.get(email="alice@example.org"))
    found = {examples.fill(pattern, name) for pattern, name in addresses.household_patterns()}
    found |= {examples.named(address) for address in VARIANTS.values()}
    return sorted(each for each in found if each.startswith("/h/"))


def answer(client: Client, address: str) -> tuple[int, str]:
    """What a page says, but for the keys that each form has of its own."""
    response = client.get(address)
    content = b"".join(response) if response.streaming else response.content
    text = content.decode(errors="replace")
    text = re.sub(r'"[A-Za-z0-9]{64}"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', "…", text)
    return response.status_code, text


def test_every_page_says_the_same_from_either_and_writes_nothing(
    alice: Client, home: Household, standby: Standby, today: dt.date, settings: Settings
) -> None:
    # What one has worked out is not to be shown by the other.
    nothing = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    settings.CACHES = {**settings.CACHES, "summaries": nothing}
    Household.objects.filter(slug="alice").update(name="Chez nous")
    found = example_addresses(home)
    revision = Household.objects.get(pk=home.pk).revision
    standby.catch_up()
    elsewhere: dict[str, list[str]] = {}
    for address in found:
        with asked() as note:
            from_standby = answer(alice, address)
        if on_primary := [sql for sql in note.of["default"] if HOUSEHOLD_TABLES.search(sql)]:
            elsewhere[address] = on_primary
        with pytest.MonkeyPatch.context() as patch:
            # There a view that writes raises what the database tells it.
            patch.setattr(replica, "_rests_until", float("inf"))
            other = answer(alice, address)
        difference = difflib.unified_diff(from_standby[1].split("\n"), other[1].split("\n"))
        assert (other[0], [*difference]) == (from_standby[0], []), address
        assert from_standby[0] in {200, 302, 404, 405}, address
    assert elsewhere == {}
    assert Household.objects.get(pk=home.pk).revision == revision


# What an operator is told


def told() -> list[str]:
    messages = run_checks(databases=["default"])
    return [str(each.id) for each in messages if str(each.id).startswith("budget.")]


def test_a_standby_in_order_needs_no_word() -> None:
    assert told() == []


def test_a_replica_that_is_none_or_cannot_be_reached_is_named(
    primary: Primary, standby: Standby
) -> None:
    with served_by(primary.url, replica=primary.url):
        assert told() == ["budget.W005"]
    with served_by(primary.url, replica=standby.superuser_url):
        assert told() == ["budget.E003", "budget.E004"]
    standby.kill()
    with served_by(primary.url, replica=standby.url):
        assert told() == ["budget.W004"]
