"""The French catalogue is complete, says the same as the English, and is typeset as French is."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message

from budget.core.catalogue import catalogue_read, catalogue_update, forms, texts_in, untranslated
from budget.core.management.commands.messages import catalogue_path, source_folders

MEND = "run `make messages`, then translate what it lists"

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
MARKUP = re.compile(r"<[^>]*>|https?://\S+")
NO_BREAK = "\u00a0\u202f"


@cache
def french() -> Catalog:
    return catalogue_read(catalogue_path("fr"), "fr")


@cache
def wanted() -> Catalog:
    return catalogue_update(french(), texts_in(source_folders()))


def keys(catalogue: Catalog) -> set[tuple[str | None, ...]]:
    return {(message.context, *forms(message.id)) for message in catalogue if message.id}


def messages() -> Iterator[tuple[Message, list[str], list[str]]]:
    """Each message with its English and French forms."""
    for message in french():
        if message.id:
            yield message, forms(message.id), forms(message.string)


def test_every_text_is_in_the_catalogue() -> None:
    missing = keys(wanted()) - keys(french())
    assert not missing, f"{sorted(map(str, missing))}: {MEND}"


def test_the_catalogue_holds_no_text_that_is_no_longer_used() -> None:
    left = keys(french()) - keys(wanted())
    assert not left, f"{sorted(map(str, left))}: {MEND}"
    assert not french().obsolete, MEND


def test_every_text_is_translated_and_none_is_doubtful() -> None:
    assert [m.id for m in untranslated(french())] == []
    assert [m.id for m in french() if m.id and m.fuzzy] == []


def test_placeholders_are_the_same() -> None:
    for message, english, translated in messages():
        wanted = {*PLACEHOLDER.findall(english[-1])}
        # One thing may go without its number ("a line"), in either language.
        allowed = wanted | {*PLACEHOLDER.findall(english[0])}
        for form in translated[1:] or translated:
            assert {*PLACEHOLDER.findall(form)} == wanted, message.id
        assert {*PLACEHOLDER.findall(translated[0])} <= allowed, message.id


def plain(text: str) -> str:
    """What is read: without placeholders, markup and addresses."""
    return MARKUP.sub("", PLACEHOLDER.sub("0", text).replace("%%", "%"))


def faults_of_french(text: str) -> list[str]:
    """What a French typesetter would mend."""
    text = plain(text)
    faults = []
    if "'" in text:
        faults.append("a straight apostrophe")
    if '"' in text:
        faults.append("straight quotes")
    if "..." in text:
        faults.append("three dots in place of an ellipsis")
    if re.search(rf"[^{NO_BREAK}][;!?»%]|[^{NO_BREAK}0-9]:", re.sub(r"[!?]+", "!", text)):
        faults.append("no no-break space before : ; ! ? » or %")
    if re.search(rf"«[^{NO_BREAK}]", text):
        faults.append("no no-break space after «")
    return faults


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("L’objectif", True),
        ("L'objectif", False),
        ("Supprimer ?", False),
        ("Supprimer\u00a0?", True),
        ("Supprimer\u202f?!", True),
        ("Reste\u00a0: 3 €", True),
        ("Reste : 3 €", False),
        ("à 12:30", True),
        ("50 %% dépensés", False),
        ("50\u00a0%% dépensés", True),
        ("«\u00a0Loyer\u00a0»", True),
        ("« Loyer »", False),
        ("Chargement...", False),
        ('<a href="/x?y=1">le lien</a>', True),
        ("%(name)s\u00a0: %(n)s", True),
    ],
)
def test_french_typography_is_told_from_faults(text: str, sound: bool) -> None:
    assert (faults_of_french(text) == []) is sound


def test_french_is_typeset_as_french_is() -> None:
    faults = {
        form: found
        for _message, _english, translated in messages()
        for form in translated
        if (found := faults_of_french(form))
    }
    assert not faults
