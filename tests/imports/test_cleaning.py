"""The name of a line by the label that a bank writes."""
# ruff: noqa: E501 labels are as long as banks write them, and one line each

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.imports import label_words
from budget.imports.cleaning import LONGEST, clean
from tests.imports.labelled import HOUSEHOLDS

NAMES = {
    "Crédit Agricole": """
        PAIEMENT PAR CARTE X1234 CARREFOUR CITY PARIS 12/03 | Carrefour City
        PAIEMENT PAR CARTE X1234 SNCF CONNECT PARIS 15/11 | SNCF Connect
        PAIEMENT PAR CARTE X1234 BOULANGERIE DU PORT 04/01 | Boulangerie du Port
        PRELEVEMENT FREE MOBILE FREE MOBILE FMPMT-12345678 FM-12345678-1 | Free Mobile
        VIREMENT EN VOTRE FAVEUR ENTREPRISE EXEMPLE SALAIRE | Virement Entreprise Exemple Salaire
        VIREMENT EN VOTRE FAVEUR M DURAND LEO VU23411ES07RL001 VIR DE M DURAND LEO | Virement M. Durand Leo
        VIREMENT EMIS WEB MME MARTIN | Virement Mme Martin
        RETRAIT AU DISTRIBUTEUR X1234 PARIS 05/11 18H04 | Retrait DAB Paris
        AVOIR PAR CARTE X1234 ZALANDO 01/02 | Avoir Zalando
        X7722 LIDL LYON | Lidl
        VIREMENT EN VOTRE FAVEUR DE MLE DURAND ZOE | Virement de Mlle Durand Zoe
        REMBOURSEMENT DE PRET 10001119643 ECHEANCE 10/12/22 | Remboursement de Pret
        """,
    "BoursoBank": """
        CARTE 12/03 CARREFOUR CITY PARIS CB*1234 | Carrefour City
        CARTE 04/01/26 EPICERIE CB*1234 | Épicerie
        CARTE 11/11 SUMUP *CAFE LUNA | Café Luna
        CARTE 16/11 LEROY MERLIN IVRY CB*4821 | Leroy Merlin
        CARTE 19/11/26 PICARD 1042 PARIS CB*4821 | Picard
        CARTE 20/11/26 BIOCOOP VOLTAIRE CB*4821 | Biocoop Voltaire
        CARTE 20/11/26 E.LECLERC DRIVE ST ETIENNE CB*4821 | E.Leclerc Drive
        CARTE 20/11/26 MC DONALD'S CB*4821 | McDonald's
        PRLV SEPA ENGIE | Engie
        VIR INST M DUBREUIL THEO | Virement M. Dubreuil Theo
        VIR SEPA Loyer Mars | Virement Loyer Mars
        VIR Virement interne depuis BOURSORAMA | Virement interne depuis BOURSORAMA
        RETRAIT DAB 12/03 10H32 PARIS | Retrait DAB Paris
        AVOIR 07/03/26 ZALANDO CB*4821 | Avoir Zalando
        """,
    "BNP Paribas": """
        FACTURE CARTE DU 040126 CARREFOUR CITY PARIS CARTE 4974XXXXXXXX1234 | Carrefour City
        DU 120326 CARREFOUR CITY PARIS | Carrefour City
        PRLV SEPA ENGIE ECH/120326 ID EMETTEUR/FR05ZZZ123456 MDT/00S012345678 REF/1234 LIB/FACTURE | Engie
        VIR SEPA RECU /DE SARL DUPONT /MOTIF SALAIRE MARS /REF 123456 | Virement de SARL Dupont, Salaire Mars
        VIR SEPA EMIS /MOTIF LOYER /BEN M DUPONT /REFDO /REFBEN | Virement M. Dupont, Loyer
        RETRAIT DAB 12/03/26 10H32 00012345 BNP PARIBAS PARIS | Retrait DAB BNP Paribas Paris
        """,
    "Société Générale": """
        CARTE X1234 12/03 CARREFOUR CITY | Carrefour City
        CARTE X1234 12/03 AMAZON EU SARL COMMERCE ELECTRONIQUE | Amazon
        CARTE X1234 RETRAIT DAB SG 12/03 10H32 PARIS 00912345 | Retrait DAB SG Paris
        PRELEVEMENT EUROPEEN 1234567890 DE: ENGIE ID: FR05ZZZ123456 MOTIF: FACTURE 123 REF: ABC MANDAT 0012345 | Engie
        VIR RECU 1234567890S DE: M DUBREUIL THEO MOTIF: LOYER REF: NOTPROVIDED | Virement de M. Dubreuil Theo, Loyer
        VIR INSTANTANE EMIS NET POUR: MME MARTIN DATE: 12/03/2026 15:30 MOTIF: COURSES | Virement pour Mme Martin, Courses
        """,
    "La Banque Postale": """
        ACHAT CB CARREFOUR CITY 12.03.26 CARTE NUMERO 123 | Carrefour City
        ACHAT CB EPICERIE 04.01.26 | Épicerie
        PRELEVEMENT DE ENGIE REF : 123456 | Engie
        VIREMENT DE M DUBREUIL THEO REFERENCE : 123 | Virement de M. Dubreuil Theo
        CREDIT CARTE BANCAIRE ZALANDO 02.03.26 CARTE NUMERO 123 | Avoir Zalando
        """,
    "Crédit Mutuel, CIC": """
        PAIEMENT CB 0202 PARIS DEEZER CARTE 12345678 | Deezer
        PAIEMENT PSC 1903 35 RENNES SELF2 EIFFEL CARTE 1042 | Self2 Eiffel
        PAIEMENT CB 0401 EPICERIE | Épicerie
        PAIEMENT CB 1203 PARIS MUSEE D'ORSAY CARTE 12345678 | Musée d'Orsay
        RETRAIT DAB 0401 LYON CARTE 12345678 | Retrait DAB Lyon
        PRLV SEPA FREE MOBILE FMPMT12345 | Free Mobile
        VIR C/C LIVRET | Virement C/C Livret
        """,
    "Caisse d’Épargne, Banque Populaire": """
        CB EPICERIE FACT 040126 | Épicerie
        CB  SNCF CONNECT  FACT 120326 | SNCF Connect
        120326 CB****1234 SNCF INTERNET 75PARIS 10 | SNCF
        PRLV ENGIE | Engie
        *COTIS FORMULE | Cotis Formule
        """,
    "LCL, Fortuneo, ING": """
        CB CARREFOUR CITY 12/03/26 | Carrefour City
        CARTE 12/03 IKEA EVRY | IKEA
        PAIEMENT PAR CARTE 04/01/2026 FNAC | Fnac
        VIREMENT RECU ENTREPRISE EXEMPLE | Virement Entreprise Exemple
        PRLVM SEPA MGEN | MGEN
        """,
    "Revolut, N26, Wise": """
        Top-Up by *1234 | Top-Up
        To Théo Dubreuil | To Théo Dubreuil
        Carrefour City | Carrefour City
        EPICERIE | Épicerie
        Card transaction of 12.34 EUR issued by Epicerie | Epicerie
        Transaction par carte de 12,34 EUR émise par EPICERIE | Épicerie
        Received money from ENTREPRISE EXEMPLE | Received money from Entreprise Exemple
        """,
    "Belfius, KBC, ING Belgium": """
        PAIEMENT BANCONTACT 04/01 DELHAIZE 1000 BRUXELLES | Delhaize
        PAIEMENT BANCONTACT 04/01 EPICERIE 1000 BRUXELLES | Épicerie Bruxelles
        ACHAT BANCONTACT AVEC CARTE N° 5169 20XX XXXX 1234 - DELHAIZE - BRUXELLES BE - 12/03/2026 10:32 REF. : 12345 VAL. 12-03 | Delhaize
        BETALING MET DEBETKAART 04-01 KRUIDENIER | Kruidenier
        BETALING AANKOPEN VIA DEBETKAART 12-03-2026 OM 10.32 UUR DELHAIZE ANTWERPEN MET KBC-DEBETKAART 6703 XXXX XXXX X123 4 | Delhaize
        Paiement Bancontact 04/01/26 - EPICERIE | Épicerie
        Virement en euros De: ENTREPRISE EXEMPLE SALAIRE | Virement de Entreprise Exemple Salaire
        OVERSCHRIJVING VAN BEDRIJF VOORBEELD LOON | Overschrijving van Bedrijf Voorbeeld Loon
        EUROPESE DOMICILIERING PROXIMUS | Proximus
        """,
    "ABN AMRO, ING, Rabobank": """
        BEA, Apple Pay Albert Heijn 1234 AMSTERDAM,PAS123 NR:AB12CD, 12.03.26/10:32 | Albert Heijn
        BEA NR:XXX1234 21.05.26/12.54 WINKEL FIL2500 AMSTERDAM,PAS 999 | Winkel
        /TRTP/SEPA Incasso algemeen doorlopend/CSID/NL12ZZZ123456780000/NAME/Ziggo/MARF/01/REMI/Factuur 1/IBAN/NL12 | Ziggo
        SEPA Overboeking IBAN: NL12INGB0001234567 BIC: INGBNL2A Naam: J JANSEN Omschrijving: huur | Overschrijving J Jansen, huur
        ALBERT HEIJN 1234 AMSTERDAM NLD Pasvolgnr: 001 04-01-2026 10:32 Transactie: A1 Term: XYZ | Albert Heijn
        Naam: J Jansen Omschrijving: huur IBAN: NL12 Kenmerk: 12 | J Jansen, huur
        Kruidenier Betaalautomaat 10:15 | Kruidenier
        CCV*BAKKERIJ DE HOEK | Bakkerij de Hoek
        """,
    "Sparkasse, DKB": """
        EDEKA MUELLER//BERLIN/DE 2026-03-12T18:03 KFN 0 VJ 2812 | Edeka Mueller
        REWE SAGT DANKE. 12345678//BERLIN/DE 2026-03-12T10:32 Debitk.1 2028-12 | REWE
        PAYPAL EUROPE S.A.R.L. ET CIE S.C.A . SPOTIFY, Ihr Einkauf bei SPOTIFY | PayPal Spotify
        FOLGELASTSCHRIFT STADTWERKE EREF+ABC123 MREF+12 | Stadtwerke
        """,
    "Monzo, NatWest, Santander": """
        TESCO STORES 3241        LONDON        GBR | Tesco Stores
        AMZN Mktp UK*123AB4CD5  AMZN.co.uk/pm LUX | Amazon Marketplace
        TfL Travel Charge      TFL.gov.uk/CP GBR | TfL Travel Charge
        Amazon.co.uk*1X2YZ3 | Amazon.co.uk
        CARD PAYMENT TO UBER *TRIP HELP.UBER.COM ON 12-03-2026 | Uber Trip
        DIRECT DEBIT PAYMENT TO BRITISH GAS REF 85001234, MANDATE NO 0012 | British Gas
        1234 12MAR26 CD TESCO STORES 3241 LONDON GB | Tesco Stores
        SAINSBURY'S S/MKTS | Sainsbury's S/Mkts
        """,
    "go-betweens": """
        PAYPAL *BLABLACAR 19/11 | BlaBlaCar
        SQ *COFFEE HOUSE | Coffee House
        ZTL*LE COMPTOIR | Le Comptoir
        GOOGLE *GOOGLE ONE | Google One
        APPLE.COM/BILL | Apple
        """,
}


