"""CAMT.052, 053 and 054 of ISO 20022, of any version, with or without name spaces.

The parser knows no entity and reads no other file; a document type is refused.

Source: ISO 20022 message definitions camt.052.001 to .054.001, versions 1 to 13.
"""

from __future__ import annotations

import codecs
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from xml.parsers import expat

from django.utils.translation import gettext as _

from budget.imports.amounts import plain
from budget.imports.columns import Told
from budget.imports.decoding import decode
from budget.imports.formats.ids import with_own_ids
from budget.imports.formats.labels import folded, label_of
from budget.imports.reading import (
    LineStatus,
    NotReadable,
    Reading,
    StatementBalance,
    StatementLine,
    Unreadable,
)

HEAD = re.compile(rb"<(?:[\w.-]+:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)|camt\.05[234]\.\d{3}")
DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
STATEMENTS = {"Stmt", "Rpt", "Ntfctn"}
#: The parts of a statement that are kept while they are read.
PARTS = {"Acct", "Bal", "TxsSummry", "Ntry"}
DEEPEST = 100
LONGEST = 1_000_000  # characters in one element; the longest that the standard knows has 500
CHUNK = 1 << 16
AMOUNT = re.compile(r"\+?([0-9]{1,15})(?:[.,]([0-9]{0,10}))?")
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
STATUS = {
    "": LineStatus.BOOKED,
    "BOOK": LineStatus.BOOKED,
    "PDNG": LineStatus.PENDING,
    "INFO": LineStatus.PENDING,
    "FUTR": LineStatus.PENDING,
}
#: What stands where an id would, and is none.
NO_ID = {"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NOTAVAILABLE", "N/A", "-", "NONE"}


@dataclass(slots=True)
class Element:
    """An element without its name space."""

    tag: str
    currency: str = ""
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, path: str) -> list[Element]:
        """The elements at a path of tags; an empty path is the element itself."""
        found = [self]
        for tag in path.split("/") if path else []:
            found = [child for element in found for child in element.children if child.tag == tag]
        return found

    def first(self, *paths: str) -> Element | None:
        """The first element at one of several paths, in their order."""
        return next((found for path in paths for found in self.all(path)), None)

    def told(self, *paths: str) -> str:
        """The first text that is not empty at one of several paths."""
        texts = (folded(found.text) for path in paths for found in self.all(path))
        return next((text for text in texts if text), "")


@dataclass(slots=True)
class Statement:
    """What a file tells of one account."""

    account: str = ""
    currency: str = ""
    lines: list[StatementLine] = field(default_factory=list)
    reversals: list[StatementLine] = field(default_factory=list)
    balances: dict[str, StatementBalance] = field(default_factory=dict)
    net: Decimal | None = None  # what the movements come to, where it is said


def looks_like(head: bytes) -> bool:
    """Whether a file that begins like this is CAMT."""
    return bool(HEAD.search(head.replace(b"\x00", b"")))


def read(content: bytes, told: Told | None = None) -> Reading:
    """Reads a file; nothing in it is left open, so that `told` is not asked.

    Raises NotReadable where it is no CAMT, is damaged, or has a document type or entities.
    """
    text, encoding = _text(content)
    reader = Reader()
    reader.read(text)
    if not reader.message:
        raise NotReadable(_("The file has no CAMT statement in it."))
    unreadable = reader.unreadable + _settle_reversals(reader.statements)
    return Reading(
        format="camt",
        layout="",
        lines=with_own_ids([statement.lines for statement in reader.statements]),
        unreadable=sorted(unreadable, key=lambda each: each.number),
        balances=[
            balance
            for statement in reader.statements
            if (balance := statement.balances.get("CLBD") or statement.balances.get("CLAV"))
        ],
        encoding=encoding,
    )


def _text(content: bytes) -> tuple[str, str]:
    """The file as text. What is UTF-8 is read so, whatever is declared; else the declaration."""
    declared = DECLARED.match(content[:400])
    if declared:
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            try:
                name = codecs.lookup(declared[1].decode("ascii")).name
                if name not in {"utf-8", "ascii"} and not name.startswith(("utf-16", "utf-32")):
                    return content.decode(name), declared[1].decode("ascii").casefold()
            except (LookupError, ValueError):
                pass
    decoded = decode(content)
    return decoded.text, decoded.encoding


