"""A bank for tests: what moved on its accounts, given out as files of several formats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from budget.imports.entering import import_confirm
from budget.imports.models import Choice, Import, ImportLine, ImportState, Statement
from budget.imports.services import import_receive, statements_assign
from budget.wallets.models import Wallet


def day(number: int, month: int = 11) -> dt.date:
    """A day of the year 2026."""
    return dt.date(2026, month, number)


@dataclass(frozen=True, slots=True)
class Movement:
    """What a bank booked; amounts are signed, ids are the bank's own."""

    date: dt.date
    amount: Decimal
    label: str
    bank_id: str = ""
    value_date: dt.date | None = None
    account: str = ""


def move(
    on: int, amount: str, label: str = "SUMUP CAFE", account: str = "", value: int = 0
) -> Movement:
    """A movement on a day of November 2026; `value` is the day of its value, where it differs."""
    value_date = day(value) if value else None
    return Movement(day(on), Decimal(amount), label, value_date=value_date, account=account)


def csv(movements: Iterable[Movement]) -> bytes:
    """A table of the day of booking, the label and the money."""
    lines = ["Date;Libellé;Débit;Crédit"]
    lines += [f"{each.date};{each.label};{_in_two(each.amount)}" for each in movements]
    return "\n".join(lines).encode() + b"\n"


def csv_by_value(movements: Iterable[Movement]) -> bytes:
    """A table of another bank's making, with both days."""
    lines = ["Date operation;Date de valeur;Debit;Credit;Libelle"]
    for each in movements:
        value = each.value_date or each.date
        lines.append(f"{each.date};{value};{_in_two(each.amount)};{each.label}")
    return "\n".join(lines).encode() + b"\n"


def _in_two(amount: Decimal) -> str:
    """An amount in the column of what left or of what came."""
    text = str(abs(amount)).replace(".", ",")
    return f"{text};" if amount < 0 else f";{text}"


def ofx(movements: Iterable[Movement], account: str = "00012345678", balance: str = "") -> bytes:
    """OFX 1, with a statement of each account in the order in which they come."""
    accounts: dict[str, list[Movement]] = {}
    for each in movements:
        accounts.setdefault(each.account or account, []).append(each)
    parts = [
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\nCHARSET:NONE\n\n"
        "<OFX><BANKMSGSRSV1>"
    ]
    for name, booked in accounts.items():
        parts.append(
            f"<STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>{name}"
            "<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20261231\n"
        )
        for n, each in enumerate(booked):
            kind = "DEBIT" if each.amount < 0 else "CREDIT"
            parts.append(
                f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{each.date:%Y%m%d}<TRNAMT>{each.amount}"
                f"<FITID>{each.bank_id or f'{each.date:%Y%m%d}{n}'}<NAME>{each.label}</STMTTRN>\n"
            )
        parts.append("</BANKTRANLIST>")
        if balance:
            parts.append(f"<LEDGERBAL><BALAMT>{balance}<DTASOF>20261130</LEDGERBAL>")
        parts.append("</STMTRS></STMTTRNRS>")
    parts.append("</BANKMSGSRSV1></OFX>\n")
    return "".join(parts).encode()


def receive(content: bytes, *wallets: Wallet, name: str = "releve") -> Import:
    """A file that is uploaded; its accounts are those wallets, in order."""
    source = import_receive(file_name=name, content=content, user=None)
    assert source.state == ImportState.READY, source.question
    if wallets:
        statements = Statement.objects.filter(source=source)
        given = dict(zip([each.pk for each in statements], wallets, strict=True))
        source = statements_assign(source=source, wallets=given)
    return source


def bring_in(content: bytes, *wallets: Wallet) -> Import:
    """A file that is uploaded and imported with the choices that it is offered with."""
    source = receive(content, *wallets)
    confirm(source)
    return source


def confirm(source: Import) -> None:
    """Import it as it is offered, also where nothing of it is new; once more where it changed."""
    chosen = lines(source).exclude(choice=Choice.LEAVE)
    for _again in range(3):
        if not chosen.exists():
            return
        if not import_confirm(source=source, user=None):
            source.refresh_from_db()
            return
    raise AssertionError("the preview changes and changes")


def lines(source: Import) -> QuerySet[ImportLine]:
    """The lines of a file, in its order."""
    return ImportLine.objects.filter(statement__source=source)


def findings(source: Import) -> Sequence[tuple[str, str]]:
    """What was found of each line, and what becomes of it."""
    return list(lines(source).values_list("finding", "choice"))
