"""Every page of the site, with things to show on it.

`members_pages` and `visitors_pages` give addresses to each name of the URL configuration, and
`NOT_PAGES` has the names that show nothing of their own. Together they must know every name:
`test_every_address_is_known` fails for one that has been forgotten.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from budget.archives.models import ClosedMonth
from budget.archives.services import month_hide
from budget.balances.closing import bucket_close, wallet_close
from budget.balances.reconciling import reconciliation_create
from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.goals.models import Goal
from budget.goals.services import goal_create, goal_deposit, goal_release
from budget.imports.models import Import, ImportLine, KnownAccount, Matching, Rule
from budget.imports.services import import_receive
from budget.people.models import Person
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.services import household_create
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.addresses import bank_file, imported_file, own_mapping
from tests.ledger import book, bucket, category, earn, person, spend, wallet

#: Writes, files, redirections, and pieces that a page asks for.
NOT_PAGES = frozenset(
    {
        "account_confirm_login_code",  # not switched on
        "account_set_password",  # for those who have none
        "archive_close",
        "bucket_reopen",
        "bucket_start",
        "bucket_sum",
        "archive_close_older",
        "archive_download",
        "archive_hide",
        "archive_reopen",
        "archive_show",
        "demo_enter",
        "favicon",
        "goal_landing",
        "goal_pace",
        "household_export",
        "import_confirm",
        "import_discard",
        "import_lines",
        "import_progress",
        "import_upload",
        "invitation_resend",
        "invitation_revoke",
        "wallet_move",
        "wallet_reopen",
        "person_settle",
        "person_unsettle",
        "rule_move",
        "rule_past_restore",
        "rule_restore",
        "rule_trial",
        "reconciliation_point_all",
        "reconciliation_point_back",
        "reconciliation_reopen",
        "transaction_landing",
        "transaction_parts",
        "transaction_point",
        "transaction_restore",
        "usersessions_list",
    }
)


def url_names() -> Iterator[str]:
    """The name of every address but those of Django's own admin."""
    yield from _names(get_resolver().url_patterns)


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name."
            yield pattern.name
        elif pattern.namespace != "admin":
            yield from _names(pattern.url_patterns)


@dataclass(frozen=True)
class Examples:
    """Keys of what the pages show, in Alice's household."""

    food: int
    empty_category: int
    line: int
    sealed: int
    goal: int
    wallet: int
    unused_wallet: int
    closed_wallet: int
    person: int
    settled_person: int
    under_way: int
    reconciled: int
    waiting_file: int
    statement_line: int
    unreadable_line: int
    asking_file: int
    several_accounts: int
    mapping: int
    account: int
    imported: int
    rule: int
    bucket: int
    unused_bucket: int
    closed_bucket: int
    reached: int
    closed_goal: int
    bob: int
    invitation: str
    expired: str
    reset: str
    confirmation: str


