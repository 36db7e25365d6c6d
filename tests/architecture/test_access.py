"""Every address × every method × five kinds of visitor."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.test import Client

from budget.core.tenancy import household_scope
from budget.users.models import Household, User
from tests.addresses import Examples, examples_in, household_patterns
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db

METHODS = ["get", "head", "options", "post", "put", "patch", "delete"]
UNSAFE = {"post", "put", "patch", "delete"}

#: What an owner alone may do; the forms too, where they are pages of their own.
OWNERS_ONLY = {
    "household_delete",
    "membership_edit",
    "membership_remove",
    "invitation_create",
    "invitation_resend",
    "invitation_revoke",
}
#: Pages that anyone in the household may look at. Every other GET is a form, for those who write.
READABLE = {
    "overview",
    "budget",
    "category_list",
    "category_detail",
    "transaction_list",
    "goal_list",
    "goal_detail",
    "wallet_list",
    "wallet_detail",
    "person_list",
    "reconciliation_list",
    "reconciliation_detail",
    "bucket_list",
    "bucket_detail",
    "person_detail",
    "archive_list",
    "archive_detail",
    "archive_download",
    "household_settings",
    "household_export",
    "import_list",
    "mapping_list",
    "import_detail",
    "rule_list",
}


@pytest.fixture
def examples(household: Household, alice: User, today: dt.date) -> Examples:
    with household_scope(household):
        return examples_in(household, alice)


def answers(client: Client, examples: Examples) -> dict[tuple[str, str], int]:
    """The status of every address and method, each tried on the untouched household."""
    found = {}
    for pattern, name in household_patterns():
        address = examples.fill(pattern, name)
        for method in METHODS:
            with transaction.atomic():
                found[name, method] = getattr(client, method)(address).status_code
                transaction.set_rollback(True)
    return found


def wrong(found: dict[tuple[str, str], int], allowed: set[int]) -> dict[tuple[str, str], int]:
    return {key: status for key, status in found.items() if status not in allowed}


def test_an_anonymous_visitor_is_sent_to_the_login_page(examples: Examples) -> None:
    client = Client()
    assert wrong(answers(client, examples), {302}) == {}
    for pattern, name in household_patterns():
        address = examples.fill(pattern, name)
        assert client.get(address)["Location"].startswith("/accounts/login/?next=/h/alice/")


def test_a_stale_tab_is_sent_to_the_login_page_as_a_whole(
    examples: Examples, htmx: dict[str, str]
) -> None:
    response = Client().get(
        "/h/alice/transactions/",
        headers=htmx | {"HX-Current-URL": "http://testserver/h/alice/?q=x"},
    )
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/accounts/login/?next=/h/alice/")


def test_a_stranger_finds_nothing(examples: Examples, sign_in: SignIn, charlie: User) -> None:
    assert wrong(answers(sign_in(charlie), examples), {404}) == {}


def test_a_viewer_reads_pages_and_writes_nothing(
    examples: Examples, sign_in: SignIn, vera: User
) -> None:
    found = answers(sign_in(vera), examples)
    for (name, method), status in found.items():
        if method in UNSAFE:
            assert status == 403, (name, method, status)
        elif name in READABLE:
            assert status in {200, 405}, (name, method, status)
        else:
            assert status in {403, 405}, (name, method, status)


def test_an_editor_does_all_but_what_is_the_owners(
    examples: Examples, sign_in: SignIn, bob: User
) -> None:
    found = answers(sign_in(bob), examples)
    for (name, method), status in found.items():
        if name in OWNERS_ONLY:
            assert status in {403, 405}, (name, method, status)
        elif (name, method) != ("household_settings", "post"):
            assert status in {200, 204, 302, 405, 409, 422}, (name, method, status)
    assert found["household_settings", "post"] == 403


def test_an_owner_is_refused_nothing(examples: Examples, sign_in: SignIn, alice: User) -> None:
    allowed = {200, 204, 302, 405, 409, 422}
    assert wrong(answers(sign_in(alice), examples), allowed) == {}


def test_another_households_ids_are_not_found(
    examples: Examples, sign_in: SignIn, charlie: User
) -> None:
    client = sign_in(charlie)
    for pattern, name in household_patterns():
        if "<id:pk>" not in pattern:
            continue
        address = examples.fill(pattern, name).replace("/h/alice/", "/h/charlie/")
        for method in ("get", "post"):
            assert getattr(client, method)(address).status_code in {404, 405}, (name, method)


@pytest.mark.parametrize("pk", ["0", "-1", "999999999999999999", "9" * 40, "x", "1e3", "%00"])
def test_an_id_that_is_none_is_not_found(
    examples: Examples, sign_in: SignIn, alice: User, pk: str
) -> None:
    client = sign_in(alice)
    for pattern, name in household_patterns():
        if "<id:pk>" not in pattern:
            continue
        address = f"/{pattern}".replace("<slug:household>", "alice").replace("<id:pk>", pk)
        for method in ("get", "post"):
            assert getattr(client, method)(address).status_code in {404, 405}, (name, method)


@pytest.mark.parametrize("code", ["2026-13", "0000-01", "99999-01", "2026", "x", "2026-10-01"])
def test_a_month_that_is_none_is_not_found(
    examples: Examples, sign_in: SignIn, alice: User, code: str
) -> None:
    client = sign_in(alice)
    for pattern, name in household_patterns():
        if "<slug:code>" not in pattern:
            continue
        address = f"/{pattern}".replace("<slug:household>", "alice").replace("<slug:code>", code)
        for method in ("get", "post"):
            assert getattr(client, method)(address).status_code in {404, 405}, (name, method)
