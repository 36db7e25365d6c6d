"""What the household has already that is very like a line of a file.

The database gives the pairs that are close by wallet, amount and day, never more than a few for
each line however many are alike; which of them belong together is decided here, the surest first,
each line and each side of a ledger's line once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Max, Min
from psycopg.types.json import Jsonb

from budget.core.tenancy import active_household, scope_cursor
from budget.imports.likeness import STRONG, is_otherwise, is_transfer, likeness, names
from budget.imports.models import Choice, Finding, Import, ImportLine, KnownAccount, Statement
from budget.imports.plans import joined_by_hashing
from budget.transactions.closing import ClosedDays
from budget.wallets.models import Wallet

#: Days between what was entered by hand and what the bank booked.
DAYS_BY_HAND = 3
#: Days between the two halves of a transfer.
DAYS_TRANSFER = 5
#: So many equal lines of a day are compared with their neighbours in all ways; of more than that
#: the first is compared with the first, the second with the second.
SMALL = 4
#: Pairs that are weighed for one line.
MOST_PAIRS = 6

#: The lines of a file that was just staged and that the bank has not said before.
STAGED = """
SELECT line.id, line.entry, statement.wallet_id, line.date, line.value_date, line.amount,
       line.bank_id <> '' AS ids
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.fingerprint IS NOT NULL AND line.finding IN ('new', 'closed')
"""

# Two exports of one account in different clothes say the same of a day, whatever they call it.
# Where one gives the day of booking and the other the day of value, that day must be one that
# both of them cover: else two like lines of two following days, one in each, would be one.
#
# Equality alone joins, and equal lines are numbered (`place`) and cut off before they meet, so
# that 100,000 lines of one amount and one day make no more pairs than lines.
PAIRS = """
WITH own AS MATERIALIZED ({own}),
money AS MATERIALIZED (SELECT DISTINCT wallet_id, amount FROM own),
kind AS MATERIALIZED (SELECT DISTINCT ids FROM own),
said AS MATERIALIZED (
    SELECT statement.wallet_id, statement.id AS statement_id, line.date, line.value_date,
           line.amount, line.bank_id <> '' AS ids,
           CASE WHEN line.choice = 'add' THEN line.entry ELSE line.found END AS entry,
           (source.format, source.layout) <> (%(format)s, %(layout)s)
           OR (source.layout = '' AND source.header <> %(header)s) AS otherwise
    FROM imports_importline AS line
    JOIN imports_statement AS statement
      ON statement.household_id = line.household_id AND statement.id = line.statement_id
    JOIN imports_import AS source
      ON source.household_id = statement.household_id AND source.id = statement.source_id
    WHERE line.household_id = %(household)s AND source.state = 'done' AND line.choice <> 'leave'
),
alike AS MATERIALIZED (
    SELECT said.*, kind.ids AS for_ids
    FROM said
    JOIN kind ON said.otherwise OR kind.ids <> said.ids
    JOIN money ON money.wallet_id = said.wallet_id AND money.amount = said.amount
    WHERE said.date BETWEEN %(near_first)s AND %(near_last)s
),
elsewhere AS MATERIALIZED (
    SELECT * FROM alike
    WHERE NOT EXISTS (SELECT FROM ({known}) AS known
                      WHERE known.found = alike.entry AND known.wallet_id = alike.wallet_id)
),
said_again AS MATERIALIZED (
    SELECT *, row_number() OVER same AS place,
           count(*) OVER (PARTITION BY wallet_id, date, amount, for_ids) AS size
    FROM elsewhere WINDOW same AS (PARTITION BY wallet_id, date, amount, for_ids ORDER BY entry)
),
own_again AS MATERIALIZED (
    SELECT own.*, row_number() OVER same AS place,
           count(*) OVER (PARTITION BY wallet_id, date, amount, ids) AS size
    FROM own
    WHERE (wallet_id, amount) IN (SELECT wallet_id, amount FROM elsewhere)
    WINDOW same AS (PARTITION BY wallet_id, date, amount, ids ORDER BY id)
),
covered AS MATERIALIZED (
    SELECT statement_id, min(date) AS first, max(date) AS last
    FROM imports_importline
    WHERE household_id = %(household)s AND statement_id IN (SELECT statement_id FROM elsewhere)
      AND EXISTS (SELECT FROM own_again WHERE value_date <> date)
    GROUP BY statement_id
),
entered AS MATERIALIZED (
    SELECT id, date, kind, wallet_id, pointed, kind = 'transfer' OR bank_label = '' AS bare,
           CASE WHEN kind IN ('income', 'collect', 'borrow') THEN amount ELSE -amount END AS amount
    FROM transactions_transaction
    WHERE household_id = %(household)s AND wallet_id IS NOT NULL
      AND date BETWEEN %(near_first)s AND %(near_last)s
    UNION ALL
    SELECT id, date, kind, to_wallet_id, to_pointed, true, amount
    FROM transactions_transaction
    WHERE household_id = %(household)s AND to_wallet_id IS NOT NULL
      AND date BETWEEN %(near_first)s AND %(near_last)s
),
by_hand AS MATERIALIZED (
    SELECT entered.*, row_number() OVER (
        PARTITION BY entered.wallet_id, entered.date, entered.amount
        ORDER BY entered.pointed, entered.id) AS place
    FROM entered
    JOIN money ON money.wallet_id = entered.wallet_id AND money.amount = entered.amount
    WHERE entered.bare
      AND NOT EXISTS (SELECT FROM said
                      WHERE said.entry = entered.id AND said.wallet_id = entered.wallet_id)
),
own_by_hand AS MATERIALIZED (
    SELECT own.*, row_number() OVER (
        PARTITION BY wallet_id, date, amount ORDER BY id) AS place
    FROM own WHERE (wallet_id, amount) IN (SELECT wallet_id, amount FROM by_hand)
),
other_half AS MATERIALIZED (
    SELECT half.*, row_number() OVER (
        PARTITION BY half.wallet_id, half.date, half.amount, half.here ORDER BY half.id) AS place
    FROM (
        SELECT id, date, wallet_id, amount, false AS here
        FROM entered WHERE kind IN ('expense', 'income') AND %(wallets)s > 1
        UNION ALL
        SELECT entry, date, wallet_id, amount, true
        FROM own WHERE amount < 0 AND %(pair_here)s
    ) AS half
    WHERE EXISTS (SELECT FROM money
                  WHERE money.amount = -half.amount AND money.wallet_id <> half.wallet_id)
),
own_half AS MATERIALIZED (
    SELECT own.*, row_number() OVER (
        PARTITION BY wallet_id, date, amount ORDER BY id) AS place
    FROM own WHERE amount IN (SELECT -amount FROM other_half)
),
hand_around AS MATERIALIZED (
    SELECT hand.*, hand.date + away.days AS day, abs(away.days) AS days
    FROM by_hand AS hand CROSS JOIN generate_series(-{transfer}, {transfer}) AS away (days)
    WHERE hand.place <= {small} AND (hand.kind = 'transfer' OR abs(away.days) <= {hand})
),
half_around AS MATERIALIZED (
    SELECT half.*, half.date + away.days AS day, abs(away.days) AS days
    FROM other_half AS half CROSS JOIN generate_series(-{transfer}, {transfer}) AS away (days)
    WHERE half.place <= {small}
),
pair AS (
    SELECT 'said' AS what, own.id AS line, said.entry AS found, 0 AS days, true AS sure
    FROM own_again AS own JOIN said_again AS said
      ON said.wallet_id = own.wallet_id AND said.date = own.date AND said.amount = own.amount
     AND said.for_ids = own.ids AND said.place = own.place
    WHERE own.size > {small} OR said.size > {small}
    UNION ALL
    SELECT 'said', own.id, said.entry, 0, true
    FROM (SELECT * FROM own_again WHERE size <= {small}) AS own
    JOIN (SELECT * FROM said_again WHERE size <= {small}) AS said
      ON said.wallet_id = own.wallet_id AND said.date = own.date AND said.amount = own.amount
     AND said.for_ids = own.ids
    UNION ALL
    SELECT 'said', own.id, said.entry, 1,
           said.date BETWEEN %(own_first)s AND %(own_last)s
    FROM (SELECT * FROM own_again WHERE place <= {small}) AS own
    JOIN (SELECT * FROM said_again WHERE place <= {small} AND value_date <> date) AS said
      ON said.wallet_id = own.wallet_id AND said.value_date = own.date
     AND said.amount = own.amount AND said.for_ids = own.ids
    WHERE coalesce(own.value_date, own.date) = own.date
    UNION ALL
    SELECT 'said', own.id, said.entry, 1, own.date BETWEEN covered.first AND covered.last
    FROM (SELECT * FROM own_again WHERE place <= {small} AND value_date <> date) AS own
    JOIN (SELECT * FROM said_again WHERE place <= {small}) AS said
      ON said.wallet_id = own.wallet_id AND said.date = own.value_date
     AND said.amount = own.amount AND said.for_ids = own.ids
    JOIN covered ON covered.statement_id = said.statement_id
    WHERE coalesce(said.value_date, said.date) = said.date
    UNION ALL
    SELECT 'hand', own.id, hand.id, hand.days, false
    FROM (SELECT * FROM own_by_hand WHERE place <= {small}) AS own
    JOIN hand_around AS hand
      ON hand.wallet_id = own.wallet_id AND hand.amount = own.amount AND hand.day = own.date
    UNION ALL
    SELECT 'hand', own.id, hand.id, 0, false
    FROM (SELECT * FROM own_by_hand WHERE place > {small}) AS own
    JOIN (SELECT * FROM by_hand WHERE place > {small}) AS hand
      ON hand.wallet_id = own.wallet_id AND hand.amount = own.amount
     AND hand.date = own.date AND hand.place = own.place
    UNION ALL
    SELECT CASE WHEN half.here THEN 'here' ELSE 'half' END, own.id, half.id, half.days, false
    FROM (SELECT * FROM own_half WHERE place <= {small}) AS own
    JOIN half_around AS half ON half.amount = -own.amount AND half.day = own.date
    WHERE half.wallet_id <> own.wallet_id
)
SELECT what, line, found, days, sure FROM (
    SELECT *, row_number() OVER (PARTITION BY line, what ORDER BY days, found) AS nearest FROM pair
) AS pair WHERE nearest <= {most} ORDER BY line, what, nearest
"""

#: Which lines of the ledger known lines of a file just staged are.
STAGED_KNOWN = """
SELECT line.found, statement.wallet_id
FROM imports_importline AS line
JOIN imports_statement AS statement
  ON statement.household_id = line.household_id AND statement.id = line.statement_id
