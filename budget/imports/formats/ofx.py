"""OFX and QFX, 1 (SGML) and 2 (XML), and OFC, their ancestor.

Read by its tags in the order in which they stand, not as a tree: SGML may leave out the end of
every element, and banks leave out those of groups too. No entity is ever resolved but the
characters that have a name.

Source: Open Financial Exchange specification 1.6 and 2.2, chapters 3 (formats), 11 (banking),
13 (investments); Open Financial Connectivity 1.0 for OFC.
"""

from __future__ import annotations

import datetime as dt
import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from budget.imports import headers
from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.decoding import decode
from budget.imports.formats.figures import Figures
from budget.imports.formats.ids import with_own_ids
from budget.imports.formats.labels import folded, label_of
from budget.imports.formats.lines import with_plain_ends
from budget.imports.reading import (
    LineStatus,
    NotReadable,
    NotSure,
    Reading,
    StatementBalance,
    StatementLine,
    Unreadable,
)

HEAD = re.compile(rb"OFXHEADER\s*[:=]|<\s*OF[XC]\s*[>\s]", re.IGNORECASE)
#: Some files begin with the list of movements.
ROOT = re.compile(r"<\s*(OF[XC]|BANKTRANLIST)(?:\s[^<>]*)?>", re.IGNORECASE)
TAG = re.compile(r"<\s?(/?)([A-Za-z][A-Za-z0-9_.]*)(?:\s[^<>]*)?/?>")
ASIDE = re.compile(r"<!--|<!\[CDATA\[")
AMOUNT = re.compile(r"<(TRNAMT|BALAMT|LEDGER)>([^<]{0,100})", re.IGNORECASE)
ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:(?:[0-9]{2}){1,3})?(?:[^0-9].*)?")
DASHED = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T ].*)?")
FIRST_YEAR, LAST_YEAR = 1950, 2100

STATEMENTS = {"STMTRS": "bank", "CCSTMTRS": "card", "INVSTMTRS": "investment", "ACCTSTMT": "bank"}
MOVEMENTS = {"STMTTRN", "STMTTRNP", "GENTRN"}
#: A movement whose end is missing ends where one of these begins or ends.
AFTER_MOVEMENTS = {
    "BANKTRANLIST", "BANKTRANLISTP", "INVTRANLIST", "INVBANKTRAN", "LEDGERBAL", "AVAILBAL",
    "BALLIST", "INVPOSLIST", "INVBAL", "STMTTRNRS", "CCSTMTTRNRS", "INVSTMTTRNRS", "BANKMSGSRSV1",
    "CREDITCARDMSGSRSV1", "INVSTMTMSGSRSV1", "OFX", "OFC", *STATEMENTS,
}  # fmt: skip
ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM", "ACCTFROM"}
#: Groups within a movement, and the fields by which one is known whose end is missing.
GROUPS = {
    "PAYEE": {
        "NAME", "ADDR1", "ADDR2", "ADDR3", "CITY", "STATE", "POSTALCODE", "COUNTRY", "PHONE",
    },
    "CURRENCY": {"CURRATE", "CURSYM"},
    "ORIGCURRENCY": {"CURRATE", "CURSYM"},
    "BANKACCTTO": {"BANKID", "BRANCHID", "ACCTID", "ACCTTYPE", "ACCTKEY"},
    "CCACCTTO": {"ACCTID", "ACCTKEY"},
}  # fmt: skip
#: Movements that are of securities, or of a loan: none of their fields is simply the amount.
OTHER_MOVEMENTS = {
    "BUYDEBT", "BUYMF", "BUYOPT", "BUYOTHER", "BUYSTOCK", "CLOSUREOPT", "INCOME", "INVEXPENSE",
    "JRNLFUND", "JRNLSEC", "MARGININTEREST", "REINVEST", "RETOFCAP", "SELLDEBT", "SELLMF",
    "SELLOPT", "SELLOTHER", "SELLSTOCK", "SPLIT", "TRANSFER", "LOANSTMTTRN",
}  # fmt: skip
REPEATABLE = {"NAME", "MEMO"}


@dataclass(slots=True)
class Movement:
    """A movement's fields as they stand in the file."""

    number: int
    tag: str
    at: int
    fields: dict[str, str] = field(default_factory=dict)
    twice: str = ""  # a field that is told twice, each time otherwise


