"""The form of a transaction, for adding and for changing one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.categories.fields import CategoryField
from budget.categories.models import Category
from budget.core.fields import (
    AmountInput,
    DayField,
    MoneyField,
    RowField,
    SegmentSelect,
)
from budget.core.forms import VersionedForm
from budget.people.models import Person
from budget.transactions.models import LOANS, Kind, Transaction
from budget.transactions.services import Entry
from budget.transactions.spreading import SpreadForm
from budget.wallets.models import Wallet

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class Tab(models.TextChoices):
    """What a person adds. The four kinds of loans share one tab, and are told apart in it."""

    EXPENSE = "expense", _("Expense")
    INCOME = "income", pgettext_lazy("one transaction", "Income")
    TRANSFER = "transfer", _("Transfer")
    LOAN = "loan", _("Loan")

    @classmethod
    def of(cls, kind: str) -> Tab:
        """The tab in which a line of that kind is edited; the first where it is none."""
        if kind in LOANS:
            return cls.LOAN
        return cls(kind) if kind in cls.values else cls.EXPENSE


#: The fields that a tab has besides amount, date, description and note. The others are out of
#: sight in it, and left aside.
USES: dict[str, frozenset[str]] = {
    Tab.EXPENSE: frozenset({"category", "wallet", "bucket", "person"}),
    Tab.INCOME: frozenset({"category", "wallet", "bucket", "person", "spread", "spread_of"}),
    Tab.TRANSFER: frozenset({"from_wallet", "to_wallet", "from_bucket", "to_bucket"}),
    Tab.LOAN: frozenset({"loan", "wallet", "bucket", "person"}),
}
_OWN = frozenset().union(*USES.values())

#: Which row of a line each field shows.
_SHOWS = {
    "wallet": "wallet",
    "from_wallet": "wallet",
    "to_wallet": "to_wallet",
    "bucket": "bucket",
    "from_bucket": "bucket",
    "to_bucket": "to_bucket",
    "person": "person",
}


class ReconciledForm(forms.Form):
    """What is asked before a line changes or goes that a reconciliation rests on."""

    confirmed = forms.BooleanField(
        label=_("I know that this line is reconciled"),
        error_messages={
            "required": _(
                "This line is reconciled. Confirm that it may change, and check it again."
            )
        },
    )


def _wallet_field(label: StrPromise, *, required: bool = False) -> RowField[Wallet]:
    gone = _("This wallet has been closed meanwhile. Choose another.")
    return RowField(label=label, required=required, error_messages={"invalid_choice": gone})


def _bucket_field(label: StrPromise) -> RowField[Bucket]:
    gone = _("This envelope has been closed meanwhile. Choose another.")
    return RowField(label=label, required=False, error_messages={"invalid_choice": gone})


class TransactionForm(VersionedForm, SpreadForm, ReconciledForm):
    """A household sees of it what it has a use for: one with a single wallet, no envelope and
    nobody it lends to adds an expense or an income, and is asked for neither of the three.
    """

    kind = forms.TypedChoiceField(
        label=_("Direction"),
        coerce=Tab,
        initial=Tab.EXPENSE,
        widget=SegmentSelect(
            icons={
                "expense": "arrow-up-right",
                "income": "arrow-down-left",
                "transfer": "arrow-left-right",
                "loan": "people",
            }
        ),
    )
    loan = forms.TypedChoiceField(
        label=_("What happened?"),
        choices=[
            (Kind.LEND.value, _("I lent")),
            (Kind.COLLECT.value, _("I was paid back")),
            (Kind.BORROW.value, _("I borrowed")),
            (Kind.REPAY.value, _("I paid back")),
        ],
        coerce=Kind,
        initial=Kind.LEND,
        widget=SegmentSelect,
    )
    amount = MoneyField(label=_("Amount"), widget=AmountInput(attrs={"autofocus": True}))
    category = CategoryField()
    wallet = _wallet_field(_("Wallet"), required=True)
    from_wallet = _wallet_field(_("From wallet"))
    to_wallet = _wallet_field(_("To wallet"))
    person = RowField[Person](
        label=_("Person"),
        required=False,
        error_messages={
            "invalid_choice": _("This person has been removed meanwhile. Choose another.")
        },
    )
    bucket = _bucket_field(_("Envelope"))
    from_bucket = _bucket_field(_("From envelope"))
    to_bucket = _bucket_field(_("To envelope"))
    date = DayField(label=_("Date"))
    description = forms.CharField(label=_("Description"), required=False, max_length=200)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, line: Transaction | None = None, **kwargs: Any) -> None:
        """`line` is the one that is changed. Its category, if retired, must be chosen anew; a
        wallet or envelope that is closed, or a person who was removed, stays chosen.
        """
        super().__init__(*args, **kwargs)
        self.line = line
        self._offer_categories()
        self._offer_rows()
        self._offer_tabs()
        self.offer_spread(line, self.buckets)
        if not (line and line.reconciled):
            del self.fields["confirmed"]

    # What is offered

    def _offer_categories(self) -> None:
        category = cast("CategoryField", self.fields["category"])
        category.queryset = Category.objects.active()
        self.to_choose = ""
        if self.line and self.line.category and self.line.category.retired_at:
            text = gettext("“%(category)s” has been deleted. Choose another category, or “None”.")
            self.to_choose = text % {"category": self.line.category.name}
            category.help_text = escape(self.to_choose)

    def _own(self, *names: str) -> models.Q:
        """Those that the edited line names already, whatever has become of them."""
        return models.Q(pk__in=[getattr(self.line, f"{name}_id", None) for name in names])

    def _offer_rows(self) -> None:
        """Wallets where there is a choice, envelopes and people where there are some."""
        wallets = list(
            Wallet.objects.filter(models.Q(closed_at=None) | self._own("wallet", "to_wallet"))
        )
        self.buckets = list(
            Bucket.objects.filter(models.Q(closed_at=None) | self._own("bucket", "to_bucket"))
        )
        people = list(Person.objects.filter(models.Q(removed_at=None) | self._own("person")))
        none = _("Choose…") if not self.buckets else _("No wallet")
        unassigned = _("Unassigned")
        self._offer("wallet", wallets, at_least=2)
        self._offer("from_wallet", wallets, at_least=2, empty=none)
        self._offer("to_wallet", wallets, at_least=2, empty=none)
        for name in ("bucket", "from_bucket", "to_bucket"):
            self._offer(name, self.buckets, empty=unassigned)
        self._offer("person", people, empty=_("Nobody"))
        if not self.is_bound and "wallet" in self.fields:
            self._choose_wallets([wallet.pk for wallet in wallets if wallet.is_open])

    def _choose_wallets(self, open_wallets: list[int]) -> None:
        """What stands chosen where nobody has said: the first wallet, and of two the other one."""
        chosen = self.initial
        chosen["wallet"] = chosen.get("wallet") or open_wallets[0]
        if self.line or self.buckets:
            return  # It may be a transfer between envelopes, which leaves the wallets alone.
        if not chosen.get("from_wallet"):
            others = [pk for pk in open_wallets if str(pk) != str(chosen.get("to_wallet"))]
            preferred = int(chosen["wallet"]) in others
            chosen["from_wallet"] = chosen["wallet"] if preferred else others[0]
        others = [pk for pk in open_wallets if str(pk) != str(chosen["from_wallet"])]
        if not chosen.get("to_wallet") and len(others) == 1:
            chosen["to_wallet"] = others[0]

    def _offer(
        self,
        name: str,
        rows: Sequence[Wallet] | Sequence[Bucket] | Sequence[Person],
        *,
        at_least: int = 1,
        empty: Any = None,
    ) -> None:
        """Offer `rows`, or take the field away where they are too few to choose from.

        What a browser sent is not taken away: it was chosen while there was more, and the person
        is told so beside the field. It leaves the field empty, not at something they did not say.
        """
        keys = {str(row.pk) for row in rows}
        sent = self.data.get(name) if self.is_bound else None
        if len(rows) < at_least and not sent:
            del self.fields[name]
            return
        if sent and sent not in keys:
            empty = empty or _("Choose…")
        if not self.is_bound and str(self.initial.get(name)) not in keys:
            self.initial[name] = None
        field = cast("RowField[Any]", self.fields[name])
        field.offer([(row, row_label(row)) for row in rows], empty=empty)

    def _offer_tabs(self) -> None:
        """Transfers where there are two places to move money between, loans where there is a
        person; and always what the line is, or what was sent.
        """
        possible = {Tab.EXPENSE, Tab.INCOME}
        if "to_wallet" in self.fields or "to_bucket" in self.fields:
            possible.add(Tab.TRANSFER)
        if "person" in self.fields:
            possible.add(Tab.LOAN)
        if self.is_bound:
            possible |= {tab for tab in Tab if tab == self.data.get("kind")}
        elif self.line:
            possible.add(Tab.of(self.line.kind))
        elif self.initial.get("kind") not in possible:
            self.initial["kind"] = Tab.EXPENSE
        kind = cast("forms.TypedChoiceField", self.fields["kind"])
        kind.choices = [(tab.value, tab.label) for tab in Tab if tab in possible]

    # What was typed

    def clean_category(self) -> Category | None:
        category: Category | None = self.cleaned_data["category"]
        if self.to_choose and category is None and "category" not in self.data:
            # Nothing was chosen, which is not the same as "None".
            raise forms.ValidationError(self.to_choose)
        return category

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        tab = data.get("kind")
        if tab is None:
            return data
        for name in _OWN - USES[tab]:
            self.forget(name, data)
            data[name] = None
        if tab == Tab.TRANSFER:
            self._clean_sides(data)
        if tab == Tab.LOAN and data.get("person") is None and "person" not in self.errors:
            if "person" not in self.fields:
                self.add_error("kind", _("First add the person whom this concerns."))
            else:
                self.add_error("person", _("Choose a person."))
        self.clean_parts(data)
        return data

    def _clean_sides(self, data: dict[str, Any]) -> None:
        """What a transfer leaves and where it goes differ, and one of the two pairs is given."""
        wallets = data.get("from_wallet"), data.get("to_wallet")
        buckets = data.get("from_bucket"), data.get("to_bucket")
        if not self.errors.keys().isdisjoint(USES[Tab.TRANSFER]):
            return
        match wallets:
            case (None, None):
                if buckets[0] == buckets[1]:
                    self._nothing_moves(buckets[0])
                return
            case (None, _):
                self.add_error("from_wallet", _("Choose the wallet that the money leaves."))
            case (_, None):
                self.add_error("to_wallet", _("Choose the wallet that the money goes to."))
            case (source, target) if source == target:
                self.add_error("to_wallet", _("Choose another wallet than the one it leaves."))
        if buckets[0] and buckets[0] == buckets[1]:
            self.add_error("to_bucket", _("Choose another envelope than the one it leaves."))

    def _nothing_moves(self, bucket: Bucket | None) -> None:
        if bucket:
            self.add_error("to_bucket", _("Choose another envelope than the one it leaves."))
        elif "to_wallet" in self.fields:
            self.add_error("to_wallet", _("Choose where the money comes from, and where it goes."))
        elif "to_bucket" in self.fields:
            self.add_error("to_bucket", _("Choose where the money comes from, and where it goes."))
        else:
            self.add_error("kind", _("A transfer needs a second wallet, or an envelope."))

    # Where it comes from and where it goes

    @classmethod
    def for_new(
        cls, *, like: Transaction | None = None, kind: str = Kind.EXPENSE, **chosen: Any
    ) -> TransactionForm:
        """An empty form dated today; `like` prefills it from a line, for duplicating.

        `chosen` says by their keys what else stands in it; what is not offered (any more) is left
        out.
        """
        initial = _tab(kind) | chosen
        if like:
            initial = _values(like) | {"spread": like.allotments.exists()}
        if not like and kind == Kind.TRANSFER:
            initial |= {f"from_{name}": chosen.get(name) for name in ("wallet", "bucket")}
        if not like and not chosen.get("bucket"):
            initial["bucket"] = _own_bucket(chosen.get("category"))
        initial["date"] = timezone.localdate()
        initial["submission"] = uuid.uuid4()
        return cls(initial=initial)

    @classmethod
    def for_line(cls, line: Transaction) -> TransactionForm:
        """The form that changes `line`, and knows which version of it the person saw."""
        return cls(initial=_values(line) | {"version": line.version}, line=line)

    def entry(self) -> Entry:
        """The valid form's content, without its hidden fields."""
        data = self.cleaned_data
        entry = Entry(
            kind=data["loan"] or Kind(data["kind"]),
            amount=data["amount"],
            date=data["date"],
            to_wallet=data.get("to_wallet"),
            category=data["category"],
            bucket=data.get("bucket") or data.get("from_bucket"),
            to_bucket=data.get("to_bucket"),
            person=data.get("person"),
            description=data["description"],
            note=data["note"],
            spread=data["spread"],
        )
        if entry["spread"]:
            entry["bucket"] = None
        if data["kind"] == Tab.TRANSFER:
            entry["wallet"] = data.get("from_wallet")
        elif "wallet" in self.fields:
            entry["wallet"] = data["wallet"]
        return entry


