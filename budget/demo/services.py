"""Making the demonstration household, and removing it.

The lines and movements that are made carry a mark in their `submission` key, which forms fill with
random keys; the rest of what was made is written down in a `Seeding`. So a second seeding changes
nothing, and what was made can be removed from a household that has other things as well.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close, month_reopen
from budget.categories.models import Category, CategoryKind
from budget.categories.services import category_create
from budget.core.guards import GoneMeanwhile, Refused, guarded
from budget.core.management.commands.serve import DEMO_EMAIL, DEMO_PASSWORD
from budget.core.periods import Period
from budget.core.progress import Progress
from budget.core.tenancy import active_household, backoffice_scope, household_scope
from budget.demo.history import (
    CATEGORIES,
    GoalPlan,
    Line,
    bulk_history,
    goal_plans,
    household_history,
)
from budget.demo.models import Seeding
from budget.goals.models import Goal, GoalMovement, MovementKind
from budget.transactions.models import Transaction
from budget.users.models import Household, Membership, Role, User
from budget.users.services import (
    household_create,
    household_delete,
    household_lock,
    user_delete,
)
from budget.wallets.selectors import first_wallet

DEMO_SLUG = "demo"
DEMO_HOUSEHOLD = "Foyer démo"

#: The first half of the keys of what is seeded: those of forms are random and not of this kind.
MARK = 0x5EEDB0D6E7000000


@dataclass(frozen=True, slots=True)
class Wish:
    """What to make: a story of some months, or many `rows` for measuring."""

    months: int = 6
    rows: int | None = None
    seed: int = 1

    @property
    def options(self) -> dict[str, Any]:
        story = {"months": self.months} if self.rows is None else {"rows": self.rows}
        return {**story, "seed": self.seed}


class NoSuchHousehold(Refused):
    """The household to seed does not exist, and may not be made outside the demonstration."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            f"There is no household “{slug}”. Make it on the site first, or set DEMO=1 to have it "
            "made with the demonstration user in it."
        )


class SeededOtherwise(Refused):
    """The household was seeded before, with other options."""

    def __init__(self, household: Household, seeding: Seeding) -> None:
        told = ", ".join(f"{name} {value}" for name, value in seeding.options.items())
        super().__init__(
            f"“{household.slug}” has been seeded with {told}. "
            f"Run `manage.py clear_demo --household {household.slug}` first."
        )


def household_seed(*, slug: str, wish: Wish, progress: Progress) -> bool:
    """Seed the household `slug`, all or nothing; return False where that was done before.

    With the setting DEMO the household is made if needed, and the demonstration user belongs to
    it; without, the household must exist and nobody is added. Closed months are left out of the
    story. Raises NoSuchHousehold, SeededOtherwise, and ClosedMonth for `rows` in a closed month.
    """
    with transaction.atomic():
        _one_seeding_at_a_time()
        user, made_user = _demo_user_ensure() if settings.DEMO else (None, False)
        household = Household.objects.filter(slug=slug).first()
        made_household = household is None
        if household is None:
            if user is None:
                raise NoSuchHousehold(slug)
            household = _household_make(slug, user)
        made_membership = user is not None and _member_ensure(household, user)
        with household_scope(household):
            before = Seeding.objects.first()
            if before is None:
                progress.done("household", f"{household.name}  /h/{household.slug}/")
                seeding = Seeding(
                    options=wish.options,
                    made_household=made_household,
                    made_user=made_user,
                    made_membership=made_membership and not made_household,
                )
                _fill(seeding, wish, user, progress)
                return True
            if before.options != wish.options:
                raise SeededOtherwise(household, before)
            before.made_user = before.made_user or made_user
            before.save(update_fields=["made_user"])
    return False


