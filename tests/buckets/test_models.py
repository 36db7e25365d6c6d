"""What the database guarantees of envelopes."""

import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic

from budget.buckets.models import Bucket
from budget.core.guards import SharesExceed, guarded
from budget.users.models import Household


@pytest.mark.parametrize("share", [101, -1, 61])
def test_shares_never_add_up_to_more_than_100(scope: Household, share: int) -> None:
    Bucket.objects.create(name="A", share=40)
    with pytest.raises((IntegrityError, SharesExceed)), guarded():
        Bucket.objects.create(name="B", share=share)
    assert Bucket.objects.count() == 1


def test_a_refused_share_says_what_is_left(scope: Household) -> None:
    Bucket.objects.create(name="A", share=40)
    with pytest.raises(SharesExceed) as refused, guarded():
        Bucket.objects.create(name="B", share=70)
    assert refused.value.left == 60


def test_shares_may_pass_through_more_than_100_within_one_change(scope: Household) -> None:
    first = Bucket.objects.create(name="A", share=40)
    second = Bucket.objects.create(name="B", share=60)
    with atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS shares_within_100 DEFERRED")
        Bucket.objects.filter(pk=first.pk).update(share=50)
        Bucket.objects.filter(pk=second.pk).update(share=50)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
