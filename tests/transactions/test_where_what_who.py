"""The table's rows and filters by wallet, envelope, person and status."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Transaction
from budget.transactions.names import names_read
from budget.users.models import Household
from budget.wallets.models import Wallet
from tests.ledger import book, bucket, category, earn, person, spend, wallet

pytestmark = pytest.mark.django_db

LIST = "/h/alice/transactions/"
NOV = dt.date(2026, 11, 10)


@pytest.fixture
def history(scope: Household, today: dt.date) -> None:
    current = Wallet.objects.get()
    food, fun = bucket("Nécessaire"), bucket("Plaisir")
    book(Kind.EXPENSE, 40, NOV, category=category(), bucket=food, description="Marché")
    spend(15, NOV, None, "Inconnu")
    book(
        Kind.INCOME, "100.05", NOV, category=category("Salaire"), description="Paie",
        spread=[(food, 80), (fun, 20)],
    )  # fmt: skip
    book(Kind.EXPENSE, 30, NOV, wallet=wallet(), bucket=fun, description="Jeu")
    book(Kind.TRANSFER, 200, NOV, wallet=current, to_wallet=wallet(), description="Épargner")
    book(Kind.TRANSFER, 5, NOV, wallet=wallet(), to_wallet=current, description="Reprendre")
    book(Kind.TRANSFER, 12, NOV, bucket=food, to_bucket=fun, description="Basculer")
    book(Kind.TRANSFER, 13, NOV, to_bucket=fun, description="Affecter")
    book(Kind.LEND, 300, NOV, wallet=current, person=person(), description="Prêt")
    book(Kind.COLLECT, 100, NOV, wallet=wallet(), person=person(), description="Retour")


def page(client: Client, query: str = "") -> str:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return response.content.decode()


def rows(client: Client, query: str = "") -> dict[str, str]:
    """Each row's text, by its title."""
    found = {}
    for row in page(client, query).split('<tr role="row" id="line-')[1:]:
        row = row.partition("</tr>")[0]
        title = re.search(r'(?:data-dialog|fw-medium")>([^<]+)<', row)
        assert title
        found[title[1]] = " ".join(re.sub(r"<[^>]*>", " ", f"<{row}").split())
    return found


@pytest.mark.usefixtures("history")
def test_a_transfer_says_from_where_to_where_and_has_no_sign(as_alice: Client) -> None:
    found = rows(as_alice)
    assert "Compte courant → Livret" in found["Épargner"]
    assert "200,00\xa0€".replace("\xa0", " ") in found["Épargner"].replace("\xa0", " ")
    assert "+200" not in found["Épargner"]
    assert "Sans catégorie" not in found["Épargner"]
    assert "Nécessaire → Plaisir" in found["Basculer"]
    assert "Non affecté → Plaisir" in found["Affecter"]


@pytest.mark.usefixtures("history")
def test_a_loan_says_its_kind_and_with_whom(as_alice: Client) -> None:
    found = rows(as_alice)
    assert "Prêté · Léa" in found["Prêt"]
    assert "Remboursement reçu · Léa" in found["Retour"]
    assert "−300" in found["Prêt"]
    assert "+100" in found["Retour"]


@pytest.mark.usefixtures("history")
def test_rows_tell_their_wallet_and_envelope(as_alice: Client) -> None:
    found = rows(as_alice)
    assert "Livret" in found["Jeu"]
    assert "Plaisir" in found["Jeu"]
    assert "répartie sur 2\xa0enveloppes".replace("\xa0", " ") in found["Paie"]


def test_a_household_of_one_wallet_sees_nothing_of_wallets(
    as_alice: Client, scope: Household
) -> None:
    spend(15, NOV, None, "Inconnu")
    shown = page(as_alice)
    assert "Compte courant" not in shown
    for name in ("wallet", "bucket", "person", "status"):
        assert f'name="{name}" id=' not in shown
    assert "Virements" not in shown
    assert "Prêts" not in shown


