"""Writes about wallets that do not concern the ledger; closing one does: see balances."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from budget.users.models import Household
from budget.wallets.models import Wallet


def starting_wallet(*, household: Household, language: str, **_signal: Any) -> None:
    """Give a new household its current account, in its scope and its founder's language."""
    with override(language):
        Wallet.objects.create(household=household, name=_("Current account"), colour="#3b82f6")
