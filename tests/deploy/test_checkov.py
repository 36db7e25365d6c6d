"""checkov looks for what is unsafe in the image, in the cluster and on AWS."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.programs import find, require

pytestmark = pytest.mark.deploy

ROOT: Path = settings.BASE_DIR
VERSION = "checkov==3.3.30"
#: Of what checkov itself needs, nothing newer than this: so that tomorrow's scan is today's.
OF_DAY = "2026-11-21"
FILE = Path(__file__).with_name("checkov.toml")
EXEMPTIONS: list[dict[str, str]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["exempt"]


def exempts(exemption: dict[str, str], finding: dict[str, str]) -> bool:
    return (
        exemption["check"] == finding["check"]
        and fnmatchcase(finding["file"], exemption["file"])
        and fnmatchcase(finding["resource"], exemption.get("resource", "*"))
    )


def gather(folder: Path) -> None:
    """Lays out what is looked at: the Dockerfile, Terraform, each overlay as a cluster gets it."""
    shutil.copy(ROOT / "Dockerfile", folder)
    shutil.copytree(
        ROOT / "terraform", folder / "terraform", ignore=shutil.ignore_patterns(".terraform*")
    )
    kubectl = require("kubectl")
    (folder / "kubernetes").mkdir()
    for overlay in sorted((ROOT / "k8s/overlays").iterdir()):
        manifests = subprocess.run(
            [kubectl, "kustomize", str(overlay)], check=True, capture_output=True
        )
        (folder / f"kubernetes/{overlay.name}.yaml").write_bytes(manifests.stdout)


def scan(folder: Path) -> dict[str, Any]:
    """What checkov finds, in an environment of its own: it needs other versions than we do."""
    uv = find("uv") or str(ROOT / ".bootstrap/bin/uv")
    alone = [uv, "tool", "run", "--quiet", "--python", sys.executable]
    alone += ["--exclude-newer", OF_DAY, "--from", VERSION, "python"]
    environment = {**os.environ, "PYTHONPATH": ""}
    ready = subprocess.run(
        [*alone, "-c", ""], capture_output=True, text=True, env=environment, cwd=folder
    )
    if ready.returncode:
        pytest.skip(f"checkov cannot be installed here: {' '.join(ready.stderr.split())[:200]}")
    done = subprocess.run(
        [*alone, str(Path(__file__).with_name("checkov_scan.py")), str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_nothing_unsafe_goes_unexplained(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    gather(tmp_path)
    found = scan(tmp_path)
    record_property("checkov's checks that passed", found["passed"])
    assert all(found["passed"].values()), "One of the three was not read."
    assert not found["unknown_actions"]
    unexplained = Counter(
        "{check} ({about}): {resource} in {file}".format_map(finding)
        for finding in found["failed"]
        if not any(exempts(exemption, finding) for exemption in EXEMPTIONS)
    )
    assert not unexplained
    for exemption in EXEMPTIONS:
        assert any(exempts(exemption, finding) for finding in found["failed"]), (
            f"No longer needed: {exemption['check']} in {exemption['file']}"
        )


@pytest.mark.parametrize(
    "exemption", EXEMPTIONS, ids=lambda each: f"{each['check']}-{each['file']}"
)
def test_every_exemption_has_its_reason(exemption: dict[str, str]) -> None:
    assert set(exemption) - {"resource"} == {"check", "file", "reason"}
    assert len(exemption["reason"].split()) > 8
    assert exemption["reason"].endswith(".")
