"""The programs of the system that some tests run for real, and how a machine gets them.

Run as `python -m tests.programs` it installs those that are missing, where it may: as root, on
Debian or what is made of it. A test asks for one by `require`, and skips where there is none.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

#: Each program that tests run, and the Debian package that has it.
PACKAGES = {
    "buildah": "buildah",
    "jq": "jq",
    "mmdebstrap": "mmdebstrap",
    "pgbouncer": "pgbouncer",
    "redis-server": "redis-server",
}

#: Programs that no package of Debian has.
ELSEWHERE = {
    "kubectl": "https://kubernetes.io/docs/tasks/tools",
    "terraform": "https://developer.hashicorp.com/terraform/install",
}

#: Where programs are: those of our environment (hadolint, shellcheck), those in PATH, and those
#: that Debian keeps from everyone but root's PATH.
FOLDERS = (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin")


def find(name: str) -> str | None:
    """The path of a program, or None."""
    return shutil.which(name, path=os.pathsep.join(FOLDERS))


def require(name: str) -> str:
    """The path of a program; the test skips where there is none, and says how to get it."""
    if program := find(name):
        return program
    if page := ELSEWHERE.get(name):
        pytest.skip(f"{name} is missing: {page} says how to install it.")
    package = PACKAGES.get(name)
    how = (
        f"`apt-get install {package}`, or `make programs` as root" if package else "`make install`"
    )
    pytest.skip(f"{name} is missing: {how} installs it.")


def apt_install(packages: list[str]) -> None:
    """Install Debian packages where we are root and there is apt; else do nothing."""
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    # In runlevel 1 Debian starts no service that it installs: tests start their own.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (
        ["apt-get", "update", "--quiet"],
        ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)


def missing() -> list[str]:
    """The programs that are not on this machine."""
    return [name for name in PACKAGES if not find(name)]


def main() -> int:
    """Install what is missing; never fails, because the tests that need it skip and say so."""
    if names := missing():
        sys.stdout.write(f"Not here yet: {', '.join(names)}.\n")
        apt_install(sorted({PACKAGES[name] for name in names}))
    for name in missing():
        sys.stdout.write(f"{name} cannot be had here: the tests that need it will skip.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
