"""What the database refuses, told to Python in the project's own words.

Triggers raise with an SQLSTATE of ours; `guarded()` turns it into an exception that a form can
show beside its field. PostgreSQL leaves the classes that begin with a letter from I to Z (or a
digit from 5) to applications (its manual, appendix A).
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.db import DatabaseError, IntegrityError, models, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext

CLOSED_MONTH = "BM001"
OVERDRAWN_GOAL = "BM002"
CLOSED_MONTHS_EXIST = "BM003"
CLOSED_HOLDER = "BM004"
SHARES_EXCEED = "BM005"
FOREIGN_KEY_VIOLATION = "23503"
NUMBER_TOO_LARGE = "22003"


class Refused(Exception):  # noqa: N818 - an answer rather than an error
    """A write that the household's own rules forbid. `str()` is a sentence for the person."""


class ClosedMonth(Refused):
    """A transaction dated in a closed month would be added, changed or deleted."""

    def __init__(self, day: dt.date) -> None:
        self.day = day
        super().__init__(
            gettext(
                "%(day)s is in a closed month. Reopen that month in the archives, "
                "or choose another date."
            )
            % {"day": date_format(day, "DATE_FORMAT")}
        )


class ClosedMonthsExist(Refused):
    """The first day of the month would change while closed months rest on it."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "Some months are closed, with their present first day. "
                "Reopen them in the archives before changing it."
            )
        )


class OverdrawnGoal(Refused):
    """More would be taken from a goal than it holds."""

    def __init__(self) -> None:
        super().__init__(gettext("The goal does not hold that much any more."))


class ClosedHolder(Refused):
    """A closed wallet or envelope would no longer be empty."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext("“%(name)s” is closed, and this would change what is in it. Reopen it first.")
            % {"name": name}
        )


class SharesExceed(Refused):
    """The envelopes' shares would add up to more than 100 percent; `left` is what was free."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(
            gettext("The shares would add up to more than 100%%: %(left)s%% are left.")
            % {"left": left}
        )


class GoneMeanwhile(Refused):
    """The write points to a row (a category, a wallet, a goal) that has just gone."""

    def __init__(self) -> None:
        super().__init__(gettext("What you chose has just been deleted or closed. Choose again."))


class ChangedMeanwhile(Refused):
    """Somebody else saved the row since the form that would change it was opened.

    `current` is the row as it stands now, None where it is gone.
    """

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__(
            gettext("Somebody changed this while you were editing it.")
            if current
            else gettext("Somebody deleted this while you were editing it.")
        )


class SumTooLarge(Refused):
    """A month's amounts would add up to more than a total can hold."""

    def __init__(self) -> None:
        super().__init__(
            gettext("The amounts of one month would add up to more than 99,999,999,999,999.99.")
        )


@contextmanager
def one_of_a_name(taken: type[Refused]) -> Iterator[None]:
    """As `guarded()`; raises `taken` where another row has the name already.

    The names of a model are unique by the constraint `<app>_<model>_name_once`.
    """
    try:
        with guarded():
            yield
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        if str(getattr(diagnostics, "constraint_name", "")).endswith("_name_once"):
            raise taken from error
        raise


def row_to_change[M: models.Model](rows: models.QuerySet[M], version: int | None) -> M:
    """The one row among `rows`, locked, and numbered as the version that is about to be saved.

    `version` is the one that the person has seen. Raises ChangedMeanwhile where it is another.
    """
    current: Any = rows.select_for_update(no_key=True).first()
    if current is None or current.version != version:
        raise ChangedMeanwhile(current)
    current.version += 1
    return cast(M, current)


def violates_foreign_key(error: DatabaseError) -> bool:
    """Whether a row was written that points to one which is not there (any more)."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "sqlstate", None) == FOREIGN_KEY_VIOLATION


@contextmanager
def guarded() -> Iterator[None]:
    """Run a write in a savepoint; what our triggers refuse is raised as a `Refused`.

    Any other database error passes unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        sqlstate = diagnostics.sqlstate if diagnostics else None
        if diagnostics and sqlstate == CLOSED_MONTH:
            raise ClosedMonth(dt.date.fromisoformat(diagnostics.message_detail)) from error
        if diagnostics and sqlstate == CLOSED_HOLDER:
            raise ClosedHolder(str(diagnostics.message_detail)) from error
        if diagnostics and sqlstate == SHARES_EXCEED:
            raise SharesExceed(int(str(diagnostics.message_detail))) from error
        if sqlstate == CLOSED_MONTHS_EXIST:
            raise ClosedMonthsExist from error
        if sqlstate == OVERDRAWN_GOAL:
            raise OverdrawnGoal from error
        if sqlstate == FOREIGN_KEY_VIOLATION:
            raise GoneMeanwhile from error
        if sqlstate == NUMBER_TOO_LARGE:
            raise SumTooLarge from error
        raise
