"""A CSV that nobody understands: the wizard shows its first lines, a person names the columns by keyboard."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.domain.clock import SystemClock
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.ui.accounts.columns import field_title
from reviewdesk.ui.accounts.wizard import COLUMNS, FINISH, FORM, TEST, Wizard
from reviewdesk.ui.bridge import Bridge
from tests.support.core import make_profile
from tests.support.screens import wait_until

LINES = (
    "NEW\t8f14e45f-ceea-467f-a0e6-1f2b3c4d5e6f\tzoe@example.org\t2026-03-04 10:00:00\t4\tTrès bien, merci.\tZoé\n"
    "NEW\t9f14e45f-ceea-467f-a0e6-1f2b3c4d5e6f\tana@example.org\t2026-03-05 10:00:00\t2\tArrivé trop tard.\tAna\n"
)


def test_columns_are_named_by_keyboard_and_kept(tmp_path: Path, themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    feed = tmp_path / "feed"
    feed.mkdir()
    file = feed / "reviews_product_shop_2026-03-05.csv"
    file.write_text(LINES, "utf-8")
    os.utime(file, (1_700_000_000, 1_700_000_000))
    core = Core.open(make_profile(tmp_path / "profile"), clock=SystemClock(), secrets=MemorySecrets())
    bridge, parent = Bridge(core), QWidget()
    wizard = Wizard(bridge, parent)
    wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)

    def go_on() -> None:
        qtbot.keyClick(wizard, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    def tested() -> None:
        wait_until(lambda: wizard.page() == TEST and wizard._trial is None, 20, "the end of the test")

    try:
        wizard.show()
        wizard.activateWindow()
        wait_until(wizard.isActiveWindow, 10, "the window")
        wizard.cards.choose("verified-reviews")
        go_on()
        assert wizard.page() == FORM
        wizard.form.set_value("transport", "folder")
        wizard.form.set_value("path", str(feed))
        go_on()
        tested()
        assert wizard.stages.failed().name == "columns"  # type: ignore[union-attr]
        assert wizard.next.text() == "Name the columns" and wizard.heading.text().startswith("The file")
        go_on()
        wait_until(lambda: wizard.page() == COLUMNS, 10, "the page of the columns")
        page = wizard.columns
        assert page.setting() == "action,review_id,email,review_date,rate,review,-"
        assert [choice.text() for choice in page.choices()][4] == field_title("rate")
        assert len(page.preview()) == 2 and "4/5" in page.preview()[0] and "Très bien" in page.preview()[0]
        assert "no name" not in page.preview()[0] or "zoe" not in page.preview()[0]
        last = page.choices()[-1]
        for _ in range(20):
            if QApplication.focusWidget() is last:
                break
            qtbot.keyClick(QApplication.focusWidget() or wizard, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is last, "Tab never reaches the last column"
        for _ in range(30):
            if last.value() == "firstname":
                break
            qtbot.keyClick(last, Qt.Key.Key_Down)
        assert "Zoé" in page.preview()[0]
        # The id in no column can't be right, and is said.
        page.choices()[1].set_value("-")
        page.choices()[1].changed.emit("-")
        assert page.problem.isVisible() and "id" in page.problem.text()
        go_on()
        assert wizard.page() == COLUMNS
        page.choices()[1].set_value("review_id")
        page.choices()[1].changed.emit("review_id")
        go_on()
        tested()
        assert wizard.stages.failed() is None
        go_on()
        assert wizard.page() == FINISH
        wizard.finish.name.setText("Feed")
        go_on()
        wait_until(lambda: bool(core.accounts.list()), 10, "the account")
        (account,) = core.accounts.list()
        assert account.settings["columns"] == "action,review_id,email,review_date,rate,review,firstname"
        assert core.sync.run([account], False)[0].ok
        rows = core.inbox.rows(core.inbox.ids(core.inbox.parse(""))).values()
        assert {(row.score, row.author_name) for row in rows} == {(4, "Zoé"), (2, "Ana")}
    finally:
        wizard.close()
        wizard.deleteLater()
        bridge.close()
        parent.deleteLater()
        core.stop()
