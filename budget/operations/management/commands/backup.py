"""`manage.py backup`: the whole database in one file."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from budget.operations.backups import Backup, backup_make, backups_remove, folder_turn
from budget.operations.postgres import BackupError, Database
from budget.operations.restoring import backup_check, emptied_database, scratch_database, stoppable


def at_least_one(text: str) -> int:
    """The value of --keep."""
    if not (text.isascii() and text.isdigit() and int(text[:6]) > 0):
        raise argparse.ArgumentTypeError(f"a whole number from 1, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Save the database in a new file of a folder, named after the time in UTC, for "
        "manage.py restore. The site may be in use meanwhile. The server's own address is needed, "
        "not a pooler's."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="an existing folder")
        parser.add_argument(
            "--keep",
            type=at_least_one,
            metavar="N",
            help="remove older backups of this folder, all but the newest N (default: none)",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="restore the file into a database made for it, compare, check, and drop it",
        )
        parser.add_argument(
            "--scratch",
            metavar="NAME_OR_URL",
            help="an empty database for --check, where the role may not make one; emptied after",
        )

    def handle(
        self,
        *args: Any,
        directory: Path,
        keep: int | None,
        check: bool,
        scratch: str | None,
        **options: Any,
    ) -> None:
        database = Database.current()
        try:
            with stoppable(), folder_turn(directory):
                started = time.monotonic()
                made = backup_make(database, directory, count=check)
                took = time.monotonic() - started
                size = f"{made.size / 1_000_000:.1f} MB"
                self.stdout.write(f"Saved {made.path} ({size}, {took:.1f} s).")
                if check:
                    self.check_backup(made, database, scratch)
                # Only now: as long as the new one is in doubt, the old ones stay.
                if keep and (removed := backups_remove(directory, keep=keep)):
                    self.stdout.write(f"Removed older backups: {len(removed)}.")
        except (BackupError, psycopg.Error) as error:
            raise CommandError(str(error)) from error

    def check_backup(self, made: Backup, database: Database, scratch: str | None) -> None:
        place = emptied_database(Database.at(scratch)) if scratch else scratch_database(database)
        with place as empty:
            backup_check(made, empty)
        rows = made.counts.rows if made.counts else {}
        self.stdout.write(
            f"Restored and checked: {len(rows)} tables, {sum(rows.values())} rows, and every "
            "balance agrees with the ledger."
        )
