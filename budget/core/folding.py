"""Text without case and accents, folded by the database so that it is folded in one way.

`budget_fold` is an immutable SQL function (core's first migration), so generated columns can hold
its result: `Name` and `search` columns are written by PostgreSQL, never by us.
"""

import unicodedata
from typing import Any

from django.db import models
from django.db.models import Func, GeneratedField, TextField, Value

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "Œ": "OE", "Æ": "AE", "ẞ": "SS"})


def fold(text: str, *, lower: bool = True) -> str:
    """What `budget_fold` makes of a text, for what never enters the database. A test compares them.

    `lower=False` leaves capitals as they are.
    """
    if lower:
        text = text.lower()
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f")
    bare = bare.translate(_LIGATURES)
    return bare.lower() if lower else bare


class Fold(Func):
    """`budget_fold(expression)`: "Épargne" and "EPARGNE" become "epargne"."""

    function = "budget_fold"
    arity = 1
    output_field = TextField()


def folded(text: str) -> Fold:
    """The folded form of what a person typed, for comparing with a folded column."""
    return Fold(Value(text, output_field=TextField()))


def folded_column(*fields: str, **options: Any) -> GeneratedField:
    """A generated column with the folded text of `fields`, a line each."""
    expression: Any = models.F(fields[0])
    for field in fields[1:]:
        expression = models.functions.Concat(
            expression, Value("\n"), models.F(field), output_field=TextField()
        )
    return GeneratedField(
        expression=Fold(expression), output_field=TextField(), db_persist=True, **options
    )
