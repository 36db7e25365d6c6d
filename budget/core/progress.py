"""Progress of a long command, for the person who waits for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

WIDTH = 24


class Progress:
    """Tells the steps of a command, one line each, with a bar while a step is under way.

    On a terminal the bar is drawn over itself; anywhere else (a log, a pipe) only the finished
    line is written.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stderr
        self.terminal = self.out.isatty()

    def step[T](self, label: str, items: Iterable[T], *, total: int) -> Iterator[T]:
        """Yield `items`, count them up to `total`, and tell how many there were."""
        started = time.monotonic()
        number = 0
        for number, item in enumerate(self.bar(label, items, total=total), 1):  # noqa: B007
            yield item
        self.done(label, str(number), started)

    def bar[T](self, label: str, items: Iterable[T], *, total: int) -> Iterator[T]:
        """Yield `items` under a bar that fills up to `total`; what came of it is for `done`."""
        if not self.terminal:
            yield from items
            return
        drawn = 0.0
        for number, item in enumerate(items):
            if (now := time.monotonic()) - drawn > 0.05:
                self._draw(label, number, total)
                drawn = now
            yield item

    def at(self, label: str, number: int, total: int) -> None:
        """Draw the bar of a step that is counted elsewhere; what came of it is for `done`."""
        if self.terminal:
            self._draw(label, number, total)

    def done(self, label: str, result: str = "", started: float | None = None) -> None:
        """Tell that a step is finished, with what came of it."""
        took = "" if started is None else f"  {time.monotonic() - started:.1f} s"
        self._write(f"  {label:<14} {result}{took}".rstrip() + "\n")

    def _draw(self, label: str, number: int, total: int) -> None:
        full = WIDTH * number // max(total, 1)
        bar = "█" * full + "░" * (WIDTH - full)
        self._write(f"  {label:<14} {bar} {number}/{total}")

    def _write(self, line: str) -> None:
        if self.terminal:
            self.out.write("\r\x1b[K")
        self.out.write(line)
        self.out.flush()
