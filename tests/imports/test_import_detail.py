"""The preview of a file, and the summary of one that was imported."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.core.tenancy import household_scope
from budget.imports.entering import import_confirm
from budget.imports.models import Import, ImportState
from budget.imports.selectors import LINES_PER_PAGE, Tab, preview_figures, statements_wanted
from budget.imports.services import import_receive, statements_assign
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.conftest import TODAY, SignIn
from tests.imports.made_up import boursobank, many, movements, ofx
from tests.imports.staged import LINES, findings, line, unmade, waiting_file
from tests.ledger import category, wallet

pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def source(household: Household, alice: User) -> Import:
    with household_scope(household):
        source = waiting_file(alice)
        findings(source)
    return source


def address(source: Import) -> str:
    return f"/h/alice/import/{source.pk}/"


def shown(client: Client, source: Import, query: str = "") -> str:
    response = client.get(address(source) + query)
    assert response.status_code == 200
    return re.sub(r"[ \n]+", " ", unescape(response.content.decode()))


def row(page: str, pk: int) -> str:
    """What a line's row says."""
    return page.split(f'id="line-{pk}"')[1].split("</tr>")[0]


def test_the_figures_count_what_will_be_imported(household: Household, source: Import) -> None:
    with household_scope(household):
        figures = preview_figures(statements_wanted(source))
    assert figures.lines == LINES
    assert (figures.chosen, figures.joined) == (5, 1)
    assert figures.check == 3
    assert figures.left == 2
    assert figures.unreadable == 1
    assert figures.unreadable_lines == (9, 9)
    assert sum(n for _mark, n in figures.bar) == LINES
    assert {tab: figures.of(tab) for tab in Tab} == {
        Tab.ALL: LINES,
        Tab.CHECK: 3,
        Tab.FOUND: 2,
        Tab.TRANSFERS: 1,
        Tab.UNREADABLE: 1,
        Tab.KNOWN: 0,
        Tab.OTHER: 0,
    }


def test_the_head_names_file_bank_wallet_and_the_button_says_how_many(
    as_alice: Client, source: Import
) -> None:
    page = shown(as_alice, source)
    assert "releve.csv, Crédit Agricole, vers Compte courant" in page
    assert "Importer 5 transactions" in page


