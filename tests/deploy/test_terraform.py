"""What `terraform/` would make on AWS: read, validated, and applied to a stand-in for AWS."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hcl2
import psycopg
import pytest
from django.conf import settings

from budget.core.embedded import programs
from tests.deploy.aws_schema import PROVIDER_VERSION, kinds_used
from tests.deploy.manifests import named, overlay, pods
from tests.deploy.terraform_provider import SCHEMA, Cloud, providers
from tests.programs import require
from tests.servers import server_folder
from tests.servers.postgres import Primary

pytestmark = pytest.mark.deploy

ROOT: Path = settings.BASE_DIR
TERRAFORM = ROOT / "terraform"
FILES = sorted(TERRAFORM.rglob("*.tf"))
MODULES = sorted({path.parent for path in FILES})
OURS = {
    "environment": "production",
    "domain": "budget.example.org",
    "administrators": '["arn:aws:iam::123456789012:role/operators"]',
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- Read --------------------------------------------------------------------------------------


def plain(node: Any) -> Any:
    """What hcl2 read, without the quotes, marks and comments that it keeps for writing."""
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if not key.startswith("__")}
        return {key.strip('"'): plain(value) for key, value in kept.items()}
    if isinstance(node, list):
        return [plain(each) for each in node]
    if isinstance(node, str) and re.fullmatch(r'".*"', node, re.DOTALL):
        return node[1:-1]
    return node


@cache
def blocks(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as file:
        return dict(plain(hcl2.load(file)))


def declared(module: Path, kind: str) -> dict[str, Any]:
    """The variables, outputs or modules of a module, by their names."""
    return {
        name: body
        for path in sorted(module.glob("*.tf"))
        for block in blocks(path).get(kind, [])
        for name, body in block.items()
    }


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_variable_and_output_says_what_it_is(module: Path) -> None:
    for name, body in declared(module, "variable").items():
        assert body.get("description", "").endswith("."), name
        assert "type" in body, name
    for name, body in declared(module, "output").items():
        assert body.get("description"), name


def test_every_variable_that_people_set_refuses_what_it_cannot_be() -> None:
    variables = declared(TERRAFORM, "variable")
    assert len(variables) > 20
    loose = {name for name, body in variables.items() if "validation" not in body}
    assert {variables[name]["type"] for name in loose} == {"bool"}


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_every_variable_is_used(module: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in module.glob("*.tf"))
    # A validation names its own variable.
    text = re.sub(r"^variable .*?^}$", "", text, flags=re.MULTILINE | re.DOTALL)
    used = set(re.findall(r"\bvar\.(\w+)", text))
    assert used == set(declared(module, "variable"))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_are_given_what_they_ask_for(module: Path) -> None:
    for name, body in declared(module, "module").items():
        source = module / body.pop("source")
        inputs = set(body) - {"for_each", "count", "depends_on", "providers"}
        variables = declared(source.resolve(), "variable")
        required = {each for each, about in variables.items() if "default" not in about}
        assert required <= inputs <= set(variables), name
        body["source"] = str(source.relative_to(module))


def test_every_module_is_used() -> None:
    used = {
        (module / body["source"]).resolve()
        for module in MODULES
        for body in declared(module, "module").values()
    }
    assert used == set(MODULES) - {TERRAFORM}


def secrets_in(text: str) -> list[str]:
    """Arguments named like a secret that are given a text, and what looks like a key of AWS."""
    named = r"\w*(?:password|secret|secret_string|secret_key|access_key|token)(?:_wo)?"
    argument = rf'^\s*{named}\s*=\s*"[^"$]+"'
    return re.findall(rf"{argument}|AKIA[0-9A-Z]{{16}}|-----BEGIN", text, re.MULTILINE)


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(TERRAFORM.rglob("*")) if path.is_file()],
    ids=name_of,
)
def test_no_secret_is_written_down(path: Path) -> None:
    assert not secrets_in(path.read_text(encoding="utf-8"))


def test_a_secret_that_is_written_down_is_seen() -> None:
    assert secrets_in('  password_wo = "hunter2"\n') == ['  password_wo = "hunter2"']
    assert not secrets_in("  password_wo = var.master_password\n")


def test_state_and_variables_stay_out_of_git() -> None:
    private = ["backend.tf", "production.tfvars", "production.tfplan", "terraform.tfstate"]
    private += [".terraform/providers/x", "terraform.tfstate.backup"]
    public = ["backend.tf.example", "terraform.tfvars.example", ".terraform.lock.hcl", "main.tf"]
    asked = [f"terraform/{name}" for name in [*private, *public]]
    git = subprocess.run(
        ["git", "check-ignore", "--no-index", *asked], cwd=ROOT, capture_output=True, text=True
    )
    assert git.stdout.split() == [f"terraform/{name}" for name in private]


def test_the_schema_is_of_the_provider_that_is_pinned_and_of_all_that_is_used() -> None:
    (terraform,) = blocks(TERRAFORM / "versions.tf")["terraform"]
    (pinned,) = terraform["required_providers"]
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert pinned["aws"]["version"] == schema["version"] == PROVIDER_VERSION
    known = {(kind, name) for kind in ("resource", "data") for name in schema[kind]}
    assert known == kinds_used(), "python -m tests.deploy.aws_schema"


# --- Validated and applied ---------------------------------------------------------------------

Run = Callable[..., subprocess.CompletedProcess[str]]


class Account:
    """A copy of the configuration with its state, and the AWS that is made up for it."""

    def __init__(self, program: str, folder: Path, cloud: Cloud, attached: dict[str, str]) -> None:
        self.program, self.folder, self.cloud = program, folder, cloud
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "AWS_"))}
        self.environment = {**environment, **attached, "CHECKPOINT_DISABLE": "1"}

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.program, *arguments, "-no-color"],
            cwd=self.folder,
            env={
                **self.environment,
                **{f"TF_VAR_{key}": value for key, value in {**OURS, **variables}.items()},
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def apply(self, **variables: str) -> subprocess.CompletedProcess[str]:
        return self("apply", "-auto-approve", "-input=false", **variables)

    @property
    def state(self) -> str:
        return (self.folder / "terraform.tfstate").read_text(encoding="utf-8")

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """The attributes of what was made of a kind."""
        return [
            instance["attributes"]
            for each in json.loads(self.state)["resources"]
            if each["mode"] == "managed" and each["type"] == kind
            for instance in each["instances"]
        ]

    def outputs(self) -> dict[str, Any]:
        return {name: each["value"] for name, each in json.loads(self.state)["outputs"].items()}


def terraform() -> str:
    program = require("terraform")
    version = subprocess.run([program, "version", "-json"], capture_output=True, text=True)
    found = tuple(
        map(int, json.loads(version.stdout)["terraform_version"].split("-")[0].split("."))
    )
    if found < (1, 11):
        pytest.skip("Terraform is older than 1.11, which keeps no secret in the state.")
    return program


@pytest.fixture(scope="module")
def new_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Account]]:
    program = terraform()
    with providers() as (cloud, attached):

        def make() -> Account:
            folder = tmp_path_factory.mktemp("account") / "terraform"
            shutil.copytree(TERRAFORM, folder, ignore=shutil.ignore_patterns(".terraform*"))
            account = Account(program, folder, cloud, attached)
            done = account("init", "-input=false")
            assert done.returncode == 0, done.stderr
            return account

        yield make


@pytest.fixture(scope="module")
def account(new_account: Callable[[], Account]) -> Account:
    """All is made, with a replica. The first try broke off where the database should come."""
    account = new_account()
    account.cloud.refuse = {"aws_db_instance"}
    done = account.apply(read_replica="true")
    assert "AWS refuses aws_db_instance" in done.stderr
    account.cloud.refuse = set()
    done = account.apply(read_replica="true")
    assert done.returncode == 0, done.stderr
    return account


def test_it_is_formatted() -> None:
    done = subprocess.run(
        [require("terraform"), "fmt", "-check", "-recursive", "-diff", str(TERRAFORM)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_it_is_valid(new_account: Callable[[], Account]) -> None:
    done = new_account()("validate")
    assert done.returncode == 0, done.stderr


def test_an_argument_that_the_provider_does_not_know_is_seen(
    new_account: Callable[[], Account],
) -> None:
    account = new_account()
    registry = account.folder / "modules/registry/main.tf"
    registry.write_text(registry.read_text().replace("image_tag_mutability", "image_tag_mutable"))
    assert 'An argument named "image_tag_mutable" is not expected' in account("validate").stderr


def test_it_is_valid_with_the_providers_themselves(tmp_path: Path) -> None:
    fetched = TERRAFORM / ".terraform/providers"
    if not fetched.is_dir():
        pytest.skip(
            "The providers are not here: `terraform -chdir=terraform init -backend=false` fetches "
            "them (some 700 MB). The stand-in with their schema has validated all the same."
        )
    folder = shutil.copytree(TERRAFORM, tmp_path / "terraform")
    for command in (["init", "-backend=false", f"-plugin-dir={fetched}"], ["validate"]):
        done = subprocess.run(
            [terraform(), *command, "-no-color"], cwd=folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


def test_no_secret_is_in_the_state(account: Account) -> None:
    assert len(account.cloud.secrets) >= 6
    assert not [secret for secret in account.cloud.secrets if secret in account.state]


def test_a_run_that_broke_off_leaves_no_two_passwords(account: Account) -> None:
    (primary,) = [given for given in account.cloud.given["aws_db_instance"] if given["password_wo"]]
    assert primary["password_wo"] == stored(account, "master-password")


def stored(account: Account, name: str) -> str:
    ids = {each["name"]: each["id"] for each in account.resources("aws_secretsmanager_secret")}
    return account.cloud.stored[ids[f"budgeometre-production/{name}"]]


def test_the_application_is_told_where_its_database_is(account: Account) -> None:
    outputs = account.outputs()
    password = stored(account, "application-password")
    url = f"postgres://budget:{password}@{{}}:5432/budget"
    url += "?sslmode=verify-full&sslrootcert=/etc/rds/ca.pem"
    assert json.loads(stored(account, "application")) == {
        "SECRET_KEY": stored(account, "secret-key"),
        "DATABASE_URL": url.format(outputs["database_host"]),
        "DATABASE_REPLICA_URL": url.format(outputs["database_replica_host"]),
    }


def test_nothing_is_left_to_do_the_second_time(account: Account) -> None:
    done = account("plan", "-detailed-exitcode", read_replica="true")
    assert done.returncode == 0, done.stdout


def test_a_new_password_changes_what_holds_it_and_is_in_no_plan(account: Account) -> None:
    done = account(
        "plan", "-out=later", read_replica="true", secret_versions="{application_password=2}"
    )
    changed = re.findall(r"^  # (\S+) (?:will|must) be", done.stdout, re.MULTILINE)
    assert changed == [
        "module.secrets.aws_secretsmanager_secret_version.application",
        'module.secrets.aws_secretsmanager_secret_version.drawn["application-password"]',
    ]
    plan = account("show", "-json", "later").stdout
    assert "secret_string_wo_version" in plan
    assert not [secret for secret in account.cloud.secrets if secret in plan]


def test_each_zone_has_its_own_way_out(account: Account) -> None:
    assert len(account.resources("aws_subnet")) == 9
    gateways = {each["id"] for each in account.resources("aws_nat_gateway")}
    assert len(gateways) == 3
    assert gateways <= {each["nat_gateway_id"] for each in account.resources("aws_route")}


def test_the_trial_in_the_example_is_small(new_account: Callable[[], Account]) -> None:
    account = new_account()
    example = (TERRAFORM / "terraform.tfvars.example").read_text(encoding="utf-8")
    head, trial = example.split("# --- A trial")
    head = re.sub(r"^environment .*\n", "", head, flags=re.MULTILINE)
    trial = re.sub(r"^# (?=\w+ +=)", "", trial.partition("\n")[2], flags=re.MULTILINE)
    (account.folder / "trial.tfvars").write_text(head + trial)
    done = account("plan", "-var-file=trial.tfvars")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('resource "aws_nat_gateway"') == 1
    assert done.stdout.count('resource "aws_db_instance"') == 1
    assert re.search(r"multi_az +=.* false", done.stdout)
    assert re.search(r'cluster_name +=.* "budgeometre-trial"', done.stdout)
    # It can be taken away again, whatever is in it.
    assert set(re.findall(r"force_destroy +=.* (true|false)", done.stdout)) == {"true"}


#: Arguments that name a key or switch encryption on, and are left out for a reason.
UNENCRYPTED = {
    # The key of the account: one of our own would have to be opened to EC2's scaling.
    ("aws_launch_template", "kms_key_id"),
    # S3 writes access logs with its own keys alone; the bucket of backups has ours (see below).
    ("aws_s3_bucket_server_side_encryption_configuration", "kms_master_key_id"),
    # With the instance's own key.
    ("aws_db_instance", "master_user_secret_kms_key_id"),
    # Of a volume that is made from a snapshot.
    ("aws_launch_template", "encrypted"),
}
KEY = re.compile(r"(^|_)kms_(master_)?key(_id|_arn)?$|^key_arn$|^(storage_)?encrypted$")


def keys(attributes: Any) -> Iterator[tuple[str, Any]]:
    """Each argument that has to do with encryption, however deep, with its value."""
    if isinstance(attributes, dict):
        for name, value in attributes.items():
            if KEY.search(name):
                yield name, value
            yield from keys(value)
    elif isinstance(attributes, list):
        for each in attributes:
            yield from keys(each)


def test_whatever_can_be_encrypted_is(account: Account) -> None:
    kinds = {each["type"] for each in json.loads(account.state)["resources"]}
    encrypted = set()
    for kind in kinds:
        for resource in account.resources(kind):
            for name, value in keys(resource):
                if (kind, name) not in UNENCRYPTED:
                    assert str(value) not in {"None", "", "False", "false"}, (kind, name)
                    encrypted.add(kind)
    assert encrypted >= {
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_ecr_repository",
        "aws_eks_cluster",
        "aws_secretsmanager_secret",
    }
    backups, log = sorted(
        rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"]
        for each in account.resources("aws_s3_bucket_server_side_encryption_configuration")
        for rule in each["rule"]
    )[::-1]
    assert (backups, log) == ("aws:kms", "AES256")
    assert [
        device["ebs"][0]["encrypted"]
        for template in account.resources("aws_launch_template")
        for device in template["block_device_mappings"]
    ] == ["true"]


BAD = {
    "region": ("Paris", "The region is written as"),
    "zones": ('["a", "b"]', "Three different letters"),
    "environment": ("Production!", "The environment is"),
    "domain": ("https://budget.example.org/", "without https://"),
    "hosted_zone_id": ("example.org", "The id of a hosted zone"),
    "administrators": ('["arn:aws:sts::123456789012:assumed-role/x/y"]', "At least one ARN"),
    "vpc_cidr": ("8.0.0.0/16", "The network is a private one"),
    "public_endpoint_cidrs": ('["0.0.0.0/0"]', "the whole internet is none"),
    "kubernetes_version": ("1.35.1", "The version is a minor one"),
    "node_architecture": ("arm", "The architecture is"),
    "node_instance_types": ("[]", "At least one instance type"),
    "node_count": ("1", "There are 2 to 30 nodes"),
    "postgresql_version": ("17", "The version is a major one"),
    "database_instance_class": ("t4g.medium", "An instance class of RDS"),
    "database_storage_gb": ("10", "RDS takes 20"),
    "database_backup_retention_days": ("0", "RDS keeps 1 to 35 days"),
    "secret_versions": ("{secret_key=0}", "Versions are 1, 2, 3"),
    "backup_retention_days": ("90", "More than 120 days"),
    "log_retention_days": ("31", "CloudWatch takes"),
}


@pytest.fixture(scope="module")
def refused(new_account: Callable[[], Account]) -> str:
    done = new_account()("plan", **{name: value for name, (value, _) in BAD.items()})
    return " ".join(re.sub(r"[│\s]+", " ", done.stderr).split())


@pytest.mark.parametrize("name", BAD)
def test_a_variable_that_cannot_be_is_refused_in_words(refused: str, name: str) -> None:
    assert BAD[name][1] in refused


def test_storage_that_cannot_grow_is_refused(new_account: Callable[[], Account]) -> None:
    done = new_account()("plan", database_storage_gb="200", database_storage_limit_gb="210")
    assert "The limit is at least a tenth above" in done.stderr


# --- The overlay that it ends in ---------------------------------------------------------------


def test_the_overlay_expects_what_is_made(account: Account) -> None:
    resources = overlay("aws")
    outputs = account.outputs()
    (association,) = [
        each
        for each in account.resources("aws_eks_pod_identity_association")
        if each["service_account"] == "backup"
    ]
    named(resources, "ServiceAccount", "backup")
    assert named(resources, "Namespace", association["namespace"])

    def peers_of(policy: str, direction: str, way: str) -> list[str]:
        (rule,) = named(resources, "NetworkPolicy", policy)["spec"][direction]
        return [peer["ipBlock"]["cidr"] for peer in rule[way]]

    assert peers_of("visitors", "ingress", "from") == outputs["load_balancer_cidrs"]
    assert peers_of("to-database", "egress", "to") == outputs["database_cidrs"]


def test_every_output_that_the_overlay_names_is_there(account: Account) -> None:
    files = (ROOT / "k8s/overlays/aws").glob("*.yaml")
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    wanted = set(re.findall(r"[Yy]ours: (\w+)", text))
    assert wanted
    assert wanted <= set(account.outputs())


def test_whoever_speaks_to_the_database_knows_the_authorities(account: Account) -> None:
    (path,) = set(re.findall(r"sslrootcert=([\w./]+)", "".join(account.cloud.stored.values())))
    for pod in pods(overlay("aws")):
        volumes = {each["name"]: each for each in pod.spec.get("volumes", [])}
        for container in pod.containers:
            if {"secretRef": {"name": "budgeometre"}} in container.get("envFrom", []):
                mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
                volume = volumes[mounts[str(Path(path).parent)]]
                assert volume["configMap"] == {"name": "rds-ca"}, pod.owner


# --- Prepared ----------------------------------------------------------------------------------


def psql(primary: Primary, sql: str) -> subprocess.CompletedProcess[str]:
    """Runs SQL as the pod of prepare.sh does."""
    return subprocess.run(
        [str(programs() / "psql"), "--no-psqlrc", "--file=-"],
        input=sql,
        capture_output=True,
        text=True,
        env={
            "PGHOST": "127.0.0.1",
            "PGPORT": str(primary.port),
            "PGUSER": "master",
            "PGDATABASE": "postgres",
        },
        # As in the pod, where nobody sits at a terminal: the password comes by standard input.
        start_new_session=True,
    )


ROLE = (TERRAFORM / "role.sql").read_text(encoding="utf-8") + "hunter2hunter2\nhunter2hunter2\n"


def test_the_master_makes_a_role_that_policies_hold_for() -> None:
    with server_folder() as folder, Primary(folder) as primary:
        # As RDS gives it: a master that is no superuser, and its database.
        for statement in (
            "DROP DATABASE budget",
            "CREATE ROLE master LOGIN CREATEDB CREATEROLE",
            "CREATE ROLE rds_superuser BYPASSRLS",
            "CREATE DATABASE budget OWNER master",
            "GRANT budget TO master WITH ADMIN TRUE",
            "GRANT rds_superuser TO budget",
            "ALTER SYSTEM SET log_statement = 'all'",
            "SELECT pg_reload_conf()",
        ):
            primary.execute(statement)
        done = psql(primary, ROLE)
        assert done.returncode == 3
        assert "exempt from row-level security" in done.stderr
        assert "ready" not in done.stdout

        primary.execute("ALTER DATABASE budget OWNER TO master")
        primary.execute("DROP ROLE budget")
        for _ in range(2):
            done = psql(primary, ROLE)
            assert done.returncode == 0, done.stderr
            assert "The role budget is ready." in done.stdout
        assert primary.execute(
            "SELECT ARRAY[rolcanlogin, rolcreatedb, rolsuper, rolbypassrls, rolcreaterole,"
            " rolreplication] FROM pg_roles WHERE rolname = 'budget'"
        ) == [[True, True, False, False, False, False]]
        (password,) = primary.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'budget'")
        assert str(password).startswith("SCRAM-SHA-256$")
        log = (primary.folder / "server.log").read_text(errors="replace")
        assert "ALTER" in log
        assert "hunter2" not in log
        # And the site can make its tables.
        with psycopg.connect(primary.url) as site:
            site.execute("CREATE TABLE tried (id int)")


# Programs that note what they are called with and what they are given to read.
PRETENDED = {
    "terraform": """echo '{"region": {"value": "eu-west-3"}, "cluster_name": {"value": "c"},
        "vpc_id": {"value": "vpc-1"}, "database_host": {"value": "db.internal"},
        "image": {"value": "registry/image"}, "secret_names": {"value": {
        "application": "p/application", "additional": "p/additional",
        "master-password": "p/master-password",
        "application-password": "p/application-password"}}}'""",
    # A warning is no part of a secret.
    "aws": """echo 'Warning: a newer version is available' >&2
        case "$*" in
        *p/application-password*) echo hunter2role ;;
        *p/master-password*) echo hunter2master ;;
        *p/application*) echo '{"SECRET_KEY": "hunter2key", "DATABASE_URL": "hunter2url"}' ;;
        *p/additional*) ADDITIONAL ;;
        esac""",
    # What runs in the pod is really run.
    "kubectl": """case "$*" in
        *' get namespace '*) exit 1 ;;
        *' run '*)
            while [ "$1" != --command ]; do shift; done
            shift 2
            PGSSLROOTCERT="$NOTED/pod.pem" "$@" ;;
        *'create configmap'*) cat /dev/stdin >"$NOTED/ca.pem" ;;
        *server-side*) cat >"$NOTED/secret" ;;
        esac""",
    "psql": """cat >"$NOTED/role"; printf '%s' "$PGPASSWORD" >"$NOTED/master" """,
    "curl": "printf 'BEGIN\\nof RDS\\nEND\\n'",
    "helm": "",
}
ADDITIONAL = {
    "none": "echo 'An error occurred (ResourceNotFoundException): none' >&2; exit 254",
    "some": """echo '{"EMAIL_PASSWORD": "hunter2mail"}'""",
    "forbidden": "echo 'An error occurred (AccessDeniedException): no' >&2; exit 254",
}


