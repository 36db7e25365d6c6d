"""A long command tells its steps, with a bar where somebody watches."""

from io import StringIO

import pytest

from budget.core.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_log_each_step_is_one_line() -> None:
    out = StringIO()
    progress = Progress(out)
    assert list(progress.step("months", [1, 2, 3], total=3)) == [1, 2, 3]
    progress.done("user", "made")
    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [["months", "3"], ["user", "made"]]
    assert "\r" not in out.getvalue()


def test_on_a_terminal_a_bar_fills_and_gives_way_to_the_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr("budget.core.progress.time.monotonic", lambda: float(next(ticks)))
    out = Terminal()
    assert list(Progress(out).step("months", "ab", total=2)) == ["a", "b"]
    drawn = out.getvalue().split("\r\x1b[K")
    assert drawn[1].endswith("░ 0/2")
    assert drawn[2].count("█") == drawn[2].count("░") == 12
    assert drawn[3].startswith("  months")
    assert drawn[3].endswith(" s\n")


def test_a_fast_step_draws_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budget.core.progress.time.monotonic", lambda: 7.0)
    out = Terminal()
    list(Progress(out).bar("rows", range(10_000), total=10_000))
    assert out.getvalue().count("\r") == 1


def test_nothing_to_do_is_a_line_too() -> None:
    out = StringIO()
    assert list(Progress(out).step("months", [], total=0)) == []
    assert out.getvalue().split()[:2] == ["months", "0"]
