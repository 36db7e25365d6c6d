"""The pages of reconciliations: past ones, one under way, and what begins and ends it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.balances.reconciliation_forms import AdjustmentForm, ReconciliationForm, StatementForm
from budget.balances.reconciliation_selectors import (
    checking,
    gap,
    last_closed,
    lines_page,
    past,
    under_way,
)
from budget.balances.reconciling import (
    Adjustment,
    DifferenceMoved,
    NotUnderWay,
    ReconciledLater,
    WalletClosed,
    reconciliation_cancel,
    reconciliation_close,
    reconciliation_create,
    reconciliation_point_all,
    reconciliation_point_back,
    reconciliation_reopen,
    reconciliation_update,
)
from budget.core.guards import Refused
from budget.core.http import Undo, done, in_dialog, refused, render_page
from budget.core.tenancy import reverse
from budget.transactions.closing import ClosedDays
from budget.transactions.models import Reconciliation
from budget.users.access import current_user, requires
from budget.users.models import Role
from budget.wallets.models import Wallet


@require_safe
def reconciliation_list(request: HttpRequest) -> HttpResponse:
    return render_page(
        request,
        "reconciliations/reconciliation_list.html",
        {"under_way": under_way(), "past": past(request.GET)},
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    """Start one; `?wallet=ID&date=2026-11-20&balance=12.50` says of which wallet and statement."""
    if request.method != "POST":
        told = {name: request.GET.get(name, "") for name in ("date", "balance")}
        wallet = _wallet(request.GET.get("wallet", ""))
        return _form(request, ReconciliationForm.for_new(wallet, **told))
    form = ReconciliationForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        started = reconciliation_create(**form.cleaned_data)
    except Refused as refusal:
        form.add_error("date" if isinstance(refusal, ReconciledLater) else None, str(refusal))
        return _form(request, form, status=409)
    return done(
        request,
        _("Point what the statement of “%(wallet)s” shows.") % {"wallet": started.wallet.name},
        to=reverse("reconciliation_detail", started.pk),
        leave=True,
    )


def _wallet(pk: str) -> Wallet | None:
    open_ones = Wallet.objects.open()
    if pk.isascii() and pk.isdigit() and len(pk) <= 18:
        return open_ones.filter(pk=int(pk)).first()
    only = list(open_ones[:2])
    return only[0] if len(only) == 1 else None


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what the statement says, while it is under way."""
    reconciliation = _found(pk)
    if request.method != "POST":
        form = StatementForm.for_statement(reconciliation)
        return _form(request, form, reconciliation=reconciliation)
    form = StatementForm(request.POST)
    if not form.is_valid():
        return _form(request, form, reconciliation=reconciliation, status=422)
    try:
        reconciliation_update(reconciliation=reconciliation, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("date" if isinstance(refusal, ReconciledLater) else None, str(refusal))
        return _form(request, form, reconciliation=reconciliation, status=409)
    return done(request, _("Statement corrected."), to=reverse("reconciliation_detail", pk))


def _form(
    request: HttpRequest,
    form: StatementForm,
    *,
    reconciliation: Reconciliation | None = None,
    status: int = 200,
) -> HttpResponse:
    return render_page(
        request,
        "reconciliations/reconciliation_form.html",
        {
            "title": _("Correct the statement") if reconciliation else _("Reconcile a wallet"),
            "form": form,
            "reconciliation": reconciliation,
        },
        partial="dialog",
        status=status,
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A reconciliation with its lines. HTMX gets the figures alone, which follow the pointing."""
    reconciliation = _found(pk)
    context: dict[str, Any] = {"reconciliation": reconciliation, "wallet": reconciliation.wallet}
    if reconciliation.closed_at is None:
        context["checking"] = checking(reconciliation)
    else:
        last, missing = last_closed(reconciliation.wallet), gap(reconciliation)
        context |= {"gap": missing, "sealed": reconciliation.balance - missing}
        context["last"] = last is not None and last.pk == pk
    # Read only where the whole page is drawn: the figures have no use for them.
    context["page"] = SimpleLazyObject(lambda: lines_page(reconciliation, request.GET))
    context["closed"] = SimpleLazyObject(ClosedDays)
    return render_page(
        request, "reconciliations/reconciliation_detail.html", context, partial="figures"
    )


@require_POST
@requires(Role.EDITOR)
def point_all(request: HttpRequest, pk: int) -> HttpResponse:
    to = reverse("reconciliation_detail", pk)
    try:
        count, token = reconciliation_point_all(reconciliation=_found(pk))
    except (NotUnderWay, WalletClosed) as refusal:
        return refused(request, refusal, to=to)
    text = ngettext("%(count)d line pointed.", "%(count)d lines pointed.", count)
    undo = Undo(reverse("reconciliation_point_back"), token) if count else None
    return done(request, text % {"count": count}, to=to, undo=undo)


@require_POST
@requires(Role.EDITOR)
def point_back(request: HttpRequest) -> HttpResponse:
    try:
        current = reconciliation_point_back(token=request.POST.get("token", ""))
    except Refused as refusal:
        return refused(request, refusal, to=reverse("reconciliation_list"))
    to = reverse("reconciliation_detail", current.pk)
    return done(request, _("The lines are no longer pointed."), to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close one that adds up; else say what would be booked, and book it once that is agreed to."""
    reconciliation, to = _found(pk), reverse("reconciliation_detail", pk)
    adjusting = "adjust" in request.POST
    if request.method != "POST":
        return _adjustment(request, reconciliation, _empty_adjustment(reconciliation))
    form = AdjustmentForm(request.POST)
    if adjusting and not form.is_valid():
        return _adjustment(request, reconciliation, form, status=422)
    adjustment = Adjustment(**form.cleaned_data) if adjusting else None
    try:
        reconciliation_close(
            reconciliation=reconciliation, closed_by=current_user(request), adjustment=adjustment
        )
    except (NotUnderWay, WalletClosed) as refusal:
        return refused(request, refusal, to=to)
    except Refused as refusal:
        if isinstance(refusal, DifferenceMoved) or not adjusting:
            form = _empty_adjustment(reconciliation)
        return in_dialog(_adjustment(request, reconciliation, form, refusal=refusal, status=409))
    text = _("“%(wallet)s” is reconciled.") % {"wallet": reconciliation.wallet.name}
    return done(request, text, to=to)


def _empty_adjustment(reconciliation: Reconciliation) -> AdjustmentForm:
    difference = checking(reconciliation).difference
    return AdjustmentForm(initial={"difference": difference, "submission": uuid.uuid4()})


def _adjustment(
    request: HttpRequest,
    reconciliation: Reconciliation,
    form: AdjustmentForm,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    return render_page(
        request,
        "reconciliations/reconciliation_close.html",
        {
            "title": _("Close the reconciliation"),
            "form": form,
            "refusal": refusal,
            "checking": checking(reconciliation),
            "reconciliation": reconciliation,
        },
        partial="dialog",
        status=status,
    )


@require_POST
@requires(Role.EDITOR)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    to = reverse("reconciliation_detail", pk)
    try:
        reconciliation_reopen(reconciliation=_found(pk))
    except Refused as refusal:
        return refused(request, refusal, to=to)
    return done(request, _("The reconciliation is open again, and its lines are pointed."), to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    reconciliation, to = _found(pk), reverse("reconciliation_list")
    if request.method != "POST":
        return render_page(
            request,
            "reconciliations/reconciliation_cancel.html",
            {"title": _("Cancel the reconciliation"), "reconciliation": reconciliation},
            partial="dialog",
        )
    try:
        reconciliation_cancel(reconciliation=reconciliation)
    except NotUnderWay as refusal:
        return refused(request, refusal, to=to)
    text = _("Reconciliation cancelled; what was pointed stays pointed.")
    return done(request, text, to=to, leave=True)


def _found(pk: int) -> Reconciliation:
    return get_object_or_404(Reconciliation.objects.select_related("wallet", "closed_by"), pk=pk)
