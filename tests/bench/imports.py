"""How quickly a bank's file of 100,000 lines gets into the ledger: `make bench-import`.

A household with a past, in a database of its own; each turn imports another file into another one,
through the services, under the policies, each step committed as on the site. Then the same rows go
by bare COPY into a copy of the ledger's table that has its indexes and constraints, foreign keys
included, and neither policy nor triggers: the site must reach a quarter of that. Figures are the
medians of the turns. Nothing here is a test: a busy machine fails nobody.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import django

if TYPE_CHECKING:
    from budget.users.models import Household

TURNS = int(os.environ.get("TURNS", "3"))
LINES = int(os.environ.get("LINES", "100000"))
PAST = 10_000
SHOPS = """
carrefour city|biocoop voltaire|sncf connect|boulangerie martin|pharmacie centrale|edf|netflix.com
sumup *cafe mericourt|decathlon|leroy merlin|total access|la poste|free mobile|cinema mk2|maif
librairie dialogues|dr lambert|garage renault|monoprix|uber *trip
"""
TOWNS = "paris lyon nantes rennes lille bordeaux montreuil strasbourg toulouse angers"
PAYEES = 3_000
CARDS = (4821, 1177)


def bank_file(seed: int) -> bytes:
    """A file as Crédit Mutuel gives it, with balances, in Windows-1252."""
    chance = random.Random(seed)
    shops, towns = re.split(r"[|\n]", SHOPS.strip()), TOWNS.split()
    payees = [
        f"{chance.choice(shops)} {number} {chance.choice(towns)}".upper()
        for number in range(PAYEES)
    ]
    rows = ["Date;Date de valeur;Débit;Crédit;Libellé;Solde"]
    first, balance = dt.date(2001, 1, 1), 1_000_000
    for number in range(LINES):
        day = first + dt.timedelta(days=number * 5_000 // LINES)
        cents = chance.randrange(100, 30_000)
        payee = chance.randrange(PAYEES)
        # Each is paid in its own way.
        label = [
            f"CARTE {day:%d/%m} {payees[payee]} CB*{chance.choice(CARDS)}",
            f"PRLV SEPA {payees[payee]}",
            f"VIR INST {payees[payee]} RÉF {chance.randrange(10**8, 10**9)}",
        ][payee % 3]
        comes_in = chance.random() < 0.1
        balance += cents if comes_in else -cents
        amount, left = (f"{each / 100:.2f}".replace(".", ",") for each in (cents, balance))
        sides = f";{amount}" if comes_in else f"-{amount};"
        rows.append(f"{day:%d/%m/%Y};{day:%d/%m/%Y};{sides};{label};{left}")
    return ("\r\n".join(rows) + "\r\n").encode("cp1252")


def memory(pid: int | str = "self") -> int:
    """The most memory that a process had so far, in MB; without what all backends share."""
    with suppress(OSError):
        told = dict(re.findall(r"(\w+):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()))
        return (int(told["VmHWM"]) - int(told["RssShmem"])) // 1024
    return 0


def forget_peak() -> None:
    """Let `memory` tell what comes from here on."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def bare_copy(household: Household) -> float:
    """Seconds for COPY of the household's imported rows into a copy of the ledger's table."""
    from django.db import connection, transaction

    from budget.core.tenancy import household_scope
    from budget.transactions.models import Transaction

    columns = ", ".join(
        f'"{field.column}"' for field in Transaction._meta.local_fields if not field.generated
    )
    rows = bytearray()
    with household_scope(household), connection.cursor() as cursor:
        own: Any = cursor  # psycopg's own, which Django's types do not know
        imported = "FROM transactions_transaction WHERE bank_label <> '' ORDER BY date, id"
        with own.copy(f"COPY (SELECT {columns} {imported}) TO STDOUT") as copy:
            for block in copy:
                rows += block
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_ledger")
        cursor.execute("CREATE TABLE bench_ledger (LIKE transactions_transaction INCLUDING ALL)")
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'transactions_transaction'::regclass AND contype = 'f'"
        )
        for (definition,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE bench_ledger ADD {definition}")
    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        own = cursor
        with own.copy(f"COPY bench_ledger ({columns}) FROM STDIN") as copy:
            copy.write(rows)
    return time.perf_counter() - start


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "budget.settings")
    os.environ["DEMO"] = "1"  # seed_demo makes the households
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment

    from budget.core.tenancy import household_scope
    from budget.imports import recognition, services
    from budget.imports.entering import import_confirm
    from budget.imports.models import KnownAccount
    from budget.users.models import Household
    from budget.wallets.selectors import first_wallet

    setup_test_environment(debug=False)
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    took: dict[str, list[float]] = {"read": [], "receive": [], "enter": [], "copy": []}

    def read(*arguments: Any) -> Any:
        start = time.perf_counter()
        reading = recognition.read(*arguments)
        took["read"].append(time.perf_counter() - start)
        return reading

    try:
        for turn in range(TURNS):
            call_command("seed_demo", rows=PAST, household=f"bench-{turn}", verbosity=0)
            household = Household.objects.get(slug=f"bench-{turn}")
            with household_scope(household):
                wallet = first_wallet()
                KnownAccount.objects.create(key="layout:Crédit Mutuel, CIC", wallet=wallet)
            content = bank_file(turn)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
                cursor.execute("SELECT pg_backend_pid()")
                (backend,) = cursor.fetchone()
            forget_peak()
            before = memory()
            start = time.perf_counter()
            with household_scope(household), mock.patch.object(services, "read", read):
                source = services.import_receive(file_name="releve.csv", content=content, user=None)
            took["receive"].append(time.perf_counter() - start)
            start = time.perf_counter()
            with household_scope(household):
                import_confirm(source=source, user=None)
                source.refresh_from_db()
            took["enter"].append(time.perf_counter() - start)
            print(
                f"turn {turn + 1}: {source.added:,} of {LINES:,} lines; at most {memory()} MB,"
                f" {before} MB before, and {memory(backend)} MB in the database's process"
            )
            took["copy"].append(bare_copy(household))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    took["stage"] = [
        received - read_ for received, read_ in zip(took["receive"], took["read"], strict=True)
    ]
    took["all"] = [sum(each) for each in zip(took["receive"], took["enter"], strict=True)]
    titles = {
        "read": "read",
        "stage": "stage, find duplicates",
        "enter": "enter",
        "all": "from upload to done",
        "copy": "bare COPY",
    }
    medians = {step: statistics.median(took[step]) for step in titles}
    for step, title in titles.items():
        print(f"{title:24}{medians[step]:>7.2f} s{LINES / medians[step]:>12,.0f} lines/s")
    print(f"{'of a bare COPY':24}{medians['copy'] / medians['all']:>7.0%}")


if __name__ == "__main__":
    main()
