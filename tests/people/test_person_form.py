"""Adding and changing a person."""

from __future__ import annotations

import pytest
from django.test import Client

from budget.balances.settling import person_delete
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Kind
from budget.users.models import Household
from tests.people.pages import ADD, LIST, key, make, page_of, stored, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def everybody(household: Household) -> list[Person]:
    with household_scope(household):
        return list(Person.objects.order_by("pk"))


def test_the_form_is_a_page_and_a_dialog(as_alice: Client, htmx: dict[str, str]) -> None:
    page = as_alice.get(ADD).content.decode()
    dialog = as_alice.get(ADD, headers=htmx).content.decode()
    assert "<html" in page
    assert "<html" not in dialog
    assert all('name="submission"' in part for part in (page, dialog))


def test_a_person_is_added_with_all_that_was_typed(as_alice: Client, household: Household) -> None:
    response = as_alice.post(ADD, typed(), follow=True)
    (lea,) = everybody(household)
    assert (lea.name, lea.email, lea.phone, lea.note) == (
        "Léa Forêt",
        "lea@example.org",
        "+33 6 12 34 56 78",
        "Le soir",
    )
    html = response.content.decode()
    assert "Personne «\u00a0Léa Forêt\u00a0» ajoutée." in html
    assert response.redirect_chain == [(page_of(lea), 302)]
    assert 'href="mailto:lea@example.org"' in html
    assert 'href="tel:+33612345678"' in html


def test_a_first_name_is_enough(as_alice: Client, household: Household) -> None:
    as_alice.post(ADD, typed(last_name="", email="", phone="", note=""))
    assert [each.name for each in everybody(household)] == ["Léa"]


def test_a_form_sent_twice_adds_one(as_alice: Client, household: Household) -> None:
    form = typed()
    assert [as_alice.post(ADD, form).status_code for _ in range(2)] == [302, 302]
    assert len(everybody(household)) == 1


def test_two_people_may_have_one_name(as_alice: Client, household: Household) -> None:
    as_alice.post(ADD, typed())
    as_alice.post(ADD, typed())
    assert [each.name for each in everybody(household)] == ["Léa Forêt"] * 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("first_name", "  ", "Ce champ est obligatoire."),
        ("first_name", "a" * 61, "au plus 60"),
        ("first_name", "a\0b", "nul"),
        ("email", "lea@", "Saisissez une adresse"),
        ("phone", "appelle-moi", "Écrivez le numéro en chiffres"),
        ("phone", "+()", "Écrivez le numéro en chiffres"),
        ("note", "a" * 1001, "au plus 1000"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    as_alice: Client, household: Household, field: str, value: str, said: str
) -> None:
    response = as_alice.post(ADD, typed(**{field: value}))
    assert response.status_code == 422
    html = response.content.decode().replace("\u00a0", " ").replace("\u202f", "")
    assert said in html
    assert 'value="Forêt"' in html
    assert everybody(household) == []


@pytest.mark.parametrize("phone", ["06 12 34 56 78", "06.12.34.56.78", "+33 (0)6-12", "3630"])
def test_numbers_are_taken_as_people_write_them(
    as_alice: Client, household: Household, phone: str
) -> None:
    as_alice.post(ADD, typed(phone=phone))
    assert [each.phone for each in everybody(household)] == [phone]


def test_a_hidden_field_that_was_tampered_with_stops_nobody(
    as_alice: Client, household: Household
) -> None:
    as_alice.post(ADD, typed(submission="nonsense", version="x"))
    assert len(everybody(household)) == 1


def test_what_is_known_of_someone_can_be_changed(as_alice: Client, household: Household) -> None:
    lea = make(household)
    assert 'value="Léa"' in as_alice.get(page_of(lea, "edit")).content.decode()
    response = as_alice.post(page_of(lea, "edit"), typed(version=1, last_name="Dupont"))
    assert response.status_code == 302
    changed = stored(household, lea)
    assert changed is not None
    assert (changed.name, changed.version) == ("Léa Dupont", 2)


def test_the_second_of_two_who_edit_is_told_what_the_first_saved(
    as_alice: Client, household: Household
) -> None:
    lea = make(household)
    as_alice.post(page_of(lea, "edit"), typed(version=1, email="nouvelle@example.org"))
    response = as_alice.post(page_of(lea, "edit"), typed(version=1, last_name="Dupont"))
    html = response.content.decode()
    assert response.status_code == 409
    assert "nouvelle@example.org" in html
    assert 'value="Dupont"' in html
    assert 'name="version" value="2"' in html


def test_who_edits_someone_just_removed_keeps_what_was_typed(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.EXPENSE, 5))
    with household_scope(household):
        person_delete(person=lea)
    assert as_alice.get(page_of(lea, "edit")).status_code == 404
    response = as_alice.post(page_of(lea, "edit"), typed(version=1, last_name="Dupont"))
    assert response.status_code == 409
    assert 'value="Dupont"' in response.content.decode()
    gone = stored(household, lea)
    assert gone is not None
    assert gone.email == ""


def test_another_households_person_is_nobody_here(
    as_alice: Client, household: Household, charlie: object
) -> None:
    other = make(Household.objects.get(slug="charlie"))
    for action in ("", "edit", "delete"):
        assert as_alice.get(page_of(other, action)).status_code == 404
    for action in ("edit", "delete", "settle"):
        form = typed(version=1, submission=key())
        assert as_alice.post(page_of(other, action), form).status_code == 404
    assert as_alice.get(LIST).content.decode().count("Léa") == 0
