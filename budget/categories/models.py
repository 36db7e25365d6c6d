"""What money was spent on, or came from."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.buckets.models import Bucket
from budget.core.folding import folded, folded_column
from budget.core.tenancy import HouseholdManager, HouseholdModel


class CategoryKind(models.TextChoices):
    """What its lines are. Those of a neutral one count neither as income nor as expense."""

    EXPENSE = "expense", _("Expense")
    INCOME = "income", pgettext_lazy("one transaction", "Income")
    NEUTRAL = "neutral", _("Neutral")


class CategoryQuerySet(models.QuerySet["Category"]):
    def active(self) -> CategoryQuerySet:
        """Those that lists and forms offer; a retired one is visible in closed months only."""
        return self.filter(retired_at=None)

    def named(self, name: str) -> CategoryQuerySet:
        """Those of that name, whatever its case and accents."""
        return self.filter(name_folded=folded(name))


class Category(HouseholdModel):
    name = models.CharField(_("name"), max_length=60)
    # Unique among active categories: "Sante" and "SANTÉ" are one name.
    name_folded = folded_column("name")
    description = models.CharField(_("description"), max_length=200, blank=True)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#64748b",
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z", _("Choose a colour."))],
    )
    kind = models.CharField(
        _("kind"), max_length=7, choices=CategoryKind, default=CategoryKind.EXPENSE
    )
    monthly_limit = models.DecimalField(
        _("monthly limit"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    # The envelope that a line of this category is taken from, unless it names another.
    bucket = models.ForeignKey(
        Bucket,
        models.DO_NOTHING,
        db_constraint=False,  # the migration's HouseholdReference stands instead
        null=True,
        blank=True,
        related_name="categories",
        verbose_name=_("envelope"),
    )
    # Counts the changes, so that of two people who edit it the second is told.
    version = models.PositiveIntegerField(default=1, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)

    objects = HouseholdManager.from_queryset(CategoryQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["name_folded", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "name_folded"],
                condition=models.Q(retired_at=None),
                name="categories_category_name_once",
                violation_error_message=_("There is a category of that name already."),
            ),
            models.CheckConstraint(
                condition=models.Q(monthly_limit=None) | models.Q(monthly_limit__gt=0),
                name="categories_category_limit_positive",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=CategoryKind.NEUTRAL) | models.Q(monthly_limit=None),
                name="categories_category_neutral_without_limit",
                violation_error_message=_("A neutral category has no limit: it costs nothing."),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=CategoryKind.values),
                name="categories_category_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(colour__regex=r"^#[0-9a-f]{6}$"),
                name="categories_category_colour_hex",
            ),
        ]

    def __str__(self) -> str:
        return self.name
