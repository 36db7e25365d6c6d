"""Reads of what is in wallets and envelopes, and of who owes whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from budget.balances.models import BucketMonth, PersonTotal, WalletMonth
from budget.buckets.models import Bucket
from budget.core.periods import Period
from budget.core.tenancy import active_household
from budget.people.models import Person
from budget.transactions.flows import ZERO
from budget.transactions.models import INCOMING, Kind, Transaction
from budget.transactions.selectors import current_period
from budget.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class WalletBalance:
    """What is in a wallet. Amounts are in the household's currency."""

    wallet: Wallet
    balance: Decimal
    count: int = 0  # of all lines that moved it, transfers included

    @property
    def used(self) -> bool:
        """Whether anything rests on it: it can then be closed, and no longer deleted."""
        return bool(self.count)


def wallet_balances(*, closed: bool = False) -> list[WalletBalance]:
    """Every wallet with what is in it now, in their order; closed ones only where asked for.

    One query. Lines dated in the future count: they are in the ledger.
    """
    return wallet_rows(Wallet.objects.all() if closed else Wallet.objects.open())


def wallet_rows(wallets: QuerySet[Wallet]) -> list[WalletBalance]:
    """The wallets of a query with what is in each. One query."""
    months = WalletMonth.objects.filter(wallet=OuterRef("pk")).order_by().values("wallet")
    rows: Iterable[Any] = wallets.annotate(
        held=Subquery(months.annotate(held=Sum(F("received") - F("paid"))).values("held")),
        moves=Subquery(months.annotate(moves=Sum("count")).values("moves")),
    )
    return [_balance(row, {"held": row.held, "lines": row.moves}) for row in rows]


def wallet_balance(wallet: Wallet) -> WalletBalance:
    """One wallet with what is in it now. One query."""
    sums = WalletMonth.objects.filter(wallet=wallet).aggregate(
        held=Sum(F("received") - F("paid")), lines=Sum("count")
    )
    return _balance(wallet, sums)


def _balance(wallet: Wallet, sums: Any) -> WalletBalance:
    if sums is None or sums["held"] is None:
        return WalletBalance(wallet, wallet.opening_balance)
    return WalletBalance(wallet, wallet.opening_balance + sums["held"], sums["lines"])


def wallet_balance_on(wallet: Wallet, day: dt.date) -> Decimal:
    """What was in a wallet at the end of `day`. Two queries."""
    return wallet_balances_on([(wallet, day)])[0]


def wallet_balances_on(asked: Sequence[tuple[Wallet, dt.date]]) -> list[Decimal]:
    """What was in each wallet at the end of its day: its opening balance from its date on, and the
    ledger up to then. Two queries: the months before, and the lines of the days' own months.
    """
    if not asked:
        return []
    earlier: dict[str, Any] = {}
    own_month: dict[str, Any] = {}
    in_sight = Q()
    for n, (wallet, day) in enumerate(asked):
        month = Period.containing(day, start_day=active_household().month_start_day)
        before = Q(wallet=wallet, month__lt=month.first)
        earlier[f"held_{n}"] = Sum(F("received") - F("paid"), filter=before, default=ZERO)
        own, into = Q(wallet=wallet), Q(to_wallet=wallet)
        then = Q(date__range=(month.first, day))
        in_sight |= then & (own | into)
        received = then & ((own & Q(kind__in=INCOMING)) | into)
        paid = then & own & ~Q(kind__in=INCOMING)
        own_month[f"received_{n}"] = Sum("amount", filter=received, default=ZERO)
        own_month[f"paid_{n}"] = Sum("amount", filter=paid, default=ZERO)
    wallets = [wallet.pk for wallet, _day in asked]
    held = WalletMonth.objects.filter(wallet__in=wallets).aggregate(**earlier)
    sums = Transaction.objects.filter(in_sight).aggregate(**own_month)
    return [
        (wallet.opening_balance if wallet.opening_date <= day else ZERO)
        + held[f"held_{n}"]
        + sums[f"received_{n}"]
        - sums[f"paid_{n}"]
        for n, (wallet, day) in enumerate(asked)
    ]


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """What was in a wallet when a month ended (or is now, in the present one)."""

    period: Period
    balance: Decimal
    received: Decimal
    paid: Decimal


def wallet_history(wallet: Wallet, months: int = 12) -> list[MonthEnd]:
    """A wallet's last months, oldest first, up to the present one. One query.

    They begin where the wallet does: with its opening date, or its first line if that is earlier.
    """
    rows = {row.month: row for row in WalletMonth.objects.filter(wallet=wallet)}
    begins = min([wallet.opening_date, *rows])
    ends = []
    for period in current_period().last_periods(months):
        if period.last < begins:
            continue
        held = sum(
            (row.received - row.paid for day, row in rows.items() if day <= period.last), ZERO
        )
        if wallet.opening_date <= period.last:
            held += wallet.opening_balance
        own = rows.get(period.first)
        ends.append(
            MonthEnd(period, held, own.received if own else ZERO, own.paid if own else ZERO)
        )
    return ends


