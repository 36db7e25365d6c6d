"""The demonstration's door is open in the demonstration alone."""

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from budget.users.models import Household, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(settings: Settings) -> Household:
    settings.DEMO = True
    call_command("seed_demo", "--months", "1")
    return Household.objects.get()


@pytest.mark.usefixtures("seeded")
def test_a_visitor_is_signed_in_and_sent_to_the_household(client: Client) -> None:
    response = client.post("/demo/")
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
    assert client.get("/h/demo/").status_code == 200


@pytest.mark.usefixtures("seeded")
def test_a_get_signs_nobody_in(client: Client) -> None:
    assert client.get("/demo/").status_code == 405
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("seeded")
def test_a_form_of_another_site_signs_nobody_in() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/").status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("seeded")
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_outside_the_demonstration_there_is_no_such_address(
    client: Client, settings: Settings, method: str
) -> None:
    settings.DEMO = False
    assert getattr(client, method)("/demo/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_before_the_seeding_there_is_nobody_to_be(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert client.post("/demo/").status_code == 404


@pytest.mark.usefixtures("seeded")
def test_a_deactivated_demonstration_user_does_not_come_in(client: Client) -> None:
    User.objects.update(is_active=False)
    assert client.post("/demo/").status_code == 404
