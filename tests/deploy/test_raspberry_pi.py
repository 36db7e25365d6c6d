"""What docs/raspberry-pi.md has people install is what was measured, and what systemd takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.bench.memory import POSTGRES, WEB
from tests.servers import CHECKOUT

pytestmark = pytest.mark.deploy

PAGE = (CHECKOUT / "docs" / "raspberry-pi.md").read_text(encoding="utf-8")


def block(title: str) -> str:
    """The first block of code after a text of the page."""
    found = re.search(rf"{re.escape(title)}.*?```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found, title
    return found[1]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed (Debian's package systemd)")
    units = []
    for name in ("budgeometre", "budgeometre-scheduler"):
        unit = tmp_path / f"{name}.service"
        # Nothing is installed where the page says: what it starts has to be there, though.
        unit.write_text(
            re.sub(r"/srv/\S+/bin/\w+", "/bin/true", block(f"/etc/systemd/system/{name}.service"))
        )
        units.append(unit)
    done = subprocess.run(
        [program, "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_postgresql_is_set_as_it_was_measured() -> None:
    lines = re.findall(r"^#?(\w+) = (.*)$", block("conf.d/small.conf"), re.MULTILINE)
    assert dict(lines) == POSTGRES
    command = yaml.safe_load(block("`docker-compose.override.yml`"))["services"]["db"]["command"]
    given = [option.removeprefix("--").split("=") for option in command[1:]]
    assert dict(given) == POSTGRES


@pytest.mark.parametrize("title", ["`/etc/budgeometre.env`", "with this in `.env`"])
def test_the_site_is_set_as_it_was_measured(title: str) -> None:
    told = dict(re.findall(r"^(\w+)=(\S+)", block(title), re.MULTILINE))
    assert WEB.items() <= told.items()
    assert told["WEB_CONCURRENCY"] == "1"


@pytest.mark.parametrize("title", ["`/etc/budgeometre.env`", "with this in `.env`"])
def test_no_remark_becomes_part_of_a_setting(title: str) -> None:
    # systemd takes a line to its end: HTTPS=0 # at home is no 0 for it, though it is for a shell.
    assert not re.search(r"^\w+=.*[ \t]#", block(title), re.MULTILINE)
