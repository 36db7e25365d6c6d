"""Capitals as people write them: "SNCF CONNECT" is SNCF Connect, "BAR DU PORT" Bar du Port."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from budget.imports.label_words import listed

#: Written as they stand here: letters that are spelt out, and names; what is not here has its first
#: letter in capitals.
_AS_WRITTEN = listed(
    """
    ABN ADN ADP AG2R AGPM AH AMRO APRR ASBL ASF ATMB AXA BBC BHV BMW BNP BP BV BVBA BVG CAF
    CB CD CEL CGR CHU CIC CMB CMSO CNAV CPAM DAB DB DGFIP DHL DM DPD DVD DVLA EDF EFS EURL
    EV FDJ GAN GDF GLS GMF HLM HMRC HSBC HT II III IKEA ING ITV IV KBC KFC KIA LCL LDD LED
    LEP LLC MAAF MACIF MAIF MGEN MIVB MK2 MMA N26 NHS NRJ NS NV OM OVH PC PEA PEL PLC PMU
    PSG RATP REWE RTL RTT RU RWE SA SARL SAS SASU SCA SCI SEPA SFR SG SIP SNC SNCF SPRL SRL
    STIB TEC TER TF1 TGV TNT TTC TV TVA UGC UK UPS URSSAF USA VTC VZW WWF XL XXL
    AliExpress Bd BlaBlaCar Blvd bol.com BoursoBank bpost ChatGPT Chq Cntr Ctr Dr E.Leclerc
    easyJet eBay GitHub GmbH Grp HelloFresh Htl iCloud iDEAL iTunes LinkedIn Ltd ManoMano
    McDonald's McDonalds Mkt Mktp Mr Mrs Ms Nr n° OnlyFans OpenAI PayPal Pl PlayStation Prt
    Rd Sq St Stn Str Strs SumUp TfL TotalEnergies Trn WhatsApp YouTube
    """
)
#: Written with accents that banks leave out, whatever the language, and otherwise shortened.
_OTHERWISE = {
    "AEROPORT": "Aéroport",
    "AEROPORTS": "Aéroports",
    "CAFE": "Café",
    "CHATEAU": "Château",
    "CREDITEURS": "créditeurs",
    "CREPERIE": "Crêperie",
    "ECH": "Éch",
    "ECOLE": "École",
    "ELECTRICITE": "Électricité",
    "EPARGNE": "Épargne",
    "EPICERIE": "Épicerie",
    "FRERES": "Frères",
    "HOPITAL": "Hôpital",
    "INTERETS": "Intérêts",
    "ML": "Mlle",
    "MLE": "Mlle",
    "MUSEE": "Musée",
    "PATISSERIE": "Pâtisserie",
    "PRELEVEMENT": "Prélèvement",
}
_SPELLINGS = {written.upper(): written for written in _AS_WRITTEN} | _OTHERWISE
#: Small unless they begin the name.
_SMALL = listed(
    """
    DE DU DES LA LE LES ET EN SUR SOUS AU AUX CHEZ PAR POUR VERS DANS VAN DEN DER HET VOOR
    NAAR UND FÜR IN VON VOM ZUR ZUM AND OF THE AT FOR TO FROM
    """
)
#: The end of an address on the internet: Booking.com, AMZN.co.uk/pm.
ADDRESS = re.compile(r"\w\.(?:COM|FR|BE|NL|DE|UK|NET|ORG|IO|EU|APP|TV)(?:/\w*)?\Z", re.IGNORECASE)
_VOWELS = frozenset("AEIOUY")
_PARTS = re.compile(r"[^\W\d_]+|[\W\d_]+")


def spelled(text: str, *, first: bool = True) -> str:
    """The text in the case that people write; one with small letters is left as it is.

    `first`: whether the name begins with it.
    """
    if any(map(str.islower, text)):
        return text
    words = text.split(" ")
    return " ".join(_word(word, first=first and not i) for i, word in enumerate(words))


@lru_cache(maxsize=1 << 13)
def _word(word: str, *, first: bool) -> str:
    if (known := _SPELLINGS.get(word)) is not None:
        return known[0].upper() + known[1:] if first and known.islower() else known
    if word in _SMALL and not first:
        return word.lower()
    if word.isalpha() and 2 <= len(word) <= 4 and _VOWELS.isdisjoint(_plain(word)):
        return word  # SFR, BHV: letters that are spelt out
    return _with_capitals(word, first=first)


def _with_capitals(word: str, *, first: bool) -> str:
    """ "JEAN-PIERRE" is Jean-Pierre, "L'ORANGE" L'Orange, "SAINSBURY'S" Sainsbury's."""
    if ADDRESS.search(word):
        return word[0] + word[1:].lower()
    parts = _PARTS.findall(word)
    for i, part in enumerate(parts):
        before = parts[i - 1][-1] if i else ""
        if before in ("'", "’") and len(part) == 1:
            parts[i] = part.lower()
        elif before.isdigit():
            parts[i] = part if len(part) == 1 else part.lower()
        elif i == 0 and len(part) == 1 and not first and word[1:2] in ("'", "’") and len(word) > 3:
            parts[i] = part.lower()  # Musée d'Orsay
        else:
            parts[i] = part[:1] + part[1:].lower()
    return "".join(parts)


def _plain(text: str) -> str:
    """Without accents: É is E."""
    return unicodedata.normalize("NFKD", text)
