"""`seed_demo` makes the household once, whole or not at all, and nobody who should not be there."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Max, Min, Sum
from pytest_django import DjangoAssertNumQueries, Settings

from budget.archives.models import ClosedMonth
from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.balances.selectors import (
    bucket_balances,
    person_position,
    reconciled_balance,
    wallet_balance_on,
    wallet_balances,
)
from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.export import household_models
from budget.core.periods import Period
from budget.core.progress import Progress
from budget.core.tenancy import backoffice_scope, household_scope
from budget.demo import services
from budget.demo.history import CATEGORIES
from budget.demo.models import Seeding
from budget.demo.services import Wish, household_seed
from budget.goals.models import Goal
from budget.people.models import Person
from budget.transactions.models import Allotment, MonthTotal, Reconciliation, Status, Transaction
from budget.transactions.selectors import flows_between, money_now
from budget.users.models import Household, Membership, Role, User
from budget.wallets.selectors import first_wallet
from tests.ledger import bucket, category, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


def seed(*options: str) -> str:
    """What the command says on its standard output."""
    out = StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def household_of(slug: str = "demo") -> Household:
    return Household.objects.get(slug=slug)


def everything(household: Household) -> list[list[tuple[object, ...]]]:
    with household_scope(household):
        return [
            list(model._default_manager.order_by("pk").values_list())
            for model in household_models()
        ]


@pytest.mark.usefixtures("demo")
def test_demonstration_household_is_as_the_issue_says() -> None:
    seed()
    household = household_of()
    assert household.name == "Foyer démo"
    with household_scope(household):
        assert set(Category.objects.values_list("name", "colour", "monthly_limit")) == {
            (each.name, each.colour, each.monthly_limit) for each in CATEGORIES
        }
        assert {(goal.name, goal.saved, goal.target) for goal in Goal.objects.with_saved()} == {
            ("Vacances été", Decimal(650), Decimal(1000)),
            ("Nouveau téléphone", Decimal(320), Decimal(500)),
            ("Apport voiture", Decimal(1200), Decimal(5000)),
        }
        assert [month.period.code for month in ClosedMonth.objects.all()] == [
            "2026-10", "2026-09", "2026-08", "2026-07", "2026-06", "2026-05",
        ]  # fmt: skip
        assert all(month.closed_by_id for month in ClosedMonth.objects.all())
        ends = Transaction.objects.aggregate(Min("date"), Max("date"))
        assert ends["date__min"] == dt.date(2026, 5, 1)
        assert dt.date(2026, 11, 19) <= ends["date__max"] <= dt.date(2026, 11, 21)
        assert Transaction.objects.filter(category=None).exists()
        assert money_now() > 2170


@pytest.mark.usefixtures("demo")
def test_demonstration_household_has_wallets_envelopes_and_open_loans() -> None:
    seed()
    with household_scope(household_of()):
        assert [each.wallet.name for each in wallet_balances()] == [
            "Compte courant", "Livret", "Espèces",
        ]  # fmt: skip
        assert all(each.balance > 0 for each in wallet_balances())
        assert [(each.name, each.share) for each in Bucket.objects.all()] == [
            ("Épargne", 20), ("Nécessaire", 50), ("Formation", 10), ("Plaisir", 10), ("Dons", 10),
        ]  # fmt: skip
        assert all(each.balance >= 0 for each in bucket_balances())
        owed = {each.first_name: person_position(each) for each in Person.objects.all()}
        assert {name: (int(each.receivable), int(each.debt)) for name, each in owed.items()} == {
            "Léa": (200, 0),
            "Tom": (0, 80),
        }
        assert owed["Léa"].lent == 300
        spread = Transaction.objects.filter(description="Salaire octobre")
        parts = Allotment.objects.filter(transaction__in=spread).order_by("bucket__position")
        assert [int(part.amount) for part in parts] == [500, 1250, 250, 250, 250]


@pytest.mark.usefixtures("demo")
def test_demonstration_lines_are_in_all_three_states_and_past_statements_hold() -> None:
    seed()
    with household_scope(household_of()):
        lines = list(Transaction.objects.all())
        assert {line.status for line in lines} == set(Status)
        statements = list(Reconciliation.objects.order_by("date"))
        assert [each.date.month for each in statements] == [5, 6, 7, 8, 9]
        for each in statements:
            assert each.closed_at
            assert each.balance == wallet_balance_on(each.wallet, each.date)
        assert reconciled_balance(first_wallet(), on=dt.date(2026, 9, 30)) == statements[-1].balance
        november = [line for line in lines if line.date.month == 11]
        assert {line.status for line in november} == {Status.OPEN}


@pytest.mark.parametrize("options", [(), ("--rows", "3000")])
@pytest.mark.usefixtures("demo")
def test_nothing_in_a_seeded_ledger_disagrees(options: tuple[str, ...]) -> None:
    seed(*options)
    with household_scope(household_of()):
        assert ledger_faults() == []


def test_someone_s_own_wallets_envelopes_and_statements_stay_as_they_are(
    household: Household,
) -> None:
    with household_scope(household):
        own = bucket("Vacances", 60)
        saved = bucket("epargne", 10)
        statement = Reconciliation.objects.create(
            wallet=first_wallet(), date=dt.date(2026, 8, 31), balance=0
        )
    seed("--household", "alice")
    with household_scope(household):
        assert list(Reconciliation.objects.all()) == [statement]
        assert Bucket.objects.get(pk=own.pk).share == 60
        assert Bucket.objects.get(name_folded="epargne") == saved
        assert sum(each.share for each in Bucket.objects.all()) <= 100
        assert ledger_faults() == []


@pytest.mark.usefixtures("demo")
def test_this_month_has_a_limit_exceeded_one_reached_and_one_near() -> None:
    seed()
    month = Period.containing(dt.date(2026, 11, 21))
    with household_scope(household_of()):
        spending = flows_between(month, month).by_category(month)
        limited = Category.objects.exclude(monthly_limit=None)
        shares = {
            each.name: spending[each.pk].spending / each.monthly_limit
            for each in limited
            if each.monthly_limit
        }
    assert shares["Logement"] > 1
    assert shares["Transport"] == 1
    assert Decimal("0.8") < shares["Alimentation"] < 1
    assert sorted(shares.values())[-4] < Decimal("0.8")


@pytest.mark.usefixtures("demo")
def test_demonstration_user_owns_the_household_and_signs_in_with_the_published_password() -> None:
    seed()
    user = User.objects.get(email="demo@example.org")
    assert user.check_password("demo-budgeometre")
    assert not user.is_staff
    assert not user.is_superuser
    assert Membership.objects.get(user=user).role == Role.OWNER
    with household_scope(household_of()):
        assert set(Transaction.objects.values_list("created_by", flat=True)) == {user.pk}


@pytest.mark.usefixtures("demo")
def test_a_second_run_changes_nothing(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    seed()
    before = everything(household_of())
    users = list(User.objects.values())
    with django_assert_max_num_queries(25):
        assert "nothing has changed" in seed()
    assert everything(household_of()) == before
    assert list(User.objects.values()) == users
    assert Household.objects.count() == 1


@pytest.mark.usefixtures("demo")
def test_a_second_run_with_other_options_is_told_what_to_do() -> None:
    seed()
    before = everything(household_of())
    with pytest.raises(CommandError, match="clear_demo --household demo"):
        seed("--rows", "10")
    assert everything(household_of()) == before


@pytest.mark.usefixtures("demo")
def test_a_failure_leaves_nothing_half_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_arguments: object) -> None:
        raise RuntimeError("the last step fails")

    monkeypatch.setattr(services, "month_close", fail)
    with pytest.raises(RuntimeError):
        seed()
    assert not Household.objects.exists()
    assert not User.objects.exists()


@pytest.mark.usefixtures("demo")
def test_months_and_seed_are_the_operator_s_choice() -> None:
    seed("--months", "2", "--household", "short", "--seed", "7")
    seed("--months", "2", "--household", "twin", "--seed", "8")
    lines = []
    for slug in ("short", "twin"):
        with household_scope(household_of(slug)):
            assert ClosedMonth.objects.count() == 2
            assert [int(goal.saved) for goal in Goal.objects.with_saved()] == [650, 320, 1200]
            lines.append(list(Transaction.objects.values_list("date", "amount", "description")))
    assert lines[0] != lines[1]


@pytest.mark.usefixtures("demo")
def test_named_household_is_made_and_the_demonstration_user_belongs_to_it() -> None:
    seed()
    seed("--household", "second", "--months", "1")
    assert household_of("second").name == "Foyer démo second"
    user = User.objects.get()
    assert {each.household.slug: each.role for each in user.memberships.all()} == {
        "demo": Role.OWNER,
        "second": Role.OWNER,
    }


@pytest.mark.usefixtures("demo")
def test_in_someone_s_household_the_demonstration_user_only_edits(household: Household) -> None:
    seed("--household", "alice")
    membership = Membership.objects.get(user__email="demo@example.org")
    assert (membership.household, membership.role) == (household, Role.EDITOR)


def test_without_the_demonstration_nothing_is_made_unasked() -> None:
    with pytest.raises(CommandError, match="DEMO=1"):
        seed()
    with pytest.raises(CommandError, match="DEMO=1"):
        seed("--household", "unknown")
    assert not User.objects.exists()
    assert not Household.objects.exists()


def test_without_the_demonstration_a_named_household_gets_lines_but_no_user(
    household: Household,
) -> None:
    members = set(household.members.all())
    seed("--household", "alice", "--months", "1")
    assert set(household.members.all()) == members
    assert not User.objects.filter(email="demo@example.org").exists()
    with household_scope(household):
        assert Transaction.objects.count() > 30


def test_a_household_s_own_things_stay_as_they_are(household: Household) -> None:
    with household_scope(household):
        Category.objects.filter(name="Alimentation").update(
            name="ALIMENTATION", monthly_limit=Decimal(123)
        )
        own = spend("12.34", dt.date(2026, 9, 3), category("ALIMENTATION"))
        month_close(period=Period.containing(dt.date(2026, 9, 3)))
    seed("--household", "alice")
    with household_scope(household):
        food = Category.objects.get(name_folded="alimentation")
        assert (food.name, food.monthly_limit) == ("ALIMENTATION", Decimal(123))
        assert food.transactions.filter(date__month=11).exists()
        september = Transaction.objects.filter(date__month=9)
        assert [line.pk for line in september] == [own.pk]
        assert ClosedMonth.objects.count() == 6


def test_rows_in_a_closed_month_are_refused_and_nothing_is_made(household: Household) -> None:
    with household_scope(household):
        spend("12.34", dt.date(2026, 9, 3))
        month_close(period=Period.containing(dt.date(2026, 9, 3)))
    before = everything(household)
    with pytest.raises(CommandError, match="2026"):
        seed("--household", "alice", "--rows", "500")
    assert everything(household) == before


def test_other_first_day_of_the_month_is_respected(household: Household) -> None:
    household.month_start_day = 25
    household.save()
    seed("--household", "alice", "--months", "3")
    with household_scope(household):
        assert [(each.first_day, each.last_day) for each in ClosedMonth.objects.all()] == [
            (dt.date(2026, 9, 25), dt.date(2026, 10, 24)),
            (dt.date(2026, 8, 25), dt.date(2026, 9, 24)),
            (dt.date(2026, 7, 25), dt.date(2026, 8, 24)),
        ]


def test_rows_are_that_many_and_the_totals_agree(household: Household) -> None:
    seed("--household", "alice", "--rows", "2500")
    with household_scope(household):
        lines = Transaction.objects.aggregate(Count("pk"), Sum("amount"), Min("date"))
        kept = MonthTotal.objects.aggregate(Sum("count"), Sum("total"))
        assert lines["pk__count"] == kept["count__sum"] == 2500
        assert lines["amount__sum"] == kept["total__sum"]
        assert lines["date__min"] == dt.date(2021, 11, 21)
        assert not ClosedMonth.objects.exists()
        # The order in which they were written is theirs, as if typed day by day.
        dates = list(Transaction.objects.order_by("pk").values_list("date", flat=True))
        assert dates == sorted(dates)


def test_rows_take_a_fixed_number_of_statements(
    household: Household, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(65):
        seed("--household", "alice", "--rows", "3000")


@pytest.mark.parametrize(
    "options",
    [
        ("--months", "0"),
        ("--months", "121"),
        ("--months", "six"),
        ("--rows", "0"),
        ("--rows", "-5"),
        ("--rows", "99999999999"),
        ("--household", "not an address"),
        ("--household", "x" * 61),
        ("--household", ""),
    ],
)
@pytest.mark.usefixtures("demo")
def test_what_makes_no_sense_is_refused(options: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        seed(*options)
    assert not Household.objects.exists()


@pytest.mark.usefixtures("demo")
def test_each_step_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    seed()
    steps = [line.split()[0] for line in capsys.readouterr().err.splitlines()]
    assert steps == [
        "household", "wallets", "envelopes", "categories", "people", "statements",
        "transactions", "goals", "archives",
    ]  # fmt: skip
    seed("--household", "many", "--rows", "100")
    assert "lines/s" in capsys.readouterr().err


@pytest.mark.usefixtures("demo")
def test_a_user_who_went_comes_back(household: Household) -> None:
    seed()
    User.objects.filter(email="demo@example.org").delete()
    seed()
    user = User.objects.get(email="demo@example.org")
    assert Membership.objects.get(user=user).role == Role.OWNER
    with backoffice_scope():
        assert Seeding.objects.get().made_user


def test_a_goal_of_the_same_name_stays_alone(household: Household) -> None:
    with household_scope(household):
        own = Goal.objects.create(
            household=household, name="Vacances été", target=Decimal(9), contribution=Decimal(1)
        )
    seed("--household", "alice", "--months", "1")
    with household_scope(household):
        goals = Goal.objects.with_saved().order_by("pk")
        assert [goal.name for goal in goals] == [
            "Vacances été",
            "Nouveau téléphone",
            "Apport voiture",
        ]
        assert (goals[0].pk, goals[0].saved) == (own.pk, Decimal(0))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo")
def test_two_at_once_make_one_household() -> None:
    told: list[bool] = []

    def run() -> None:
        try:
            told.append(household_seed(slug="demo", wish=Wish(rows=200), progress=Progress()))
        finally:
            connection.close()

    threads = [Thread(target=run) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, True]
    with household_scope(household_of()):
        assert Transaction.objects.count() == 200
