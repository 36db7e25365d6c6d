"""`manage.py check_ledger`: whether every balance agrees with the ledger."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from budget.balances.check import ledger_faults
from budget.core.tenancy import household_scope
from budget.users.models import Household


class Command(BaseCommand):
    help = (
        "Compare wallets, envelopes, people and monthly totals with the ledger's lines, and say "
        "what does not agree. The exit status is 1 where anything does not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--household", metavar="SLUG", help="check this one alone")

    def handle(self, *args: Any, **options: Any) -> None:
        households = Household.objects.order_by("slug")
        if slug := options["household"]:
            households = households.filter(slug=slug)
            if not households:
                raise CommandError(f"There is no household “{slug}”.")
        found = 0
        for household in households:
            with household_scope(household):
                faults = ledger_faults()
            found += len(faults)
            for fault in faults:
                self.stdout.write(f"{household.slug}: {fault}")
        checked = "1 household" if len(households) == 1 else f"{len(households)} households"
        if found:
            faults_found = "1 fault" if found == 1 else f"{found} faults"
            raise CommandError(f"{faults_found} in {checked}.")
        self.stdout.write(f"{checked}: every balance agrees with the ledger.")
