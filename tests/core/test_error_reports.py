"""What a report of an error tells, of what the library has gathered."""

from __future__ import annotations

import pytest
from sentry_sdk.tracing import TransactionSource
from sentry_sdk.types import Event

from budget.core.error_reports import only_what_is_named


@pytest.mark.parametrize(
    ("transaction", "source", "told"),
    [
        ("/h/{household}/", TransactionSource.ROUTE, "/h/{household}/"),
        # An error before any page is found, as where the database cannot be reached, at an
        # address that is none: an invitation's link, copied with a letter too many.
        ("/invitations/key/x", TransactionSource.URL, None),
    ],
)
def test_a_page_is_told_by_its_pattern_and_an_unknown_address_not_at_all(
    transaction: str, source: TransactionSource, told: str | None
) -> None:
    event: Event = {"transaction": transaction, "transaction_info": {"source": source}}
    report = only_what_is_named(event, {})
    assert report is not None
    assert report.get("transaction") == told
    assert "key" not in str(report)
