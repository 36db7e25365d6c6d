"""Five households' bank lines with the category that each would choose: what learning is tried on.

Invented, and written from how banks write labels and how people spend: shops one goes to each week
and shops one sees once, subscriptions, bills, salaries, refunds, people; the same shop for two
things (fuel and food at Leclerc, anything at Amazon); a choice made wrongly now and then, and a
household that changes its mind. The same name gives the same lines.
"""
# ruff: noqa: E501 labels are as long as banks write them, and one line each

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

#: Of a hundred choices, how many are made wrongly.
SLIPS = 3
FIRST_MONTH = dt.date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line, with what it is and what the household chose in the end; "" is no category."""

    date: dt.date
    label: str
    amount: Decimal  # signed, in euros
    category: str
    chosen: str


@dataclass(frozen=True, slots=True)
class Shop:
    """Where money goes or comes from.

    `often`: times a month. `usual`: the amount in the middle; negative where money comes in.
    `spread`: 0 is always the same amount, 0.5 is from half to nearly twice. `later`: the
    category from the tenth month on, where the household changes its mind.
    """

    category: str
    name: str
    usual: float
    often: float = 1
    spread: float = 0.5
    way: str = "card"
    places: tuple[str, ...] = ("",)
    later: str = ""


def shops(category: str, text: str, **options: object) -> list[Shop]:
    """Shops of a category, one a line: `NAME | usual | often | spread`, the latter two optional."""
    found = []
    for line in text.strip().splitlines():
        name, usual, *more = (part.strip() for part in line.split("|"))
        often, spread = ([float(part) for part in more] + [1.0, 0.5][len(more) :])[:2]
        found.append(Shop(category, name, float(usual), often, spread, **options))  # type: ignore[arg-type]
    return found


Writer = Callable[[random.Random, Shop, str, dt.date], str]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledHousehold:
    name: str
    bank: Writer
    shops: list[Shop]
    #: Shops seen once: category, patterns with {} for a name, usual amount, times a month.
    new: Sequence[tuple[str, tuple[str, ...], float, float]] = ()
    names: tuple[str, ...] = ()

    def lines(self, *, seed: int = 1, months: int = 18) -> list[LabelledLine]:
        """All lines of the months from January 2025 on, oldest first."""
        rng = random.Random(f"{self.name} {seed}")
        lines = [line for month in range(months) for line in self._month(rng, month)]
        return sorted(lines, key=lambda line: line.date)

    def _month(self, rng: random.Random, month: int) -> Iterator[LabelledLine]:
        first = FIRST_MONTH.replace(
            year=FIRST_MONTH.year + month // 12, month=FIRST_MONTH.month + month % 12
        )
        for shop in self.shops:
            for _time in range(_times(rng, shop.often)):
                category = shop.later if shop.later and month >= 9 else shop.category
                yield self._line(rng, shop, category, first)
        for category, patterns, usual, often in self.new:
            for _time in range(_times(rng, often)):
                name = rng.choice(patterns).format(rng.choice(self.names) if self.names else "")
                if "?" in name:
                    name = name.replace("?", _invented(rng))
                yield self._line(rng, Shop(category, name, usual), category, first)

    def _line(self, rng: random.Random, shop: Shop, category: str, first: dt.date) -> LabelledLine:
        day = first.replace(day=rng.randint(1, 28))
        euros = abs(shop.usual) * math.exp(rng.gauss(0, shop.spread)) if shop.spread else shop.usual
        amount = Decimal(str(round(abs(euros), 2))).quantize(Decimal("0.01"))
        label = self.bank(rng, shop, rng.choice(shop.places), day)
        chosen = category
        if category and rng.randrange(100) < SLIPS:
            chosen = rng.choice(sorted({other.category for other in self.shops} - {category, ""}))
        return LabelledLine(day, label, amount if shop.usual < 0 else -amount, category, chosen)


def _times(rng: random.Random, often: float) -> int:
    """How often in one month: 1 is once, 0.3 is now and then, 4.5 four or five times."""
    whole = int(often)
    times = whole + (rng.random() < often - whole)
    return times if often <= 1 else max(0, times + rng.choice((-1, 0, 0, 1)))


def _invented(rng: random.Random) -> str:
    """A name on a shop's sign that says nothing."""
    return "".join(
        rng.choice("BCDFGLMNPRSTVZ") + rng.choice("AEIOU") for _syllable in range(rng.randint(2, 4))
    )


