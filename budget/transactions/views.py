"""The ledger's pages: the list, and the form that adds or changes a line."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.categories.models import Category
from budget.core.guards import ChangedMeanwhile, Refused
from budget.core.http import Undo, back, done, render_page
from budget.core.money import MoneyError, money_parse
from budget.core.tenancy import reverse
from budget.transactions.forms import TransactionForm
from budget.transactions.ledger import ledger_page
from budget.transactions.models import Kind, Transaction
from budget.transactions.selectors import category_landing, standing
from budget.transactions.services import (
    transaction_create,
    transaction_delete,
    transaction_restore,
    transaction_update,
)
from budget.users.access import current_user, requires
from budget.users.models import Role

LAST_CATEGORY = "last_category"


@require_safe
def transaction_list(request: HttpRequest) -> HttpResponse:
    ledger = ledger_page(request, rows=Transaction.objects.all(), count=standing().count)
    return render_page(
        request, "transactions/transaction_list.html", {"ledger": ledger}, partial="ledger"
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    """Add a line. `?like=ID` prefills the form from another line, `?kind=income` its tab."""
    if request.method != "POST":
        return _form(request, _empty_form(request))
    form = TransactionForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        line = transaction_create(
            **form.line(),
            submission=form.cleaned_data["submission"],
            created_by=current_user(request),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    request.session[LAST_CATEGORY] = line.category_id
    again = "again" in request.POST
    return done(
        request,
        _("“%(title)s” added.") % {"title": line.title},
        to=reverse("transaction_create") if again else back(request, reverse("overview")),
        again=_form(request, _empty_form(request, kind=line.kind)) if again else None,
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(Transaction.objects.select_related("category"), pk=pk)
    if request.method != "POST":
        return _form(request, TransactionForm.for_line(line), line=line)
    form = TransactionForm(request.POST)
    if not form.is_valid():
        return _form(request, form, line=line, status=422)
    try:
        line = transaction_update(line=line, version=form.cleaned_data["version"], **form.line())
    except ChangedMeanwhile as conflict:
        return _form(request, form, line=line, conflict=conflict, status=409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, line=line, status=409)
    return done(
        request,
        _("“%(title)s” saved.") % {"title": line.title},
        to=back(request, reverse("transaction_list")),
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a line, at once: it can be undone. The page that GET shows is for want of scripts."""
    line = get_object_or_404(Transaction.objects.select_related("category"), pk=pk)
    if request.method != "POST":
        return render_page(
            request, "transactions/transaction_delete.html", {"line": line}, partial="dialog"
        )
    token = transaction_delete(line=line)
    return done(
        request,
        _("“%(title)s” deleted.") % {"title": line.title},
        to=back(request, reverse("transaction_list")),
        undo=Undo(reverse("transaction_restore"), token),
    )


@require_POST
@requires(Role.EDITOR)
def restore(request: HttpRequest) -> HttpResponse:
    """Take a deletion back."""
    line = transaction_restore(token=request.POST.get("token", ""))
    return done(
        request,
        _("“%(title)s” is back.") % {"title": line.title},
        to=back(request, reverse("transaction_list")),
    )


@require_safe
@requires(Role.EDITOR)
def landing(request: HttpRequest) -> HttpResponse:
    """Where the category's limit will land with the line being typed; empty where it has none."""
    try:
        amount = money_parse(request.GET.get("amount", ""))
        category = Category.objects.active().get(pk=int(request.GET.get("category", "")))
    except (MoneyError, ValueError, OverflowError, Category.DoesNotExist):
        return HttpResponse()
    found = category_landing(category=category, amount=amount)
    if found is None or request.GET.get("kind") != Kind.EXPENSE:
        return HttpResponse()
    return render_page(request, "transactions/_landing.html", {"landing": found})


def _empty_form(request: HttpRequest, kind: str | None = None) -> TransactionForm:
    like = request.GET.get("like", "")
    line = None
    if like.isascii() and like.isdigit() and len(like) <= 18:
        line = Transaction.objects.filter(pk=int(like)).first()
    return TransactionForm.for_new(
        like=line,
        kind=kind or request.GET.get("kind") or Kind.EXPENSE,
        category=request.GET.get("category") or request.session.get(LAST_CATEGORY),
    )


def _form(
    request: HttpRequest,
    form: TransactionForm,
    *,
    line: Transaction | None = None,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form, in the dialog or as a page. `conflict` has what somebody else saved meanwhile."""
    return render_page(
        request,
        "transactions/transaction_form.html",
        {"form": form, "line": line, "conflict": conflict},
        partial="dialog",
        status=status,
    )
