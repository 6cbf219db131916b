"""Answering in the messages room by keyboard, in the real window; the practice server's record judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import OutboxState
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.settings import THEME, UNDO_DELAY_S
from reviewdesk.store import messages as stored_messages
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.messages.page import MessagesPage
from reviewdesk.ui.widgets.buttons import off_reason
from tests.support.core import make_profile
from tests.support.screens import settle, wait_until

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LETTER = "It leaves on Monday."
Opened = tuple[MainWindow, Core, MessagesPage]


class Room:
    """One practice shop and one profile; ``open`` is a start of the program, with the messages room in front."""

    def __init__(self, folder: Path, qtbot: Any) -> None:
        self._folder, self._qtbot = folder, qtbot
        self.shop = practice.start(providers=("sitejabber", "trustpilot"))
        server = self.shop.sitejabber
        people = [server.review(n)["author"]["username"] for n in server.review_numbers()]
        taken = {m[side]["username"] for m in server.messages for side in ("sender", "recipient")}
        self.person = next(p for p in people if p not in taken)
        self.other = next(p for p in people if p not in taken and p != self.person)
        server.customer_writes(self.other, "Opening hours", "When are you open?")
        server.customer_writes(self.person, "AW: Re: My parcel", "Where is it?")
        self._ends: list[Callable[[], object]] = []

    def open(self) -> Opened:
        self.end()
        core = Core.open(
            make_profile(self._folder, practice=True),
            clock=SystemClock(),
            secrets=MemorySecrets(),
            practice=True,
        )
        self._ends.append(core.stop)
        first = not core.accounts.list()
        for made in self.shop.accounts if first else ():
            settings = {
                **made.settings,
                "rate_limit": "10000/1",
                "settle_seconds": "1",
                "timeout_seconds": "2",
            }
            core.accounts.add(made.provider, made.name, settings, made.secrets, test=False)
        if first:
            assert all(report.ok for report in core.sync.run(None, False))
        core.settings.set(THEME, "light").result(5)
        core.settings.set(UNDO_DELAY_S, 10).result(5)
        core.outbox.automatic = True
        bridge = Bridge(core)
        self._ends.append(bridge.close)
        window = MainWindow(core, bridge)
        self._qtbot.addWidget(window)
        self._ends.append(window.close)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        self._qtbot.waitUntil(lambda: window.entry() is not None)
        if window.page("messages") is None:  # a restart comes back to it
            self._qtbot.waitUntil(lambda: window.inbox.total() > 0)
            QTest.keyClicks(window.inbox.view, "gm")
        wait_until(lambda: isinstance(window.page("messages"), MessagesPage), 5, "the room")
        page = window.page("messages")
        assert isinstance(page, MessagesPage)
        wait_until(lambda: bool(page.lines()), 5, "the threads")
        page.list.setFocus()
        return window, core, page

    def account(self, core: Core) -> int:
        return next(a.id for a in core.accounts.list() if a.provider == "sitejabber")

    def go_to(self, page: MessagesPage, person: str) -> None:
        """Walk down to somebody's thread."""
        at = next(n for n, row in enumerate(page.list.rows()) if row.title.startswith(person))
        QTest.keyClick(page.list, Qt.Key.Key_Home)
        for _ in range(at):
            QTest.keyClick(page.list, Qt.Key.Key_Down)
        settle()

    def at_the_server(self, words: str = LETTER) -> list[Any]:
        return [m for m in self.shop.sitejabber.messages if m["body"] == words]

    def end(self) -> None:
        while self._ends:
            self._ends.pop()()


def states(page: MessagesPage) -> list[str]:
    """What stands at the end of each entry's line."""
    return [e.state for view in page._entries if not view.isHidden() and (e := view.entry()) is not None]


@pytest.fixture
def room(themed: QApplication, qtbot, tmp_path: Path) -> Iterator[Room]:  # type: ignore[no-untyped-def]
    made = Room(tmp_path, qtbot)
    yield made
    made.end()
    made.shop.close()


