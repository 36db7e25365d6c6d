"""The files that were dropped as one ZIP, without trusting a word of what the archive says."""

from __future__ import annotations

import contextlib
import stat
import struct
import zipfile
import zlib
from io import BytesIO

from django.utils.translation import gettext as _

from budget.imports.reading import NotReadable
from budget.imports.recognition import LARGEST

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
#: Every entry of an archive's directory begins with it.
ENTRY = b"PK\x01\x02"
MOST_FILES = 50
#: Of all that an archive holds; each file by itself may be as large as any upload.
LARGEST_IN_ALL = 2 * LARGEST
#: Folders and files that programs leave behind count as well, and cost as well.
MOST_ENTRIES = 500
#: A bank's file shrinks to a tenth, the dullest to a fiftieth. Small files may be what they like.
LARGEST_RATIO = 200
SMALL = 1024 * 1024
CHUNK = 64 * 1024
LONGEST_NAME = 255

NOISE = {".ds_store", "thumbs.db", "desktop.ini"}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
UTF8_NAME, ENCRYPTED = 0x800, 0x1
#: What every spreadsheet, document or presentation has: each of them is a ZIP.
OFFICE_PARTS = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml", "Index/Document.iwa")


def unpacked(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """The files of a ZIP, each with its own name; anything else as it is, with the name given.

    Names are for reading alone: their last part, never a path. Raises NotReadable for a broken or
    encrypted archive, for one in another, for a spreadsheet, and for what would be too large.
    """
    if not content.startswith(SIGNATURES):
        return [(shown_name(name), content)]
    if len(content) > LARGEST:
        raise NotReadable(_("The file is larger than %d MB.") % (LARGEST // 1024 // 1024))
    if content.count(ENTRY) > MOST_ENTRIES:  # opening it would make an object of each
        raise _too_many()
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _files(archive, content)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        RuntimeError,  # a password is wanted
        NotImplementedError,
        ValueError,
        OverflowError,
    ) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable(_("This ZIP archive is damaged and cannot be opened.")) from error


def shown_name(name: str) -> str:
    """The last part of a name, with nothing in it that is not to be read."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[-LONGEST_NAME:].strip()


def _files(archive: zipfile.ZipFile, content: bytes) -> list[tuple[str, bytes]]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if any(part in names for part in OFFICE_PARTS):
        raise NotReadable(_("This is a spreadsheet or a document: save it as CSV."))
    wanted = [entry for entry in entries if not _is_noise(entry)]
    if len(wanted) > MOST_FILES:
        raise _too_many()
    if not wanted:
        raise NotReadable(_("There is no file in this ZIP archive."))
    _check_overlaps(entries, content)
    found: list[tuple[str, bytes]] = []
    left = LARGEST_IN_ALL
    for entry in wanted:
        file = _content(archive, entry, left)
        left -= len(file)
        if file.startswith(SIGNATURES):
            raise NotReadable(_("There is another archive in this ZIP archive: unpack it first."))
        found.append((_name(entry), file))
    return found


def _too_many() -> NotReadable:
    return NotReadable(_("There are more than %d files in this ZIP archive.") % MOST_FILES)


def _is_noise(entry: zipfile.ZipInfo) -> bool:
    """Whether it is a folder, a link, or what a system leaves beside files."""
    parts = [part.casefold() for part in entry.filename.replace("\\", "/").split("/")]
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return (
        not parts[-1]
        or is_link
        or "__macosx" in parts
        or parts[-1] in NOISE
        or parts[-1].startswith("._")
    )


def _check_overlaps(entries: list[zipfile.ZipInfo], content: bytes) -> None:
    """Refuses entries that share their bytes: so a small archive holds a huge one many times."""
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end or entry.header_offset + 30 > len(content):
            raise zipfile.BadZipFile
        name, extra = struct.unpack_from("<HH", content, entry.header_offset + 26)
        end = entry.header_offset + 30 + name + extra + entry.compress_size
    if end > len(content):
        raise zipfile.BadZipFile


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """One file, read piece by piece: what the archive says of its size may be a lie."""
    if entry.flag_bits & ENCRYPTED:
        raise NotReadable(_("This ZIP archive has a password: unpack it first."))
    if entry.compress_type not in METHODS:
        raise NotReadable(_("This ZIP archive is packed in a way that cannot be opened here."))
    allowed = min(LARGEST, left, max(SMALL, entry.compress_size * LARGEST_RATIO))
    pieces: list[bytes] = []
    size = 0
    with archive.open(entry) as packed:
        while piece := packed.read(CHUNK):
            size += len(piece)
            if size > allowed:
                raise NotReadable(_("What is in this ZIP archive is too large."))
            pieces.append(piece)
    return b"".join(pieces)


def _name(entry: zipfile.ZipInfo) -> str:
    """The file's name. Without its flag it comes as an old PC's; many write UTF-8 all the same."""
    name = entry.filename
    if not entry.flag_bits & UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return shown_name(name)