def fill(alice: User, household: Household) -> Examples:
    """Alice's household as it is after half a year, and a new one of hers at /h/vide/."""
    household_create(name="Vide", slug="vide", owner=alice, language="fr")
    with household_scope(household):
        Category.objects.all().delete()  # those of the demonstration have limits
    call_command("seed_demo", household=household.slug, stdout=io.StringIO())
    address = EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    invitations = [
        Invitation.objects.create(
            household=household, email=f"{name}@example.org", role=Role.EDITOR, invited_by=alice
        )
        for name in ("dora", "emil")
    ]
    Invitation.objects.filter(pk=invitations[1].pk).update(
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    with household_scope(household):
        return Examples(
            food=category("Alimentation").pk,
            empty_category=Category.objects.create(name="Piano", colour="#92400e").pk,
            line=_line_that_says_much().pk,
            sealed=_sealed_line().pk,
            goal=Goal.objects.filter(name="Vacances été").get().pk,
            wallet=_wallet("Livret").pk,
            unused_wallet=wallet("Tirelire", opening=-12).pk,
            closed_wallet=_closed_wallet().pk,
            person=_person("Léa").pk,
            settled_person=_settled_person().pk,
            reconciled=Reconciliation.objects.filter(closed_at__isnull=False).latest("date").pk,
            under_way=_under_way().pk,
            imported=imported_file(alice).pk,
            rule=_rules(),
            waiting_file=bank_file(alice).pk,
            statement_line=ImportLine.objects.filter(finding="new").latest("pk").pk,
            unreadable_line=ImportLine.objects.filter(finding="bad").latest("pk").pk,
            asking_file=_asking(alice).pk,
            several_accounts=_several_accounts(alice).pk,
            mapping=own_mapping().pk,
            account=KnownAccount.objects.create(key="FR76 3000 4000", wallet=first_wallet()).pk,
            bucket=_bucket().pk,
            unused_bucket=bucket("Formation continue et livres").pk,
            closed_bucket=_closed_bucket().pk,
            reached=_goal("Vélo d’occasion", saved=120).pk,
            closed_goal=_closed_goal().pk,
            bob=Membership.objects.get(household=household, user__email="bob@example.org").pk,
            invitation=invitations[0].token,
            expired=invitations[1].token,
            reset=f"{user_pk_to_url_str(alice)}-{default_token_generator.make_token(alice)}",
            confirmation=EmailConfirmationHMAC(address).key,
        )


def _line_that_says_much() -> Transaction:
    month_hide(closed=ClosedMonth.objects.earliest("first_day"))
    spend(1234, dt.date(2026, 11, 19), None, "Retrait", note="Pour le marché et le plombier")
    return earn(
        "19876.54",
        dt.date(2026, 11, 20),
        category("Salaire"),
        "Une description qui est aussi longue qu’il est permis et qui ne s’arrête pas" * 2,
    )


def _sealed_line() -> Transaction:
    """An income that was spread by hand, and reconciled."""
    parts = [(bucket(name), 1) for name in ("Épargne", "Nécessaire")]
    line = book(Kind.INCOME, 7, dt.date(2026, 11, 20), spread=parts)
    line.pointed, line.reconciliation = (
        True,
        Reconciliation.objects.create(wallet=line.wallet, date=line.date, balance=7),
    )
    line.save()
    return line


def _goal(name: str, *, saved: int) -> Goal:
    goal = goal_create(name=name, target=Decimal(120), contribution=Decimal(40))
    goal_deposit(goal=goal, amount=Decimal(saved), date=dt.date(2026, 11, 18))
    return goal


def _wallet(name: str) -> Wallet:
    """A wallet that was there before the months that are closed."""
    held = wallet(name, opening=400)
    Wallet.objects.filter(pk=held.pk).update(opening_date=dt.date(2026, 9, 1))
    for day in (5, 12):
        book(Kind.TRANSFER, 50, dt.date(2026, 11, day), wallet=first_wallet(), to_wallet=held)
    return held


def _closed_wallet() -> Wallet:
    held = wallet("Ancien livret", opening=30)
    wallet_close(wallet=held, into=first_wallet())
    return held


def _person(first_name: str) -> Person:
    lea = person(first_name)
    lea.email, lea.phone, lea.note = "lea@example.org", "+33 6 12 34 56 78", "Le soir"
    lea.save()
    book(Kind.LEND, 300, dt.date(2026, 11, 2), person=lea, description="Caution du studio")
    book(Kind.COLLECT, 100, dt.date(2026, 11, 9), person=lea)
    book(Kind.EXPENSE, 24, dt.date(2026, 11, 10), person=lea, description="Cadeau")
    return lea


def _bucket() -> Bucket:
    """An envelope that was given a part of an income, spent from and transferred to."""
    fun = bucket("Plaisir", 60)
    Category.objects.filter(name="Loisirs").update(bucket=fun)
    day = dt.date(2026, 11, 3)
    book(Kind.INCOME, 100, day, description="Prime", spread=[(fun, 60), (bucket("Dons", 20), 40)])
    book(Kind.EXPENSE, 75, dt.date(2026, 11, 9), bucket=fun, description="Concert")
    book(Kind.TRANSFER, 5, day, to_bucket=fun)
    return fun


def _closed_bucket() -> Bucket:
    old = bucket("Travaux")
    book(Kind.TRANSFER, 5, dt.date(2026, 11, 3), to_bucket=old)
    bucket_close(bucket=old, into=None)
    return old


def _under_way() -> Reconciliation:
    found = Reconciliation.objects.filter(closed_at=None).first()
    return found or reconciliation_create(
        wallet=first_wallet(), date=dt.date(2026, 11, 19), balance=Decimal(-1234)
    )


def _rules() -> int:
    """Some rules, one of which says all that a rule can; its key."""
    Rule.objects.create(text="VIR LIVRET", transfer_to=wallet("Livret"), position=1)
    Rule.objects.create(amount_min=750, amount_max=750, rename="Loyer", position=2)
    return Rule.objects.create(
        matching=Matching.REGEX,
        text=r"^(prlv )?(carrefour|lidl|monoprix)",
        amount_max=200,
        wallet=first_wallet(),
        category=category("Loisirs"),
        bucket=bucket("Plaisir"),
        person=person("Léa"),
        rename="Courses de la semaine",
    ).pk


def _asking(user: User) -> Import:
    """A file of which nothing tells which column is the amount."""
    rows = "".join(f"{day:02}/11/2026;Achat {day};-{day},00;-{day * 2},50\n" for day in range(1, 9))
    content = f"Quand;Quoi;Somme A;Somme B\n{rows}".encode()
    return import_receive(file_name="extrait.csv", content=content, user=user)


def _several_accounts(user: User) -> Import:
    rows = "".join(
        f"{day:02}/11/2026;Achat {day};-{day},00;FR76 1234 000{day % 2}\n" for day in range(1, 9)
    )
    content = f"Date;Libellé;Montant;Compte\n{rows}".encode()
    return import_receive(file_name="comptes.csv", content=content, user=user)


def _settled_person() -> Person:
    tom = _person("Tom")
    book(Kind.COLLECT, 200, dt.date(2026, 11, 12), person=tom)
    return tom


def _closed_goal() -> Goal:
    goal = _goal("Concert", saved=120)
    goal_release(goal=Goal.objects.with_saved().get(pk=goal.pk))
    return goal


def members_pages(has: Examples) -> dict[str, list[str]]:
    """What someone sees who belongs to the household."""
    h, new = "/h/alice", "/h/vide"
    category_page, line = f"{h}/categories/{has.food}", f"{h}/transactions/{has.line}"
    goal, october = f"{h}/goals/{has.goal}", Period.parse("2026-10").code
    return {
        "home": ["/"],
        "me": ["/me/"],
        "me_household_leave": ["/me/households/alice/leave/"],
        "household_create": ["/households/new/"],
        "account_logout": ["/accounts/logout/"],
        "account_reauthenticate": ["/accounts/reauthenticate/"],
        "account_email": ["/accounts/email/"],
        "account_change_password": ["/accounts/password/change/"],
        "overview": [f"{h}/", f"{h}/?q=e&sort=amount&min=20", f"{h}/?q=introuvable", f"{new}/"],
        "budget": [
            f"{h}/budget/",
            f"{h}/budget/?period=2026-Q3",
            f"{h}/budget/?period=2026",
            f"{new}/budget/",
        ],
        "category_list": [f"{h}/categories/", f"{new}/categories/"],
        "category_create": [f"{h}/categories/add/"],
        "category_detail": [
            f"{category_page}/",
            f"{category_page}/?unit=year",
            f"{h}/categories/{has.empty_category}/",
        ],
        "category_edit": [f"{category_page}/edit/"],
        "category_delete": [
            f"{category_page}/delete/",
            f"{h}/categories/{has.empty_category}/delete/",
        ],
        "transaction_list": [
            f"{h}/transactions/",
            f"{h}/transactions/?kind=expense&category={has.food}&from=2026-06-01&max=500",
            f"{h}/transactions/?from=31/02/2026&min=abc",
            f"{new}/transactions/",
        ],
        "transaction_create": [
            f"{h}/transactions/add/",
            f"{h}/transactions/add/?like={has.line}",
            f"{h}/transactions/add/?kind=income",
            f"{h}/transactions/add/?kind=transfer&wallet={has.wallet}",
            f"{h}/transactions/add/?kind=lend&person={has.person}",
        ],
        "transaction_edit": [f"{line}/", f"{h}/transactions/{has.sealed}/"],
        "transaction_delete": [f"{line}/delete/", f"{h}/transactions/{has.sealed}/delete/"],
        "goal_list": [f"{h}/goals/", f"{new}/goals/"],
        "goal_create": [f"{h}/goals/add/"],
        "goal_detail": [f"{goal}/", f"{h}/goals/{has.reached}/", f"{h}/goals/{has.closed_goal}/"],
        "goal_edit": [f"{goal}/edit/"],
        "goal_delete": [f"{goal}/delete/"],
        "goal_deposit": [f"{goal}/deposit/"],
        "goal_withdraw": [f"{goal}/withdraw/"],
        "goal_close": [f"{h}/goals/{has.reached}/close/"],
        "wallet_list": [f"{h}/wallets/", f"{new}/wallets/"],
        "wallet_create": [f"{h}/wallets/add/"],
        "wallet_detail": [
            f"{h}/wallets/{has.wallet}/",
            f"{h}/wallets/{has.wallet}/?on=2026-10-31",
            f"{h}/wallets/{has.wallet}/?on=hier",
            f"{h}/wallets/{has.unused_wallet}/",
            f"{h}/wallets/{has.closed_wallet}/",
        ],
        "wallet_edit": [f"{h}/wallets/{has.wallet}/edit/"],
        "wallet_close": [f"{h}/wallets/{has.wallet}/close/"],
        "wallet_delete": [
            f"{h}/wallets/{has.unused_wallet}/delete/",
            f"{h}/wallets/{has.wallet}/delete/",
        ],
        "bucket_list": [f"{h}/buckets/", "/h/vide/buckets/"],
        "bucket_create": [f"{h}/buckets/add/"],
        "bucket_shares": [f"{h}/buckets/shares/"],
        "bucket_detail": [
            f"{h}/buckets/{has.bucket}/",
            f"{h}/buckets/{has.unused_bucket}/",
            f"{h}/buckets/{has.closed_bucket}/",
        ],
        "bucket_edit": [f"{h}/buckets/{has.bucket}/edit/"],
        "bucket_close": [
            f"{h}/buckets/{has.bucket}/close/",
            f"{h}/buckets/{has.unused_bucket}/close/",
        ],
        "bucket_delete": [
            f"{h}/buckets/{has.bucket}/delete/",
            f"{h}/buckets/{has.unused_bucket}/delete/",
        ],
        "person_list": [
            f"{h}/people/",
            f"{h}/people/?q=introuvable",
            f"{h}/people/?sort=-net",
            f"{new}/people/",
        ],
        "person_create": [f"{h}/people/add/"],
        "person_detail": [
            f"{h}/people/{has.person}/",
            f"{h}/people/{has.settled_person}/",
        ],
        "reconciliation_list": [f"{h}/reconciliations/", f"{new}/reconciliations/"],
        "reconciliation_create": [f"{h}/reconciliations/add/"],
        "reconciliation_detail": [
            f"{h}/reconciliations/{has.under_way}/",
            f"{h}/reconciliations/{has.reconciled}/",
        ],
        "reconciliation_edit": [f"{h}/reconciliations/{has.under_way}/edit/"],
        "reconciliation_close": [f"{h}/reconciliations/{has.under_way}/close/"],
        "reconciliation_cancel": [f"{h}/reconciliations/{has.under_way}/cancel/"],
        "person_edit": [f"{h}/people/{has.person}/edit/"],
        "person_delete": [
            f"{h}/people/{has.person}/delete/",
            f"{h}/people/{has.settled_person}/delete/",
        ],
        "archive_list": [f"{h}/archives/", f"{h}/archives/?hidden=1", f"{new}/archives/"],
        "archive_detail": [f"{h}/archives/{october}/"],
        "import_list": [f"{h}/import/", f"{new}/import/"],
        "import_detail": [
            f"{h}/import/{has.waiting_file}/",
            f"{h}/import/{has.waiting_file}/?tab=bad&bulk=1",
            f"{h}/import/{has.imported}/",
        ],
        "import_line": [
            f"{h}/import/lines/{has.statement_line}/",
            f"{h}/import/lines/{has.unreadable_line}/",
        ],
        "rule_list": [f"{h}/rules/", f"{new}/rules/"],
        "rule_create": [f"{h}/rules/add/", f"{h}/rules/add/?transaction={has.line}"],
        "rule_edit": [f"{h}/rules/{has.rule}/"],
        "rule_past": [f"{h}/rules/{has.rule}/past/"],
        "rule_delete": [f"{h}/rules/{has.rule}/delete/"],
        "import_columns": [
            f"{h}/import/{has.asking_file}/columns/",
            f"{h}/import/{has.waiting_file}/columns/",
        ],
        "import_wallets": [
            f"{h}/import/{has.several_accounts}/wallets/",
            f"{h}/import/{has.waiting_file}/wallets/",
        ],
        "mapping_list": [f"{h}/import/columns/", f"{new}/import/columns/"],
        "mapping_edit": [f"{h}/import/columns/{has.mapping}/"],
        "mapping_delete": [f"{h}/import/columns/{has.mapping}/delete/"],
        "knownaccount_forget": [f"{h}/import/accounts/{has.account}/forget/"],
        "import_undo": [f"{h}/import/{has.imported}/undo/"],
        "archive_erase": [f"{h}/archives/{october}/erase/"],
        "household_settings": [f"{h}/settings/"],
        "household_delete": [f"{h}/settings/delete/"],
        "membership_edit": [f"{h}/settings/members/{has.bob}/"],
        "membership_remove": [f"{h}/settings/members/{has.bob}/remove/"],
        "invitation_create": [f"{h}/settings/invitations/new/"],
    }


def visitors_pages(has: Examples) -> dict[str, list[str]]:
    """What someone sees who is not signed in."""
    key = "/accounts/password/reset/key"
    return {
        "account_login": ["/accounts/login/"],
        "account_signup": ["/accounts/signup/"],
        "account_inactive": ["/accounts/inactive/"],
        "account_email_verification_sent": ["/accounts/confirm-email/"],
        "account_confirm_email": [
            f"/accounts/confirm-email/{has.confirmation}/",
            "/accounts/confirm-email/nonsense/",
        ],
        "account_reset_password": ["/accounts/password/reset/"],
        "account_reset_password_done": ["/accounts/password/reset/done/"],
        "account_reset_password_from_key": [f"{key}/{has.reset}/", f"{key}/1-nonsense/"],
        "account_reset_password_from_key_done": [f"{key}/done/"],
        "invitation": [f"/invitations/{has.invitation}/", f"/invitations/{has.expired}/"],
    }
