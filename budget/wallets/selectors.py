"""Reads of the wallets themselves; what is in them follows from the ledger: see balances."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import DecimalField, Subquery, Sum
from django.db.models.functions import Coalesce

from budget.wallets.models import Wallet


def first_wallet() -> Wallet:
    """The wallet that is meant where none is named: the first open one. There is always one."""
    return Wallet.objects.open()[:1].get()


def opening_balances() -> Coalesce:
    """What all wallets held before the ledger began, closed ones included, for use in a query."""
    held = (
        Wallet.objects.order_by()
        .values("household")
        .annotate(held=Sum("opening_balance"))
        .values("held")
    )
    return Coalesce(Subquery(held), Decimal(0), output_field=DecimalField())
