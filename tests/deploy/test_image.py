"""The image is really built and run: as its own user, in a tree that it cannot write to."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import socket
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.container import Container, Image, built, require_root
from tests.servers import free_port, server_folder
from tests.servers.postgres import Primary
from tests.servers.visitor import Visitor

pytestmark = pytest.mark.deploy

#: What the image may have beyond its base, unpacked.
LIMIT = 250_000_000
HOST = "budget.example.org"
PASSWORD = "correct horse battery staple"

#: Programs that build, install or keep a database: nothing of it is of use to the site.
BUILDERS = re.compile(
    r"(x86_64-linux-gnu-)?(cc|gcc|g\+\+|clang|ld|make|tcc)(-\d+)?"
    r"|node|npm|npx|uv|uvx|pip[\d.]*|cargo|rustc|go"
    r"|postgres|initdb|pg_ctl|pgserver|redis-server"
)

#: The head of a form that is sent; the three bytes of its body are to come.
HALF_A_REQUEST = b"""POST /accounts/login/ HTTP/1.1\r
Host: budget.example.org\r
X-Forwarded-Proto: https\r
Content-Type: application/x-www-form-urlencoded\r
Content-Length: 3\r
Expect: 100-continue\r
\r
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with server_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def image(folder: Path) -> Iterator[Image]:
    require_root()
    with built(folder / "image") as image:
        yield image


@pytest.fixture(scope="module")
def primary(folder: Path) -> Iterator[Primary]:
    with Primary(folder) as primary:
        yield primary


@pytest.fixture(scope="module")
def settings_given(primary: Primary) -> dict[str, str]:
    """What an operator sets, behind a proxy that speaks HTTPS."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATABASE_URL": primary.url,
        "ALLOWED_HOSTS": HOST,
        "BEHIND_PROXY": "1",
        "PORT": str(free_port()),
    }


@pytest.fixture(scope="module")
def web(image: Image, settings_given: dict[str, str], folder: Path) -> Iterator[Container]:
    """The site, started before anything is migrated."""
    with Container(image, settings_given, folder / "web.log") as web:
        until(lambda: answers(web, "/healthz")[0] == 200, web)
        yield web


@pytest.fixture(scope="module")
def migrated(image: Image, web: Container, settings_given: dict[str, str]) -> Container:
    done = image.run("python", "manage.py", "migrate", "--verbosity=0", **settings_given)
    assert done.returncode == 0, done.stdout + done.stderr
    return web


def answers(web: Container, path: str) -> tuple[int, str]:
    """The status and the text; 0 where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", int(web.environment["PORT"]), timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


def until(condition: Callable[[], bool], container: Container) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if not container.is_running() or time.monotonic() > deadline:
            pytest.fail(f"It did not come to it: {container.said()[-4000:]}")
        time.sleep(0.05)


def test_unpacked_it_has_less_than_250_mb_beyond_its_base(
    image: Image, record_property: Callable[[str, object], None]
) -> None:
    record_property("image beyond its base", f"{image.size / 1e6:.0f} MB unpacked")
    assert image.size < LIMIT


def test_it_has_no_compiler_no_package_manager_and_no_server_of_a_database(image: Image) -> None:
    ours = (path for top in ("app", "opt", "usr") for path in (image.root / top).rglob("*"))
    found = [
        str(path.relative_to(image.root))
        for path in ours
        if BUILDERS.fullmatch(path.name) and path.is_file() and os.access(path, os.X_OK)
    ]
    assert found == []


def test_nothing_in_it_belongs_to_its_user_or_can_be_written_by_everyone(image: Image) -> None:
    writable = []
    for top in ("app", "opt"):
        for path in (image.root / top).rglob("*"):
            status = path.lstat()
            if status.st_uid == 10001 or (
                status.st_mode & stat.S_IWOTH and not stat.S_ISLNK(status.st_mode)
            ):
                writable.append(path)
    assert writable == []


def test_no_secret_and_nothing_of_the_checkout_but_the_site_is_in_it(image: Image) -> None:
    assert {path.name for path in (image.root / "app").iterdir()} == {
        *("budget", "manage.py", "node_modules", "static", "templates", "var"),
    }
    assert [path.name for path in (image.root / "app" / "var").iterdir()] == ["static"]
    assert not [name for name in image.config["Env"] if re.match("SECRET|DATABASE|DEBUG", name)]


def test_it_says_who_runs_it_what_it_is_and_whether_it_is_healthy(image: Image) -> None:
    assert image.config["User"] == "10001:10001"
    assert image.config["Cmd"] == ["gunicorn", "--config", "budget/gunicorn.py", "budget.wsgi"]
    assert not image.config["Entrypoint"]
    assert image.config["ExposedPorts"] == {"8000/tcp": {}}
    assert image.config["Labels"]["org.opencontainers.image.revision"] == "0123abc"
    assert image.config["Labels"]["org.opencontainers.image.version"]
    assert image.config["Healthcheck"]["Test"][0] == "CMD"


def test_its_user_can_write_to_tmp_and_to_the_volume_of_backups_alone(image: Image) -> None:
    script = "id -u; id -g; for folder in / /app /app/var /opt/venv /etc /var /tmp /backups; do "
    script += "if touch $folder/x 2>/dev/null; then echo $folder; fi; done"
    done = image.run("sh", "-c", script)
    assert done.stdout.split() == ["10001", "10001", "/tmp", "/backups"], done.stderr  # noqa: S108
    # Of a volume that is made for it, the image's folder gives the owner.
    assert (image.root / "backups").stat().st_uid == 10001


