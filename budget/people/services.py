"""Writes about people that do not concern the ledger; settling and removing do: see balances."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from django.db import IntegrityError

from budget.core.guards import guarded, row_to_change
from budget.core.tenancy import active_household
from budget.people.models import Person
from budget.users.services import household_lock


class Contact(TypedDict):
    """What is known of someone; all but the first name may be empty."""

    first_name: str
    last_name: str
    email: str
    phone: str
    note: str


def person_create(*, submission: uuid.UUID | None = None, **contact: Unpack[Contact]) -> Person:
    """Add someone to the people of the household in force.

    `submission` is the form's own key: sent twice, the first person is returned.
    """
    person = Person(submission=submission, **contact)
    try:
        with guarded():
            person.save()
    except IntegrityError:
        first = submission and Person.objects.filter(submission=submission).first()
        if not first:
            raise
        return first
    return person


def person_update(*, person: Person, version: int | None, **contact: Unpack[Contact]) -> Person:
    """Change what is known of someone, where they still have the `version` their form shows.

    Raises ChangedMeanwhile: with the person as they stand now, or None where they were removed.
    """
    with guarded():
        household_lock(active_household())
        current = row_to_change(Person.objects.active().filter(pk=person.pk), version)
        for name, value in contact.items():
            setattr(current, name, value)
        current.save()
    return current
