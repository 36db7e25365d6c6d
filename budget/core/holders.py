"""What wallets and envelopes have in common: a name, a colour, a place, and an end."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budget.core.folding import folded, folded_column
from budget.core.guards import Refused
from budget.core.ordering import OrderedQuerySet
from budget.core.tenancy import HouseholdModel


class HolderQuerySet[M: "Holder"](OrderedQuerySet[M]):
    def open(self) -> Self:
        """Those that lists and forms offer; a closed one is visible in its history only."""
        return self.filter(closed_at=None)

    def named(self, name: str) -> Self:
        """Those of that name, whatever its case and accents."""
        return self.filter(name_folded=folded(name))


class HolderNameTaken(Refused):
    """Another open wallet, or envelope, has that name, whatever its case and accents."""

    def __init__(self) -> None:
        super().__init__(gettext("This name is taken already: choose another."))


class Holder(HouseholdModel):
    """Something that holds money. Once used it is closed, when empty, rather than deleted."""

    name = models.CharField(_("name"), max_length=60)
    # Unique among open ones: "Epargne" and "ÉPARGNE" are one name.
    name_folded = folded_column("name")
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#64748b",
        validators=[RegexValidator(r"^#[0-9a-f]{6}\Z", _("Choose a colour."))],
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    # A form's own random key: sent twice, it makes one.
    submission = models.UUIDField(null=True, editable=False)
    # Raised by every change: saving over a version one has not seen is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "name_folded"],
                condition=models.Q(closed_at=None),
                name="%(app_label)s_%(class)s_name_once",
            ),
            models.UniqueConstraint(
                fields=["household", "submission"], name="%(app_label)s_%(class)s_submitted_once"
            ),
            models.CheckConstraint(
                condition=models.Q(colour__regex=r"^#[0-9a-f]{6}$"),
                name="%(app_label)s_%(class)s_colour_hex",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
