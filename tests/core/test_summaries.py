"""What is kept of a household's figures is always true, and spares work: in memory and in Redis."""

from __future__ import annotations

import datetime as dt
import io
import pickle
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.cache import caches
from django.db import connection
from django.db.models.base import model_unpickle
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budget.categories.models import Category
from budget.core import replica, summaries
from budget.core.cache import RedisCache
from budget.core.summaries import SUMMARIES, summary
from budget.core.tenancy import backoffice_scope, household_scope, scope_undo
from budget.transactions.models import Transaction
from budget.transactions.selectors import standing
from budget.users import middleware
from budget.users.models import Household, User
from budget.wallets.selectors import first_wallet
from tests.conftest import SignIn
from tests.ledger import category, earn, spend, wallet
from tests.servers.redis import Redis
from tests.transactions.test_admin import values as admin_values
from tests.transactions.test_transaction_form import typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

#: Pages that keep figures, and how many queries their second view is spared.
PAGES = {
    "": 3,
    "budget/": 2,
    "budget/?period=2026-10": 2,
    "budget/?period=2026-Q4": 2,
    "budget/?period=2026": 2,
    "categories/": 3,
    "categories/{food}/": 2,
    "categories/{food}/?unit=year": 2,
    "categories/{other}/": 2,
    "wallets/": 1,
    "transactions/": 1,
    "goals/": 1,
}


@pytest.fixture(params=["memory", "redis"])
def kept(request: pytest.FixtureRequest) -> None:
    """Summaries are kept in local memory, and in Redis."""
    if request.param == "redis":
        request.getfixturevalue("redis")
    forget()


@pytest.fixture
def kept_in_redis(redis: Redis) -> None:
    """For tests to which it is the same where summaries are kept."""


@pytest.fixture
def home(household: Household) -> Household:
    """Alice's household with a month and a half of history, a limit and a second wallet."""
    with household_scope(household):
        food, other = category("Alimentation"), category("Loisirs")
        Category.objects.filter(pk=food.pk).update(monthly_limit=Decimal(100))
        earn(2000, dt.date(2026, 10, 1), category("Salaire"))
        spend(85, dt.date(2026, 11, 3), food, "Marché")
        spend(40, dt.date(2026, 10, 7), other, "Cinéma")
        wallet("Livret", opening=500)
    return household


#: Those that a test looks at for which they are all the same.
FEW = ["/h/alice/", "/h/alice/budget/", "/h/alice/wallets/"]


def addresses(home: Household) -> dict[str, int]:
    with household_scope(home):
        names = {"food": category("Alimentation").pk, "other": category("Loisirs").pk}
    return {f"/h/alice/{page.format(**names)}": spared for page, spared in PAGES.items()}


def read(client: Client, address: str) -> str:
    """The page, without what differs each time: tokens against forgery and double clicks."""
    response = client.get(address)
    assert response.status_code == 200
    html = re.sub(r'csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"', "", response.text)
    return re.sub(r'name="submission" value="[^"]+"', "", html)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    # The savepoints and the putting back are those of the test's own transaction.
    return sum("SAVEPOINT" not in query["sql"] for query in found)


def forget() -> None:
    """All summaries are gone; in Redis the sessions stay."""
    cache = caches["summaries"]
    if not isinstance(cache, RedisCache):
        cache.clear()
        return
    client = cache._cache.get_client(write=True)
    for key in client.keys("*:summaries:*"):
        client.delete(key)


def afresh(client: Client, address: str) -> str:
    forget()
    return read(client, address)


# That it spares work


def test_a_second_view_asks_the_database_for_less(
    kept: None, as_alice: Client, home: Household
) -> None:
    for address, spared in addresses(home).items():
        as_alice.get(address)
        forget()
        first = queries(as_alice, address)
        assert first - queries(as_alice, address) == spared, address