def test_without_a_secret_key_it_refuses_in_a_sentence(image: Image, folder: Path) -> None:
    with Container(image, {}, folder / "refused.log") as refused:
        assert refused.process
        assert refused.process.wait(60) != 0
    assert "SECRET_KEY is not set. Make one with" in refused.said()
    done = image.run("python", "manage.py", "migrate")
    assert done.returncode != 0
    assert "SECRET_KEY is not set. Make one with" in done.stderr


def test_the_settings_of_a_production_pass_every_check(
    image: Image, settings_given: dict[str, str], migrated: Container
) -> None:
    check = ("python", "manage.py", "check", "--deploy", "--database=default")
    done = image.run(*check, "--fail-level=WARNING", **settings_given)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_does_not_migrate_by_itself_and_is_ready_once_that_is_done(
    image: Image, settings_given: dict[str, str], primary: Primary, folder: Path
) -> None:
    primary.execute("CREATE DATABASE fresh OWNER budget TEMPLATE template0")
    given = {
        **settings_given,
        "DATABASE_URL": primary.url.removesuffix("budget") + "fresh",
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": "1",
    }
    with Container(image, given, folder / "fresh.log") as fresh:
        until(lambda: answers(fresh, "/healthz")[0] == 200, fresh)
        assert answers(fresh, "/readyz") == (503, "migrations are not applied")


def test_who_signs_up_and_in_adds_a_line_and_finds_it_in_the_ledger(migrated: Container) -> None:
    port = int(migrated.environment["PORT"])
    assert answers(migrated, "/readyz") == (200, "ok")
    newcomer = Visitor(port, HOST, language="en")
    page = newcomer.get("/accounts/signup/")
    newcomer.send(page, "/accounts/signup/", email="alice@example.org", password1=PASSWORD)
    alice = Visitor(port, HOST, language="en")
    page = alice.get("/accounts/login/")
    alice.send(page, "/accounts/login/", login="alice@example.org", password=PASSWORD)
    household = re.match(r"/h/[^/]+/", alice.path)
    assert household, alice.path
    add = f"{household[0]}transactions/add/"
    page = alice.get(add)
    food = re.search(r'name="category" value="(\d+)"[^>]*>[^>]*<svg.*?</svg>Food<', page)
    assert food, page
    page = alice.send(
        page, add, kind="expense", amount="45.90", description="Bread", category=food[1]
    )
    ledger = alice.get(f"{household[0]}transactions/")
    assert "Bread" in ledger
    assert "45.90" in ledger


def test_what_a_page_asks_for_has_been_collected_and_compressed(migrated: Container) -> None:
    visitor = Visitor(int(migrated.environment["PORT"]), HOST)
    page = visitor.get("/accounts/login/")
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert any(address.endswith(".css") for address in addresses), page
    for address in addresses:
        connection = http.client.HTTPConnection("127.0.0.1", visitor.port, timeout=30)
        headers = {"X-Forwarded-Proto": "https", "Accept-Encoding": "gzip"}
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, address
        assert "immutable" in answer.headers["Cache-Control"], address
        if address.endswith((".css", ".js")) and len(answer.read()) > 1000:
            assert answer.headers["Content-Encoding"] == "gzip", address
        connection.close()


def test_its_health_check_knows_whether_the_site_answers(
    image: Image, migrated: Container, settings_given: dict[str, str]
) -> None:
    check = image.config["Healthcheck"]["Test"][1:]
    assert image.run(*check, **settings_given).returncode == 0
    assert image.run(*check, PORT=str(free_port())).returncode != 0


def test_a_backup_is_made_and_checked_with_its_own_clients_which_know_tls(
    image: Image, migrated: Container, settings_given: dict[str, str]
) -> None:
    backup = ("python", "manage.py", "backup", "/backups", "--check")
    done = image.run(*backup, **settings_given)
    assert done.returncode == 0, done.stdout + done.stderr
    for program in ("pg_dump", "pg_restore", "psql"):
        assert "(PostgreSQL) 18" in image.run(program, "--version").stdout
    # This server has no TLS; a client without it would refuse the word already.
    asked = image.run(
        "psql", f"{settings_given['DATABASE_URL']}?sslmode=require", "--command=SELECT 1"
    )
    assert "server does not support SSL" in asked.stderr


def test_its_commands_and_the_scheduler_run_in_it(
    image: Image, settings_given: dict[str, str], migrated: Container, folder: Path
) -> None:
    done = image.run("python", "manage.py", "check_ledger", **settings_given)
    assert done.returncode == 0, done.stdout + done.stderr
    with Container(
        image, settings_given, folder / "scheduler.log", ("python", "manage.py", "scheduler")
    ) as scheduler:
        until(lambda: "next at" in scheduler.said(), scheduler)
        assert scheduler.stop() == 0


def test_asked_to_stop_it_finishes_what_it_is_answering(
    image: Image, settings_given: dict[str, str], migrated: Container, folder: Path
) -> None:
    given = {**settings_given, "PORT": str(free_port()), "WEB_CONCURRENCY": "1"}
    with Container(image, given, folder / "stopped.log") as stopped:
        until(lambda: answers(stopped, "/readyz")[0] == 200, stopped)
        with socket.create_connection(("127.0.0.1", int(given["PORT"])), timeout=60) as visitor:
            visitor.sendall(HALF_A_REQUEST)
            # Its only worker has read the head, and waits for the rest.
            assert b"100 Continue" in visitor.recv(1000)
            stopped.ask_to_stop()
            until(lambda: answers(stopped, "/healthz")[0] == 0, stopped)
            visitor.sendall(b"a=b")
            # Without a token it is refused; but it is answered.
            assert b" 403 " in visitor.recv(1000).split(b"\r\n")[0]
        assert stopped.stop() == 0
    assert not stopped.is_running()
