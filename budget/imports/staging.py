"""The lines of a file on their way from a reader to the preview, and which are there already.

COPY into a temporary table (PostgreSQL refuses it under a policy), then one INSERT … SELECT, which
also finds what the bank has said before.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any

from django.utils.translation import gettext as _

from budget.core.periods import FIRST_DATE, LAST_DATE
from budget.core.tenancy import active_household, scope_cursor
from budget.imports.columns import table_fingerprint
from budget.imports.drafting import Drafter
from budget.imports.models import Finding, Import, ImportLine, KnownAccount, Statement
from budget.imports.plans import joined_by_hashing
from budget.imports.reading import LineStatus, Reading, StatementLine
from budget.transactions.closing import ClosedDays
from budget.wallets.models import Wallet

#: More does not fit the ledger's column.
LARGEST_AMOUNT = Decimal("999999999999.99")
CENT = Decimal("0.01")

# The bank's own id tells a line, with its day and amount, since some banks number them anew in
# every file; without one its label does. Equal lines of a day are told apart by their order in
# the file, also where ids are alike. The day stands first, so that the lines of a file lie close
# together in an index. Changing this makes every line unknown that was imported.
FINGERPRINT = """
(lpad(to_hex(draft.date - DATE '1900-01-01'), 8, '0') || substr(md5(concat_ws('|',
    statement.wallet_id, draft.date, draft.amount,
    CASE WHEN draft.bank_id <> '' THEN 'id|' || draft.bank_id
         ELSE 'label|' || draft.folded END,
    row_number() OVER (
        PARTITION BY statement.wallet_id, draft.date, draft.amount, draft.bank_id,
                     CASE WHEN draft.bank_id = '' THEN draft.folded END
        ORDER BY draft.n)
    )), 9))::uuid
"""

# What the ledger's line is, or was, that a line of an earlier file became. A line that was left out
# is known where that was the person's word; not where it was left out for another file's line,
# which may have been taken back, or for a closed month.
KNOWN = """
SELECT DISTINCT ON (line.fingerprint) line.fingerprint,
       CASE WHEN line.choice = 'add' THEN line.entry ELSE line.found END AS entry
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
JOIN imports_import AS source
  ON source.household_id = statement.household_id AND source.id = statement.source_id
WHERE line.household_id = %(household)s AND source.state = 'done'
  AND line.fingerprint IS NOT NULL AND line.date BETWEEN %(first)s AND %(last)s
  AND (line.choice <> 'leave' OR line.finding IN ('new', 'match', 'transfer'))
ORDER BY line.fingerprint, (line.choice = 'leave'), line.id DESC
"""

STAGE = f"""
INSERT INTO imports_importline
    (household_id, statement_id, number, date, value_date, amount, label, bank_id, status, reason,
     fingerprint, finding, choice, entry, found, description, category_id, bucket_id, person_id,
     to_wallet_id, suggested, confidence, because)
SELECT %(household)s, line.statement_id, number, date, value_date, amount, label, bank_id, status,
       reason, line.fingerprint, found.finding,
       CASE WHEN found.finding = 'new' THEN 'add' ELSE 'leave' END,
       nextval('transactions_transaction_id_seq'),
       CASE WHEN found.finding = 'known' THEN known.entry END,
       description, category_id, bucket_id, person_id,
       CASE WHEN to_wallet_id IS DISTINCT FROM wallet_id THEN to_wallet_id END,
       suggested, confidence, because
