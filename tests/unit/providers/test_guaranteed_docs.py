"""docs/providers/guaranteed-reviews.md lists exactly the calls that the code makes, each with a test that exists."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from reviewdesk.providers.guaranteed_reviews import provider, wire
from reviewdesk.providers.guaranteed_reviews.provider import GuaranteedReviewsProvider

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs/providers/guaranteed-reviews.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| \d+ \| (GET|POST) `(/[^`]+)` \| [^|]+ \| `(\w+)` \| `(\w+)` \|$", re.MULTILINE)
ROWS = [match.groups() for match in ROW.finditer(DOC)]
CALL = re.compile(r'self\._http\.(?:get|call)\(\s*(?:"(POST)",\s*)?(?:"(/[^"]+)"|path\(([^)]*)\))')


def made(source: str) -> set[tuple[str, str]]:
    """(method, path) of every call in a source; variable parts are ``{}``."""
    found = set()
    for method, fixed, parts in CALL.findall(source):
        shape = fixed or "".join("/" + (p.strip('" ') if '"' in p else "{}") for p in parts.split(","))
        found.add((method or "GET", shape))
    return found


def test_every_call_is_listed_and_every_listed_call_is_made_where_it_says() -> None:
    listed = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path, *_ in ROWS}
    assert listed == made(inspect.getsource(provider)) and len(ROWS) == 3
    for method, path, function, _ in ROWS:
        source = inspect.getsource(getattr(GuaranteedReviewsProvider, function))
        assert (method, re.sub(r"\{\w+\}", "{}", path)) in made(source)


def test_every_named_test_exists_and_talks_to_the_practice_server() -> None:
    tests = (ROOT / "tests/unit/providers/test_guaranteed_calls.py").read_text(encoding="utf-8")
    for *_, test in ROWS:
        assert re.search(rf"^def {test}\(desk\b", tests, re.MULTILINE), test


def test_every_field_is_named() -> None:
    for struct in (wire.PublicReview, wire.PrivateReview):
        for field in struct.__struct_fields__:
            assert f"`{field}`" in DOC, field
    for field in ("ratings.total", "average", "distribution", "success", "orders_count"):
        assert f"`{field}`" in DOC, field
    for field in provider._PRODUCT_KEYS:
        assert f"`{field}`" in DOC, field
