"""Shorthands for the back office's pages."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def told(response: Any) -> list[str]:
    """The messages on top of a page that was asked for with `follow`."""
    return [str(message) for message in response.context["messages"]]


def rows_shown(response: Any) -> int:
    return len(response.context["cl"].result_list)


def cost(client: Client, url: str) -> int:
    """How many queries a page makes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def add_url(list_url: str, household_pk: int) -> str:
    """Where a row is added from a list that shows one household's."""
    return f"{list_url}add/?_changelist_filters=household__id__exact%3D{household_pk}"