def test_a_sure_suggestion_says_how_sure_and_why(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        pk = line(source, "BIOCOOP").pk
    text = row(shown(as_alice, source), pk)
    assert "Biocoop" in text
    assert "CARTE 20/11 BIOCOOP VOLTAIRE CB*4821" in text
    assert "sûr" in text
    assert "97\u00a0%" in text
    assert "12 «\u00a0BIOCOOP\u00a0» sur 12" in text


def test_a_suggestion_from_lines_of_about_the_same_amount_says_so(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        found = line(source, "BIOCOOP")
        found.because = {"word": "BIOCOOP", "right": 3, "of": 4, "amounts": "like"}
        found.save()
    text = row(shown(as_alice, source), found.pk)
    assert "3 «\u00a0BIOCOOP\u00a0» sur 4 d’un montant proche" in text


def test_an_unsure_suggestion_is_offered_and_not_filled_in(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        pk = line(source, "DUBREUIL").pk
        food = category("Alimentation").pk
    text = row(shown(as_alice, source), pk)
    assert "à vérifier" in text
    assert "38\u00a0%" in text
    assert f'<optgroup label="Suggérée"><option value="{food}">' in text
    assert " selected" not in text


def test_a_line_entered_by_hand_says_when_and_what(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        pk = line(source, "BLABLACAR").pk
    text = row(shown(as_alice, source), pk)
    assert "saisie à la main" in text
    assert "18\u00a0nov.\u00a0: BlaBlaCar" in text
    assert [found in text for found in ("Fusionner", "Importer quand même", "Laisser de côté")]
    assert '<option value="join" selected>' in text


def test_a_line_that_is_not_readable_says_why_and_where(
    as_alice: Client, household: Household, source: Import
) -> None:
    with household_scope(household):
        bad = line(source, "ENGIE")
    text = row(shown(as_alice, source), bad.pk)
    assert "Ligne 9" in text
    assert bad.reason in text
    assert f"/h/alice/import/lines/{bad.pk}/" in text


@pytest.mark.parametrize(("tab", "words"), [("check", "DUBREUIL"), ("found", "CARREFOUR")])
def test_a_tab_shows_its_lines_alone(
    as_alice: Client, source: Import, tab: str, words: str
) -> None:
    response = as_alice.get(address(source), {"tab": tab})
    preview = response.context["preview"]
    assert len(preview.lines) == preview.figures.of(Tab(tab))
    assert words in " ".join(each.line.label for each in preview.lines)


def test_a_tab_that_is_none_shows_all(as_alice: Client, source: Import) -> None:
    assert len(as_alice.get(address(source), {"tab": "x"}).context["preview"].lines) == LINES


def test_lines_of_a_long_file_come_in_pages_that_cost_the_same(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        short = waiting_file(alice, many(60))
        long = waiting_file(alice, many(600), "long.csv")
    counts = []
    as_alice.get(address(short))  # the first visit remembers the household
    for source in (short, long):
        with CaptureQueriesContext(connection) as queries:
            first = as_alice.get(address(source)).context["preview"]
        counts.append(len(queries))
        assert len(first.lines) == LINES_PER_PAGE
    assert counts[0] == counts[1]
    second = as_alice.get(address(long), {"after": first.page.after}).context["preview"]
    numbers = [each.line.number for each in (*first.lines, *second.lines)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 2 * LINES_PER_PAGE


def test_accounts_of_one_file_are_told_apart(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        rows = movements(TODAY, 20)
        content = boursobank({"BoursoBank": rows, "Livret A": rows[:3]})
        source = import_receive(file_name="export.csv", content=content, user=alice)
        first, second = source.statements.all()
        wallets = {first.pk: first_wallet(), second.pk: wallet("Livret")}
        statements_assign(source=source, wallets=wallets)
    preview = as_alice.get(address(source)).context["preview"]
    begins = [each.begins for each in preview.lines if each.begins]
    assert [each.wallet.name for each in begins] == ["Compte courant", "Livret"]
    assert preview.wallet_names == ["Compte courant", "Livret"]


def test_nothing_can_be_imported_before_the_wallet_is_known(
    as_alice: Client, household: Household, alice: User
) -> None:
    with household_scope(household):
        wallet("Livret")
        source = import_receive(file_name="r.csv", content=many(3), user=alice)
        assert source.statements.get().wallet is None
    response = as_alice.get(address(source), follow=True)
    assert response.status_code == 200
    response = as_alice.post(f"{address(source)}confirm/", follow=True)
    assert "Dites d’abord" in response.content.decode()


def test_a_viewer_sees_the_lines_and_nothing_to_press(
    sign_in: SignIn, vera: User, source: Import
) -> None:
    page = shown(sign_in(vera), source)
    assert "Biocoop" in page
    main = page.split("<main")[1]
    assert "<select" not in main
    assert "<form" not in main
    assert "/lines/" not in main


def test_a_stranger_finds_nothing(sign_in: SignIn, charlie: User, source: Import) -> None:
    assert sign_in(charlie).get(address(source)).status_code == 404
    theirs = address(source).replace("alice", "charlie")
    assert sign_in(charlie).get(theirs).status_code == 404


def test_the_summary_says_what_was_added_and_what_is_left_to_sort(
    as_alice: Client, household: Household, source: Import, alice: User
) -> None:
    with household_scope(household):
        unmade(source)
        import_confirm(source=source, user=alice)
        source.refresh_from_db()
        assert source.state == ImportState.DONE
    page = shown(as_alice, source)
    assert "Import terminé" in page
    assert "+35,00\u00a0€" in page
    assert "−50,80\u00a0€" in page
    assert "3 transactions à classer" in page
    assert "Alimentation\u00a0?" in page
    assert "?category=none&from=2026-11-17&to=2026-11-20" in page
    assert f"{address(source)}undo/" in page


@pytest.mark.parametrize(("balance", "words"), [("1834.20", "Écart"), (None, "Le solde est juste")])
def test_the_banks_balance_is_compared_with_the_wallets(
    as_alice: Client, household: Household, alice: User, balance: str | None, words: str
) -> None:
    rows = movements(TODAY, 20)
    total = sum((each.amount for each in rows), Decimal())
    with household_scope(household):
        held = first_wallet()
        Wallet.objects.filter(pk=held.pk).update(opening_date=dt.date(2026, 1, 1))
        content = ofx(rows, Decimal(balance or total))
        source = waiting_file(alice, content, "compte.ofx")
        assert import_confirm(source=source, user=alice) == 0
    page = shown(as_alice, source)
    assert words in page
    assert f"Solde de {held.name} au {rows[0].date.day}\u00a0nov." in page
    if balance:
        link = f"?wallet={held.pk}&date={rows[0].date}&balance=1834.20"
        assert link in page
        form = as_alice.get(f"/h/alice/reconciliations/add/{link}").content.decode()
        assert 'value="1834,20"' in form.replace("\u202f", "").replace("\u00a0", "")