def _digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("0123456789", k=count))


def _code(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=count))


def boursobank(rng: random.Random, shop: Shop, place: str, day: dt.date) -> str:
    where = f"{shop.name} {place}".strip()
    match shop.way:
        case "card":
            return f"CARTE {day:%d/%m/%y} {where} CB*4821"
        case "refund":
            return f"AVOIR {day:%d/%m/%y} {where} CB*4821"
        case "cash":
            return f"RETRAIT DAB {day:%d/%m/%y} {where} CB*4821"
        case "debit":
            return f"PRLV SEPA {where}"
        case _:
            return f"VIR {rng.choice(('SEPA', 'INST'))} {where}"


def credit_agricole(rng: random.Random, shop: Shop, place: str, day: dt.date) -> str:
    where = f"{shop.name} {place}".strip()
    match shop.way:
        case "card":
            return f"PAIEMENT PAR CARTE X7722 {where} {day:%d/%m}"
        case "refund":
            return f"AVOIR PAR CARTE X7722 {where} {day:%d/%m}"
        case "cash":
            return f"RETRAIT AU DISTRIBUTEUR X7722 {where} {day:%d/%m} {rng.randint(8, 20):02}H{rng.randint(0, 59):02}"
        case "debit":
            return f"PRELEVEMENT {where} {_code(rng, 4)}{_digits(rng, 9)}"
        case "in":
            return f"VIREMENT EN VOTRE FAVEUR {where} {_code(rng, 3)}{_digits(rng, 8)}"
        case _:
            return f"VIREMENT EMIS WEB {where}"


def bnp_paribas(rng: random.Random, shop: Shop, place: str, day: dt.date) -> str:
    where = f"{shop.name} {place}".strip()
    match shop.way:
        case "card" | "refund":
            return f"FACTURE CARTE DU {day:%d%m%y} {where} CARTE 4974XXXXXXXX8812"
        case "cash":
            return f"RETRAIT DAB {day:%d/%m/%y} {rng.randint(8, 20):02}H{rng.randint(0, 59):02} {_digits(rng, 8)} {where}"
        case "debit":
            return (
                f"PRLV SEPA {where} ECH/{day:%d%m%y} ID EMETTEUR/FR{_digits(rng, 2)}ZZZ{_digits(rng, 6)} "
                f"MDT/{_code(rng, 3)}{_digits(rng, 9)} REF/{_digits(rng, 10)}"
            )
        case "in":
            return f"VIR SEPA RECU /DE {where} /REF {_digits(rng, 8)}"
        case _:
            return f"VIR SEPA EMIS /BEN {where} /REFDO {_digits(rng, 8)}"


def natwest(rng: random.Random, shop: Shop, place: str, day: dt.date) -> str:
    where = f"{shop.name} {place}".strip()
    match shop.way:
        case "card" | "refund":
            return (
                f"4821 {day:%d%b%y}".upper()
                + f" {where} {rng.choice(('LONDON', 'READING', 'OXFORD'))} GB"
            )
        case "debit":
            return f"DIRECT DEBIT PAYMENT TO {where} REF {_digits(rng, 8)}, MANDATE NO {_digits(rng, 4)}"
        case "cash":
            return f"CASH WITHDRAWAL AT {where} {day:%d-%m-%Y}"
        case "in":
            return f"FASTER PAYMENTS RECEIPT FROM {where}"
        case _:
            return f"BILL PAYMENT VIA FASTER PAYMENT TO {where}"


