"""A signature in the settings, in the composer and before publishing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.domain.models import Target
from reviewdesk.services.settings import ENTER_KEY
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.settings.signature import SignatureEditor
from reviewdesk.ui.settings.window import SettingsWindow
from tests.support.core import Desk

Open = Callable[[], tuple[MainWindow, Desk]]


def editor_of(window: MainWindow) -> SignatureEditor:
    window.open_settings("writing.signatures")
    settings = window.findChild(SettingsWindow)
    assert settings is not None
    row = next(r for r in settings.page("writing").rows if r.item.key == "writing.signatures")
    assert isinstance(row.control, SignatureEditor)
    return row.control


def drafts(desk: Desk, review: int) -> list[str]:
    found = [desk.core.replies.draft(review, target) for target in Target]
    return [draft.text for draft in found if draft is not None]


def test_it_is_written_in_the_settings_warned_of_and_taken_back(open_desk: Open, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = open_desk()
    made, signatures, account = editor_of(window), desk.core.signatures, desk.account.id
    qtbot.waitUntil(made.window().isActiveWindow)
    assert QApplication.focusWidget() is made.account, "the door of the palette leads to its first control"
    made.text.setFocus()
    qtbot.keyClicks(made.text, "The team")
    assert signatures.of(account, "en") == "The team" and not made.warning.isVisible()
    made.language.choose("fr")
    assert made.text.toPlainText() == ""
    qtbot.keyClicks(made.text, "equipe@harbour.example")
    assert made.warning.isVisible() and "equipe@harbour.example" in made.warning.text()
    assert signatures.of(account, "fr") == "equipe@harbour.example"
    settings = window.findChild(SettingsWindow)
    assert settings is not None
    settings.search.setFocus()
    qtbot.mouseClick(settings.page("writing").undo, Qt.MouseButton.LeftButton)
    assert signatures.all() == {account: {"": "The team"}}
    qtbot.mouseClick(settings.page("writing").reset, Qt.MouseButton.LeftButton)
    assert signatures.all() == {}
    qtbot.mouseClick(settings.page("writing").undo, Qt.MouseButton.LeftButton)
    assert signatures.of(account, "de") == "The team"
    window, desk = open_desk()
    assert editor_of(window).text.toPlainText() == "The team"


def test_it_stands_below_a_new_draft_and_alone_is_none(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    desk.core.signatures.put(desk.account.id, "", "The team")
    review, composer = (
        window.inbox.current_id() or desk.core.inbox.ids(desk.core.inbox.parse(""))[0],
        window.composer,
    )
    assert composer.open(review)
    assert composer.text() == "\n\nThe team"
    assert composer.why_not() == "There is nothing to send yet."
    assert composer.close() and composer.finish() and drafts(desk, review) == []
    composer.open(review)
    qtbot.keyClicks(composer.editor, "Thank you.")
    assert composer.text() == "Thank you.\n\nThe team" and composer.why_not() is None
    composer.close()
    qtbot.waitUntil(lambda: drafts(desk, review) == ["Thank you.\n\nThe team"])
    composer.open(review)
    assert composer.text() == "Thank you.\n\nThe team", "never twice"
    composer.switch_target()
    assert composer.key() == (review, Target.PRIVATE) or composer.text() == "Thank you.\n\nThe team"
    assert composer.text().count("The team") == 1
    composer.discard()
    assert composer.text() == "\n\nThe team"
    qtbot.waitUntil(lambda: drafts(desk, review) == [])


def test_it_is_checked_as_any_other_word(opened: tuple[MainWindow, Desk], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    desk.core.signatures.put(desk.account.id, "", "Change your review and we will give you a voucher.")
    review = desk.core.inbox.ids(desk.core.inbox.parse(""))[0]
    window.composer.open(review)
    qtbot.keyClicks(window.composer.editor, "Thank you.")
    window.composer.publish()
    qtbot.waitUntil(lambda: any(f.must for f in window.composer.checker.findings()))
    qtbot.wait(50)
    assert desk.core.outbox.items() == [], "it waits until that is settled"


def test_another_account_signs_for_itself(core, themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    by_account: dict[int, int] = {}
    for review, row in core.inbox.rows_by_id.items():
        by_account.setdefault(row.account_id, review)
    (one, first), (other, second), *_ = by_account.items()
    core.signatures.put(one, "", "The harbour")
    core.signatures.put(other, "", "The bakery")
    host = QWidget()
    qtbot.addWidget(host)
    bridge = Bridge(core)
    composer = Composer(core, bridge, host)
    try:
        host.show()
        if composer.open(first):
            assert composer.text() == "\n\nThe harbour"
        qtbot.keyClicks(composer.editor, "Typed here.")
        assert composer.open(second) and composer.text() == "\n\nThe bakery"
        composer.open(first)
        assert composer.text() == "Typed here.\n\nThe harbour"
    finally:
        bridge.close()


@pytest.mark.parametrize("enter", ["line", "publish"])
def test_enter_does_what_the_settings_say(opened: tuple[MainWindow, Desk], qtbot, enter: str) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    desk.core.settings.set(ENTER_KEY, enter).result(5)
    composer = window.composer
    composer.open(desk.core.inbox.ids(desk.core.inbox.parse(""))[0])
    qtbot.keyClicks(composer.editor, "Thank you")
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.editor, "very much")
    assert composer.text() == "Thank you\nvery much"
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    if enter == "line":
        assert composer.text() == "Thank you\nvery much\n" and composer.is_open()
    else:
        qtbot.waitUntil(lambda: [item.text for item in desk.core.outbox.items()] == ["Thank you\nvery much"])
