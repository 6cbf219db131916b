"""Cases, reports, people and moments in the window, over a real core with a scripted provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.cases import CaseState
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import ActionKind, OutboxState, Target, WorkState
from reviewdesk.store import messages as stored_messages
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.messages.page import MessagesPage
from reviewdesk.ui.reading.find import places_of
from reviewdesk.ui.reading.notices import notices_of
from reviewdesk.ui.reading.words import AccountLabel
from reviewdesk.ui.saved_replies.page import SavedRepliesPage
from tests.support.core import Desk
from tests.support.screens import settle, wait_until


def shown(window: MainWindow, review: int) -> Any:
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review)
    settle()
    return window.reading.detail()


def fresh(window: MainWindow, condition: Callable[[Any], object], what: str = "the change") -> Any:
    wait_until(lambda: window.reading.detail() is not None and condition(window.reading.detail()), 5, what)
    return window.reading.detail()


def pick(window: MainWindow, words: str) -> None:
    """Type into the open picker and take what it finds."""
    wait_until(window.picker.isVisible, 5, "the picker")
    window.picker.field.setText(words)
    settle()
    window.picker.choose()
    settle()


def test_a_case_is_chosen_shown_and_its_date_given_in_words(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    shown(window, review)
    window.actions_.trigger("case")
    pick(window, "waiting")
    detail = fresh(window, lambda d: d.case is not None)
    assert detail.case.state is CaseState.WAITING and detail.case.follow_up is not None
    assert window.reading.private.case_words().startswith("Case: Waiting for the customer")
    window.actions_.trigger("case")
    pick(window, "follow-up")
    pick(window, "in 2 days")
    wanted = desk.core.clock.now() + 2 * 86_400
    detail = fresh(window, lambda d: abs(d.case.follow_up - wanted) < 60)
    assert detail.case.state is CaseState.WAITING
    window.actions_.trigger("case")
    pick(window, "no case")
    fresh(window, lambda d: d.case is None)


def test_a_scheduled_reply_waits_for_its_moment_and_the_toast_says_when(
    opened: tuple[MainWindow, Desk],
) -> None:
    window, desk = opened
    review = desk.ids()[0]
    shown(window, review)
    window.actions_.trigger("reply")
    window.composer.editor.insertPlainText("Thank you, we look into it today.")
    QTest.keyClick(
        window.composer.editor,
        Qt.Key.Key_Return,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    pick(window, "in 3 days")
    wait_until(lambda: bool(desk.core.outbox.items()), 5, "the item")
    (item,) = desk.core.outbox.items()
    assert item.state is OutboxState.WAITING and item.scheduled_for is not None
    assert abs(item.scheduled_for - desk.core.clock.now() - 3 * 86_400) < 60
    wait_until(lambda: "Goes out" in window.toast.accessibleName() or "Goes out" in window.toast.text(), 5)
    assert "Publishing" not in window.toast.text()


def test_the_toast_of_a_held_reply_does_not_say_publishing(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    shown(window, review)
    order = window.reading.detail().row.order_id
    item = desk.core.replies.publish(
        review, Target.PUBLIC, f"Your order {order or 'x'} was looked at. Change your review, please."
    ).result(5)
    assert item.state is OutboxState.HELD
    window.composer.published.emit(item)
    settle()
    assert window.toast.text().startswith("Held in the outbox")


def test_a_published_reply_is_changed_and_undo_brings_the_text_back(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    desk.core.outbox.automatic = True
    desk.reply(desk.core.inbox.detail(review).row.native_id, "First words to you.")  # type: ignore[union-attr]
    shown(window, review)
    fresh(window, lambda d: any(c.text == "First words to you." and c.id for c in d.comments), "the reply")
    window.actions_.trigger("edit-reply")
    assert window.composer.text() == "First words to you."
    assert window.composer.safety.words().startswith("Changing the reply")
    window.composer.editor.replace_all("Second words to you.")
    window.composer.publish()
    wait_until(lambda: any(i.kind is ActionKind.EDIT_REPLY for i in desk.core.outbox.items()), 5, "the item")
    wait_until(lambda: window.toast.text().startswith("Changing the reply on"), 5, "the toast")
    window.undo()
    wait_until(window.composer.is_open, 5, "the text")
    wait_until(lambda: window.composer.text() == "Second words to you.", 5)
    assert window.composer.destination().kind is ActionKind.EDIT_REPLY  # type: ignore[union-attr]
    assert not [i for i in desk.core.outbox.items() if i.kind is ActionKind.EDIT_REPLY]


def test_a_resolution_is_offered_without_a_subject_and_stays_one(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review, other = desk.ids()[:2]
    shown(window, review)
    composer = window.composer
    # A message with a subject that is begun comes first.
    window.actions_.trigger("private")
    composer.subject.setText("Your order")
    composer.subject.textEdited.emit("Your order")
    composer.editor.insertPlainText("Which colour did you want?")
    window.actions_.trigger("resolution")
    assert composer.destination().kind is ActionKind.MESSAGE  # type: ignore[union-attr]
    assert "before offering a resolution" in composer.bar.message()
    assert composer.text() == "Which colour did you want?" and composer.subject.text() == "Your order"
    # The offer: private, without a subject, and still an offer when one comes back to it.
    shown(window, other)
    window.actions_.trigger("resolution")
    composer.editor.insertPlainText("We send you a new one.")
    assert composer.destination().look == "private" and composer.card.subject_row.isHidden()  # type: ignore[union-attr]
    assert composer.safety.words().startswith("Private resolution message to ")
    composer.close()
    window.actions_.trigger("private")
    assert composer.text() == "We send you a new one." and composer.subject.text() == ""
    assert composer.destination().kind is ActionKind.RESOLUTION  # type: ignore[union-attr]
    composer.publish()
    wait_until(lambda: len(desk.core.outbox.items()) == 1, 5, "the item")
    (item,) = desk.core.outbox.items()
    assert (item.kind, item.target, item.text) == (
        ActionKind.RESOLUTION,
        Target.PRIVATE,
        "We send you a new one.",
    )
    assert "subject" not in item.payload
    wait_until(window.toast.isVisible, 5, "the toast")
    window.undo()
    wait_until(composer.is_open, 5, "the text")
    wait_until(lambda: composer.text() == "We send you a new one.", 5)
    assert composer.destination().kind is ActionKind.RESOLUTION  # type: ignore[union-attr]


def test_private_words_in_a_public_reply_are_asked_about_once(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    secret = "The customer was rude to Joan at the counter last Tuesday afternoon."
    desk.core.inbox.add_note(review, secret).result(5)
    shown(window, review)
    window.actions_.trigger("reply")
    settle()
    wait_until(lambda: window.composer.handing._private[0] == review, 5, "the private texts")
    window.composer.editor.insertPlainText(f"Hello. {secret}")
    window.composer.publish()
    wait_until(lambda: "something private" in window.composer.bar.message(), 5, "the question")
    assert desk.core.outbox.items() == []
    window.composer.bar._buttons[0].click()
    wait_until(lambda: bool(desk.core.outbox.items()), 5, "the item")


def test_moving_a_private_text_to_public_asks_and_then_moves_the_draft(
    opened: tuple[MainWindow, Desk],
) -> None:
    window, desk = opened
    review = desk.ids()[0]
    shown(window, review)
    if not window.composer.open(review, Target.PRIVATE):
        pytest.skip("the scripted provider has no private messages")
    window.composer.editor.insertPlainText("Only between us two.")
    window.actions_.trigger("switch-target")
    assert window.composer.key() == (review, Target.PRIVATE)
    assert "Everyone will be able to read this" in window.composer.bar.message()
    window.composer.bar._buttons[0].click()
    assert window.composer.key() == (review, Target.PUBLIC)
    assert window.composer.text() == "Only between us two."
    wait_until(lambda: desk.core.replies.draft(review, Target.PRIVATE) is None, 5, "the private draft's end")


def test_a_text_goes_into_a_window_of_its_own_and_several_stand_side_by_side(
    opened: tuple[MainWindow, Desk],
) -> None:
    window, desk = opened
    first, second = desk.ids()[:2]
    casework = _casework(window)
    for review, words in ((first, "One text"), (second, "Another text")):
        shown(window, review)
        window.actions_.trigger("reply")
        window.composer.editor.insertPlainText(words)
        window.actions_.trigger("detach")
        wait_until(lambda review=review: (review, Target.PUBLIC) in _keys(casework), 5, "the window")
    texts = {each.key[0]: each.composer.text() for each in casework.windows.all()}
    assert texts == {first: "One text", second: "Another text"}
    assert not window.composer.is_open()
    shown(window, first)
    window.actions_.trigger("reply")
    settle()
    assert not window.composer.is_open()
    casework.windows.all()[0].composer.publish()
    wait_until(lambda: len(desk.core.outbox.items()) == 1, 5, "the item")
    wait_until(lambda: len(casework.windows.all()) == 1, 5, "the window's end")


def _casework(window: MainWindow) -> Any:
    from reviewdesk.ui.casework.casework import Casework

    return next(child for child in window.children() if isinstance(child, Casework))


def _keys(casework: Any) -> set[Any]:
    return {each.key for each in casework.windows.all()}


def test_find_marks_walks_and_leaves(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    detail = shown(window, desk.ids()[0])
    word = next(w for w in detail.body.split() if len(w) > 3)
    window.actions_.trigger("find")
    bar = window.reading.find_bar
    QTest.keyClicks(bar.field, word.upper())
    assert bar.hits() >= 1 and bar.at() == 0
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.at() == 1 % bar.hits()
    assert window.reading.text.body.extraSelections()
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible() and not window.reading.text.body.extraSelections()


def test_places_are_those_of_qt_and_blind_to_case_and_accents() -> None:
    text = "😀 Élodie und ELODIE"
    assert [
        text.encode("utf-16-le")[2 * a : 2 * b].decode("utf-16-le") for a, b in places_of(text, "elodie")
    ] == [
        "Élodie",
        "ELODIE",
    ]
    assert places_of(text, "") == []


def test_people_are_shown_with_the_reason_and_one_key_takes_them_apart(
    opened: tuple[MainWindow, Desk],
) -> None:
    window, desk = opened
    first, second = desk.ids()[:2]
    desk.core.store.write_now(
        lambda tx: tx.run(
            "UPDATE review SET author_email = 'ada@example.org' WHERE id IN (?, ?)", (first, second)
        )
    )
    shown(window, first)
    window.reading.reload()
    panel = window.reading.content.context
    wait_until(lambda: len(panel.rows()) == 1, 5, "the row")
    row = panel.rows()[0]
    assert row.review_id() == second and "same e-mail address" in row.words()
    window.activateWindow()
    row.setFocus()
    wait_until(row.hasFocus, 5, "the focus")
    QTest.keyClick(row, Qt.Key.Key_Delete)
    wait_until(lambda: panel.isHidden(), 5, "its end")
    assert desk.core.inbox.hidden_among([first, second]) == set(), "Del is the row's own here"
    desk.sync()
    assert desk.core.people.context(first).reviews == ()


def test_the_link_names_this_review(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    shown(window, review)
    window.actions_.trigger("copy-link")
    assert QApplication.clipboard().text() == f"reviewdesk://review/{review}"


def test_messages_are_threads_with_a_way_to_their_review(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    native = desk.core.inbox.detail(review).row.native_id  # type: ignore[union-attr]
    desk.core.store.write_now(
        lambda tx: tx.run("UPDATE review SET kind = 'business' WHERE id = ?", (review,))
    )
    records = [
        MessageRecord(key=str(n), subject=s, body=f"Words {n}", created_at=1_700_000_000 + n, ours=n == 2, person="ada",
                      review_no=native)
        for n, s in ((1, "Kettle"), (2, "Re: Kettle"), (3, "AW: Kettle"))
    ]  # fmt: skip
    desk.core.store.write_now(lambda tx: stored_messages.store_messages(tx, desk.account.id, records))
    page = window.show_page("messages")
    assert isinstance(page, MessagesPage)
    wait_until(lambda: len(page.lines()) == 1, 5, "the thread")
    assert page.texts() == ["Words 1", "Words 2", "Words 3"]
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    wait_until(lambda: window.reading.current_id() == review, 5, "the review")
    fresh(window, lambda d: len(d.messages) == 3)

    def said() -> list[str]:
        texts = [e.text.text() for e in window.reading.shown_entries()]
        return [t for t in texts if t.startswith("Words")]

    wait_until(lambda: said() == ["Words 1", "Words 2", "Words 3"], what="all three in the timeline")


def test_saved_replies_are_made_changed_previewed_and_go_through_files(
    opened: tuple[MainWindow, Desk], tmp_path: Any
) -> None:
    window, desk = opened
    page = window.show_page("saved-replies")
    assert isinstance(page, SavedRepliesPage)
    page.begin()
    QTest.keyClicks(page.name, "Late parcel")
    QTest.keyClicks(page.folder, "Delivery/Late")
    page.text.insertPlainText("Hello {{customer.first_name|there}}, sorry.")
    page._show_preview()
    assert page.preview.toPlainText().startswith("Hello Ada, sorry.")
    QTest.keyClick(page.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    wait_until(lambda: len(desk.core.saved_replies.list()) == 1, 5, "the reply")
    page.language.choose("fr")
    page.text.insertPlainText("Bonjour {{customer.first_name|}}, désolé.")
    page.keep()
    wait_until(lambda: set(desk.core.saved_replies.list()[0].texts) == {"", "fr"}, 5, "the variant")
    wait_until(lambda: page.names() == ["Delivery/Late", "Late parcel"], 5, "the list")
    path = tmp_path / "replies.json"
    page.export_file(path)
    wait_until(path.exists, 5, "the file")
    assert json.loads(path.read_text("utf-8"))["replies"][0]["name"] == "Late parcel"
    page.delete()
    wait_until(lambda: not desk.core.saved_replies.list(), 5, "the end")
    page.import_file(path)
    wait_until(lambda: len(desk.core.saved_replies.list()) == 1, 5, "the import")


def test_answered_elsewhere_is_noted_and_taken_back(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = desk.ids()[0]
    shown(window, review)
    assert window.actions_["answered-there"].reason == "Replies to this source go through this program"
    window.composer.answered.emit(review, "Said there.")
    wait_until(lambda: desk.core.inbox.detail(review).elsewhere is not None, 5, "the note")  # type: ignore[union-attr]
    detail = desk.core.inbox.detail(review)
    assert detail is not None and detail.elsewhere is not None
    assert detail.elsewhere.text == "Said there." and detail.row.work_state is WorkState.DONE
    label = AccountLabel(desk.account.id, "Shop", "SC", "Scripted", 1)
    (notice,) = notices_of(detail, label, desk.core.clock.now())
    assert "waiting for the next sync" in notice.text
    assert desk.core.messages.not_answered_elsewhere(review).result(5)
    again = desk.core.inbox.detail(review)
    assert again is not None and again.elsewhere is None and again.row.work_state is WorkState.NEEDS_REPLY


def test_a_marked_passage_is_quoted(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    shown(window, desk.ids()[0])
    body = window.reading.text.body
    cursor = body.textCursor()
    cursor.setPosition(0)
    cursor.movePosition(QTextCursor.MoveOperation.NextWord, QTextCursor.MoveMode.KeepAnchor)
    body.setTextCursor(cursor)
    assert window.reading.selected_text() == cursor.selectedText()
