"""What the pages of envelopes show: all of them, and one with its history and its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from budget.balances.models import BucketMonth
from budget.balances.selectors import BucketBalance, MonthEnd, bucket_balances
from budget.buckets.models import Bucket
from budget.buckets.selectors import ShareSum
from budget.transactions.flows import ZERO
from budget.transactions.models import Allotment, Kind, Transaction
from budget.transactions.selectors import current_period


@dataclass(frozen=True, slots=True)
class BucketsNow:
    """All that the list of envelopes says. Amounts are in the household's currency."""

    open: Sequence[BucketBalance]
    unassigned: BucketBalance
    closed: Sequence[BucketBalance]

    @property
    def rows(self) -> list[BucketBalance]:
        """The open ones, and last what is unassigned."""
        return [*self.open, self.unassigned]

    @property
    def total(self) -> Decimal:
        """What they hold together, which is the money in all wallets."""
        return sum((each.balance for each in self.rows), ZERO)

    @property
    def shares(self) -> ShareSum:
        """What their shares add up to."""
        return ShareSum(sum(each.bucket.share for each in self.open if each.bucket))

    @property
    def parts(self) -> list[tuple[Decimal, str | None]]:
        """For the bar: what each holds, with its colour."""
        return [(each.balance, each.bucket.colour if each.bucket else None) for each in self.rows]

    @property
    def fullest(self) -> Bucket | None:
        """The envelope that holds most, from which something can be taken back."""
        held = [each for each in self.open if each.balance > 0]
        return max(held, key=lambda each: each.balance).bucket if held else None


def buckets_now() -> BucketsNow:
    """The household's envelopes with what they hold. Three queries."""
    *rows, unassigned = bucket_balances(closed=True)
    return BucketsNow(
        open=[each for each in rows if each.bucket and each.bucket.is_open],
        unassigned=unassigned,
        closed=[each for each in rows if each.bucket and not each.bucket.is_open],
    )


def bucket_history(bucket: Bucket, months: int = 12) -> list[MonthEnd]:
    """An envelope's last months, oldest first, up to the present one. One query.

    They begin with its first line; an envelope without any has the present month alone.
    """
    rows = {row.month: row for row in BucketMonth.objects.filter(bucket=bucket)}
    present = current_period()
    begins = min([present.first, *(day for day, row in rows.items() if row.count)])
    ends = []
    for period in present.last_periods(months):
        if period.last < begins:
            continue
        held = sum(
            (row.received - row.spent for day, row in rows.items() if day <= period.last), ZERO
        )
        own = rows.get(period.first)
        ends.append(
            MonthEnd(period, held, own.received if own else ZERO, own.spent if own else ZERO)
        )
    return ends


@dataclass(frozen=True, slots=True)
class BucketLine:
    """A line as an envelope sees it: its part of an income, a transfer into it or out of it."""

    line: Transaction
    amount: Decimal  # signed
    spread: bool = False  # whether it is a part of an income


def bucket_lines(bucket: Bucket, most: int = 8) -> list[BucketLine]:
    """The newest lines that moved an envelope. Three queries, and one for their categories.

    Each reads a few entries of an index of its own, whatever the ledger's size.
    """
    rows = Transaction.objects.newest_first()
    own = rows.filter(bucket=bucket).filter(Q(to_bucket=None) | ~Q(to_bucket=bucket))
    came = rows.filter(to_bucket=bucket).filter(Q(bucket=None) | ~Q(bucket=bucket))
    parts = Allotment.objects.filter(bucket=bucket).order_by("-date", "-transaction")
    found = [
        *(BucketLine(line, _sign_of(line) * line.amount) for line in own[:most]),
        *(BucketLine(line, line.amount) for line in came[:most]),
        *(
            BucketLine(part.transaction, part.amount, spread=True)
            for part in parts.select_related("transaction")[:most]
        ),
    ]
    found.sort(key=lambda each: (each.line.date, each.line.pk), reverse=True)
    return found[:most]


def _sign_of(line: Transaction) -> int:
    """What a line does to the envelope that it names as its own."""
    return Kind(line.kind).sign or -1
