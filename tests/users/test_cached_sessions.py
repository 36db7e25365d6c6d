"""Sessions have copies in a real Redis, and end for good whatever becomes of it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budget.core.cache import StrictRedisCache
from budget.users.models import Household, User
from budget.users.sessions import LIFETIME, MARKED, SessionStore, forget_copies
from tests.conftest import PASSWORD
from tests.servers.redis import Redis

pytestmark = pytest.mark.django_db

PAGE = "/h/alice/"


def sign_in(person: User) -> Client:
    """A browser that came in by the login page, which is where sessions are noted."""
    client = Client(headers={"accept-language": "fr"})
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


@pytest.fixture
def desk(alice: User, household: Household) -> Client:
    return sign_in(alice)


@pytest.fixture
def telephone(alice: User, household: Household) -> Client:
    return sign_in(alice)


def key_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def shown_to(session_key: str) -> bool:
    """Whether the household is shown to who comes with this session's key."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_key
    response = client.get(PAGE)
    assert response.status_code in {200, 302}
    return response.status_code == 200


def asks_the_database(client: Client) -> bool:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGE).status_code == 200
    return any('FROM "django_session"' in query["sql"] for query in queries)


def copies() -> StrictRedisCache:
    found = caches["sessions"]
    assert isinstance(found, StrictRedisCache)
    return found


def pass_pause() -> None:
    """The time for which a Redis that failed is left alone is over."""
    copies().server.left_alone_until = 0.0


def log_out(desk: Client, telephone: Client) -> None:
    telephone.post("/accounts/logout/")


def sign_out_elsewhere(desk: Client, telephone: Client) -> None:
    desk.post("/accounts/sessions/")


def sign_out_everywhere(desk: Client, telephone: Client) -> None:
    desk.post("/accounts/sessions/", {"everywhere": "1"})


def change_password(desk: Client, telephone: Client) -> None:
    new = f"{PASSWORD} and another staple"
    response = desk.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert response.status_code == 302


def end_by_program(desk: Client, telephone: Client) -> None:
    SessionStore().delete(key_of(telephone))


End = Callable[[Client, Client], None]
ENDS = [log_out, sign_out_elsewhere, sign_out_everywhere, change_password, end_by_program]


def test_a_second_page_finds_its_session_in_redis(redis: Redis, desk: Client) -> None:
    copies().clear()
    assert asks_the_database(desk)
    assert not asks_the_database(desk)


def test_without_redis_the_database_is_asked_each_time(desk: Client) -> None:
    assert asks_the_database(desk)
    assert asks_the_database(desk)


def test_nobody_can_sign_in_by_the_names_in_redis(redis: Redis, desk: Client) -> None:
    copies().clear()
    desk.get(PAGE)
    (name,) = redis.names(":sessions:")
    assert key_of(desk) not in name


@pytest.mark.parametrize("end", ENDS)
def test_a_session_that_was_ended_is_over_at_once(
    redis: Redis, desk: Client, telephone: Client, end: End
) -> None:
    copies().clear()
    ended = key_of(telephone)
    assert shown_to(ended)
    assert not asks_the_database(telephone)
    end(desk, telephone)
    assert not shown_to(ended)


@pytest.mark.parametrize(
    ("end", "go"),
    [
        *((end, Redis.kill) for end in ENDS),
        *((end, Redis.hang) for end in (log_out, sign_out_elsewhere)),
    ],
)
def test_a_session_that_was_ended_while_redis_was_away_does_not_come_back_with_it(
    redis: Redis, desk: Client, telephone: Client, end: End, go: Callable[[Redis], None]
) -> None:
    copies().clear()
    ended = key_of(telephone)
    assert shown_to(ended)
    assert not asks_the_database(telephone)
    go(redis)
    end(desk, telephone)
    assert not shown_to(ended)
    redis.resume() if go is Redis.hang else redis.start()
    # It has the copy still, and the very first that is read from it is this one.
    assert len(redis.names(":sessions:")) >= 1
    pass_pause()
    assert not shown_to(ended)
    assert not shown_to(ended)


