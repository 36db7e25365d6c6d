"""The ledger's pages: the list, and the form that adds or changes a line."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.categories.models import Category
from budget.core.guards import ChangedMeanwhile, Refused
from budget.core.http import Undo, back, done, in_dialog, in_place, render_page
from budget.core.tenancy import reverse
from budget.transactions.forms import ReconciledForm, TransactionForm
from budget.transactions.ledger import ledger_page
from budget.transactions.models import Kind, Transaction
from budget.transactions.names import names_read
from budget.transactions.rows import Row
from budget.transactions.selectors import category_landing, standing
from budget.transactions.services import (
    transaction_create,
    transaction_delete,
    transaction_point,
    transaction_restore,
    transaction_update,
)
from budget.users.access import current_user, requires
from budget.users.models import Role

#: In the session: the category of the last line added, for each direction, its wallet, and
#: whether the last income was spread.
LAST_CATEGORIES = "last_categories"
LAST_WALLET = "last_wallet"
LAST_SPREAD = "last_spread"

#: What a link to the form may prefill, by key.
PREFILLED = ("category", "wallet", "to_wallet", "bucket", "to_bucket", "person")

#: What must have been typed before it can be said where a category lands.
LANDING = {"amount", "date"}
#: A key as a parameter may name it; longer ones are none.
ID = re.compile(r"[0-9]{1,18}")


@require_safe
def transaction_list(request: HttpRequest) -> HttpResponse:
    ledger = ledger_page(request, rows=Transaction.objects.all(), count=standing().count)
    return render_page(
        request, "transactions/transaction_list.html", {"ledger": ledger}, partial="ledger"
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    """Add a line.

    `?like=ID` prefills the form from another line, `?kind=income` its tab, and the names in
    PREFILLED what else it says: `?kind=lend&person=ID`, `?kind=transfer&wallet=ID&to_wallet=ID`.
    """
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
    _remember(request, line, spread=bool(form.cleaned_data["spread"]))
    again = "again" in request.POST
    return done(
        request,
        _("“%(title)s” added.") % {"title": line.title},
        to=reverse("transaction_create") if again else back(request, reverse("overview")),
        again=_empty_form(request, after=line) if again else None,
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
        line = transaction_update(
            line=line,
            version=form.cleaned_data["version"],
            confirmed=form.cleaned_data.get("confirmed", False),
            **form.entry(),
        )
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
    """Delete a line, at once: it can be undone. The page that GET shows is for want of scripts,
    and for a reconciled line, which is asked about first.
    """
    line = get_object_or_404(Transaction.objects.select_related("category"), pk=pk)
    form = ReconciledForm(request.POST if "asked" in request.POST else None)
    if request.method != "POST":
        return _confirmation(request, line, form)
    if line.reconciled and not form.is_valid():
        return in_dialog(_confirmation(request, line, form, status=422))
    token = transaction_delete(line=line, confirmed=line.reconciled)
    return done(
        request,
        _("“%(title)s” deleted.") % {"title": line.title},
        to=back(request, reverse("transaction_list")),
        undo=Undo(reverse("transaction_restore"), token),
    )


def _confirmation(
    request: HttpRequest, line: Transaction, form: ReconciledForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Delete the transaction"),
        "line": line,
        "form": form if line.reconciled else None,
    }
    return render_page(
        request, "transactions/transaction_delete.html", context, partial="dialog", status=status
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


@require_POST
@requires(Role.EDITOR)
def point(request: HttpRequest, pk: int) -> HttpResponse:
    """Point a line, or with `pointed=0` take that back, in `wallet` or wherever it moved."""
    names = names_read()
    wallet = request.POST.get("wallet", "")
    seen = names.wallets.get(int(wallet)) if ID.fullmatch(wallet) else None
    transaction_point(
        pk=pk, pointed=request.POST.get("pointed") != "0", wallet=seen.pk if seen else None
    )
    line = get_object_or_404(Transaction.objects.select_related("category"), pk=pk)
    return in_place(
        request,
        "transactions/_pointed.html",
        {"row": Row(line, names, seen)},
        to=f"{back(request, reverse('transaction_list'))}#line-{pk}",
        event="line-pointed",
    )


@require_safe
@requires(Role.EDITOR)
def landing(request: HttpRequest) -> HttpResponse:
    """Where the category's limit will land with the line being typed; empty where it has none.

    `?line=ID` is the line that is being changed.
    """
    form = TransactionForm(request.GET)
    form.full_clean()
    typed = form.cleaned_data
    category = typed.get("category")
    if category is None or typed.get("kind") != Kind.EXPENSE or not typed.keys() >= LANDING:
        return HttpResponse()
    line = _line(request.GET.get("line", ""))
    found = category_landing(
        category=category, amount=typed["amount"], date=typed["date"], replaced=line
    )
    if found is None:
        return HttpResponse()
    return render_page(request, "transactions/_landing.html", {"landing": found})


@require_safe
@requires(Role.EDITOR)
def parts(request: HttpRequest) -> HttpResponse:
    """The parts of an income that is being typed, by the envelopes' shares or as adjusted.

    `?line=ID` is the line that is being changed, which is spread by the shares it was given.
    """
    line = _line(request.GET.get("line", ""))
    form = TransactionForm(request.GET, line=line)
    form.full_clean()
    return render_page(request, "transactions/_parts.html", {"form": form, "line": line})


def _line(pk: str) -> Transaction | None:
    """The line that an address names, or none."""
    if ID.fullmatch(pk):
        return Transaction.objects.filter(pk=int(pk)).first()
    return None


def _empty_form(request: HttpRequest, after: Transaction | None = None) -> HttpResponse:
    """The form for a new line, of the kind and with the wallets of the one it comes `after`.

    Where nobody has said its category, its wallet, or whether to spread it, those of the last
    line are suggested.
    """
    like = _line(request.GET.get("like", ""))
    if like:
        return _form(request, TransactionForm.for_new(like=like))
    chosen: dict[str, Any] = {name: request.GET.get(name) for name in PREFILLED}
    kind = request.GET.get("kind") or Kind.EXPENSE
    if after:
        kind = after.kind
        chosen |= {"wallet": after.wallet_id, "to_wallet": after.to_wallet_id}
    elif kind != Kind.TRANSFER:
        chosen["wallet"] = chosen["wallet"] or request.session.get(LAST_WALLET)
    chosen["spread"] = request.session.get(LAST_SPREAD, False)
    suggested = None if chosen["category"] else _suggested_categories(request)
    if suggested:
        chosen["category"] = suggested.get(kind)
    form = TransactionForm.for_new(kind=kind, **chosen)
    return _form(request, form, suggested=suggested, suggests_bucket=not chosen["bucket"])


def _remember(request: HttpRequest, line: Transaction, *, spread: bool) -> None:
    """Keep what the next new line will suggest."""
    if not Kind(line.kind).counts:
        return
    last = request.session.get(LAST_CATEGORIES, {})
    request.session[LAST_CATEGORIES] = last | {line.kind: line.category_id}
    request.session[LAST_WALLET] = line.wallet_id
    if line.kind == Kind.INCOME:
        request.session[LAST_SPREAD] = spread


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
    suggests_bucket: bool = False,
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
            "suggests_bucket": suggests_bucket,
        },
        partial="dialog",
        status=status,
    )
