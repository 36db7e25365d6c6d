"""A file's bytes to text. Every encoding but UTF-8 is chosen by what the text then looks like."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from budget.imports.reading import NotReadable

#: What files of other kinds begin with, and what they are called.
SIGNATURES = [
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"RIFF", "RIFF"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP, XLSX"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"SQLite format 3", "SQLite"),
]

BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]

#: Lines in UTF-8 among others in Windows-1252.
MIXED = "mixed"
#: Tried in this order; the first of the best is taken. The last four only where they read better.
SINGLE_BYTE = ["cp1252", "iso8859-15", "cp1250", "iso8859-2", "cp850", "mac-roman"]
NAMES = {
    MIXED: "utf-8",
    "cp1252": "windows-1252",
    "iso8859-15": "iso-8859-15",
    "cp1250": "windows-1250",
}

#: Letters and signs that bank files hold, by the encodings that are in question.
WESTERN = set(
    "àâäáãåæçèéêëìíîïñòóôöõøœùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜŸ€£°’‘“”«»–—…§²³µ·º¡¿´\xa0"
)
CENTRAL = set("áčďéěíňóřšťúůýžąćęłńśźżőűăâîșțÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĄĆĘŁŃŚŹŻŐŰöüäÖÜÄß€–„”’\xa0")
RARE_WITHIN_WORDS = set("³²¹º°·¿¡´µÝýðÞþÐŸÿ¦¨¸×÷±¶¬")

#: How many bytes are decoded at a time.
PART = 64 * 1024
#: So many characters tell whether a file is text.
HEAD = 100_000

CONTROL = re.compile("[\x01-\x08\x0b\x0e-\x19\x1b-\x1f]")
WORD = re.compile(r"[^\W\d_]+(?:[³²¹º°·¿¡´µ¦¨¸][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, without its byte order mark, and the encoding it was in."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    """Reads a file as text.

    Raises NotReadable for an empty file, a picture, an archive or anything else that is no text.
    """
    parts, encoding = decode_in_parts(content)
    return Decoded("".join(parts), encoding)


def decode_in_parts(content: bytes) -> tuple[Iterator[str], str]:
    """Reads a file as `decode` does, some of it at a time, so that it is not held a second time.

    Gives the text's parts, and the encoding. Raises NotReadable as `decode` does, at once.
    """
    if not content.strip(b"\x00\x1a \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise NotReadable(_("The file is empty."))
    for signature, kind in SIGNATURES:
        if content.startswith(signature) and is_binary(content):
            if kind == "XLS":
                raise NotReadable(_("This is a spreadsheet or a document: save it as CSV."))
            raise NotReadable(_("This is not a text file but another kind: %s.") % kind)
    encoding, skipped = _encoding(content)
    head = _head(_without_end(_parts(content, encoding, skipped)))
    if len(CONTROL.findall(head)) > len(head) // 200 + 2:
        raise NotReadable(_("This is not a text file."))
    parts = _without_mark(_without_end(_parts(content, encoding, skipped)))
    return parts, NAMES.get(encoding, encoding)


def _head(parts: Iterable[str]) -> str:
    head = ""
    for part in parts:
        head += part
        if len(head) >= HEAD:
            break
    return head[:HEAD]


def _without_end(parts: Iterable[str]) -> Iterator[str]:
    """The parts without the zeros and the sign of the end that some programs write last."""
    held = ""
    for part in parts:
        text = held + part
        kept = text.rstrip("\x00\x1a")
        held = text[len(kept) :]
        yield kept


def _without_mark(parts: Iterable[str]) -> Iterator[str]:
    is_first = True
    for part in parts:
        yield part.removeprefix("\ufeff") if is_first else part
        is_first = is_first and not part


def _parts(content: bytes, encoding: str, skipped: int) -> Iterator[str]:
    """The text in parts, without the first bytes that are skipped.

    Raises UnicodeDecodeError where it is not in this encoding, with the place from there on.
    """
    if encoding == MIXED:
        for block in blocks(content):
            yield "".join(map(_utf8_or_western, block.splitlines(keepends=True)))
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for at in range(skipped, len(content), PART):
        before = len(decoder.getstate()[0])
        try:
            yield decoder.decode(content[at : at + PART], final=at + PART >= len(content))
        except UnicodeDecodeError as error:
            error.start += at - skipped - before
            raise


def blocks(content: bytes) -> Iterator[bytes]:
    """The content in blocks that end where a line does."""
    start = 0
    while start < len(content):
        end = content.find(b"\n", start + PART) + 1 or len(content)
        yield content[start:end]
        start = end


def is_binary(content: bytes) -> bool:
    """Whether the beginning has bytes that text has not: "BM" and "%PDF" may begin a text too."""
    head = content[:4096]
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return bool(CONTROL.search(head.decode("latin-1"))) or b"\x00" in head or head[:1] in b"%{"


def _encoding(content: bytes) -> tuple[str, int]:
    """A text's encoding, which it is in all through, and how long the mark is that tells it."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            try:
                _check(content, encoding, len(mark))
            except UnicodeDecodeError as error:
                if encoding == "utf-8":
                    break
                raise NotReadable(
                    _("The file says it is %(encoding)s, and is not: it is damaged at byte %(at)d.")
                    % {"encoding": encoding.upper(), "at": error.start}
                ) from error
            return encoding, len(mark)
    if encoding := _sixteen_bits(content):
        try:
            _check(content, encoding)
        except UnicodeDecodeError as error:
            raise NotReadable(_("This is not a text file.")) from error
        return encoding, 0
    try:
        _check(content, "utf-8")
    except UnicodeDecodeError:
        return (MIXED if _is_mostly_utf8(content) else _single_byte(content)), 0
    return "utf-8", 0


