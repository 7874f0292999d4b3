"""Arrows point down only, and nobody but `ocpp` asks which OCPP version a peer speaks."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = "chargeplane"
SOURCE = ROOT / "src" / PACKAGE

# Who may import what of ours. A new folder or module gets its line here.
BASIS = {"domain", "errors", "config", "logs"}
CORE = BASIS | {"ocpp", "energy", "net", "storage", "bus"}
ROLES = {"access", "csms", "station", "evse", "payments"}
ALL = (
    CORE
    | ROLES
    | {
        "api",
        "web",
        "app",
        "routes",
        "client",
        "console",
        "demo",
        "fleet",
        "maintenance",
        "schedule",
        "station_app",
        "evse_app",
        "__init__",
    }
)
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    "errors": set(),
    "domain": set(),
    "config": {"errors"},
    "logs": {"errors", "config"},
    "ocpp": {"domain", "errors"},
    "energy": {"domain", "errors"},
    "net": BASIS | {"ocpp"},
    "storage": BASIS,
    "bus": BASIS,
    "access": CORE,
    "csms": CORE | {"access"},
    "station": CORE | {"evse"},
    "evse": CORE | {"station"},
    "payments": CORE | {"csms"},
    "routes": {"domain", "errors", "ocpp", "csms", "station"},
    "api": CORE | ROLES,
    "web": CORE | ROLES,
    "client": {"errors"},
    "maintenance": BASIS | {"storage"},
    "schedule": {"domain", "errors", "ocpp", "energy"},
    "fleet": CORE | {"station", "evse"},
    "console": CORE | {"csms", "client"},
    "station_app": CORE | {"station", "evse", "api"},
    "evse_app": ALL - {"app", "demo", "fleet"},
    "app": ALL - {"app", "demo", "fleet"},
    "demo": ALL - {"api", "web", "demo"},
    "cli": ALL,
}

# The pure folders do no I/O, so that they get by with few libraries.
MAY_IMPORT_OUTSIDE: dict[str, set[str]] = {
    "domain": {"msgspec"},
    "errors": set(),
    "ocpp": {"msgspec", "structlog", "lxml"},
    "energy": {"msgspec"},
}
IMPURE_STANDARD = {"asyncio.subprocess", "http", "socket", "ssl", "subprocess", "urllib.request"}

VERSION = re.compile(r"(ocpp)?(1\.[256]|2\.0|2\.0\.1|2\.1)", re.IGNORECASE)
VERSION_NAMES = {"version", "ocpp_version"}
EQUALITY = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the dotted name of everything that is imported, wherever it stands."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{name.name}" for name in names)
            case ast.ImportFrom(level=level):
                yield "." * level
            case ast.Call(func=ast.Name("import_module") | ast.Attribute(attr="import_module")):
                yield from (str(a.value) for a in node.args if isinstance(a, ast.Constant))


def forbidden_imports(room: str, tree: ast.AST) -> Iterator[str]:
    """Yield the imports that code in ``room`` may not have."""
    for name in imports(tree):
        top, _, rest = name.partition(".")
        if not top:
            yield "relative import"
        elif top == PACKAGE:
            target = rest.partition(".")[0] or "__init__"
            target = "__init__" if target.startswith("__") else target
            if target != room and target not in MAY_IMPORT[room]:
                yield name
        elif top in sys.stdlib_module_names:
            if room in MAY_IMPORT_OUTSIDE and _is_impure(name):
                yield name
        elif top not in MAY_IMPORT_OUTSIDE.get(room, {top}):
            yield name


def _is_impure(name: str) -> bool:
    return any(name == impure or name.startswith(f"{impure}.") for impure in IMPURE_STANDARD)


def version_questions(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that compare an OCPP version."""
    for node in ast.walk(tree):
        if _asks_for_version(node):
            yield getattr(node, "lineno", 0)


def _asks_for_version(node: ast.AST) -> bool:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [left, *others]
            return any(isinstance(op, EQUALITY) for op in ops) and any(map(_is_version, sides))
        case ast.MatchValue(value=value):
            return _is_version(value)
        case ast.Call(func=ast.Attribute(attr="startswith", value=value)):
            return _is_version(value)
    return False


