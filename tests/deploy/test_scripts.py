"""Every shell script of the repository passes shellcheck, and can be run as it lies there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests import programs
from tests.servers import CHECKOUT

pytestmark = pytest.mark.deploy

SHELL = re.compile(rb"#!\s*/\S+[/ ](sh|bash|dash)\b")


def scripts() -> list[Path]:
    """The files that git knows, or would, that begin as a shell script does or are named so."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    paths = [CHECKOUT / name.decode() for name in listed.stdout.split(b"\0") if name]
    return sorted(
        path
        for path in paths
        if path.is_file() and (path.suffix == ".sh" or begins_as_script(path))
    )


def begins_as_script(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(SHELL.match(file.readline(80)))


def test_the_scripts_are_found() -> None:
    names = {str(path.relative_to(CHECKOUT)) for path in scripts()}
    assert {".ci/run", "k8s/overlays/minikube/deploy.sh"} <= names


def test_no_script_has_what_shellcheck_warns_of() -> None:
    run = subprocess.run(
        [programs.require("shellcheck"), "--severity=style", "--external-sources", *scripts()],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout


def test_every_script_stops_at_the_first_error_and_at_a_name_that_is_not_set() -> None:
    for path in scripts():
        assert re.search(
            r"^set -(eu|Eeuo pipefail|euo pipefail)$", path.read_text(), re.MULTILINE
        ), path


def test_every_script_that_begins_as_one_may_be_run() -> None:
    for path in scripts():
        assert not begins_as_script(path) or os.access(path, os.X_OK), path
