"""The demonstration's story is one for a seed, and shows on any day what it is there to show."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.core.periods import Period
from budget.demo.history import (
    BUCKETS,
    CASH,
    CATEGORIES,
    CURRENT,
    EXPENSE,
    FOOD,
    HOUSING,
    INCOME,
    LIVRET,
    SALARY,
    SIGN,
    TRANSPORT,
    Line,
    bulk_history,
    goal_plans,
    household_history,
)

TODAY = dt.date(2026, 11, 21)

days = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))
start_days = st.integers(1, 28)
months_counts = st.integers(1, 14)
seeds = st.integers(0, 1000)


def spent(lines: list[Line], month: Period, category: str) -> Decimal:
    return sum(
        (
            line.amount if line.kind == EXPENSE else -line.amount
            for line in lines
            if line.category == category and line.day in month
        ),
        Decimal(0),
    )


def limit(category: str) -> Decimal:
    found = next(each.monthly_limit for each in CATEGORIES if each.name == category)
    assert found is not None
    return found


def test_the_ten_categories_have_the_issue_s_colours_and_limits() -> None:
    assert [(each.name, each.colour, each.monthly_limit) for each in CATEGORIES] == [
        ("Alimentation", "#ef4444", 400),
        ("Transport", "#3b82f6", 150),
        ("Loisirs", "#a855f7", 200),
        ("Logement", "#f59e0b", 900),
        ("Santé", "#14b8a6", 100),
        ("Shopping", "#ec4899", 150),
        ("Abonnements", "#6366f1", 50),
        ("Salaire", "#22c55e", None),
        ("Épargne", "#0ea5e9", None),
        ("Autre", "#64748b", None),
    ]
    assert [each.name for each in CATEGORIES if each.kind == INCOME] == ["Salaire", "Épargne"]


def test_a_seed_tells_one_story_and_another_seed_another() -> None:
    story = household_history(today=TODAY, seed=1)
    assert story == household_history(today=TODAY, seed=1)
    assert story != household_history(today=TODAY, seed=2)


def test_past_months_stay_as_they_were_when_more_of_them_are_told() -> None:
    october = Period.containing(dt.date(2026, 10, 1))

    def told(months: int) -> list[Line]:
        return [
            line for line in household_history(today=TODAY, months=months) if line.day in october
        ]

    assert told(2) == told(12)


def test_every_past_month_has_what_comes_every_month() -> None:
    story = household_history(today=TODAY)
    for month in Period.containing(TODAY).previous.last_periods(6):
        lines = [line for line in story if line.day in month]
        of = {line.description: line for line in lines}
        name = month.label.split()[0]
        assert of[f"Salaire {name}"].amount == 2500
        assert of[f"Salaire {name}"].day.day == 28
        assert of[f"Loyer {name}"].amount == 850
        assert 58 <= of["EDF, électricité"].amount <= 72
        assert of["Free, internet"].amount == 35
        assert of["Navigo mensuel"].amount == 86
        assert sum(line.category == "Abonnements" for line in lines) == 2
        assert sum(line.category == "" and line.kind == EXPENSE for line in lines) == 1
        assert of["Virement vers le Livret"].to_wallet == LIVRET
        assert of["Retrait d'espèces"].to_wallet == CASH
        kinds = Counter(line.category for line in lines)
        assert kinds["Alimentation"] >= 6
        assert kinds["Loisirs"] >= 3
        assert kinds["Santé"] >= 1


def test_the_story_begins_its_months_ago_and_ends_today() -> None:
    story = household_history(today=TODAY, months=6)
    assert story[0].day == dt.date(2026, 5, 1)
    assert story[-1].day <= TODAY
    assert [line.day for line in story] == sorted(line.day for line in story)


def test_a_refund_is_an_income_of_the_expense_s_category() -> None:
    refunds = [line for line in household_history(today=TODAY) if "Ameli" in line.description]
    assert refunds
    assert {(line.kind, line.category) for line in refunds} == {(INCOME, "Santé")}


@settings(max_examples=60, deadline=None)
@given(today=days, start_day=start_days, months=months_counts, seed=seeds)
def test_on_any_day_one_limit_is_exceeded_one_reached_and_one_near(
    today: dt.date, start_day: int, months: int, seed: int
) -> None:
    story = household_history(today=today, months=months, seed=seed, start_day=start_day)
    present = Period.containing(today, start_day=start_day)
    assert spent(story, present, HOUSING) > limit(HOUSING)
    assert spent(story, present, TRANSPORT) == limit(TRANSPORT)
    assert Decimal("0.8") * limit(FOOD) < spent(story, present, FOOD) < limit(FOOD)
    for category in ("Loisirs", "Santé", "Shopping", "Abonnements"):
        assert spent(story, present, category) < Decimal("0.8") * limit(category)


@settings(max_examples=60, deadline=None)
@given(today=days, start_day=start_days, months=months_counts, seed=seeds)
def test_lines_are_such_as_the_ledger_takes(
    today: dt.date, start_day: int, months: int, seed: int
) -> None:
    story = household_history(today=today, months=months, seed=seed, start_day=start_day)
    first = Period.containing(today, start_day=start_day).shift(-months).first
    names = {"", *(category.name for category in CATEGORIES)}
    salaries = [line for line in story if line.category == SALARY]
    assert len(salaries) in {months, months + 1}
    for line in story:
        assert first <= line.day <= today
        assert line.amount > 0
        assert line.amount == round(line.amount, 2)
        assert line.category in names
        assert line.kind in SIGN
        assert 0 < len(line.description) <= 200


@settings(max_examples=60, deadline=None)
@given(today=days, start_day=start_days, months=months_counts, seed=seeds)
def test_what_is_set_aside_was_always_there(
    today: dt.date, start_day: int, months: int, seed: int
) -> None:
    changes: dict[dt.date, Decimal] = defaultdict(Decimal)
    for line in household_history(today=today, months=months, seed=seed, start_day=start_day):
        changes[line.day] += line.amount * SIGN[line.kind]
    for plan in goal_plans(today=today, months=months, start_day=start_day):
        for move in plan.movements:
            changes[move.day] -= move.amount
    assert min(accumulate(changes[day] for day in sorted(changes))) > 0


@settings(max_examples=60, deadline=None)
@given(today=days, start_day=start_days, months=months_counts, seed=seeds)
def test_no_wallet_and_no_envelope_ever_runs_out(
    today: dt.date, start_day: int, months: int, seed: int
) -> None:
    days_end: dict[dt.date, dict[str, Decimal]] = {}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for line in household_history(today=today, months=months, seed=seed, start_day=start_day):
        for wallet, bucket, amount in line.sides:
            held[wallet] += amount
            held[f"envelope {bucket}"] += 0 if line.spread else amount
        if line.spread:
            for each in BUCKETS:
                held[f"envelope {each.name}"] += line.amount * each.share / 100
        days_end[line.day] = {name: amount for name, amount in held.items() if name}
    assert min(min(each.values()) for each in days_end.values()) >= 0
    set_aside = Decimal(0)
    for plan in goal_plans(today=today, months=months, start_day=start_day):
        set_aside += sum(move.amount for move in plan.movements)
    assert held[LIVRET] >= set_aside


@settings(max_examples=60, deadline=None)
@given(today=days, start_day=start_days, months=months_counts)
def test_goals_hold_what_the_issue_says_and_never_less_than_nothing(
    today: dt.date, start_day: int, months: int
) -> None:
    plans = goal_plans(today=today, months=months, start_day=start_day)
    held = {plan.name: int(sum(move.amount for move in plan.movements)) for plan in plans}
    assert held == {"Vacances été": 650, "Nouveau téléphone": 320, "Apport voiture": 1200}
    assert [plan.target for plan in plans] == [1000, 500, 5000]
    first = Period.containing(today, start_day=start_day).shift(-months).first
    for plan in plans:
        assert (plan.contribution is None) != (plan.target_date is None)
        assert min(accumulate(move.amount for move in plan.movements)) > 0
        assert all(first <= move.day <= today and move.amount for move in plan.movements)
        moved = [move.day for move in plan.movements]
        assert moved == sorted(moved)


def test_a_goal_with_a_date_has_years_to_go() -> None:
    car = goal_plans(today=TODAY)[-1]
    assert car.target_date == dt.date(2028, 12, 31)


@pytest.mark.parametrize("rows", [1, 7, 5000])
def test_bulk_makes_that_many_lines_over_five_years(rows: int) -> None:
    lines = list(bulk_history(today=TODAY, rows=rows, seed=3))
    assert len(lines) == rows
    assert lines == list(bulk_history(today=TODAY, rows=rows, seed=3))
    assert [line.day for line in lines] == sorted(line.day for line in lines)
    assert lines[0].day == dt.date(2021, 11, 21)
    assert lines[-1].day <= TODAY
    assert all(line.amount > 0 and line.amount == round(line.amount, 2) for line in lines)


def test_bulk_uses_all_categories_of_expenses_and_stays_solvent() -> None:
    lines = list(bulk_history(today=TODAY, rows=5000))
    used = Counter(line.category for line in lines)
    assert set(used) == {"", *(each.name for each in CATEGORIES)} - {"Épargne"}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        for wallet, _bucket, amount in line.sides:
            held[wallet] += amount
        assert held[CASH] >= 0
        assert held[LIVRET] >= 0
    assert held[CURRENT] > 0
    assert {line.kind for line in lines} == set(SIGN)
    assert {line.wallet for line in lines} == {CURRENT, LIVRET, CASH, ""}
    assert {line.person for line in lines} == {"", "Léa", "Tom"}
    assert lines[-1].day > TODAY - dt.timedelta(days=2)
