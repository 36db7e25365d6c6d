"""Taking an import back, and what speaks against it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.imports.entering import import_confirm
from budget.imports.models import Import, ImportState
from budget.transactions.models import Reconciliation, Transaction
from budget.transactions.services import transaction_delete
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.imports.staged import waiting_file

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def source(household: Household, alice: User) -> Import:
    with household_scope(household):
        source = waiting_file(alice)
        import_confirm(source=source, user=alice)
        source.refresh_from_db()
    return source


def address(source: Import) -> str:
    return f"/h/alice/import/{source.pk}/undo/"


def left(household: Household) -> int:
    with household_scope(household):
        return Transaction.objects.count()


def test_it_is_said_what_goes_and_what_was_changed_since(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        changed, deleted = Transaction.objects.order_by("pk")[:2]
        Transaction.objects.filter(pk=changed.pk).update(version=2, note="à moi")
        transaction_delete(line=deleted)
    page = as_alice.get(address(source)).content.decode()
    assert "<strong>6 transactions</strong>" in page
    assert "<strong>1</strong> d’entre elles a été modifiée" in page


def test_an_import_is_taken_back_whole(
    as_alice: Client, household: Household, source: Import
) -> None:
    page = as_alice.post(address(source), follow=True).content.decode()
    assert "Import annulé" in page
    assert left(household) == 0
    with household_scope(household):
        source.refresh_from_db()
    assert source.state == ImportState.UNDONE


def test_twice_is_told_in_words(as_alice: Client, household: Household, source: Import) -> None:
    as_alice.post(address(source))
    response = as_alice.post(address(source))
    assert response.status_code == 409
    assert "déjà été annulé" in response.content.decode()
    assert as_alice.get(address(source)).status_code == 200


def test_a_closed_month_stands_against_it_with_the_reason(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        Transaction.objects.update(date=dt.date(2026, 10, 20))
        month_close(period=Period.containing(dt.date(2026, 10, 1)))
    page = as_alice.get(address(source)).content.decode()
    assert "mois clos" in page
    assert '<button class="btn btn-ink"' not in page
    response = as_alice.post(address(source))
    assert response.status_code == 409
    assert "mois clos" in response.content.decode()
    assert left(household) == 7


def test_a_reconciliation_stands_against_it_with_the_reason(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        found = Transaction.objects.latest("pk")
        sealed = Reconciliation.objects.create(wallet=found.wallet, date=found.date, balance=0)
        Transaction.objects.filter(pk=found.pk).update(pointed=True, reconciliation=sealed)
    assert "rapproch" in as_alice.get(address(source)).content.decode()
    response = as_alice.post(address(source))
    assert response.status_code == 409
    assert left(household) == 7


def test_a_file_that_waits_has_nothing_to_take_back(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        source = waiting_file(alice)
    assert as_alice.get(address(source))["Location"] == f"/h/alice/import/{source.pk}/"


def test_a_viewer_takes_nothing_back(
    sign_in: SignIn, vera: User, household: Household, source: Import
) -> None:
    client = sign_in(vera)
    assert client.get(address(source)).status_code == 403
    assert client.post(address(source)).status_code == 403
    assert left(household) == 7
