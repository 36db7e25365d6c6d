"""`manage.py clear_uploads`: remove files that were uploaded and never imported."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from budget.core.tenancy import backoffice_scope
from budget.imports.services import uploads_clear


class Command(BaseCommand):
    help = (
        "Remove bank files that have waited for more than 24 hours to be imported, in every "
        "household. Safe to repeat. A household's own are also removed when it uploads another."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with backoffice_scope():
            removed = uploads_clear()
        self.stdout.write(f"Files removed: {removed}.")
