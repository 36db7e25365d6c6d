"""The file itself, from its upload until it is imported, in the database.

Through the ORM a file of 50 MB would be written into a statement, in hexadecimal, and held six
times over on the way; and when it is read three times. So it goes as it is, beside the statement.
"""

from __future__ import annotations

from typing import Any

import psycopg
from django.db import connections

from budget.core.tenancy import active_household, active_scope
from budget.imports.models import Import


def file_keep(source: Import, content: bytes) -> None:
    """Keep the content of an import."""
    _execute(
        "INSERT INTO imports_importfile (household_id, source_id, content) VALUES (%s, %s, %b)",
        [active_household().pk, source.pk, content],
    )


def file_kept(source: Import) -> bytes | None:
    """The content of an import, None where it is not kept any more."""
    row = _execute(
        "SELECT content FROM imports_importfile WHERE household_id = %s AND source_id = %s",
        [active_household().pk, source.pk],
    ).fetchone()
    return row[0] if row else None


def _execute(statement: str, parameters: list[Any]) -> Any:
    # In the connection's own transaction, which the scope has opened.
    return psycopg.Cursor(connections[active_scope().using].connection).execute(
        statement, parameters, binary=True
    )
