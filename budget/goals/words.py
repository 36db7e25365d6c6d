"""A goal's pace in words: what the schedule worked out, as people say it."""

from __future__ import annotations

from decimal import Decimal

from babel.dates import format_date
from django.utils.translation import gettext

from budget.core.money import active_locale, money_format
from budget.core.templatetags.display import long_day
from budget.goals.models import Frequency
from budget.goals.schedule import ByContribution, ByDate, Plan


def rate(amount: Decimal, frequency: Frequency) -> str:
    """`45,50 € par mois`."""
    match frequency:
        case Frequency.WEEKLY:
            text = gettext("%(amount)s a week")
        case Frequency.FORTNIGHTLY:
            text = gettext("%(amount)s every two weeks")
        case Frequency.MONTHLY:
            text = gettext("%(amount)s a month")
        case Frequency.QUARTERLY:
            text = gettext("%(amount)s a quarter")
        case Frequency.YEARLY:
            text = gettext("%(amount)s a year")
    return text % {"amount": money_format(amount)}


def pace(plan: Plan, frequency: Frequency) -> str:
    """Where it leads: the date worked out from the contribution, or the other way round."""
    missing = money_format(plan.missing)
    match plan:
        case _ if plan.reached:
            return gettext("Goal reached")
        case ByContribution(day=None):
            return gettext("At this pace: not before 2200")
        case ByContribution(day=day):
            month = format_date(day, "LLLL y", locale=active_locale())
            return gettext("At this pace: %(month)s") % {"month": month}
        case ByDate(number=0, contribution=Decimal()):
            return gettext("It takes %(amount)s more") % {"amount": missing}
        case ByDate(contribution=Decimal() as each):
            return gettext("It takes %(rate)s") % {"rate": rate(each, frequency)}
        case ByDate():
            return gettext("The date has passed: %(amount)s is missing") % {"amount": missing}


def pace_note(plan: Plan, frequency: Frequency) -> str:
    """What was given: the contribution, or the target date. Nothing once it is reached."""
    match plan:
        case _ if plan.reached:
            return ""
        case ByContribution(contribution=each):
            return rate(each, frequency)
        case ByDate(contribution=None, day=day):
            return gettext("it was for %(day)s") % {"day": long_day(day)}
        case ByDate(day=day):
            return gettext("by %(day)s") % {"day": long_day(day)}
