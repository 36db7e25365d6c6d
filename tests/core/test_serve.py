"""`manage.py serve`: ready, told where, and gone at Ctrl-C."""

import io
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import runserver

from budget.core import embedded
from budget.core.management.commands import serve
from budget.users.models import User
from budget.users.services import household_create
from tests.servers import CHECKOUT, free_port, server_folder


@dataclass
class Connection:
    """A connection with a pool, of which `calls` tells that both were closed."""

    called: list[str]

    def close(self) -> None:
        self.called.append("close")

    def close_pool(self) -> None:
        self.called.append("close_pool")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that `serve` has called, which are not carried out."""
    called: list[str] = []

    def note(name: str, **options: object) -> None:
        called.append(name)

    def serve_nothing(command: runserver.Command, **options: object) -> None:
        called.append("runserver")

    monkeypatch.setattr(serve, "call_command", note)
    monkeypatch.setattr(runserver.Command, "run", serve_nothing)
    monkeypatch.setattr(serve, "end_with_terminal", lambda: None)
    # Closed, it would be gone for the tests that come after.
    monkeypatch.setattr(serve, "connection", Connection(called))
    return called


@pytest.fixture(autouse=True)
def restore_interrupt() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def port() -> int:
    return free_port()


def test_a_taken_port_is_named_before_anything_is_done(calls: list[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Port {port} is taken.*PORT={port + 1} make run"):
            call_command("serve", str(port))

    assert calls == []


def test_a_port_beyond_the_last_is_refused(calls: list[str]) -> None:
    with pytest.raises(CommandError, match="they end at 65535"):
        call_command("serve", "70000")

    assert calls == []


def test_an_address_that_is_not_ours_is_refused(calls: list[str]) -> None:
    with pytest.raises(CommandError, match="Port 8000 cannot be used"):
        call_command("serve", "192.0.2.1:8000")

    assert calls == []


def test_it_migrates_and_serves(calls: list[str], port: int, settings: Any) -> None:
    settings.DEMO = False

    call_command("serve", str(port))

    assert calls == ["migrate", "close", "close_pool", "runserver"]


@pytest.mark.django_db
def test_the_demonstration_is_seeded_once(calls: list[str], port: int, settings: Any) -> None:
    settings.DEMO = True

    call_command("serve", str(port))
    assert calls == ["migrate", "seed_demo", "close", "close_pool", "runserver"]
    calls.clear()

    household_create(name="Démo", owner=User.objects.create_user(serve.DEMO_EMAIL))
    call_command("serve", str(port))
    assert calls == ["migrate", "close", "close_pool", "runserver"]


@pytest.mark.django_db
def test_a_demonstration_whose_household_was_deleted_is_seeded_again(
    calls: list[str], port: int, settings: Any
) -> None:
    settings.DEMO = True
    User.objects.create_user(serve.DEMO_EMAIL)

    call_command("serve", str(port))

    assert "seed_demo" in calls


def test_the_reloaders_child_only_serves(
    calls: list[str], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_MAIN", "true")

    call_command("serve", str(port))

    assert calls == ["runserver"]


@pytest.mark.parametrize(
    ("demo", "address", "shown"),
    [
        (True, "127.0.0.1", "http://127.0.0.1:8123"),
        (False, "::1", "http://[::1]:8123"),
    ],
)
def test_the_address_is_shown_and_the_login_in_the_demonstration(
    settings: Any, demo: bool, address: str, shown: str
) -> None:
    settings.DEMO = demo
    output = io.StringIO()
    command = serve.Command(stdout=output, no_color=True)
    command.addr = address

    command.on_bind(8123)

    assert shown in output.getvalue()
    assert ("demo@example.org  demo-budgeometre" in output.getvalue()) == demo


class TestTerminal:
    """When a window is closed that had nothing but the server in it."""

    @pytest.fixture
    def killed(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        signals: list[int] = []
        monkeypatch.setattr(os, "kill", lambda _, number: signals.append(number))
        return signals

    def test_a_closed_terminal_ends_it(
        self, killed: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        window, terminal = pty.openpty()
        with os.fdopen(terminal) as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            threading.Timer(0.2, os.close, [window]).start()
            serve.end_with_terminal()

        assert killed == [signal.SIGTERM]

    def test_without_a_terminal_nothing_ends_it(
        self, killed: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Path(os.devnull).open() as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            serve.end_with_terminal()

        assert killed == []


@dataclass
class Window:
    """A terminal with `manage.py serve` in it."""

    process: subprocess.Popen[bytes]
    terminal: int
    seen: str = ""

    def read_until(self, text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.seen += os.read(self.terminal, 65536).decode()


@pytest.fixture
def folder() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder


@pytest.fixture
def window(port: int, folder: Path) -> Iterator[Window]:
    """The server in a terminal of its own, with a database of its own that it has to make."""
    server = embedded.Server(folder)
    leave = server.join()
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", str(port)],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": server.url, "DEBUG": "1", "DEMO": "0"},
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        # As a shell does for what it starts in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    os.close(inside)
    yield Window(process, terminal)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    os.close(terminal)
    leave()


def test_it_serves_and_stops_at_an_interrupt(window: Window, port: int) -> None:
    window.read_until("Ctrl-C")

    assert re.search(rf"http://127\.0\.0\.1:{port}\b", window.seen)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
        assert answer.status == 200

    os.killpg(window.process.pid, signal.SIGINT)
    assert window.process.wait(timeout=15) == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
