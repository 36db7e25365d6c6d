"""A file that waits, with lines of every finding: made-up rows for the pages' own tests."""

from __future__ import annotations

import datetime as dt

from budget.imports.models import Choice, Finding, Import, ImportLine
from budget.imports.services import import_receive, statements_assign
from budget.users.models import User
from budget.wallets.selectors import first_wallet
from tests.ledger import category, spend

FILE = """Date;Libellé;Débit euros;Crédit euros;
20/11/2026;CARTE 20/11 BIOCOOP VOLTAIRE CB*4821;41,20;;
19/11/2026;PAYPAL *BLABLACAR 19/11;22,00;;
18/11/2026;CARTE 18/11 SUMUP *CAFE MERICOURT;4,80;;
18/11/2026;CARTE 18/11 SUMUP *CAFE MERICOURT;4,80;;
17/11/2026;VIR INST M DUBREUIL THEO;;35,00;
16/11/2026;VIR EPARGNE LIVRET A;150,00;;
15/11/2026;CARTE 15/11 CARREFOUR CITY;72,37;;
31/02/2026;PRLV SEPA ENGIE;58,12;;
""".encode("latin-1")
LINES = 8


def waiting_file(user: User, content: bytes = FILE, name: str = "releve.csv") -> Import:
    """A file that was read, into the household's first wallet. Inside its scope."""
    source = import_receive(file_name=name, content=content, user=user)
    wallets = {each.pk: first_wallet() for each in source.statements.all()}
    return statements_assign(source=source, wallets=wallets)


def line(source: Import, words: str, nth: int = 0) -> ImportLine:
    """The line of that file whose label has these words."""
    lines = ImportLine.objects.filter(statement__source=source, label__contains=words)
    return lines.order_by("pk")[nth]


def findings(source: Import) -> None:
    """Give the lines of FILE what is otherwise found and learned: one of each kind."""
    food, ride = category("Alimentation"), category("Transport")
    by_hand = spend(22, dt.date(2026, 11, 18), ride, "BlaBlaCar")
    lines = ImportLine.objects.filter(statement__source=source)
    lines.filter(label__contains="BIOCOOP").update(
        description="Biocoop",
        category=food,
        suggested=food.pk,
        confidence=97,
        because={"word": "BIOCOOP", "right": 12, "of": 12},
    )
    lines.filter(label__contains="BLABLACAR").update(
        finding=Finding.MATCH, found=by_hand.pk, choice=Choice.JOIN
    )
    lines.filter(label__contains="DUBREUIL").update(
        suggested=food.pk, confidence=38, because={"word": "DUBREUIL", "right": 1, "of": 3}
    )
    lines.filter(label__contains="EPARGNE").update(
        finding=Finding.TRANSFER, found=by_hand.pk, choice=Choice.LEAVE
    )
    lines.filter(label__contains="CARREFOUR").update(
        finding=Finding.PROBABLE, found=by_hand.pk, choice=Choice.LEAVE
    )


def unmade(source: Import) -> None:
    """The made-up findings go: nothing in the ledger bears them out, and importing would see."""
    made_up = ImportLine.objects.filter(statement__source=source, found__isnull=False)
    made_up.update(finding=Finding.NEW, found=None, choice=Choice.LEAVE)
