"""A second pair of eyes in the window: asked for by a setting or for one item, given by a key, kept with a name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from reviewdesk.domain.models import OutboxItem, OutboxState
from reviewdesk.services.settings import ASK_APPROVAL, MY_NAME
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.settings.items import History
from reviewdesk.ui.settings.my_name import my_name_item
from reviewdesk.ui.widgets import PushButton
from tests.support.core import Desk
from tests.support.screens import settle, wait_until

TEXT = "Thank you, this helps others a lot."


def chosen(window: MainWindow, item: OutboxItem) -> list[PushButton]:
    """The item in the outbox, and its buttons."""
    window.show_view("outbox")
    table = window.outbox.list.table
    wait_until(lambda: table.place_of(f"item:{item.id}") >= 0, 10, "the item")
    window.outbox.list.setCurrentIndex(table.index(table.place_of(f"item:{item.id}")))
    wait_until(lambda: window.outbox._detail.item_id() == item.id, 5, "its detail")
    settle()
    return [b for b in window.outbox._detail.findChildren(PushButton) if b.isVisible() and b.objectName()]


def test_with_the_setting_a_reply_waits_and_a_key_lets_it_out(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    desk.core.outbox.automatic = True
    desk.core.settings.set(ASK_APPROVAL, True).result(5)
    desk.core.settings.set(MY_NAME, "Jonas M.").result(5)
    review = desk.ids()[0]
    native = desk.core.inbox.rows([review])[review].native_id
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review, 5)
    window.actions_.trigger("reply")
    window.composer.editor.insertPlainText(TEXT)
    QTest.keyClick(window.composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: bool(desk.core.outbox.items()), 5, "the item")
    (item,) = desk.core.outbox.items()
    assert item.state is OutboxState.HELD
    wait_until(lambda: window.toast.text().startswith("Waits for approval"), 5, "the toast")
    buttons = chosen(window, item)
    assert [b.objectName() for b in buttons] == ["approve", "undo", "discard"]
    assert desk.world.texts(native) == []
    buttons[0].setFocus()
    QTest.keyClick(buttons[0], Qt.Key.Key_Space)
    wait_until(lambda: "Jonas M. wrote this text" in window.bar.message(), 15, "the reason")
    assert desk.item(item.id).state is OutboxState.HELD
    desk.core.settings.set(MY_NAME, "Anna K.").result(5)
    QTest.keyClick(buttons[0], Qt.Key.Key_Space)
    wait_until(lambda: desk.world.texts(native) == [TEXT], 10, "the reply at the source")
    wait_until(lambda: desk.item(item.id).state is OutboxState.SENT, 5, "its end")
    assert desk.item(item.id).payload["approved_by"] == "Anna K."


def test_one_item_is_asked_for_in_the_outbox_and_says_so(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    item = desk.reply("r1", TEXT, delay_s=60.0)
    buttons = chosen(window, item)
    ask = next(b for b in buttons if b.objectName() == "ask-approval")
    assert ask.text() == "Ask for approval"
    QTest.keyClick(ask, Qt.Key.Key_Space)
    wait_until(lambda: desk.item(item.id).state is OutboxState.HELD, 5, "the approval")
    table = window.outbox.list.table

    def words() -> str:
        row = table.row(table.index(table.place_of(f"item:{item.id}")))
        return row.words.sentence if row is not None and row.words is not None else ""

    wait_until(lambda: "Waits for approval" in words(), 5, "the words")
    assert "after approval" in words()


def test_a_text_is_published_only_after_approval_where_its_author_wants_it(
    opened: tuple[MainWindow, Desk],
) -> None:
    window, desk = opened
    desk.core.outbox.automatic = True
    review = desk.ids()[0]
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review, 5)
    window.actions_.trigger("reply")
    window.composer.editor.insertPlainText(TEXT)
    offered = {entry.data(): entry.text() for entry in window.composer.foot.split.menu.actions()}
    assert offered["approval"] == "Ask for approval first"
    window.actions_.trigger("send-approval")
    wait_until(lambda: bool(desk.core.outbox.items()), 5, "the item")
    (item,) = desk.core.outbox.items()
    assert item.state is OutboxState.HELD and item.error is not None and item.error.kind == "approval"
    assert desk.world.sent == []


def test_ones_name_is_a_setting_and_taken_back_as_one(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    history = History()
    item = my_name_item(window, history, "")
    field = item.make(window)
    assert isinstance(field, QLineEdit) and field.accessibleName() == "Your name"
    field.setText("  Anna K. ")
    field.editingFinished.emit()
    assert desk.core.settings.get(MY_NAME) == "Anna K."
    history.undo()
    assert desk.core.settings.get(MY_NAME) == ""
