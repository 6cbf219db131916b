"""docs/providers/sitejabber.md lists exactly the calls that the code makes, each with a test that exists."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from reviewdesk.practice.sitejabber_base import ERRORS
from reviewdesk.providers.sitejabber.calls import every_call
from reviewdesk.providers.sitejabber.catalogue import Catalogue
from reviewdesk.providers.sitejabber.provider import SitejabberProvider
from reviewdesk.providers.sitejabber.requests import Requests
from reviewdesk.providers.sitejabber.session import Door
from reviewdesk.providers.sitejabber.sync import Reader

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs/providers/sitejabber.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (\d+) \| (GET|POST) `(/[^`]+)` \| `(\w+)` \| `(\w+)\.(\w+)` \| `(\w+)` \|$", re.MULTILINE
)
ROWS = [match.groups() for match in ROW.finditer(DOC)]
HOLDERS = {holder.__name__: holder for holder in (Catalogue, Door, Reader, Requests, SitejabberProvider)}


def sources(folder: str, pattern: str) -> str:
    return "".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / folder).glob(pattern)))


def test_every_call_is_listed_once_with_its_method_and_path() -> None:
    listed = {name: (method, path) for _, method, path, name, *_ in ROWS}
    assert listed == {name: tuple(call) for name, call in every_call().items()}
    assert [int(number) for number, *_ in ROWS] == list(range(1, 32))


def test_the_named_function_makes_the_call() -> None:
    for *_, name, holder, function, _test in ROWS:
        source = inspect.getsource(getattr(HOLDERS[holder], function))
        assert f"calls.{name}" in source, f"{holder}.{function} does not make {name}"


def test_no_path_is_written_anywhere_else() -> None:
    code = "".join(
        p.read_text(encoding="utf-8")
        for p in (ROOT / "reviewdesk/providers/sitejabber").glob("*.py")
        if p.name != "calls.py"
    )
    code = re.sub(r'"""(?:.|\n)*?"""', "", code)
    assert not re.search(r'"[^"\n]*/?(businesses|partners)/[^"\n]*"', code)


def test_every_named_test_exists_and_talks_to_the_practice_server() -> None:
    tests = sources("tests/unit/providers", "test_sitejabber_*.py")
    for *_, function, test in ROWS:
        assert re.search(rf"^def {test}\(\s*desk\b", tests, re.MULTILINE), (
            f"{test} for {function} does not exist"
        )


def test_every_documented_error_is_listed() -> None:
    part = DOC.partition("## Errors")[2].partition("## Open")[0]
    assert {int(code) for code in re.findall(r"\b(\d{3})\b", part)} - {200} == set(ERRORS)
