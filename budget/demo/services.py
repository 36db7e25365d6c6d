"""Making the demonstration household, and removing it.

The lines and movements that are made carry a mark in their `submission` key, which forms fill with
random keys; the rest of what was made is written down in a `Seeding`. So a second seeding changes
nothing, and what was made can be removed from a household that has other things as well.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close, month_reopen
from budget.balances.models import BucketMonth, PersonTotal, WalletMonth
from budget.balances.selectors import reconciled_balance
from budget.buckets.models import Bucket
from budget.categories.models import Category, CategoryKind
from budget.categories.services import category_create
from budget.core.guards import GoneMeanwhile, Refused, guarded
from budget.core.management.commands.serve import DEMO_EMAIL, DEMO_PASSWORD
from budget.core.money import split_by_share
from budget.core.periods import Period
from budget.core.progress import Progress
from budget.core.tenancy import active_household, backoffice_scope, household_scope
from budget.demo.history import (
    BUCKETS,
    CATEGORIES,
    CURRENT,
    LIVRET,
    PAID_BY,
    PEOPLE,
    UNASSIGNED,
    WALLETS,
    GoalPlan,
    Line,
    bulk_history,
    goal_plans,
    household_history,
)
from budget.demo.models import Seeding
from budget.goals.models import Goal, GoalMovement, MovementKind
from budget.people.models import Person
from budget.transactions.models import Allotment, MonthTotal, Reconciliation, Transaction
from budget.users.models import Household, Membership, Role, User
from budget.users.services import (
    household_create,
    household_delete,
    household_lock,
    user_delete,
)
from budget.wallets.models import Wallet

DEMO_SLUG = "demo"
DEMO_HOUSEHOLD = "Foyer démo"

#: What pages about many lines read.
MEASURED = (
    Transaction,
    Allotment,
    MonthTotal,
    WalletMonth,
    BucketMonth,
    PersonTotal,
)

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
    names = _names_make(seeding, progress)
    if wish.rows is not None:
        lines = bulk_history(today=today, rows=wish.rows, seed=wish.seed)
        _lines_write(lines, wish.rows, names, Statements(), user, progress)
        # Without fresh statistics the pages would be planned for an empty table, and measured so.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(each._meta.db_table for each in MEASURED)}")
    else:
        start_day = household.month_start_day
        story = household_history(
            today=today, months=wish.months, seed=wish.seed, start_day=start_day
        )
        closed = [month.period for month in ClosedMonth.objects.all()]
        story = [line for line in story if not any(line.day in month for month in closed)]
        past = Period.containing(today, start_day=start_day).previous.last_periods(wish.months)
        statements = _statements_make(seeding, story, names, past, user, progress)
        _lines_write(story, len(story), names, statements, user, progress)
        plans = goal_plans(today=today, months=wish.months, start_day=start_day)
        _goals_make(seeding, plans, names, user, progress)
        _months_close(seeding, [month for month in past if month not in closed], user, progress)
    seeding.save()


@dataclass(frozen=True, slots=True)
class Names:
    """The keys of what the story's lines name. An empty name has none."""

    categories: dict[str, int]
    wallets: dict[str, int]
    buckets: dict[str, int]
    people: dict[str, int]


def _names_make(seeding: Seeding, progress: Progress) -> Names:
    wallets = _wallets_make(seeding, progress)
    buckets = _buckets_make(seeding, progress)
    categories = _categories_make(seeding, buckets, progress)
    return Names(categories, wallets, buckets, _people_make(seeding, progress))


def _wallets_make(seeding: Seeding, progress: Progress) -> dict[str, int]:
    """The keys of the three wallets: those the household has by these names, the others made."""
    keys: dict[str, int] = {}
    for wanted in progress.step("wallets", WALLETS, total=len(WALLETS)):
        wallet = Wallet.objects.open().named(wanted.name).first()
        if wallet is None:
            wallet = Wallet.objects.create(
                name=wanted.name,
                kind=wanted.kind,
                colour=wanted.colour,
                position=Wallet.objects.count(),
            )
            seeding.wallets.append(wallet.pk)
        keys[wanted.name] = wallet.pk
    return keys


