"""The overview, and the place Budget: the dashboard and its categories."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from budget.core.http import render_page
from budget.goals.models import Goal
from budget.planning.limits import alerts
from budget.planning.overview import MONTHS, overview_today
from budget.transactions.ledger import ledger_page
from budget.transactions.models import Transaction


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The household's first page; filters and sorting concern its table alone."""
    now = overview_today()
    oldest = now.month.shift(1 - MONTHS)
    recent = Transaction.objects.filter(date__range=(oldest.first, now.month.last))
    ledger = ledger_page(request, rows=recent, count=now.recent.count, flows=now.flows)
    return render_page(
        request,
        "planning/overview.html",
        {
            "now": now,
            "ledger": ledger,
            "alerts": alerts(now.flows, now.month, ledger.categories),
            "goals": Goal.objects.active().with_saved()[:3],
        },
        partial="ledger",
    )
