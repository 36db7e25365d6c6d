"""Where someone is signed in, and signing out there."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from budget.users.models import User
from budget.users.sessions import forget_copies

_BROWSERS = [
    ("Edge", r"Edgi?A?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
]
_SYSTEMS = [
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
]


@receiver(user_logged_in)
def note_session(request: HttpRequest | None, **kwargs: Any) -> None:
    """Note every session, so that signing out everywhere ends it.

    allauth notes those of its own login page alone.
    """
    if request is not None and request.META.get("REMOTE_ADDR"):
        UserSession.objects.create_from_request(request)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser in which someone is signed in."""

    name: str
    ip: str
    since: dt.datetime
    current: bool
    small: bool  # a telephone or a tablet


def devices_of(user: User, *, current: str | None) -> list[Device]:
    """Where `user` is signed in, this browser (whose session key is `current`) first.

    Two queries however many they are. Left out is what would not be let in any more: sessions
    that have expired, or are older than the present password.
    """
    known = {each.session_key: each for each in UserSession.objects.filter(user=user)}
    alive = Session.objects.filter(session_key__in=known, expire_date__gt=timezone.now())
    password = user.get_session_auth_hash()
    devices = [
        Device(
            name=device_name(known[session.session_key].user_agent),
            ip=known[session.session_key].ip,
            since=known[session.session_key].created_at,
            current=session.session_key == current,
            small=bool(re.search(r"Mobile|Android|iPhone|iPad", known[session.pk].user_agent)),
        )
        for session in alive
        if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), password)
    ]
    return sorted(devices, key=lambda device: (not device.current, -device.since.timestamp()))


def device_name(user_agent: str) -> str:
    """`Firefox, Linux`: the browser and the system that a User-Agent header speaks of."""

    def first(names: list[tuple[str, str]]) -> str:
        return next((name for name, pattern in names if re.search(pattern, user_agent)), "")

    named = [name for name in (first(_BROWSERS), first(_SYSTEMS)) if name]
    return ", ".join(named) or gettext("Unknown browser")


def devices_sign_out(*users: User, keep: str | None = None) -> int:
    """End these people's sessions everywhere, except the one of key `keep`. Returns how many."""
    with transaction.atomic():
        known = UserSession.objects.filter(user__in=users)
        if keep:
            known = known.exclude(session_key=keep)
        keys = list(known.values_list("session_key", flat=True))
        ended, _ = Session.objects.filter(session_key__in=keys).delete()
        known.delete()
        forget_copies(*keys)
    return ended
