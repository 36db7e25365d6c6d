"""Writes about closed months. What may not change in them, the database refuses by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext

from budget.archives.models import ClosedMonth, ClosedMonthBalance, ClosedMonthLine, HolderKind
from budget.archives.selectors import closable_months
from budget.balances.month_ends import MonthEnd, month_ends
from budget.categories.models import Category
from budget.categories.services import retired_clear
from budget.core.guards import Refused, guarded
from budget.core.periods import Period, Unit
from budget.core.tenancy import active_household
from budget.transactions.flows import Flow, Flows
from budget.transactions.models import Transaction
from budget.transactions.selectors import flows_between
from budget.users.models import Household, User
from budget.users.services import household_lock


class AlreadyClosed(Refused):
    """The month is closed already."""

    def __init__(self, month: Period) -> None:
        super().__init__(gettext("%(month)s is closed already.") % {"month": capfirst(month.label)})


class NotClosed(Refused):
    """The month was reopened or erased meanwhile."""

    def __init__(self, month: Period) -> None:
        super().__init__(
            gettext("%(month)s is no longer closed.") % {"month": capfirst(month.label)}
        )


def month_close(*, period: Period, closed_by: User | None = None) -> ClosedMonth:
    """Close a month of the household in force: keep its figures, and let nothing change in it.

    Whoever writes a line at the same moment comes before, and the line is in the snapshot, or
    comes after, and it is refused. Raises AlreadyClosed, and Refused for a month that has not
    ended, that holds no transaction, or that is not one of the household's months.
    """
    closed = months_close(periods=[period], closed_by=closed_by)
    if not closed:
        raise AlreadyClosed(period)
    return closed[0]


def months_close(*, periods: Sequence[Period], closed_by: User | None = None) -> list[ClosedMonth]:
    """Close several months at once, leaving out those that are closed already; oldest first.

    Takes the same few statements whatever their number. Raises Refused as `month_close` does,
    and then closes none.
    """
    with guarded():
        _hold_ledger(periods)
        known = set(
            ClosedMonth.objects.filter(first_day__in=[month.first for month in periods])
            .order_by()
            .values_list("first_day", flat=True)
        )
        months = sorted({month for month in periods if month.first not in known})
        if not months:
            return []
        flows = flows_between(months[0], months[-1])
        for month in months:
            if not flows.over(month).count:
                raise Refused(
                    gettext("%(month)s holds no transaction: there is nothing to close.")
                    % {"month": capfirst(month.label)}
                )
        return _snapshot(months, flows, closed_by)


def months_close_older(*, older_than: int, closed_by: User | None = None) -> list[ClosedMonth]:
    """Close every month that ended more than `older_than` months ago; oldest first.

    Safe to repeat, and to run twice at once: the second waits, and finds nothing left to close.
    """
    with transaction.atomic():
        household_lock(active_household())
        periods = [month.period for month in closable_months(older_than=older_than)]
        return months_close(periods=periods, closed_by=closed_by) if periods else []


def _hold_ledger(periods: Iterable[Period]) -> None:
    """Wait for writes under way, let none begin, and see that the months can be closed at all."""
    household = active_household()
    household_lock(household)
    # The first day of the month may have moved while the lock was waited for.
    start_day = Household.objects.values_list("month_start_day", flat=True).get(pk=household.pk)
    today = timezone.localdate()
    for month in periods:
        if month.unit is not Unit.MONTH or month.start_day != start_day:
            raise Refused(gettext("This is not one of the household’s months."))
        if month.last >= today:
            raise Refused(
                gettext("%(month)s has not ended yet. It can be closed from %(day)s on.")
                % {
                    "month": capfirst(month.label),
                    "day": date_format(month.next.first, "DATE_FORMAT"),
                }
            )


def _snapshot(months: Sequence[Period], flows: Flows, closed_by: User | None) -> list[ClosedMonth]:
    household = active_household()
    totals = {month: flows.over(month) for month in months}
    closed = ClosedMonth.objects.bulk_create(
        ClosedMonth(
            household=household,
            first_day=month.first,
            last_day=month.last,
            income=total.income,
            expenses=total.expenses,
            count=total.count,
            closed_by=closed_by,
        )
        for month, total in totals.items()
    )
    categories: dict[int | None, Category] = dict(Category.objects.in_bulk())
    # A limit is kept, too, where nothing was spent: those categories have a line of zeros.
    limited = {
        pk: Flow()
        for pk, category in categories.items()
        if category.monthly_limit is not None and category.retired_at is None
    }
    ClosedMonthLine.objects.bulk_create(
        (
            _line(row, categories.get(category_id), flow)
            for row in closed
            for category_id, flow in (limited | flows.by_category(row.period)).items()
        ),
        batch_size=1000,
    )
    ends = month_ends(months)
    ClosedMonthBalance.objects.bulk_create(
        (each for row in closed for each in _balances(row, ends[row.period])), batch_size=1000
    )
    return closed


def _line(row: ClosedMonth, category: Category | None, flow: Flow) -> ClosedMonthLine:
    return ClosedMonthLine(
        household=active_household(),
        closed_month=row,
        category=category,
        category_name=category.name if category else "",
        colour=category.colour if category else "",
        monthly_limit=category.monthly_limit if category else None,
        income=flow.income,
        expenses=flow.expenses,
        neutral_in=flow.neutral_in,
        neutral_out=flow.neutral_out,
        count=flow.count,
    )


def _balances(row: ClosedMonth, end: MonthEnd) -> Iterator[ClosedMonthBalance]:
    for kind, held in ((HolderKind.WALLET, end.wallets), (HolderKind.BUCKET, end.buckets)):
        for each in held:
            yield ClosedMonthBalance(
                household=active_household(),
                closed_month=row,
                kind=kind,
                name=each.holder.name if each.holder else "",
                colour=each.holder.colour if each.holder else "",
                received=each.received,
                paid=each.paid,
                balance=each.balance,
            )


def month_reopen(*, closed: ClosedMonth) -> None:
    """Let a month's transactions change again. Its snapshot goes. Raises NotClosed.

    Lines of a retired category keep it until somebody gives them another.
    """
    with guarded():
        household_lock(active_household())
        _remove(closed)
        retired_clear()


def _remove(closed: ClosedMonth) -> None:
    # One statement on the row itself; its lines go with it.
    removed, _ = ClosedMonth.objects.filter(pk=closed.pk).delete()
    if not removed:
        raise NotClosed(closed.period)


def month_hide(*, closed: ClosedMonth) -> None:
    """Leave a month out of the list of archives; it stays closed."""
    _set_hidden(closed, True)


def month_show(*, closed: ClosedMonth) -> None:
    """Bring a hidden month back into the list."""
    _set_hidden(closed, False)


def _set_hidden(closed: ClosedMonth, hidden: bool) -> None:
    ClosedMonth.objects.filter(pk=closed.pk).update(hidden=hidden)
    closed.hidden = hidden


def month_erase(*, closed: ClosedMonth) -> int:
    """Delete a closed month's transactions and its snapshot for good, both or neither.

    Returns how many transactions went. The balance loses the month's own. Raises NotClosed.
    """
    with guarded():
        household_lock(active_household())
        _remove(closed)
        erased, _ = Transaction.objects.within(closed.period).delete()
        retired_clear()
    return erased
