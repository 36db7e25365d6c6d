"""A browser for a test: `tab(alice)` is a page of the running site, with Alice signed in.

Whatever a test does, it fails where a page complains in the console, breaks the security policy,
asks for a file that is not there, or is answered with a 500.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from django.core.cache import cache
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Request, Response, expect
from pytest_django.live_server_helper import LiveServer

from budget.users.models import User
from tests.conftest import SignIn
from tests.e2e.browser import find

# Playwright's event loop runs in the tests' own thread until the last of them: Django would take
# them for asynchronous code, and refuse them the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

WIDE = 1280
NARROW = 390

# For two slow cores that have other things to do as well.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    program = find()
    if program is None:
        pytest.fail("No Chromium: `make browser` installs one.")
    return {
        "executable_path": program,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
            "--no-first-run",
        ],
    }


NO_FAULT = (
    # Chromium writes a line for each 4xx too: `Faults.answered` tells them apart.
    "Failed to load resource",
    # And htmx for what it was still asking for when the page was left.
    "htmx:sendAbort",
    "htmx:afterRequest",
    # A day that is none, in an address typed by hand: the control shows nothing, the page says why.
    "The specified value",
)


@dataclass
class Faults:
    """What the pages of a test did wrong, and what of it the test means to happen."""

    found: list[str] = field(default_factory=list)
    #: The server is made to fail or to be gone.
    expected: bool = False

    def watch(self, context: BrowserContext) -> None:
        context.on("console", lambda message: self.said(message.type, message.text))
        context.on("weberror", lambda error: self.add(f"error in a script: {error.error}"))
        context.on("response", self.answered)
        context.on("requestfailed", self.failed)

    def add(self, fault: str) -> None:
        if not self.expected:
            self.found.append(fault)

    def said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(NO_FAULT):
            self.add(f"console {kind}: {text}")

    def answered(self, response: Response) -> None:
        file = response.request.resource_type not in {"document", "xhr", "fetch"}
        if response.status >= 500 or (file and response.status >= 400):
            self.add(f"{response.status} {response.request.method} {response.url}")

    def failed(self, request: Request) -> None:
        # A page that is left lets go of what it was still asking for.
        if request.failure != "net::ERR_ABORTED":
            self.add(f"{request.failure} {request.method} {request.url}")


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    assert not faults.found, "\n".join(faults.found)


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch, live_server: LiveServer) -> Callable[[], None]:
    """Waits until the site has answered what it was asked.

    A test may end while its page still asks for something. The tables are emptied then, and the
    answer must not meet that, or the next test.
    """
    under_way: set[HttpRequest] = set()
    change = threading.Condition()
    get_response = BaseHandler.get_response

    def watched(handler: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        with change:
            under_way.add(request)
        try:
            return get_response(handler, request)
        finally:
            with change:
                under_way.discard(request)
                change.notify_all()

    def wait() -> None:
        with change:
            change.wait_for(lambda: not under_way, timeout=PATIENCE / 1000)

    monkeypatch.setattr(BaseHandler, "get_response", watched)
    return wait


Theme = Literal["light", "dark"]
Tab = Callable[..., Page]


@pytest.fixture
def tab(
    new_context: Callable[..., BrowserContext],
    live_server: LiveServer,
    faults: Faults,
    answered: Callable[[], None],
    sign_in: SignIn,
) -> Iterator[Tab]:
    """Opens a browser window of its own: `tab(alice, language="en", width=NARROW)`.

    Whose it is: a person, a client that is signed in, or nobody.
    """
    cache.clear()  # attempts to sign in are counted there
    contexts: list[BrowserContext] = []

    def opened(
        who: User | Client | None = None,
        *,
        language: str = "fr",
        width: int = WIDE,
        theme: Theme = "light",
        scripts: bool = True,
    ) -> Page:
        context = new_context(
            base_url=live_server.url,
            locale=language,
            viewport={"width": width, "height": 844 if width == NARROW else 900},
            color_scheme=theme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        contexts.append(context)
        faults.watch(context)
        if who:
            client = who if isinstance(who, Client) else sign_in(who)
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        context.set_default_timeout(PATIENCE)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    answered()