WHERE line.household_id = %(household)s AND line.statement_id = ANY(%(statements)s)
  AND line.finding = 'known'
"""


class Pair(NamedTuple):
    """A line of a file and what may be the same money: `found` as ImportLine.found.

    `what` is "said" (another file said it), "hand" (entered by hand), "half" (the ledger has its
    other half) or "here" (this file has). `days` are those between them. `sure`, of "said" alone:
    it is not that the two files merely adjoin.
    """

    what: str
    line: int
    found: int
    days: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found of a line, and what becomes of it unless the person says otherwise."""

    finding: Finding
    found: int | None
    choice: Choice
    to_wallet: int | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """A line of the file as it is compared; `closed`: its month is."""

    line: int
    entry: int
    wallet: int
    label: str
    description: str
    category: int | None
    to_wallet: int | None
    closed: bool

    @property
    def text(self) -> str:
        return f"{self.label} {self.description}"


@dataclass(frozen=True, slots=True)
class Entered:
    """A line of the ledger as it is compared, with its category's name.

    `fixed`: it cannot become a transfer, because its month or its envelope is closed, or because
    it was spread over envelopes.
    """

    wallet: int | None
    transfer: bool
    description: str
    label: str
    category: str
    fixed: bool

    @property
    def text(self) -> str:
        return f"{self.label} {self.description}"