def test_a_thread_is_answered_by_keyboard_undone_and_sent_once(room: Room) -> None:
    window, core, page = room.open()
    room.go_to(page, room.person)
    answer = page.answer
    assert not answer.is_open() and page.answer_button.isVisible()
    QTest.keyClick(page.list, Qt.Key.Key_R)
    assert answer.isVisible() and QApplication.focusWidget() is answer.editor
    assert answer.safety.words() == f"Private message to {room.person}"
    assert answer.safety.audience() == "Only the customer and your team can read this"
    assert answer.card.property("target") == "private" and answer.subject.text() == "Re: My parcel"
    assert answer.foot.split.main.text() == "Send privately"
    QTest.keyClicks(answer.editor, LETTER)
    QTest.keyClick(answer.editor, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: bool(core.outbox.items()), 5, "the item")
    wait_until(lambda: window.toast.text().startswith("Sending privately through"), 5, "the toast")
    assert not answer.isVisible() and QApplication.focusWidget() is page.list
    wait_until(lambda: page.texts()[-1] == LETTER, 5, "the item in the thread")
    assert states(page)[-1] == "Waiting"

    # Taken back it is a draft in its thread again.
    window.undo()
    wait_until(lambda: answer.isVisible() and answer.text() == LETTER, 5, "the draft")
    assert not room.at_the_server()
    core.settings.set(UNDO_DELAY_S, 0).result(5)
    room.shop.faults.on("/message/send$", method="POST", cut="after")
    answer.editor.setFocus()
    QTest.keyClick(answer.editor, Qt.Key.Key_Return, CONTROL)
    # Its answer is lost: the thread says that it is looked for, and it stands there once.
    wait_until(
        lambda: any(i.state is OutboxState.VERIFYING for i in core.outbox.items()), 10, "the lost answer"
    )
    wait_until(lambda: states(page)[-1] == "Checking whether it arrived", 5, "the state")
    (item,) = [i for i in core.outbox.items() if i.state is OutboxState.VERIFYING]
    core.outbox.send_now(item.id).result(5)  # a person may hurry the look, never the resend
    wait_until(lambda: core.outbox.item(item.id).state is OutboxState.SENT, 20, "the delivery")  # type: ignore[union-attr]
    wait_until(lambda: states(page)[-1].startswith("Delivered"), 5, "the state")
    (message,) = room.at_the_server()
    assert (message["subject"], message["recipient"]["username"]) == ("Re: My parcel", room.person)
    assert page.texts() == ["Where is it?", LETTER]


def test_drafts_stay_with_their_threads_over_switches_and_a_restart(room: Room) -> None:
    _, core, page = room.open()
    room.go_to(page, room.person)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    QTest.keyClicks(page.answer.editor, LETTER)
    QTest.keyClick(page.answer.editor, Qt.Key.Key_Escape)
    assert not page.answer.isVisible() and QApplication.focusWidget() is page.list
    key = (room.account(core), room.person)
    wait_until(lambda: core.letters.draft(*key) is not None, 5, "the draft")
    wait_until(lambda: any(r.below == f"Draft: {LETTER}" for r in page.list.rows()), 5, "the mark")
    room.go_to(page, room.other)
    assert not page.answer.isVisible()
    QTest.keyClick(page.list, Qt.Key.Key_R, CONTROL)
    assert page.answer.isVisible() and page.answer.text() == ""
    assert page.answer.subject.text() == "Re: Opening hours"
    QTest.keyClicks(page.answer.editor, "From nine")
    page.list.setFocus()
    room.go_to(page, room.person)
    assert page.answer.isVisible() and page.answer.text() == LETTER, "its draft is there without asking"
    assert QApplication.focusWidget() is page.list
    _, core, page = room.open()
    room.go_to(page, room.other)
    assert page.answer.text() == "From nine"
    page.answer.editor.setFocus()
    page.answer.discard()
    wait_until(lambda: core.letters.draft(key[0], room.other) is None, 5, "the end of the draft")
    assert [v.text for v in core.letters.draft_versions(key[0], room.other)] == ["From nine"]
    assert "Draft discarded" in page.answer.bar.message()


def test_what_cannot_be_answered_says_why(room: Room) -> None:
    window, core, page = room.open()
    account = next(a for a in core.accounts.list() if a.provider == "trustpilot")
    number = str(room.shop.sitejabber.review_numbers()[0])
    for kept, person, about in ((account.id, "zoe", None), (room.account(core), "mia", number)):
        record = MessageRecord(
            key=person, subject="Hello", body="Hello?", created_at=1_900_000_000, ours=False, person=person,
            review_no=about,
        )  # fmt: skip
        core.store.write_now(lambda tx, i=kept, r=record: stored_messages.store_messages(tx, i, [r]))
    wait_until(lambda: any(r.title == "zoe" for r in page.list.rows()), 5, "the thread")
    room.go_to(page, "zoe")
    reason = core.letters.can(account.id, "zoe").reason
    assert reason and off_reason(page.answer_button) == reason
    told: list[str] = []
    page.said.connect(told.append)
    QTest.keyClick(page.list, Qt.Key.Key_R)
    assert told == [reason] and not page.answer.isVisible()
    # A thread of a review is answered at the review, in its private composer.
    room.go_to(page, "mia")
    assert not page.answer_button.isVisible()
    QTest.keyClick(page.list, Qt.Key.Key_R)
    wait_until(window.composer.isVisible, 5, "the composer of the review")
    assert window.composer.safety.words().startswith("Private message to")
