"""`manage.py clear_uploads`: a file that nobody imports is kept for a day and no longer."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from budget.core.tenancy import household_scope
from budget.imports.entering import import_confirm
from budget.imports.models import Import, ImportFile, ImportLine
from budget.imports.services import import_receive
from budget.users.models import Household, User

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def receive(household: Household, day: int, at: dt.datetime) -> Import:
    text = f"Date;Libellé;Montant\n{day:02}/11/2026;Café;-1,00\n"
    with household_scope(household), time_machine.travel(at, tick=False):
        return import_receive(file_name=f"{day}.csv", content=text.encode(), user=None)


def names(household: Household) -> list[str]:
    with household_scope(household):
        assert ImportFile.objects.count() == Import.objects.waiting().count()
        return sorted(Import.objects.values_list("file_name", flat=True))


@pytest.fixture
def homes(household: Household, charlie: User) -> tuple[Household, Household]:
    return household, Household.objects.get(slug="charlie")


def test_what_waits_for_more_than_a_day_goes_in_every_household(
    homes: tuple[Household, Household], alice: User
) -> None:
    for home in homes:
        receive(home, 1, NOON - dt.timedelta(hours=25))
        receive(home, 2, NOON - dt.timedelta(hours=23))
    with household_scope(homes[0]), time_machine.travel(NOON - dt.timedelta(hours=25)):
        done = import_receive(
            file_name="3.csv", content=b"Date;Montant\n03/11/2026;-1,00\n", user=None
        )
        import_confirm(source=done, user=alice)
    out = StringIO()
    with time_machine.travel(NOON, tick=False):
        call_command("clear_uploads", stdout=out)
    assert "Files removed: 2." in out.getvalue()
    assert names(homes[0]) == ["2.csv", "3.csv"]
    assert names(homes[1]) == ["2.csv"]
    with household_scope(homes[1]):
        assert ImportLine.objects.count() == 1


def test_a_household_s_own_go_when_it_uploads_another(homes: tuple[Household, Household]) -> None:
    for home in homes:
        receive(home, 1, NOON - dt.timedelta(hours=25))
    receive(homes[0], 2, NOON)
    assert names(homes[0]) == ["2.csv"]
    assert names(homes[1]) == ["1.csv"]
