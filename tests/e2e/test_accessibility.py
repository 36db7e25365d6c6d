"""Every page in a browser: axe-core finds nothing, and nothing is wider than the screen."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.template.loader import render_to_string
from django.test import Client
from django.urls import resolve
from playwright.sync_api import Page, Route, expect

from budget.users.models import Household, User
from tests.conftest import PASSWORD, SignIn
from tests.e2e.addresses import (
    NOT_PAGES,
    Examples,
    fill,
    members_pages,
    url_names,
    visitors_pages,
)
from tests.e2e.conftest import NARROW, WIDE, Faults, Tab

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

#: What a person who enlarges everything four times has on a screen of 1280.
NARROWEST = 320

AXE = """
async (rules) => {
  // Without `preload`: axe would ask for the style sheets anew, from wrong addresses.
  const options = {resultTypes: ["violations"], preload: false, ...(rules && {runOnly: rules})};
  const {violations} = await axe.run(document, options);
  const told = ({target, html, any, all, none}) => [
    target.join(" "), html.slice(0, 160), ...[...any, ...all, ...none].map(({message}) => message)
  ].join("\\n    ");
  return violations.map(({id, help, nodes}) => ({id, help, nodes: nodes.map(told)}));
}
"""
TOO_WIDE = """
async () => {
  const root = document.documentElement;
  // Charts take their new size a frame or two after the page did.
  for (let wait = 0; root.scrollWidth > root.clientWidth && wait < 10; wait += 1)
    await new Promise((done) => setTimeout(done, 50));
  if (root.scrollWidth <= root.clientWidth) return [];
  const clipped = (each) =>
    each && (getComputedStyle(each).overflowX !== "visible" || clipped(each.parentElement));
  const beyond = (each) => each.getBoundingClientRect().right > root.clientWidth;
  const wide = [...document.querySelectorAll("body *")]
    .filter((each) => beyond(each) && !clipped(each.parentElement));
  return wide
    .filter((each) => ![...each.children].some((child) => wide.includes(child)))
    .slice(0, 2)
    .map((each) => `${each.parentElement.className} > ${each.outerHTML.slice(0, 120)}`);
}
"""


@dataclass
class Inspection:
    """What is wrong with the pages seen so far: many pages often have the same fault."""

    page: Page
    found: dict[str, list[str]] = field(default_factory=dict)
    seen: int = 0

    def visit(self, address: str, *, status: int = 200) -> None:
        """Inspect a page at the width it is loaded at, and then at the other."""
        response = self.page.goto(address)
        assert response is not None
        if response.status != status:
            self.add(address, f"answers {response.status}")
        loaded = self.width
        for width in (loaded, WIDE if loaded == NARROW else NARROW):
            self.resize(width)
            self.look(address)
        self.resize(loaded)

    @property
    def width(self) -> int:
        assert self.page.viewport_size
        return self.page.viewport_size["width"]

    def resize(self, width: int) -> None:
        if width != self.width:
            self.page.set_viewport_size({"width": width, "height": 900 if width == WIDE else 844})

    def look(self, place: str) -> None:
        """Inspect the page as it is now, in light and in dark."""
        self.page.emulate_media(color_scheme="light")
        self.axe(place)
        self.measure(place)
        self.page.emulate_media(color_scheme="dark")
        # The themes differ in their colours alone.
        self.axe(f"{place} (dark)", rules=["color-contrast", "link-in-text-block"])
        if self.width == NARROW:
            self.resize(NARROWEST)
            self.measure(place)
            self.resize(NARROW)
        self.seen += 1

    def axe(self, place: str, rules: list[str] | None = None) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        for violation in self.page.evaluate(AXE, rules):
            for node in violation["nodes"]:
                self.add(place, f"{violation['id']}: {violation['help']}\n    {node}")

    def measure(self, place: str) -> None:
        for element in self.page.evaluate(TOO_WIDE):
            self.add(place, f"wider than {self.width} pixels: {element}")

    def add(self, place: str, fault: str) -> None:
        self.found.setdefault(fault, []).append(place)

    def conclude(self) -> None:
        """Fail where anything was found, each fault told once with the places that have it."""
        assert self.seen, "No page was inspected."
        if self.found:
            told = (
                f"{fault}\n    on {', '.join(places[:4])}{' …' if len(places) > 4 else ''}"
                for fault, places in self.found.items()
            )
            pytest.fail("\n".join(told), pytrace=False)


@pytest.fixture
def has(today: dt.date, alice: User, household: Household) -> Examples:
    return fill(alice, household)


@pytest.fixture
def as_alice_anew(sign_in: SignIn, alice: User, household: Household) -> Client:
    """Alice, who has given her password a moment ago."""
    client = sign_in(alice)
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_every_address_is_known(has: Examples) -> None:
    members, visitors = members_pages(has), visitors_pages(has)
    known = Counter([*members, *visitors, *NOT_PAGES])
    assert set(url_names()) == set(known)
    assert known.total() == len(known), "an address is in two tables"
    for name, addresses in {**members, **visitors}.items():
        for address in addresses:
            assert resolve(address.partition("?")[0]).url_name == name


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_pages_of_a_member(tab: Tab, has: Examples, as_alice_anew: Client, width: int) -> None:
    page = tab(as_alice_anew, width=width)
    inspection = Inspection(page)
    addresses = [each for addresses in members_pages(has).values() for each in addresses]
    # Half of them are loaded wide and made narrow, half the other way round.
    for address in addresses[width == NARROW :: 2]:
        inspection.visit(address)
    inspection.conclude()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_opens_on_the_pages(tab: Tab, has: Examples, alice: User, width: int) -> None:
    page = tab(alice, width=width)
    dialog = page.get_by_role("dialog")
    inspection = Inspection(page)

    page.goto("/h/alice/transactions/")
    page.locator("#more-filters summary").click()
    inspection.look("the filters")
    page.keyboard.press("Escape")
    if width == NARROW:
        page.locator("#sort-menu summary").click()
        inspection.look("the sort menu")
        page.get_by_role("button", name="Plus").click()
    else:
        page.get_by_role("button", name="Chez Alice").click()
    inspection.look("the menu")
    page.reload()
    page.get_by_role("link", name="Ajouter une transaction").click()
    dialog.get_by_text("Alimentation", exact=True).click()
    dialog.get_by_label("Montant").fill("60")
    expect(dialog.locator("#landing")).to_contain_text("Alimentation")
    inspection.look("the dialog")
    dialog.get_by_label("Montant").fill("-5")
    dialog.get_by_label("Date").fill("")
    dialog.get_by_label("Date").press("Enter")
    expect(dialog.locator(".fault")).to_have_count(2)
    inspection.look("the dialog with faults")
    dialog.get_by_label("Montant").fill("5")
    dialog.get_by_label("Date").fill("2026-10-05")
    dialog.get_by_label("Montant").press("Enter")
    expect(dialog.get_by_role("alert")).to_be_visible()
    inspection.look("the dialog with a refusal")
    dialog.get_by_label("Date").fill("2026-11-05")
    dialog.get_by_role("button", name="Enregistrer et ajouter une autre").click()
    expect(page.get_by_text("ajouté.")).to_be_visible()
    inspection.look("the dialog with a toast")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    inspection.look("a toast")

    page.goto("/h/alice/goals/")
    page.locator("details summary").first.click()
    page.get_by_role("link", name="Nouvel objectif").click()
    dialog.get_by_label("Montant visé").fill("800")
    dialog.get_by_label("Versement prévu").fill("50")
    expect(dialog.get_by_text("À ce rythme")).to_be_visible()
    inspection.look("a goal's dialog")
    page.goto("/h/alice/categories/add/")
    page.get_by_label("Fixer une limite mensuelle").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".fault")).to_have_count(2)
    inspection.look("a category's form with faults")
    page.goto("/h/alice/budget/")
    page.locator("#evolution-figures summary").click()
    inspection.look("a chart's figures")
    inspection.conclude()


def test_pages_of_a_visitor(tab: Tab, has: Examples) -> None:
    page = tab(width=NARROW)
    inspection = Inspection(page)
    for addresses in visitors_pages(has).values():
        for address in addresses:
            inspection.visit(address, status=410 if has.expired in address else 200)
    page.goto("/accounts/login/")
    page.get_by_label("Adresse e-mail").fill("nobody@example.org")
    page.get_by_label("Mot de passe").fill("a wrong password")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    inspection.look("a refused sign-in")
    inspection.resize(WIDE)
    inspection.look("a refused sign-in on a wide screen")
    inspection.conclude()


def test_pages_of_what_went_wrong_and_of_a_viewer(
    tab: Tab, has: Examples, vera: User, faults: Faults
) -> None:
    page = tab(vera)
    inspection = Inspection(page)
    for address in ("", "transactions/", "budget/", "categories/", "goals/", "archives/"):
        inspection.visit(f"/h/alice/{address}")
    inspection.visit("/h/alice/settings/")
    inspection.visit("/h/alice/transactions/add/", status=403)
    inspection.visit("/h/charlie/", status=404)
    faults.expected = True  # their status is the same for all: what counts is what they show
    said = {"reason": "Ce mois est clos.", "reference": "0123456789abcdef0123456789abcdef"}
    texts = {
        name: render_to_string(f"{name}.html", said)
        for name in ("400", "403_csrf", "409", "429", "500")
    }

    def broken(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        route.fulfill(status=500, body=texts[name], content_type="text/html; charset=utf-8")

    page.route("**/broken/*", broken)
    for name in texts:
        inspection.visit(f"/broken/{name}", status=500)
    inspection.conclude()
