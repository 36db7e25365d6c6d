"""What each page may ask of the database is reviewed in `tests/query_counts.json`.

A page may not pass twelve queries, and none may ask more when the rows double. To change the file,
run `UPDATE_QUERY_COUNTS=1 python -m pytest tests/architecture/test_queries.py` and review it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.archives.services import month_close
from budget.balances.closing import wallet_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.goals.models import Frequency
from budget.goals.services import goal_create, goal_deposit
from budget.imports.models import Rule
from budget.transactions.models import Kind
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.wallets.selectors import first_wallet
from tests.addresses import Examples, examples_in, household_patterns
from tests.architecture.test_access import READABLE
from tests.conftest import SignIn
from tests.ledger import book, category, earn, spend, wallet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_summaries")]

BUDGET = Path(__file__).parent.parent / "query_counts.json"
MOST = 12
#: Pages in a form that costs more than their plain address.
VARIANTS = {
    "overview, filtered": "/h/alice/?q=a&category=none&min=1&sort=amount",
    "transaction_list, filtered": "/h/alice/transactions/?q=a&category=none&min=1&sort=category",
    "budget, quarter": "/h/alice/budget/?period=2026-Q4",
    "budget, year": "/h/alice/budget/?period=2026",
    "category_detail, year": "/h/alice/categories/{category}/?unit=year",
    "import_detail, imported": "/h/alice/import/{imported}/",
    "import_detail, many": "/h/alice/import/{file}/?bulk=1",
    "import_undo": "/h/alice/import/{imported}/undo/",
    "import_line": "/h/alice/import/lines/{statement_line}/",
    "wallet_detail, on a day": "/h/alice/wallets/{wallet}/?on=2026-10-31",
    "rule_create": "/h/alice/rules/add/",
    "rule_trial": "/h/alice/rules/trial/?matching=contains&text=a&rename=Z",
    "me": "/me/",
    "household_create": "/households/new/",
}


@pytest.fixture
def examples(household: Household, alice: User, today: dt.date) -> Examples:
    with household_scope(household):
        return examples_in(household, alice)


def counts(client: Client, examples: Examples) -> dict[str, int]:
    """How many queries each page makes.

    Left out is what only a test's own transaction adds around a page: savepoints, and the settings
    that the scope puts back when it ends.
    """
    pages = {
        name: examples.fill(pattern, name)
        for pattern, name in household_patterns()
        # The download reads every table once, and is counted by its own test.
        if name in READABLE - {"household_export"}
    }
    for title, address in VARIANTS.items():
        pages[title] = examples.named(address)
    found = {}
    for name, address in sorted(pages.items()):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        assert response.status_code == 200, (name, response.status_code)
        found[name] = sum(
            "SAVEPOINT" not in query["sql"] and "'budget.household', ''" not in query["sql"]
            for query in queries
        )
    return found


def double(household: Household, owner: User) -> None:
    """More of everything that a page may list."""
    food, other = category("Alimentation"), category("Autre")
    for n in range(40):
        spend(n + 1, dt.date(2026, 11, 1 + n % 20), [food, other, None][n % 3], f"Achat {n}")
        spend(n + 1, dt.date(2026, 10, 1 + n % 20), [food, other, None][n % 3], f"Achat {n}")
    for month in range(1, 9):
        earn(2500, dt.date(2026, month, 28), category("Salaire"))
        month_close(period=Period.containing(dt.date(2026, month, 1)))
    for n in range(6):
        goal = goal_create(
            name=f"Projet {n}", target=Decimal(500), frequency=Frequency.MONTHLY,
            contribution=Decimal(10), target_date=None, category=[food, other, None][n % 3],
            description="",
        )  # fmt: skip
        for _ in range(3):
            goal_deposit(goal=goal, amount=Decimal(5))
    for n in range(6):
        held = wallet(f"Livret {n}", opening=n * 10 - 20)
        held.hidden = n % 3 == 2
        held.save()
        book(Kind.TRANSFER, 5, dt.date(2026, 11, 1 + n), wallet=first_wallet(), to_wallet=held)
        Rule.objects.create(text=f"achat {n}", position=n, category=food, wallet=held)
    closing = wallet("Tirelire")
    wallet_close(wallet=closing, into=first_wallet())
    for n in range(5):
        guest = User.objects.create_user(f"guest{n}@example.org")
        Membership.objects.create(household=household, user=guest, role=Role.EDITOR)
        Invitation.objects.create(
            household=household, email=f"invited{n}@example.org", invited_by=owner
        )


def test_every_page_keeps_to_its_reviewed_number_of_queries(
    examples: Examples, sign_in: SignIn, alice: User
) -> None:
    found = counts(sign_in(alice), examples)
    if "UPDATE_QUERY_COUNTS" in os.environ:
        BUDGET.write_text(json.dumps(found, indent=2) + "\n")
    assert found == json.loads(BUDGET.read_text())
    assert {name: n for name, n in found.items() if n > MOST} == {}


def test_no_page_asks_more_when_the_rows_double(
    examples: Examples, sign_in: SignIn, alice: User, household: Household
) -> None:
    client = sign_in(alice)
    before = counts(client, examples)
    with household_scope(household):
        double(household, alice)
    assert counts(client, examples) == before
