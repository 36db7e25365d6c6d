"""Writes about people that need the ledger: settling what is open, and taking someone out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext

from budget.balances.selectors import Position, person_position
from budget.core.guards import GoneMeanwhile, Refused, guarded
from budget.core.money import money_format
from budget.core.tenancy import active_household
from budget.people.models import Person
from budget.transactions.models import LOANS, Kind, Transaction
from budget.transactions.services import transaction_create, transaction_delete, undo_read
from budget.users.models import User
from budget.users.services import household_lock
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet

_SALT = "balances.settling"


class NothingOpen(Refused):
    """There is nothing left to settle with a person."""

    def __init__(self, person: Person) -> None:
        super().__init__(
            gettext("Nothing is open with %(name)s: there is nothing to settle.")
            % {"name": person.name}
        )


class StillOpen(Refused):
    """A person would be deleted with whom something is open."""

    def __init__(self, person: Person, position: Position) -> None:
        self.position = position
        words = {
            "name": person.name,
            "receivable": money_format(position.receivable),
            "debt": money_format(position.debt),
        }
        if position.receivable and position.debt:
            text = gettext(
                "%(name)s owes you %(receivable)s and you owe them %(debt)s: "
                "settle this before deleting them."
            )
        elif position.receivable:
            text = gettext("%(name)s owes you %(receivable)s: settle this before deleting them.")
        else:
            text = gettext("You owe %(name)s %(debt)s: settle this before deleting them.")
        super().__init__(text % words)


class ChangedSince(Refused):
    """What settling booked was changed afterwards, and is no longer its own to take back."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "What was booked has been changed since. Delete it in the ledger if it is wrong."
            )
        )


@dataclass(frozen=True, slots=True)
class Settlement:
    """The lines that settled everything with a person, and the token that takes them back."""

    lines: list[Transaction]
    undo: str


def settling_wallet(person: Person) -> Wallet:
    """The wallet that the last loan or repayment of a person moved, else the first one.

    Two queries at most.
    """
    last = Wallet.objects.open().filter(
        pk=Transaction.objects.filter(person=person, kind__in=LOANS)
        .newest_first()
        .values("wallet")[:1]
    )
    return last.first() or first_wallet()


def person_settle(
    *,
    person: Person,
    submission: uuid.UUID | None = None,
    created_by: User | None = None,
) -> Settlement:
    """Book what is open with a person as paid back today, in `settling_wallet`.

    What they owe is collected, what is owed to them repaid. `submission` is the button's own key:
    sent twice, the first lines are returned and nothing is booked. Raises NothingOpen (with someone
    who was removed nothing is), ClosedMonth, and GoneMeanwhile where the person has been deleted.
    """
    with guarded():
        household_lock(active_household())
        keys = {kind: _key(submission, kind) for kind in (Kind.COLLECT, Kind.REPAY)}
        before = Transaction.objects.filter(submission__in=[key for key in keys.values() if key])
        if submission and (lines := list(before.order_by("pk"))):
            return _settlement(lines)
        current = Person.objects.filter(pk=person.pk).first()
        if current is None:
            raise GoneMeanwhile
        position = person_position(current)
        if not position.is_open:
            raise NothingOpen(current)
        wallet = settling_wallet(current)
        lines = [
            transaction_create(
                kind=kind,
                amount=amount,
                date=timezone.localdate(),
                wallet=wallet,
                person=current,
                submission=keys[kind],
                created_by=created_by,
            )
            for kind, amount in (
                (Kind.COLLECT, position.receivable),
                (Kind.REPAY, position.debt),
            )
            if amount
        ]
    return _settlement(lines)


def _key(submission: uuid.UUID | None, kind: Kind) -> uuid.UUID | None:
    """The key of one of the two lines that a button books."""
    return uuid.uuid5(submission, kind) if submission else None


def _settlement(lines: list[Transaction]) -> Settlement:
    booked = {
        "household": active_household().pk,
        "lines": [(line.pk, line.version) for line in lines],
    }
    return Settlement(lines, signing.dumps(booked, salt=_SALT, compress=True))


def person_unsettle(*, token: str) -> Person | None:
    """Take back what `person_settle` booked, all of it or nothing; who it was about.

    Doing so twice changes nothing, and returns None. Raises Refused where the token is too old,
    was tampered with or is another household's, ChangedSince, and ClosedMonth.
    """
    booked = undo_read(token, salt=_SALT)
    with guarded():
        household_lock(active_household())
        versions = dict(booked["lines"])
        lines = list(Transaction.objects.filter(pk__in=versions).select_related("person"))
        for line in lines:
            if line.version != versions[line.pk] or line.reconciled:
                raise ChangedSince
            transaction_delete(line=line)
    return lines[0].person if lines else None


def person_delete(*, person: Person) -> bool:
    """Take a person out; return whether their name stays on lines of the ledger.

    Where no line names them they are deleted. Else they leave the lists and forms, and how to
    reach them and what was noted of them is erased. Raises StillOpen with the figures, and
    GoneMeanwhile where they are gone already.
    """
    with guarded():
        household_lock(active_household())
        current = Person.objects.active().select_for_update(no_key=True).filter(pk=person.pk)
        if not (found := current.first()):
            raise GoneMeanwhile
        position = person_position(found)
        if position.is_open:
            raise StillOpen(found, position)
        if not position.count:
            Person.objects.filter(pk=found.pk).delete()
            return False
        found.email = found.phone = found.note = ""
        found.removed_at = timezone.now()
        found.version += 1
        found.save()
    return True
