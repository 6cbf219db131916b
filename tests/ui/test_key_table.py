"""The whole table of keys: each action's bindings against what hands from mail programs expect, and where they act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.menus import MENUS
from tests.support.core import Desk

Open = Callable[[], tuple[MainWindow, Desk]]

# Action: (single keys in list and reading pane, keys that act everywhere).
TABLE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "next": (("j",), ("Ctrl+PgDown",)),
    "previous": (("k",), ("Ctrl+PgUp",)),
    "next-unread": (("n",), ()),
    "previous-unread": (("p",), ()),
    "read-on": (("Space",), ()),
    "read-back": (("Shift+Space",), ()),
    "open": (("o",), ()),
    "back": (("u", "Esc"), ()),
    "select": (("x",), ()),
    "extend-down": (("J",), ()),
    "extend-up": (("K",), ()),
    "select-all": (("* a",), ()),
    "select-none": (("* n",), ()),
    "reply": (("r",), ("Ctrl+R",)),
    "private": (("R",), ("Ctrl+Shift+R",)),
    "note": (("N",), ("Ctrl+Shift+N",)),
    "saved-here": ((), ("Ctrl+Shift+S",)),
    "misspelled": ((), ("F7",)),
    "done": (("e",), ("Ctrl+E",)),
    "reopen": (("E",), ()),
    "snooze": (("b", "h"), ("Ctrl+Shift+H",)),
    "star": (("s",), ("Ctrl+D",)),
    "tag": (("l",), ("Ctrl+L",)),
    "owner": (("a",), ("Ctrl+Shift+A",)),
    "mark-read": (("I",), ()),
    "mark-unread": (("U",), ("Ctrl+Shift+U",)),
    "toggle-read": (("m",), ()),
    "flag": (("!",), ()),
    "hide": (("#", "Del"), ()),
    "undo": (("z",), ("Ctrl+Z",)),
    "redo": (("Z",), ("Ctrl+Shift+Z",)),
    "translate": (("t",), ("Ctrl+T",)),
    "open-provider": (("v",), ("Ctrl+Shift+B",)),
    "invite": (("c",), ("Ctrl+N",)),
    "search": (("/",), ("Ctrl+Shift+F",)),
    "find": ((), ("Ctrl+F",)),
    "palette": ((), ("Ctrl+K",)),
    "go-inbox": (("g i",), ("Ctrl+1",)),
    "go-needs-reply": (("g r",), ("Ctrl+2",)),
    "go-waiting-view": (("g w",), ("Ctrl+3",)),
    "go-snoozed": (("g s",), ("Ctrl+4",)),
    "go-done-view": (("g e",), ("Ctrl+5",)),
    "go-outbox": (("g o",), ("Ctrl+6",)),
    "go-products": (("g p",), ("Ctrl+7",)),
    "go-insights": (("g n",), ("Ctrl+8",)),
    "sync": ((), ("F5",)),
    "next-pane": ((), ("F6",)),
    "previous-pane": ((), ("Shift+F6",)),
    "keys": (("?",), ("F1",)),
    "settings": ((), ("Ctrl+,",)),
    "quit": ((), ("Ctrl+Q",)),
    "larger": ((), ("Ctrl+=", "Ctrl++")),
    "smaller": ((), ("Ctrl+-",)),
    "normal-size": ((), ("Ctrl+0",)),
}


def test_every_action_has_the_keys_of_the_table(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, _ = open_desk()
    bound = {action.id: (action.keys, action.shortcuts) for action in window.actions_.all()}
    assert {name: bound.get(name) for name in TABLE} == TABLE
    # Nothing else has taken one of these keys, nor the one that stays free.
    taken = [key for keys, shortcuts in bound.values() for key in (*keys, *shortcuts)]
    assert len(taken) == len(set(taken))
    assert "Ctrl+H" not in taken
    # Keys that some layouts have to make out of two have a menu entry each.
    in_menus = {name for menu in MENUS if menu != "context" for name in window.menus._names[menu]}
    for name in ("search", "keys", "flag", "hide", "select-all", "select-none"):
        assert name in in_menus


@pytest.mark.parametrize(
    ("key", "modifier", "moves"),
    [
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, "current"),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, "current"),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, "selection"),
        (Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, "all"),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "opened"),
    ],
)
def test_keys_that_every_list_has(
    open_desk: Open,
    qtbot,  # type: ignore[no-untyped-def]
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    moves: str,
) -> None:
    window, _ = open_desk()
    window.focus_list()
    ids = list(window.inbox.model.lines.ids)
    window.inbox.select(ids[4])
    opened: list[int] = []
    window.inbox.activated.connect(opened.append)
    qtbot.keyClick(QApplication.focusWidget(), key, modifier)
    if moves == "current":
        assert window.inbox.current_id() == ids[5 if key == Qt.Key.Key_Down else 3]
    elif moves == "selection":
        assert window.ids() == [ids[4], ids[5]]
    elif moves == "all":
        assert sorted(window.ids()) == sorted(ids)
    else:
        assert opened == [ids[4]]
