"""What the site's own tags and filters write into pages."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import translation

from budget.core.fields import (
    AmountInput,
    ChipSelect,
    ColourField,
    DayInput,
    MoneyField,
    SegmentSelect,
)
from budget.core.money import NO_BREAK_SPACE


@pytest.fixture(autouse=True)
def french(today: dt.date) -> Iterator[None]:
    with translation.override("fr"):
        yield


def render(source: str, **context: Any) -> str:
    return Template(source).render(Context(context)).replace(NO_BREAK_SPACE, " ")


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("{{ v|money }}", Decimal("1234.56"), "1 234,56 €"),
        ("{{ v|grouped }}", 100_000, "100 000"),
        ("{{ v|grouped }}", None, ""),
        ("{{ v|money }}", None, ""),
        ("{{ v|signed_money }}", Decimal(2500), "+2 500,00 €"),
        ("{{ v|signed_money }}", None, ""),
        ("{{ v|money_round }}", Decimal("1721.63"), "1 722 €"),
        ("{{ v|money_round }}", None, ""),
        ("{{ v|negative|money }}", Decimal("41.20"), "−41,20 €"),
        ("{{ v|negative|money }}", None, ""),
        ("{{ v|percent }}", Decimal("0.3113"), "31 %"),
        ("{{ v|percent }}", Decimal("0.998"), "99 %"),
        ("{{ v|percent }}", 1, "100 %"),
        ("{{ v|percent }}", Decimal("1.055"), "106 %"),
        ("{{ v|percent }}", Decimal("0.001"), "< 1 %"),
        ("{{ v|percent }}", Decimal(0), "0 %"),
        ("{{ v|percent }}", Decimal("-0.05"), "−5 %"),
        ("{{ v|percent }}", None, ""),
        ("{{ v|day }}", dt.date(2026, 11, 17), "mar. 17 nov."),
        ("{{ v|day }}", dt.date(2026, 11, 1), "dim. 1er nov."),
        ("{{ v|day }}", dt.date(2025, 12, 28), "dim. 28 déc. 2025"),
        ("{{ v|day }}", None, ""),
        ("{{ v|full_day }}", dt.date(2026, 11, 1), "dimanche 1er novembre 2026"),
        ("{{ v|full_day }}", None, ""),
        ("{{ v|short_day }}", dt.date(2026, 11, 21), "21 nov."),
        ("{{ v|short_day }}", None, ""),
        ("{{ v|month }}", dt.date(2026, 11, 21), "Novembre 2026"),
        ("{{ v|month }}", None, ""),
        ("{% currency %}", None, "EUR"),
    ],
)
def test_values_in_french(source: str, value: object, shown: str) -> None:
    assert (
        Template(source)
        .render(Context({"v": value}, autoescape=False))
        .replace(NO_BREAK_SPACE, " ")
        == shown
    )


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("{{ v|money }}", Decimal("1234.56"), "€1,234.56"),
        ("{{ v|percent }}", Decimal("0.31"), "31%"),
        ("{{ v|day }}", dt.date(2026, 11, 1), "Sun 1 Nov"),
        ("{{ v|full_day }}", dt.date(2026, 11, 1), "Sunday 1 November 2026"),
    ],
)
def test_values_in_english(source: str, value: object, shown: str) -> None:
    with translation.override("en"):
        assert render(source, v=value) == shown


def test_a_moment_is_shown_as_its_local_day() -> None:
    late = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # past midnight in Paris
    assert render("{{ v|day }}", v=late) == "sam. 21 nov."


def test_a_days_tag_carries_the_full_date() -> None:
    assert render("{% day_tag v %}", v=dt.date(2026, 11, 17)) == (
        '<time datetime="2026-11-17" title="mardi 17 novembre 2026">mar. 17 nov.</time>'
    )


# Icons


def test_an_icon_is_inlined_and_hidden_from_readers() -> None:
    icon = render('{% icon "pencil" "care" %}')
    assert icon.startswith('<svg class="bi care" viewBox="0 0 16 16" aria-hidden="true"><path d="')
    assert icon.count("<svg") == icon.count("</svg>") == 1


def test_a_repeated_icon_refers_to_a_symbol_that_every_page_has() -> None:
    symbols = render_to_string("frame/symbols.html")
    for name in ("pencil", "copy", "trash3", "x-lg", "check-lg", "exclamation-circle-fill"):
        assert f'href="#i-{name}"' in render(f'{{% use_icon "{name}" %}}')
        assert f'<symbol id="i-{name}" viewBox="0 0 16 16"><path' in symbols


@pytest.mark.parametrize("name", ["no-such-icon", "../../../package", "Pencil"])
def test_an_icon_that_is_not_there_is_a_mistake_in_the_template(name: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        render(f'{{% icon "{name}" %}}')


@pytest.mark.parametrize("colour", ["#ef4444", "red", '"><script>', "url(#x)"])
def test_a_dot_takes_a_colour_and_nothing_else(colour: str) -> None:
    dot = render("{% dot colour %}", colour=colour)
    assert re.findall('fill="([^"]*)"', dot) == ["#ef4444" if colour == "#ef4444" else "#94a3b8"]
    assert "script" not in dot


def test_without_a_category_the_dot_is_dashed() -> None:
    assert 'class="dashed"' in render("{% dot None %}")


# Instruments, as pages have them


GAUGES = {
    "dial": "{% dial left=left of=income %}",
    "month_ruler": "{% month_ruler spent of=income first=first last=last %}",
    "limit_gauge": "{% limit_gauge spent=spent limit=income colour='#ef4444' landing=income %}",
    "limit_scale": "{% limit_scale %}",
    "goal_gauge": "{% goal_gauge saved=left target=income colour='#ef4444' %}",
    "kept_pips": "{% kept_pips kept=6 total=7 %}",
    "gate_circle": "{% gate_circle %}",
}


@pytest.fixture
def month() -> dict[str, Any]:
    return {
        "left": Decimal("778.37"),
        "spent": Decimal("1721.63"),
        "income": Decimal(2500),
        "first": dt.date(2026, 11, 1),
        "last": dt.date(2026, 11, 30),
    }


@pytest.mark.parametrize("name", GAUGES)
def test_no_gauge_has_a_decimal_comma_or_an_inline_style(name: str, month: dict[str, Any]) -> None:
    drawn = render(GAUGES[name], **month)
    attributes = re.findall(r' (?:x|y|x1|x2|width|height|d|viewBox)="([^"]*)"', drawn)
    assert attributes
    assert not [value for value in attributes if "," in value or not value]
    assert "style=" not in drawn


def test_the_dial_says_what_is_left_of_what(month: dict[str, Any]) -> None:
    drawn = render(GAUGES["dial"], **month)
    for words in ("Il reste", "778,37 €", "sur 2 500 €", "31 %", "plus d’un quart"):
        assert words in drawn


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("-120", "plus que le revenu"),
        ("0", "plus rien"),
        ("10", "moins d’un quart"),
        ("625", "un quart"),
        ("700", "plus d’un quart"),
        ("1250", "la moitié"),
        ("1300", "plus de la moitié"),
        ("1875", "les trois quarts"),
        ("2000", "plus des trois quarts"),
        ("2500", "tout"),
    ],
)
def test_the_dial_speaks_in_quarters(left: str, words: str) -> None:
    drawn = render("{% dial left of %}", left=Decimal(left), of=Decimal(2500))
    assert f'<span class="small d-block">{words}</span>' in drawn


def test_overspending_is_what_is_missing_not_a_negative_rest() -> None:
    drawn = render("{% dial left of %}", left=Decimal(-120), of=Decimal(2500))
    assert "Il manque" in drawn
    assert "120,00 €" in drawn
    assert "−120" not in drawn


def test_a_dial_without_income_waits_for_one_and_a_page_may_say_why() -> None:
    empty = render("{% dial left of %}", left=Decimal(0), of=None)
    assert "pas encore de revenu" in empty
    assert 'class="align-self-end"' not in empty
    noted = render("{% dial left of note='moyenne' %}", left=Decimal(5), of=Decimal(10))
    assert "moyenne" in noted


def test_the_ruler_is_spoken_as_one_picture(month: dict[str, Any]) -> None:
    drawn = render(GAUGES["month_ruler"], **month)
    assert (
        'role="img" aria-label="Règle du mois : 69 % du revenu dépensés, 70 % du mois écoulé."'
        in drawn
    )
    without = render(GAUGES["month_ruler"], **{**month, "income": None})
    assert 'aria-label="Règle du mois : pas encore de revenu."' in without


def test_an_overrun_is_hatched_and_a_limit_kept_is_not() -> None:
    gauge = "{% limit_gauge spent limit %}"
    assert "url(#hatch)" in render(gauge, spent=Decimal(110), limit=Decimal(100))
    assert "url(#hatch)" not in render(gauge, spent=Decimal(100), limit=Decimal(100))


def test_a_goals_gauge_names_its_quarters_only_where_asked() -> None:
    named = render("{% goal_gauge 650 1000 %}")
    assert "250 €" in named
    assert "1 000 €" in named
    assert "<text" not in render("{% goal_gauge 650 1000 labels=False %}")


# Where the reader is


@pytest.mark.parametrize(
    ("url_name", "place"),
    [
        ("overview", "overview"),
        ("transaction_list", "transactions"),
        ("transaction_create", "transactions"),
        ("budget", "budget"),
        ("category_detail", "categories"),
        ("goal_list", "goals"),
        ("archive_detail", "archives"),
        ("household_settings", "settings"),
        ("me", "me"),
        ("account_change_password", "me"),
    ],
)
def test_the_menu_knows_the_place_from_the_pages_name(url_name: str, place: str) -> None:
    request = SimpleNamespace(resolver_match=SimpleNamespace(url_name=url_name))
    assert render("{% current_place %}", request=request) == place


def test_a_page_may_say_itself_where_it_is_and_an_error_page_is_nowhere() -> None:
    assert render("{% current_place %}", nav="goals") == "goals"
    assert render("{% current_place %}") == ""


@pytest.mark.parametrize(
    ("url_name", "nav", "mark"),
    [
        ("account_logout", "me", ' aria-current="page"'),
        ("me_edit", "", ' aria-current="true"'),
        ("overview", "", ""),
    ],
)
def test_a_menu_line_is_marked_where_the_reader_is(url_name: str, nav: str, mark: str) -> None:
    request = SimpleNamespace(resolver_match=SimpleNamespace(url_name=url_name))
    line = render('{% place "me" "account_logout" "person" "Moi" %}', request=request, nav=nav)
    assert re.search(rf'<a href="/accounts/logout/"{mark}>', line)


def test_any_of_ones_households_has_an_address() -> None:
    assert (
        render("{{ h|household_address }}", h=SimpleNamespace(slug="chez-nous")) == "/h/chez-nous/"
    )


# Forms


class SampleForm(forms.Form):
    kind = forms.ChoiceField(
        label="Sens",
        choices=[("expense", "Dépense"), ("income", "Revenu")],
        widget=SegmentSelect(icons={"expense": "arrow-up-right"}),
    )
    amount = MoneyField(label="Montant", widget=AmountInput)
    limit = MoneyField(label="Limite", required=False, help_text="Par mois.")
    date = forms.DateField(label="Date", widget=DayInput)
    colour = ColourField(label="Couleur")
    kept = forms.BooleanField(label="Garder", required=False)
    wallet = forms.ChoiceField(label="Compte", choices=[("1", "Courant")])
    often = forms.ChoiceField(label="Fréquence", choices=[("m", "Mois")], widget=forms.RadioSelect)


def field(name: str, form: forms.Form | None = None) -> str:
    return str((form or SampleForm())[name].as_field_group()).replace(NO_BREAK_SPACE, " ")


def test_a_field_has_a_label_that_belongs_to_its_control() -> None:
    shown = field("wallet")
    assert re.search(r'<label class="form-label"\s+for="id_wallet">\s*Compte\s*</label>', shown)
    assert re.search(r'<select name="wallet"[^>]* class="form-select"[^>]* id="id_wallet"', shown)


def test_an_error_stands_beside_its_field_and_is_tied_to_it() -> None:
    shown = field("amount", SampleForm({"amount": "-5"}))
    assert "Le montant doit être supérieur à 0." in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_amount_error"' in shown
    assert 'id="id_amount_error"' in shown
    assert 'value="-5"' in shown


def test_help_is_tied_to_its_field() -> None:
    shown = field("limit")
    assert 'aria-describedby="id_limit_helptext"' in shown
    assert '<div class="help" id="id_limit_helptext">Par mois.</div>' in shown


def test_optional_fields_are_marked_unless_the_form_says_not_to() -> None:
    assert "(facultatif)" in field("limit")
    assert "(facultatif)" not in field("amount")
    assert "(facultatif)" not in field("kept")

    class Filter(SampleForm):
        hide_optional = True

    assert "(facultatif)" not in field("limit", Filter())


def test_a_checkbox_stands_before_its_label() -> None:
    shown = field("kept")
    assert shown.index("form-check-input") < shown.index("form-check-label")


def test_radios_are_a_group_with_a_legend() -> None:
    shown = field("often")
    assert '<legend class="form-label">Fréquence</legend>' in shown
    assert '<div class="choices">' in shown


def test_segments_hide_their_radios_from_sight_only() -> None:
    shown = field("kind")
    assert '<div class="seg" id="id_kind">' in shown
    assert shown.count('class="visually-hidden"') == 2
    assert shown.count('<svg class="bi"') == 1


def test_a_days_control_speaks_iso_in_every_language() -> None:
    shown = str(SampleForm(initial={"date": dt.date(2026, 11, 5)})["date"])
    assert 'type="date"' in shown
    assert 'value="2026-11-05"' in shown


def test_the_present_colour_is_offered_even_if_it_is_none_of_ours() -> None:
    assert 'value="#123456"' in field("colour", SampleForm(initial={"colour": "#123456"}))
    assert 'value="#123456"' not in field("colour")
    assert "javascript" not in field("colour", SampleForm(initial={"colour": "javascript:"}))


@pytest.mark.parametrize(("typed", "valid"), [("#EF4444", True), ("#ef44", False), ("red", False)])
def test_a_colour_is_six_hexadecimal_digits(typed: str, valid: bool) -> None:
    form = SampleForm({"colour": typed})
    assert ("colour" not in form.errors) is valid
    if valid:
        assert form.cleaned_data["colour"] == "#ef4444"


def test_chips_carry_the_colour_of_what_they_name() -> None:
    class Named(str):
        __slots__ = ("instance",)
        instance: object

    red = Named("1")
    red.instance = SimpleNamespace(colour="#ef4444")

    class Chips(forms.Form):
        category = forms.ChoiceField(
            choices=[(red, "Alimentation"), ("", "Aucune")], widget=ChipSelect
        )

    shown = field("category", Chips())
    assert shown.count('class="dot"') == 1
    assert 'fill="#ef4444"' in shown


def test_a_whole_form_says_first_what_is_wrong_with_it_as_a_whole() -> None:
    class Refusing(forms.Form):
        name = forms.CharField(initial="<b>")
        token = forms.CharField(widget=forms.HiddenInput, required=False)

        def clean(self) -> None:
            raise forms.ValidationError("Il manque <351,78 €>.")

    shown = str(Refusing({"name": "<b>"}))
    assert 'role="alert"' in shown
    assert "Il manque &lt;351,78" in shown
    assert 'value="&lt;b&gt;"' in shown
    assert shown.index('role="alert"') < shown.index('name="name"')
    assert shown.count('name="token"') == 1