@pytest.mark.usefixtures("history")
def test_what_is_used_is_offered_and_what_is_closed_is_not(
    as_alice: Client, scope: Household
) -> None:
    Wallet.objects.create(name="Vieux", closed_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    shown = page(as_alice)
    for name in ("wallet", "bucket", "person"):
        assert f'name="{name}"' in shown
    assert "Virements" in shown
    assert ">Vieux</option>" not in shown
    old = Wallet.objects.get(name="Vieux")
    assert ">Vieux</option>" in page(as_alice, f"wallet={old.pk}")


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("kind=transfer", {"Épargner", "Reprendre", "Basculer", "Affecter"}),
        ("kind=loan", {"Prêt", "Retour"}),
        ("category=none", {"Inconnu", "Jeu"}),
        ("wallet={livret}", {"Jeu", "Épargner", "Reprendre", "Retour"}),
        ("bucket={fun}", {"Paie", "Jeu", "Basculer", "Affecter"}),
        ("bucket={food}", {"Paie", "Marché", "Basculer"}),
        ("bucket=none", {"Inconnu", "Affecter", "Prêt", "Retour"}),
        ("person={lea}", {"Prêt", "Retour"}),
        ("person={lea}&wallet={livret}", {"Retour"}),
        ("q=léa", {"Prêt", "Retour"}),
    ],
)
def test_filters_by_what_lines_name(
    as_alice: Client, scope: Household, query: str, titles: set[str]
) -> None:
    query = query.format(
        livret=wallet().pk,
        fun=bucket("Plaisir").pk,
        food=bucket("Nécessaire").pk,
        lea=person().pk,
    )
    assert set(rows(as_alice, query)) == titles


@pytest.mark.usefixtures("history")
def test_each_of_them_is_a_chip_that_can_be_removed(as_alice: Client, scope: Household) -> None:
    livret, fun, lea = wallet().pk, bucket("Plaisir").pk, person().pk
    shown = page(as_alice, f"wallet={livret}&bucket={fun}&person={lea}&status=open&kind=loan")
    for label in ("Livret", "Plaisir", "Léa", "À pointer", "Prêts et remboursements"):
        assert re.search(rf'class="chip on"[^>]*>{label}<', shown), label
    assert f"?wallet={livret}&amp;bucket={fun}&amp;person={lea}&amp;kind=loan" in shown


@pytest.mark.usefixtures("history")
def test_a_wallet_sees_a_transfer_with_its_own_sign(as_alice: Client, scope: Household) -> None:
    found = rows(as_alice, f"wallet={wallet().pk}")
    assert "+200" in found["Épargner"]
    assert "−5" in found["Reprendre"]
    assert "−200" in rows(as_alice, f"wallet={Wallet.objects.first().pk}")["Épargner"]  # type: ignore[union-attr]


@pytest.mark.usefixtures("history")
def test_amounts_sort_as_the_wallet_sees_them(as_alice: Client, scope: Household) -> None:
    order = list(rows(as_alice, f"wallet={wallet().pk}&sort=amount"))
    assert order == ["Jeu", "Reprendre", "Retour", "Épargner"]


@pytest.mark.usefixtures("history")
def test_status_is_the_wallets_side_where_one_is_looked_at(
    as_alice: Client, scope: Household
) -> None:
    Transaction.objects.filter(description="Épargner").update(to_pointed=True)
    Transaction.objects.filter(description="Jeu").update(pointed=True)
    assert set(rows(as_alice, "status=pointed")) == {"Jeu"}
    assert "Épargner" in rows(as_alice, "status=open")
    assert "Basculer" not in rows(as_alice, "status=open")
    livret = wallet().pk
    assert set(rows(as_alice, f"status=pointed&wallet={livret}")) == {"Jeu", "Épargner"}
    assert set(rows(as_alice, f"status=open&wallet={livret}")) == {"Reprendre", "Retour"}
    assert rows(as_alice, "status=reconciled") == {}


@pytest.mark.usefixtures("history")
def test_another_households_wallet_narrows_nothing_and_says_so(
    as_alice: Client, scope: Household, charlie: object
) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        foreign = Wallet.objects.get().pk
    assert len(rows(as_alice, f"wallet={foreign}")) == 10
    assert "choix valide" in page(as_alice, f"wallet={foreign}")


def test_transfers_and_loans_are_in_no_months_total(as_alice: Client, scope: Household) -> None:
    earn(100, NOV)
    book(Kind.TRANSFER, 77, NOV, wallet=Wallet.objects.get(), to_wallet=wallet())
    book(Kind.BORROW, 55, NOV, person=person())
    group = page(as_alice).partition('class="group"')[2].partition("</tr>")[0]
    assert "+100,00" in group
    assert "77" not in group
    assert "155" not in group


def test_several_people_stand_in_the_order_of_their_names(scope: Household) -> None:
    for name in ("Zoé", "élodie", "Tom"):
        person(name)
    assert [each.name for each in names_read().people.values()] == ["élodie", "Tom", "Zoé"]
