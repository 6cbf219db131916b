"""The page of private messages: threads at the left, the words of one at the right. Enter goes to its review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.messages import Message, MessageThread
from reviewdesk.domain.models import ChangeSet
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.ui.messages.rule import Rule
from reviewdesk.ui.page import Page
from reviewdesk.ui.reading.entry import EntryView
from reviewdesk.ui.reading.timeline import Entry, Frame
from reviewdesk.ui.reading.words import full_time, short_when
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import EmptyState, PaneHead, PlainLabel, PushButton, TwoLineList, TwoLines

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["MessagesPage"]

translate = QCoreApplication.translate
MOST = 60
"""Messages of one thread that are laid out; the latest."""


class MessagesPage(Page):
    """Threads by person and order, the latest word first. ``review_wanted`` carries a review's id."""

    review_wanted = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._threads: list[MessageThread] = []
        self._names: dict[int, str] = {}
        self._left = QWidget(self)
        self._left.setFixedWidth(metrics.icon_size(420))
        self._head = PaneHead(translate("messages", "Messages"), self._left)
        self.list = TwoLineList(self._left)
        self.list.setAccessibleName(translate("messages", "Threads"))
        self.list.currentRowChanged.connect(self._show_thread)
        self.list.opened.connect(self.open_review)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._head)
        left.addWidget(self.list, 1)
        self._subject = PlainLabel(parent=self, font=fonts.title_font)
        self._about = PlainLabel(parent=self, role="text-3")
        self.button = PushButton(translate("messages", "Show the review"), self, cap="↵")
        self.button.clicked.connect(self.open_review)
        self._entries: list[EntryView] = []
        inside = QWidget(self)
        inside.setObjectName("read")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 8, 0, 24)
        self._column.setSpacing(14)
        self._column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(inside)
        head = QHBoxLayout()
        head.addWidget(self._subject, 1)
        head.addWidget(self.button)
        self._thread = QWidget(self)
        right = QVBoxLayout(self._thread)
        right.setContentsMargins(24, 18, 24, 0)
        right.setSpacing(6)
        right.addLayout(head)
        right.addWidget(self._about)
        right.addWidget(self.area, 1)
        self.empty = EmptyState(self)
        self.empty.set_state(
            "envelope-simple",
            translate("messages", "No private messages"),
            translate("messages", "What you and your customers write to each other privately comes here."),
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._rule = Rule(self)
        row.addWidget(self._left)
        row.addWidget(self._rule)
        row.addWidget(self._thread, 1)
        row.addWidget(self.empty, 1)
        self._left.hide()
        self._rule.hide()
        self._thread.hide()
        bridge.changes.connect(self._on_changes)

    def start(self) -> QWidget:
        return self.list if self._threads else self

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        """Read the threads again; the one that is shown stays."""
        self._bridge.run(self._read, done=self._on_read, owner=self, key="threads")

    def _read(self) -> tuple[list[MessageThread], dict[int, str]]:
        core = self._bridge.core
        return core.messages.threads(), {a.id: a.name for a in core.accounts.list()}

    def _on_changes(self, change: ChangeSet) -> None:
        if self.isVisible() and (change.views or change.changed or change.outbox):
            self.reload()

    def _on_read(self, found: tuple[list[MessageThread], dict[int, str]]) -> None:
        before = self._current()
        self._threads, self._names = found
        now = self._bridge.core.clock.now()
        at = 0
        if before is not None:
            same = (before.person, before.order_id)
            at = next((n for n, t in enumerate(self._threads) if (t.person, t.order_id) == same), 0)
        self.list.set_rows(
            [_row(thread, number, now) for number, thread in enumerate(self._threads, 1)], at + 1
        )
        self._head.set_count(QLocale().toString(len(self._threads)))
        self._left.setVisible(bool(self._threads))
        self._thread.setVisible(bool(self._threads))
        self._rule.setVisible(bool(self._threads))
        self.empty.setVisible(not self._threads)
        if self._threads:
            self._show_thread(at)
            if self.hasFocus():
                self.list.setFocus()

    def _current(self) -> MessageThread | None:
        at = self.list.currentRow()
        return self._threads[at] if 0 <= at < len(self._threads) else None

    def _show_thread(self, at: int) -> None:
        if not 0 <= at < len(self._threads):
            return
        thread, now = self._threads[at], self._bridge.core.clock.now()
        self._subject.setText(_subject(thread))
        account = self._names.get(thread.account_id, "")
        parts = (_person(thread), one_line(reveal(thread.order_id or ""), 40), account)
        self._about.setText(" · ".join(part for part in parts if part))
        self.button.setVisible(thread.review_id is not None)
        shown = thread.messages[-MOST:]
        while len(self._entries) < len(shown):
            view = EntryView(self)
            self._entries.append(view)
            self._column.insertWidget(self._column.count() - 1, view)
        for number, view in enumerate(self._entries):
            view.setVisible(number < len(shown))
            if number < len(shown):
                view.set_entry(_entry(shown[number], account, _person(thread), now))

    def open_review(self, *_key: object) -> None:
        """Go to the review that the thread is about."""
        thread = self._current()
        if thread is not None and thread.review_id is not None:
            self.review_wanted.emit(thread.review_id)

    def lines(self) -> list[str]:
        """The threads as they are listed."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def texts(self) -> list[str]:
        """The messages of the thread that is shown."""
        return [view.text.text() for view in self._entries if not view.isHidden()]


def _person(thread: MessageThread) -> str:
    return one_line(reveal(thread.person or ""), 60) or translate("messages", "No name")


def _subject(thread: MessageThread) -> str:
    return one_line(reveal(thread.subject[:1_000]), 120) or translate("messages", "No subject")


def _row(thread: MessageThread, number: int, now: float) -> TwoLines:
    """Who, when, and the latest words; strong while the latest are the customer's."""
    latest = thread.latest
    words = one_line(reveal(latest.body[:1_000]), 120)
    if latest.ours:
        words = translate("messages", "You: {words}").format(words=words)
    return TwoLines(
        title=_person(thread),
        end=short_when(latest.created_at, now),
        below=words,
        key=number,
        strong=not latest.ours,
    )


def _entry(message: Message, account: str, person: str, now: float) -> Entry:
    resolution = translate("messages", "offers a resolution") if message.resolution else ""
    return Entry(
        key=f"m:{message.id}",
        icon="lock-key-fill",
        ours=message.ours,
        who=account if message.ours else person,
        when=short_when(message.created_at, now),
        when_full=full_time(message.created_at) if message.created_at is not None else "",
        audience=translate("messages", "Private"),
        text=message.body,
        private=True,
        frame=Frame.PRIVATE,
        edited=resolution,
    )
