"""A goal's pace, as people say it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.translation import override

from budget.goals.models import Frequency
from budget.goals.schedule import Plan, plan
from budget.goals.words import pace, pace_note

TODAY = dt.date(2026, 11, 17)


def planned(
    contribution: int | None = None,
    target_date: dt.date | None = None,
    saved: int = 0,
    frequency: Frequency = Frequency.MONTHLY,
) -> Plan:
    return plan(
        target=Decimal(1000),
        saved=Decimal(saved),
        frequency=frequency,
        contribution=None if contribution is None else Decimal(contribution),
        target_date=target_date,
        today=TODAY,
    )


@pytest.mark.parametrize(
    ("frequency", "french", "english"),
    [
        (Frequency.WEEKLY, "45,00\u00a0€ par semaine", "€45.00 a week"),
        (Frequency.FORTNIGHTLY, "45,00\u00a0€ toutes les deux semaines", "€45.00 every two weeks"),
        (Frequency.MONTHLY, "45,00\u00a0€ par mois", "€45.00 a month"),
        (Frequency.QUARTERLY, "45,00\u00a0€ par trimestre", "€45.00 a quarter"),
        (Frequency.YEARLY, "45,00\u00a0€ par an", "€45.00 a year"),
    ],
)
def test_each_frequency_has_its_words(frequency: Frequency, french: str, english: str) -> None:
    for language, words in (("fr", french), ("en", english)):
        with override(language):
            assert pace_note(planned(45, frequency=frequency), frequency) == words


@pytest.mark.parametrize(
    ("worked_out", "words", "note"),
    [
        (planned(70, saved=650), "À ce rythme\u00a0: avril 2027", "70,00\u00a0€ par mois"),
        (planned(70, saved=1000), "Objectif atteint", ""),
        (planned(target_date=dt.date(2026, 1, 1), saved=1000), "Objectif atteint", ""),
        (
            planned(target_date=dt.date(2027, 3, 1)),
            "Il faut 333,34\u00a0€ par mois",
            "d’ici le 1er mars 2027",
        ),
        (
            planned(target_date=dt.date(2026, 11, 20)),
            "Il faut encore 1\u00a0000,00\u00a0€",
            "d’ici le 20 novembre 2026",
        ),
        (
            planned(target_date=dt.date(2026, 11, 16)),
            "La date est passée\u00a0: il manque 1\u00a0000,00\u00a0€",
            "c’était pour le 16 novembre 2026",
        ),
    ],
)
def test_every_case_is_said_in_french(worked_out: Plan, words: str, note: str) -> None:
    with override("fr"):
        assert pace(worked_out, Frequency.MONTHLY) == words
        assert pace_note(worked_out, Frequency.MONTHLY) == note


def test_what_takes_centuries_has_no_month() -> None:
    centuries = plan(
        target=Decimal(10**9),
        saved=Decimal(0),
        frequency=Frequency.YEARLY,
        contribution=Decimal("0.01"),
        target_date=None,
        today=TODAY,
    )
    with override("fr"):
        assert pace(centuries, Frequency.YEARLY) == "À ce rythme\u00a0: pas avant 2200"
