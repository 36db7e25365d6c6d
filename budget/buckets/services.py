"""Writes about envelopes that do not concern the ledger; closing one does: see balances.

Whatever changes shares holds the household's lock, as the database's own guard of their sum does.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final, TypedDict, Unpack

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from budget.buckets.models import Bucket
from budget.core.guards import (
    ChangedMeanwhile,
    ClosedHolder,
    Refused,
    guarded,
    one_of_a_name,
    row_to_change,
)
from budget.core.holders import HolderNameTaken
from budget.core.tenancy import active_household, scope_cursor
from budget.users.services import household_lock

#: A ready start: name, colour and share of each.
STARTING_BUCKETS: Final = [
    (gettext_noop("Savings"), "#0ea5e9", 20),
    (gettext_noop("Necessities"), "#22c55e", 50),
    (gettext_noop("Education"), "#6366f1", 10),
    (gettext_noop("Fun"), "#ec4899", 10),
    (gettext_noop("Giving"), "#f59e0b", 10),
]


class BucketValues(TypedDict):
    """What is said of an envelope; `share` is in whole percent."""

    name: str
    colour: str
    share: int


class BucketsExist(Refused):
    """The ready start was asked for where there are envelopes already."""

    def __init__(self) -> None:
        super().__init__(_("There are envelopes already, so none was added."))


class SharesTooLarge(Refused):
    """Shares that were given together add up to more than 100 percent."""

    def __init__(self, total: int) -> None:
        self.total = total
        super().__init__(
            _("Together they make %(total)s%%: %(over)s%% too many.")
            % {"total": total, "over": total - 100}
        )


def bucket_create(*, submission: uuid.UUID | None = None, **values: Unpack[BucketValues]) -> Bucket:
    """Add an envelope to the household in force, as the last of its list.

    `submission` is the form's own key: sent twice, the first envelope is returned. Raises
    HolderNameTaken and SharesExceed.
    """
    with one_of_a_name(HolderNameTaken):
        household_lock(active_household())
        first = submission and Bucket.objects.filter(submission=submission).first()
        return first or Bucket.objects.create(
            **values, submission=submission, position=Bucket.objects.open().next_position()
        )


def bucket_update(*, bucket: Bucket, version: int | None, **values: Unpack[BucketValues]) -> Bucket:
    """Change an open envelope that still has the `version` its form was opened with.

    Incomes that were spread stay as they were. Raises HolderNameTaken, SharesExceed, ClosedHolder
    where it was closed meanwhile, and ChangedMeanwhile (with the envelope as it stands now, or
    None where it is gone).
    """
    with one_of_a_name(HolderNameTaken):
        household_lock(active_household())
        rows = Bucket.objects.filter(pk=bucket.pk)
        if rows.exclude(closed_at=None).exists():
            raise ClosedHolder(bucket.name)
        current = row_to_change(rows, version)
        for name, value in values.items():
            setattr(current, name, value)
        current.save()
    return current


def buckets_share(*, shares: Mapping[int, int], seen: Mapping[int, int | None]) -> list[Bucket]:
    """Give all open envelopes their shares at once, in whole percent by their keys.

    `seen` has the version of each envelope that the person saw. Raises SharesTooLarge, and
    ChangedMeanwhile (with the envelopes as they stand now) where any of them was changed since, or
    one was added, closed or deleted.
    """
    if sum(shares.values()) > 100:
        raise SharesTooLarge(sum(shares.values()))
    with guarded():
        household_lock(active_household())
        buckets = list(Bucket.objects.open().select_for_update(no_key=True))
        if {bucket.pk: bucket.version for bucket in buckets} != dict(seen):
            raise ChangedMeanwhile(buckets)
        changed = [bucket for bucket in buckets if bucket.share != shares[bucket.pk]]
        for bucket in changed:
            bucket.share = shares[bucket.pk]
            bucket.version += 1
        _write_shares(changed)
    return buckets


def _write_shares(changed: list[Bucket]) -> None:
    """On the way from one division to another the sum may pass 100; at its end it may not."""
    with scope_cursor() as cursor:
        cursor.execute("SET CONSTRAINTS shares_within_100 DEFERRED")
        Bucket.objects.bulk_update(changed, ["share", "version"])
        cursor.execute("SET CONSTRAINTS shares_within_100 IMMEDIATE")


def buckets_start() -> list[Bucket]:
    """Give a household that has no open envelope the five that many begin with.

    Raises BucketsExist, so that a second click adds nothing.
    """
    with guarded():
        household_lock(active_household())
        if Bucket.objects.open().exists():
            raise BucketsExist
        new: list[Any] = [
            Bucket(
                household=active_household(),
                name=_(name),
                colour=colour,
                share=share,
                position=position,
            )
            for position, (name, colour, share) in enumerate(STARTING_BUCKETS)
        ]
        return Bucket.objects.bulk_create(new)
