"""Adding and changing a line through the form, and what people and browsers may send to it."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.utils import timezone

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.guards import ChangedMeanwhile, GoneMeanwhile
from budget.core.tenancy import active_household, household_scope
from budget.people.models import Person
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.services import (
    transaction_create,
    transaction_update,
)
from budget.users.models import Household, User
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn
from tests.ledger import book, bucket, category, earn, person, spend, wallet

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


def field(page: str, name: str) -> str:
    """The markup of a select, or nothing where the form has none of that name."""
    return page.partition(f'<select name="{name}"')[2].partition("</select>")[0]


def selected(page: str, name: str) -> str:
    """What stands chosen in a select."""
    found = re.search(r'<option value="([^"]*)" selected', field(page, name))
    return found.group(1) if found else "(nothing)"


def tabs(page: str) -> list[str]:
    return re.findall(r'<input type="radio" name="kind" value="([^"]*)"', page)


def on_tab(page: str) -> str:
    radios = re.findall(r'<input type="radio" name="kind"[^>]*checked[^>]*>', page)
    return "".join(re.findall(r'value="([^"]*)"', "".join(radios)))


class TestWhatAHouseholdUses:
    def test_one_wallet_and_nothing_else_leaves_the_form_as_it_was(self, as_alice: Client) -> None:
        page = as_alice.get(ADD).content.decode()
        assert tabs(page) == ["expense", "income"]
        assert "<select" not in page
        assert 'name="spread"' not in page

    @pytest.mark.parametrize("kind", ["transfer", "lend"])
    def test_a_link_to_what_it_has_no_use_for_opens_an_expense(
        self, as_alice: Client, kind: str
    ) -> None:
        page = as_alice.get(f"{ADD}?kind={kind}").content.decode()
        assert tabs(page) == ["expense", "income"]
        assert on_tab(page) == "expense"

    def test_a_second_wallet_brings_the_wallet_and_the_transfer(
        self, as_alice: Client, scope: Household
    ) -> None:
        wallet("Livret")
        page = as_alice.get(ADD).content.decode()
        assert tabs(page) == ["expense", "income", "transfer"]
        assert "Livret" in field(page, "wallet")
        assert field(page, "bucket") == field(page, "person") == ""

    def test_an_envelope_brings_itself_and_the_transfer(
        self, as_alice: Client, scope: Household
    ) -> None:
        bucket("Plaisir")
        page = as_alice.get(ADD).content.decode()
        assert tabs(page) == ["expense", "income", "transfer"]
        assert selected(page, "bucket") == ""
        assert field(page, "wallet") == field(page, "to_wallet") == ""

    def test_a_person_brings_the_loan(self, as_alice: Client, scope: Household) -> None:
        person("Léa")
        page = as_alice.get(ADD).content.decode()
        assert tabs(page) == ["expense", "income", "loan"]
        assert "Léa" in field(page, "person")

    def test_what_is_closed_or_removed_is_not_offered(
        self, as_alice: Client, scope: Household
    ) -> None:
        close(wallet("Livret"), bucket("Plaisir"))
        remove(person("Léa"))
        page = as_alice.get(ADD).content.decode()
        assert tabs(page) == ["expense", "income"]
        assert "<select" not in page

    def test_what_another_household_has_is_not_offered(
        self, as_alice: Client, household: Household, charlie: User
    ) -> None:
        with household_scope(Household.objects.get(slug="charlie")):
            wallet("Livret"), bucket("Plaisir"), person("Léa")
        assert "<select" not in as_alice.get(ADD).content.decode()


def close(*holders: Wallet | Bucket) -> None:
    for holder in holders:
        holder.closed_at = timezone.now()
        if isinstance(holder, Bucket):
            holder.share = 0
        holder.save()


def remove(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(removed_at=timezone.now())


@pytest.fixture
def everything(scope: Household) -> Household:
    """Two wallets more, two envelopes that share an income by halves, and a person."""
    wallet("Livret"), wallet("Espèces"), bucket("Nécessaire", 50), bucket("Plaisir", 50), person()
    return scope


@pytest.mark.usefixtures("everything")
class TestSides:
    def test_the_last_wallet_stands_chosen_the_next_time(self, as_alice: Client) -> None:
        cash = wallet("Espèces")
        as_alice.post(ADD, typed(wallet=cash.pk))
        assert Transaction.objects.get().wallet == cash
        assert selected(as_alice.get(ADD).content.decode(), "wallet") == str(cash.pk)

    def test_a_remembered_wallet_that_was_closed_gives_way_to_the_first(
        self, as_alice: Client
    ) -> None:
        cash = wallet("Espèces")
        as_alice.post(ADD, typed(wallet=cash.pk))
        Transaction.objects.all().delete()
        close(cash)
        page = as_alice.get(ADD).content.decode()
        assert selected(page, "wallet") == str(first_wallet().pk)

    def test_save_and_add_another_keeps_kind_and_wallets(
        self, as_alice: Client, htmx: dict[str, str]
    ) -> None:
        here, there = wallet("Livret"), wallet("Espèces")
        sent = transfer(from_wallet=here.pk, to_wallet=there.pk, again="1")
        page = as_alice.post(ADD, sent, headers=htmx).content.decode()
        assert on_tab(page) == "transfer"
        assert selected(page, "from_wallet") == str(here.pk)
        assert selected(page, "to_wallet") == str(there.pk)

    def test_a_category_suggests_its_own_envelope(self, as_alice: Client) -> None:
        food, needed = category("Alimentation"), bucket("Nécessaire")
        type(food).objects.filter(pk=food.pk).update(bucket=needed)
        page = as_alice.get(f"{ADD}?category={food.pk}").content.decode()
        assert selected(page, "bucket") == str(needed.pk)
        assert f'data-bucket="{needed.pk}"' in page
        assert 'data-suggest="bucket"' in page
        spent = as_alice.get(f"{ADD}?category={food.pk}&bucket={bucket('Plaisir').pk}")
        assert 'data-suggest="bucket"' not in spent.content.decode()

    def test_an_expense_says_where_what_for_and_whom(self, as_alice: Client) -> None:
        cash, fun, lea = wallet("Espèces"), bucket("Plaisir"), person()
        as_alice.post(ADD, typed(wallet=cash.pk, bucket=fun.pk, person=lea.pk))
        line = Transaction.objects.get()
        assert (line.wallet, line.bucket, line.person) == (cash, fun, lea)

    def test_links_prefill_a_loan_and_a_transfer(self, as_alice: Client) -> None:
        here, there, fun, lea = wallet("Livret"), wallet("Espèces"), bucket("Plaisir"), person()
        loan = as_alice.get(f"{ADD}?kind=collect&person={lea.pk}").content.decode()
        assert on_tab(loan) == "loan"
        assert selected(loan, "person") == str(lea.pk)
        assert re.search(r'name="loan" value="collect"[^>]*checked', loan)
        moved = as_alice.get(f"{ADD}?kind=transfer&wallet={here.pk}&to_wallet={there.pk}")
        page = moved.content.decode()
        assert selected(page, "from_wallet") == str(here.pk)
        assert selected(page, "to_wallet") == str(there.pk)
        page = as_alice.get(f"{ADD}?kind=transfer&to_bucket={fun.pk}").content.decode()
        assert selected(page, "to_bucket") == str(fun.pk)
        assert selected(page, "from_bucket") == selected(page, "from_wallet") == ""

    @pytest.mark.parametrize("query", ["kind=garbage", "kind=", "kind=LEND", "kind=loan"])
    def test_a_link_that_says_nonsense_opens_a_form(self, as_alice: Client, query: str) -> None:
        page = as_alice.get(f"{ADD}?{query}&wallet=x&bucket=-1&person=%00&to_wallet=9999999999")
        assert on_tab(page.content.decode()) in {"expense", "loan"}

    def test_what_the_tab_does_not_use_is_left_aside_and_comes_back(
        self, as_alice: Client, htmx: dict[str, str]
    ) -> None:
        other = {"from_wallet": "x", "to_bucket": bucket("Plaisir").pk, "loan": "x"}
        refused = as_alice.post(ADD, typed(amount="", wallet=first_wallet().pk, **other))
        assert selected(refused.content.decode(), "to_bucket") == str(bucket("Plaisir").pk)
        as_alice.post(ADD, typed(wallet=first_wallet().pk, **other))
        line = Transaction.objects.get()
        assert (line.kind, line.to_bucket) == (Kind.EXPENSE, None)

    def test_a_loan_needs_its_person(self, as_alice: Client) -> None:
        sent = typed(kind="loan", loan="lend", wallet=first_wallet().pk)
        response = as_alice.post(ADD, sent)
        assert response.status_code == 422
        assert "Choisissez une personne." in response.content.decode()
        food = category("Alimentation").pk
        as_alice.post(ADD, sent | {"person": person().pk, "category": food})
        line = Transaction.objects.get()
        assert (line.kind, line.person, line.category) == (Kind.LEND, person(), None)

    @pytest.mark.parametrize("field", ["wallet", "bucket", "person"])
    @pytest.mark.parametrize("value", ["x", "-1", "9" * 40, "\0", "٣", "theirs"])
    def test_a_row_that_is_not_offered_is_told_beside_its_field(
        self, as_alice: Client, charlie: User, household: Household, field: str, value: str
    ) -> None:
        if value == "theirs":
            with household_scope(Household.objects.get(slug="charlie")):
                name = "Chez Charlie"
                rows = {"wallet": wallet(name), "bucket": bucket(name), "person": person(name)}
            value = str(rows[field].pk)
        sent = typed(wallet=first_wallet().pk) | {field: value}
        response = as_alice.post(ADD, sent)
        page = response.content.decode()
        assert response.status_code == 422
        assert "entre-temps" in page
        assert 'value="Marché"' in page
        assert selected(page, field) in {"(nothing)", ""}
        assert "Chez Charlie" not in page
        assert lines(household) == []

    def test_what_closes_while_the_form_is_open_is_told_and_the_rest_is_kept(
        self, as_alice: Client
    ) -> None:
        chosen = {"wallet": wallet("Livret"), "bucket": bucket("Plaisir"), "person": person()}
        sent = typed(**{name: row.pk for name, row in chosen.items()})
        close(wallet("Livret"), wallet("Espèces"), bucket("Plaisir"), bucket("Nécessaire"))
        remove(person())
        response = as_alice.post(ADD, sent)
        page = response.content.decode()
        assert response.status_code == 422
        for message in ("Ce portefeuille a été clos", "Cette enveloppe", "Cette personne"):
            assert message in page
        assert 'value="Marché"' in page
        # The next press does not book it where nobody said.
        assert field(page, "wallet").count("<option") == 2
        assert selected(page, "wallet") in {"(nothing)", ""}

    def test_a_wallet_that_closes_at_the_last_moment_is_told(
        self, as_alice: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(**_: object) -> None:
            raise GoneMeanwhile

        monkeypatch.setattr("budget.transactions.views.transaction_create", gone)
        response = as_alice.post(ADD, typed(wallet=wallet("Livret").pk))
        assert response.status_code == 409
        assert 'value="Marché"' in response.content.decode()

    def test_an_edited_line_keeps_what_was_closed_since(self, as_alice: Client) -> None:
        cash, fun, lea = wallet("Espèces"), bucket("Plaisir"), person()
        line = book(
            Kind.EXPENSE, 10, dt.date(2026, 11, 20), wallet=cash, bucket=fun, person=lea,
            description="Cadeau",
        )  # fmt: skip
        book(Kind.INCOME, 10, dt.date(2026, 11, 20), wallet=cash, bucket=fun)
        close(cash, fun)
        remove(lea)
        address = f"/h/alice/transactions/{line.pk}/"
        page = as_alice.get(address).content.decode()
        for name, row, label in (
            ("wallet", cash, "Espèces (clos)"),
            ("bucket", fun, "Plaisir (close)"),
            ("person", lea, "Léa (retirée)"),
        ):
            assert selected(page, name) == str(row.pk)
            assert label in field(page, name)
        kept = {"wallet": cash.pk, "bucket": fun.pk, "person": lea.pk, "version": 1}
        response = as_alice.post(address, typed(amount="10", date="2026-11-20", **kept))
        assert response.status_code == 302
        line.refresh_from_db()
        assert (line.description, line.wallet, line.person) == ("Marché", cash, lea)
        moved = as_alice.post(address, typed(amount="11", **(kept | {"version": 2})))
        assert moved.status_code == 409
        assert "est clos" in moved.content.decode()


def transfer(**changes: object) -> dict[str, object]:
    return typed(kind="transfer", **changes)


@pytest.mark.usefixtures("everything")
class TestTransfer:
    def test_it_moves_between_wallets(self, as_alice: Client) -> None:
        here, there = wallet("Livret"), wallet("Espèces")
        as_alice.post(ADD, transfer(from_wallet=here.pk, to_wallet=there.pk))
        line = Transaction.objects.get()
        assert (line.kind, line.wallet, line.to_wallet) == (Kind.TRANSFER, here, there)
        assert (line.bucket, line.to_bucket, line.category) == (None, None, None)

    def test_it_moves_between_envelopes_and_what_is_unassigned(self, as_alice: Client) -> None:
        fun = bucket("Plaisir")
        as_alice.post(ADD, transfer(from_bucket=fun.pk))
        line = Transaction.objects.get()
        assert (line.bucket, line.to_bucket, line.wallet, line.to_wallet) == (fun, None, None, None)

    def test_it_moves_both(self, as_alice: Client) -> None:
        here, there = wallet("Livret"), wallet("Espèces")
        fun = bucket("Plaisir")
        sent = transfer(from_wallet=here.pk, to_wallet=there.pk, to_bucket=fun.pk)
        as_alice.post(ADD, sent)
        line = Transaction.objects.get()
        assert (line.wallet, line.to_wallet, line.to_bucket) == (here, there, fun)

    @pytest.mark.parametrize(
        ("sides", "where", "message"),
        [
            ({}, "to_wallet", "d’où part l’argent"),
            ({"from_wallet": "Livret"}, "to_wallet", "où va l’argent"),
            ({"to_wallet": "Livret"}, "from_wallet", "d’où part l’argent"),
            ({"from_wallet": "Livret", "to_wallet": "Livret"}, "to_wallet", "un autre"),
            ({"from_bucket": "Plaisir", "to_bucket": "Plaisir"}, "to_bucket", "une autre"),
            (
                {"from_wallet": "Livret", "to_wallet": "Espèces", "from_bucket": "Plaisir",
                 "to_bucket": "Plaisir"}, "to_bucket", "une autre",
            ),
        ],
    )  # fmt: skip
    def test_from_and_to_differ_or_it_is_told_beside_the_field(
        self, as_alice: Client, household: Household, sides: dict[str, str], where: str,
        message: str,
    ) -> None:  # fmt: skip
        rows = {
            name: (wallet if name.endswith("wallet") else bucket)(row).pk
            for name, row in sides.items()
        }
        response = as_alice.post(ADD, transfer(**rows))
        page = response.content.decode()
        assert response.status_code == 422
        assert message in page.partition(f'id="id_{where}_error"')[2].partition("</div>")[0]
        assert 'value="45,90"' in page
        for name, pk in rows.items():
            assert selected(page, name) == str(pk)
        assert lines(household) == []

    def test_two_wallets_and_no_envelope_leave_only_the_amount_to_say(
        self, as_alice: Client
    ) -> None:
        close(wallet("Espèces"), bucket("Plaisir"), bucket("Nécessaire"))
        page = as_alice.get(f"{ADD}?kind=transfer&to_wallet={first_wallet().pk}").content.decode()
        assert selected(page, "from_wallet") == str(wallet("Livret").pk)
        assert selected(page, "to_wallet") == str(first_wallet().pk)

    def test_a_transfer_becomes_an_expense_and_back(self, as_alice: Client) -> None:
        here, there = wallet("Livret"), wallet("Espèces")
        line = book(
            Kind.TRANSFER, 10, dt.date(2026, 11, 20), wallet=here, to_wallet=there,
            to_bucket=bucket("Plaisir"),
        )  # fmt: skip
        address = f"/h/alice/transactions/{line.pk}/"
        page = as_alice.get(address).content.decode()
        assert on_tab(page) == "transfer"
        assert selected(page, "to_bucket") == str(bucket("Plaisir").pk)
        assert as_alice.post(address, typed(version=1, wallet=here.pk)).status_code == 302
        line.refresh_from_db()
        assert (line.kind, line.to_wallet, line.to_bucket) == (Kind.EXPENSE, None, None)
        sent = transfer(version=2, from_bucket=bucket("Plaisir").pk)
        assert as_alice.post(address, sent).status_code == 302
        line.refresh_from_db()
        assert (line.kind, line.wallet) == (Kind.TRANSFER, None)

    def test_the_confirmation_of_its_deletion_says_how_much(self, as_alice: Client) -> None:
        line = book(Kind.TRANSFER, 10, dt.date(2026, 11, 20), to_bucket=bucket("Plaisir"))
        assert "10,00" in shown(as_alice.get(f"/h/alice/transactions/{line.pk}/delete/"))


def income(**changes: object) -> dict[str, object]:
    return typed(**{"kind": "income", "amount": "100,05", "spread": "on", **changes})


def parts_of(line: Transaction) -> dict[str, tuple[int, str]]:
    """An income's parts: the weight and the amount of each envelope."""
    parts = line.allotments.select_related("bucket").order_by("pk")
    return {part.bucket.name: (part.weight, str(part.amount)) for part in parts}


