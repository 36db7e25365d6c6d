"""Sessions in the database, whatever a cookie says: the engine of `SESSION_ENGINE`."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore


class SessionStore(DatabaseSessionStore):
    def _validate_session_key(self, key: str) -> bool:
        # A quoted cookie may hold any character, NUL among them, which PostgreSQL refuses with
        # an error. Keys of Django's own making are letters and digits.
        return bool(key) and key.isascii() and key.isalnum() and len(key) >= 8
