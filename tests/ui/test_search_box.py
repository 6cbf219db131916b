"""The search box: what is typed, what is coloured, what is asked, and when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.query import Query
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.header import Header, SearchBox
from reviewdesk.ui.header.search import SCOPE_EVERYTHING
from reviewdesk.ui.theme import theme
from tests.support.fake_core import FakeCore


@pytest.fixture
def bridge(qapp: QApplication, core: FakeCore) -> Iterator[Bridge]:
    made = Bridge(core)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def box(themed: QApplication, bridge: Bridge, qtbot) -> SearchBox:  # type: ignore[no-untyped-def]
    made = SearchBox(bridge)
    qtbot.addWidget(made)
    made.resize(560, 32)
    made.show()
    made.activateWindow()
    return made


def _formats(box: SearchBox) -> dict[str, QTextCharFormat]:
    block = box.line.document().firstBlock()
    return {
        block.text()[f.start : f.start + f.length]: QTextCharFormat(f.format)  # type: ignore[attr-defined]
        for f in block.layout().formats()
    }


def test_it_asks_once_after_the_last_key(box: SearchBox, qtbot) -> None:  # type: ignore[no-untyped-def]
    asked: list[Query | None] = []
    box.searched.connect(asked.append)
    box.focus()
    qtbot.keyClicks(box.line, "stars:<=2 lang:fr")
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert asked[0] is not None and [chip.kind for chip in asked[0].chips] == ["stars", "lang"]
    qtbot.keyClick(box.line, Qt.Key.Key_Escape)
    assert asked[1:] == [None] and box.text() == ""
    with qtbot.waitSignal(box.leave):
        qtbot.keyClick(box.line, Qt.Key.Key_Escape)


def test_enter_does_not_wait_and_goes_to_the_list(box: SearchBox, qtbot) -> None:  # type: ignore[no-untyped-def]
    asked: list[Query | None] = []
    box.searched.connect(asked.append)
    qtbot.keyClicks(box.line, "lamp")
    with qtbot.waitSignal(box.entered):
        qtbot.keyClick(box.line, Qt.Key.Key_Return)
    assert len(asked) == 1 and box.text() == "lamp"
    qtbot.wait(200)
    assert len(asked) == 1


def test_known_operators_are_links_and_unknown_ones_are_waved_at(box: SearchBox) -> None:
    box.set_text("lang:fr sters:2")
    formats = _formats(box)
    assert formats["lang:"].foreground().color() == theme().colour("link")
    wrong = formats["sters:2"]
    assert wrong.underlineStyle() is QTextCharFormat.UnderlineStyle.WaveUnderline
    assert wrong.underlineColor() == theme().colour("warn")


def test_the_suggestion_is_shown_and_taken_with_tab(box: SearchBox, qtbot) -> None:  # type: ignore[no-untyped-def]
    box.focus()
    qtbot.keyClicks(box.line, "sters:2")
    problem = box.problem()
    assert problem is not None and problem.suggestion is not None
    assert problem.suggestion in box.line.toolTip()
    qtbot.keyClick(box.line, Qt.Key.Key_Tab)
    assert box.text().startswith("stars:") and box.problem() is None
    assert box.line.hasFocus()


def test_it_stays_one_line_and_within_bounds(box: SearchBox, qtbot) -> None:  # type: ignore[no-untyped-def]
    data = QMimeData()
    data.setHtml("<b>two</b><br>lines")
    data.setText("two\nlines\r\n" + "x" * 5000)
    box.line.insertFromMimeData(data)
    assert "\n" not in box.text() and box.text().startswith("two lines x")
    assert len(box.text()) <= 1000
    assert box.line.document().blockCount() == 1


@pytest.mark.parametrize(
    "text", ["(", '"', "-", "OR OR", "stars:", "a:b:c:", "😍 lang:fr", ")))", "is:<b>x</b>"]
)
def test_anything_may_be_typed(box: SearchBox, text: str, qtbot) -> None:  # type: ignore[no-untyped-def]
    with qtbot.waitSignal(box.searched):
        box.set_text(text)
    assert box.text() == text and not box.grab().isNull()


def test_colours_stand_at_the_right_place_after_an_emoji(box: SearchBox) -> None:
    box.set_text("😍😍 lang:fr")
    block = box.line.document().firstBlock()
    ranges = [(f.start, f.length) for f in block.layout().formats()]  # type: ignore[attr-defined]
    assert (5, 5) in ranges, "Qt counts each emoji as two"


def test_the_scope_is_said_and_changed(box: SearchBox, qtbot) -> None:  # type: ignore[no-untyped-def]
    box.set_view_title("Needs reply")
    assert "Needs reply" in box._scope_button.accessibleName()
    with qtbot.waitSignal(box.scope_changed) as told:
        box.set_scope(SCOPE_EVERYTHING)
    assert told.args == [SCOPE_EVERYTHING]
    assert "All reviews" in box._scope_button.accessibleName()


def test_the_menus_fold_when_the_window_is_narrow(themed: QApplication, bridge: Bridge, qtbot) -> None:  # type: ignore[no-untyped-def]
    header = Header(bridge)
    qtbot.addWidget(header)
    for title in ("File", "Edit", "View"):
        header.add_menu(title)
    header.resize(1300, 48)
    header.show()
    assert not header.folded() and header.search.width() == 560
    header.resize(1100, 48)
    assert header.folded()
    header.resize(700, 48)
    qtbot.waitUntil(lambda: header.search.width() > 500)
    header.set_back("Needs reply")
    assert not header.search.isVisible()
    header.set_back(None)
    assert header.search.isVisible()


def test_up_goes_back_through_what_was_searched(box: SearchBox, qtbot) -> None:  # type: ignore[no-untyped-def]
    kept: list[list[str]] = []
    box.remembered.connect(kept.append)
    box.focus()
    for text in ("lang:fr", "stars:1", "lang:fr"):
        box.line.selectAll()
        qtbot.keyClicks(box.line, text)
        qtbot.keyClick(box.line, Qt.Key.Key_Return)
    assert kept[-1] == ["lang:fr", "stars:1"], "each once, newest first"
    box.clear()
    shown = []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(box.line, key)
        shown.append(box.text())
    assert shown == ["lang:fr", "stars:1", "stars:1", "lang:fr", ""]
    left: list[int] = []
    box.entered.connect(lambda: left.append(1))
    qtbot.keyClick(box.line, Qt.Key.Key_Down)
    assert left == [1], "below the newest lies the list"
