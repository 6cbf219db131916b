"""docs/providers/trustpilot.md lists exactly the calls that the code makes, each with a test that exists."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from reviewdesk.providers.trustpilot import auth
from reviewdesk.providers.trustpilot.api import TrustpilotApi

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs/providers/trustpilot.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\|(?: \d+ \|)? (GET|POST|PUT|DELETE) `(/[^`]+)`[^|]*\| (\w+) \| `(\w+)` \| `(\w+)` \|$", re.MULTILINE
)
ROWS = [match.groups() for match in ROW.finditer(DOC)]
_METHODS = {
    name: f for name, f in inspect.getmembers(TrustpilotApi, inspect.isfunction) if not name.startswith("_")
}


def _calls() -> set[tuple[str, str, str, str]]:
    """(method, path without names, auth, function) of every call in the code."""
    found = set()
    for name, function in _METHODS.items():
        source = inspect.getsource(function)
        if name in ("add_tags", "set_tags"):
            source += inspect.getsource(TrustpilotApi._change_tags)
        at = re.search(r"\bpath\(([^)]*)\)", source)
        method = re.search(r'"(GET|POST|PUT|DELETE)"', source)
        door = re.search(r"self\._(key|token)\(", source)
        assert at and method and door, f"{name} makes no call that could be recognised"
        parts = [part.strip() for part in at[1].split(",")]
        shape = "".join("/" + (part.strip('"') if part.startswith('"') else "{}") for part in parts)
        found.add((method[1], shape, door[1], name))
    for call in re.findall(r'self\._(?:ask|post)\("(\w+)"', inspect.getsource(auth)):
        found.add(("POST", f"/{'/'.join(auth._OAUTH)}/{call}", "basic", "SignIn"))
    return found


def test_every_call_is_listed_and_every_listed_call_is_made() -> None:
    listed = {
        (method, re.sub(r"\{\w+\}", "{}", at), door, function) for method, at, door, function, _ in ROWS
    }
    assert listed == _calls()


def test_all_seventeen_calls_of_the_document_are_there() -> None:
    numbers = re.findall(r"^\| (\d+) \| (?:GET|POST|PUT|DELETE) ", DOC, re.MULTILINE)
    assert numbers == [str(n) for n in range(1, 18)]


def test_every_named_test_exists_and_talks_to_the_practice_server() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "tests/unit/providers").glob("test_trustpilot_*.py"))
    )
    for *_, function, test in ROWS:
        body = re.search(rf"^def {test}\(desk\b.*?(?=^def |^@|\Z)", sources, re.MULTILINE | re.DOTALL)
        assert body is not None, f"{test}, which is to exercise {function}, does not exist"


def test_every_public_call_is_used_by_the_provider_or_a_test() -> None:
    everything = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("reviewdesk/providers/trustpilot", "tests/unit/providers")
        for path in sorted((ROOT / folder).glob("*.py"))
    )
    for name in _METHODS:
        assert re.search(rf"\bapi\.{name}\b", everything), name
