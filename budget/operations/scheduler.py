"""Runs the scheduled commands, one after the other, and waits in between.

`manage.py scheduler` turns into this module once the settings have been read, so that what waits
all day has none of Django in its memory; each command runs in a process of its own. When each last
ran is kept beside the backups: what fell due while the machine was off runs once when it is back.

Run as `python -m budget.operations.scheduler --healthy` it tells by its exit status whether a
scheduler is alive on this machine.
"""

from __future__ import annotations

import argparse
import datetime as dt
import fcntl
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from cronsim import CronSim

from budget.operations.schedule import BACKUPS, SCHEDULE, Task

CHECKOUT = Path(__file__).resolve().parents[2]
#: Touched at every look at the clock. Below /tmp, which no memory card wears out from.
SIGN_OF_LIFE = Path(tempfile.gettempdir(), "budgeometre-scheduler")
#: Seconds between two looks at the clock: it may be set, or stand still while a machine sleeps.
NAP = 30
#: A sign of life older than this, in seconds, is none.
STALE = 4 * NAP
#: Seconds that a command has for its own end before it is killed.
GRACE = 20

log = logging.getLogger("budget.scheduler")


def last_due(task: Task, now: dt.datetime) -> dt.datetime:
    """The last moment at which the task should have started, up to and including `now`.

    `now` is in the site's time zone. What falls into an hour that the clock skips is due right
    after it, and what falls into one that comes twice is due once, as in Debian's cron.
    """
    # Backwards it starts before the minute that it is given. The next one is found in UTC, where
    # each is followed by a minute that exists.
    minute = now.astimezone(dt.UTC).replace(second=0, microsecond=0)
    after = (minute + dt.timedelta(minutes=1)).astimezone(now.tzinfo)
    return next(CronSim(task.cron, after, reverse=True))


def next_due(task: Task, now: dt.datetime) -> dt.datetime:
    """The first moment after `now` at which the task is to start."""
    return next(CronSim(task.cron, now))


class Runs:
    """When each task was last started, in a file that outlives the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.started: dict[str, dt.datetime] = {}
        try:
            kept = json.loads(path.read_text())
            self.started = {name: dt.datetime.fromisoformat(at) for name, at in kept.items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read, so nothing is caught up: %s", path, error)

    def note(self, name: str, started: dt.datetime) -> None:
        self.started[name] = started
        draft = self.path.with_name(f"{self.path.name}.part")
        try:
            draft.write_text(
                json.dumps({name: at.isoformat() for name, at in self.started.items()}, indent=1)
            )
            draft.replace(self.path)
        except OSError as error:
            log.warning("%s cannot be written, so a restart catches nothing up: %s", draft, error)


class Scheduler:
    """Waits, and starts what is due.

    `backups` is the folder of the backups, which must exist to keep anything; `zone` is the site's.
    """

    def __init__(self, *, backups: Path, zone: ZoneInfo, tasks: Sequence[Task] = SCHEDULE) -> None:
        self.tasks = tasks
        self.backups = backups
        self.zone = zone
        self._stopping = False
        self._wake, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        self.runs = Runs(backups / ".scheduler.json")
        for task in tasks:
            # A task that is new here waits for its turn.
            self.runs.started.setdefault(task.name, self.now())

    def now(self) -> dt.datetime:
        return dt.datetime.now(self.zone)

    def listen(self) -> None:
        """Hear the signals of this process; to be called before anything is run."""
        # Each rings the bell, a child's end among them: no wait is longer than it must be, and
        # none is cut short by an exception in the wrong place.
        signal.set_wakeup_fd(self._bell)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def serve(self) -> None:
        """Start what is due, for as long as nobody says to stop."""
        for task in self.tasks:
            log.info("%s: next at %s", task.name, f"{next_due(task, self.now()):%Y-%m-%d %H:%M}")
        while not self.is_stopping():
            self.turn()
            self._nap()
        log.info("stopped")

    def is_stopping(self) -> bool:
        """Whether we were told to stop: a signal may say so at any moment."""
        return self._stopping

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def turn(self) -> None:
        """Start everything that has fallen due since its last start, once each."""
        for task in self.tasks:
            now = self.now()
            # A clock that was ahead, as on a board without one of its own, is not waited for.
            started = min(self.runs.started[task.name], now)
            self.runs.started[task.name] = started
            if last_due(task, now) > started and not self.is_stopping():
                self.runs.note(task.name, now)
                if self.run(task) and self.is_stopping():
                    # It was us who cut it short: the next scheduler makes up for it.
                    self.runs.note(task.name, started)

    def run(self, task: Task) -> int:
        """Run the task's command to its end or its limit; return its exit status.

        A command that a signal ended has that signal's negative number, as in `subprocess`. Its
        output is ours. Nothing it does stops the scheduler.
        """
        log.info("%s: started", task.name)
        began = time.monotonic()
        command = [str(self.backups) if each == BACKUPS else each for each in task.command]
        try:
            child = subprocess.Popen(
                [sys.executable, str(CHECKOUT / "manage.py"), *command],
                stdin=subprocess.DEVNULL,
                # A Ctrl-C in the terminal is for us: we tell the child.
                start_new_session=True,
            )
        except OSError as error:
            log.error("%s: could not be started: %s", task.name, error)
            return 127
        end = began + task.limit
        while (
            child.poll() is None and not self.is_stopping() and (left := end - time.monotonic()) > 0
        ):
            self._nap(left)
        cut = child.poll() is None
        if cut:
            self._end(child)
        took = time.monotonic() - began
        if cut and not self.is_stopping():
            log.error("%s: stopped at its limit of %d s", task.name, task.limit)
        elif child.returncode and cut:
            log.warning("%s: cut short after %.0f s, as we are to stop", task.name, took)
        elif child.returncode:
            log.error("%s: failed with status %d after %.0f s", task.name, child.returncode, took)
        else:
            log.info("%s: done in %.0f s", task.name, took)
        return child.returncode

    def _nap(self, seconds: float = NAP) -> None:
        """Wait until a signal comes or some seconds have gone; show that we are alive."""
        with suppress(OSError):
            SIGN_OF_LIFE.touch()
        woken, _, _ = select.select([self._wake], [], [], min(seconds, NAP))
        if woken:
            os.read(self._wake, 512)

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        """Ask the child and its own children to end, and make them where they do not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, number)
            with suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)
                return


