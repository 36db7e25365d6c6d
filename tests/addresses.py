"""Every address of a household, found by walking the URL patterns: none can be forgotten."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.urls import URLPattern, URLResolver, get_resolver

from budget.archives.services import month_close
from budget.balances.reconciling import reconciliation_create
from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.periods import Period
from budget.goals.models import Frequency, Goal
from budget.goals.services import goal_create, goal_deposit
from budget.imports.columns import Told
from budget.imports.entering import import_confirm
from budget.imports.headers import Role as ColumnRole
from budget.imports.headers import header_fingerprint
from budget.imports.mappings import told_as_json
from budget.imports.models import Import, ImportLine, KnownAccount, Mapping, Rule
from budget.imports.services import import_receive, statements_assign
from budget.people.models import Person
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.ledger import book, bucket, category, earn, person, spend, wallet

#: What a GET of it needs in the query, where its form is opened by a link that says so.
CLOSED = dt.date(2026, 9, 1)
ENDED = dt.date(2026, 10, 1)


@dataclass(frozen=True)
class Examples:
    """One of each thing that an address may name, in one household."""

    household: Household
    line: Transaction
    category: Category
    goal: Goal
    wallet: Wallet
    person: Person
    bucket: Bucket
    reconciliation: Reconciliation
    waiting_file: Import
    statement_line: ImportLine
    imported: Import
    rule: Rule
    mapping: Mapping
    account: KnownAccount
    member: Membership
    invitation: Invitation

    def fill(self, pattern: str, name: str) -> str:
        """The pattern as an address. Fails for a parameter that this table does not know."""
        kind = name if name == "import_line" else name.partition("_")[0]
        ids = {
            "transaction": self.line.pk,
            "category": self.category.pk,
            "goal": self.goal.pk,
            "wallet": self.wallet.pk,
            "person": self.person.pk,
            "bucket": self.bucket.pk,
            "reconciliation": self.reconciliation.pk,
            "import": self.waiting_file.pk,
            "import_line": self.statement_line.pk,
            "rule": self.rule.pk,
            "mapping": self.mapping.pk,
            "knownaccount": self.account.pk,
            "membership": self.member.pk,
            "invitation": self.invitation.pk,
        }
        month = ENDED if name == "archive_close" else CLOSED
        address = pattern.replace("<slug:household>", self.household.slug)
        address = address.replace("<id:pk>", str(ids.get(kind, "?")))
        address = address.replace("<slug:code>", Period.containing(month).code)
        assert not re.search(r"[<?>]", address), f"an example for {name} is missing: {pattern}"
        return f"/{address}"

    def named(self, address: str) -> str:
        """An address that names examples by what they are, as in `/h/alice/import/{file}/`."""
        return address.format(
            category=self.category.pk,
            wallet=self.wallet.pk,
            file=self.waiting_file.pk,
            imported=self.imported.pk,
            statement_line=self.statement_line.pk,
        )


def examples_in(household: Household, owner: User) -> Examples:
    """Write one of each into `household`, inside its scope, on 21 November 2026."""
    food = category("Alimentation")
    food.monthly_limit = Decimal(400)
    food.save()
    earn(2500, dt.date(2026, 9, 28), category("Salaire"), "Salaire")
    spend(20, dt.date(2026, 9, 3), food, "Marché")
    spend(30, dt.date(2026, 10, 3), food, "Marché")
    line = spend("45.90", dt.date(2026, 11, 20), food, "Biocoop", note="vrac")
    goal = goal_create(
        name="Vacances",
        target=Decimal(1000),
        frequency=Frequency.MONTHLY,
        contribution=Decimal(70),
        target_date=None,
        category=food,
        description="",
    )
    goal_deposit(goal=goal, amount=Decimal(100))
    lea = person("Léa")
    book(Kind.LEND, 30, dt.date(2026, 11, 4), person=lea)
    held = wallet("Livret", opening=100)
    book(Kind.TRANSFER, 50, dt.date(2026, 11, 5), wallet=first_wallet(), to_wallet=held)
    month_close(period=Period.containing(CLOSED))
    waiting = bank_file(owner)
    guest = User.objects.create_user(f"guest@{household.slug}.example.org")
    return Examples(
        household=household,
        line=line,
        category=food,
        goal=goal,
        wallet=held,
        person=lea,
        bucket=bucket("Plaisir", 10),
        reconciliation=reconciliation_create(
            wallet=first_wallet(), date=dt.date(2026, 11, 20), balance=Decimal(150)
        ),
        imported=imported_file(owner),
        waiting_file=waiting,
        statement_line=ImportLine.objects.filter(statement__source=waiting).earliest("pk"),
        rule=Rule.objects.create(text="biocoop", category=food, rename="Biocoop Voltaire"),
        mapping=own_mapping(),
        account=KnownAccount.objects.create(key="FR76 3000 4000", wallet=held),
        member=Membership.objects.create(household=household, user=guest, role=Role.VIEWER),
        invitation=Invitation.objects.create(
            household=household, email="someone@example.org", invited_by=owner
        ),
    )


BANK_FILE = """Date;Libellé;Débit euros;Crédit euros;
20/11/2026;CARTE 20/11 BIOCOOP VOLTAIRE CB*4821;41,20;;
18/11/2026;CARTE 18/11 SUMUP *CAFE MERICOURT;4,80;;
31/02/2026;PRLV SEPA ENGIE;58,12;;
17/11/2026;VIR INST M DUBREUIL THEO;;35,00;
""".encode("latin-1")


def bank_file(user: User, content: bytes = BANK_FILE) -> Import:
    """A file that waits to be imported, into the first wallet."""
    source = import_receive(file_name="releve-2026-11.csv", content=content, user=user)
    statement = source.statements.get()
    return statements_assign(source=source, wallets={statement.pk: first_wallet()})


def imported_file(user: User) -> Import:
    """Another file, in the ledger."""
    source = bank_file(user, BANK_FILE.replace(b"41,20", b"14,02"))
    assert import_confirm(source=source, user=user) == 0
    return source


def own_mapping() -> Mapping:
    """What was said of another bank's columns."""
    header = ["Quand", "Quoi", "Combien", "Reste"]
    told = Told(
        {ColumnRole.DATE: "Quand", ColumnRole.LABEL: "Quoi", ColumnRole.AMOUNT: "Combien"},
        whole=True,
    )
    return Mapping.objects.create(
        name="Ma banque",
        fingerprint=header_fingerprint(header),
        header=header,
        told=told_as_json(told),
    )


def household_patterns() -> Iterator[tuple[str, str]]:
    """The pattern and the name of every view that lives below a household's address."""
    yield from (
        found for found in _walk(get_resolver(), "") if found[0].startswith("h/<slug:household>/")
    )


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield path, pattern.name or ""
        else:
            yield from _walk(pattern, path)