def _one_seeding_at_a_time() -> None:
    """Wait for another seeding or clearing to end, so that the second finds what it did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MARK >> 1])


def demo_user() -> User | None:
    """The demonstration user, if there is one who may sign in."""
    return User.objects.filter(email=DEMO_EMAIL, is_active=True).first()


def _demo_user_ensure() -> tuple[User, bool]:
    """The demonstration user, and whether it has just been made."""
    user = User.objects.filter(email=DEMO_EMAIL).first()
    if user is not None:
        return user, False
    user = User.objects.create_user(DEMO_EMAIL, DEMO_PASSWORD, name="Camille")
    # Nobody can follow a link sent to example.org.
    EmailAddress.objects.create(user=user, email=DEMO_EMAIL, primary=True, verified=True)
    return user, True


def _household_make(slug: str, owner: User) -> Household:
    name = DEMO_HOUSEHOLD if slug == DEMO_SLUG else f"{DEMO_HOUSEHOLD} {slug}"
    household = household_create(name=name, slug=slug, owner=owner, language="fr")
    with household_scope(household):
        # The ten of the story instead of the ten that every household begins with.
        Category.objects.all().delete()
    return household


def _member_ensure(household: Household, user: User) -> bool:
    """Let the user into the household: as an editor, or as owner where it has none."""
    owned = Membership.objects.filter(household=household, role=Role.OWNER).exists()
    _membership, made = Membership.objects.get_or_create(
        household=household,
        user=user,
        defaults={"role": Role.EDITOR if owned else Role.OWNER},
    )
    return made


def _fill(seeding: Seeding, wish: Wish, user: User | None, progress: Progress) -> None:
    """Make everything in the household in force, and write down what."""
    household = active_household()
    household_lock(household)
    today = timezone.localdate()
    categories = _categories_make(seeding, progress)
    if wish.rows is not None:
        lines = bulk_history(today=today, rows=wish.rows, seed=wish.seed)
        _lines_write(lines, wish.rows, categories, user, progress)
        # Without fresh statistics the pages would be planned for an empty table, and measured so.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE transactions_transaction, transactions_monthtotal")
    else:
        start_day = household.month_start_day
        story = household_history(
            today=today, months=wish.months, seed=wish.seed, start_day=start_day
        )
        closed = [month.period for month in ClosedMonth.objects.all()]
        story = [line for line in story if not any(line.day in month for month in closed)]
        _lines_write(story, len(story), categories, user, progress)
        plans = goal_plans(today=today, months=wish.months, start_day=start_day)
        _goals_make(seeding, plans, categories, user, progress)
        past = Period.containing(today, start_day=start_day).previous.last_periods(wish.months)
        _months_close(seeding, [month for month in past if month not in closed], user, progress)
    seeding.save()


def _categories_make(seeding: Seeding, progress: Progress) -> dict[str, int]:
    """The keys of the ten categories: those the household has by these names, the others made."""
    keys: dict[str, int] = {}
    for wanted in progress.step("categories", CATEGORIES, total=len(CATEGORIES)):
        category = Category.objects.active().named(wanted.name).first()
        if category is None:
            category = category_create(
                name=wanted.name,
                description=wanted.description,
                kind=CategoryKind(wanted.kind),
                colour=wanted.colour,
                monthly_limit=wanted.monthly_limit,
            )
            seeding.categories.append(category.pk)
        keys[wanted.name] = category.pk
    return keys


def _lines_write(
    lines: Iterable[Line],
    total: int,
    categories: dict[str, int],
    user: User | None,
    progress: Progress,
) -> None:
    """Write the lines in one statement, so that the ledger's triggers run once for all of them.

    PostgreSQL refuses COPY into a table under a policy, hence the temporary one.
    """
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE demo_line (n bigint, day date, kind text, amount numeric,"
            " category_id bigint, description text, note text)"
        )
        rows: Any = cursor  # psycopg's own, which Django's types do not know
        with rows.copy("COPY demo_line FROM STDIN") as copy:
            for n, line in enumerate(progress.bar("transactions", lines, total=total)):
                copy.write_row(
                    (
                        n,
                        line.day,
                        line.kind,
                        line.amount,
                        categories.get(line.category),
                        line.description,
                        line.note,
                    )
                )
        with guarded():
            cursor.execute(
                """
                INSERT INTO transactions_transaction
                    (household_id, wallet_id, kind, amount, date, category_id, description, note,
                     submission, version, created_by_id, created_at, updated_at)
                SELECT %s, %s, kind, amount, day, category_id, description, note,
                       (%s || lpad(to_hex(n), 16, '0'))::uuid, 1, %s, now(), now()
                FROM demo_line ORDER BY n
                """,
                [
                    active_household().pk,
                    first_wallet().pk,
                    f"{MARK:016x}",
                    user.pk if user else None,
                ],
            )
        cursor.execute("DROP TABLE demo_line")
    seconds = time.monotonic() - started
    progress.done("transactions", f"{total}  ({total / seconds:,.0f} lines/s)", started)


def _goals_make(
    seeding: Seeding,
    plans: Sequence[GoalPlan],
    categories: dict[str, int],
    user: User | None,
    progress: Progress,
) -> None:
    household = active_household()
    for plan in progress.step("goals", plans, total=len(plans)):
        if Goal.objects.filter(name=plan.name).exists():
            continue
        goal = Goal.objects.create(
            household=household,
            name=plan.name,
            description=plan.description,
            category_id=categories[plan.category],
            target=plan.target,
            contribution=plan.contribution,
            target_date=plan.target_date,
        )
        seeding.goals.append(goal.pk)
        GoalMovement.objects.bulk_create(
            GoalMovement(
                household=household,
                goal=goal,
                kind=MovementKind.DEPOSIT if move.amount > 0 else MovementKind.WITHDRAWAL,
                amount=abs(move.amount),
                date=move.day,
                created_by=user,
            )
            for move in plan.movements
        )


def _months_close(
    seeding: Seeding, months: Sequence[Period], user: User | None, progress: Progress
) -> None:
    for month in progress.step("archives", months, total=len(months)):
        seeding.closed_months.append(month_close(period=month, closed_by=user).pk)


# Removing


def seeded_households(slug: str | None = None) -> list[Household]:
    """The households that were seeded, or the one of this address if it was."""
    with backoffice_scope():
        seeded = Household.objects.filter(pk__in=Seeding.objects.values("household"))
        return list(seeded.filter(slug=slug) if slug else seeded.order_by("slug"))


def seeding_clear(*, household: Household, progress: Progress) -> bool:
    """Remove what the seeding made in a household, all or nothing; the household where it made it.

    Categories that something else uses by now stay. Returns whether it was
    the last that needed the demonstration user. Raises ClosedMonth where a month with seeded lines
    was closed since.
    """
    with transaction.atomic():
        _one_seeding_at_a_time()
        with household_scope(household):
            seeding = Seeding.objects.get()
            _unfill(seeding, progress)
        if seeding.made_household:
            household_delete(household=household)
            progress.done("household", f"{household.name} removed, with all it held")
        with backoffice_scope():
            heir = Seeding.objects.first()
            if heir is not None and seeding.made_user:
                # The user goes with the last household that needs it.
                heir.made_user = True
                heir.save(update_fields=["made_user"])
    return seeding.made_user and heir is None


def _unfill(seeding: Seeding, progress: Progress) -> None:
    if seeding.made_household:
        seeding.delete()
        return  # All the rest goes with the household.
    household_lock(active_household())
    months = ClosedMonth.objects.filter(pk__in=seeding.closed_months)
    for month in progress.step("archives", months, total=len(seeding.closed_months)):
        month_reopen(closed=month)
    with guarded():
        lines = Transaction.objects.filter(submission__range=(_mark(0), _mark(2**64 - 1)))
        removed, _ = lines.delete()
    progress.done("transactions", f"{removed} removed")
    removed, _ = Goal.objects.filter(pk__in=seeding.goals).delete()
    progress.done("goals", f"{removed} removed")
    categories = Category.objects.filter(pk__in=seeding.categories)
    for category in progress.step("categories", categories, total=len(seeding.categories)):
        if not Goal.objects.filter(category=category).exists():
            with suppress(GoneMeanwhile), guarded():  # Something else points to it: it stays.
                category.delete()
    if seeding.made_membership:
        Membership.objects.filter(
            household=active_household(), user__email=DEMO_EMAIL, role=Role.EDITOR
        ).delete()
    seeding.delete()


def demo_user_clear(*, progress: Progress) -> None:
    """Remove the demonstration user. The households it made by itself stay, and are told."""
    user = User.objects.filter(email=DEMO_EMAIL).first()
    if user is None:
        return
    alone = user.households.annotate(size=Count("members")).filter(size=1)
    left = [household.slug for household in alone.order_by("slug")]
    user_delete(user=user)
    told = f"; left without a member: {', '.join(left)}" if left else ""
    progress.done("user", f"{DEMO_EMAIL} removed{told}")


def _mark(n: int) -> uuid.UUID:
    return uuid.UUID(int=MARK << 64 | n)
