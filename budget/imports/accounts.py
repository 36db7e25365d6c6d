"""Which wallet an account is: what a waiting file says of it, saying it, and what is remembered."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from budget.core.fields import unused_colour
from budget.core.guards import guarded
from budget.core.periods import FIRST_DATE
from budget.imports.entering import NotWaiting
from budget.imports.models import (
    Finding,
    Import,
    ImportLine,
    ImportState,
    KnownAccount,
    Mapping,
    Statement,
)
from budget.imports.services import statements_assign
from budget.imports.staging import LARGEST_AMOUNT
from budget.wallets.models import Wallet, WalletKind
from budget.wallets.services import wallet_create

#: A page asks for so many accounts of one file; the others are left out.
MOST_ACCOUNTS = 60
LINES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a file, with what tells a person which it is."""

    statement: Statement
    count: int
    first: dt.date | None
    last: dt.date | None
    lines: Sequence[ImportLine]


def accounts_of(source: Import) -> list[Account]:
    """The accounts of a file, in its order, with their first lines. Three queries."""
    statements = list(Statement.objects.filter(source=source).select_related("wallet"))
    keys = [each.pk for each in statements[:MOST_ACCOUNTS]]
    lines = ImportLine.objects.filter(statement__in=keys).exclude(finding=Finding.UNREADABLE)
    figures = {
        row[0]: row[1:]
        for row in lines.order_by()
        .values_list("statement")
        .annotate(Count("pk"), Min("date"), Max("date"))
    }
    nth = Window(RowNumber(), partition_by="statement_id", order_by="id")
    shown: dict[int, list[ImportLine]] = {}
    for line in lines.annotate(nth=nth).filter(nth__lte=LINES_SHOWN).order_by("pk"):
        shown.setdefault(line.statement_id, []).append(line)
    accounts = []
    for each in statements:
        count, first, last = figures.get(each.pk, (0, None, None))
        accounts.append(Account(each, count, first, last, shown.get(each.pk, [])))
    return accounts


@dataclass(frozen=True, slots=True)
class NewWallet:
    """A wallet that is made for an account. Sent twice with one `submission`, it is made once."""

    name: str
    submission: uuid.UUID | None


def accounts_assign(*, source: Import, said: MappingOf[int, Wallet | NewWallet | None]) -> Import:
    """Say which wallet each account of a waiting file is, by the statements' ids; None leaves it
    out. Where nothing changes, what was chosen for the lines stays.

    Raises NotWaiting, and HolderNameTaken for a new wallet's name.
    """
    with guarded():
        statements = {each.pk: each for each in Statement.objects.filter(source=source)}
        if source.state != ImportState.READY or not statements:
            raise NotWaiting
        wallets = {
            pk: _made(statements[pk], each) if isinstance(each, NewWallet) else each
            for pk, each in said.items()
            if pk in statements
        }
        same = all(
            statements[pk].wallet_id == (wallet and wallet.pk)
            and statements[pk].skipped == (wallet is None)
            for pk, wallet in wallets.items()
        )
        return source if same else statements_assign(source=source, wallets=wallets)


def _made(statement: Statement, wanted: NewWallet) -> Wallet:
    """A wallet for an account; what it held before makes the bank's balance right."""
    taken = Wallet.objects.open().values_list("colour", flat=True)
    lines = ImportLine.objects.filter(statement=statement, amount__isnull=False).exclude(
        finding=Finding.NOT_BOOKED
    )
    figures = lines.aggregate(
        first=Min("date"),
        moved=Sum("amount", filter=Q(date__lte=statement.balance_date), default=Decimal())
        if statement.balance_date
        else Sum("amount", filter=Q(pk=None), default=Decimal()),
    )
    opening = Decimal() if statement.balance is None else statement.balance - figures["moved"]
    day = min(figures["first"] or timezone.localdate(), timezone.localdate())
    return wallet_create(
        submission=wanted.submission,
        name=wanted.name,
        colour=unused_colour(taken),
        kind=WalletKind.CURRENT,
        opening_balance=opening if abs(opening) <= LARGEST_AMOUNT else Decimal(),
        opening_date=max(day, FIRST_DATE),
        hidden=False,
    )


@dataclass(frozen=True, slots=True)
class KnownFiles:
    """The files whose lines go to a wallet by themselves: an account's, or a bank's."""

    known: KnownAccount
    account: str  # as the files name it; "" where they name none
    bank: str  # then their bank, or what their columns are called; "" where nothing is known

    @property
    def title(self) -> str:
        """What they are called in words."""
        return self.account or self.bank or _("Files that name no account")


def accounts_known() -> list[KnownFiles]:
    """Which wallet each account is, as the person said once."""
    names = dict(Mapping.objects.values_list("fingerprint", "name"))
    found = []
    for known in KnownAccount.objects.select_related("wallet").order_by("key"):
        kind, _colon, rest = known.key.partition(":")
        if kind not in {"layout", "header"}:
            found.append(KnownFiles(known, known.key, ""))
        else:
            bank = names.get(rest, "") if kind == "header" else rest
            found.append(KnownFiles(known, "", bank))
    return found


def account_forget(*, account: KnownAccount) -> None:
    """Forget which wallet an account is: its next file asks. Twice is as once."""
    KnownAccount.objects.filter(pk=account.pk).delete()
