"""What is logged of a request, and that nothing in it is a household's or a person's."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from pytest_django import Settings

from budget.core import logs
from budget.core.middleware import RequestLogMiddleware
from budget.users.models import Household, User
from tests.conftest import PASSWORD, SignIn

SECRET = "Loyer de Madame Martin"


class Written(logging.Handler):
    """What the log has, as the lines that a production writes."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.Lines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines]

    @property
    def requests(self) -> list[dict[str, object]]:
        return [each for each in self.objects if each["logger"] == "budget.requests"]


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture) -> Iterator[Written]:
    caplog.set_level(logging.INFO)
    handler = Written()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def test_a_request_has_one_line_that_says_which_page_and_not_which_address(
    as_alice: Client, household: Household, alice: User, written: Written
) -> None:
    response = as_alice.get(f"/h/alice/transactions/?search={SECRET}")

    [line] = written.requests
    assert line.pop("time")
    assert 0 < float(str(line.pop("database_seconds"))) < float(str(line.pop("seconds")))
    assert int(str(line.pop("queries"))) > 2
    assert str(line.pop("message")).startswith("GET transaction_list 200 in ")
    assert line == {
        "level": "INFO",
        "logger": "budget.requests",
        "request_id": response["X-Request-ID"],
        "method": "GET",
        "page": "transaction_list",
        "route": "h/<slug:household>/transactions/",
        "status": 200,
        "household": household.pk,
        "user": alice.pk,
    }
    assert "Martin" not in "".join(written.lines)


@pytest.mark.django_db
def test_a_key_that_resets_a_password_is_in_no_line(client: Client, written: Written) -> None:
    user = User.objects.create_user("alice@example.org", "x")
    key = default_token_generator.make_token(user)
    client.get(reverse("account_reset_password_from_key", args=["1", key]))
    client.get(f"/invitations/{key}/")
    client.get(f"/nowhere/{key}/")
    client.post(reverse("account_reset_password_from_key", args=["1", key]), {"x": SECRET})

    assert len(written.requests) == 4
    assert written.requests[0]["page"] == "account_reset_password_from_key"
    assert key not in "".join(written.lines)
    assert SECRET not in "".join(written.lines)


def test_a_strangers_request_is_logged_with_its_page_and_no_household(
    sign_in: SignIn, charlie: User, household: Household, written: Written
) -> None:
    sign_in(charlie).get("/h/alice/transactions/")

    [line] = written.requests
    assert (line["status"], line["page"]) == (404, "transaction_list")
    assert (line["household"], line["user"]) == (None, charlie.pk)


@pytest.mark.django_db
def test_who_signs_in_is_named_by_number_on_that_very_line(
    client: Client, alice: User, written: Written
) -> None:
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})

    [line] = written.requests
    assert (line["status"], line["user"]) == (302, alice.pk)
    assert "alice@" not in "".join(written.lines)


@pytest.mark.django_db
def test_probes_and_static_files_have_no_line(
    client: Client, written: Written, settings: Settings
) -> None:
    # From where they lie: nothing is collected for tests.
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    for address in ("/healthz", "/readyz", "/static/css/budgeometre.css"):
        assert client.get(address).status_code == 200
    assert written.requests == []


def test_nothing_is_asked_of_the_database_for_a_line(written: Written) -> None:
    request = RequestFactory().get("/favicon.ico")
    # Whoever it is would have to be fetched, which a test without a database refuses.
    request.user = SimpleLazyObject(User.objects.get)  # type: ignore[assignment]
    RequestLogMiddleware(lambda _: HttpResponse())(request)
    assert written.requests[0]["user"] is None


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("0123456789abcdef", True),
        ("a.b-c_d.e", True),
        ("short", False),
        ("x" * 129, False),
        ('0123456789"} {"level"', False),
        ("0123456789\x1b[2J", False),
        ("", False),
    ],
)
def test_an_id_is_taken_only_where_it_is_well_formed(given: str, taken: bool) -> None:
    request = RequestFactory().get("/healthz", headers={"X-Request-ID": given})
    answered = RequestLogMiddleware(lambda _: HttpResponse())(request)["X-Request-ID"]
    assert (answered == given) is taken
    assert taken or len(answered) == 32


def test_every_line_of_a_request_has_its_id(written: Written) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        logging.getLogger("somewhere").warning("Something is odd.")
        return HttpResponse()

    for _ in range(2):
        RequestLogMiddleware(view)(RequestFactory().get("/favicon.ico"))

    ids = [line["request_id"] for line in written.objects]
    assert ids[0] == ids[1] != ids[2] == ids[3]


@pytest.mark.django_db
def test_a_slow_statement_is_logged_without_its_values(
    settings: Settings, written: Written
) -> None:
    settings.SLOW_QUERY_SECONDS = 1e-9
    User.objects.filter(email=SECRET).exists()

    [line] = written.objects
    assert (line["logger"], line["level"], line["database"]) == (
        "budget.queries",
        "WARNING",
        "default",
    )
    assert '"email" = %s' in str(line["sql"])
    assert "Martin" not in written.lines[0]

    settings.SLOW_QUERY_SECONDS = 0
    User.objects.filter(email=SECRET).exists()
    assert len(written.lines) == 1


