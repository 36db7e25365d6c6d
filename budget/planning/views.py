"""The overview, and the place Budget: the dashboard and its categories."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from budget.categories.forms import CategoryForm
from budget.categories.models import Category
from budget.categories.services import NameTaken, category_create, category_update
from budget.core.guards import ChangedMeanwhile, GoneMeanwhile, Refused
from budget.core.http import back, done, render_page
from budget.core.money import money_format
from budget.core.periods import Period, Unit
from budget.core.tenancy import active_household, reverse
from budget.goals.selectors import first_goals
from budget.planning import calendar, charts, selectors
from budget.planning.forms import CategoryRemovalForm
from budget.planning.limits import alerts
from budget.planning.overview import MONTHS, overview_today
from budget.planning.services import category_remove
from budget.transactions.ledger import ledger_page
from budget.transactions.models import Transaction
from budget.transactions.selectors import current_period
from budget.users.access import requires
from budget.users.models import Role


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
            "goals": first_goals(),
        },
        partial="ledger",
    )


@require_safe
def budget(request: HttpRequest) -> HttpResponse:
    """The dashboard of `?period=2026-11`, `2026-Q4` or `2026`; of the present month without it."""
    period = _period(request)
    present = current_period()
    shown = selectors.dashboard(period)
    return render_page(
        request,
        "planning/budget.html",
        {
            "dashboard": shown,
            "navigation": calendar.navigation(period, present),
            "previous": calendar.brief(period.previous),
            "ends": calendar.span(shown.evolution[0].period, period),
            "unfinished": period >= present.as_unit(period.unit),
            "evolution": charts.evolution(shown),
            "shares": charts.slices(shown),
            "mean_words": charts.mean_words(period.unit),
        },
    )


def _period(request: HttpRequest) -> Period:
    code = request.GET.get("period")
    if not code:
        return current_period()
    try:
        return Period.parse(code, start_day=active_household().month_start_day)
    except ValueError as error:
        raise Http404 from error


@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    cards = selectors.category_cards(current_period())
    limits = [limit for card in cards if (limit := card.category.monthly_limit) is not None]
    return render_page(
        request,
        "planning/category_list.html",
        {"cards": cards, "limited": len(limits), "limits": sum(limits)},
    )


@require_safe
def category_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A category over `?unit=month` (12), `quarter` (8) or `year` (5)."""
    units = {unit.slug: unit for unit in Unit}
    unit = units.get(request.GET.get("unit", "month"))
    if unit is None:
        raise Http404
    history = selectors.category_history(_category(pk), unit)
    return render_page(
        request,
        "planning/category_detail.html",
        {
            "history": history,
            "category": history.category,
            "units": list(Unit),
            "present": calendar.brief(history.present.period),
            "ends": calendar.span(history.points[0].period, history.present.period),
            "bars": charts.history_bars(history),
            "finished": charts.finished_words(history),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def category_add(request: HttpRequest) -> HttpResponse:
    form = CategoryForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        category = category_create(**form.values())
    except (NameTaken, GoneMeanwhile) as refusal:
        _tell(form, refusal)
        return _form(request, form, status=409)
    said = _("Category “%(name)s” added.") % {"name": category.name}
    return _saved(request, category, said)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    category = _category(pk)
    form = CategoryForm(request.POST if request.method == "POST" else None, category=category)
    if request.method != "POST":
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        category = category_update(
            category=category, version=form.cleaned_data["version"], **form.values()
        )
    except ChangedMeanwhile as conflict:
        return _form(request, form, conflict=conflict, status=409)
    except (NameTaken, GoneMeanwhile) as refusal:
        _tell(form, refusal)
        return _form(request, form, status=409)
    said = _("Category “%(name)s” saved.") % {"name": category.name}
    return _saved(request, category, said)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def category_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a category, and first move what it holds to where the person says."""
    category = _category(pk)
    use = selectors.category_use(category)
    form = CategoryRemovalForm(
        request.POST if request.method == "POST" else None, category=category, use=use
    )
    if request.method != "POST":
        return _removal(request, form, use)
    if not form.is_valid():
        return _removal(request, form, use, status=422)
    try:
        gone = category_remove(category=category, **form.destination())
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _removal(request, form, use, status=409)
    said = (
        _("Category “%(name)s” deleted.")
        if gone
        else _("Category “%(name)s” deleted. Closed months still show it.")
    )
    return done(
        request,
        said % {"name": category.name},
        to=reverse("category_list"),
        leave="leave" in request.GET,
    )


def _category(pk: int) -> Category:
    return get_object_or_404(Category.objects.active(), pk=pk)


def _tell(form: CategoryForm, refusal: NameTaken | GoneMeanwhile) -> None:
    """Put a refusal beside what it is about. Without envelopes, it is the household that went."""
    field = "name" if isinstance(refusal, NameTaken) else "bucket"
    form.add_error(field if field in form.fields else None, str(refusal))


def _form(
    request: HttpRequest,
    form: CategoryForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form. `conflict` has what somebody else saved meanwhile."""
    title = _("Edit the category") if form.category else _("New category")
    context: dict[str, Any] = {
        "title": title,
        "form": form,
        "category": form.category,
        "conflict": conflict,
    }
    return render_page(
        request, "planning/category_form.html", context, partial="dialog", status=status
    )


def _removal(
    request: HttpRequest, form: CategoryRemovalForm, use: selectors.CategoryUse, status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Delete the category"),
        "form": form,
        "category": form.category,
        "use": use,
    }
    return render_page(
        request, "planning/category_delete.html", context, partial="dialog", status=status
    )


def _saved(request: HttpRequest, category: Category, said: str) -> HttpResponse:
    """Answer that the category is saved, and warn where its limit is above the month's income."""
    to = back(request, reverse("category_list"))
    limit = category.monthly_limit
    income = selectors.income_below(limit) if limit is not None else None
    if limit is None or income is None:
        return done(request, said, to=to)
    if income.estimated and income.amount:
        warning = _(
            "Its limit of %(limit)s is above the mean income of the last three months, %(income)s."
        )
    else:
        warning = _("Its limit of %(limit)s is above this month’s income, %(income)s.")
    warning %= {"limit": money_format(limit), "income": money_format(income.amount)}
    return done(request, f"{said} {warning}", to=to, care=True)
