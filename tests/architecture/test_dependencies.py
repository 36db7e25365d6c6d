"""The apps depend on each other one way: what is below knows nothing of what is above it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

BUDGET = settings.BASE_DIR / "budget"

#: From the ground up. An app may import those of the rows before its own, and none of its own row.
ORDER = [
    ["core"],
    ["operations", "users"],
    ["wallets", "buckets"],
    ["categories", "people"],
    ["transactions"],
    ["balances"],
    ["goals", "imports", "archives"],
    ["planning", "reports", "notifications"],
    ["api"],
    ["demo"],
]
RANK = {app: rank for rank, row in enumerate(ORDER) for app in row}


class Imports(ast.NodeVisitor):
    """The modules a file imports, wherever in it, except those for types alone."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.found: list[tuple[int, str]] = []

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) not in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for child in node.body:
                self.visit(child)
        for child in node.orelse:
            self.visit(child)

    def visit_Import(self, node: ast.Import) -> None:
        self.found += [(node.lineno, alias.name) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level:
            parts = self.package.split(".")
            module = ".".join([*parts[: len(parts) - node.level + 1], module]).rstrip(".")
        self.found += [(node.lineno, f"{module}.{alias.name}") for alias in node.names]


def imported_apps(source: str, package: str) -> Iterator[tuple[int, str]]:
    imports = Imports(package)
    imports.visit(ast.parse(source))
    for line, module in imports.found:
        match module.split("."):
            case ["budget", app, *_] if app in RANK:
                yield line, app


def offences(source: str, package: str) -> list[str]:
    own = package.split(".")[1]
    return [
        f"line {line}: {own} imports {app}"
        for line, app in imported_apps(source, package)
        if app != own and RANK[app] >= RANK[own]
    ]


def apps() -> list[Path]:
    return sorted(path.parent for path in BUDGET.glob("*/__init__.py"))


def test_every_app_has_its_place_in_the_order() -> None:
    assert {path.name for path in apps()} <= set(RANK)


@pytest.mark.parametrize("app", apps(), ids=lambda path: path.name)
def test_app_imports_only_what_is_below_it(app: Path) -> None:
    found = {}
    for path in sorted(app.rglob("*.py")):
        package = ".".join(path.parent.relative_to(BUDGET.parent).parts)
        if wrong := offences(path.read_text(encoding="utf-8"), package):
            found[str(path.relative_to(BUDGET))] = wrong
    assert not found


@pytest.mark.parametrize(
    ("package", "source", "offends"),
    [
        ("budget.users", "from budget.core import tenancy", False),
        ("budget.users", "from budget.users.models import User", False),
        ("budget.users", "import budget.transactions.models", True),
        ("budget.users", "from budget import transactions", True),
        ("budget.users", "from ..goals.models import Goal", True),
        ("budget.users.management.commands", "from ....goals import models", True),
        ("budget.users.management.commands", "from ...models import User", False),
        ("budget.users", "from . import models", False),
        ("budget.goals", "from budget.archives.models import ClosedMonth", True),
        ("budget.core", "def f():\n    from budget.users.models import User", True),
        ("budget.core", "try:\n    import budget.users\nexcept ImportError: pass", True),
        (
            "budget.core",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import budget.users\n",
            False,
        ),
        ("budget.core", "if TYPE_CHECKING:\n    pass\nelse:\n    import budget.users\n", True),
        ("budget.core", "if DEBUG:\n    import budget.users\n", True),
        ("budget.core", "import budget_users", False),
        ("budget.demo", "from budget.api import urls", False),
    ],
)
def test_an_import_against_the_order_is_seen(package: str, source: str, offends: bool) -> None:
    assert bool(offences(source, package)) is offends