FROM (
    SELECT draft.*, statement.wallet_id,
           CASE WHEN draft.finding = '' AND statement.wallet_id IS NOT NULL THEN {FINGERPRINT} END
           AS fingerprint
    FROM (SELECT *, budget_fold(label) AS folded FROM import_draft OFFSET 0) AS draft
    JOIN imports_statement AS statement ON statement.id = draft.statement_id
) AS line
LEFT JOIN ({KNOWN}) AS known ON known.fingerprint = line.fingerprint
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN line.finding <> '' THEN line.finding
        WHEN known.fingerprint IS NOT NULL THEN 'known'
        WHEN EXISTS (
            SELECT FROM unnest(%(closed_first)s::date[], %(closed_last)s::date[])
            AS closed (first, last) WHERE line.date BETWEEN closed.first AND closed.last
        ) THEN 'closed'
        ELSE 'new' END AS finding
) AS found
ORDER BY line.n
"""  # noqa: S608 - constants of ours

_COLUMNS = {
    "n": "integer",
    "statement_id": "bigint",
    "number": "integer",
    "date": "date",
    "value_date": "date",
    "amount": "numeric(14, 2)",
    "label": "text",
    "bank_id": "text",
    "status": "text",
    "finding": "text",
    "reason": "text",
    "description": "text",
    "category_id": "bigint",
    "bucket_id": "bigint",
    "person_id": "bigint",
    "to_wallet_id": "bigint",
    "suggested": "bigint",
    "confidence": "smallint",
    "because": "jsonb",
}


def statements_make(source: Import, reading: Reading) -> list[Statement]:
    """One statement for each account of the file, with the wallet that it is known to be."""
    accounts = _accounts(reading)
    wallets = wallets_known(source, list(accounts))
    balances = closing_balances(reading, accounts)
    statements = [
        Statement(
            household=active_household(),
            source=source,
            account=account,
            wallet=wallets[account],
            currency=accounts[account].currency[:3],
            balance_date=balances[account][0] if account in balances else None,
            balance=balances[account][1] if account in balances else None,
        )
        for account in accounts
    ]
    return Statement.objects.bulk_create(statements)


@dataclass(slots=True)
class Account:
    """What the lines of one account say of it; the days are of lines with a balance after them."""

    currency: str = ""
    first: dt.date | None = None
    last: dt.date | None = None
    newest: list[StatementLine] = field(default_factory=list)  # the lines of the newest day

    def add(self, line: StatementLine) -> None:
        """Takes the next line of the file."""
        self.currency = line.currency or self.currency
        if line.balance is None or line.status is not LineStatus.BOOKED:
            return
        self.first, self.last = self.first or line.date, line.date
        if not self.newest or line.date > self.newest[0].date:
            self.newest = [line]
        elif line.date == self.newest[0].date:
            self.newest.append(line)


def _accounts(reading: Reading) -> dict[str, Account]:
    """The accounts of a file by name. Once through its lines, none of which is kept long."""
    accounts: dict[str, Account] = {}
    for line in reading.lines:
        name = line.account[:100]
        if name not in accounts:
            accounts[name] = Account()
        accounts[name].add(line)
    return accounts or {"": Account()}


def account_key(source: Import, account: str) -> str:
    """By what the wallet of an account is remembered; files that name none have their bank's, or
    their columns', since the tables of two banks that are not known are two accounts.
    """
    if account:
        return account
    if source.header and not source.layout:
        return f"header:{table_fingerprint(source.header, source.sample)}"
    return f"layout:{source.layout or source.format}"


def wallets_known(source: Import, accounts: Sequence[str]) -> dict[str, Wallet | None]:
    """The wallet of each account: as the person said before, or the household's only one."""
    open_ones = Wallet.objects.open().in_bulk()
    keys = {account: account_key(source, account) for account in accounts}
    said = {
        known.key: open_ones.get(known.wallet_id)
        for known in KnownAccount.objects.filter(key__in=keys.values())
    }
    only = next(iter(open_ones.values())) if len(open_ones) == 1 and len(accounts) == 1 else None
    return {account: said.get(key, only) for account, key in keys.items()}


def closing_balances(
    reading: Reading, accounts: Mapping[str, Account]
) -> dict[str, tuple[dt.date, Decimal]]:
    """What the file says that each account held last: in words, or beside its last movement.

    Nothing of an account whose movements leave open which of them was the last.
    """
    found: dict[str, tuple[dt.date, Decimal]] = {}
    for told in reading.balances:
        name = told.account[:100]
        if name not in found or told.date >= found[name][0]:
            found[name] = (told.date, told.amount)
    for name, account in accounts.items():
        if name not in found and (last := _last_balance(account)) is not None:
            found[name] = (account.newest[0].date, last)
    return {name: day for name, day in found.items() if abs(day[1]) <= LARGEST_AMOUNT}


def _last_balance(account: Account) -> Decimal | None:
    """What was left after the last movement of one account; None where it cannot be told.

    The balances say so themselves where each is the one before and the movement between them.
    Else the days do, where they begin with the newest or with the oldest.
    """
    last_day = account.newest
    if not last_day:
        return None
    forwards, backwards = _adds_up(last_day), _adds_up(last_day[::-1])
    if len(last_day) > 1 and forwards != backwards:
        return (last_day[-1] if forwards else last_day[0]).balance
    if account.first != account.last:
        return (last_day[0] if account.first == last_day[0].date else last_day[-1]).balance
    # One movement, or some that add up either way and come to the same.
    ends = {last_day[0].balance, last_day[-1].balance}
    return last_day[0].balance if forwards and len(ends) == 1 else None


def _adds_up(lines: Sequence[StatementLine]) -> bool:
    """Whether each balance is the one before and the line's own amount."""
    return all(
        before.balance is not None and before.balance + line.amount == line.balance
        for before, line in pairwise(lines)
    )


