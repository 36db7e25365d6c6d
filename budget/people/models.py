"""Who owes whom: the people a household lends to and borrows from."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from budget.core.folding import folded_column
from budget.core.tenancy import HouseholdManager, HouseholdModel


class PersonQuerySet(models.QuerySet["Person"]):
    def active(self) -> PersonQuerySet:
        """Those that lists and forms offer; a removed one stays as a name on its lines."""
        return self.filter(removed_at=None)


class Person(HouseholdModel):
    """Someone outside the household. What is owed follows from the ledger, and is never typed."""

    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60, blank=True)
    email = models.EmailField(_("email"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    search = folded_column("first_name", "last_name")
    removed_at = models.DateTimeField(_("removed"), null=True, editable=False)
    # A form's own random key: sent twice, it makes one.
    submission = models.UUIDField(null=True, editable=False)
    # Raised by every change: saving over a version one has not seen is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HouseholdManager.from_queryset(PersonQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar = ["search", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "submission"], name="people_person_submitted_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def dialled(self) -> str:
        """The phone number as a `tel:` address has it: digits, and the plus of a country."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")