def abn_amro(rng: random.Random, shop: Shop, place: str, day: dt.date) -> str:
    where = f"{shop.name} {place}".strip()
    time = f"{rng.randint(8, 20):02}:{rng.randint(0, 59):02}"
    match shop.way:
        case "card" | "refund":
            return f"BEA, Betaalpas {where},PAS123 NR:{_code(rng, 6)}, {day:%d.%m.%y}/{time}"
        case "cash":
            return f"GEA, Betaalpas {where},PAS123 NR:{_code(rng, 6)}, {day:%d.%m.%y}/{time}"
        case "debit":
            return (
                f"/TRTP/SEPA Incasso algemeen doorlopend/CSID/NL{_digits(rng, 2)}ZZZ{_digits(rng, 12)}"
                f"/NAME/{where}/MARF/{_digits(rng, 8)}/REMI/{_digits(rng, 9)}/IBAN/NL12INGB0001234567"
                f"/BIC/INGBNL2A/EREF/{_code(rng, 8)}"
            )
        case _:
            return f"SEPA Overboeking IBAN: NL12RABO0123456789 BIC: RABONL2U Naam: {where}"


FOOD, HOME, TRAVEL, FUN, HEALTH, CLOTHES, BILLS, OTHER, PAY, BACK = (
    "Alimentation", "Logement", "Transport", "Loisirs", "Santé", "Shopping", "Abonnements", "Autre",
    "Salaire", "Remboursements",
)  # fmt: skip
OWN = ""  # between the household's own accounts: no category

SURNAMES = (
    "MARTIN", "LEGRAND", "ROUSSEAU", "FOURNIER", "GIRARD", "LAMBERT", "FONTAINE", "CHEVALIER", "GAUTIER",
    "PERRIN", "MORIN", "DUPUIS", "MARCHAND", "LEMOINE", "BARBIER", "RENARD", "COLIN", "PICHON", "VIDAL",
    "DU CENTRE", "DE LA GARE", "DU MARCHE", "SAINT MICHEL", "DES HALLES", "VICTOR HUGO", "DU PONT",
)  # fmt: skip

_FRENCH_NEW = [
    (FOOD, ("BOULANGERIE {}", "BOUCHERIE {}", "LE {} RESTAURANT", "BRASSERIE {}", "CHEZ {}", "CREPERIE {}"), 18, 4.5),
    (HEALTH, ("PHARMACIE {}", "DR {}", "CAB DENT {}", "SELARL {}"), 26, 1.2),
    (FUN, ("CINEMA {}", "LIBRAIRIE {}", "THEATRE {}", "{} EVENTS"), 22, 1.1),
    (CLOTHES, ("{} BOUTIQUE", "MAISON {}", "ATELIER {}"), 40, 0.9),
    (TRAVEL, ("PARKING {}", "GARAGE {}", "TAXI {}"), 20, 0.7),
    (OTHER, ("TABAC {}", "{} SARL", "COIFFURE {}"), 17, 0.8),
    (FOOD, ("?", "LE ?", "SUMUP *?"), 21, 1.8), (CLOTHES, ("?", "PAYPAL *?"), 39, 1), (FUN, ("?", "CLUB ?"), 26, 0.8),
]  # fmt: skip

