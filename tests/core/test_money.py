"""Amounts: what is typed is read right or refused, what is written is exact, shares add up."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from babel.numbers import format_currency
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from budget.core.fields import AmountInput, MoneyField, MoneyInput
from budget.core.money import (
    LARGEST,
    MINUS,
    NO_BREAK_SPACE,
    MoneyError,
    active_currency,
    money_format,
    money_input,
    money_parse,
    set_active_currency,
    split_by_share,
)
from budget.goals.schedule import contribution_needed

amounts = st.decimals(min_value="0.01", max_value=LARGEST, places=2)
languages = st.sampled_from(["fr", "en"])
currencies = st.sampled_from(["EUR", "USD", "CHF", "JPY", "KWD"])


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    with translation.override("fr"):
        yield


@given(amount=amounts, language=languages, currency=currencies)
def test_what_is_written_is_read_back_as_the_same_amount(
    amount: Decimal, language: str, currency: str
) -> None:
    before = set_active_currency(currency)
    if currency == "JPY":  # Without cents, none can be typed.
        amount = max(amount // 1, Decimal(1))
    try:
        with translation.override(language):
            assert money_parse(money_format(amount)) == amount
            assert money_parse(money_input(amount)) == amount
    finally:
        set_active_currency(before)


@given(amount=st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2), language=languages)
def test_amounts_are_written_as_babel_writes_them(amount: Decimal, language: str) -> None:
    with translation.override(language):
        babel = format_currency(amount, "EUR", locale=language)
        expected = babel.replace("\u202f", NO_BREAK_SPACE).replace("-", MINUS)
        zero = format_currency(0, "EUR", locale=language)
        assert money_format(amount) == (expected if amount else zero)


@pytest.mark.parametrize(
    ("amount", "options", "written"),
    [
        ("1234.56", {}, "1 234,56 €"),
        ("1234567.8", {}, "1 234 567,80 €"),
        ("-41.2", {}, "−41,20 €"),
        ("2500", {"signed": True}, "+2 500,00 €"),
        ("-41.2", {"signed": True}, "−41,20 €"),
        ("0", {"signed": True}, "0,00 €"),
        ("1234.5", {"decimals": False}, "1 235 €"),
        ("-0.4", {"decimals": False}, "0 €"),
        ("1234.56", {"currency": "USD"}, "1 234,56 $US"),
        ("1200", {"currency": "JPY"}, "1 200 JPY"),
        ("1200.5", {"currency": "JPY"}, "1 200,50 JPY"),
    ],
)
def test_french_amounts(amount: str, options: dict[str, object], written: str) -> None:
    found = money_format(Decimal(amount), **options)  # type: ignore[arg-type]
    assert found.replace(NO_BREAK_SPACE, " ") == written


def test_an_amount_never_breaks_across_lines() -> None:
    assert " " not in money_format(Decimal("1234567.89"))
    assert "\u202f" not in money_format(Decimal("1234567.89"))  # the typeface has none


def test_english_puts_the_minus_before_the_symbol() -> None:
    with translation.override("en"):
        assert money_format(Decimal("-1234.5")) == "−€1,234.50"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("45,90", "45.90"),
        ("45.90", "45.90"),
        ("45,9", "45.90"),
        ("45", "45.00"),
        ("45,", "45.00"),
        (",5", "0.50"),
        (" +45,90 ", "45.90"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"),
        ("1\u2009234,56", "1234.56"),
        ("1 234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.56", "1234.56"),
        ("1’234.56", "1234.56"),
        ("1.234.567", "1234567.00"),
        ("1,234,567.8", "1234567.80"),
        ("12 345 678,90", "12345678.90"),
        ("45,90 €", "45.90"),
        ("€45.90", "45.90"),
        ("45.90 EUR", "45.90"),
        ("007", "7.00"),
        ("999999999999,99", "999999999999.99"),
    ],
)
def test_amounts_people_type(typed: str, amount: str) -> None:
    found = money_parse(typed)
    assert (found, found.as_tuple().exponent) == (Decimal(amount), -2)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", "empty"),
        (" \u00a0 ", "empty"),
        ("€", "empty"),
        ("0", "zero"),
        ("0,00", "zero"),
        ("-0", "zero"),
        ("-5", "negative"),
        ("−5", "negative"),
        ("- 5,00 €", "negative"),
        ("−€5.00", "negative"),
        ("12,345.678", "decimals"),
        ("1,234", "decimals"),
        ("0.001", "decimals"),
        ("1.234,567", "decimals"),
        ("1000000000000", "large"),
        ("9" * 10_000, "large"),
        ("abc", "invalid"),
        ("NaN", "invalid"),
        ("inf", "invalid"),
        ("Infinity", "invalid"),
        ("1e9", "invalid"),
        ("1e9999", "invalid"),
        ("1_000", "invalid"),
        ("0x10", "invalid"),
        ("12 34", "invalid"),
        ("1 23,4", "invalid"),
        ("1.23.4", "invalid"),
        ("1,234,56", "invalid"),
        ("1.234.567,8,9", "invalid"),
        ("1,2,3", "invalid"),
        (",", "invalid"),
        ("-", "invalid"),
        ("--5", "invalid"),
        ("1 234 567.89 12", "invalid"),
        ("٤٥", "invalid"),
        ("x" * 10_000, "invalid"),
        ("5\x00", "invalid"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(typed: str, kind: str) -> None:
    with pytest.raises(MoneyError) as refused:
        money_parse(typed)
    assert refused.value.kind == kind


@given(typed=st.text(max_size=60))
def test_no_text_at_all_breaks_the_reading(typed: str) -> None:
    try:
        amount = money_parse(typed)
    except MoneyError:
        return
    assert 0 < amount <= LARGEST
    assert amount == amount.quantize(Decimal("0.01"))


def test_zero_passes_only_where_it_is_asked_for() -> None:
    assert money_parse("0", zero=True) == 0
    with pytest.raises(MoneyError):
        money_parse("-5", zero=True)


def test_the_currency_is_the_contexts_and_can_be_put_back() -> None:
    assert active_currency() == "EUR"
    before = set_active_currency("USD")
    assert money_format(Decimal(5)).endswith("$US")
    assert money_format(Decimal(5), currency="EUR").endswith("€")
    assert set_active_currency(before) == "USD"
    assert set_active_currency(None) == active_currency() == "EUR"


# Shares

shares = st.lists(
    st.one_of(st.integers(0, 10_000), st.decimals(0, 100, places=3)), min_size=1, max_size=30
).filter(lambda parts: sum(parts) > 0)


@given(
    total=st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2),
    parts=shares,
)
def test_parts_add_up_to_the_whole_and_stay_within_a_cent(
    total: Decimal, parts: list[Decimal | int]
) -> None:
    split = split_by_share(total, parts)
    assert sum(split) == total
    assert len(split) == len(parts)
    whole = sum(parts, Decimal(0))
    for share, part in zip(parts, split, strict=True):
        assert abs(part - total * share / whole) < Decimal("0.01001")
        assert part == 0 if share == 0 else part * total >= 0


def test_the_cents_left_over_go_to_who_lost_most_then_to_the_first() -> None:
    def in_cents(total: str, parts: list[int]) -> list[str]:
        return [str(part) for part in split_by_share(Decimal(total), parts)]

    assert in_cents("10.00", [1, 1, 1]) == ["3.34", "3.33", "3.33"]
    assert in_cents("0.05", [60, 30, 10]) == ["0.03", "0.02", "0.00"]
    assert in_cents("-10.00", [1, 1, 1]) == ["-3.34", "-3.33", "-3.33"]


def test_where_there_are_no_cents_the_parts_are_whole_too() -> None:
    before = set_active_currency("JPY")
    try:
        assert split_by_share(Decimal("1000.00"), [1, 1, 1]) == [334, 333, 333]
        assert sum(split_by_share(Decimal("10.01"), [1, 1, 1])) == Decimal("10.01")
    finally:
        set_active_currency(before)


@pytest.mark.parametrize("parts", [[], [0, 0], [1, -1, 3]])
def test_shares_that_share_nothing_are_refused(parts: list[Decimal | int]) -> None:
    with pytest.raises(ValueError, match="share"):
        split_by_share(Decimal(10), parts)


def test_a_total_finer_than_a_cent_is_refused() -> None:
    with pytest.raises(ValueError, match="decimals"):
        split_by_share(Decimal("0.001"), [1])


# The form field


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0", "Le montant doit être supérieur à 0."),
        ("-5", "Le montant doit être supérieur à 0."),
        ("", "Indiquez un montant."),
        ("12,345.678", "Un montant a deux décimales au plus."),
        ("1e9999", "« 1e9999 » ne se lit pas comme un montant"),
        ("9" * 41, "Le montant ne peut pas dépasser"),
    ],
)
def test_the_field_says_what_is_wrong_in_the_readers_language(typed: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MoneyField().clean(typed)
    assert refused.value.messages[0].replace(NO_BREAK_SPACE, " ").startswith(message)


def test_a_long_text_is_not_repeated_at_full_length() -> None:
    with pytest.raises(ValidationError) as refused:
        MoneyField().clean("x" * 10_000)
    assert len(refused.value.messages[0]) < 200


def test_an_optional_field_left_empty_is_none_and_zero_is_a_bound() -> None:
    assert MoneyField(required=False).clean(" ") is None
    assert MoneyField(zero=True).clean("0") == 0
    with pytest.raises(ValidationError) as refused:
        MoneyField(zero=True).clean("-1")
    assert refused.value.code == "below"


def test_the_field_does_not_take_a_stored_amount_for_a_change() -> None:
    field = MoneyField()
    assert not field.has_changed(Decimal("45.90"), "45,9")
    assert field.has_changed(Decimal("45.90"), "45,91")


def test_the_control_shows_stored_amounts_in_the_readers_way_and_typed_ones_as_typed() -> None:
    widget = MoneyInput()
    assert widget.format_value(Decimal("1234.50")) == "1234,50"
    assert widget.format_value("12,345.678") == "12,345.678"
    with translation.override("en"):
        assert widget.format_value(Decimal("1234.50")) == "1234.50"


@pytest.fixture
def yen() -> Iterator[None]:
    before = set_active_currency("JPY")
    yield
    set_active_currency(before)


@pytest.mark.usefixtures("yen")
class TestACurrencyWithoutCents:
    def test_whole_amounts_are_read(self) -> None:
        for text in ("1 200", "1200,00", "1,200", "1.200"):
            assert money_parse(text) == Decimal(1200)

    @pytest.mark.parametrize("text", ["12,5", "12.50", "0,01"])
    def test_cents_are_refused_rather_than_rounded(self, text: str) -> None:
        with pytest.raises(MoneyError) as fault:
            money_parse(text)
        assert fault.value.kind == "whole"

    def test_cents_from_before_the_currency_was_changed_are_shown(self) -> None:
        assert "45,90" in money_format(Decimal("45.90"))
        assert money_input(Decimal("45.90")) == "45,90"

    def test_what_we_work_out_is_whole(self) -> None:
        assert contribution_needed(missing=Decimal(100), number=3) == 34

    def test_the_form_says_so(self) -> None:
        with pytest.raises(ValidationError, match="sans centimes"):
            MoneyField().clean("12,50")
        assert 'placeholder="0"' in AmountInput().render("amount", None)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("-12,50", "-12.50"),
        ("\u22121\u202f234,5 €", "-1234.50"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("+3", "3.00"),
        ("250", "250.00"),
    ],
)
def test_what_is_in_a_wallet_may_be_nothing_or_owed(typed: str, amount: str) -> None:
    read = money_parse(typed, signed=True)
    assert str(read) == amount


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", "empty"),
        ("-", "invalid"),
        ("--5", "invalid"),
        ("-1,234", "decimals"),
        ("-" + "9" * 13, "large"),
    ],
)
def test_a_signed_amount_is_read_as_strictly_as_any(typed: str, kind: str) -> None:
    with pytest.raises(MoneyError) as error:
        money_parse(typed, signed=True)
    assert error.value.kind == kind
