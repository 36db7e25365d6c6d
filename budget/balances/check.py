"""Whether what the database keeps agrees with the ledger, line by line.

The rules are stated here a second time, in Python and from the rows, so that a mistake in a
trigger is not checked by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from decimal import Decimal

from django.db.models import Sum

from budget.balances.models import BucketMonth, PersonTotal, WalletMonth
from budget.balances.selectors import (
    Position,
    bucket_balances,
    person_positions,
    wallet_balances,
)
from budget.buckets.models import Bucket
from budget.core.keyset import in_chunks
from budget.core.periods import Period
from budget.core.tenancy import active_household
from budget.people.models import Person
from budget.transactions.flows import ZERO
from budget.transactions.models import Allotment, Kind, MonthTotal, Transaction
from budget.wallets.models import Wallet

type Sums = Mapping[Hashable, tuple[Decimal | int, ...]]


def ledger_faults() -> list[str]:
    """What does not hold in the household in force, a sentence each; empty where all is well.

    Reads the whole ledger, some 100,000 lines a second.
    """
    ledger = _Summed()
    return [
        *_differences("category", ledger.categories, _kept_categories()),
        *_differences("wallet", ledger.wallets, _kept_wallets()),
        *_differences("envelope", ledger.buckets, _kept_buckets()),
        *_differences("person", ledger.people, _kept_people()),
        *_invariants(),
        *_removed_people(),
    ]


class _Summed:
    """The ledger's sums, worked out from its lines."""

    def __init__(self) -> None:
        self.categories: dict[Hashable, list[Decimal | int]] = defaultdict(lambda: [ZERO, 0])
        self.wallets: dict[Hashable, list[Decimal | int]] = defaultdict(
            lambda: [ZERO, ZERO, ZERO, 0]
        )
        self.buckets: dict[Hashable, list[Decimal | int]] = defaultdict(lambda: [ZERO, ZERO, 0])
        self.people: dict[Hashable, list[Decimal | int]] = defaultdict(
            lambda: [ZERO, ZERO, ZERO, ZERO, 0]
        )
        start_day = active_household().month_start_day
        self.month: Callable[..., object] = lambda day: (
            Period.containing(day, start_day=start_day).first
        )
        for line in in_chunks(Transaction.objects.defer("search", "note", "description")):
            self._add(line)
        for part in in_chunks(Allotment.objects.all()):
            self._allot(part)

    def _add(self, line: Transaction) -> None:
        month, amount, kind = self.month(line.date), line.amount, Kind(line.kind)
        _put(self.categories[month, line.category_id, kind.value], amount, 1)
        incoming = kind.sign == 1
        sides = (amount, ZERO) if incoming else (ZERO, amount)
        if line.wallet_id:
            sealed = amount * (1 if incoming else -1) if line.reconciliation_id else ZERO
            _put(self.wallets[month, line.wallet_id], *sides, sealed, 1)
        if line.to_wallet_id:
            sealed = amount if line.to_reconciliation_id else ZERO
            _put(self.wallets[month, line.to_wallet_id], amount, ZERO, sealed, 1)
        if kind is not Kind.TRANSFER:
            _put(self.buckets[month, line.bucket_id], *sides, 1)
        elif line.bucket_id != line.to_bucket_id:
            _put(self.buckets[month, line.bucket_id], ZERO, amount, 1)
            _put(self.buckets[month, line.to_bucket_id], amount, ZERO, 1)
        if line.person_id:
            loans = [
                amount if kind is each else ZERO
                for each in (Kind.LEND, Kind.COLLECT, Kind.BORROW, Kind.REPAY)
            ]
            _put(self.people[line.person_id], *loans, 1)

    def _allot(self, part: Allotment) -> None:
        month = self.month(part.date)
        _put(self.buckets[month, part.bucket_id], part.amount, ZERO, 1)
        _put(self.buckets[month, None], -part.amount, ZERO, 0)


def _put(sums: list[Decimal | int], *moved: Decimal | int) -> None:
    for index, amount in enumerate(moved):
        sums[index] += amount


def _kept_categories() -> Sums:
    rows = MonthTotal.objects.order_by().values_list("month", "category", "kind", "total", "count")
    return {row[:3]: row[3:] for row in rows}


def _kept_wallets() -> Sums:
    rows = WalletMonth.objects.values_list(
        "month", "wallet", "received", "paid", "reconciled", "count"
    )
    return {row[:2]: row[2:] for row in rows}


def _kept_buckets() -> Sums:
    rows = BucketMonth.objects.values_list("month", "bucket", "received", "spent", "count")
    return {row[:2]: row[2:] for row in rows}


def _kept_people() -> Sums:
    rows = PersonTotal.objects.values_list(
        "person", "lent", "collected", "borrowed", "repaid", "count"
    )
    return {row[0]: row[1:] for row in rows}


def _differences(
    what: str, summed: Mapping[Hashable, list[Decimal | int]], kept: Sums
) -> Iterator[str]:
    for key in sorted(summed.keys() | kept.keys(), key=str):
        right, found = tuple(summed.get(key, ())), kept.get(key, ())
        if right != found and (any(right) or any(found)):
            said = ", ".join(str(each) for each in key) if isinstance(key, tuple) else key
            yield f"{what} {said}: the lines say {_words(right)}, the total {_words(found)}"


def _words(amounts: tuple[Decimal | int, ...]) -> str:
    return " / ".join(str(amount) for amount in amounts) or "nothing"


def _invariants() -> Iterator[str]:
    in_wallets = sum((each.balance for each in wallet_balances(closed=True)), ZERO)
    in_buckets = sum((each.balance for each in bucket_balances(closed=True)), ZERO)
    if in_wallets != in_buckets:
        yield f"wallets hold {in_wallets}, envelopes {in_buckets}"
    spread = (
        Transaction.objects.filter(allotments__isnull=False)
        .annotate(parts=Sum("allotments__amount"))
        .values_list("pk", "kind", "bucket", "amount", "parts")
    )
    for pk, kind, bucket, amount, parts in spread:
        if kind != Kind.INCOME or bucket or amount != parts:
            yield f"line {pk}: {amount} is spread as {parts}"
    for wallet in wallet_balances(closed=True):
        if not wallet.wallet.is_open and wallet.balance:
            yield f"the closed wallet {wallet.wallet} holds {wallet.balance}"
    for held in bucket_balances(closed=True):
        if held.bucket and not held.bucket.is_open and held.balance:
            yield f"the closed envelope {held.bucket} holds {held.balance}"
    shares = Bucket.objects.aggregate(total=Sum("share", default=0))["total"]
    if shares > 100:
        yield f"the envelopes' shares add up to {shares} %"
    if not Wallet.objects.open().exists():
        yield "no wallet is open"


def _removed_people() -> Iterator[str]:
    positions = person_positions()
    for person in Person.objects.exclude(removed_at=None):
        if positions.get(person.pk, Position()).is_open:
            yield f"something is open with {person}, who was removed"
