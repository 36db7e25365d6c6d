"""Everything a household owns, as one JSON file that people and programs can read."""

from __future__ import annotations

import datetime as dt
import io
import json
import operator
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from babel.numbers import format_decimal
from django.apps import apps
from django.db import models
from django.utils import timezone

from budget.core.keyset import in_chunks
from budget.core.money import NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE, active_locale
from budget.core.tenancy import HouseholdModel, active_household

FORMAT = "budgeometre-household"
VERSION = 1


def household_models() -> list[type[HouseholdModel]]:
    """Every model whose rows a household owns."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, HouseholdModel) and not model._meta.proxy
    ]


def household_export(*, besides: Mapping[str, Any] | None = None) -> IO[bytes]:
    """The rows of the household in force, in a temporary file, open at its beginning.

    A file, because a response that reads the rows while it is sent would read them after the
    scope has closed; and a few rows at a time, so that a long history does not fill the memory.
    Dates are ISO 8601, amounts strings, references ids; generated columns are left out. `besides`
    adds what is not a household's row.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    text = io.TextIOWrapper(file, encoding="utf-8", write_through=False)
    for piece in _pieces(besides or {}):
        text.write(piece)
    text.flush()
    text.detach()
    file.seek(0)
    return file


def _pieces(besides: Mapping[str, Any]) -> Iterator[str]:
    household = active_household()
    head = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": timezone.now(),
        "household": {
            field.attname: getattr(household, field.attname)
            for field in household._meta.concrete_fields
        },
        **besides,
    }
    yield _json(head)[:-1]  # the closing brace comes last
    for model in household_models():
        if not model.exported:
            continue
        yield f',\n"{model._meta.label_lower}": ['
        yield from _rows(model)
        yield "]"
    yield "\n}\n"


def _rows(model: type[HouseholdModel]) -> Iterator[str]:
    fields = [
        field.attname
        for field in model._meta.concrete_fields
        if not field.generated and field.name != "household"
    ]
    key = operator.itemgetter(fields.index(model._meta.pk.attname))
    comma = "\n"
    for row in in_chunks(model._default_manager.values_list(*fields), key=key):
        yield comma + _json(dict(zip(fields, row, strict=True)))
        comma = ",\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_readable)


def _readable(value: Any) -> str:
    match value:
        case dt.datetime() | dt.date():
            return value.isoformat()
        case Decimal() | uuid.UUID():
            return str(value)
    raise TypeError(f"an export has no way to write a {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows of a kind a household owns. `str()` says it: `12 transactions`."""

    count: int
    model: type[models.Model]

    def __str__(self) -> str:
        meta = self.model._meta
        name = meta.verbose_name if self.count == 1 else meta.verbose_name_plural
        count = format_decimal(self.count, locale=active_locale())
        return f"{count.replace(NARROW_NO_BREAK_SPACE, NO_BREAK_SPACE)} {name}"


def household_contents(labels: Sequence[str]) -> list[Content]:
    """How much the household in force owns of these models, in one query; what is none, left out.

    The models are named by label ("transactions.Transaction"), so that apps below can ask.
    """
    chosen = [apps.get_model(label) for label in labels]
    rows = [
        model._default_manager.order_by()
        .annotate(label=models.Value(model._meta.label))
        .values("label")
        .annotate(count=models.Count("pk"))
        for model in chosen
    ]
    found = {row["label"]: row["count"] for row in rows[0].union(*rows[1:], all=True)}
    return [Content(count, model) for model in chosen if (count := found.get(model._meta.label))]
