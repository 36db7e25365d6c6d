"""The servers that other tests rest on do what those tests believe of them."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.servers import server_folder
from tests.servers.postgres import Primary, Standby


@pytest.fixture(scope="module")
def primary() -> Iterator[Primary]:
    with server_folder() as folder, Primary(folder) as primary:
        with psycopg.connect(primary.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE line (number integer)")
        yield primary


@pytest.fixture(scope="module")
def standby(primary: Primary) -> Iterator[Standby]:
    with primary.standby() as standby:
        yield standby


def write(primary: Primary, number: int) -> None:
    with psycopg.connect(primary.url, autocommit=True) as connection:
        connection.execute("INSERT INTO line VALUES (%s)", [number])


def has(server: Primary | Standby, number: int) -> bool:
    with psycopg.connect(server.url) as connection:
        found = connection.execute("SELECT FROM line WHERE number = %s", [number]).fetchone()
    return found is not None


def test_the_role_is_bound_by_policies_and_may_make_databases(primary: Primary) -> None:
    with psycopg.connect(primary.url) as connection:
        assert connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = user"
        ).fetchall() == [(False, False, True)]


def test_a_standby_follows_lags_and_catches_up(primary: Primary, standby: Standby) -> None:
    write(primary, 1)
    standby.catch_up()
    assert has(standby, 1)

    standby.pause()
    write(primary, 2)
    assert not has(standby, 2)

    standby.resume()
    assert has(standby, 2)


def test_a_standby_takes_no_writes(standby: Standby) -> None:
    with psycopg.connect(standby.url) as connection:
        assert connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("INSERT INTO line VALUES (0)")


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_standby_that_is_gone_comes_back_under_its_address(
    primary: Primary, standby: Standby, end: str
) -> None:
    url = standby.url
    getattr(standby, end)()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)

    write(primary, 3)
    standby.start()
    standby.catch_up()

    assert has(standby, 3)
    assert standby.url == url
