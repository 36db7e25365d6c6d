"""A ZIP of the bank's files: what comes out of it, and what is refused before it hurts."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from budget.core.tenancy import household_scope
from budget.imports import unpacking
from budget.imports.models import Import
from budget.imports.reading import NotReadable
from budget.imports.recognition import read
from budget.imports.unpacking import unpacked
from budget.users.models import Household

FILE = b"Date;Libelle;Montant\n13/01/2026;Cafe;-1,00\n"


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def refused(content: bytes, words: str) -> None:
    with pytest.raises(NotReadable, match=words):
        unpacked("releves.zip", content)


def test_what_is_no_archive_stays_as_it_is() -> None:
    assert unpacked("releve.csv", FILE) == [("releve.csv", FILE)]
    assert unpacked("vide.csv", b"") == [("vide.csv", b"")]


def test_every_file_of_an_archive_comes_out_in_its_order() -> None:
    content = zipped(("b.csv", FILE), ("a.ofx", b"OFXHEADER:100"))
    assert unpacked("releves.zip", content) == [("b.csv", FILE), ("a.ofx", b"OFXHEADER:100")]


def test_folders_and_what_systems_leave_behind_are_no_files() -> None:
    content = zipped(
        ("2026/", b""), ("2026/a.csv", FILE), ("__MACOSX/2026/._a.csv", b"x"), (".DS_Store", b"x"),
        ("2026/Thumbs.db", b"x"), ("2026\\._b.csv", b"x"), ("desktop.ini", b"x"),
    )  # fmt: skip
    assert unpacked("releves.zip", content) == [("a.csv", FILE)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("/abs/relevé.csv", "relevé.csv"),
        ("C:\\Users\\a\\x.csv", "x.csv"),
        ("a\u202efdp.csv\n", "afdp.csv"),
        ("x" * 400 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_a_name_is_only_its_last_part(name: str, shown: str) -> None:
    assert unpacked("releves.zip", zipped((name, FILE)))[0][0] == shown
    assert unpacked(name, FILE)[0][0] == shown


def test_names_are_read_in_either_of_the_archive_s_encodings() -> None:
    old = zipped(("relev\u00e9.csv", FILE))  # flagged as UTF-8
    assert unpacked("z", old)[0][0] == "relevé.csv"
    for written, shown in ((b"relev\x82.csv", "relevé.csv"), ("relevé".encode(), "relevé")):
        plain = "x" * len(written)
        content = zipped((plain, FILE)).replace(plain.encode(), written)
        assert unpacked("z", content)[0][0] == shown


def test_an_archive_without_a_file_is_refused() -> None:
    refused(zipped(), "no file")
    refused(zipped(("a/", b"")), "no file")


@pytest.mark.parametrize("office", ["[Content_Types].xml", "mimetype", "Index/Document.iwa"])
def test_a_spreadsheet_is_told_to_be_saved_as_csv(office: str) -> None:
    refused(zipped((office, b"x"), ("xl/workbook.xml", b"x")), "save it as CSV")


def test_an_old_spreadsheet_is_told_so_too() -> None:
    with pytest.raises(NotReadable, match="save it as CSV"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


def test_an_archive_in_an_archive_is_refused() -> None:
    refused(zipped(("inner.zip", zipped(("a.csv", FILE)))), "another archive")


def test_a_password_is_refused() -> None:
    content = bytearray(zipped(("a.csv", FILE)))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    refused(bytes(content), "password")


def test_a_way_of_packing_that_is_not_known_is_refused() -> None:
    content = zipped(("a.csv", FILE), method=zipfile.ZIP_BZIP2)
    refused(content, "packed in a way")


def test_what_is_damaged_is_refused() -> None:
    whole = zipped(("a.csv", FILE))
    refused(whole[:60], "damaged")
    refused(whole[:20] + b"\xff" * 20 + whole[40:], "damaged")
    spoilt = bytearray(zipped(("a.csv", FILE), method=zipfile.ZIP_STORED))
    spoilt[40] ^= 1  # the checksum no longer holds
    refused(bytes(spoilt), "damaged")


def test_any_cut_of_an_archive_is_read_or_refused() -> None:
    whole = zipped(("a.csv", FILE), ("b.csv", FILE * 3))
    for end in range(len(whole)):
        for content in (whole[:end], whole[:end] + b"\xff" + whole[end + 1 :]):
            try:
                found = unpacked("z.zip", content)
            except NotReadable:
                continue
            assert found


def test_a_bomb_is_left_off_long_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    produced = 0
    real = zipfile.ZipExtFile.read

    def counted(file: zipfile.ZipExtFile, n: int = -1) -> bytes:
        nonlocal produced
        piece = real(file, n)
        produced += len(piece)
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counted)
    refused(zipped(("a.csv", b"0" * 40_000_000)), "too large")
    assert produced < 12_000_000


def test_the_archive_s_word_for_a_size_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST", 10_000)
    content = bytearray(zipped(("a.csv", FILE * 1000), method=zipfile.ZIP_DEFLATED))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(NotReadable):
        unpacked("z.zip", bytes(content))
    refused(zipped(("a.csv", FILE * 1000)), "too large")


def test_many_files_together_have_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_IN_ALL", 100)
    assert len(unpacked("z", zipped(("a", FILE), ("b", FILE)))) == 2
    refused(zipped(("a", FILE), ("b", FILE), ("c", FILE)), "too large")


def test_entries_that_share_their_bytes_are_refused() -> None:
    content = zipped(("a.csv", FILE))
    at = content.rindex(b"PK\x01\x02")
    end = content.rindex(b"PK\x05\x06")
    directory = content[at:end]
    closing = bytearray(content[end:])
    closing[8:16] = struct.pack("<HHI", 2, 2, 2 * len(directory))
    refused(content[:at] + directory * 2 + bytes(closing), "damaged")


def test_more_files_than_anybody_has_are_refused() -> None:
    files = [(f"{n}.csv", b"x") for n in range(51)]
    assert len(unpacked("z", zipped(*files[:50]))) == 50
    refused(zipped(*files), "more than 50")


def test_a_directory_of_many_entries_is_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped(*((f"{n}/", b"") for n in range(600)))
    monkeypatch.setattr(zipfile, "ZipFile", None)
    refused(content, "more than 50")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "EXE"),
        (b"\x7fELF\x02\x01\x01\x00", "ELF"),
        (b"Rar!\x1a\x07\x00", "RAR"),
    ],
)
def test_other_kinds_named_csv_are_called_by_their_name(content: bytes, kind: str) -> None:
    ((_name, same),) = unpacked("releve.csv", content)
    with pytest.raises(NotReadable, match=kind):
        read(same)


def test_the_files_of_an_uploaded_archive_are_answered_for_one_by_one(
    as_alice: Client, household: Household
) -> None:
    content = zipped(("octobre.csv", FILE), ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256))))
    for name, sent in (("releves.zip", content), ("casse.zip", content[:60])):
        file = SimpleUploadedFile(name, sent)
        response = as_alice.post("/h/alice/import/upload/", {"files": [file], "whole": "1"})
        assert response.status_code == 422
        answers = response.context["answers"]
        told = [(answer.file_name, bool(answer.reason)) for answer in answers]
        if name == "casse.zip":
            assert told == [("casse.zip", True)]
        else:
            assert told == [("octobre.csv", False), ("photo.csv", True)]
    with household_scope(household):
        assert [source.file_name for source in Import.objects.all()] == ["octobre.csv"]
