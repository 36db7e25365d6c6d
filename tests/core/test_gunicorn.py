"""The site in the real gunicorn: its log, its figures, what it reports, and how it stops."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from budget.users.models import Household, User
from tests.servers import CHECKOUT, free_port
from tests.servers.gunicorn import Gunicorn, collect_static_files

PRIVATE = ["Martin", "Loyer", "1234", "alice@", "example.org", "sessionid", "Internal/9"]


@pytest.fixture(scope="module", autouse=True)
def static_files() -> None:
    collect_static_files()


class Receiver(HTTPServer):
    """Where errors are reported to: keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Envelope)
        self.sent: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.server_port}/1"

    def events(self) -> list[dict[str, Any]]:
        """The reports so far, when there is one at least."""
        end = time.monotonic() + 30
        while time.monotonic() < end and not self.sent:
            time.sleep(0.05)
        lines = [json.loads(line) for each in self.sent for line in each.splitlines() if line]
        return [line for line in lines if "exception" in line]


class Envelope(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.sent.append(body.decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Nothing: the tests' output is not for it."""


@pytest.fixture
def url(transactional_db: None) -> str:
    """The tests' own database, as another process gets there."""
    at = connection.settings_dict
    host = quote(str(at["HOST"]), safe="")
    return f"postgres://{at['USER']}@/{at['NAME']}?host={host}&port={at['PORT']}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
        receiver.shutdown()


def test_an_error_is_logged_and_reported_with_its_request_and_nothing_private(
    as_alice: Client,
    alice: User,
    household: Household,
    url: str,
    tmp_path: Path,
    receiver: Receiver,
) -> None:
    cookie = f"sessionid={as_alice.cookies['sessionid'].value}"
    key = settings.SECRET_KEY
    with Gunicorn(tmp_path, url, SECRET_KEY=key, SENTRY_DSN=receiver.dsn) as server:
        answer = server.post(
            "/h/alice/breaks/?search=Loyer",
            {"label": "Loyer de Madame Martin", "amount": "1234.56"},
            **{"Cookie": cookie, "X-Request-ID": "from-the-proxy", "User-Agent": "Internal/9"},
        )
        assert answer.status == 500
        assert answer.headers["X-Request-ID"] == "from-the-proxy"
        error = server.wait_for(logger="django.request")
        line = server.wait_for(logger="budget.requests")
        [event] = receiver.events()

    told = server.log.read_text() + "".join(receiver.sent)
    assert not [word for word in [*PRIVATE, cookie.partition("=")[2]] if word in told]

    assert "Traceback" in error["exception"]
    assert "IntegrityError" in error["exception"]
    assert error["request_id"] == line["request_id"] == "from-the-proxy"
    assert (line["page"], line["status"], line["household"], line["user"]) == (
        "breaks",
        500,
        household.pk,
        alice.pk,
    )
    assert [each["type"] for each in event["exception"]["values"]][-1] == "IntegrityError"
    functions = [
        frame["function"]
        for each in event["exception"]["values"]
        for frame in each["stacktrace"]["frames"]
    ]
    assert "breaks" in functions
    assert event["tags"] == {"request_id": "from-the-proxy"}
    assert event["user"] == {"id": alice.pk}
    assert event["transaction"] == "/h/{household}/breaks/"
    assert event["environment"] == "production"


def test_a_server_without_its_static_files_says_how_to_collect_them(tmp_path: Path) -> None:
    # Otherwise it would be ready, and each of its pages an error.
    start = (
        "import runpy; from django.conf import settings;"
        f"settings.STATIC_ROOT = {str(tmp_path)!r}; runpy.run_path('budget/gunicorn.py')"
    )
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "budget.settings",
            "SECRET_KEY": "x",
            "DATABASE_URL": "postgres://nobody@nowhere/nothing",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "manage.py collectstatic" in done.stderr
    assert "Traceback" not in done.stderr


def answers(figures: str, page: str) -> float:
    """How often a page was answered, as Prometheus is told."""
    name = "django_http_responses_total_by_status_view_method_total"
    found = re.findall(rf'^{name}\{{.*view="{page}".*\}} (.*)$', figures, re.MULTILINE)
    return sum(map(float, found))


def test_prometheus_is_told_what_two_workers_did_and_visitors_are_not(
    url: str, tmp_path: Path
) -> None:
    port = free_port()

    def figures() -> str:
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            return str(answer.read().decode())

    # Not where uploads lie: a disk that they have filled would end the workers.
    elsewhere = tmp_path / "uploads"
    elsewhere.mkdir()
    with Gunicorn(
        tmp_path, url, WEB_CONCURRENCY="2", METRICS_PORT=str(port), TMPDIR=str(elsewhere)
    ) as server:

        def ask_until_two_have_answered() -> tuple[set[int], int]:
            workers: set[int] = set()
            asked = 0
            # Which of them is free is nobody's choice.
            while len(workers) < 2 and asked < 1000:
                workers.add(int(server.get("/takes/?search=Loyer").read().split()[-1]))
                asked += 1
            return workers, asked

        workers, asked = ask_until_two_have_answered()
        assert server.ask("ODD", "/takes/").status == 200
        assert server.get("/readyz").status == 200
        assert server.get("/metrics").status == 404
        first = figures()

        # One is replaced: what it has counted is still there, and who comes goes on counting.
        gone = workers.pop()
        os.kill(gone, signal.SIGTERM)
        server.wait_for(message=f"Worker exiting (pid: {gone})")
        others, again = ask_until_two_have_answered()
        second = figures()
        files = {path.name for path in tmp_path.glob("budgeometre-metrics-*/counter_*")}

    assert gone not in others
    assert answers(first, "takes") == asked + 1
    assert answers(second, "takes") == asked + again + 1
    assert files
    assert files <= {"counter_0.db", "counter_1.db", "counter_2.db"}
    assert not list(tmp_path.glob("budgeometre-metrics-*")), "taken away when it stops"
    assert 'budget_database_seconds_count{database="default"}' in first
    assert 'method="ODD"' not in first, "each word would be a figure for good"
    assert "Loyer" not in second


def wait_until_asked(url: str, statement: str) -> None:
    """Return when the database is at work on a statement like this."""
    asked = "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE %s"
    asked += " AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as database:
        end = time.monotonic() + 30
        while not database.execute(asked, [statement]).fetchall():
            assert time.monotonic() < end, f"nobody asks {statement}"
            time.sleep(0.02)


def test_who_sends_slowly_is_waited_for_and_what_was_begun_is_finished(
    url: str, tmp_path: Path
) -> None:
    with Gunicorn(tmp_path, url, silence=5, WEB_TIMEOUT="3") as server:
        # A browser's connection that asks nothing yet, one that stops in the middle of a form,
        # and a file on a slow line.
        idle = server.connection()
        idle.connect()
        stopped = server.connection()
        stopped.putrequest("POST", "/takes/")
        stopped.putheader("Content-Length", "4")
        stopped.endheaders(b"x")
        upload = server.connection()
        upload.putrequest("POST", "/takes/")
        upload.putheader("Content-Length", "4")
        upload.endheaders()
        for _ in range(4):
            upload.send(b"x")
            time.sleep(0.9)
            assert server.get("/healthz").status == 200, "others are answered meanwhile"
        assert upload.getresponse().read().startswith(b"4 bytes")
        assert stopped.getresponse().status == 400

        slow = server.connection()
        slow.request("GET", "/waits/?search=Loyer")
        wait_until_asked(url, "SELECT pg_sleep%")
        server.process.send_signal(signal.SIGTERM)
        assert slow.getresponse().read() == b"done"
        server.process.wait(30)

        assert server.process.returncode == 0
        line = server.wait_for(logger="budget.queries")
        assert line["sql"] == "SELECT pg_sleep(%s)"
        assert line["request_id"] == server.wait_for(page="waits")["request_id"]
        assert line["seconds"] >= 1
        assert not [each for each in server.lines if each["level"] in {"ERROR", "CRITICAL"}]


def test_a_wrong_setting_stops_gunicorn_with_its_sentence() -> None:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    for given, said in (
        ({}, "SECRET_KEY is not set."),
        ({"SECRET_KEY": "x", "DATABASE_URL": "postgres:///x", "PORT": "99999"}, "PORT is “99999”"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "gunicorn", "--config", "budget/gunicorn.py", "budget.wsgi"],
            cwd=CHECKOUT,
            env=kept | given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith(said), done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("quota", "processors", "cores"),
    [
        ("max 100000", 2, 2),
        ("150000 100000", 8, 2),
        ("25000 100000", 8, 1),
        ("800000 100000", 2, 2),
        (None, 3, 3),
    ],
)
def test_a_containers_quota_counts_and_not_the_machine_around_it(
    quota: str | None, processors: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from budget import gunicorn

    def read(path: Path) -> str:
        if quota is None:
            raise FileNotFoundError(path)
        return quota

    monkeypatch.setattr(Path, "read_text", read)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(processors)))
    assert gunicorn.cores() == cores
