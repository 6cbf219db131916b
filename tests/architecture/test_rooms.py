"""Who may know whom (docs/architecture.md): the walls between the rooms, checked on every import."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from pytest_archon import archrule

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "reviewdesk"
OURS = [
    "reviewdesk.providers",
    "reviewdesk.store",
    "reviewdesk.secrets",
    "reviewdesk.services",
    "reviewdesk.practice",
    "reviewdesk.diagnostics",
    "reviewdesk.ui",
    "reviewdesk.cli",
    "reviewdesk.app",
]


@cache
def _modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path) -> set[str]:
    """Full names of everything a file imports, wherever in the file, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def _importers_of(*libraries: str) -> set[str]:
    return {
        module
        for module, path in _modules()
        if any(name == lib or name.startswith(lib + ".") for name in _imports(path) for lib in libraries)
    }


def test_domain_knows_only_the_standard_library() -> None:
    outside = {
        (module, name)
        for module, path in _modules()
        if module.startswith("reviewdesk.domain")
        for name in _imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("reviewdesk.domain")
    }
    assert outside == set()


@pytest.mark.parametrize(
    ("room", "never"),
    [
        ("domain", OURS),
        ("providers", ["store", "services", "secrets", "ui", "cli", "app", "practice", "diagnostics"]),
        ("store", ["providers", "services", "secrets", "ui", "cli", "app", "practice", "diagnostics"]),
        ("secrets", ["providers", "services", "store", "ui", "cli", "app", "practice", "diagnostics"]),
        ("services", ["ui", "cli", "app", "practice"]),
        ("practice", ["providers", "store", "services", "secrets", "ui", "cli", "app"]),
        ("diagnostics", ["providers", "store", "services", "secrets", "ui", "cli", "app", "practice"]),
        ("ui", ["providers", "store", "secrets", "practice", "cli", "app"]),
    ],
)
def test_walls(room: str, never: list[str]) -> None:
    rule = archrule(f"{room} keeps to itself").match(f"reviewdesk.{room}", f"reviewdesk.{room}.*")
    for other in never:
        name = other if other.startswith("reviewdesk") else f"reviewdesk.{other}"
        rule = rule.should_not_import(name, f"{name}.*")
    rule.check("reviewdesk", only_direct_imports=True)


def test_each_library_has_one_door() -> None:
    assert {
        m for m in _importers_of("PySide6", "qtawesome", "shiboken6") if not m.startswith("reviewdesk.ui")
    } <= {"reviewdesk.app"}
    assert {m for m in _importers_of("apsw", "sqlite3") if not m.startswith("reviewdesk.store")} == set()
    doors = _importers_of("httpx", "httpcore")
    assert doors == {"reviewdesk.providers.http.client", "reviewdesk.providers.http.connection"}
    assert {m for m in _importers_of("keyring") if not m.startswith("reviewdesk.secrets")} == set()
    assert {m for m in _importers_of("werkzeug") if not m.startswith("reviewdesk.practice")} == set()


def test_services_hold_no_sql() -> None:
    words = ("SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM", "PRAGMA ")
    found = [
        (module, node.value)
        for module, path in _modules()
        if module.startswith(
            ("reviewdesk.services", "reviewdesk.ui", "reviewdesk.cli", "reviewdesk.providers")
        )
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.lstrip().startswith(words)
    ]
    assert found == []


# Reading the clock, as opposed to formatting a time somebody already has.
_CLOCK_CALLS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "perf_counter"),
    ("time", "sleep"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("QDateTime", "currentDateTime"),
    ("QDateTime", "currentDateTimeUtc"),
    ("QDate", "currentDate"),
}


def test_the_clock_has_one_door() -> None:
    """Practice servers keep their own time (they are another machine); app.py measures its own start."""
    found = [
        (module, node.lineno)
        for module, path in _modules()
        if module != "reviewdesk.domain.clock" and not module.startswith("reviewdesk.practice")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in _CLOCK_CALLS
    ]
    assert found == []


def test_customer_text_is_never_rich_and_tls_never_off() -> None:
    banned = (
        "QTextBrowser",
        "setHtml(",
        "insertHtml(",
        "verify=False",
        "AutoAddPolicy",
        "WarningPolicy",
        "processEvents(",
    )
    found = [
        (module, word)
        for module, path in _modules()
        for word in banned
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_the_command_line_loads_no_qt() -> None:
    code = "import sys, reviewdesk.cli; print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'shiboken6')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_painters_end_with_their_block() -> None:
    """A painter that outlives a failed painting (its frame hangs on the exception) ends in the midst of another
    widget's, and Qt crashes there: it is always the subject of a ``with``."""
    loose = []
    for module, path in _modules():
        tree = ast.parse(path.read_text("utf-8"))
        entered = {
            id(item.context_expr)
            for node in ast.walk(tree)
            if isinstance(node, ast.With)
            for item in node.items
        }
        loose += [
            f"{module}:{node.lineno}"
            for node in ast.walk(tree)
            # Without a device it paints nowhere yet.
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "QPainter" and node.args
            if id(node) not in entered
        ]
    assert loose == []


def test_no_style_is_written_in_python() -> None:
    """Qt asks a style for widgets that are being made and unmade; in Python that crashed the window (docs/adr/0010)."""
    styles = [
        f"{module}:{node.lineno}"
        for module, path in _modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Style") for base in node.bases)
    ]
    assert styles == []
