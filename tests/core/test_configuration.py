"""Variables are read as what they mean; what is wrong is kept and named, and nothing breaks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from budget.core.checks import CONFIGURATION
from budget.core.configuration import LONGEST_FILE, Environment, Mistake
from tests.servers import CHECKOUT

PRODUCTION = {"SECRET_KEY": "x" * 50, "DATABASE_URL": "postgres://budget@localhost/budget"}

Read = Callable[[Environment], object]


def number(env: Environment) -> object:
    return env.number("X", 4, least=1, most=100)


def seconds(env: Environment) -> object:
    return env.seconds("X", 0.5, least=0, most=60)


def choice(env: Environment) -> object:
    return env.choice("X", "json", "json", "text")


def hosts(env: Environment) -> object:
    return env.hosts("X", ["localhost"])


def origins(env: Environment) -> object:
    return env.origins("X", [])


READERS: dict[str, Read] = {
    "flag": lambda env: env.flag("X"),
    "number": number,
    "seconds": seconds,
    "choice": choice,
    "host": lambda env: env.host("X", "localhost"),
    "hosts": hosts,
    "origins": origins,
    "mailbox": lambda env: env.mailbox("X", "us@localhost"),
    "zone": lambda env: env.time_zone("X", "Europe/Paris"),
    "redis": lambda env: env.redis("X"),
    "dsn": lambda env: env.dsn("X"),
    "text": lambda env: env.text("X"),
}


@pytest.mark.parametrize(
    ("form", "given", "meant"),
    [
        ("flag", "1", True),
        ("flag", "Yes", True),
        ("flag", "off", False),
        ("flag", "", False),
        ("flag", " true ", True),
        ("number", "100", 100),
        ("number", "", 4),
        ("seconds", "0", 0.0),
        ("seconds", "1.25", 1.25),
        ("choice", "TEXT", "text"),
        ("host", "mail.example.org", "mail.example.org"),
        ("host", "::1", "::1"),
        ("hosts", "budget.fr, .example.org,[::1],*,192.0.2.1", None),
        ("origins", "https://a.fr, http://b:8000/,https://*.c.fr,http://[::1]:8000", None),
        ("mailbox", "Chez nous <us@example.org>", "Chez nous <us@example.org>"),
        ("zone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("zone", "UTC", "UTC"),
        ("redis", "redis://:secret@cache:6379/0", "redis://:secret@cache:6379/0"),
        ("redis", "unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("redis", "rediss://cache/0?socket_timeout=2", "rediss://cache/0?socket_timeout=2"),
        ("dsn", "https://key@errors.example.org/1", "https://key@errors.example.org/1"),
        ("text", "a, b", "a, b"),
    ],
)
def test_a_sound_value_is_taken(form: str, given: str, meant: object) -> None:
    env = Environment({"X": given})
    if meant is None:
        meant = [part.strip().rstrip("/") for part in given.split(",")]

    assert READERS[form](env) == meant
    assert env.mistakes == []


@pytest.mark.parametrize(
    ("form", "given", "default", "said"),
    [
        ("flag", "maybe", False, "X is “maybe”, which is neither 1 nor 0."),
        ("number", "lots", 4, "X is “lots”, which is not a whole number from 1 to 100."),
        ("number", "0", 4, "X is “0”, which is"),
        ("number", "101", 4, "X is “101”, which is"),
        ("number", "1_0", 4, "X is “1_0”, which is"),
        ("number", "٣", 4, "X is “٣”, which is"),
        ("number", "9" * 5000, 4, "X is “" + "9" * 80 + "…”, which is"),
        ("seconds", "-1", 0.5, "X is “-1”, which is not a number of seconds from 0 to 60."),
        ("seconds", "nan", 0.5, "X is “nan”, which is"),
        ("seconds", "1e1", 0.5, "X is “1e1”, which is"),
        ("choice", "xml", "json", "X is “xml”, which is none of json, text."),
        ("host", "https://mail.fr", "localhost", "X is “https://mail.fr”, which is not the name"),
        ("hosts", "a.fr,https://b.fr", ["localhost"], "X has “https://b.fr”, which is not the"),
        ("hosts", "a.fr:8000", ["localhost"], "X is “a.fr:8000”, which is not the name of a host."),
        ("hosts", "a.fr b.fr", ["localhost"], "X is “a.fr b.fr”, which is"),
        ("origins", "a.fr", [], "X is “a.fr”, which is not an origin."),
        ("origins", "https://a.fr/x", [], "X is “https://a.fr/x”, which is"),
        ("origins", "https://u:p@a.fr", [], "X is “https://u:p@a.fr”, which is"),
        ("origins", "https://a.fr:99999", [], "X is “https://a.fr:99999”, which is"),
        ("origins", "https://[", [], "X is “https://[”, which is"),
        ("mailbox", "us", "us@localhost", "X is “us”, which is not an e-mail address."),
        ("zone", "Paris", "Europe/Paris", "X is “Paris”, which is not the name of a time zone."),
        ("zone", "Europe", "Europe/Paris", "X is “Europe”, which is"),
        ("zone", "../../etc/passwd", "Europe/Paris", "X is “../../etc/passwd”, which is"),
        ("redis", "cache:6379", "", "X is not the URL of a Redis."),
        ("redis", "redis://cache/0?colour=green", "", "X is not the URL of a Redis."),
        ("redis", "redis://cache/0?socket_timeout=soon", "", "X is not the URL of a Redis."),
        ("redis", "redis://cache/0?protocol=9", "", "X is not the URL of a Redis."),
        ("redis", "rediss://cache/0?ssl_cert_reqs=some", "", "X is not the URL of a Redis."),
        ("dsn", "https://errors.example.org/1", "", "X is not a DSN."),
        ("dsn", "https://key@errors.example.org/budget", "", "X is not a DSN."),
    ],
)
def test_a_wrong_value_is_named_and_the_default_stands_in(
    form: str, given: str, default: object, said: str
) -> None:
    env = Environment({"X": given})

    assert READERS[form](env) == default
    [mistake] = env.mistakes
    assert mistake.name == "X"
    assert mistake.sentence.startswith(said)
    assert mistake.hint


def test_a_city_alone_is_answered_with_its_time_zone() -> None:
    env = Environment({"TIME_ZONE": "paris"})
    env.time_zone("TIME_ZONE", "Europe/London")
    assert env.mistakes[0].hint == "Did you mean Europe/Paris?"


@pytest.mark.parametrize(
    "secret",
    ["postgres://budget:hunter2@host:port/x", "redis://:hunter2@", "mysql://u:hunter2@h/x"],
)
def test_what_may_hold_a_password_is_not_shown(secret: str) -> None:
    env = Environment({"X": secret})
    env.database("X")
    env.redis("X")
    env.database("X", hint="Set it.")
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.require_all()
    assert "hunter2" not in str(refusal.value)
    assert "X is not the address of a PostgreSQL" in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        (
            "postgres://ann:p%40ss@db:5433/budget?sslmode=require",
            {
                "NAME": "budget",
                "USER": "ann",
                "PASSWORD": "p@ss",
                "HOST": "db",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgresql:///budget?host=%2Frun%2Fpg", {"NAME": "budget", "HOST": "/run/pg"}),
        ("postgres://a:1,b:2/budget", {"HOST": "a,b", "PORT": "1,2"}),
    ],
)
def test_a_databases_address_is_read_as_psql_reads_it(url: str, entry: dict[str, object]) -> None:
    read = Environment({"X": url}).database("X")
    assert read is not None
    assert read["ENGINE"] == "django.db.backends.postgresql"
    assert read | entry == read


@pytest.mark.parametrize(
    "url",
    [
        "budget",
        "sqlite:///x",
        "postgres://",
        "postgres://host",
        "postgres://u:p@ss@host/x",
        "postgres://u:p/ss@host/x",
        "postgres://host:99999/x",
        "postgres://host/x?nonsense=1",
    ],
)
def test_what_is_no_address_of_a_postgresql_is_refused(url: str) -> None:
    env = Environment({"X": url})
    assert env.database("X") is None
    assert len(env.mistakes) == 1


def test_a_value_may_come_from_a_file_whose_last_line_ends(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(" a long enough secret \r\n")
    env = Environment({"PASSWORD_FILE": str(secret), "PASSWORD": ""})
    assert env.secret("PASSWORD") == " a long enough secret "
    assert env.has("PASSWORD")
    assert not env.has("OTHER")
    assert env.mistakes == []


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    env = Environment({"A_FILE": "/nowhere", "B_FILE": str(tmp_path), "C_FILE": str(binary)})
    assert [env.text(name, "none") for name in "ABC"] == ["none"] * 3
    assert [mistake.sentence for mistake in env.mistakes] == [
        "A_FILE names the file /nowhere, which cannot be read: No such file or directory.",
        f"B_FILE names the file {tmp_path}, which cannot be read: Is a directory.",
        f"C_FILE names the file {binary}, which cannot be read: it is not text in UTF-8.",
    ]


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * (LONGEST_FILE + 1))
    env = Environment({"A_FILE": str(large), "B_FILE": "/dev/zero"})
    assert [env.text(name, "none") for name in "AB"] == ["none"] * 2
    assert [mistake.sentence for mistake in env.mistakes] == [
        f"A_FILE names the file {large}, which cannot be read: it is longer than any value.",
        "B_FILE names the file /dev/zero, which cannot be read: it is longer than any value.",
    ]


def test_a_value_given_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("1")
    env = Environment({"X": "0", "X_FILE": str(file)})
    env.flag("X")
    assert [mistake.sentence for mistake in env.mistakes] == ["X and X_FILE are both given."]


def test_all_that_is_wrong_is_told_with_what_is_missing() -> None:
    env = Environment({"PORT": "x", "KEY_FILE": "/nowhere"})
    env.secret("KEY", hint="Make one.")
    env.database("URL", hint="Give one.")
    env.number("PORT", 8000, least=1, most=65535)
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.require_all()
    told = str(refusal.value).splitlines()
    assert [line.split()[0] for line in told] == ["KEY_FILE", "URL", "PORT"]
    assert told[1] == "URL is not set. Give one."


# What the site does with it.


def run(*command: str, **given: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return subprocess.run(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=kept | PRODUCTION | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_check_names_every_wrong_variable_at_once() -> None:
    wrong = {
        "DATABASE_POOL_SIZE": "lots",
        "TIME_ZONE": "Paris",
        "HTTPS": "maybe",
        "CSRF_TRUSTED_ORIGINS": "budget.example.org",
        "EMAIL_PASSWORD_FILE": "/nowhere",
        "PORT": "99999",
    }
    done = run("manage.py", "check", "--tag", "configuration", EMAIL_USE_TLS="1", **wrong)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert all(f") {name} " in done.stderr for name in wrong), done.stderr
    assert done.stderr.count("HINT:") == len(wrong) + 1
    assert "(budget.W003) EMAIL_USE_TLS is not read." in done.stderr


def test_no_server_starts_with_a_wrong_variable() -> None:
    done = run("-c", "import budget.wsgi", HTTPS="maybe", PORT="x")
    assert done.returncode == 1
    assert "ImproperlyConfigured: " in done.stderr
    assert "HTTPS is “maybe”" in done.stderr
    assert "PORT is “x”" in done.stderr


def test_the_settings_mistakes_are_what_the_check_tells(settings: Settings) -> None:
    assert run_checks(tags=[CONFIGURATION]) == []
    settings.CONFIGURATION_MISTAKES = [Mistake("X", "X is wrong.", "Mend it.")]
    [message] = run_checks(tags=[CONFIGURATION])
    assert (message.id, message.msg, message.hint) == ("budget.E006", "X is wrong.", "Mend it.")


@cache
def defaults() -> dict[str, str | None]:
    """What a production reads, as `Environment.defaults` has it."""
    ask = "import json; from budget.settings import env; print(json.dumps(env.defaults))"
    read: dict[str, str | None] = json.loads(run("-c", ask).stdout)
    return read


ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)


@pytest.mark.parametrize(
    ("readme", "heading", "required", "empty"),
    [
        ("README.md", "## Settings", "required", "empty"),
        ("README.fr.md", "## Réglages", "requis", "vide"),
    ],
)
def test_the_readmes_table_has_every_variable_and_its_default(
    readme: str, heading: str, required: str, empty: str
) -> None:
    done = run(
        "-c", "import json; from budget.settings import env; print(json.dumps(env.defaults))"
    )
    read: dict[str, str | None] = json.loads(done.stdout)
    section = (CHECKOUT / readme).read_text(encoding="utf-8").partition(f"\n{heading}\n")[2]
    rows = {name: default for name, default, _ in ROW.findall(section.partition("\n## ")[0])}

    assert set(rows) == set(read)
    for name, default in read.items():
        match default:
            case "required":
                assert rows[name] == required
            case "":
                assert rows[name] == empty
            case None:
                assert rows[name], "in words, because it is worked out"
                assert not rows[name].startswith("`")
            case _:
                assert rows[name].startswith(f"`{default}`"), name