def _own_bucket(category: object) -> int | None:
    """The envelope that the category of that key has of its own."""
    own = Category.objects.active().exclude(bucket=None).values_list("pk", "bucket_id")
    return next((bucket for pk, bucket in own if str(pk) == str(category)), None)


def row_label(row: Wallet | Bucket | Person | Category) -> str:
    """Its name, and whether it is still chosen only because it was."""
    if isinstance(row, Category):
        text = gettext("%(name)s (deleted)") if row.retired_at else "%(name)s"
    elif isinstance(row, Person):
        text = gettext("%(name)s (removed)") if row.removed_at else "%(name)s"
    elif row.is_open:
        text = "%(name)s"
    elif isinstance(row, Wallet):
        text = gettext("%(name)s (closed)")
    else:
        text = gettext("%(name)s (no longer open)")
    return text % {"name": row.name}


def _tab(kind: str) -> dict[str, Any]:
    """The two choices that say what a line is."""
    return {"kind": Tab.of(kind), "loan": kind if kind in LOANS else Kind.LEND}


def _values(line: Transaction) -> dict[str, Any]:
    return {
        **_tab(line.kind),
        "amount": line.amount,
        "category": line.category_id,
        **{name: getattr(line, f"{shown}_id") for name, shown in _SHOWS.items()},
        "from_bucket": line.bucket_id if line.kind == Kind.TRANSFER else None,
        "date": line.date,
        "description": line.description,
        "note": line.note,
    }
