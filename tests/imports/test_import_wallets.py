"""The page where a person says which wallet each account of a file is."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from budget.core.tenancy import household_scope
from budget.imports.models import Choice, Import, ImportLine, KnownAccount, Statement
from budget.imports.services import import_receive
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from tests.conftest import SignIn
from tests.ledger import wallet

ACCOUNTS = ["FR76 0001", "FR76 0002"]


def table(accounts: list[str], rows: int = 8) -> str:
    lines = (
        f"{1 + n % 28:02}/11/2026;Achat {n};-{n + 1},00;{accounts[n % len(accounts)]}\n"
        for n in range(rows)
    )
    return "Date;Libellé;Montant;Compte\n" + "".join(lines)


def receive(household: Household, text: str, name: str = "releve.csv") -> Import:
    with household_scope(household):
        return import_receive(file_name=name, content=text.encode(), user=None)


@pytest.fixture
def source(household: Household) -> Import:
    with household_scope(household):
        wallet("Livret")
    return receive(household, table(ACCOUNTS))


def page(source: Import) -> str:
    return f"/h/alice/import/{source.pk}/wallets/"


def statements(household: Household) -> list[Statement]:
    with household_scope(household):
        return list(Statement.objects.select_related("wallet"))


def said(household: Household, *values: Any) -> dict[str, str]:
    """A form that says for each account a wallet, "none", or a new one's name as ("new", name)."""
    form = {"submission": str(uuid.uuid4())}
    for statement, value in zip(statements(household), values, strict=True):
        chosen, name = value if isinstance(value, tuple) else (value, "")
        form[f"wallet_{statement.pk}"] = str(getattr(chosen, "pk", chosen))
        form[f"name_{statement.pk}"] = name
    return form


def named(household: Household, name: str) -> Wallet:
    with household_scope(household):
        return Wallet.objects.get(name=name)


def test_a_file_whose_wallet_is_not_known_leads_here(as_alice: Client, source: Import) -> None:
    response = as_alice.get(f"/h/alice/import/{source.pk}/", follow=True)
    assert response.redirect_chain == [(page(source), 302)]
    html = response.content.decode().replace("\xa0", " ")
    for words in (*ACCOUNTS, "4 lignes", "Achat 0", "Achat 1", "−1,00 €"):
        assert words in html
    assert "repart de zéro" not in html


