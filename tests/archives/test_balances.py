"""A closed month keeps what wallets and envelopes held, and knows what only passed through."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.archives.models import ClosedMonth, ClosedMonthBalance, HolderKind
from budget.archives.selectors import closable_months, month_balances
from budget.archives.services import month_close, month_reopen, months_close
from budget.balances.selectors import bucket_balances, wallet_balances
from budget.categories.models import Category, CategoryKind
from budget.core.periods import Period, Unit
from budget.core.tenancy import household_scope
from budget.planning.overview import overview_today
from budget.planning.selectors import category_cards, category_history, dashboard
from budget.transactions.models import Kind
from budget.users.models import Household
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.archives.months import OCTOBER, SEPTEMBER, close, october
from tests.ledger import book, bucket, category, person, spend, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

URL = "/h/alice/archives/2026-10/"


def neutral(name: str = "Avances") -> Category:
    found = Category.objects.active().named(name).first()
    return found or Category.objects.create(name=name, kind=CategoryKind.NEUTRAL)


def fill() -> None:
    """September and October of a household that uses everything."""
    first, savings = first_wallet(), wallet()
    needs, fun = bucket("Nécessaire", 60), bucket("Plaisir", 40)
    for month in (9, 10):
        book(
            Kind.INCOME, "100.05", dt.date(2026, month, 2), category=category("Salaire"),
            description="Paie", spread=[(needs, 60), (fun, 40)],
        )  # fmt: skip
    book(Kind.EXPENSE, 20, october(3), category=category(), bucket=needs, description="Courses")
    book(
        Kind.TRANSFER, 30, october(4), wallet=first, to_wallet=savings, description="Vers le livret"
    )
    book(Kind.TRANSFER, 5, october(5), bucket=fun, to_bucket=needs, description="Un peu plus")
    book(Kind.LEND, 10, october(6), person=person("Zoé"), description="Pour le train")
    book(Kind.EXPENSE, 12, october(7), category=neutral(), description="Avance")
    book(Kind.INCOME, 7, october(8), category=neutral(), description="Retour d'avance")


def kept(closed: ClosedMonth, kind: HolderKind) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    rows = closed.balances.filter(kind=kind)
    return [(each.name, each.received, each.paid, each.balance) for each in rows]


def test_a_snapshot_has_every_wallet_and_envelope_as_the_month_left_them(scope: Household) -> None:
    fill()
    closed = close("2026-10")
    assert kept(closed, HolderKind.WALLET) == [
        ("Compte courant", Decimal("107.05"), Decimal("72.00"), Decimal("135.10")),
        ("Livret", Decimal("30.00"), Decimal("0.00"), Decimal("30.00")),
    ]
    assert kept(closed, HolderKind.BUCKET) == [
        ("Nécessaire", Decimal("65.03"), Decimal("20.00"), Decimal("105.06")),
        ("Plaisir", Decimal("40.02"), Decimal("5.00"), Decimal("75.04")),
        ("", Decimal("7.00"), Decimal("22.00"), Decimal("-15.00")),
    ]


def test_what_comes_later_changes_no_snapshot(scope: Household) -> None:
    fill()
    closed = close("2026-10")
    before = list(ClosedMonthBalance.objects.values())
    spend(50, dt.date(2026, 11, 3))
    Wallet.objects.filter(name="Livret").update(name="Épargne", opening_balance=1000)
    assert list(ClosedMonthBalance.objects.values()) == before
    month_reopen(closed=closed)
    assert not ClosedMonthBalance.objects.exists()


def test_wallets_and_envelopes_of_a_snapshot_hold_the_same(scope: Household) -> None:
    Wallet.objects.update(opening_balance=500, opening_date=dt.date(2026, 10, 10))
    fill()
    months = [close("2026-09"), close("2026-10")]
    sums = [[sum(row[3] for row in kept(each, kind)) for kind in HolderKind] for each in months]
    assert sums == [[Decimal("100.05")] * 2, [Decimal("665.10")] * 2]


def test_a_wallet_that_was_not_there_yet_is_not_told(scope: Household) -> None:
    fill()
    assert [name for name, *_ in kept(close("2026-09"), HolderKind.WALLET)] == ["Compte courant"]


def test_a_household_with_one_wallet_and_no_envelope_sees_its_page_as_before(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        spend(20, october(3), category(), "Courses")
        close("2026-10")
    html = as_alice.get(URL).content.decode()
    for word in ("Portefeuilles", "Enveloppes", "Non affecté"):
        assert f">{word}" not in html.partition("<main")[2]
    assert "Compte courant" not in html.partition("<main")[2]


def test_the_page_shows_both_sides_and_a_transfer_without_a_sign(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        fill()
        close("2026-10")
    main = " ".join(as_alice.get(URL).content.decode().partition("<main")[2].split())
    main = main.replace("\u00a0", " ")
    assert "Portefeuilles en fin de mois" in main
    assert "Enveloppes en fin de mois" in main
    assert "Zoé" in main
    assert "Catégories neutres" in main
    row = main.partition("Vers le livret")[2].partition("</tr>")[0]
    assert "Compte courant" in row
    assert "Livret" in row
    assert ">30,00 €<" in row
    assert "+30,00" not in row
    assert "−30,00" not in row
    between = main.partition("Un peu plus")[2].partition("</tr>")[0]
    assert "Plaisir" in between.partition("→")[0]
    assert "Nécessaire" in between.partition("→")[2]
    paid = main.partition("Paie<")[2].partition("</tr>")[0]
    assert "60,03 €" in paid
    assert "40,02 €" in paid


def test_the_download_has_wallets_envelopes_people_and_transfers(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        fill()
        close("2026-10")
    document = json.loads(as_alice.get(f"{URL}download/").content)
    lines = {line["description"]: line for line in document["transactions"]}
    sides = ("kind", "wallet", "to_wallet", "envelope", "to_envelope", "person")
    assert [lines["Vers le livret"][side] for side in sides] == [
        "transfer", "Compte courant", "Livret", None, None, None,
    ]  # fmt: skip
    assert [lines["Un peu plus"][side] for side in sides] == [
        "transfer", None, None, "Plaisir", "Nécessaire", None,
    ]  # fmt: skip
    assert lines["Pour le train"]["person"] == "Zoé"
    assert lines["Paie"]["parts"] == [
        {"envelope": "Nécessaire", "amount": "60.03"},
        {"envelope": "Plaisir", "amount": "40.02"},
    ]
    assert [each["name"] for each in document["wallets"]] == ["Compte courant", "Livret"]
    assert [each["name"] for each in document["envelopes"]] == ["Nécessaire", "Plaisir", None]
    passed = next(each for each in document["categories"] if each["name"] == "Avances")
    assert (passed["passed_out"], passed["passed_in"], passed["expenses"]) == (
        "12.00", "7.00", "0.00",
    )  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.TRANSFER, Kind.LEND])
def test_a_month_that_holds_transfers_or_loans_alone_is_listed_and_closes(
    as_alice: Client, household: Household, kind: Kind
) -> None:
    with household_scope(household):
        entry: dict[str, Any] = (
            {"to_wallet": wallet()} if kind is Kind.TRANSFER else {"person": person()}
        )
        book(kind, 30, october(3), wallet=first_wallet(), **entry)
        assert [month.period for month in closable_months()] == [OCTOBER]
        closed = month_close(period=OCTOBER)
    assert [closed.income, closed.expenses, closed.count] == [0, 0, 1]
    assert as_alice.get(URL).status_code == 200


def test_a_category_made_neutral_leaves_closed_months_as_they_were(scope: Household) -> None:
    food = category()
    spend(20, october(3), food)
    closed = close("2026-10")
    food.kind = CategoryKind.NEUTRAL
    food.save()
    closed.refresh_from_db()
    assert closed.expenses == 20
    [line] = closed.lines.filter(count=1)
    assert [line.expenses, line.neutral_out] == [20, 0]
    spend(30, dt.date(2026, 11, 3), food)
    assert overview_today().flow.expenses == 0


def test_many_months_close_in_as_many_statements_as_one(scope: Household) -> None:
    fill()
    for month in range(1, 9):
        spend(5, dt.date(2026, month, 3), category())

    def statements(*periods: Period) -> int:
        with CaptureQueriesContext(connection) as queries:
            months_close(periods=periods)
        return len(queries)

    assert statements(OCTOBER) == statements(*SEPTEMBER.last_periods(9))


kinds = st.sampled_from(Kind)
lines = st.lists(
    st.tuples(
        kinds,
        st.decimals("0.01", 500, places=2),
        st.integers(1, 31),
        st.sampled_from(["Alimentation", "Salaire", "Avances", None]),
        st.sampled_from(["", "first", "other"]),
    ),
    min_size=1,
    max_size=14,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(written=lines)
def test_overview_dashboard_categories_and_archives_give_one_answer_for_a_month(
    scope: Household, written: list[tuple[Kind, Decimal, int, str | None, str]]
) -> None:
    with atomic():
        neutral()
        for kind, amount, day, name, envelope in written:
            entry: dict[str, Any] = {} if not envelope else {"bucket": bucket(envelope)}
            if kind is Kind.TRANSFER:
                entry = {"wallet": first_wallet(), "to_wallet": wallet()}
            elif kind.is_loan:
                entry["person"] = person()
            elif name:
                entry["category"] = category(name)
            book(kind, str(amount), october(day), **entry)
        [closable] = closable_months()
        shown = dashboard(OCTOBER)
        cards = {card.category.pk: card.flow for card in category_cards(OCTOBER)}
        histories = {
            each.pk: category_history(each, Unit.MONTH).points[-2].flow
            for each in Category.objects.active()
        }
        in_wallets = {each.wallet.name: each.balance for each in wallet_balances()}
        in_buckets = {
            each.bucket.name if each.bucket else "": each.balance for each in bucket_balances()
        }
        seen_before = overview_today().flows.over(OCTOBER)
        closed = month_close(period=OCTOBER)

        expected = {Kind.INCOME: Decimal(0), Kind.EXPENSE: Decimal(0)}
        for kind, amount, _day, name, _envelope in written:
            if kind in expected and name != "Avances":
                expected[kind] += amount
        answers = [seen_before, shown.flow, closable.flow, overview_today().flows.over(OCTOBER)]
        for flow in answers:
            assert (flow.income, flow.expenses) == tuple(expected.values())
            assert flow.count == len(written)
        assert (closed.income, closed.expenses, closed.count) == (
            shown.flow.income, shown.flow.expenses, len(written),
        )  # fmt: skip
        assert cards == histories
        for line in closed.lines.exclude(category=None):
            assert line.category_id
            flow = cards[line.category_id]
            assert (line.income, line.expenses, line.neutral_in, line.neutral_out, line.count) == (
                flow.income, flow.expenses, flow.neutral_in, flow.neutral_out, flow.count,
            )  # fmt: skip
        assert all(share.category != neutral() for share in shown.shares)
        balances = month_balances(closed)
        assert {each.name: each.balance for each in balances.wallets} == in_wallets
        kept_buckets = {each.name: each.balance for each in balances.buckets}
        assert all(kept_buckets.get(name, 0) == held for name, held in in_buckets.items())
        set_rollback(True)
