import datetime as dt
import pytest
from decimal import Decimal
from budget.core.tenancy import household_scope, backoffice_scope
from budget.transactions.models import *
from budget.transactions.services import transaction_create
from budget.archives.services import *
from tests.archives.months import *
pytestmark=[pytest.mark.django_db, pytest.mark.usefixtures("today")]
def test_user_out_of_scope(household, bob):
    with household_scope(household):
        transaction_create(kind=Kind.EXPENSE, amount=Decimal(5), date=october(9), created_by=bob)
    bob.delete()
    with household_scope(household):
        assert MonthTotal.objects.get().total==5
        assert Transaction.objects.get().created_by_id is None
def test_household_out_of_scope(household, bob):
    with household_scope(household):
        fill_october(); close("2026-10")
    household.delete()
    with backoffice_scope():
        assert not MonthTotal.objects.exists()
def test_start_day_out_of_scope(household):
    with household_scope(household):
        fill_october(); close("2026-10")
    household.month_start_day=5
    with pytest.raises(Exception): household.save()
def test_start_day_out_of_scope_recut(household):
    with household_scope(household):
        fill_october()
    household.month_start_day=5
    household.save()
    with household_scope(household):
        assert MonthTotal.objects.filter(month="2026-10-05").exists()