class Weighed(NamedTuple):
    """A pair by how sure it is, the surest first, and what it would make of its line."""

    rank: int
    unlike: float
    days: int
    line: int
    pair: Pair
    outcome: Outcome


class Words:
    """What the names and account numbers of the household's wallets say of a label. Two queries."""

    def __init__(self) -> None:
        self.names = dict(Wallet.objects.values_list("pk", "name"))
        self.accounts: dict[int, list[str]] = defaultdict(list)
        known = KnownAccount.objects.exclude(key__startswith="layout:")
        for wallet, key in known.values_list("wallet", "key"):
            self.accounts[wallet].append(key)

    def names_wallet(self, label: str, wallet: int | None) -> bool:
        if wallet is None:
            return False
        return names(label, self.names.get(wallet, ""), self.accounts.get(wallet, ()))


def find(source: Import, statements: Iterable[Statement]) -> None:
    """Write down what is found of the lines of a file that was just staged.

    Those that the bank said before, or that cannot be imported, stay as they are.
    """
    keys = [each.pk for each in statements if not each.skipped and each.wallet_id]
    write(outcomes(source, keys))


def outcomes(
    source: Import,
    statements: Sequence[int],
    *,
    own: str = STAGED,
    known: str = STAGED_KNOWN,
    taken: Container[tuple[int, int]] = frozenset(),
    values: Mapping[str, Any] | None = None,
) -> dict[int, Outcome]:
    """What is found of the lines that `own` selects, by their ids; the others are new.

    `known` selects which lines of the ledger other lines of the file are; `values` are more
    parameters of the two. `taken` are sides, as `assign` has them, that are taken already.
    """
    span = _span(statements)
    if span is None:
        return {}
    pairs = _pairs(source, statements, span, own, known, values or {})
    if not pairs:
        return {}
    lines = _lines(statements, pairs)
    return assign(pairs, lines, _entered(pairs), Words(), taken)


