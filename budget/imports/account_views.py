"""The page where a person says which wallet each account of a file is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from budget.core.guards import Refused
from budget.core.holders import HolderNameTaken
from budget.core.http import done, redirect, refused, render_page
from budget.core.tenancy import reverse
from budget.imports.account_forms import AccountsForm
from budget.imports.accounts import account_forget, accounts_assign, accounts_of
from budget.imports.models import Import, ImportState, KnownAccount
from budget.users.access import requires
from budget.users.models import Role


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def wallets(request: HttpRequest, pk: int) -> HttpResponse:
    source = get_object_or_404(Import.objects.all(), pk=pk)
    if source.state != ImportState.READY:
        return redirect("import_detail", pk)
    form = AccountsForm(request.POST or None, accounts=accounts_of(source))
    if request.method != "POST":
        return _page(request, source, form)
    if not form.is_valid():
        return _page(request, source, form, status=422)
    try:
        accounts_assign(source=source, said=form.said())
    except HolderNameTaken as refusal:
        form.add_error(None, str(refusal))
        return _page(request, source, form, status=409)
    except Refused as refusal:
        return refused(request, refusal, to=reverse("import_list"))
    said = _("The lines of “%s” are compared with what is in their wallets.") % source.file_name
    return done(request, said, to=reverse("import_detail", pk), leave=True)


def _page(
    request: HttpRequest, source: Import, form: AccountsForm, *, status: int = 200
) -> HttpResponse:
    again = any(each.statement.wallet_id or each.statement.skipped for each in form.accounts)
    context = {"source": source, "form": form, "again": again}
    return render_page(request, "imports/import_wallets.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Role.EDITOR)
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget which wallet an account is."""
    account = get_object_or_404(KnownAccount.objects.select_related("wallet"), pk=pk)
    if request.method != "POST":
        return render_page(
            request,
            "imports/account_forget.html",
            {"title": _("Forget this account"), "account": account},
            partial="dialog",
        )
    account_forget(account=account)
    return done(request, _("The next file of this account asks again."), to=reverse("mapping_list"))
