"""Text is folded in one way, by the database and by us."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from budget.core.folding import fold

pytestmark = pytest.mark.django_db


# Python's table of signs (15.1) is older than PostgreSQL's (16): what it does not know, it cannot
# take apart. No keyboard has them.
KNOWN = st.characters(exclude_characters="\0", exclude_categories=["Cs", "Cn"])


@given(st.text(KNOWN, max_size=40))
@example("plain ASCII, FOLDED BY ITS CASE ALONE: 12/03 CB*4821")
@example("ÉPARGNE, Œuvre, Straße, ẞ, Æ, Ångström, ﬁn, İstanbul")
@settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
def test_what_we_fold_is_what_the_database_folds(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT budget_fold(%s)", [text])
        (folded,) = cursor.fetchone()
    assert fold(text) == folded


def test_capitals_stay_where_they_mean_something() -> None:
    assert fold(r"É\D[À-Ü]œŒ", lower=False) == r"E\D[A-U]oeOE"