PARISIANS = LabelledHousehold(
    "parisians",
    boursobank,
    [
        *shops(FOOD, "CARREFOUR CITY|31|5\nMONOPRIX|35|3\nFRANPRIX 5132|19|4\nPICARD 1042|27|1.5",
               places=("PARIS", "PARIS 11", "IVRY", "")),
        *shops(FOOD, """BIOCOOP VOLTAIRE|41|2
            SUMUP *MARCHE ALIGRE|24|2
            BOULANGERIE LANDEMAINE|7|7
            UBER *EATS|26|2
            DELIVEROO|24|1.5
            STARBUCKS|6|2
            MC DONALD'S|14|1.2"""),
        *shops(TRAVEL, "SNCF CONNECT|62|1.5\nUBER *TRIP|15|3\nRATP|17|1\nVELIB METROPOLE|5|0.7\nBLABLACAR|22|0.5"),
        *shops(TRAVEL, "NAVIGO ANNUEL|88.8|1|0", way="debit"),
        *shops(HOME, "ENGIE|74|1|0.1\nFREE TELECOM|39.99|1|0\nMAIF|28.4|1|0", way="debit"),
        *shops(HOME, "LEROY MERLIN IVRY|46|0.6\nIKEA|80|0.4\nCASTORAMA|38|0.3"),
        *shops(HOME, "LOYER SCI DES LILAS|980|1|0", way="out"),
        *shops(BILLS, "NETFLIX.COM|13.49|1|0\nSPOTIFY|11.12|1|0\nLE MONDE|9.99|1|0\nAMAZON PRIME FR|6.99|1|0"),
        *shops(BILLS, "FREE MOBILE|15.99|1|0\nBASIC FIT|29.99|1|0", way="debit"),
        Shop(CLOTHES, "AMAZON EU SARL", 34, 2.2, 0.8),
        Shop(FUN, "AMAZON EU SARL", 15, 0.6, 0.5),
        Shop(BILLS, "AMAZON EU SARL", 9.99, 1, 0),
        *shops(CLOTHES, "ZARA|45|0.7\nUNIQLO|50|0.6\nH&M 142|35|0.5\nVINTED|18|1.2\nFNAC|60|0.4"),
        Shop(FUN, "FNAC", 22, 0.8, 0.4),
        Shop(FUN, "DECATHLON", 38, 0.6), Shop(CLOTHES, "DECATHLON", 55, 0.3),
        *shops(FUN, "UGC CINE CITE|13|1.5\nARKOSE NATION|16|2|0.1\nSTEAMGAMES.COM|20|0.5\nBILLETREDUC|35|0.4"),
        Shop(FUN, "DEEZER", 10.99, 1, 0, later=BILLS),
        *shops(FUN, "PAYPAL *STEAM GAMES|18|0.5"), *shops(CLOTHES, "PAYPAL *ETSY|28|0.6\nPAYPAL *EBAY|33|0.6"),
        *shops(HEALTH, "PHARMACIE NATION|14|1.2\nDOCTOLIB DR BERNARD|30|0.4|0.2\nLABORATOIRE CERBALLIANCE|25|0.2"),
        *shops(OTHER, "LA POSTE|9|0.7\nRETROUCHES EXPRESS|16|0.3\nPRESSING NATION|14|0.6"),
        *shops(OTHER, "BNP PARIBAS PARIS|40|1.2|0.3\nSG PARIS|40|0.5|0.3", way="cash"),
        *shops(OTHER, "M DUBREUIL THEO|30|0.5|0.7", way="out"), *shops(FUN, "MLLE ROCHE INES|22|0.6|0.7", way="out"),
        *shops(FOOD, "M DUBREUIL THEO|25|0.5|0.5", way="out"),
        *shops(PAY, "SARL NUMERIK SALAIRE|-2280|1|0", way="in"),
        *shops(BACK, "CPAM PARIS|-21|1|0.6\nALAN|-16|0.7|0.5", way="in"),
        *shops(CLOTHES, "ZALANDO|-40|0.3|0.4", way="refund"), *shops(CLOTHES, "ZALANDO|62|0.5"),
        *shops(OTHER, "MLLE ROCHE INES|-25|0.6|0.6", way="in"),
        *shops(OWN, "VERS LIVRET A|200|1|0.3", way="out"),
    ],
    _FRENCH_NEW,
    SURNAMES,
)  # fmt: skip

