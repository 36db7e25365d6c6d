"""Lines of files that wait to be imported, where a rule was made or changed meanwhile."""

from __future__ import annotations

from collections import defaultdict
from itertools import batched
from typing import Any

from budget.imports.cleaning import clean
from budget.imports.drafting import Draft, Drafter
from budget.imports.models import ADDABLE, ImportLine, ImportState
from budget.imports.rules import Ruling

_BATCH = 5_000
#: What the person can change in a line: fields of Draft and of the lines alike.
_DECIDED = ("description", "category", "bucket", "person", "to_wallet")
#: What a draft says besides, which nobody changes.
_TOLD = ("suggested", "confidence", "because")
_COLUMNS = {name: f"{name}_id" for name in ("category", "bucket", "person", "to_wallet")}


def waiting_redraft(ruling: Ruling, before: Drafter, after: Drafter) -> int:
    """Give waiting lines that a rule decides, or did, what is now drafted of them; how many change.

    What the person has said of a line stays: that is what is not as it was drafted `before`. Two
    queries, and one for each different outcome.
    """
    alike: dict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    number = 0
    rows = ImportLine.objects.filter(
        statement__source__state=ImportState.READY, finding__in=ADDABLE
    ).values_list("pk", "label", "amount", "statement__wallet", *_DECIDED)
    for pk, label, amount, wallet, *says in rows.iterator(chunk_size=_BATCH):
        line = label, clean(label), amount, wallet
        deciding = (each.rules.ruling(*line) for each in (before, after))
        if not any(each is not None and each.pk == ruling.pk for each in deciding):
            continue
        was, new = (each.draft(label, amount, wallet) for each in (before, after))
        changed = _changes(dict(zip(_DECIDED, says, strict=True)), was, new)
        number += bool(changed)
        changed |= {
            name: said for name in _TOLD if (said := getattr(new, name)) != getattr(was, name)
        }
        if "because" in changed:  # A dict is no key.
            changed["because"] = tuple((changed["because"] or {}).items())
        if changed:
            alike[tuple(changed.items())].append(pk)
    for same, keys in alike.items():
        says_now = {_COLUMNS.get(name, name): said for name, said in same}
        if "because" in says_now:
            says_now["because"] = dict(says_now["because"]) or None
        for some in batched(keys, _BATCH):
            ImportLine.objects.filter(pk__in=some).update(**says_now)
    return number


def _changes(says: dict[str, Any], was: Draft, new: Draft) -> dict[str, Any]:
    """What changes in a line that says `says`: where that is still what was drafted."""
    own = {name for name in _DECIDED if says[name] != getattr(was, name)}
    changed = {
        name: getattr(new, name)
        for name in _DECIDED
        if name not in own and says[name] != getattr(new, name)
    }
    # No transfer is made of a line of which the person said what an expense or income is.
    if changed.get("to_wallet") and own & {"category", "bucket", "person"}:
        del changed["to_wallet"]
    return changed