def lines_stage(
    source: Import, reading: Reading, statements: Iterable[Statement], drafter: Drafter
) -> None:
    """Write the lines of a file for the preview, in the file's order, with what is known of them.

    Lines of statements that the person leaves out are not written.
    """
    wanted = {each.account: each for each in statements if not each.skipped}
    household = active_household()
    spans = ClosedDays().spans
    with scope_cursor() as cursor:
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        cursor.execute(f"CREATE TEMPORARY TABLE import_draft ({columns}) ON COMMIT DROP")
        rows: Any = cursor  # psycopg's own, which Django's types do not know
        with rows.copy("COPY import_draft FROM STDIN") as copy:
            for row in _rows(reading, wanted, drafter):
                copy.write_row(row)
        cursor.execute("ANALYZE import_draft (statement_id)")  # for the number of rows
        # What is sorted of 100,000 lines then stays in memory.
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SELECT min(date), max(date) FROM import_draft")
        first, last = cursor.fetchone()
        with joined_by_hashing():
            cursor.execute(
                STAGE,
                {
                    "household": household.pk,
                    "first": first,
                    "last": last,
                    "closed_first": [first for first, _last in spans],
                    "closed_last": [last for _first, last in spans],
                },
            )
        cursor.execute("DROP TABLE import_draft")


def accounts_counted(lines: Iterable[StatementLine]) -> set[str]:
    """The accounts whose lines have no ids but their own numbers in the file, from 0 or 1 on.

    The next file counts from there again, so they tell nothing.
    """
    lines = iter(lines)
    first = next(lines, None)
    # A file numbers all its accounts in one way, and most have other ids, or none.
    if first is None or not _is_count(first.bank_id):
        return set()
    ids: dict[str, set[str]] = {}
    for line in chain([first], lines):
        ids.setdefault(line.account, set()).add(line.bank_id)
    return {
        account
        for account, own in ids.items()
        if all(map(_is_count, own))
        and (numbers := {int(each) for each in own})
        and min(numbers) <= 1
        and max(numbers) - min(numbers) == len(own) - 1
    }


def _is_count(bank_id: str) -> bool:
    return len(bank_id) <= 6 and bank_id.isascii() and bank_id.isdigit()


def _rows(
    reading: Reading, wanted: Mapping[str, Statement], drafter: Drafter
) -> Iterator[tuple[Any, ...]]:
    n = 0
    currency = active_household().currency
    counted = accounts_counted(reading.lines)
    for line in reading.lines:
        statement = wanted.get(line.account[:100])
        if statement is None:
            continue
        n += 1
        finding, reason = _hindrance(line, currency)
        fits = finding is not Finding.UNREADABLE
        draft = drafter.draft(line.label, line.amount, statement.wallet_id)
        yield (
            n,
            statement.pk,
            line.number,
            line.date if fits else None,
            line.value_date,
            line.amount if fits else None,
            line.label,
            "" if line.account in counted else line.bank_id,
            line.status.value,
            finding.value if finding else "",
            reason,
            draft.description,
            draft.category,
            draft.bucket,
            draft.person,
            draft.to_wallet,
            draft.suggested,
            draft.confidence,
            _json(tuple(draft.because.items())) if draft.because else None,
        )
    anywhere = next(iter(wanted.values()), None)
    for each in reading.unreadable if anywhere else ():
        n += 1
        yield (
            n,
            anywhere.pk if anywhere else None,
            each.number,
            None,
            None,
            None,
            each.text.replace("\x00", ""),
            "",
            LineStatus.BOOKED.value,
            Finding.UNREADABLE.value,
            each.reason,
            *("", None, None, None, None, None, None, None),
        )


@lru_cache(maxsize=1 << 14)
def _json(items: tuple[tuple[str, Any], ...]) -> str:
    """The same reason is given for many lines."""
    return json.dumps(dict(items))


def _hindrance(line: StatementLine, currency: str) -> tuple[Finding | None, str]:
    """What keeps a line out of the ledger, and why in a sentence."""
    if line.status is LineStatus.PENDING:
        return Finding.NOT_BOOKED, _("The bank has not booked it yet.")
    if line.status is LineStatus.REVERTED:
        return Finding.NOT_BOOKED, _("The bank took it back: no money moved.")
    if not FIRST_DATE <= line.date <= LAST_DATE:
        return Finding.UNREADABLE, _("The date is out of range.")
    if abs(line.amount) > LARGEST_AMOUNT:
        return Finding.UNREADABLE, _("The amount is too large.")
    if line.amount != line.amount.quantize(CENT):
        return Finding.UNREADABLE, _("The amount has more than two decimals.")
    if not line.amount:
        return Finding.UNREADABLE, _("The amount is zero.")
    if line.currency and line.currency != currency:
        return Finding.UNREADABLE, _("It is in %(own)s, and the household counts in %(other)s.") % {
            "own": line.currency,
            "other": currency,
        }
    return None, ""


def lines_clear(source: Import) -> None:
    """Forget the lines of a file, to stage them anew."""
    ImportLine.objects.filter(statement__source=source).delete()