FAMILY = LabelledHousehold(
    "family in the country",
    credit_agricole,
    [
        Shop(FOOD, "E.LECLERC", 92, 4, 0.45, places=("RENNES", "CESSON SEVIGNE", "")),
        Shop(TRAVEL, "E.LECLERC", 61, 2.3, 0.18, places=("RENNES", "CESSON SEVIGNE", "")),
        *shops(FOOD, "SUPER U|48|3\nLIDL|39|2.5\nGRAND FRAIS|33|1.5\nINTERMARCHE|41|1.5", places=("BRUZ", "RENNES", "VERN")),
        *shops(FOOD, "BOULANGERIE LE FOURNIL|8|6\nFERME DES CHAMPS|21|1.5\nBURGER KING|27|0.7\nFLUNCH|32|0.3\nCANTINE SCOLAIRE|64|1|0.2"),
        *shops(TRAVEL, "TOTALENERGIES|65|1.2|0.2\nESSO EXPRESS|58|0.7|0.2\nVINCI AUTOROUTES|17|1.4\nNORAUTO|85|0.3\nSTAR RENNES|12|1"),
        *shops(HOME, "BRICO DEPOT|54|0.9\nJARDILAND|36|0.5\nGIFI|22|0.6\nACTION 3312|18|1.2"),
        *shops(HOME, "EDF|112|1|0\nSAUR|45|0.3|0.2\nGROUPAMA|63.2|1|0\nORANGE SA|44.99|1|0", way="debit"),
        *shops(HOME, "TRESOR PUBLIC TAXE FONCIERE|108|1|0", way="debit"),
        *shops(BILLS, "CANAL PLUS|24.99|1|0\nBOUYGUES TELECOM|19.99|1|0\nSFR MOBILE|12.99|1|0", way="debit"),
        *shops(BILLS, "NETFLIX.COM|13.49|1|0\nDISNEY PLUS|8.99|1|0"),
        *shops(CLOTHES, "KIABI|48|0.9\nGEMO|42|0.6\nLA REDOUTE|66|0.4\nVERTBAUDET|39|0.5"),
        Shop(CLOTHES, "AMAZON PAYMENTS", 29, 2, 0.8), Shop(HOME, "AMAZON PAYMENTS", 42, 0.7, 0.6),
        Shop(FUN, "DECATHLON", 47, 0.8), Shop(FUN, "CULTURA", 28, 0.8), Shop(OTHER, "CULTURA", 24, 0.4),
        *shops(FUN, "PISCINE BREQUIGNY|14|1\nCGR CINEMAS|33|0.6\nCLUB DE JUDO|45|0.3|0.1\nLA RECRE DES 3 CURES|70|0.1"),
        *shops(FUN, "PAYPAL *NINTENDO|25|0.4\nPAYPAL *LEBONCOIN|30|0.4"),
        *shops(HEALTH, "PHARMACIE DU CHAMP|19|1.6\nDR LE GOFF|26.5|0.6|0\nOPTIC 2000|120|0.1\nORTHODONTIE CTRE|80|0.3|0.1"),
        *shops(HEALTH, "HARMONIE MUTUELLE|96.4|1|0", way="debit"),
        *shops(OTHER, "COIFF ET MOI|38|0.8|0.2\nLA POSTE|8|0.5\nTABAC LE BALTO|12|1"),
        *shops(OTHER, "CREDIT AGRICOLE BRUZ|50|1|0.3", way="cash"),
        *shops(OTHER, "ASSOC PARENTS ELEVES|20|0.3\nMME GUILLOU NATHALIE|45|0.6|0.4", way="out"),
        *shops(PAY, "CHU DE RENNES SALAIRE|-2140|1|0.03\nSAS TRANSPORTS ARMOR SALAIRE|-1890|1|0.03", way="in"),
        *shops(BACK, "CAF D ILLE ET VILAINE|-148.52|1|0\nCPAM ILLE ET VILAINE|-24|1.3|0.6\nHARMONIE MUTUELLE|-14|1|0.5", way="in"),
        *shops(OWN, "VERS COMPTE EPARGNE|150|1|0.4\nVERS LIVRET ENFANTS|30|1|0", way="out"),
    ],
    _FRENCH_NEW,
    SURNAMES[8:],
)  # fmt: skip

