"""Writes to the ledger.

Each takes the household's lock before it touches a row. The triggers take it too, but after the
row: a write that changes many rows (moving a category's lines, say) would then wait for the row
while the row's writer waits for the lock.
"""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db import IntegrityError
from django.utils.translation import gettext

from budget.categories.models import Category
from budget.categories.services import retired_clear
from budget.core.guards import GoneMeanwhile, Refused, guarded, row_to_change
from budget.core.tenancy import active_household
from budget.transactions.models import Kind, Transaction
from budget.users.models import User
from budget.users.services import household_lock

#: How long a deletion can be taken back, in seconds. Longer than the toast is shown, because
#: without JavaScript the button stays on the page.
UNDO_LIFE = 3600
_SALT = "transactions.undo"


def transaction_create(
    *,
    kind: Kind,
    amount: Decimal,
    date: dt.date,
    category: Category | None = None,
    description: str = "",
    note: str = "",
    submission: uuid.UUID | None = None,
    created_by: User | None = None,
) -> Transaction:
    """Add a line to the ledger of the household in force.

    `amount` is positive, in the household's currency; `date` is local. `submission` is the form's
    own key: sent twice, the first line is returned and nothing is added. Raises ClosedMonth.
    """
    line = Transaction(
        kind=kind,
        amount=amount,
        date=date,
        category=category,
        description=description,
        note=note,
        submission=submission,
        created_by=created_by,
    )
    try:
        with guarded():
            household_lock(active_household())
            _still_offered(category)
            line.save()
    except IntegrityError:
        first = submission and Transaction.objects.filter(submission=submission).first()
        if not first:
            raise
        return first
    return line


def transaction_update(
    *,
    line: Transaction,
    version: int | None,
    kind: Kind,
    amount: Decimal,
    date: dt.date,
    category: Category | None,
    description: str,
    note: str,
) -> Transaction:
    """Change a line that still has the `version` its form was opened with.

    Raises ChangedMeanwhile (with the line as it stands now, or None where it is gone) and
    ClosedMonth, for the date it had as for the one it would get.
    """
    with guarded():
        household_lock(active_household())
        current = row_to_change(Transaction.objects.filter(pk=line.pk), version)
        before = current.category
        if category != before:
            _still_offered(category)
        current.kind = kind
        current.amount = amount
        current.date = date
        current.category = category
        current.description = description
        current.note = note
        current.save()
        if before and before.retired_at:
            retired_clear()
    return current


def _still_offered(category: Category | None) -> None:
    """Raise GoneMeanwhile where the category was removed after the form was read.

    Asked while the household's lock is held. A category that is deleted would be caught by the
    foreign key; one that is retired, for its lines in closed months, would not.
    """
    if category and not Category.objects.active().filter(pk=category.pk).exists():
        raise GoneMeanwhile


def transaction_delete(*, line: Transaction) -> str:
    """Delete a line, and return the token with which `transaction_restore` brings it back.

    The token is signed and holds the whole line, so that nothing deleted is kept in the database.
    Raises ClosedMonth.
    """
    token = signing.dumps(
        {
            "household": line.household_id,
            "id": line.pk,
            "kind": line.kind,
            "amount": str(line.amount),
            "date": line.date.isoformat(),
            "category": line.category_id,
            "description": line.description,
            "note": line.note,
            "version": line.version,
            "created_by": line.created_by_id,
        },
        salt=_SALT,
        compress=True,
    )
    with guarded():
        household_lock(active_household())
        # One statement on the row itself: its triggers have the last word.
        Transaction.objects.filter(pk=line.pk).delete()
        if line.category and line.category.retired_at:
            retired_clear()
    return token


def transaction_restore(*, token: str) -> Transaction:
    """Bring a deleted line back, with the id it had. Doing so twice changes nothing.

    A category that has gone meanwhile leaves it uncategorised. Raises Refused where the token is
    too old, was tampered with or is another household's, and ClosedMonth.
    """
    try:
        data: dict[str, Any] = signing.loads(token, salt=_SALT, max_age=UNDO_LIFE)
    except signing.BadSignature as error:
        raise Refused(gettext("It is too late to undo this.")) from error
    if data.pop("household") != active_household().pk:
        raise Refused(gettext("It is too late to undo this."))
    line = Transaction(
        pk=data["id"],
        household=active_household(),
        kind=data["kind"],
        amount=Decimal(data["amount"]),
        date=dt.date.fromisoformat(data["date"]),
        category=Category.objects.active().filter(pk=data["category"]).first(),
        description=data["description"],
        note=data["note"],
        version=data["version"] + 1,
        created_by=User.objects.filter(pk=data["created_by"]).first(),
    )
    with guarded():
        household_lock(active_household())
        existing = Transaction.objects.filter(pk=line.pk).first()
        if existing is not None:
            return existing
        line.save(force_insert=True)
    return line