def examples() -> list[object]:
    return [
        pytest.param(*line.strip().split(" | "), id=f"{bank}: {line.strip()[:40]}")
        for bank, lines in NAMES.items()
        for line in lines.strip().splitlines()
    ]


@pytest.mark.parametrize(("label", "name"), examples())
def test_a_label_is_called_what_a_person_calls_it(label: str, name: str) -> None:
    assert clean(label) == name
    assert clean(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "Cadeau de Léa",
        "La Poste, colis",
        "Carte cadeau",
        "Virement M. Dubreuil",
        "SNCF, aller-retour Rennes",
        "Loyer de mars : 2e moitié",
        "Cours d'anglais (10 séances)",
        "Hôtel à Paris",
        "Avoir Zalando",
        "Du pain",
        "bar 1900",
        "TfL",
        "Café 21",
    ],
)
def test_what_a_person_wrote_stays(typed: str) -> None:
    assert clean(typed) == typed


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("CARTE 12/03 TOTAL ACCESS 24/24", "Total Access 24/24"),  # no day has a month 24
        ("CARTE 12/03 AEROPORTS DE PARIS", "Aéroports de Paris"),
        ("CARTE 12/03 PHARMACIE PARIS", "Pharmacie Paris"),  # a pharmacy alone is no name
        ("CARTE 12/03 BAR 1900", "Bar 1900"),
        ("CHEQUE 1234567", "Cheque 1234567"),
        ("PRELEVEMENT A LA SOURCE", "Prélèvement A la Source"),
        ("CARREFOUR CITY PARIS", "Carrefour City Paris"),  # nothing says that it was a card
        ("CARTE NAVIGO", "Carte Navigo"),
        ("CARTE CADEAU FNAC 12/03/2026", "Carte Cadeau Fnac"),
        ("DU PAIN ET DES IDEES 12/03/2026", "Du Pain et des Idees"),
        ("CARTE 12/03 WASP*SURF", "Wasp Surf"),  # SP* is a shop of Shopify's, and begins a name
        ("RHUM ET CIGARES BAR", "Rhum et Cigares Bar"),
    ],
)
def test_a_word_that_may_belong_to_the_name_stays(label: str, name: str) -> None:
    assert clean(label) == name


