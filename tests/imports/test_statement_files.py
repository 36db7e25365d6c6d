"""Each example file is read exactly, and never wrongly where it is damaged."""

from pathlib import Path

import pytest

from budget.imports import recognition
from budget.imports.reading import NotReadable, Reading
from tests.imports.statement_files import FILES, READERS, expected, told


def ids(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_an_example_is_read_exactly_as_the_rows_beside_it_say(path: Path) -> None:
    reading = READERS[path.suffix].read(path.read_bytes())
    assert told(reading) == expected(path)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_is_known_by_its_own_reader_alone(path: Path) -> None:
    head = path.read_bytes()[:65536]
    knowing = {reader.__name__ for reader in READERS.values() if reader.looks_like(head)}
    assert knowing == {READERS[path.suffix].__name__}


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_is_given_to_its_reader_whatever_it_is_called(path: Path) -> None:
    assert told(recognition.read(path.read_bytes())) == expected(path)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\r\r\n"], ids=repr)
@pytest.mark.parametrize("path", FILES, ids=ids)
def test_line_ends_change_nothing(path: Path, end: bytes) -> None:
    content = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end)
    assert told(READERS[path.suffix].read(content)) == expected(path)


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_an_encoding_is_found_whatever_is_declared(path: Path) -> None:
    content = path.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    for encoding in ["utf-8", "utf-8-sig", "utf-16", "cp1252"]:
        reading = READERS[path.suffix].read(text.encode(encoding))
        assert told(reading) == expected(path), encoding
        assert READERS[path.suffix].looks_like(text.encode(encoding)[:65536]), encoding


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_a_file_that_breaks_off_is_told_or_read_as_far_as_it_goes(path: Path) -> None:
    """QIF and MT940 have no end: what is missing cannot be known. What is read is right."""
    content = path.read_bytes()
    whole = READERS[path.suffix].read(content)
    moved = movements(whole)
    for cut in range(1, len(content.rstrip()), 7):
        reading = read_or_refuse(path, content[:cut])
        if reading is None:
            continue
        assert movements(reading) <= moved, cut
        if path.suffix not in {".qif", ".sta"} and not reading.unreadable:
            assert len(reading.lines) == len(whole.lines), cut


def movements(reading: Reading) -> set[tuple[object, ...]]:
    """Without the word that tells an account from another of the same number in the file."""
    return {(line.date, line.amount, line.account.partition(" ")[0]) for line in reading.lines}


def read_or_refuse(path: Path, content: bytes) -> Reading | None:
    try:
        reading: Reading = READERS[path.suffix].read(content)
    except NotReadable:
        return None
    return reading
