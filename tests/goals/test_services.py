"""What moves a goal's money, and what is refused."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from budget.core.guards import GoneMeanwhile, OverdrawnGoal, guarded
from budget.core.tenancy import household_scope
from budget.goals.models import Frequency, Goal, GoalMovement, GoalState, MovementKind
from budget.goals.selectors import available, set_aside
from budget.goals.services import (
    GoalClosed,
    NotEnoughAvailable,
    NotEnoughSaved,
    NotReached,
    goal_create,
    goal_delete,
    goal_deposit,
    goal_release,
    goal_spend,
    goal_update,
    goal_withdraw,
)
from budget.transactions.models import Kind, Transaction
from budget.transactions.selectors import money_now
from budget.users.models import Household, User
from tests.ledger import category, earn

pytestmark = pytest.mark.usefixtures("scope", "today")

NOVEMBER_1 = dt.date(2026, 11, 1)


def make(target: int = 500, saved: int = 0, income: int = 2000, name: str = "Vélo") -> Goal:
    """A goal of that target, with that much in it, in a household with that income."""
    if income:
        earn(income, NOVEMBER_1)
    goal = goal_create(name=name, target=Decimal(target), contribution=Decimal(50))
    if saved:
        goal_deposit(goal=goal, amount=Decimal(saved))
    return Goal.objects.with_saved().get(pk=goal.pk)


def saved(goal: Goal) -> Decimal:
    return Goal.objects.with_saved().get(pk=goal.pk).saved


class TestDeposit:
    def test_sets_money_aside_without_spending_it(self) -> None:
        goal = make(saved=300)
        assert saved(goal) == 300
        assert money_now() == 2000
        assert available() == 1700

    def test_is_dated_today(self) -> None:
        movement = goal_deposit(goal=make(), amount=Decimal(1))
        assert movement.date == dt.date(2026, 11, 21)

    def test_more_than_is_available_is_refused_with_the_figures(self) -> None:
        goal = make(saved=300)
        with override("fr"), pytest.raises(NotEnoughAvailable) as refusal:
            goal_deposit(goal=goal, amount=Decimal("2000.50"))
        assert str(refusal.value) == (
            "Il y a 1\u00a0700,00\u00a0€ disponibles, il manque 300,50\u00a0€."
        )
        assert saved(goal) == 300

    def test_the_last_cent_can_be_set_aside(self) -> None:
        goal = make()
        goal_deposit(goal=goal, amount=Decimal(2000))
        assert available() == 0

    def test_with_nothing_at_all_says_so(self) -> None:
        goal = make(income=0)
        with override("en"), pytest.raises(NotEnoughAvailable) as refusal:
            goal_deposit(goal=goal, amount=Decimal(10))
        assert str(refusal.value) == "Nothing is available (€0.00): €10.00 is missing."

    def test_sent_twice_moves_once(self) -> None:
        goal = make()
        key = uuid.uuid4()
        first = goal_deposit(goal=goal, amount=Decimal(1500), submission=key)
        # A second one would be refused: 1,500 more are not there.
        assert goal_deposit(goal=goal, amount=Decimal(1500), submission=key) == first
        assert saved(goal) == 1500

    def test_into_a_closed_goal_is_refused(self) -> None:
        goal = make(saved=500)
        goal_release(goal=goal)
        with pytest.raises(GoalClosed):
            goal_deposit(goal=goal, amount=Decimal(1))

    def test_into_a_deleted_goal_is_refused(self) -> None:
        goal = make()
        goal_delete(goal=goal)
        with pytest.raises(GoneMeanwhile):
            goal_deposit(goal=goal, amount=Decimal(1))


class TestWithdraw:
    def test_makes_money_available_again(self) -> None:
        goal = make(saved=300)
        goal_withdraw(goal=goal, amount=Decimal(100))
        assert saved(goal) == 200
        assert available() == 1800

    def test_more_than_is_saved_is_refused_with_the_figures(self) -> None:
        goal = make(saved=320)
        with override("fr"), pytest.raises(NotEnoughSaved) as refusal:
            goal_withdraw(goal=goal, amount=Decimal(400))
        assert str(refusal.value) == ("Il y a 320,00\u00a0€ d’épargnés, il manque 80,00\u00a0€.")
        assert saved(goal) == 320

    def test_sent_twice_moves_once(self) -> None:
        goal = make(saved=300)
        key = uuid.uuid4()
        goal_withdraw(goal=goal, amount=Decimal(200), submission=key)
        goal_withdraw(goal=goal, amount=Decimal(200), submission=key)
        assert saved(goal) == 100


class TestSpend:
    def test_books_the_expense_in_its_category_and_empties_the_goal(self) -> None:
        earn(2000, NOVEMBER_1)
        goal = goal_create(
            name="Vacances",
            target=Decimal(500),
            contribution=Decimal(50),
            category=category("Loisirs"),
        )
        goal_deposit(goal=goal, amount=Decimal(520))
        expense = goal_spend(goal=goal)
        assert expense is not None
        assert (expense.kind, expense.amount, expense.description) == (
            Kind.EXPENSE,
            Decimal(520),
            "Vacances",
        )
        assert expense.category == category("Loisirs")
        goal.refresh_from_db()
        assert goal.state == GoalState.SPENT
        assert goal.closed_at is not None
        assert saved(goal) == 0
        # What was available before still is: the expense was paid with what was set aside.
        assert available() == 1480

    def test_what_is_left_over_is_released(self) -> None:
        goal = make(saved=500)
        goal_spend(goal=goal, amount=Decimal("479.90"), date=NOVEMBER_1)
        kinds = GoalMovement.objects.filter(goal=goal).values_list("kind", "amount", "date")
        assert ("spent", Decimal("479.90"), NOVEMBER_1) in kinds
        assert ("released", Decimal("20.10"), NOVEMBER_1) in kinds
        assert available() == Decimal("1520.10")

    def test_what_goes_beyond_comes_out_of_the_available_money(self) -> None:
        goal = make(saved=500)
        goal_spend(goal=goal, amount=Decimal(600))
        assert set_aside() == 0
        assert available() == 1400

    def test_of_a_goal_not_reached_is_refused_with_the_figure(self) -> None:
        goal = make(saved=499)
        with override("fr"), pytest.raises(NotReached, match="il manque 1,00"):
            goal_spend(goal=goal)
        assert not Transaction.objects.filter(kind=Kind.EXPENSE).exists()

    def test_sent_twice_books_once(self) -> None:
        goal = make(saved=500)
        key = uuid.uuid4()
        assert goal_spend(goal=goal, submission=key) is not None
        assert goal_spend(goal=goal, submission=key) is None
        assert Transaction.objects.filter(kind=Kind.EXPENSE).count() == 1

    def test_of_a_closed_goal_is_refused(self) -> None:
        goal = make(saved=500)
        goal_release(goal=goal, submission=uuid.uuid4())
        with pytest.raises(GoalClosed):
            goal_spend(goal=goal, submission=uuid.uuid4())

    def test_into_a_retired_category_stays_uncategorised(self) -> None:
        goal = make(saved=500)
        retired = category("Loisirs")
        Goal.objects.filter(pk=goal.pk).update(category=retired)
        retired.retired_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        retired.save()
        expense = goal_spend(goal=goal)
        assert expense is not None
        assert expense.category is None

    def test_that_cannot_be_booked_leaves_the_goal_as_it_was(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        goal = make(saved=500)

        def refuse(**_: object) -> None:
            raise GoneMeanwhile

        monkeypatch.setattr("budget.goals.services.transaction_create", refuse)
        with pytest.raises(GoneMeanwhile):
            goal_spend(goal=goal)
        goal.refresh_from_db()
        assert goal.state == GoalState.ACTIVE
        assert saved(goal) == 500


class TestRelease:
    def test_makes_all_its_money_available_again(self) -> None:
        goal = make(saved=500)
        assert goal_release(goal=goal) == 500
        assert available() == 2000
        goal.refresh_from_db()
        assert goal.state == GoalState.RELEASED

    def test_of_a_goal_not_reached_is_refused(self) -> None:
        goal = make(saved=499)
        with pytest.raises(NotReached):
            goal_release(goal=goal)

    def test_sent_twice_answers_the_same(self) -> None:
        goal = make(saved=500)
        key = uuid.uuid4()
        assert goal_release(goal=goal, submission=key) == 500
        assert goal_release(goal=goal, submission=key) == 500


class TestDelete:
    def test_releases_its_money_and_says_how_much(self) -> None:
        goal = make(saved=300)
        assert goal_delete(goal=goal) == 300
        assert available() == 2000
        assert not Goal.objects.exists()
        assert not GoalMovement.objects.exists()

    def test_twice_changes_nothing(self) -> None:
        goal = make(saved=300)
        goal_delete(goal=goal)
        assert goal_delete(goal=goal) == 0

    def test_keeps_the_expense_it_was_spent_on(self) -> None:
        goal = make(saved=500)
        goal_spend(goal=goal)
        goal_delete(goal=goal)
        assert Transaction.objects.filter(kind=Kind.EXPENSE).count() == 1
        assert money_now() == 1500


class TestCreateAndUpdate:
    def test_sent_twice_makes_one(self) -> None:
        key = uuid.uuid4()
        first = goal_create(
            name="Vélo", target=Decimal(10), contribution=Decimal(1), submission=key
        )
        again = goal_create(
            name="Vélo", target=Decimal(10), contribution=Decimal(1), submission=key
        )
        assert again == first
        assert Goal.objects.count() == 1

    def test_both_a_contribution_and_a_date_are_refused_by_the_database(self) -> None:
        with pytest.raises(IntegrityError):
            goal_create(
                name="Vélo",
                target=Decimal(10),
                contribution=Decimal(1),
                target_date=dt.date(2027, 1, 1),
            )

    def test_a_category_that_has_just_been_deleted_is_told(self) -> None:
        gone = category("Loisirs")
        type(gone).objects.filter(pk=gone.pk).delete()
        with pytest.raises(GoneMeanwhile):
            goal_create(name="Vélo", target=Decimal(10), contribution=Decimal(1), category=gone)

    def test_a_change_keeps_what_it_holds(self) -> None:
        goal = make(saved=300)
        changed = goal_update(
            goal=goal,
            version=goal.version,
            name="Vélo électrique",
            target=Decimal(900),
            frequency=Frequency.WEEKLY,
            contribution=None,
            target_date=dt.date(2027, 6, 1),
            description="",
            category=None,
        )
        assert (changed.name, changed.saved) == ("Vélo électrique", Decimal(300))

    def test_a_closed_goal_no_longer_changes(self) -> None:
        goal = make(saved=500)
        goal_release(goal=goal)
        with pytest.raises(GoalClosed):
            goal_update(
                goal=goal,
                version=goal.version,
                name="Autre",
                target=Decimal(900),
                frequency=Frequency.WEEKLY,
                contribution=Decimal(1),
                target_date=None,
                description="",
                category=None,
            )


class TestTheDatabaseItself:
    def test_lets_no_goal_be_overdrawn(self) -> None:
        goal = make(saved=100)
        with pytest.raises(OverdrawnGoal), guarded():
            GoalMovement.objects.create(
                goal=goal, kind=MovementKind.WITHDRAWAL, amount=Decimal("100.01")
            )
        assert saved(goal) == 100

    def test_lets_no_deposit_be_removed_from_under_a_withdrawal(self) -> None:
        goal = make(saved=100)
        goal_withdraw(goal=goal, amount=Decimal(50))
        with pytest.raises(OverdrawnGoal), guarded():
            GoalMovement.objects.filter(kind=MovementKind.DEPOSIT).delete()

    def test_lets_no_closed_goal_hold_money(self) -> None:
        goal = make(saved=500)
        closed_at = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
        with pytest.raises(IntegrityError), transaction.atomic():
            Goal.objects.filter(pk=goal.pk).update(state="spent", closed_at=closed_at)
        goal_release(goal=goal)
        with pytest.raises(IntegrityError), transaction.atomic():
            GoalMovement.objects.create(goal=goal, kind=MovementKind.DEPOSIT, amount=1)

    @pytest.mark.parametrize("column", ["frequency", "state"])
    def test_knows_its_words(self, column: str) -> None:
        goal = make()
        with pytest.raises(IntegrityError), transaction.atomic():
            Goal.objects.filter(pk=goal.pk).update(**{column: "often"})

    def test_stores_no_movement_of_another_households_goal(self, charlie: User) -> None:
        goal = make()
        theirs: Household = charlie.households.get()
        with household_scope(theirs), pytest.raises(GoneMeanwhile), guarded():
            GoalMovement.objects.create(
                household=theirs, goal_id=goal.pk, kind=MovementKind.DEPOSIT, amount=1
            )

    def test_shows_another_household_none_of_it_even_without_the_manager(
        self, charlie: User
    ) -> None:
        make(saved=100)
        with household_scope(charlie.households.get()), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM goals_goal")
            assert cursor.fetchone() == (0,)
            cursor.execute("SELECT count(*) FROM goals_goalmovement")
            assert cursor.fetchone() == (0,)