@pytest.mark.parametrize("go", [Redis.kill, Redis.hang])
def test_people_stay_signed_in_while_redis_is_away(
    redis: Redis, desk: Client, go: Callable[[Redis], None]
) -> None:
    desk.get(PAGE)
    go(redis)
    assert desk.get(PAGE).status_code == 200
    assert desk.get(PAGE).status_code == 200
    pass_pause()
    assert desk.get(PAGE).status_code == 200


def test_someone_can_sign_in_while_redis_is_away(
    redis: Redis, alice: User, household: Household
) -> None:
    redis.kill()
    assert sign_in(alice).get(PAGE).status_code == 200


def test_a_page_that_read_a_session_before_it_ended_does_not_put_it_back(
    redis: Redis, telephone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies().clear()
    ended = key_of(telephone)
    slow = SessionStore(ended)
    read = slow._get_session_from_db  # type: ignore[attr-defined]

    def read_and_be_overtaken() -> object:
        session = read()
        SessionStore().delete(ended)
        return session

    monkeypatch.setattr(slow, "_get_session_from_db", read_and_be_overtaken)
    assert slow.load()
    assert not shown_to(ended)


def test_a_page_that_slept_after_reading_a_session_does_not_put_it_back(
    redis: Redis, telephone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies().clear()
    ended = key_of(telephone)
    slow = SessionStore(ended)
    read = slow._get_session_from_db  # type: ignore[attr-defined]
    now = time.monotonic()

    def read_and_sleep() -> object:
        session = read()
        SessionStore().delete(ended)
        redis.client.flushdb()  # the mark has gone meanwhile
        monkeypatch.setattr(time, "monotonic", lambda: now + MARKED + 1)
        return session

    monkeypatch.setattr(slow, "_get_session_from_db", read_and_sleep)
    assert slow.load()
    assert not shown_to(ended)


def test_what_was_written_into_a_session_is_read_at_once(redis: Redis, desk: Client) -> None:
    copies().clear()
    desk.get(PAGE)
    session = SessionStore(key_of(desk))
    session["colour"] = "green"
    session.save()
    assert SessionStore(key_of(desk))["colour"] == "green"


def test_a_session_that_is_gone_is_not_written_again(redis: Redis, desk: Client) -> None:
    """Nor is its copy left, where it was deleted by hand."""
    copies().clear()
    assert shown_to(key_of(desk))
    session = SessionStore(key_of(desk))
    session["colour"] = "green"
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not shown_to(key_of(desk))


def test_a_session_that_expires_soon_has_no_longer_a_life_in_redis(
    redis: Redis, desk: Client
) -> None:
    copies().clear()
    Session.objects.update(expire_date=timezone.now() + dt.timedelta(seconds=20))
    assert shown_to(key_of(desk))
    assert not asks_the_database(desk)
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=21), tick=False):
        assert not shown_to(key_of(desk))


def test_a_copy_is_believed_for_a_minute_however_late_it_was_stored(
    redis: Redis, desk: Client
) -> None:
    """As by a server that hung, of whom the process that ended the session was not heard."""
    copies().clear()
    desk.get(PAGE)
    (name,) = redis.names(":sessions:")
    redis.client.persist(name)
    Session.objects.all().delete()
    with time_machine.travel(time.time() + LIFETIME + 1, tick=False):
        assert not shown_to(key_of(desk))


def test_a_copy_that_was_made_before_the_end_was_committed_is_not_believed_after(
    redis: Redis, telephone: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    ended = key_of(telephone)
    copies().clear()
    assert shown_to(ended)
    (name,) = redis.names(":sessions:")
    copy = redis.client.get(name)
    with django_capture_on_commit_callbacks(execute=True):
        Session.objects.filter(pk=ended).delete()
        forget_copies(ended)
        redis.client.set(name, copy)  # type: ignore[arg-type]
    assert not shown_to(ended)