def _buckets_make(seeding: Seeding, progress: Progress) -> dict[str, int]:
    """The keys of the five envelopes, as `_wallets_make`; with their shares while there is room."""
    keys: dict[str, int] = {}
    for wanted in progress.step("envelopes", BUCKETS, total=len(BUCKETS)):
        bucket = Bucket.objects.open().named(wanted.name).first()
        if bucket is None:
            taken = Bucket.objects.aggregate(taken=Sum("share", default=0))["taken"]
            bucket = Bucket.objects.create(
                name=wanted.name,
                colour=wanted.colour,
                share=wanted.share if taken + wanted.share <= 100 else 0,
                position=Bucket.objects.count(),
            )
            seeding.buckets.append(bucket.pk)
        keys[wanted.name] = bucket.pk
    return keys


def _people_make(seeding: Seeding, progress: Progress) -> dict[str, int]:
    """The keys of the two people, as `_wallets_make`."""
    keys: dict[str, int] = {}
    for wanted in progress.step("people", PEOPLE, total=len(PEOPLE)):
        name = {"first_name": wanted.first_name, "last_name": wanted.last_name}
        person = Person.objects.active().filter(**name).first()
        if person is None:
            person = Person.objects.create(**name, note=wanted.note)
            seeding.people.append(person.pk)
        keys[wanted.first_name] = person.pk
    return keys


def _categories_make(
    seeding: Seeding, buckets: dict[str, int], progress: Progress
) -> dict[str, int]:
    """The keys of the ten categories: those the household has by these names, the others made."""
    keys: dict[str, int] = {}
    for wanted in progress.step("categories", CATEGORIES, total=len(CATEGORIES)):
        category = Category.objects.active().named(wanted.name).first()
        if category is None:
            own = buckets.get(PAID_BY.get(wanted.name, UNASSIGNED))
            category = category_create(
                name=wanted.name,
                description=wanted.description,
                kind=CategoryKind(wanted.kind),
                colour=wanted.colour,
                monthly_limit=wanted.monthly_limit,
                bucket=Bucket.objects.get(pk=own) if own else None,
            )
            seeding.categories.append(category.pk)
        keys[wanted.name] = category.pk
    return keys


@dataclass(frozen=True, slots=True)
class Statements:
    """How far the story's lines were checked: until when, and by which statements."""

    #: The current account's reconciliations, by the days they end on; oldest first.
    sealed: Sequence[tuple[dt.date, int]] = ()
    #: What is dated up to this day is pointed at least.
    pointed_until: dt.date = dt.date.min

    def of(self, wallet: str, day: dt.date) -> tuple[bool, int | None]:
        """Whether a line of that day is pointed in that wallet, and what it is reconciled by."""
        if not wallet or day > self.pointed_until:
            return False, None
        if wallet != CURRENT:
            return True, None
        return True, next((key for last, key in self.sealed if day <= last), None)


def _statements_make(
    seeding: Seeding,
    story: Sequence[Line],
    names: Names,
    past: Sequence[Period],
    user: User | None,
    progress: Progress,
) -> Statements:
    """Check the current account against a statement a month, the last month's still under way.

    A current account that its household reconciles by itself is left alone.
    """
    wallet = Wallet.objects.get(pk=names.wallets[CURRENT])
    if Reconciliation.objects.filter(wallet=wallet).exists():
        return Statements()
    months = past[:-1] or past
    rows = Reconciliation.objects.bulk_create(
        Reconciliation(
            household=active_household(),
            wallet=wallet,
            date=month.last,
            balance=reconciled_balance(wallet, on=month.last) + _moved(story, month.last),
            closed_at=timezone.now(),
            closed_by=user,
        )
        for month in progress.step("statements", months, total=len(months))
    )
    seeding.reconciliations.extend(row.pk for row in rows)
    return Statements([(row.date, row.pk) for row in rows], past[-1].last)


def _moved(story: Sequence[Line], until: dt.date) -> Decimal:
    """What the story's lines up to a day did to the current account."""
    return sum(
        (
            amount
            for line in story
            if line.day <= until
            for wallet, _bucket, amount in line.sides
            if wallet == CURRENT
        ),
        Decimal(0),
    )


#: A story's line in the temporary table: its columns with their types.
_COLUMNS = {
    "n": "bigint",
    "day": "date",
    "kind": "text",
    "amount": "numeric",
    "category_id": "bigint",
    "description": "text",
    "note": "text",
    "wallet_id": "bigint",
    "to_wallet_id": "bigint",
    "bucket_id": "bigint",
    "to_bucket_id": "bigint",
    "person_id": "bigint",
    "pointed": "boolean",
    "reconciliation_id": "bigint",
    "to_pointed": "boolean",
    "to_reconciliation_id": "bigint",
    "parts": "numeric[]",
}
_SHARES = [each.share for each in BUCKETS]


