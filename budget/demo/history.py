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
TRANSFER = "transfer"
LEND = "lend"
COLLECT = "collect"
BORROW = "borrow"
REPAY = "repay"
#: What a line of each kind does to the household's money.
SIGN = {INCOME: 1, COLLECT: 1, BORROW: 1, EXPENSE: -1, LEND: -1, REPAY: -1, TRANSFER: 0}

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


CURRENT = "Compte courant"
LIVRET = "Livret"
CASH = "Espèces"


@dataclass(frozen=True, slots=True)
class DemoWallet:
    name: str
    kind: str
    colour: str


WALLETS = (
    DemoWallet(CURRENT, "current", "#3b82f6"),
    DemoWallet(LIVRET, "savings", "#14b8a6"),
    DemoWallet(CASH, "cash", "#84cc16"),
)

TO_SAVE = "Épargne"
NEEDS = "Nécessaire"
TRAINING = "Formation"
FUN = "Plaisir"
GIFTS = "Dons"
UNASSIGNED = ""


@dataclass(frozen=True, slots=True)
class DemoBucket:
    name: str
    share: int
    colour: str


BUCKETS = (
    DemoBucket(TO_SAVE, 20, "#0ea5e9"),
    DemoBucket(NEEDS, 50, "#f59e0b"),
    DemoBucket(TRAINING, 10, "#6366f1"),
    DemoBucket(FUN, 10, "#ec4899"),
    DemoBucket(GIFTS, 10, "#22c55e"),
)
#: The envelope that pays for each category; what is not here is unassigned.
PAID_BY = {
    FOOD: NEEDS,
    TRANSPORT: NEEDS,
    HOUSING: NEEDS,
    HEALTH: NEEDS,
    LEISURE: FUN,
    SHOPPING: FUN,
    SUBSCRIPTIONS: FUN,
    OTHER: FUN,
}
#: Purchases that another envelope than their category's pays for.
PAID_OTHERWISE = {"Librairie Millepages": TRAINING, "Cadeau de Léa": GIFTS}

DEBTOR = "Léa"
CREDITOR = "Tom"
#: How many days into its month each loan or repayment comes.
DAYS_OF_LOANS = {LEND: 8, BORROW: 10, COLLECT: 14, REPAY: 25}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    first_name: str
    last_name: str
    note: str


