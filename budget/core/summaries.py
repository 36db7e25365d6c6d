"""Figures that are worked out once for all readers, until the household changes.

A summary is what a selector returned: figures, and with them at most the few small rows they are
figures of. It is kept with the household's revision, which the database raises in every write's own
transaction, and given to whoever reads at that revision (`tenancy.Scope.revision`). So it is never
out of date, whoever wrote and wherever it is kept, and one household's write leaves the others'
alone. Where something may be written there is no revision, and all is worked out afresh.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import django
from django.core.cache import caches
from django.db.models import Model
from django.utils import timezone

import budget
from budget.core.periods import Period
from budget.core.tenancy import active_scope

#: Seconds after which a summary that nobody asks for is gone. A newer one takes its place earlier.
LIFETIME = 24 * 60 * 60

#: The functions whose results are kept, by name.
SUMMARIES: dict[str, Callable[..., Any]] = {}


def summary[**P, R](selector: Callable[P, R]) -> Callable[P, R]:
    """Keep what `selector` returns as long as the household stays as it is, and the day.

    What it returns depends on the household's rows, on its arguments and on the day alone: never
    on the reader or their language. It is not None, and has no query and no lazy text in it.
    Arguments are rows (told apart by their key), periods, dates, numbers, texts and None.
    """
    name = f"{selector.__module__}.{selector.__qualname__}"

    @wraps(selector)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        scope = active_scope()
        if scope.household is None or scope.revision is None:
            return selector(*args, **kwargs)
        key = _key(scope.household.pk, name, [*args, *sorted(kwargs.items())])
        now = (scope.revision, timezone.localdate())
        cache = caches["summaries"]
        match cache.get(key):
            case (true_of, found) if true_of == now:
                return cast(R, found)
        worked_out = selector(*args, **kwargs)
        cache.set(key, (now, worked_out), LIFETIME)
        return worked_out

    SUMMARIES[name] = kept
    return kept


def _key(household_id: int, name: str, arguments: Iterable[Any]) -> str:
    # The revision is not part of it, so that a household has one entry for each of its figures
    # and not one for each of its writes.
    told = "\0".join([CODE_VERSION, name, *map(_told, arguments)])
    return f"{household_id}:{blake2b(told.encode(), digest_size=16).hexdigest()}"


def _told(argument: Any) -> str:
    match argument:
        case tuple():
            return f"({','.join(map(_told, argument))})"
        case Model():
            return f"{argument._meta.label}:{argument.pk}"
        case Period() | dt.date() | str() | int() | None:
            return repr(argument)
    raise TypeError(f"A summary cannot be asked for by {type(argument).__name__}.")


def _code_version() -> str:
    digest = blake2b(f"{sys.version} {django.__version__}".encode(), digest_size=16)
    for file in sorted(Path(next(iter(budget.__path__))).rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


#: What tells this version of the code from every other, so that none reads another's values. Made
#: as the process starts: an upgrade may exchange the files while the old code still runs.
CODE_VERSION = _code_version()
