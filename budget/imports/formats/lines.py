"""A text's lines, one at a time: a file of 50 MB is not to be held twice."""

from collections.abc import Iterator


def with_plain_ends(text: str) -> str:
    """The text with line feeds alone at its line ends, of whichever system they were."""
    if "\r" not in text:
        return text
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")


def numbered_lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Each line without its end, with its number from 1, and whether its end is there."""
    text = with_plain_ends(text)
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start)
        number += 1
        yield number, text[start : end if end >= 0 else len(text)], end >= 0
        start = end + 1 if end >= 0 else len(text)
