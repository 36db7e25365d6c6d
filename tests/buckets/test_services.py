"""Writes about envelopes: their names, and shares that several people change."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget.buckets.models import Bucket
from budget.buckets.services import (
    BucketsExist,
    SharesTooLarge,
    bucket_create,
    bucket_update,
    buckets_share,
    buckets_start,
)
from budget.core.guards import ChangedMeanwhile, ClosedHolder, SharesExceed
from budget.core.holders import HolderNameTaken
from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.ledger import bucket

pytestmark = pytest.mark.django_db


def create(name: str, share: int = 0, submission: uuid.UUID | None = None) -> Bucket:
    return bucket_create(name=name, colour="#ef4444", share=share, submission=submission)


def shares() -> list[int]:
    return list(Bucket.objects.open().values_list("share", flat=True))


def seen() -> dict[int, int | None]:
    return dict(Bucket.objects.open().values_list("pk", "version"))


def test_a_form_sent_twice_makes_one_envelope(scope: Household) -> None:
    key = uuid.uuid4()
    assert create("Plaisir", 10, key) == create("Plaisir", 10, key)
    assert Bucket.objects.count() == 1


@pytest.mark.parametrize("name", ["Plaisir", "PLAISIR", "plàisir"])
def test_a_name_is_taken_among_open_envelopes_alone(scope: Household, name: str) -> None:
    first = create("Plaisir")
    with pytest.raises(HolderNameTaken):
        create(name)
    Bucket.objects.filter(pk=first.pk).update(closed_at="2026-11-21T12:00Z")
    assert create(name).is_open


def test_envelopes_come_in_the_order_they_were_made(scope: Household) -> None:
    for name in ("B", "A", "C"):
        create(name)
    assert [str(each) for each in Bucket.objects.all()] == ["B", "A", "C"]


def test_a_share_beyond_what_is_left_is_refused_by_the_database_too(scope: Household) -> None:
    create("A", 70)
    second = create("B", 30)
    with pytest.raises(SharesExceed):
        create("C", 1)
    with pytest.raises(SharesExceed) as refused:
        bucket_update(bucket=second, version=1, name="B", colour="#ef4444", share=31)
    assert refused.value.left == 30
    assert shares() == [70, 30]


def test_saving_over_what_somebody_else_saved_is_told(scope: Household) -> None:
    envelope = create("A", 70)
    bucket_update(bucket=envelope, version=1, name="A", colour="#ef4444", share=60)
    with pytest.raises(ChangedMeanwhile) as conflict:
        bucket_update(bucket=envelope, version=1, name="Z", colour="#ef4444", share=10)
    assert (conflict.value.current.name, conflict.value.current.share) == ("A", 60)


def test_a_closed_envelope_is_not_changed(scope: Household) -> None:
    envelope = create("A")
    Bucket.objects.filter(pk=envelope.pk).update(closed_at="2026-11-21T12:00Z")
    with pytest.raises(ClosedHolder):
        bucket_update(bucket=envelope, version=1, name="A", colour="#ef4444", share=10)
    assert Bucket.objects.get().share == 0


def test_all_shares_change_at_once_though_they_pass_through_more_than_100(
    scope: Household,
) -> None:
    first, second, third = create("A", 40), create("B", 60), create("C")
    buckets_share(shares={first.pk: 60, second.pk: 20, third.pk: 20}, seen=seen())
    assert shares() == [60, 20, 20]
    buckets_share(shares={first.pk: 60, second.pk: 20, third.pk: 0}, seen=seen())
    assert dict(Bucket.objects.values_list("name", "version")) == {"A": 2, "B": 2, "C": 3}


def test_shares_above_100_together_are_refused_with_the_figure(scope: Household) -> None:
    first, second = create("A", 40), create("B", 60)
    with pytest.raises(SharesTooLarge) as refused:
        buckets_share(shares={first.pk: 50, second.pk: 60}, seen=seen())
    assert refused.value.total == 110
    assert shares() == [40, 60]


@pytest.mark.parametrize("meanwhile", ["changed", "added", "closed", "deleted"])
def test_shares_divided_on_an_old_view_lose_nothing_of_what_was_done_since(
    scope: Household, meanwhile: str
) -> None:
    first, second = create("A", 40), create("B", 50)
    before = seen()
    if meanwhile == "changed":
        bucket_update(bucket=first, version=1, name="A", colour="#ef4444", share=45)
    elif meanwhile == "added":
        create("C", 10)
    elif meanwhile == "closed":
        Bucket.objects.filter(pk=second.pk).update(closed_at="2026-11-21T12:00Z", share=0)
    else:
        second.delete()
    now = shares()
    with pytest.raises(ChangedMeanwhile) as conflict:
        buckets_share(shares={first.pk: 10, second.pk: 10}, seen=before)
    assert [each.share for each in conflict.value.current] == now == shares()


def test_the_ready_start_is_made_once(scope: Household) -> None:
    buckets_start()
    assert list(Bucket.objects.values_list("share", flat=True)) == [20, 50, 10, 10, 10]
    with pytest.raises(BucketsExist):
        buckets_start()
    assert Bucket.objects.count() == 5


def test_envelopes_of_others_do_not_count(scope: Household, charlie: User) -> None:
    with household_scope(Household.objects.get(slug="charlie")):
        bucket("Ailleurs", 100)
    buckets_start()
    assert sum(shares()) == 100


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 110), min_size=3, max_size=3))
def test_whatever_shares_are_asked_for_they_never_pass_100(
    scope: Household, wanted: list[int]
) -> None:
    for number in range(3):
        bucket(f"E{number}")
    keys = list(seen())
    try:
        buckets_share(shares=dict(zip(keys, wanted, strict=True)), seen=seen())
    except SharesTooLarge:
        assert sum(wanted) > 100
    assert sum(shares()) <= 100
