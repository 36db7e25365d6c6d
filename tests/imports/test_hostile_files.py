"""Files that are empty, broken, or meant to do harm: each is read or refused, and never fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from budget.archives.export import month_document
from budget.archives.services import month_close
from budget.core.export import household_export
from budget.core.periods import Period
from budget.imports import columns, recognition
from budget.imports.entering import import_confirm
from budget.imports.formats import csv
from budget.imports.models import Import, ImportFile, ImportLine, ImportState
from budget.imports.reading import NotReadable
from budget.imports.services import import_receive
from budget.imports.unpacking import unpacked
from budget.transactions.models import Transaction
from budget.users.models import User

pytestmark = pytest.mark.usefixtures("scope")

HEAD = "Date;Libellé;Montant\n"
ROW = "13/01/2026;Café;-1,00\n"


def receive(content: bytes | str, name: str = "releve.csv") -> Import:
    raw = content.encode() if isinstance(content, str) else content
    return import_receive(file_name=name, content=raw, user=None)


def refusal(content: bytes | str, language: str = "en") -> str:
    with translation.override(language), pytest.raises(NotReadable) as refused:
        receive(content)
    assert not Import.objects.exists()
    assert not ImportFile.objects.exists()
    return str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", bytes(90)]
)
def test_an_empty_file_is_refused_in_the_reader_s_language(content: bytes) -> None:
    assert refusal(content) == "The file is empty."
    assert refusal(content, "fr") == "Le fichier est vide."


@pytest.mark.parametrize(
    "content", [HEAD, "Date,Amount\n\n\n", "a;b;c\n", "un mot\n", "Quand;Quoi\n"]
)
def test_a_file_of_column_names_alone_is_refused(content: str) -> None:
    assert refusal(content) == "No line with a date and an amount was found."
    assert refusal(content, "fr") == "Aucune ligne avec une date et un montant n’a été trouvée."


PICTURES = [
    b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    b"GIF89a" + bytes(range(256)) * 40,
    b"\xff\xd8\xff\xe1" + bytes(range(256)) * 40,
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 40,
    b"MZ\x90" + bytes(range(256)) * 40,
]


@pytest.mark.parametrize("content", PICTURES)
def test_a_picture_or_a_program_named_csv_is_refused(content: bytes) -> None:
    assert refusal(content).startswith("This is not a text file")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
SECRETS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'
CAMT = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
    "<Ntry><AddtlNtryInf>&i;</AddtlNtryInf></Ntry></Stmt></BkToCstmrStmt></Document>"
)
OFX = "<OFX><BANKMSGSRSV1><STMTTRN><MEMO>&i;</MEMO></STMTTRN></BANKMSGSRSV1></OFX>"


@pytest.mark.parametrize("entities", [LAUGHS, SECRETS])
@pytest.mark.parametrize("body", [CAMT, OFX])
def test_entities_are_never_resolved(entities: str, body: str) -> None:
    assert "root:" not in refusal(entities + body)


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROW + "14/01/2026;Caf\x00é;-1,00\n",
        HEAD + "13/01/2026;Ca\x00fé;-1,\x0000\n" + ROW,
        "OFXHEADER:100\n<OFX><STMTTRN><DTPOSTED>20260113<TRNAMT>-1.00<FITID>1\x00<NAME>Ca\x00f</OFX>",
        "!Type:Bank\nD13/01/2026\nT-1.00\nPCaf\x00e\n^\n",
        ":20:1\n:25:A\x00\n:60F:C260101EUR0,\n:61:2601130113D1,NTRFNONREF\n:86:Caf\x00e\n"
        ":62F:C260113EUR-1,\n",
        "Quand\x00;Quoi\x00;Somme A;Somme B\n13/01/2026;Café;-1,00;-2,00\n",
    ],
)  # fmt: skip
def test_nul_bytes_are_left_out_or_told(content: str) -> None:
    try:
        source = receive(content)
    except NotReadable:
        return
    assert source.state in {ImportState.READY, ImportState.ASKING}
    assert not any("\x00" in line.label + line.bank_id for line in ImportLine.objects.all())


def test_a_line_of_ten_megabytes_is_one_line_that_cannot_be_read() -> None:
    source = receive(HEAD + ROW + "14/01/2026;" + "x" * 10_000_000 + ";-1,00\n" + ROW)
    lines = ImportLine.objects.filter(statement__source=source)
    assert [line.finding for line in lines] == ["new", "new", "bad"]
    assert max(len(line.label) for line in lines) <= 200


def test_a_line_of_ten_megabytes_of_separators_is_refused() -> None:
    assert "columns" in refusal(HEAD + ROW + ";" * 10_000_000 + "\n")
    assert "columns" in refusal(";" * 10_000_000)


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    source = receive(HEAD + ROW + '14/01/2026;"Pain;-1,00\n' + ROW * 3000)
    lines = ImportLine.objects.filter(statement__source=source)
    assert lines.filter(finding="new").count() >= 3000
    assert lines.filter(finding="bad").count() == 1


@pytest.mark.parametrize("width", [2_000, 6_000])
def test_thousands_of_columns_are_read_or_refused(width: int) -> None:
    names = ";".join(f"c{n}" for n in range(width))
    row = "13/01/2026;Café;-1,00" + ";" * (width - 3)
    content = f"Date;Libellé;Montant;{names}\n" + f"{row};;;\n" * 3
    if width > 5_000:
        assert "5000" in refusal(content)
    else:
        source = receive(content)
        assert ImportLine.objects.filter(statement__source=source).count() == 3
        assert len(source.header) == width + 3


def wide(name: str, cell: str, columns: int, rows: int) -> str:
    """A table with many columns of one kind beside its dates and labels."""
    names = ";".join(name.format(n=n) for n in range(columns))
    cells = ";".join([cell] * columns)
    return f"Quand;Quoi;{names}\n" + f"13/01/2026;Café;{cells}\n" * rows


@pytest.mark.parametrize("name", ["c{n}", "Montant", "Solde {n}", "Montant {n}", "Débit;Crédit"])
def test_hundreds_of_columns_of_amounts_are_not_each_compared_with_each(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0
    real = columns.runs

    def counted(*arguments: Any, **options: Any) -> str:
        nonlocal compared
        compared += 1
        return real(*arguments, **options)

    monkeypatch.setattr(columns, "runs", counted)
    try:
        source = receive(wide(name, "-1,00", 600, 5))
    except NotReadable:
        return
    finally:
        assert compared < 5_000
    assert len(source.question) < 1_000


def test_of_a_wide_table_no_more_cells_are_looked_at_than_of_a_narrow_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_at = 0
    real = columns.Content.add

    def counted(content: columns.Content, cell: str) -> None:
        nonlocal looked_at
        looked_at += 1
        real(content, cell)

    monkeypatch.setattr(columns.Content, "add", counted)
    receive(
        wide("c{n}", "x", 4_000, 200).replace("c0;", "Montant;").replace("Café;x", "Café;-1,00")
    )
    assert 0 < looked_at <= 100_000


def test_a_line_of_many_megabytes_is_refused_before_it_is_parted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(csv, "LONGEST_LINE", 1_000_000)
    for sign in ('"', "1", "'", "\\"):
        assert (
            refusal(HEAD + ROW + sign * 1_000_001 + "\n" + ROW) == "A line of the file is too long."
        )


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_arguments: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(csv, "read", never)
    monkeypatch.setattr(recognition, "LARGEST", 1024 * 1024)
    assert refusal(HEAD + ROW * 60_000) == "The file is larger than 1 MB."
    monkeypatch.setattr(recognition, "MOST_LINES", 1_000)
    assert refusal(HEAD + ROW * 1_200) == "The file has more than 1000 lines."
    assert refusal((HEAD + ROW * 1_200).replace("\n", "\r")) == "The file has more than 1000 lines."
    assert "1000" in refusal(HEAD + ROW * 1_200, "fr")


@pytest.mark.parametrize(
    "break_off",
    [lambda whole: whole[:-9], lambda whole: whole[: len(whole) // 2], lambda whole: whole[:1]],
)
def test_a_file_that_was_cut_is_read_or_refused(break_off: Callable[[bytes], bytes]) -> None:
    for whole in ((HEAD + ROW * 5).encode("utf-16"), (HEAD + ROW * 5).encode(), CAMT.encode()):
        for _name, content in unpacked("releve", break_off(whole)):
            try:
                receive(content)
            except NotReadable:
                continue


ALIVE = ['=HYPERLINK("http://x";"y")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "=cmd|' /C calc'!A0"]


@pytest.mark.usefixtures("today")
def test_a_formula_in_a_label_does_not_come_out_alive(alice: User) -> None:
    """What we give out is JSON, of which no program makes a formula."""
    rows = "".join(
        f'{day:02}/10/2026;"{label.replace(chr(34), chr(34) * 2)}";-1,00\n'
        for day, label in enumerate(ALIVE, 1)
    )
    source = receive(HEAD + rows)
    import_confirm(source=source, user=alice)
    labels = set(Transaction.objects.values_list("bank_label", flat=True))
    assert {label.strip() for label in ALIVE} <= labels

    with household_export() as file:
        told = json.load(file)
    lines = told["transactions.transaction"]
    assert {label.strip() for label in ALIVE} <= {line["bank_label"] for line in lines}
    for line in month_document(month_close(period=Period.parse("2026-10"))).decode().splitlines():
        assert not line.startswith(tuple("=+@\t\r-"))
