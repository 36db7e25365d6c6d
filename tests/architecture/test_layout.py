"""Rules of the tree that reading the files can check."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from tests.programs import ELSEWHERE, PACKAGES

ROOT = settings.BASE_DIR
BUDGET = ROOT / "budget"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SOURCES = sorted(path for path in BUDGET.rglob("*.py") if "migrations" not in path.parts)

LONGEST_VIEW = 42


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# A thing without a name has no room.

NAMELESS = re.compile(r"(^|_)(utils?|helpers?|commons?|misc|managers?|handlers?|stuff|lib)$")


def test_no_module_is_a_place_for_anything() -> None:
    tests = (ROOT / "tests").rglob("*.py")
    modules = [path for path in [*SOURCES, *tests] if path.name != "__init__.py"]
    folders = {path.parent for path in modules}
    assert not [name_of(path) for path in [*modules, *folders] if NAMELESS.search(path.stem)]


@pytest.mark.parametrize("name", ["utils", "date_utils", "helper", "common", "handlers", "manager"])
def test_a_nameless_module_is_seen(name: str) -> None:
    assert NAMELESS.search(name)


# One module speaks the partial-page protocol.


def uses_of_htmx(source: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "htmx"
    ]


def test_only_core_http_asks_what_kind_of_request_it_is() -> None:
    using = {name_of(path) for path in SOURCES if uses_of_htmx(path.read_text(encoding="utf-8"))}
    assert using == {"budget/core/http.py"}
    for path in TEMPLATES:
        assert "request.htmx" not in path.read_text(encoding="utf-8"), name_of(path)


# The strict content security policy: nothing inline.

INLINE = {
    "a style attribute": re.compile(r"""(?<![\w-])style\s*=\s*["'{]"""),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an event handler": re.compile(r"""\son\w+\s*=\s*["'{]"""),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>", re.IGNORECASE)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)


def inline(markup: str) -> list[str]:
    """What in the markup the browser would refuse, or we do not want."""
    markup = COMMENT.sub("", markup)
    found = [what for what, pattern in INLINE.items() if pattern.search(markup)]
    for script in SCRIPT.finditer(markup):
        attributes = script["attributes"]
        if "src=" not in attributes and 'type="application/json"' not in attributes:
            found.append("an inline script")
    return found


def text_in(path: Path) -> Iterator[str]:
    """The pieces of markup in a file: a template whole, of code its strings."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        yield source
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<" in node.value:
            yield node.value


@pytest.mark.parametrize("path", [*TEMPLATES, *SOURCES], ids=name_of)
def test_nothing_is_inline(path: Path) -> None:
    assert not [what for text in text_in(path) for what in inline(text)]


@pytest.mark.parametrize(
    ("markup", "refused"),
    [
        ('<p style="color: red">', True),
        ("<p style = 'x'>", True),
        ("<p style={{ x }}>", True),
        ('<p style="{{ x }}">', True),
        ("<style>p {}</style>", True),
        ('<button onclick="x()">', True),
        ('<a href="javascript:x()">', True),
        ("<script>alert(1)</script>", True),
        ('<script type="module">import "x"</script>', True),
        ('<script src="{% static "js/app.js" %}" defer></script>', False),
        ('<script type="application/json">{}</script>', False),
        ('<rect data-style="bar" fill="#fff"/>', False),
        ("{{ figures|json_script:'figures' }}", False),
        ('{# no style="" here #}', False),
        ('<option value="on" data-on="x">', False),
    ],
)
def test_what_is_inline_is_seen(markup: str, refused: bool) -> None:
    assert bool(inline(markup)) is refused


# A setting is read once, in settings.py, which names it where it is wrong.


def variables_asked_for(source: str) -> list[int]:
    """The lines that ask for one variable of the environment; handing all on is no asking."""
    asked = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=where, ctx=ast.Load()) | ast.Compare(comparators=[where]):
                asks = ast.unparse(where).endswith("environ")
            case ast.Call(func=where):
                asks = ast.unparse(where).endswith(("environ.get", "getenv"))
            case _:
                continue
        asked += [node.lineno] if asks else []
    return asked


#: Variables that are not our settings: another program's, or names that are known to be wrong.
NOT_OURS = {
    "budget/core/checks.py",
    "budget/core/embedded.py",
    "budget/core/management/commands/serve.py",
    "budget/core/metrics.py",
}


def test_no_setting_is_read_past_the_settings() -> None:
    asking = {
        name_of(path) for path in SOURCES if variables_asked_for(path.read_text(encoding="utf-8"))
    }
    assert asking == NOT_OURS


@pytest.mark.parametrize(
    ("source", "asks"),
    [
        ("os.environ['X']", True),
        ("environ.get('X', '1')", True),
        ("os.getenv('X')", True),
        ("'X' in os.environ", True),
        ("os.environ['X'] = '1'", False),
        ("{**os.environ}", False),
        ("values.get('X')", False),
    ],
)
def test_a_variable_that_is_asked_for_is_seen(source: str, asks: bool) -> None:
    assert bool(variables_asked_for(source)) is asks


# What we depend on has a reason, in docs/dependencies.md.


def depended_on() -> set[str]:
    """The packages of pyproject.toml and package.json, and the programs that tests run."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    npm = json.loads((ROOT / "package.json").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    python = {re.split(r"[^\w-]", each, maxsplit=1)[0] for group in groups for each in group}
    return {*python, *npm["dependencies"], *npm["devDependencies"], *PACKAGES, *ELSEWHERE}


def test_every_dependency_has_its_line() -> None:
    told = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = {
        name
        for row in re.findall(r"^\| ([^|]+) \|", told, re.MULTILINE)
        for name in re.findall(r"[@\w./-]+", row)
    }
    assert depended_on() - names == set()


# Views read from top to bottom on one screen.


def functions_of_views() -> Iterator[tuple[str, int]]:
    for path in SOURCES:
        if path.stem == "views" or path.stem.endswith("_views"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    assert node.end_lineno
                    length = node.end_lineno - node.lineno + 1
                    yield f"{name_of(path)}: {node.name}", length


def test_views_are_short() -> None:
    assert not {name: length for name, length in functions_of_views() if length > LONGEST_VIEW}


def test_views_are_functions() -> None:
    for path in SOURCES:
        if path.stem == "views" or path.stem.endswith("_views"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            views = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
            assert not [name for name in views if name.endswith("View")], name_of(path)


# Nothing goes untested unnoticed.


def test_every_model_is_named_in_a_test() -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.parent.name != "architecture"
    )
    ours = [model for model in apps.get_models() if model.__module__.startswith("budget.")]
    assert ours
    assert not [model.__name__ for model in ours if not re.search(rf"\b{model.__name__}\b", tests)]


def test_every_app_has_its_tests() -> None:
    for path in BUDGET.glob("*/__init__.py"):
        app = path.parent
        if any(each.stem not in {"__init__", "apps", "urls"} for each in app.rglob("*.py")):
            assert list((ROOT / "tests" / app.name).glob("test_*.py")), app.name
