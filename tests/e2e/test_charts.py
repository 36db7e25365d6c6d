"""The charts, by someone without a mouse, and without their picture at all."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.e2e.conftest import Tab
from tests.e2e.keyboard import tab_to
from tests.ledger import category, earn, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

BUDGET = "/h/alice/budget/"


@pytest.fixture
def page(tab: Tab, alice: User, household: Household, today: dt.date) -> Page:
    with household_scope(household):
        food = category("Alimentation")
        food.monthly_limit = Decimal(60)
        food.save()
        for month in (9, 10, 11):
            spend("75.00", dt.date(2026, month, 2), food, "Biocoop")
        spend(25, dt.date(2026, 11, 7), category("Loisirs"), "Cinéma")
        earn(2500, dt.date(2026, 11, 2), category("Salaire"), "Paie")
    return tab(alice)


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def drawn(page: Page, kind: str) -> Locator:
    """The canvas of the only chart of that kind, once it has been drawn."""
    page.wait_for_function(
        "kind => { const canvas = document.querySelector(`[data-chart=${kind}] canvas`);"
        " return globalThis.Chart?.getChart(canvas) }",
        arg=kind,
    )
    return page.locator(f"[data-chart={kind}] canvas")


def picture(canvas: Locator) -> str:
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def test_tabbing_to_a_category_shows_its_figures_and_enter_opens_it(page: Page) -> None:
    page.goto(BUDGET)
    drawn(page, "doughnut")
    shares = region(page, "Dépenses par catégorie")
    beside = shares.locator(".beside")
    tab_to(page, shares.get_by_role("link", name=re.compile("^Alimentation")).first)
    expect(beside.get_by_role("heading")).to_have_text("Alimentation")
    expect(beside).to_contain_text("75 %")
    page.keyboard.press("Tab")
    expect(beside.get_by_role("heading")).to_have_text("Loisirs")
    expect(beside).to_contain_text("25,00 €")
    expect(beside).to_contain_text("25 %")
    expect(shares.locator(".hole")).to_contain_text("Loisirs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Loisirs")


def test_arrow_keys_read_the_ring_and_enter_opens_a_part(page: Page) -> None:
    page.goto(BUDGET)
    ring = drawn(page, "doughnut")
    figure = page.locator("[data-chart=doughnut]")
    tab_to(page, ring)
    page.keyboard.press("ArrowRight")
    expect(figure.locator("[data-live]")).to_contain_text("Alimentation")
    page.keyboard.press("End")
    expect(figure.locator("[data-live]")).to_contain_text("Loisirs")
    expect(figure.locator(".beside").get_by_role("heading")).to_have_text("Loisirs")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Loisirs")


def test_the_legend_takes_a_line_away_and_brings_it_back(page: Page) -> None:
    page.goto(BUDGET)
    canvas = drawn(page, "line")
    both = picture(canvas)
    income = page.get_by_role("group", name="Séries").get_by_role("button", name="Revenus")
    tab_to(page, income)
    page.keyboard.press("Space")
    expect(income).to_have_attribute("aria-pressed", "false")
    assert picture(canvas) != both
    tab_to(page, canvas)
    page.keyboard.press("End")
    said = page.locator("[data-chart=line] [data-live]")
    expect(said).to_contain_text("100,00 €")
    expect(said).not_to_contain_text("2 500,00 €")
    page.keyboard.press("Shift+Tab")  # Dépenses
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(income).to_have_attribute("aria-pressed", "true")
    tab_to(page, canvas)
    page.keyboard.press("Home")
    page.keyboard.press("End")
    expect(said).to_contain_text("2 500,00 €")


def test_the_legend_of_the_bars_takes_the_limit_away_and_brings_it_back(
    page: Page, household: Household
) -> None:
    with household_scope(household):
        page.goto(f"/h/alice/categories/{category('Alimentation').pk}/")
    canvas = drawn(page, "bar")
    whole = picture(canvas)
    limit = page.get_by_role("group", name="Repères").get_by_role("button", name="Limite")
    tab_to(page, limit)
    page.keyboard.press("Space")
    expect(limit).to_have_attribute("aria-pressed", "false")
    assert picture(canvas) != whole
    page.keyboard.press("Space")
    expect(limit).to_have_attribute("aria-pressed", "true")
    assert picture(canvas) == whole
    tab_to(page, canvas)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-live]")).to_have_text(re.compile("novembre|nov.*75,00"))


def test_the_figures_can_be_read_as_a_table(page: Page) -> None:
    page.goto(BUDGET)
    for name, row in {
        "Revenus et dépenses": "Novembre 2026 2 500,00 € 100,00 € +2 400,00 €",
        "Dépenses par catégorie": "Loisirs 25,00 € 25 %",
    }.items():
        part = region(page, name)
        expect(part.get_by_role("table")).not_to_be_visible()
        tab_to(page, part.locator("summary", has_text="Voir les chiffres"))
        page.keyboard.press("Enter")
        expect(part.get_by_role("row", name=row)).to_be_visible()


def test_a_new_line_is_drawn_at_once_and_open_figures_stay_open(page: Page) -> None:
    page.goto(BUDGET)
    before = picture(drawn(page, "line"))
    part = region(page, "Dépenses par catégorie")
    part.get_by_text("Voir les chiffres").click()
    page.locator("body").press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Santé", exact=True).click()
    dialog.get_by_label("Montant").fill("300")
    dialog.get_by_label("Montant").press("Enter")
    expect(part.get_by_role("row", name="Santé 300,00 € 75 %")).to_be_visible()
    assert picture(drawn(page, "line")) != before
