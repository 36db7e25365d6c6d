"""Writes of a file before it is imported: receiving it, reading it again, removing it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping as MappingOf

from django.utils import timezone
from django.utils.translation import gettext as _

from budget.core.guards import guarded
from budget.core.tenancy import active_household
from budget.imports import matching
from budget.imports.columns import Told
from budget.imports.drafting import Drafter
from budget.imports.entering import NotWaiting
from budget.imports.keeping import file_keep, file_kept
from budget.imports.mappings import (
    mapping_for,
    mapping_told,
    no_longer_fits,
    told_as_json,
    told_from_json,
)
from budget.imports.models import Import, ImportState, Mapping, Statement
from budget.imports.reading import NotReadable, NotSure, Reading
from budget.imports.recognition import read
from budget.imports.staging import lines_clear, lines_stage, statements_make
from budget.imports.unpacking import shown_name
from budget.users.models import User
from budget.users.services import household_lock, households_lock
from budget.wallets.models import Wallet

#: How long a file waits to be imported.
KEPT = dt.timedelta(hours=24)


def import_receive(
    *, file_name: str, content: bytes, user: User | None, told: Told | None = None
) -> Import:
    """Read a file that was uploaded, and keep it for the preview; nothing enters the ledger.

    `told` is what is known of its columns, else what is remembered of tables with the same ones.
    The same content that is waiting already is returned as it waits. Raises NotReadable where the
    file is refused; a table that can be read in several ways is kept, and asks.
    """
    digest = hashlib.sha256(content).hexdigest()
    source = Import(
        file_name=shown_name(file_name), size=len(content), sha256=digest, created_by=user
    )
    # A long file takes a while: others may write until it is read.
    reading = _read(source, content, told)
    with guarded():
        household_lock(active_household())
        uploads_clear()  # a server at home has no one to do it every day
        waiting = Import.objects.waiting().filter(sha256=digest).first()
        if waiting is not None:
            return waiting
        source.save()
        file_keep(source, content)
        if reading is not None:
            _stage(source, reading, statements_make(source, reading))
    return source


def import_read_again(*, source: Import, told: Told | None) -> Import:
    """Read a waiting file once more, with what the person says of its columns.

    What was chosen for its lines so far is lost. Raises NotWaiting; NotReadable, and NotSure where
    what was told leaves it open still: then nothing changes.
    """
    with guarded():
        household_lock(active_household())
        current, content = _kept(source)
        reading = _not_empty(read(content, told))
        _note(current, reading, told)
        current.save()
        said = {each.account: each for each in Statement.objects.filter(source=current)}
        Statement.objects.filter(source=current).delete()
        _stage(current, reading, _as_said(statements_make(current, reading), said))
    return current


def _as_said(statements: list[Statement], before: MappingOf[str, Statement]) -> list[Statement]:
    """The statements of a file that is read again, with what was said of the same accounts."""
    for each in statements:
        if said := before.get(each.account):
            each.wallet_id, each.skipped = said.wallet_id or each.wallet_id, said.skipped
    Statement.objects.bulk_update(statements, ["wallet", "skipped"])
    return statements


def statements_assign(*, source: Import, wallets: MappingOf[int, Wallet | None]) -> Import:
    """Say which wallet each statement of a waiting file is, by the statements' ids.

    None leaves a statement's lines out. The file is staged anew, since lines are known by their
    wallet; what was chosen for its lines so far is lost. Raises NotWaiting.
    """
    with guarded():
        household_lock(active_household())
        current, content = _kept(source)
        statements = list(Statement.objects.filter(source=current))
        for each in statements:
            if each.pk in wallets:
                each.wallet = wallets[each.pk]
                each.skipped = each.wallet is None
        Statement.objects.bulk_update(statements, ["wallet", "skipped"])
        lines_clear(current)
        _stage(current, read(content, told_from_json(current.told)), statements)
    return current


def import_discard(*, source: Import) -> None:
    """Remove a waiting file. Raises NotWaiting where it is imported already, or gone."""
    deleted, _rows = Import.objects.waiting().filter(pk=source.pk).delete()
    if not deleted:
        raise NotWaiting


def uploads_clear(*, now: dt.datetime | None = None) -> int:
    """Remove files that have waited for longer than KEPT, in every household in scope; how many."""
    before = (now or timezone.now()) - KEPT
    stale = Import.objects.waiting().filter(created_at__lt=before)
    households_lock(stale.order_by().values("household"))
    deleted, _rows = stale.delete()
    return deleted


def _kept(source: Import) -> tuple[Import, bytes]:
    """A waiting file as it is now, locked, and its content. Raises NotWaiting."""
    current = Import.objects.waiting().select_for_update(no_key=True).filter(pk=source.pk).first()
    content = file_kept(source)
    if current is None or content is None:
        raise NotWaiting
    return current, content


def _read(source: Import, content: bytes, told: Told | None) -> Reading | None:
    """What is in a file, written down in its import; None where the person has to be asked."""
    found: Reading | NotSure
    try:
        found = read(content, told)
    except NotSure as error:
        if told is not None:
            raise
        found = error
    source.format, source.sample = found.format, found.sample
    if found.format == "csv":
        source.header = found.header if isinstance(found, Reading) else found.columns
    mapping = mapping_for(source) if told is None else None
    if mapping is not None:
        return _read_as_before(source, content, mapping, found)
    if isinstance(found, NotSure):
        _ask(source, found, str(found))
        return None
    _note(source, _not_empty(found), told)
    return found


def _read_as_before(
    source: Import, content: bytes, mapping: Mapping, found: Reading | NotSure
) -> Reading | None:
    """The file read as the person said of such files, which wins over what they say of themselves.

    Where that no longer works the person is asked: `found` is what could be read without.
    """
    try:
        told = mapping_told(mapping)
        reading = _not_empty(read(content, told))
    except NotReadable as error:
        _ask(source, found, no_longer_fits(mapping, str(error)))
        return None
    _note(source, reading, told)
    return reading


def _ask(source: Import, found: Reading | NotSure, question: str) -> None:
    """Let a file wait for the person's answer. Raises NotReadable where none would help."""
    source.columns = found.columns if isinstance(found, Reading) else found.taken
    if isinstance(found, Reading):
        _not_empty(found)
    elif source.header and not found.sample:
        raise NotReadable(_("No line with a date and an amount was found."))
    elif not source.header and found.about == "columns":
        raise NotReadable(str(found))
    source.state = ImportState.ASKING
    source.question = question.replace("\x00", "")


def _not_empty(reading: Reading) -> Reading:
    if not reading.lines and not reading.unreadable:
        raise NotReadable(_("No line with a date and an amount was found."))
    return reading


def _note(source: Import, reading: Reading, told: Told | None) -> None:
    source.state = ImportState.READY
    source.question = ""
    source.format, source.layout = reading.format, reading.layout
    source.encoding, source.columns = reading.encoding, reading.columns
    source.told = told_as_json(told) if told else {}


def _stage(source: Import, reading: Reading, statements: list[Statement]) -> None:
    lines_stage(source, reading, statements, Drafter())
    matching.find(source, statements)
