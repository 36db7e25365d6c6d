"""Writes to the ledger.

Each takes the household's lock before it touches a row. The triggers take it too, but after the
row: a write that changes many rows (moving a category's lines, say) would then wait for the row
while the row's writer waits for the lock.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack

from django.core import signing
from django.db import IntegrityError, models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.categories.services import retired_clear
from budget.core.guards import ClosedHolder, GoneMeanwhile, Refused, guarded, row_to_change
from budget.core.money import split_by_share
from budget.core.tenancy import active_household
from budget.people.models import Person
from budget.transactions.models import Allotment, Kind, Transaction
from budget.users.models import User
from budget.users.services import household_lock
from budget.wallets.models import Wallet

#: How an income is spread: envelopes with their weights (percents, or cents set by hand).
type Spread = Sequence[tuple[Bucket, int]]


class Entry(TypedDict, total=False):
    """What a line says. Amounts are positive, in the household's currency; dates are local.

    A transfer moves money from `wallet` to `to_wallet`, or from `bucket` to `to_bucket`, or both.
    An expense or income without a wallet is the first wallet's. `spread` is for incomes alone.
    """

    kind: Required[Kind]
    amount: Required[Decimal]
    date: Required[dt.date]
    wallet: Wallet | None
    to_wallet: Wallet | None
    category: Category | None
    bucket: Bucket | None
    to_bucket: Bucket | None
    person: Person | None
    description: str
    note: str
    spread: Spread


#: What a line needs its reader's word for once a reconciliation rests on it.
MONEY = ("kind", "amount", "date", "wallet", "to_wallet")

#: How long a write can be taken back, in seconds. Longer than the toast is shown, because
#: without JavaScript the button stays on the page.
UNDO_LIFE = 3600
_SALT = "transactions.undo"


def undo_read(token: str, *, salt: str) -> dict[str, Any]:
    """What a write of the household in force signed, to be taken back, without the `household`.

    Raises Refused where the token is too old, was tampered with or is another household's.
    """
    too_late = gettext("It is too late to undo this.")
    try:
        data: dict[str, Any] = signing.loads(token, salt=salt, max_age=UNDO_LIFE)
    except signing.BadSignature as error:
        raise Refused(too_late) from error
    if data.pop("household") != active_household().pk:
        raise Refused(too_late)
    return data


class ReconciledLine(Refused):
    """A line that a reconciliation rests on would change, and nobody said that it may."""

    def __init__(self) -> None:
        super().__init__(
            gettext("This line is reconciled. Confirm that it may change, and check it again.")
        )


def transaction_create(
    *,
    submission: uuid.UUID | None = None,
    created_by: User | None = None,
    **entry: Unpack[Entry],
) -> Transaction:
    """Add a line to the ledger of the household in force.

    `submission` is the form's own key: sent twice, the first line is returned and nothing is
    added. Raises ClosedMonth, ClosedHolder, and GoneMeanwhile where what it names has just gone.
    """
    spread = entry.pop("spread", ())
    line = Transaction(submission=submission, created_by=created_by, **entry)
    try:
        with guarded():
            household_lock(active_household())
            _require_offered(entry)
            line.save()
            _spread(line, spread)
    except IntegrityError:
        first = submission and Transaction.objects.filter(submission=submission).first()
        if not first:
            raise
        return first
    return line


def transaction_update(
    *, line: Transaction, version: int | None, confirmed: bool = False, **entry: Unpack[Entry]
) -> Transaction:
    """Change a line that still has the `version` its form was opened with.

    What `entry` does not name stays as it is. An income that was spread is spread anew by the
    weights it was given, unless `spread` says otherwise; one that becomes something else loses
    its parts. A reconciled line changes only when `confirmed`, and where its money moved it has
    to be checked again. Raises ChangedMeanwhile (with the line as it stands now, or None where it
    is gone), ReconciledLine, ClosedHolder, and ClosedMonth for the date it had as for the one it
    would get.
    """
    with guarded():
        household_lock(active_household())
        current = row_to_change(Transaction.objects.filter(pk=line.pk), version)
        if current.reconciled and not confirmed:
            raise ReconciledLine
        spread = entry.pop("spread") if "spread" in entry else _spread_before(current)
        changed = {name: new for name, new in entry.items() if _differs(current, name, new)}
        _require_offered(changed)
        left = current.category if "category" in changed else None
        for name, new in changed.items():
            setattr(current, name, new)
        if not changed.keys().isdisjoint(MONEY):
            _check_again(current)
        current.save()
        _spread_anew(current, spread)
        if left and left.retired_at:
            retired_clear()
    return current


def _differs(line: Transaction, name: str, new: object) -> bool:
    if name in _REFERENCES:
        return bool(
            getattr(line, f"{name}_id") != (new.pk if isinstance(new, models.Model) else None)
        )
    return bool(getattr(line, name) != new)


def _check_again(line: Transaction) -> None:
    """What was found on a statement is another line now."""
    if line.reconciled or line.wallet is None:
        line.pointed = line.to_pointed = False
        line.reconciliation = line.to_reconciliation = None
    if line.to_wallet is None:
        line.to_pointed = False


def _spread_before(line: Transaction) -> Spread:
    """How an income was spread, to be spread so again."""
    parts = line.allotments.select_related("bucket").order_by("pk")
    return [(part.bucket, part.weight) for part in parts]


def _parts(line: Transaction, spread: Spread) -> list[Allotment]:
    """The parts of an income, which add up to it; none of what is no income or not spread."""
    if not spread or line.kind != Kind.INCOME or line.bucket_id:
        return []
    amounts = split_by_share(line.amount, [weight for _, weight in spread])
    return [
        Allotment(
            household=active_household(),
            transaction=line,
            bucket=bucket,
            weight=weight,
            amount=amount,
            date=line.date,
        )
        for (bucket, weight), amount in zip(spread, amounts, strict=True)
    ]


def _spread(line: Transaction, spread: Spread) -> None:
    """Give the envelopes their parts of a new income. Raises GoneMeanwhile where one is closed."""
    parts = _parts(line, spread)
    wanted = {part.bucket_id for part in parts}
    if wanted and Bucket.objects.open().filter(pk__in=wanted).count() != len(wanted):
        raise GoneMeanwhile
    Allotment.objects.bulk_create(parts)


def _spread_anew(line: Transaction, spread: Spread) -> None:
    """Replace the parts of an income where they are no longer what the spread gives."""
    parts = _parts(line, spread)
    before = line.allotments.order_by("pk").values_list("bucket", "weight", "amount")
    if list(before) != [(part.bucket_id, part.weight, part.amount) for part in parts]:
        line.allotments.all().delete()
        Allotment.objects.bulk_create(parts)


#: How to ask whether what a line names is still offered.
_OFFERED: dict[str, Any] = {
    "category": lambda: Category.objects.active(),
    "wallet": lambda: Wallet.objects.open(),
    "to_wallet": lambda: Wallet.objects.open(),
    "bucket": lambda: Bucket.objects.open(),
    "to_bucket": lambda: Bucket.objects.open(),
    "person": lambda: Person.objects.active(),
}


_REFERENCES = tuple(_OFFERED)


def _require_offered(entry: Any) -> None:
    """Raise GoneMeanwhile where what a line names was removed or closed after its form was read.

    Asked while the household's lock is held. What is deleted would be caught by the foreign key;
    what is retired or closed, for the sake of its history, would not.
    """
    for name, offered in _OFFERED.items():
        chosen: models.Model | None = entry.get(name)
        if chosen is not None and not offered().filter(pk=chosen.pk).exists():
            raise GoneMeanwhile


def transaction_point(*, pk: int, pointed: bool, wallet: int | None = None) -> None:
    """Say whether a line was found on the statement of `wallet`, or of every wallet it moved.

    What a reconciliation sealed stays as it is. One statement, which changes neither the version
    nor what a closed month says; nothing happens where there is no such line.
    """

    def side(own: str, flag: str, seal: str) -> Case:
        moved = Q(**{f"{own}__isnull": False, seal: None})
        if wallet is not None:
            moved &= Q(**{own: wallet})
        return Case(When(moved, then=Value(pointed)), default=F(flag))

    Transaction.objects.filter(pk=pk).update(
        pointed=side("wallet", "pointed", "reconciliation"),
        to_pointed=side("to_wallet", "to_pointed", "to_reconciliation"),
    )


def transaction_delete(*, line: Transaction, confirmed: bool = False) -> str:
    """Delete a line, and return the token with which `transaction_restore` brings it back.

    The token is signed and holds the whole line, so that nothing deleted is kept in the database.
    Raises ClosedMonth, ClosedHolder, and ReconciledLine unless `confirmed`.
    """
    with guarded():
        household_lock(active_household())
        current = Transaction.objects.filter(pk=line.pk).first()
        if current is not None and current.reconciled and not confirmed:
            raise ReconciledLine
        token = signing.dumps(_as_written(current or line), salt=_SALT, compress=True)
        # One statement on the row itself: its triggers have the last word.
        Transaction.objects.filter(pk=line.pk).delete()
        if line.category and line.category.retired_at:
            retired_clear()
    return token


def _as_written(line: Transaction) -> dict[str, Any]:
    """The line as JSON can hold it. That it was reconciled is not kept: it is checked anew."""
    return {
        "household": line.household_id,
        "id": line.pk,
        "kind": line.kind,
        "amount": str(line.amount),
        "date": line.date.isoformat(),
        **{name: getattr(line, f"{name}_id") for name in _REFERENCES},
        "pointed": [line.pointed, line.to_pointed],
        "spread": [(bucket.pk, weight) for bucket, weight in _spread_before(line)],
        "description": line.description,
        "note": line.note,
        "bank_label": line.bank_label,
        "version": line.version,
        "created_by": line.created_by_id,
    }


def transaction_restore(*, token: str) -> Transaction:
    """Bring a deleted line back, with the id it had. Doing so twice changes nothing.

    A category or envelope that has gone meanwhile is left out, and a person who was only named.
    Someone who was removed is named again; a loan of theirs brings them back (a trigger of
    balances). Raises Refused where the token is too old, was tampered with or is another
    household's; where a line cannot be without what it named (its wallets, a transfer's
    envelopes, a loan's person), ClosedHolder and NothingToComeBackTo; and ClosedMonth.
    """
    data = undo_read(token, salt=_SALT)
    with guarded():
        household_lock(active_household())
        existing = Transaction.objects.filter(pk=data["id"]).first()
        if existing is not None:
            return existing
        line = Transaction(
            pk=data["id"],
            household=active_household(),
            kind=data["kind"],
            amount=Decimal(data["amount"]),
            date=dt.date.fromisoformat(data["date"]),
            pointed=data["pointed"][0],
            to_pointed=data["pointed"][1],
            description=data["description"],
            note=data["note"],
            bank_label=data.get("bank_label", ""),  # none in what was deleted before there were any
            version=data["version"] + 1,
            created_by=User.objects.filter(pk=data["created_by"]).first(),
            **_named_again(data),
        )
        line.save(force_insert=True)
        buckets = Bucket.objects.open().in_bulk([pk for pk, _ in data["spread"]])
        if len(buckets) == len(data["spread"]):
            _spread(line, [(buckets[pk], weight) for pk, weight in data["spread"]])
    return line


class NothingToComeBackTo(Refused):
    """A deleted line would be brought back whose wallet, envelope or person has been deleted."""

    def __init__(self) -> None:
        super().__init__(
            gettext("What this line names has been deleted since, so it cannot come back.")
        )


def _named_again(data: dict[str, Any]) -> dict[str, Any]:
    """What a deleted line named and is still offered, by the names of its references."""
    kind = Kind(data["kind"])
    needed = {"wallet", "to_wallet"}
    if kind is Kind.TRANSFER:
        needed |= {"bucket", "to_bucket"}
    if kind.is_loan:
        needed.add("person")
    named: dict[str, Any] = {}
    for name, offered in _OFFERED.items():
        rows = Person.objects.all() if name == "person" else offered()
        named[name] = rows.filter(pk=data[name]).first() if data[name] else None
        if data[name] and named[name] is None and name in needed:
            raise _missing(name, data[name])
    return named


def _missing(name: str, key: int) -> Refused:
    """Why the row that a reference named is not offered: it is closed, or it is gone."""
    rows: Any = Transaction._meta.get_field(name).related_model
    row = rows.objects.filter(pk=key).first()
    return ClosedHolder(row.name) if row else NothingToComeBackTo()
