"""What runs when: the right command at the right time, once, whatever the last one did."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import get_commands, load_command_class

from budget.operations import scheduler
from budget.operations.schedule import BACKUPS, SCHEDULE, Task
from budget.operations.scheduler import Scheduler, is_alive, last_due, next_due

PARIS = ZoneInfo("Europe/Paris")
NIGHTLY = Task("nightly", ("nightly",), "30 3 * * *", "for tests", limit=60)

Open = Callable[..., Scheduler]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tasks that were run, instead of running them."""
    names: list[str] = []

    def run(self: Scheduler, task: Task) -> int:
        names.append(task.name)
        return 0

    monkeypatch.setattr(Scheduler, "run", run)
    return names


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(dt.datetime(2026, 11, 21, 12, tzinfo=PARIS), tick=False) as traveller:
        yield traveller


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=PARIS)


def nightly(folder: Path) -> Scheduler:
    return Scheduler(backups=folder, zone=PARIS, tasks=[NIGHTLY])


def test_a_task_runs_at_its_minute_and_once(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller
) -> None:
    works = nightly(tmp_path)
    for moment in (at(21, 12), at(22, 3, 29), at(22, 3, 30), at(22, 3, 31), at(22, 23)):
        clock.move_to(moment)
        works.turn()
    assert ran == ["nightly"]
    clock.move_to(at(23, 3, 30))
    works.turn()
    assert ran == ["nightly", "nightly"]


def test_nights_that_were_missed_are_made_up_for_once(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller
) -> None:
    clock.move_to(at(2, 3, 30))
    nightly(tmp_path).turn()
    clock.move_to(at(2, 3, 31))
    first = nightly(tmp_path)
    first.turn()
    assert ran == []  # the first start of all waits for its turn
    clock.move_to(at(3, 3, 30))
    first.turn()
    clock.move_to(at(9, 12))  # off for six days
    again = nightly(tmp_path)
    again.turn()
    again.turn()
    assert ran == ["nightly", "nightly"]


def test_a_restart_right_after_a_run_does_not_repeat_it(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller
) -> None:
    works = nightly(tmp_path)
    clock.move_to(at(22, 3, 30))
    works.turn()
    nightly(tmp_path).turn()
    assert ran == ["nightly"]


@pytest.mark.parametrize("night", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_the_night_the_clock_changes_has_one_run_of_each(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller, night: dt.date
) -> None:
    clock.move_to(dt.datetime.combine(night, dt.time(0), PARIS))
    works = Scheduler(backups=tmp_path, zone=PARIS)
    start = dt.datetime.combine(night, dt.time(0), PARIS).astimezone(dt.UTC)
    for quarter in range(23 * 4):
        clock.move_to(start + dt.timedelta(minutes=15 * quarter))
        works.turn()
    assert sorted(ran) == sorted(task.name for task in SCHEDULE)


def test_a_note_from_a_clock_that_was_ahead_stops_nothing(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller
) -> None:
    (tmp_path / ".scheduler.json").write_text(json.dumps({"nightly": "2031-01-01T00:00:00+00:00"}))
    works = nightly(tmp_path)
    works.turn()
    clock.move_to(at(22, 3, 30))
    works.turn()
    assert ran == ["nightly"]


@pytest.mark.parametrize("note", ["", "{", "[]", '{"nightly": 3}', '{"nightly": "soon"}'])
def test_a_damaged_note_is_done_without(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller, note: str
) -> None:
    (tmp_path / ".scheduler.json").write_text(note)
    works = nightly(tmp_path)
    clock.move_to(at(22, 3, 30))
    works.turn()
    assert ran == ["nightly"]
    assert "nightly" in json.loads((tmp_path / ".scheduler.json").read_text())


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, ran: list[str], clock: time_machine.Traveller
) -> None:
    works = nightly(tmp_path / "missing")
    clock.move_to(at(22, 3, 30))
    works.turn()
    works.turn()
    assert ran == ["nightly"]


