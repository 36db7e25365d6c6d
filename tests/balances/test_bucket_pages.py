"""The pages of envelopes."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client

from budget.balances.check import ledger_faults
from budget.balances.closing import BucketUsed, bucket_close, bucket_delete, holder_reopen
from budget.balances.selectors import bucket_balance, bucket_balances
from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile
from budget.core.tenancy import household_scope
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import book, bucket, category, earn, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/buckets/"
SHARES = f"{LIST}shares/"
ADD = f"{LIST}add/"
NEW = {"name": "Plaisir", "colour": "#ec4899", "share": "10"}
DAY = dt.date(2026, 11, 3)


def words(client: Client, address: str) -> str:
    """What a page says, in one line, with plain spaces."""
    text = html.unescape(client.get(address).content.decode())
    return " ".join(text.replace("\u00a0", " ").split())


def page_of(bucket: Bucket, action: str = "") -> str:
    return f"{LIST}{bucket.pk}/{action}"


# The list


def test_without_envelopes_the_page_says_what_they_are_and_starts_in_one_click(
    as_alice: Client, scope: Household
) -> None:
    page = words(as_alice, LIST)
    assert "Les enveloppes disent à quoi sert votre argent" in page
    assert f'action="{LIST}start/"' in page
    as_alice.post(f"{LIST}start/")
    as_alice.post(f"{LIST}start/")
    made = [(each.name, each.share) for each in Bucket.objects.all()]
    names = ["Épargne", "Nécessaire", "Formation", "Plaisir", "Dons"]
    assert made == list(zip(names, [20, 50, 10, 10, 10], strict=True))


def test_the_list_adds_up_to_the_money_in_wallets(as_alice: Client, scope: Household) -> None:
    wallet("Livret", opening=200)
    fun, needs = bucket("Plaisir", 10), bucket("Nécessaire", 50)
    book(Kind.INCOME, 1000, DAY, spread=[(fun, 10), (needs, 90)])
    book(Kind.EXPENSE, 50, DAY, bucket=needs)
    page = words(as_alice, LIST)
    table = page[page.index("<tbody") : page.index("</table>")]
    order = ["Plaisir", "100,00 €", "Nécessaire", "850,00 €", "Non affecté", "200,00 €"]
    places = [table.index(each) for each in [*order, "Argent dans les portefeuilles", "1 150,00 €"]]
    assert places == sorted(places)
    assert "Ensemble, elles font 60 % : 40 % ne sont pas affectés." in page


def test_a_full_division_says_that_incomes_can_be_spread(
    as_alice: Client, scope: Household
) -> None:
    bucket("Plaisir", 100)
    assert "chaque revenu peut être réparti" in words(as_alice, LIST)


def test_too_little_unassigned_is_explained_and_can_be_taken_back(
    as_alice: Client, scope: Household
) -> None:
    fun = bucket("Plaisir", 10)
    book(Kind.TRANSFER, 30, DAY, to_bucket=fun)
    page = words(as_alice, LIST)
    assert "Les enveloppes promettent 30,00 € de plus" in page
    assert f"?kind=transfer&bucket={fun.pk}" in page


# Shares


def test_a_share_that_cannot_be_is_told_beside_its_field(
    as_alice: Client, scope: Household
) -> None:
    fun, needs = bucket("Plaisir", 10), bucket("Nécessaire", 50)
    for typed in ("101", "-1", "2.5", "abc", "9" * 5000, "²"):
        data = {
            f"share-{fun.pk}": typed,
            f"version-{fun.pk}": "1",
            f"share-{needs.pk}": "50",
            f"version-{needs.pk}": "1",
        }
        response = as_alice.post(SHARES, data)
        assert response.status_code == 422, typed
        form = response.context["form"]
        assert list(form.errors) == [f"share-{fun.pk}"], typed
        assert f'value="{typed}"' in response.content.decode()
    assert list(Bucket.objects.values_list("share", flat=True)) == [10, 50]


def divide(**shares: tuple[Bucket, str | int]) -> dict[str, Any]:
    return {
        key: value
        for bucket, share in shares.values()
        for key, value in (
            (f"share-{bucket.pk}", share),
            (f"version-{bucket.pk}", bucket.version),
        )
    }


def test_shares_are_divided_anew_and_what_is_left_is_said(
    as_alice: Client, scope: Household
) -> None:
    fun, needs = bucket("Plaisir", 40), bucket("Nécessaire", 60)
    response = as_alice.post(SHARES, divide(a=(fun, "60 %"), b=(needs, "")), follow=True)
    assert "40\u00a0% ne sont pas affectés" in response.content.decode()
    assert list(Bucket.objects.values_list("share", flat=True)) == [60, 0]


def test_shares_above_100_are_refused_with_the_figure(as_alice: Client, scope: Household) -> None:
    fun, needs = bucket("Plaisir", 40), bucket("Nécessaire", 60)
    data = divide(a=(fun, 60), b=(needs, 70))
    response = as_alice.post(SHARES, data)
    assert response.status_code == 422
    assert "130\u00a0%\u00a0: 30\u00a0% de trop" in response.content.decode()
    assert "30\u00a0% de trop" in as_alice.get(f"{SHARES}sum/", data).content.decode()


def test_of_two_who_divide_the_second_is_told_and_may_insist(
    as_alice: Client, scope: Household
) -> None:
    fun, needs = bucket("Plaisir", 40), bucket("Nécessaire", 60)
    mine = divide(a=(fun, 50), b=(needs, 30))
    as_alice.post(SHARES, divide(a=(fun, 70), b=(needs, 20)))
    new = bucket("Dons", 5)
    response = as_alice.post(SHARES, mine)
    page = html.unescape(response.content.decode())
    assert response.status_code == 409
    assert "Maintenant 70\u00a0%" in page
    assert 'value="50"' in page
    assert list(Bucket.objects.values_list("share", flat=True)) == [70, 20, 5]
    again = {
        name: value
        for name, value in inputs(page).items()
        if name.startswith(("share-", "version-"))
    }
    assert again[f"share-{new.pk}"] == "5"
    assert as_alice.post(SHARES, again).status_code == 302
    assert list(Bucket.objects.values_list("share", flat=True)) == [50, 30, 5]


def inputs(page: str) -> dict[str, str]:
    """What the fields of a page hold, by their names."""
    tags = [
        dict(re.findall(r'([a-z-]+)="([^"]*)"', tag)) for tag in re.findall("<input[^>]*>", page)
    ]
    return {tag["name"]: tag["value"] for tag in tags if "name" in tag and "value" in tag}


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 30])
def test_shares_sent_without_their_versions_change_nothing(
    as_alice: Client, scope: Household, version: str
) -> None:
    fun = bucket("Plaisir", 40)
    data = {f"share-{fun.pk}": "10", f"version-{fun.pk}": version}
    assert as_alice.post(SHARES, data).status_code == 409
    assert Bucket.objects.get().share == 40


def test_there_are_no_shares_to_divide_without_envelopes(
    as_alice: Client, scope: Household
) -> None:
    assert as_alice.get(SHARES)["Location"] == LIST
    response = as_alice.post(SHARES, {}, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "vient d’être supprimé ou clos" in response.content.decode()


# Adding and changing


def test_a_new_envelope_stands_in_the_list(as_alice: Client, scope: Household) -> None:
    response = as_alice.post(ADD, NEW, follow=True)
    assert "Enveloppe «\u00a0Plaisir\u00a0» ajoutée." in response.content.decode()
    assert Bucket.objects.get().share == 10


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("name", "NECESSAIRE"),
        ("share", "51"),
        ("share", "101"),
        ("share", "-1"),
        ("share", "2.5"),
        ("share", "abc"),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    as_alice: Client, scope: Household, field: str, typed: str
) -> None:
    bucket("Nécessaire", 50)
    response = as_alice.post(ADD, NEW | {field: typed})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Bucket.objects.count() == 1


def test_a_share_beyond_what_is_left_says_what_is_left(as_alice: Client, scope: Household) -> None:
    bucket("Nécessaire", 95)
    page = html.unescape(as_alice.post(ADD, NEW).content.decode())
    assert "Il reste 5\u00a0%" in page


def test_saving_over_somebody_else_s_change_is_told_and_may_be_insisted_on(
    as_alice: Client, scope: Household
) -> None:
    fun = bucket("Plaisir", 10)
    address = page_of(fun, "edit/")
    assert as_alice.post(address, NEW | {"version": "1", "share": "20"}).status_code == 302
    response = as_alice.post(address, NEW | {"version": "1", "name": "Loisirs"})
    assert response.status_code == 409
    assert "Plaisir, 20\u00a0%" in response.content.decode()
    assert as_alice.post(address, NEW | {"version": "2", "name": "Loisirs"}).status_code == 302
    assert Bucket.objects.get().name == "Loisirs"


# One envelope


def test_an_envelope_s_page_shows_what_moved_it(as_alice: Client, scope: Household) -> None:
    fun, needs = bucket("Plaisir", 10), bucket("Nécessaire", 90)
    Category.objects.filter(name="Loisirs").update(bucket=fun)
    book(Kind.INCOME, 1000, DAY, spread=[(fun, 10), (needs, 90)], description="Paie")
    book(Kind.EXPENSE, 30, DAY, bucket=fun, description="Concert")
    book(Kind.TRANSFER, 20, DAY, bucket=fun, to_bucket=needs, description="Vers le nécessaire")
    book(Kind.TRANSFER, 5, DAY, to_bucket=fun, description="Retour")
    book(Kind.EXPENSE, 7, DAY, bucket=needs, description="Ailleurs")
    page = words(as_alice, page_of(fun))
    for said in ("+100,00 €", "part de 1 000,00 €", "−30,00 €", "−20,00 €", "+5,00 €", "55,00 €"):
        assert said in page, said
    assert "Ailleurs" not in page
    assert "Enveloppe de :" in page
    assert f"/transactions/?bucket={fun.pk}" in page


def test_a_transfer_between_wallets_inside_one_envelope_moves_it_not(
    as_alice: Client, scope: Household
) -> None:
    fun = bucket("Plaisir")
    both = {"bucket": fun, "to_bucket": fun, "to_wallet": wallet()}
    earn(10, DAY)
    book(Kind.TRANSFER, 8, DAY, wallet=wallet("Compte courant"), **both)
    assert "Rien ne l’a encore" in words(as_alice, page_of(fun))
    assert bucket_balance(fun).balance == 0


# Closing


def test_what_is_left_goes_where_one_says_and_the_share_is_freed(
    as_alice: Client, scope: Household
) -> None:
    fun, needs = bucket("Plaisir", 10), bucket("Nécessaire", 90)
    Category.objects.filter(name="Loisirs").update(bucket=fun)
    book(Kind.TRANSFER, 30, DAY, to_bucket=fun)
    page = words(as_alice, page_of(fun, "close/"))
    assert "30,00 €" in page
    assert "Loisirs" in page
    as_alice.post(page_of(fun, "close/"), {"into": needs.pk})
    fun.refresh_from_db()
    assert (fun.is_open, fun.share) == (False, 0)
    assert category("Loisirs").bucket is None
    assert bucket_balance(needs).balance == 30
    assert Transaction.objects.filter(kind=Kind.TRANSFER).count() == 2
    assert "Plaisir" in words(as_alice, page_of(fun))
    assert not ledger_faults()


def test_what_is_missing_comes_from_what_is_unassigned(as_alice: Client, scope: Household) -> None:
    fun = bucket("Plaisir", 10)
    book(Kind.EXPENSE, 30, DAY, bucket=fun)
    response = as_alice.post(page_of(fun, "close/"), {"into": ""}, follow=True)
    assert "30,00\u00a0€ qui lui manquaient" in html.unescape(response.content.decode())
    assert [each.balance for each in bucket_balances(closed=True)] == [0, -30]
    assert not ledger_faults()


def test_closing_twice_moves_the_money_once(as_alice: Client, scope: Household) -> None:
    fun = bucket("Plaisir", 10)
    book(Kind.TRANSFER, 30, DAY, to_bucket=fun)
    for _ in range(2):
        assert as_alice.post(page_of(fun, "close/"), {"into": ""}).status_code == 302
    assert Transaction.objects.count() == 2


def test_an_envelope_closed_meanwhile_receives_nothing(as_alice: Client, scope: Household) -> None:
    fun, other = bucket("Plaisir"), bucket("Dons")
    book(Kind.TRANSFER, 30, DAY, to_bucket=fun)
    bucket_close(bucket=other, into=None)
    assert as_alice.post(page_of(fun, "close/"), {"into": other.pk}).status_code == 422
    for into in (other, fun):
        with pytest.raises(GoneMeanwhile):
            bucket_close(bucket=fun, into=into)
    assert bucket_balance(fun).balance == 30


def test_a_closing_that_is_undone_brings_the_money_back(as_alice: Client, scope: Household) -> None:
    fun = bucket("Plaisir", 10)
    book(Kind.TRANSFER, 30, DAY, to_bucket=fun)
    page = as_alice.post(page_of(fun, "close/"), {"into": ""}, follow=True).content.decode()
    as_alice.post(page_of(fun, "reopen/"), {"token": inputs(page)["token"]})
    assert bucket_balance(fun).balance == 30
    assert Bucket.objects.open().get().share == 0
    assert not ledger_faults()


def test_a_reopened_envelope_is_empty_and_its_name_must_be_free(
    as_alice: Client, scope: Household
) -> None:
    fun = bucket("Plaisir", 10)
    bucket_close(bucket=fun, into=None)
    other = bucket("Plaisir")
    assert as_alice.post(page_of(fun, "reopen/"), follow=True).status_code == 200
    assert Bucket.objects.open().get() == other
    bucket_delete(bucket=other)
    as_alice.post(page_of(fun, "reopen/"))
    assert Bucket.objects.open().get() == fun
    assert holder_reopen(fun).is_open


def test_a_closed_envelope_cannot_be_edited(as_alice: Client, scope: Household) -> None:
    fun = bucket("Plaisir", 10)
    bucket_close(bucket=fun, into=None)
    assert as_alice.get(page_of(fun, "edit/")).status_code == 409
    assert as_alice.post(page_of(fun, "edit/"), NEW).status_code == 409


def test_only_an_unused_envelope_is_deleted(as_alice: Client, scope: Household) -> None:
    used, unused = bucket("Plaisir"), bucket("Dons")
    book(Kind.INCOME, 30, DAY, spread=[(used, 1)])
    assert as_alice.post(page_of(used, "delete/")).status_code == 409
    assert as_alice.post(page_of(unused, "delete/")).status_code == 302
    assert Bucket.objects.get() == used
    with pytest.raises(BucketUsed):
        bucket_delete(bucket=used)


# Who may


def test_a_viewer_sees_and_changes_nothing(
    sign_in: SignIn, vera: User, household: Household
) -> None:
    with household_scope(household):
        fun = bucket("Plaisir", 10)
        book(Kind.TRANSFER, 30, DAY, to_bucket=fun)
    client = sign_in(vera)
    for address in (LIST, page_of(fun)):
        page = words(client, address)
        assert "30,00 €" in page
        assert "/shares/" not in page
        assert "?kind=transfer" not in page
        assert "/close/" not in page
    assert client.post(SHARES, {}).status_code == 403


def test_a_stranger_finds_no_envelope(sign_in: SignIn, charlie: User, household: Household) -> None:
    with household_scope(household):
        fun = bucket("Plaisir", 10)
    client = sign_in(charlie)
    assert client.get(page_of(fun)).status_code == 404
    assert client.get(f"/h/charlie/buckets/{fun.pk}/").status_code == 404
