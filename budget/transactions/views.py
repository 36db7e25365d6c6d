"""The ledger's pages: the list, and the form that adds or changes a line."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.categories.models import Category
from budget.core.guards import ChangedMeanwhile, Refused
from budget.core.http import Undo, back, done, render_page
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

#: In the session: the category of the last line added, for each direction.
LAST_CATEGORIES = "last_categories"


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
        return _empty_form(request)
    form = TransactionForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        line = transaction_create(
            **form.entry(),
            submission=form.cleaned_data["submission"],
            created_by=current_user(request),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    last = request.session.get(LAST_CATEGORIES, {})
    request.session[LAST_CATEGORIES] = last | {line.kind: line.category_id}
    again = "again" in request.POST
    return done(
        request,
        _("“%(title)s” added.") % {"title": line.title},
        to=reverse("transaction_create") if again else back(request, reverse("overview")),
        again=_empty_form(request, kind=line.kind) if again else None,
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    line = get_object_or_404(Transaction.objects.select_related("category"), pk=pk)
    if request.method != "POST":
        return _form(request, TransactionForm.for_line(line), line=line)
    form = TransactionForm(request.POST, line=line)
    if not form.is_valid():
        return _form(request, form, line=line, status=422)
    try:
        line = transaction_update(line=line, version=form.cleaned_data["version"], **form.entry())
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
    """Where the category's limit will land with the line being typed; empty where it has none.

    `?line=ID` is the line that is being changed.
    """
    form = TransactionForm(request.GET)
    if not form.is_valid():
        return HttpResponse()
    typed = form.entry()
    category = typed["category"]
    if category is None or typed["kind"] != Kind.EXPENSE:
        return HttpResponse()
    line = _line(request.GET.get("line", ""))
    found = category_landing(
        category=category, amount=typed["amount"], date=typed["date"], replaced=line
    )
    if found is None:
        return HttpResponse()
    return render_page(request, "transactions/_landing.html", {"landing": found})


def _line(pk: str) -> Transaction | None:
    """The line that an address names, or none."""
    if pk.isascii() and pk.isdigit() and len(pk) <= 18:
        return Transaction.objects.filter(pk=int(pk)).first()
    return None


def _empty_form(request: HttpRequest, kind: str | None = None) -> HttpResponse:
    """The form for a new line. Where nobody has said its category, it suggests the last one."""
    like = _line(request.GET.get("like", ""))
    kind = kind or request.GET.get("kind") or Kind.EXPENSE
    category = request.GET.get("category")
    if like or category:
        return _form(request, TransactionForm.for_new(like=like, kind=kind, category=category))
    suggested = _suggested_categories(request)
    form = TransactionForm.for_new(kind=kind, category=suggested.get(kind))
    return _form(request, form, suggested=suggested)


def _suggested_categories(request: HttpRequest) -> dict[str, int]:
    """For each direction the category of the last line added, where it is still offered."""
    last = request.session.get(LAST_CATEGORIES, {})
    offered = {
        each.pk for each in Category.objects.active().filter(pk__in=filter(None, last.values()))
    }
    return {kind: pk for kind, pk in last.items() if pk in offered}


def _form(
    request: HttpRequest,
    form: TransactionForm,
    *,
    line: Transaction | None = None,
    conflict: ChangedMeanwhile | None = None,
    suggested: dict[str, int] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form, in the dialog or as a page. `conflict` has what somebody else saved meanwhile."""
    return render_page(
        request,
        "transactions/transaction_form.html",
        {
            "title": _("Edit the transaction") if line else _("Add a transaction"),
            "form": form,
            "line": line,
            "conflict": conflict,
            "suggested": suggested,
        },
        partial="dialog",
        status=status,
    )
