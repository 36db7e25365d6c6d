"""Closing wallets and envelopes: what is left in one goes to another, and its history stays.

The database sees to it that a closed one is empty (docs/adr/0006). Whatever closes, reopens or
deletes one holds the household's lock while it does, so that what it has read stays true.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from budget.core.guards import GoneMeanwhile, one_of_a_name
from budget.core.holders import Holder, HolderNameTaken
from budget.core.tenancy import active_household
from budget.users.services import household_lock


def holder_now[H: Holder](holder: H) -> H:
    """A wallet or an envelope as it stands now, with the household's ledger held.

    Raises GoneMeanwhile where it has been deleted.
    """
    household_lock(active_household())
    rows: Any = type(holder)._default_manager
    current: H | None = rows.filter(pk=holder.pk).select_for_update(no_key=True).first()
    if current is None:
        raise GoneMeanwhile
    return current


def holder_end(current: Holder, **changes: Any) -> None:
    """Write that what `holder_now` gave, emptied since, is closed; `changes` go with it.

    Raises ClosedHolder where it is not empty.
    """
    _write(current, closed_at=timezone.now(), **changes)


def holder_reopen[H: Holder](holder: H) -> H:
    """Open a closed wallet or envelope again, at the end of the list. It is empty.

    Doing so twice changes nothing. Raises HolderNameTaken, and GoneMeanwhile.
    """
    with one_of_a_name(HolderNameTaken):
        current = holder_now(holder)
        if not current.is_open:
            rows: Any = type(holder)._default_manager
            _write(current, closed_at=None, position=rows.open().next_position())
    return current


def _write(current: Holder, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(current, name, value)
    current.version += 1
    current.save(update_fields=[*changes, "version"])
