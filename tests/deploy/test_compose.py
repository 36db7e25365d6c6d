"""docker-compose.yml is valid, keeps its promises, and what it starts works."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from budget.core.embedded import programs as postgres_programs
from budget.settings import env
from tests.programs import find, require
from tests.servers import CHECKOUT, free_port, server_folder, start_guarded
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.deploy

COMPOSE = (CHECKOUT / "docker-compose.yml").read_text()
EXAMPLE = CHECKOUT / "docker" / "env.example"
ENVIRONMENT = {"SECRETS": "./secrets", "ALLOWED_HOSTS": "budget.example.org"}
SITE = ("web", "migrate", "scheduler")
PROFILES = {"redis", "pgbouncer", "replica"}

#: What .env may say that is no setting of the site: it is compose's.
OF_COMPOSE = {"COMPOSE_PROFILES", "DATABASE_URL_SECRET", "PUBLISH", "SECRETS", "VERSION"}
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Refused(Exception):  # noqa: N818 - compose's own word
    """What compose says where a variable is missing."""


def compose(environment: dict[str, str], text: str = COMPOSE) -> dict[str, Any]:
    """The file as compose sees it, with these variables."""

    def value(found: re.Match[str]) -> str:
        name, kind, alternative = found.groups()
        if given := environment.get(name, ""):
            return given
        if kind == "?":
            raise Refused(alternative)
        return alternative or ""

    return dict(yaml.safe_load(VARIABLE.sub(value, text)))


SERVICES: dict[str, dict[str, Any]] = compose(ENVIRONMENT)["services"]


def test_it_is_what_the_compose_specification_says_and_a_slip_would_be_found(
    tmp_path: Path,
) -> None:
    ours = ["docker-compose.yml", "docker-compose.override.example.yml"]
    slip = tmp_path / "slip.yml"
    slip.write_text(COMPOSE.replace("read_only: true", "readonly: true"))
    check = [require("check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, *ours, slip], cwd=CHECKOUT, capture_output=True, text=True)
    assert "slip.yml::$.services.web" in done.stdout, done.stdout + done.stderr
    assert not [name for name in ours if f"{name}::" in done.stdout], done.stdout


def test_compose_itself_takes_it_where_it_is_installed(tmp_path: Path) -> None:
    docker = find("docker")
    command = [docker, "compose"] if docker else [require("docker-compose")]
    if subprocess.run([*command, "version"], capture_output=True).returncode:
        pytest.skip("docker is here without its compose.")
    shutil.copy(CHECKOUT / "docker-compose.yml", tmp_path)
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in ENVIRONMENT.items()))
    done = subprocess.run(
        [*command, "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


# --- What it refuses -----------------------------------------------------------------------------


def test_without_passwords_it_refuses_and_says_how_to_make_them() -> None:
    with pytest.raises(Refused, match=r"docker/make-secrets\.sh"):
        compose({})
    with pytest.raises(Refused, match=r"no passwords yet: run docker/make-secrets\.sh"):
        compose({"ALLOWED_HOSTS": "budget.example.org"})


def test_without_a_name_to_answer_to_it_refuses_and_says_where_to_write_it() -> None:
    with pytest.raises(Refused, match=r"into it which names .* ALLOWED_HOSTS=budget"):
        compose({"SECRETS": "./secrets"})


def test_no_password_stands_in_it_and_none_has_a_default() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if value and re.search("SECRET|PASSWORD|KEY|TOKEN|_URL", variable):
                assert variable.endswith("_FILE"), (name, variable)
                assert str(value).startswith("/run/secrets/"), (name, variable)
    for secret in compose(ENVIRONMENT)["secrets"].values():
        assert list(secret) == ["file"]
        assert secret["file"].startswith("./secrets/")


def test_each_service_gets_the_secrets_it_reads_and_no_others() -> None:
    given = {name: set(service.get("secrets", ())) for name, service in SERVICES.items()}
    site = {"secret_key", "database_url", "pooled_database_url", "replica_url"}
    assert given == {
        **dict.fromkeys(SITE, site),
        "db": {"postgres_password", "database_password", "replication_password"},
        "replica": {"replication_password"},
        "pgbouncer": {"pgbouncer_users"},
        "redis": set(),
    }


# --- What it promises ----------------------------------------------------------------------------


def test_without_profiles_it_is_the_site_its_database_and_the_scheduled_work() -> None:
    assert {name for name, each in SERVICES.items() if not each.get("profiles")} == {*SITE, "db"}
    assert {name: set(SERVICES[name]["profiles"]) for name in PROFILES} == {
        name: {name} for name in PROFILES
    }


def test_without_profiles_it_needs_less_than_one_gigabyte_of_memory() -> None:
    def limit(service: dict[str, Any]) -> int:
        return int(service["deploy"]["resources"]["limits"]["memory"].removesuffix("M"))

    assert all(limit(each) for each in SERVICES.values())
    assert sum(limit(each) for each in SERVICES.values() if not each.get("profiles")) < 1000


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_write_to_its_volumes_alone_and_never_becomes_root(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    # The image of the site and that of PgBouncer have their own user.
    assert service.get("user", "root") in {"postgres", "redis"} or "build" in service
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service)
    assert service["deploy"]["resources"]["limits"]["pids"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert not service["image"].endswith(":latest")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_starts_again_by_itself_and_says_whether_it_is_healthy(name: str) -> None:
    service = SERVICES[name]
    if name == "migrate":
        assert service["restart"] == "no"
        assert service["healthcheck"] == {"disable": True}
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"


def test_the_site_starts_when_the_database_answers_and_is_migrated_and_migrates_nothing() -> None:
    for name in ("web", "scheduler"):
        waits = SERVICES[name]["depends_on"]
        assert waits["db"] == {"condition": "service_healthy"}
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert SERVICES["migrate"]["command"] == ["python", "manage.py", "migrate"]
    # The image's own: gunicorn.
    assert not {"command", "entrypoint"} & set(SERVICES["web"])
    for name in PROFILES:
        assert SERVICES["web"]["depends_on"][name]["required"] is False


def test_only_the_site_can_be_reached_and_only_from_this_machine_unless_asked() -> None:
    assert {name: each["ports"] for name, each in SERVICES.items() if "ports" in each} == {
        "web": ["127.0.0.1:8000:8000"]
    }
    networks = compose(ENVIRONMENT)["networks"]
    for name in ("db", *PROFILES):
        assert all(networks[each]["internal"] for each in SERVICES[name]["networks"]), name


def test_migrations_and_backups_go_past_pgbouncer_and_wait_for_no_replica() -> None:
    services = compose({**ENVIRONMENT, "DATABASE_URL_SECRET": "pooled_database_url"})["services"]
    urls = {name: services[name]["environment"]["DATABASE_URL_FILE"] for name in SITE}
    assert urls == {
        "web": "/run/secrets/pooled_database_url",
        "migrate": "/run/secrets/database_url",
        "scheduler": "/run/secrets/database_url",
    }
    for name in ("migrate", "scheduler"):
        # Empty is not given, whatever .env says.
        assert services[name]["environment"]["DATABASE_REPLICA_URL_FILE"] == ""


def test_every_variable_is_a_setting_of_the_site_or_composes_own() -> None:
    # Without DEBUG this one is read as well.
    settings = {*env.defaults, "DATABASE_URL"}
    known = OF_COMPOSE | settings | {f"{name}_FILE" for name in settings}
    used = {found[1] for found in VARIABLE.finditer(COMPOSE)}
    assert used <= known
    assert OF_COMPOSE - {"COMPOSE_PROFILES"} <= used
    offered = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))
    assert offered <= known
    for name in SITE:
        assert set(SERVICES[name]["environment"]) <= known


def test_what_the_head_says_of_each_profile_is_what_the_example_has() -> None:
    head = COMPOSE.partition("\nname:")[0]
    example = EXAMPLE.read_text()
    lines = re.findall(r"^#   (redis|pgbouncer|replica) +(\w+=\S+)$", head, re.MULTILINE)
    assert {profile for profile, _ in lines} == PROFILES
    for _, line in lines:
        assert f"#{line}\n" in example


def test_the_override_for_development_changes_services_that_there_are() -> None:
    override = yaml.safe_load((CHECKOUT / "docker-compose.override.example.yml").read_text())
    assert set(override["services"]) <= set(SERVICES)
    for service in override["services"].values():
        for volume in service.get("volumes", ()):
            here, there, mode = volume.split(":")
            assert there == f"/app/{here.removeprefix('./')}"
            assert mode == "ro"


# --- The passwords -------------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing in it but what makes the passwords."""
    shutil.copytree(CHECKOUT / "docker", tmp_path / "docker")
    return tmp_path


