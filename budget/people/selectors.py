"""Reads of the people themselves; what they owe follows from the ledger: see balances."""

from __future__ import annotations

from django.db.models import QuerySet

from budget.core.folding import folded
from budget.people.models import Person

MOST_WORDS = 8


def people_named(words: str) -> QuerySet[Person]:
    """Those offered whose name has every one of `words` in it, whatever case and accents."""
    people = Person.objects.active()
    for word in words.split()[:MOST_WORDS]:
        people = people.filter(search__contains=folded(word))
    return people