class JSONLines(logging.Formatter):
    """A JSON object a line, as those of the site (budget/core/logs.py, which needs Django)."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        return json.dumps(
            {
                "time": at.isoformat(timespec="milliseconds"),
                "level": record.levelname,
                "logger": record.name,
                "message": record.getMessage(),
            },
            ensure_ascii=False,
        )


def is_alive() -> bool:
    """Whether a scheduler on this machine has lately looked at the clock."""
    try:
        return time.time() - SIGN_OF_LIFE.stat().st_mtime < STALE
    except OSError:
        return False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `manage.py scheduler` and this module both understand."""
    parser.add_argument(
        "--backups",
        type=Path,
        default=Path(BACKUPS),
        metavar="DIRECTORY",
        help=f"where backups go, and the note of what ran last (default: {BACKUPS})",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="print what runs when, and end")
    which.add_argument(
        "--once",
        choices=[task.name for task in SCHEDULE],
        help="run this one now, and end with its exit status",
    )


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m budget.operations.scheduler")
    add_arguments(parser)
    parser.add_argument("--zone", type=ZoneInfo, default=ZoneInfo("UTC"), help="the site's")
    parser.add_argument("--json", action="store_true", help="log JSON objects")
    parser.add_argument("--healthy", action="store_true", help="exit 0 if a scheduler is alive")
    given = parser.parse_args(arguments)
    if given.healthy:
        return 0 if is_alive() else 1
    if given.list:
        sys.stdout.write(listing(dt.datetime.now(given.zone)))
        return 0
    lines = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    lines.setFormatter(JSONLines() if given.json else text)
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    scheduler = Scheduler(backups=given.backups, zone=given.zone)
    scheduler.listen()
    if given.once:
        return scheduler.run(next(task for task in SCHEDULE if task.name == given.once))
    try:
        note = os.open(given.backups, os.O_RDONLY)
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.error("another scheduler is at work in %s", given.backups)
        return 1
    except OSError as error:
        # The other tasks are worth running all the same, and the backup will say it once more.
        log.error("%s cannot be opened: no backup can be made there: %s", given.backups, error)
    scheduler.serve()
    return 0


def listing(now: dt.datetime) -> str:
    """What runs when, a line each."""
    return "".join(
        f"{task.name:16}{task.cron:14}next {next_due(task, now):%Y-%m-%d %H:%M}  "
        f"manage.py {' '.join(task.command)}\n"
        for task in SCHEDULE
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
