"""The back office's pages of wallets, envelopes and people, with what the ledger says of them.

They are here and not in their own apps, because closing and deleting one concerns the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from budget.balances.closing import (
    LastWallet,
    bucket_close,
    bucket_delete,
    holder_reopen,
    wallet_close,
    wallet_delete,
)
from budget.balances.models import BucketMonth, PersonTotal, WalletMonth
from budget.balances.selectors import bucket_balance, wallet_balance
from budget.balances.settling import person_delete
from budget.buckets.models import Bucket
from budget.core.admin import (
    HouseholdFilter,
    VersionedAdminForm,
    VersionedModelAdmin,
    amount_column,
)
from budget.core.fields import DayField
from budget.core.guards import Refused
from budget.core.holders import Holder, HolderNameTaken
from budget.core.money import money_format
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.users.services import household_lock
from budget.wallets.models import Wallet

_MONEY = DecimalField(max_digits=16, decimal_places=2)


class StillHolds(Refused):
    """A wallet or envelope would be closed while it holds money."""

    def __init__(self, holder: Holder, held: Decimal) -> None:
        super().__init__(
            gettext(
                "“%(name)s” holds %(amount)s. Close it on the site, "
                "where one chooses where that goes."
            )
            % {
                "name": holder.name,
                "amount": money_format(held, currency=holder.household.currency),
            }
        )


def _sum_of(rows: QuerySet[Any], key: str, amount: Any) -> Coalesce:
    """What `rows` come to for the row that is listed, whose key they have in `key`."""
    own = rows.filter(**{key: OuterRef("pk")}).order_by().values(key)
    summed = own.annotate(moved=Sum(amount)).values("moved")
    return Coalesce(Subquery(summed), Decimal(0), output_field=_MONEY)


class HolderAdminForm(VersionedAdminForm):
    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        rows: Any = type(self.instance)._default_manager
        others = rows.open().exclude(pk=self.instance.pk)
        if self.instance.is_open and others.named(name).exists():
            raise ValidationError(str(HolderNameTaken()))
        return name


class HolderAdmin(VersionedModelAdmin):
    """What wallets and envelopes have in common: they are closed when empty, and reopened."""

    form = HolderAdminForm
    readonly_fields = ("closed_at",)
    search_fields = ("name_folded",)
    ordering = ("household", "position", "pk")
    actions = ("close", "reopen")

    held = amount_column("now", _("balance"))

    def close_empty(self, holder: Any) -> None:
        """Close one that holds nothing, in its household's scope. Raises Refused."""
        raise NotImplementedError

    def remove(self, holder: Any) -> None:
        """Delete one that was not used, in its household's scope. Raises Refused."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            obj.position = type(obj)._default_manager.open().next_position()
        super().save_model(request, obj, form, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with household_scope(obj.household):
            self.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        _each(queryset, self.remove)

    @admin.action(description=_("Close the chosen ones, if they are empty"), permissions=["change"])
    def close(self, request: HttpRequest, holders: QuerySet[Any]) -> None:
        number = _each(holders, self.close_empty)
        told = ngettext("%(n)s is closed.", "%(n)s are closed.", number)
        self.message_user(request, told % {"n": number})

    @admin.action(description=_("Reopen the chosen ones"), permissions=["change"])
    def reopen(self, request: HttpRequest, holders: QuerySet[Any]) -> None:
        number = _each(holders, holder_reopen)
        told = ngettext("%(n)s is open again.", "%(n)s are open again.", number)
        self.message_user(request, told % {"n": number})


def _each(rows: QuerySet[Any], act: Callable[[Any], Any]) -> int:
    """Act on each row, in its household, whose ledger waits; return how many there were."""
    chosen = list(rows.select_related("household"))
    for row in chosen:
        with household_scope(row.household):
            household_lock(row.household)
            act(row)
    return len(chosen)


class WalletAdminForm(HolderAdminForm):
    opening_date = DayField(label=_("Opening date"))


@admin.register(Wallet)
class WalletAdmin(HolderAdmin):
    form = WalletAdminForm
    fields = (
        "name",
        "kind",
        "colour",
        "opening_balance",
        "opening_date",
        "position",
        "hidden",
        "closed_at",
        "seen",
    )
    list_display = ("name", "household", "kind", "held", "hidden", "closed_at")
    list_filter: ClassVar[Any] = [
        ("household", HouseholdFilter),
        "kind",
        "hidden",
        ("closed_at", admin.EmptyFieldListFilter),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wallet]:
        moved = _sum_of(WalletMonth.objects.all(), "wallet", F("received") - F("paid"))
        wallets: Any = super().get_queryset(request)
        return wallets.annotate(now=F("opening_balance") + moved)  # type: ignore[no-any-return]

    def close_empty(self, holder: Wallet) -> None:
        if held := wallet_balance(holder).balance:
            raise StillHolds(holder, held)
        into = Wallet.objects.open().exclude(pk=holder.pk).first()
        if into is None:
            raise LastWallet
        wallet_close(wallet=holder, into=into)

    def remove(self, holder: Wallet) -> None:
        wallet_delete(wallet=holder)


class BucketAdminForm(HolderAdminForm):
    share = forms.IntegerField(label=_("Share"), min_value=0, max_value=100)


@admin.register(Bucket)
class BucketAdmin(HolderAdmin):
    form = BucketAdminForm
    fields = ("name", "colour", "share", "position", "closed_at", "seen")
    list_display = ("name", "household", "share", "held", "closed_at")
    list_filter: ClassVar[Any] = [
        ("household", HouseholdFilter),
        ("closed_at", admin.EmptyFieldListFilter),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bucket]:
        moved = _sum_of(BucketMonth.objects.all(), "bucket", F("received") - F("spent"))
        buckets: Any = super().get_queryset(request)
        return buckets.annotate(now=moved)  # type: ignore[no-any-return]

    def close_empty(self, holder: Bucket) -> None:
        if held := bucket_balance(holder).balance:
            raise StillHolds(holder, held)
        bucket_close(bucket=holder, into=None)

    def remove(self, holder: Bucket) -> None:
        bucket_delete(bucket=holder)


@admin.register(Person)
class PersonAdmin(VersionedModelAdmin):
    """Deleting one whose name stands on lines takes them out of the lists; the lines keep it."""

    form = VersionedAdminForm
    fields = ("first_name", "last_name", "email", "phone", "note", "removed_at", "seen")
    readonly_fields = ("removed_at",)
    list_display = ("name", "household", "owed", "removed_at")
    list_display_links = ("name",)
    list_filter: ClassVar[Any] = [
        ("household", HouseholdFilter),
        ("removed_at", admin.EmptyFieldListFilter),
    ]
    search_fields = ("search",)
    ordering = ("search", "pk")

    owed = amount_column("net", _("owed, less what is owed to them"))

    @admin.display(description=_("name"), ordering="search")
    def name(self, person: Person) -> str:
        return person.name

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        net = F("lent") + F("repaid") - F("borrowed") - F("collected")
        people: Any = super().get_queryset(request)
        owed = _sum_of(PersonTotal.objects.all(), "person", net)
        return people.annotate(net=owed)  # type: ignore[no-any-return]

    def delete_model(self, request: HttpRequest, obj: Person) -> None:
        with household_scope(obj.household):
            person_delete(person=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        _each(queryset, lambda person: person_delete(person=person))
