"""What is applied to a cluster is valid, bound as tightly as it says, and agrees with the rest.

Kubernetes' own resources are checked against its schemas, strictly, by the package
kubernetes-validate; CloudNativePG's against those of its release 1.29 (custom_resources.mjs). For
the ObjectStore of its Barman Cloud plugin no package has a schema: the fields that we use are
written out here, as its reference has them.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db import connection

from budget.imports.uploading import MOST_TOGETHER
from budget.operations.schedule import SCHEDULE
from tests.deploy.manifests import (
    K8S,
    Pod,
    Resource,
    may_come_from,
    may_reach,
    named,
    of_kind,
    overlay,
    peers,
    pods,
    render,
    selects,
    title,
)
from tests.servers import CHECKOUT

pytestmark = pytest.mark.deploy

OVERLAYS = ("minikube", "production", "aws")
#: The oldest Kubernetes that knows all we use (a pause before a pod ends), and the newest known.
VERSIONS = ("1.30", "1.37")
#: Made by deploy.sh or by hand, by CloudNativePG, and by cert-manager.
SECRETS = {"budgeometre", "database", "database-app", "object-store", "web-tls"}
#: Made by terraform/prepare.sh: who signs RDS's certificates.
CONFIG_MAPS = {"rds-ca"}
#: Variables that only stand in the value of others.
PARTS = {"DATABASE_PASSWORD"}

SECRET_KEY_REF = {
    "type": "object",
    "required": ["name", "key"],
    "properties": {"name": {"type": "string"}, "key": {"type": "string"}},
    "additionalProperties": False,
}
#: barmancloud.cnpg.io/v1, as in the plugin's reference.
OBJECT_STORE = {
    "type": "object",
    "required": ["configuration"],
    "additionalProperties": False,
    "properties": {
        "retentionPolicy": {"type": "string", "pattern": "^[1-9][0-9]*[dwm]$"},
        "instanceSidecarConfiguration": {
            "type": "object",
            "properties": {"resources": {"type": "object"}},
            "additionalProperties": False,
        },
        "configuration": {
            "type": "object",
            "required": ["destinationPath", "s3Credentials"],
            "additionalProperties": False,
            "properties": {
                "destinationPath": {"type": "string", "pattern": "^s3://[a-z0-9.-]+/"},
                "endpointURL": {"type": "string"},
                "s3Credentials": {
                    "type": "object",
                    "required": ["accessKeyId", "secretAccessKey"],
                    "additionalProperties": False,
                    "properties": {
                        "accessKeyId": SECRET_KEY_REF,
                        "secretAccessKey": SECRET_KEY_REF,
                        "region": SECRET_KEY_REF,
                    },
                },
                "wal": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "compression": {"enum": ["bzip2", "gzip", "lz4", "snappy", "xz", "zstd"]}
                    },
                },
                "data": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"compression": {"enum": ["bzip2", "gzip", "snappy"]}},
                },
            },
        },
    },
}


@pytest.fixture(params=OVERLAYS)
def resources(request: pytest.FixtureRequest) -> list[Resource]:
    return overlay(request.param)


def production_with(component: str, folder: Path) -> list[Resource]:
    """Production with a component that it leaves out."""
    lines = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(K8S / "overlays/production", folder)],
        "components": [os.path.relpath(K8S / "components" / component, folder)],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(lines))
    return render(folder)


@pytest.fixture(scope="module")
def with_metrics(tmp_path_factory: pytest.TempPathFactory) -> list[Resource]:
    return production_with("metrics", tmp_path_factory.mktemp("metrics"))


def config(resources: list[Resource]) -> dict[str, str]:
    data: dict[str, str] = named(resources, "ConfigMap", "budgeometre")["data"]
    return data


def is_ours(container: Resource) -> bool:
    return "budgeometre" in container["image"]


# --- Valid ------------------------------------------------------------------------------------


def is_custom(resource: Resource) -> bool:
    return "cnpg.io/" in resource["apiVersion"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_resource_has_only_fields_that_kubernetes_knows(
    resources: list[Resource], version: str
) -> None:
    for resource in resources:
        if not is_custom(resource):
            kubernetes_validate.validate(resource, version, strict=True)


def check_custom(resources: list[Resource]) -> list[str]:
    node = Path(sys.executable).with_name("node")
    run = subprocess.run(
        [node, Path(__file__).with_name("custom_resources.mjs")],
        input=json.dumps(resources),
        capture_output=True,
        text=True,
        check=True,
    )
    sentences: list[str] = json.loads(run.stdout)
    return sentences


def test_the_database_cluster_has_only_fields_that_cloudnative_pg_knows() -> None:
    custom = [
        each for each in overlay("production") if each["apiVersion"] == "postgresql.cnpg.io/v1"
    ]
    assert sorted({each["kind"] for each in custom}) == ["Cluster", "Pooler", "ScheduledBackup"]
    assert check_custom(custom) == []


def test_the_database_can_be_had_as_it_was(tmp_path: Path) -> None:
    cluster = named(production_with("recovery", tmp_path), "Cluster", "database")
    assert check_custom([cluster]) == []
    spec = cluster["spec"]
    bootstrap = named(overlay("production"), "Cluster", "database")["spec"]["bootstrap"]
    assert spec["bootstrap"].keys() == {"recovery"}
    for name in ("database", "owner"):
        assert spec["bootstrap"]["recovery"][name] == bootstrap["initdb"][name]
    (before,) = spec["externalClusters"]
    assert before["name"] == spec["bootstrap"]["recovery"]["source"]
    # The plugin refuses to write where another cluster's writes lie.
    (plugin,) = spec["plugins"]
    assert plugin["parameters"]["serverName"] != before["plugin"]["parameters"]["serverName"]


def test_a_field_that_cloudnative_pg_does_not_know_is_found() -> None:
    backup = named(overlay("production"), "ScheduledBackup", "database")
    spec = {**backup["spec"], "method": "plug", "cluster": {"nam": "database"}}
    assert check_custom([{**backup, "spec": spec}]) == [
        "ScheduledBackup database/spec/cluster: required name",
        "ScheduledBackup database/spec/method: enum barmanObjectStore, volumeSnapshot, plugin",
        "ScheduledBackup database/spec/cluster/nam: unknown",
    ]


def test_the_object_store_has_only_fields_that_the_plugin_knows() -> None:
    stores = of_kind(overlay("production"), "ObjectStore")
    assert len(stores) == 1
    jsonschema.validate(stores[0]["spec"], OBJECT_STORE)


def test_metrics_can_be_added(with_metrics: list[Resource]) -> None:
    for resource in with_metrics:
        if not is_custom(resource):
            kubernetes_validate.validate(resource, VERSIONS[-1], strict=True)
    port = int(config(with_metrics)["METRICS_PORT"])
    web, ports = peers(with_metrics)["web"]
    assert port in ports
    assert may_come_from(with_metrics, "monitoring", web, port)
    assert not may_come_from(with_metrics, "monitoring", web, 8000)
    assert not may_come_from(with_metrics, "ingress-nginx", web, port)


# --- Bound ------------------------------------------------------------------------------------


def test_no_pod_runs_as_root_or_may_become_more(resources: list[Resource]) -> None:
    for pod in pods(resources):
        context = pod.spec["securityContext"]
        assert context["runAsNonRoot"], pod.owner
        assert context["runAsUser"] > 0, pod.owner
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, pod.owner
        assert pod.spec["automountServiceAccountToken"] is False, pod.owner
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.spec.keys(), pod.owner
        for container in pod.containers:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False, pod.owner
            assert context["readOnlyRootFilesystem"] is True, pod.owner
            assert context["capabilities"] == {"drop": ["ALL"]}, pod.owner


def test_the_namespace_refuses_any_pod_that_is_less_bound(resources: list[Resource]) -> None:
    labels = named(resources, "Namespace", "budgeometre")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_every_container_asks_for_what_it_needs_and_has_a_limit(resources: list[Resource]) -> None:
    for pod in pods(resources):
        for container in pod.containers:
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), pod.owner
            # No limit of the processor: it would slow a page down while the machine is idle.
            assert "memory" in container["resources"]["limits"], pod.owner
        for volume in pod.spec.get("volumes", []):
            if "emptyDir" in volume:
                assert "sizeLimit" in volume["emptyDir"], pod.owner


def test_no_secret_is_in_the_repository(resources: list[Resource]) -> None:
    assert of_kind(resources, "Secret") == []
    for path in K8S.rglob("*.yaml"):
        for resource in yaml.safe_load_all(path.read_text()):
            if isinstance(resource, dict) and resource.get("kind") == "Secret":
                assert path.name == "secret.example.yaml"
                assert not any(resource["stringData"].values())
    written = " ".join(config(resources).values())
    assert not re.search(r"://[^/ ]*:[^/ ]*@", written), "a URL with a password"


def test_git_ignores_the_file_that_secrets_are_written_to() -> None:
    for folder in ("base", "overlays/production", "overlays/aws"):
        ignored = subprocess.run(
            ["git", "check-ignore", "--quiet", f"k8s/{folder}/secret.yaml"], cwd=CHECKOUT
        )
        assert ignored.returncode == 0, folder


# --- Who may speak to whom --------------------------------------------------------------------


def test_nothing_passes_that_is_not_named(resources: list[Resource]) -> None:
    spec = named(resources, "NetworkPolicy", "deny-all")["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def reachable(resources: list[Resource]) -> set[str]:
    """All that can be reached within the namespace, as in `web → database:5432`."""
    everyone = peers(resources)
    return {
        f"{source} → {target}:{port}"
        for source, (source_labels, _) in everyone.items()
        for target, (target_labels, ports) in everyone.items()
        for port in ports
        if may_reach(resources, source_labels, target_labels, port)
    }


TASKS = ("migrate", *(task.name for task in SCHEDULE))


def test_in_minikube_only_the_site_and_its_commands_reach_the_database() -> None:
    assert reachable(overlay("minikube")) == {
        f"{each} → database:5432" for each in ("web", "seed", *TASKS)
    }


def test_in_production_the_site_goes_through_the_poolers_and_commands_past_them() -> None:
    assert reachable(overlay("production")) == {
        "web → pooler-rw:5432",
        "web → pooler-ro:5432",
        "pooler-rw → database:5432",
        "pooler-ro → database:5432",
        "database → database:5432",
        "database → database:8000",
        *(f"{each} → database:5432" for each in TASKS),
        *(f"{each} → redis:6379" for each in ("web", *TASKS)),
    }


def test_on_aws_nothing_in_the_cluster_is_reached_but_the_cache() -> None:
    assert reachable(overlay("aws")) == {f"{each} → redis:6379" for each in ("web", *TASKS)}


@pytest.mark.parametrize("name", ["minikube", "production"])
def test_visitors_come_by_the_ingress_controller_to_the_site_alone(name: str) -> None:
    resources = overlay(name)
    for peer, (labels, ports) in peers(resources).items():
        for port in ports:
            expected = peer in {"web", "challenge"}
            assert may_come_from(resources, "ingress-nginx", labels, port) is expected, peer


def test_the_operator_reaches_the_database_and_nothing_else() -> None:
    resources = overlay("production")
    for peer, (labels, ports) in peers(resources).items():
        for port in ports:
            expected = peer == "database"
            assert may_come_from(resources, "cnpg-system", labels, port) is expected, peer


def blocks(resources: list[Resource], name: str, direction: str) -> list[Resource]:
    side = "to" if direction == "egress" else "from"
    return [
        peer["ipBlock"]
        for rule in named(resources, "NetworkPolicy", name)["spec"][direction]
        for peer in rule[side]
    ]


def test_mails_and_reports_leave_the_cluster_and_go_nowhere_inside_it(
    resources: list[Resource],
) -> None:
    for block in blocks(resources, "mail-and-reports", "egress"):
        open_to = [ipaddress.ip_network(block["cidr"])]
        for closed in map(ipaddress.ip_network, block["except"]):
            open_to = [part for each in open_to for part in without(each, closed)]
        for private in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "fd00::1"):
            assert not any(ipaddress.ip_address(private) in part for part in open_to), private
    rules = named(resources, "NetworkPolicy", "mail-and-reports")["spec"]["egress"]
    assert [[port["port"] for port in rule["ports"]] for rule in rules] == [[443, 465, 587]]


def without(network: Any, closed: Any) -> list[Any]:
    return list(network.address_exclude(closed)) if closed.subnet_of(network) else [network]


def test_every_policy_is_about_a_pod_that_there_is(resources: list[Resource]) -> None:
    everyone = peers(resources)
    for policy in of_kind(resources, "NetworkPolicy"):
        spec = policy["spec"]
        chosen = [
            ports for labels, ports in everyone.values() if selects(spec["podSelector"], labels)
        ]
        assert chosen, title(policy)
        for rule in spec.get("ingress", []):
            for port in rule.get("ports", []):
                assert any(port["port"] in ports for ports in chosen), title(policy)
            for peer in rule.get("from", []):
                if "podSelector" in peer and "namespaceSelector" not in peer:
                    assert any(selects(peer["podSelector"], each) for each, _ in everyone.values())


# --- In agreement with itself -----------------------------------------------------------------


def test_services_lead_to_a_port_that_is_open(resources: list[Resource]) -> None:
    for service in of_kind(resources, "Service"):
        found = [
            pod
            for pod in pods(resources)
            if selects({"matchLabels": service["spec"]["selector"]}, pod.labels)
        ]
        assert len(found) == 1, title(service)
        names = {port["name"] for each in found[0].containers for port in each.get("ports", [])}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names, title(service)


def test_selectors_find_the_pods_they_are_about(resources: list[Resource]) -> None:
    labels = {pod.owner: pod.labels for pod in pods(resources)}
    for owner in of_kind(resources, "Deployment", "StatefulSet"):
        assert selects(owner["spec"]["selector"], labels[title(owner)]), title(owner)
    for budget in of_kind(resources, "PodDisruptionBudget"):
        assert selects(budget["spec"]["selector"], labels["Deployment web"])
    for pod in pods(resources):
        for spread in pod.spec.get("topologySpreadConstraints", []):
            assert selects(spread["labelSelector"], pod.labels), pod.owner


def test_what_is_referred_to_exists(resources: list[Resource]) -> None:
    known = {title(resource) for resource in resources}
    for scaler in of_kind(resources, "HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        assert f"{target['kind']} {target['name']}" in known
        assert scaler["spec"]["minReplicas"] <= scaler["spec"]["maxReplicas"]
        assert "replicas" not in named(resources, target["kind"], target["name"])["spec"]
    for ingress in of_kind(resources, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert f"Service {path['backend']['service']['name']}" in known
    for pod in pods(resources):
        assert f"ServiceAccount {pod.spec['serviceAccountName']}" in known
        check_references(pod, known)


def check_references(pod: Pod, known: set[str]) -> None:
    volumes = {volume["name"]: volume for volume in pod.spec.get("volumes", [])}
    templates = {"data"} if pod.owner == "StatefulSet database" else set()
    for volume in volumes.values():
        if claim := volume.get("persistentVolumeClaim"):
            assert f"PersistentVolumeClaim {claim['claimName']}" in known, pod.owner
        if source := volume.get("secret"):
            assert source["secretName"] in SECRETS, pod.owner
        if source := volume.get("configMap"):
            assert source["name"] in CONFIG_MAPS or f"ConfigMap {source['name']}" in known, (
                pod.owner
            )
    for container in pod.containers:
        mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
        assert mounted <= volumes.keys() | templates, pod.owner
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                assert f"ConfigMap {source['configMapRef']['name']}" in known, pod.owner
            else:
                assert source["secretRef"]["name"] in SECRETS, pod.owner
        for variable in container.get("env", []):
            if "valueFrom" in variable:
                assert variable["valueFrom"]["secretKeyRef"]["name"] in SECRETS, pod.owner


def test_a_variable_stands_below_those_that_its_value_names(resources: list[Resource]) -> None:
    for pod in pods(resources):
        for container in pod.containers:
            defined: set[str] = set()
            for variable in container.get("env", []):
                named_in = set(re.findall(r"\$\((\w+)\)", variable.get("value", "")))
                assert named_in <= defined, f"{pod.owner}: {variable['name']}"
                defined.add(variable["name"])


def test_the_pooler_is_for_the_site_and_the_server_itself_for_commands() -> None:
    def urls(pod: Pod) -> dict[str, str]:
        (container,) = pod.containers
        return {
            each["name"]: each["value"] for each in container["env"] if each["name"] not in PARTS
        }

    resources = overlay("production")
    poolers = {each["metadata"]["name"]: each["spec"] for each in of_kind(resources, "Pooler")}
    cluster = named(resources, "Cluster", "database")
    initdb = cluster["spec"]["bootstrap"]["initdb"]
    url = "postgres://{}:$(DATABASE_PASSWORD)@{}:5432/{}?sslmode=require"
    for pod in pods(resources):
        if pod.owner == "Deployment redis":
            continue
        if pod.owner == "Deployment web":
            hosts = {"DATABASE_URL": "pooler-rw", "DATABASE_REPLICA_URL": "pooler-ro"}
            assert {name: poolers[host]["type"] for name, host in hosts.items()} == {
                "DATABASE_URL": "rw",
                "DATABASE_REPLICA_URL": "ro",
            }
        else:
            hosts = {"DATABASE_URL": f"{cluster['metadata']['name']}-rw"}
        assert urls(pod) == {
            name: url.format(initdb["owner"], host, initdb["database"])
            for name, host in hosts.items()
        }, pod.owner
    assert {each["pgbouncer"]["poolMode"] for each in poolers.values()} == {"transaction"}


def test_the_databases_role_is_bound_by_the_policies() -> None:
    spec = named(overlay("production"), "Cluster", "database")["spec"]
    (role,) = spec["managed"]["roles"]
    assert role["name"] == spec["bootstrap"]["initdb"]["owner"]
    assert role["superuser"] is False
    assert role["bypassrls"] is False
    assert spec["enableSuperuserAccess"] is False


def test_the_poolers_leave_the_server_connections_for_the_rest() -> None:
    resources = overlay("production")
    for pooler in of_kind(resources, "Pooler"):
        spec = pooler["spec"]
        size = int(spec["pgbouncer"]["parameters"]["default_pool_size"])
        most = named(resources, "Cluster", "database")["spec"]["postgresql"]["parameters"]
        assert size * spec["instances"] <= int(most["max_connections"]) / 2


def test_a_database_that_is_gone_is_told_before_the_probe_gives_up() -> None:
    # Probes that wait for longer than their own time take the threads that /healthz needs, and
    # then pods are restarted which nothing is wrong with.
    [web] = [
        container
        for resource in yaml.safe_load_all((K8S / "base" / "web.yaml").read_text())
        if resource["kind"] == "Deployment"
        for container in resource["spec"]["template"]["spec"]["containers"]
    ]
    pool = settings.DATABASES["default"]["OPTIONS"]["pool"]
    assert pool["timeout"] < web["readinessProbe"]["timeoutSeconds"]


def test_a_page_does_not_wait_for_replicas_that_are_gone() -> None:
    (reading,) = [
        each["spec"]
        for each in of_kind(overlay("production"), "Pooler")
        if each["spec"]["type"] == "ro"
    ]
    # PgBouncer takes a visitor in at once, and lets them wait two minutes for its server.
    assert int(reading["pgbouncer"]["parameters"]["query_wait_timeout"]) <= 5


def test_backups_are_taken_of_the_cluster_that_there_is() -> None:
    resources = overlay("production")
    spec = named(resources, "Cluster", "database")["spec"]
    (plugin,) = spec["plugins"]
    assert plugin["isWALArchiver"] is True
    named(resources, "ObjectStore", plugin["parameters"]["barmanObjectName"])
    backup = named(resources, "ScheduledBackup", "database")["spec"]
    assert backup["cluster"]["name"] == "database"
    assert backup["pluginConfiguration"]["name"] == plugin["name"]


# --- In agreement with the application --------------------------------------------------------


def test_cron_jobs_are_the_scheduled_commands_at_their_times(resources: list[Resource]) -> None:
    found = {}
    for job in of_kind(resources, "CronJob"):
        spec = job["spec"]["jobTemplate"]["spec"]
        pod = spec["template"]["spec"]
        (task,) = [
            each
            for each in [*pod.get("initContainers", []), *pod["containers"]]
            if each["name"] == "task"
        ]
        found[job["metadata"]["name"]] = (
            tuple(task["args"]),
            job["spec"]["schedule"],
            spec["activeDeadlineSeconds"],
        )
    assert found == {
        task.name: (("python", "manage.py", *task.command), task.cron, task.limit)
        for task in SCHEDULE
    }


def test_cron_jobs_have_the_households_clock(resources: list[Resource]) -> None:
    for job in of_kind(resources, "CronJob"):
        assert job["spec"]["timeZone"] == config(resources)["TIME_ZONE"], title(job)


def test_every_command_exists_and_takes_these_options(resources: list[Resource]) -> None:
    commands = get_commands()
    seen = 0
    for pod in pods(resources):
        for container in pod.containers:
            if is_ours(container) and (args := container.get("args")):
                assert args[:2] == ["python", "manage.py"], pod.owner
                command = load_command_class(commands[args[2]], args[2])
                command.create_parser("manage.py", args[2]).parse_args(args[3:])
                seen += 1
    assert seen >= len(SCHEDULE)


def known_settings() -> set[str]:
    table = (CHECKOUT / "README.md").read_text(encoding="utf-8").partition("\n## Settings\n")[2]
    return set(re.findall(r"^\| `([A-Z_]+)`", table.partition("\n## ")[0], re.MULTILINE))


def test_every_variable_is_a_setting_that_the_readme_explains(
    resources: list[Resource], with_metrics: list[Resource]
) -> None:
    names = config(resources).keys() | config(with_metrics).keys()
    example = yaml.safe_load((K8S / "base/secret.example.yaml").read_text())
    names |= example["stringData"].keys()
    for pod in pods(resources):
        for container in pod.containers:
            if is_ours(container):
                names |= {each["name"] for each in container.get("env", [])} - PARTS
    assert names <= known_settings()


def start(
    resources: list[Resource], arguments: list[str], stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with the settings of a cluster, as a pod would have them."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 60, **config(resources), **more},
        input=stdin,
        capture_output=True,
        text=True,
    )


MISTAKES = "from budget import settings; print([*map(str, settings.CONFIGURATION_MISTAKES)])"


def test_every_value_is_one_that_its_setting_takes(with_metrics: list[Resource]) -> None:
    urls = dict.fromkeys(
        ("DATABASE_URL", "DATABASE_REPLICA_URL"),
        "postgres://budget:secret@pooler:5432/budget?sslmode=require",
    )
    for resources in (with_metrics, overlay("minikube"), overlay("aws")):
        run = start(resources, ["-c", MISTAKES], **urls)
        assert run.stdout == "[]\n", run.stderr


def visit(
    resources: list[Resource], visits: list[tuple[str, dict[str, str]]], **more: str
) -> list[list[Any]]:
    """What tests/deploy/visits.py tells of each visit."""
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@/{at['NAME']}?host={at['HOST']}"
    if at["PORT"]:
        url += f"&port={at['PORT']}"
    run = start(
        resources,
        ["-m", "tests.deploy.visits"],
        json.dumps(visits),
        **{"DATABASE_URL": url, "REDIS_URL": "", **more},
    )
    assert run.returncode == 0, run.stderr
    answers: list[list[Any]] = json.loads(run.stdout)
    return answers


@pytest.mark.django_db
def test_each_way_into_minikube_lets_people_sign_in() -> None:
    proxied = {"x-forwarded-for": "192.0.2.7", "host": "budgeometre.local"}
    resources = overlay("minikube")
    answers = visit(
        resources,
        [
            ("http://localhost:8080", {"host": "localhost:8080"}),
            ("http://budgeometre.local", {"x-forwarded-proto": "http", **proxied}),
            ("https://budgeometre.local", {"x-forwarded-proto": "https", **proxied}),
            ("http://192.168.49.2:31234", {"host": "192.168.49.2:31234"}),
            ("http://127.0.0.1:49153", {"host": "127.0.0.1:49153"}),
        ],
        # As deploy.sh writes it.
        ALLOWED_HOSTS=config(resources)["ALLOWED_HOSTS"].replace(
            "minikube-address", "192.168.49.2"
        ),
    )
    assert answers == [[200, 422, False]] * 5


@pytest.mark.django_db
def test_in_production_people_sign_in_over_https_alone() -> None:
    through = {"x-forwarded-for": "192.0.2.7", "host": "budget.example.org"}
    answers = visit(
        overlay("production"),
        [
            ("https://budget.example.org", {"x-forwarded-proto": "https", **through}),
            ("http://budget.example.org", {"x-forwarded-proto": "http", **through}),
        ],
    )
    assert answers == [[200, 422, True], [301, None, None]]


def test_the_ingress_answers_to_the_sites_name(resources: list[Resource]) -> None:
    hosts = config(resources)["ALLOWED_HOSTS"].split(",")
    ingress = named(resources, "Ingress", "web")["spec"]
    for rule in ingress["rules"]:
        assert rule["host"] in hosts
    for part in ingress.get("tls", []):
        assert part["hosts"] == [rule["host"] for rule in ingress["rules"]]


def test_the_ingress_lets_the_largest_upload_through() -> None:
    for name in ("minikube", "production"):
        notes = named(overlay(name), "Ingress", "web")["metadata"]["annotations"]
        size = notes["nginx.ingress.kubernetes.io/proxy-body-size"]
        assert int(size.removesuffix("m")) * 1024 * 1024 > MOST_TOGETHER


def test_a_pod_has_time_to_answer_its_last_requests(resources: list[Resource]) -> None:
    web = named(resources, "Deployment", "web")["spec"]["template"]["spec"]
    pause = web["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    # Read, not imported: gunicorn's settings load the whole site.
    gunicorn = (CHECKOUT / "budget/gunicorn.py").read_text()
    (patience,) = re.findall(r"^graceful_timeout = (\d+)$", gunicorn, re.MULTILINE)
    assert web["terminationGracePeriodSeconds"] >= pause + int(patience) + 5


def test_probes_ask_for_the_pages_of_health(resources: list[Resource]) -> None:
    web = named(resources, "Deployment", "web")["spec"]["template"]["spec"]["containers"][0]
    assert {
        probe: web[probe]["httpGet"]["path"]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
    } == {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


def test_one_version_runs_everywhere(resources: list[Resource]) -> None:
    images = {
        container["image"]
        for pod in pods(resources)
        for container in pod.containers
        if is_ours(container)
    }
    assert len(images) == 1
    version = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["version"]
    assert images.pop().endswith((f":{version}", "/budgeometre:minikube", "budgeometre:minikube"))


def test_servers_are_those_of_the_compose_file() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
    here = {
        pod.owner.split()[1]: pod.containers[0]["image"]
        for pod in [*pods(overlay("minikube")), *pods(overlay("production"))]
    }
    assert here["database"] == services["db"]["image"]
    assert here["redis"] == services["redis"]["image"]
    version = services["db"]["image"].rpartition(":")[2]
    cluster = named(overlay("production"), "Cluster", "database")["spec"]["imageName"]
    assert re.match(rf"{version}[.-]", cluster.rpartition(":")[2])


def test_every_image_has_a_version(resources: list[Resource]) -> None:
    images = [container["image"] for pod in pods(resources) for container in pod.containers]
    images += [each["spec"]["imageName"] for each in of_kind(resources, "Cluster")]
    for image in images:
        tag = image.rpartition("/")[2].partition(":")[2]
        assert tag, image
        assert tag != "latest", image


# --- In agreement with the README -------------------------------------------------------------


def test_the_readme_explains_every_part_and_every_policy_in_both_languages(
    with_metrics: list[Resource],
) -> None:
    readme = (K8S / "README.md").read_text(encoding="utf-8")
    parts = readme.split("\n# ")
    assert len(parts) == 2
    everything = [*with_metrics, *overlay("minikube"), *overlay("aws")]
    names = {each["metadata"]["name"] for each in of_kind(everything, "NetworkPolicy")}
    names |= {f"{path.parent.name}/{path.name}" for path in K8S.glob("*/*") if path.is_dir()}
    for part in parts:
        assert {name for name in names if f"`{name}`" not in part} == set()


def test_the_french_readme_has_french_typography() -> None:
    french = (K8S / "README.md").read_text(encoding="utf-8").split("\n# ")[0]
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|<[^>]*>", "", french, flags=re.DOTALL)
    assert re.findall(r".* [:;!?%»].*|.*« .*|.*\w'\w.*|.*\u00a0[.,)].*", prose) == []


def test_the_readmes_two_languages_have_the_same_chapters_and_commands() -> None:
    readme = "\n" + (K8S / "README.md").read_text(encoding="utf-8")
    _, french, english = readme.split("\n# ")
    for form in (r"^#+ ", r"^\| ", r"^ *kubectl .{0,40}", r"^\d\. "):
        found = [re.findall(form, part, re.MULTILINE) for part in (french, english)]
        assert found[0] == found[1]
