"""One saved reply for thirty reviews, by keys: what the practice server has at the end is what was shown before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import OutboxState, Target
from reviewdesk.practice import PracticeShop
from reviewdesk.services.core import Core
from reviewdesk.services.saved_replies import SavedReply
from reviewdesk.services.settings import THEME, UNDO_DELAY_S
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.bulk_reply.room import open_window
from reviewdesk.ui.bulk_reply.window import BulkReplyWindow
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk, open_practice
from tests.support.screens import settle, wait_until

pytestmark = pytest.mark.timeout(240)

ENGLISH = "Dear {{customer.first_name|customer}}, thank you for your words about {{review.product|our shop}}."
FRENCH = "Bonjour {{customer.first_name|}}, merci ! {{geste}}"


@pytest.fixture
def practised(
    themed: QApplication, qtbot, tmp_path: Path
) -> Iterator[tuple[MainWindow, Core, PracticeShop, list[str], str]]:  # type: ignore[no-untyped-def]
    """A window on thirty fresh reviews of Trustpilot (three of them French) and one of a source without replies."""
    with open_practice(tmp_path, providers=("trustpilot", "guaranteed-reviews")) as (core, shop):
        natives = [
            shop.trustpilot.add_review(
                content=f"Zebra number {n} came quickly.",
                name=f"Nia{n} Carver",
                language="fr" if n in (3, 4, 5) else "en",
                at=core.clock.now() - 60 * n,
            )
            for n in range(1, 31)
        ]
        elsewhere = shop.guaranteed_reviews.add_review(text="Zebra livré vite.")
        core.settings.set(THEME, "light").result(5)
        core.settings.set(UNDO_DELAY_S, 0).result(5)
        core.saved_replies.save(
            SavedReply(folder="Praise", name="Stripes", texts={"en": ENGLISH, "fr": FRENCH})
        ).result(5)
        core.outbox.automatic = True
        assert all(report.ok for report in core.sync.run(None, False))
        bridge = Bridge(core)
        window = MainWindow(core, bridge)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        wait_until(lambda: window.making.whole and window.inbox.total() > 0, 20, "the list")
        try:
            yield window, core, shop, natives, elsewhere
        finally:
            window.close()
            bridge.close()


def press(*keys: str) -> None:
    """Keys to whoever has the focus, as a person presses them."""
    for key in keys:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, key)
        settle(2)


def chosen_by_keys(window: MainWindow) -> BulkReplyWindow:
    """The reviews with the word, all selected, and the saved reply, by keys alone."""
    window.inbox.setFocus()
    press("/")
    press("zebra")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    wait_until(lambda: window.inbox.total() == 31, 10, "what was looked for")
    window.inbox.setFocus()
    press("*", "a")
    wait_until(lambda: len(window.ids()) == 31, 5, "the selection")
    press("*", "r")
    wait_until(window.picker.isVisible, 5, "the saved replies")
    press("stripes")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    wait_until(lambda: bool(window.findChildren(BulkReplyWindow)), 5, "the window")
    made = window.findChildren(BulkReplyWindow)[0]
    wait_until(lambda: len(made.lines()) == 31, 20, "the texts")
    settle()
    return made


def test_thirty_reviews_are_answered_as_each_was_shown(
    practised: tuple[MainWindow, Core, PracticeShop, list[str], str],
) -> None:
    window, core, shop, natives, elsewhere = practised
    made = chosen_by_keys(window)
    by_native = {row.native_id: row.id for row in core.inbox.rows(window.ids()).values()}
    lines = {line.review_id: line for line in made.lines()}
    # The source without replies is named and left out; the French texts have a gap and do not go as they are.
    left = lines[by_native[elsewhere]]
    assert left.never and not left.goes and "Guaranteed Reviews 1" in made.said.text()
    french = [lines[by_native[n]] for n in natives[2:5]]
    assert [line.variant for line in french] == ["fr"] * 3
    assert all(line.problems == ("There is a gap to fill: geste.",) for line in french)
    assert made.go.text() == "Publish 27 replies" and core.outbox.items() == []
    rows = {line.review_id: at for at, line in enumerate(made.lines())}
    # One gap is filled by hand, one review is left out by Space, one is left with its gap.
    filled, skipped, open_ = (line.review_id for line in french)
    made.table.setFocus()
    made.table.setCurrentCell(rows[filled], 0)
    QTest.keyClick(made.table, Qt.Key.Key_Return)
    assert made.editor.textCursor().selectedText() == "{{geste}}"
    QTest.keyClicks(made.editor, "A bientot.")
    wait_until(lambda: made.go.text() == "Publish 28 replies" and made.go.isEnabled(), 10, "the check")
    QTest.keyClick(made.editor, Qt.Key.Key_Escape)
    assert made.isVisible()
    made.table.setCurrentCell(rows[skipped], 0)
    QTest.keyClick(made.table, Qt.Key.Key_Space)
    texts = {line.review_id: line.text for line in made.lines()}
    assert core.outbox.items() == [], "nothing goes before the button is pressed"
    made.go.setFocus()
    QTest.keyClick(made.go, Qt.Key.Key_Space)
    wait_until(lambda: "28 delivered" in made.said.text(), 120, "the last delivery")
    assert made.said.text() == "28 delivered · 3 not sent"
    for native in natives:
        there = [comment["content"] for comment in shop.trustpilot.comments(native)]
        review = by_native[native]
        assert there == ([] if review in (skipped, open_) else [texts[review]])
    assert texts[filled].endswith("merci ! A bientot.")
    said = {row: cell[-1] for row, cell in enumerate(made.table.texts())}
    assert said[rows[skipped]] == "Not sent: Left out by you."
    assert said[rows[open_]] == "Not sent: There is a gap to fill: geste."
    assert said[rows[by_native[elsewhere]]].startswith("Not sent: ") and said[rows[filled]].startswith(
        "Delivered"
    )
    assert sorted(core.outbox.items(), key=lambda i: i.id)[0].review_id == by_native[natives[0]]
    assert next(r.used for r in core.saved_replies.list() if r.name == "Stripes") == 28


def ready(window: MainWindow, desk: Desk, text: str = "Thank you, {{customer.name}}!") -> BulkReplyWindow:
    """The window for the twelve reviews of the scripted source."""
    reply = desk.core.saved_replies.save(SavedReply(name="Thanks", texts={"": text})).result(5)
    made = open_window(window, desk.ids(), reply)
    wait_until(lambda: len(made.lines()) == 12, 10, "the texts")
    settle()
    return made


def test_it_can_be_paused_gone_on_with_and_taken_back(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    desk.core.settings.set(UNDO_DELAY_S, 60).result(5)
    made = ready(window, desk)
    made.publish()
    wait_until(lambda: made.pause.isVisible() and "12 under way" in made.said.text(), 10, "the queue")
    made.pause.click()
    wait_until(lambda: "12 held" in made.said.text(), 10, "the pause")
    assert made.pause.text() == "Go on" and desk.world.sent == []
    made.pause.click()
    wait_until(lambda: "12 under way" in made.said.text(), 10, "that it goes on")
    assert made.back.isEnabled()
    made.back.click()
    wait_until(lambda: "12 taken back" in made.said.text(), 10, "the drafts")
    first = made.lines()[0]
    draft = desk.core.replies.draft(first.review_id, Target.PUBLIC)
    assert draft is not None and draft.text == first.text and desk.world.sent == []


def test_what_changed_meanwhile_is_told_in_its_line_and_stops_no_other(
    opened: tuple[MainWindow, Desk],
) -> None:
    window, desk = opened
    desk.core.settings.set(UNDO_DELAY_S, 60).result(5)
    ids = desk.ids()
    desk.core.replies.save_draft(ids[1], Target.PUBLIC, "Begun by hand").result(5)
    made = ready(window, desk)
    assert "begun" in made.lines()[1].never
    # Somebody else answers the third while the texts are being read.
    other = desk.core.replies.publish(ids[2], Target.PUBLIC, "I was first.", delay_s=60).result(5)
    made.publish()
    wait_until(lambda: "10 under way" in made.said.text(), 10, "the queue")
    assert "2 not sent" in made.said.text()
    assert f"outbox number {other.id}" in made.table.texts()[2][-1]
    draft = desk.core.replies.draft(ids[1], Target.PUBLIC)
    assert draft is not None and draft.text == "Begun by hand"
    assert desk.item(other.id).state is OutboxState.WAITING


def test_a_failed_check_stops_a_text_and_a_change_lets_it_go(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    made = ready(window, desk, "Please remove your review, then we will refund you.")
    assert made.go.text() == "Publish 0 replies" and not made.go.isEnabled()
    assert all(line.problems for line in made.lines()) and made.problems.text()
    made.editor.setPlainText("Thank you, we are sorry about the delay.")
    wait_until(lambda: made.go.isEnabled() and made.go.text() == "Publish 1 replies", 10, "the check")
    assert made.lines()[0].goes
    made.close()
    settle()
    assert desk.core.outbox.items() == []


def test_tab_comes_from_the_texts_to_the_button(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    made = ready(window, desk, "Thank you very much!")
    made.table.setFocus()
    reached = []
    for _ in range(5):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    assert reached == [made.theirs, made.editor, made.skip, made.shut, made.go]