def write(found: Mapping[int, Outcome]) -> None:
    """Write outcomes into their lines, by the lines' ids. One statement."""
    if not found:
        return
    rows = [
        (pk, each.finding.value, each.found, each.choice.value, each.to_wallet)
        for pk, each in found.items()
    ]
    with scope_cursor() as cursor:
        cursor.execute(
            """
            UPDATE imports_importline AS line
            SET finding = outcome.finding, found = outcome.found, choice = outcome.choice,
                to_wallet_id = coalesce(outcome.to_wallet, line.to_wallet_id)
            FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bigint[])
                AS outcome (id, finding, found, choice, to_wallet)
            WHERE line.household_id = %s AND line.id = outcome.id
            """,
            [*(list(column) for column in zip(*rows, strict=True)), active_household().pk],
        )


def assign(
    pairs: Sequence[Pair],
    lines: Mapping[int, Own],
    entered: Mapping[int, Entered],
    words: Words,
    taken: Container[tuple[int, int]] = frozenset(),
) -> dict[int, Outcome]:
    """Which pairs belong together, the surest first: every line once, every side once.

    `lines` are those of the file by id, `entered` those of the ledger. A side is that of a wallet;
    0 is the other wallet that a transfer has and its half has not.
    """
    weighing = _Weighing(pairs, lines, entered, words)
    found: dict[int, Outcome] = {}
    used: set[tuple[int, int]] = set()
    for weighed in sorted(filter(None, map(weighing.weigh, pairs))):
        pair = weighed.pair
        halves = pair.what in ("half", "here")
        side = (pair.found, 0 if halves else lines[pair.line].wallet)
        first = weighing.by_entry[pair.found] if pair.what == "here" else None
        if pair.line in found or side in used or side in taken or first in found:
            continue
        used.add(side)
        found[pair.line] = weighed.outcome
        if first is not None and weighed.outcome.choice is Choice.JOIN:
            # The first half is entered, and as a transfer; the second is joined with it.
            found[first] = Outcome(
                Finding.TRANSFER, None, Choice.ADD, to_wallet=lines[pair.line].wallet
            )
    return found


