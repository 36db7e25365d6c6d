"""Whatever is written, and by whichever way, the balances are the ledger's sums."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.transaction import atomic
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from budget.balances.check import ledger_faults
from budget.balances.closing import bucket_close, holder_reopen, wallet_close, wallet_delete
from budget.balances.models import BucketMonth, PersonTotal, WalletMonth
from budget.balances.selectors import (
    Position,
    bucket_balances,
    person_position,
    wallet_balance,
    wallet_balance_on,
    wallet_balances,
    wallet_history,
)
from budget.buckets.models import Bucket
from budget.buckets.services import buckets_share
from budget.core.guards import ClosedHolder, Refused
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.people.models import Person
from budget.transactions.models import Allotment, Kind, Reconciliation, Status, Transaction
from budget.transactions.selectors import flows_between, standing
from budget.transactions.services import (
    NothingToComeBackTo,
    ReconciledLine,
    transaction_create,
    transaction_delete,
    transaction_restore,
    transaction_update,
)
from budget.users.models import Household
from budget.users.services import household_update
from budget.wallets.models import Wallet
from budget.wallets.selectors import first_wallet
from tests.ledger import book, bucket, category, earn, person, spend, wallet

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 3)
SHARES = (20, 50, 10, 10, 10)


def five_buckets() -> list[Bucket]:
    return [bucket(f"Enveloppe {n}", share) for n, share in enumerate(SHARES)]


def in_buckets() -> dict[str | None, Decimal]:
    return {each.bucket.name if each.bucket else None: each.balance for each in bucket_balances()}


# What a line of each kind moves


def test_a_line_without_a_wallet_is_the_first_ones(scope: Household) -> None:
    assert spend(12, DAY).wallet == first_wallet()
    assert wallet_balance(first_wallet()).balance == -12


def test_a_transfer_moves_money_and_counts_as_nothing(scope: Household) -> None:
    earn(100, DAY)
    book(Kind.TRANSFER, 30, DAY, wallet=first_wallet(), to_wallet=wallet())
    assert [each.balance for each in wallet_balances()] == [70, 30]
    month = Period.containing(DAY)
    flow = flows_between(month, month).over(month)
    assert [flow.income, flow.expenses, flow.count] == [100, 0, 2]
    assert flows_between(month, month).by_category(month).keys() == {None}
    assert standing().balance == 100


@pytest.mark.parametrize(
    ("kind", "money", "net"),
    [
        (Kind.LEND, -300, 300),
        (Kind.COLLECT, 300, -300),
        (Kind.BORROW, 300, -300),
        (Kind.REPAY, -300, 300),
    ],
)
def test_a_loan_moves_a_wallet_and_a_person_and_is_no_income(
    scope: Household, kind: Kind, money: int, net: int
) -> None:
    book(kind, 300, DAY, person=person())
    month = Period.containing(DAY)
    flow = flows_between(month, month).over(month)
    assert [flow.income, flow.expenses, flow.count] == [0, 0, 1]
    assert standing().balance == money == wallet_balance(first_wallet()).balance
    assert person_position(person()).net == net
    assert PersonTotal.objects.get().count == 1


def test_a_neutral_category_counts_neither_as_income_nor_as_expense(scope: Household) -> None:
    passing = category()
    passing.kind = "neutral"
    passing.save()
    spend(80, DAY, passing)
    earn(50, DAY, passing)
    month = Period.containing(DAY)
    flow = flows_between(month, month).over(month)
    assert [flow.income, flow.expenses, flow.passed, flow.count] == [0, 0, 30, 2]
    assert standing().balance == -30


def test_opening_balances_are_money_nobody_has_assigned(scope: Household) -> None:
    wallet("Livret", opening=500)
    assert standing().balance == 500
    assert in_buckets() == {None: 500}


def test_partial_repayments_bring_a_debt_down() -> None:
    half = Position(lent=Decimal(300), collected=Decimal(100))
    assert [half.receivable, half.debt, half.net, half.is_open] == [200, 0, 200, True]
    over = Position(lent=Decimal(300), collected=Decimal(350))
    assert [over.receivable, over.debt, over.net] == [0, 50, -50]
    both = Position(lent=Decimal(10), borrowed=Decimal(25), repaid=Decimal(5))
    assert [both.receivable, both.debt, both.net] == [10, 20, -10]
    assert not Position(lent=Decimal(10), collected=Decimal(10)).is_open


def test_what_was_paid_back_too_much_can_be_given_back() -> None:
    settled = Position(lent=Decimal(300), collected=Decimal(350), repaid=Decimal(50))
    assert [settled.receivable, settled.debt, settled.net] == [0, 0, 0]
    assert not settled.is_open
    partly = Position(borrowed=Decimal(100), repaid=Decimal(130), collected=Decimal(20))
    assert [partly.receivable, partly.debt, partly.net] == [10, 0, 10]


# Incomes that are spread


def test_an_income_is_spread_to_the_cent(scope: Household) -> None:
    spread = [(each, each.share) for each in five_buckets()]
    line = transaction_create(kind=Kind.INCOME, amount=Decimal("100.05"), date=DAY, spread=spread)
    parts = [part.amount for part in line.allotments.order_by("pk")]
    assert sum(parts) == Decimal("100.05")
    assert parts == [Decimal(each) for each in ("20.01", "50.03", "10.01", "10.00", "10.00")]
    assert in_buckets()[None] == 0
    assert not ledger_faults()


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    amounts=st.tuples(*[st.decimals("0.01", "999999999999.99", places=2)] * 2),
    weights=st.lists(st.integers(0, 10**14), min_size=1, max_size=6).filter(any),
)
def test_whatever_the_shares_and_amounts_the_parts_add_up_to_the_income(
    scope: Household, amounts: tuple[Decimal, Decimal], weights: list[int]
) -> None:
    spread = [(bucket(f"Enveloppe {n}"), weight) for n, weight in enumerate(weights)]
    line = transaction_create(kind=Kind.INCOME, amount=amounts[0], date=DAY, spread=spread)
    for amount in amounts:
        if line.amount != amount:
            line = transaction_update(line=line, version=1, amount=amount, **rest(line))
        parts = list(line.allotments.order_by("pk").values_list("amount", flat=True))
        assert sum(parts) == amount
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - amount * weight / sum(weights)) < Decimal("0.0101")
    transaction_delete(line=line)
    assert set(in_buckets().values()) == {0}


def test_an_income_spread_once_stays_so_when_shares_change(scope: Household) -> None:
    buckets = five_buckets()
    line = transaction_create(
        kind=Kind.INCOME,
        amount=Decimal(1000),
        date=DAY,
        spread=[(each, each.share) for each in buckets],
    )
    Bucket.objects.filter(pk=buckets[1].pk).update(share=0)
    Bucket.objects.filter(pk=buckets[0].pk).update(share=70)
    line = transaction_update(line=line, version=1, amount=Decimal(200), **rest(line))
    assert [part.amount for part in line.allotments.order_by("pk")] == [40, 100, 20, 20, 20]


def rest(line: Transaction) -> Any:
    return {"kind": Kind(line.kind), "date": line.date}


def test_parts_adjusted_by_hand_are_kept_while_the_amount_is(scope: Household) -> None:
    first, second, *_ = five_buckets()
    line = transaction_create(
        kind=Kind.INCOME, amount=Decimal("10.01"), date=DAY, spread=[(first, 1), (second, 1000)]
    )
    before = list(line.allotments.values_list("pk", "amount").order_by("pk"))
    assert [amount for _, amount in before] == [Decimal("0.01"), Decimal(10)]
    line = transaction_update(
        line=line, version=1, amount=line.amount, description="Salaire", **rest(line)
    )
    assert list(line.allotments.values_list("pk", "amount").order_by("pk")) == before


def test_an_income_that_becomes_an_expense_loses_its_parts(scope: Household) -> None:
    line = transaction_create(
        kind=Kind.INCOME, amount=Decimal(10), date=DAY, spread=[(bucket(), 100)]
    )
    transaction_update(line=line, version=1, kind=Kind.EXPENSE, amount=line.amount, date=DAY)
    assert not Allotment.objects.exists()
    assert in_buckets() == {"Nécessaire": 0, None: -10}


def test_a_moved_income_takes_its_parts_to_its_month(scope: Household) -> None:
    line = transaction_create(
        kind=Kind.INCOME, amount=Decimal(10), date=DAY, spread=[(bucket(), 100)]
    )
    Transaction.objects.filter(pk=line.pk).update(date=dt.date(2026, 9, 1))
    assert BucketMonth.objects.get(bucket=bucket()).month == dt.date(2026, 9, 1)
    assert not ledger_faults()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE transactions_allotment SET amount = amount + 1",
        "DELETE FROM transactions_allotment WHERE weight = 2",
        "UPDATE transactions_transaction SET amount = amount + 1",
        "UPDATE transactions_transaction SET kind = 'expense'",
    ],
)
def test_the_database_refuses_parts_that_do_not_add_up(scope: Household, sql: str) -> None:
    transaction_create(
        kind=Kind.INCOME,
        amount=Decimal(10),
        date=DAY,
        spread=[(bucket("A"), 1), (bucket("B"), 2)],
    )
    refused = pytest.raises(Exception, match="do not add up")
    with refused, atomic(), connection.cursor() as cursor:
        cursor.execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE")


# Closed wallets and envelopes


def close(holder: Wallet | Bucket) -> None:
    type(holder).objects.filter(pk=holder.pk).update(closed_at="2026-11-21T12:00Z")


def test_a_wallet_that_holds_money_cannot_be_closed(scope: Household) -> None:
    spend(5, DAY)
    with pytest.raises(Exception, match="is not empty"), atomic():
        close(first_wallet())


def test_lines_of_a_closed_wallet_stay_as_they_are(scope: Household) -> None:
    old = wallet("Vieux compte")
    line = spend_in(old, 20)
    book(Kind.TRANSFER, 20, DAY, wallet=first_wallet(), to_wallet=old)
    close(old)
    with pytest.raises(ClosedHolder, match="Vieux compte"):
        transaction_delete(line=line)
    with pytest.raises(ClosedHolder):
        transaction_update(line=line, version=1, amount=Decimal(21), **rest(line))
    saved = transaction_update(line=line, version=1, amount=line.amount, note="ok", **rest(line))
    assert saved.note == "ok"


def spend_in(held: Wallet, amount: int) -> Transaction:
    return transaction_create(kind=Kind.EXPENSE, amount=Decimal(amount), date=DAY, wallet=held)


def test_nothing_new_is_offered_to_what_is_closed_or_removed(scope: Household) -> None:
    for closed in (wallet("W"), bucket("B")):
        close(closed)
        name = "wallet" if isinstance(closed, Wallet) else "bucket"
        with pytest.raises(Refused):
            book(Kind.EXPENSE, 1, DAY, **{name: closed})
    Person.objects.filter(pk=person().pk).update(removed_at="2026-11-21T12:00Z")
    with pytest.raises(Refused):
        book(Kind.LEND, 1, DAY, person=person())


# What a line may look like


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "transfer"},
        {"kind": "transfer", "wallet": "one", "to_wallet": "one"},
        {"kind": "transfer", "bucket": "one", "to_bucket": "one"},
        {"kind": "transfer", "wallet": "one"},
        {"kind": "expense", "wallet": "one", "to_wallet": "two"},
        {"kind": "lend", "wallet": "one"},
        {"kind": "lend", "wallet": "one", "person": True, "category": True},
        {"kind": "gift", "wallet": "one"},
    ],
)
def test_the_database_refuses_sides_that_do_not_fit(
    scope: Household, wrong: dict[str, Any]
) -> None:
    made: dict[str, Any] = {
        "wallet": {"one": wallet("one"), "two": wallet("two")},
        "bucket": {"one": bucket("one")},
    }
    sides = {
        name: made[name.removeprefix("to_")][value] if value in ("one", "two") else value
        for name, value in wrong.items()
    }
    sides |= {"person": person()} if "person" in wrong else {}
    sides |= {"category": category()} if "category" in wrong else {}
    line = Transaction(household=scope, amount=1, date=DAY, **sides)
    with pytest.raises(Exception, match="sides_fit_kind"), atomic():
        Transaction.objects.bulk_create([line])


# Pointing


def sealed(line: Transaction) -> Reconciliation:
    paper = Reconciliation.objects.create(
        wallet=line.wallet, date=DAY, balance=0, closed_at="2026-11-21T12:00Z"
    )
    Transaction.objects.filter(pk=line.pk).update(pointed=True, reconciliation=paper)
    return paper


def test_a_reconciled_line_asks_before_it_changes(scope: Household) -> None:
    line = spend(10, DAY)
    sealed(line)
    assert WalletMonth.objects.get().reconciled == -10
    with pytest.raises(ReconciledLine):
        transaction_update(line=line, version=1, amount=Decimal(11), **rest(line))
    with pytest.raises(ReconciledLine):
        transaction_delete(line=line)
    saved = transaction_update(
        line=line, version=1, confirmed=True, amount=line.amount, note="ok", **rest(line)
    )
    before = saved.status
    saved = transaction_update(
        line=line, version=2, confirmed=True, amount=Decimal(11), **rest(line)
    )
    assert [before, saved.status] == [Status.RECONCILED, Status.OPEN]
    assert WalletMonth.objects.get().reconciled == 0
    assert not ledger_faults()


def test_each_side_of_a_transfer_is_checked_by_itself(scope: Household) -> None:
    line = book(Kind.TRANSFER, 30, DAY, wallet=first_wallet(), to_wallet=wallet())
    line.pointed = True
    before = line.status
    line.to_pointed = True
    assert [before, line.status] == [Status.OPEN, Status.POINTED]


# On any date


def test_a_balance_on_a_date_is_the_opening_balance_and_the_ledger_up_to_it(
    scope: Household,
) -> None:
    held = Wallet.objects.create(
        name="Livret", opening_balance=Decimal(100), opening_date=dt.date(2026, 10, 10)
    )
    book(Kind.EXPENSE, 5, dt.date(2026, 10, 12), wallet=held)
    book(Kind.INCOME, 50, dt.date(2026, 11, 2), wallet=held)
    book(Kind.TRANSFER, 7, dt.date(2026, 11, 9), wallet=held, to_wallet=first_wallet())
    on: list[tuple[dt.date, Any]] = [
        (dt.date(2026, 10, 9), 0),
        (dt.date(2026, 10, 10), 100),
        (dt.date(2026, 10, 31), 95),
        (dt.date(2026, 11, 2), 145),
        (dt.date(2026, 11, 30), 138),
    ]
    assert [(day, wallet_balance_on(held, day)) for day, _ in on] == on


@pytest.mark.usefixtures("today")
def test_a_history_ends_with_what_is_there_now(scope: Household) -> None:
    earn(100, dt.date(2026, 9, 5))
    spend(30, dt.date(2026, 11, 5))
    ends = wallet_history(first_wallet())
    assert [end.balance for end in ends] == [100, 100, 70]
    assert ends[-1].paid == 30


def test_a_deleted_transfer_comes_back_only_between_the_envelopes_it_had(
    scope: Household,
) -> None:
    one, other = bucket("Plaisir"), bucket("Dons")
    for closed in ([other], [one, other]):
        token = transaction_delete(
            line=book(Kind.TRANSFER, 10, dt.date(2026, 11, 20), bucket=one, to_bucket=other)
        )
        for each in closed:
            bucket_close(bucket=each, into=None)
        with pytest.raises(ClosedHolder, match=closed[0].name):
            transaction_restore(token=token)
        assert not Transaction.objects.exists()
        holder_reopen(other)
    holder_reopen(one)
    assert transaction_restore(token=token).to_bucket == other
    assert ledger_faults() == []


def test_a_deleted_line_of_a_wallet_that_was_closed_or_deleted_says_what_stands_against_it(
    scope: Household,
) -> None:
    savings = wallet()
    token = transaction_delete(line=book(Kind.EXPENSE, 10, dt.date(2026, 11, 20), wallet=savings))
    wallet_close(wallet=savings, into=first_wallet())
    with pytest.raises(ClosedHolder, match="Livret"):
        transaction_restore(token=token)
    holder_reopen(savings)
    wallet_delete(wallet=savings)
    with pytest.raises(NothingToComeBackTo):
        transaction_restore(token=token)


def test_a_deleted_line_comes_back_whole(scope: Household) -> None:
    line = transaction_create(
        kind=Kind.INCOME,
        amount=Decimal(90),
        date=DAY,
        wallet=wallet(),
        person=person(),
        spread=[(bucket("A"), 1), (bucket("B"), 2)],
    )
    token = transaction_delete(line=line)
    assert in_buckets() == {"A": 0, "B": 0, None: 0}
    back = transaction_restore(token=token)
    assert (back.wallet, back.person) == (wallet(), person())
    assert in_buckets() == {"A": 30, "B": 60, None: 0}


# Whatever happens


class Histories(RuleBasedStateMachine):
    """Random writes by every way there is; after each, every balance agrees with the ledger.

    What names a closed wallet or envelope is refused, and a refused write leaves no trace.
    """

    household: Household

    def __init__(self) -> None:
        super().__init__()
        self.scope = household_scope(self.household)
        self.scope.__enter__()

    @initialize()
    def begin(self) -> None:
        Transaction.objects.all().delete()
        # The first wallet may have been closed by the history before this one.
        self.wallets = [wallet("A"), wallet("B", 100), wallet("C")]
        self.buckets: list[Bucket | None] = [None, bucket("X"), bucket("Y")]
        self.people = [person("Léa"), person("Tom")]

    dates = st.dates(dt.date(2026, 1, 1), dt.date(2026, 4, 30))
    cents = st.decimals("0.01", "9999.99", places=2)
    which = st.integers(0, 2)

    @rule(
        kind=st.sampled_from(Kind),
        amount=cents,
        day=dates,
        a=which,
        b=which,
        p=which,
        q=which,
        between_buckets=st.booleans(),
    )
    def write(
        self,
        kind: Kind,
        amount: Decimal,
        day: dt.date,
        a: int,
        b: int,
        p: int,
        q: int,
        between_buckets: bool,
    ) -> None:
        entry: dict[str, Any] = {"wallet": self.wallets[a], "bucket": self.buckets[p]}
        if kind is Kind.TRANSFER:
            entry["to_bucket"] = self.buckets[q]
            entry["to_wallet"] = self.wallets[b]
            if between_buckets:
                assume(p != q)
                entry |= {"wallet": None, "to_wallet": None}
            else:
                assume(a != b)
        if kind.is_loan:
            entry["person"] = self.people[a % 2]
        with suppress(Refused):
            transaction_create(kind=kind, amount=amount, date=day, **entry)

    @rule(amount=cents, day=dates, weights=st.tuples(st.integers(0, 99), st.integers(1, 99)))
    def spread(self, amount: Decimal, day: dt.date, weights: tuple[int, int]) -> None:
        spread = [(each, n) for each, n in zip(self.buckets[1:], weights, strict=True) if each]
        with suppress(Refused):
            transaction_create(kind=Kind.INCOME, amount=amount, date=day, spread=spread)

    def some_line(self, n: int) -> Transaction:
        lines = list(Transaction.objects.order_by("pk"))
        assume(bool(lines))
        return lines[n % len(lines)]

    @rule(n=st.integers(0, 99), amount=cents, day=dates)
    def change(self, n: int, amount: Decimal, day: dt.date) -> None:
        line = self.some_line(n)
        with suppress(Refused):
            transaction_update(
                line=line,
                version=line.version,
                confirmed=True,
                kind=Kind(line.kind),
                amount=amount,
                date=day,
            )

    @rule(n=st.integers(0, 99), back=st.booleans())
    def delete(self, n: int, back: bool) -> None:
        line = self.some_line(n)
        with suppress(Refused):
            token = transaction_delete(line=line, confirmed=True)
            if back:
                transaction_restore(token=token)

    @rule(n=st.integers(1, 2), into=which)
    def close_a_bucket(self, n: int, into: int) -> None:
        bucket, other = self.buckets[n], self.buckets[into]
        assert bucket
        with suppress(Refused):
            bucket_close(bucket=bucket, into=other)

    @rule(n=which, into=which)
    def close_a_wallet(self, n: int, into: int) -> None:
        with suppress(Refused):
            wallet_close(wallet=self.wallets[n], into=self.wallets[into])

    @rule(n=which)
    def reopen(self, n: int) -> None:
        holder_reopen(self.wallets[n])
        if bucket := self.buckets[n]:
            holder_reopen(bucket)

    @rule(shares=st.tuples(st.integers(0, 100), st.integers(0, 100)))
    def divide(self, shares: tuple[int, int]) -> None:
        seen = dict(Bucket.objects.open().values_list("pk", "version"))
        with suppress(Refused):
            buckets_share(shares=dict(zip(seen, shares, strict=False)), seen=seen)

    @rule(day=dates)
    def move_all_by_sql(self, day: dt.date) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE transactions_transaction SET date = %s", [day])

    @rule(n=st.integers(0, 99))
    def seal(self, n: int) -> None:
        line = self.some_line(n)
        assume(line.wallet is not None)
        sealed(line)

    @rule(day=st.integers(1, 28))
    def move_the_first_day(self, day: int) -> None:
        household_update(
            household=self.household, name="Foyer", currency="EUR", month_start_day=day
        )

    @invariant()
    def every_balance_agrees(self) -> None:
        assert ledger_faults() == []

    def teardown(self) -> None:
        Wallet.objects.update(closed_at=None)
        Bucket.objects.update(closed_at=None, share=0)
        Transaction.objects.all().delete()
        Reconciliation.objects.all().delete()
        self.scope.__exit__(None, None, None)


def test_the_invariants_hold_over_random_histories(household: Household) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    Histories.household = household
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# The command


def test_check_ledger_is_silent_about_what_agrees(
    household: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    with household_scope(household):
        book(Kind.LEND, 10, DAY, person=person())
    call_command("check_ledger")
    assert "every balance agrees" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("balances_walletmonth SET paid = 1", "wallet 2026-11-01"),
        ("balances_bucketmonth SET spent = 1", "wallets hold -10.00, envelopes -1.00"),
        ("balances_persontotal SET lent = 1", "person"),
        ("transactions_monthtotal SET total = 1", "category 2026-11-01, None, lend"),
    ],
)
def test_check_ledger_tells_what_does_not_agree(
    household: Household, capsys: pytest.CaptureFixture[str], table: str, told: str
) -> None:
    with household_scope(household):
        book(Kind.LEND, 10, DAY, person=person())
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table}")
    with pytest.raises(CommandError, match=r"faults? in 1 household"):
        call_command("check_ledger", household=household.slug)
    assert told in capsys.readouterr().out


def test_check_ledger_knows_no_such_household(db: None) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("check_ledger", household="nowhere")
