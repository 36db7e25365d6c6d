"""A movement's text, put together from the fields in which a file keeps it."""

import re

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def folded(text: str) -> str:
    """The text with white space and control characters folded to single spaces."""
    if not text.isprintable():
        text = CONTROL.sub(" ", text)
    return " ".join(text.split())


def label_of(name: str, more: str) -> str:
    """A name and what is told beside it, without saying anything twice.

    A name is often the beginning of the text, cut at 32 characters.
    """
    name, more = folded(name), folded(more)
    if more.casefold() in name.casefold():
        return name
    if name.casefold() in more.casefold():
        return more
    return f"{name} {more}"
