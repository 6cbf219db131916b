"""After a damaged database the window says what was saved, on its own, and keeps saying where it can be read again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import Target
from reviewdesk.store import salvage
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import make_profile, open_scripted
from tests.support.screens import wait_until


def test_the_person_is_told_what_was_saved(themed: QApplication, qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with open_scripted(tmp_path) as desk:
        desk.core.replies.save_draft(desk.review("r1"), Target.PUBLIC, "A draft.").result(5)
        desk.core.backups.make()
    database = make_profile(tmp_path).database
    data = bytearray(database.read_bytes())
    data[:100] = b"\x07" * 100
    database.write_bytes(data)
    salvage.mark_suspect(database)
    with open_scripted(tmp_path, sync=False) as desk:
        bridge = Bridge(desk.core)
        window = MainWindow(desk.core, bridge)
        qtbot.addWidget(window)
        window.show()
        desk.core.start()
        wait_until(lambda: "The database was damaged." in window.bar.message(), 10, "the words in the window")
        assert "a backup filled the gaps" in window.bar.message()
        assert "The damaged file was kept" in window.bar.message()
        wait_until(lambda: window.making.whole, 20, "the rest of the window")
        assert any("damaged" in notice.message for notice in window.activity.entries())
        draft = desk.core.replies.draft(desk.review("r1"), Target.PUBLIC)
        assert draft is not None and draft.text == "A draft."
        assert QApplication.activeModalWidget() is None
        window.close()
        bridge.close()
