"""What a person said of a table's columns, remembered for every file with the same header."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any

from django.utils.translation import gettext as _

from budget.core.guards import guarded, row_to_change
from budget.core.tenancy import active_household
from budget.imports.amounts import Decimals
from budget.imports.columns import Told, table_fingerprint
from budget.imports.dates import DateOrder
from budget.imports.headers import Role
from budget.imports.models import Import, Mapping
from budget.imports.reading import NotReadable
from budget.users.services import household_lock

LONGEST_NAME = 60


def told_as_json(told: Told) -> dict[str, Any]:
    """What was told, as a JSON column keeps it."""
    return {
        "columns": {role.value: name for role, name in told.columns.items()},
        "order": told.order.value if told.order else None,
        "decimals": told.decimals.value if told.decimals else None,
        "spent": told.spent,
        "whole": told.whole,
    }


def told_from_json(kept: MappingOf[str, Any]) -> Told | None:
    """What was told, back from its JSON column; None where nothing was."""
    if not kept:
        return None
    return Told(
        columns={Role(role): name for role, name in kept["columns"].items()},
        order=DateOrder(kept["order"]) if kept["order"] else None,
        decimals=Decimals(kept["decimals"]) if kept["decimals"] else None,
        spent=kept["spent"],
        whole=kept.get("whole", False),
    )


def mapping_told(mapping: Mapping) -> Told:
    """What is remembered. Raises NotReadable where what is kept makes no sense (any more)."""
    try:
        return told_from_json(mapping.told) or Told()
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotReadable(_("What is kept of them cannot be read.")) from error


def mapping_for(source: Import) -> Mapping | None:
    """What is remembered of tables with the columns of this one."""
    if not source.header:
        return None
    fingerprint = table_fingerprint(source.header, source.sample)
    return Mapping.objects.filter(fingerprint=fingerprint).first()


def mapping_of(source: Import) -> Mapping | None:
    """What is remembered that a file was read by; None where it was read in another way."""
    found = mapping_for(source) if source.told else None
    return found if found and found.told == source.told else None


def mapping_remember(*, source: Import, told: Told, name: str) -> Mapping:
    """Keep what was told of a file's columns for the next file with the same ones.

    `name` may be blank: then it is the bank's, or the file's. What was remembered of such files
    before is replaced.
    """
    with guarded():
        household_lock(active_household())
        fingerprint = table_fingerprint(source.header, source.sample)
        mapping = Mapping.objects.filter(fingerprint=fingerprint).first()
        if mapping is None:
            mapping = Mapping(
                household=active_household(), fingerprint=fingerprint, header=source.header
            )
        else:
            mapping.version += 1
        mapping.told = told_as_json(told)
        mapping.name = (name or mapping.name or name_suggested(source))[:LONGEST_NAME]
        mapping.save()
    return mapping


def name_suggested(source: Import) -> str:
    """What the columns of a file may be called: as its bank is, else as the file."""
    return (source.layout or source.file_name.rpartition(".")[0] or source.file_name)[:LONGEST_NAME]


def mapping_update(*, mapping: Mapping, version: int | None, name: str, told: Told) -> Mapping:
    """Change what is remembered, for the files to come. Raises ChangedMeanwhile."""
    with guarded():
        current = row_to_change(Mapping.objects.filter(pk=mapping.pk), version)
        current.name, current.told = name, told_as_json(told)
        current.save()
    return current


def mapping_delete(*, mapping: Mapping) -> None:
    """Forget it: the next such file is read by its own, or asks. Twice is as once."""
    Mapping.objects.filter(pk=mapping.pk).delete()


def no_longer_fits(mapping: Mapping, reason: str) -> str:
    """What the person is told where a file cannot be read as such files were before."""
    return _("The columns remembered as “%(name)s” do not fit this file. %(reason)s") % {
        "name": mapping.name,
        "reason": reason,
    }
