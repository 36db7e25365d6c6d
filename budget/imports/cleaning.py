"""What a person calls a line: "CARTE 12/03 CARREFOUR CITY PARIS CB*1234" is Carrefour City.

Only what is known to be the bank's own is taken off: how the money moved, dates, times, card
numbers, references, and after a card payment the country and the town, if it is a known one. A word
of which that is not sure stays.

The numbers change from line to line and the words hardly do: so the numbers go first and cheaply,
and what becomes of the words is remembered.
"""

from __future__ import annotations

import re
from functools import lru_cache

from budget.core.folding import fold
from budget.imports.label_words import (
    AFTER_NUMBERS,
    BEFORE_NUMBERS,
    CALLED,
    CARD_NOISE,
    DIRECTIONS,
    ENDING_BEGINNINGS,
    ENDINGS,
    FIELDS,
    GENERIC,
    GO_BETWEENS,
    HANG_ON,
    LONGEST_CALLED,
    LONGEST_ENDING,
    LONGEST_KIND,
    LONGEST_OPENING,
    NO_DEBIT,
    ONLY_BEFORE_NUMBER,
    ONLY_WITH_NUMBER,
    OPENINGS,
    TITLES,
    TOWN_FIRST,
    TRANSFER_KINDS,
    Opening,
    Part,
    Phrase,
    Way,
)
from budget.imports.places import CERTAIN_COUNTRIES, COUNTRIES, LONGEST_TOWN, TOWNS
from budget.imports.spelling import ADDRESS, spelled

#: Characters that a description can hold.
LONGEST = 200
#: Characters of a label that are looked at; no bank writes more.
LOOKED_AT = 1000

#: Stands where a number was that says nothing of whose line it is. A label has none: control
#: characters are taken out before.
NUMBER = "\x00"
#: Nothing behind it is part of the name.
END = "\x01"

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
#: A card's number in four groups, and the Belgian time of day.
_OVER_SPACES = re.compile(r"(?:\b[\dX]{4} ){3}[\dX]{4}\b(?: \d\b)?|\b\d\d[.:]\d\d UUR\b")
_WISE = re.compile(
    r"(?:card transaction of|transaction par carte de) \S+ [A-Z]{3} (?:issued by|émise par) ",
    re.IGNORECASE,
)

_DAY, _MONTH, _YEAR = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:19|20)?\d\d"
_TIME = r"(?:[01]\d|2[0-3])[:.hH][0-5]\d(?:[:.][0-5]\d)?"
_CHANGING = re.compile(
    rf"""
    {_DAY}(?:/{_MONTH}(?:/{_YEAR})?|\.{_MONTH}\.(?:{_YEAR})?|-{_MONTH}-{_YEAR})(?:[/T]{_TIME})?
    | (?:19|20)\d\d-{_MONTH}-{_DAY}(?:T{_TIME})?        # 2026-03-12T10:32
    | (?:[01]?\d|2[0-3])[:hH][0-5]\d(?::[0-5]\d)?        # 10H32, 10:32:11
    | {_DAY}(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d\d
    | \d{{4,}}X{{2,}}\d{{2,}} | \d\dXX | X{{4,}} | XX+\d{{4}} | \*+\d{{2,}} | FIL\d{{3,}} | NR:\S+
    """,
    re.VERBOSE,
)
_CARD_MASK = re.compile(r"CB\*+\d*|X\d{4}")
_FIELD_AND_VALUE = re.compile(
    r"(ECH|EMETTEUR|MDT|REF|LIB|RUM|ICS|EREF|MREF|CRED|KREF|ABWA|IBAN|BIC)[/+:]\S+"
)
#: Letters and at least five figures: FR05ZZZ123456, FMPMT-12345678; or a long hexadecimal number.
_REFERENCE = re.compile(r"(?=.{8})[A-Z0-9][A-Z0-9+./_-]*|[0-9a-f-]{16,}", re.ASCII)
_CODE = re.compile(r"(?=\D*\d)[A-Z0-9]{5,}", re.ASCII)
#: Where a date of four figures stands, by the first word: PAIEMENT CB 0401.
_SHORT_DATE_AT = {"PAIEMENT": 2, "RETRAIT": 2, "AVOIR": 2, "BETALING": 3}
_SHORT_DATE = re.compile(rf"{_DAY}-?{_MONTH}")
#: A cheque is told by its number.
_KNOWN_BY_NUMBER = {"CHEQUE", "CHÈQUE", "CHQ", "CHECK", "Chèque", "Cheque", "Check"}