def test_due_times_are_the_sites_own() -> None:
    now = at(22, 3, 30)
    assert last_due(NIGHTLY, now) == now
    assert last_due(NIGHTLY, now - dt.timedelta(seconds=1)) == at(21, 3, 30)
    assert next_due(NIGHTLY, now) == at(23, 3, 30)


# The commands themselves, with a manage.py that does as the test says.

Manage = Callable[[str], None]


@pytest.fixture
def manage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Manage:
    def write(source: str) -> None:
        (tmp_path / "manage.py").write_text(textwrap.dedent(source))

    monkeypatch.setattr(scheduler, "CHECKOUT", tmp_path)
    return write


@pytest.fixture
def hearing() -> Iterator[Callable[[Scheduler], Scheduler]]:
    """Lets a scheduler hear this process's signals, until the test is over."""
    heard = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in heard}

    def listen(works: Scheduler) -> Scheduler:
        works.listen()
        return works

    yield listen
    signal.set_wakeup_fd(-1)
    for number, action in before.items():
        signal.signal(number, action)


Hearing = Callable[[Scheduler], Scheduler]


def test_a_command_gets_the_folder_of_the_backups(
    tmp_path: Path, manage: Manage, hearing: Hearing
) -> None:
    manage("import sys, pathlib; pathlib.Path(sys.argv[2], 'said').write_text(repr(sys.argv[1:]))")
    works = hearing(Scheduler(backups=tmp_path, zone=PARIS))
    assert works.run(next(task for task in SCHEDULE if task.name == "backup")) == 0
    said = (tmp_path / "said").read_text()
    assert said == repr(["backup", str(tmp_path), "--keep", "14"])


def test_a_command_that_fails_is_told_and_the_next_one_runs(
    tmp_path: Path,
    manage: Manage,
    hearing: Hearing,
    clock: time_machine.Traveller,
    caplog: pytest.LogCaptureFixture,
) -> None:
    manage("import sys, pathlib; pathlib.Path(sys.argv[1]).touch(); sys.exit(3)")
    marks = [tmp_path / "one", tmp_path / "two"]
    tasks = [Task(mark.name, (str(mark),), "30 3 * * *", "for tests") for mark in marks]
    works = hearing(Scheduler(backups=tmp_path, zone=PARIS, tasks=tasks))
    clock.move_to(at(22, 3, 30))
    works.turn()
    assert all(mark.exists() for mark in marks)
    assert "one: failed with status 3" in caplog.text