@dataclass(frozen=True, slots=True)
class BucketBalance:
    """What an envelope holds (None: what is unassigned), and what it moved in a month."""

    bucket: Bucket | None
    balance: Decimal
    received: Decimal = ZERO
    spent: Decimal = ZERO
    count: int = 0

    @property
    def ratio(self) -> Decimal:
        """Its share of incomes; 1 is all of them."""
        return Decimal(self.bucket.share if self.bucket else 0) / 100

    @property
    def used(self) -> bool:
        """Whether anything rests on it: it can then be closed, and no longer deleted."""
        return bool(self.count)


def bucket_balances(*, month: Period | None = None, closed: bool = False) -> list[BucketBalance]:
    """Every envelope with what it holds, in their order, and last what is unassigned.

    Their sum is the money in all wallets. `received` and `spent` are those of `month`, the
    present one unless given. Closed ones only where asked for. Three queries.
    """
    month = month or current_period()
    within = Q(month=month.first)
    sums: dict[int | None, Any] = {
        row["bucket"]: row
        for row in BucketMonth.objects.order_by()
        .values("bucket")
        .annotate(
            held=Sum(F("received") - F("spent")),
            lines=Sum("count"),
            came=Sum("received", filter=within, default=ZERO),
            went=Sum("spent", filter=within, default=ZERO),
        )
    }
    opened = Wallet.objects.aggregate(held=Sum("opening_balance", default=ZERO))["held"]
    buckets: Sequence[Bucket | None] = [
        *(Bucket.objects.all() if closed else Bucket.objects.open()),
        None,
    ]
    balances = []
    for bucket in buckets:
        row = sums.get(bucket.pk if bucket else None)
        held = row["held"] if row else ZERO
        balances.append(
            BucketBalance(
                bucket,
                held if bucket else held + opened,
                row["came"] if row else ZERO,
                row["went"] if row else ZERO,
                row["lines"] if row else 0,
            )
        )
    return balances


def bucket_balance(bucket: Bucket) -> BucketBalance:
    """One envelope with what it holds now, and what it moved in the present month. One query."""
    within = Q(month=current_period().first)
    sums = BucketMonth.objects.filter(bucket=bucket).aggregate(
        held=Sum(F("received") - F("spent"), default=ZERO),
        came=Sum("received", filter=within, default=ZERO),
        went=Sum("spent", filter=within, default=ZERO),
        lines=Sum("count", default=0),
    )
    return BucketBalance(bucket, sums["held"], sums["came"], sums["went"], sums["lines"])


@dataclass(frozen=True, slots=True)
class Position:
    """How a household stands with one person, or with all together.

    What they paid back beyond what was lent to them is owed to them, and the other way round; what
    was paid back beyond its loan on both sides cancels.
    """

    lent: Decimal = ZERO
    collected: Decimal = ZERO
    borrowed: Decimal = ZERO
    repaid: Decimal = ZERO
    count: int = 0

    @property
    def receivable(self) -> Decimal:
        """What they owe."""
        return max(self.lent - self.collected, ZERO) + self._beyond(-1)

    @property
    def debt(self) -> Decimal:
        """What is owed to them."""
        return max(self.borrowed - self.repaid, ZERO) + self._beyond(1)

    def _beyond(self, side: int) -> Decimal:
        """What they (1) or the household (-1) paid back too much, less the other's."""
        theirs = max(self.collected - self.lent, ZERO)
        ours = max(self.repaid - self.borrowed, ZERO)
        return max(side * (theirs - ours), ZERO)

    @property
    def net(self) -> Decimal:
        """What they owe less what is owed to them; negative where the household owes more."""
        return self.lent + self.repaid - self.borrowed - self.collected

    @property
    def is_open(self) -> bool:
        """Whether anything is left to pay back, either way."""
        return bool(self.receivable or self.debt)


#: What a line of each kind does to `Position.net`.
NET_SIGN = {Kind.LEND: 1, Kind.REPAY: 1, Kind.COLLECT: -1, Kind.BORROW: -1}


def person_positions() -> dict[int, Position]:
    """How the household stands with every person that any line names, by their key. One query."""
    return {
        row.person_id: Position(row.lent, row.collected, row.borrowed, row.repaid, row.count)
        for row in PersonTotal.objects.all()
    }


def person_position(person: Person) -> Position:
    """How the household stands with one person. One query."""
    row = PersonTotal.objects.filter(person=person).first()
    if row is None:
        return Position()
    return Position(row.lent, row.collected, row.borrowed, row.repaid, row.count)


def reconciled_balance(wallet: Wallet, *, on: dt.date) -> Decimal:
    """The wallet's opening balance, if it had begun `on` that day, and all that is sealed."""
    sealed = WalletMonth.objects.filter(wallet=wallet).aggregate(
        held=Sum("reconciled", default=ZERO)
    )["held"]
    return Decimal(sealed + (wallet.opening_balance if wallet.opening_date <= on else ZERO))
