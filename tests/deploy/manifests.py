"""What `kubectl kustomize` makes of k8s/, as dictionaries."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests import programs
from tests.servers import CHECKOUT

K8S = CHECKOUT / "k8s"

type Resource = dict[str, Any]


class Loader(yaml.SafeLoader):
    """Reads YAML as Kubernetes does, for which a moment is a text."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, form) for tag, form in forms if not tag.endswith(":timestamp")]
    for letter, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

#: Of what the operator starts for CloudNativePG, the labels and ports that policies know them by.
OPERATED = {
    "database": ({"cnpg.io/cluster": "database"}, {5432, 8000}),
    "pooler-rw": ({"cnpg.io/poolerName": "pooler-rw"}, {5432}),
    "pooler-ro": ({"cnpg.io/poolerName": "pooler-ro"}, {5432}),
}
#: And the pod with which cert-manager answers whoever gives out certificates.
CHALLENGE = ({"acme.cert-manager.io/http01-solver": "true"}, {8089})


@cache
def render(folder: Path) -> list[Resource]:
    """The resources of a kustomization. The test skips where there is no kubectl."""
    run = subprocess.run(
        [programs.require("kubectl"), "kustomize", folder], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return [resource for resource in yaml.load_all(run.stdout, Loader) if resource]


def overlay(name: str) -> list[Resource]:
    return render(K8S / "overlays" / name)


def of_kind(resources: list[Resource], *kinds: str) -> list[Resource]:
    return [resource for resource in resources if resource["kind"] in kinds]


def named(resources: list[Resource], kind: str, name: str) -> Resource:
    """The one resource of this kind and name."""
    (found,) = [each for each in of_kind(resources, kind) if each["metadata"]["name"] == name]
    return found


def title(resource: Resource) -> str:
    return f"{resource['kind']} {resource['metadata']['name']}"


@dataclass(frozen=True)
class Pod:
    """The pod that a resource starts."""

    owner: str
    labels: dict[str, str]
    spec: Resource

    @property
    def containers(self) -> list[Resource]:
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def ports(self) -> set[int]:
        return {port["containerPort"] for each in self.containers for port in each.get("ports", [])}


def pods(resources: list[Resource]) -> Iterator[Pod]:
    for resource in resources:
        match resource["kind"]:
            case "CronJob":
                template = resource["spec"]["jobTemplate"]["spec"]["template"]
            case "Deployment" | "StatefulSet" | "DaemonSet" | "Job":
                template = resource["spec"]["template"]
            case _:
                continue
        yield Pod(title(resource), template["metadata"]["labels"], template["spec"])


def peers(resources: list[Resource]) -> dict[str, tuple[dict[str, str], set[int]]]:
    """The labels and ports of all that runs in the namespace, by a short name."""
    found = {pod.owner.split()[1]: (pod.labels, pod.ports) for pod in pods(resources)}
    if of_kind(resources, "Cluster"):
        found |= OPERATED | {"challenge": CHALLENGE}
    return found


def selects(selector: Resource, labels: dict[str, str]) -> bool:
    """Whether a label selector, as of a policy or a service, takes these labels."""
    for wanted in selector.get("matchExpressions", []):
        match wanted["operator"]:
            case "In":
                if labels.get(wanted["key"]) not in wanted["values"]:
                    return False
            case "Exists":
                if wanted["key"] not in labels:
                    return False
            case other:
                raise NotImplementedError(other)
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def may_reach(
    resources: list[Resource], source: dict[str, str], target: dict[str, str], port: int
) -> bool:
    """Whether the network policies let one pod of the namespace speak to another."""
    return _permitted(resources, "egress", source, target, port) and _permitted(
        resources, "ingress", target, source, port
    )


def may_come_from(resources: list[Resource], namespace: str, target: Resource, port: int) -> bool:
    """Whether the policies let pods of another namespace speak to this one's `target`."""
    return _permitted(resources, "ingress", target, None, port, namespace)


def _permitted(
    resources: list[Resource],
    direction: str,
    pod: dict[str, str],
    peer: dict[str, str] | None,
    port: int,
    namespace: str = "",
) -> bool:
    """One side of it; a pod that no policy selects for this direction may do as it likes."""
    policies = [
        policy["spec"]
        for policy in of_kind(resources, "NetworkPolicy")
        if direction.capitalize() in policy["spec"]["policyTypes"]
        and selects(policy["spec"]["podSelector"], pod)
    ]
    rules = [rule for policy in policies for rule in policy.get(direction, [])]
    side = "to" if direction == "egress" else "from"
    return not policies or any(
        _names_port(rule, port)
        and (side not in rule or any(_is_peer(each, peer, namespace) for each in rule[side]))
        for rule in rules
    )


def _names_port(rule: Resource, port: int) -> bool:
    return "ports" not in rule or any(each.get("port") == port for each in rule["ports"])


def _is_peer(wanted: Resource, peer: dict[str, str] | None, namespace: str) -> bool:
    if "ipBlock" in wanted:
        return False
    if "namespaceSelector" in wanted:
        name = {"kubernetes.io/metadata.name": namespace}
        return bool(namespace) and selects(wanted["namespaceSelector"], name)
    return peer is not None and selects(wanted["podSelector"], peer)
