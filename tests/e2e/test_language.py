"""Which language the pages speak: the person's own, else their browser's, else French."""

import pytest
from playwright.sync_api import expect

from budget.users.models import Household, User
from tests.e2e.conftest import Tab

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("spoken", "lang", "heading"),
    [
        ("en-GB", "en", "Sign in"),
        ("fr-CA", "fr", "Se connecter"),
        ("de-DE", "fr", "Se connecter"),
    ],
)
def test_the_way_in_speaks_the_browsers_language_and_french_where_it_has_none(
    tab: Tab, spoken: str, lang: str, heading: str
) -> None:
    page = tab(language=spoken)
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.locator("html")).to_have_attribute("lang", lang)


def test_a_persons_preference_comes_before_their_browsers(
    tab: Tab, alice: User, household: Household
) -> None:
    page = tab(alice, language="en-GB")
    page.goto("/me/")
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    page.get_by_role("radio", name="Français").check(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Vos préférences sont enregistrées.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    page.goto("/h/alice/transactions/")
    expect(page.get_by_text("Aucune transaction")).to_be_visible()
