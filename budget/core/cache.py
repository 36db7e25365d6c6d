"""Django's Redis back-end, taught to do without its server.

Redis makes pages quicker and is needed for none. So whatever goes wrong with it is a miss, and
after an error the process leaves it alone for some seconds: a server that hangs costs one short
wait, not one a request. What is kept in it is chosen so that nothing read from it can be wrong:
docs/adr/0009.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from threading import Lock
from typing import Any, cast

from django.conf import settings
from django.core.cache.backends import redis as django_redis
from django.core.cache.backends.locmem import LocMemCache
from django.utils.functional import cached_property
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

logger = logging.getLogger(__name__)

#: Seconds to wait for Redis: it is near, or it does not help.
PATIENCE = 0.5
#: Seconds for which a process leaves Redis alone after an error.
PAUSE = 5.0
#: How many things are counted in local memory while Redis is away; the oldest go first.
LOCAL_ENTRIES = 10_000


class Unreadable(ValueError):  # noqa: N818 - the state it names
    """What Redis gave is not what this installation has put there."""


class SignedPickles(django_redis.RedisSerializer):
    """Pickles with a signature, because a pickle of somebody else's making runs their code.

    It is made with SECRET_KEY and stands before the pickle. Whole numbers stay as they are, for
    Redis to count with.
    """

    SIZE = 16

    def dumps(self, obj: Any) -> Any:
        data: Any = super().dumps(obj)
        return data if isinstance(data, int) else self._signature(data) + data

    def loads(self, data: Any) -> Any:
        """The value; raises Unreadable where it was not signed with our key."""
        with suppress(ValueError):
            return int(data)
        signature, pickled = data[: self.SIZE], data[self.SIZE :]
        if not hmac.compare_digest(signature, self._signature(pickled)):
            raise Unreadable
        return super().loads(pickled)

    def _signature(self, pickled: bytes) -> bytes:
        key = _signing_key(settings.SECRET_KEY)
        return blake2b(pickled, key=key, digest_size=self.SIZE).digest()


@lru_cache(maxsize=4)
def _signing_key(secret: str) -> bytes:
    return blake2b(secret.encode(), person=b"budget.cache").digest()


@dataclass(slots=True)
class Server:
    """What this process knows of a Redis server: shared by its threads and its caches."""

    #: Until then (monotonic seconds) it is left alone.
    left_alone_until: float = 0.0
    #: Keys of which it may hold what is no longer so, and since when we know (monotonic seconds).
    stale: dict[str, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    #: One client for all threads and caches, so that they share its connections.
    client: Any = None

    @property
    def left_alone(self) -> bool:
        return time.monotonic() < self.left_alone_until

    def failed(self, error: Exception) -> None:
        self.left_alone_until = time.monotonic() + PAUSE
        logger.warning("Redis fails and is left alone for %g seconds: %s", PAUSE, error)


_servers: dict[str, Server] = {}


class RedisCache(django_redis.RedisCache):
    """A cache in which everything is a miss while Redis cannot be reached."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        # One address, whatever signs its password has: Django would cut a string at commas.
        self._addresses = [server] if isinstance(server, str) else server
        super().__init__(self._addresses, params)
        self.server = _servers.setdefault(str(server), Server())
        self._options = {
            "serializer": SignedPickles,
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            # We have a pause of our own; tried again three times, a page would wait four times.
            "retry": Retry(NoBackoff(), 0),
            # Only Redis' own cloud sends these, and with them a connection that was closed
            # meanwhile is noticed too late.
            "maint_notifications_config": MaintNotificationsConfig(enabled=False),
            **params.get("OPTIONS", {}),
        }

    @cached_property
    def _cache(self) -> Any:
        with self.server.lock:
            if self.server.client is None:
                client = django_redis.RedisCacheClient(self._addresses, **self._options)
                self.server.client = client
            return self.server.client

    def _ask(self, method: str, *args: Any, missing: Any, **kwargs: Any) -> Any:
        """What Django's back-end answers, or `missing` where it has no answer."""
        if self.server.left_alone:
            return self._without_server(method, *args, missing=missing, **kwargs)
        try:
            return getattr(super(), method)(*args, **kwargs)
        except Unreadable:
            return missing
        except (RedisError, OSError) as error:
            self.server.failed(error)
            return self._without_server(method, *args, missing=missing, **kwargs)

    def _without_server(self, method: str, *args: Any, missing: Any, **kwargs: Any) -> Any:
        return missing

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("add", key, value, *args, missing=False, **kwargs))

    def get(self, key: Any, default: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", key, default, *args, missing=default, **kwargs)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._ask("set", key, value, *args, missing=None, **kwargs)

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("touch", key, *args, missing=False, **kwargs))

    def delete(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("delete", key, *args, missing=False, **kwargs))

    def get_many(self, keys: Iterable[Any], *args: Any, **kwargs: Any) -> dict[Any, Any]:
        found = self._ask("get_many", list(keys), *args, missing={}, **kwargs)
        return cast(dict[Any, Any], found)

    def has_key(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask("has_key", key, *args, missing=False, **kwargs))

    def incr(self, key: Any, delta: int = 1, *args: Any, **kwargs: Any) -> int:
        """Raises ValueError where there is nothing to count with, as every back-end does."""
        count = self._ask("incr", key, delta, *args, missing=None, **kwargs)
        if count is None:
            raise ValueError(f"Key {key!r} not found")
        return int(count)

    def set_many(self, data: dict[Any, Any], *args: Any, **kwargs: Any) -> list[Any]:
        """The keys that were not set."""
        failed = self._ask("set_many", data, *args, missing=list(data), **kwargs)
        return cast(list[Any], failed)

    def delete_many(self, keys: Iterable[Any], *args: Any, **kwargs: Any) -> None:
        self._ask("delete_many", list(keys), *args, missing=None, **kwargs)

    def clear(self) -> None:
        """Empty the whole database of the server, whoever else has keys in it."""
        self._ask("clear", missing=None)