class _Weighing:
    """How sure each pair is, in view of all the others."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        lines: Mapping[int, Own],
        entered: Mapping[int, Entered],
        words: Words,
    ) -> None:
        self.lines, self.entered, self.words = lines, entered, words
        self.by_entry = {line.entry: line.line for line in lines.values()}
        self.of_line: Counter[tuple[int, str, bool]] = Counter()
        self.of_found: Counter[tuple[int, str, bool]] = Counter()
        for pair in pairs:
            for near in {False, pair.days == 0}:
                self.of_line[pair.line, self._group(pair), near] += 1
                self.of_found[pair.found, self._group(pair), near] += 1

    def weigh(self, pair: Pair) -> Weighed | None:
        """The pair's place, None where it is none."""
        own = self.lines[pair.line]
        if pair.what == "said":
            return self._said(pair, own)
        if pair.what == "here":
            return self._half(pair, own, self._here(pair))
        other = self.entered[pair.found]
        if pair.what == "half":
            return None if other.fixed else self._half(pair, own, other)
        return self._transfer(pair, own) if other.transfer else self._by_hand(pair, own, other)

    def _group(self, pair: Pair) -> str:
        """What a pair competes with: other transfers, or other lines of the same side."""
        if pair.what == "hand" and not self.entered[pair.found].transfer:
            return "hand"
        return "said" if pair.what == "said" else "transfer"

    def _alone(self, pair: Pair) -> bool:
        """Whether nothing else comes in question: on the same day, or at all."""
        group, near = self._group(pair), pair.days == 0
        return (
            self.of_line[pair.line, group, near] == 1
            and self.of_found[pair.found, group, near] == 1
        )

    def _said(self, pair: Pair, own: Own) -> Weighed:
        other = self.entered.get(pair.found)
        like = likeness(other.label or other.description, own.label) if other else 0
        choice = Choice.LEAVE if pair.sure else Choice.ADD
        outcome = self._outcome(own, Finding.PROBABLE, pair.found, choice)
        return Weighed(0 if pair.sure else 8, -like, pair.days, pair.line, pair, outcome)

    def _by_hand(self, pair: Pair, own: Own, other: Entered) -> Weighed | None:
        like = likeness(other.description, own.text)
        if like >= STRONG:
            rank, choice = 1, Choice.JOIN
        elif like or (pair.days == 0 and self._alone(pair)):
            rank, choice = 5, Choice.ADD
        else:
            return None
        outcome = self._outcome(own, Finding.MATCH, pair.found, choice)
        return Weighed(rank, -like, pair.days, pair.line, pair, outcome)

    def _transfer(self, pair: Pair, own: Own) -> Weighed:
        sure = self._alone(pair) and not is_otherwise(own.label)
        choice = Choice.JOIN if sure else Choice.ADD
        outcome = self._outcome(own, Finding.TRANSFER, pair.found, choice)
        return Weighed(2 if sure else 6, 0, pair.days, pair.line, pair, outcome)

    def _half(self, pair: Pair, own: Own, other: Entered | Own) -> Weighed | None:
        back = other.to_wallet if isinstance(other, Own) else None
        if own.to_wallet not in (None, other.wallet) or back not in (None, own.wallet):
            return None  # a rule, or the person, says that it went elsewhere
        if isinstance(other, Own) and (own.closed or other.closed):
            return None
        speaks = (
            bool(own.to_wallet or back)
            or (is_transfer(own.text) and is_transfer(other.text))
            or self.words.names_wallet(own.label, other.wallet)
            or self.words.names_wallet(other.text, own.wallet)
        )
        sure = (
            self._alone(pair)
            and not is_otherwise(own.label)
            and not is_otherwise(other.text)
            and (speaks or not other.category)
        )
        choice = Choice.JOIN if sure else Choice.ADD
        outcome = self._outcome(own, Finding.TRANSFER, pair.found, choice)
        return Weighed(3 if sure else 7, 0, pair.days, pair.line, pair, outcome)

    def _here(self, pair: Pair) -> Own:
        return self.lines[self.by_entry[pair.found]]

    def _outcome(self, own: Own, finding: Finding, found: int, choice: Choice) -> Outcome:
        """In a closed month nothing is added."""
        if own.closed and choice is Choice.ADD:
            choice = Choice.LEAVE
        return Outcome(finding, found, choice)


