"""`manage.py archive_months`: what it closes, what it leaves, what it says."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from budget.archives.management.commands import archive_months
from budget.archives.models import ClosedMonth
from budget.archives.services import months_close_older
from budget.core.tenancy import household_scope, scoped_household
from budget.users.models import Household, User
from budget.users.services import household_create
from tests.ledger import spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("archive_months", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def closed(household: Household) -> list[str]:
    with household_scope(household):
        return [month.period.code for month in ClosedMonth.objects.order_by("first_day")]


@pytest.fixture
def homes(household: Household, charlie: User) -> tuple[Household, Household]:
    """Alice's and Charlie's households, with lines from June to November in each."""
    other = Household.objects.get(slug="charlie")
    for each in (household, other):
        with household_scope(each):
            for month in range(6, 12):
                spend(5, dt.date(2026, month, 15))
                spend(5, dt.date(2026, month, 16))
    return household, other


def test_it_closes_what_is_older_than_three_months_everywhere(
    homes: tuple[Household, Household],
) -> None:
    said = run()
    assert "alice: closed 2026-06, 2026-07 (4 transactions)" in said
    assert "charlie: closed 2026-06, 2026-07 (4 transactions)" in said
    assert "Months closed: 4" in said
    assert [closed(home) for home in homes] == [["2026-06", "2026-07"]] * 2


def test_it_can_be_repeated(homes: tuple[Household, Household]) -> None:
    run("--all")
    assert "Months closed: 0" in run("--all")
    assert [closed(home) for home in homes] == [["2026-06", "2026-07"]] * 2


def test_one_household_alone(homes: tuple[Household, Household]) -> None:
    run("--household", "charlie", "--older-than", "1")
    assert [closed(home) for home in homes] == [
        [],
        ["2026-06", "2026-07", "2026-08", "2026-09"],
    ]
    assert "charlie: nothing to close" in run("--household", "charlie")


def test_never_the_current_month(homes: tuple[Household, Household]) -> None:
    run("--older-than", "0")
    assert closed(homes[0])[-1] == "2026-10"


def test_a_dry_run_says_and_does_not(homes: tuple[Household, Household]) -> None:
    said = run("--dry-run")
    assert "alice: would close 2026-06, 2026-07 (4 transactions)" in said
    assert "Months that would be closed: 4" in said
    assert closed(homes[0]) == []


def test_each_household_has_its_own_months(alice: User) -> None:
    late = household_create(
        name="Late", slug="late", owner=alice, month_start_day=25, language="fr"
    )
    with household_scope(late):
        spend(5, dt.date(2026, 7, 24))
        spend(5, dt.date(2026, 7, 25))
    run()
    assert closed(late) == ["2026-07"]


def test_an_unknown_household_is_an_error(homes: tuple[Household, Household]) -> None:
    with pytest.raises(CommandError, match="no household"):
        run("--household", "nobody")


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "99999", "٣", ""])
def test_an_unreadable_number_of_months_is_an_error(
    homes: tuple[Household, Household], value: str
) -> None:
    with pytest.raises(CommandError):
        run(f"--older-than={value}")
    assert closed(homes[0]) == []


def test_one_or_all_but_not_both(db: None) -> None:
    with pytest.raises(CommandError):
        run("--all", "--household", "alice")


def test_a_household_that_fails_does_not_keep_the_others_from_closing(
    homes: tuple[Household, Household], monkeypatch: pytest.MonkeyPatch
) -> None:

    def fails_for_alice(*, older_than: int) -> list[ClosedMonth]:
        months = months_close_older(older_than=older_than)
        if scoped_household() == homes[0]:
            raise DatabaseError("disk full")
        return months

    monkeypatch.setattr(archive_months, "months_close_older", fails_for_alice)
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("archive_months", stdout=out, stderr=out)
    assert caught.value.returncode == 1
    assert "alice: failed, nothing was closed: disk full" in out.getvalue()
    assert [closed(home) for home in homes] == [[], ["2026-06", "2026-07"]]


def test_every_household_is_told_of_when_asked(homes: tuple[Household, Household]) -> None:
    run()
    assert "alice: nothing to close" not in run()
    assert "alice: nothing to close" in run("--verbosity", "2")
