"""The back office's pages of bank files."""

from __future__ import annotations

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.imports.columns import Told
from budget.imports.entering import import_confirm
from budget.imports.headers import Role
from budget.imports.mappings import mapping_remember
from budget.imports.models import Import, ImportFile, ImportLine, KnownAccount, Mapping, Rule
from budget.imports.services import import_receive
from budget.users.models import Household, User
from tests.backoffice import cost, rows_shown, told

ROOT = "/admin/imports/"
LISTS = ["import", "importline", "mapping", "knownaccount", "rule"]
HEAD = "Date;Libellé;Montant"


def fill(household: Household, mark: str) -> None:
    """A file that is imported, one that waits, and all that can be said of them."""
    with household_scope(household):
        for day in (1, 2, 3):
            rows = f"{HEAD};{mark}{day}\n{day:02}/11/2026;SECRET {mark}{day};-{day},{ord(mark)};x\n"
            name = f"{mark}{day}.csv"
            source = import_receive(file_name=name, content=rows.encode(), user=None)
            mapping_remember(source=source, told=Told({Role.DATE: "1"}), name=f"Banque {mark}{day}")
            Rule.objects.create(text=f"Mot {mark}{day}", rename="x", position=day)
            if day < 3:
                import_confirm(source=source, user=None)


@pytest.mark.parametrize("model", LISTS)
def test_a_list_costs_the_same_with_twice_the_rows(
    as_staff: Client, household: Household, charlie: User, model: str
) -> None:
    url = f"{ROOT}{model}/"
    fill(household, "a")
    before = cost(as_staff, url)
    fill(household, "b")
    fill(Household.objects.get(slug="charlie"), "c")
    assert cost(as_staff, url) == before <= 12


@pytest.mark.parametrize(
    ("model", "word"),
    [("import", "a1.csv"), ("mapping", "a1"), ("rule", "MOT a1"), ("knownaccount", "header")],
)
def test_rows_are_found_by_name_and_by_household(
    as_staff: Client, household: Household, charlie: User, model: str, word: str
) -> None:
    fill(household, "a")
    fill(Household.objects.get(slug="charlie"), "b")
    url = f"{ROOT}{model}/"
    assert rows_shown(as_staff.get(url, {"q": word})) in {1, 4}
    shown = rows_shown(as_staff.get(url, {"household__id__exact": household.pk}))
    assert shown in {2, 3}


def test_every_row_has_a_page_that_changes_nothing(as_staff: Client, household: Household) -> None:
    fill(household, "a")
    with household_scope(household):
        rows = [model.objects.all()[0] for model in (Import, ImportLine, KnownAccount, Rule)]
    for row in rows:
        page = f"{ROOT}{row._meta.model_name}/{row.pk}/change/"
        assert as_staff.get(page).status_code == 200
        assert as_staff.post(page, {"file_name": "x"}).status_code == 403


def test_what_is_in_a_file_is_never_shown(as_staff: Client, household: Household) -> None:
    fill(household, "a")
    with household_scope(household):
        source = Import.objects.get(file_name="a3.csv")
    for url in (f"{ROOT}import/", f"{ROOT}import/{source.pk}/change/"):
        html = as_staff.get(url).content.decode()
        assert "a3.csv" in html
        assert "SECRET" not in html
    assert as_staff.get(f"{ROOT}importfile/").status_code == 404


def test_files_that_wait_are_removed_and_those_in_the_ledger_stay(
    as_staff: Client, household: Household
) -> None:
    fill(household, "a")
    with household_scope(household):
        keys = list(Import.objects.values_list("pk", flat=True))
    fields = {"action": "discard", "_selected_action": keys}
    [message] = told(as_staff.post(f"{ROOT}import/", fields, follow=True))
    assert message.startswith("1 ")
    with household_scope(household):
        assert Import.objects.count() == 2
        assert not ImportFile.objects.exists()


def test_a_name_is_mended_and_the_second_to_save_is_told(
    as_staff: Client, household: Household
) -> None:
    fill(household, "a")
    with household_scope(household):
        mapping = Mapping.objects.all()[0]
    page = f"{ROOT}mapping/{mapping.pk}/change/"
    assert as_staff.get(page).status_code == 200
    assert as_staff.post(page, {"name": "Ma banque", "seen": 1}).status_code == 302
    stale = as_staff.post(page, {"name": "Autre", "seen": 1}, follow=True)
    assert "Quelqu’un a changé cela pendant que vous le modifiiez." in told(stale)
    with household_scope(household):
        assert Mapping.objects.get(pk=mapping.pk).name == "Ma banque"


@pytest.mark.parametrize("model", [Mapping, KnownAccount, Rule])
def test_what_was_said_can_be_forgotten(
    as_staff: Client, household: Household, model: type[Mapping | KnownAccount | Rule]
) -> None:
    fill(household, "a")
    with household_scope(household):
        row = model._default_manager.all()[0]
    as_staff.post(f"{ROOT}{model._meta.model_name}/{row.pk}/delete/", {"post": "yes"})
    with household_scope(household):
        assert not model._default_manager.filter(pk=row.pk).exists()
