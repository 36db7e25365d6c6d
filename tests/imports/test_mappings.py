"""What was said of a table's columns, and the next file with the same ones."""

from __future__ import annotations

import pytest

from budget.core.guards import ChangedMeanwhile
from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.entering import import_confirm
from budget.imports.headers import Role
from budget.imports.mappings import (
    mapping_delete,
    mapping_of,
    mapping_remember,
    mapping_update,
    told_from_json,
)
from budget.imports.models import Import, ImportLine, ImportState, KnownAccount, Mapping
from budget.imports.reading import NotReadable
from budget.imports.services import import_read_again, import_receive
from budget.users.models import User
from budget.wallets.models import Wallet
from tests.ledger import wallet

pytestmark = pytest.mark.usefixtures("scope")

#: Nothing tells which of the two sums is the amount.
OPEN = "Quand;Quoi;Somme A;Somme B\n13/01/2026;Café;-1,00;-2,00\n14/01/2026;Pain;-3,00;-9,00\n"
NEXT = "Quand;Quoi;Somme A;Somme B\n15/02/2026;Thé;-4,00;-5,00\n"
#: Read at once, as a bank's.
SURE = "Date;Libellé;Débit euros;Crédit euros;\n20/11/2026;BIOCOOP;41,20;;\n"
SECOND = Told({Role.DATE: "Quand", Role.LABEL: "Quoi", Role.AMOUNT: "Somme B"}, whole=True)


def receive(text: str, name: str = "releve.csv") -> Import:
    return import_receive(file_name=name, content=text.encode(), user=None)


def amounts(source: Import) -> list[str]:
    lines = ImportLine.objects.filter(statement__source=source)
    return [str(amount) for amount in lines.values_list("amount", flat=True)]


def remembered(text: str = OPEN, told: Told = SECOND, name: str = "Ma banque") -> Mapping:
    source = receive(text)
    return mapping_remember(source=source, told=told, name=name)


def test_a_table_that_leaves_it_open_asks_and_shows_what_it_has() -> None:
    source = receive(OPEN)
    assert source.state == ImportState.ASKING
    assert "Somme A" in source.question
    assert source.header == ["Quand", "Quoi", "Somme A", "Somme B"]
    assert source.sample[0] == ["13/01/2026", "Café", "-1,00", "-2,00"]


def test_what_was_told_reads_the_file_and_the_next_one_with_the_same_columns() -> None:
    source = receive(OPEN)
    read = import_read_again(source=source, told=SECOND)
    mapping = mapping_remember(source=read, told=SECOND, name="Ma banque")
    assert (read.state, amounts(read)) == (ImportState.READY, ["-2.00", "-9.00"])

    later = receive(NEXT)
    assert (later.state, amounts(later)) == (ImportState.READY, ["-5.00"])
    assert mapping_of(later) == mapping


def test_what_the_person_said_wins_over_a_bank_that_is_recognised() -> None:
    assert receive(SURE).layout == "Crédit Agricole"
    turned = Told({Role.DATE: "1", Role.LABEL: "2", Role.DEBIT: "4", Role.CREDIT: "3"}, whole=True)
    remembered(SURE, turned)
    source = receive(SURE.replace("BIOCOOP", "PICARD"))
    assert amounts(source) == ["41.20"]
    assert source.told["columns"]["debit"] == "4"


def test_columns_that_are_told_to_be_nothing_are_taken_for_nothing() -> None:
    text = "Date;Libellé;Montant;Compte\n13/01/2026;Café;-1,00;A\n14/01/2026;Thé;-2,00;B\n"
    text += "15/01/2026;Pain;-2,00;A\n16/01/2026;Lait;-2,50;B\n"
    source = receive(text)
    assert source.statements.count() == 2
    told = Told({Role.DATE: "Date", Role.AMOUNT: "Montant"}, whole=True)
    read = import_read_again(source=source, told=told)
    assert read.statements.count() == 1
    assert set(ImportLine.objects.values_list("label", flat=True)) == {""}


@pytest.mark.parametrize(
    "columns",
    [
        {Role.LABEL: "Quoi", Role.AMOUNT: "Somme A"},
        {Role.DATE: "Quand", Role.LABEL: "Quoi"},
        {Role.DATE: "Quand", Role.DEBIT: "Somme A"},
        {Role.DATE: "Quand", Role.AMOUNT: "Ailleurs"},
    ],
)
def test_a_mapping_without_what_a_line_needs_is_refused_and_changes_nothing(
    columns: dict[Role, str],
) -> None:
    source = receive(OPEN)
    with pytest.raises(NotReadable):
        import_read_again(source=source, told=Told(columns, whole=True))
    source.refresh_from_db()
    assert source.state == ImportState.ASKING