def _row(n: int, line: Line, names: Names, statements: Statements) -> tuple[Any, ...]:
    return (
        n,
        line.day,
        line.kind,
        line.amount,
        names.categories.get(line.category),
        line.description,
        line.note,
        names.wallets.get(line.wallet),
        names.wallets.get(line.to_wallet),
        names.buckets.get(line.bucket),
        names.buckets.get(line.to_bucket),
        names.people.get(line.person),
        *statements.of(line.wallet, line.day),
        *statements.of(line.to_wallet, line.day),
        split_by_share(line.amount, _SHARES) if line.spread else None,
    )


def _lines_write(
    lines: Iterable[Line],
    total: int,
    names: Names,
    statements: Statements,
    user: User | None,
    progress: Progress,
) -> None:
    """Write the lines in one statement, so that the ledger's triggers run once for all of them.

    PostgreSQL refuses COPY into a table under a policy, hence the temporary one.
    """
    started = time.monotonic()
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        cursor.execute(f"CREATE TEMPORARY TABLE demo_line ({columns})")
        rows: Any = cursor  # psycopg's own, which Django's types do not know
        with rows.copy("COPY demo_line FROM STDIN") as copy:
            for n, line in enumerate(progress.bar("transactions", lines, total=total)):
                copy.write_row(_row(n, line, names, statements))
        with guarded():
            cursor.execute(
                """
                INSERT INTO transactions_transaction
                    (household_id, kind, amount, date, category_id, description, note,
                     wallet_id, to_wallet_id, bucket_id, to_bucket_id, person_id,
                     pointed, reconciliation_id, to_pointed, to_reconciliation_id,
                     submission, version, created_by_id, created_at, updated_at)
                SELECT %s, kind, amount, day, category_id, description, note,
                       wallet_id, to_wallet_id, bucket_id, to_bucket_id, person_id,
                       pointed, reconciliation_id, to_pointed, to_reconciliation_id,
                       (%s || lpad(to_hex(n), 16, '0'))::uuid, 1, %s, now(), now()
                FROM demo_line ORDER BY n
                """,
                [active_household().pk, f"{MARK:016x}", user.pk if user else None],
            )
            cursor.execute(
                """
                INSERT INTO transactions_allotment
                    (household_id, transaction_id, bucket_id, weight, amount, date)
                SELECT line.household_id, line.id, part.bucket_id, part.weight, part.amount,
                       line.date
                FROM demo_line
                JOIN transactions_transaction AS line
                  ON line.submission = (%s || lpad(to_hex(n), 16, '0'))::uuid
                CROSS JOIN LATERAL unnest(parts, %s::bigint[], %s::bigint[])
                  AS part (amount, bucket_id, weight)
                WHERE line.household_id = %s AND parts IS NOT NULL
                ORDER BY n
                """,
                [
                    f"{MARK:016x}",
                    [names.buckets[each.name] for each in BUCKETS],
                    _SHARES,
                    active_household().pk,
                ],
            )
        cursor.execute("DROP TABLE demo_line")
    seconds = time.monotonic() - started
    progress.done("transactions", f"{total}  ({total / seconds:,.0f} lines/s)", started)


def _goals_make(
    seeding: Seeding,
    plans: Sequence[GoalPlan],
    names: Names,
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
            category_id=names.categories[plan.category],
            wallet_id=names.wallets[LIVRET],
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

    A category, envelope, person or wallet that something else uses by now stays. Returns whether
    it was the last that needed the demonstration user. Raises ClosedMonth where a month with
    seeded lines was closed since.
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
    made: list[tuple[str, models.QuerySet[Any], list[int]]] = [
        ("statements", Reconciliation.objects.all(), seeding.reconciliations),
        ("categories", Category.objects.exclude(goals__isnull=False), seeding.categories),
        ("envelopes", Bucket.objects.all(), seeding.buckets),
        ("people", Person.objects.all(), seeding.people),
        ("wallets", Wallet.objects.all(), seeding.wallets),
    ]
    for what, rows, keys in made:
        for row in progress.step(what, rows.filter(pk__in=keys), total=len(keys)):
            with suppress(GoneMeanwhile), guarded():  # Something else points to it: it stays.
                row.delete()
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
