"""The page of files: what waits, what was imported, and what stands there where nothing is."""

from __future__ import annotations

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.imports.entering import import_confirm
from budget.imports.selectors import IMPORTS_PER_PAGE
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.imports.staged import FILE, waiting_file

pytestmark = pytest.mark.usefixtures("today")

URL = "/h/alice/import/"


def page(client: Client, url: str = URL) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_household_is_told_what_belongs_here(as_alice: Client) -> None:
    shown = page(as_alice)
    assert "Aucun fichier importé pour l’instant" in shown
    assert 'type="file"' in shown


def test_a_waiting_file_shows_its_bank_its_wallet_and_who_brought_it(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        source = waiting_file(alice)
    shown = page(as_alice)
    assert "releve.csv" in shown
    assert "Crédit Agricole" in shown
    assert "par Alice" in shown
    assert f"/h/alice/import/{source.pk}/discard/" in shown


def test_an_imported_file_stays_with_its_counts(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        source = waiting_file(alice)
        import_confirm(source=source, user=alice)
    response = as_alice.get(URL)
    assert [row.pk for row in response.context["page"].rows] == [source.pk]
    assert response.context["waiting"] == []
    assert '<td role="cell" class="sum text-end num">7' in response.content.decode()


def test_past_imports_are_paged(as_alice: Client, household: Household, alice: User) -> None:
    with household_scope(household):
        for n in range(IMPORTS_PER_PAGE + 2):
            content = FILE.replace(b"41,20", f"{n + 100},20".encode())
            source = waiting_file(alice, content, f"releve-{n}.csv")
            import_confirm(source=source, user=alice)
    first = as_alice.get(URL).context["page"]
    assert len(first.rows) == IMPORTS_PER_PAGE
    second = as_alice.get(URL, {"after": first.after}).context["page"]
    assert [row.file_name for row in second.rows] == ["releve-1.csv", "releve-0.csv"]


def test_a_viewer_sees_the_files_and_nothing_to_press(
    sign_in: SignIn, vera: User, household: Household, alice: User
) -> None:
    with household_scope(household):
        waiting_file(alice)
    shown = page(sign_in(vera))
    assert "releve.csv" in shown
    assert 'type="file"' not in shown
    assert "/discard/" not in shown


def test_a_removed_file_is_gone_and_twice_is_no_error(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        source = waiting_file(alice)
    address = f"/h/alice/import/{source.pk}/discard/"
    assert as_alice.post(address)["Location"] == URL
    assert as_alice.post(address).status_code == 404
    assert "releve.csv" not in page(as_alice).split('id="past"')[-1].split("toast")[0]


def test_an_imported_file_is_not_removed(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        source = waiting_file(alice)
        import_confirm(source=source, user=alice)
    response = as_alice.post(f"/h/alice/import/{source.pk}/discard/", follow=True)
    assert "n’attend plus" in response.content.decode()
    assert [row.pk for row in as_alice.get(URL).context["page"].rows] == [source.pk]