def prepare(folder: Path, additional: str) -> subprocess.CompletedProcess[str]:
    require("jq")
    for name, does in PRETENDED.items():
        program = folder / name
        does = does.replace("ADDITIONAL", ADDITIONAL[additional])
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>"$NOTED/calls"\n{does}\n')
        program.chmod(0o755)
    return subprocess.run(
        [str(TERRAFORM / "prepare.sh")],
        env={"PATH": f"{folder}:{os.environ['PATH']}", "NOTED": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("additional", ["none", "some"])
def test_the_cluster_is_prepared_and_no_secret_is_an_argument(
    tmp_path: Path, additional: str
) -> None:
    done = prepare(tmp_path, additional)
    assert done.returncode == 0, done.stderr
    secret = json.loads((tmp_path / "secret").read_text())
    more = {"EMAIL_PASSWORD": "hunter2mail"} if additional == "some" else {}
    assert secret["metadata"] == {"name": "budgeometre", "namespace": "budgeometre"}
    assert secret["stringData"] == {
        "SECRET_KEY": "hunter2key",
        "DATABASE_URL": "hunter2url",
        **more,
    }
    assert (tmp_path / "master").read_text() == "hunter2master"
    assert (tmp_path / "role").read_text() == ROLE.replace("hunter2hunter2", "hunter2role")
    authorities = "BEGIN\nof RDS\nEND\n"
    assert (tmp_path / "ca.pem").read_text() == authorities
    assert (tmp_path / "pod.pem").read_text() == authorities
    calls = (tmp_path / "calls").read_text()
    assert "hunter2" not in calls + done.stdout + done.stderr
    assert "rollout restart deployment web" in calls
    assert "--set vpcId=vpc-1" in calls
    # Each call names its cluster, whichever kubectl points at.
    assert not [
        call
        for call in calls.splitlines()
        if call.startswith("kubectl") and not call.startswith("kubectl --context c ")
    ]


def test_preparing_stops_where_a_secret_may_not_be_read(tmp_path: Path) -> None:
    done = prepare(tmp_path, "forbidden")
    assert done.returncode != 0
    assert "AccessDeniedException" in done.stderr
    assert "kubectl" not in (tmp_path / "calls").read_text()
