"""A file from its upload into the ledger and back."""

import datetime as dt
from decimal import Decimal

import pytest

from budget.balances.check import ledger_faults
from budget.imports.entering import import_confirm
from budget.imports.keeping import file_keep, file_kept
from budget.imports.models import (
    Choice,
    Finding,
    Import,
    ImportFile,
    ImportLine,
    ImportState,
    KnownAccount,
)
from budget.imports.services import import_receive
from budget.imports.undoing import import_undo
from budget.transactions.models import Kind, Transaction
from budget.users.models import User

pytestmark = pytest.mark.usefixtures("scope")

FILE = """Date;Libellé;Débit euros;Crédit euros;
20/11/2026;CARTE 20/11 BIOCOOP VOLTAIRE CB*4821;41,20;;
18/11/2026;CARTE 18/11 SUMUP *CAFE MERICOURT;4,80;;
18/11/2026;CARTE 18/11 SUMUP *CAFE MERICOURT;4,80;;
17/11/2026;VIR INST M DUBREUIL THEO;;35,00;
""".encode("latin-1")


def test_a_file_is_imported_once_and_can_be_taken_back(alice: User) -> None:
    source = import_receive(file_name="releve.csv", content=FILE, user=alice)

    assert source.state == ImportState.READY
    assert source.layout == "Crédit Agricole"
    lines = ImportLine.objects.filter(statement__source=source)
    assert [line.finding for line in lines] == [Finding.NEW] * 4
    assert not Transaction.objects.exists()

    assert import_confirm(source=source, user=alice) == 0

    source.refresh_from_db()
    assert (source.state, source.added, source.left) == (ImportState.DONE, 4, 0)
    assert not ImportFile.objects.exists()
    assert KnownAccount.objects.get().key == "layout:Crédit Agricole"
    entered = Transaction.objects.order_by("date", "pk")
    assert [(line.date, line.kind, line.amount) for line in entered] == [
        (dt.date(2026, 11, 17), Kind.INCOME, Decimal("35.00")),
        (dt.date(2026, 11, 18), Kind.EXPENSE, Decimal("4.80")),
        (dt.date(2026, 11, 18), Kind.EXPENSE, Decimal("4.80")),
        (dt.date(2026, 11, 20), Kind.EXPENSE, Decimal("41.20")),
    ]
    assert all(line.pointed for line in entered)

    again = import_receive(file_name="releve.csv", content=FILE, user=alice)
    lines = ImportLine.objects.filter(statement__source=again)
    assert {(line.finding, line.choice) for line in lines} == {(Finding.KNOWN, Choice.LEAVE)}
    assert {line.found for line in lines} == set(entered.values_list("pk", flat=True))

    import_undo(source=source, user=alice)

    assert not Transaction.objects.exists()
    assert not ledger_faults()


def test_the_file_waits_byte_by_byte_as_it_came(alice: User) -> None:
    content = FILE + bytes(range(1, 256))
    source = import_receive(file_name="releve.csv", content=FILE, user=alice)
    other = Import.objects.create(file_name="other.csv", size=len(content), sha256="0" * 64)
    file_keep(other, content)
    assert (file_kept(source), file_kept(other)) == (FILE, content)
    assert bytes(ImportFile.objects.get(source=other).content) == content
