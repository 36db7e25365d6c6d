"""MT940, the customer statement of SWIFT, as banks of several countries write it.

A statement is believed only where its opening balance and its lines come to its closing balance.

Source: SWIFT category 9, MT940, fields 20 to 86; for the sub-fields of 86 the German
"DFÜ-Abkommen", annex 3, and the Dutch banks' format descriptions (ABN AMRO, ING, Rabobank).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from budget.imports.amounts import plain
from budget.imports.columns import Told
from budget.imports.decoding import decode
from budget.imports.formats.ids import with_own_ids
from budget.imports.formats.labels import folded
from budget.imports.formats.lines import numbered_lines
from budget.imports.reading import (
    LineStatus,
    NotReadable,
    Reading,
    StatementBalance,
    StatementLine,
    Unreadable,
)

HEAD = re.compile(rb"(?:^|[\r\n]|\{4:)[ \t\x01\xef\xbb\xbf\xff\xfe]{0,8}:20:")
HEAD_TOO = re.compile(rb"[\r\n][ \t]{0,8}:(?:25P?|60[FM]?|61):")
#: What stands around a message: `{1:…}{2:…}{3:{108:…}}{4:` before it, `-}{5:…}` after it.
BLOCKS = re.compile(r"-?\}?(?:\{[1235S]:(?:[^{}]++|\{[^{}]*+\})*+\})*+(?:\{4:)?")
TAG = re.compile(r":(NS|[0-9]{2}[A-Z]?):")
END = re.compile(r"-(?:XXX|\})?")
BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})? ?([0-9]{1,15}(?:[.,][0-9]{0,10})?|,[0-9]{1,10})")
LINE = re.compile(
    r"([0-9]{6})([0-9]{4}| {4})? ?"  # value date; day of entry
    r"(R[CD]|E[CD]|[CD])([A-Z])?[ \n]?"  # direction; the currency's third letter
    r"([0-9]{1,15}(?:[.,][0-9]{0,10})?|,[0-9]{1,10})"
    r"(?:([NFS][A-Z0-9]{2}[A-Z0-9 ])|S   )?"  # type of transaction
    r"(.*)",
    re.DOTALL,
)
#: The most characters in a line of field 86, and in a German sub-field. Banks that cut at them cut
#: in mid-word, others break lines between words.
LINE_LENGTH, PART_LENGTH = 65, 27
LONG = 55  # a shorter line ends where the bank meant it to
GERMAN = re.compile(r"([0-9]{3})\n?([^0-9A-Za-z\s/])(?=[0-9]{2})")
SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|ANAM)\+")
DUTCH = re.compile(
    r"/(TRTP|TRCD|IBAN|BIC|NAME|REMI|EREF|IREF|KREF|PREF|MARF|CSID|ORDP|BENM|ISDT|RTRN|PURP|SVCL|"
    r"ULTD|ULTC|ULTB|CNTP|ADDR|INIT|OCMT|CHGS|EXCH|CREF|RREF|RETR|ID|BUSP|UDTR|UCRD)/"
)
NO_ID = {"NONREF", "NOREF", "NOTPROVIDED", "NONE", "EREF", "MARF", "PREF"}
PIVOT = 80  # two-digit years from here on belong to the last century


@dataclass(slots=True)
class Tag:
    """A field: its name, its text with line ends, the line where it begins."""

    name: str
    text: str
    number: int


@dataclass(slots=True)
class Entry:
    """A `:61:` with the `:86:` that follow it."""

    tag: Tag
    information: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Statement:
    """The fields of one message."""

    number: int
    account: str = ""
    opening: Tag | None = None
    closing: Tag | None = None
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Balance:
    """What a `:60F:` or `:62F:` says."""

    date: dt.date
    amount: Decimal
    currency: str


def looks_like(head: bytes) -> bool:
    """Whether a file that begins like this is MT940."""
    plain_head = head.replace(b"\x00", b"")
    return bool(HEAD.search(plain_head) and HEAD_TOO.search(plain_head))


def read(content: bytes, told: Told | None = None) -> Reading:
    """Reads a file; nothing in it is left open, so that `told` is not asked.

    Raises NotReadable where it is no MT940, and where no statement of it adds up.
    """
    decoded = decode(content)
    statements = _statements(decoded.text)
    if not any(each.opening or each.entries for each in statements):
        raise NotReadable(_("The file has no MT940 statement in it."))
    cut_at = _cut_at(statements)
    read_: list[list[StatementLine]] = []
    unreadable: list[Unreadable] = []
    balances: list[StatementBalance] = []
    refused = ""
    for statement in statements:
        lines, strange = _lines(statement, cut_at)
        unreadable += strange
        try:
            lines, closing = _checked(statement, lines, complete=not strange)
        except NotReadable as error:
            refused = str(error)
            unreadable += [
                Unreadable(line.number, refused, f"{line.amount} {line.label}"[:200])
                for line in lines
            ] or [Unreadable(statement.number, refused, statement.account[:200])]
            continue
        read_.append(lines)
        if statement.closing and statement.closing.name != "62M":
            account, currency = _account(statement.account)
            balances.append(
                StatementBalance(
                    account, closing.date, closing.amount, closing.currency or currency
                )
            )
    if refused and not any(read_):
        raise NotReadable(refused)
    return Reading(
        format="mt940",
        layout="",
        lines=with_own_ids(read_),
        unreadable=sorted(unreadable, key=lambda each: each.number),
        balances=balances,
        encoding=decoded.encoding,
    )


def _tags(text: str) -> Iterator[Tag]:
    """The fields of a file, and an empty one where a message ends."""
    tag: Tag | None = None
    more: list[str] = []
    for number, whole, _with_end in numbered_lines(text):
        line = whole.rstrip("\x00\x1a\x03")
        if line[:1] in ("{", "-") and (found := BLOCKS.match(line)) and found.end() > 1:
            # "-" and a text may stand in field 86; a bracket ends the message.
            line = line[found.end() :]
            ended = True
        else:
            ended = bool(END.fullmatch(line.strip()))
            line = "" if ended else line
        start = line.lstrip(" \x01") if tag is None else line.lstrip("\x01")
        found_tag = TAG.match(start)
        if tag and (ended or found_tag):
            tag.text = "\n".join(more)
            yield tag
            tag = None
        if ended:
            yield Tag("", "", number)
        if found_tag:
            tag, more = Tag(found_tag[1], "", number), [start[found_tag.end() :]]
        elif tag:
            more.append(line)
    if tag:
        tag.text = "\n".join(more)
        yield tag


def _statements(text: str) -> list[Statement]:
    statements: list[Statement] = []
    entry: Entry | None = None
    for tag in _tags(text):
        if not tag.name:
            entry = None
            continue
        if not statements or _begins(tag, statements[-1]):
            # Pages of one account may leave its number out.
            account = statements[-1].account if statements and tag.name[:2] == "60" else ""
            statements.append(Statement(tag.number, account))
            entry = None
        entry = _add(tag, statements[-1], entry)
    return statements


def _begins(tag: Tag, statement: Statement) -> bool:
    """Whether a field is the first of another statement: 20, or one that this has already."""
    if tag.name[:2] == "60":
        return bool(statement.opening or statement.closing or statement.entries)
    if tag.name in {"25", "25P"}:
        return bool(statement.opening or statement.closing or statement.entries)
    return tag.name == "20"


def _add(tag: Tag, statement: Statement, entry: Entry | None) -> Entry | None:
    """Adds a field to a statement, and gives back the entry that is open after it."""
    match tag.name:
        case "25" | "25P":
            statement.account = folded(tag.text.partition("\n")[0])
        case "60" | "60F" | "60M":
            statement.opening = tag
        case "61":
            entry = Entry(tag)
            statement.entries.append(entry)
        case "86" | "NS" if entry:
            entry.information.append(_ns(tag.text) if tag.name == "NS" else tag.text)
        case "62" | "62F" | "62M":
            statement.closing, entry = tag, None
    return entry


def _ns(text: str) -> str:
    """What a field for other systems than SWIFT says: lines that begin with a number of two digits.

    01 to 14 are the purpose, 15 and 16 the other party.
    """
    parts: dict[str, str] = {}
    for line in text.split("\n"):
        if re.match(r"[0-9]{2}", line):
            parts[line[:2]] = line[2:].strip()
    name = " ".join(parts.get(key, "") for key in ("15", "16"))
    purpose = " ".join(value for key, value in sorted(parts.items()) if "01" <= key <= "14")
    return f"{name} {purpose}".strip()


def _account(told: str) -> tuple[str, str]:
    """An account and its currency, which some banks write behind an IBAN."""
    found = re.fullmatch(r"([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}) ?([A-Z]{3})", told)
    if found and _is_iban(found[1]) and not _is_iban(told.replace(" ", "")):
        return found[1], found[2]
    return told, ""


def _is_iban(text: str) -> bool:
    """ISO 13616: letters as numbers from 10, the first four characters last, modulo 97 is 1."""
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", text):
        return False
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1


def _amount(text: str) -> Decimal | None:
    """An amount; the comma is always that of the decimals, a point only with one or two of them."""
    whole, separator, decimals = text.replace(".", ",").partition(",")
    if "." in text and not 1 <= len(decimals) <= 2:
        return None
    return plain(Decimal(f"{whole or 0}.{decimals or 0}")) if separator or whole else None


def _year(two: str) -> int:
    return int(two) + (1900 if int(two) >= PIVOT else 2000)


def _date(year: int, month_and_day: str) -> dt.date | None:
    try:
        return dt.date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return None


def _balance(tag: Tag) -> Balance | None:
    found = BALANCE.fullmatch(tag.text.partition("\n")[0].strip())
    if not found:
        return None
    date, amount = _date(_year(found[2][:2]), found[2][2:]), _amount(found[4])
    if date is None or amount is None:
        return None
    return Balance(date, amount if found[1] == "C" else -amount, found[3] or "")


def _cut_at(statements: list[Statement]) -> int:
    """The length at which the file's lines of field 86 are cut in mid-word; 0 where none is.

    Lines that are cut are all of one length. SWIFT's is 65, and some banks stop at 64 or count
    the field's name.
    """
    lengths = Counter(
        len(line)
        for statement in statements
        for entry in statement.entries
        for text in entry.information
        for line in text.split("\n")[:-1]
        if len(line) > LONG
    )
    if not lengths:
        return LINE_LENGTH
    ((length, count),) = lengths.most_common(1)
    if lengths.total() == 1 and length not in {LINE_LENGTH, LINE_LENGTH - 1}:
        return 0
    return length if count * 10 >= lengths.total() * 6 else 0


def _lines(statement: Statement, cut_at: int) -> tuple[list[StatementLine], list[Unreadable]]:
    lines: list[StatementLine] = []
    unreadable: list[Unreadable] = []
    opening = _balance(statement.opening) if statement.opening else None
    account, currency = _account(statement.account)
    for entry in statement.entries:
        line = _line(entry, account, (opening.currency if opening else "") or currency, cut_at)
        if isinstance(line, str):
            unreadable.append(Unreadable(entry.tag.number, line, folded(entry.tag.text)[:200]))
        else:
            lines.append(line)
    return lines, unreadable


def _line(entry: Entry, account: str, currency: str, cut_at: int) -> StatementLine | str:
    """The line, or why there is none."""
    found = LINE.match(entry.tag.text.strip("\n"))
    if not found:
        return _("It is no statement line of MT940.")
    value, day, mark, _letter, told, kind, rest = found.groups()
    year = _year(value[:2])
    value_date = _date(year, value[2:])
    # Interest is reckoned with months of 30 days, and some banks write 30 February.
    if value_date is None and not ("01" <= value[2:4] <= "12" and "01" <= value[4:] <= "31"):
        return _("“%s” is no date.") % value
    date = _entry_date(day, year, value_date or dt.date(year, int(value[2:4]), 28))
    if not day or not day.strip():
        date = value_date
    if date is None:
        return _("“%s” is no date.") % (day or value)
    amount = _amount(told)
    if amount is None:
        return _("“%s” is no amount.") % told
    reference, _newline, supplement = rest.partition("\n")
    customer, _slashes, bank = reference.partition("//")
    label = _label(entry.information, cut_at) or folded(supplement)
    if not label:
        label = (customer.strip() not in NO_ID and folded(customer)) or folded(kind or "")
    return StatementLine(
        number=entry.tag.number,
        date=date,
        # RC takes a credit back, RD a debit.
        amount=amount if mark in {"C", "RD", "EC"} else -amount,
        label=label,
        value_date=value_date,
        account=account,
        currency=currency,
        bank_id="" if bank.strip() in NO_ID else folded(bank),
        status=LineStatus.PENDING if mark[0] == "E" else LineStatus.BOOKED,
    )


def _entry_date(day: str | None, year: int, value_date: dt.date) -> dt.date | None:
    """The day of entry has no year: it is the one that brings it nearest the value date."""
    if not day or not day.strip():
        return None
    dates = [date for near in (year - 1, year, year + 1) if (date := _date(near, day))]
    return min(dates, key=lambda date: abs(date - value_date), default=None)


def _checked(
    statement: Statement, lines: list[StatementLine], *, complete: bool
) -> tuple[list[StatementLine], Balance]:
    """The lines and the closing balance, where one comes to the other.

    Raises NotReadable where they do not. Where a line could not be read nothing can be said, and
    that line is told already.
    """
    closing = _balance(statement.closing) if statement.closing else None
    opening = _balance(statement.opening) if statement.opening else None
    if closing is None or opening is None:
        raise NotReadable(
            _("The statement from line %s on has no opening or no closing balance.")
            % statement.number
        )
    booked = [line for line in lines if line.status is LineStatus.BOOKED]
    total = sum((line.amount for line in booked), opening.amount)
    if total == closing.amount or not complete:
        return lines, closing
    reversed_ = {
        entry.tag.number
        for entry in statement.entries
        if (found := LINE.match(entry.tag.text.strip("\n"))) and found[3][0] == "R"
    }
    turned = [
        line._replace(amount=-line.amount) if line.number in reversed_ else line for line in lines
    ]
    again = [line.amount for line in turned if line.status is LineStatus.BOOKED]
    if sum(again, opening.amount) == closing.amount:
        return turned, closing
    raise NotReadable(
        _(
            "The statement from line %(line)s on opens with %(opening)s and closes with "
            "%(closing)s, but its lines come to %(total)s."
        )
        % {
            "line": statement.number,
            "opening": opening.amount,
            "closing": closing.amount,
            "total": total,
        }
    )


def _label(information: list[str], cut_at: int) -> str:
    texts = [_information(text, cut_at) for text in information]
    return folded(" ".join(text for text in texts if text))


def _information(text: str, cut_at: int) -> str:
    """What field 86 says, by the way in which it is divided."""
    whole = text.strip()
    if found := GERMAN.match(whole):
        return _german(whole, found[2])
    joined = _joined(text.strip("\n").split("\n"), cut_at)
    if len(DUTCH.findall(joined)) > 1 or re.match(DUTCH, joined):
        return _dutch(joined)
    return joined


def _joined(lines: list[str], full: int) -> str:
    """Lines as one: one that is full goes on in the next without a space."""
    pieces: list[str] = []
    for line in lines:
        pieces.append(line if len(line) == full else f"{line} ")
    return "".join(pieces)


def _german(text: str, sign: str) -> str:
    """Sub-fields of two digits: 20 to 29 and 60 to 63 the purpose, 32 and 33 the other party."""
    parts: dict[str, str] = {}
    for piece in text.replace("\n", "").split(sign)[1:]:
        if re.match(r"[0-9]{2}", piece):
            parts[piece[:2]] = parts.get(piece[:2], "") + piece[2:]
        elif parts:
            last = next(reversed(parts))
            parts[last] += sign + piece
    name = _joined([parts[key] for key in ("32", "33") if key in parts], PART_LENGTH)
    keys = [key for key in sorted(parts) if "20" <= key <= "29" or "60" <= key <= "63"]
    purpose = _purpose(_joined([parts[key] for key in keys], PART_LENGTH))
    label = folded(f"{name} {purpose}")
    return label or folded(parts.get("00", ""))


def _purpose(text: str) -> str:
    """What SEPA's references leave: SVWZ+ is the purpose; without it all of the text is."""
    found = list(SEPA.finditer(text))
    for index, mark in enumerate(found):
        if mark[1] == "SVWZ":
            end = found[index + 1].start() if index + 1 < len(found) else len(text)
            return text[mark.end() : end]
    return text


def _dutch(text: str) -> str:
    """Code words between slashes: the other party's name, then what the payment is for."""
    marks = list(DUTCH.finditer(text))
    told: dict[str, str] = {}
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        told.setdefault(mark[1], text[mark.end() : end].strip())
    name = told.get("NAME", "")
    if not name and "CNTP" in told:
        # An account, its bank, a name and a town.
        name = [*told["CNTP"].split("/"), "", ""][2]
    purpose = told.get("REMI", "")
    for beginning in ("USTD//", "STRD/CUR/", "STRD/"):
        purpose = purpose.removeprefix(beginning)
    label = folded(f"{name} {purpose.strip('/')}")
    return label or told.get("TRTP", "") or text
