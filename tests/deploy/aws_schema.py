"""What the AWS provider takes and gives, of the kinds that `terraform/` uses.

The provider itself is some 700 MB and comes from a registry that is not always at hand. HashiCorp
also published its schema as typings for JavaScript, in a package of npm; this reads from them what
`aws_schema.json` holds, so that a test can hold every argument, block and reference against it:

    python -m tests.deploy.aws_schema

writes the file anew (37 MB are fetched), which is needed when a kind of resource is added. The
typings stop at the version below; `terraform/versions.tf` pins the same one.
"""

import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tests.servers import CHECKOUT

PACKAGE = "@cdktf/provider-aws@21.22.1"
PROVIDER_VERSION = "6.25.0"
FILE = Path(__file__).with_name("aws_schema.json")

SIMPLE: dict[str, Any] = {
    "string": "string",
    "number": "number",
    "boolean": "bool",
    "boolean | cdktf.IResolvable": "bool",
    "cdktf.IResolvable": "bool",
    "stringMap": ["map", "string"],
    "numberMap": ["map", "number"],
    "booleanMap": ["map", "bool"],
}

# What the typings leave out: the provider's documentation has it.
EPHEMERAL = {
    "aws_secretsmanager_secret_version": {
        "attributes": {
            "arn": {"type": "string", "computed": True},
            "created_date": {"type": "string", "computed": True},
            "region": {"type": "string", "optional": True, "computed": True},
            "secret_binary": {"type": "string", "computed": True},
            "secret_id": {"type": "string", "required": True},
            "secret_string": {"type": "string", "computed": True},
            "version_id": {"type": "string", "optional": True, "computed": True},
            "version_stage": {"type": "string", "optional": True, "computed": True},
            "version_stages": {"type": ["list", "string"], "computed": True},
        },
        "blocks": {},
    }
}
PROVIDER = {
    "attributes": {"region": {"type": "string", "optional": True}},
    "blocks": {
        "default_tags": {
            "nesting": "list",
            "attributes": {"tags": {"type": ["map", "string"], "optional": True}},
            "blocks": {},
        }
    },
}


def kinds_used() -> set[tuple[str, str]]:
    """(`resource` or `data`, type) of all that the configuration declares of AWS."""
    found = set()
    for path in (CHECKOUT / "terraform").rglob("*.tf"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'^(resource|data) "(aws_\w+)"', text, re.MULTILINE))
    return found