@pytest.mark.django_db
def test_a_statement_that_fails_slowly_is_logged_too(settings: Settings, written: Written) -> None:
    settings.SLOW_QUERY_SECONDS = 1e-9
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert written.objects[0]["sql"] == "SELECT 1 / 0"


def test_an_error_is_one_line_without_the_row_it_was_about(alice: User, written: Written) -> None:
    request = RequestFactory().get(f"/h/alice/?search={SECRET}")
    with pytest.raises(IntegrityError, match=r"alice@example\.org") as told, transaction.atomic():
        User.objects.create_user("alice@example.org", "x")
    logging.getLogger("django.request").error(
        "Internal Server Error: %s",
        request.path,
        exc_info=told.value,
        extra={"request": request},
    )

    [line] = written.objects
    assert "Traceback" in str(line["exception"])
    assert "duplicate key value violates unique constraint" in str(line["exception"])
    assert line["message"] == "Internal Server Error: h/<slug:household>/"
    assert "DETAIL: …" in str(line["exception"])
    assert "alice" not in written.lines[0]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('invalid input syntax for type numeric: "12,5"', "invalid input syntax for type numeric"),
        ("could not convert string to float: '45.90'", "could not convert string to float"),
        ("invalid literal for int() with base 10: 'x'", "invalid literal for int() with base 10"),
        ('date/time field value out of range: "x"', "date/time field value out of range"),
        ("Invalid isoformat string: 'x'", "Invalid isoformat string"),
        ("unconverted data remains: x", "unconverted data remains"),
        ('malformed array literal: "x"', "malformed array literal"),
        ('syntax error in tsquery: "x"', "syntax error in tsquery"),
        ("broken\nLINE 1: ...WHERE label = 'Loyer'", "broken\nLINE 1"),
        ('twice\nDETAIL:  Key (name)=("Loyer") already exists.', "twice\nDETAIL"),
    ],
)
def test_what_libraries_quote_of_values_is_left_out(text: str, kept: str) -> None:
    assert logs.without_personal_data(text) == f"{kept}: …"


@pytest.mark.parametrize(
    "text",
    [
        "Field 'id' expected a number but got 'Martin'.",
        "time data 'Martin' does not match format '%Y'",
        'value "Martin" is out of range for type bigint',
        "['“Martin” is not a valid UUID.']",
        "from https://example.org/h/alice/?search=Martin it came",
        "from https://example.org?search=Martin",
    ],
)
def test_what_is_quoted_within_a_sentence_is_left_out(text: str) -> None:
    kept = logs.without_personal_data(text)
    assert "Martin" not in kept
    assert "…" in kept


def test_a_form_from_elsewhere_does_not_tell_what_was_searched_there(
    alice: User, household: Household, written: Written
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    came_from = f"https://elsewhere.example.org/h/alice/?search={SECRET}".replace(" ", "+")
    response = browser.post("/h/alice/", secure=True, headers={"Referer": came_from})

    assert response.status_code == 403
    line = next(each for each in written.objects if each["logger"] == "django.security.csrf")
    assert "https://elsewhere.example.org/… does not match" in str(line["message"])
    assert "Martin" not in "".join(written.lines)


def test_an_error_that_quotes_a_megabyte_is_cut_short() -> None:
    kept = logs.without_personal_data(f"First.\nNo such thing: {'a' * 1_000_000}\nLast.")
    assert kept.startswith("First.\nNo such thing: aaa")
    assert kept.endswith("a…\nLast.")
    assert len(kept) < 2 * logs.LONGEST_LINE


def test_nobodys_address_is_left_in_a_line() -> None:
    assert logs.without_personal_data("to <alice@example.org>: no") == "to <…@…>: no"
    assert logs.without_personal_data("A sentence: with a colon.") == "A sentence: with a colon."


def test_what_the_server_says_of_a_request_leaves_out_its_address(written: Written) -> None:
    server = logging.getLogger("gunicorn.error")
    server.error("Error handling request %s %s", "GET", f"/h/alice/?search={SECRET}")
    server.warning(f"Invalid request from ip=192.0.2.7: Invalid HTTP request line: '{SECRET}'")

    assert [line["message"] for line in written.objects] == [
        "Error handling request",
        "Invalid request",
    ]


def test_a_page_that_is_asked_for_by_head_is_no_warning(written: Written) -> None:
    logging.getLogger("gunicorn.http.wsgi").warning(
        "WSGI app sent body bytes on a no-body response (method=%s status=%s)", "HEAD", 200
    )
    assert written.lines == []


def test_people_read_the_same_in_text() -> None:
    logs.request_id.set("0123456789abcdef")
    record = logging.makeLogRecord(
        {"name": "budget", "levelname": "ERROR", "msg": "To %s", "args": ("a@example.org",)}
    )
    assert logs.Text().format(record).endswith(" ERROR budget 0123456789abcdef To …@…")
    logs.request_id.set("")
    assert logs.Text().format(record).endswith(" ERROR budget To …@…")


def test_who_sees_an_error_can_say_which_it_was(
    as_alice: Client, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("budget.planning.views.render_page", broken)
    as_alice.raise_request_exception = False
    response = as_alice.get("/h/alice/")

    page = response.content.decode()
    assert response.status_code == 500
    assert f">{response['X-Request-ID']}</span>" in page
    assert "Si cela se reproduit, donnez ceci" in page
