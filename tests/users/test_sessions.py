"""Whatever a cookie or a header says, there is an answer."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from budget.users.models import Household

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "cookie", ['"\\000abcdefghij"', '"\\377\\376abcdefghij"', "x" * 5000, "\\", ""]
)
def test_a_cookie_that_names_no_session_is_no_session(cookie: str) -> None:
    client = Client(HTTP_COOKIE=f"{settings.SESSION_COOKIE_NAME}={cookie}")
    assert client.get("/accounts/login/").status_code == 200
    response = client.get("/h/alice/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("url", ["http://[", "http://testserver:x/", "//[::1", "\x7f"])
def test_a_tab_whose_address_is_none_is_sent_to_the_login_page(
    household: Household, url: str, htmx: dict[str, str]
) -> None:
    response = Client().get("/h/alice/", headers=htmx | {"HX-Current-URL": url})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/accounts/login/?next=/")
