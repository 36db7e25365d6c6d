"""The example files of the formats, and what must be read of each."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from budget.imports.formats import camt, mt940, ofx, qif
from budget.imports.reading import Reading

EXAMPLES = Path(__file__).parent / "examples"
READERS: dict[str, ModuleType] = {
    ".ofx": ofx,
    ".qfx": ofx,
    ".ofc": ofx,
    ".qif": qif,
    ".xml": camt,
    ".sta": mt940,
}
FILES = sorted(path for path in EXAMPLES.iterdir() if path.suffix in READERS)


def expected(path: Path) -> dict[str, Any]:
    """What stands beside a file."""
    told: dict[str, Any] = json.loads(path.with_suffix(".json").read_text())
    return told


def told(reading: Reading) -> dict[str, Any]:
    """What was read, as the expected rows are written."""
    return {
        "lines": [
            {
                "number": line.number,
                "date": str(line.date),
                "value_date": str(line.value_date) if line.value_date else None,
                "amount": str(line.amount),
                "currency": line.currency,
                "label": line.label,
                "account": line.account,
                "bank_id": line.bank_id,
                "status": line.status.value,
                "category": line.category,
            }
            for line in reading.lines
        ],
        "unreadable": [each.number for each in reading.unreadable],
        "balances": [
            [balance.account, str(balance.date), str(balance.amount), balance.currency]
            for balance in reading.balances
        ],
    }