RETIRED = LabelledHousehold(
    "retired couple",
    bnp_paribas,
    [
        *shops(FOOD, "AUCHAN|74|3.5\nCASINO SHOP|22|3\nNATURALIA|31|1.4\nPRIMEUR DES ARCEAUX|17|3", places=("MONTPELLIER", "LATTES", "")),
        *shops(FOOD, "PAUL|9|3\nPOISSONNERIE COMEDIE|28|1\nNICOLAS|33|0.8\nLA CAVE DES ARCEAUX|26|0.5"),
        Shop(TRAVEL, "AUCHAN", 57, 1.2, 0.15, places=("MONTPELLIER",)),
        *shops(TRAVEL, "TAM MONTPELLIER|10|1\nSNCF INTERNET|85|0.7\nASF|21|0.8\nAIR FRANCE|190|0.15\nAVIA|55|0.5|0.2"),
        *shops(HOME, "TOTALENERGIES ELECTRICITE|88|1|0\nVEOLIA EAU|52|0.3|0.2\nMATMUT|41.7|1|0\nSFR|35|1|0", way="debit"),
        *shops(HOME, "FONCIA SYNDIC|310|0.34|0.05", way="debit"), *shops(HOME, "BRICORAMA|35|0.5\nTRUFFAUT|29|0.6\nBOTANIC|24|0.5"),
        *shops(BILLS, "MIDI LIBRE|32.9|1|0\nMOLOTOV|6.99|1|0", way="debit"), *shops(BILLS, "GOOGLE *GOOGLE ONE|1.99|1|0\nAPPLE.COM/BILL|2.99|1|0"),
        Shop(FUN, "APPLE.COM/BILL", 12, 0.5, 0.4),
        *shops(HEALTH, "PHARMACIE DES ARCEAUX|23|2\nKINE ARCEAUX|32.6|1.5|0\nAUDIKA|45|0.3\nCENTRE RADIOLOGIE|60|0.2"),
        *shops(HEALTH, "MGEN|142|1|0", way="debit"),
        *shops(CLOTHES, "GALERIES LAFAYETTE|65|0.6\nDAMART|48|0.4\nAMAZON.FR*|27|1.2|0.7\nDARTY|110|0.2"),
        Shop(FUN, "AMAZON.FR*", 16, 0.8, 0.4),
        *shops(FUN, "SAURAMPS|24|1.2\nCINEMA DIAGONAL|8|2|0.1\nOPERA COMEDIE|45|0.4\nGOLF DE FONTCAUDE|55|0.5|0.1"),
        *shops(OTHER, "SALON EDITH|42|0.7|0.1\nLA POSTE|11|0.6\nINTERFLORA|39|0.3\nCROIX ROUGE FRANCAISE|20|1|0"),
        *shops(OTHER, "BNP PARIBAS MONTPELLIER|60|1.6|0.2", way="cash"),
        *shops(OTHER, "MME VIALA SOPHIE|100|1|0\nM VIALA PAUL|50|0.5|0.5", way="out"),
        *shops(PAY, "CARSAT PENSION|-1320|1|0\nAGIRC ARRCO|-640|1|0", way="in"),
        *shops(BACK, "CPAM HERAULT|-31|1.6|0.6\nMGEN|-22|1|0.6", way="in"),
        *shops(OWN, "COMPTE LIVRET|250|0.8|0.4", way="out"),
    ],
    _FRENCH_NEW,
    SURNAMES[:16],
)  # fmt: skip

