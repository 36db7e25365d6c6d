"""Which Chromium the browser tests drive, and how a machine gets one.

Run as `python -m tests.e2e.browser` it finds one or installs one, and prints where it is.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.programs import apt_install

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def works(program: str) -> bool:
    """Whether it starts: Ubuntu's `chromium-browser` may be a note that a snap is missing."""
    try:
        return (
            subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def in_path() -> str | None:
    """The first Chromium or Chrome in PATH that works."""
    for name in NAMES:
        if (program := shutil.which(name)) and works(program):
            return program
    return None


def of_playwright() -> str | None:
    """The one that Playwright has fetched, if it has and the machine can run it."""
    # In a process of its own: the tests have Playwright running already, and it is not
    # to be started twice in one thread.
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    program = answer.stdout.strip()
    if answer.returncode == 0 and Path(program).exists() and works(program):
        return program
    return None


def find() -> str | None:
    """The path of a Chromium that works, or None; the tests hand it to Playwright."""
    return in_path() or of_playwright()


def install() -> str | None:
    """Fetch Playwright's Chromium, else Debian's where we are root; return its path."""
    sys.stdout.write("No Chromium yet: fetching Playwright's.\n")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])
    if program := of_playwright():
        return program
    sys.stdout.write("It could not be had or does not run here: trying Debian's.\n")
    apt_install(["chromium"])
    return in_path()


def main() -> int:
    """Return 0 when there is a browser for the tests."""
    if program := find() or install():
        sys.stdout.write(f"{program}\n")
        return 0
    sys.stderr.write(
        "The tests need a Chromium or Chrome in PATH; none was found or could be installed.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
