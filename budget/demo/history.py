"""The demonstration household's life: who it is, what it earns and spends, what it saves for.

Pure and without a database: the same seed, day and months give the same lines. The texts are
French, as the household's members would have typed them.
"""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate

from babel.dates import format_date
from dateutil.relativedelta import relativedelta

from budget.core.money import split_by_share
from budget.core.periods import Period

INCOME = "income"
EXPENSE = "expense"

FOOD = "Alimentation"
TRANSPORT = "Transport"
LEISURE = "Loisirs"
HOUSING = "Logement"
HEALTH = "Santé"
SHOPPING = "Shopping"
SUBSCRIPTIONS = "Abonnements"
SALARY = "Salaire"
SAVINGS = "Épargne"
OTHER = "Autre"
UNCATEGORISED = ""


@dataclass(frozen=True, slots=True)
class DemoCategory:
    name: str
    description: str
    colour: str
    kind: str = EXPENSE
    monthly_limit: Decimal | None = None


CATEGORIES = (
    DemoCategory(FOOD, "Courses, marché, restaurants", "#ef4444", monthly_limit=Decimal(400)),
    DemoCategory(
        TRANSPORT, "Navigo, carburant, covoiturage", "#3b82f6", monthly_limit=Decimal(150)
    ),
    DemoCategory(LEISURE, "Sorties, livres, sport", "#a855f7", monthly_limit=Decimal(200)),
    DemoCategory(HOUSING, "Loyer, électricité, internet", "#f59e0b", monthly_limit=Decimal(900)),
    DemoCategory(HEALTH, "Pharmacie, consultations", "#14b8a6", monthly_limit=Decimal(100)),
    DemoCategory(SHOPPING, "Vêtements, maison", "#ec4899", monthly_limit=Decimal(150)),
    DemoCategory(SUBSCRIPTIONS, "Vidéo, musique, presse", "#6366f1", monthly_limit=Decimal(50)),
    DemoCategory(SALARY, "Paie, primes", "#22c55e", INCOME),
    DemoCategory(SAVINGS, "Intérêts, reprises", "#0ea5e9", INCOME),
    DemoCategory(OTHER, "Ce qui n’entre nulle part ailleurs", "#64748b"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger: `category` by name, empty for none; `amount` positive, in euros."""

    day: dt.date
    kind: str
    amount: Decimal
    category: str
    description: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Shop:
    """Somewhere money goes, and how many euros it usually is there."""

    name: str
    usual: float
    note: str = ""
    weekday: int | None = None  # Monday is 0


GROCERS = (
    Shop("Carrefour City", 62),
    Shop("Marché du samedi", 29, weekday=5),
    Shop("Biocoop", 41),
    Shop("Monoprix", 35),
    Shop("Boulangerie Landemaine", 7.2),
    Shop("Picard", 26),
    Shop("Fromagerie Beaufils", 18),
    Shop("Lidl", 38),
)
RESTAURANTS = (
    Shop("Bistrot du midi", 16),
    Shop("Restaurant Chez Prune", 46),
    Shop("Crêperie Josselin", 31),
    Shop("Sushi Daily", 22),
)
SHOPS = {
    LEISURE: (
        Shop("Cinéma MK2", 24),
        Shop("Librairie Millepages", 18),
        Shop("Musée d'Orsay", 16),
        Shop("Arkose, escalade", 38, "Carnet de trois séances, partagé avec Inès"),
        Shop("Piscine Pontoise", 12),
        Shop("Concert à la Cigale", 39, "Avec Léa et Tom"),
    ),
    SHOPPING: (
        Shop("Decathlon", 65, "Veste de pluie"),
        Shop("Uniqlo", 50),
        Shop("Ikea", 73, "Lampe du salon"),
        Shop("Leroy Merlin", 34),
        Shop("Zara", 40),
    ),
    HEALTH: (
        Shop("Pharmacie du Marché", 22),
        Shop("Pharmacie de la Gare", 13),
    ),
    OTHER: (
        Shop("Cadeau de Léa", 24),
        Shop("Coiffeur", 28),
        Shop("La Poste, colis", 9),
        Shop("Pressing", 15),
    ),
}
TRIPS = (
    Shop("TotalEnergies, carburant", 42),
    Shop("BlaBlaCar Lyon", 22),
    Shop("SNCF, aller-retour Rennes", 58),
    Shop("Taxi G7", 19, "Retour de la gare"),
)


def household_history(
    *, today: dt.date, months: int = 6, seed: int = 1, start_day: int = 1
) -> list[Line]:
    """The lines of the `months` months before `today`'s and of that one so far, oldest first.

    `start_day` is the first day of the household's months. In the present month one limit is
    exceeded, one is reached and one is near, on whichever day of it. The first line is the
    balance it starts from: enough for whatever is set aside (`goal_plans`) to have been there.
    """
    present = Period.containing(today, start_day=start_day)
    lines = [
        line
        for month in present.last_periods(months + 1)
        for line in sorted(_month(month, today, seed), key=lambda line: line.day)
    ]
    plans = goal_plans(today=today, months=months, start_day=start_day)
    opening = _opening_balance(lines, [move for plan in plans for move in plan.movements])
    start = present.shift(-months).first
    return [Line(start, INCOME, opening, SAVINGS, "Solde de départ"), *lines]


def _month(month: Period, today: dt.date, seed: int) -> Iterator[Line]:
    """One month's lines, up to today."""

    def rng(chapter: str) -> random.Random:
        # One for each chapter: what today leaves out of one does not change the others.
        return random.Random(f"{seed} {month.first} {chapter}")  # noqa: S311 a story, no secret

    due = [line for line in _due(month, rng("due")) if line.day <= today]
    yield from due
    for line in _housing(month, rng("housing")):
        # Brought forward in a young month: it is what exceeds its limit.
        yield replace(line, day=min(line.day, today))
    days = _days(month.first, min(month.last, today))
    present = today in month
    food = rng("food")
    # Near its limit of 400 in the present month, around it in the others.
    total = _euros(food.uniform(325, 365) if present else food.uniform(340, 425))
    yield from _outings(FOOD, _errands(food, total), total, days, food)
    trips = rng("trips")
    # The present month's come to its limit, to the cent.
    fares = sum((line.amount for line in due if line.category == TRANSPORT), Decimal(0))
    total = Decimal(150) - fares if present else _euros(trips.uniform(30, 80))
    yield from _outings(
        TRANSPORT, _until(trips.sample(TRIPS, len(TRIPS)), total), total, days, trips
    )
    for category, shops in SHOPS.items():
        for line in _purchases(month, category, shops, rng(category), sparing=present):
            if line.day <= today:
                yield line


def _due(month: Period, rng: random.Random) -> Iterator[Line]:
    """What comes by itself, and the cash and the doctor that come once."""

    def on(day: int) -> dt.date:
        return _day_of(month, day)

    yield Line(on(1), EXPENSE, Decimal(86), TRANSPORT, "Navigo mensuel")
    yield Line(on(5), EXPENSE, Decimal("14.99"), SUBSCRIPTIONS, "Netflix")
    yield Line(on(10), EXPENSE, Decimal("11.99"), SUBSCRIPTIONS, "Deezer")
    payday = on(28)
    yield Line(payday, INCOME, Decimal(2500), SALARY, f"Salaire {_month_name(payday)}")
    cash = Decimal(rng.choice((20, 20, 40, 60)))
    yield Line(on(rng.randint(6, 24)), EXPENSE, cash, UNCATEGORISED, "Retrait d'espèces")
    seen = on(rng.randint(4, 16))
    if rng.random() < 0.7:
        yield Line(
            seen,
            EXPENSE,
            Decimal(30),
            HEALTH,
            "Dr Lemaire, consultation",
            "Remboursement attendu : 20 €",
        )
        refunded = min(seen + dt.timedelta(days=10), month.last)
        yield Line(refunded, INCOME, Decimal(20), HEALTH, "Remboursement Ameli")


def _housing(month: Period, rng: random.Random) -> Iterator[Line]:
    """Rent, electricity (more of it in winter), internet."""
    rent, power, internet = (_day_of(month, day) for day in (2, 5, 8))
    winter = math.cos(2 * math.pi * (power.month - 1) / 12)
    yield Line(rent, EXPENSE, Decimal(850), HOUSING, f"Loyer {_month_name(rent)}")
    yield Line(
        power, EXPENSE, _euros(65 + 5 * winter + rng.uniform(-2, 2)), HOUSING, "EDF, électricité"
    )
    yield Line(internet, EXPENSE, Decimal(35), HOUSING, "Free, internet")


def _purchases(
    month: Period, category: str, shops: Sequence[Shop], rng: random.Random, *, sparing: bool
) -> Iterator[Line]:
    """A few of the shops, once each, on any day; where `sparing`, one alone of the dear ones."""
    often = {LEISURE: rng.randint(3, 5), SHOPPING: 1 if sparing else rng.randint(1, 2)}
    for shop in rng.sample(shops, often.get(category, rng.randint(1, 2))):
        day = month.first + dt.timedelta(days=rng.randrange(month.days))
        # As prices are: in steps of five cents.
        price = Decimal(round(shop.usual * rng.uniform(0.88, 1.12) * 20)) / 20
        yield Line(day, EXPENSE, price.quantize(Decimal("0.01")), category, shop.name, shop.note)


def _errands(rng: random.Random, total: Decimal) -> list[Shop]:
    """As many grocers and restaurants as it usually takes to spend `total` there."""
    shops: list[Shop] = []
    while sum(shop.usual for shop in shops) < total:
        shops.append(rng.choice(GROCERS if rng.random() < 0.7 else RESTAURANTS))
    return shops


def _until(shops: Sequence[Shop], total: Decimal) -> list[Shop]:
    """The first of `shops`, as many as it usually takes to spend `total` there."""
    before = [0.0, *accumulate(shop.usual for shop in shops)]
    return [shop for shop, spent in zip(shops, before, strict=False) if spent < total]


def _outings(
    category: str,
    shops: Sequence[Shop],
    total: Decimal,
    days: Sequence[dt.date],
    rng: random.Random,
) -> Iterator[Line]:
    """Visits to `shops` spread over `days` that cost `total` together, to the cent."""
    most = 2 * len(days) + 1
    if len(shops) > most:
        shops = sorted(shops, key=lambda shop: -shop.usual)[:most]
    visits: list[tuple[dt.date, Shop]] = []
    for index, shop in enumerate(shops):
        wanted = days[int((index + rng.random()) * len(days) / len(shops))]
        open_days = [
            day
            for day in days
            if shop.weekday in {None, day.weekday()} and (day, shop) not in visits
        ]
        if open_days:
            visits.append((min(open_days, key=lambda day: abs(day - wanted)), shop))
    weights = [round(shop.usual * rng.uniform(80, 120)) for _day, shop in visits]
    for (day, shop), amount in zip(visits, split_by_share(total, weights), strict=True):
        yield Line(day, EXPENSE, amount, category, shop.name, shop.note)


def _opening_balance(lines: Iterable[Line], movements: Iterable[Movement]) -> Decimal:
    """What must have been there at first, so that there always was more than is set aside."""
    changes: dict[dt.date, Decimal] = defaultdict(Decimal)
    for line in lines:
        changes[line.day] += line.amount if line.kind == INCOME else -line.amount
    for move in movements:
        changes[move.day] -= move.amount
    lowest = min(accumulate(changes[day] for day in sorted(changes)))
    return Decimal(max(1, math.ceil((300 - lowest) / 50)) * 50)


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=offset) for offset in range((last - first).days + 1)]


