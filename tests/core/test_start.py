"""A start with settings that cannot work ends with one sentence, not with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from budget.operations.postgres import Database
from tests.servers import CHECKOUT


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"DEBUG": "1"}, "optional"),
        ({"DEBUG": "1", "EMAIL_HOST": "mail.example.org"}, "optional"),
        ({}, "optional"),
        ({"EMAIL_HOST": "mail.example.org"}, "mandatory"),
        (
            {"EMAIL_HOST": "mail.example.org", "ACCOUNT_EMAIL_VERIFICATION": "optional"},
            "optional",
        ),
    ],
)
def test_addresses_are_confirmed_first_wherever_mail_can_leave(
    given: dict[str, str], asked: str
) -> None:
    base = {"SECRET_KEY": "x", "DATABASE_URL": "postgres://x@localhost/x"}
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from budget import settings; print(settings.ACCOUNT_EMAIL_VERIFICATION)",
        ],
        cwd=CHECKOUT,
        env=kept | base | given,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == asked


@pytest.mark.parametrize("command", ["migrate", "check_ledger"])
def test_a_command_without_its_database_says_so_at_once(command: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=CHECKOUT,
        # Nobody listens there, and a command is not to wait until somebody does.
        env=kept | {"SECRET_KEY": "x", "DATABASE_URL": "postgres://x@127.0.0.1:1/x"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Connection refused" in done.stderr
    assert "couldn't get a connection after" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.django_db
def test_a_command_before_the_migrations_asks_for_them() -> None:
    # Of a schema that is not there, as of a database in which nothing has been made.
    done = subprocess.run(
        [sys.executable, "manage.py", "clearsessions"],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "x",
            "DATABASE_URL": f"{Database.current().url}&options=-csearch_path%3Dnowhere",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Run manage.py migrate first." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "SECRET_KEY is not set."),
        ({"SECRET_KEY": "x"}, "DATABASE_URL is not set."),
        ({"SECRET_KEY": "x", "DATABASE_URL": "sqlite:///x"}, "DATABASE_URL is not the address"),
        ({"SECRET_KEY": "x", "DATABASE_URL": "nonsense"}, "DATABASE_URL is not the address"),
    ],
)
def test_a_production_start_says_what_to_set(given: dict[str, str], said: str) -> None:
    ours = {"DEBUG", "DEMO", "SECRET_KEY", "DATABASE_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=CHECKOUT,
        env=environment | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