def test_a_name_in_another_script_is_not_taken_for_one_said_twice() -> None:
    assert clean("МАГАЗИН ПРОДУКТЫ УЛИЦА ЛЕНИНА") == "Магазин Продукты Улица Ленина"


@pytest.mark.parametrize("label", ["CARTE 12/03", "VIR", "PRLV SEPA", "CB*1234", "X1234 EUR"])
def test_a_label_of_the_bank_s_words_alone_is_not_emptied(label: str) -> None:
    assert any(map(str.isalpha, clean(label)))


def test_the_names_of_the_example_files_hold_no_date_and_no_card_number() -> None:
    for path in sorted((Path(__file__).parent / "examples").glob("*.json")):
        for label in labels_in(json.loads(path.read_text(encoding="utf-8"))):
            name = clean(label)
            assert "04/01" not in name, label
            assert "*1234" not in name, label
            assert "X1234" not in name, label


def labels_in(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["label"]] if isinstance(value.get("label"), str) else []
        return own + [label for inner in value.values() for label in labels_in(inner)]
    if isinstance(value, list):
        return [label for inner in value for label in labels_in(inner)]
    return []


def test_a_household_s_lines_have_few_names() -> None:
    """What is left of a label does not change with its date, its references, its card."""
    for household in HOUSEHOLDS:
        shops = [shop for shop in household.shops if shop.often >= 1]
        lines = [line for line in household.lines(months=12) if line.category]
        names = {clean(line.label) for line in lines}
        new = sum(12 * often * 1.5 for *_rest, often in household.new)
        assert len(names) < 4 * len(shops) + new + len(household.shops)