@dataclass(slots=True)
class Statement:
    """What a file tells of one account."""

    kind: str
    account: dict[str, str] = field(default_factory=dict)
    currency: str = ""
    ledger: dict[str, str] = field(default_factory=dict)
    lines: list[StatementLine] = field(default_factory=list)
    positive_debits: int = 0
    negative_credits: int = 0
    as_named: int = 0  # debits below zero and credits above
    negative: int = 0  # lines below zero that are not called credits


def looks_like(head: bytes) -> bool:
    """Whether a file that begins like this is OFX or OFC."""
    return bool(HEAD.search(head.replace(b"\x00", b"")))


def read(content: bytes, told: Told | None = None) -> Reading:
    """Reads a file; `told` says what begins the decimals where the file leaves that open.

    Raises NotReadable where it is no OFX, and NotSure where its amounts or their signs could
    mean two things.
    """
    decoded = decode(content)
    text = with_plain_ends(decoded.text)
    root = ROOT.search(text)
    if not root:
        raise NotReadable(_("The file has no OFX statement in it."))
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise NotReadable(_("The file declares entities, which no bank's file does."))
    reader = Reader(
        _plain(text),
        by_line="<?" not in text[: root.start()],
        root=root[1],
        decimals=told.decimals if told else None,
    )
    reader.read()
    if not reader.statements:
        raise NotReadable(_("The file has no OFX statement in it."))
    for statement in reader.statements:
        _check_signs(statement, told.spent if told else None)
    _tell_apart(reader.statements)
    return Reading(
        format="ofx",
        layout="",
        lines=with_own_ids([statement.lines for statement in reader.statements]),
        unreadable=reader.unreadable,
        balances=[
            balance
            for statement in reader.statements
            if (balance := reader.balance(statement)) is not None
        ],
        encoding=decoded.encoding,
    )


