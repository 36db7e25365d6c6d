"""Which reader a file is for. What it holds decides, never its name or the type a browser says."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _

from budget.imports.columns import Told
from budget.imports.formats import camt, csv, mt940, ofx, qif
from budget.imports.reading import NotReadable, NotSure, Reading

LARGEST = 50 * 1024 * 1024
MOST_LINES = 500_000
#: How much of a file a reader needs to know it by: more than any preamble.
HEAD = 64 * 1024
#: Lines of a table that may stand before and after its movements.
BESIDE = 100


class Reader(Protocol):
    """A module that reads one format."""

    __name__: str

    def looks_like(self, head: bytes) -> bool:
        """Whether a file that begins like this is of the format."""
        ...

    def read(self, content: bytes, told: Told | None = None) -> Reading:
        """All that is in a file of the format; `told` answers what the file leaves open."""
        ...


#: Those that are known by their first words; a table is what is left.
READERS: list[Reader] = [ofx, camt, mt940, qif]


def read(content: bytes, told: Told | None = None) -> Reading:
    """Reads a bank's file of any format; `told` is what the person says of it.

    Raises NotReadable where the file is refused, NotSure where it can be read in several ways.
    """
    if len(content) > LARGEST:
        raise NotReadable(_("The file is larger than %d MB.") % (LARGEST // 1024 // 1024))
    head = content[:HEAD]
    reader = next((each for each in READERS if each.looks_like(head)), None)
    if reader is None:
        _check_lines(content)
    try:
        reading = reader.read(content, told) if reader else csv.read(content, told or Told())
    except NotSure as error:
        error.format = reader.__name__.rpartition(".")[2] if reader else "csv"
        raise
    return _within_limits(reading)


def _check_lines(content: bytes) -> None:
    """Refuses a table that is too long, before it is read."""
    if max(content.count(b"\n"), content.count(b"\r")) > MOST_LINES + BESIDE:
        raise NotReadable(_("The file has more than %d lines.") % MOST_LINES)


def _within_limits(reading: Reading) -> Reading:
    if len(reading.lines) > MOST_LINES:
        raise NotReadable(_("The file has more than %d lines.") % MOST_LINES)
    return reading
