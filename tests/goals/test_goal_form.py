"""Adding and changing a goal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from budget.core.tenancy import household_scope
from budget.goals.models import Frequency, Goal
from budget.goals.services import goal_release
from budget.users.models import Household, User
from tests.conftest import SignIn
from tests.goals.pages import LIST, key, make, page_of, stored
from tests.ledger import category

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

ADD = f"{LIST}add/"


def typed(**changes: str | int) -> dict[str, str | int]:
    return {
        "name": "Vacances",
        "target": "1 000",
        "plan": "contribution",
        "contribution": "45,50",
        "target_date": "",
        "frequency": "monthly",
        "category": "",
        "description": "",
        "submission": key(),
        **changes,
    }


def goals(household: Household) -> list[Goal]:
    with household_scope(household):
        return list(Goal.objects.select_related("category").order_by("pk"))


class TestAdding:
    def test_the_form_is_a_page_and_a_dialog(self, as_alice: Client, htmx: dict[str, str]) -> None:
        page = as_alice.get(ADD).content.decode()
        dialog = as_alice.get(ADD, headers=htmx).content.decode()
        assert "<html" in page
        assert "<html" not in dialog
        for part in (page, dialog):
            assert 'name="submission"' in part
            # The control out of sight must not keep the browser from sending the form.
            assert "required" not in part.partition("<form")[2].partition("</form>")[0]

    def test_by_a_contribution_says_when_it_will_be_enough(
        self, as_alice: Client, household: Household
    ) -> None:
        with household_scope(household):
            leisure = category("Loisirs")
        response = as_alice.post(
            ADD, typed(category=leisure.pk, description="Belle-Île"), follow=True
        )
        (goal,) = goals(household)
        assert (goal.name, goal.target, goal.contribution, goal.target_date) == (
            "Vacances",
            Decimal(1000),
            Decimal("45.50"),
            None,
        )
        assert (goal.category, goal.description) == (leisure, "Belle-Île")
        assert "ajouté. À ce rythme\u00a0: septembre 2028." in response.content.decode()

    def test_by_a_date_leaves_aside_what_the_other_control_holds(
        self, as_alice: Client, household: Household
    ) -> None:
        as_alice.post(
            ADD,
            typed(
                plan="date",
                contribution="n’importe quoi",
                target_date="2027-11-21",
                frequency="weekly",
            ),
        )
        (goal,) = goals(household)
        assert (goal.contribution, goal.target_date) == (None, dt.date(2027, 11, 21))
        assert goal.frequency == Frequency.WEEKLY

    def test_by_a_contribution_leaves_aside_an_impossible_date(
        self, as_alice: Client, household: Household
    ) -> None:
        as_alice.post(ADD, typed(target_date="31/02/2026"))
        assert [goal.target_date for goal in goals(household)] == [None]

    def test_in_the_dialog_answers_with_a_toast(
        self, as_alice: Client, household: Household, htmx: dict[str, str]
    ) -> None:
        response = as_alice.post(ADD, typed(), headers=htmx)
        assert response["HX-Trigger"] == "ledger-changed, dialog-close"
        assert "« Vacances »".replace(" ", "\u00a0") in response.content.decode()

    def test_sent_twice_makes_one(self, as_alice: Client, household: Household) -> None:
        form = typed()
        assert as_alice.post(ADD, form).status_code == 302
        assert as_alice.post(ADD, form).status_code == 302
        assert len(goals(household)) == 1

    def test_with_a_key_that_is_none_is_added_all_the_same(
        self, as_alice: Client, household: Household
    ) -> None:
        assert as_alice.post(ADD, typed(submission="x")).status_code == 302
        assert len(goals(household)) == 1

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("name", "", "Ce champ est obligatoire."),
            ("name", "n" * 10_000, "60"),
            ("name", "a\x00b", "caractère nul"),
            ("description", "d" * 10_000, "200"),
            ("target", "0", "Le montant doit être supérieur à 0."),
            ("target", "-5", "Le montant doit être supérieur à 0."),
            ("target", "abc", "ne se lit pas comme un montant"),
            ("target", "NaN", "ne se lit pas comme un montant"),
            ("target", "1e9999", "ne se lit pas comme un montant"),
            ("target", "12,345.678", "décimales"),
            ("target", "9999999999999", "ne peut pas dépasser"),
            ("contribution", "", "montant"),
            ("contribution", "-1", "Le montant doit être supérieur à 0."),
            ("plan", "both", "choix"),
            ("frequency", "hourly", "choix"),
            ("category", "999999999999999999", "supprimée"),
            ("category", "99999999999999999999999999", "supprimée"),
            ("category", "-1", "supprimée"),
            ("category", "abc", "supprimée"),
        ],
    )
    def test_what_cannot_be_stored_is_told_and_kept(
        self, as_alice: Client, household: Household, field: str, value: str, message: str
    ) -> None:
        response = as_alice.post(ADD, typed(**{field: value}))
        assert response.status_code == 422
        page = response.content.decode()
        assert message in page
        assert 'value="Vacances"' in page or field == "name"
        assert goals(household) == []

    @pytest.mark.parametrize(
        ("day", "message"),
        [
            ("", "obligatoire"),
            ("31/02/2026", "valide"),
            ("0000-01-01", "valide"),
            ("99999-01-01", "valide"),
            ("2200-01-01", "valide"),
            ("demain", "valide"),
            ("2026-11-20", "Ce jour est passé"),
        ],
    )
    def test_a_date_that_cannot_be_is_told(
        self, as_alice: Client, household: Household, day: str, message: str
    ) -> None:
        response = as_alice.post(ADD, typed(plan="date", target_date=day))
        assert response.status_code == 422
        assert message in response.content.decode()
        assert goals(household) == []

    def test_another_households_category_is_none_to_choose(
        self, as_alice: Client, household: Household, charlie: User
    ) -> None:
        with household_scope(charlie.households.get()):
            theirs = category("Loisirs")
        response = as_alice.post(ADD, typed(category=theirs.pk))
        assert response.status_code == 422
        assert goals(household) == []

    def test_a_retired_category_is_none_to_choose(
        self, as_alice: Client, household: Household
    ) -> None:
        with household_scope(household):
            retired = category("Loisirs")
            retired.retired_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
            retired.save()
        assert "Loisirs" not in as_alice.get(ADD).content.decode()
        assert as_alice.post(ADD, typed(category=retired.pk)).status_code == 422

    def test_viewers_and_strangers_do_not(
        self, sign_in: SignIn, vera: User, charlie: User, household: Household
    ) -> None:
        for person, status in ((vera, 403), (charlie, 404)):
            client = sign_in(person)
            assert client.get(ADD).status_code == status
            assert client.post(ADD, typed()).status_code == status
        assert goals(household) == []


class TestChanging:
    def test_the_form_holds_what_is_stored(self, as_alice: Client, household: Household) -> None:
        goal = make(household, "Vélo", target_date=dt.date(2027, 6, 1), description="Rouge")
        page = as_alice.get(page_of(goal, "edit")).content.decode()
        for value in ("Vélo", "500", "2027-06-01", "Rouge"):
            assert f'value="{value}"' in page
        chosen = page.partition('value="date"')[2].partition(">")[0]
        assert "checked" in chosen

    def test_is_saved_and_keeps_what_it_holds(self, as_alice: Client, household: Household) -> None:
        goal = make(household, saved=300)
        response = as_alice.post(page_of(goal, "edit"), typed(target="600", version=1), follow=True)
        changed = stored(household, goal)
        assert (changed.name, changed.target, changed.saved) == (
            "Vacances",
            Decimal(600),
            Decimal(300),
        )
        assert "enregistré. À ce rythme\u00a0: juin 2027." in response.content.decode()

    def test_a_date_that_has_passed_may_stay(self, as_alice: Client, household: Household) -> None:
        goal = make(household, target_date=dt.date(2026, 6, 1))
        form = typed(plan="date", target_date="2026-06-01", version=1)
        assert as_alice.post(page_of(goal, "edit"), form).status_code == 302
        assert stored(household, goal).name == "Vacances"

    def test_what_is_wrong_is_told_and_nothing_changes(
        self, as_alice: Client, household: Household
    ) -> None:
        goal = make(household)
        response = as_alice.post(page_of(goal, "edit"), typed(target="-5"))
        assert response.status_code == 422
        assert stored(household, goal).name == "Vélo"

    def test_a_closed_goal_says_that_it_is(self, as_alice: Client, household: Household) -> None:
        goal = make(household, saved=500)
        with household_scope(household):
            goal_release(goal=goal)
        for response in (
            as_alice.get(page_of(goal, "edit")),
            as_alice.post(page_of(goal, "edit"), typed()),
        ):
            assert response.status_code == 409
            assert "Cet objectif a été clôturé." in response.content.decode()

    def test_a_category_deleted_meanwhile_is_told_and_the_rest_kept(
        self, as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Between the form's look at the category and the write: nothing is left to lock.
        from budget.core.guards import GoneMeanwhile

        def gone(**_: object) -> Goal:
            raise GoneMeanwhile

        goal = make(household)
        monkeypatch.setattr("budget.goals.views.goal_update", gone)
        monkeypatch.setattr("budget.goals.views.goal_create", gone)
        for address in (page_of(goal, "edit"), ADD):
            response = as_alice.post(address, typed())
            assert response.status_code == 409
            page = response.content.decode()
            assert "vient d’être supprimé" in page
            assert 'value="Vacances"' in page

    @pytest.mark.parametrize("action", ["", "edit", "deposit", "withdraw", "close", "delete"])
    @pytest.mark.parametrize("pk", ["0", "-1", "999999999999999999", "9" * 30, "abc", "١"])
    def test_an_id_of_no_goal_is_not_found(
        self, as_alice: Client, household: Household, action: str, pk: str
    ) -> None:
        address = f"{LIST}{pk}/{action}/" if action else f"{LIST}{pk}/"
        assert as_alice.get(address).status_code == 404
        if action:
            assert as_alice.post(address, typed(amount="1")).status_code == 404

    @pytest.mark.parametrize("action", ["", "edit", "deposit", "withdraw", "close", "delete"])
    def test_another_households_goal_is_not_found(
        self, as_alice: Client, charlie: User, household: Household, action: str
    ) -> None:
        theirs = make(charlie.households.get(), saved=500)
        assert as_alice.get(page_of(theirs, action)).status_code == 404
        if action:
            form = typed(amount="1", outcome="released")
            assert as_alice.post(page_of(theirs, action), form).status_code == 404
        assert stored(charlie.households.get(), theirs).saved == 500

    @pytest.mark.parametrize("action", ["edit", "deposit", "withdraw", "close", "delete"])
    def test_viewers_are_refused_and_strangers_find_nothing(
        self,
        sign_in: SignIn,
        vera: User,
        charlie: User,
        household: Household,
        action: str,
    ) -> None:
        goal = make(household, saved=500)
        for person, status in ((vera, 403), (charlie, 404)):
            client = sign_in(person)
            form = typed(amount="1", outcome="released")
            assert client.get(page_of(goal, action)).status_code == status
            assert client.post(page_of(goal, action), form).status_code == status
        assert stored(household, goal).saved == 500


class TestPaceWhileTyping:
    def test_says_where_it_leads(self, as_alice: Client, household: Household) -> None:
        page = as_alice.get(f"{LIST}pace/", typed()).content.decode()
        assert "À ce rythme\u00a0: septembre 2028" in page
        assert "45,50\u00a0€ par mois" in page

    def test_counts_what_is_saved_already(self, as_alice: Client, household: Household) -> None:
        goal = make(household, saved=400)
        form = typed(plan="date", target="500", target_date="2027-01-21")
        page = as_alice.get(page_of(goal, "pace"), form).content.decode()
        assert "Il faut 50,00\u00a0€ par mois" in page

    @pytest.mark.parametrize(
        "unsaid", [{"target": ""}, {"contribution": "abc"}, {"plan": "x"}, {"frequency": ""}]
    )
    def test_says_nothing_until_it_knows_enough(
        self, as_alice: Client, unsaid: dict[str, str]
    ) -> None:
        response = as_alice.get(f"{LIST}pace/", typed(**unsaid))
        assert (response.status_code, response.content) == (200, b"")

    def test_is_for_those_who_may_write(
        self, sign_in: SignIn, vera: User, household: Household
    ) -> None:
        assert sign_in(vera).get(f"{LIST}pace/", typed()).status_code == 403


class TestTwoAtOnce:
    def test_the_second_to_save_is_told_and_keeps_what_they_typed(
        self, as_alice: Client, sign_in: SignIn, bob: User, household: Household
    ) -> None:
        goal = make(household)
        url = page_of(goal, "edit")
        sign_in(bob).post(url, typed(name="Moto", target="700", version=1))

        response = as_alice.post(url, typed(name="Barque", version=1))

        html = response.content.decode().replace("\u00a0", " ")
        assert response.status_code == 409
        assert "Quelqu’un a changé cela pendant que vous le modifiiez." in html
        assert "On y lit maintenant : Moto, 700,00 €" in html
        assert 'value="Barque"' in html
        assert stored(household, goal).name == "Moto"
        assert as_alice.post(url, typed(name="Barque", version=2)).status_code == 302
        assert stored(household, goal).name == "Barque"

    @pytest.mark.parametrize("version", ["", "0", "x", "9" * 30])
    def test_a_form_without_its_version_overwrites_nothing(
        self, as_alice: Client, household: Household, version: str
    ) -> None:
        goal = make(household)

        response = as_alice.post(page_of(goal, "edit"), typed(version=version))

        assert response.status_code == 409
        assert stored(household, goal).version == 1

    def test_money_that_moves_meanwhile_is_no_change_of_the_goal(
        self, as_alice: Client, household: Household
    ) -> None:
        goal = make(household)
        as_alice.post(page_of(goal, "deposit"), {"amount": "20"})

        assert as_alice.post(page_of(goal, "edit"), typed(version=1)).status_code == 302