LONDONERS = LabelledHousehold(
    "londoners",
    natwest,
    [
        *shops("Groceries", "TESCO STORES 3241|34|4\nSAINSBURYS S/MKT|41|3\nM&S SIMPLY FOOD|14|3\nLIDL GB|28|2\nOCADO RETAIL|88|1"),
        *shops("Eating out", "PRET A MANGER|6|5\nNANDOS|24|1\nDELIVEROO|27|2\nGREGGS PLC|4|2\nTHE CROWN PUB|21|2\nCOSTA COFFEE|5|3"),
        *shops("Transport", "TFL TRAVEL CH|5|8|0.6\nUBER *TRIP|13|3\nTRAINLINE|38|1\nSHELL|52|0.8|0.2"),
        *shops("Bills", "BRITISH GAS|95|1|0\nTHAMES WATER|38|1|0\nBT GROUP PLC|42|1|0\nLAMBETH COUNCIL|162|1|0\nO2|22|1|0", way="debit"),
        *shops("Bills", "HARBOUR LETTINGS RENT|1450|1|0", way="out"),
        *shops("Subscriptions", "NETFLIX.COM|10.99|1|0\nSPOTIFY|11.99|1|0\nAMZN PRIME UK*|8.99|1|0\nGUARDIAN NEWS|5|1|0"),
        *shops("Subscriptions", "PUREGYM LTD|24.99|1|0", way="debit"),
        Shop("Shopping", "AMZN MKTP UK*", 24, 3, 0.8), Shop("Home", "AMZN MKTP UK*", 30, 1, 0.6),
        *shops("Shopping", "ASOS.COM|45|0.7\nPRIMARK|31|0.6\nJOHN LEWIS|58|0.5\nARGOS|36|0.4\nPAYPAL *EBAY UK|22|0.8"),
        *shops("Home", "IKEA LTD|70|0.3\nB & Q|32|0.5\nROBERT DYAS|17|0.4"),
        *shops("Health", "BOOTS|13|1.5\nSUPERDRUG|9|1\nDENTAL CARE CLINIC|60|0.15"),
        *shops("Fun", "CURZON CINEMA|15|1\nWATERSTONES|17|0.8\nTICKETMASTER UK|62|0.3\nSTEAM PURCHASE|19|0.4"),
        *shops("Cash", "NOTEMACHINE BRIXTON|40|1.2|0.4", way="cash"),
        *shops("Friends", "J SMITH|25|1|0.6\nP OKAFOR|18|0.8|0.6", way="out"), *shops("Friends", "P OKAFOR|-20|0.6|0.6", way="in"),
        *shops("Salary", "ACME WIDGETS LTD|-2650|1|0", way="in"),
        *shops(OWN, "SAVINGS POT|200|1|0.3", way="out"),
    ],
    [
        ("Eating out", ("{} CAFE", "THE {} ARMS", "{} KITCHEN", "PIZZA {}", "{} PUB"), 19, 4),
        ("Shopping", ("{} & SONS", "{} STORE", "THE {} SHOP"), 33, 1.2),
        ("Health", ("{} PHARMACY", "DR {}"), 17, 0.6),
        ("Fun", ("{} THEATRE", "{} MUSEUM", "{} CINEMA"), 20, 0.8),
        ("Transport", ("{} CARS", "{} PARKING"), 14, 0.5),
        ("Eating out", ("?", "SQ *?"), 16, 1.8), ("Shopping", ("?", "PAYPAL *?"), 30, 1.2), ("Fun", ("?",), 25, 0.5),
    ],
    ("KING", "QUEEN", "BAKER", "GREEN", "OAK", "RIVER", "CASTLE", "MILL", "ROSE", "BRIDGE", "ABBEY", "STAR"),
)  # fmt: skip

