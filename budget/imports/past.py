"""What a rule would change in the ledger as it is, and changing it.

A rule is about incomes and expenses. A line is compared by the bank's own label where it has one,
else by its description, and a rule changes what it would decide in a new file: not the lines of the
rules before it. It changes what it says and nothing else. Not changed are

- lines of closed months;
- what moves the money of a reconciled line, or out of a closed envelope;
- the envelope of an income that was spread over several, which somebody did by hand;
- a line that a transfer was made of, where the other wallet has the other half: joining the two is
  the person's decision.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import batched
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.utils import timezone

from budget.categories.services import retired_clear
from budget.core.guards import guarded
from budget.core.tenancy import active_household
from budget.imports.cleaning import clean
from budget.imports.rules import Rulebook, Ruling
from budget.transactions.closing import ClosedDays
from budget.transactions.models import Allotment, Kind, Transaction
from budget.transactions.services import undo_read
from budget.users.services import household_lock

#: So many lines changed at once can be taken back: their token travels with the page.
UNDOABLE = 1000
#: How many of the lines that would change are shown.
SHOWN = 5
#: Days between the two halves of a transfer, at most.
HALVES_APART = dt.timedelta(days=3)
_BATCH = 5_000
_SALT = "imports.past"

#: What is read of a line.
_READ = (
    "pk",
    "version",
    "date",
    "kind",
    "amount",
    "description",
    "category_id",
    "bucket_id",
    "person_id",
    "wallet_id",
    "to_wallet_id",
    "pointed",
    "to_pointed",
    "reconciliation_id",
    # What it names, by its names.
    "category__name",
    "bucket__name",
    "person__first_name",
    "person__last_name",
    "wallet__name",
)


class Past(NamedTuple):
    """An income or expense of the ledger. `bucket_fixed`: its envelope must stay; `halved`: the
    wallet that a transfer would go to has a line that is its other half.
    """

    pk: int
    version: int
    date: dt.date
    kind: str
    amount: Decimal
    description: str
    category_id: int | None
    bucket_id: int | None
    person_id: int | None
    wallet_id: int
    to_wallet_id: int | None
    pointed: bool
    to_pointed: bool
    reconciliation_id: int | None
    category: str | None
    bucket: str | None
    first_name: str | None
    last_name: str | None
    wallet: str
    bucket_fixed: bool
    halved: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A line, and what would be another in it, by the names of columns."""

    line: Past
    after: dict[str, Any]

    @property
    def before(self) -> dict[str, Any]:
        return {name: getattr(self.line, name) for name in self.after}


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would do to the ledger."""

    #: Lines of open months that it decides.
    fitting: int = 0
    changes: list[Change] = field(default_factory=list)
    #: Lines that it would change if their months were not closed.
    closed: int = 0
    #: Lines in which something stays that it would change: their money is not its to move.
    kept: int = 0
    #: Lines that it would fit if a rule before it did not decide them.
    taken: int = 0

    @property
    def number(self) -> int:
        """How many lines would change."""
        return len(self.changes)

    @property
    def undoable(self) -> bool:
        return self.number <= UNDOABLE


def wanted(ruling: Ruling, line: Past) -> dict[str, Any]:
    """What a rule wants a line to say, by columns, as far as the line says something else."""
    says: dict[str, Any] = {}
    if ruling.rename:
        says["description"] = ruling.rename
    if ruling.transfer_to is not None:
        says |= _as_transfer(line, ruling.transfer_to)
    else:
        given = {
            "category_id": ruling.category,
            "bucket_id": ruling.bucket,
            "person_id": ruling.person,
        }
        says |= {name: pk for name, pk in given.items() if pk is not None}
    return {name: said for name, said in says.items() if getattr(line, name) != said}


def _as_transfer(line: Past, other: int) -> dict[str, Any]:
    """An income or expense as a transfer from or to the wallet `other`."""
    says = {"kind": str(Kind.TRANSFER), "category_id": None, "bucket_id": None, "person_id": None}
    if line.kind == Kind.EXPENSE:
        return says | {"to_wallet_id": other}
    return says | {
        "wallet_id": other,
        "to_wallet_id": line.wallet_id,
        "pointed": False,
        "to_pointed": line.pointed,
    }


def possible(line: Past, says: dict[str, Any]) -> dict[str, Any]:
    """What may come of it: without what the line's money, or its closed envelope, forbids."""
    if "kind" in says:
        barred = line.reconciliation_id is not None or line.bucket_fixed or line.halved
        moved = {"kind", "wallet_id", "to_wallet_id", "pointed", "to_pointed"}
        barred_names = moved | {"category_id", "bucket_id", "person_id"} if barred else set()
    else:
        barred = line.reconciliation_id is not None or line.bucket_fixed
        barred_names = {"bucket_id"} if barred else set()
    return {name: said for name, said in says.items() if name not in barred_names}


