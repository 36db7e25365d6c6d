"""Reading from a copy of the database, wherever nobody can tell the difference.

With DATABASE_REPLICA_URL the settings have a second database, `replica`: a hot standby of the
first. A safe request below a household's address reads from it if it has caught up, and from the
primary if not. It has caught up where the household's revision is no lower than the one that the
primary had when the request began: so whatever anybody had written by then is seen.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, InternalError, connections, models
from psycopg.pq import TransactionStatus

from budget.core.tenancy import HouseholdModel, active_scope, household_scope, scope_in_force

ALIAS = "replica"
#: For how long a process leaves a replica alone that could not be reached, in seconds.
REST = 5.0

logger = logging.getLogger(__name__)

_rests_until = 0.0


def household_read[Answer](household: Any, answer: Callable[[], Answer]) -> Answer:
    """What `answer` gives in a scope that reads `household`, from the replica where that can be.

    `household` is as the primary has it, with its revision. Where the replica fails in the middle,
    `answer` is called once more, on the primary; so it must write nothing. Raises DoesNotExist
    where the household has been deleted since.
    """
    if _is_there():
        try:
            with household_scope(household, reading=True, using=ALIAS):
                revision = active_scope().revision
                if revision is not None and revision >= household.revision:
                    found = answer()
                    _refuse_swallowed_error()
                    return found
        except Error as error:
            # Whichever it is: if the replica is not to blame, the primary will say the same.
            _note(error)
    with household_scope(household, reading=True):
        if active_scope().revision is None:
            raise household.DoesNotExist
        return answer()


def is_read() -> bool:
    """Whether the scope in force reads from the replica."""
    scope = scope_in_force()
    return scope is not None and scope.using == ALIAS


class Router:
    """Households and people are read where the scope in force says; all else is on the primary."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        if is_read() and (issubclass(model, HouseholdModel) or model._meta.app_label == "users"):
            return ALIAS
        return DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *objects: models.Model, **hints: Any) -> bool:
        """They are the same rows, wherever they were read."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def _is_there() -> bool:
    return ALIAS in connections.settings and time.monotonic() >= _rests_until


def _refuse_swallowed_error() -> None:
    """Raise InternalError where a statement failed and whoever asked has gone on without it.

    Committing says nothing of it, and a template's condition takes any error for false.
    """
    if connections[ALIAS].connection.info.transaction_status is TransactionStatus.INERROR:
        raise InternalError("A statement failed, and the page went on without its answer.")


def _note(error: Error) -> None:
    """Leave the replica alone for a while, unless only the one statement was given up."""
    global _rests_until
    connection = connections[ALIAS]
    if connection.connection is None or not connection.is_usable():
        connection.close()
        _rests_until = time.monotonic() + REST
        logger.warning("The replica cannot be read, so the primary is for %g s: %s", REST, error)
    else:
        logger.info("The replica gave up a page, which the primary answers: %s", error)