def _check(content: bytes, encoding: str, skipped: int = 0) -> None:
    """Raises UnicodeDecodeError where the content is not in an encoding."""
    for _part in _parts(content, encoding, skipped):
        pass


#: All but what is beyond ASCII is a space.
BEYOND_ASCII = bytes(byte if byte >= 0x80 else 0x20 for byte in range(0x100))
UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}"
)


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether most letters beyond ASCII are UTF-8: some programs put files together unread."""
    beyond = found = 0
    for block in blocks(content):
        if block.isascii():
            continue
        runs = b" ".join(block.translate(BEYOND_ASCII).split())
        beyond += len(runs) - runs.count(b" ")
        found += sum(map(len, UTF8_SEQUENCE.findall(runs)))
    return found * 2 > beyond


def _utf8_or_western(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _sixteen_bits(content: bytes) -> str:
    """UTF-16 without its mark: in a bank's file most characters are ASCII, so every other byte
    is zero, and hardly any of the others."""
    head = content[:4000]
    half = len(head) // 2
    if half < 4 or len(content) % 2:
        return ""
    even, odd = head[0 : half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _single_byte(content: bytes) -> str:
    """The encoding in which the letters beyond ASCII make words."""
    special = bytes(sorted(set(content.translate(None, delete=bytes(range(0x80))))))
    sample = _around(content)
    best: tuple[int, str] | None = None
    for encoding in SINGLE_BYTE:
        try:
            special.decode(encoding)
            score = _oddities(sample.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
        if best is None or score < best[0]:
            best = (score, encoding)
    if other := _other_script(content, sample):
        return other
    if best is None:
        raise NotReadable(_("This is not a text file."))
    return best[1]


#: In Western text letters beyond ASCII stand alone or in twos: in runs of this many on average
#: they are another script.
RUN = 1.8
SCRIPTS = [
    ("cp932", re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef\u2010-\u2027]")),
    ("cp949", re.compile(r"[\uac00-\ud7a3]")),
    ("gb18030", re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2027]")),
    ("cp1251", re.compile(r"[А-Яа-яЁё№«»„“”–—…]")),
    ("cp1253", re.compile(r"[Ά-ώ«»–—…΄]")),
    ("cp1255", re.compile(r"[א-ת״׳₪–—]")),
]
#: Every Japanese bank's file has one of these.
JAPANESE = re.compile(r"[\u3041-\u30ff日金]")


def _other_script(content: bytes, sample: bytes) -> str:
    """The encoding of a text in a script that is not Latin; "" where nothing speaks for one."""
    runs = re.findall(rb"[\x80-\xff]+", sample)
    if sum(map(len, runs)) < RUN * len(runs) or len(b"".join(runs)) < 6:
        return ""
    for encoding, script in SCRIPTS:
        if encoding in {"cp1251", "cp1253", "cp1255"} and encoding != _alphabet(b"".join(runs)):
            continue
        try:
            _check(content, encoding)
        except UnicodeDecodeError:
            continue
        text = next(_parts(content, encoding, 0))
        beyond = [character for character in text if character >= "\x80"]
        if len(script.findall(text)) >= 0.9 * len(beyond) and (
            encoding != "cp932" or JAPANESE.search(text)
        ):
            return encoding
    return ""


def _alphabet(letters: bytes) -> str:
    """Which of three alphabets the bytes are letters of, whose encodings have one for each."""
    if min(letters) >= 0xE0:
        return "cp1255"  # Hebrew has no capitals
    # The letter most frequent in Russian stands where Greek has one of the rarest.
    return "cp1251" if letters.count(0xE0) * 50 >= len(letters) else "cp1253"


def _around(content: bytes) -> bytes:
    """What stands around the bytes beyond ASCII, for at most some thousands of them."""
    found: list[bytes] = []
    start = 0
    for block in blocks(content):
        for match in [] if block.isascii() else re.finditer(rb"[\x80-\xff]+", block):
            at, end = start + match.start(), start + match.end()
            found.append(content[max(0, at - 20) : end + 20][:80])
            if len(found) == 5000:
                return b"; ".join(found)
        start += len(block)
    return b"; ".join(found)


def _oddities(text: str, encoding: str) -> int:
    """How much there is in a text, read in an encoding, that no bank writes. Less is better."""
    expected = CENTRAL if encoding in {"cp1250", "iso8859-2"} else WESTERN
    odd = 0
    for character, times in Counter(text).items():
        if character < "\x80":
            continue
        if "\x80" <= character <= "\x9f" or character == "¤":
            odd += 6 * times
        elif character not in expected:
            odd += 4 * times
    for word, times in Counter(WORD.findall(text)).items():
        odd += times * _odd_within(word)
    if encoding in {"cp1250", "iso8859-2"}:
        # These have a letter for nearly every byte, so they must show letters of their own that
        # stand where their languages put them, and not Western words spelt strangely.
        known = _central_words(text)
        odd += 1 - 8 * known if known else 1000
    if encoding in {"cp850", "mac-roman"}:
        odd += 1
    return odd


def _odd_within(word: str) -> int:
    """How odd a word is by where its letters stand."""
    if word.isascii():
        return 0
    body = word[1:]
    odd = 3 * sum(1 for character in body if character in RARE_WITHIN_WORDS)
    # An upper-case accented letter after a lower-case one: "zaúÈtováno", "dŽbit".
    return odd + 2 * sum(
        1
        for before, character in zip(word, body, strict=False)
        if before.islower() and character.isupper() and character >= "\x80"
    )


#: Pieces of words that headers and labels of such files have, and no Western text has when it is
#: read in a Central European encoding.
CENTRAL_WORDS = re.compile(
    r"částk|účt|účet|měn[ay]|zpráv|název|převod|příkaz|číslo|původ|zůstat|poznámk|platb|"
    r"księg|kwot|odbior|tytuł|rachun|zł\b|obciąż|wpływ|opis operacji|własn|płatnoś|"
    r"összeg|könyv|közlem|értékn|devizan|számla|egyenleg|bevétel|terhel|jóváír|"
    r"suma|pohyb|účel|čiastk|popis",
    re.IGNORECASE,
)


def _central_words(text: str) -> int:
    """How many pieces of such words there are that have a letter beyond ASCII in them."""
    return sum(1 for match in CENTRAL_WORDS.finditer(text) if not match[0].isascii())