def test_a_mapping_that_no_longer_fits_asks_again_and_says_whose_it_was() -> None:
    remembered()
    source = receive(
        "Quand;Quoi;Somme A;Somme B\n15/02/2026;Thé;-4,00;rien\n16/02/2026;Thé;-4,00;x\n"
    )
    assert source.state == ImportState.READY  # its lines say that they have no amount
    assert {line.finding for line in ImportLine.objects.filter(statement__source=source)} == {"bad"}

    Mapping.objects.update(told={"columns": {"date": "Gone"}, "order": None, "decimals": None,
                                 "spent": None})  # fmt: skip
    source = receive(NEXT)
    assert source.state == ImportState.ASKING
    assert "Ma banque" in source.question
    assert "Gone" in source.question


def test_what_is_kept_and_makes_no_sense_asks_too() -> None:
    remembered()
    for kept in ({"columns": {"colour": "x"}}, {"columns": 3}, {"order": "dym"}, [1]):
        Mapping.objects.update(told=kept)
        source = receive(NEXT + f"16/02/2026;{kept};-1,00;-2,00\n".replace(";1", ""))
        assert source.state == ImportState.ASKING


def test_a_mapping_is_called_as_the_person_says_else_as_the_bank_or_the_file() -> None:
    assert remembered().name == "Ma banque"
    assert remembered(name="").name == "Ma banque"  # as it is called already
    Mapping.objects.all().delete()
    assert remembered(name="").name == "releve"
    assert remembered(SURE, SECOND, "").name == "Crédit Agricole"
    assert len(remembered(name="x" * 90).name) == 60


def test_saying_it_again_replaces_what_was_remembered() -> None:
    first = remembered()
    told = Told({Role.DATE: "Quand", Role.AMOUNT: "Somme A"}, order=DateOrder.DMY, whole=True)
    again = remembered(told=told)
    assert (again.pk, again.version) == (first.pk, first.version + 1)
    assert told_from_json(again.told) == told


def test_the_second_to_change_a_mapping_is_told() -> None:
    mapping = remembered()
    mapping_update(mapping=mapping, version=1, name="Banque", told=SECOND)
    with pytest.raises(ChangedMeanwhile):
        mapping_update(mapping=mapping, version=1, name="Autre", told=SECOND)
    assert Mapping.objects.get().name == "Banque"


def test_a_mapping_that_is_deleted_is_no_longer_used() -> None:
    mapping = remembered()
    mapping_delete(mapping=mapping)
    mapping_delete(mapping=mapping)
    assert receive(OPEN + "15/01/2026;Thé;-1,00;-7,00\n").state == ImportState.ASKING


def test_the_tables_of_two_unknown_banks_are_two_accounts(alice: User) -> None:
    wallet("Livret")
    first = receive("Date;Libellé;Montant\n13/01/2026;Café;-1,00\n")
    first.statements.update(wallet=Wallet.objects.get(name="Livret"))
    import_confirm(source=first, user=alice)
    assert KnownAccount.objects.get().key.startswith("header:")

    same = receive("Date;Libellé;Montant\n14/01/2026;Café;-1,00\n")
    assert same.statements.get().wallet == Wallet.objects.get(name="Livret")
    other = receive("Date;Texte;Montant\n14/01/2026;Café;-1,00\n")
    assert other.statements.get().wallet is None


def test_tables_without_a_header_are_known_by_what_their_cells_are() -> None:
    """Another bank's table of as many columns is another table."""
    rows = "13/01/2026;Café;-1,00;-2,00\n14/01/2026;Pain;-3,00;-9,00\n"
    told = Told({Role.DATE: "1", Role.LABEL: "2", Role.AMOUNT: "4"}, whole=True)
    remembered(rows, told)
    assert amounts(receive(rows.replace("Pain", "Thé"))) == ["-2.00", "-9.00"]
    other = receive("Café;13/01/2026;-1,00;-2,00\nPain;14/01/2026;-3,00;-9,00\n")
    assert not other.told


def test_a_day_first_format_that_is_no_table_is_read_as_told_and_can_be_told_otherwise() -> None:
    text = "!Type:Bank\nD01/02/2026\nT-1.00\nPa\n^\n"
    source = receive(text, "releve.qif")
    for order, day in ((DateOrder.DMY, "2026-02-01"), (DateOrder.MDY, "2026-01-02")):
        import_read_again(source=source, told=Told(order=order))
        assert str(ImportLine.objects.get().date) == day
