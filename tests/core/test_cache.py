"""Redis makes pages quicker, and is needed for none: against a real redis-server."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from budget import settings as project_settings
from budget.core.cache import RedisCache, StrictRedisCache
from tests.conftest import PASSWORD
from tests.servers.redis import Redis


def summaries() -> RedisCache:
    found = caches["summaries"]
    assert isinstance(found, RedisCache)
    return found


def sessions() -> StrictRedisCache:
    found = caches["sessions"]
    assert isinstance(found, StrictRedisCache)
    return found


def pass_pause() -> None:
    """The time for which a Redis that failed is left alone is over."""
    summaries().server.left_alone_until = 0.0


AWAY = [Redis.kill, Redis.hang]


@pytest.mark.parametrize("go", AWAY)
def test_nothing_fails_and_everything_is_a_miss_while_redis_is_away(
    redis: Redis, go: Callable[[Redis], None]
) -> None:
    summaries().set("number", 1)
    go(redis)
    for _ in range(2):  # at first it fails, then it is left alone
        assert summaries().get("number", "none") == "none"
        assert summaries().get_many(["number"]) == {}
        assert not summaries().has_key("number")
        assert "number" not in summaries()
        assert not summaries().add("number", 2)
        assert not summaries().delete("number")
        assert not summaries().touch("number")
        assert summaries().set_many({"number": 2, "other": 3}) == ["number", "other"]
        assert summaries().get_or_set("number", 4) == 4
        summaries().set("number", 2)
        summaries().delete_many(["number"])
        summaries().clear()
        with pytest.raises(ValueError, match="not found"):
            summaries().incr("number")


def test_a_redis_that_failed_is_left_alone_and_then_used_again(redis: Redis) -> None:
    redis.kill()
    assert summaries().get("colour") is None
    redis.start()
    summaries().set("colour", "green")
    assert redis.names() == []
    pass_pause()
    summaries().set("colour", "green")
    assert summaries().get("colour") == "green"


def test_all_caches_of_a_process_leave_a_failing_redis_alone(redis: Redis) -> None:
    redis.kill()
    summaries().get("colour")
    assert sessions().server.left_alone


def test_a_redis_that_was_restarted_between_two_requests_is_no_failure(redis: Redis) -> None:
    summaries().set("colour", "green")
    redis.kill()
    redis.start(empty=True)
    assert summaries().get("colour") is None
    assert not summaries().server.left_alone


def test_what_a_restarted_redis_has_kept_is_found(redis: Redis) -> None:
    summaries().set("colour", "green")
    redis.kill()
    redis.start()
    assert summaries().get("colour") == "green"


def test_a_redis_that_is_full_is_a_miss(redis: Redis) -> None:
    redis.client.config_set("maxmemory", 1)
    summaries().set("colour", "green")
    assert summaries().get("colour") is None


def test_a_redis_on_a_socket_is_used(redis: Redis, settings: Settings) -> None:
    settings.CACHES = project_settings.caches(redis.socket_url)
    summaries().set("colour", "green")
    assert summaries().get("colour") == "green"
    assert len(redis.names()) == 1


class Burglar:
    """A pickle that runs somebody else's code where it is read."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.trace,)


def test_code_that_somebody_put_into_redis_is_not_run(redis: Redis, tmp_path: Path) -> None:
    summaries().set("colour", "green")
    (key,) = redis.names()
    forged = pickle.dumps(Burglar(tmp_path / "was-here"))
    for value in (forged, b"x" * 16 + forged, b"", b"x"):
        redis.client.set(key, value)
        assert summaries().get("colour", "none") == "none"
        assert summaries().get_many(["colour"]) == {}
    assert not (tmp_path / "was-here").exists()
    assert not summaries().server.left_alone


def test_what_was_signed_with_another_key_is_a_miss(redis: Redis, settings: Settings) -> None:
    summaries().set("colour", "green")
    settings.SECRET_KEY = "another"
    assert summaries().get("colour") is None


def test_numbers_can_be_counted_up(redis: Redis) -> None:
    summaries().set("number", -3)
    assert summaries().incr("number") == -2
    assert summaries().get("number") == -2


@pytest.mark.parametrize("go", AWAY)
@pytest.mark.parametrize("write", ["set", "delete", "set_many", "delete_many"])
def test_what_could_not_be_changed_in_a_strict_cache_is_never_read_again(
    redis: Redis, go: Callable[[Redis], None], write: str
) -> None:
    sessions().set("colour", "green")
    go(redis)
    match write:
        case "set":
            sessions().set("colour", "red")
        case "delete":
            sessions().delete("colour")
        case "set_many":
            sessions().set_many({"colour": "red"})
        case "delete_many":
            sessions().delete_many(["colour"])
    assert sessions().get("colour") is None
    redis.resume() if go is Redis.hang else redis.start()
    assert sessions().get("colour") is None  # still left alone
    pass_pause()
    assert sessions().get("colour") in {None, "red"}
    assert not sessions().server.stale
    sessions().set("colour", "blue")
    assert sessions().get("colour") == "blue"


def test_what_a_strict_cache_owes_waits_while_redis_is_away_again(redis: Redis) -> None:
    sessions().set("colour", "green")
    redis.kill()
    sessions().delete("colour")
    pass_pause()
    assert sessions().get("colour") is None
    assert list(sessions().server.stale) == ["colour"]
    redis.start()
    pass_pause()
    assert sessions().get("colour") is None
    assert not sessions().server.stale


def test_what_is_owed_is_forgotten_when_its_value_has_died(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis.kill()
    sessions().delete("colour")
    sessions().server.stale["colour"] -= 2 * 60 + 1
    sessions().delete("shape")
    assert list(sessions().server.stale) == ["shape"]


# Attempts to sign in. allauth lets five wrong ones for an address pass in five minutes.


def attempt(visitor: Client) -> str:
    response = visitor.post(
        "/accounts/login/", {"login": "alice@example.org", "password": f"not {PASSWORD}"}
    )
    assert response.status_code == 422
    return response.text


TOO_MANY = "Trop de tentatives"


@pytest.fixture
def visitor(alice: object) -> Client:
    return Client(headers={"accept-language": "fr"})


def test_attempts_are_counted_in_redis_for_all_processes(redis: Redis, visitor: Client) -> None:
    for _ in range(5):
        assert TOO_MANY not in attempt(visitor)
    # Another process has the same Redis, and another memory.
    local = caches["default"]._local  # type: ignore[attr-defined]
    local.clear()
    assert TOO_MANY in attempt(visitor)


@pytest.mark.parametrize("go", AWAY)
def test_attempts_are_counted_while_redis_is_away(
    redis: Redis, visitor: Client, go: Callable[[Redis], None]
) -> None:
    go(redis)
    for _ in range(5):
        assert TOO_MANY not in attempt(visitor)
    assert TOO_MANY in attempt(visitor)
    pass_pause()  # it is tried once more, in vain
    assert TOO_MANY in attempt(visitor)


def test_attempts_made_before_redis_died_count_when_it_is_back(
    redis: Redis, visitor: Client
) -> None:
    for _ in range(5):
        attempt(visitor)
    redis.kill()
    assert TOO_MANY not in attempt(visitor)  # counted anew, in this process
    redis.start()
    pass_pause()
    assert TOO_MANY in attempt(visitor)
