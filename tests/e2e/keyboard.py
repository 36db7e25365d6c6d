"""What a person does who has no mouse."""

from playwright.sync_api import Locator, Page, expect

MOST_STOPS = 80


def focused(locator: Locator) -> bool:
    """Whether the focus is on it."""
    return bool(
        locator.count() and locator.first.evaluate("each => each === document.activeElement")
    )


def tab_to(page: Page, locator: Locator) -> None:
    """Press Tab until the focus is there, once around the page at most."""
    expect(locator).to_be_visible()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if focused(locator):
            return
    raise AssertionError(f"The Tab key does not reach {locator}.")
