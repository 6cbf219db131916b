"""Saved views in a file: everything of a view comes back, one step, and strange files change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.services.inbox import SavedView
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted

ICONS = ("bookmark-simple", "flag", "star")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path / "one", clock=FakeClock()) as desk:
        yield desk


def _plain(views: list[SavedView]) -> list[tuple[str, str, str, bool]]:
    return [(v.name, v.query, v.icon, v.notify) for v in views]


def test_views_go_to_another_machine_with_everything_they_have(desk: Desk, tmp_path: Path) -> None:
    inbox, target = desk.core.inbox, tmp_path / "views.json"
    angry = inbox.save_view("Angry", "stars:<=2 -has:reply", icon="flag").result(5)
    inbox.save_view("Zürich “late”", 'account:"ACME" OR late*').result(5)
    inbox.save_view("Third", "").result(5)
    inbox.change_view(angry, notify=True).result(5)
    inbox.order_views([v.id for v in reversed(inbox.views())]).result(5)
    wanted = _plain(inbox.views())
    assert inbox.view_files.export(target) == 3
    assert inbox.view_files.export(tmp_path / "one.json", [angry]) == 1
    with open_scripted(tmp_path / "two", clock=FakeClock()) as other:
        there = other.core.inbox
        assert len(there.view_files.import_from(target, ICONS).result(5)) == 3
        assert _plain(there.views()) == wanted, "name, search, icon, wish to be told, and the order"
        # The same file again adds nothing; another search of the same name gets a number.
        assert there.view_files.import_from(target, ICONS).result(5) == []
        there.change_view(there.views()[0].id, query="is:done").result(5)
        (added,) = there.view_files.import_from(target, ICONS).result(5)
        assert next(v for v in there.views() if v.id == added).name == "Third (2)"
        there.history.undo().result(5)
        there.history.undo().result(5)
        there.history.undo().result(5)
        assert there.views() == [], "an import is one step"
        there.history.redo().result(5)
        assert _plain(there.views()) == wanted
    with open_scripted(tmp_path / "three", clock=FakeClock()) as third:
        third.core.inbox.view_files.import_from(tmp_path / "one.json", ICONS).result(5)
        assert _plain(third.core.inbox.views()) == [("Angry", "stars:<=2 -has:reply", "flag", True)]


def _file(folder: Path, **more: Any) -> Path:
    made = {"format": "reviewdesk-views", "version": 1, "views": [{"name": "A", "query": "late"}]} | more
    path = folder / "given.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"format": "something"}, "no file of views"),
        ({"version": 2}, "newer program"),
        ({"views": []}, "no view"),
        ({"views": {"name": "A"}}, "no view"),
        ({"views": ["A"]}, "View 1"),
        ({"views": [{"name": "A", "query": "late"}, {"name": " ", "query": ""}]}, "View 2"),
        ({"views": [{"name": "x" * 81, "query": ""}]}, "View 1"),
        ({"views": [{"name": "A", "query": "x" * 4001}]}, "no search"),
        ({"views": [{"name": "A", "query": 7}]}, "no search"),
        ({"views": [{"name": f"V{n}", "query": ""} for n in range(501)]}, "at most 500"),
    ],
)
def test_a_strange_file_changes_nothing(desk: Desk, tmp_path: Path, more: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        desk.core.inbox.view_files.import_from(_file(tmp_path, **more), ICONS)
    assert desk.core.inbox.views() == [] and desk.core.inbox.history.steps() == []


def test_what_is_no_json_is_missing_or_huge(desk: Desk, tmp_path: Path) -> None:
    files, path = desk.core.inbox.view_files, tmp_path / "views.json"
    with pytest.raises(InvalidInput, match="can't be read"):
        files.import_from(path)
    for content, words in (
        (b"\xff\xfe{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b" " * 1_000_001, "too large"),
    ):
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match=words):
            files.import_from(path)
    with pytest.raises(InvalidInput, match="no saved view"):
        files.export(tmp_path / "none.json")


def test_an_icon_that_nobody_knows_is_the_usual_one(desk: Desk, tmp_path: Path) -> None:
    views = [
        {"name": f"V{n}", "query": "", "icon": icon}
        for n, icon in enumerate(["flag", "no-such", 7, None, ""])
    ]
    desk.core.inbox.view_files.import_from(_file(tmp_path, views=views), ICONS).result(5)
    assert [v.icon for v in desk.core.inbox.views()] == ["flag"] + ["bookmark-simple"] * 4