def _span(statements: Sequence[int]) -> tuple[dt.date, dt.date] | None:
    """The first and the last day of a file's lines, None where it has none."""
    days = ImportLine.objects.filter(statement__in=statements, fingerprint__isnull=False)
    ends = days.aggregate(first=Min("date"), last=Max("date"))
    return (ends["first"], ends["last"]) if ends["first"] else None


def _pairs(
    source: Import,
    statements: Sequence[int],
    span: tuple[dt.date, dt.date],
    own: str,
    known: str,
    values: Mapping[str, Any],
) -> list[Pair]:
    around = dt.timedelta(days=DAYS_TRANSFER)
    statement_wallets = Statement.objects.filter(pk__in=statements).values("wallet").distinct()
    query = PAIRS.format(
        own=own,
        known=known,
        small=SMALL,
        most=MOST_PAIRS,
        hand=DAYS_BY_HAND,
        transfer=DAYS_TRANSFER,
    )
    cursor: Any
    with joined_by_hashing(), scope_cursor() as cursor:
        cursor.execute(
            query,
            {
                "household": active_household().pk,
                "statements": list(statements),
                "format": source.format,
                "layout": source.layout,
                "header": Jsonb(source.header),
                "near_first": span[0] - around,
                "near_last": span[1] + around,
                "own_first": span[0],
                "own_last": span[1],
                "wallets": Wallet.objects.count(),
                "pair_here": len(statement_wallets) > 1,
                **values,
            },
        )
        rows = cursor.fetchall()
    return [Pair(*row) for row in rows]


def _lines(statements: Sequence[int], pairs: Sequence[Pair]) -> dict[int, Own]:
    """The lines of the file that occur in pairs, by id."""
    spans = ClosedDays()
    here = [pair.found for pair in pairs if pair.what == "here"]
    with joined_by_hashing(), scope_cursor() as cursor:
        cursor.execute(
            """
            SELECT line.id, line.entry, statement.wallet_id, line.label, line.description,
                   line.category_id, line.to_wallet_id, line.date
            FROM imports_importline AS line
            JOIN imports_statement AS statement
              ON statement.household_id = line.household_id AND statement.id = line.statement_id
            WHERE line.household_id = %s AND line.statement_id = ANY(%s)
              AND (line.id IN (SELECT unnest(%s::bigint[]))
                   OR line.entry IN (SELECT unnest(%s::bigint[])))
            """,
            [
                active_household().pk,
                list(statements),
                list({pair.line for pair in pairs}),
                here,
            ],
        )
        rows = cursor.fetchall()
    return {
        pk: Own(pk, entry, wallet, label, description, category, to_wallet, day in spans)
        for pk, entry, wallet, label, description, category, to_wallet, day in rows
    }


def _entered(pairs: Sequence[Pair]) -> dict[int, Entered]:
    """The lines of the ledger that occur in pairs, by id, as far as they are still there."""
    spans = ClosedDays()
    with joined_by_hashing(), scope_cursor() as cursor:
        cursor.execute(
            """
            SELECT entered.id, entered.wallet_id, entered.kind = 'transfer', entered.description,
                   entered.bank_label, coalesce(category.name, ''),
                   bucket.closed_at IS NOT NULL OR EXISTS (
                       SELECT FROM transactions_allotment AS part
                       WHERE part.household_id = entered.household_id
                         AND part.transaction_id = entered.id),
                   entered.date
            FROM transactions_transaction AS entered
            LEFT JOIN categories_category AS category
              ON category.household_id = entered.household_id AND category.id = entered.category_id
            LEFT JOIN buckets_bucket AS bucket
              ON bucket.household_id = entered.household_id AND bucket.id = entered.bucket_id
            WHERE entered.household_id = %s AND entered.id IN (SELECT unnest(%s::bigint[]))
            """,
            [active_household().pk, list({pair.found for pair in pairs if pair.what != "here"})],
        )
        rows = cursor.fetchall()
    return {
        pk: Entered(wallet, transfer, description, label, category, fixed or day in spans)
        for pk, wallet, transfer, description, label, category, fixed, day in rows
    }
