"""A stand-in for Terraform's providers, which knows their schema and makes up what AWS would say.

With it `terraform validate`, `plan` and `apply` really run where there is no account, and where the
registry of providers cannot be reached: Terraform itself checks every argument, block, type,
reference and function, holds what is ephemeral against what is kept, and writes a state that a
test can read. Not checked is what only AWS knows: whether it would accept a value. No call leaves
the machine.

Terraform speaks to providers by gRPC, protocol 6 of its plugins, and to one that is already running
where `TF_REATTACH_PROVIDERS` says so. What has to be said is little, so it is written out here
rather than made from the protocol's definition.
"""

import itertools
import json
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgpack

# Read as it is imported. Programs that tests start have no use for our servers, and gRPC would say
# each time that it does not follow them there.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
import grpc

SCHEMA = Path(__file__).with_name("aws_schema.json")

# registry.terraform.io/hashicorp/random, as far as the configuration uses it.
RANDOM: dict[str, Any] = {
    "provider": {"attributes": {}, "blocks": {}},
    "resource": {},
    "data": {},
    "ephemeral": {
        "random_password": {
            "attributes": {
                "bcrypt_hash": {"type": "string", "computed": True},
                "length": {"type": "number", "required": True},
                "lower": {"type": "bool", "optional": True, "computed": True},
                "min_lower": {"type": "number", "optional": True, "computed": True},
                "min_numeric": {"type": "number", "optional": True, "computed": True},
                "min_special": {"type": "number", "optional": True, "computed": True},
                "min_upper": {"type": "number", "optional": True, "computed": True},
                "numeric": {"type": "bool", "optional": True, "computed": True},
                "override_special": {"type": "string", "optional": True},
                "result": {"type": "string", "computed": True},
                "special": {"type": "bool", "optional": True, "computed": True},
                "upper": {"type": "bool", "optional": True, "computed": True},
            },
            "blocks": {},
        }
    },
}

# --- Protocol Buffers, as far as they are needed ----------------------------------------------


def number(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def integer(field: int, value: int) -> bytes:
    return number(field << 3) + number(value)


def content(field: int, value: bytes) -> bytes:
    return number(field << 3 | 2) + number(len(value)) + value


def fields(message: bytes) -> dict[int, bytes]:
    """The fields of a message that have content; numbers are passed over."""
    found = {}
    at = 0

    def read() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = read()
        length = read()
        if tag & 7 == 2:
            found[tag >> 3] = message[at : at + length]
            at += length
    return found


# --- The schema, as tfplugin6.proto has it ------------------------------------------------------

NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}


def attribute(name: str, about: dict[str, Any]) -> bytes:
    encoded = content(1, name.encode()) + content(2, json.dumps(about["type"]).encode())
    for field, flag in ((4, "required"), (5, "optional"), (6, "computed"), (11, "write_only")):
        if about.get(flag):
            encoded += integer(field, 1)
    return encoded


def block(about: dict[str, Any]) -> bytes:
    encoded = b""
    for name, each in sorted(about["attributes"].items()):
        encoded += content(2, attribute(name, each))
    for name, each in sorted(about["blocks"].items()):
        nested = content(1, name.encode()) + content(2, block(each))
        nested += integer(3, NESTING[each["nesting"]])
        if each["nesting"] != "single":
            nested += integer(4, each.get("min", 0)) + integer(5, each.get("max", 0))
        encoded += content(3, nested)
    return encoded


def described(schema: dict[str, Any]) -> bytes:
    """GetProviderSchema.Response."""
    encoded = content(1, content(2, block(schema["provider"])))
    for field, part in ((2, "resource"), (3, "data"), (8, "ephemeral")):
        for name, each in sorted(schema[part].items()):
            entry = content(1, name.encode()) + content(2, content(2, block(each)))
            encoded += content(field, entry)
    return encoded


# --- Values -------------------------------------------------------------------------------------

UNKNOWN = msgpack.ExtType(0, b"\0")


def value_of(message: bytes) -> Any:
    """What a DynamicValue holds."""
    inside = fields(message)
    return msgpack.unpackb(inside[1]) if 1 in inside else json.loads(inside.get(2, b"null"))


def dynamic(value: Any) -> bytes:
    return content(1, msgpack.packb(value))


def complete(about: dict[str, Any], value: dict[str, Any], missing: Any) -> dict[str, Any]:
    """`value` with `missing(name, type)` wherever the provider would say something."""
    whole = dict(value)
    for name, each in about["attributes"].items():
        if each.get("write_only"):
            whole[name] = None
        elif each.get("computed") and whole.get(name) in (None, UNKNOWN):
            whole[name] = missing(name, each["type"])
    for name, each in about["blocks"].items():
        if isinstance(whole.get(name), list):
            whole[name] = [complete(each, inner, missing) for inner in whole[name]]
    return whole


