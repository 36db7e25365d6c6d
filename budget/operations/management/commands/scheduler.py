"""`manage.py scheduler`: runs the scheduled commands, for as long as it lives."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from budget.operations import scheduler


class Command(BaseCommand):
    help = (
        "Run the scheduled commands when they are due: backups, closing of old months, removal of "
        "what has expired. Runs until it is stopped; what was missed while it was not running is "
        "made up for once. Start one alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        scheduler.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        command = [sys.executable, "-m", scheduler.__name__, "--zone", settings.TIME_ZONE]
        command += ["--backups", str(options["backups"].absolute())]
        if settings.LOG_FORMAT == "json":
            command.append("--json")
        if options["list"]:
            command.append("--list")
        if options["once"]:
            command += ["--once", options["once"]]
        sys.stdout.flush()
        # Started alike in its place, so that signals reach it, and without what Django has loaded.
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, command)  # noqa: S606
