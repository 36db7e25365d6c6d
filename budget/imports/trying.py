"""The first lines of a waiting table as they would be read, before anything is said for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BinaryField, F, Func, Value

from budget.imports.columns import Told
from budget.imports.models import Import, ImportFile
from budget.imports.reading import NotReadable, StatementLine, Unreadable
from budget.imports.recognition import read

#: So much of a file is read for it, in bytes: some thousand lines.
HEAD = 256 * 1024
LINES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Trial:
    """Some lines as they are read, or why none can be."""

    lines: Sequence[StatementLine | Unreadable] = ()
    fault: str = ""


def told_try(*, source: Import, told: Told | None) -> Trial:
    """Read the first lines of a waiting file with what the person says of its columns."""
    file = (
        ImportFile.objects.filter(source=source)
        .annotate(
            head=Func(
                F("content"),
                Value(1),
                Value(HEAD),
                function="substring",
                output_field=BinaryField(),
            )
        )
        .values_list("head", flat=True)
        .first()
    )
    content = bytes(file or b"")
    if len(content) == HEAD:
        content = whole_lines(content)
    try:
        reading = read(content, told)
    except NotReadable as error:
        return Trial(fault=str(error))
    lines: list[StatementLine | Unreadable] = [*reading.lines, *reading.unreadable]
    return Trial(sorted(lines, key=lambda each: each.number)[:LINES_SHOWN])


def whole_lines(content: bytes) -> bytes:
    """The bytes up to the last end of a line, in any encoding."""
    end = max(content.rfind(b"\n"), content.rfind(b"\r")) + 1
    wide = b"\x00" in content[:100]  # two bytes a character
    return content[: end + end % 2] if wide else content[:end]
