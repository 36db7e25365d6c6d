"""A rule tried on the ledger as it is, applied to it, and taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from budget.archives.services import month_close
from budget.balances.check import ledger_faults
from budget.balances.closing import bucket_close
from budget.core.guards import ClosedMonth, Refused
from budget.core.periods import Period
from budget.imports.models import Matching
from budget.imports.past import Applied, Trial, past_change, past_restore, rule_try
from budget.imports.rules import Rulebook, Ruling
from budget.transactions.models import Kind, Reconciliation, Transaction
from budget.transactions.services import transaction_update
from budget.wallets.selectors import first_wallet
from tests.ledger import book, bucket, category, earn, person, spend, wallet

pytestmark = pytest.mark.usefixtures("scope", "today")

DAY = dt.date(2026, 11, 12)


def rule(text: str = "carrefour", pk: int = 1, **says: Any) -> Ruling:
    return Ruling(pk, text, text=text, **says)


def tried(ruling: Ruling, *before: Ruling) -> Trial:
    return rule_try(ruling, Rulebook([*before, ruling]))


def changed(ruling: Ruling, *before: Ruling) -> Applied:
    return past_change(ruling, Rulebook([*before, ruling]))


def to_food() -> Ruling:
    return rule(category=category("Alimentation").pk)


def sealed(line: Transaction) -> Transaction:
    """The line, reconciled."""
    line.pointed, line.reconciliation = (
        True,
        Reconciliation.objects.create(wallet=line.wallet, date=line.date, balance=7),
    )
    line.save()
    return line


def test_what_would_change_is_what_fits_and_says_something_else() -> None:
    spend(10, DAY, category("Loisirs"), "CARREFOUR CITY")
    spend(11, DAY, category("Alimentation"), "Carrefour Market")
    spend(12, DAY, None, "Monoprix")
    earn(13, DAY, None, "Remboursement Carrefour")

    trial = tried(to_food())

    assert trial.fitting == 3
    food = {"category_id": category("Alimentation").pk}
    assert [(each.line.amount, each.before, each.after) for each in trial.changes] == [
        (Decimal(13), {"category_id": None}, food),
        (Decimal(10), {"category_id": category("Loisirs").pk}, food),
    ]


def test_the_bank_s_own_label_is_compared_where_there_is_one() -> None:
    line = spend(10, DAY, None, "Courses de la semaine")
    Transaction.objects.filter(pk=line.pk).update(bank_label="CARTE 12/03 CARREFOUR")
    assert len(tried(to_food()).changes) == 1
    assert not tried(rule("courses", rename="Marché")).fitting


def test_amounts_and_wallet_narrow_it() -> None:
    spend(10, DAY, None, "Carrefour")
    book(Kind.EXPENSE, 30, DAY, description="Carrefour", wallet=wallet("Livret"))
    food = category("Alimentation").pk
    assert tried(rule(category=food, amount_min=Decimal(20))).fitting == 1
    assert tried(rule(category=food, amount_max=Decimal(10))).fitting == 1
    assert tried(rule(category=food, wallet=wallet("Livret").pk)).fitting == 1
    assert tried(rule("", category=food, amount_min=Decimal(10))).fitting == 2


def test_lines_that_a_rule_before_it_decides_are_not_its() -> None:
    spend(10, DAY, None, "Carrefour Banque")
    spend(11, DAY, None, "Carrefour City")
    before = rule("banque", pk=2, category=category("Logement").pk)
    trial = tried(to_food(), before)
    assert [each.line.amount for each in trial.changes] == [11]
    assert not tried(rule("city", pk=3, rename="City"), to_food(), before).fitting


def test_transfers_and_loans_are_left_alone() -> None:
    book(Kind.LEND, 30, DAY, person=person(), description="Carrefour")
    book(
        Kind.TRANSFER,
        30,
        DAY,
        wallet=first_wallet(),
        to_wallet=wallet(),
        description="Carrefour",
    )
    assert not tried(to_food()).fitting


def test_lines_of_closed_months_stay_and_are_told_apart() -> None:
    spend(10, dt.date(2026, 9, 3), None, "Carrefour")
    spend(11, DAY, None, "Carrefour")
    month_close(period=Period.containing(dt.date(2026, 9, 3)))

    trial = tried(to_food())
    assert (trial.fitting, len(trial.changes), trial.closed) == (1, 1, 1)

    assert changed(to_food()).number == 1
    assert Transaction.objects.get(amount=10).category is None


def test_all_that_a_rule_says_is_written_and_open_forms_are_told() -> None:
    line = spend(10, DAY, category("Loisirs"), "CARREFOUR")
    says = rule(
        category=category("Alimentation").pk,
        bucket=bucket("Plaisir").pk,
        person=person().pk,
        rename="Carrefour",
    )

    assert changed(says).number == 1

    now = Transaction.objects.get(pk=line.pk)
    assert (now.category, now.bucket, now.person) == (
        category("Alimentation"),
        bucket("Plaisir"),
        person(),
    )
    assert (now.description, now.version) == ("Carrefour", line.version + 1)
    assert not ledger_faults()
    assert changed(says).number == 0


def test_a_reconciled_line_changes_in_words_but_not_in_money() -> None:
    line = sealed(spend(10, DAY, None, "Carrefour"))
    says = rule(category=category("Alimentation").pk, bucket=bucket("Plaisir").pk, rename="C")

    trial = tried(says)
    assert (len(trial.changes), trial.kept) == (1, 1)
    changed(says)

    now = Transaction.objects.get(pk=line.pk)
    assert (now.category, now.description, now.bucket) == (category("Alimentation"), "C", None)
    assert now.reconciled


@pytest.mark.parametrize("kind", [Kind.EXPENSE, Kind.INCOME])
def test_an_open_line_becomes_a_transfer_with_its_sides_in_place(kind: Kind) -> None:
    current, savings = first_wallet(), wallet("Livret")
    line = book(kind, 50, DAY, description="VIR EPARGNE", category=category(), person=person())
    Transaction.objects.filter(pk=line.pk).update(pointed=True)

    assert changed(rule("vir epargne", transfer_to=savings.pk)).number == 1

    now = Transaction.objects.get(pk=line.pk)
    ways = [current, savings] if kind == Kind.EXPENSE else [savings, current]
    assert [now.wallet, now.to_wallet] == ways
    assert (now.kind, now.category, now.person) == (Kind.TRANSFER, None, None)
    assert (now.pointed, now.to_pointed) == (kind == Kind.EXPENSE, kind == Kind.INCOME)
    assert not ledger_faults()


def test_a_reconciled_line_becomes_no_transfer() -> None:
    sealed(spend(50, DAY, None, "VIR EPARGNE"))
    trial = tried(rule("vir epargne", transfer_to=wallet("Livret").pk))
    assert (trial.changes, trial.kept) == ([], 1)


def test_no_transfer_is_made_of_a_line_whose_other_half_is_there() -> None:
    spend(50, DAY, None, "VIR EPARGNE")
    book(Kind.INCOME, 50, DAY + dt.timedelta(days=3), wallet=wallet("Livret"))
    trial = tried(rule("vir epargne", transfer_to=wallet("Livret").pk))
    assert (trial.changes, trial.kept) == ([], 1)


def test_an_income_that_was_spread_keeps_its_envelopes() -> None:
    parts = [(bucket("Plaisir"), 1), (bucket("Dons"), 1)]
    book(Kind.INCOME, 50, DAY, description="Prime", spread=parts)
    says = rule("prime", bucket=bucket("Plaisir").pk, category=category("Salaire").pk)
    assert changed(says).number == 1
    assert Transaction.objects.get().bucket is None
    assert tried(rule("prime", transfer_to=wallet("Livret").pk)).kept == 1
    assert not ledger_faults()


def test_money_stays_in_a_closed_envelope() -> None:
    old = bucket("Travaux")
    book(Kind.EXPENSE, 5, DAY, bucket=old, description="Castorama")
    book(Kind.TRANSFER, 5, DAY, to_bucket=old)
    bucket_close(bucket=old, into=None)
    says = rule("castorama", bucket=bucket("Plaisir").pk, rename="Bricolage")
    assert changed(says).number == 1
    now = Transaction.objects.get(kind=Kind.EXPENSE)
    assert (now.bucket, now.description) == (old, "Bricolage")


def test_it_is_taken_back_whole_and_twice_is_once() -> None:
    spend(10, DAY, category("Loisirs"), "CARREFOUR")
    income = earn(20, DAY, None, "CARREFOUR AVOIR")
    before = list(Transaction.objects.order_by("pk").values("category", "description", "kind"))
    done = changed(rule(transfer_to=wallet("Livret").pk, rename="C"))
    assert done.number == 2
    assert done.undo

    back = past_restore(token=done.undo)

    assert (back.number, back.left) == (2, 0)
    assert (
        list(Transaction.objects.order_by("pk").values("category", "description", "kind")) == before
    )
    assert Transaction.objects.get(pk=income.pk).wallet == first_wallet()
    assert not ledger_faults()
    assert past_restore(token=done.undo).number == 0


def test_what_was_changed_since_stays_when_it_is_taken_back() -> None:
    first, second = (spend(amount, DAY, None, "Carrefour") for amount in (10, 11))
    done = changed(to_food())
    line = Transaction.objects.get(pk=first.pk)
    transaction_update(
        line=line,
        version=line.version,
        kind=Kind.EXPENSE,
        amount=Decimal(12),
        date=DAY,
    )
    back = past_restore(token=done.undo or "")
    assert (back.number, back.left) == (1, 1)
    assert Transaction.objects.get(pk=first.pk).category == category("Alimentation")
    assert Transaction.objects.get(pk=second.pk).category is None


def test_nothing_is_taken_back_in_a_month_that_was_closed_since() -> None:
    line = spend(10, dt.date(2026, 10, 12), None, "Carrefour")
    done = changed(to_food())
    month_close(period=Period.containing(dt.date(2026, 10, 12)))
    with pytest.raises(ClosedMonth):
        past_restore(token=done.undo or "")
    assert Transaction.objects.get(pk=line.pk).category == category("Alimentation")


def test_a_transfer_that_was_reconciled_since_stays_one() -> None:
    spend(50, DAY, None, "VIR EPARGNE")
    done = changed(rule("vir epargne", transfer_to=wallet("Livret").pk))
    sealed(Transaction.objects.get())
    back = past_restore(token=done.undo or "")
    assert (back.number, back.left) == (0, 1)
    assert Transaction.objects.get().kind == Kind.TRANSFER


def test_many_lines_cannot_be_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budget.imports.past.UNDOABLE", 1)
    for amount in (10, 11):
        spend(amount, DAY, None, "Carrefour")
    assert not tried(to_food()).undoable
    assert changed(to_food()) == Applied(2, None)


def test_a_token_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match="trop tard"):
        past_restore(token="nonsense")


def test_a_pattern_is_tried_as_well() -> None:
    spend(10, DAY, None, "Carrefour City")
    spend(11, DAY, None, "Carrefour Drive")
    says = rule("carrefour (city|market)", matching=Matching.REGEX, rename="Carrefour")
    assert [each.line.amount for each in tried(says).changes] == [10]
