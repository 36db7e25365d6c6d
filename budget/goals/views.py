"""The pages of savings goals. All but the list and a goal's own page open in the dialog."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from budget.core.guards import ChangedMeanwhile, Refused
from budget.core.http import back, done, render_page
from budget.core.money import MoneyError, money_format, money_parse
from budget.core.tenancy import reverse
from budget.goals.forms import CloseForm, GoalForm, MovementForm, Outcome, PlanForm
from budget.goals.models import Goal, GoalMovement, GoalState, MovementKind
from budget.goals.schedule import plan
from budget.goals.selectors import (
    available,
    goal_history,
    goals_closed,
    goals_in_progress,
    progress,
)
from budget.goals.services import (
    GoalClosed,
    NotEnoughAvailable,
    NotEnoughSaved,
    goal_create,
    goal_delete,
    goal_deposit,
    goal_release,
    goal_spend,
    goal_update,
    goal_withdraw,
)
from budget.goals.words import pace, pace_note
from budget.transactions.selectors import money_now
from budget.users.access import current_user, requires
from budget.users.models import Role


@require_safe
def goal_list(request: HttpRequest) -> HttpResponse:
    goals = goals_in_progress()
    set_aside = sum((each.saved for each in goals), Decimal(0))
    return render_page(
        request,
        "goals/goal_list.html",
        {
            "goals": goals,
            "closed": goals_closed(request.GET),
            "set_aside": set_aside,
            "available": money_now() - set_aside,
        },
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A goal with all its movements, also once it is closed."""
    goal = get_object_or_404(
        Goal.objects.with_saved().with_held().select_related("category", "wallet"), pk=pk
    )
    return render_page(
        request,
        "goals/goal_detail.html",
        {"progress": progress(goal, goal_history(goal, request.GET))},
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, GoalForm.for_new())
    form = GoalForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        goal = goal_create(**form.aim(), submission=form.cleaned_data["submission"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    now = progress(Goal.objects.with_saved().get(pk=goal.pk))
    return done(
        request,
        _("“%(name)s” added. %(pace)s.") % {"name": goal.name, "pace": now.pace},
        to=back(request, reverse("goal_list")),
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    goal = _open_goal(pk)
    if request.method != "POST":
        return _form(request, GoalForm.for_goal(goal))
    form = GoalForm(request.POST, goal=goal)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        goal = goal_update(goal=goal, version=form.cleaned_data["version"], **form.aim())
    except ChangedMeanwhile as conflict:
        return _form(request, form, conflict=conflict, status=409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    return done(
        request,
        _("“%(name)s” saved. %(pace)s.") % {"name": goal.name, "pace": progress(goal).pace},
        to=back(request, reverse("goal_list")),
    )


@require_safe
@requires(Role.EDITOR)
def show_pace(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """What the form being filled in leads to; empty until it says enough. `pk` has savings."""
    goal = None if pk is None else get_object_or_404(Goal.objects.with_saved(), pk=pk)
    form = PlanForm(request.GET, goal=goal)
    if not form.is_valid():
        return HttpResponse()
    frequency = form.cleaned_data["frequency"]
    found = plan(
        target=form.cleaned_data["target"],
        saved=goal.saved if goal else Decimal(0),
        frequency=frequency,
        contribution=form.cleaned_data["contribution"],
        target_date=form.cleaned_data["target_date"],
        today=timezone.localdate(),
    )
    words = {"pace": pace(found, frequency), "note": pace_note(found, frequency)}
    return render_page(request, "goals/_pace.html", words)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    goal = get_object_or_404(Goal.objects.with_saved(), pk=pk)
    if request.method != "POST":
        context = {"title": _("Delete the goal"), "goal": goal}
        return render_page(request, "goals/goal_delete.html", context, partial="dialog")
    released = goal_delete(goal=goal)
    words = {"name": goal.name, "amount": money_format(released)}
    text = (
        _("“%(name)s” deleted: %(amount)s is available again.")
        if released
        else _("“%(name)s” deleted.")
    )
    return done(request, text % words, to=reverse("goal_list"), leave=True)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def deposit(request: HttpRequest, pk: int) -> HttpResponse:
    return _movement(request, pk, MovementKind.DEPOSIT)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    return _movement(request, pk, MovementKind.WITHDRAWAL)


def _movement(request: HttpRequest, pk: int, kind: MovementKind) -> HttpResponse:
    goal = _open_goal(pk)
    if request.method != "POST":
        return _movement_form(request, goal, kind, MovementForm.suggesting(_usual(goal, kind)))
    form = MovementForm(request.POST)
    if not form.is_valid():
        return _movement_form(request, goal, kind, form, status=422)
    move = goal_deposit if kind is MovementKind.DEPOSIT else goal_withdraw
    try:
        movement = move(goal=goal, **form.cleaned_data, created_by=current_user(request))
    except (NotEnoughAvailable, NotEnoughSaved) as refusal:
        form.add_error("amount", str(refusal))
        return _movement_form(request, goal, kind, form, status=422)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _movement_form(request, goal, kind, form, status=409)
    return done(request, _moved_words(goal, movement), to=back(request, reverse("goal_list")))


def _usual(goal: Goal, kind: MovementKind) -> Decimal | None:
    """What is likely to be put in: the contribution, given or worked out, up to the target."""
    now = progress(goal).plan
    if kind is not MovementKind.DEPOSIT or now.reached or now.contribution is None:
        return None
    return min(now.contribution, now.missing)


def _moved_words(goal: Goal, movement: GoalMovement) -> str:
    words = {"name": goal.name, "amount": money_format(movement.amount)}
    if movement.kind == MovementKind.WITHDRAWAL:
        return _("%(amount)s taken from “%(name)s”, available again.") % words
    if goal.saved < goal.target <= goal.saved + movement.amount:
        return _("%(amount)s added to “%(name)s”: the goal is reached.") % words
    return _("%(amount)s added to “%(name)s”.") % words


def _movement_form(
    request: HttpRequest,
    goal: Goal,
    kind: MovementKind,
    form: MovementForm,
    *,
    status: int = 200,
) -> HttpResponse:
    title = _("Add to “%(name)s”") if kind is MovementKind.DEPOSIT else _("Take from “%(name)s”")
    return render_page(
        request,
        "goals/goal_movement.html",
        {
            "title": title % {"name": goal.name},
            "form": form,
            "progress": progress(goal),
            "deposit": kind is MovementKind.DEPOSIT,
            "available": available() if kind is MovementKind.DEPOSIT else None,
        },
        partial="dialog",
        status=status,
    )


@require_safe
@requires(Role.EDITOR)
def landing(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a goal lands with the amount being typed; empty while it would be refused."""
    goal = get_object_or_404(Goal.objects.with_saved().select_related("category", "wallet"), pk=pk)
    try:
        amount = money_parse(request.GET.get("amount", ""))
    except MoneyError:
        return HttpResponse()
    deposit = request.GET.get("kind") == MovementKind.DEPOSIT
    if amount > (available() if deposit else goal.saved):
        return HttpResponse()
    goal.saved += amount if deposit else -amount
    return render_page(request, "goals/_landing.html", {"progress": progress(goal)})


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a reached goal: spent, which books the expense, or released."""
    goal = get_object_or_404(Goal.objects.with_saved().select_related("category", "wallet"), pk=pk)
    if request.method != "POST":
        if goal.state != GoalState.ACTIVE:
            raise GoalClosed
        return _close_form(request, goal, CloseForm.for_goal(goal))
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _close_form(request, goal, form, status=422)
    data = form.cleaned_data
    key = {"submission": data["submission"], "created_by": current_user(request)}
    try:
        if data["outcome"] == Outcome.SPENT:
            goal_spend(goal=goal, amount=data["amount"], date=data["date"], **key)
            text = _("“%(name)s” closed, and its expense booked.")
        else:
            goal_release(goal=goal, **key)
            text = _("“%(name)s” closed: its money is available again.")
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _close_form(request, goal, form, status=409)
    return done(request, text % {"name": goal.name}, to=back(request, reverse("goal_list")))


def _close_form(
    request: HttpRequest, goal: Goal, form: CloseForm, *, status: int = 200
) -> HttpResponse:
    title = _("Close “%(name)s”") % {"name": goal.name}
    return render_page(
        request,
        "goals/goal_close.html",
        {"title": title, "form": form, "goal": goal},
        partial="dialog",
        status=status,
    )


def _open_goal(pk: int) -> Goal:
    """The goal that is to be changed, with what it holds. Raises Http404 and GoalClosed."""
    goal = get_object_or_404(Goal.objects.with_saved().select_related("category", "wallet"), pk=pk)
    if goal.state != GoalState.ACTIVE:
        raise GoalClosed
    return goal


def _form(
    request: HttpRequest,
    form: GoalForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form. `conflict` has what somebody else saved meanwhile."""
    title = _("Edit the goal") if form.goal else _("New goal")
    return render_page(
        request,
        "goals/goal_form.html",
        {"title": title, "form": form, "goal": form.goal, "conflict": conflict},
        partial="dialog",
        status=status,
    )
