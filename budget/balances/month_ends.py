"""What wallets and envelopes held when months ended, and what they moved in them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budget.balances.models import BucketMonth, WalletMonth
from budget.buckets.models import Bucket
from budget.core.periods import Period
from budget.transactions.flows import ZERO
from budget.wallets.models import Wallet

#: What each wallet or envelope (None: unassigned) received and paid, by the months' first days.
type Moved = Mapping[int | None, Mapping[dt.date, tuple[Decimal, Decimal]]]


@dataclass(frozen=True, slots=True)
class Held:
    """What a wallet or envelope (None: what is unassigned) moved in a month and held after it."""

    holder: Wallet | Bucket | None
    received: Decimal
    paid: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """What wallets and envelopes held when a month ended, in their order; the sums are equal.

    One that was empty is left out, unless it moved something in the month, or before it and is
    still open. What is unassigned comes last, and stands alone where no envelope is told.
    """

    wallets: Sequence[Held]
    buckets: Sequence[Held]


def month_ends(months: Iterable[Period]) -> dict[Period, MonthEnd]:
    """How each of `months` ended. Four queries, whatever their number; none reads the ledger."""
    wanted = sorted(months)
    until = wanted[-1].last
    wallets = list(Wallet.objects.all())
    buckets = list(Bucket.objects.all())
    in_wallets = _by_holder(
        WalletMonth.objects.filter(month__lte=until).values_list(
            "wallet", "month", "received", "paid"
        )
    )
    in_buckets = _by_holder(
        BucketMonth.objects.filter(month__lte=until).values_list(
            "bucket", "month", "received", "spent"
        )
    )
    ends = {}
    for month in wanted:
        begun = [each for each in wallets if each.opening_date <= month.last]
        opened = sum((each.opening_balance for each in begun), ZERO)
        ends[month] = MonthEnd(
            list(
                _held(wallets, in_wallets, month, {each.pk: each.opening_balance for each in begun})
            ),
            list(_held([*buckets, None], in_buckets, month, {None: opened})),
        )
    return ends


def _by_holder(
    rows: Iterable[tuple[int | None, dt.date, Decimal, Decimal]],
) -> dict[int | None, dict[dt.date, tuple[Decimal, Decimal]]]:
    moved: dict[int | None, dict[dt.date, tuple[Decimal, Decimal]]] = defaultdict(dict)
    for holder, month, received, paid in rows:
        moved[holder][month] = received, paid
    return dict(moved)


def _held(
    holders: Iterable[Wallet | Bucket | None],
    moved: Moved,
    month: Period,
    opened: Mapping[int | None, Decimal],
) -> Iterator[Held]:
    for holder in holders:
        key = None if holder is None else holder.pk
        until = {first: sides for first, sides in moved.get(key, {}).items() if first <= month.last}
        balance = opened.get(key, ZERO) + sum((came - went for came, went in until.values()), ZERO)
        received, paid = until.get(month.first, (ZERO, ZERO))
        still_there = holder is None or (holder.is_open and until)
        if received or paid or balance or still_there:
            yield Held(holder, received, paid, balance)
