"""A person is found by any part of their name, whatever its accents."""

from budget.core.folding import folded
from budget.people.models import Person
from budget.users.models import Household


def test_names_are_folded_for_searching(scope: Household) -> None:
    lea = Person.objects.create(first_name="Léa", last_name="Forêt")
    assert lea.name == "Léa Forêt"
    assert Person.objects.filter(search__contains=folded("FORET")).get() == lea
    assert Person.objects.create(first_name="Tom").name == "Tom"
