"""Made-up files as banks give them, for trying the site: `python -m tests.imports.made_up FOLDER`.

Written are a month of Crédit Agricole's CSV, the same account as OFX, BoursoBank's CSV with two
accounts, a ZIP of them, a table whose columns nobody can tell, and a file of 100,000 lines.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

#: What a household buys: the bank's words, from and to which amount, how often in a month.
SHOPS = [
    ("CARTE {d:%d/%m} BIOCOOP VOLTAIRE CB*4821", 18, 74, 4),
    ("CARTE {d:%d/%m} CARREFOUR CITY PARIS CB*4821", 6, 96, 6),
    ("CARTE {d:%d/%m} PICARD 1042 PARIS CB*4821", 12, 48, 2),
    ("CARTE {d:%d/%m} SUMUP *CAFE MERICOURT", 4, 9, 5),
    ("CARTE {d:%d/%m} SNCF CONNECT CB*4821", 19, 120, 2),
    ("CARTE {d:%d/%m} LEROY MERLIN IVRY CB*4821", 15, 160, 1),
    ("CARTE {d:%d/%m} PHARMACIE DE LA NATION CB*4821", 5, 42, 1),
    ("CARTE {d:%d/%m} UGC CINE CITE BERCY CB*4821", 9, 26, 1),
    ("PAYPAL *BLABLACAR {d:%d/%m}", 14, 38, 1),
    ("RETRAIT DAB {d:%d/%m} BNP PARIS 11 CB*4821", 20, 80, 1),
]
#: What comes every month: the bank's words, the signed amount, the day.
REGULAR = [
    ("VIR SEPA ATELIER DU BOIS SALAIRE", "2140.00", 28),
    ("PRLV SEPA ENGIE ELECTRICITE CONTRAT 30211", "-58.12", 8),
    ("PRLV SEPA FREE TELECOM", "-29.99", 5),
    ("PRLV SEPA LOYER REGIE DU MARAIS", "-845.00", 3),
    ("VIR INST M DUBREUIL THEO", "35.00", 17),
    ("PRLV SEPA SPOTIFY P2A4C", "-11.99", 12),
    ("VIR EPARGNE LIVRET A", "-150.00", 2),
]


@dataclass(frozen=True, slots=True)
class Movement:
    date: dt.date
    label: str
    amount: Decimal


def movements(last: dt.date, days: int, *, seed: int = 1) -> list[Movement]:
    """What an account moved in the days up to `last`, the newest first; always the same."""
    chance = random.Random(seed)
    found = []
    for back in range(days):
        day = last - dt.timedelta(days=back)
        found += [
            Movement(day, label, Decimal(amount)) for label, amount, on in REGULAR if on == day.day
        ]
        for label, low, high, often in SHOPS:
            if chance.random() < often / 30:
                cents = chance.randint(low * 100, high * 100)
                found.append(Movement(day, label.format(d=day), -Decimal(cents) / 100))
    return found


def credit_agricole(rows: list[Movement]) -> bytes:
    """Date;Libellé;Débit euros;Crédit euros, after the words the bank puts before it."""
    text = "Téléchargement du 21/11/2026;\n\nMme DUBREUIL Alice\nCompte de Dépôt carte n° 01234\n\n"
    text += "Date;Libellé;Débit euros;Crédit euros;\n"
    for row in rows:
        amount = f"{abs(row.amount)}".replace(".", ",")
        sides = f"{amount};" if row.amount < 0 else f";{amount}"
        text += f'{row.date:%d/%m/%Y};"{row.label}\n";{sides};\n'
    return text.encode("latin-1")


def boursobank(accounts: dict[str, list[Movement]]) -> bytes:
    """BoursoBank's table, which tells several accounts apart."""
    text = "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;"
    text += "accountNum;accountLabel;accountbalance\n"
    for name, rows in accounts.items():
        balance = Decimal("1834.20")
        for row in rows:
            amount = f"{row.amount}".replace(".", ",")
            text += f'{row.date};{row.date};"{row.label}";"";"";"";{amount};;'
            text += f'000{len(name)}4060;"{name}";{balance}\n'
            balance -= row.amount
    return ("\ufeff" + text).encode()


def ofx(rows: list[Movement], balance: Decimal) -> bytes:
    """OFX 1, with the bank's ids and the balance at the end."""
    lines = "".join(
        f"<STMTTRN><TRNTYPE>{'DEBIT' if row.amount < 0 else 'CREDIT'}"
        f"<DTPOSTED>{row.date:%Y%m%d}<TRNAMT>{row.amount}<FITID>{row.date:%Y%m%d}{n:06}"
        f"<NAME>{row.label}</STMTTRN>\n"
        for n, row in enumerate(rows)
    )
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\n"
        "CHARSET:1252\nCOMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
        "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20261121<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>"
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>"
        "<CURDEF>EUR<BANKACCTFROM><BANKID>18206<BRANCHID>00001<ACCTID>01234567890"
        "<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>"
        f"<DTSTART>{rows[-1].date:%Y%m%d}<DTEND>{rows[0].date:%Y%m%d}\n{lines}</BANKTRANLIST>"
        f"<LEDGERBAL><BALAMT>{balance}<DTASOF>{rows[0].date:%Y%m%d}</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    ).encode("cp1252")


def many(lines: int) -> bytes:
    """A table of so many lines, over years."""
    chance = random.Random(2)
    first = dt.date(2015, 1, 1)
    text = ["Date;Libellé;Débit euros;Crédit euros;\n"]
    for n in range(lines):
        day = first + dt.timedelta(days=n * 4300 // lines)
        label = chance.choice(SHOPS)[0].format(d=day)
        text.append(f"{day:%d/%m/%Y};{label} {n};{chance.randint(100, 9999) / 100:.2f};;\n")
    return "".join(text).replace(".", ",").encode("latin-1")


def files() -> Iterator[tuple[str, bytes]]:
    """Each file's name and content."""
    month = movements(dt.date(2026, 11, 20), 30)
    table = credit_agricole(month)
    # Two lines that nobody can read: a day that is none, an amount that is none.
    broken = b"31/02/2026;PRLV SEPA ENGIE;58,12;;\n16/11/2026;CARTE FNAC;douze euros;;\n"
    yield "releve-2026-11.csv", table + broken
    account = ofx(month, Decimal("1834.20"))
    yield "compte-2026-11.ofx", account
    two = {"BoursoBank": month, "Livret A": movements(dt.date(2026, 11, 20), 90, seed=5)[:6]}
    yield "export-operations.csv", boursobank(two)
    yield "colonnes-inconnues.csv", b"a;b;c\n1;2;3\n4;5;6\n"
    yield "cent-mille.csv", many(100_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "banque.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files():
            (folder / name).write_bytes(content)
            if len(content) < 100_000:
                archive.writestr(name, content)


if __name__ == "__main__":
    main()
