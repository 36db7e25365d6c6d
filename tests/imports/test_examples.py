"""Each bank's layout, by an example file and the lines that are in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from budget.imports.layouts import LAYOUTS
from budget.imports.reading import Reading
from budget.imports.recognition import read

EXAMPLES = Path(__file__).parent / "examples"
FILES = sorted(EXAMPLES.glob("*.csv"))


def told(reading: Reading) -> dict[str, Any]:
    result: dict[str, Any] = {
        "layout": reading.layout,
        "lines": [
            {
                "date": str(line.date),
                "value_date": str(line.value_date) if line.value_date else None,
                "amount": str(line.amount),
                "label": line.label,
                "account": line.account,
                "bank_id": line.bank_id,
                "status": line.status.value,
            }
            for line in reading.lines
        ],
    }
    if reading.balances:
        result["balances"] = [
            {"account": each.account, "date": str(each.date), "amount": str(each.amount)}
            for each in reading.balances
        ]
    return result


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_read_as_it_says(path: Path) -> None:
    reading = read(path.read_bytes())
    assert not reading.unreadable
    assert told(reading) == json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize(
    "layout", LAYOUTS, ids=lambda layout: f"{layout.name}: {layout.header[:30]}"
)
def test_a_layout_knows_the_header_it_declares(layout: Any) -> None:
    from budget.imports.layouts import layout_of

    found = layout_of(layout.header.split(";"))
    assert found is not None
    assert found.name == layout.name
    for role, names in layout.roles().items():
        assert names, role
