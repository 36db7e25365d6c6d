"""Real servers for tests: each a context manager, gone when the tests are, however they end."""

import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from budget.core import embedded

CHECKOUT = Path(embedded.__file__).resolve().parents[2]


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for a server's files, removed at the end.

    Not pytest's: under root that is closed, and a server that does not run as root could not get
    into it.
    """
    folder = CHECKOUT / "var" / f"test-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
