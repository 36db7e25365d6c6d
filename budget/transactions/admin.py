from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.admin import (
    HouseholdFilter,
    HouseholdModelAdmin,
    OnlyShown,
    ReadOnlyInline,
    VersionedAdminForm,
    VersionedModelAdmin,
    amount_column,
)
from budget.core.fields import DayField
from budget.people.models import Person
from budget.transactions.models import Allotment, Kind, Reconciliation, Transaction
from budget.transactions.services import transaction_create, transaction_update
from budget.users.access import current_user
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet

#: What a line may name, and what says that one of these is no longer offered.
_NAMED: dict[str, tuple[Any, str]] = {
    "category": (Category, "retired_at"),
    "wallet": (Wallet, "closed_at"),
    "to_wallet": (Wallet, "closed_at"),
    "bucket": (Bucket, "closed_at"),
    "to_bucket": (Bucket, "closed_at"),
    "person": (Person, "removed_at"),
}


class TransactionAdminForm(VersionedAdminForm):
    date = DayField(label=_("Date"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (model, ended) in _NAMED.items():
            field: Any = self.fields[name]
            # Those in use, and one no longer offered where the line has it: it may be looked at.
            own = Q(pk=getattr(self.instance, f"{name}_id"))
            field.queryset = model.objects.filter(Q(**{ended: None}) | own)
            field.error_messages["invalid_choice"] = _("This is not one of the household’s.")
        category: Any = self.fields["category"]
        category.error_messages["invalid_choice"] = _("This is not a category of the household.")

    def _get_validation_exclusions(self) -> set[str]:
        """What fits which kind is said by `clean`, in words that the database has not."""
        return {*super()._get_validation_exclusions(), "kind"}  # type: ignore[misc]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        values = self.cleaned_data
        kind = values.get("kind")
        if self.errors or kind is None:
            return data
        if kind == Kind.TRANSFER:
            self._clean_transfer(values)
            return data
        values["wallet"] = values["wallet"] or first_wallet()
        if values["to_wallet"] or values["to_bucket"]:
            self.add_error("kind", _("Only a transfer goes to another wallet or envelope."))
        elif Kind(kind).is_loan and not values["person"]:
            self.add_error("person", _("Choose a person."))
        elif Kind(kind).is_loan and values["category"]:
            self.add_error("category", _("Only incomes and expenses have a category."))
        return data

    def _clean_transfer(self, values: dict[str, Any]) -> None:
        wallets = values["wallet"], values["to_wallet"]
        moves_wallets = all(wallets) and wallets[0] != wallets[1]
        moves_buckets = values["bucket"] != values["to_bucket"]
        if values["category"] or values["person"]:
            name = "category" if values["category"] else "person"
            self.add_error(name, _("A transfer has no category and no person."))
        elif not (moves_wallets or (not any(wallets) and moves_buckets)):
            text = _("A transfer goes from one wallet or envelope to another.")
            self.add_error("to_wallet", text)


class AllotmentInline(ReadOnlyInline):
    """How an income was spread. Its parts follow from its amount."""

    model = Allotment
    fields = readonly_fields = ("bucket", "weight", "amount")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Allotment]:
        return super().get_queryset(request).select_related("bucket").order_by("pk")


@admin.register(Transaction)
class TransactionAdmin(VersionedModelAdmin):
    """A line that a reconciliation rests on may change here; it then has to be checked anew."""

    form = TransactionAdminForm
    fields = (
        "kind",
        "amount",
        "date",
        "wallet",
        "to_wallet",
        "category",
        "bucket",
        "to_bucket",
        "person",
        "description",
        "note",
        "pointed",
        "to_pointed",
        "reconciliation",
        "to_reconciliation",
        "seen",
    )
    readonly_fields = ("pointed", "to_pointed", "reconciliation", "to_reconciliation")
    inlines = (AllotmentInline,)
    list_display = ("date", "title", "category", "wallet", "signed", "household")
    list_display_links = ("date", "title")
    list_filter: ClassVar[Any] = [("household", HouseholdFilter), "kind", "date"]
    list_select_related: ClassVar[Any] = ["household", "category", "wallet"]
    search_fields = ("search", "category__name_folded")
    # The newest entries first. By date would sort every household's whole ledger.
    ordering = ("-pk",)

    signed = amount_column("signed_amount", _("amount"), ordering="amount")

    @admin.display(description=_("description"), ordering="description")
    def title(self, line: Transaction) -> str:
        return line.title

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        names = ["kind", "amount", "date", *_NAMED, "description", "note"]
        entry: Any = {name: form.cleaned_data[name] for name in names}
        entry["kind"] = Kind(entry["kind"])
        if change:
            seen = form.cleaned_data["seen"]
            transaction_update(line=obj, version=seen, confirmed=True, **entry)
        else:
            obj.pk = transaction_create(created_by=current_user(request), **entry).pk


@admin.register(Reconciliation)
class ReconciliationAdmin(OnlyShown, HouseholdModelAdmin):
    """Statements are looked at: what is checked, and whether it adds up, is the site's to say."""

    list_display = ("wallet", "date", "stated", "closed_at", "household")
    list_display_links = ("wallet", "date")
    list_filter: ClassVar[Any] = [
        ("household", HouseholdFilter),
        ("closed_at", admin.EmptyFieldListFilter),
        "date",
    ]
    list_select_related: ClassVar[Any] = ["household", "wallet"]
    search_fields = ("wallet__name_folded",)
    fields = ("wallet", "date", "balance", "created_at", "closed_at", "closed_by")
    ordering = ("-date", "-pk")

    stated = amount_column("balance", _("statement balance"))
