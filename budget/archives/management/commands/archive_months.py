"""`manage.py archive_months`: close the months that ended long ago, in one household or in all."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from budget.archives.selectors import closable_months
from budget.archives.services import months_close_older
from budget.core.guards import Refused
from budget.core.tenancy import backoffice_scope, household_scope
from budget.users.models import Household

# More than a ledger can span: 300 years.
LONGEST = 3600


def months(text: str) -> int:
    """The value of --older-than."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= LONGEST):
        raise argparse.ArgumentTypeError(f"a whole number from 0 to {LONGEST}, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Close every month that holds transactions and ended more than --older-than months ago. "
        "Safe to repeat and to run twice at once. Exits with 1 where a household failed."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=months,
            default=3,
            metavar="MONTHS",
            help="leave the last so many ended months open (default: 3; 0 closes them all)",
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--household", metavar="SLUG", help="this household alone")
        which.add_argument("--all", action="store_true", help="every household (the default)")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be closed, and close nothing"
        )

    def handle(
        self,
        *args: Any,
        older_than: int,
        household: str | None,
        dry_run: bool,
        **options: Any,
    ) -> None:
        total, failed = 0, 0
        households = self.households(household)
        for each in households:
            try:
                with household_scope(each):
                    codes, lines = self.close(older_than, dry_run)
            except (DatabaseError, Refused) as error:
                failed += 1
                self.stderr.write(f"{each.slug}: failed, nothing was closed: {error}")
                continue
            total += len(codes)
            verb = "would close" if dry_run else "closed"
            if codes:
                self.stdout.write(f"{each.slug}: {verb} {', '.join(codes)} ({lines} transactions)")
            elif household or options["verbosity"] > 1:
                self.stdout.write(f"{each.slug}: nothing to close")
        outcome = "Months that would be closed" if dry_run else "Months closed"
        self.stdout.write(f"{outcome}: {total}, in {len(households)} household(s).")
        if failed:
            raise CommandError(f"{failed} household(s) failed.", returncode=1)

    def households(self, slug: str | None) -> list[Household]:
        with backoffice_scope():
            households = Household.objects.order_by("slug")
            if slug is not None:
                households = households.filter(slug=slug)
            found = list(households)
        if slug is not None and not found:
            raise CommandError(f"There is no household at {slug!r}.")
        return found

    def close(self, older_than: int, dry_run: bool) -> tuple[list[str], int]:
        """The months of the household in force that are (or would be) closed, and their lines."""
        if dry_run:
            found = closable_months(older_than=older_than)[::-1]
            return [month.period.code for month in found], sum(m.flow.count for m in found)
        closed = months_close_older(older_than=older_than)
        return [month.period.code for month in closed], sum(month.count for month in closed)
