"""What stands before and after a table's rows: which account it is, and what that holds."""

from __future__ import annotations

import re
from collections.abc import Sequence

from budget.imports import amounts, dates
from budget.imports.dates import DateOrder
from budget.imports.reading import StatementBalance


def unwrapped(cell: str) -> str:
    """A cell without the `="…"` by which spreadsheets are told that a number is a text."""
    text = (
        cell.strip().strip('"').removeprefix("'")
        if cell.count('"') == 1
        else (cell.strip().removeprefix("'"))
    )
    return text[2:-1] if text.startswith('="') and text.endswith('"') else text


ACCOUNT_NAMES = re.compile(
    r"(?:num[ée]ro (?:de |du )?compte|n[°o]?\s?(?:de |du )?compte|compte(?: n[°o])?|iban|"
    r"account(?: (?:number|no|nr))?|rekening(?:nummer)?|konto(?:nummer)?|girokonto|kundenkonto|"
    r"account details for|compte courant)\s*\.?\s*:?",
    re.IGNORECASE,
)
ACCOUNT_WITHIN = re.compile(
    r"(?:compte|livret|account|konto|carte|rekening)\b[^;0-9]{0,60}?n[°o]?\s*:?\s*([0-9X*][0-9A-Z*]{4,33})\b",
    re.IGNORECASE,
)


ACCOUNT_BESIDE = re.compile(
    r"(?:num[ée]ro de compte|n[°o] de compte|account number|kontonummer|rekeningnummer|iban)\s*:\s*"
    r"([0-9A-Z][0-9A-Z ]{4,38}[0-9A-Z])",
    re.IGNORECASE,
)


def account_of(rows: Sequence[Sequence[str]]) -> str:
    """The account that lines before the movements name, "" where they name none."""
    found = ""
    for cells in rows:
        filled = [" ".join(unwrapped(cell).split()) for cell in cells if cell.strip()]
        if not filled:
            continue
        if (
            len(filled) > 1
            and ACCOUNT_NAMES.fullmatch(filled[0])
            and re.search(r"[0-9]{3}", filled[1])
        ):
            found = filled[1].split(" / ")[0]
        elif len(filled) > 2 and re.fullmatch(r"[0-9]{8,}", filled[0]):
            found = filled[0]  # nothing but the account's number, and days and sums after it
        elif beside := ACCOUNT_BESIDE.fullmatch(filled[0]):
            found = beside[1]
        elif within := ACCOUNT_WITHIN.search(filled[0]):
            found = within[1]
    return found


ITS_DAY = re.compile(
    r"(?:date|datum)\b(?:\s*[/ ].{0,30}(?:solde|saldo))?\s*(?=[0-9])", re.IGNORECASE
)
BALANCE_NAME = re.compile(r"\b(?:solde|saldo|balance|kontostand)\b", re.IGNORECASE)
DATE_WITHIN = re.compile(r"\b(?:[0-9]{2}[/.\-][0-9]{2}[/.\-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})\b")
AMOUNT_WITHIN = re.compile(
    r"(?<![0-9/.])[-+]?(?:[0-9]{1,3}(?:[  \u202f'.,][0-9]{3})+|[0-9]+)[.,][0-9]{2}(?![0-9/.])"
)


def balances_of(rows: Sequence[Sequence[str]], account: str) -> list[StatementBalance]:
    """The balances that lines beside the movements tell together with their day."""
    found: list[StatementBalance] = []
    # "Solde;1 234,56" and in a line of its own "Date;31/12/2026".
    beside = [
        day
        for cells in rows
        if ITS_DAY.match(" ".join(cells).strip())
        for day in DATE_WITHIN.findall(" ".join(cells))
    ]
    for cells in rows:
        text = " ".join(" ".join(cells).split())
        if not BALANCE_NAME.search(text) or "franc" in text.casefold() or len(text) > 200:
            continue  # some still tell it in francs as well
        day = DATE_WITHIN.findall(text)
        money = AMOUNT_WITHIN.findall(DATE_WITHIN.sub(" | ", text))
        day = day or beside
        if len(day) != 1 or len(money) != 1:
            continue
        orders = dates.orders_of(day)
        order = (
            DateOrder.DMY
            if orders is None or orders == {DateOrder.DMY} or DAY_FIRST_WORD.search(text)
            else None
        )
        date = dates.read_column(day, order)[0]
        value = amounts.read_column(money).values[0]
        if date and value is not None:
            found.append(StatementBalance(account, date, value))
    return found


DAY_FIRST_WORD = re.compile(r"\b(?:solde|saldo|kontostand)\b", re.IGNORECASE)
