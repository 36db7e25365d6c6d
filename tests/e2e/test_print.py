"""A page on paper: what was found out stays, what one would press is left out."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import expect

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.e2e.conftest import Tab
from tests.ledger import category, spend

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_a_printed_page_shows_its_figures_and_no_controls(
    tab: Tab, alice: User, household: Household, today: dt.date
) -> None:
    with household_scope(household):
        for _ in range(51):
            spend(5, dt.date(2026, 11, 20), category("Alimentation"), "Biocoop")
    page = tab(alice)
    page.goto("/h/alice/transactions/?kind=expense")
    following = page.get_by_role("link", name="Page suivante")
    expect(following).to_be_visible()
    page.emulate_media(media="print")
    expect(following).not_to_be_visible()
    expect(page.locator("#ledger td.main").first).to_be_visible()
    expect(page.locator("#ledger").get_by_text("Dépenses", exact=False)).to_be_visible()
    for control in page.locator("main :is(.btn, button, input, select)").all():
        expect(control).not_to_be_visible()
    page.goto("/h/alice/budget/")
    for control in page.locator("main :is(.btn, button:not(.chip), input, select)").all():
        expect(control).not_to_be_visible()
