"""Light or dark: as the system has it, or as was chosen here."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from budget.users.models import Household, User
from tests.e2e.conftest import NARROW, Tab, Theme

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

GROUND = {"light": "rgb(243, 245, 249)", "dark": "rgb(11, 14, 20)"}


def expect_theme(page: Page, theme: Theme) -> None:
    expect(page.locator("body")).to_have_css("background-color", GROUND[theme])


@pytest.mark.parametrize(("system", "other"), [("light", "dark"), ("dark", "light")])
def test_the_systems_theme_holds_until_another_is_chosen_which_is_remembered(
    tab: Tab, alice: User, household: Household, system: Theme, other: Theme
) -> None:
    page = tab(alice, theme=system)
    page.goto("/h/alice/")
    expect_theme(page, system)
    page.emulate_media(color_scheme=other)
    expect_theme(page, other)
    page.emulate_media(color_scheme=system)
    expect_theme(page, system)

    page.get_by_role("button", name="Thème").click()
    expect_theme(page, other)
    page.reload()
    expect_theme(page, other)
    page.emulate_media(color_scheme=other)
    page.emulate_media(color_scheme=system)
    expect_theme(page, other)  # what was chosen holds, whatever the system does
    page.get_by_role("button", name="Thème").click()
    expect_theme(page, system)


def test_a_theme_chosen_in_one_tab_holds_in_the_others_and_on_the_login_page(
    tab: Tab, alice: User, household: Household
) -> None:
    page = tab(alice, width=NARROW)
    page.goto("/h/alice/")
    second = page.context.new_page()
    second.goto("/h/alice/budget/")
    page.get_by_role("button", name="Plus").click()
    page.locator("#more").get_by_role("button", name="Thème").click()
    expect_theme(page, "dark")
    expect_theme(second, "dark")
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    expect_theme(page, "dark")


def test_where_nothing_can_be_remembered_the_switch_works_on_the_page(
    tab: Tab, alice: User, household: Household
) -> None:
    page = tab(alice)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused') } })"
    )
    page.goto("/h/alice/")
    page.get_by_role("button", name="Thème").click()
    expect_theme(page, "dark")


@pytest.mark.parametrize("system", ["light", "dark"])
def test_without_scripts_the_systems_theme_holds_and_no_switch_is_offered(
    tab: Tab, alice: User, household: Household, system: Theme
) -> None:
    page = tab(alice, theme=system, scripts=False)
    page.goto("/h/alice/")
    expect_theme(page, system)
    expect(page.get_by_role("button", name="Thème")).not_to_be_visible()
