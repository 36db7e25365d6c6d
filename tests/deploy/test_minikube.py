"""deploy.sh and cleanup.sh do what is needed, in order, and stop where something is wrong.

minikube, kubectl and docker are stand-ins that write down what they are asked for. What they would
answer is told by the environment and by files in a folder.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.deploy.manifests import K8S, named, overlay, pods

pytestmark = pytest.mark.deploy

MINIKUBE = K8S / "overlays/minikube"

STAND_INS = {
    "docker": 'echo "docker $* by $DOCKER_HOST" >>"$STATE/calls"; exit "${BUILD:-0}"\n',
    # So that waiting takes no time.
    "sleep": "exit 0\n",
    "minikube": """
echo "minikube $*" >>"$STATE/calls"
case "$*" in
    *" status "*) [ -e "$STATE/running" ] || exit 7; cat "$STATE/running" ;;
    *" start "*) echo Running/Running >"$STATE/running" ;;
    *" docker-env "*) [ -z "${ELSEWHERE:-}" ] || exit 69; echo 'export DOCKER_HOST="inside"' ;;
    *" ip") echo 192.168.49.2 ;;
esac
""",
    "kubectl": """
echo "kubectl $*" >>"$STATE/calls"
case "$*" in
    "kustomize "*) cat "$STATE/manifests" ;;
    *" apply --server-side --filename -") cat >"$STATE/secrets" ;;
    *" apply --filename "*) cp "$7" "$STATE/applied" ;;
    *" get secret database"*) [ -e "$STATE/secrets" ] ;;
    *" get deployment web "*) cat "$STATE/web" 2>/dev/null || true ;;
    *" get job ${FAILING:-none} "*) echo Failed ;;
    *" get job ${ENDLESS:-none} "*) ;;
    *" get job "*) echo SuccessCriteriaMet Complete ;;
    *" rollout status ${UNREADY:-none} "*) exit 1 ;;
    *" get namespace budgeometre") [ -e "$STATE/secrets" ] ;;