_GO_BETWEEN = re.compile(rf"(?:{GO_BETWEENS})\s?[*_]+\s?(?=\w)", re.IGNORECASE)
_CUT_STAR = re.compile(r"(?<!\S)[A-Z]{2}\*(?!\S)")  # the FR of AMZN Mktp FR*1A2BC3
_SAID_TWICE = re.compile(r"(\w+) ?\* ?(?=\1\b)")  # GOOGLE *GOOGLE ONE
_GLUED_TOWN = re.compile(r"\d\d([A-Z]{3,})")  # 75PARIS
_DISTRICT = re.compile(r"\d{1,2}(?:E|EME|ER)?")  # PARIS 10
_SHOP_NUMBER = re.compile(r"\d{3,5}")
_EDGES = " -–,;:*/+#&=_|"


def clean(label: str) -> str:
    """The name of a line by its label, at most 200 characters.

    Never empty for a label with letters, and `clean(clean(label)) == clean(label)`.
    """
    if name := _name(_without_numbers(label)):
        return name
    whole = _cut(spelled(" ".join(_CONTROL.sub(" ", label[:LOOKED_AT]).split())))
    return whole if whole == label else clean(whole)


def _without_numbers(label: str) -> str:
    """The label with NUMBER for what changes from line to line, words apart by one space."""
    if not label.isprintable():
        label = _CONTROL.sub(" ", label)
    if len(label) > LOOKED_AT:
        label = label[:LOOKED_AT]
    if label.startswith("/TRTP/"):
        label = _of_abn_amro(label)
    if " XXXX " in label or " UUR" in label:
        label = _OVER_SPACES.sub(NUMBER, label)
    words = label.split()
    if words and words[0] in _KNOWN_BY_NUMBER:
        return " ".join(words)
    at = _SHORT_DATE_AT.get(words[0], 0) if words else 0
    if at and at < len(words) and _SHORT_DATE.fullmatch(words[at]):
        words[at] = NUMBER
    return " ".join([word if word.isalpha() else _settled(word) for word in words])


def _of_abn_amro(label: str) -> str:
    """What /TRTP/SEPA OVERBOEKING/IBAN/…/NAME/…/REMI/…/EREF/… says of the name and the purpose."""
    parts = label.split("/")
    told = dict(zip(parts[1::2], parts[2::2], strict=False))
    if not told.get("NAME"):
        return label
    return f"{told['TRTP']} NAAM: {told['NAME']} OMSCHRIJVING: {told.get('REMI', '')}"


@lru_cache(maxsize=1 << 14)
def _settled(word: str) -> str:
    """A word with figures or signs in it, less what changes from line to line."""
    bare = word.strip(",;()")
    if bare.isdigit():
        return NUMBER if len(bare) >= 6 else word
    if _CHANGING.fullmatch(bare):
        return NUMBER
    if _CARD_MASK.fullmatch(bare):
        return f"CB {NUMBER}"
    if "*" in word:
        head, _star, code = word.rpartition("*")
        if head and _CODE.fullmatch(code):
            return f"{head}*"
    for closing in ("//", ",PAS"):  # EDEKA MUELLER//BERLIN/DE, AMSTERDAM,PAS123
        if closing in word:
            head = word.partition(closing)[0]
            return f"{_settled(head)} {END}" if head else END
    if field := _FIELD_AND_VALUE.fullmatch(bare):
        return f"{field[1]}:"
    if _REFERENCE.fullmatch(bare) and sum(map(str.isdigit, bare)) >= 5:
        return NUMBER
    return word


@lru_cache(maxsize=1 << 14)
def _name(text: str) -> str:
    """The name by a label without its numbers; "" where only the bank's own words are in it."""
    name = _once(text)
    # What is left may begin with such words again: each round takes some off.
    for _round in range(LONGEST):
        before, text = text, _without_numbers(name)
        if text == before or (again := _once(text)) in ("", name):
            break
        name = again
    return name