def typed_parts(page: str) -> list[str]:
    return re.findall(r'name="part_\d+" value="([^"]*)"', page)


PARTS = "/h/alice/transactions/parts/"


def parts_page(client: Client, sent: dict[str, object], line: str = "") -> str:
    """What the page shows of an income's parts while this is being typed."""
    query = urlencode({**sent, "line": line})
    response = client.get(f"{PARTS}?{query}", headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


class TestSpread:
    @pytest.fixture(autouse=True)
    def envelopes(self, scope: Household) -> list[Bucket]:
        return [bucket("Épargne", 20), bucket("Nécessaire", 50), bucket("Plaisir", 30)]

    def adjusted(self, *amounts: str, **changes: object) -> dict[str, object]:
        buckets = Bucket.objects.all()
        parts = {f"part_{row.pk}": part for row, part in zip(buckets, amounts, strict=True)}
        return income(**parts, **changes)

    def test_it_is_offered_at_exactly_100_percent(self, as_alice: Client) -> None:
        assert 'name="spread"' in as_alice.get(ADD).content.decode()
        Bucket.objects.filter(name="Plaisir").update(share=29)
        assert 'name="spread"' not in as_alice.get(ADD).content.decode()

    def test_the_box_alone_spreads_by_the_shares(self, as_alice: Client) -> None:
        as_alice.post(ADD, income(bucket=bucket("Plaisir").pk))
        line = Transaction.objects.get()
        assert line.bucket is None
        assert parts_of(line) == {
            "Épargne": (20, "20.01"), "Nécessaire": (50, "50.03"), "Plaisir": (30, "30.01"),
        }  # fmt: skip

    def test_without_the_box_nothing_is_spread(self, as_alice: Client) -> None:
        sent = self.adjusted("1", "2", "3", bucket=bucket("Plaisir").pk)
        del sent["spread"]
        as_alice.post(ADD, sent)
        line = Transaction.objects.get()
        assert parts_of(line) == {}
        assert line.bucket == bucket("Plaisir")

    def test_the_parts_are_shown_as_the_amount_is_typed(self, as_alice: Client) -> None:
        page = parts_page(as_alice, income())
        assert typed_parts(page) == ["20,01", "50,03", "30,01"]
        assert "20\xa0%" in page
        # What is shown is sent along: it follows the amount until somebody touches it.
        sent = self.adjusted("20,01", "50,03", "30,01", spread_of="100,05") | {"amount": "10"}
        page = parts_page(as_alice, sent)
        assert typed_parts(page) == ["2", "5", "3"]

    def test_parts_adjusted_by_hand_stay_and_what_is_left_is_said(self, as_alice: Client) -> None:
        sent = self.adjusted("30,01", "50,03", "30,01", spread_of="100,05")
        page = parts_page(as_alice, sent)
        assert typed_parts(page) == ["30,01", "50,03", "30,01"]
        assert "dépassent le montant de 10,00\xa0€" in page
        page = parts_page(as_alice, sent | {"amount": "120"})
        assert typed_parts(page) == ["30,01", "50,03", "30,01"]
        assert "Il reste 9,95\xa0€ à répartir" in page

    @pytest.mark.parametrize("amount", ["", "abc", "-1", "0"])
    def test_without_an_amount_there_are_no_parts(self, as_alice: Client, amount: str) -> None:
        assert typed_parts(parts_page(as_alice, income(amount=amount))) == []

    def test_an_amount_typed_faster_than_the_page_answers_is_spread_by_the_shares(
        self, as_alice: Client
    ) -> None:
        sent = self.adjusted("20,01", "50,03", "30,01", spread_of="100,05") | {"amount": "200"}
        as_alice.post(ADD, sent)
        assert parts_of(Transaction.objects.get()) == {
            "Épargne": (20, "40.00"), "Nécessaire": (50, "100.00"), "Plaisir": (30, "60.00"),
        }  # fmt: skip

    def test_adjusted_parts_are_kept_to_the_cent(self, as_alice: Client) -> None:
        as_alice.post(ADD, self.adjusted("0", "70,04", "30,01", spread_of="100,05"))
        assert parts_of(Transaction.objects.get()) == {
            "Épargne": (0, "0.00"), "Nécessaire": (7004, "70.04"), "Plaisir": (3001, "30.01"),
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("parts", "message"),
        [
            (("20,01", "50,03", "30,00"), "Il reste 0,01\xa0€ à répartir"),
            (("20,01", "50,03", "30,02"), "dépassent le montant de 0,01\xa0€"),
            (("20,01", "50,03", "x"), "ne se lit pas"),
            (("20,01", "80,04", "-30"), "négatif"),
            (("20,01", "50,03", "30,005"), "deux décimales"),
            (("1", "", ""), "Il reste 99,05\xa0€ à répartir"),
        ],
    )
    def test_parts_that_do_not_make_the_amount_are_told_and_kept(
        self, as_alice: Client, household: Household, parts: tuple[str, ...], message: str
    ) -> None:
        response = as_alice.post(ADD, self.adjusted(*parts, spread_of="100,05"))
        page = response.content.decode()
        assert response.status_code == 422
        assert message in page
        for part in filter(None, parts):
            assert f'value="{part}"' in page
        assert lines(household) == []

    def test_shares_that_change_under_the_form_are_told(
        self, as_alice: Client, household: Household
    ) -> None:
        Bucket.objects.filter(name="Plaisir").update(share=29)
        response = as_alice.post(ADD, self.adjusted("20,01", "50,03", "30,01"))
        assert response.status_code == 422
        assert "ne font plus 100\xa0%" in response.content.decode()
        assert lines(household) == []

    def test_a_spread_income_shows_its_parts_and_is_spread_anew_by_its_own_shares(
        self, as_alice: Client
    ) -> None:
        as_alice.post(ADD, income())
        line = Transaction.objects.get()
        Bucket.objects.filter(name="Nécessaire").update(share=10)
        address = f"/h/alice/transactions/{line.pk}/"
        page = as_alice.get(address).content.decode()
        assert typed_parts(page) == ["20,01", "50,03", "30,01"]
        sent = self.adjusted("20,01", "50,03", "30,01", spread_of="100,05", version=1)
        as_alice.post(address, sent | {"description": "Paie"})
        assert parts_of(line)["Nécessaire"] == (50, "50.03")
        as_alice.post(address, sent | {"amount": "0,01", "version": 2})
        assert parts_of(line) == {
            "Épargne": (20, "0.00"), "Nécessaire": (50, "0.01"), "Plaisir": (30, "0.00"),
        }  # fmt: skip

    def test_money_in_an_envelope_that_was_closed_since_stays_where_it_is(
        self, as_alice: Client
    ) -> None:
        as_alice.post(ADD, income())
        line, fun = Transaction.objects.get(), bucket("Plaisir")
        book(Kind.EXPENSE, "30.01", dt.date(2026, 11, 20), bucket=fun)
        close(fun)
        address = f"/h/alice/transactions/{line.pk}/"
        assert typed_parts(as_alice.get(address).content.decode()) == ["20,01", "50,03", "30,01"]
        sent = self.adjusted("20,01", "50,03", "30,01", spread_of="100,05", version=1)
        assert as_alice.post(address, sent | {"description": "Paie"}).status_code == 302
        response = as_alice.post(address, sent | {"amount": "200", "version": 2})
        assert response.status_code == 409
        assert "«\xa0Plaisir\xa0» est clos" in response.content.decode()
        line.refresh_from_db()
        assert (line.description, line.amount) == ("Paie", Decimal("100.05"))

    def test_an_income_adjusted_by_hand_keeps_its_proportions(self, as_alice: Client) -> None:
        as_alice.post(ADD, self.adjusted("0", "70,04", "30,01"))
        line = Transaction.objects.get()
        page = as_alice.get(f"/h/alice/transactions/{line.pk}/").content.decode()
        assert typed_parts(page) == ["0", "70,04", "30,01"]
        sent = self.adjusted("0", "70,04", "30,01", spread_of="100,05", version=1)
        as_alice.post(f"/h/alice/transactions/{line.pk}/", sent | {"amount": "200,10"})
        assert parts_of(line) == {
            "Épargne": (0, "0.00"), "Nécessaire": (7004, "140.08"), "Plaisir": (3001, "60.02"),
        }  # fmt: skip

    def test_an_income_is_no_longer_spread_once_the_box_is_empty(self, as_alice: Client) -> None:
        as_alice.post(ADD, income())
        line = Transaction.objects.get()
        as_alice.post(f"/h/alice/transactions/{line.pk}/", typed(kind="income", version=1))
        assert parts_of(line) == {}

    def test_the_next_income_is_spread_if_the_last_was(self, as_alice: Client) -> None:
        box = re.compile(r'name="spread"[^>]*checked')
        assert not box.search(as_alice.get(ADD).content.decode())
        as_alice.post(ADD, income())
        assert box.search(as_alice.get(ADD).content.decode())

    def test_the_copy_of_a_spread_income_shows_its_parts_by_the_shares_of_today(
        self, as_alice: Client
    ) -> None:
        as_alice.post(ADD, self.adjusted("0", "70,04", "30,01"))
        page = as_alice.get(f"{ADD}?like={Transaction.objects.get().pk}").content.decode()
        assert typed_parts(page) == ["20,01", "50,03", "30,01"]

    @pytest.mark.parametrize("line", ["", "x", "٣", "9" * 40])
    def test_parts_of_a_line_that_is_not_there_are_those_of_a_new_one(
        self, as_alice: Client, line: str
    ) -> None:
        assert typed_parts(parts_page(as_alice, income(amount="10"), line)) == ["2", "5", "3"]


class TestReconciled:
    @pytest.fixture
    def line(self, scope: Household) -> Transaction:
        line = spend(10, dt.date(2026, 11, 20), category("Autre"), "Cadeau")
        sealed = Reconciliation.objects.create(
            wallet=line.wallet, date=line.date, balance=Decimal(-10)
        )
        line.pointed, line.reconciliation = True, sealed
        line.save()
        return line

    def test_it_changes_only_once_that_is_confirmed(
        self, as_alice: Client, line: Transaction
    ) -> None:
        address = f"/h/alice/transactions/{line.pk}/"
        assert 'name="confirmed"' in as_alice.get(address).content.decode()
        response = as_alice.post(address, typed(version=1))
        page = response.content.decode()
        assert response.status_code == 422
        assert "Cette ligne est rapprochée. Confirmez" in page
        assert 'value="Marché"' in page
        line.refresh_from_db()
        assert line.description == "Cadeau"
        assert as_alice.post(address, typed(version=1, confirmed="on")).status_code == 302
        line.refresh_from_db()
        assert (line.description, line.reconciled) == ("Marché", False)

    def test_any_other_line_is_not_asked_about(self, as_alice: Client, scope: Household) -> None:
        line = spend(5, dt.date(2026, 11, 20))
        address = f"/h/alice/transactions/{line.pk}/"
        assert 'name="confirmed"' not in as_alice.get(address).content.decode()
        assert 'name="confirmed"' not in as_alice.get(f"{address}delete/").content.decode()

    def test_it_goes_only_once_that_is_confirmed(self, as_alice: Client, line: Transaction) -> None:
        address = f"/h/alice/transactions/{line.pk}/delete/"
        assert 'name="confirmed"' in as_alice.get(address).content.decode()
        response = as_alice.post(address, {"asked": "1"})
        assert response.status_code == 422
        assert "Confirmez" in response.content.decode()
        assert Transaction.objects.filter(pk=line.pk).exists()
        as_alice.post(address, {"asked": "1", "confirmed": "on"})
        assert not Transaction.objects.filter(pk=line.pk).exists()

    def test_the_bin_beside_its_row_asks_in_the_dialog_first(
        self, as_alice: Client, line: Transaction, htmx: dict[str, str]
    ) -> None:
        response = as_alice.post(f"/h/alice/transactions/{line.pk}/delete/", headers=htmx)
        page = response.content.decode()
        assert response.status_code == 422
        assert response["HX-Retarget"] == "#dialog-body"
        assert response["HX-Reswap"] == "innerHTML"
        assert 'name="confirmed"' in page
        assert "fault" not in page  # nothing was left out yet
        assert Transaction.objects.filter(pk=line.pk).exists()
