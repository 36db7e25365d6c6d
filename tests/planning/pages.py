"""A page as the tests read it."""

import re

from django.test import Client


def page(client: Client, address: str) -> str:
    """The page at `address`, which must be there, with the template's own spaces made one."""
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"[ \n]+", " ", response.content.decode())
