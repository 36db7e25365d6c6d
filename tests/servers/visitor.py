"""Someone with a browser, before a server that is not in this process."""

from __future__ import annotations

import http.client
import secrets
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
    """Keeps cookies, and asks for pages in French or in another language.

    Named by `host` it comes through a proxy that speaks HTTPS with the world; without, straight to
    127.0.0.1. With `keep_open` its connection stays open between requests, as a browser's does: a
    server that is told to stop waits for it.
    """

    def __init__(
        self, port: int, host: str = "", *, language: str = "fr", keep_open: bool = False
    ) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self.headers = {
            "Host": host or f"127.0.0.1:{port}",
            "Origin": f"https://{host}" if host else f"http://127.0.0.1:{port}",
            "Accept-Language": language,
            "Connection": "keep-alive" if keep_open else "close",
        }
        if host:
            self.headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        self.cookies: dict[str, str] = {}
        #: Where the last answer came from, after redirects.
        self.path = ""

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def send(self, page: str, action: str, **fields: str) -> str:
        """Fill in the form of a page that leads to `action`, and send it."""
        body = urlencode({**Form(page, action).fields, **fields}).encode()
        return self._ask("POST", action, body, "application/x-www-form-urlencoded")

    def upload(self, page: str, action: str, name: str, content: bytes) -> str:
        """Send a file in the field `files` of the form of a page that leads to `action`."""
        form, edge = Form(page, action), secrets.token_hex(16)
        parts = [
            (
                f'--{edge}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            ).encode()
            for field, value in form.fields.items()
        ]
        parts.append(
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n".encode()
        )
        body = b"".join([*parts, content, f"\r\n--{edge}--\r\n".encode()])
        return self._ask("POST", action, body, f"multipart/form-data; boundary={edge}")

    def _ask(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {**self.headers, "Cookie": cookies}
        if content_type:
            headers["Content-Type"] = content_type
        answer = self._answer(method, path, body, headers)
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        self.path = path
        if answer.status in {301, 302, 303}:
            place = urlsplit(answer.headers["Location"])
            return self.get(f"{place.path}?{place.query}".rstrip("?"))
        assert answer.status == 200, f"{method} {path}: {answer.status}\n{page[:2000]}"
        return page

    def _answer(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        was_open = self.connection.sock is not None
        try:
            self.connection.request(method, path, body or None, headers)
            return self.connection.getresponse()
        except ConnectionError:
            self.connection.close()
            if not was_open:
                raise
        # The server has closed what stayed open and was not used for some seconds.
        return self._answer(method, path, body, headers)
