"""The site works through PgBouncer in transaction mode: nothing rests on a connection's state."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, override_settings

from budget.archives.models import ClosedMonth
from budget.core.tenancy import household_scope
from budget.imports import progress, uploading
from budget.imports.models import Import
from budget.operations.backups import backup_make
from budget.operations.postgres import BackupError, Database
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from budget.users.services import household_create
from tests.addresses import BANK_FILE
from tests.conftest import PASSWORD, TODAY, person
from tests.ledger import spend
from tests.servers import server_folder
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgres import Primary
from tests.servers.site import copy_tables, served_by

# The progress of an import is told while its transaction holds one of them.
CONNECTIONS = 2


@pytest.fixture
def db() -> None:
    """Nothing: who asks for it has the tests' database made, whose tables the servers are given."""


pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(scope="module")
def pooler(django_db_setup: None, django_db_blocker: Any) -> Iterator[PgBouncer]:
    with server_folder() as folder, Primary(folder) as primary, django_db_blocker.unblock():
        copy_tables(primary)
        connection.close()
        with (
            PgBouncer(folder, primary, connections=CONNECTIONS) as pooler,
            served_by(pooler.url),
            override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]),
        ):
            for name in ("Alice", "Charlie"):
                household_create(
                    name=f"Chez {name}", slug=name.lower(), owner=person(name), language="fr"
                )
            User.objects.create_superuser("office@example.org", PASSWORD)
            yield pooler


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Two threads with connections of their own, closed at the end."""
    with ThreadPoolExecutor(2) as pool:
        yield pool
        for each in [pool.submit(connections.close_all) for _ in range(2)]:
            each.result()


def signed_in(email: str, pooler: PgBouncer) -> Client:
    client = Client(headers={"accept-language": "fr"})
    response = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert response.status_code == 302
    return client


def added(client: Client, slug: str, description: str) -> int:
    fields = {"kind": "expense", "amount": "45,90", "date": TODAY.isoformat()}
    fields |= {"description": description, "submission": str(uuid.uuid4())}
    return client.post(f"/h/{slug}/transactions/add/", fields).status_code


def left_behind(pooler: PgBouncer) -> list[Any]:
    """What of a session's state is still on the connections to the server, one row for each."""
    found = []
    with psycopg.connect(pooler.url) as first, psycopg.connect(pooler.url) as second:
        # Both at once, each in a transaction, so that they are on two connections.
        for each in (first, second):
            found += each.execute(
                "SELECT coalesce(current_setting('budget.household', true), ''),"
                " coalesce(current_setting('budget.backoffice', true), ''),"
                " coalesce(current_setting('budget.revised', true), ''),"
                " current_setting('enable_nestloop'), current_setting('transaction_read_only'),"
                " current_setting('application_name') LIKE 'import%',"
                " (SELECT count(*) FROM pg_prepared_statements),"
                " (SELECT count(*) FROM pg_cursors WHERE is_holdable),"
                " (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema())"
            ).fetchall()
    return found


CLEAN = ("", "", "", "on", "off", False, 0, 0, 0)