def test_a_page_of_many_accounts_and_lines_costs_the_same(
    as_alice: Client, household: Household, source: Import,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    many = receive(household, table([f"FR {n}" for n in range(40)], rows=400))
    for each in (source, many):
        with django_assert_max_num_queries(16):  # savepoints of the test's own among them
            assert as_alice.get(page(each)).status_code == 200


def test_each_account_goes_to_its_wallet(
    as_alice: Client, household: Household, source: Import
) -> None:
    livret, current = named(household, "Livret"), named(household, "Compte courant")
    response = as_alice.post(page(source), said(household, livret, current))
    assert response["Location"] == f"/h/alice/import/{source.pk}/"
    assert [each.wallet for each in statements(household)] == [livret, current]
    assert as_alice.get(f"/h/alice/import/{source.pk}/").status_code == 200
    as_alice.post(f"/h/alice/import/{source.pk}/confirm/")
    with household_scope(household):
        assert KnownAccount.objects.get(key="FR76 0001").wallet == livret


def test_the_next_file_is_filled_in_with_what_was_said(
    as_alice: Client, household: Household, source: Import
) -> None:
    livret, current = named(household, "Livret"), named(household, "Compte courant")
    as_alice.post(page(source), said(household, livret, current))
    as_alice.post(f"/h/alice/import/{source.pk}/confirm/")
    later = receive(household, table([ACCOUNTS[1], "FR76 0003"]))
    form = as_alice.get(page(later)).context["form"]
    assert [wallet.value() for _account, wallet, _name in form.rows()] == [str(current.pk), ""]


def test_an_account_can_be_left_out_and_taken_in_again(
    as_alice: Client, household: Household, source: Import
) -> None:
    livret = named(household, "Livret")
    as_alice.post(page(source), said(household, livret, "none"))
    with household_scope(household):
        assert ImportLine.objects.count() == 4
    response = as_alice.get(page(source))
    assert "laissé de côté" in response.content.decode()
    assert "repart de zéro" in response.content.decode()
    as_alice.post(page(source), said(household, livret, livret))
    with household_scope(household):
        assert ImportLine.objects.count() == 8


def test_saying_the_same_again_keeps_what_was_chosen(
    as_alice: Client, household: Household, source: Import
) -> None:
    livret, current = named(household, "Livret"), named(household, "Compte courant")
    as_alice.post(page(source), said(household, livret, current))
    with household_scope(household):
        ImportLine.objects.update(choice=Choice.LEAVE)
    as_alice.post(page(source), said(household, livret, current))
    with household_scope(household):
        assert set(ImportLine.objects.values_list("choice", flat=True)) == {Choice.LEAVE}
    as_alice.post(page(source), said(household, current, current))
    with household_scope(household):
        assert set(ImportLine.objects.values_list("choice", flat=True)) == {Choice.ADD}


def test_a_new_wallet_is_made_for_an_account_once(
    as_alice: Client, household: Household, source: Import
) -> None:
    livret = named(household, "Livret")
    form = said(household, livret, ("new", "Compte joint"))
    for _ in range(2):
        assert as_alice.post(page(source), form).status_code == 302
    made = named(household, "Compte joint")
    assert statements(household)[1].wallet == made
    assert made.opening_balance == 0
    assert made.opening_date == dt.date(2026, 11, 2)


OFX = """OFXHEADER:100

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>0042</BANKACCTFROM>
<BANKTRANLIST>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261105<TRNAMT>-10.00<FITID>1<NAME>Achat</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261106<TRNAMT>60.00<FITID>2<NAME>Prime</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>250.00<DTASOF>20261110</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


def test_a_new_wallet_begins_with_what_makes_the_bank_s_balance_right(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        wallet("Livret")
    source = receive(household, OFX, "releve.ofx")
    as_alice.post(page(source), said(household, ("new", "Compte joint")))
    made = named(household, "Compte joint")
    assert made.opening_balance == Decimal("200.00")
    assert made.opening_date == dt.date(2026, 11, 5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "de quel portefeuille"),
        ("0", "clos ou supprimé"),
        ("x", "clos ou supprimé"),
        (("new", ""), "Donnez un nom"),
        (("new", "LIVRET"), "déjà pris"),
        (("new", "x" * 61), "60"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    as_alice: Client, household: Household, source: Import, value: Any, words: str
) -> None:
    livret = named(household, "Livret")
    response = as_alice.post(page(source), said(household, livret, value))
    assert response.status_code == 422
    assert words in str(response.context["form"].errors)
    form = response.context["form"]
    assert next(iter(form.rows()))[1].value() == str(livret.pk)
    assert not any(each.wallet for each in statements(household))


def test_two_new_wallets_do_not_get_one_name(
    as_alice: Client, household: Household, source: Import
) -> None:
    form = said(household, ("new", "Joint"), ("new", "JOINT"))
    response = as_alice.post(page(source), form)
    assert response.status_code == 422
    with household_scope(household):
        assert Wallet.objects.count() == 2


def test_another_household_s_wallet_cannot_be_said(
    as_alice: Client, household: Household, source: Import, charlie: User
) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        foreign = Wallet.objects.get()
    response = as_alice.post(page(source), said(household, foreign, "none"))
    assert response.status_code == 422


def test_more_accounts_than_a_page_asks_for_are_told_and_left_out(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        livret = wallet("Livret")
    source = receive(household, table([f"FR {n}" for n in range(70)], rows=280))
    response = as_alice.get(page(source))
    html = response.content.decode()
    assert "70 comptes" in html.replace("\xa0", " ")
    assert f"/h/alice/import/{source.pk}/columns/" in html
    shown = statements(household)[:60]
    form = {f"wallet_{each.pk}": str(livret.pk) for each in shown}
    assert as_alice.post(page(source), form).status_code == 302
    skipped = [each.skipped for each in statements(household)]
    assert skipped == [False] * 60 + [True] * 10


def test_a_file_that_is_imported_meanwhile_is_no_error(
    as_alice: Client, household: Household
) -> None:
    source = receive(household, table(ACCOUNTS[:1]))
    form = said(household, named(household, "Compte courant"))
    as_alice.post(f"/h/alice/import/{source.pk}/confirm/")
    for response in (as_alice.get(page(source)), as_alice.post(page(source), form)):
        assert response["Location"] == f"/h/alice/import/{source.pk}/"


def test_someone_who_only_looks_sees_the_preview(
    sign_in: SignIn, vera: User, source: Import
) -> None:
    assert sign_in(vera).get(f"/h/alice/import/{source.pk}/").status_code == 200
    assert sign_in(vera).get(page(source)).status_code == 403
