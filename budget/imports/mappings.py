"""What a person said of a table's columns, remembered for every file with the same header."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import Any

from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.headers import Role


def told_as_json(told: Told) -> dict[str, Any]:
    """What was told, as a JSON column keeps it."""
    return {
        "columns": {role.value: name for role, name in told.columns.items()},
        "order": told.order.value if told.order else None,
        "decimals": told.decimals.value if told.decimals else None,
        "spent": told.spent,
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
    )