class Reader:
    """Goes through the tags once. What is open is known by name, never by depth."""

    def __init__(self, text: str, *, by_line: bool, root: str, decimals: Decimals | None) -> None:
        self.text = text
        self.capitals = root.isupper()
        self.by_line = by_line
        self.root = root.upper()
        self.ofc = self.root == "OFC"
        self.line, self.counted = 1, 0
        self.ordinal = 0
        self.statements: list[Statement] = []
        self.unreadable: list[Unreadable] = []
        self.movement: Movement | None = None
        self.group = ""
        cells: dict[str, list[str]] = {"TRNAMT": [], "BALAMT": []}
        for found in AMOUNT.finditer(text):
            cells["TRNAMT" if found[1].upper() == "TRNAMT" else "BALAMT"].append(found[2].strip())
        self.amounts = Figures(cells["TRNAMT"], "TRNAMT", told=decimals)
        # A balance that cannot be told is left out: no line depends on it.
        self.balances = Figures(cells["BALAMT"], "BALAMT", told=Decimals.BOTH)

    def read(self) -> None:
        """Fills `statements` and `unreadable`."""
        ended = False
        for closing, tag, value, at in self._tags():
            if closing:
                self._close(tag, at)
            else:
                self._open(tag, value, at)
            ended = closing and tag in {"OFX", "OFC", self.root}
        if self.movement:
            self._tell_unreadable(self.movement, _("The file breaks off here."), len(self.text))
        elif not ended:
            end = len(self.text)
            self.unreadable.append(
                Unreadable(self._number(end), _("The file breaks off here."), "")
            )

    def _tags(self) -> Iterator[tuple[bool, str, str, int]]:
        """Whether it closes, its name in capitals, the text after it, where it stands."""
        before: re.Match[str] | None = None
        for found in TAG.finditer(self.text):
            # Where tags are in capitals, others are part of a text.
            if self.capitals and not found[2].isupper():
                continue
            if before:
                yield self._tag(before, found.start())
            before = found
        if before:
            yield self._tag(before, len(self.text))

    def _tag(self, found: re.Match[str], end: int) -> tuple[bool, str, str, int]:
        closing = bool(found[1])
        value = "" if closing else _unescaped(self.text[found.end() : end].strip())
        return closing, found[2].upper(), value, found.start()

    def _number(self, at: int) -> int:
        self.line += self.text.count("\n", self.counted, at)
        self.counted = at
        return self.line if self.by_line else self.ordinal

    def _statement(self) -> Statement:
        if not self.statements:
            self.statements.append(Statement("bank"))
        return self.statements[-1]

    def _open(self, tag: str, value: str, at: int) -> None:
        if tag in AFTER_MOVEMENTS or tag in MOVEMENTS or (tag in OTHER_MOVEMENTS and not value):
            self._finish(at)
            self.group = ""
        if tag in STATEMENTS:
            # OFC's ACCTSTMT has an STMTRS of its own within it.
            if not (tag == "STMTRS" and self.ofc and self.statements):
                self.statements.append(Statement(STATEMENTS[tag]))
        elif tag in MOVEMENTS:
            self.ordinal += 1
            self.movement = Movement(self._number(at), tag, at)
        elif tag in OTHER_MOVEMENTS and not value:
            self._other_movement(tag, at)
        elif not value and (
            tag in ACCOUNTS or tag in GROUPS or tag in {"LEDGERBAL", "AVAILBAL", "BAL"}
        ):
            self.group = tag
        elif value:
            self._field(tag, value)

    def _other_movement(self, tag: str, at: int) -> None:
        if self.statements and self.statements[-1].kind != "investment" and tag != "LOANSTMTTRN":
            return
        self.ordinal += 1
        reason = _("A movement of securities or of a loan (%s): only cash movements are read.")
        end = self.text.find("<FITID>", at)
        self.unreadable.append(
            Unreadable(
                self._number(at), reason % tag, folded(self.text[at : max(end, at + 200)])[:200]
            )
        )

    def _close(self, tag: str, at: int) -> None:
        if tag in MOVEMENTS or tag in AFTER_MOVEMENTS:
            self._finish(at)
            self.group = ""
        elif tag == self.group:
            self.group = ""

    def _field(self, tag: str, value: str) -> None:
        if self.movement:
            if self.group in GROUPS and tag in GROUPS[self.group]:
                self.movement.fields.setdefault(f"{self.group}.{tag}", value)
                return
            self.group = ""
            known = self.movement.fields.setdefault(tag, value)
            if known != value:
                if tag in REPEATABLE:
                    self.movement.fields[tag] = f"{known} {value}"
                else:
                    self.movement.twice = tag
        elif self.group in ACCOUNTS:
            self._statement().account.setdefault(tag, folded(value))
        elif (self.group == "LEDGERBAL" and tag in {"BALAMT", "DTASOF"}) or (
            self.ofc and tag in {"LEDGER", "DTEND"}
        ):
            self._statement().ledger.setdefault(tag, value)
        elif tag == "CURDEF":
            self._statement().currency = _currency(value)

    def _finish(self, at: int) -> None:
        movement, self.movement = self.movement, None
        if movement is None:
            return
        if headers.tells_a_balance(_label(movement.fields, "")):
            return  # some banks tell what an account holds among its movements
        line = self._line(movement, self._statement())
        if isinstance(line, str):
            self._tell_unreadable(movement, line, at)
        else:
            self._statement().lines.append(line)

    def _tell_unreadable(self, movement: Movement, reason: str, end: int) -> None:
        text = folded(self.text[movement.at : min(end, movement.at + 1000)])[:200]
        self.unreadable.append(Unreadable(movement.number, reason, text))

    def _line(self, movement: Movement, statement: Statement) -> StatementLine | str:
        """The line, or why there is none."""
        told = movement.fields
        if movement.twice:
            return _("%s is told twice, each time otherwise.") % movement.twice
        if told.get("CORRECTACTION"):
            return _("It corrects another movement (%s), which the bank must be asked about.") % (
                told.get("CORRECTFITID", "?")
            )
        date = _date(told.get("DTPOSTED") or told.get("DTTRAN", ""))
        if date is None:
            return _("“%s” is no date.") % told.get("DTPOSTED", "")
        amount = self.amounts.value(told.get("TRNAMT", ""))
        if amount is None:
            return _("“%s” is no amount.") % told.get("TRNAMT", "")
        currency = _currency(told.get("CURRENCY.CURSYM", ""))
        if currency and statement.currency and currency != statement.currency:
            return _("Its amount is in %(its)s, the account is kept in %(account)s.") % {
                "its": currency,
                "account": statement.currency,
            }
        kind = told.get("TRNTYPE", "").upper()
        _count_signs(statement, kind, amount)
        return StatementLine(
            number=movement.number,
            date=date,
            amount=amount,
            label=_label(told, kind),
            value_date=_date(told.get("DTAVAIL", "")),
            account=statement.account.get("ACCTID", ""),
            currency=currency or statement.currency,
            bank_id=folded(told.get("FITID", "")),
            status=LineStatus.PENDING if movement.tag == "STMTTRNP" else LineStatus.BOOKED,
            category=folded(told.get("CATEGORY", "")),  # no field of OFX, but of some banks
        )

    def balance(self, statement: Statement) -> StatementBalance | None:
        """What the account held by the file, None where it does not say."""
        date = _date(statement.ledger.get("DTASOF") or statement.ledger.get("DTEND", ""))
        amount = self.balances.value(
            statement.ledger.get("BALAMT") or statement.ledger.get("LEDGER", "")
        )
        if date is None or amount is None:
            return None
        return StatementBalance(
            statement.account.get("ACCTID", ""), date, amount, statement.currency
        )