def test_a_person_and_the_back_office_do_their_work(
    pooler: PgBouncer, threads: ThreadPoolExecutor, today: dt.date, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, office = (signed_in(f"{who}@example.org", pooler) for who in ("alice", "office"))
    household = Household.objects.get(slug="alice")
    assert added(alice, "alice", "Marché") == 302

    # A file from the bank, whose progress another request hears while it is written.
    file = SimpleUploadedFile("releve.csv", BANK_FILE)
    alice.post("/h/alice/import/upload/", {"files": [file], uploading.WHOLE: "1"})
    with household_scope(household):
        source = Import.objects.get()
    told = progress.tell
    heard: list[str] = []

    def tell(*what: Any) -> None:
        told(*what)
        page = threads.submit(alice.get, f"/h/alice/import/{source.pk}/progress/").result()
        heard.append(page.content.decode())

    monkeypatch.setattr(progress, "tell", tell)
    alice.post(f"/h/alice/import/{source.pk}/confirm/")
    assert any('value="0"' in " ".join(page.split()) for page in heard), heard
    with household_scope(household):
        assert Import.objects.get().state == "done"
        lines = Transaction.objects.count()
        assert lines > 1
        spend(5, dt.date(2026, 10, 3), description="En octobre")

    # Everything is taken away, by a cursor on the server.
    response = alice.get("/h/alice/settings/export/")
    assert b"En octobre" in b"".join(response)

    assert alice.post("/h/alice/archives/2026-10/close/").status_code == 302
    assert b"En octobre" in alice.get("/h/alice/archives/2026-10/download/").getvalue()
    with household_scope(household):
        assert ClosedMonth.objects.count() == 1

    assert "Marché" in office.get("/admin/transactions/transaction/").content.decode()
    with household_scope(household):
        line = Transaction.objects.get(description="Marché")
    fields = {
        "kind": line.kind,
        "amount": "12,00",
        "date": line.date.isoformat(),
        "wallet": line.wallet_id or "",
        "description": line.description,
        "seen": line.version,
        "allotments-TOTAL_FORMS": "0",
        "allotments-INITIAL_FORMS": "0",
    }
    changed = office.post(f"/admin/transactions/transaction/{line.pk}/change/", fields)
    assert changed.status_code == 302
    with household_scope(household):
        assert Transaction.objects.get(pk=line.pk).amount == Decimal(12)

    assert left_behind(pooler) == [CLEAN] * CONNECTIONS


def test_households_whose_requests_take_turns_on_a_connection_stay_apart(
    pooler: PgBouncer, threads: ThreadPoolExecutor
) -> None:
    def live(name: str, other: str) -> list[str]:
        client = signed_in(f"{name}@example.org", pooler)
        wrong = []
        for number in range(8):
            if added(client, name, f"de {name} {number}") != 302:
                wrong.append(f"{name} cannot write")
            page = client.get(f"/h/{name}/transactions/?period=2026-11").content.decode()
            if f"de {name} {number}" not in page or f"de {other} " in page:
                wrong.append(f"{name} {number}")
            if client.get(f"/h/{other}/transactions/").status_code != 404:
                wrong.append(f"{name} gets in")
        return wrong

    lives = [threads.submit(live, "alice", "charlie"), threads.submit(live, "charlie", "alice")]

    assert [each.result() for each in lives] == [[], []]
    with psycopg.connect(pooler.admin_url, autocommit=True) as admin:
        servers = psycopg.ClientCursor(admin).execute("SHOW SERVERS").fetchall()
    assert 0 < len(servers) <= CONNECTIONS
    assert left_behind(pooler) == [CLEAN] * CONNECTIONS


REFUSALS: list[Callable[[Client], Any]] = [
    lambda client: client.post("/h/alice/transactions/add/", {"amount": "no"}),
    lambda client: client.get("/h/alice/transactions/999999/"),
    lambda client: client.get("/h/alice/?q=%00"),
]


@pytest.mark.parametrize("refused", REFUSALS)
def test_what_is_refused_leaves_nothing_either(
    refused: Callable[[Client], Any], pooler: PgBouncer
) -> None:
    assert refused(signed_in("alice@example.org", pooler)).status_code < 500
    assert left_behind(pooler) == [CLEAN] * CONNECTIONS


def test_tables_can_be_taken_away_and_made_again_through_it(pooler: PgBouncer) -> None:
    call_command("migrate", "demo", "zero", verbosity=0)
    call_command("migrate", "demo", verbosity=0)
    assert not [each for each in run_checks(databases=["default"]) if each.is_serious()]


def test_a_backup_asks_for_the_servers_own_address(pooler: PgBouncer, tmp_path: Path) -> None:
    """Through it, the tables under policies would seem to be empty."""
    with pytest.raises(BackupError, match="the server's own address"):
        backup_make(Database.at(pooler.url), tmp_path)
    assert not list(tmp_path.iterdir())