esac
""",
}


@dataclass
class Laptop:
    """A folder with the stand-ins and what they remember."""

    state: Path

    def run(
        self, script: str, *options: str, stdin: str = "", **more: str
    ) -> subprocess.CompletedProcess[str]:
        (self.state / "calls").write_text("")
        return subprocess.run(
            [MINIKUBE / script, *options],
            env={
                "PATH": f"{self.state}/bin:/usr/bin:/bin",
                "TMPDIR": str(self.state),
                "STATE": str(self.state),
                **more,
            },
            input=stdin,
            capture_output=True,
            text=True,
        )

    @property
    def calls(self) -> list[str]:
        """What was asked for, without the names of the cluster and of the namespace."""
        folder = str(MINIKUBE)
        words = (self.state / "calls").read_text()
        for prefix in (
            "kubectl --context minikube --namespace budgeometre ",
            "minikube --profile minikube ",
            f"{folder}",
        ):
            words = words.replace(prefix, "")
        return words.splitlines()

    def order(self, *parts: str) -> list[int]:
        """Where each of these first occurs among the calls."""
        return [
            next(index for index, call in enumerate(self.calls) if part in call) for part in parts
        ]


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in STAND_INS.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}")
        (folder / name).chmod(0o755)
    (tmp_path / "manifests").write_text("ALLOWED_HOSTS: localhost,minikube-address\n")
    return Laptop(tmp_path)


def test_everything_is_brought_up_in_order(laptop: Laptop) -> None:
    run = laptop.run("deploy.sh")
    assert run.returncode == 0, run.stderr
    order = laptop.order(
        "start --driver docker",
        "addons enable ingress",
        "addons enable metrics-server",
        "deployment/ingress-nginx-controller",
        "docker build",
        "--selector !app.kubernetes.io/component",
        "apply --server-side --filename -",
        "--selector app.kubernetes.io/component=database",
        "rollout status statefulset/database",
        "delete job migrate",
        "--selector app.kubernetes.io/component=migrate",
        "get job migrate",
        "--selector app.kubernetes.io/component in (web, scheduled)",
        "rollout status deployment/web",
        "--selector app.kubernetes.io/component=seed",
        "get job seed",
    )
    assert order == sorted(order)


def test_every_resource_is_applied_once(laptop: Laptop) -> None:
    laptop.run("deploy.sh")
    selectors = [
        call.partition("--selector ")[2].replace("app.kubernetes.io/component", "component")
        for call in laptop.calls
        if call.startswith("apply") and "--selector" in call
    ]
    assert selectors == [
        "!component",
        "component=database",
        "component=migrate",
        "component in (web, scheduled)",
        "component=seed",
    ]
    for resource in overlay("minikube"):
        component = resource["metadata"].get("labels", {}).get("app.kubernetes.io/component")
        assert component in {None, "database", "migrate", "web", "scheduled", "seed"}


def test_the_secrets_are_those_that_are_asked_for(laptop: Laptop) -> None:
    laptop.run("deploy.sh")
    made = {
        each["metadata"]["name"]: set(each["stringData"])
        for each in yaml.safe_load_all((laptop.state / "secrets").read_text())
    }
    asked = set()
    for pod in pods(overlay("minikube")):
        sources = [each for part in pod.containers for each in part.get("envFrom", [])]
        asked |= {each["secretRef"]["name"] for each in sources if "secretRef" in each}
        volumes = pod.spec.get("volumes", [])
        asked |= {each["secret"]["secretName"] for each in volumes if "secret" in each}
    assert made.keys() == asked
    # The files that PostgreSQL's image and our script read.
    (script,) = named(overlay("minikube"), "ConfigMap", "database-init")["data"].values()
    read = set(re.findall(r"\(secret (\w+)\)", script))
    assert made["database"] == read | {"postgres_password"}


def test_the_image_is_built_by_the_docker_inside_of_minikube(laptop: Laptop) -> None:
    laptop.run("deploy.sh")
    (call,) = [each for each in laptop.calls if each.startswith("docker build")]
    assert call == f"docker build --tag budgeometre:minikube {K8S.parent} by inside"


def test_the_ways_in_are_told(laptop: Laptop) -> None:
    told = laptop.run("deploy.sh").stdout
    assert "http://localhost:8080" in told
    assert "192.168.49.2 budgeometre.local" in told
    assert "minikube --profile minikube tunnel" in told
    assert "minikube --profile minikube service web --namespace budgeometre" in told
    assert "demo@example.org" in told
    assert "createsuperuser" in told


def test_the_machines_address_is_a_name_that_the_site_answers_to(laptop: Laptop) -> None:
    laptop.run("deploy.sh")
    assert (laptop.state / "applied").read_text() == "ALLOWED_HOSTS: localhost,192.168.49.2\n"


def test_a_second_run_starts_nothing_twice_and_keeps_the_passwords(laptop: Laptop) -> None:
    laptop.run("deploy.sh")
    secrets = (laptop.state / "secrets").read_text()
    (laptop.state / "web").write_text("deployment.apps/web\n")
    run = laptop.run("deploy.sh")
    assert run.returncode == 0, run.stderr
    assert not any("start --driver" in call for call in laptop.calls)
    assert "apply --server-side --filename -" not in laptop.calls
    assert (laptop.state / "secrets").read_text() == secrets
    # Built again under the same name, so what runs must be told.
    assert "rollout restart deployment/web" in laptop.calls


def test_passwords_are_long_and_made_anew_for_each_cluster(laptop: Laptop) -> None:
    made: list[str] = []
    for _ in range(2):
        (laptop.state / "secrets").unlink(missing_ok=True)
        laptop.run("deploy.sh")
        main, database = [
            each["stringData"]
            for each in yaml.safe_load_all((laptop.state / "secrets").read_text())
        ]
        made += [main["SECRET_KEY"], *database.values()]
        password = database["database_password"]
        assert main["DATABASE_URL"] == f"postgres://budget:{password}@database:5432/budget"
    assert len(set(made)) == 8
    assert all(len(each) == 64 for each in made)
    # Whoever lists processes does not see them.
    assert not any(each in call for each in made for call in laptop.calls)


def test_without_seeding_there_is_no_demonstration(laptop: Laptop) -> None:
    run = laptop.run("deploy.sh", "--no-seed")
    assert run.returncode == 0
    assert not any(part in call for call in laptop.calls for part in ("=seed", "job seed"))
    assert "demo@example.org" not in run.stdout


def test_another_profile_is_used_throughout(laptop: Laptop) -> None:
    run = laptop.run("deploy.sh", "--profile", "other")
    assert run.returncode == 0
    for call in laptop.calls:
        assert call.startswith(
            (
                "minikube --profile other ",
                "kubectl --context other ",
                "kubectl kustomize ",
                "docker build ",
            )
        ), call
    assert laptop.run("deploy.sh", "--profile=other").returncode == 0
    assert "--profile other" in laptop.calls[0]


@pytest.mark.parametrize(
    ("trouble", "told", "not_reached"),
    [
        ({"BUILD": "1"}, "", "apply"),
        ({"ELSEWHERE": "1"}, "", "docker build"),
        ({"UNREADY": "deployment/ingress-nginx-controller"}, "ingress controller", "docker build"),
        ({"UNREADY": "statefulset/database"}, "statefulset/database is not ready.", "=migrate"),
        ({"FAILING": "migrate"}, "The job migrate failed.", "in (web"),
        ({"ENDLESS": "migrate"}, "The job migrate was not done in 600 seconds.", "in (web"),
        ({"UNREADY": "deployment/web"}, "deployment/web is not ready.", "=seed"),
        ({"FAILING": "seed"}, "The job seed failed.", "nothing comes after"),
    ],
)
def test_what_goes_wrong_is_told_and_nothing_comes_after_it(
    laptop: Laptop, trouble: dict[str, str], told: str, not_reached: str
) -> None:
    run = laptop.run("deploy.sh", **trouble)
    assert run.returncode
    assert told in run.stderr
    assert not any(not_reached in call for call in laptop.calls)
    assert "Three ways in" not in run.stdout


def test_a_failed_job_is_looked_into(laptop: Laptop) -> None:
    laptop.run("deploy.sh", FAILING="migrate")
    for asked in ("get pods --selector job-name=migrate", "get events", "logs --selector job-name"):
        assert any(asked in call for call in laptop.calls), asked


def test_nothing_is_left_behind_in_the_temporary_folder(laptop: Laptop) -> None:
    before = {path.name for path in laptop.state.iterdir()}
    for trouble in ({}, {"FAILING": "migrate"}):
        laptop.run("deploy.sh", **trouble)
    known = {"calls", "running", "secrets", "applied"}
    assert {path.name for path in laptop.state.iterdir()} - before <= known


def test_a_missing_program_is_named(laptop: Laptop) -> None:
    (laptop.state / "bin/docker").unlink()
    (laptop.state / "bin/minikube").unlink()
    run = laptop.run("deploy.sh")
    assert run.returncode == 1
    assert "minikube is missing." in run.stderr
    assert laptop.calls == []


@pytest.mark.parametrize("script", ["deploy.sh", "cleanup.sh"])
def test_help_is_given_and_what_is_not_understood_is_refused(laptop: Laptop, script: str) -> None:
    run = laptop.run(script, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert "--profile" in run.stdout
    for options in (["--nonsense"], ["--profile"], ["now"]):
        run = laptop.run(script, *options)
        assert run.returncode == 2
        assert run.stderr
    assert laptop.calls == []


@pytest.fixture
def deployed(laptop: Laptop) -> Laptop:
    (laptop.state / "running").write_text("Running\n")
    (laptop.state / "secrets").touch()
    return laptop


@pytest.mark.parametrize("answer", ["", "no\n", "y\n"])
def test_data_are_deleted_after_a_yes_alone(deployed: Laptop, answer: str) -> None:
    for options in ((), ("--all",)):
        run = deployed.run("cleanup.sh", *options, stdin=answer)
        assert run.returncode == 1
        assert "Nothing was deleted." in run.stdout
        assert not any("delete" in call for call in deployed.calls)


def test_after_a_yes_the_namespace_goes_and_the_cluster_stays(deployed: Laptop) -> None:
    for options, stdin in (((), "yes\n"), (("--yes",), "")):
        run = deployed.run("cleanup.sh", *options, stdin=stdin)
        assert run.returncode == 0, run.stderr
        assert any("delete namespace budgeometre" in call for call in deployed.calls)
        assert "delete" not in deployed.calls


def test_all_deletes_the_cluster(deployed: Laptop) -> None:
    run = deployed.run("cleanup.sh", "--all", "--yes")
    assert run.returncode == 0
    assert deployed.calls == ["delete"]


def test_there_may_be_nothing_to_clean_up(laptop: Laptop) -> None:
    run = laptop.run("cleanup.sh", "--yes")
    assert run.returncode == 1
    assert "does not run" in run.stderr
    (laptop.state / "running").write_text("Running\n")
    run = laptop.run("cleanup.sh", "--yes")
    assert run.returncode == 0
    assert "nothing to clean up" in run.stdout
