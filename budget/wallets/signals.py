"""What the wallets announce, so that apps above them can respond without being imported."""

from django.dispatch import Signal

#: A wallet was closed; sent inside the household's scope, in the same transaction.
#: Arguments: wallet (Wallet), into (Wallet: the open one that what named the wallet names now).
wallet_closed = Signal()
