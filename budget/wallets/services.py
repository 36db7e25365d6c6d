"""Writes about wallets that do not concern the ledger; closing one does: see balances."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.utils.translation import gettext as _
from django.utils.translation import override

from budget.core.guards import ClosedHolder, GoneMeanwhile, one_of_a_name, row_to_change
from budget.core.holders import HolderNameTaken
from budget.core.tenancy import active_household
from budget.users.models import Household
from budget.users.services import household_lock
from budget.wallets.models import Wallet, WalletKind


class WalletValues(TypedDict):
    """What is said of a wallet. `opening_balance` is in the household's currency, of any sign."""

    name: str
    colour: str
    kind: WalletKind
    opening_balance: Decimal
    opening_date: dt.date
    hidden: bool


def starting_wallet(*, household: Household, language: str, **_signal: Any) -> None:
    """Give a new household its current account, in its scope and its founder's language."""
    with override(language):
        Wallet.objects.create(household=household, name=_("Current account"), colour="#3b82f6")


def wallet_create(*, submission: uuid.UUID | None = None, **values: Unpack[WalletValues]) -> Wallet:
    """Add a wallet to the household in force, as the last of its list.

    `submission` is the form's own key: sent twice, the first wallet is returned. Raises
    HolderNameTaken.
    """
    with one_of_a_name(HolderNameTaken):
        household_lock(active_household())
        first = submission and Wallet.objects.filter(submission=submission).first()
        return first or Wallet.objects.create(
            **values, submission=submission, position=Wallet.objects.open().next_position()
        )


def wallet_update(*, wallet: Wallet, version: int | None, **values: Unpack[WalletValues]) -> Wallet:
    """Change an open wallet that still has the `version` its form was opened with.

    Raises HolderNameTaken, ClosedHolder where it was closed meanwhile, and ChangedMeanwhile (with
    the wallet as it stands now, or None where it is gone).
    """
    with one_of_a_name(HolderNameTaken):
        household_lock(active_household())
        rows = Wallet.objects.filter(pk=wallet.pk)
        if rows.exclude(closed_at=None).exists():
            raise ClosedHolder(wallet.name)
        current = row_to_change(rows, version)
        for name, value in values.items():
            setattr(current, name, value)
        current.save()
    return current


def wallet_move(*, wallet: Wallet, up: bool) -> bool:
    """Swap an open wallet with the one before it in the list, or after it; False at the end.

    Hidden wallets are a list of their own. Raises GoneMeanwhile where it was closed or deleted.
    """
    household_lock(active_household())
    rows = list(Wallet.objects.open())
    own = next((row for row in rows if row.pk == wallet.pk), None)
    if own is None:
        raise GoneMeanwhile
    peers = [row for row in rows if row.hidden == own.hidden]
    to = peers.index(own) + (-1 if up else 1)
    if not 0 <= to < len(peers):
        return False
    a, b = rows.index(own), rows.index(peers[to])
    rows[a], rows[b] = rows[b], rows[a]
    Wallet.objects.open().put_in_order([row.pk for row in rows])
    return True