def _label(told: dict[str, str], kind: str) -> str:
    name = told.get("NAME") or told.get("PAYEE.NAME") or told.get("PAYEE", "")
    label = label_of(label_of(name, told.get("EXTDNAME", "")), told.get("MEMO", ""))
    if label:
        return label
    check = told.get("CHECKNUM") or told.get("CHKNUM", "")
    return folded(f"{'' if kind.isdigit() else kind} {check}")


def _count_signs(statement: Statement, kind: str, amount: Decimal) -> None:
    statement.positive_debits += kind == "DEBIT" and amount > 0
    statement.negative_credits += kind == "CREDIT" and amount < 0
    statement.as_named += (kind == "DEBIT" and amount < 0) or (kind == "CREDIT" and amount > 0)
    statement.negative += kind != "CREDIT" and amount < 0


def _check_signs(statement: Statement, spent: bool | None) -> None:
    """On a bank account a debit is below zero. Where nothing is, the sign may be in the type alone.

    A card's issuer may count what is owed as positive: where all debits and credits have the
    other's sign, `spent` must say whether a positive amount leaves. Else a sign is as given.
    """
    turned = statement.positive_debits and statement.negative_credits and not statement.as_named
    if statement.kind == "card" and turned:
        if spent is None:
            raise NotSure(
                _(
                    "Nothing says whether the positive amounts were spent, as on a card's "
                    "statement."
                ),
                ["TRNTYPE", "TRNAMT"],
            )
        if spent:
            statement.lines = [line._replace(amount=-line.amount) for line in statement.lines]
    if statement.kind == "bank" and statement.positive_debits and not statement.negative:
        raise NotSure(
            _("Debits have positive amounts: nothing tells whether their sign was left out."),
            ["TRNTYPE", "TRNAMT"],
        )


def _tell_apart(statements: list[Statement]) -> None:
    """Two accounts of one number are told apart by their type, else by their bank."""
    known: dict[str, set[tuple[str, str]]] = {}
    for statement in statements:
        account = statement.account
        known.setdefault(account.get("ACCTID", ""), set()).add(
            (account.get("ACCTTYPE", ""), account.get("BANKID", ""))
        )
    for statement in statements:
        number = statement.account.get("ACCTID", "")
        if len(known[number]) == 1:
            continue
        kinds = {kind for kind, _bank in known[number]}
        more = "ACCTTYPE" if len(kinds) == len(known[number]) else "BANKID"
        statement.account["ACCTID"] = name = f"{number} {statement.account.get(more, '')}".strip()
        statement.lines = [line._replace(account=name) for line in statement.lines]


def _plain(text: str) -> str:
    """The text without comments, and with its CDATA sections as ordinary text."""
    pieces: list[str] = []
    at = 0
    for found in ASIDE.finditer(text):
        if found.start() < at:
            continue
        closing = "-->" if found[0] == "<!--" else "]]>"
        end = text.find(closing, found.end())
        if end < 0:
            break
        inner = text[found.end() : end]
        pieces.append(text[at : found.start()])
        if closing == "-->":
            pieces.append("\n" * inner.count("\n"))
        else:
            pieces.append(inner.replace("&", "&amp;").replace("<", "&lt;"))
        at = end + 3
    pieces.append(text[at:])
    return "".join(pieces)


def _unescaped(value: str) -> str:
    return ENTITY.sub(_character, value) if "&" in value else value


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name[0] != "#":
        return html.entities.html5.get(f"{name};", found[0])
    code = int(f"0{name[1:]}", 16) if name[1] in "xX" else int(name[1:])
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000 else " "


def _currency(value: str) -> str:
    return value.upper() if re.fullmatch(r"[A-Za-z]{3}", value) else ""


def _date(value: str) -> dt.date | None:
    """The day as written: what time zone follows it is the bank's, not another day."""
    found = DATE.fullmatch(value)
    parts = found.group(1, 2, 3) if found else None
    if not parts and (dashed := DASHED.fullmatch(value)):
        parts = dashed.group(1, 3, 4)
    if not parts:
        return None
    try:
        date = dt.date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        return None
    return date if FIRST_YEAR <= date.year <= LAST_YEAR else None
