"""Adding and changing a category through its form."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic
from django.test import Client
from django.utils import timezone

from budget.categories import forms
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.ledger import category, earn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

LIST = "/h/alice/categories/"
ADD = f"{LIST}add/"
VALID = {
    "kind": "expense",
    "name": "Voyages",
    "description": "Trains",
    "colour": "#3b82f6",
    "version": "1",
}


def edit(which: Category) -> str:
    return f"{LIST}{which.pk}/edit/"


def test_a_new_category_stands_in_the_list(as_alice: Client, scope: Household) -> None:
    response = as_alice.post(ADD, VALID, follow=True)
    assert response.redirect_chain == [(LIST, 302)]
    assert "Catégorie «\u00a0Voyages\u00a0» ajoutée." in response.content.decode()
    assert category("Voyages").description == "Trains"


def test_in_the_dialog_the_form_comes_alone_and_saving_closes_it(
    as_alice: Client, scope: Household, htmx: dict[str, str]
) -> None:
    form = as_alice.get(ADD, headers=htmx).content.decode()
    assert "<html" not in form
    assert f'action="{ADD}"' in form
    response = as_alice.post(ADD, VALID, headers=htmx)
    assert response.status_code == 200
    assert response["HX-Trigger"] == "ledger-changed, dialog-close"


def test_a_wrong_form_keeps_what_was_typed(as_alice: Client, scope: Household) -> None:
    response = as_alice.post(ADD, VALID | {"name": "Sante", "limited": "on", "monthly_limit": "-5"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Une catégorie porte déjà ce nom." in html
    assert "Le montant doit être supérieur à 0." in html
    assert 'value="Sante"' in html
    assert 'value="-5"' in html
    assert Category.objects.count() == 10


def test_a_neutral_category_is_offered_explained_and_has_no_limit(
    as_alice: Client, scope: Household
) -> None:
    assert "argent qui ne fait que passer" in as_alice.get(ADD).content.decode()
    as_alice.post(ADD, VALID | {"kind": "neutral", "limited": "on", "monthly_limit": "50"})
    made = category("Voyages")
    assert (made.kind, made.monthly_limit) == ("neutral", None)


def test_a_category_made_neutral_loses_its_limit(as_alice: Client, scope: Household) -> None:
    Category.objects.filter(name="Loisirs").update(monthly_limit=80)
    leisure = category("Loisirs")
    changed = {"kind": "neutral", "name": "Loisirs", "limited": "on", "monthly_limit": "80"}
    assert as_alice.post(edit(leisure), VALID | changed).status_code == 302
    assert (category("Loisirs").kind, category("Loisirs").monthly_limit) == ("neutral", None)


def test_the_database_knows_no_neutral_category_with_a_limit(scope: Household) -> None:
    with pytest.raises(IntegrityError), atomic():
        Category.objects.filter(name="Loisirs").update(kind="neutral", monthly_limit=80)


def test_two_tabs_that_add_the_same_name_make_one_category(
    as_alice: Client, scope: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The second has already been found free when the first is saved.
    monkeypatch.setattr(forms.CategoryForm, "clean_name", lambda self: self.cleaned_data["name"])
    assert as_alice.post(ADD, VALID).status_code == 302
    response = as_alice.post(ADD, VALID | {"name": "VOYAGES"})
    assert response.status_code == 409
    assert "Une catégorie porte déjà ce nom." in response.content.decode()
    assert Category.objects.filter(name_folded="voyages").count() == 1
    response = as_alice.post(edit(category("Loisirs")), VALID)
    assert response.status_code == 409
    assert category("Loisirs").description != "Trains"


def test_editing_changes_it_and_leads_back_to_where_one_was(
    as_alice: Client, scope: Household
) -> None:
    leisure = category("Loisirs")
    page = f"{LIST}{leisure.pk}/"
    response = as_alice.post(f"{edit(leisure)}?next={page}", VALID | {"name": "Sorties"})
    assert response.headers["Location"] == page
    assert category("Sorties").pk == leisure.pk


def test_a_wrong_change_is_not_saved(as_alice: Client, scope: Household) -> None:
    response = as_alice.post(edit(category("Loisirs")), VALID | {"name": ""})
    assert response.status_code == 422
    assert "Donnez-lui un nom." in response.content.decode()
    assert category("Loisirs").description != "Trains"


def test_editing_shows_the_category_as_it_is(as_alice: Client, scope: Household) -> None:
    Category.objects.filter(name="Loisirs").update(monthly_limit="123.45")
    html = as_alice.get(edit(category("Loisirs"))).content.decode()
    assert 'value="Loisirs"' in html
    assert 'value="123,45"' in html


def test_a_category_that_vanishes_while_it_is_saved_is_told(
    as_alice: Client, scope: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    leisure = category("Loisirs")

    def vanish(self: forms.CategoryForm) -> str:
        Category.objects.filter(pk=leisure.pk).delete()
        return str(self.cleaned_data["name"])

    monkeypatch.setattr(forms.CategoryForm, "clean_name", vanish)
    response = as_alice.post(edit(leisure), VALID)
    html = response.content.decode()
    assert response.status_code == 409
    assert "Quelqu’un a supprimé cela" in html
    assert 'value="Voyages"' in html


@pytest.mark.parametrize("new", [True, False], ids=["creating", "editing"])
@pytest.mark.parametrize("dialog", [True, False], ids=["dialog", "page"])
class TestALimitAboveTheIncome:
    def answer(
        self, client: Client, new: bool, dialog: bool, limit: str, **data: str
    ) -> tuple[str, bool]:
        """What is said after saving, and whether it stays until it is dismissed."""
        url = ADD if new else edit(category("Loisirs"))
        fields = VALID | {"limited": "on", "monthly_limit": limit} | data
        headers = {"HX-Request": "true"} if dialog else {}
        response = client.post(url, fields, headers=headers, follow=True)
        assert response.status_code == 200
        html = response.content.decode()
        toast = html.partition('<div class="toast-note"')[2]
        return toast, "data-stays" in toast.partition(">")[0]

    def test_is_told_with_both_figures_and_does_not_block(
        self, as_alice: Client, scope: Household, new: bool, dialog: bool
    ) -> None:
        earn("2100.50", dt.date(2026, 11, 2))
        said, stays = self.answer(as_alice, new, dialog, "3000")
        assert "Sa limite de 3\u00a0000,00\u00a0€ dépasse les revenus du mois" in said
        assert "2\u00a0100,50\u00a0€" in said
        assert stays
        assert category("Voyages").monthly_limit == 3000

    def test_is_measured_by_the_usual_income_where_the_month_has_none(
        self, as_alice: Client, scope: Household, new: bool, dialog: bool
    ) -> None:
        for month in (8, 9, 10):
            earn(2500, dt.date(2026, month, 28))
        said, _ = self.answer(as_alice, new, dialog, "3000")
        assert "dépasse la moyenne des revenus des trois derniers mois" in said
        assert "2\u00a0500,00\u00a0€" in said

    def test_is_told_even_before_the_first_income(
        self, as_alice: Client, scope: Household, new: bool, dialog: bool
    ) -> None:
        said, _ = self.answer(as_alice, new, dialog, "300")
        assert "dépasse les revenus du mois" in said
        assert "0,00\u00a0€" in said

    def test_is_not_told_where_it_is_not(
        self, as_alice: Client, scope: Household, new: bool, dialog: bool
    ) -> None:
        earn(3000, dt.date(2026, 11, 2))
        said, stays = self.answer(as_alice, new, dialog, "3000")
        assert "dépasse" not in said
        assert not stays


@pytest.mark.parametrize("how", ["retired", "another household's", "huge", "words"])
def test_what_is_not_there_cannot_be_edited(
    as_alice: Client, charlie: User, scope: Household, how: str
) -> None:
    leisure = category("Loisirs")
    if how == "retired":
        Category.objects.filter(pk=leisure.pk).update(retired_at=timezone.now())
    ids = {
        "retired": str(leisure.pk),
        "another household's": str(
            Category._base_manager.exclude(household=scope).values_list("pk", flat=True).first()
            or leisure.pk + 10
        ),
        "huge": "9" * 30,
        "words": "abc",
    }
    for page in ("", "edit/", "delete/"):
        assert as_alice.get(f"{LIST}{ids[how]}/{page}").status_code == 404
        assert as_alice.post(f"{LIST}{ids[how]}/{page}", VALID).status_code in {404, 405}


def test_a_viewer_gets_no_form(sign_in: SignIn, vera: User, scope: Household) -> None:
    client = sign_in(vera)
    for url in (ADD, edit(category("Loisirs")), f"{LIST}{category('Loisirs').pk}/delete/"):
        assert client.get(url).status_code == 403
        assert client.post(url, VALID).status_code == 403
    assert Category.objects.count() == 10


def test_of_two_people_who_edit_it_the_second_is_told_and_keeps_what_they_typed(
    as_alice: Client, sign_in: SignIn, bob: User, scope: Household
) -> None:
    url = edit(category("Loisirs"))
    limited = {"limited": "on", "monthly_limit": "120", "version": "1"}
    sign_in(bob).post(url, VALID | {"name": "Sorties"} | limited)

    response = as_alice.post(url, VALID)

    html = response.content.decode().replace("\u00a0", " ")
    assert response.status_code == 409
    assert "Quelqu’un a changé cela pendant que vous le modifiiez." in html
    assert "On y lit maintenant : Sorties (Dépense), limite de 120,00 €. Trains." in html
    assert 'value="Voyages"' in html
    assert 'name="version" value="2"' in html
    assert category("Sorties").version == 2
    assert as_alice.post(url, VALID | {"version": "2"}).status_code == 302
    assert category("Voyages").version == 3


@pytest.mark.parametrize("version", ["", "0", "x", "9" * 30])
def test_a_form_without_its_version_overwrites_nothing(
    as_alice: Client, scope: Household, version: str
) -> None:
    response = as_alice.post(edit(category("Loisirs")), VALID | {"version": version})

    assert response.status_code == 409
    assert category("Loisirs").version == 1


def test_the_form_says_which_version_it_shows(as_alice: Client, scope: Household) -> None:
    assert 'name="version" value="1"' in as_alice.get(edit(category("Loisirs"))).content.decode()
    assert 'name="version" value' not in as_alice.get(ADD).content.decode()


def test_a_household_that_has_gone_meanwhile_is_told_where_there_are_no_envelopes(
    as_alice: Client, scope: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(**values: object) -> Category:
        raise GoneMeanwhile

    monkeypatch.setattr("budget.planning.views.category_create", gone)
    monkeypatch.setattr("budget.planning.views.category_update", gone)
    for address in (ADD, edit(category("Loisirs"))):
        response = as_alice.post(address, VALID)
        assert response.status_code == 409
        assert "vient d’être supprimé" in response.content.decode()
