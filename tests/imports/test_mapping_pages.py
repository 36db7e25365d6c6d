"""The pages of what is remembered of files: seen, changed, forgotten."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from budget.core.tenancy import household_scope
from budget.imports.headers import header_fingerprint
from budget.imports.models import Import, ImportLine, KnownAccount, Mapping
from budget.imports.services import import_receive
from budget.users.models import Household
from budget.wallets.selectors import first_wallet
from tests.addresses import own_mapping

LIST = "/h/alice/import/columns/"
TOLD = {
    "column_0": "date",
    "column_1": "label",
    "column_3": "amount",
    "name": "Banque du coin",
    "version": "1",
}
FILE = "Quand;Quoi;Combien;Reste\n13/01/2026;Café;-1,00;-2,00\n14/01/2026;Thé;-1,00;-3,00\n"


@pytest.fixture
def mapping(household: Household) -> Mapping:
    with household_scope(household):
        return own_mapping()


def page(mapping: Mapping) -> str:
    return f"{LIST}{mapping.pk}/"


def test_nothing_remembered_says_what_would_be(as_alice: Client) -> None:
    assert "Aucune colonne retenue" in as_alice.get(LIST).content.decode()


def test_mappings_and_accounts_are_listed_with_where_they_lead(
    as_alice: Client, household: Household, mapping: Mapping,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    with household_scope(household):
        for key in ("FR76 1", "layout:BoursoBank", f"header:{mapping.fingerprint}", "header:x"):
            KnownAccount.objects.create(key=key, wallet=first_wallet())
    with django_assert_max_num_queries(14):
        html = as_alice.get(LIST).content.decode().replace("\xa0", " ")
    for words in (
        "Ma banque", "Quand · Quoi", "FR76 1", "Fichiers de « BoursoBank »",
        "Fichiers de « Ma banque »", "ne nomment aucun compte", "Compte courant",
    ):  # fmt: skip
        assert words in html


def test_a_change_holds_for_the_next_file(
    as_alice: Client, household: Household, mapping: Mapping
) -> None:
    form = as_alice.get(page(mapping)).context["form"]
    assert [field.value() for field, _cells in form.columns()] == ["date", "label", "amount", ""]
    assert as_alice.post(page(mapping), TOLD)["Location"] == LIST
    with household_scope(household):
        import_receive(file_name="a.csv", content=FILE.encode(), user=None)
        assert {str(line.amount) for line in ImportLine.objects.all()} == {"-2.00", "-3.00"}
        assert Mapping.objects.get().name == "Banque du coin"


@pytest.mark.parametrize("change", [{"name": ""}, {"column_0": ""}, {"column_1": "date"}])
def test_what_is_wrong_is_said_and_nothing_is_saved(
    as_alice: Client, household: Household, mapping: Mapping, change: dict[str, str]
) -> None:
    response = as_alice.post(page(mapping), TOLD | change)
    assert response.status_code == 422
    assert response.context["form"].errors
    with household_scope(household):
        assert Mapping.objects.get().version == 1


def test_the_second_to_save_is_told_what_the_first_saved(
    as_alice: Client, household: Household, mapping: Mapping
) -> None:
    as_alice.post(page(mapping), TOLD)
    stale = as_alice.post(page(mapping), TOLD | {"name": "Autre"})
    assert stale.status_code == 409
    html = stale.content.decode()
    assert "Banque du coin" in html
    assert 'value="Autre"' in html
    assert as_alice.post(page(mapping), TOLD | {"name": "Autre", "version": "2"}).status_code == 302
    with household_scope(household):
        assert Mapping.objects.get().name == "Autre"


def test_what_is_kept_and_makes_no_sense_can_be_said_anew(
    as_alice: Client, household: Household, mapping: Mapping
) -> None:
    with household_scope(household):
        Mapping.objects.update(told={"columns": {"colour": "x"}})
    assert as_alice.get(page(mapping)).status_code == 200
    assert as_alice.post(page(mapping), TOLD).status_code == 302


def test_a_mapping_is_forgotten_and_a_second_click_finds_nothing(
    as_alice: Client, household: Household, mapping: Mapping, htmx: dict[str, str]
) -> None:
    url = f"{page(mapping)}delete/"
    assert "<html" not in as_alice.get(url, headers=htmx).content.decode()
    assert as_alice.post(url)["Location"] == LIST
    assert as_alice.post(url).status_code == 404
    with household_scope(household):
        assert not Mapping.objects.exists()


def test_an_account_is_forgotten_and_its_next_file_asks(
    as_alice: Client, household: Household
) -> None:
    text = "Date;Libellé;Montant\n13/01/2026;Café;-1,00\n"
    key = f"header:{header_fingerprint(['Date', 'Libellé', 'Montant'])}"
    with household_scope(household):
        first_wallet().__class__.objects.create(name="Livret")
        known = KnownAccount.objects.create(key=key, wallet=first_wallet())
    url = f"/h/alice/import/accounts/{known.pk}/forget/"
    assert as_alice.get(url).status_code == 200
    assert as_alice.post(url)["Location"] == LIST
    with household_scope(household):
        import_receive(file_name="a.csv", content=text.encode(), user=None)
        assert Import.objects.get().statements.get().wallet is None
