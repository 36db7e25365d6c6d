"""`manage.py import_file`: a bank's file into a household's ledger, or what it holds, as JSON."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.db.models import Count

from budget.core.guards import Refused
from budget.core.progress import Progress
from budget.core.tenancy import backoffice_scope, household_scope
from budget.imports import progress
from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.entering import import_confirm
from budget.imports.headers import Role
from budget.imports.models import Choice, Finding, Import, ImportLine, ImportState, Statement
from budget.imports.reading import NotReadable, NotSure, StatementLine
from budget.imports.recognition import LARGEST, read
from budget.imports.services import import_discard, import_receive, statements_assign
from budget.imports.unpacking import unpacked
from budget.users.models import Household
from budget.wallets.models import Wallet

#: Done, and some lines could not be read.
WITH_UNREADABLE = 3

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


@dataclass(slots=True)
class Outcome:
    """How many lines of a file became what."""

    added: int = 0
    merged: int = 0
    there: int = 0  # known from an earlier file
    left: int = 0
    unreadable: int = 0

    def __str__(self) -> str:
        return (
            f"{self.added} added, {self.merged} merged, {self.there} already there, "
            f"{self.left} left out, {self.unreadable} not readable"
        )

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            *(getattr(self, each.name) + getattr(other, each.name) for each in fields(self))
        )

    @classmethod
    def of(cls, source: Import) -> Outcome:
        """What becomes of the lines of a file that is staged."""
        lines = ImportLine.objects.filter(statement__source=source).order_by()
        found = [
            (each["finding"], each["choice"], each["n"])
            for each in lines.values("finding", "choice").annotate(n=Count("pk"))
        ]
        left = {finding: n for finding, choice, n in found if choice == Choice.LEAVE}
        there, unreadable = left.pop(Finding.KNOWN, 0), left.pop(Finding.UNREADABLE, 0)
        return cls(
            added=sum(n for _finding, choice, n in found if choice == Choice.ADD),
            merged=sum(n for _finding, choice, n in found if choice == Choice.JOIN),
            there=there,
            left=sum(left.values()),
            unreadable=unreadable,
        )


def wallet_names() -> str:
    names = ", ".join(f"“{wallet.name}”" for wallet in Wallet.objects.open())
    return f"There are: {names}."


def said_wallets(values: Sequence[str], accounts: set[str]) -> dict[str | None, Wallet | None]:
    """The wallets that were said, by account; None stands for every account not named.

    An account that is left out has None. Raises CommandError for what is neither.
    """
    said: dict[str | None, Wallet | None] = {}
    for value in values:
        account = max(
            (each for each in accounts if each and value.startswith(f"{each}=")),
            key=len,
            default=None,
        )
        name = value if account is None else value[len(account) + 1 :].strip()
        if account is not None and not name:
            said[account] = None
            continue
        wallet = Wallet.objects.open().named(name).first()
        if wallet is None and account is None and "=" in value:
            seen = ", ".join(f"“{each}”" for each in sorted(accounts) if each) or "none"
            raise CommandError(f"{value!r} names no account of the file. Its accounts: {seen}.")
        if wallet is None:
            raise CommandError(f"There is no open wallet “{name}”. {wallet_names()}")
        said[account] = wallet
    return said


@contextmanager
def in_words(file: str) -> Iterator[None]:
    """Have a file that is refused told in words, without a traceback."""
    try:
        yield
    except NotSure as error:
        raise CommandError(not_sure(file, str(error), error.columns)) from error
    except NotReadable as error:
        raise CommandError(f"{file}: {error}") from error


def not_sure(file: str, reason: str, columns: Sequence[str]) -> str:
    """What is told of a file that can be read in several ways."""
    seen = "\n".join(f"  {number}. {name}" for number, name in enumerate(columns, 1))
    return f"{file}: {reason}" + (f"\nColumns seen:\n{seen}" if seen else "")


class Command(BaseCommand):
    help = (
        "Import a bank's file (CSV, OFX, QFX, QIF, CAMT, MT940, or a ZIP of them) into a "
        "household's ledger as the site would, with what it proposes for each line. All or "
        "nothing. Exits with 0 when all is imported, with 1 where the file is refused or nothing "
        "was there to write, and with 3 when it is imported but for lines that could not be read. "
        "With --dry-run --json it prints the lines instead, one JSON object each, needs no "
        "household, and exits with 1 where a line could not be read."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the bank's file")
        parser.add_argument("--household", metavar="SLUG", help="whose ledger, by its address")
        parser.add_argument(
            "--wallet",
            action="append",
            default=[],
            dest="wallets",
            metavar="[ACCOUNT=]NAME",
            help=(
                "the wallet that the file's account is; once for each account where it has "
                "several (ACCOUNT= alone leaves one out). Not needed for accounts that were "
                "imported before"
            ),
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be imported, write nothing"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            dest="as_json",
            help=(
                "with --dry-run: print the lines: date, value_date, amount, label, account, "
                "bank_id, status"
            ),
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
        if options["as_json"] and not options["dry_run"]:
            raise CommandError("--json prints and writes nothing: give --dry-run with it.")
        try:
            if path.stat().st_size > LARGEST:
                raise CommandError(f"{path}: larger than {LARGEST // 1024 // 1024} MB")
            files = unpacked(path.name, path.read_bytes())
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except NotReadable as error:
            raise CommandError(f"{path}: {error}") from error
        if options["as_json"]:
            self.print_lines(path, files, options["map"])
        else:
            self.enter(files, self.household(options["household"]), options)

    # The lines as JSON

    def print_lines(self, path: Path, files: list[tuple[str, bytes]], told: Told | None) -> None:
        """Print what the files hold. Raises CommandError where not all of it could be read."""
        unreadable: list[str] = []
        for name, content in files:
            file = str(path) if len(files) == 1 else f"{path}: {name}"
            with in_words(file):
                reading = read(content, told)
            for line in reading.lines:
                self.stdout.write(json.dumps(told_line(line), ensure_ascii=False))
            columns = ", ".join(f"{role}={name}" for role, name in reading.columns.items())
            self.stderr.write(
                f"{file}: {reading.layout or reading.format}, {len(reading.lines)} lines"
                + (f" ({columns})" if columns else "")
            )
            unreadable += [
                f"  {each.number}: {each.reason} {each.text}" for each in reading.unreadable
            ]
        if unreadable:
            told_lines = "\n".join(unreadable)
            raise CommandError(f"{path}: {len(unreadable)} lines cannot be read:\n{told_lines}")

    # Into the ledger

    def household(self, slug: str | None) -> Household:
        if slug is None:
            raise CommandError("Say whose ledger with --household, or use --dry-run --json.")
        with backoffice_scope():
            found = Household.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no household at {slug!r}.")
        return found

    def enter(
        self, files: list[tuple[str, bytes]], household: Household, options: dict[str, Any]
    ) -> None:
        """Import the files, all of them or none."""
        self.bar = Progress()
        total = Outcome()
        try:
            with household_scope(household), progress.heard_by(self.bar.at):
                received = [self.receive(name, content, options["map"]) for name, content in files]
                # The same file twice in an archive is one.
                sources = list({source.pk: source for source in received}.values())
                self.assign(sources, options["wallets"])
                for source in sources:
                    total += self.confirm(source)
                if not total.added + total.merged:
                    raise CommandError(f"There is nothing to import: {total}.")
                transaction.set_rollback(options["dry_run"])
        except (Refused, DatabaseError) as error:
            raise CommandError(f"Nothing was imported: {error}") from error
        verb = "Would be imported" if options["dry_run"] else "Imported"
        self.stdout.write(f"{verb} into {household.slug}: {total}.")
        if total.unreadable:
            raise CommandError(
                f"{total.unreadable} lines could not be read.", returncode=WITH_UNREADABLE
            )

    def receive(self, name: str, content: bytes, told: Told | None) -> Import:
        started = time.monotonic()
        with in_words(name):
            source = import_receive(file_name=name, content=content, user=None, told=told)
        if source.state == ImportState.ASKING:
            raise CommandError(not_sure(name, source.question, source.header))
        number = ImportLine.objects.filter(statement__source=source).count()
        self.bar.done("reading", f"{name}: {source.bank}, {number} lines", started)
        return source

    def assign(self, sources: list[Import], wallets: Sequence[str]) -> None:
        """Say which wallet each account of the files is."""
        statements = list(Statement.objects.filter(source__in=sources).select_related("wallet"))
        said = said_wallets(wallets, {each.account for each in statements})
        unnamed = {each.account for each in statements} - said.keys()
        if None in said and len(unnamed) > 1:
            raise CommandError(
                "There are several accounts, say the wallet of each: "
                + ", ".join(f"--wallet {account}=…" for account in sorted(unnamed))
            )
        for source in sources:
            own = [each for each in statements if each.source_id == source.pk]
            chosen = {each.pk: said.get(each.account, said.get(None, each.wallet)) for each in own}
            for each in own:
                if chosen[each.pk] is None and each.account not in said and not each.skipped:
                    account = f"{each.account}=" if each.account else ""
                    raise CommandError(
                        f"{source.file_name}: say which wallet this is, with "
                        f"--wallet {account}NAME. {wallet_names()}"
                    )
            if any(chosen[each.pk] != each.wallet for each in own) or any(
                chosen[each.pk] is None and not each.skipped for each in own
            ):
                with in_words(source.file_name):
                    statements_assign(source=source, wallets=chosen)

    def confirm(self, source: Import) -> Outcome:
        """Import one file with what is proposed for its lines, if there is anything to import."""
        started = time.monotonic()
        outcome = Outcome.of(source)
        while outcome.added + outcome.merged:
            if not import_confirm(source=source, user=None):
                self.bar.done("writing", source.file_name, started)
                break
            outcome = Outcome.of(source)  # another file of this run had some of its lines
        else:
            import_discard(source=source)
        self.stdout.write(f"{source.file_name} ({source.bank}): {outcome}")
        return outcome
