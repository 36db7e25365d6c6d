"""The embedded server: it is there for all who ask, and gone when they are."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from budget.core import embedded
from budget.core.configuration import Environment
from budget.core.embedded import Server
from tests.servers import CHECKOUT, server_folder

# What another process does: joins, says so, and stays until it is told to go.
MEMBER = """
import sys
from pathlib import Path
from budget.core import embedded
print(embedded.database(Path(sys.argv[1]))["HOST"], flush=True)
sys.stdin.read()
"""

Join = Callable[[Path], subprocess.Popen[str]]


@contextmanager
def stopped_folder() -> Iterator[Path]:
    """A folder whose server has stopped by itself before it is removed."""
    with server_folder() as folder:
        yield folder
        eventually(lambda: not is_running(folder))


@pytest.fixture
def fresh() -> Iterator[Path]:
    """A folder where no server has been yet."""
    with stopped_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def settled() -> Iterator[Path]:
    with stopped_folder() as folder:
        Server(folder).join()()
        yield folder


@pytest.fixture
def var(settled: Path) -> Iterator[Path]:
    """A folder with the data of a server that does not run; making them takes the longest."""
    assert not is_running(settled)
    yield settled
    eventually(lambda: not is_running(settled))


@pytest.fixture
def start() -> Iterator[Join]:
    """Starts another process that joins the server of a folder; all are gone at the end."""
    members: list[subprocess.Popen[str]] = []

    def start(var: Path) -> subprocess.Popen[str]:
        member = subprocess.Popen(
            [sys.executable, "-c", MEMBER, str(var)],
            cwd=CHECKOUT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        members.append(member)
        return member

    yield start
    for member in members:
        member.kill()
        member.communicate()


def wait_for(member: subprocess.Popen[str]) -> str:
    """Return the host that the process was given, once it has been."""
    assert member.stdout is not None
    return member.stdout.readline().strip()


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def is_running(var: Path) -> bool:
    return (var / "postgres" / "postmaster.pid").exists()


def query(server: Server, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url) as connection:
        return connection.execute(statement).fetchall()


def test_role_owns_its_database_and_is_subject_to_policies(var: Path) -> None:
    server = Server(var)
    leave = server.join()

    assert query(
        server, "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = user"
    ) == [(False, False, True)]
    assert query(
        server,
        "SELECT datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding)"
        " FROM pg_database WHERE datname = current_database()",
    ) == [("budget", "budget", "UTF8")]
    assert query(server, "SELECT upper('œuvre d’été')") == [("ŒUVRE D’ÉTÉ",)]

    leave()
    assert not is_running(var)


def test_data_survive_a_stop(var: Path) -> None:
    server = Server(var)
    leave = server.join()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    leave()

    leave = server.join()
    assert query(server, "SELECT answer FROM kept") == [(42,)]
    leave()


def test_many_may_start_it_at_once_where_it_was_half_made(fresh: Path, start: Join) -> None:
    draft = fresh / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")

    members = [start(fresh) for _ in range(6)]

    assert {wait_for(member) for member in members} == {str(fresh / "postgres")}
    assert query(Server(fresh), "SELECT 1") == [(1,)]


def test_one_that_runs_is_joined(var: Path) -> None:
    first, second = Server(var), Server(var)
    leave_first = first.join()
    leave_second = second.join()

    leave_first()
    assert query(second, "SELECT 1") == [(1,)]
    leave_second()
    assert not is_running(var)


def test_one_that_runs_without_the_database_is_given_it(var: Path) -> None:
    server = Server(var)
    leave = server.join()
    with server._connect("postgres") as connection:
        connection.execute("DROP DATABASE budget")

    leave_again = server.join()

    assert query(server, "SELECT current_database()") == [("budget",)]
    leave()
    leave_again()


def test_the_last_to_leave_stops_it(var: Path, start: Join) -> None:
    first, second = start(var), start(var)
    wait_for(first)
    wait_for(second)

    second.communicate("")
    assert is_running(var)
    first.communicate("")
    # At once: whoever looks when the command has ended finds nothing running.
    assert not is_running(var)


def test_it_stops_when_its_users_are_killed(var: Path, start: Join) -> None:
    first, second = start(var), start(var)
    wait_for(first)
    wait_for(second)

    first.kill()
    first.wait()
    assert query(Server(var), "SELECT 1") == [(1,)]
    second.send_signal(signal.SIGTERM)
    eventually(lambda: not is_running(var))


def test_one_that_was_killed_does_not_keep_it_from_stopping(var: Path, start: Join) -> None:
    first, second = start(var), start(var)
    wait_for(first)
    wait_for(second)

    first.kill()
    first.wait()
    second.communicate("")

    assert not is_running(var)


def test_the_keeper_waits_for_the_last_one(var: Path) -> None:
    server = Server(var)
    leave = server.join()
    lock = os.open(var / "run" / "lock-of-a-test", os.O_RDWR | os.O_CREAT)
    keeper = threading.Thread(target=server.keep, args=[lock])
    keeper.start()

    keeper.join(timeout=0.2)
    assert keeper.is_alive()
    leave()

    keeper.join(timeout=15)
    assert not keeper.is_alive()
    assert not is_running(var)


def test_a_server_in_use_is_not_stopped(var: Path) -> None:
    server = Server(var)
    leave = server.join()

    assert not server.stop_if_idle()
    assert query(server, "SELECT 1") == [(1,)]
    leave()
    assert server.stop_if_idle()


def test_leaving_is_harmless_when_the_folder_is_gone(var: Path) -> None:
    server = Server(var)
    leave = server.join()
    server.run_program("pg_ctl", "stop")
    shutil.rmtree(server.run)

    leave()


@pytest.mark.parametrize("name", ["d" * 120, "a,b"])
def test_a_folder_no_socket_can_be_named_by_has_a_short_path(fresh: Path, name: str) -> None:
    server = Server(fresh / name)
    server.run.mkdir(parents=True)

    host = Path(server.host)

    assert len(os.fsencode(host)) < 100
    assert "," not in str(host)
    assert host.readlink() == server.data
    assert host.parent.stat().st_mode & 0o077 == 0
    server._forget_short_path()


def test_it_runs_in_a_folder_with_a_long_and_strange_name(fresh: Path) -> None:
    folder = fresh / f"à la maison, “chez nous” {'d' * 80}"
    folder.mkdir()
    server = Server(folder)
    leave = server.join()

    host = Path(server.host)
    assert query(server, "SELECT 1") == [(1,)]

    leave()
    assert not is_running(folder)
    assert not host.parent.exists()


def test_a_short_path_that_leads_elsewhere_is_not_taken(fresh: Path) -> None:
    server = Server(fresh)
    server.run.mkdir()
    strange = fresh / "strange"
    strange.symlink_to(fresh)
    (server.run / "short").write_text(str(strange))

    link = Path(server._short_path())

    assert link.readlink() == server.data
    assert server._short_path() == str(link)
    server._forget_short_path()
    assert not link.parent.exists()
    assert strange.is_symlink()


def test_it_starts_after_a_crash_whose_number_another_program_has(var: Path) -> None:
    server = Server(var)
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n.\n\n\n")

    leave = server.join()

    assert query(server, "SELECT 1") == [(1,)]
    leave()


def test_a_log_that_has_grown_large_starts_anew(var: Path) -> None:
    server = Server(var)
    log = server.data / "server.log"
    os.truncate(log, 10_000_001)

    server.join()()

    assert log.stat().st_size < 10_000


def test_what_keeps_it_from_starting_is_told(var: Path) -> None:
    server = Server(var)
    version = server.data / "PG_VERSION"
    version.write_text("7\n")

    with pytest.raises(ImproperlyConfigured, match="did not start") as refusal:
        server.join()

    version.write_text("18\n")
    assert str(server.data / "server.log") in str(refusal.value)
    assert "DATABASE_URL" in str(refusal.value)


def test_without_the_package_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "find_spec", lambda _: None)

    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        embedded.programs()


def test_a_closed_folder_is_refused_and_stays_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    inner = home / "checkout"
    inner.mkdir(parents=True)
    home.chmod(0o700)
    stranger = next(each for each in pwd.getpwall() if each.pw_uid not in (0, os.getuid()))
    ourselves = pwd.getpwuid(os.getuid())

    with pytest.raises(ImproperlyConfigured, match="is closed to other accounts"):
        embedded._refuse_closed_folders(stranger, [inner])
    embedded._refuse_closed_folders(ourselves, [inner])

    assert home.stat().st_mode & 0o777 == 0o700


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in a checkout, both ours."""
    data = tmp_path / "checkout" / "var" / "postgres"
    data.mkdir(parents=True)
    return data