class Cloud:
    """Makes up what AWS would answer: each value once, and known by its name."""

    def __init__(self) -> None:
        self.count = itertools.count(1)
        #: What was drawn at random, and what lies in Secrets Manager by its secret's id.
        self.secrets: list[str] = []
        self.stored: dict[str, str] = {}
        #: What was read, by what was asked.
        self.read: dict[bytes, bytes] = {}
        #: What each kind of resource was given, write-only arguments as well.
        self.given: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        #: The kinds that cannot be made just now.
        self.refuse: set[str] = set()

    def make_up(self, name: str, kind: Any) -> Any:
        if isinstance(kind, str):
            return {"string": f"{name}-{next(self.count)}", "number": 1, "bool": False}[kind]
        outer, inner = kind
        if outer == "map":
            return {}
        if inner == "string":
            return [f"{name}-{letter}" for letter in "abc"]
        if outer == "object":
            return {key: self.make_up(key, each) for key, each in inner.items()}
        return [self.make_up(name, inner)]

    def draw(self) -> str:
        self.secrets.append(f"drawnsecret{next(self.count)}")
        return self.secrets[-1]


# --- The server ---------------------------------------------------------------------------------


class Provider(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Says what there is, has nothing against any of it, and makes up the rest."""

    AGREED = frozenset(
        {
            "CloseEphemeralResource",
            "ConfigureProvider",
            "StopProvider",
            "ValidateDataResourceConfig",
            "ValidateEphemeralResourceConfig",
            "ValidateProviderConfig",
            "ValidateResourceConfig",
        }
    )

    def __init__(self, schema: dict[str, Any], cloud: Cloud) -> None:
        self.schema = schema
        self.described = described(schema)
        self.cloud = cloud
        self.answers = {
            "GetProviderSchema": lambda _: self.described,
            "UpgradeResourceState": self.upgrade,
            "ReadResource": lambda request: content(1, request[2]),
            "ReadDataSource": self.read_data,
            "PlanResourceChange": self.plan,
            "ApplyResourceChange": self.apply,
            "OpenEphemeralResource": self.open,
        }

    def service(self, call: Any) -> Any:
        name = call.method.rpartition("/")[2]
        if name in self.AGREED:
            return grpc.unary_unary_rpc_method_handler(lambda *_: b"")
        if name in self.answers:
            answer = self.answers[name]
            return grpc.unary_unary_rpc_method_handler(lambda request, _: answer(fields(request)))
        return None

    def upgrade(self, request: dict[int, bytes]) -> bytes:
        state = json.loads(fields(request[3])[1])
        return content(1, dynamic(state))

    def read_data(self, request: dict[int, bytes]) -> bytes:
        # The same question has the same answer.
        asked = request[1] + request[2]
        if asked not in self.cloud.read:
            about = self.schema["data"][request[1].decode()]
            found = complete(about, value_of(request[2]), self.cloud.make_up)
            self.cloud.read[asked] = content(1, dynamic(found))
        return self.cloud.read[asked]

    def plan(self, request: dict[int, bytes]) -> bytes:
        about = self.schema["resource"][request[1].decode()]
        proposed = value_of(request[3])
        if proposed is not None:
            proposed = complete(about, proposed, lambda *_: UNKNOWN)
        return content(1, dynamic(proposed))

    def apply(self, request: dict[int, bytes]) -> bytes:
        kind = request[1].decode()
        about = self.schema["resource"][kind]
        planned, config = value_of(request[3]), value_of(request[4])
        if kind in self.cloud.refuse:
            message = integer(1, 1) + content(2, f"AWS refuses {kind}".encode())
            return content(3, message)
        if planned is not None:
            planned = complete(about, planned, self.cloud.make_up)
            self.cloud.given[kind].append(config)
            if kind == "aws_secretsmanager_secret_version":
                self.cloud.stored[planned["secret_id"]] = config["secret_string_wo"]
        return content(1, dynamic(planned))

    def open(self, request: dict[int, bytes]) -> bytes:
        kind = request[1].decode()
        config = value_of(request[2])
        result = complete(self.schema["ephemeral"][kind], config, self.cloud.make_up)
        if kind == "random_password":
            result["result"] = self.cloud.draw()
        else:
            result["secret_string"] = self.cloud.stored[config["secret_id"]]
        return content(3, dynamic(result))


@contextmanager
def providers() -> Iterator[tuple[Cloud, dict[str, str]]]:
    """Serves both providers; yields what they make up, and the environment Terraform needs."""
    schemas = {"aws": json.loads(SCHEMA.read_text(encoding="utf-8")), "random": RANDOM}
    servers = []
    attached = {}
    cloud = Cloud()
    with tempfile.TemporaryDirectory() as folder:
        try:
            for name, schema in schemas.items():
                server = grpc.server(ThreadPoolExecutor(4))
                server.add_generic_rpc_handlers([Provider(schema, cloud)])
                address = f"{folder}/{name}"
                server.add_insecure_port(f"unix:{address}")
                server.start()
                servers.append(server)
                attached[f"registry.terraform.io/hashicorp/{name}"] = {
                    "Protocol": "grpc",
                    "ProtocolVersion": 6,
                    "Pid": os.getpid(),
                    "Test": True,
                    "Addr": {"Network": "unix", "String": address},
                }
            yield cloud, {"TF_REATTACH_PROVIDERS": json.dumps(attached)}
        finally:
            for server in servers:
                server.stop(None).wait()
