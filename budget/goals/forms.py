"""The forms of savings goals: what one saves for, money in and out, and closing a goal."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, TypedDict, cast

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.categories.fields import CategoryField
from budget.categories.models import Category
from budget.core.fields import AmountInput, ChipSelect, DayField, MoneyField, SegmentSelect
from budget.core.forms import SubmittedForm, VersionedForm
from budget.goals.models import Frequency, Goal
from budget.wallets.models import Wallet


class PlanBy(models.TextChoices):
    """Which of the two a person gives; the other is worked out."""

    CONTRIBUTION = "contribution", _("By a contribution")
    DATE = "date", _("By a date")


class Outcome(models.TextChoices):
    """What becomes of a reached goal's money."""

    SPENT = "spent", _("It was spent")
    RELEASED = "released", _("Release it")


class Aim(TypedDict):
    """What a valid form says of a goal."""

    name: str
    description: str
    target: Decimal
    category: Category | None
    wallet: Wallet | None
    frequency: Frequency
    contribution: Decimal | None
    target_date: dt.date | None


class PlanForm(SubmittedForm):
    """How much, and how: of contribution and date, exactly one is given."""

    # The control that is not chosen is out of sight, and must not stop the browser from sending.
    use_required_attribute = False

    target = MoneyField(label=_("Target"))
    plan = forms.TypedChoiceField(
        label=_("Plan"),
        choices=PlanBy.choices,
        coerce=PlanBy,
        initial=PlanBy.CONTRIBUTION,
        widget=SegmentSelect(icons={"contribution": "piggy-bank", "date": "calendar-event"}),
    )
    contribution = MoneyField(label=_("Planned contribution"))
    target_date = DayField(label=_("Target date"))
    frequency = forms.TypedChoiceField(
        label=_("Frequency"),
        choices=Frequency.choices,
        coerce=Frequency,
        initial=Frequency.MONTHLY,
    )

    def __init__(self, *args: Any, goal: Goal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goal = goal

    def clean(self) -> dict[str, Any]:
        """What was typed into the one that was not chosen is left aside."""
        data = super().clean()
        other = "contribution" if data.get("plan") == PlanBy.DATE else "target_date"
        self.forget(other, data)
        data[other] = None
        day = data.get("target_date")
        unchanged = self.goal and self.goal.target_date == day
        if day and day < timezone.localdate() and not unchanged:
            self.add_error("target_date", _("This day has passed: choose one to come."))
        return data


class GoalForm(VersionedForm, PlanForm):
    name = forms.CharField(
        label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autofocus": True})
    )
    category = CategoryField(
        help_text=_("Its expense will be booked there once the goal is spent.")
    )
    wallet = forms.ModelChoiceField(
        label=_("Wallet"),
        queryset=Wallet._base_manager.none(),
        required=False,
        blank=True,
        empty_label=pgettext_lazy("wallet", "None"),
        widget=ChipSelect,
        error_messages={
            "invalid_choice": _("This wallet has been closed meanwhile. Choose another.")
        },
        help_text=_("Where its money is, and what pays once the goal is spent."),
    )
    description = forms.CharField(label=_("Description"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category = cast("CategoryField", self.fields["category"])
        category.queryset = Category.objects.active()
        wallets = Wallet.objects.open()
        if wallets.count() > 1 or self.data.get("wallet"):
            # What was sent was chosen while there were more, and its end is told beside the field.
            cast("forms.ModelChoiceField[Wallet]", self.fields["wallet"]).queryset = wallets
        else:
            del self.fields["wallet"]

    @classmethod
    def for_new(cls) -> GoalForm:
        """An empty form."""
        return cls(initial={"submission": uuid.uuid4()})

    @classmethod
    def for_goal(cls, goal: Goal) -> GoalForm:
        """The form that changes `goal`."""
        initial = {
            "name": goal.name,
            "target": goal.target,
            "plan": PlanBy.CONTRIBUTION if goal.contribution else PlanBy.DATE,
            "contribution": goal.contribution,
            "target_date": goal.target_date,
            "frequency": goal.frequency,
            "category": goal.category_id,
            "wallet": goal.wallet_id,
            "description": goal.description,
            "version": goal.version,
        }
        return cls(initial=initial, goal=goal)

    def aim(self) -> Aim:
        """The valid form's content, without its hidden fields."""
        data = self.cleaned_data
        return Aim(
            name=data["name"],
            description=data["description"],
            target=data["target"],
            category=data["category"],
            # Where there is one wallet alone nothing is asked, and nothing changes.
            wallet=data.get("wallet", self.goal and self.goal.wallet),
            frequency=data["frequency"],
            contribution=data["contribution"],
            target_date=data["target_date"],
        )


class MovementForm(SubmittedForm):
    """So much into a goal, or out of it."""

    amount = MoneyField(label=_("Amount"), widget=AmountInput(attrs={"autofocus": True}))

    @classmethod
    def suggesting(cls, amount: Decimal | None) -> MovementForm:
        """The form with an amount to agree with or to write over."""
        return cls(initial={"amount": amount, "submission": uuid.uuid4()})


class CloseForm(SubmittedForm):
    """What became of a reached goal's money; when it was spent, how much it cost and when."""

    use_required_attribute = False

    outcome = forms.TypedChoiceField(
        label=_("What becomes of the money?"),
        choices=Outcome.choices,
        coerce=Outcome,
        initial=Outcome.SPENT,
        widget=SegmentSelect(icons={"spent": "bag-check", "released": "arrow-counterclockwise"}),
    )
    amount = MoneyField(label=_("What it cost"))
    date = DayField(label=_("Date"))

    @classmethod
    def for_goal(cls, goal: Goal) -> CloseForm:
        """All that is saved, spent today. The goal must come from a query `with_saved()`."""
        return cls(
            initial={
                "amount": goal.saved,
                "date": timezone.localdate(),
                "submission": uuid.uuid4(),
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("outcome") == Outcome.RELEASED:
            for name in ("amount", "date"):
                self.forget(name, data)
        return data
