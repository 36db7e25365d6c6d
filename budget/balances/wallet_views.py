"""The pages of wallets. All but the list and a wallet's own page open in the dialog."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from budget.balances.selectors import wallet_spread
from budget.core.http import render_page


@require_safe
def wallet_list(request: HttpRequest) -> HttpResponse:
    """Where the money is: every wallet, and how the money is spread over them."""
    return render_page(request, "wallets/wallet_list.html", {"spread": wallet_spread()})
