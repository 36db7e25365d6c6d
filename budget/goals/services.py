"""Writes about savings goals. Whatever moves money holds the household's lock while it does."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile, Refused, guarded, row_to_change
from budget.core.money import money_format
from budget.core.tenancy import active_household
from budget.goals.models import Frequency, Goal, GoalMovement, GoalState, MovementKind
from budget.goals.selectors import available
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_create
from budget.users.models import User
from budget.users.services import household_lock
from budget.wallets.models import Wallet


class NotEnoughAvailable(Refused):
    """More would be set aside than is available."""

    def __init__(self, *, available: Decimal, amount: Decimal) -> None:
        self.available = available
        figures = {
            "available": money_format(available),
            "missing": money_format(amount - available),
        }
        if available > 0:
            text = gettext("%(available)s is available, %(missing)s is missing.")
        else:
            text = gettext("Nothing is available (%(available)s): %(missing)s is missing.")
        super().__init__(text % figures)


class NotEnoughSaved(Refused):
    """More would be taken from a goal than it holds."""

    def __init__(self, *, saved: Decimal, amount: Decimal) -> None:
        self.saved = saved
        super().__init__(
            gettext("%(saved)s is saved, %(missing)s is missing.")
            % {"saved": money_format(saved), "missing": money_format(amount - saved)}
        )


class NotReached(Refused):
    """A goal would be closed before it is reached."""

    def __init__(self, *, missing: Decimal) -> None:
        super().__init__(
            gettext("This goal is not reached yet: %(missing)s is missing.")
            % {"missing": money_format(missing)}
        )


class GoalClosed(Refused):
    """A closed goal would be changed."""

    def __init__(self) -> None:
        super().__init__(gettext("This goal has been closed."))


def goal_create(
    *,
    name: str,
    target: Decimal,
    frequency: Frequency = Frequency.MONTHLY,
    contribution: Decimal | None = None,
    target_date: dt.date | None = None,
    description: str = "",
    category: Category | None = None,
    wallet: Wallet | None = None,
    submission: uuid.UUID | None = None,
) -> Goal:
    """Begin to save for something, in the household in force.

    Exactly one of `contribution` (each time, positive) and `target_date` is given; the database
    refuses anything else with IntegrityError. `submission` is the form's own key: sent twice, the
    first goal is returned. `wallet` is the one that holds its money. Raises GoneMeanwhile where
    the category has just been deleted, or the wallet closed.
    """
    goal = Goal(
        name=name,
        description=description,
        target=target,
        category=category,
        wallet=wallet,
        frequency=frequency,
        contribution=contribution,
        target_date=target_date,
        submission=submission,
    )
    try:
        with guarded():
            household_lock(active_household())
            _require_open(wallet)
            goal.save()
    except IntegrityError:
        first = submission and Goal.objects.filter(submission=submission).first()
        if not first:
            raise
        return first
    return goal


def goal_update(
    *,
    goal: Goal,
    version: int | None,
    name: str,
    target: Decimal,
    frequency: Frequency,
    contribution: Decimal | None,
    target_date: dt.date | None,
    description: str,
    category: Category | None,
    wallet: Wallet | None = None,
) -> Goal:
    """Change what a goal is about, where it still has the `version` its form was opened with.

    What it holds stays. Raises ChangedMeanwhile (with the goal as it stands now), GoalClosed and
    GoneMeanwhile.
    """
    with _held(goal):
        current = row_to_change(Goal.objects.with_saved().filter(pk=goal.pk), version)
        current.name = name
        current.description = description
        current.target = target
        current.category = category
        if wallet and wallet.pk != current.wallet_id:
            _require_open(wallet)
        current.wallet = wallet
        current.frequency = frequency
        current.contribution = contribution
        current.target_date = target_date
        current.save()
    return current


def goal_delete(*, goal: Goal) -> Decimal:
    """Delete a goal with its history; return the money that is available again by it."""
    with guarded():
        household_lock(active_household())
        current = Goal.objects.with_saved().filter(pk=goal.pk).first()
        if current is None:
            return Decimal(0)
        Goal.objects.filter(pk=goal.pk).delete()
        return current.saved


def goal_deposit(
    *,
    goal: Goal,
    amount: Decimal,
    date: dt.date | None = None,
    submission: uuid.UUID | None = None,
    created_by: User | None = None,
) -> GoalMovement:
    """Set money aside for a goal: `amount` positive, `date` today unless given.

    `submission` is the form's own key: sent twice, the first movement is returned and nothing
    moves. Raises NotEnoughAvailable, with the figures, GoalClosed and GoneMeanwhile.
    """
    with _held(goal, submission) as current:
        if done := _moved_before(submission):
            return done
        free = available()
        if amount > free:
            raise NotEnoughAvailable(available=free, amount=amount)
        return _move(current, MovementKind.DEPOSIT, amount, date, submission, created_by)


def goal_withdraw(
    *,
    goal: Goal,
    amount: Decimal,
    date: dt.date | None = None,
    submission: uuid.UUID | None = None,
    created_by: User | None = None,
) -> GoalMovement:
    """Take money back out of a goal; it is available again. As `goal_deposit`.

    Raises NotEnoughSaved, with the figures, GoalClosed and GoneMeanwhile.
    """
    with _held(goal, submission) as current:
        if done := _moved_before(submission):
            return done
        if amount > current.saved:
            raise NotEnoughSaved(saved=current.saved, amount=amount)
        return _move(current, MovementKind.WITHDRAWAL, amount, date, submission, created_by)


def goal_spend(
    *,
    goal: Goal,
    amount: Decimal | None = None,
    date: dt.date | None = None,
    submission: uuid.UUID | None = None,
    created_by: User | None = None,
) -> Transaction | None:
    """Close a reached goal as spent: book the expense in its category and empty it, or neither.

    The goal's wallet pays, the first one where it names none.

    `amount` is what it cost, all that is saved unless given: what is left over is released, what
    goes beyond comes out of the available money. Returns the expense; None where the same
    `submission` has done all this before. Raises NotReached, GoalClosed, ClosedMonth (by `date`)
    and GoneMeanwhile.
    """
    with _held(goal, submission) as current:
        if _moved_before(submission):
            return None
        _require_reached(current)
        cost = current.saved if amount is None else amount
        expense = transaction_create(
            kind=Kind.EXPENSE,
            amount=cost,
            date=date or timezone.localdate(),
            category=_in_use(current.category),
            wallet=current.wallet if current.wallet and current.wallet.is_open else None,
            description=current.name,
            created_by=created_by,
        )
        spent = min(cost, current.saved)
        _move(current, MovementKind.SPENT, spent, date, submission, created_by)
        if rest := current.saved - spent:
            _move(current, MovementKind.RELEASED, rest, date, None, created_by)
        _close(current, GoalState.SPENT)
    return expense


def goal_release(
    *, goal: Goal, submission: uuid.UUID | None = None, created_by: User | None = None
) -> Decimal:
    """Close a reached goal and make its money available again; return how much that is.

    Raises NotReached, GoalClosed and GoneMeanwhile.
    """
    with _held(goal, submission) as current:
        if done := _moved_before(submission):
            return done.amount
        _require_reached(current)
        _move(current, MovementKind.RELEASED, current.saved, None, submission, created_by)
        _close(current, GoalState.RELEASED)
        return current.saved


@contextmanager
def _held(goal: Goal, submission: uuid.UUID | None = None) -> Iterator[Goal]:
    """The goal as it stands now, with `saved`, and nobody else moving the household's money.

    A closed goal is refused, unless by a form that was sent before: that one closed it.
    """
    with guarded():
        household_lock(active_household())
        current = Goal.objects.with_saved().filter(pk=goal.pk).first()
        if current is None:
            raise GoneMeanwhile
        if current.state != GoalState.ACTIVE and not _moved_before(submission):
            raise GoalClosed
        yield current


def _moved_before(submission: uuid.UUID | None) -> GoalMovement | None:
    """The movement that this form has made already, if it was sent before."""
    return GoalMovement.objects.filter(submission=submission).first() if submission else None


def _move(
    goal: Goal,
    kind: MovementKind,
    amount: Decimal,
    date: dt.date | None,
    submission: uuid.UUID | None,
    created_by: User | None,
) -> GoalMovement:
    return GoalMovement.objects.create(
        household=active_household(),
        goal=goal,
        kind=kind,
        amount=amount,
        date=date or timezone.localdate(),
        submission=submission,
        created_by=created_by,
    )


def _require_reached(goal: Goal) -> None:
    if goal.saved < goal.target:
        raise NotReached(missing=goal.target - goal.saved)


def _in_use(category: Category | None) -> Category | None:
    return category if category and category.retired_at is None else None


def _require_open(wallet: Wallet | None) -> None:
    """Asked while the household's lock is held: wallets are closed with it."""
    if wallet and not Wallet.objects.open().filter(pk=wallet.pk).exists():
        raise GoneMeanwhile


def goals_follow(*, wallet: Wallet, into: Wallet, **_signal: Any) -> None:
    """Those whose money was in a wallet that is closed name the one that has it now."""
    Goal.objects.active().filter(wallet=wallet).update(wallet=into, version=F("version") + 1)


def _close(goal: Goal, state: GoalState) -> None:
    goal.state = state
    goal.closed_at = timezone.now()
    goal.save(update_fields=["state", "closed_at"])
