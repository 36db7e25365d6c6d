"""A household's first weeks, from the empty page to a month that is closed and deleted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.utils import translation
from django.utils.translation import gettext, ngettext
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NARROW, WIDE, Tab
from tests.e2e.keyboard import tab_to

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@dataclass(frozen=True)
class Words:
    """What the page says where figures, days and names make it more than a translation."""

    food: str
    salary: str
    too_high: str
    income: str
    spent: str
    over: str
    goal: str
    october: str
    close_october: str
    october_again: str


WORDS = {
    "en": Words(
        food="Food",
        salary="Salary",
        too_high="Its limit of €100.00 is above this month’s income, €0.00.",
        income="€2,500.00",
        spent="−€125.40",
        over="Exceeded by €25.40",
        goal="€300.00",
        october="October 2026",
        close_october="Close October",
        october_again="October 2026 is open again: its transactions can be changed.",
    ),
    "fr": Words(
        food="Alimentation",
        salary="Salaire",
        too_high="Sa limite de 100,00 € dépasse les revenus du mois : 0,00 €.",
        income="2 500,00 €",
        spent="−125,40 €",
        over="Dépassé de 25,40 €",
        goal="300,00 €",
        october="octobre 2026",
        close_october="Clôturer octobre",
        october_again="Octobre 2026 est rouvert : ses transactions peuvent de nouveau changer.",
    ),
}


@dataclass
class Visit:
    """Someone at their screen, reading `words`."""

    page: Page
    narrow: bool
    words: Words

    def go(self, place: str) -> None:
        """By the side bar, or on a phone by the bar below and the menu on top."""
        page = self.page
        if not self.narrow:
            page.get_by_role("navigation", name=gettext("Main")).get_by_text(
                gettext(place), exact=True
            ).click()
        elif place in {"Archives", "Categories"}:
            page.get_by_role("button", name=gettext("More")).click()
            page.locator("#more").get_by_role("link", name=gettext(place)).click()
        else:
            page.get_by_role("navigation", name=gettext("Shortcuts")).get_by_role(
                "link", name=gettext(place), exact=True
            ).click()
        end = "" if place == "Overview" else f"{place.lower()}/"
        expect(page).to_have_url(re.compile(rf"/h/[^/]+/{end}$"))

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def told(self, text: str) -> None:
        expect(self.page.get_by_role("status").filter(has_text=text)).to_be_visible()

    def add(
        self, amount: str, category: str, description: str, date: dt.date | None = None
    ) -> None:
        """A line, by the button that every page has."""
        self.page.locator("[data-add]:visible").click()
        if category == self.words.salary:
            self.dialog.locator("label", has=self.page.locator("[value=income]")).click()
        self.fill(amount, category, description, date)

    def fill(
        self, amount: str, category: str, description: str, date: dt.date | None = None
    ) -> None:
        form = self.dialog
        form.get_by_label(gettext("Amount"), exact=True).fill(amount)
        form.get_by_text(category, exact=True).click()
        form.get_by_label(gettext("Description")).fill(description)
        if date:
            form.get_by_label(gettext("Date"), exact=True).fill(date.isoformat())
        form.get_by_role("button", name=gettext("Save"), exact=False).first.click()
        expect(form).not_to_be_visible()
        self.told(gettext("“%(title)s” added.") % {"title": description})

    @property
    def titles(self) -> Locator:
        return self.page.locator("#ledger td.main a")

    def lists(self, *titles: str) -> None:
        """These lines and no others, in whatever order."""
        expect(self.titles).to_have_count(len(titles))
        assert sorted(self.titles.all_inner_texts()) == sorted(titles)


@pytest.fixture(params=[("en", WIDE), ("fr", NARROW)], ids=["english", "french-phone"])
def visit(request: pytest.FixtureRequest, tab: Tab, today: dt.date) -> Iterator[Visit]:
    language, width = request.param
    with translation.override(language):
        yield Visit(tab(language=language, width=width), width == NARROW, WORDS[language])


def test_from_the_first_visit_to_a_closed_month(visit: Visit) -> None:
    sign_up(visit)
    set_a_limit_above_the_income(visit)
    note_an_income_and_overspend(visit)
    sort_and_filter_by_keyboard(visit)
    reach_a_goal(visit)
    close_hide_show_reopen_and_erase_last_month(visit)


def sign_up(visit: Visit) -> None:
    page = visit.page
    page.goto("/")
    page.get_by_role("link", name=gettext("Create a household")).click()
    page.get_by_label(gettext("Email address")).fill("nadia@example.org")
    page.get_by_label(gettext("Password")).fill("a quiet green kettle")
    page.get_by_role("button", name=gettext("Create my account")).click()
    expect(page.get_by_text(gettext("Welcome to your household"))).to_be_visible()
    expect(
        page.get_by_text(gettext("Ten categories are ready; keep those you need."))
    ).to_be_visible()
    page.go_back()  # to the form that was sent: the account is not made twice
    page.goto("/")


def set_a_limit_above_the_income(visit: Visit) -> None:
    page, words = visit.page, visit.words
    visit.go("Categories")
    expect(page.get_by_role("article")).to_have_count(10)
    page.get_by_role("link", name=gettext("New category")).click()
    visit.dialog.get_by_label(gettext("Name")).fill("Piano")
    visit.dialog.get_by_label(gettext("Set a monthly limit")).check()
    visit.dialog.get_by_label(gettext("Monthly limit"), exact=True).fill("100")
    visit.dialog.get_by_role("button", name=gettext("Save")).click()
    visit.told(words.too_high)
    expect(page.get_by_role("article", name="Piano")).to_be_visible()


def note_an_income_and_overspend(visit: Visit) -> None:
    page, words = visit.page, visit.words
    visit.go("Overview")
    page.get_by_role("link", name=gettext("Add an income")).click()
    visit.fill("2500", words.salary, "Paie")
    now = page.get_by_role("region", name=gettext("The present month"))
    expect(now.get_by_text(words.income).first).to_be_visible()
    visit.add("60", "Piano", "Cours")
    visit.add("45,40", "Piano", "Partitions")
    visit.add("20", "Piano", "Accordeur")
    expect(now.get_by_text(words.spent)).to_be_visible()
    watch = page.get_by_role("region", name=gettext("To watch"))
    expect(watch.get_by_role("listitem").filter(has_text="Piano")).to_contain_text(words.over)
    visit.add("70", words.food, "Marché", date=dt.date(2026, 10, 17))
    visit.add("900", words.salary, "Paie d’octobre", date=dt.date(2026, 10, 28))


def sort_and_filter_by_keyboard(visit: Visit) -> None:
    page = visit.page
    visit.go("Transactions")
    page.locator("body").click(position={"x": 1, "y": 1})
    if visit.narrow:
        tab_to(page, page.locator("#sort-menu summary"))
        page.keyboard.press("Enter")
        tab_to(page, page.locator("#sort-menu a", has_text=gettext("Amount")))
    else:
        tab_to(page, page.get_by_role("link", name=gettext("Amount"), exact=True))
    page.keyboard.press("Enter")
    expect(visit.titles.first).to_have_text("Paie")
    expect(visit.titles.last).to_have_text("Marché")
    if not visit.narrow:
        expect(page.get_by_role("columnheader", name=gettext("Amount"))).to_have_attribute(
            "aria-sort", "descending"
        )
        page.keyboard.press("Enter")  # the focus is still on the header
        expect(visit.titles.first).to_have_text("Marché")
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("piano")
    expect(visit.titles).to_have_count(3)
    tab_to(page, page.get_by_role("combobox", name=gettext("Direction")))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text(gettext("Nothing matches these filters"))).to_be_visible()
    chips = page.get_by_role("list", name=gettext("Filters in force"))
    tab_to(page, chips.get_by_role("link").first)
    page.keyboard.press("Enter")
    visit.lists("Paie", "Paie d’octobre")


def reach_a_goal(visit: Visit) -> None:
    page, words = visit.page, visit.words
    visit.go("Goals")
    page.get_by_role("link", name=gettext("New goal")).first.click()
    visit.dialog.get_by_label(gettext("Name")).fill("Métronome")
    visit.dialog.get_by_label(gettext("Target"), exact=True).fill("300")
    visit.dialog.get_by_label(gettext("Planned contribution")).fill("100")
    expect(visit.dialog.get_by_text("2027")).to_be_visible()  # when it will be reached
    visit.dialog.get_by_role("button", name=gettext("Save")).click()
    expect(visit.dialog).not_to_be_visible()
    goal = page.get_by_role("article", name="Métronome")
    expect(goal.get_by_text(ratio(0))).to_be_visible()
    goal.get_by_role("link", name=gettext("Add")).click()
    amount = visit.dialog.get_by_label(gettext("Amount"))
    amount.fill("9999")
    amount.press("Enter")
    missing = visit.dialog.locator(".fault")
    expect(missing).to_contain_text("3,204.60" if words.food == "Food" else "3 204,60")
    amount.fill("300")
    amount.press("Enter")
    expect(visit.dialog).not_to_be_visible()
    expect(goal.get_by_text(ratio(100))).to_be_visible()
    expect(goal.get_by_text(gettext("Goal reached"))).to_be_visible()


def ratio(percent: int) -> str:
    return f"{percent}\xa0%" if translation.get_language() == "fr" else f"{percent}%"


def close_hide_show_reopen_and_erase_last_month(visit: Visit) -> None:
    page, words = visit.page, visit.words
    october = words.october
    named = october[0].upper() + october[1:]
    visit.go("Archives")
    page.get_by_role("button", name=words.close_october).click()
    visit.told(gettext("%(month)s is closed.") % {"month": named})
    closed = page.get_by_role("region", name=gettext("Closed months"))
    row = closed.get_by_role("row", name=named)
    expect(row).to_be_visible()

    visit_month(visit, row)
    act(visit, row, "Hide", "Hide %(month)s")
    visit.told(gettext("%(month)s is hidden, and still closed.") % {"month": named})
    if visit.narrow:
        visit.go("Archives")
    expect(row).not_to_be_visible()
    show_hidden = ngettext("Show the hidden month (%(n)s)", "Show the hidden months (%(n)s)", 1)
    page.get_by_role("link", name=show_hidden % {"n": 1}).click()
    expect(row.get_by_text(gettext("hidden"))).to_be_visible()

    visit_month(visit, row)
    act(visit, row, "Show", "Show %(month)s")
    visit.told(gettext("%(month)s is shown again.") % {"month": named})
    act(visit, row, "Reopen", "Reopen %(month)s")
    visit.told(words.october_again)
    expect(closed).not_to_be_visible()

    page.get_by_role("button", name=words.close_october).click()
    expect(row).to_be_visible()
    visit_month(visit, row)
    act(visit, row, "Delete", "Delete %(month)s")
    for_good = visit.dialog.get_by_role("button", name=gettext("Delete for good"))
    expect(visit.dialog).to_contain_text("830")  # what the balance drops by
    expect(for_good).to_be_disabled()
    with page.expect_download() as download:
        visit.dialog.get_by_role("link", name=october).click()
    assert download.value.suggested_filename.endswith("2026-10.json")
    visit.dialog.get_by_role("textbox").fill(october[:-1])
    expect(for_good).to_be_disabled()
    visit.dialog.get_by_role("textbox").fill(october.upper())
    for_good.click()
    visit.told(gettext("%(month)s and its transactions are deleted.") % {"month": named})
    expect(visit.dialog).not_to_be_visible()
    expect(page.get_by_text(words.close_october)).not_to_be_visible()

    visit.go("Transactions")
    visit.lists("Accordeur", "Cours", "Paie", "Partitions")


def visit_month(visit: Visit, row: Locator) -> None:
    """On a phone, what can be done with a month is on its page."""
    if visit.narrow:
        row.get_by_role("link").first.click()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text(
            visit.words.october.capitalize()
        )


def act(visit: Visit, row: Locator, name: str, label: str) -> None:
    if visit.narrow:
        place = visit.page.get_by_role("main")
        label = gettext(name)
    else:
        place = row
        label = gettext(label) % {"month": visit.words.october}
    place.get_by_role("link" if name == "Delete" else "button", name=label, exact=True).click()
