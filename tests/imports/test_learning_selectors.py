"""What is read of the ledger to learn from."""

import datetime as dt
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from budget.categories.models import Category
from budget.core.tenancy import household_scope
from budget.imports import learning_selectors
from budget.imports.learning import Suggestion
from budget.imports.learning_selectors import learned_read
from budget.transactions.models import Kind, Transaction
from budget.users.models import User
from budget.users.services import household_create
from tests.ledger import category

pytestmark = pytest.mark.usefixtures("scope")


def line(description: str, name: str = "", amount: str = "20", **values: object) -> Transaction:
    return Transaction.objects.create(
        description=description,
        category=category(name) if name else None,
        amount=Decimal(amount),
        **values,
    )


def suggested(description: str, amount: str = "-20") -> Suggestion | None:
    return learned_read().suggest(description, Decimal(amount))


def test_the_household_s_choices_are_read_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for amount in ("20", "21", "21"):
        line("Carrefour City", "Alimentation", amount)
    line("Carrefour City", "Autre")
    with django_assert_num_queries(1):
        learned = learned_read()
    found = learned.suggest("CARTE 12/03 CARREFOUR CITY PARIS CB*1234", Decimal(-30))
    assert found is not None
    assert found.category == category("Alimentation").pk
    assert (found.word, found.right, found.of) == ("CARREFOUR CITY", 3, 4)


def test_lines_without_a_category_or_a_description_teach_nothing() -> None:
    line("Carrefour City")
    line("", "Alimentation")
    assert suggested("Carrefour City") is None


def test_a_retired_category_is_not_suggested() -> None:
    line("Carrefour City", "Alimentation")
    Category.objects.filter(name="Alimentation").update(retired_at="2026-11-01T00:00:00Z")
    assert suggested("Carrefour City") is None


def test_incomes_and_expenses_are_told_apart() -> None:
    for _month in range(3):
        line("Mairie de Paris", "Logement")
        line("Mairie de Paris", "Salaire", kind=Kind.INCOME)
    paid, earned = suggested("Mairie de Paris"), suggested("Mairie de Paris", "20")
    assert paid is not None
    assert earned is not None
    assert paid.category == category("Logement").pk
    assert earned.category == category("Salaire").pk


def test_a_household_that_changes_its_mind_is_followed(today: dt.date) -> None:
    for days in (400, 430, 460, 490):
        line("Deezer", "Loisirs", "10.99", date=today - dt.timedelta(days))
    for days in (5, 35, 65):
        line("Deezer", "Abonnements", "10.99", date=today - dt.timedelta(days))
    found = suggested("Deezer", "-10.99")
    assert found is not None
    assert found.category == category("Abonnements").pk
    assert (found.right, found.of) == (3, 7)


def test_a_line_dated_far_ahead_weighs_no_more_than_one_of_today() -> None:
    line("Carrefour", "Autre", date=dt.date(2199, 12, 31))
    for _line in range(4):
        line("Carrefour", "Alimentation")
    found = suggested("Carrefour")
    assert found is not None
    assert found.category == category("Alimentation").pk


def test_a_line_that_was_renamed_teaches_by_the_bank_s_label() -> None:
    for day in (11, 12, 13):
        label = f"CARTE {day}/03 BIOCOOP VOLTAIRE CB*4821"
        line("Les courses", "Alimentation", bank_label=label)
    found = suggested("CARTE 20/11 BIOCOOP VOLTAIRE CB*4821")
    assert found is not None
    assert (found.word, found.right, found.of) == ("BIOCOOP VOLTAIRE", 3, 3)
    assert suggested("Les courses") is None


def test_another_household_s_choices_are_its_own(charlie: User) -> None:
    theirs = household_create(name="Other", slug="other", owner=charlie, language="fr")
    with household_scope(theirs):
        line("Carrefour City", "Alimentation")
    assert suggested("Carrefour City") is None


def test_of_a_long_history_only_the_end_is_read(
    monkeypatch: pytest.MonkeyPatch, today: dt.date
) -> None:
    for days in (900, 930, 960):
        line("Biocoop", "Transport", date=today - dt.timedelta(days))
    for days in (5, 35, 65):
        line("Biocoop", "Alimentation", date=today - dt.timedelta(days))
    monkeypatch.setattr(learning_selectors, "MOST_LINES", 2)
    found = suggested("Biocoop")
    assert found is not None
    assert (found.right, found.of) == (3, 3)
