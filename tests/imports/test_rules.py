"""Which rule decides a line: text, amount, wallet, and their order."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from budget.imports.models import Matching
from budget.imports.rules import BadPattern, Rulebook, Ruling, pattern_compile, words

CARREFOUR = "CARTE 12/03 CARREFOUR  CITY PARIS CB*1234"


def rule(pk: int = 1, text: str = "", **says: object) -> Ruling:
    values: dict[str, object] = {"category": 7} | says
    return Ruling(pk, text, text=text, **values)  # type: ignore[arg-type]


def decides(
    *rules: Ruling,
    label: str = CARREFOUR,
    description: str = "Carrefour City",
    amount: str = "-41.20",
    wallet: int | None = 3,
) -> int | None:
    """The key of the rule that decides a line, or None."""
    found = Rulebook(rules).ruling(label, description, Decimal(amount), wallet)
    return found.pk if found else None


@pytest.mark.parametrize("text", ["carrefour", "CARREFOUR CITY", "Carréfour  çity", "cb*1234"])
def test_a_text_is_found_whatever_its_case_accents_and_spaces(text: str) -> None:
    assert decides(rule(text=text)) == 1


@pytest.mark.parametrize("text", ["carrefour.city", "C[A]RTE", "a*", "carrefour\\b", "monoprix"])
def test_a_text_is_no_pattern(text: str) -> None:
    assert decides(rule(text=text)) is None


def test_a_beginning_is_looked_for_in_the_bank_s_words_and_in_the_clean_ones() -> None:
    def starts(text: str) -> Ruling:
        return rule(text=text, matching=Matching.STARTS)

    assert decides(starts("carte 12")) == 1
    assert decides(starts("carrefour")) == 1
    assert decides(starts("city")) is None
    assert decides(starts("CB*1234 Carrefour")) is None


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        (r"^carte \d\d/\d\d", True),
        (r"^Carrefour (city|market)$", True),
        (r"cárréfour", True),
        (r"\bcar\b", False),
        (r"\D{30}", False),
        (r"CARREFOUR$", False),
    ],
)
def test_a_pattern_is_searched_in_either(pattern: str, *, fits: bool) -> None:
    assert (decides(rule(text=pattern, matching=Matching.REGEX)) == 1) is fits


@pytest.mark.parametrize(
    ("amount", "fits"),
    [("-9.99", False), ("-10", True), ("10", True), ("-20.00", True), ("20.01", False)],
)
def test_an_amount_lies_between_both_ends_included_whatever_its_sign(
    amount: str, *, fits: bool
) -> None:
    between = rule(amount_min=Decimal(10), amount_max=Decimal(20))
    assert (decides(between, amount=amount) == 1) is fits


def test_a_wallet_that_nobody_has_told_is_none_that_a_rule_asks_for() -> None:
    assert decides(rule(wallet=3)) == 1
    assert decides(rule(wallet=4)) is None
    assert decides(rule(wallet=3), wallet=None) is None


def test_what_goes_to_the_line_s_own_wallet_is_no_transfer() -> None:
    to_three = rule(1, "carrefour", category=None, transfer_to=3)
    assert decides(to_three, rule(2, "city")) == 2
    assert decides(to_three, wallet=4) == 1


def test_all_that_a_rule_asks_for_must_be_there() -> None:
    asks = {"text": "carrefour", "amount_min": Decimal(40), "wallet": 3}
    assert decides(rule(**asks)) == 1  # type: ignore[arg-type]
    assert decides(rule(**asks), amount="-39") is None  # type: ignore[arg-type]
    assert decides(rule(**asks), label="MONOPRIX", description="") is None  # type: ignore[arg-type]


def test_the_first_that_fits_decides_whatever_kind_it_is() -> None:
    plain = rule(1, "carrefour")
    pattern = rule(2, "carrefour", matching=Matching.REGEX)
    always = rule(3, amount_min=Decimal(1))
    assert decides(plain, pattern, always) == 1
    assert decides(pattern, always, plain) == 2
    assert decides(always, plain, pattern) == 3
    assert decides(rule(4, "carrefour", amount_min=Decimal(50)), pattern) == 2


def test_a_stored_pattern_that_cannot_be_read_fits_nothing_and_stops_nothing() -> None:
    assert decides(rule(1, "(", matching=Matching.REGEX), rule(2, "carrefour")) == 2


def test_a_text_without_anything_to_compare_fits_nothing() -> None:
    assert decides(rule(1, "\u0301 \u00a0")) is None


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(carrefour", "il manque une parenthèse fermante"),
        ("[carrefour", "il manque un crochet fermant"),
        ("*", "rien ne précède un signe de répétition"),
        ("a{1001}", "il répète quelque chose trop de fois"),
        (r"(a)\1", "ce qui suit une barre oblique inverse n’est pas connu"),
        ("(?=a)b", "regarder en avant ou en arrière n’est pas possible ici"),
        ("[z-a]", "un intervalle entre crochets n’est pas connu"),
        ("(.*a.{90}){9}b", "il est trop complexe"),
        (r"(\pL{20} ?){40}", "il est trop complexe"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_told_why(pattern: str, said: str) -> None:
    with override("fr"), pytest.raises(BadPattern, match=re.escape(said)):
        pattern_compile(pattern)


def test_a_pattern_that_would_take_others_for_ever_takes_one_pass() -> None:
    pattern = pattern_compile(r"(x+x+)+y|^(([a-z])+.)+[0-9]([a-z])+$")
    assert pattern.search("x" * 1000) is None


def test_of_a_label_without_end_only_the_beginning_is_looked_at() -> None:
    assert (
        decides(rule(text="carrefour"), label="x" * 10_000_000 + "carrefour", description="")
        is None
    )


@given(st.text(max_size=30), st.text(max_size=30))
def test_text_and_plain_comparison_agree(text: str, label: str) -> None:
    """The automaton finds what `in` finds, and nothing else."""
    wanted = words(text)
    found = decides(rule(text=text), label=label, description="") == 1
    assert found == bool(not text or (wanted and wanted in words(label)))


@given(
    st.lists(st.sampled_from(["a", "b", "ab", "c", "^b", ""]), max_size=8),
    st.text("abc", max_size=6),
    st.integers(0, 30),
)
def test_asking_all_at_once_is_asking_one_after_the_other(
    texts: list[str], label: str, amount: int
) -> None:
    rules = [
        rule(
            place + 1,
            text,
            matching=Matching.REGEX if "^" in text else Matching.CONTAINS,
            amount_min=Decimal(place * 4),
        )
        for place, text in enumerate(texts)
    ]
    line = {"label": label, "description": "", "amount": str(amount)}
    one_by_one = (decides(each, **line) for each in rules)  # type: ignore[arg-type]
    assert decides(*rules, **line) == next(filter(None, one_by_one), None)  # type: ignore[arg-type]
