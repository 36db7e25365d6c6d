"""A person's page: four figures, the lines that made them, and what can be done."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.archives.services import month_close
from budget.balances.person_selectors import ABOVE, MOVEMENTS_SIZE
from budget.balances.selectors import NET_SIGN
from budget.balances.settling import person_delete
from budget.core.money import money_format
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import book, person, wallet
from tests.people.pages import NBSP, key, lines, make, page_of, position, shown, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

DAY = dt.date(2026, 1, 1)


def rows(html: str) -> list[str]:
    """The movements on a page, each as its markup."""
    if "<tbody" not in html:
        return []
    table = html[html.index("<tbody") : html.index("</tbody>")]
    return table.split("<tr ")[1:]


def keys(html: str) -> list[int]:
    return [int(found) for row in rows(html) for found in re.findall(r'id="line-(\d+)"', row)]


def balances(html: str) -> list[str]:
    return [
        re.findall(r'class="text-end num balance">([^<]*)<', row)[0].strip() for row in rows(html)
    ]


def expected(household: Household, who: Person) -> list[tuple[int, str]]:
    """Every line that names a person, newest first, with the net after it, worked out here."""
    with household_scope(household), override("fr"):
        net, found = Decimal(0), []
        for line in Transaction.objects.filter(person=who).order_by("date", "pk"):
            net += NET_SIGN.get(Kind(line.kind), 0) * line.amount
            found.append((line.pk, money_format(net, signed=True)))
        return found[::-1]


def pages(client: Client, address: str) -> list[str]:
    """A page and all that its "next page" leads to."""
    found = []
    while address:
        html = client.get(address).content.decode()
        found.append(html)
        more = re.search(r'id="page-after"\s+href="([^"#]*)', html)
        address = address.partition("?")[0] + more[1].replace("&amp;", "&") if more else ""
    return found


def many(household: Household, n: int) -> Person:
    with household_scope(household):
        lea = person()
        kinds = [Kind.LEND, Kind.COLLECT, Kind.EXPENSE, Kind.BORROW]
        for each in range(n):
            # Several a day: ties are part of the order.
            day = DAY + dt.timedelta(days=each // 3)
            book(kinds[each % 4], each + 1, day, person=lea)
        return lea


# Figures and lines


def test_shows_what_is_open_and_what_came_back(as_alice: Client, household: Household) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300), (Kind.COLLECT, 100), (Kind.BORROW, 45))
    said = shown(as_alice, page_of(lea))
    assert f"Créance 200,00{NBSP}€" in said
    assert f"Dette 45,00{NBSP}€" in said
    assert f"Récolté 100,00{NBSP}€" in said
    assert f"Net +155,00{NBSP}€" in said


def test_lines_come_newest_first_with_the_balance_after_each(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300), (Kind.COLLECT, 100), (Kind.EXPENSE, 24))
    html = as_alice.get(page_of(lea)).content.decode()
    found = list(zip(keys(html), balances(html), strict=True))
    assert found == expected(household, lea)
    assert [text.replace(NBSP, " ") for text in balances(html)] == [
        "+200,00 €",
        "+200,00 €",
        "+300,00 €",
    ]


def test_a_line_that_only_names_the_person_is_told_apart(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300), (Kind.EXPENSE, 24))
    named, lent = rows(as_alice.get(page_of(lea)).content.decode())
    assert "aside" in named
    assert f"Dépense de 24,00{NBSP}€{NBSP}: sans effet sur le solde" in named
    assert "aside" not in lent


def test_the_balance_runs_on_over_all_pages(as_alice: Client, household: Household) -> None:
    lea = many(household, 2 * MOVEMENTS_SIZE + 7)
    found = pages(as_alice, page_of(lea))
    assert [len(rows(html)) for html in found] == [MOVEMENTS_SIZE, MOVEMENTS_SIZE, 7]
    shown_all = [pair for html in found for pair in zip(keys(html), balances(html), strict=True)]
    assert shown_all == expected(household, lea)


def test_a_page_whose_rows_have_gone_leads_back(as_alice: Client, household: Household) -> None:
    lea = many(household, MOVEMENTS_SIZE + 3)
    html = as_alice.get(page_of(lea)).content.decode()
    more = re.search(r'id="page-after"\s+href="([^"#]*)', html)
    assert more
    with household_scope(household):
        Transaction.objects.filter(date__lte=DAY + dt.timedelta(days=1)).delete()
    assert "Afficher les mouvements les plus récents" in shown(as_alice, page_of(lea) + more[1])


@given(
    history=st.lists(
        st.tuples(st.sampled_from(list(NET_SIGN)), st.integers(1, 9999), st.integers(0, 9)),
        min_size=1,
        max_size=15,
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_movements_the_newest_balance_is_the_net(
    as_alice: Client, household: Household, history: list[tuple[Kind, int, int]]
) -> None:
    with household_scope(household):
        lea = Person.objects.create(first_name="Léa")
        for kind, cents, day in history:
            amount = str(Decimal(cents) / 100)
            book(kind, amount, DAY + dt.timedelta(days=day), person=lea)
    html = as_alice.get(page_of(lea)).content.decode()
    assert list(zip(keys(html), balances(html), strict=True)) == expected(household, lea)
    with override("fr"):
        assert balances(html)[0] == money_format(position(household, lea).net, signed=True)


# Opened from a line


@pytest.mark.parametrize("place", [0, MOVEMENTS_SIZE - 1, MOVEMENTS_SIZE, 100, 106])
def test_the_line_it_was_opened_from_is_on_the_page_and_marked(
    as_alice: Client, household: Household, place: int
) -> None:
    lea = many(household, 107)
    right = expected(household, lea)
    asked = right[place][0]
    html = as_alice.get(f"{page_of(lea)}?line={asked}").content.decode()
    (marked,) = (row for row in rows(html) if 'aria-current="true"' in row)
    assert f'id="line-{asked}"' in marked
    assert html.count("data-here") == 1
    found = list(zip(keys(html), balances(html), strict=True))
    first = right.index(found[0])
    assert found == right[first : first + len(found)]
    assert first == (0 if place < MOVEMENTS_SIZE else place - ABOVE)


def test_from_there_one_can_turn_to_newer_and_older_ones(
    as_alice: Client, household: Household
) -> None:
    lea = many(household, 107)
    right = [pk for pk, _ in expected(household, lea)]
    html = as_alice.get(f"{page_of(lea)}?line={right[60]}").content.decode()
    before = re.search(r'id="page-before"\s+href="([^"#]*)', html)
    assert before
    newer = as_alice.get(page_of(lea) + before[1].replace("&amp;", "&")).content.decode()
    assert keys(newer) == right[5:55]
    assert "data-here" not in newer


@pytest.mark.parametrize("asked", ["", "x", "0", "99999999999999999999", "-1", "٣"])
def test_a_line_that_is_not_theirs_marks_nothing(
    as_alice: Client, household: Household, asked: str
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 5))
    response = as_alice.get(f"{page_of(lea)}?line={asked}")
    assert response.status_code == 200
    assert "data-here" not in response.content.decode()


def test_the_ledger_leads_to_the_line_on_its_persons_page(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 5))
    pk = expected(household, lea)[0][0]
    html = as_alice.get("/h/alice/transactions/").content.decode()
    assert f'href="{page_of(lea)}?line={pk}#line-{pk}"' in html


# What can be done


def test_the_buttons_open_the_form_with_kind_and_person(
    as_alice: Client, household: Household
) -> None:
    lea = make(household)
    html = as_alice.get(page_of(lea)).content.decode()
    for kind in ("lend", "borrow", "repay", "collect"):
        address = f"/h/alice/transactions/add/?kind={kind}&amp;person={lea.pk}"
        assert f'href="{address}"' in html
        form = as_alice.get(address.replace("&amp;", "&")).content.decode()
        assert re.search(rf'value="{lea.pk}"[^>]*\b(selected|checked)', form)
        assert re.search(rf'value="{kind}"[^>]*\b(selected|checked)', form)


def test_a_line_of_a_closed_month_is_not_offered_for_change(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        book(Kind.LEND, 5, dt.date(2026, 9, 3), person=person())
        month_close(period=Period.containing(dt.date(2026, 9, 3)))
        lea = person()
    (row,) = rows(as_alice.get(page_of(lea)).content.decode())
    assert "href" not in row


def test_one_click_settles_and_another_takes_it_back(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300), (Kind.COLLECT, 100), (Kind.BORROW, 50))
    form = {"submission": key()}
    response = as_alice.post(page_of(lea, "settle"), form, headers=htmx)
    html = response.content.decode()
    assert f"Soldé avec Léa{NBSP}: 200,00{NBSP}€ récoltés, 50,00{NBSP}€ remboursés." in html
    assert "ledger-changed" in response["HX-Trigger"]
    assert lines(household, lea)[3:] == [("collect", Decimal(200)), ("repay", Decimal(50))]
    token = re.search(r'name="token" value="([^"]*)"', html)
    assert token
    for _ in range(2):  # a double click
        undone = as_alice.post("/h/alice/people/unsettle/", {"token": token[1]}, headers=htmx)
        assert undone.status_code == 200
    assert position(household, lea).receivable == 200
    assert len(lines(household, lea)) == 3


def test_a_double_click_settles_once(as_alice: Client, household: Household) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300))
    html = as_alice.get(page_of(lea)).content.decode()
    submission = re.findall(r'name="submission" value="([^"]*)"', html)
    for _ in range(2):
        response = as_alice.post(page_of(lea, "settle"), {"submission": submission}, follow=True)
        assert f"Soldé avec Léa{NBSP}: 300,00{NBSP}€ récoltés." in response.content.decode()
    assert len(lines(household, lea)) == 2


def test_nothing_open_is_said_and_books_nothing(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 3), (Kind.COLLECT, 3))
    assert page_of(lea, "settle") not in as_alice.get(page_of(lea)).content.decode()
    response = as_alice.post(page_of(lea, "settle"), {"submission": "nonsense"}, headers=htmx)
    assert response.status_code == 409
    assert "il n’y a rien à solder" in response.content.decode()
    assert len(lines(household, lea)) == 2


def test_the_wallet_is_told_where_there_are_several(as_alice: Client, household: Household) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300))
    assert "· Compte courant" not in shown(as_alice, page_of(lea))
    with household_scope(household):
        wallet("Espèces")
    assert "· Compte courant" in shown(as_alice, page_of(lea))


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_bad_token_is_refused_in_words(
    as_alice: Client, household: Household, htmx: dict[str, str], token: str
) -> None:
    response = as_alice.post("/h/alice/people/unsettle/", {"token": token}, headers=htmx)
    assert response.status_code == 409
    assert "trop tard" in response.content.decode()


# Deleting


def test_deleting_is_refused_with_the_figure_while_something_is_open(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 200))
    for response in (as_alice.get(page_of(lea, "delete")), as_alice.post(page_of(lea, "delete"))):
        html = response.content.decode()
        assert f"Léa vous doit 200,00{NBSP}€{NBSP}: soldez avant" in html
        assert "btn-ink" not in html
    assert response.status_code == 409
    left = stored(household, lea)
    assert left is not None
    assert left.removed_at is None


def test_who_is_named_nowhere_is_deleted(as_alice: Client, household: Household) -> None:
    lea = make(household)
    assert "Aucune transaction ne cite son nom" in shown(as_alice, page_of(lea, "delete"))
    response = as_alice.post(page_of(lea, "delete"), follow=True)
    assert "Personne «\u00a0Léa\u00a0» supprimée." in response.content.decode()
    assert stored(household, lea) is None
    assert as_alice.get(page_of(lea)).status_code == 404


def test_who_is_named_leaves_lists_and_forms_and_keeps_the_name_on_the_lines(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 5), (Kind.COLLECT, 5))
    make(household, "Tom")
    as_alice.post(page_of(lea, "delete"), follow=True)
    assert "Léa" not in as_alice.get("/h/alice/people/").content.decode()
    assert "Léa" not in as_alice.get("/h/alice/transactions/add/?kind=lend").content.decode()
    assert "Léa" in as_alice.get("/h/alice/transactions/").content.decode()
    said = shown(as_alice, page_of(lea))
    assert "Personne supprimée le 21 novembre 2026" in said
    assert "Prêter" not in said
    assert as_alice.post(page_of(lea, "delete")).status_code == 404


def test_a_repayment_form_open_meanwhile_keeps_what_was_typed(
    as_alice: Client, household: Household
) -> None:
    lea = make(household, "Léa", (Kind.EXPENSE, 5))
    make(household, "Tom")
    with household_scope(household):
        person_delete(person=lea)
    form = {
        "kind": "loan",
        "loan": "collect",
        "amount": "12,34",
        "date": "2026-11-20",
        "person": lea.pk,
        "description": "Vélo",
        "submission": key(),
    }
    response = as_alice.post("/h/alice/transactions/add/", form)
    html = response.content.decode()
    assert response.status_code in (409, 422)
    assert "Choisissez" in html
    assert 'value="12,34"' in html
    assert 'value="Vélo"' in html
    assert len(lines(household, lea)) == 1


# Who may


def test_a_viewer_sees_the_page_and_can_change_nothing(
    household: Household, sign_in: SignIn, vera: User
) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300))
    client = sign_in(vera)
    html = client.get(page_of(lea)).content.decode()
    assert f"200,00{NBSP}€" not in html
    assert f"300,00{NBSP}€" in html
    for action in ("edit", "delete", "settle"):
        assert page_of(lea, action) not in html
        assert client.post(page_of(lea, action)).status_code == 403
    assert "kind=lend" not in html
    assert len(lines(household, lea)) == 1


def test_a_stranger_finds_nothing(household: Household, sign_in: SignIn, charlie: User) -> None:
    lea = make(household, "Léa", (Kind.LEND, 300))
    client = sign_in(charlie)
    assert client.get(page_of(lea)).status_code == 404
    assert client.post(page_of(lea, "settle")).status_code == 404
