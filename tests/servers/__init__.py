"""Real servers for tests: each a context manager, gone when the tests are, however they end."""

import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from pwd import struct_passwd

from budget.core import embedded

CHECKOUT = Path(embedded.__file__).resolve().parents[2]

# Runs a program and has its exit status. When its own input ends, as it does with our process, it
# sends the program the signal that its first argument names.
GUARD = """
exec 3<&0
"$@" 3<&- & child=$!
{ read -r line <&3; kill -s "$0" $child; } & watch=$!
wait $child; status=$?
kill $watch
exit $status
"""


def start_guarded(
    command: Sequence[str | Path],
    *,
    log: Path,
    stop: str = "TERM",
    environment: Mapping[str, str] | None = None,
    account: struct_passwd | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that ends when its standard input is closed: at the latest with us.

    It is then sent the signal `stop`. What it says is added to `log`; it runs under `account`, or
    under our own. Ctrl-C does not reach it: that is for the tests, which stop it in good order.
    """
    return subprocess.Popen(
        ["sh", "-c", GUARD, stop, *command],
        cwd="/",
        env=environment,
        stdin=subprocess.PIPE,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


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