UTRECHTERS = LabelledHousehold(
    "utrechters",
    abn_amro,
    [
        *shops("Boodschappen", "ALBERT HEIJN 1467|29|6\nJUMBO|33|3\nLIDL 334|24|2\nEKOPLAZA|21|1.5", places=("UTRECHT", "ZEIST", "DE BILT")),
        *shops("Boodschappen", "BAKKERIJ BLOM|6|3\nKAASHANDEL VISSER|14|1\nCCV*MARKT VREDENBURG|12|2"),
        *shops("Uit eten", "THUISBEZORGD.NL|26|2\nCAFE OLIVIER|22|1.5\nDE KEUKEN VAN JAN|31|0.8\nBAGELS EN BEANS|12|1.2"),
        *shops("Vervoer", "NS GROEP IZ NS REIZIGERS|16|4\nSHELL STATION|58|1|0.2\nQ-PARK|9|1.4\nSWAPFIETS|19.9|1|0"),
        *shops("Wonen", "Vitens|18|1|0\nEneco|121|1|0\nZiggo Services BV|47.5|1|0\nStichting Mitros|735|1|0", way="debit"),
        *shops("Wonen", "IKEA|75|0.4\nHEMA|15|1\nGAMMA|34|0.6\nPRAXIS|29|0.4", places=("UTRECHT", "")),
        Shop("Kleding", "HEMA", 22, 0.6, 0.4),
        *shops("Verzekeringen", "Zilveren Kruis|138.25|1|0\nCentraal Beheer|42.1|1|0", way="debit"),
        *shops("Abonnementen", "Netflix International|13.99|1|0\nKPN Mobiel|21|1|0\nBasic-Fit|29.99|1|0\nNRC Media|18|1|0", way="debit"),
        *shops("Kleding", "ZEEMAN|13|0.6\nH & M|36|0.6\nC&A|33|0.5\nDECATHLON|41|0.3"), Shop("Vrije tijd", "DECATHLON", 39, 0.4),
        *shops("Winkelen", "Bol.com|31|2|0.7\nCoolblue BV|89|0.3", way="out"), Shop("Vrije tijd", "Bol.com", 19, 0.6, 0.3, way="out"),
        *shops("Vrije tijd", "PATHE UTRECHT|14|1\nBOEKHANDEL BROESE|19|0.8\nTIVOLIVREDENBURG|28|0.5\nZWEMBAD DE KROMME RIJN|6|1"),
        *shops("Gezondheid", "ETOS|11|1.2\nKRUIDVAT 1331|12|1.2\nAPOTHEEK BINNENSTAD|14|0.5"),
        *shops("Contant", "ING UTRECHT|40|0.8|0.3", way="cash"),
        *shops("Vrienden", "J DE VRIES|18|0.8|0.6\nTikkie M Bakker|14|1.2|0.6", way="out"),
        *shops("Salaris", "Gemeente Utrecht Salaris|-2480|1|0\nBelastingdienst Toeslagen|-94|1|0", way="in"),
        *shops(OWN, "Spaarrekening|250|1|0.3", way="out"),
    ],
    [
        ("Uit eten", ("CAFE {}", "RESTAURANT {}", "EETCAFE {}", "PIZZERIA {}", "LUNCHROOM {}"), 21, 4),
        ("Boodschappen", ("BAKKERIJ {}", "SLAGERIJ {}", "GROENTEHAL {}"), 13, 1.2),
        ("Gezondheid", ("APOTHEEK {}", "HUISARTS {}", "TANDARTS {}"), 24, 0.7),
        ("Vrije tijd", ("MUSEUM {}", "BIOSCOOP {}", "BOEKHANDEL {}"), 17, 0.8),
        ("Winkelen", ("{} WONEN", "WINKEL {}"), 33, 0.8),
        ("Uit eten", ("?", "CCV*?"), 17, 1.4), ("Winkelen", ("?", "? BV"), 35, 1.2), ("Vrije tijd", ("?",), 22, 0.5),
    ],
    ("JANSEN", "DE BOER", "SMIT", "MEIJER", "DE GRAAF", "MULDER", "BOS", "VOS", "PETERS", "HENDRIKS", "DEKKER"),
)  # fmt: skip

HOUSEHOLDS = (PARISIANS, FAMILY, RETIRED, LONDONERS, UTRECHTERS)