def _is_version(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return VERSION.fullmatch(text) is not None
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return any(map(_is_version, items))
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in VERSION_NAMES
    return False


def room_of(file: Path) -> str:
    """Return the folder or module of the package that a file belongs to."""
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_arrows_point_down(file: Path) -> None:
    room = room_of(file)
    assert room in MAY_IMPORT, f"say in {__name__}.MAY_IMPORT what {room} may import"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert list(forbidden_imports(room, tree)) == []
    if room != "ocpp":
        assert list(version_questions(tree)) == []


def test_everything_is_read() -> None:
    assert {"domain", "ocpp", "cli", "errors"} <= {room_of(file) for file in FILES}


def test_nothing_but_the_roots_imports_the_faces() -> None:
    importers = {room for room, allowed in MAY_IMPORT.items() if allowed & {"api", "web"}}
    assert importers == {"app", "station_app", "evse_app", "cli"}


@pytest.mark.parametrize(
    ("room", "code", "found"),
    [
        ("domain", "import sqlalchemy", "sqlalchemy"),
        ("domain", "from chargeplane.ocpp import action", "chargeplane.ocpp.action"),
        ("domain", "from chargeplane import ocpp", "chargeplane.ocpp"),
        ("domain", "import chargeplane.csms.registry", "chargeplane.csms.registry"),
        ("domain", "from .messages import Value", "relative import"),
        ("domain", "import socket", "socket"),
        ("energy", "import pydantic", "pydantic"),
        ("ocpp", "import websockets", "websockets"),
        ("ocpp", "def late():\n    from chargeplane import csms", "chargeplane.csms"),
        ("ocpp", "import_module('chargeplane.net')", "chargeplane.net"),
        ("ocpp", "importlib.import_module('chargeplane.net')", "chargeplane.net"),
        ("net", "from chargeplane.csms.registry import Registry", "chargeplane.csms.registry."),
        ("storage", "import chargeplane.csms", "chargeplane.csms"),
        ("bus", "import chargeplane.csms", "chargeplane.csms"),
        ("csms", "from chargeplane.api import native", "chargeplane.api.native"),
        ("csms", "from chargeplane.station import machine", "chargeplane.station.machine"),
        ("station", "import chargeplane.web", "chargeplane.web"),
        ("evse", "import chargeplane.api.smartevse", "chargeplane.api.smartevse"),
        ("api", "import chargeplane.app", "chargeplane.app"),
        ("csms", "import chargeplane.undrawn", "chargeplane.undrawn"),
    ],
)
def test_arrows_that_point_up_are_found(room: str, code: str, found: str) -> None:
    (name,) = forbidden_imports(room, ast.parse(code))
    assert name.startswith(found)


@pytest.mark.parametrize(
    ("room", "code"),
    [
        ("domain", "import msgspec\nfrom datetime import datetime"),
        ("domain", "from chargeplane.domain.messages import Value"),
        ("ocpp", "from chargeplane.errors import Untranslatable"),
        ("net", "import socket, websockets"),
        ("csms", "from chargeplane import ocpp, storage"),
        ("cli", "from chargeplane import __version__"),
        ("cli", "import chargeplane"),
    ],
)
def test_arrows_that_point_down_are_left_alone(room: str, code: str) -> None:
    assert list(forbidden_imports(room, ast.parse(code))) == []


@pytest.mark.parametrize(
    "code",
    [
        "if peer.version == '1.6': pass",
        "if '2.0.1' != spoken: pass",
        "if subprotocol in ('ocpp2.0.1', 'ocpp2.1'): pass",
        "if spoken in {'2.1'}: pass",
        "if dialect.version >= newest: pass",
        "if ocpp_version == other: pass",
        "if dialect.version.startswith('2'): pass",
        "match spoken:\n    case '1.5': pass",
        "match spoken:\n    case 'OCPP1.2' | 'x': pass",
    ],
)
def test_version_questions_are_found(code: str) -> None:
    assert len(list(version_questions(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "speak('1.6')",
        "DIALECTS['2.0.1']",
        "if firmware == '1.6.3': pass",
        "if station.version is None: pass",
        "if path.startswith('/'): pass",
        "{'version': '2.1'}",
    ],
)
def test_what_only_names_a_version_is_left_alone(code: str) -> None:
    assert list(version_questions(ast.parse(code))) == []
