"""Reads of the savings goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DateField, DateTimeField, F, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.http import QueryDict
from django.utils import timezone

from budget.core.keyset import Order, page_of
from budget.core.periods import Period
from budget.goals import words
from budget.goals.models import (
    SIGNED_AMOUNT,
    Frequency,
    Goal,
    GoalMovement,
    GoalState,
    MovementKind,
)
from budget.goals.schedule import Plan, plan
from budget.transactions.flows import ZERO
from budget.transactions.selectors import money_now

#: How many movements a goal shows in the list, and at a time on its own page; how many closed
#: goals are shown at a time.
LAST_MOVEMENTS = 5
MOVEMENTS_SIZE = 50
CLOSED_SIZE = 20


def set_aside() -> Decimal:
    """What all goals hold together, in the household's currency. One query.

    It is part of the balance; what is left of the balance without it is available.
    """
    return GoalMovement.objects.aggregate(held=Sum(SIGNED_AMOUNT))["held"] or ZERO


@dataclass(frozen=True, slots=True)
class SetAside:
    """What all goals hold together, and what moved into them during a period."""

    held: Decimal
    moved: Decimal


def set_aside_during(period: Period) -> SetAside:
    """What goals hold, and what was put into them during `period` less what was taken back out.

    `moved` is negative where more was taken back. What a goal was spent on does not count: it was
    not taken back, and its expense stands among the expenses. One query.
    """
    moved = Q(date__range=(period.first, period.last)) & ~Q(kind=MovementKind.SPENT)
    sums = GoalMovement.objects.aggregate(
        held=Sum(SIGNED_AMOUNT), moved=Sum(SIGNED_AMOUNT, filter=moved)
    )
    return SetAside(sums["held"] or ZERO, sums["moved"] or ZERO)


def available() -> Decimal:
    """The balance less what is set aside; negative where goals hold more than there is."""
    return money_now() - set_aside()


@dataclass(frozen=True, slots=True)
class MovementLine:
    """A movement, and what the goal held after it."""

    movement: GoalMovement
    saved: Decimal


@dataclass(frozen=True, slots=True)
class History:
    """Movements of a goal, newest first, and the cursors of the pages around them."""

    lines: Sequence[MovementLine] = ()
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """A goal with what it holds, where that leads, and its movements where asked for."""

    goal: Goal
    plan: Plan
    history: History = History()

    @property
    def saved(self) -> Decimal:
        return self.goal.saved

    @property
    def ratio(self) -> Decimal:
        """What is saved as a share of the target; above 1 where more is."""
        return self.saved / self.goal.target

    @property
    def active(self) -> bool:
        return self.goal.state == GoalState.ACTIVE

    @property
    def pace(self) -> str:
        """Where the saving leads: "At this pace: March 2027"."""
        return words.pace(self.plan, Frequency(self.goal.frequency))

    @property
    def pace_note(self) -> str:
        """What the pace rests on: "70,00 € a month"."""
        return words.pace_note(self.plan, Frequency(self.goal.frequency))


def progress(goal: Goal, history: History | None = None) -> GoalProgress:
    """How far a goal is today. It must come from a query `with_saved()`."""
    worked_out = plan(
        target=goal.target,
        saved=goal.saved,
        frequency=Frequency(goal.frequency),
        contribution=goal.contribution,
        target_date=goal.target_date,
        today=timezone.localdate(),
    )
    return GoalProgress(goal, worked_out, history or History())


def first_goals(most: int = 3) -> list[GoalProgress]:
    """The oldest goals in progress, without their movements. One query."""
    goals = Goal.objects.active().with_saved().select_related("category", "wallet")[:most]
    return [progress(goal) for goal in goals]


def goals_in_progress() -> list[GoalProgress]:
    """The goals being saved for, oldest first, each with its last few movements.

    Two queries, and `history.after` is empty where a goal has no more movements than these.
    """
    goals = list(Goal.objects.active().with_saved().select_related("category", "wallet"))
    newest = (
        GoalMovement.objects.filter(goal__in=goals)
        .annotate(
            place=Window(RowNumber(), partition_by=[F("goal")], order_by=["-date", "-pk"]),
        )
        .filter(place__lte=LAST_MOVEMENTS + 1)
        .order_by("goal", "-date", "-pk")
    )
    found: dict[int, list[GoalMovement]] = {}
    for movement in newest:
        found.setdefault(movement.goal_id, []).append(movement)
    return [progress(goal, _last(found.get(goal.pk, []), goal.saved)) for goal in goals]


def _last(movements: list[GoalMovement], saved: Decimal) -> History:
    lines = _running(movements[:LAST_MOVEMENTS], saved)
    return History(lines, after="more" if len(movements) > LAST_MOVEMENTS else "")


def goal_history(goal: Goal, parameters: QueryDict) -> History:
    """The page of a goal's movements that the address asks for. Two queries at most.

    The goal must come from a query `with_saved()`.
    """
    movements = GoalMovement.objects.filter(goal=goal)
    page = page_of(
        movements,
        order=Order("date", DateField(), descending=True),
        size=MOVEMENTS_SIZE,
        parameters=parameters,
    )
    saved = goal.saved
    if page.before:
        first = page.rows[0]
        until = Q(date__lt=first.date) | Q(date=first.date, pk__lte=first.pk)
        saved = movements.filter(until).aggregate(held=Sum(SIGNED_AMOUNT))["held"]
    return History(_running(page.rows, saved), before=page.before, after=page.after)


def _running(movements: Sequence[GoalMovement], saved: Decimal) -> list[MovementLine]:
    """Movements, newest first, with what the goal held after each; `saved` after the first."""
    lines = []
    for movement in movements:
        lines.append(MovementLine(movement, saved))
        saved -= movement.signed_amount
    return lines


@dataclass(frozen=True, slots=True)
class ClosedGoals:
    """Goals that were spent or released, the last closed first, each with what it `held` then."""

    goals: Sequence[Goal] = ()
    before: str = ""
    after: str = ""


def goals_closed(parameters: QueryDict) -> ClosedGoals:
    """The page of closed goals that the address asks for. One query."""
    page = page_of(
        Goal.objects.closed().with_held().select_related("category", "wallet"),
        order=Order("closed_at", DateTimeField(), descending=True),
        size=CLOSED_SIZE,
        parameters=parameters,
    )
    return ClosedGoals(page.rows, before=page.before, after=page.after)
