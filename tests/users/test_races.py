"""What one person writes while another takes it away: every request has an answer."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from budget.archives.services import month_close
from budget.categories.models import Category
from budget.core.guards import GoneMeanwhile
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.goals.models import Goal
from budget.goals.selectors import set_aside
from budget.transactions.models import Kind, Transaction
from budget.transactions.services import transaction_update
from budget.users.models import Household, Membership, Role, User
from budget.users.services import (
    household_create,
    household_delete,
    household_lock,
    household_update,
    invitation_create,
    member_remove,
    member_set_role,
    user_delete,
)
from tests.conftest import TODAY, SignIn
from tests.ledger import spend

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*writes: Callable[[], object]) -> list[BaseException | None]:
    """Run the writes in threads that start together; what each raised, None where it went well."""
    start = threading.Barrier(len(writes))

    def run(write: Callable[[], object]) -> None:
        try:
            start.wait(10)
            write()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(writes)) as pool:
        return [future.exception(30) for future in [pool.submit(run, write) for write in writes]]


def test_a_role_for_somebody_who_has_just_left_is_refused(household: Household, bob: User) -> None:
    membership = Membership.objects.get(user=bob)
    member_remove(membership=Membership.objects.get(user=bob))
    with pytest.raises(GoneMeanwhile):
        member_set_role(membership=membership, role=Role.VIEWER)
    assert membership.role == Role.EDITOR


def test_whatever_is_written_to_a_household_that_has_just_gone_is_refused(
    household: Household, alice: User
) -> None:
    member = Membership.objects.select_related("household").get(user=alice)
    household_delete(household=Household.objects.get(pk=household.pk))
    writes: list[Callable[[], object]] = [
        lambda: spend(5, TODAY),
        lambda: month_close(period=Period.parse("2020-10")),
        lambda: household_update(household=household, name="x", currency="EUR", month_start_day=1),
        lambda: member_set_role(membership=member, role=Role.OWNER),
        lambda: invitation_create(
            household=household, email="x@example.org", role=Role.VIEWER, invited_by=alice
        ),
    ]
    for write in writes:
        with pytest.raises(GoneMeanwhile), household_scope(household):
            write()


def statuses(*posts: tuple[Client, str, dict[str, str]]) -> list[int]:
    """Post all of these at once; how each was answered."""
    seen: list[int] = []

    def send(client: Client, address: str, data: dict[str, str]) -> None:
        seen.append(client.post(address, data).status_code)

    assert at_once(*[partial(send, *post) for post in posts]) == [None] * len(posts)
    return seen


LINE = {"kind": "expense", "amount": "5", "date": "2026-01-02"}
CATEGORY = {"kind": "expense", "name": "New", "colour": "#ef4444"}
GOAL = {"name": "G", "target": "9", "plan": "contribution", "contribution": "1"}


def test_requests_while_a_household_is_deleted_are_answered(alice: User, sign_in: SignIn) -> None:
    for slug in ("one", "two", "three"):
        household_create(name="Away", slug=slug, owner=alice, language="fr")
        seen = statuses(
            (sign_in(alice), f"/h/{slug}/settings/delete/", {"name": "Away"}),
            (sign_in(alice), f"/h/{slug}/transactions/add/", LINE),
            (sign_in(alice), f"/h/{slug}/categories/add/", CATEGORY),
            (sign_in(alice), f"/h/{slug}/goals/add/", GOAL | {"frequency": "weekly"}),
        )
        assert all(status in {302, 404, 409} for status in seen), seen
        assert not Household.objects.filter(slug=slug).exists()


def test_a_line_and_the_removal_of_its_category_do_not_miss_each_other(
    household: Household, alice: User, sign_in: SignIn
) -> None:
    with household_scope(household):
        categories = list(Category.objects.values_list("pk", flat=True))[:4]
    for pk in categories:
        seen = statuses(
            (sign_in(alice), "/h/alice/transactions/add/", LINE | {"category": str(pk)}),
            (sign_in(alice), f"/h/alice/categories/{pk}/delete/", {}),
        )
        assert all(status in {302, 409, 422} for status in seen), seen
        with household_scope(household):
            stays = Category.objects.active().filter(pk=pk).exists()
            assert Transaction.objects.filter(category=pk).exists() == stays


def test_a_form_sent_thrice_at_once_counts_once(
    household: Household, alice: User, sign_in: SignIn
) -> None:
    key = {"submission": str(uuid.uuid4())}
    client, other, third = sign_in(alice), sign_in(alice), sign_in(alice)
    for address, data in [
        ("/h/alice/transactions/add/", LINE | {"kind": "income"} | key),
        ("/h/alice/goals/add/", GOAL | {"frequency": "weekly"} | key),
        ("/h/alice/categories/add/", CATEGORY),
    ]:
        seen = statuses(*[(each, address, data) for each in (client, other, third)])
        assert all(status in {302, 409, 422} for status in seen), seen
    with household_scope(household):
        assert Transaction.objects.count() == 1
        assert Category.objects.filter(name="New").count() == 1
        goal = Goal.objects.get()
    deposit = (f"/h/alice/goals/{goal.pk}/deposit/", {"amount": "3"})
    statuses(*[(each, *deposit) for each in (client, other, third)])
    with household_scope(household):
        assert set_aside() == 3  # 5 is there: each of them would have fitted, two do not.


def test_deleting_a_person_while_a_line_of_theirs_is_changed_locks_nobody_out(
    household: Household, alice: User, bob: User
) -> None:
    member_remove(membership=Membership.objects.get(user=bob))
    with household_scope(household):
        line = spend(5, TODAY)
        Transaction.objects.filter(pk=line.pk).update(created_by=bob)
    locked = threading.Event()

    def change() -> None:
        with household_scope(household):
            household_lock(household)
            locked.set()
            _wait_until_somebody_waits()
            transaction_update(
                line=line,
                version=1,
                kind=Kind.EXPENSE,
                amount=line.amount,
                date=TODAY,
                category=None,
                description="Pain",
                note="",
            )

    def delete() -> None:
        assert locked.wait(10)
        user_delete(user=bob)

    assert at_once(change, delete) == [None, None]
    with household_scope(household):
        line.refresh_from_db()
    assert (line.description, line.created_by_id) == ("Pain", None)
    assert not User.objects.filter(pk=bob.pk).exists()


def _wait_until_somebody_waits() -> None:
    """Until another connection stands in line for a lock of ours."""
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")