class Typings:
    """One resource's `index.d.ts` (what is required, what is given) and `index.js` (what kind)."""

    def __init__(self, folder: Path) -> None:
        self.types = (folder / "index.d.ts").read_text(encoding="utf-8")
        self.code = (folder / "index.js").read_text(encoding="utf-8")

    def schema(self) -> dict[str, Any]:
        config = re.search(r"export interface (\w+)Config extends cdktf", self.types)
        assert config
        name = config[1]
        return self.block(f"{name}Config", self.attributes_of_resource(), name)

    def attributes_of_resource(self) -> str:
        return self.code.split("synthesizeHclAttributes() {")[1]

    def attributes_of_struct(self, name: str) -> str:
        function = name[0].lower() + name[1:] + "ToHclTerraform"
        found = re.search(rf"^function {function}\(.*?^}}", self.code, re.MULTILINE | re.DOTALL)
        return found[0] if found else ""

    def block(self, interface: str, code: str, of_class: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"attributes": {}, "blocks": {}}
        kind_of = r'isBlock: (\w+),\n +type: "(\w+)",\n +storageClassType: "(\w+)"'
        kinds = re.findall(rf"^ +(\w+): \{{\n.*?\n +{kind_of}", code, re.MULTILINE)
        required = self.required(interface)
        for snake, is_block, nesting, storage in kinds:
            camel = re.sub(r"_(\w)", lambda letter: letter[1].upper(), snake)
            argument: dict[str, Any] = {"required" if camel in required else "optional": True}
            if is_block == "false" and (simple := self.simple(storage, nesting)):
                argument["type"] = simple
                if snake.endswith("_wo"):
                    argument["write_only"] = True
                schema["attributes"][snake] = argument
                continue
            struct = storage.removesuffix("List").removesuffix("Map")
            inner = self.block(
                struct, self.attributes_of_struct(struct), f"{struct}OutputReference"
            )
            if is_block == "true":
                inner["nesting"] = "single" if nesting == "struct" else nesting
                if f'new {struct}OutputReference(this, "{snake}")' in self.code:
                    inner["max"] = 1
                if "required" in argument:
                    inner["min"] = 1
                schema["blocks"][snake] = inner
            else:
                fields = {key: each["type"] for key, each in inner["attributes"].items()}
                outer = "list" if nesting == "struct" else nesting
                schema["attributes"][snake] = {**argument, "type": [outer, ["object", fields]]}
        self.add_given(schema, of_class)
        return schema

    def simple(self, storage: str, nesting: str) -> Any:
        if storage in SIMPLE:
            return SIMPLE[storage]
        if found := re.fullmatch(r"(string|number|boolean)List", storage):
            return [nesting, SIMPLE[found[1]]]
        return None

    def required(self, interface: str) -> set[str]:
        found = re.search(
            rf"^export interface {interface}\b.*?^}}", self.types, re.MULTILINE | re.DOTALL
        )
        return set(re.findall(r"^    readonly (\w+):", found[0], re.MULTILINE)) if found else set()

    def add_given(self, schema: dict[str, Any], of_class: str) -> None:
        """Adds what the provider gives: the getters that no argument belongs to."""
        found = re.search(rf"^class {of_class} extends.*?^}}", self.code, re.MULTILINE | re.DOTALL)
        if not found:
            return
        simple = {
            "getStringAttribute": "string",
            "getNumberAttribute": "number",
            "getBooleanAttribute": "bool",
            "getListAttribute": ["list", "string"],
            "getNumberListAttribute": ["list", "number"],
            "getStringMapAttribute": ["map", "string"],
            "getBooleanMapAttribute": ["map", "bool"],
            "getNumberMapAttribute": ["map", "number"],
        }
        for getter, snake in re.findall(r"this\.(get\w+Attribute)\('(\w+)'\)", found[0]):
            attribute = schema["attributes"].setdefault(snake, {"type": simple[getter]})
            if "required" not in attribute and "write_only" not in attribute:
                attribute["computed"] = True
        structs = re.findall(r"new (\w+)\(this, \"(\w+)\", (?:true|false)\)", found[0])
        structs += re.findall(r"new (\w+)\(this, \"(\w+)\"\)", found[0])
        for struct, snake in structs:
            if snake in schema["blocks"] or snake in schema["attributes"]:
                continue
            name = struct.removesuffix("OutputReference").removesuffix("List")
            inner = self.block(name, self.attributes_of_struct(name), f"{name}OutputReference")
            fields = {key: each["type"] for key, each in inner["attributes"].items()}
            schema["attributes"][snake] = {"type": ["list", ["object", fields]], "computed": True}


def read(package: Path) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "version": PROVIDER_VERSION,
        "provider": PROVIDER,
        "resource": {},
        "data": {},
        "ephemeral": EPHEMERAL,
    }
    for kind, name in sorted(kinds_used()):
        folder = name.removeprefix("aws_").replace("_", "-")
        typings = Typings(package / "lib" / (f"data-aws-{folder}" if kind == "data" else folder))
        schema[kind][name] = typings.schema()
    return schema


def fetch(folder: Path) -> Path:
    npm = subprocess.run(
        ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, text=True
    )
    with tarfile.open(folder / npm.stdout.strip()) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def write(schema: dict[str, Any]) -> None:
    """A line for each kind, so that what changes is seen."""
    lines = [f'"version": {json.dumps(schema["version"])}']
    lines.append(f'"provider": {json.dumps(schema["provider"], sort_keys=True)}')
    for part in ("resource", "data", "ephemeral"):
        each = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(body, sort_keys=True, separators=(',', ':'))}"
            for name, body in sorted(schema[part].items())
        )
        lines.append(f'"{part}": {{\n{each}\n}}')
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        write(read(fetch(Path(temporary))))
