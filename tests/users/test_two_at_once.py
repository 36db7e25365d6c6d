"""Two people at the same household at the same moment, each on a connection of their own."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from budget.categories.models import Category
from budget.core.guards import Refused
from budget.core.tenancy import household_scope
from budget.users.models import Household, Invitation, Membership, Role, User
from budget.users.services import (
    InvitationGone,
    LastOwner,
    household_create,
    invitation_accept,
    invitation_create,
    invitation_withdraw,
    member_remove,
    member_set_role,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*writes: Callable[[], object]) -> list[object]:
    """Run the writes at the same moment; what each returns or is refused with."""
    start = Barrier(len(writes))

    def run(write: Callable[[], object]) -> object:
        try:
            connection.ensure_connection()
            start.wait(10)
            return write()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(writes)) as pool:
        return list(pool.map(run, writes))


@pytest.mark.parametrize("how", ["step back", "leave", "one each"])
def test_two_owners_cannot_both_go(how: str, household: Household, alice: User, bob: User) -> None:
    Membership.objects.filter(user=bob).update(role=Role.OWNER)
    first, second = (Membership.objects.get(user=user) for user in (alice, bob))

    def steps_back(membership: Membership) -> Callable[[], object]:
        return lambda: member_set_role(membership=membership, role=Role.VIEWER)

    def leaves(membership: Membership) -> Callable[[], object]:
        return lambda: member_remove(membership=membership)

    one, other = {
        "step back": (steps_back, steps_back),
        "leave": (leaves, leaves),
        "one each": (steps_back, leaves),
    }[how]
    answers = at_once(one(first), other(second))

    assert [type(answer) for answer in answers].count(LastOwner) == 1
    assert household.memberships.filter(role=Role.OWNER).count() == 1


def test_inviting_the_same_person_twice_leaves_one_invitation(
    household: Household, alice: User, bob: User
) -> None:
    def invite(host: User) -> Callable[[], object]:
        return lambda: invitation_create(
            household=household, email="dora@example.org", role=Role.VIEWER, invited_by=host
        )

    at_once(invite(alice), invite(bob))

    assert Invitation.objects.count() == 1


def test_accepting_twice_makes_one_member(household: Household, alice: User) -> None:
    dora = User.objects.create_user("dora@example.org")
    invitation = invitation_create(
        household=household, email=dora.email, role=Role.VIEWER, invited_by=alice
    )
    accept = [lambda: invitation_accept(invitation=invitation, user=dora)] * 2

    answers = at_once(*accept)

    assert all(isinstance(answer, Membership) for answer in answers)
    assert Membership.objects.filter(user=dora).count() == 1


def test_withdrawing_and_accepting_end_one_way_or_the_other(
    household: Household, alice: User
) -> None:
    dora = User.objects.create_user("dora@example.org")
    invitation = invitation_create(
        household=household, email=dora.email, role=Role.VIEWER, invited_by=alice
    )
    again = Invitation.objects.get(pk=invitation.pk)
    answers = at_once(
        lambda: invitation_accept(invitation=invitation, user=dora),
        lambda: invitation_withdraw(invitation=again),
    )

    joined = Membership.objects.filter(user=dora).exists()
    assert joined != isinstance(answers[0], InvitationGone)


def test_a_double_click_makes_one_household(alice: User) -> None:
    key = uuid.uuid4()

    def found() -> object:
        return household_create(name="Coloc", owner=alice, language="fr", submission=key)

    one, other = at_once(found, found)

    assert one == other == Household.objects.get(name="Coloc")
    with household_scope(Household.objects.get(name="Coloc")):
        assert Category.objects.count() == 10