def account(data: Path) -> pwd.struct_passwd | None:
    return Server(data.parent).account()


def test_a_user_runs_postgresql_as_themselves(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.getuid() == 0:
        os.chown(data, 4242, 4242)
    monkeypatch.setattr(os, "geteuid", lambda: data.stat().st_uid)

    assert account(data) is None
    data.rmdir()
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert account(data) is None


def test_data_of_another_user_are_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: data.stat().st_uid + 1)

    with pytest.raises(ImproperlyConfigured, match="belongs to another user"):
        account(data)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("given", ["data", "checkout"])
def test_root_runs_it_as_the_user_whose_checkout_it_is(data: Path, given: str) -> None:
    stranger = next(each for each in pwd.getpwall() if each.pw_uid != 0)
    if given == "data":
        os.chown(data, stranger.pw_uid, stranger.pw_gid)
    else:
        data.rmdir()
        os.chown(data.parent.parent, stranger.pw_uid, stranger.pw_gid)

    assert account(data) == stranger


def test_root_has_an_account_made_for_its_own(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = pwd.getpwuid(os.getuid())
    asked: list[list[str]] = []

    def getpwnam(name: str) -> pwd.struct_passwd:
        if len(asked) < 1:
            raise KeyError(name)
        return ours

    monkeypatch.setattr(pwd, "getpwnam", getpwnam)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command))

    assert embedded._server_account() == ours
    assert asked[0][0] == "useradd"
    assert asked[0][-1] == embedded.SERVER_ACCOUNT
    assert embedded._server_account() == ours
    assert len(asked) == 1


