"""`manage.py import_file`: what a bank's file holds, as the site reads it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.headers import Role
from budget.imports.reading import NotReadable, NotSure, StatementLine
from budget.imports.recognition import LARGEST, read

DECIMALS = {"comma": Decimals.COMMA, "point": Decimals.POINT}
POSITIVE = {"in": False, "out": True}


def mapping(text: str) -> Told:
    """The value of --map: "date=Jour,amount=3,order=dmy"."""
    columns: dict[Role, str] = {}
    order: DateOrder | None = None
    decimals: Decimals | None = None
    spent: bool | None = None
    for part in _parts(text):
        key, _equals, value = part.partition("=")
        key, value = key.strip(), value.strip()
        if key == "order" and value in set(DateOrder):
            order = DateOrder(value)
        elif key == "decimals" and value in DECIMALS:
            decimals = DECIMALS[value]
        elif key == "positive" and value in POSITIVE:
            spent = POSITIVE[value]
        elif key in set(Role) and value:
            columns[Role(key)] = value
        else:
            raise argparse.ArgumentTypeError(
                f"{part!r} is not one of order=dmy|mdy|ymd, decimals=comma|point, positive=in|out, "
                f"or a column: {', '.join(f'{role}=' for role in Role)}"
            )
    return Told(columns, order, decimals, spent)


def _parts(text: str) -> Iterator[str]:
    """The parts between commas; a comma that no key follows belongs to a column's name."""
    keys = {*Role, "order", "decimals", "positive"}
    held = ""
    for part in text.split(","):
        if held and part.partition("=")[0].strip() not in keys:
            held += "," + part
            continue
        if held:
            yield held
        held = part
    if held:
        yield held


def told_line(line: StatementLine) -> dict[str, str | None]:
    """A line as --json prints it."""
    return {
        "date": line.date.isoformat(),
        "value_date": line.value_date.isoformat() if line.value_date else None,
        "amount": signed(line.amount),
        "label": line.label,
        "account": line.account,
        "bank_id": line.bank_id,
        "status": line.status.value,
    }


def signed(amount: Decimal) -> str:
    """An amount with its sign where it is negative, and at least two decimals."""
    exponent = amount.as_tuple().exponent
    return f"{amount:.2f}" if isinstance(exponent, int) and exponent > -2 else f"{amount:f}"


class Command(BaseCommand):
    help = (
        "Print what a bank's file holds, one JSON object a line, and write nothing: for now both "
        "--dry-run and --json are required. Exits with 1 where the file is refused, or where a "
        "line of it could not be read; what is wrong is told on the error output."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the bank's file")
        parser.add_argument("--dry-run", action="store_true", required=True, help="write nothing")
        parser.add_argument(
            "--json",
            action="store_true",
            required=True,
            dest="as_json",
            help="print the lines: date, value_date, amount, label, account, bank_id, status",
        )
        parser.add_argument(
            "--map",
            type=mapping,
            default=None,
            metavar="date=…,amount=…,label=…",
            help=(
                "which columns of a table are what, by name or by number from 1. Besides date, "
                "value_date, amount, debit, credit, direction, label (several with +), account, "
                "balance, currency, bank_id, status, category, fee: order=dmy|mdy|ymd, "
                "decimals=comma|point, positive=in|out"
            ),
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(f"{path}: larger than {LARGEST // 1024 // 1024} MB")
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        try:
            reading = read(content, options["map"])
        except NotSure as error:
            seen = "\n".join(f"  {number}. {name}" for number, name in enumerate(error.columns, 1))
            raise CommandError(f"{path}: {error}\nColumns seen:\n{seen}") from error
        except NotReadable as error:
            raise CommandError(f"{path}: {error}") from error
        for line in reading.lines:
            self.stdout.write(json.dumps(told_line(line), ensure_ascii=False))
        columns = ", ".join(f"{role}={name}" for role, name in reading.columns.items())
        self.stderr.write(
            f"{path}: {reading.layout or reading.format}, {len(reading.lines)} lines"
            + (f" ({columns})" if columns else "")
        )
        if reading.unreadable:
            told = "\n".join(
                f"  {each.number}: {each.reason} {each.text}" for each in reading.unreadable
            )
            raise CommandError(f"{path}: {len(reading.unreadable)} lines cannot be read:\n{told}")
