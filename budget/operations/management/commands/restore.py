"""`manage.py restore`: a backup back into an empty database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from budget.operations.postgres import BackupError, Database, manage
from budget.operations.restoring import backup_restore, stoppable


class Command(BaseCommand):
    help = (
        "Put a backup into an empty database, all of it or nothing, and check its ledger. It never "
        "touches a database that holds anything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what manage.py backup has made")
        parser.add_argument(
            "--into",
            metavar="NAME_OR_URL",
            help="another database of the same server, or a postgres:// address "
            "(default: the site's own)",
        )

    def handle(self, *args: Any, file: Path, into: str | None, **options: Any) -> None:
        try:
            with stoppable():
                database = Database.at(into) if into else Database.current()
                contents = backup_restore(file, database)
                self.stdout.write(f"Restored {file} into “{database.name}”.")
                if contents.missing:
                    self.stdout.write(
                        f"It is older than this version, by {len(contents.missing)} migrations: "
                        "now run manage.py migrate, then manage.py check_ledger."
                    )
                    return
                self.stdout.write(manage(database, "check_ledger"))
        except (BackupError, psycopg.Error) as error:
            raise CommandError(str(error)) from error
