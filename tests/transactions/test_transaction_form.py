"""Adding and changing a line through the form, and what people and browsers may send to it."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.utils import timezone

from budget.categories.models import Category
from budget.core.guards import ChangedMeanwhile, GoneMeanwhile
from budget.core.tenancy import active_household, household_scope
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import (
    transaction_create,
    transaction_update,
)
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import category, earn, spend

pytestmark = pytest.mark.django_db

ADD = "/h/alice/transactions/add/"


def typed(**changes: object) -> dict[str, object]:
    return {
        "kind": "expense",
        "amount": "45,90",
        "category": "",
        "date": "2026-11-21",
        "description": "Marché",
        "note": "",
        "submission": str(uuid.uuid4()),
        **changes,
    }


def lines(household: Household) -> list[Transaction]:
    with household_scope(household):
        return list(Transaction.objects.order_by("pk"))


def test_the_form_is_dated_today_with_the_cursor_in_the_amount(
    as_alice: Client, today: dt.date, htmx: dict[str, str]
) -> None:
    page = as_alice.get(ADD, headers=htmx).content.decode()
    assert 'value="2026-11-21"' in page
    assert page.index("autofocus") > page.index('name="amount"') - 200
    assert "<html" not in page


def test_an_expense_is_stored_as_typed(as_alice: Client, alice: User, household: Household) -> None:
    response = as_alice.post(ADD, typed())
    assert response.status_code == 302
    (line,) = lines(household)
    assert (line.kind, line.amount, line.date, line.description, line.created_by) == (
        Kind.EXPENSE,
        Decimal("45.90"),
        dt.date(2026, 11, 21),
        "Marché",
        alice,
    )


def test_a_write_by_htmx_closes_the_dialog_and_tells_the_page(
    as_alice: Client, htmx: dict[str, str]
) -> None:
    response = as_alice.post(ADD, typed(), headers=htmx)
    assert response.status_code == 200
    assert set(response["HX-Trigger"].split(", ")) == {"ledger-changed", "dialog-close"}
    assert "Marché" in response.content.decode()


def test_save_and_add_another_keeps_the_dialog_with_an_empty_form_of_that_kind(
    as_alice: Client, htmx: dict[str, str]
) -> None:
    first = typed(kind="income", again="1")
    response = as_alice.post(ADD, first, headers=htmx)
    page = response.content.decode()
    assert response["HX-Trigger"] == "ledger-changed"
    assert str(first["submission"]) not in page
    income = page.index('value="income"')
    assert "checked" in page[income : income + 80]


def chosen(page: str) -> list[str]:
    """The values of the categories that stand checked; "" is none."""
    inputs = re.findall(r'<input type="radio" name="category"[^>]*>', page)
    return re.findall(r'value="([^"]*)"', "".join(each for each in inputs if " checked" in each))


def test_the_last_category_is_chosen_the_next_time(as_alice: Client, household: Household) -> None:
    with household_scope(household):
        food = category("Alimentation")
    as_alice.post(ADD, typed(category=food.pk))
    assert chosen(as_alice.get(ADD).content.decode()) == [str(food.pk)]


def test_each_direction_remembers_its_own_last_category(
    as_alice: Client, household: Household, htmx: dict[str, str]
) -> None:
    with household_scope(household):
        food, salary = category("Alimentation"), category("Salaire")
    as_alice.post(ADD, typed(category=food.pk))
    assert chosen(as_alice.get(f"{ADD}?kind=income").content.decode()) == [""]
    again = typed(kind="income", category=salary.pk, again="1")
    assert chosen(as_alice.post(ADD, again, headers=htmx).content.decode()) == [str(salary.pk)]
    assert chosen(as_alice.get(ADD).content.decode()) == [str(food.pk)]


def test_a_remembered_category_that_was_removed_leaves_none(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        food = category("Alimentation")
    as_alice.post(ADD, typed(category=food.pk))
    with household_scope(household):
        type(food).objects.filter(pk=food.pk).update(retired_at=timezone.now())
    page = as_alice.get(ADD).content.decode()
    assert chosen(page) == [""]
    assert f'data-expense="{food.pk}"' not in page


def test_only_a_remembered_category_gives_way_to_the_other_direction(
    as_alice: Client, household: Household
) -> None:
    with household_scope(household):
        food = category("Alimentation")
        line = spend(10, dt.date(2026, 11, 20), food)
    as_alice.post(ADD, typed(category=food.pk))
    assert f'data-suggest="category" data-expense="{food.pk}"' in shown(as_alice.get(ADD))
    for chosen_by_hand in (
        as_alice.get(f"{ADD}?like={line.pk}"),
        as_alice.get(f"{ADD}?category={food.pk}"),
        as_alice.get(f"/h/alice/transactions/{line.pk}/"),
        as_alice.post(ADD, typed(category=food.pk, amount="x")),
    ):
        assert "data-suggest" not in shown(chosen_by_hand)


def shown(response: HttpResponseBase) -> str:
    """The page with any white space as one space."""
    assert isinstance(response, HttpResponse)
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("amount", "", "Indiquez un montant."),
        ("amount", "0", "Le montant doit être supérieur à 0."),
        ("amount", "-5", "Le montant doit être supérieur à 0."),
        ("amount", "abc", "ne se lit pas"),
        ("amount", "NaN", "ne se lit pas"),
        ("amount", "1e9999", "ne se lit pas"),
        ("amount", "12,345.678", "deux décimales"),
        ("amount", "9999999999999", "999"),
        ("date", "31/02/2026", "date"),
        ("date", "0000-01-01", "date"),
        ("date", "99999-01-01", "date"),
        ("date", "2026-13-01", "date"),
        ("date", "1899-12-31", "date"),
        ("description", "x" * 10_000, "200"),
        ("description", "a\0b", "caractère nul"),
        ("category", "-1", "supprimée"),
        ("category", "9" * 40, "supprimée"),
        ("category", "abc", "supprimée"),
        ("kind", "garbage", "Sélectionnez un choix valide"),
        ("kind", "lend", "Sélectionnez un choix valide"),
        ("kind", "transfer", "deuxième portefeuille"),
        ("kind", "loan", "Ajoutez d’abord la personne"),
    ],
)
def test_what_cannot_be_stored_is_told_beside_its_field_and_kept(
    as_alice: Client,
    household: Household,
    htmx: dict[str, str],
    field: str,
    value: str,
    message: str,
) -> None:
    response = as_alice.post(ADD, typed(**{field: value}), headers=htmx)
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert "Marché" in page or field == "description"
    assert lines(household) == []


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "« L’été » & co", "🥐🇫🇷", "שלום"])
def test_any_text_is_stored_and_shown_as_text(
    as_alice: Client, household: Household, text: str
) -> None:
    as_alice.post(ADD, typed(description=text, note=text))
    (line,) = lines(household)
    assert (line.description, line.note) == (text, text)
    assert "<script>alert" not in as_alice.get("/h/alice/transactions/").content.decode()


def test_a_category_of_another_household_is_refused(
    as_alice: Client, household: Household, charlie: User
) -> None:
    theirs = Household.objects.get(slug="charlie")
    with household_scope(theirs):
        category_id = category("Alimentation").pk
    assert as_alice.post(ADD, typed(category=category_id)).status_code == 422
    assert lines(household) == []


def test_a_double_click_makes_one_transaction(as_alice: Client, household: Household) -> None:
    twice = typed()
    assert as_alice.post(ADD, twice).status_code == 302
    assert as_alice.post(ADD, twice).status_code == 302
    assert len(lines(household)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_submissions_at_the_same_moment_make_one_transaction(household: Household) -> None:
    submission = uuid.uuid4()
    made: list[int] = []
    start = threading.Barrier(2)

    def submit() -> None:
        try:
            start.wait()
            with household_scope(household):
                line = transaction_create(
                    kind=Kind.EXPENSE,
                    amount=Decimal(1),
                    date=dt.date(2026, 11, 1),
                    submission=submission,
                )
                made.append(line.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert len(set(made)) == 1


class TestEdit:
    @pytest.fixture
    def line(self, scope: Household) -> Transaction:
        return spend(10, dt.date(2026, 11, 20), category("Autre"), "Cadeau")

    def test_the_form_holds_what_is_stored(self, as_alice: Client, line: Transaction) -> None:
        page = as_alice.get(f"/h/alice/transactions/{line.pk}/").content.decode()
        assert 'value="10"' in page
        assert "Cadeau" in page

    def test_the_form_offers_to_duplicate_and_to_delete_the_line(
        self, as_alice: Client, line: Transaction
    ) -> None:
        page = shown(as_alice.get(f"/h/alice/transactions/{line.pk}/"))
        assert f'href="{ADD}?like={line.pk}" data-dialog>' in page
        assert f'href="/h/alice/transactions/{line.pk}/delete/" data-dialog>' in page
        assert "?like=" not in as_alice.get(ADD).content.decode()

    def test_a_line_that_is_gone_is_not_offered_for_deletion(
        self, as_alice: Client, line: Transaction, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(**_: object) -> None:
            raise ChangedMeanwhile(None)

        monkeypatch.setattr("budget.transactions.views.transaction_update", gone)
        page = as_alice.post(f"/h/alice/transactions/{line.pk}/", typed(version=1)).content.decode()
        assert "Quelqu’un a supprimé" in page
        assert f"{line.pk}/delete/" not in page

    def test_a_change_is_saved(self, as_alice: Client, line: Transaction) -> None:
        as_alice.post(f"/h/alice/transactions/{line.pk}/", typed(version=1, kind="income"))
        line.refresh_from_db()
        assert (line.kind, line.amount, line.category, line.version) == (
            Kind.INCOME,
            Decimal("45.90"),
            None,
            2,
        )

    def test_the_second_to_save_is_told_what_the_first_saved(
        self, as_alice: Client, sign_in: SignIn, bob: User, line: Transaction
    ) -> None:
        url = f"/h/alice/transactions/{line.pk}/"
        sign_in(bob).post(url, typed(version=1, description="Par Bob"))
        response = as_alice.post(url, typed(version=1, description="Par Alice"))
        page = response.content.decode()
        assert response.status_code == 409
        assert "Par Bob" in page
        assert 'value="Par Alice"' in page
        line.refresh_from_db()
        assert line.description == "Par Bob"
        # Having seen it, saving again replaces it.
        assert as_alice.post(url, typed(version=2, description="Par Alice")).status_code == 302

    def test_saving_what_was_deleted_meanwhile_is_not_found(
        self, as_alice: Client, line: Transaction
    ) -> None:
        url = f"/h/alice/transactions/{line.pk}/"
        Transaction.objects.filter(pk=line.pk).delete()
        assert as_alice.post(url, typed(version=1)).status_code == 404

    @pytest.mark.parametrize("version", ["", "0", "x", "9" * 30])
    def test_a_form_without_its_version_overwrites_nothing(
        self, as_alice: Client, line: Transaction, version: str
    ) -> None:
        response = as_alice.post(f"/h/alice/transactions/{line.pk}/", typed(version=version))
        assert response.status_code in {409, 422}
        line.refresh_from_db()
        assert line.description == "Cadeau"

    def test_a_duplicate_is_a_new_line_of_today(
        self, as_alice: Client, line: Transaction, today: dt.date
    ) -> None:
        page = as_alice.get(f"{ADD}?like={line.pk}").content.decode()
        assert 'value="Cadeau"' in page
        assert 'value="2026-11-21"' in page
        assert 'name="version" value' not in page

    @pytest.mark.parametrize("like", ["x", "-1", "9" * 40, "٣"])
    def test_duplicating_what_is_not_there_opens_an_empty_form(
        self, as_alice: Client, like: str
    ) -> None:
        assert as_alice.get(f"{ADD}?like={like}").status_code == 200

    @pytest.mark.parametrize("pk", ["0", "999999999999999999", "9" * 30, "-1", "x"])
    def test_an_unknown_line_is_not_found(self, as_alice: Client, pk: str) -> None:
        assert as_alice.get(f"/h/alice/transactions/{pk}/").status_code == 404


class TestDelete:
    @pytest.fixture
    def line(self, scope: Household) -> Transaction:
        return spend(10, dt.date(2026, 11, 20), category("Autre"), "Cadeau", note="pour Léa")

    def delete(self, client: Client, line: Transaction, htmx: dict[str, str]) -> str:
        response = client.post(f"/h/alice/transactions/{line.pk}/delete/", headers=htmx)
        assert response.status_code == 200
        page = response.content.decode()
        return page.partition('name="token" value="')[2].partition('"')[0]

    def test_a_deleted_line_comes_back_whole(
        self, as_alice: Client, line: Transaction, htmx: dict[str, str]
    ) -> None:
        token = self.delete(as_alice, line, htmx)
        assert not Transaction.objects.exists()
        as_alice.post("/h/alice/transactions/restore/", {"token": token}, headers=htmx)
        back = Transaction.objects.get()
        assert (back.pk, back.amount, back.date, back.category, back.description, back.note) == (
            line.pk, line.amount, line.date, line.category, line.description, line.note,
        )  # fmt: skip

    def test_undoing_twice_brings_one_line_back(
        self, as_alice: Client, line: Transaction, htmx: dict[str, str]
    ) -> None:
        token = self.delete(as_alice, line, htmx)
        for _ in range(2):
            response = as_alice.post(
                "/h/alice/transactions/restore/", {"token": token}, headers=htmx
            )
            assert response.status_code == 200
        assert Transaction.objects.count() == 1

    @pytest.mark.parametrize("token", ["", "x", "a:b:c"])
    def test_a_forged_token_brings_nothing(
        self, as_alice: Client, household: Household, token: str
    ) -> None:
        response = as_alice.post("/h/alice/transactions/restore/", {"token": token})
        assert response.status_code == 409
        assert lines(household) == []

    def test_a_token_of_another_household_brings_nothing(
        self, as_alice: Client, sign_in: SignIn, charlie: User, line: Transaction,
        htmx: dict[str, str],
    ) -> None:  # fmt: skip
        token = self.delete(as_alice, line, htmx)
        response = sign_in(charlie).post("/h/charlie/transactions/restore/", {"token": token})
        assert response.status_code == 409
        with household_scope(Household.objects.get(slug="charlie")):
            assert not Transaction.objects.exists()

    def test_without_scripts_a_page_asks_first(self, as_alice: Client, line: Transaction) -> None:
        page = as_alice.get(f"/h/alice/transactions/{line.pk}/delete/").content.decode()
        assert "Cadeau" in page
        response = as_alice.post(f"/h/alice/transactions/{line.pk}/delete/", follow=True)
        assert "Annuler" in response.content.decode()


class TestLanding:
    @pytest.fixture
    def food(self, scope: Household, today: dt.date) -> Category:
        food = category("Alimentation")
        food.monthly_limit = Decimal(400)
        food.save()
        spend("337.46", dt.date(2026, 11, 3), food)
        return food

    def landing(self, client: Client, food: Category, **query: str | int) -> str:
        asked: dict[str, str | int] = {
            "kind": "expense", "category": food.pk, "amount": "45,90", "date": "2026-11-21",
        }  # fmt: skip
        return shown(client.get("/h/alice/transactions/landing/", asked | query))

    def test_it_shows_where_the_limit_will_be(self, as_alice: Client, food: Category) -> None:
        page = self.landing(as_alice, food)
        assert "96 %" in page
        assert "383,36 € sur 400,00 €" in page
        assert "2026" not in page

    def test_a_line_of_another_month_is_measured_against_that_month(
        self, as_alice: Client, food: Category
    ) -> None:
        spend(100, dt.date(2026, 10, 31), food)
        page = self.landing(as_alice, food, date="2026-10-02")
        assert "145,90 € sur 400,00 €" in page
        assert "octobre 2026" in page

    def test_the_month_is_the_household_s(self, as_alice: Client, food: Category) -> None:
        home = active_household()
        home.month_start_day = 25
        home.save()
        assert "45,90 € sur" in self.landing(as_alice, food, date="2026-11-26")
        assert "383,36 € sur" in self.landing(as_alice, food, date="2026-10-26")

    def test_the_line_that_is_edited_counts_once(self, as_alice: Client, food: Category) -> None:
        line = spend(40, dt.date(2026, 11, 9), food)
        assert "383,36 € sur" in self.landing(as_alice, food, line=line.pk)
        # In another month, or out of another category, there is nothing to leave out.
        assert "45,90 € sur" in self.landing(as_alice, food, line=line.pk, date="2026-10-09")
        other = spend(40, dt.date(2026, 11, 9))
        assert "423,36 € sur" in self.landing(as_alice, food, line=other.pk)

    def test_a_refund_that_becomes_an_expense_no_longer_lowers_what_was_spent(
        self, as_alice: Client, food: Category
    ) -> None:
        line = earn(20, dt.date(2026, 11, 9), food)
        assert "383,36 € sur" in self.landing(as_alice, food, line=line.pk)

    def test_a_line_of_another_household_changes_nothing(
        self, as_alice: Client, food: Category, charlie: User
    ) -> None:
        with household_scope(Household.objects.get(slug="charlie")):
            theirs = spend(40, dt.date(2026, 11, 9), category("Alimentation"))
        assert "383,36 € sur" in self.landing(as_alice, food, line=theirs.pk)

    @pytest.mark.parametrize("line", ["", "x", "-1", "0", "9" * 40, "٣"])
    def test_a_line_that_is_none_changes_nothing(
        self, as_alice: Client, food: Category, line: str
    ) -> None:
        assert "383,36 € sur" in self.landing(as_alice, food, line=line)

    @pytest.mark.parametrize(
        "unknown",
        [
            {"amount": "x"},
            {"amount": ""},
            {"category": ""},
            {"category": "abc"},
            {"category": "9" * 30},
            {"date": ""},
            {"date": "31/02/2026"},
            {"date": "99999-01-01"},
            {"date": "1899-12-31"},
            {"kind": "income"},
            {"kind": ""},
        ],
    )
    def test_it_is_silent_about_what_it_cannot_know(
        self, as_alice: Client, food: Category, unknown: dict[str, str]
    ) -> None:
        assert self.landing(as_alice, food, **unknown) == ""

    def test_the_form_tells_it_the_line_and_the_date(
        self, as_alice: Client, food: Category
    ) -> None:
        line = spend(40, dt.date(2026, 11, 9), food)
        page = shown(as_alice.get(f"/h/alice/transactions/{line.pk}/"))
        assert f'hx-get="/h/alice/transactions/landing/?line={line.pk}"' in page
        assert 'hx-params="amount,category,date,kind"' in page


def test_a_category_retired_while_the_form_was_read_takes_no_line(scope: Household) -> None:
    retired = category("Autre")
    type(retired).objects.filter(pk=retired.pk).update(retired_at=timezone.now())
    with pytest.raises(GoneMeanwhile):
        spend(1, dt.date(2026, 11, 1), retired)
    line = spend(1, dt.date(2026, 11, 1))
    with pytest.raises(GoneMeanwhile):
        transaction_update(
            line=line,
            version=1,
            kind=Kind.EXPENSE,
            amount=Decimal(1),
            date=line.date,
            category=retired,
            description="",
            note="",
        )


class TestALineWhoseCategoryWasDeleted:
    """Its month was closed then, and has been reopened since."""

    @pytest.fixture
    def gone(self, scope: Household) -> Transaction:
        food = category("Alimentation")
        line = spend(12, dt.date(2026, 10, 5), food)
        Category.objects.filter(pk=food.pk).update(retired_at=timezone.now(), name="Bouffe")
        return line

    def test_the_form_names_it_and_asks_for_another(
        self, as_alice: Client, gone: Transaction
    ) -> None:
        url = f"/h/alice/transactions/{gone.pk}/"
        assert "« Bouffe » a été supprimée." in shown(as_alice.get(url))
        data = typed(version=1)
        data.pop("category", None)
        response = as_alice.post(url, data)
        assert response.status_code == 422
        assert "« Bouffe » a été supprimée." in shown(response)
        gone.refresh_from_db()
        assert gone.category is not None

    def test_none_is_an_answer(self, as_alice: Client, gone: Transaction) -> None:
        url = f"/h/alice/transactions/{gone.pk}/"
        assert as_alice.post(url, typed(version=1) | {"category": ""}).status_code == 302
        gone.refresh_from_db()
        assert gone.category is None
        assert not Category.objects.filter(name="Bouffe").exists()
