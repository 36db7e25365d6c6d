#!/usr/bin/env python
"""Django's command line for Budgeomètre."""

import os
import sys
from contextlib import suppress


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "budget.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError
    from psycopg.errors import UndefinedColumn, UndefinedTable

    with suppress(ImproperlyConfigured):  # told below, where the command needs them
        if not {"serve", "runserver"} & set(sys.argv[1:2]):
            # One thread needs no pool, which tries on for seconds and cannot say what fails.
            for database in settings.DATABASES.values():
                database["OPTIONS"].pop("pool", None)
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"{error}")  # The sentence says what to set; where it was raised helps nobody.
    except OperationalError as error:
        # A server that is away, full or stopped: nothing that a place in the code would explain.
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The database fails: {error}")
    except ProgrammingError as error:
        ahead = isinstance(error.__cause__, UndefinedColumn | UndefinedTable)
        if not ahead or {"migrate", "--traceback"} & set(sys.argv):
            raise
        told = str(error).partition("\n")[0]
        sys.exit(f"The database is older than the code: {told}. Run manage.py migrate first.")


if __name__ == "__main__":
    main()