def test_what_one_member_has_looked_at_is_kept_for_the_others(
    kept_in_redis: None, as_alice: Client, sign_in: SignIn, vera: User, home: Household
) -> None:
    hers = sign_in(vera)
    hers.get("/h/alice/budget/")
    forget()
    first = queries(hers, "/h/alice/budget/")
    forget()
    as_alice.get("/h/alice/budget/")
    assert queries(hers, "/h/alice/budget/") < first


def test_another_household_leaves_what_is_kept(
    kept: None, as_alice: Client, sign_in: SignIn, home: Household, charlie: User
) -> None:
    as_alice.get("/h/alice/budget/")
    warm = queries(as_alice, "/h/alice/budget/")
    with household_scope(Household.objects.get(slug="charlie")):
        spend(7, dt.date(2026, 11, 20))
    assert spent(sign_in(charlie), "charlie") == 7
    assert queries(as_alice, "/h/alice/budget/") == warm
    assert spent(as_alice) == 85


def test_a_household_has_one_entry_a_figure_however_often_it_writes(
    redis: Redis, as_alice: Client, home: Household
) -> None:
    for amount in range(1, 4):
        with household_scope(home):
            spend(amount, dt.date(2026, 11, 20))
        as_alice.get("/h/alice/budget/")
    assert len(redis.names(":summaries:")) == 1


