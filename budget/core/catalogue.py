"""The texts to translate: found in code and templates, kept in the catalogues.

Babel and Django's own reading of templates do it, because GNU gettext may not be installed. The
catalogues carry no places and no dates, so that they change only where a text does.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import generate_po, read_po
from django.utils.translation import templatize

#: How code asks for a text; Babel knows the plain names, Django has lazy ones and others.
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

_TEXT = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
# `templatize` turns a template into calls between words made of X; only the calls matter.
_CALL = re.compile(rf"\b(?P<name>n?p?gettext|_)\((?P<texts>{_TEXT}(?:, {_TEXT})*)(?:, ?count)?\)")

HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: Budgeomètre\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


class Text(NamedTuple):
    """A text to translate. `plural` and `context` are empty where it has none."""

    singular: str
    plural: str = ""
    context: str = ""


def texts_in(folders: Sequence[Path]) -> Iterator[Text]:
    """Every text of the Python files and the templates below these folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            yield from texts_of_python(path)
        for path in sorted(folder.rglob("*.html")) + sorted(folder.rglob("*.txt")):
            yield from texts_of_template(path.read_text(encoding="utf-8"), str(path))


def texts_of_python(path: Path) -> Iterator[Text]:
    with path.open("rb") as file:
        for _line, message, _comments, context in extract("python", file, KEYWORDS):
            singular, plural = (message, "") if isinstance(message, str) else message[:2]
            yield Text(singular, plural, context or "")


def texts_of_template(source: str, origin: str = "") -> Iterator[Text]:
    """The texts of `translate`, `blocktranslate` and `_()`, as the engine looks them up."""
    for call in _CALL.finditer(templatize(source, origin=origin)):
        texts = [*ast.literal_eval(f"({call['texts']},)")]
        context = texts.pop(0) if "p" in call["name"] else ""
        yield Text(texts[0], "".join(texts[1:]), context)


def untranslated(catalogue: Catalog) -> list[Message]:
    """The texts that have no translation, or not all of its plural forms."""
    return [message for message in catalogue if message.id and not all(forms(message.string))]


def forms(text: Sequence[str] | None) -> list[str]:
    """The singular and the plural forms of a message's id or string."""
    return [text or ""] if isinstance(text, str | None) else list(text)


def catalogue_read(path: Path, language: str) -> Catalog:
    """The catalogue in a file; an empty one where there is no such file."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def catalogue_update(catalogue: Catalog, texts: Iterator[Text]) -> Catalog:
    """A catalogue with exactly `texts`, translated as far as `catalogue` knows them."""
    updated = Catalog(locale=catalogue.locale)
    for text in texts:
        wanted = (text.singular, text.plural) if text.plural else text.singular
        known = catalogue.get(text.singular, text.context or None)
        translation = known.string if known and known.pluralizable == bool(text.plural) else ""
        added = updated.add(
            wanted,
            translation,
            context=text.context or None,
            user_comments=known.user_comments if known else (),
        )
        if known and known.fuzzy and known.string:
            added.flags.add("fuzzy")
    return updated


def catalogue_write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue, sorted by text so that two branches' additions seldom meet."""
    lines = generate_po(catalogue, omit_header=True, no_location=True, sort_by="message", width=0)
    header = HEADER.format(language=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + "".join(lines), encoding="utf-8")
