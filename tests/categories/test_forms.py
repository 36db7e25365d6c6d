"""The form of a category: what it refuses, and what it makes of a limit and a colour."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from budget.categories.forms import CategoryForm
from budget.categories.models import Category
from budget.core.fields import COLOURS, ColourField, ColourSelect
from budget.users.models import Household
from tests.ledger import bucket, category

pytestmark = pytest.mark.django_db

VALID = {"kind": "expense", "name": "Voyages", "description": "", "colour": "#ef4444"}


def form(**data: str) -> CategoryForm:
    return CategoryForm({**VALID, **data})


def errors(**data: str) -> dict[str, list[str]]:
    return {name: list(map(str, found)) for name, found in form(**data).errors.items()}


def test_a_name_and_a_colour_are_enough(scope: Household) -> None:
    found = form()
    assert found.is_valid()
    assert found.values()["monthly_limit"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "\u200b\u202e"),
        ("name", "x" * 61),
        ("name", "x" * 10_000),
        ("name", "a\x00b"),
        ("name", "sante"),
        ("description", "x" * 10_000),
        ("kind", "transfer"),
        ("kind", ""),
        ("colour", "red"),
        ("colour", "#ff"),
        ("colour", "#ff0000;}"),
        ("colour", ""),
        ("colour", "own"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(scope: Household, field: str, value: str) -> None:
    assert list(errors(**{field: value})) == [field]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "🥖 Pain", "ספרים", "L’eau “vive”"])
def test_names_are_free_text(scope: Household, name: str) -> None:
    assert form(name=name).is_valid()


@pytest.mark.parametrize(
    "limit", ["", "0", "-5", "abc", "NaN", "1e9999", "12,345.678", "9" * 13, "Infinity"]
)
def test_a_limit_that_is_no_amount_is_refused(scope: Household, limit: str) -> None:
    assert list(errors(limited="on", monthly_limit=limit)) == ["monthly_limit"]


def test_a_limit_is_read_as_people_type_it(scope: Household) -> None:
    found = form(limited="on", monthly_limit="1 234,56")
    assert found.is_valid()
    assert found.values()["monthly_limit"] == Decimal("1234.56")


@pytest.mark.parametrize(
    "data",
    [
        {"monthly_limit": "abc"},
        {"monthly_limit": "400"},
        {"kind": "income", "limited": "on", "monthly_limit": "400"},
        {"kind": "income", "limited": "on", "monthly_limit": "-5"},
    ],
)
def test_a_limit_that_is_not_shown_counts_for_nothing(
    scope: Household, data: dict[str, str]
) -> None:
    found = form(**data)
    assert found.is_valid()
    assert found.values()["monthly_limit"] is None


def test_a_category_keeps_its_name_but_takes_no_other_s(scope: Household) -> None:
    health = category("Santé")
    assert CategoryForm({**VALID, "name": "SANTE"}, category=health).is_valid()
    assert not CategoryForm({**VALID, "name": "loisirs"}, category=health).is_valid()


def test_a_changed_category_s_form_holds_what_it_is(scope: Household) -> None:
    Category.objects.filter(name="Santé").update(monthly_limit=100, colour="#123456")
    html = str(CategoryForm(category=category("Santé")))
    assert 'value="Santé"' in html
    assert 'value="100"' in html
    assert 'value="#123456"' in html


def test_a_new_category_begins_with_a_colour_that_no_other_has(scope: Household) -> None:
    taken = set(Category.objects.values_list("colour", flat=True))
    assert CategoryForm().initial["colour"] not in taken
    for colour, _name in COLOURS:
        Category.objects.create(name=colour, colour=colour)
    assert CategoryForm().initial["colour"] == COLOURS[0][0]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"colour": "#3B82F6"}, "#3b82f6"),
        ({"colour": "#3b82f6", "colour_own": "#000000"}, "#3b82f6"),
        ({"colour": "own", "colour_own": "#ABCDEF"}, "#abcdef"),
    ],
)
def test_a_colour_is_one_of_ours_or_any_other(data: dict[str, str], expected: str) -> None:
    typed = ColourSelect().value_from_datadict(data, {}, "colour")
    assert ColourField().clean(typed) == expected


def test_a_colour_of_one_s_own_is_shown_as_chosen() -> None:
    html = ColourSelect().render("colour", "#123456")
    assert html.count("checked") == 1
    assert 'name="colour_own" value="#123456"' in " ".join(html.split())
    ours = ColourSelect().render("colour", COLOURS[3][0])
    assert ours.count("checked") == 1
    assert f'value="{COLOURS[3][0]}"' in ours.partition("checked")[0]


def test_without_envelopes_the_form_asks_for_none_and_tells_that_the_last_was_closed(
    scope: Household,
) -> None:
    closed = bucket("Ancienne")
    closed.closed_at = timezone.now()
    closed.save()
    assert "bucket" not in form().fields
    assert list(errors(bucket=str(closed.pk))) == ["bucket"]
    found = form(bucket="")
    assert found.is_valid()
    assert found.values()["bucket"] is None


def test_a_category_names_an_open_envelope_of_its_own(scope: Household) -> None:
    envelope = bucket("Plaisir")
    found = form(bucket=str(envelope.pk))
    assert found.is_valid()
    assert found.values()["bucket"] == envelope
    assert list(errors(bucket="0")) == ["bucket"]
    assert list(errors(bucket="abc")) == ["bucket"]


@pytest.mark.parametrize("typed", ["", "abc", None])
def test_a_category_of_incomes_has_no_envelope(scope: Household, typed: str | None) -> None:
    envelope = bucket("Plaisir")
    found = form(kind="income", bucket=str(envelope.pk) if typed is None else typed)
    assert found.is_valid()
    assert found.values()["bucket"] is None
