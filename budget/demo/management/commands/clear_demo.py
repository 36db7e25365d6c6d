"""`manage.py clear_demo`: what `seed_demo` made goes, and nothing else."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from budget.core.guards import Refused
from budget.core.progress import Progress
from budget.demo.services import demo_user_clear, seeded_households, seeding_clear


class Command(BaseCommand):
    help = (
        "Remove what seed_demo made, and nothing else: the households it made, with all they "
        "hold; in others its transactions, goals, unused categories and archives; and the "
        "demonstration user."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--household", metavar="SLUG", help="only what was made in this one")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress()
        slug = options["household"]
        try:
            with transaction.atomic():
                households = seeded_households(slug)
                last = [seeding_clear(household=each, progress=progress) for each in households]
                if any(last) or (settings.DEMO and slug is None):
                    demo_user_clear(progress=progress)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        told = ", ".join(f"“{each.slug}”" for each in households)
        self.stdout.write(f"Cleared {told}." if told else "Nothing seeded was found.")