def rule_try(ruling: Ruling, book: Rulebook, *, lock: bool = False) -> Trial:
    """What `ruling` would change, where it stands in `book`; newest lines first.

    With `lock` the lines are locked for changing them. Three queries, and one more for each further
    5,000 lines that the rule decides.
    """
    changes: list[Change] = []
    fitting = closed = kept = 0
    closed_days = ClosedDays()
    keys, taken = _fitting(ruling, book)
    for line in _lines(keys, ruling, lock=lock):
        says = wanted(ruling, line)
        may = possible(line, says)
        if line.date in closed_days:
            closed += bool(may)
            continue
        fitting += 1
        kept += len(may) < len(says)
        if may:
            changes.append(Change(line, may))
    return Trial(fitting, changes, closed, kept, taken)


def _fitting(ruling: Ruling, book: Rulebook) -> tuple[list[int], int]:
    """The keys of the incomes and expenses that the rule decides, the newest first; and how many
    more it would fit that others decide.
    """
    alone = Rulebook([ruling])
    rows: Any = Transaction.objects.filter(kind__in=[Kind.INCOME, Kind.EXPENSE])
    if ruling.amount_min is not None:
        rows = rows.filter(amount__gte=ruling.amount_min)
    if ruling.amount_max is not None:
        rows = rows.filter(amount__lte=ruling.amount_max)
    if ruling.wallet is not None:
        rows = rows.filter(wallet=ruling.wallet)
    said = rows.newest_first().values_list("pk", "bank_label", "description", "amount", "wallet")
    keys, taken = [], 0
    for pk, bank_label, description, amount, wallet in said.iterator(chunk_size=_BATCH):
        line = bank_label or description, clean(bank_label) or description, amount, wallet
        if alone.ruling(*line) is None:
            continue
        decided = book.ruling(*line)
        if decided is not None and decided.pk == ruling.pk:
            keys.append(pk)
        else:
            taken += 1
    return keys, taken


def _lines(keys: Sequence[int], ruling: Ruling, *, lock: bool) -> Iterator[Past]:
    spread = Exists(Allotment.objects.filter(transaction=OuterRef("pk")))
    fixed = ExpressionWrapper(spread | Q(bucket__closed_at__isnull=False), BooleanField())
    for some in batched(keys, _BATCH):
        rows = Transaction.objects.filter(pk__in=some).newest_first()
        if lock:
            rows = rows.select_for_update(no_key=True, of=("self",))
        yield from (Past(*row) for row in rows.values_list(*_READ, fixed, _halved(ruling)))


def _halved(ruling: Ruling) -> Any:
    """Whether the wallet that the rule transfers to has a line that is the other half."""
    if ruling.transfer_to is None:
        return Value(value=False)
    return Exists(
        Transaction.objects.filter(
            wallet=ruling.transfer_to,
            kind__in=[Kind.INCOME, Kind.EXPENSE],
            amount=OuterRef("amount"),
            date__range=(OuterRef("date") - HALVES_APART, OuterRef("date") + HALVES_APART),
        ).exclude(kind=OuterRef("kind"))
    )


@dataclass(frozen=True, slots=True)
class Applied:
    """How many lines were changed, and the token that takes it back; None where they are many."""

    number: int
    undo: str | None


def past_change(ruling: Ruling, book: Rulebook) -> Applied:
    """Change the lines that `ruling`, where it stands in `book`, decides. All of them or none.

    Raises Refused where the database refuses one: ClosedHolder, OverdrawnGoal, GoneMeanwhile.
    """
    with guarded():
        household_lock(active_household())
        changes = rule_try(ruling, book, lock=True).changes
        _write((each.line.pk, each.after) for each in changes)
        if any(each.before.get("category_id") for each in changes):
            retired_clear()
    if not changes or len(changes) > UNDOABLE:
        return Applied(len(changes), None)
    return Applied(len(changes), _token(changes))


def _write(lines: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Write what each line is to say: one statement for all that are to say the same."""
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for pk, says in lines:
        alike[tuple(says.items())].append(pk)
    now = timezone.now()
    for same, keys in alike.items():
        for some in batched(keys, _BATCH):
            Transaction.objects.filter(pk__in=some).update(
                **dict(same), version=F("version") + 1, updated_at=now
            )


def _token(changes: Sequence[Change]) -> str:
    lines = [[each.line.pk, each.line.version + 1, each.before] for each in changes]
    return signing.dumps(
        {"household": active_household().pk, "lines": lines}, salt=_SALT, compress=True
    )


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many lines are as they were, and how many were changed since and stay."""

    number: int
    left: int


def past_restore(*, token: str) -> TakenBack:
    """Take back what `past_change` did, in the lines that nobody has changed since.

    Doing so twice changes nothing. Raises Refused where the token is too old, was tampered with or
    is another household's, ClosedMonth and ClosedHolder; and GoneMeanwhile where what a line named
    has been deleted since.
    """
    told = {pk: (version, before) for pk, version, before in undo_read(token, salt=_SALT)["lines"]}
    with guarded():
        household_lock(active_household())
        rows = Transaction.objects.select_for_update(no_key=True).filter(pk__in=told)
        now = {line.pk: line for line in rows.order_by()}
        same = [
            (pk, before)
            for pk, (version, before) in told.items()
            if pk in now
            and now[pk].version == version
            and not ("kind" in before and now[pk].reconciled)
        ]
        _write(same)
    return TakenBack(len(same), len(told) - len(same))