class Reader:
    """Goes through the file once and keeps no more of it than one movement."""

    def __init__(self) -> None:
        self.message = False
        self.statements: list[Statement] = []
        self.unreadable: list[Unreadable] = []
        self.number = 0
        self.depth = 0
        self.statement_depth = 0
        self.open: list[Element] = []
        self.length = 0
        self.pieces: list[str] = []

    def read(self, text: str) -> None:
        """Fills `statements` and `unreadable`."""
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        text = text.lstrip("\ufeff\x00 \t\r\n")
        try:
            for at in range(0, len(text), CHUNK):
                parser.Parse(text[at : at + CHUNK].encode("utf-8", "replace"), False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise NotReadable(
                _("The file is no well-formed XML: it is damaged at line %s.") % error.lineno
            ) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotReadable(_("The file's elements are nested too deeply."))
        if self.open:
            self._keep_text()
            child = Element(tag, attributes.get("Ccy", ""))
            self.open[-1].children.append(child)
            self.open.append(child)
        elif tag.startswith("BkToCstmr"):
            self.message = True
        elif tag in STATEMENTS and self.message and not self.statement_depth:
            self.statement_depth = self.depth
            self.statements.append(Statement())
        elif tag in PARTS and self.statement_depth and self.statement_depth == self.depth - 1:
            self.open.append(Element(tag))

    def _data(self, data: str) -> None:
        if self.open:
            self.length += len(data)
            if self.length > LONGEST:
                raise NotReadable(_("An element of the file is too long."))
            self.pieces.append(data)

    def _keep_text(self) -> None:
        if self.pieces:
            self.open[-1].text += "".join(self.pieces)
            self.pieces.clear()
        self.length = len(self.open[-1].text)

    def _end(self, _name: str) -> None:
        if self.open:
            self._keep_text()
            self.length = 0
            element = self.open.pop()
            if not self.open:
                self._part(element, self.statements[-1])
        elif self.depth == self.statement_depth:
            self.statement_depth = 0
        self.depth -= 1

    def _part(self, element: Element, statement: Statement) -> None:
        match element.tag:
            case "Acct":
                statement.account = element.told(
                    "Id/IBAN", "Id/Othr/Id", "Id/BBAN", "Id/PrtryAcct/Id", "Id/UPIC", "Nm"
                )
                statement.currency = element.told("Ccy")
            case "Bal":
                _keep_balance(element, statement)
            case "TxsSummry":
                statement.net = _net(element)
            case _:
                self._entry(element, statement)

    def _entry(self, entry: Element, statement: Statement) -> None:
        self.number += 1
        lines = _lines(entry, statement, self.number)
        if isinstance(lines, str):
            text = f"{entry.told('Amt')} {_entry_label(entry)}"
            self.unreadable.append(Unreadable(self.number, lines, text[:200]))
            return
        self.number += len(lines) - 1
        if entry.told("RvslInd").casefold() in {"true", "1"}:
            statement.reversals += lines
        else:
            statement.lines += lines


def _refuse_doctype(*_arguments: object) -> None:
    raise NotReadable(_("The file declares a document type or entities, as no bank's file does."))


def _amount(text: str) -> Decimal | None:
    found = AMOUNT.fullmatch(text)
    return plain(Decimal(f"{found[1]}.{found[2] or 0}")) if found else None


def _signed(element: Element, amount: str) -> Decimal | None:
    value = _amount(element.told(amount))
    indicator = element.told("CdtDbtInd")
    if value is None or indicator not in {"CRDT", "DBIT"}:
        return None
    return value if indicator == "CRDT" else -value


def _day(element: Element, name: str) -> dt.date | None:
    """The day as written: a time zone after it does not make it another."""
    found = DAY.match(element.told(f"{name}/Dt", f"{name}/DtTm", name))
    if not found:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def _keep_balance(element: Element, statement: Statement) -> None:
    kind = element.told("Tp/CdOrPrtry/Cd", "Tp/Cd", "Cd")
    amount, date = _signed(element, "Amt"), _day(element, "Dt")
    if amount is None or date is None:
        return
    # What is available may have a credit line in it, which is nobody's money.
    if kind == "CLAV" and any(_is_true(each.told("Incl")) for each in element.all("CdtLine")):
        return
    found = element.first("Amt")
    currency = found.currency if found else ""
    statement.currency = statement.currency or currency
    balance = StatementBalance(statement.account, date, amount, currency)
    if kind in {"OPBD", "PRCD"}:
        statement.balances.setdefault(kind, balance)
    else:
        statement.balances[kind] = balance


def _is_true(text: str) -> bool:
    return text.casefold() in {"true", "1"}


def _net(element: Element) -> Decimal | None:
    for path in ("TtlNtries/TtlNetNtry", "TtlNtries"):
        for total in element.all(path):
            value = _signed(total, "Amt" if path.endswith("TtlNetNtry") else "TtlNetNtryAmt")
            if value is not None:
                return value
    return None


def _lines(entry: Element, statement: Statement, number: int) -> list[StatementLine] | str:
    """The lines that an entry is, or why there are none."""
    status = STATUS.get(entry.told("Sts/Cd", "Sts/Prtry", "Sts"))
    if status is None:
        return _("Its status is unknown: %s.") % entry.told("Sts/Cd", "Sts/Prtry", "Sts")[:60]
    date = _day(entry, "BookgDt") or _day(entry, "ValDt")
    if date is None:
        return _("It has no date.")
    amount = _signed(entry, "Amt")
    found = entry.first("Amt")
    if amount is None or found is None:
        return _("It has no amount, or does not say whether it is a credit or a debit.")
    if found.currency and statement.currency and found.currency != statement.currency:
        return _("Its amount is in %(its)s, the account is kept in %(account)s.") % {
            "its": found.currency,
            "account": statement.currency,
        }
    line = StatementLine(
        number=number,
        date=date,
        amount=amount,
        label="",
        value_date=_day(entry, "ValDt"),
        account=statement.account,
        currency=found.currency or statement.currency,
        status=status,
    )
    details = entry.all("NtryDtls/TxDtls") or entry.all("TxDtls")
    amounts = _amounts(details, line) if len(details) > 1 else None
    if amounts is None:
        return [line._replace(label=_label(entry, details), bank_id=_entry_id(entry, details))]
    return [
        line._replace(
            number=number + ordinal,
            amount=part,
            label=_detail_label(detail, entry) or _entry_label(entry),
            bank_id=_id(detail.told("Refs/AcctSvcrRef"), detail.told("Refs/TxId")),
        )
        for ordinal, (detail, part) in enumerate(zip(details, amounts, strict=True))
    ]


def _amounts(details: Sequence[Element], line: StatementLine) -> list[Decimal] | None:
    """The details' amounts, where each has one and they add up to the entry; else None."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        for own_sign in (True, False):
            amounts = [_detail_amount(detail, path, line, own_sign) for detail in details]
            known = [amount for amount in amounts if amount is not None]
            if len(known) == len(amounts) and sum(known) == line.amount:
                return known
    return None


def _detail_amount(
    detail: Element, path: str, line: StatementLine, own_sign: bool
) -> Decimal | None:
    found = detail.first(path)
    if found is None or (found.currency and found.currency != line.currency):
        return None
    value = _amount(folded(found.text))
    if value is None:
        return None
    indicator = detail.told("CdtDbtInd") if own_sign else ""
    negative = indicator == "DBIT" if indicator else line.amount < 0
    return -value if negative else value


def _label(entry: Element, details: Sequence[Element]) -> str:
    """What an entry of one line says."""
    if len(details) == 1:
        return _detail_label(details[0], entry) or _entry_label(entry)
    if label := entry.told("AddtlNtryInf"):
        return label
    labels = dict.fromkeys(_detail_label(detail, entry) for detail in details)
    return "; ".join(label for label in labels if label)[:500].strip() or _entry_label(entry)


def _entry_label(entry: Element) -> str:
    return entry.told(
        "AddtlNtryInf", "NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId", "BkTxCd/Prtry/Cd"
    )


def _detail_label(detail: Element, entry: Element) -> str:
    """The other party's name, and what the payment is for."""
    return label_of(_party(detail, entry), _purpose(detail)) or detail.told("AddtlTxInf")


def _party(detail: Element, entry: Element) -> str:
    incoming = entry.told("CdtDbtInd") == "CRDT"
    if _is_true(entry.told("RvslInd")) or detail.first("RtrInf") is not None:
        # What comes back keeps the names of what went out.
        roles = ("Cdtr", "Dbtr")
    else:
        roles = ("Dbtr", "Cdtr") if incoming else ("Cdtr", "Dbtr")
    other, own = roles
    return detail.told(
        f"RltdPties/{other}/Nm",
        f"RltdPties/{other}/Pty/Nm",
        f"RltdPties/Ultmt{other}/Nm",
        f"RltdPties/Ultmt{other}/Pty/Nm",
        *(
            (f"RltdPties/{own}/Nm", f"RltdPties/{own}/Pty/Nm")
            if detail.first("RtrInf") is not None
            else ()
        ),
    )


def _purpose(detail: Element) -> str:
    unstructured = " ".join(folded(found.text) for found in detail.all("RmtInf/Ustrd"))
    return folded(unstructured) or " ".join(_structured(detail))


def _structured(detail: Element) -> Iterator[str]:
    for found in detail.all("RmtInf/Strd"):
        told = found.told("AddtlRmtInf") or found.told("CdtrRefInf/Ref", "CdtrRefInf/CdtrRef")
        if told:
            yield told


def _entry_id(entry: Element, details: Sequence[Element]) -> str:
    """The bank's own id of an entry.

    The payer's (EndToEndId) is none: standing orders and direct debits bear one for years. Nor is
    a short NtryRef, which is a place in the statement.
    """
    single = details[0] if len(details) == 1 else Element("")
    reference = entry.told("NtryRef")
    return _id(
        entry.told("AcctSvcrRef"),
        single.told("Refs/AcctSvcrRef"),
        "" if len(reference) < 8 else reference,
        single.told("Refs/TxId"),
    )


def _id(*ids: str) -> str:
    return next((each for each in ids if each and each.upper() not in NO_ID), "")


def _settle_reversals(statements: Sequence[Statement]) -> list[Unreadable]:
    """Gives reversals their sign, and tells those whose sign nothing in the file decides.

    By the standard CdtDbtInd is the direction of the reversal itself. Some banks write that of the
    movement which is reversed. What the account held before and after tells which is meant, for
    all statements of a file.
    """
    told = {turned for each in statements if (turned := _turned(each)) is not None}
    unreadable: list[Unreadable] = []
    for statement in statements:
        if not statement.reversals:
            continue
        if len(told) != 1:
            reason = _("A reversal, and nothing in the file tells its direction.")
            unreadable += [
                Unreadable(line.number, reason, f"{line.amount} {line.label}"[:200])
                for line in statement.reversals
            ]
            continue
        if told == {True}:
            statement.reversals = [
                line._replace(amount=-line.amount) for line in statement.reversals
            ]
        statement.lines = sorted(
            statement.lines + statement.reversals, key=lambda line: line.number
        )
    return unreadable


def _turned(statement: Statement) -> bool | None:
    """Whether a statement's reversals have the sign of what they reverse; None if unknown."""
    reversed_ = _booked(statement.reversals)
    if not reversed_:
        return None
    opening = statement.balances.get("OPBD") or statement.balances.get("PRCD")
    closing = statement.balances.get("CLBD")
    if opening and closing:
        net = closing.amount - opening.amount
    elif statement.net is not None:
        net = statement.net
    else:
        return None
    others = _booked(statement.lines)
    if others + reversed_ == net:
        return False
    return True if others - reversed_ == net else None


def _booked(lines: Sequence[StatementLine]) -> Decimal:
    return sum((line.amount for line in lines if line.status is LineStatus.BOOKED), Decimal())