def _once(text: str) -> str:
    if wise := _WISE.match(text):
        text = f"Card payment to {text[wise.end() :]}"
    words = text.split(" ")
    terminal = False
    if END in words:
        words, terminal = words[: words.index(END)], True
    if len(words) > 1 and words[1] == NUMBER and _SHOP_NUMBER.fullmatch(words[0]):
        words, terminal = words[1:], True  # NatWest: the card's last figures and the date
    elif len(words) > 2 and words[-1] in CERTAIN_COUNTRIES and _key(words[-2]) not in HANG_ON:
        terminal = True
    phrase, words = _opened(words)
    opening = OPENINGS.get(phrase)
    way = opening.way if opening else Way.CARD if terminal else None
    town_first = phrase in TOWN_FIRST and words[:1] == [NUMBER]
    words, purpose = _fields(words, way)
    words = _numbers_dropped(_ended(words), way)
    if way is Way.CARD:
        words = _without_place(words, town_first=town_first)
    elif way is Way.TRANSFER:
        words = _person(words)
    name = _called(" ".join(words)).strip(_EDGES)
    if purpose and (way in (Way.TRANSFER, None) or not name):
        first = not (opening and opening.says)
        name = f"{spelled(name, first=first)}, {spelled(purpose)}" if name else purpose
    return _said(opening, name)


def _said(opening: Opening | None, name: str) -> str:
    """The name behind what its opening is called, in the case that people write."""
    if opening and opening.says:
        return _cut(f"{opening.says} {spelled(name, first=False)}")
    return _cut(spelled(name)) if any(map(str.isalpha, name)) else ""


def _cut(name: str) -> str:
    return name[:LONGEST].strip(_EDGES)


@lru_cache(maxsize=1 << 13)
def _key(word: str) -> str:
    """A word as it is compared: capitals, no accents, no comma behind it. "N°" is N."""
    word = fold(word.rstrip(",;"), lower=False)
    return (word.encode("ascii", "ignore").decode() or word).upper()


def _opened(words: list[str]) -> tuple[Phrase, list[str]]:
    """The phrase that tells how the money moved, () for none, and the words after it."""
    places = [i for i, word in enumerate(words) if word != NUMBER]
    keys = [_key(words[i]) for i in places[: LONGEST_OPENING + 1]]
    for length in range(min(LONGEST_OPENING, len(keys)), 0, -1):
        phrase = tuple(keys[:length])
        if (opening := OPENINGS.get(phrase)) is None:
            continue
        if phrase in ONLY_WITH_NUMBER and NUMBER not in words:
            continue
        if phrase in ONLY_BEFORE_NUMBER and not _number_follows(words, places[length - 1]):
            continue
        if opening.way is Way.DEBIT and keys[length : length + 1] and keys[length] in NO_DEBIT:
            continue
        after = words[places[length - 1] + 1 :]
        return phrase, _after_kinds(after) if opening.way is Way.TRANSFER else after
    return (), words


def _number_follows(words: list[str], place: int) -> bool:
    """Whether a number stands behind this word, or a card's, which has its own word before it."""
    behind = [word for word in words[place + 1 : place + 3] if word != "CB"]
    return behind[:1] == [NUMBER]


def _after_kinds(words: list[str]) -> list[str]:
    """The words behind what banks say of every transfer."""
    while words:
        if words[0] == NUMBER:
            words = words[1:]
            continue
        keys = [_key(word) for word in words[:LONGEST_KIND]]
        for length in range(len(keys), 0, -1):
            if tuple(keys[:length]) in TRANSFER_KINDS:
                words = words[length:]
                break
        else:
            break
    return words


def _fields(words: list[str], way: Way | None) -> tuple[list[str], str]:
    """The words of the name, and the purpose, of a label that may have fields ("MOTIF: LOYER")."""
    if not any(":" in word or "/" in word or "+" in word for word in words):
        return words, ""
    told: dict[Part, list[str]] = {part: [] for part in Part}
    capitals = "".join(word for word in words if not word.endswith(":")).isupper()
    part = Part.NAME
    skip = False
    for i, word in enumerate(words):
        if skip:
            skip = False
            continue
        field = ""
        skip = words[i + 1 : i + 2] == [":"]
        if skip or word.endswith((":", "+")) or word.startswith("/"):
            field = _key(word).strip("/:+.")
        spoken = field in DIRECTIONS and way not in (Way.DEBIT, Way.TRANSFER)
        if field not in FIELDS or spoken:
            told[part].append(word)
            skip = False
            continue
        part = FIELDS[field]
        if part is Part.NAME and way is Way.TRANSFER and field in DIRECTIONS:
            told[part].append(field if capitals else DIRECTIONS[field])
    purpose = " ".join(word for word in told[Part.PURPOSE] if word != NUMBER).strip(_EDGES)
    return told[Part.NAME], purpose


def _ended(words: list[str]) -> list[str]:
    """The words before the first that ends a label."""
    keys = [_key(word) for word in words]
    for i, key in enumerate(keys):
        if i and key in ENDING_BEGINNINGS:
            for length in range(1, LONGEST_ENDING + 1):
                if tuple(keys[i : i + length]) in ENDINGS:
                    return words[:i]
    return words


