"""`manage.py seed_demo`: a household to look at, or one to measure with."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from budget.core.guards import Refused
from budget.core.progress import Progress
from budget.demo.services import DEMO_SLUG, Wish, household_seed

MOST_MONTHS = 120
MOST_ROWS = 10_000_000


class Command(BaseCommand):
    help = (
        "Fill a household with some months of a realistic budget, the past ones archived, or with "
        "many transactions over five years. All or nothing, and once: a second run changes "
        "nothing. With DEMO=1 the household is made if needed and the demonstration user belongs "
        "to it; without, --household must name one that exists, and nobody is added to it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months", type=int, default=6, help="past months besides the present one (6)"
        )
        parser.add_argument("--household", metavar="SLUG", help=f"its address ({DEMO_SLUG})")
        parser.add_argument(
            "--rows", type=int, metavar="N", help="N transactions over five years instead"
        )
        parser.add_argument("--seed", type=int, default=1, help="another number, another story (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = self.household(options["household"])
        wish = Wish(months=options["months"], rows=options["rows"], seed=options["seed"])
        if not 1 <= wish.months <= MOST_MONTHS:
            raise CommandError(f"--months goes from 1 to {MOST_MONTHS}.")
        if wish.rows is not None and not 1 <= wish.rows <= MOST_ROWS:
            raise CommandError(f"--rows goes from 1 to {MOST_ROWS}.")
        try:
            made = household_seed(slug=slug, wish=wish, progress=Progress())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        told = "is ready" if made else "had been seeded before; nothing has changed"
        self.stdout.write(f"The household “{slug}” {told}.")

    def household(self, slug: str | None) -> str:
        """The address to seed. Raises CommandError where it may not be left out, or is none."""
        if slug is None:
            if not settings.DEMO:
                raise CommandError(
                    "The demonstration is off. Set DEMO=1 to make its household and its user, "
                    "or name a household of yours with --household."
                )
            return DEMO_SLUG
        try:
            validate_slug(slug)
        except ValidationError:
            raise CommandError(f"“{slug}” cannot be an address: {ALLOWED}") from None
        if len(slug) > 60:
            raise CommandError(f"“{slug}” cannot be an address: {ALLOWED}")
        return slug


ALLOWED = "letters, digits, - and _ can, 60 of them at most."
