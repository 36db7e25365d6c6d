"""Suggested categories: what decides, what is said of it, and how often it is right.

The households are tried as they live: each month's lines are suggested by the months before.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from budget.imports.learning import (
    FILLED,
    HALF_LIFE,
    SURE,
    Amounts,
    Choice,
    Learned,
    Suggestion,
    reason,
)
from tests.imports.labelled import FIRST_MONTH, HOUSEHOLDS, LabelledHousehold, LabelledLine

FOOD, SHOPPING, BILLS, PAY, HEALTH, FUN = range(1, 7)


def weight_of(age: int) -> float:
    """As how many lines of today one counts that is so many days old."""
    return float(0.5 ** (age / HALF_LIFE))


def choice(
    description: str, category: int, amount: str = "-20", times: int = 1, age: int = 0
) -> Choice:
    """Lines of one amount, in euros, and so many days old."""
    euros = Decimal(amount)
    cents = [abs(int(euros * 100))] * times
    return Choice(description, euros > 0, category, cents, times * weight_of(age))


def suggested(past: Sequence[Choice], description: str, amount: str = "-20") -> Suggestion | None:
    return Learned(past).suggest(description, Decimal(amount))


def category_of(past: Sequence[Choice], description: str, amount: str = "-20") -> int:
    found = suggested(past, description, amount)
    assert found is not None
    return found.category


CARREFOUR = [choice("Carrefour", FOOD, times=12), choice("Carrefour", SHOPPING)]


def test_what_was_chosen_before_is_suggested_with_its_reason() -> None:
    found = suggested(CARREFOUR, "CARTE 12/03 CARREFOUR PARIS CB*1234", "-31.50")
    assert found is not None
    assert found.category == FOOD
    assert (found.word, found.right, found.of) == ("CARREFOUR", 12, 13)
    assert 85 <= found.confidence <= 95


def test_the_cleaned_label_and_the_bank_s_are_one_name() -> None:
    label = "PAIEMENT PAR CARTE X7722 CARREFOUR PARIS 12/03"
    assert suggested(CARREFOUR, label) == suggested(CARREFOUR, "Carrefour")


def test_nothing_is_suggested_for_what_was_never_seen() -> None:
    assert suggested(CARREFOUR, "Piscine") is None
    assert suggested([], "Carrefour") is None
    assert suggested(CARREFOUR, "") is None


def test_an_amount_that_comes_again_decides_among_one_shop_s_lines() -> None:
    amazon = [choice("Amazon", SHOPPING, f"-{euros}.{euros}") for euros in range(11, 41)]
    amazon += [choice("Amazon", BILLS, "-9.99", times=6)]
    found = suggested(amazon, "Amazon", "-9.99")
    assert found is not None
    assert (found.category, found.amounts, found.right, found.of) == (BILLS, Amounts.SAME, 6, 6)
    assert found.confidence >= SURE
    assert category_of(amazon, "Amazon", "-25.00") == SHOPPING


def test_amounts_alike_decide_where_none_comes_twice() -> None:
    leclerc = [choice("E.Leclerc", FUN, f"-{60 + i}.1{i}") for i in range(8)]  # fuel
    leclerc += [choice("E.Leclerc", FOOD, f"-{20 + i}.2{i}") for i in range(9)]
    found = suggested(leclerc, "E.Leclerc", "-63.45")
    assert found is not None
    assert (found.category, found.amounts) == (FUN, Amounts.LIKE)
    assert category_of(leclerc, "E.Leclerc", "-24.50") == FOOD


def test_one_slip_does_not_decide_by_its_amount() -> None:
    lines = [choice("Carrefour", FOOD, f"-{20 + i}") for i in range(12)]
    lines += [choice("Carrefour", HEALTH, "-80")]
    assert category_of(lines, "Carrefour", "-80") == FOOD


def test_incomes_and_expenses_are_told_apart() -> None:
    town = [choice("Mairie", FUN, "-12", times=3), choice("Mairie", PAY, "1800", times=3)]
    assert category_of(town, "Mairie", "-15") == FUN
    assert category_of(town, "Mairie", "1750") == PAY


def test_a_refund_goes_where_the_purchase_went_and_is_less_sure() -> None:
    bought = [choice("Zalando", SHOPPING, times=5), choice("Employeur", PAY, "1800", times=5)]
    refund = suggested(bought, "Zalando", "35")
    bought_again = suggested(bought, "Zalando", "-35")
    assert refund is not None
    assert bought_again is not None
    assert refund.category == SHOPPING
    assert (refund.right, refund.of) == (5, 5)
    assert refund.confidence < bought_again.confidence


def test_a_new_shop_is_known_by_its_rare_word_and_not_by_a_town_s() -> None:
    past = [
        choice("Pharmacie Nation Paris", HEALTH, times=3),
        choice("Pharmacie du Port", HEALTH, times=2),
        choice("Monoprix Paris", FOOD, times=9),
        choice("Zara Paris", SHOPPING, times=4),
        choice("Arkose Paris", FUN, times=4),
    ]
    found = suggested(past, "Pharmacie Lafayette Paris")
    assert found is not None
    assert (found.category, found.word, found.right, found.of) == (HEALTH, "PHARMACIE", 5, 5)
    town_alone = suggested(past, "Guignol Paris")
    assert town_alone is None or town_alone.confidence < FILLED


def test_the_first_words_of_a_name_go_before_its_single_words() -> None:
    past = [
        choice("Uber Eats Lyon", FOOD, times=5),
        choice("Uber Trip Lyon", FUN, times=5),
        choice("Uber Trip Metz", FUN, times=5),
    ]
    found = suggested(past, "Uber Eats Paris")
    assert found is not None
    assert (found.category, found.word) == (FOOD, "UBER EATS")


def test_a_household_that_changes_its_mind_is_followed() -> None:
    past = [choice("Deezer", FUN, "-10.99", times=10, age=420)]
    past += [choice("Deezer", BILLS, "-10.99", times=8)]
    assert category_of(past, "Deezer", "-10.99") == BILLS


def test_a_number_in_a_name_does_not_make_another_name() -> None:
    past = [choice("Lidl 334", FOOD, times=4)]
    assert suggested(past, "Lidl 1042") is not None
    assert category_of(past, "Lidl 1042") == FOOD


def test_the_order_of_the_past_changes_nothing() -> None:
    lines = [*CARREFOUR, choice("Carrefour City", FUN, times=2), choice("City Sport", FUN)]
    for name in ("Carrefour", "Carrefour City", "City Carrefour", "Sport"):
        assert suggested(lines, name) == suggested(lines[::-1], name)


histories = st.lists(
    st.builds(
        Choice,
        description=st.sampled_from(
            ["Carrefour", "Carrefour City", "Amazon", "PARIS", "", "9", "é"]
        )
        | st.text(max_size=12),
        incoming=st.booleans(),
        category=st.integers(1, 5),
        cents=st.lists(st.integers(1, 10**8), min_size=1, max_size=30),
        weight=st.floats(1e-9, 100),
    ),
    max_size=12,
)


@given(histories, st.sampled_from(["Carrefour City", "Amazon", "9", ""]) | st.text(max_size=12),
       st.decimals(-5000, 5000, places=2))  # fmt: skip
def test_whatever_the_past_a_suggestion_is_one_of_its_categories(
    past: list[Choice], description: str, amount: Decimal
) -> None:
    learned = Learned(past)
    found = learned.suggest(description, amount)
    assert found == learned.suggest(description, amount)
    if found is not None:
        assert found.category in {choice.category for choice in past}
        assert 0 <= found.confidence <= 99
        assert 0 <= found.right <= found.of


def said(amounts: Amounts, language: str) -> str:
    with override(language):
        return reason(word="CARREFOUR", right=12, of=13, amounts=amounts)


def test_the_reason_is_in_the_reader_s_language_and_says_which_amounts_it_rests_on() -> None:
    assert said(Amounts.ANY, "en") == "12 of 13 “CARREFOUR”"
    assert said(Amounts.SAME, "en") == "12 of 13 “CARREFOUR” of this amount"
    assert said(Amounts.ANY, "fr") == "12 «\xa0CARREFOUR\xa0» sur 13"
    assert said(Amounts.LIKE, "fr") == "12 «\xa0CARREFOUR\xa0» sur 13 d’un montant proche"


def test_a_percent_sign_in_a_name_is_just_that() -> None:
    assert "100%BIO" in reason(word="100%BIO", right=2, of=3)


# How it does in the life of five households.


class Tried(NamedTuple):
    line: LabelledLine
    confidence: int  # 0 where nothing was suggested
    right: bool


def choices(lines: Sequence[LabelledLine], ids: dict[str, int], today: dt.date) -> list[Choice]:
    """What was chosen for the lines until today."""
    return [
        Choice(
            line.label,
            line.amount > 0,
            ids[line.chosen],
            [abs(int(line.amount * 100))],
            weight_of((today - line.date).days),
        )
        for line in lines
        if line.chosen
    ]


@lru_cache
def tried(household: LabelledHousehold, seed: int, months: int = 18) -> list[Tried]:
    """Each line from the third month on, as the months before it have it suggested."""
    lines = household.lines(seed=seed, months=months)
    ids = {name: number for number, name in enumerate(sorted({line.chosen for line in lines}))}
    results = []
    for month in range(2, months):
        first = FIRST_MONTH.replace(year=2025 + month // 12, month=1 + month % 12)
        learned = Learned(choices([line for line in lines if line.date < first], ids, first))
        for line in lines:
            if (line.date.year, line.date.month) == (first.year, first.month):
                found = learned.suggest(line.label, line.amount)
                right = found is not None and found.category == ids[line.category]
                results.append(Tried(line, found.confidence if found else 0, right))
    return results


def share_right(lines: Sequence[Tried]) -> float:
    return sum(line.right for line in lines) / len(lines)


def told(lines: Sequence[Tried]) -> str:
    """How many are filled in and right, and how right each ten of confidence is."""
    filled = [line for line in lines if line.confidence >= FILLED]
    bins = []
    for low in range(0, 100, 10):
        within = [line for line in lines if low <= line.confidence < low + 10]
        if within:
            bins.append(f"{low}–{low + 9}: {share_right(within):.0%} of {len(within)}")
    return (
        f"{len(lines)} lines, {len(filled) / len(lines):.1%} filled in, "
        f"{share_right(filled):.1%} of these right; {', '.join(bins)}"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("household", HOUSEHOLDS, ids=lambda household: household.name)
def test_what_is_filled_in_by_itself_is_right_and_is_most(
    household: LabelledHousehold, seed: int
) -> None:
    lines = tried(household, seed)
    print(household.name, told(lines))  # noqa: T201 pytest -rP shows it
    filled = [line for line in lines if line.confidence >= FILLED]
    sure = [line for line in lines if line.confidence >= SURE]
    assert len(lines) > 900
    assert share_right(filled) >= 0.92
    assert share_right(sure) >= 0.96
    assert len(filled) / len(lines) >= 0.75


def test_the_confidence_says_how_often_it_is_right() -> None:
    lines = [
        line for household in HOUSEHOLDS for seed in (1, 2, 3) for line in tried(household, seed)
    ]
    print(told(lines))  # noqa: T201
    for low in range(20, 100, 10):
        within = [line for line in lines if low <= line.confidence < low + 10]
        mean = sum(line.confidence for line in within) / len(within) / 100
        assert len(within) > 50
        # Rather too modest than too sure.
        assert mean - 0.05 <= share_right(within) <= mean + 0.2, f"{low}: {share_right(within)}"


@pytest.mark.parametrize("known", [10, 20, 40])
def test_a_household_that_begins_is_not_promised_too_much(known: int) -> None:
    """With so few lines chosen most are left to be checked, and those filled in are right."""
    filled, sure = [], []
    for household, seed in itertools.product(HOUSEHOLDS, range(4, 24)):
        lines = household.lines(seed=seed, months=3)
        chosen = [line for line in lines if line.chosen][:known]
        ids = {name: number for number, name in enumerate({line.chosen for line in lines})}
        learned = Learned(choices(chosen, ids, chosen[-1].date))
        for line in lines[lines.index(chosen[-1]) + 1 :][:60]:
            found = learned.suggest(line.label, line.amount)
            if found is not None and found.confidence >= FILLED:
                filled.append(found.category == ids.get(line.category))
            if found is not None and found.confidence >= SURE:
                sure.append(found.category == ids.get(line.category))
    assert sum(filled) / len(filled) >= 0.8
    assert sum(sure) / len(sure) >= 0.9


def test_transfers_between_own_accounts_are_hardly_ever_filled_in() -> None:
    """They have no category, and nothing in the past says so: no suggestion may be too sure."""
    own = [
        line for household in HOUSEHOLDS for line in tried(household, 1) if not line.line.category
    ]
    assert len(own) > 50
    assert sum(line.confidence >= FILLED for line in own) / len(own) < 0.1
