"""What the database does not let stand, whoever writes it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from budget.imports.models import (
    Choice,
    Finding,
    Import,
    ImportLine,
    ImportState,
    Mapping,
    Rule,
    Statement,
)

pytestmark = pytest.mark.usefixtures("scope")


def refused(rows: Any, **values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.create(**values)


def test_a_line_cannot_become_what_it_lacks_the_day_or_the_money_for() -> None:
    source = Import.objects.create(file_name="a.csv", size=1, sha256="", format="csv")
    statement = Statement.objects.create(source=source)
    told: dict[str, Any] = {"statement": statement, "number": 2, "status": "booked", "entry": 1}
    whole = {"date": dt.date(2026, 11, 2), "amount": Decimal("-3.20")}
    lines = ImportLine.objects

    refused(lines, **told, finding=Finding.NEW, choice=Choice.ADD)
    refused(lines, **told, **{**whole, "amount": 0}, finding=Finding.NEW, choice=Choice.ADD)
    refused(lines, **told, **whole, finding=Finding.UNREADABLE, choice=Choice.ADD)
    refused(lines, **told, **whole, finding=Finding.CLOSED, choice=Choice.ADD)
    refused(lines, **told, **whole, finding=Finding.MATCH, choice=Choice.JOIN)
    refused(lines, **told, **whole, finding=Finding.NEW, choice=Choice.JOIN, found=7)

    lines.create(**told, **whole, finding=Finding.MATCH, choice=Choice.JOIN, found=7)
    lines.create(**told, finding=Finding.UNREADABLE, choice=Choice.LEAVE)


def test_a_file_is_done_on_a_day() -> None:
    told: dict[str, Any] = {"file_name": "a.csv", "size": 1, "sha256": "", "format": "csv"}
    refused(Import.objects, **told, state=ImportState.DONE)


def test_a_rule_says_when_it_holds() -> None:
    refused(Rule.objects, rename="Tout")
    Rule.objects.create(text="CARREFOUR", rename="Carrefour")
    Rule.objects.create(amount_min=Decimal(100), rename="Gros")


def test_a_header_is_remembered_once() -> None:
    Mapping.objects.create(name="Ma banque", fingerprint="f" * 64)
    refused(Mapping.objects, name="Encore", fingerprint="f" * 64)
