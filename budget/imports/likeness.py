"""How alike two texts of one movement are, and whether a text speaks of a transfer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from budget.core.folding import fold

#: Characters of a label that are looked at; no bank writes more.
LOOKED_AT = 300
#: So much of what a person wrote must be in the bank's words to mean the same line for sure.
STRONG = 0.5
#: The shortest beginning that stands for a word: "carref" for "Carrefour".
SHORTEST_BEGINNING = 4

#: Words of a bank label that say how the money moved, not where to; articles and cities' "la".
_NOISE = frozenset(
    re.findall(
        r"\w+",
        "achat avec bancaire carte cart card cash cheque client com contactless credit "
        "date debit des ech emis eur euro euros facture from http https instant internet "
        "kaart lastschrift les mandat mandate motif num paiement par payment pour "
        "prelevement prlv prlvt recu ref reference sepa the une von via vir virement virt "
        "web www zahlung betaling",
    )
)
_TRANSFER = re.compile(
    r"\b(?:vir|virt|virement|virements|transfer|transfert|transferts|transfers|trf|tfr|xfer"
    r"|overschrijving|overboeking|uberweisung|ueberweisung|umbuchung|dauerauftrag)\b"
)
#: A card, cash, a cheque or a direct debit never move money to another wallet of the household
#: that has a statement of its own.
_OTHERWISE = re.compile(
    r"\b(?:carte|cb|card|kaart|karte|retrait|dab|atm|cheque|chq|prlv|prelevement|prelevmnt"
    r"|lastschrift|domiciliation|direct debit|pos|bancontact)\b"
)
_WORD = re.compile(r"[^\W\d_]{3,}")


@lru_cache(maxsize=10_000)
def words(text: str) -> frozenset[str]:
    """The words that tell one payee from another."""
    return frozenset(_WORD.findall(fold(text[:LOOKED_AT]))) - _NOISE


def likeness(written: str, label: str) -> float:
    """How much of what a person wrote is in the bank's words: from 0, nothing, to 1, all."""
    wanted, there = words(written), words(label)
    if not wanted or not there:
        return 0.0
    return sum(any(_same(each, other) for other in there) for each in wanted) / len(wanted)


def _same(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    return one == other or (shorter >= SHORTEST_BEGINNING and one[:shorter] == other[:shorter])


@lru_cache(maxsize=10_000)
def is_transfer(text: str) -> bool:
    """Whether a label says that money was sent from one account to another."""
    return _TRANSFER.search(fold(text[:LOOKED_AT])) is not None


@lru_cache(maxsize=10_000)
def is_otherwise(text: str) -> bool:
    """Whether a label says that money moved in a way that no transfer does."""
    folded = fold(text[:LOOKED_AT])
    return _OTHERWISE.search(folded) is not None and _TRANSFER.search(folded) is None


def names(label: str, wallet: str, accounts: Iterable[str]) -> bool:
    """Whether a label names a wallet, or one of the accounts that it is."""
    folded = fold(label[:LOOKED_AT])
    own = fold(wallet).strip()
    if len(own) >= 3 and re.search(rf"\b{re.escape(own)}\b", folded):
        return True
    squeezed = re.sub(r"[\W_]", "", folded)
    numbers = (re.sub(r"[\W_]", "", fold(account)) for account in accounts)
    return any(len(number) >= 5 and number in squeezed for number in numbers)