class RedisOrLocalMemoryCache(RedisCache):
    """A cache that this process keeps by itself while Redis cannot be reached.

    For what must be counted somewhere: how often someone has tried to sign in.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._local = LocMemCache(
            f"without {server}", {**params, "OPTIONS": {"MAX_ENTRIES": LOCAL_ENTRIES}}
        )

    def _without_server(self, method: str, *args: Any, missing: Any, **kwargs: Any) -> Any:
        return getattr(self._local, method)(*args, **kwargs)


class StrictRedisCache(RedisCache):
    """A cache that gives nothing of which this process knows that it is no longer so.

    A write that failed may leave the old value in Redis, and one that timed out may be done when a
    server that hung goes on. So its key is deleted as soon as Redis answers again, before anything
    is read. That is forgotten when the value would have died by itself.
    """

    def _ask(self, method: str, *args: Any, missing: Any, **kwargs: Any) -> Any:
        self._delete_stale()
        return super()._ask(method, *args, missing=missing, **kwargs)

    def _delete_stale(self) -> None:
        if not self.server.stale or self.server.left_alone:
            return
        stale = dict(self.server.stale)
        try:
            # Not our own delete_many: we must know whether it was done.
            django_redis.RedisCache.delete_many(self, list(stale))
        except (RedisError, OSError) as error:
            self.server.failed(error)
            return
        with self.server.lock:
            # What another thread has noted meanwhile is still to be deleted.
            self.server.stale = dict(self.server.stale.items() - stale.items())

    def _without_server(self, method: str, *args: Any, missing: Any, **kwargs: Any) -> Any:
        match method:
            case "set" | "delete":
                self._note_stale([args[0]])
            case "set_many" | "delete_many":
                self._note_stale(args[0])
        return missing

    def _note_stale(self, keys: Iterable[str]) -> None:
        now = time.monotonic()
        oldest = now - 2 * (self.default_timeout or 0)
        with self.server.lock:
            stale = {key: since for key, since in self.server.stale.items() if since > oldest}
            self.server.stale = {**stale, **dict.fromkeys(keys, now)}
