"""The form in which a person says which wallet each account of a file is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from budget.core.fields import NameField
from budget.core.folding import fold
from budget.core.forms import SubmittedForm
from budget.core.holders import HolderNameTaken
from budget.imports.accounts import MOST_ACCOUNTS, Account, NewWallet
from budget.wallets.models import Wallet

LEFT_OUT, NEW = "none", "new"


class AccountsForm(SubmittedForm):
    """For each account a wallet, a new one, or that its lines are left out."""

    hide_optional = True

    def __init__(self, *args: Any, accounts: Sequence[Account], **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": {"submission": uuid.uuid4()}} | kwargs))
        self.accounts = accounts
        self.shown = accounts[:MOST_ACCOUNTS]
        self.wallets = {str(wallet.pk): wallet for wallet in Wallet.objects.open()}
        choices = [
            ("", _("Choose a wallet")),
            *((key, wallet.name) for key, wallet in self.wallets.items()),
            (NEW, _("A new wallet")),
            (LEFT_OUT, _("Leave these lines out")),
        ]
        for account in self.shown:
            statement = account.statement
            known = str(statement.wallet_id or "")
            self.fields[f"wallet_{statement.pk}"] = forms.ChoiceField(
                label=gettext_lazy("Wallet"),
                choices=choices,
                initial=LEFT_OUT if statement.skipped else known if known in self.wallets else "",
                error_messages={
                    "required": _("Say which wallet this is."),
                    "invalid_choice": _(
                        "This one was closed or deleted meanwhile. Choose another."
                    ),
                },
            )
            name = NameField(label=_("Name of the new wallet"), required=False)
            name.initial = statement.account[:60]
            self.fields[f"name_{statement.pk}"] = name

    @property
    def others(self) -> int:
        """How many accounts there are that are not asked for."""
        return len(self.accounts) - len(self.shown)

    def rows(self) -> Iterator[tuple[Account, forms.BoundField, forms.BoundField]]:
        """Each account with the fields of its wallet and of a new wallet's name."""
        for account in self.shown:
            pk = account.statement.pk
            yield account, self[f"wallet_{pk}"], self[f"name_{pk}"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        for account in self.shown:
            pk = account.statement.pk
            if data.get(f"wallet_{pk}") != NEW or f"name_{pk}" not in data:
                continue
            name = data[f"name_{pk}"]
            if not name:
                self.add_error(f"name_{pk}", _("Give the new wallet a name."))
            elif self._is_taken(name, pk):
                self.add_error(f"name_{pk}", str(HolderNameTaken()))
        return data

    def _is_taken(self, name: str, pk: int) -> bool:
        """Whether another wallet has the name, or gets it by this form."""
        own = self._submission(pk)
        there = [each.name for each in self.wallets.values() if each.submission != own]
        others = [
            str(self.cleaned_data.get(f"name_{each.statement.pk}"))
            for each in self.shown
            if each.statement.pk < pk
            and self.cleaned_data.get(f"wallet_{each.statement.pk}") == NEW
        ]
        return fold(name) in map(fold, there + others)

    def _submission(self, pk: int) -> uuid.UUID | None:
        """The key of the wallet that is made for a statement: sent twice, it is made once."""
        key = self.cleaned_data.get("submission")
        return uuid.uuid5(key, str(pk)) if key else None

    def said(self) -> dict[int, Wallet | NewWallet | None]:
        """What the valid form says, by the statements' ids; those not asked for are left out."""
        data = self.cleaned_data
        said: dict[int, Wallet | NewWallet | None] = {
            account.statement.pk: None for account in self.accounts
        }
        for account in self.shown:
            pk = account.statement.pk
            chosen = data[f"wallet_{pk}"]
            said[pk] = (
                NewWallet(data[f"name_{pk}"], self._submission(pk))
                if chosen == NEW
                else self.wallets.get(chosen)
            )
        return said
