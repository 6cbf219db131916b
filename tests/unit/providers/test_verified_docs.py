"""docs/providers/verified-reviews.md lists exactly the calls that the code makes, and names tests that exist."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from reviewdesk.domain.capabilities import Capability
from reviewdesk.providers.verified_reviews import api, csv_feed, feed, names, records, xml_feed
from reviewdesk.providers.verified_reviews.items import ALIASES
from reviewdesk.providers.verified_reviews.spec import SPEC

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs/providers/verified-reviews.md").read_text(encoding="utf-8")
CALL = re.compile(r"^\| (GET|POST) `(/[^`]+)` \| (\w+) \| `(\w+)` \| `(\w+)` \|$", re.MULTILINE)
NAMED = re.compile(r"^\| [^|]+ \| (?:`(\w+)`|passed over by name) \| ((?:`\w+`(?:, )?)+) \|$", re.MULTILINE)
TESTS = "".join(
    path.read_text(encoding="utf-8")
    for pattern in ("test_verified_*.py", "test_files_*.py")
    for path in sorted((ROOT / "tests/unit/providers").glob(pattern))
)


def test_every_call_is_listed_and_every_listed_call_is_made() -> None:
    made = {("POST", api._TOKEN, "basic", "token")}
    for name, function in inspect.getmembers(api.PublishedApi, inspect.isfunction):
        rest = re.search(r'self\._page\("([^"]+)"', inspect.getsource(function))
        if rest:
            made.add(("GET", f"{api._PUBLISHED}/{rest[1]}", "token", name))
    assert {row[:4] for row in CALL.findall(DOC)} == made and len(made) == 6


def test_every_test_of_a_call_talks_to_the_practice_server() -> None:
    for *_, function, test in CALL.findall(DOC):
        body = re.search(rf"^def {test}\(desk\b.*?(?=^def |^@|\Z)", TESTS, re.MULTILINE | re.DOTALL)
        assert body is not None and re.search(rf"\b{function}\b|summaries", body[0]), test


def test_every_place_file_and_format_has_a_function_and_a_test() -> None:
    rows = NAMED.findall(DOC)
    assert len(rows) >= 19
    known = {"SftpTransport", "FtpTransport", "FolderTransport"}
    for module in (csv_feed, feed, names, records, xml_feed):
        known |= set(vars(module))
    for function, tests in rows:
        assert not function or function in known, function
        for test in re.findall(r"`(\w+)`", tests):
            assert re.search(rf"^def {test}\(", TESTS, re.MULTILINE), test


def test_every_setting_and_every_column_is_told_of() -> None:
    common = {"ca_file", "timeout_seconds", "settle_seconds", "rate_limit"}
    for field in (*SPEC.settings, *SPEC.secrets):
        assert field.key in common or f"`{field.key}`" in DOC, field.key
    assert all(f"`{name}`" in DOC for name in ALIASES)


def test_every_denied_capability_says_who_denies_it() -> None:
    for level in SPEC.levels:
        for capability, reason in level.denied.items():
            assert capability is not Capability.READ
            assert "Verified Reviews" in reason and reason.endswith(".")
