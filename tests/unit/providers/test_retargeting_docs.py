"""docs/providers/retargeting.md lists exactly the call that the code makes, every field and every message."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from reviewdesk.providers.retargeting import provider, wire
from reviewdesk.providers.retargeting.provider import FEEDBACK_PATH, RetargetingProvider

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs/providers/retargeting.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \d+ \| (GET|POST) `(/[^`]+)` \| `(\w+)` \| `(\w+)` \|$", DOC, re.MULTILINE)


def test_the_one_call_is_listed_and_made_where_it_says() -> None:
    assert [(method, path) for method, path, *_ in ROWS] == [("GET", FEEDBACK_PATH)]
    assert len(re.findall(r"self\._http\.(?:get|call)\(", inspect.getsource(provider))) == 1
    assert "FEEDBACK_PATH" in inspect.getsource(getattr(RetargetingProvider, ROWS[0][2]))
    tests = (ROOT / "tests/unit/providers/test_retargeting_calls.py").read_text(encoding="utf-8")
    assert re.search(rf"^def {ROWS[0][3]}\(desk\b", tests, re.MULTILINE)


def test_every_field_is_named() -> None:
    for struct in (wire.Order, wire.Feedback, wire.ProductFeedback):
        for field in struct.__struct_fields__:
            assert re.search(rf"`(order\.)?{field}(\[\])?`", DOC) or field == "order", field


def test_every_message_is_listed() -> None:
    listed = {words.strip(" .!").lower() for words in re.findall(r"`([A-Z][a-z]+ [^`]+)`", DOC)}
    known = provider._WRONG_KEY | provider._WRONG_CUSTOMER | provider._NOT_ACTIVE | provider._PASSING
    assert known <= listed
