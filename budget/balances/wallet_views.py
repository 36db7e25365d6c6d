"""The pages of wallets. All but the list and a wallet's own page open in the dialog."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budget.balances.charts import balance_line
from budget.balances.closing import (
    Closing,
    holder_reopen,
    require_closable,
    require_deletable,
    wallet_close,
    wallet_delete,
)
from budget.balances.forms import DayForm
from budget.balances.selectors import (
    wallet_balance,
    wallet_balance_on,
    wallet_history,
)
from budget.balances.wallet_selectors import wallet_checked, wallet_lines, wallet_spread
from budget.core.forms import ClosingForm
from budget.core.guards import ChangedMeanwhile, ClosedHolder, Refused
from budget.core.http import Undo, back, done, refused, render_page
from budget.core.money import money_format
from budget.core.ordering import moved_in_words
from budget.core.tenancy import reverse
from budget.users.access import current_user, requires
from budget.users.models import Role
from budget.wallets.forms import WalletForm
from budget.wallets.models import Wallet
from budget.wallets.services import wallet_create, wallet_move, wallet_update


@require_safe
def wallet_list(request: HttpRequest) -> HttpResponse:
    """Where the money is: every wallet, and how the money is spread over them."""
    return render_page(request, "wallets/wallet_list.html", {"spread": wallet_spread()})


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A wallet, closed or not: what is in it now, and on the day `?on=2026-10-31`."""
    wallet = _wallet(pk)
    history = wallet_history(wallet)
    asked = DayForm(request.GET)
    day = asked.day()
    return render_page(
        request,
        "wallets/wallet_detail.html",
        {
            "wallet": wallet,
            "held": wallet_balance(wallet),
            "asked": asked,
            "day": day,
            "then": wallet_balance_on(wallet, day) if day else None,
            "history": history,
            "present": history[-1],
            "line": balance_line(history),
            "checked": wallet_checked(wallet),
            "lines": wallet_lines(wallet),
        },
    )


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def add(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _form(request, WalletForm())
    form = WalletForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        wallet = wallet_create(submission=form.cleaned_data["submission"], **form.values())
    except Refused as refusal:
        form.add_error("name", str(refusal))
        return _form(request, form, status=409)
    said = _("“%(name)s” added.") % {"name": wallet.name}
    return done(request, said, to=back(request, reverse("wallet_list")))


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    wallet = _wallet(pk)
    if not wallet.is_open:
        raise ClosedHolder(wallet.name)
    if request.method != "POST":
        return _form(request, WalletForm(holder=wallet))
    form = WalletForm(request.POST, holder=wallet)
    if not form.is_valid():
        return _form(request, form, status=422)
    try:
        wallet = wallet_update(wallet=wallet, version=form.cleaned_data["version"], **form.values())
    except ChangedMeanwhile as conflict:
        return _form(request, form, conflict=conflict, status=409)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return _form(request, form, status=409)
    said = _("“%(name)s” saved.") % {"name": wallet.name}
    return done(request, said, to=back(request, reverse("wallet_list")))


@require_POST
@requires(Role.EDITOR)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a wallet up in the list, or down with `to=down`."""
    wallet = _wallet(pk)
    to, up = reverse("wallet_list"), request.POST.get("to") != "down"
    try:
        moved = wallet_move(wallet=wallet, up=up)
    except Refused as refusal:
        return refused(request, refusal, to=to)
    return done(request, moved_in_words(wallet.name, up=up, moved=moved), to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a wallet, and move what is left in it to another."""
    wallet = _wallet(pk)
    sent = request.method == "POST"
    form = _closing_form(wallet, request.POST if sent else None)
    try:
        if wallet.is_open:
            require_closable(wallet)
    except Refused as refusal:
        return _closing(request, wallet, form, refusal=refusal, status=409 if sent else 200)
    if not sent:
        return _closing(request, wallet, form)
    if not form.is_valid() and wallet.is_open:
        return _closing(request, wallet, form, status=422)
    try:
        # It is closed already where this very form was sent before.
        closing = wallet_close(
            wallet=wallet,
            into=form.cleaned_data.get("into") or wallet,
            created_by=current_user(request),
        )
    except Refused as refusal:
        return _closing(request, wallet, form, refusal=refusal, status=409)
    undo = Undo(reverse("wallet_reopen", pk), closing.undo) if closing else None
    return done(request, _closed_words(wallet, closing), to=reverse("wallet_list"), undo=undo)


def _closing_form(wallet: Wallet, data: QueryDict | None) -> ClosingForm:
    """Which wallet takes what is left, or gives what is missing; the first other one, at first."""
    held = wallet_balance(wallet).balance
    if held > 0:
        label = _("What is left goes to")
    elif held < 0:
        label = _("What is missing comes from")
    else:
        label = _("Its goals go to")
    others = Wallet.objects.open().exclude(pk=wallet.pk)
    return ClosingForm(data, others=others, label=label, initial={"into": others.first()})


def _closed_words(wallet: Wallet, closing: Closing[Wallet] | None) -> str:
    words = {"name": wallet.name}
    if closing is None or not closing.moved:
        return _("“%(name)s” is closed.") % words
    words |= {"amount": money_format(abs(closing.moved)), "other": closing.into.name}
    if closing.moved > 0:
        return _("“%(name)s” is closed: %(amount)s went to “%(other)s”.") % words
    return _("“%(name)s” is closed: the %(amount)s missing came from “%(other)s”.") % words


def _closing(
    request: HttpRequest,
    wallet: Wallet,
    form: ClosingForm,
    *,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form that closes a wallet, or with `refusal` why it cannot be closed."""
    context = {
        "title": _("Close “%(name)s”") % {"name": wallet.name},
        "form": form,
        "wallet": wallet,
        "held": wallet_balance(wallet),
        "refusal": refusal,
        "under_way": getattr(refusal, "reconciliation", None),
    }
    return render_page(
        request, "wallets/wallet_close.html", context, partial="dialog", status=status
    )


@require_POST
@requires(Role.EDITOR)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed wallet again; with the `token` of its closing, what was moved comes back."""
    wallet = _wallet(pk)
    to = back(request, reverse("wallet_list"))
    try:
        holder_reopen(wallet, token=request.POST.get("token", ""))
    except Refused as refusal:
        return refused(request, refusal, to=to)
    return done(request, _("“%(name)s” is open again.") % {"name": wallet.name}, to=to)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a wallet that was never used."""
    wallet = _wallet(pk)
    if request.method != "POST":
        try:
            require_deletable(wallet)
        except Refused as refusal:
            return _deletion(request, wallet, refusal=refusal)
        return _deletion(request, wallet)
    try:
        wallet_delete(wallet=wallet)
    except Refused as refusal:
        return _deletion(request, wallet, refusal=refusal, status=409)
    said = _("“%(name)s” deleted.") % {"name": wallet.name}
    return done(request, said, to=reverse("wallet_list"), leave=True)


def _deletion(
    request: HttpRequest, wallet: Wallet, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "title": _("Delete “%(name)s”") % {"name": wallet.name},
        "wallet": wallet,
        "held": wallet_balance(wallet),
        "refusal": refusal,
    }
    return render_page(
        request, "wallets/wallet_delete.html", context, partial="dialog", status=status
    )


def _wallet(pk: int) -> Wallet:
    return get_object_or_404(Wallet, pk=pk)


def _form(
    request: HttpRequest,
    form: WalletForm,
    *,
    conflict: ChangedMeanwhile | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form. `conflict` has what somebody else saved meanwhile."""
    wallet: Wallet | None = form.holder
    context = {
        "title": _("Edit the wallet") if wallet else _("New wallet"),
        "form": form,
        "wallet": wallet,
        "checked": wallet and wallet_checked(wallet),
        "conflict": conflict,
    }
    return render_page(
        request, "wallets/wallet_form.html", context, partial="dialog", status=status
    )
