"""Two people who divide incomes at the same moment, each on a connection of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection

from budget.buckets.models import Bucket
from budget.buckets.services import bucket_create, buckets_share
from budget.core.guards import ChangedMeanwhile, Refused, SharesExceed
from budget.core.tenancy import household_scope
from budget.users.models import Household
from tests.ledger import bucket

pytestmark = pytest.mark.django_db(transaction=True)


def both(household: Household, *writes: object) -> list[Refused | None]:
    """Run the two writes, the second while the first is not committed yet; who was refused."""
    written, second_is_through = Event(), Event()

    def run(place: int) -> Refused | None:
        write = writes[place]
        assert callable(write)
        if place:
            written.wait(10)
        try:
            with household_scope(household):
                write()
                written.set()
                if not place:
                    second_is_through.wait(0.5)
        except Refused as refusal:
            return refusal
        finally:
            written.set()
            if place:
                second_is_through.set()
            connection.close()
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(run, place) for place in (0, 1)]
        return [answer.result(timeout=20) for answer in answers]


def test_of_two_who_divide_at_once_the_second_is_told(household: Household) -> None:
    with household_scope(household):
        keys = [bucket("A", 50).pk, bucket("B", 50).pk]
        seen = dict.fromkeys(keys, 1)
    first, second = both(
        household,
        lambda: buckets_share(shares=dict(zip(keys, (70, 30), strict=True)), seen=seen),
        lambda: buckets_share(shares=dict(zip(keys, (30, 70), strict=True)), seen=seen),
    )
    assert first is None
    assert isinstance(second, ChangedMeanwhile)
    with household_scope(household):
        assert list(Bucket.objects.values_list("share", flat=True)) == [70, 30]


def test_two_new_envelopes_cannot_both_take_the_last_percents(household: Household) -> None:
    def new(name: str) -> None:
        bucket_create(name=name, colour="#ef4444", share=60)

    first, second = both(household, lambda: new("A"), lambda: new("B"))
    assert first is None
    assert isinstance(second, SharesExceed)