def test_what_is_kept_of_a_page_is_small(
    kept_in_redis: None, as_alice: Client, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [len(value) for value in kept_by(as_alice, home, monkeypatch).values()]
    assert len(sizes) >= len(SUMMARIES)
    assert max(sizes) < 16_000


# That it is true


def test_every_page_is_what_it_would_be_afresh_in_both_languages(
    kept_in_redis: None, sign_in: SignIn, alice: User, bob: User, home: Household
) -> None:
    User.objects.filter(pk=bob.pk).update(language="en")
    readers = [sign_in(alice), sign_in(bob)]
    for reader in readers:
        reader.get("/h/alice/")
    expected = {
        (n, address): afresh(reader, address)
        for n, reader in enumerate(readers)
        for address in addresses(home)
    }
    assert len(set(expected.values())) == len(expected)
    forget()
    for _ in range(2):
        for (n, address), html in expected.items():
            assert read(readers[n], address) == html, address


def spent(reader: Client, slug: str = "alice") -> Decimal:
    """What the dashboard says of the present month."""
    figure: Decimal = reader.get(f"/h/{slug}/budget/").context["dashboard"].flow.expenses
    return figure


def by_partner(home: Household, sign_in: SignIn) -> None:
    partner = sign_in(User.objects.get(name="Bob"))
    with household_scope(home):
        sent = typed(amount="1234", wallet=first_wallet().pk)
    assert partner.post("/h/alice/transactions/add/", sent).status_code == 302


def by_office(home: Household, sign_in: SignIn) -> None:
    office = sign_in(User.objects.create_superuser("boss@example.org", "x"))
    with household_scope(home):
        line = Transaction.objects.get(description="Marché")
    address = f"/admin/transactions/transaction/{line.pk}/change/"
    response = office.post(address, admin_values(line, amount="1319"))
    assert response.status_code == 302, response.text


def by_hand(home: Household, sign_in: SignIn) -> None:
    with backoffice_scope(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE transactions_transaction SET amount = 1319 WHERE description = 'Marché'"
        )


@pytest.mark.parametrize(
    ("kept", "write"),
    [("memory", by_partner), ("redis", by_partner), ("redis", by_office), ("redis", by_hand)],
    indirect=["kept"],
)
def test_a_write_shows_at_once_whoever_makes_it(
    kept: None,
    as_alice: Client,
    home: Household,
    sign_in: SignIn,
    write: Callable[[Household, SignIn], None],
) -> None:
    assert spent(as_alice) == 85
    for address in FEW:
        as_alice.get(address)
    write(home, sign_in)
    assert spent(as_alice) == 85 + 1234
    for address in FEW:
        html = read(as_alice, address)
        assert html == afresh(as_alice, address)


def test_a_renamed_category_shows_at_once(
    kept_in_redis: None, as_alice: Client, home: Household
) -> None:
    assert "Alimentation" in read(as_alice, "/h/alice/budget/")
    with household_scope(home):
        Category.objects.filter(name="Alimentation").update(name="Manger")
    assert "Manger" in read(as_alice, "/h/alice/budget/")


def test_what_was_worked_out_by_a_months_start_of_a_moment_ago_is_not_kept(
    kept_in_redis: None, as_alice: Client, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The household is read before its scope begins, and may change between the two."""
    read_in_scope = replica.household_read

    def change_first(household: Household, answer: Callable[[], Any]) -> Any:
        Household.objects.filter(pk=household.pk).update(month_start_day=25)
        return read_in_scope(household, answer)

    for address in addresses(home):
        Household.objects.filter(pk=home.pk).update(month_start_day=1)
        with monkeypatch.context() as patch:
            patch.setattr(middleware, "household_read", change_first)
            as_alice.get(address)
        html = read(as_alice, address)
        assert html == afresh(as_alice, address), address


def test_the_next_day_is_another_day(
    kept_in_redis: None, as_alice: Client, home: Household
) -> None:
    def left() -> int:
        days: int = as_alice.get("/h/alice/").context["now"].days_left
        return days

    assert left() == 9
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), tick=False):
        assert left() == 8
    assert left() == 9


def test_where_something_may_be_written_all_is_worked_out_afresh(
    kept_in_redis: None, home: Household
) -> None:
    with household_scope(home):
        count = standing().count
        spend(1, dt.date(2026, 11, 20))
        assert standing().count == count + 1


def test_a_write_that_is_undone_has_left_nothing_in_what_is_kept(
    kept_in_redis: None, as_alice: Client, home: Household
) -> None:
    before = read(as_alice, "/h/alice/budget/")
    with household_scope(home):
        spend(1234, dt.date(2026, 11, 20))
        scope_undo()
    assert read(as_alice, "/h/alice/budget/") == before
    with household_scope(home):
        spend(4321, dt.date(2026, 11, 20))
    html = read(as_alice, "/h/alice/budget/")
    assert html != before
    assert html == afresh(as_alice, "/h/alice/budget/")


@pytest.mark.django_db(transaction=True)
def test_what_another_connection_writes_is_seen_once_it_is_committed_and_never_before(
    as_alice: Client, home: Household
) -> None:
    """As `psql` would, with the reader looking on while it is not decided."""

    def count() -> int:
        lines: int = as_alice.get("/h/alice/").context["now"].standing.count
        return lines

    lines = count()
    parameters: Any = connection.get_connection_params()
    parameters.pop("pool", None)
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as psql:
        psql.execute("SELECT set_config('budget.backoffice', 'on', false)")
        delete = "DELETE FROM transactions_transaction WHERE description = %s"
        psql.execute(delete, ["Marché"])
        assert count() == lines
        psql.rollback()
        assert count() == lines
        psql.execute("SELECT set_config('budget.backoffice', 'on', false)")
        psql.execute(delete, ["Cinéma"])
        assert count() == lines
        psql.commit()
        assert count() == lines - 1


# That it stays what it is


ALLOWED = {
    "datetime.date",
    "datetime.datetime",
    "datetime.timedelta",
    "datetime.timezone",
    "decimal.Decimal",
    # Of rows.
    "django.db.models.base.ModelState",
    "django.db.models.fetch_modes.FETCH_PEERS",
}
#: The small rows that figures are shown with.
ROWS = {"categories.Category", "wallets.Wallet", "transactions.Transaction"}


def kept_by(client: Client, home: Household, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The pickles of all that the pages keep."""
    found: dict[str, bytes] = {}
    cache = caches["summaries"]
    keep = cache.set

    def spy(key: str, value: object, *args: Any) -> None:
        found[key] = pickle.dumps(value)
        keep(key, value, *args)

    monkeypatch.setattr(cache, "set", spy)
    for address in addresses(home):
        client.get(address)
    return found


class Lister(pickle.Unpickler):
    """Tells which classes and models a pickle holds."""

    def __init__(self, pickled: bytes) -> None:
        super().__init__(io.BytesIO(pickled))
        self.classes: set[str] = set()
        self.models: set[str] = set()

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("django.db.models.base", "model_unpickle"):
            return self._model
        found = super().find_class(module, name)
        self.classes.add(f"{module}.{name}")
        return found

    def _model(self, label: Any) -> Any:
        self.models.add(".".join(label))
        return model_unpickle(label)


def test_only_values_and_few_rows_are_kept(
    as_alice: Client, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget()
    classes: set[str] = set()
    models: set[str] = set()
    for pickled in kept_by(as_alice, home, monkeypatch).values():
        lister = Lister(pickled)
        lister.load()
        classes |= lister.classes
        models |= lister.models
    assert models == ROWS
    assert {name for name in classes if not name.startswith("budget.")} - ALLOWED == set()


def test_what_another_version_of_the_code_has_kept_is_not_read(
    kept_in_redis: None, as_alice: Client, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_alice.get("/h/alice/budget/")
    warm = queries(as_alice, "/h/alice/budget/")
    monkeypatch.setattr(summaries, "CODE_VERSION", "the next")
    assert queries(as_alice, "/h/alice/budget/") > warm


def test_the_version_is_that_of_the_code_that_runs_and_not_of_files_exchanged_since(
    kept_in_redis: None, home: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exchanged(file: Path) -> bytes:
        raise AssertionError(f"{file} is read after the start")

    monkeypatch.setattr(Path, "read_bytes", exchanged)
    with household_scope(home, reading=True):
        assert standing().count == 3


def test_a_summary_is_asked_for_by_values_alone(home: Household) -> None:
    @summary
    def answer(to: object) -> int:
        return 42

    SUMMARIES.popitem()
    with household_scope(home, reading=True):
        assert answer("what") == answer(None) == answer((1, dt.date(2026, 1, 1))) == 42
        with pytest.raises(TypeError, match="list"):
            answer([1])


# That Redis may die


@pytest.fixture
def dying(redis: Redis, as_alice: Client, home: Household) -> Redis:
    for address in FEW:
        as_alice.get(address)
    return redis


def pass_pause() -> None:
    cache = caches["summaries"]
    assert isinstance(cache, RedisCache)
    cache.server.left_alone_until = 0.0


@pytest.mark.parametrize("go", [Redis.kill, Redis.hang])
def test_pages_are_right_while_redis_is_away_and_after(
    dying: Redis, as_alice: Client, home: Household, go: Callable[[Redis], None]
) -> None:
    cold = {}
    for address in FEW:
        forget()
        cold[address] = queries(as_alice, address)
    go(dying)
    for address in FEW:
        # Everything is worked out afresh, and the session is read: no more than that.
        assert queries(as_alice, address) <= cold[address] + 1, address
    with household_scope(home):
        spend(1234, dt.date(2026, 11, 20), category("Loisirs"))
    away = {address: read(as_alice, address) for address in FEW}
    assert spent(as_alice) == 85 + 1234
    dying.resume() if go is Redis.hang else dying.start()
    pass_pause()
    for address in FEW:
        # What it has kept is older than the write.
        assert read(as_alice, address) == away[address]


def test_pages_are_right_with_a_redis_that_was_emptied(
    dying: Redis, as_alice: Client, home: Household
) -> None:
    before = read(as_alice, "/h/alice/budget/")
    dying.kill()
    dying.start(empty=True)
    assert read(as_alice, "/h/alice/budget/") == before
    assert dying.names(":summaries:")
