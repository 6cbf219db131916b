"""Every field of every provider's records can be read in the pane, and what is empty leaves no label."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from reviewdesk.services.core import Core
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.reading import ReadingPane
from reviewdesk.ui.reading.words import VALUE_LIMIT, detail_facts, private_fields, record_lines
from tests.support.core import open_practice
from tests.support.screens import settle, wait_until

PROVIDERS = ("trustpilot", "sitejabber", "guaranteed-reviews", "retargeting", "verified-reviews")
EMPTY = ("", "none", "null", "[]", "{}", "()", "nan")


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Core]:
    with open_practice(tmp_path_factory.mktemp("fields")) as (core, _):
        reports = core.sync.run(None, False)
        assert all(report.ok for report in reports), reports
        yield core


def leaves(value: Any) -> Iterator[str]:
    """Every value of a record that says something."""
    if isinstance(value, dict):
        for part in value.values():
            yield from leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part)
    elif value not in (None, ""):
        yield value if isinstance(value, str) else json.dumps(value)


def shapes(core: Core, provider: str) -> dict[tuple[str, ...], int]:
    """One review for each set of fields that the provider's records have: their record types."""
    found: dict[tuple[str, ...], int] = {}
    for review in core.inbox.ids(core.inbox.parse(f"provider:{provider}"), limit=400):
        detail = core.inbox.detail(review)
        assert detail is not None
        try:
            record = json.loads(detail.raw)
        except ValueError:
            record = {"line": detail.raw}
        filled = tuple(sorted(k for k, v in record.items() if v not in (None, "", [], {})))
        found.setdefault((detail.row.kind.value, *filled), review)
    return found


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_value_stands_somewhere_and_empty_ones_leave_no_label(
    themed: QApplication, synced: Core, provider: str
) -> None:
    bridge = Bridge(synced)
    pane = ReadingPane(synced, bridge, zone=UTC)
    pane.resize(700, 800)
    pane.show()
    try:
        types = shapes(synced, provider)
        assert types
        for review in list(types.values())[:12]:
            pane.show_review(review)
            wait_until(lambda review=review: pane.detail() is not None and pane.detail().row.id == review)
            pane.content.record.set_open(True)
            settle()
            detail = pane.detail()
            assert detail is not None and detail.raw
            shown = pane.content.record_text()
            try:
                wanted = list(leaves(json.loads(detail.raw)))
            except ValueError:
                wanted = [detail.raw]
            for value in wanted:
                assert value[: VALUE_LIMIT * 10] in shown, (provider, value[:80])
            label = pane._owners.label(detail)
            for name, text in (*detail_facts(detail, label, UTC), *private_fields(detail)):
                assert name.strip() and text.strip().lower() not in EMPTY, (provider, name)
            assert all(line.partition(": ")[2].strip() for line in shown.splitlines() if ": " in line)
    finally:
        pane.close()
        bridge.close()
        settle()


def test_a_record_that_is_no_json_is_shown_as_it_came(tmp_path: Path) -> None:
    assert record_lines("<review><id>5</id></review>") == "<review><id>5</id></review>"
    assert record_lines('{"a": null, "b": {"c": [1, ""]}, "d": "x"}') == "b.c 1: 1\nd: x"
