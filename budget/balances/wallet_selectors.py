"""Reads of the wallets' pages: how the money is spread, and what a wallet did last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from budget.balances.selectors import (
    WalletBalance,
    reconciled_balance,
    wallet_balances,
    wallet_rows,
)
from budget.core.periods import Period
from budget.core.summaries import summary
from budget.transactions.flows import ZERO
from budget.transactions.models import Reconciliation, Transaction
from budget.transactions.selectors import Standing, line_counts
from budget.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class WalletSpread:
    """How the household's money is spread over its wallets. Amounts are in its currency."""

    shown: Sequence[WalletBalance]
    hidden: Sequence[WalletBalance]
    closed: Sequence[WalletBalance]

    @property
    def open(self) -> Sequence[WalletBalance]:
        return [*self.shown, *self.hidden]

    @property
    def total(self) -> Decimal:
        """The money in all wallets; closed ones hold none."""
        return sum((each.balance for each in self.open), ZERO)

    @property
    def hidden_total(self) -> Decimal:
        return sum((each.balance for each in self.hidden), ZERO)

    @property
    def parts(self) -> list[tuple[Decimal, str | None]]:
        """What a bar shows: each wallet's amount and colour, and the hidden ones together."""
        rest = [(self.hidden_total, None)] if self.hidden else []
        return [*((each.balance, each.wallet.colour) for each in self.shown), *rest]

    @property
    def rows(self) -> list[tuple[WalletBalance, Decimal | None]]:
        """The wallets shown, each with its share of what the bar shows; none of what it owes."""
        return [(each, self._ratio(each.balance)) for each in self.shown]

    @property
    def hidden_ratio(self) -> Decimal | None:
        """The share of the hidden ones together."""
        return self._ratio(self.hidden_total)

    def _ratio(self, amount: Decimal) -> Decimal | None:
        whole = sum((each for each, _ in self.parts if each > 0), ZERO)
        return amount / whole if amount > 0 else None

    @property
    def overdrawn(self) -> Decimal:
        """What the bar cannot show: the sum of what is below 0, as a negative amount."""
        return sum((amount for amount, _ in self.parts if amount < 0), ZERO)

    @property
    def several(self) -> bool:
        """Whether there is anything to spread over."""
        return len(self.open) > 1


@summary
def wallet_spread() -> WalletSpread:
    """Every wallet with what is in it now, in their order. One query."""
    return _spread(wallet_balances(closed=True))


def spread_and_standing(*, before: Period) -> tuple[WalletSpread, Standing]:
    """How the money is spread, and where the whole ledger stands, as `standing()` says it.

    One query: the counts come along with the wallets, of which there is always one.
    """
    rows: Any = Wallet.objects.annotate(**line_counts(before=before))
    spread = _spread(wallet_rows(rows))
    counts: Any = spread.open[0].wallet
    return spread, Standing(spread.total, counts.lines, counts.earlier_lines)


def _spread(balances: Sequence[WalletBalance]) -> WalletSpread:
    return WalletSpread(
        shown=[each for each in balances if each.wallet.is_open and not each.wallet.hidden],
        hidden=[each for each in balances if each.wallet.is_open and each.wallet.hidden],
        closed=[each for each in balances if not each.wallet.is_open],
    )


@dataclass(frozen=True, slots=True)
class WalletLine:
    """A line as it stands on a wallet's statement: a transfer into it adds."""

    line: Transaction
    amount: Decimal  # signed
    other: Wallet | None  # the other side of a transfer


def wallet_lines(wallet: Wallet, most: int = 8) -> list[WalletLine]:
    """The newest lines that moved a wallet. One query, and one for their categories."""
    # Each part reads a few entries of its own index, whatever the ledger's size.
    parts = [
        Transaction.objects.filter(**side).newest_first()[:most]
        for side in ({"wallet": wallet}, {"to_wallet": wallet})
    ]
    newest = parts[0].union(parts[1], all=True).order_by("-date", "-id")[:most]
    return [_wallet_line(line, wallet) for line in newest]


def _wallet_line(line: Transaction, wallet: Wallet) -> WalletLine:
    if line.to_wallet_id == wallet.pk:
        return WalletLine(line, line.amount, line.wallet)
    if line.to_wallet_id:
        return WalletLine(line, -line.amount, line.to_wallet)
    return WalletLine(line, line.signed_amount, None)


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a wallet was checked against its bank, and the reconciliation that is under way."""

    balance: Decimal
    last: Reconciliation | None
    under_way: Reconciliation | None


def wallet_checked(wallet: Wallet) -> Checked | None:
    """What of a wallet is reconciled; None where no statement was ever at hand. Two queries."""
    own = Reconciliation.objects.filter(wallet=wallet)
    newest = list(own.order_by(F("closed_at").desc(nulls_first=True), "-date", "-pk")[:2])
    if not newest:
        return None
    return Checked(
        balance=reconciled_balance(wallet, on=timezone.localdate()),
        last=next((each for each in newest if each.closed_at), None),
        under_way=next((each for each in newest if not each.closed_at), None),
    )