def _day_of(month: Period, day: int) -> dt.date:
    """The day of this number (up to 28) that lies in the household's month."""
    first = month.first
    return (first if day >= first.day else first + relativedelta(months=1)).replace(day=day)


def _month_name(day: dt.date) -> str:
    return format_date(day, "LLLL", "fr")


def _euros(amount: float) -> Decimal:
    return Decimal(round(amount * 100)) / 100


# What is saved for.


@dataclass(frozen=True, slots=True)
class Movement:
    """Money put into a goal; a negative amount was taken back out."""

    day: dt.date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class GoalPlan:
    """A goal with a planned contribution (euros a month) or a target date, and its movements."""

    name: str
    description: str
    category: str
    target: Decimal
    contribution: Decimal | None
    target_date: dt.date | None
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class _Saving:
    name: str
    description: str
    category: str
    target: int
    saved: int
    # The movements of the last months, oldest first; the last is the present month's.
    monthly: tuple[int, ...]
    contribution: int | None = None
    months_left: int | None = None


_SAVINGS = (
    _Saving(
        "Vacances été", "Deux semaines en Bretagne", LEISURE, 1000, 650,
        (70, 70, 120, -40, 70, 70), contribution=70,
    ),
    _Saving(
        "Nouveau téléphone", "Quand l’ancien lâchera", SHOPPING, 500, 320,
        (45, 45, 45, 45, 45), contribution=45,
    ),
    _Saving(
        "Apport voiture", "D’occasion, à quatre portes", TRANSPORT, 5000, 1200,
        (150, 150, -100, 150, 150, 65), months_left=25,
    ),
)  # fmt: skip


