"""Sessions in the database, with a copy in the cache: the engine of `SESSION_ENGINE`.

The database alone says which sessions there are. A copy is believed for a minute, and whoever
changes or ends a session leaves a mark in its place, so that everybody asks the database. Without
Redis the cache keeps nothing, and these are Django's sessions of the database.

Django's own `cached_db` is not used: it believes a copy as long as the cookie, so that a session
that was ended while Redis was away would come back with it, and a request that has just read a
session could put it back after it was ended.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.core.cache import BaseCache, caches
from django.db import transaction

#: Seconds for which a copy is believed.
LIFETIME = 60
#: Seconds for which the mark stands. A request that takes as long to read a session keeps no copy.
MARKED = 10
MARK = "changed"


class SessionStore(DatabaseSessionStore):
    def load(self) -> dict[str, Any]:
        key = _copy_key(self.session_key or "")
        copy = _copies().get(key)
        # The end of its life is told by the copy too: a server that hung may have stored it late.
        if isinstance(copy, tuple) and time.time() < copy[0]:
            return dict(copy[1])
        asked = time.monotonic()
        session = self._get_session_from_db()  # type: ignore[attr-defined] # the stubs lack it
        if session is None:
            return {}
        data: dict[str, Any] = self.decode(session.session_data)
        until = min(time.time() + LIFETIME, session.expire_date.timestamp())
        quick = time.monotonic() - asked < MARKED / 2
        if copy != MARK and quick and (seconds := int(until - time.time())) > 0:
            # Not where something stands by now: it may be the mark of someone who ended it.
            _copies().add(key, (until, data), seconds)
        return data

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        finally:
            if not must_create and self.session_key:
                forget_copies(self.session_key)

    def delete(self, session_key: str | None = None) -> None:
        super().delete(session_key)
        if ended := session_key or self.session_key:
            forget_copies(ended)

    def _validate_session_key(self, key: str) -> bool:
        # A quoted cookie may hold any character, NUL among them, which PostgreSQL refuses with
        # an error. Keys of Django's own making are letters and digits.
        return bool(key) and key.isascii() and key.isalnum() and len(key) >= 8


def forget_copies(*session_keys: str) -> None:
    """Have everybody ask the database for these sessions; for whoever changes them there."""
    marks = {_copy_key(each): MARK for each in session_keys}

    def mark() -> None:
        _copies().set_many(marks, MARKED)

    mark()
    if transaction.get_connection().in_atomic_block:
        # Until it is committed, others still find it unchanged.
        transaction.on_commit(mark)


def _copies() -> BaseCache:
    return caches[settings.SESSION_CACHE_ALIAS]


def _copy_key(session_key: str) -> str:
    # Not the key itself: who sees the names in Redis could sign in with it.
    return sha256(session_key.encode()).hexdigest()
