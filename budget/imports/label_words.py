"""The words that banks write around a name: how the money moved, fields, what ends a label.

In capitals without accents, as labels are compared. They are taken from how the banks of the
layouts write (`layouts.py`), from the fields of SEPA messages, and from what card terminals send.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import NamedTuple

Phrase = tuple[str, ...]


def phrases(text: str) -> list[Phrase]:
    """The phrases of a text that has them apart by bars."""
    return [tuple(phrase.split()) for phrase in text.split("|")]


def listed(text: str) -> frozenset[str]:
    """The single words of a text."""
    return frozenset(text.split())


def longest(of: Iterable[Phrase]) -> int:
    """How many words the longest has."""
    return max(map(len, of))


class Way(enum.Enum):
    """How the money moved."""

    CARD = enum.auto()
    CASH = enum.auto()
    DEBIT = enum.auto()
    TRANSFER = enum.auto()


class Opening(NamedTuple):
    """What a label begins with, and what stands in its place in the name."""

    way: Way
    says: str = ""


_WAYS = [
    (
        Way.CARD,
        "",
        """
        PAIEMENT PAR CARTE | PAIEMENT PAR CB | PAIEMENT CARTE | PAIEMENT CB | PAIEMENT PSC
        | CARTE | CB
        | FACTURE CARTE DU | FACTURE CARTE | ACHAT CB | ACHAT PAR CARTE | ACHAT CARTE | DU
        | PAIEMENT BANCONTACT | PAIEMENT VIA BANCONTACT | PAIEMENT BANCONTACT CONTACTLESS
        | ACHAT BANCONTACT | ACHAT BANCONTACT CONTACTLESS | ACHAT BANCONTACT AVEC CARTE N
        | ACHAT MAESTRO | PAIEMENT MAESTRO
        | PAIEMENT VISA | PAIEMENT MASTERCARD
        | BETALING BANCONTACT | BETALING MET DEBETKAART | BETALING MET KREDIETKAART
        | BETALING MET BANCONTACT | BETALING AANKOPEN VIA DEBETKAART | BETALING VIA DEBETKAART
        | AANKOOP BANCONTACT | AANKOOP BANCONTACT MET KAART NR | AANKOOP MAESTRO | BETAALAUTOMAAT
        | BEA APPLE PAY | BEA GOOGLE PAY | BEA BETAALPAS | BEA | ECOM APPLE PAY | ECOM
        | KARTENZAHLUNG | KARTENUMSATZ | GIROCARD | VISA DEBITKARTE | DEBITKARTE
        | CARD PAYMENT TO | CARD PAYMENT | CONTACTLESS PAYMENT TO | CONTACTLESS PAYMENT
        | CARD PURCHASE | CD | VISA PURCHASE | POS PURCHASE | DEBIT CARD PURCHASE
        """,
    ),
    (Way.CARD, "Avoir", "AVOIR PAR CARTE | AVOIR CARTE | AVOIR CB | CREDIT CARTE BANCAIRE | AVOIR"),
    (
        Way.CASH,
        "Retrait DAB",
        """
        RETRAIT DAB | RETRAIT AU DAB | RETRAIT AU DISTRIBUTEUR | RETRAIT DISTRIBUTEUR | RET DAB
        | CARTE RETRAIT DAB | CARTE CB RETRAIT DAB | RETRAIT CB | RETRAIT DU
        """,
    ),
    (Way.CASH, "Geldopname", "GELDOPNAME | GELDAFNAME | GELDOPNEMING | GEA BETAALPAS | GEA"),
    (Way.CASH, "Geldautomat", "BARGELDAUSZAHLUNG | AUSZAHLUNG GELDAUTOMAT | GELDAUTOMAT"),
    (Way.CASH, "Cash Withdrawal", "CASH WITHDRAWAL AT | CASH WITHDRAWAL | ATM WITHDRAWAL"),
    (
        Way.DEBIT,
        "",
        """
        PRLV | PRLV SEPA | PRLVM SEPA | PRVL SEPA | PRLV EUROPEEN | PRELEVEMENT | PRELEVEMENT DE
        | PRELEVEMENT SEPA | PRELEVEMENT SEPA DE | PRELEVEMENT EUROPEEN
        | DOMICILIATION | DOMICILIATION EUROPEENNE | DOMICILIATION SEPA
        | DOMICILIERING | EUROPESE DOMICILIERING | INCASSO | SEPA INCASSO | SEPA-INCASSO
        | SEPA INCASSO ALGEMEEN DOORLOPEND | SEPA INCASSO ALGEMEEN EENMALIG
        | LASTSCHRIFT | SEPA LASTSCHRIFT | SEPA-LASTSCHRIFT | FOLGELASTSCHRIFT | ERSTLASTSCHRIFT
        | BASISLASTSCHRIFT | SEPA-BASISLASTSCHRIFT
        | DIRECT DEBIT | DIRECT DEBIT TO | DIRECT DEBIT PAYMENT TO
        """,
    ),
    (Way.TRANSFER, "Virement", "VIR | VIR. | VIRT | VIREMENT"),
    (
        Way.TRANSFER,
        "Overschrijving",
        "OVERSCHRIJVING | INSTANTOVERSCHRIJVING | OVERBOEKING | SEPA OVERBOEKING | SEPA IDEAL",
    ),
    (
        Way.TRANSFER,
        "Überweisung",
        "UBERWEISUNG | UEBERWEISUNG | SEPA-UBERWEISUNG | SEPA-UEBERWEISUNG",
    ),
    (Way.TRANSFER, "Gutschrift", "GUTSCHRIFT | SEPA-GUTSCHRIFT | ECHTZEIT-GUTSCHRIFT"),
    (Way.TRANSFER, "Dauerauftrag", "DAUERAUFTRAG | SEPA-DAUERAUFTRAG"),
    (Way.TRANSFER, "From", "FASTER PAYMENT RECEIVED FROM | FASTER PAYMENTS RECEIPT FROM"),
    (
        Way.TRANSFER,
        "Payment to",
        "FASTER PAYMENT TO | BILL PAYMENT TO | BILL PAYMENT VIA FASTER PAYMENT TO",
    ),
    (
        Way.TRANSFER,
        "Standing Order",
        "STANDING ORDER TO | STANDING ORDER VIA FASTER PAYMENT TO",
    ),
    (Way.TRANSFER, "Received money from", "RECEIVED MONEY FROM"),
]
OPENINGS = {phrase: Opening(way, says) for way, says, text in _WAYS for phrase in phrases(text)}
LONGEST_OPENING = longest(OPENINGS)
#: They open a payment only before the bank's numbers: what follows CARTE may be the name of a card.
ONLY_BEFORE_NUMBER = set(phrases("CARTE | DU | AVOIR | ACHAT CARTE | RETRAIT DU"))
#: They open a payment only where the bank's numbers stand in the same label.
ONLY_WITH_NUMBER = set(
    phrases(
        """
        CB | CD | BEA | GEA | ECOM | BETAALAUTOMAAT | GIROCARD | DEBITKARTE | INCASSO
        """
    )
)
#: Crédit Mutuel and CIC write the town before the shop after these and the date.
TOWN_FIRST = set(phrases("PAIEMENT CB | PAIEMENT PSC"))
#: "Prélèvement à la source" is a tax, and no debit by one A La Source.
NO_DEBIT = {"A", "SOCIAUX", "SOCIAL", "AUTOMATIQUE", "LIBERATOIRE", "FORFAITAIRE"}
#: What banks add to the word transfer, and what says nothing of who or what for.
TRANSFER_KINDS = set(
    phrases(
        """
        SEPA | INST | INSTANTANE | INSTANTANEE | RECU | EMIS | WEB | EUROPEEN | PERMANENT | PERM
        | EN VOTRE FAVEUR | FAVEUR TIERS | VR. PERMANENT | CPTE A CPTE | LOGITEL | MOBILE | RE | NET
        | EN EUROS | EN EURO | IN EURO | VIREMENT | VIR
        """
    )
)
LONGEST_KIND = longest(TRANSFER_KINDS)


class Part(enum.Enum):
    """What a field of a label says."""

    NAME = enum.auto()
    PURPOSE = enum.auto()
    NOTHING = enum.auto()


FIELDS = (
    dict.fromkeys(["NAAM", "NAME", "BEN", "DE", "POUR", "VAN", "NAAR", "VON", "AN"], Part.NAME)
    | dict.fromkeys(["MOTIF", "OMSCHRIJVING", "REMI", "SVWZ"], Part.PURPOSE)
    | dict.fromkeys(
        listed(
            """
            ID REF REFERENCE REFDO REFBEN MANDAT MDT ECH EMETTEUR RUM ICS IBAN BIC KENMERK MARF CSID
            EREF MREF CRED KREF ABWA DATE LIB TERM TRANSACTIE PASVOLGNR VALUTADATUM MACHTIGING
            INCASSANT TRTP DATUM KAARTNUMMER
            """
        ),
        Part.NOTHING,
    )
)
#: Fields of which the direction is told as well; ordinary words unless a transfer or debit opens.
DIRECTIONS = {"DE": "de", "POUR": "pour", "VAN": "van", "NAAR": "naar", "VON": "von", "AN": "an"}
#: They only announce the number after them.
BEFORE_NUMBERS = listed(
    """
    CARTE CB FACT REF REFERENCE MANDAT RUM ICS ECHEANCE NO N NR NUMERO VAL KAART TPE LE OM ON UM DU
    PAR BY
    """
)
#: They only close the number before them: "10:32 UUR".
AFTER_NUMBERS = {"UUR", "UHR"}
#: From these on nothing is part of the name.
ENDINGS = set(
    phrases(
        """
        CARTE NUMERO | CARTE NO | CARTE N | NUMERO DE CARTE | AVEC CARTE | AVEC LA CARTE | MET KAART
        | MET KBC-DEBETKAART | MET DEBETKAART | ID EMETTEUR | MANDATE NO | PASNR. | KFN
        | IHR EINKAUF BEI | NOTPROVIDED | NOT PROVIDED | BETAALAUTOMAAT
        """
    )
)
LONGEST_ENDING = longest(ENDINGS)
ENDING_BEGINNINGS = {phrase[0] for phrase in ENDINGS}
#: Said of any card payment.
CARD_NOISE = set(phrases("COMMERCE ELECTRONIQUE | SAGT DANKE. | SAGT DANKE | SANS CONTACT"))
#: Who passes the money on; behind their star stands the shop.
GO_BETWEENS = (
    "SUMUP|SQ|ZTL|ZETTLE|IZ|IZETTLE|PAYPAL|PP|CCV|BCK|SP|TST|STRIPE|NYX|VIVA|LYF|SMP|MOLLIE|DOJO"
)
_CALLED = {
    "Amazon": "AMAZON EU SARL | AMAZON EU | AMAZON PAYMENTS",
    "Amazon Marketplace": "AMZN MKTP | AMZN MKTPLACE | AMAZON MKTPL",
    "Amazon Digital": "AMZN DIGITAL",
    "Amazon Prime": "AMZN PRIME",
    "McDonald's": "MC DONALD'S | MCDONALD'S | MC DONALDS | MCDONALDS | MAC DONALD'S",
    "Apple": "APPLE.COM/BILL | APPLE COM BILL | ITUNES.COM/BILL",
    "PayPal": "PAYPAL EUROPE S.A.R.L. ET CIE S.C.A | PAYPAL EUROPE S.A.R.L. ET CIE | PAYPAL EUROPE",
    "SNCF": "SNCF INTERNET | SNCF-VOYAGEURS | SNCF VOYAGEURS",
    "EDF": "ELECTRICITE DE FRANCE",
    "Impôts": "DIRECTION GENERALE DES FINANCES PUBLIQUES | DIRECTION GENERALE DES IMPOTS",
}
#: What everybody calls those that write themselves otherwise, by the first words.
CALLED = {phrase: name for name, text in _CALLED.items() for phrase in phrases(text)}
LONGEST_CALLED = longest(CALLED)
#: Alone they are no name: they keep their town.
GENERIC = listed(
    """
    HOTEL MAIRIE VILLE CAFE BAR RESTAURANT GARE PHARMACIE AEROPORT TAXI TAXIS MUSEE OPERA PARKING
    CINEMA THEATRE STADE ZOO BOULANGERIE BOUCHERIE FROMAGERIE LIBRAIRIE TABAC PRESSE EPICERIE MARCHE
    METRO CENTRE CLINIQUE HOPITAL POSTE AGENCE CAMPING PISCINE STATION AUBERGE BRASSERIE CREPERIE
    PIZZERIA SUPERMARCHE APOTHEEK BAKKERIJ SLAGERIJ GEMEENTE STAD STADT APOTHEKE MUSEUM CITY AIR
    SERVICE GOLF
    """
)
#: What follows them belongs to them: "Aéroports de Paris", "Chez Nancy".
HANG_ON = listed("DE DU D LA LE LES CHEZ AU AUX A EN OF THE VAN SUR ET & UND AND IN TO FROM - VIA")
TITLES = {"M", "MR", "MM"}
