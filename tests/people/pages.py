"""What the tests of the pages of people have in common."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any

from django.test import Client

from budget.balances.selectors import Position, person_position
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Kind, Transaction
from budget.users.models import Household
from tests.ledger import book, person

LIST = "/h/alice/people/"
ADD = f"{LIST}add/"
DAY = dt.date(2026, 11, 3)
NBSP = "\u00a0"


def page_of(who: Person, action: str = "") -> str:
    """The address of a person's page: `page_of(lea, "settle")`."""
    return f"{LIST}{who.pk}/{action}/" if action else f"{LIST}{who.pk}/"


def make(household: Household, name: str = "Léa", *booked: tuple[Kind, str | int]) -> Person:
    """A person of that first name, with lines of these kinds and amounts, a day apart."""
    with household_scope(household):
        who = person(name)
        for n, (kind, amount) in enumerate(booked):
            book(kind, amount, DAY + dt.timedelta(days=n), person=who)
        return who


def stored(household: Household, who: Person) -> Person | None:
    """The person as the database has them now, if it has."""
    with household_scope(household):
        return Person.objects.filter(pk=who.pk).first()


def position(household: Household, who: Person) -> Position:
    with household_scope(household):
        return person_position(who)


def lines(household: Household, who: Person) -> list[tuple[str, Decimal]]:
    """The kinds and amounts of the lines that name a person, in the order they were booked."""
    with household_scope(household):
        rows = Transaction.objects.filter(person=who).order_by("pk")
        return [(line.kind, line.amount) for line in rows]


def typed(**changes: Any) -> dict[str, Any]:
    """What the form of a person sends."""
    return {
        "first_name": "Léa",
        "last_name": "Forêt",
        "email": "lea@example.org",
        "phone": "+33 6 12 34 56 78",
        "note": "Le soir",
        "submission": key(),
        **changes,
    }


def key() -> str:
    """What a form's hidden field holds."""
    return str(uuid.uuid4())


def shown(client: Client, address: str) -> str:
    """What a page says, its spaces made one each (no-break ones stay)."""
    html = client.get(address).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", main))