def test_where_no_account_can_be_made_root_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> pwd.struct_passwd:
        raise KeyError(name)

    monkeypatch.setattr(pwd, "getpwnam", unknown)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: None)
    monkeypatch.setattr(time, "sleep", lambda _: None)

    with pytest.raises(ImproperlyConfigured, match="ordinary user"):
        embedded._server_account()


def test_a_var_folder_of_another_user_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def join(server: Server) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "run" / "users"))

    monkeypatch.setattr(Server, "join", join)

    with pytest.raises(ImproperlyConfigured, match=r"run.users belongs to another user"):
        embedded.database(tmp_path)


def test_settings_may_be_imported_more_than_once(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_exit: list[Callable[[], None]] = []
    monkeypatch.setattr(atexit, "register", at_exit.append)
    monkeypatch.setattr(embedded, "_joined", {})

    entry = embedded.database(var)

    assert embedded.database(var) == entry
    assert entry["HOST"] == str(var / "postgres")
    assert len(at_exit) == 1
    at_exit[0]()
    assert not is_running(var)


def test_a_command_is_given_the_address(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = var / "told"
    server = Server(var)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(embedded, "_server", lambda _: server)

    code = embedded.main(["run", "sh", "-c", f"echo $DATABASE_URL >'{told}'; exit 7"])

    assert code == 7
    entry = Environment({"DATABASE_URL": told.read_text()}).database("DATABASE_URL")
    assert entry
    assert entry["USER"] == entry["NAME"] == "budget"
    assert entry["HOST"] == server.host


def test_a_command_keeps_the_address_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/budget")
    told = tmp_path / "told"

    embedded.main(["run", "sh", "-c", f"echo $DATABASE_URL >'{told}'"])

    assert told.read_text() == "postgres://elsewhere/budget\n"


def test_without_a_command_the_usage_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert embedded.main(["run"]) == 2
    assert capsys.readouterr().err.startswith("usage:")


def test_the_keeper_is_told_its_lock(var: Path) -> None:
    server = Server(var)
    server.run.mkdir(exist_ok=True)
    lock = os.open(server.run / "lock-of-a-test", os.O_RDWR | os.O_CREAT)

    assert embedded.main(["keep", str(var), str(lock)]) == 0
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(lock)