def test_a_command_that_does_not_end_is_stopped_with_all_it_started(
    tmp_path: Path,
    manage: Manage,
    hearing: Hearing,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    manage("""
        import pathlib, subprocess, sys
        child = subprocess.Popen(["sleep", "600"])
        pathlib.Path(sys.argv[1] + ".new").write_text(str(child.pid))
        pathlib.Path(sys.argv[1] + ".new").rename(sys.argv[1])
        child.wait()
    """)
    note = tmp_path / "pid"
    nap = Scheduler._nap

    def patient_nap(self: Scheduler, seconds: float = 0) -> None:
        eventually(note.exists)
        nap(self, seconds)

    monkeypatch.setattr(Scheduler, "_nap", patient_nap)
    works = hearing(nightly(tmp_path))
    assert works.run(Task("long", (str(note),), "* * * * *", "for tests", limit=1)) == -15
    assert "long: stopped at its limit of 1 s" in caplog.text
    eventually(lambda: not runs(int(note.read_text())))


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another process is about to do; a minute without it is a failure."""
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen")


def runs(pid: int) -> bool:
    """Whether a process is alive; one that has ended and was not waited for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_command_that_cannot_be_started_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert nightly(tmp_path).run(NIGHTLY) == 127
    assert "nightly: could not be started" in caplog.text


@pytest.mark.parametrize(("status", "again"), [(0, False), (143, True)])
def test_told_to_stop_it_ends_its_command_first_and_then_itself(
    tmp_path: Path, status: int, again: bool
) -> None:
    """What was cut short counts as missed; what could end in order does not."""
    (tmp_path / "manage.py").write_text(
        "import signal, sys, time, pathlib\n"
        f"def end(*_):\n    pathlib.Path(sys.argv[1], 'ended').touch(); sys.exit({status})\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('at work', flush=True)\n"
        "time.sleep(600)\n"
    )
    source = f"""
        import datetime as dt, sys
        from pathlib import Path
        from zoneinfo import ZoneInfo
        from budget.operations import scheduler
        from budget.operations.schedule import Task
        scheduler.CHECKOUT = Path({str(tmp_path)!r})
        tasks = [Task("work", ({str(tmp_path)!r},), "* * * * *", "for tests")]
        works = scheduler.Scheduler(backups=scheduler.CHECKOUT, zone=ZoneInfo("UTC"), tasks=tasks)
        works.runs.started["work"] = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        works.listen()
        works.serve()
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert process.stdout
    assert process.stdout.readline() == "at work\n"
    assert (tmp_path / "budgeometre-scheduler").exists()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert (tmp_path / "ended").exists()
    noted = json.loads((tmp_path / ".scheduler.json").read_text())["work"]
    assert noted.startswith("2026-01-01") is again


def test_one_that_no_longer_looks_at_the_clock_is_not_healthy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = tmp_path / "sign"
    monkeypatch.setattr(scheduler, "SIGN_OF_LIFE", sign)
    assert not is_alive()
    sign.touch()
    assert is_alive()
    old = sign.stat().st_mtime - scheduler.STALE - 1
    os.utime(sign, (old, old))
    assert not is_alive()
    assert scheduler.main(["--healthy"]) == 1


def test_two_schedulers_do_not_share_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[int] = []

    def serve(self: Scheduler) -> None:
        served.append(scheduler.main(["--backups", str(tmp_path)]) if not served else 0)

    monkeypatch.setattr(Scheduler, "listen", lambda _: None)
    monkeypatch.setattr(Scheduler, "serve", serve)
    assert scheduler.main(["--backups", str(tmp_path)]) == 0
    assert served == [1]


def test_the_list_says_what_runs_when(capsys: pytest.CaptureFixture[str]) -> None:
    assert scheduler.main(["--list", "--zone", "Europe/Paris"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [task.name for task in SCHEDULE]
    assert f"manage.py backup {BACKUPS} --keep 14" in lines[0]


@pytest.mark.parametrize("task", SCHEDULE, ids=lambda task: task.name)
def test_every_scheduled_command_is_one_that_understands_its_options(task: Task) -> None:
    name, *options = task.command
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(options)


def test_the_documentation_has_the_same_list() -> None:
    page = (scheduler.CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d\d):(\d\d) \| `([^`]+)` \|", page, re.MULTILINE)
    told = {(f"{int(minute)} {int(hour)} * * *", command) for hour, minute, command in rows}
    assert told == {(task.cron, " ".join(task.command)) for task in SCHEDULE}


def test_what_waits_all_day_is_the_scheduler_without_django(tmp_path: Path) -> None:
    """`manage.py scheduler` passes its options on, and none of its memory."""
    sign = tmp_path / "budgeometre-scheduler"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "scheduler", "--backups", str(tmp_path)],
        cwd=scheduler.CHECKOUT,
        env={**os.environ, "TMPDIR": str(tmp_path), "DEBUG": "1", "LOG_FORMAT": "json"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        for _ in SCHEDULE:
            line = json.loads(process.stderr.readline())
            assert line["logger"] == "budget.scheduler"
            assert "next at" in line["message"]
            assert line["time"].endswith("+00:00")
        eventually(sign.exists)
        maps = Path(f"/proc/{process.pid}/maps")
        if maps.exists():
            assert "psycopg" not in maps.read_text()
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0