def _numbers_dropped(words: list[str], way: Way | None) -> list[str]:
    """The words without numbers, and without those that only announce one."""
    kept: list[str] = []
    previous = ""
    for word in words:
        if word == NUMBER:
            while kept and _key(kept[-1]) in BEFORE_NUMBERS:
                kept.pop()
        elif not (previous == NUMBER and _key(word) in AFTER_NUMBERS):
            kept.append(word)
        previous = word
    if way in (Way.CARD, Way.CASH) and len(kept) > 2 and _key(kept[-2]) == "CARTE":
        kept = kept[:-2] if kept[-1].isdigit() else kept
    return kept


def _without_place(words: list[str], *, town_first: bool) -> list[str]:
    """A card payment's words without the noise, the country, the town and its postal code."""
    keys = [_key(word) for word in words]
    for phrase in CARD_NOISE:
        if phrase[0] in keys[1:-1]:
            at = keys.index(phrase[0], 1)
            if tuple(keys[at : at + len(phrase)]) == phrase:
                del words[at : at + len(phrase)], keys[at : at + len(phrase)]
    words = [word for word in words if word not in ("-", ",")]
    if town_first:
        words = _after_town(words)
    if len(words) > 1 and words[-1] in COUNTRIES:
        words = words[:-1]
    return _before_town(words)


def _after_town(words: list[str]) -> list[str]:
    """The words behind a town that stands first, with its département: 35 RENNES."""
    start = int(len(words) > 1 and len(words[0]) == 2 and words[0].isdigit())
    keys = [_key(word) for word in words]
    for length in range(LONGEST_TOWN, 0, -1):
        if len(words) > start + length and " ".join(keys[start : start + length]) in TOWNS:
            return words[start + length :]
    return words


def _before_town(words: list[str]) -> list[str]:
    """The words before a town that stands last, and before the number before it."""
    end = len(words) - (len(words) > 2 and bool(_DISTRICT.fullmatch(words[-1])))
    keys = [_key(word) for word in words[:end]]
    if glued := _GLUED_TOWN.fullmatch(keys[-1]) if keys else None:
        keys[-1] = glued[1]
    for length in range(min(LONGEST_TOWN, end - 1), 0, -1):
        start = end - length
        if " ".join(keys[start:]) not in TOWNS:
            continue
        town = words[start:end]
        if start > 1 and _SHOP_NUMBER.fullmatch(words[start - 1]):
            start -= 1
        if keys[start - 1] in HANG_ON:
            return words
        return words[:start] + town if start == 1 and keys[0] in GENERIC else words[:start]
    return words


def _person(words: list[str]) -> list[str]:
    """A transfer's words without those said twice, and with a dot behind M for Monsieur."""
    keys = [_key(word) for word in words]
    for i in range(2, len(keys) - 2):  # M JOUVIN TEO VIR DE M JOUVIN TEO
        if keys[i] in ("VIR", "VIREMENT") and keys[i + 1] == "DE" and keys[i + 2 :] == keys[:i]:
            words, keys = words[:i], keys[:i]
            break
    return [
        f"{word}." if word in TITLES and i + 1 < len(words) and words[i + 1].isalpha() else word
        for i, word in enumerate(words)
    ]


def _called(name: str) -> str:
    """The shop's name without who passes the money on, as everybody calls it."""
    name = name.lstrip(_EDGES)
    if between := _GO_BETWEEN.match(name):
        name = name[between.end() :]
    if "*" in name:
        name = _SAID_TWICE.sub("", _CUT_STAR.sub("", name), count=1).replace("*", " ")
    words = name.split()
    stem = words[0][:4].casefold() if words else ""
    words = words[:1] + [
        word
        for word in words[1:]
        if "." not in word or stem not in word.casefold() or not ADDRESS.search(word)
    ]
    keys = [_key(word) for word in words]
    if len(keys) > 2 and keys[: len(keys) // 2] * 2 == keys:
        words = words[: len(keys) // 2]  # FREE MOBILE FREE MOBILE
    for length in range(min(LONGEST_CALLED, len(keys)), 0, -1):
        if (called := CALLED.get(tuple(keys[:length]))) is not None:
            rest = " ".join(words[length:]).strip(". ")
            return called if rest in COUNTRIES else f"{called} {spelled(rest)}".rstrip()
    return " ".join(words)
