"""The back office's pages of transactions."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from budget.archives.models import ClosedMonth
from budget.categories.models import Category
from budget.core import admin as office
from budget.core.tenancy import backoffice_scope, household_scope
from budget.transactions.models import Allotment, Kind, Reconciliation, Transaction
from budget.users.models import Household, User
from budget.wallets.selectors import first_wallet
from tests.backoffice import add_url, cost, rows_shown, told
from tests.ledger import book, bucket, category, person, spend, wallet

LIST = "/admin/transactions/transaction/"
DAY = dt.date(2026, 11, 3)
NEW = {
    "kind": "expense",
    "amount": "1",
    "date": "2026-11-03",
    "seen": "1",
    "allotments-TOTAL_FORMS": "0",
    "allotments-INITIAL_FORMS": "0",
}


def edit(line: Transaction) -> str:
    return f"{LIST}{line.pk}/change/"


def values(line: Transaction, **changes: object) -> dict[str, object]:
    """What the form of a line sends."""
    return {
        "kind": line.kind,
        "amount": str(line.amount),
        "date": line.date.isoformat(),
        "category": line.category_id or "",
        "description": line.description,
        "note": line.note,
        "seen": line.version,
        "allotments-TOTAL_FORMS": "0",
        "allotments-INITIAL_FORMS": "0",
        **changes,
    }


@pytest.fixture
def bread(household: Household) -> Transaction:
    with household_scope(household):
        return spend("4.20", DAY, category(), "Pain d'épice", "Marché")


def close(household: Household, day: dt.date) -> None:
    """Close the calendar month of a day."""
    first = day.replace(day=1)
    with household_scope(household):
        ClosedMonth.objects.create(
            household=household,
            first_day=first,
            last_day=first.replace(day=28) + dt.timedelta(days=2),
            income=0,
            expenses=0,
            count=1,
        )


def test_list_costs_the_same_with_twice_the_rows(
    as_staff: Client, household: Household, charlie: User
) -> None:
    def fill(owner: Household, writer: User, name: str) -> None:
        with household_scope(owner):
            other = Category.objects.create(name=name)
            for _each in range(5):
                line = spend(5, DAY, other)
                Transaction.objects.filter(pk=line.pk).update(created_by=writer)
            spend(7, DAY)

    fill(household, charlie, "A")
    before = cost(as_staff, LIST)
    fill(Household.objects.get(slug="charlie"), User.objects.get(name="Alice"), "B")
    fill(household, User.objects.get(name="Bob"), "C")
    assert cost(as_staff, LIST) == before <= 12


def test_counting_and_paging_stop_somewhere(
    as_staff: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "MOST_ROWS", 60)
    with household_scope(household):
        Transaction.objects.bulk_create(
            Transaction(
                wallet=first_wallet(),
                household=household,
                kind=Kind.EXPENSE,
                amount=n + 1,
                date=DAY,
            )
            for n in range(70)
        )
    first = as_staff.get(LIST)
    assert first.context["cl"].result_count == 60
    assert rows_shown(first) == 50
    assert rows_shown(as_staff.get(LIST, {"p": 2})) == 10
    assert as_staff.get(LIST, {"p": 3}).status_code == 302


@pytest.mark.parametrize(
    ("words", "found"),
    [("EPICE", 1), ("épice marche", 1), ("alimentation", 1), ("épice vin", 0), ("%", 0), ("_", 0)],
)
def test_search_looks_in_description_note_and_category(
    as_staff: Client, bread: Transaction, words: str, found: int
) -> None:
    assert rows_shown(as_staff.get(LIST, {"q": words})) == found


@pytest.mark.parametrize(
    "query",
    ["q=%00", "household__id__exact=abc", f"household__id__exact={'9' * 30}", "p=99999", "p=x",
     "kind__exact=%00", "date__gte=2026-02-31", "o=99.99", "household__id__exact=-1"],
)  # fmt: skip
def test_an_address_that_makes_no_sense_is_no_crash(
    as_staff: Client, bread: Transaction, query: str
) -> None:
    assert as_staff.get(f"{LIST}?{query}", follow=True).status_code == 200


def test_filtered_by_household(as_staff: Client, bread: Transaction, charlie: User) -> None:
    other = Household.objects.get(slug="charlie")
    assert rows_shown(as_staff.get(LIST, {"household__id__exact": other.pk})) == 0
    assert rows_shown(as_staff.get(LIST, {"household__id__exact": bread.household_id})) == 1


def test_a_line_is_changed_and_numbered(
    as_staff: Client, household: Household, bread: Transaction
) -> None:
    response = as_staff.post(edit(bread), values(bread, amount="5,50", description="Brioche"))
    assert response.status_code == 302
    with household_scope(household):
        bread.refresh_from_db()
    assert (bread.amount, bread.description, bread.version) == (Decimal("5.50"), "Brioche", 2)


def test_the_second_to_save_is_told(
    as_staff: Client, household: Household, bread: Transaction
) -> None:
    opened = values(bread)
    as_staff.post(edit(bread), values(bread, description="Brioche"), follow=True)
    response = as_staff.post(edit(bread), {**opened, "description": "Vin"}, follow=True)
    assert len(told(response)) == 1
    with household_scope(household):
        bread.refresh_from_db()
    assert bread.description == "Brioche"


def test_a_line_added_here_says_by_whom(as_staff: Client, household: Household) -> None:
    fields = NEW | {"amount": "12"}
    assert as_staff.post(add_url(LIST, household.pk), fields).status_code == 302
    with household_scope(household):
        line = Transaction.objects.get()
    assert (line.household, line.amount) == (household, Decimal(12))
    assert str(line.created_by) == "office@example.org"


def test_a_closed_months_refusal_is_a_message(
    as_staff: Client, household: Household, bread: Transaction
) -> None:
    with household_scope(household):
        other = spend(9, dt.date(2026, 10, 5))
    close(household, DAY)

    for url, fields in [
        (edit(bread), values(bread, amount="99")),
        (edit(bread), values(bread, date="2026-12-01")),
        (edit(other), values(other, date=DAY.isoformat())),
        (add_url(LIST, household.pk), NEW | {"date": "2026-11-30"}),
        (f"{LIST}{bread.pk}/delete/", {"post": "yes"}),
        (LIST, {"action": "delete_selected", "_selected_action": [bread.pk, other.pk],
                "post": "yes"}),
    ]:  # fmt: skip
        response = as_staff.post(url, fields, follow=True)
        assert response.status_code == 200
        assert any("2026" in message for message in told(response)), url

    with household_scope(household):
        assert list(Transaction.objects.order_by("pk").values_list("amount", "date")) == [
            (Decimal("4.20"), DAY),
            (Decimal(9), dt.date(2026, 10, 5)),
        ]


def test_categories_offered_are_those_in_use_in_the_household(
    as_staff: Client, household: Household, charlie: User, bread: Transaction
) -> None:
    with household_scope(household):
        Category.objects.create(name="Retirée", retired_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    page = as_staff.get(edit(bread)).context["adminform"].form
    with household_scope(household):
        assert set(page.fields["category"].queryset) == set(Category.objects.active())


def test_a_retired_category_of_the_line_itself_is_shown(
    as_staff: Client, household: Household, bread: Transaction
) -> None:
    with household_scope(household):
        Category.objects.filter(transactions=bread).update(
            retired_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        )
    page = as_staff.get(edit(bread)).content.decode()
    assert f'<option value="{bread.category_id}" selected>' in page


def test_another_households_category_is_refused_in_words(
    as_staff: Client, household: Household, charlie: User, bread: Transaction
) -> None:
    with backoffice_scope():
        theirs = Category.objects.filter(household__slug="charlie")[0]
    response = as_staff.post(edit(bread), values(bread, category=theirs.pk))
    assert response.status_code == 200
    assert "category" in response.context["adminform"].form.errors
    with household_scope(household):
        bread.refresh_from_db()
    assert bread.category_id != theirs.pk


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "NaN"),
        ("amount", "1e9999"),
        ("amount", "12,345.678"),
        ("date", "31/02/2026"),
        ("date", "0000-01-01"),
        ("date", "99999-01-01"),
        ("date", "1899-12-31"),
        ("kind", "gift"),
        ("category", "9" * 30),
        ("category", "-1"),
        ("category", "abc"),
        ("description", "x" * 10_000),
        ("description", "a\x00b"),
        ("note", "x" * 10_000),
        ("seen", "abc"),
    ],
)
def test_what_cannot_be_booked_is_refused_beside_its_field(
    as_staff: Client, household: Household, bread: Transaction, field: str, value: str
) -> None:
    response = as_staff.post(edit(bread), values(bread, **{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
    assert "transactions_transaction_" not in response.content.decode()


def test_a_version_beyond_any_number_is_a_stale_one(
    as_staff: Client, household: Household, bread: Transaction
) -> None:
    response = as_staff.post(edit(bread), values(bread, seen="9" * 30), follow=True)
    assert response.status_code == 200
    with household_scope(household):
        bread.refresh_from_db()
    assert bread.version == 1


def test_pages_are_such_as_the_strict_policy_lets_through(
    as_staff: Client, household: Household, bread: Transaction
) -> None:
    for url in (LIST, edit(bread), add_url(LIST, household.pk), f"{LIST}{bread.pk}/delete/"):
        response = as_staff.get(url)
        assert "unsafe-inline" not in response["Content-Security-Policy"]
        page = response.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_an_income_changed_here_is_spread_again(as_staff: Client, household: Household) -> None:
    with household_scope(household):
        needs, fun = bucket("Nécessaire"), bucket("Plaisir")
        line = book(Kind.INCOME, 100, DAY, spread=[(needs, 60), (fun, 40)])
    assert "Nécessaire" in as_staff.get(edit(line)).content.decode()
    response = as_staff.post(edit(line), values(line, amount="200"))
    assert response.status_code == 302
    with household_scope(household):
        assert [int(part.amount) for part in Allotment.objects.order_by("pk")] == [120, 80]


def test_only_the_household_s_own_and_open_ones_are_offered(
    as_staff: Client, household: Household, charlie: User
) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        foreign = wallet("Coffre de Charlie")
    with household_scope(household):
        line = spend(5, DAY)
        ended = wallet("Ancien")
        ended.closed_at = timezone.now()
        ended.save()
    html = as_staff.get(edit(line)).content.decode()
    assert "Coffre de Charlie" not in html
    assert "Ancien" not in html
    response = as_staff.post(edit(line), values(line, wallet=foreign.pk))
    assert response.status_code == 200
    assert "n’appartient pas à ce foyer" in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "transfer"}, "Un virement va d’un portefeuille"),
        ({"kind": "lend"}, "Choisissez une personne."),
        ({"to_wallet": "other"}, "Seul un virement"),
        ({"kind": "transfer", "wallet": "first", "to_wallet": "first"}, "Un virement va d’un"),
    ],
)
def test_what_does_not_fit_the_kind_is_said_in_words(
    as_staff: Client, household: Household, changes: dict[str, str], words: str
) -> None:
    with household_scope(household):
        line = spend(5, DAY)
        keys = {"first": first_wallet().pk, "other": wallet().pk}
    fields = {name: keys.get(value, value) for name, value in changes.items()}
    response = as_staff.post(edit(line), values(line, **fields))
    html = response.content.decode()
    assert response.status_code == 200
    assert words in html
    assert "transactions_transaction_" not in html


def test_a_transfer_and_a_loan_are_booked_here(as_staff: Client, household: Household) -> None:
    with household_scope(household):
        first, savings, zoe = first_wallet(), wallet(), person("Zoé")
    for fields in (
        {"kind": "transfer", "wallet": first.pk, "to_wallet": savings.pk},
        {"kind": "lend", "person": zoe.pk},
    ):
        assert as_staff.post(add_url(LIST, household.pk), NEW | fields).status_code == 302
    with household_scope(household):
        assert set(Transaction.objects.values_list("kind", "wallet", "to_wallet", "person")) == {
            ("transfer", first.pk, savings.pk, None),
            ("lend", first.pk, None, zoe.pk),
        }


def test_statements_are_looked_at_and_only_that(as_staff: Client, household: Household) -> None:
    url = "/admin/transactions/reconciliation/"

    def fill(*days: int) -> list[Reconciliation]:
        with household_scope(household):
            return [
                Reconciliation.objects.create(
                    wallet=first_wallet(), date=dt.date(2026, 9, day), balance=day,
                    closed_at=timezone.now(),
                )
                for day in days
            ]  # fmt: skip

    [row] = fill(1)
    before = cost(as_staff, url)
    fill(2, 3, 4)
    assert cost(as_staff, url) == before <= 12
    assert rows_shown(as_staff.get(url, {"q": "compte"})) == 4
    assert as_staff.get(f"{url}{row.pk}/change/").status_code == 200
    assert as_staff.post(add_url(url, household.pk), {}).status_code == 403
    assert as_staff.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
