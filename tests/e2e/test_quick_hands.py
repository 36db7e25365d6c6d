"""Someone quicker than the page: before its scripts run, and while a part of it is replaced."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.e2e.conftest import Tab
from tests.ledger import category, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LIST = "/h/alice/transactions/"
SCRIPT = re.compile(r"/app(\.\w+)?\.js")

#: Does something at the first change of the page that makes it possible, before anything else can
#: happen. A hand is never that quick, but on a slow machine the page is that slow.
AT_ONCE = """([selector, act]) => new MutationObserver((_, observer) => {
    const element = document.querySelector(selector);
    if (!element) return;
    observer.disconnect();
    if (act === "click") element.click();
    else element.form.requestSubmit();
}).observe(document.body, { childList: true, subtree: true })"""


@pytest.fixture
def page(tab: Tab, alice: User, household: Household, today: dt.date) -> Page:
    with household_scope(household):
        spend("41.20", dt.date(2026, 11, 20), category("Alimentation"), "Biocoop")
        spend(24, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
    return tab(alice)


@pytest.fixture
def ready(page: Page) -> Page:
    page.goto(LIST)
    expect(titles(page)).to_have_text(["Biocoop", "Cinéma"])
    return page


def titles(page: Page) -> Locator:
    return page.locator("#ledger td.main a")


def held(page: Page, address: str | re.Pattern[str], *, times: int | None = None) -> list[Route]:
    """What the page asks for at that address (the first `times`), and gets once it is continued."""
    routes: list[Route] = []
    page.route(address, lambda route: routes.append(route), times=times)
    return routes


def test_a_dialog_link_clicked_before_the_scripts_run_opens_its_dialog(page: Page) -> None:
    scripts = held(page, SCRIPT)
    page.goto(LIST, wait_until="commit")
    page.get_by_role("link", name="Modifier Cinéma").click()
    scripts[0].continue_()
    expect(page.get_by_role("dialog").get_by_label("Montant")).to_have_value("24")
    assert page.url.endswith(LIST)


def test_a_link_clicked_before_scripts_that_never_come_is_followed(page: Page) -> None:
    scripts = held(page, SCRIPT)
    page.goto(LIST, wait_until="commit")
    page.get_by_role("link", name="Modifier Cinéma").click()
    scripts[0].fulfill(body="", content_type="text/javascript")
    expect(page.get_by_role("heading", level=1, name="Modifier la transaction")).to_be_visible()


def test_what_is_chosen_before_the_scripts_run_counts(page: Page) -> None:
    scripts = held(page, SCRIPT)
    page.goto(LIST, wait_until="commit")
    page.get_by_label("Catégorie", exact=True).first.select_option(label="Loisirs")
    scripts[0].continue_()
    expect(titles(page)).to_have_text(["Cinéma"])


def test_going_forward_before_the_scripts_run_shows_what_the_address_says(ready: Page) -> None:
    ready.get_by_role("searchbox").fill("cin")
    expect(titles(ready)).to_have_text(["Cinéma"])
    scripts = held(ready, SCRIPT, times=1)
    with ready.expect_request(SCRIPT):
        ready.go_back(wait_until="commit")
    expect(titles(ready)).to_have_text(["Biocoop", "Cinéma"])
    ready.go_forward(wait_until="commit")
    scripts[0].continue_()
    expect(titles(ready)).to_have_text(["Cinéma"])
    assert ready.url.endswith("?q=cin")


def test_a_form_sent_as_soon_as_its_dialog_opens_stays_in_the_dialog(ready: Page) -> None:
    ready.evaluate(AT_ONCE, ["dialog[open] [name=amount]", "send"])
    ready.get_by_role("link", name="Ajouter une transaction").first.click()
    expect(ready.get_by_role("dialog").locator(".fault").first).to_be_visible()
    assert ready.url.endswith(LIST)


def test_a_button_clicked_as_soon_as_its_row_is_there_does_its_work(ready: Page) -> None:
    ready.evaluate(AT_ONCE, ["#ledger tr:nth-child(2):last-child .do [hx-post]", "click"])
    ready.get_by_role("searchbox").fill("cin")
    expect(ready.get_by_text("« Cinéma » supprimé.")).to_be_visible()
    assert ready.url.endswith(f"{LIST}?q=cin")


def test_a_press_on_what_is_replaced_before_it_is_let_go_counts(ready: Page) -> None:
    press_during_a_refresh(ready)
    ready.mouse.up()
    expect(ready.get_by_role("dialog").get_by_label("Montant")).to_have_value("41,20")
    assert ready.url.endswith(LIST)


def test_a_press_that_is_let_go_elsewhere_does_not_count(ready: Page) -> None:
    press_during_a_refresh(ready)
    ready.get_by_role("heading", level=1).hover()
    ready.mouse.up()
    expect(ready.get_by_text("« Cinéma » supprimé.")).to_be_visible()
    expect(ready.get_by_role("dialog")).not_to_be_visible()


def test_a_filter_typed_during_a_refresh_holds_after_it(ready: Page) -> None:
    refreshes = delete_and_hold_the_refresh(ready)
    ready.get_by_role("searchbox").fill("piano")
    expect(ready.get_by_text("Rien ne correspond à ces filtres")).to_be_visible()
    with ready.expect_response(f"**{LIST}"):
        refreshes[0].continue_()
    expect(ready.get_by_role("searchbox")).to_have_value("piano")
    expect(ready.get_by_text("Rien ne correspond à ces filtres")).to_be_visible()
    assert ready.url.endswith("?q=piano")


def test_letters_typed_during_a_refresh_are_not_lost(ready: Page) -> None:
    refreshes = delete_and_hold_the_refresh(ready)
    filters = held(ready, re.compile(r"q=piano"))
    with ready.expect_request(re.compile(r"q=piano")):
        ready.get_by_role("searchbox").fill("piano")
    refreshes[0].continue_()
    expect(titles(ready)).to_have_text(["Biocoop"])
    expect(ready.get_by_role("searchbox")).to_have_value("piano")
    ready.unroute(re.compile(r"q=piano"))
    for each in filters:
        each.continue_()
    expect(ready.get_by_text("Rien ne correspond à ces filtres")).to_be_visible()


def press_during_a_refresh(page: Page) -> None:
    """Delete a line, press on another's pencil, and have the table replaced under the finger."""
    refreshes = delete_and_hold_the_refresh(page)
    page.get_by_role("link", name="Modifier Biocoop").hover()
    page.mouse.down()
    refreshes[0].continue_()
    expect(titles(page)).to_have_text(["Biocoop"])


def delete_and_hold_the_refresh(page: Page) -> list[Route]:
    refreshes = held(page, f"**{LIST}")
    with page.expect_request(f"**{LIST}"):
        page.get_by_role("link", name="Supprimer Cinéma").click()
    return refreshes