PEOPLE = (
    DemoPerson(DEBTOR, "Moreau", "Rembourse le 15 de chaque mois"),
    DemoPerson(CREDITOR, "Garnier", "Avance pour le concert"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger; `amount` is positive, in euros.

    Category, wallets, envelopes and person are names, empty for none. `spread`: an income that
    goes to the envelopes by their shares.
    """

    day: dt.date
    kind: str
    amount: Decimal
    category: str
    description: str
    note: str = ""
    wallet: str = CURRENT
    to_wallet: str = ""
    bucket: str = ""
    to_bucket: str = ""
    person: str = ""
    spread: bool = False

    @property
    def sides(self) -> list[tuple[str, str, Decimal]]:
        """The wallet, the envelope and the amount of each movement; ("", …) moves no wallet."""
        if self.kind == TRANSFER:
            return [
                (self.wallet, self.bucket, -self.amount),
                (self.to_wallet, self.to_bucket, self.amount),
            ]
        return [(self.wallet, self.bucket, self.amount * SIGN[self.kind])]


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
#: Where one pays in cash, as long as there is some of what is withdrawn for it each month.
POCKET = Decimal(40)
PAID_IN_CASH = {"Boulangerie Landemaine", "Marché du samedi", "Fromagerie Beaufils"}
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
    exceeded, one is reached and one is near, on whichever day of it. The first lines are the
    balance it starts from, and how that is divided: enough for whatever is set aside
    (`goal_plans`) to have been there, and for no wallet or envelope to run out.
    """
    present = Period.containing(today, start_day=start_day)
    loans = list(_loans(present, months))
    lines: list[Line] = []
    for month in present.last_periods(months + 1):
        own = [*_month(month, today, seed), *(line for line in loans if line.day in month)]
        own = [line for line in own if line.day <= today]
        lines += _in_cash(sorted(map(_named, own), key=lambda line: line.day))
    plans = goal_plans(today=today, months=months, start_day=start_day)
    moves = [move for plan in plans for move in plan.movements]
    return [*_beginning(lines, moves, present.shift(-months).first), *lines]


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
    """What comes by itself, what is put aside, and the cash and the doctor that come once."""

    def on(day: int) -> dt.date:
        return _day_of(month, day)

    yield Line(on(1), EXPENSE, Decimal(86), TRANSPORT, "Navigo mensuel")
    yield Line(on(5), EXPENSE, Decimal("14.99"), SUBSCRIPTIONS, "Netflix")
    yield Line(on(10), EXPENSE, Decimal("11.99"), SUBSCRIPTIONS, "Deezer")
    payday = on(28)
    yield Line(payday, INCOME, Decimal(2500), SALARY, f"Salaire {_month_name(payday)}", spread=True)
    yield Line(
        payday, TRANSFER, Decimal(300), UNCATEGORISED, "Virement vers le Livret", to_wallet=LIVRET
    )
    for bucket, amount in ((TRAINING, 150), (GIFTS, 130)):
        yield Line(
            payday, TRANSFER, Decimal(amount), UNCATEGORISED, "Rééquilibrage", wallet="",
            bucket=bucket, to_bucket=NEEDS,
        )  # fmt: skip
    cash = Decimal(rng.choice((20, 20, 40, 60)))
    yield Line(
        month.first, TRANSFER, cash + POCKET, UNCATEGORISED, "Retrait d'espèces", to_wallet=CASH
    )
    yield Line(
        on(rng.randint(6, 24)), EXPENSE, cash, UNCATEGORISED, "Petites dépenses", wallet=CASH
    )
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


def _loans(present: Period, months: int) -> Iterator[Line]:
    """What one person still owes 200 of, and what the household still owes 80 of."""
    lent, last = present.shift(-min(months, 2)), present.previous
    for first, kind, amount, person, description in (
        (lent.first, LEND, 300, DEBTOR, "Caution de l’appartement"),
        (last.first, COLLECT, 100, DEBTOR, "Premier remboursement"),
        (last.first, BORROW, 120, CREDITOR, "Places de concert"),
        (last.first, REPAY, 40, CREDITOR, "Acompte"),
    ):
        day = first + dt.timedelta(days=DAYS_OF_LOANS[kind])
        yield Line(day, kind, Decimal(amount), UNCATEGORISED, description, person=person)


def _named(line: Line) -> Line:
    """The line with the envelope that pays for it."""
    bucket = PAID_OTHERWISE.get(line.description) or PAID_BY.get(line.category, UNASSIGNED)
    return replace(line, bucket=bucket) if bucket else line


def _in_cash(lines: Iterable[Line]) -> Iterator[Line]:
    """The month's lines, the small ones of markets and bakers paid with the cash withdrawn."""
    pocket = POCKET
    for line in lines:
        if line.description in PAID_IN_CASH and line.amount <= pocket:
            pocket -= line.amount
            yield replace(line, wallet=CASH)
        else:
            yield line


def _beginning(
    lines: Sequence[Line], movements: Sequence[Movement], start: dt.date
) -> Iterator[Line]:
    """What must have been there at first, and where, so that nothing ever ran out."""
    first_savings = min(move.day for move in movements)
    saved = sum((move.amount for move in movements if move.day == first_savings), Decimal(0))
    saved = _fifties(saved)
    wallets: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    buckets: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    free: list[tuple[dt.date, Decimal]] = [(move.day, -move.amount) for move in movements]
    for line in lines:
        free.append((line.day, line.amount * SIGN[line.kind]))
        for wallet, bucket, amount in line.sides:
            wallets[wallet].append((line.day, amount))
            if not line.spread:
                buckets[bucket].append((line.day, amount))
        if line.spread:
            shares = split_by_share(line.amount, [each.share for each in BUCKETS])
            for each, amount in zip(BUCKETS, shares, strict=True):
                buckets[each.name].append((line.day, amount))
    given = {each.name: _missing(buckets[each.name]) for each in BUCKETS}
    opening = max(
        _missing(free, spare=300),
        _missing(wallets[CURRENT], spare=100) + saved,
        _missing(buckets[UNASSIGNED], spare=100) + sum(given.values()),
    )
    yield Line(start, INCOME, opening, SAVINGS, "Solde de départ")
    yield Line(start, TRANSFER, saved, UNCATEGORISED, "Ouverture du Livret", to_wallet=LIVRET)
    for name, amount in given.items():
        if amount:
            yield Line(
                start, TRANSFER, amount, UNCATEGORISED, "Répartition de départ", wallet="",
                to_bucket=name,
            )  # fmt: skip


def _missing(changes: Iterable[tuple[dt.date, Decimal]], spare: int = 0) -> Decimal:
    """What must have been there for the changes to leave `spare` euros at least, on any day."""
    by_day: dict[dt.date, Decimal] = defaultdict(Decimal)
    for day, amount in changes:
        by_day[day] += amount
    lowest = min(accumulate(by_day[day] for day in sorted(by_day)), default=Decimal(0))
    return _fifties(max(spare - lowest, Decimal(0)))


def _fifties(amount: Decimal) -> Decimal:
    """The next multiple of 50."""
    return Decimal(math.ceil(amount / 50) * 50)


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

    One in twenty is an income, spread over the envelopes and large enough for the household to
    stay solvent; a few are transfers between the wallets, or lent and paid back. Cash and Livret
    spend what they hold and no more.
    """
    rng = random.Random(f"{seed} bulk")  # noqa: S311 a story, no secret
    first = today - relativedelta(years=5)
    days = _days(first, today)
    spent = [
        Line(first, EXPENSE, Decimal(round(shop.usual)), category, shop.name, shop.note)
        for category, shops in {
            FOOD: GROCERS + RESTAURANTS,
            TRANSPORT: TRIPS,
            **SHOPS,
            SUBSCRIPTIONS: (Shop("Netflix", 15), Shop("Deezer", 12)),
            HOUSING: (Shop("EDF, électricité", 65), Shop("Free, internet", 35)),
            UNCATEGORISED: (Shop("Paiement CB", 25), Shop("Petites dépenses", 20)),
        }.items()
        for shop in shops
    ]
    others = [
        Line(first, TRANSFER, Decimal(50), UNCATEGORISED, "Retrait d'espèces", to_wallet=CASH),
        Line(first, TRANSFER, Decimal(90), UNCATEGORISED, "Virement", to_wallet=LIVRET),
        Line(
            first, TRANSFER, Decimal(30), UNCATEGORISED, "Rééquilibrage", wallet="",
            bucket=GIFTS, to_bucket=NEEDS,
        ),
        Line(first, LEND, Decimal(40), UNCATEGORISED, "Prêt", person=DEBTOR),
        Line(first, COLLECT, Decimal(35), UNCATEGORISED, "Remboursement", person=DEBTOR),
        Line(first, BORROW, Decimal(30), UNCATEGORISED, "Emprunt", person=CREDITOR),
        Line(first, REPAY, Decimal(25), UNCATEGORISED, "Remboursement", person=CREDITOR),
    ]  # fmt: skip
    earned = [Line(first, INCOME, Decimal(900), SALARY, "Salaire", spread=True)]
    models = [_named(line) for line in spent] + others + earned
    weights = [18.0 / len(spent)] * len(spent) + [1.0 / len(others)] * len(others) + [1.0]
    held = {CASH: Decimal(0), LIVRET: Decimal(0)}
    for index, model in enumerate(rng.choices(models, weights, k=rows)):
        amount = model.amount * rng.randint(60, 140) / 100
        line = replace(model, day=days[index * len(days) // rows], amount=amount)
        wallet = rng.choice((CURRENT, CURRENT, CASH, LIVRET))
        if line.kind == EXPENSE and amount <= held.get(wallet, 0):
            line = replace(line, wallet=wallet)
        for wallet, _bucket, moved in line.sides:
            if wallet in held:
                held[wallet] += moved
        yield line