def make_secrets(checkout: Path) -> str:
    done = subprocess.run(
        [checkout / "docker" / "make-secrets.sh"], cwd="/", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def secrets_of(checkout: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (checkout / "secrets").iterdir()}


def test_every_secret_that_compose_asks_for_is_made_and_no_other(checkout: Path) -> None:
    make_secrets(checkout)
    made = secrets_of(checkout)
    assert set(made) == set(compose(ENVIRONMENT)["secrets"])
    passwords = [made[name].strip() for name in made if name.endswith(("password", "key"))]
    assert len(set(passwords)) == 4
    assert all(re.fullmatch("[A-Za-z0-9]{48}", each) for each in passwords)
    password = made["database_password"].strip()
    assert made["database_url"] == f"postgres://budget:{password}@db:5432/budget\n"
    assert made["pooled_database_url"] == f"postgres://budget:{password}@pgbouncer:6432/budget\n"
    assert made["replica_url"] == f"postgres://budget:{password}@replica:5432/budget\n"
    assert made["pgbouncer_users"] == f'"budget" "{password}"\n'


def test_nobody_else_on_the_machine_gets_at_them_but_each_container_can_read_its_own(
    checkout: Path,
) -> None:
    make_secrets(checkout)
    assert stat.S_IMODE((checkout / "secrets").stat().st_mode) == 0o700
    for path in (checkout / "secrets").iterdir():
        # Compose gives a file as it is to a container, whose user has another number.
        assert stat.S_IMODE(path.stat().st_mode) == 0o444, path.name


def test_made_once_more_nothing_changes(checkout: Path) -> None:
    assert "ALLOWED_HOSTS" in make_secrets(checkout)
    (checkout / ".env").write_text("SECRETS=./secrets\nALLOWED_HOSTS=budget.example.org\n")
    before = secrets_of(checkout)
    (checkout / "secrets" / "replica_url").unlink()
    assert make_secrets(checkout) == "secrets/replica_url is made.\n"
    assert secrets_of(checkout) == before
    assert "ALLOWED_HOSTS=budget.example.org" in (checkout / ".env").read_text()


def test_settings_that_were_there_before_are_kept_and_know_where_the_passwords_are(
    checkout: Path,
) -> None:
    (checkout / ".env").write_text("ALLOWED_HOSTS=budget.example.org")
    make_secrets(checkout)
    lines = (checkout / ".env").read_text().splitlines()
    assert "ALLOWED_HOSTS=budget.example.org" in lines
    assert "SECRETS=./secrets" in lines


# --- The database, its replica, and PgBouncer ----------------------------------------------------


class Database(Postgres):
    """The service `db`: a new server as PostgreSQL's image makes it, and our script run in it."""

    def __enter__(self) -> Database:
        self._files.create_cluster("--no-sync")
        # As in the image: whoever comes over the network has a password, the script has none.
        trusted = "host all postgres 127.0.0.1/32 trust\n"
        hba = self.data / "pg_hba.conf"
        hba.write_text(f"{trusted}host all all all scram-sha-256\n")
        with (self.data / "postgresql.conf").open("a") as settings:
            for each in SERVICES["db"]["command"][1:]:
                name, _, value = each.removeprefix("--").partition("=")
                settings.write(f"{name} = '{value}'\n")
        super().__enter__()
        shutil.copytree(CHECKOUT / "docker", self.folder / "docker")
        make_secrets(self.folder)
        done = subprocess.run(
            [CHECKOUT / "docker" / "init-database.sh"],
            env={**self.environment, "PGHOST": "127.0.0.1", "PGPORT": str(self.port)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        self.execute("SELECT pg_reload_conf()")
        return self

    @property
    def data(self) -> Path:
        return self._files.data

    @property
    def environment(self) -> dict[str, str]:
        """What the image gives our scripts."""
        return {
            "PATH": f"{postgres_programs()}:{os.environ['PATH']}",
            "PGDATA": str(self.data),
            "SECRETS": str(self.folder / "secrets"),
        }

    def secret(self, name: str) -> str:
        return (self.folder / "secrets" / name).read_text().strip()

    def url_of(self, secret: str, port: int) -> str:
        """A URL from the secrets, with the place where the service is in this test."""
        return re.sub(r"@\w+:\d+/", f"@127.0.0.1:{port}/", self.secret(secret))


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with server_folder() as folder, Database(folder) as database:
        # The scripts run as the server's account, as in the image.
        (folder / "secrets").chmod(0o755)
        yield database


def test_the_role_that_the_script_makes_is_bound_by_the_policies(database: Database) -> None:
    url = database.folder / "url"
    url.write_text(database.url_of("database_url", database.port))
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--database=default"],
        cwd=CHECKOUT,
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL_FILE": str(url),
            "SECRET_KEY_FILE": str(database.folder / "secrets" / "secret_key"),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    # What would see through them is refused: the check has really looked.
    assert database.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = 'budget'"
    ) == [False]
    with psycopg.connect(url.read_text()) as site:
        site.execute("CREATE TABLE mine (id int)")


def test_nobody_gets_in_without_the_password(database: Database) -> None:
    url = database.url_of("database_url", database.port)
    wrong = url.replace(database.secret("database_password"), "budget")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    replication = f"host=127.0.0.1 port={database.port} user=replication dbname=budget"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(f"{replication} password={database.secret('replication_password')}")


@contextmanager
def running(
    database: Database, command: list[str | Path], environment: dict[str, str], log: Path
) -> Iterator[None]:
    """A program that runs as the database's account."""
    account = database._files.account()
    process = start_guarded(command, log=log, environment=environment, account=account)
    try:
        yield
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(60)


def ask(url: str, question: str, answer: object, log: Path) -> None:
    """Ask until the answer is this one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(psycopg.Error), psycopg.connect(url) as connection:
            row = connection.execute(question.encode()).fetchone()
            if row and row[0] == answer:
                return
        time.sleep(0.05)
    pytest.fail(f"{question} was never {answer}: {log.read_text()[-3000:]}")


def test_a_replica_copies_the_database_follows_it_and_starts_again_with_what_it_has(
    database: Database,
) -> None:
    folder = database.folder / "replica"
    folder.mkdir()
    # The image's own entry point, which has nothing to do where there are data.
    entry = folder / "docker-entrypoint.sh"
    entry.write_text('#!/bin/sh\nexec "$@"\n')
    entry.chmod(0o755)
    shutil.copy(CHECKOUT / "docker" / "start-replica.sh", folder)
    if account := database._files.account():
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = free_port()
    environment = {
        **database.environment,
        "PATH": f"{folder}:{database.environment['PATH']}",
        "PGDATA": str(folder / "18" / "docker"),
        "PRIMARY": "127.0.0.1",
        "PRIMARY_PORT": str(database.port),
    }
    command: list[str | Path] = [folder / "start-replica.sh", *SERVICES["replica"]["command"]]
    command += [f"--port={port}", "--listen_addresses=127.0.0.1", "--unix_socket_directories="]
    log = folder / "log"
    log.touch()
    primary = database.url_of("database_url", database.port)
    url = database.url_of("replica_url", port)
    with psycopg.connect(primary) as site:
        site.execute("CREATE TABLE line (amount int)")
    with running(database, command, environment, log):
        ask(url, "SELECT pg_is_in_recovery()", True, log)
        with psycopg.connect(primary) as site:
            site.execute("INSERT INTO line VALUES (45)")
        ask(url, "SELECT sum(amount) FROM line", 45, log)
        with psycopg.connect(url) as reader, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("DELETE FROM line")
    with psycopg.connect(primary) as site:
        site.execute("INSERT INTO line VALUES (10)")
    # It is started again without what it copied with: it does not copy once more.
    environment["SECRETS"] = "/nonexistent"
    with running(database, command, environment, log):
        ask(url, "SELECT sum(amount) FROM line", 55, log)


def test_pgbouncer_takes_its_settings_and_lets_the_site_in(database: Database) -> None:
    program = require("pgbouncer")
    port = free_port()
    settings = (CHECKOUT / "docker" / "pgbouncer" / "pgbouncer.ini").read_text()
    for ours, here in {
        "host=db port=5432": f"host=127.0.0.1 port={database.port}",
        "listen_addr = *": "listen_addr = 127.0.0.1",
        "listen_port = 6432": f"listen_port = {port}",
        "/run/secrets/": f"{database.folder}/secrets/",
    }.items():
        assert ours in settings
        settings = settings.replace(ours, here)
    file = database.folder / "pgbouncer.ini"
    file.write_text(settings)
    log = database.folder / "pgbouncer.log"
    log.touch()
    with running(database, [program, file], {"PATH": os.environ["PATH"]}, log):
        url = database.url_of("pooled_database_url", port)
        ask(url, "SELECT current_user::text", "budget", log)
        with pytest.raises(psycopg.OperationalError, match="authentication failed"):
            psycopg.connect(url.replace(database.secret("database_password"), "budget"))
