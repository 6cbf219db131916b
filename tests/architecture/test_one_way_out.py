"""Whatever changes something at a provider leaves through the outbox: one line of the program hands it over."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "reviewdesk"


def calls(path: Path) -> list[tuple[int, ast.Call]]:
    tree = ast.parse(path.read_text("utf-8"))
    return [(node.lineno, node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def places(names: set[str], folders: list[Path]) -> set[str]:
    """``file`` of every call of a method with one of these names."""
    found = set()
    for folder in folders:
        for path in folder.rglob("*.py"):
            for _, call in calls(path):
                if isinstance(call.func, ast.Attribute) and call.func.attr in names:
                    found.add(path.relative_to(ROOT).as_posix())
    return found


def test_one_line_hands_an_action_to_a_provider() -> None:
    outside = [ROOT / "services", ROOT / "ui", ROOT / "cli", ROOT / "diagnostics", ROOT / "secrets"]
    assert places({"send"}, outside) == {"services/sending.py"}
    sending = [
        line
        for line, call in calls(ROOT / "services" / "sending.py")
        if isinstance(call.func, ast.Attribute) and call.func.attr == "send"
    ]
    assert len(sending) == 1


def test_windows_and_commands_hold_no_provider() -> None:
    """``provider()`` of a door, and the opening of one, is the workers' business."""
    assert not places({"open_provider"}, [ROOT / "ui", ROOT / "cli"])
