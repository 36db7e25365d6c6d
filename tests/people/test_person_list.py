"""Who owes whom: everybody, with what is open."""

from __future__ import annotations

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Kind
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.people.pages import LIST, NBSP, make, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


def names(client: Client, query: str = "") -> list[str]:
    """The first names in the table, in its order."""
    html = client.get(f"{LIST}{query}").content.decode()
    if "<tbody>" not in html:
        return []
    table = html[html.index("<tbody>") : html.index("</tbody>")]
    found = [(table.index(f">{name}<"), name) for name in KNOWN if f">{name}<" in table]
    return [name for _, name in sorted(found)]


KNOWN = ["Adèle", "Éric", "Léa", "Tom", "Zoé"]


@pytest.fixture
def people(household: Household) -> dict[str, Person]:
    """Léa owes 200, Zoé is owed 50, Tom is settled, Éric has nothing yet."""
    return {
        "Léa": make(household, "Léa", (Kind.LEND, 300), (Kind.COLLECT, 100)),
        "Zoé": make(household, "Zoé", (Kind.BORROW, 50)),
        "Tom": make(household, "Tom", (Kind.LEND, 20), (Kind.COLLECT, 20)),
        "Éric": make(household, "Éric"),
    }


def test_says_in_words_what_is_owed_to_whom(as_alice: Client, people: dict[str, Person]) -> None:
    assert f"On vous doit 200,00{NBSP}€, vous devez 50,00{NBSP}€" in shown(as_alice, LIST)


@pytest.mark.parametrize(
    ("booked", "said"),
    [
        ((Kind.LEND, 30), f"On vous doit 30,00{NBSP}€, vous ne devez rien"),
        ((Kind.BORROW, 30), f"Vous devez 30,00{NBSP}€, on ne vous doit rien"),
        ((Kind.EXPENSE, 30), "On ne vous doit rien, et vous ne devez rien"),
    ],
)
def test_what_is_not_owed_is_not_told_as_an_amount(
    as_alice: Client, household: Household, booked: tuple[Kind, int], said: str
) -> None:
    make(household, "Léa", booked)
    assert said in shown(as_alice, LIST)


def test_each_has_receivable_debt_collected_and_net(as_alice: Client, household: Household) -> None:
    make(household, "Léa", (Kind.LEND, 300), (Kind.COLLECT, 100), (Kind.BORROW, 45))
    html = as_alice.get(LIST).content.decode()
    row = html[html.index('<th scope="row">') : html.index("</tbody>")]
    figures = [f"200,00{NBSP}€</td>", f"45,00{NBSP}€</td>", f"100,00{NBSP}€</td>", "+155,00"]
    places = [row.index(figure) for figure in figures]
    assert places == sorted(places)


def test_those_with_nothing_open_are_quieter(as_alice: Client, people: dict[str, Person]) -> None:
    html = as_alice.get(LIST).content.decode()
    rows = html[html.index("<tbody>") : html.index("</tbody>")].split("<tr")[1:]
    quiet = [name for name in KNOWN for row in rows if f">{name}<" in row and "settled" in row]
    assert quiet == ["Éric", "Tom"]


def test_is_sorted_by_name_whatever_its_accents(
    as_alice: Client, people: dict[str, Person]
) -> None:
    assert names(as_alice) == ["Éric", "Léa", "Tom", "Zoé"]
    assert names(as_alice, "?sort=-name") == ["Zoé", "Tom", "Léa", "Éric"]
    assert names(as_alice, "?sort=nonsense") == ["Éric", "Léa", "Tom", "Zoé"]


def test_is_sorted_by_net(as_alice: Client, people: dict[str, Person]) -> None:
    assert names(as_alice, "?sort=-net")[0] == "Léa"
    assert names(as_alice, "?sort=net")[0] == "Zoé"
    html = as_alice.get(f"{LIST}?sort=-net").content.decode()
    assert html.count('aria-sort="descending"') == 1


@pytest.mark.parametrize("typed", ["lea", "LÉ", "foret", "forêt léa", "%20é%20"])
def test_finds_any_part_of_a_name_without_case_and_accents(
    as_alice: Client, household: Household, people: dict[str, Person], typed: str
) -> None:
    with household_scope(household):
        Person.objects.filter(pk=people["Léa"].pk).update(last_name="Forêt")
    html = as_alice.get(f"{LIST}?q={typed}").content.decode()
    assert "Léa Forêt" in html
    assert "Zoé</a>" not in html or typed == "%20é%20"


@pytest.mark.parametrize("typed", ["x%00y", "100%25", "_", "a" * 500, "%22%3E"])
def test_nobody_found_says_so_and_shows_the_way_back(
    as_alice: Client, people: dict[str, Person], typed: str
) -> None:
    said = shown(as_alice, f"{LIST}?q={typed}")
    assert "Personne ne s’appelle" in said
    assert "Afficher tout le monde" in said
    # The sums are over everybody, found or not.
    assert f"On vous doit 200,00{NBSP}€" in said


def test_typing_is_answered_by_the_table_alone(
    as_alice: Client, people: dict[str, Person], htmx: dict[str, str]
) -> None:
    html = as_alice.get(f"{LIST}?q=l", headers=htmx).content.decode()
    assert html.strip().startswith('<div id="people-found">')
    assert "1 personne" in html


def test_an_empty_list_says_what_belongs_here(as_alice: Client, household: Household) -> None:
    html = as_alice.get(LIST).content.decode()
    assert "chaque remboursement diminue ce qui reste dû" in html
    assert html.count(f'href="{LIST}add/"') == 2


def test_a_viewer_sees_and_is_offered_nothing_to_change(
    household: Household, sign_in: SignIn, vera: User, people: dict[str, Person]
) -> None:
    html = sign_in(vera).get(LIST).content.decode()
    assert "Léa" in html
    assert f"{LIST}add/" not in html
