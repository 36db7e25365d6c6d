"""Builds the Dockerfile and runs the result, without a container engine.

Debian's buildah builds, over a base of Debian's own packages that mmdebstrap makes. What is built
runs in a mount namespace with its tree read-only, as its own user. All of it needs root.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

from tests import programs
from tests.servers import CHECKOUT, start_guarded

CACHE = CHECKOUT / "var" / "cache" / "deploy"

#: What stands in for the official Python image: it cannot be had where there is no registry.
DEBIAN = (
    "--variant=minbase",
    "--include=python3,python3-venv,ca-certificates",
    *(f"--dpkgopt=path-exclude=/usr/share/{each}/*" for each in ("doc", "info", "locale", "man")),
    "trixie",
)

#: How this machine reaches the package indexes, as far as it says so: a build has the same way.
VARIABLES = ("PIP_", "UV_INDEX", "UV_DEFAULT_INDEX", "NPM_CONFIG_", "SSL_CERT_", "NODE_EXTRA_CA_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
FILES = {
    "/etc/pip.conf": "/etc/pip.conf",
    "/etc/ssl/certs": "/etc/ssl/certs",
    "/etc/uv/uv.toml": "/etc/uv/uv.toml",
    "~/.config/pip": "/root/.config/pip",
    "~/.config/uv": "/root/.config/uv",
    "~/.npmrc": "/root/.npmrc",
    "~/.pip": "/root/.pip",
}

# Its own mounts: the tree read-only, with what an engine puts into it.
CONFINE = """
set -e
root=$1; shift
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc -o ro proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m tmpfs "$root/tmp"
mount -t tmpfs -o mode=700,uid=10001,gid=10001,size=64m tmpfs "$root/backups"
exec "$@"
"""


def require_root() -> None:
    """Skip where we may not build and confine."""
    if os.geteuid() != 0:
        pytest.skip("Building an image without a container engine needs root.")
    namespace = ["unshare", "--mount", "true"]
    if subprocess.run(namespace, capture_output=True).returncode != 0:
        pytest.skip("This root may not make mount namespaces: give it CAP_SYS_ADMIN.")


class Buildah:
    """Buildah with its store at `store`; from the one at `images` it only reads."""

    def __init__(self, store: Path, images: Path | None = None) -> None:
        self.program = programs.require("buildah")
        self.store = store
        self.options = [f"--root={store}/images", f"--runroot={store}/run", "--storage-driver=vfs"]
        if images:
            self.options.append(f"--storage-opt=vfs.imagestore={images}/images")
        store.mkdir(parents=True, exist_ok=True)
        self.policy = store / "policy.json"
        self.policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')

    def __call__(self, command: str, *arguments: str) -> str:
        """Run a command of it; return what it printed, or fail with all it said."""
        if command in {"build", "commit", "from"}:
            arguments = (f"--signature-policy={self.policy}", *arguments)
        done = subprocess.run(
            [self.program, *self.options, command, *arguments],
            cwd=CHECKOUT,
            # Its own draft of an image is large.
            env={**os.environ, "TMPDIR": str(self.store)},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"buildah {command}: {done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done.stdout.strip()


def machine_variables() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper().startswith(VARIABLES) or name.upper() in PROXIES
    }


def machine_files() -> dict[Path, str]:
    found = {Path(here).expanduser(): there for here, there in FILES.items()}
    return {here: there for here, there in found.items() if here.exists()}


@contextmanager
def base_store() -> Iterator[Path]:
    """A store with the image `localhost/base`, made once and kept for as long as it is the same."""
    variables = machine_variables()
    made_of = json.dumps([DEBIAN, sorted(variables.items())])
    store = CACHE / f"base-{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not store.exists():
            for old in CACHE.glob("base-*"):
                shutil.rmtree(old)
            draft = CACHE / "base-draft"
            try:
                _make_base(draft, variables)
                draft.rename(store)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        yield store


def _make_base(store: Path, variables: Mapping[str, str]) -> None:
    buildah = Buildah(store)
    tree = store / "base.tar"
    made = subprocess.run(
        [programs.require("mmdebstrap"), "--quiet", *DEBIAN, str(tree)],
        cwd="/",
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"No Debian can be had here for a base: {made.stderr[-500:]}")
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, str(tree), "/")
    tree.unlink()
    buildah("config", *(f"--env={name}={value}" for name, value in variables.items()), container)
    buildah("commit", "--quiet", "--disable-compression", "--rm", container, "localhost/base")


@dataclass(frozen=True)
class Image:
    """What was built: its tree in `root`, and how it says that it is to be run."""

    root: Path
    base: Path
    config: dict[str, Any]

    @property
    def size(self) -> int:
        """What it has beyond its base, in bytes on a disk."""
        return _size(self.root) - _size(self.base)

    def command(self, *command: str, environment: Mapping[str, str]) -> list[str]:
        """The command line that runs `command` inside, or the image's own without one."""
        declared = dict(each.split("=", 1) for each in self.config["Env"])
        for name in machine_variables():
            declared.pop(name, None)
        variables = {**declared, **environment}
        return [
            *("unshare", "--mount", "sh", "-c", CONFINE, "sh", str(self.root)),
            *("chroot", f"--userspec={self.config['User']}", str(self.root)),
            *("env", "-i", f"--chdir={self.config['WorkingDir']}"),
            *(f"{name}={value}" for name, value in variables.items()),
            *(command or self.config["Cmd"]),
        ]

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*command, environment=environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )


def _size(root: Path) -> int:
    """What a tree takes on a disk, in bytes, in the manner of `du`."""
    return sum(path.lstat().st_blocks * 512 for path in root.rglob("*"))


@contextmanager
def built(folder: Path) -> Iterator[Image]:
    """The image of the Dockerfile, in a store below `folder`."""
    with base_store() as bases:
        buildah = Buildah(folder, bases)
        volumes = [f"--volume={here}:{there}:ro" for here, there in machine_files().items()]
        # What was downloaded once stays there from one run to the next.
        for name in (".cache", ".npm"):
            (CACHE / name).mkdir(exist_ok=True)
            volumes.append(f"--volume={CACHE / name}:/root/{name}")
        buildah(
            *("build", "--format=docker", "--isolation=chroot", "--layers=false", *volumes),
            *("--build-arg=BASE=localhost/base", "--build-arg=REVISION=0123abc"),
            *("--tag=localhost/budgeometre", "--file=Dockerfile", "."),
        )
        described = json.loads(buildah("inspect", "--type=image", "localhost/budgeometre"))
        # With this driver every image lies there as a whole tree.
        yield Image(
            root=_tree(folder, "localhost/budgeometre"),
            base=_tree(bases, "localhost/base"),
            config=described["Docker"]["config"],
        )


def _tree(store: Path, image: str) -> Path:
    images = json.loads((store / "images" / "vfs-images" / "images.json").read_text())
    layer: str
    (layer,) = (each["layer"] for each in images if f"{image}:latest" in each.get("names", []))
    return store / "images" / "vfs" / "dir" / layer


@dataclass
class Container:
    """A process of the image that goes on until it is stopped: `with Container(image, {...}):`."""

    image: Image
    environment: Mapping[str, str]
    log: Path
    command: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        inside = self.image.command(*self.command, environment=self.environment)
        self.process = start_guarded(inside, log=self.log)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send SIGTERM, and do not wait."""
        if self.process and self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()

    def stop(self) -> int:
        """Send SIGTERM, and return the exit status."""
        self.ask_to_stop()
        assert self.process
        return self.process.wait(60)

    def said(self) -> str:
        return self.log.read_text(errors="replace")