WORDS = sorted(
    {word for phrase in label_words.OPENINGS for word in phrase}
    | {word for phrase in label_words.ENDINGS for word in phrase}
    | {word for phrase in label_words.CALLED for word in phrase}
    | {word for phrase in label_words.TRANSFER_KINDS for word in phrase}
    | {f"{field}:" for field in label_words.FIELDS}
    | {f"/{field}" for field in label_words.FIELDS}
    | label_words.BEFORE_NUMBERS
    | label_words.HANG_ON
    | label_words.listed(
        """
        12/03 10H32 X1234 CB*1234 1042 75012 PARIS 75PARIS FR GBR AIX EN PROVENCE PAYPAL * SUMUP *CAFE M
        - É ß //BERLIN FR*1A2BC3 AMZN.co.uk CARREFOUR Carrefour SNCF 24/24 0401 123456 L'OREILLE ' / : +
        . , e.g. a
        """
    )
)
pieces = st.sampled_from(WORDS) | st.text(max_size=6)
labels = (
    st.lists(pieces, max_size=12).map(" ".join)
    | st.lists(pieces, max_size=8).map("".join)
    | st.text(max_size=60)
)


@given(labels)
def test_a_clean_name_is_clean(label: str) -> None:
    assert clean(clean(label)) == clean(label)


@given(labels)
def test_a_label_with_letters_keeps_some(label: str) -> None:
    name = clean(label)
    assert len(name) <= LONGEST
    assert name == " ".join(name.split())
    if any(map(str.isalpha, label)):
        assert name


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "*", "CARTE 01/01 ", "VIR ", "PRLV ", "A1", "/", "DE: ", "1X", "XXXX ", "1234 XXXX ",
     "12:34 UUR ", "0 ", "/TRTP/NAME/", "PARIS ", "a.", "SUMUP*", "12.3", "M ", "AIX EN ", "É", "'", "FREE ",
     "CB*", "1*", "SQ_", ".COM", "AA*AA ", "X1", "A-1"],
)  # fmt: skip
def test_a_hostile_label_ends_soon(piece: str) -> None:
    """Hours, not seconds, is what a pattern that backtracks takes for these."""
    name = clean(piece * (10_000 // len(piece)))
    assert len(name) <= LONGEST
    assert clean(name) == name
