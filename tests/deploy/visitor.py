"""Someone with a browser, before a server that is not in this process."""

from __future__ import annotations

import http.client
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit


class Form(HTMLParser):
    """What the form that leads to `action` would send as it stands on the page: `.fields`."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.action = action
        self.fields: dict[str, str] = {}
        self.found = False
        self._inside = False
        self._select = ""
        self.feed(page)
        assert self.found, f"no form {action} in: {page[:2000]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = urlsplit(given.get("action", "")).path == self.action
            self.found |= self._inside
        elif self._inside and tag == "select":
            self._select = given.get("name", "")
        elif self._inside and tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value", "")
        elif self._inside and tag == "input" and "name" in given:
            if given.get("type") in {"checkbox", "radio"} and "checked" not in given:
                return
            self.fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


class Visitor:
    """Comes through a proxy that speaks HTTPS with the world, and keeps cookies."""

    def __init__(self, port: int, host: str = "budget.example.org") -> None:
        self.port = port
        self.host = host
        self.cookies: dict[str, str] = {}
        #: Where the last answer came from, after redirects.
        self.path = ""

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def send(self, page: str, action: str, **fields: str) -> str:
        """Fill in the form of a page that leads to `action`, and send it."""
        return self._ask("POST", action, urlencode({**Form(page, action).fields, **fields}))

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            "Host": self.host,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.1",
            "Accept-Language": "en",
            "Origin": f"https://{self.host}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, cookie in SimpleCookie(line).items():
                self.cookies[name] = cookie.value
        self.path = path
        if answer.status in {301, 302, 303}:
            place = urlsplit(answer.headers["Location"])
            return self._ask("GET", f"{place.path}?{place.query}".rstrip("?"))
        assert answer.status == 200, f"{method} {path}: {answer.status}\n{page[:2000]}"
        return page
