"""The monthly totals that the database keeps are the ledger's sums, whatever is done to it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.categories.models import Category
from budget.core.periods import Period
from budget.core.tenancy import NoScope, household_scope
from budget.transactions.models import Kind, MonthTotal, Transaction
from budget.users.models import Household, User
from budget.users.services import household_update
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db

dates = st.dates(dt.date(2026, 1, 1), dt.date(2026, 4, 30))
amounts = st.decimals("0.01", "9999.99", places=2)
operations = st.lists(
    st.tuples(
        st.sampled_from(["insert", "update", "delete", "bulk", "recut"]),
        dates,
        amounts,
        st.sampled_from([Kind.EXPENSE.value, Kind.INCOME.value]),
        st.integers(0, 3),
        st.integers(1, 28),
    ),
    max_size=12,
)


def kept(household: Household) -> set[tuple[object, ...]]:
    return set(
        MonthTotal.objects.values_list("month", "category_id", "kind", "total", "count").order_by()
    )


def summed(household: Household) -> set[tuple[object, ...]]:
    sums: dict[tuple[object, ...], tuple[Decimal, int]] = {}
    for line in Transaction.objects.all():
        month = Period.containing(line.date, start_day=household.month_start_day).first
        key = (month, line.category_id, line.kind)
        total, count = sums.get(key, (Decimal(0), 0))
        sums[key] = (total + line.amount, count + 1)
    return {(*key, *value) for key, value in sums.items()}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=operations)
def test_totals_equal_the_ledger_after_any_history(
    household: Household, history: list[tuple[str, dt.date, Decimal, str, int, int]]
) -> None:
    with household_scope(household):
        Transaction.objects.all().delete()
        categories = [None, *Category.objects.all()[:3]]
        for operation, day, amount, kind, which, start_day in history:
            line = Transaction(
                wallet=first_wallet(),
                household=household,
                kind=kind,
                amount=amount,
                date=day,
                category=categories[which],
            )
            match operation:
                case "insert":
                    line.save()
                case "bulk":
                    Transaction.objects.bulk_create(
                        Transaction(
                            wallet=first_wallet(),
                            household=household,
                            kind=kind,
                            amount=amount,
                            date=day,
                        )
                        for _ in range(3)
                    )
                case "update":
                    Transaction.objects.filter(kind=kind).update(
                        date=day, category=categories[which], amount=F("amount") + amount
                    )
                case "delete":
                    Transaction.objects.filter(date__lte=day).delete()
                case "recut":
                    household_update(
                        household=household,
                        name=household.name,
                        currency="EUR",
                        month_start_day=start_day,
                    )
        assert kept(household) == summed(household)


def test_a_person_who_wrote_lines_can_go(household: Household, bob: User) -> None:
    with household_scope(household):
        line = Transaction.objects.create(
            kind=Kind.EXPENSE, amount=Decimal(5), date=dt.date(2026, 3, 1), created_by=bob
        )
        before = kept(household)
    bob.delete()
    with household_scope(household):
        assert Transaction.objects.get(pk=line.pk).created_by_id is None
        assert kept(household) == before == summed(household)


def test_totals_are_cut_anew_outside_any_scope_too(household: Household) -> None:
    with household_scope(household):
        Transaction.objects.create(
            kind=Kind.EXPENSE, amount=Decimal(5), date=dt.date(2026, 3, 1), household=household
        )
    household.month_start_day = 5
    household.save()
    with household_scope(household):
        assert MonthTotal.objects.get().month == dt.date(2026, 2, 5)
    with pytest.raises(NoScope):
        MonthTotal.objects.count()
    assert not MonthTotal._base_manager.exists()  # the trigger has closed the door behind it


def test_more_than_a_total_can_hold_is_refused_with_a_sentence(
    household: Household, sign_in: SignIn, alice: User
) -> None:
    most = Decimal("999999999999.99")
    with household_scope(household):
        Transaction.objects.bulk_create(
            Transaction(
                wallet=first_wallet(), household=household, amount=most, date=dt.date(2026, 11, 3)
            )
            for _ in range(100)
        )
    client = sign_in(alice)
    response = client.post(
        "/h/alice/transactions/add/",
        {"kind": "expense", "amount": str(most), "date": "2026-11-20"},
    )
    assert response.status_code == 409
    assert "99 999 999 999 999,99" in response.content.decode().replace("\u00a0", " ")
    with household_scope(household):
        assert Transaction.objects.count() == 100
    for page in ("", "budget/", "budget/?period=2026", "goals/", "categories/"):
        assert client.get(f"/h/alice/{page}").status_code == 200
