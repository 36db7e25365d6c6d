"""From the preview into the ledger, by the button."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.imports import progress
from budget.imports.models import Import, ImportLine, ImportState
from budget.transactions.models import Transaction
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.imports.staged import FILE, waiting_file
from tests.ledger import earn

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def source(household: Household, alice: User) -> Import:
    with household_scope(household):
        return waiting_file(alice)


def confirm(client: Client, source: Import) -> str:
    response = client.post(f"/h/alice/import/{source.pk}/confirm/", follow=True)
    assert response.status_code == 200
    return response.content.decode()


def entered(household: Household) -> int:
    with household_scope(household):
        return Transaction.objects.count()


def test_the_chosen_lines_are_imported_and_the_summary_says_so(
    as_alice: Client, household: Household, source: Import
) -> None:
    page = confirm(as_alice, source)
    assert "Import terminé" in page
    assert "7 transactions importées." in page
    assert entered(household) == 7


def test_a_second_press_imports_nothing_twice(
    as_alice: Client, household: Household, source: Import
) -> None:
    confirm(as_alice, source)
    assert "C’est déjà importé." in confirm(as_alice, source)
    assert entered(household) == 7


def test_scripts_are_sent_to_the_summary(
    as_alice: Client, source: Import, htmx: dict[str, str]
) -> None:
    response = as_alice.post(f"/h/alice/import/{source.pk}/confirm/", headers=htmx)
    assert response.status_code == 204
    assert response["HX-Redirect"] == f"/h/alice/import/{source.pk}/"


def test_lines_that_came_meanwhile_are_shown_before_anything_is_written(
    as_alice: Client, household: Household, source: Import, alice: User
) -> None:
    with household_scope(household):
        other = waiting_file(alice, FILE.replace(b"41,20", b"99,20"), "autre.csv")
    confirm(as_alice, other)
    page = confirm(as_alice, source)
    assert "6 lignes ont changé depuis" in page
    assert "Importer 1 transaction" in page
    assert entered(household) == 7
    confirm(as_alice, source)
    assert entered(household) == 8


def test_a_month_closed_meanwhile_is_left_out_and_told(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        earn(10, dt.date(2026, 9, 3))
        source = waiting_file(alice, FILE.replace(b"20/11/2026", b"20/09/2026"))
        month_close(period=Period.containing(dt.date(2026, 9, 1)))
    assert "1 ligne a changé depuis" in confirm(as_alice, source)
    assert entered(household) == 1


def test_a_file_of_which_nothing_is_chosen_is_refused_in_words(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        ImportLine.objects.update(choice="leave")
    page = confirm(as_alice, source)
    assert "Aucune ligne n’est choisie" in page
    assert "Importer 0 transaction" in page
    assert entered(household) == 0


def test_progress_is_told_in_lines(
    as_alice: Client, source: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = progress.Told("writing", 45_000, 100_000)
    monkeypatch.setattr(progress, "told", lambda pk: told if pk == source.pk else None)
    page = as_alice.get(f"/h/alice/import/{source.pk}/progress/").content.decode()
    assert "45\u00a0000 lignes sur 100\u00a0000" in page.replace("\u202f", "\u00a0")
    assert '<progress max="100000" value="45000"' in re.sub(r"\s+", " ", page)


def test_progress_of_what_nobody_does_is_no_error(as_alice: Client, source: Import) -> None:
    response = as_alice.get(f"/h/alice/import/{source.pk}/progress/")
    assert response.status_code == 200
    assert "<progress" in response.content.decode()


def test_a_viewer_imports_nothing(
    sign_in: SignIn, vera: User, household: Household, source: Import
) -> None:
    assert sign_in(vera).post(f"/h/alice/import/{source.pk}/confirm/").status_code == 403
    with household_scope(household):
        source.refresh_from_db()
    assert source.state == ImportState.READY
