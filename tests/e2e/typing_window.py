"""A window on practice data that is told which text field to open and tells what arrived in it.

``python -m tests.e2e.typing_window FOLDER`` reads lines: ``open PLACE`` (search, composer, note, palette, wizard),
``read``, ``end``; each is answered with one JSON object. What was done besides typing is in it as well.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from reviewdesk.domain.models import Target
from reviewdesk.ui.accounts import open_wizard
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import open_scripted
from tests.support.scripted import World

Field = QLineEdit | QPlainTextEdit | QTextEdit


class Lines(QObject):
    """What is said on the standard input."""

    came = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.came.emit(line.strip())


class Typing(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.window = window
        self.done: list[str] = []
        window.actions_.triggered.connect(self.done.append)
        window.actions_.refused.connect(self.done.append)
        self.lines = Lines()
        self.lines.came.connect(self.told)

    def told(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word == "open":
            self.close()
            self.wait(self.at_rest, lambda: self.open(rest))
        elif word == "read":
            field = self.field()
            where = str(QApplication.focusWidget() or QApplication.activeWindow())
            text = text_of(field) if field is not None else None
            self.answer({"text": text, "done": self.done, "where": where})
        else:
            QApplication.quit()

    def open(self, place: str) -> None:
        getattr(self, f"open_{place}")()
        self.wait(lambda: self.field() is not None, lambda: self.empty(place))

    def at_rest(self) -> bool:
        """Whether what was searched last is forgotten and a review is open again."""
        window = self.window
        if not window.inbox.total():
            return False
        if not window.inbox.current_id():
            window.focus_list()
        return self.field() is None and window.reading.detail() is not None

    def wait(self, condition: Callable[[], bool], then: Callable[[], object]) -> None:
        QTimer.singleShot(20, self, lambda: then() if condition() else self.wait(condition, then))

    def field(self) -> Field | None:
        focus = QApplication.focusWidget()
        return focus if isinstance(focus, Field) and not focus.isReadOnly() else None

    def empty(self, place: str) -> None:
        field = self.field()
        assert field is not None
        field.clear()
        self.done.clear()
        self.answer({"place": place, "name": field.accessibleName()})

    def answer(self, said: dict[str, Any]) -> None:
        print(json.dumps(said), flush=True)

    # --- places ----------------------------------------------------------------------------------

    def close(self) -> None:
        window = self.window
        for other in QApplication.topLevelWidgets():
            if other is not window and other.isVisible() and other.isWindow():
                other.close()
        window.picker.dismiss()
        window.note.dismiss()
        window.composer.close()
        window.header.search.clear()
        window.activateWindow()
        window.inbox.setFocus(Qt.FocusReason.OtherFocusReason)

    def open_search(self) -> None:
        self.window.search()

    def open_composer(self) -> None:
        self.window.reply(Target.PUBLIC)

    def open_note(self) -> None:
        self.window.write_note(self.window.inbox.current_id())

    def open_palette(self) -> None:
        self.window.palette_.open()

    def open_wizard(self) -> None:
        wizard = open_wizard(self.window)
        assert wizard is not None
        wizard.cards.choose(self.window.core.accounts.specs()[0].id)
        wizard.go_on()
        wizard.activateWindow()
        fields = [f for f in wizard.findChildren(QLineEdit) if f.isVisible() and not f.isReadOnly()]
        fields[0].setFocus(Qt.FocusReason.OtherFocusReason)


def text_of(field: Field) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def main(folder: str) -> None:
    app = QApplication(["reviewdesk"])
    app.setApplicationName("reviewdesk")
    world = World()
    for number in range(1, 13):
        world.add_review(number)
    with open_scripted(Path(folder), world=world) as desk:
        bridge = Bridge(desk.core)
        window = MainWindow(desk.core, bridge)
        window.resize(1200, 800)
        window.show()
        typing = Typing(window)

        def ready() -> bool:
            return window.entry() is not None and window.inbox.total() > 0

        def begin() -> None:
            window.focus_list()
            typing.wait(
                lambda: window.reading.detail() is not None, lambda: typing.answer({"place": "ready"})
            )

        typing.wait(ready, begin)
        app.exec()
        held: QWidget = window
        held.close()
        bridge.close()


if __name__ == "__main__":
    main(sys.argv[1])
