"""`clear_demo` removes what the seeding made, and nothing that it did not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.periods import Period
from budget.core.tenancy import backoffice_scope, household_scope
from budget.demo.models import Seeding
from budget.goals.models import Goal, GoalMovement
from budget.people.models import Person
from budget.transactions.models import Allotment, Kind, MonthTotal, Reconciliation, Transaction
from budget.users.models import Household, Membership, User
from budget.users.services import household_create
from budget.wallets.models import Wallet
from tests.ledger import book, bucket, category, earn, person, spend, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


def run(command: str, *options: str) -> str:
    out = StringIO()
    call_command(command, *options, stdout=out)
    return out.getvalue()


def holdings(household: Household) -> list[set[tuple[object, ...]]]:
    with household_scope(household):
        return [
            set(model._default_manager.order_by().values_list(*fields))
            for model, fields in [
                (Category, ["pk", "name", "monthly_limit"]),
                (Transaction, ["pk", "amount", "category", "version"]),
                (MonthTotal, ["month", "category", "kind", "total", "count"]),
                (Goal, ["pk", "name"]),
                (GoalMovement, ["pk", "amount"]),
                (ClosedMonth, ["pk", "income", "expenses"]),
                (Wallet, ["pk", "name", "version"]),
                (Bucket, ["pk", "name", "share"]),
                (Person, ["pk", "first_name"]),
                (Reconciliation, ["pk", "balance"]),
                (Allotment, ["pk", "amount"]),
                (Seeding, ["pk"]),
            ]
        ]


@pytest.mark.usefixtures("demo")
def test_the_demonstration_goes_without_a_trace() -> None:
    run("seed_demo")
    run("clear_demo")
    assert not Household.objects.exists()
    assert not User.objects.exists()
    with backoffice_scope():
        for model in (Category, Transaction, MonthTotal, Goal, GoalMovement, ClosedMonth, Seeding):
            assert not model._default_manager.exists()


@pytest.mark.usefixtures("demo")
def test_it_can_be_seeded_again() -> None:
    for _time in range(2):
        run("seed_demo", "--months", "1")
        run("clear_demo")
    run("seed_demo")
    assert Household.objects.get().slug == "demo"


@pytest.mark.parametrize("story", [("--months", "6"), ("--rows", "500")])
def test_a_household_that_was_there_has_what_it_had(
    household: Household, story: tuple[str, str]
) -> None:
    closed = dt.date(2026, 9, 3) if "--months" in story else dt.date(2019, 9, 3)
    with household_scope(household):
        Category.objects.filter(name="Loisirs").delete()
        earn(3000, dt.date(2026, 11, 1), category("Salaire"))
        spend("12.34", closed, category())
        month_close(period=Period.containing(closed))
        goal = Goal.objects.create(
            household=household, name="Vélo", target=Decimal(300), contribution=Decimal(20)
        )
        GoalMovement.objects.create(
            household=household, goal=goal, kind="deposit", amount=Decimal(20)
        )
    before = holdings(household)
    members = set(household.members.all())
    run("seed_demo", "--household", "alice", *story)
    assert holdings(household) != before
    run("clear_demo")
    assert holdings(household) == before
    assert set(household.members.all()) == members


@pytest.mark.usefixtures("demo")
def test_other_households_and_people_stay(household: Household, charlie: User) -> None:
    with household_scope(household):
        spend(5, dt.date(2026, 11, 3), category())
    before = holdings(household)
    run("seed_demo")
    run("seed_demo", "--household", "second", "--rows", "50")
    run("clear_demo")
    assert holdings(household) == before
    assert set(Household.objects.values_list("slug", flat=True)) == {"alice", "charlie"}
    assert User.objects.count() == 4


@pytest.mark.usefixtures("demo")
def test_the_demonstration_user_leaves_a_household_it_was_let_into(household: Household) -> None:
    run("seed_demo", "--household", "alice")
    assert Membership.objects.filter(user__email="demo@example.org").exists()
    run("clear_demo", "--household", "alice")
    assert household.members.count() == 3
    assert not User.objects.filter(email="demo@example.org").exists()


@pytest.mark.usefixtures("demo")
def test_one_household_can_be_cleared_alone_and_the_user_goes_with_the_last() -> None:
    run("seed_demo")
    run("seed_demo", "--household", "second", "--rows", "20")
    run("clear_demo", "--household", "demo")
    assert [each.slug for each in Household.objects.all()] == ["second"]
    assert User.objects.filter(email="demo@example.org").exists()
    run("clear_demo", "--household", "second")
    assert not Household.objects.exists()
    assert not User.objects.exists()


def test_someone_who_signed_up_with_that_address_stays(household: Household) -> None:
    User.objects.create_user("demo@example.org", "a password of my own")
    run("seed_demo", "--household", "alice", "--rows", "5")
    run("clear_demo")
    assert User.objects.filter(email="demo@example.org").exists()


def test_the_user_goes_with_its_seeding_when_the_demonstration_is_off_by_then(
    settings: Settings,
) -> None:
    settings.DEMO = True
    run("seed_demo", "--months", "1")
    settings.DEMO = False
    run("clear_demo")
    assert not User.objects.exists()


def test_a_category_in_use_by_now_stays(household: Household) -> None:
    with household_scope(household):
        for name in ("Loisirs", "Shopping", "Transport"):
            Category.objects.filter(name=name).delete()
    run("seed_demo", "--household", "alice", "--rows", "50")
    with household_scope(household):
        own = spend(9, dt.date(2026, 11, 3), category("Loisirs"))
        Goal.objects.create(
            household=household,
            name="Vélo",
            target=Decimal(300),
            contribution=Decimal(20),
            category=category("Shopping"),
        )
    run("clear_demo")
    with household_scope(household):
        assert [line.pk for line in Transaction.objects.all()] == [own.pk]
        names = set(Category.objects.values_list("name", flat=True))
        assert {"Loisirs", "Shopping"} <= names
        assert "Transport" not in names
        assert Goal.objects.get().category == category("Shopping")


def test_a_wallet_envelope_or_person_in_use_by_now_stays(household: Household) -> None:
    run("seed_demo", "--household", "alice", "--months", "1")
    with household_scope(household):
        book(
            Kind.LEND, 9, dt.date(2026, 11, 3), wallet=wallet("Livret"), bucket=bucket("Dons"),
            person=person("Tom"),
        )  # fmt: skip
    run("clear_demo")
    with household_scope(household):
        assert Transaction.objects.count() == 1
        assert set(Wallet.objects.values_list("name", flat=True)) == {"Compte courant", "Livret"}
        assert [each.name for each in Bucket.objects.all()] == ["Dons"]
        assert [each.first_name for each in Person.objects.all()] == ["Tom"]
        assert not Reconciliation.objects.exists()
        assert ledger_faults() == []


def test_a_month_closed_since_is_told_and_nothing_goes(household: Household) -> None:
    run("seed_demo", "--household", "alice", "--rows", "50")
    with household_scope(household):
        line = Transaction.objects.order_by("date")[0]
        month_close(period=Period.containing(line.date))
    before = holdings(household)
    with pytest.raises(CommandError, match="2021"):
        run("clear_demo")
    assert holdings(household) == before


@pytest.mark.parametrize("demonstration", [True, False])
def test_nothing_to_clear_is_told(settings: Settings, demonstration: bool) -> None:
    settings.DEMO = demonstration
    assert "Nothing seeded" in run("clear_demo")
    assert "Nothing seeded" in run("clear_demo", "--household", "unknown")


def test_a_household_that_was_not_seeded_is_not_cleared(household: Household) -> None:
    assert "Nothing seeded" in run("clear_demo", "--household", "alice")
    assert household.members.count() == 3


@pytest.mark.usefixtures("demo")
def test_a_visitor_s_own_household_outlives_the_demonstration_user(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run("seed_demo", "--months", "1")
    visitor = User.objects.get(email="demo@example.org")
    own = household_create(name="À moi", slug="own", owner=visitor)
    run("clear_demo")
    assert Household.objects.get() == own
    assert "left without a member: own" in capsys.readouterr().err