def goal_plans(*, today: dt.date, months: int = 6, start_day: int = 1) -> list[GoalPlan]:
    """The goals with what each holds, put there over the last months at most `months` ago.

    What went in before the first month of the story goes in at once in it.
    """
    present = Period.containing(today, start_day=start_day)
    return [_plan(saving, present, today, months) for saving in _SAVINGS]


def _plan(saving: _Saving, present: Period, today: dt.date, months: int) -> GoalPlan:
    amounts = list(saving.monthly[-months:])
    amounts.insert(0, saving.saved - sum(amounts))
    movements = []
    for month, amount in zip(present.last_periods(len(amounts)), amounts, strict=True):
        # On payday, and in the present month, whose payday may be to come, early in it.
        day = min(_day_of(month, 3), today) if month == present else _day_of(month, 28)
        movements.append(Movement(day, Decimal(amount)))
    return GoalPlan(
        name=saving.name,
        description=saving.description,
        category=saving.category,
        target=Decimal(saving.target),
        contribution=Decimal(saving.contribution) if saving.contribution else None,
        target_date=present.shift(saving.months_left).last if saving.months_left else None,
        movements=tuple(movements),
    )


# Many lines, for measuring.


def bulk_history(*, today: dt.date, rows: int, seed: int = 1) -> Iterator[Line]:
    """`rows` lines over the five years up to `today`, evenly spread, oldest first.

    One in twenty is an income, large enough for the household to stay solvent.
    """
    rng = random.Random(f"{seed} bulk")  # noqa: S311 a story, no secret
    first = today - relativedelta(years=5)
    days = _days(first, today)
    spent = [
        (EXPENSE, category, shop)
        for category, shops in {
            FOOD: GROCERS + RESTAURANTS,
            TRANSPORT: TRIPS,
            **SHOPS,
            SUBSCRIPTIONS: (Shop("Netflix", 15), Shop("Deezer", 12)),
            HOUSING: (Shop("EDF, électricité", 65), Shop("Free, internet", 35)),
            UNCATEGORISED: (Shop("Retrait d'espèces", 40), Shop("Paiement CB", 25)),
        }.items()
        for shop in shops
    ]
    earned = [(INCOME, SALARY, Shop("Salaire", 900))]
    weights = [19.0 / len(spent)] * len(spent) + [1.0]
    for index, (kind, category, shop) in enumerate(rng.choices(spent + earned, weights, k=rows)):
        amount = Decimal(round(shop.usual * (60 + 80 * rng.random()))) / 100
        yield Line(days[index * len(days) // rows], kind, amount, category, shop.name, shop.note)
