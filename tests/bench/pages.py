"""How pages answer with 100,000 transactions compared with 1,000: `make bench`.

Two households in a database of its own, the same pages of both in turn, so that what the machine
does meanwhile weighs on both. What counts is the ratio of the medians; the times are this
machine's. Nothing here is a test: a busy machine fails nobody. The last column is the page of the
large household when its summaries are kept, in local memory.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

import django

ROUNDS = 25
SMALL, LARGE = 1_000, 100_000
PAGES = {
    "overview": "",
    "transactions": "transactions/",
    "transactions, by amount": "transactions/?sort=amount",
    "transactions, searched": "transactions/?q=carrefour",
    "categories": "categories/",
    "dashboard, month": "budget/",
    "dashboard, year": "budget/?period={year}",
    "goals": "goals/",
    "envelopes": "buckets/",
    "envelope": "buckets/{bucket}/",
    "wallets": "wallets/",
    "wallet": "wallets/{wallet}/",
    "wallet, on a day": "wallets/{wallet}/?on={year}-01-20",
    "people": "people/",
    "person": "people/{person}/",
    "person, an old line": "people/{person}/?line={line}",
    "archives": "archives/",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "budget.settings")
    os.environ["DEMO"] = "1"  # seed_demo makes the households
    django.setup()
    from django.core.cache import caches
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import F
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.utils import timezone

    from budget.buckets.models import Bucket
    from budget.core.tenancy import household_scope
    from budget.people.models import Person
    from budget.transactions.models import Kind, Transaction
    from budget.users.models import Household, Membership, Role, User
    from budget.wallets.selectors import first_wallet

    setup_test_environment(debug=False)
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        named: dict[int, dict[str, int]] = {}
        owner = User.objects.create_user("bench@example.org")
        for rows in (SMALL, LARGE):
            call_command("seed_demo", rows=rows, household=f"bench-{rows}", verbosity=0)
            household = Household.objects.get(slug=f"bench-{rows}")
            Membership.objects.get_or_create(household=household, user=owner, role=Role.OWNER)
            with household_scope(household):
                person = Person.objects.earliest("pk")
                # A fifth of what was spent names one person, so that both have full pages.
                spent = Transaction.objects.filter(kind=Kind.EXPENSE)
                spent.annotate(fifth=F("pk") % 5).filter(fifth=0).update(person=person)
                named[rows] = {
                    "bucket": Bucket.objects.earliest("pk").pk,
                    "wallet": first_wallet().pk,
                    "person": person.pk,
                    "line": person.transactions.order_by("date", "pk")[45].pk,
                }
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        client = Client(headers={"accept-language": "fr"})
        client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
        year = timezone.localdate().year

        def ask(rows: int, page: str) -> tuple[float, int]:
            """Seconds the answer took, and its size in bytes."""
            start = time.perf_counter()
            address = page.format(year=year, **named[rows])
            response = client.get(f"/h/bench-{rows}/{address}")
            took = time.perf_counter() - start
            if response.status_code != 200:
                sys.exit(f"{page} answered {response.status_code}")
            return took, len(response.content)

        print(f"{'page':26}{SMALL:>10,}{LARGE:>11,}  ratio{'bytes':>20}{'kept':>13}")
        for title, page in PAGES.items():
            small, large, kept = [], [], []
            for _ in range(ROUNDS + 3):
                caches["summaries"].clear()
                small.append(ask(SMALL, page))
                large.append(ask(LARGE, page))
                kept.append(ask(LARGE, page))
            fast, slow, again = (
                statistics.median(took for took, _ in each[3:]) for each in (small, large, kept)
            )
            print(
                f"{title:26}{fast * 1000:>7.1f} ms{slow * 1000:>8.1f} ms{slow / fast:>7.2f}"
                f"{small[-1][1]:>10,}{large[-1][1]:>10,}{again * 1000:>10.1f} ms"
            )
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
