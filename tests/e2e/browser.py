"""Which Chromium the browser tests drive, and how a machine gets one.

Best is its headless shell, which Playwright prefers as well: the same engine without the window
around it, which takes more time than a test's own page does.

Run as `python -m tests.e2e.browser` it finds one or installs one, and prints where it is.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.programs import apt_install

SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def works(program: str) -> bool:
    """Whether it starts: Ubuntu's `chromium-browser` may be a note that a snap is missing."""
    try:
        return (
            subprocess.run([program, "--version"], capture_output=True, timeout=60).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def in_path(names: tuple[str, ...]) -> str | None:
    """The first of these programs in PATH that works."""
    for name in names:
        if (program := shutil.which(name)) and works(program):
            return program
    return None


def of_playwright() -> str | None:
    """The headless shell that Playwright has fetched, if it has and the machine can run it."""
    # In a process of its own: the tests have Playwright running already, and it is not
    # to be started twice in one thread.
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    if answer.returncode:
        return None
    # It names the whole Chromium, which need not be there; the shell lies in a folder beside it.
    folder = Path(answer.stdout.strip()).parents[1]
    shells = folder.with_name(folder.name.replace("chromium", "chromium_headless_shell", 1))
    return next((str(each) for each in shells.glob("*/*headless*shell") if works(str(each))), None)


def find() -> str | None:
    """The path of a Chromium that works, or None; the tests hand it to Playwright."""
    return in_path(SHELLS) or of_playwright() or in_path(NAMES)


def install() -> str | None:
    """Fetch the headless shell, else a whole Chromium; return the path of what there is then."""
    # Debian has its package apart from Chromium's, with which it shares most files.
    sys.stdout.write("No headless shell yet: trying Debian's, then Playwright's.\n")
    apt_install(["chromium-headless-shell"])
    if not in_path(SHELLS) and not in_path(NAMES):
        subprocess.run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"])
        if not of_playwright():
            apt_install(["chromium"])
    return find()


def main() -> int:
    """Return 0 when there is a browser for the tests."""
    if program := in_path(SHELLS) or of_playwright() or install():
        sys.stdout.write(f"{program}\n")
        return 0
    sys.stderr.write(
        "The tests need a Chromium or Chrome in PATH; none was found or could be installed.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
