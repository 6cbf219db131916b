"""The page of private messages: threads at the left, the words of one at the right, with the answer below them.

Enter goes to the review of a thread; one that belongs to no review is answered here (``answer``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.capabilities import Available
from reviewdesk.domain.letters import answer_subject
from reviewdesk.domain.messages import Message, MessageThread
from reviewdesk.domain.models import ChangeSet, OutboxItem, OutboxState
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.ui.messages.answer import Answer, Key
from reviewdesk.ui.messages.rule import Rule
from reviewdesk.ui.page import Page
from reviewdesk.ui.reading.acts import OutboxActs
from reviewdesk.ui.reading.entry import EntryView
from reviewdesk.ui.reading.timeline import Entry, Frame, item_entry
from reviewdesk.ui.reading.words import AccountLabel, full_time, short_when
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import (
    EmptyState,
    PaneHead,
    PlainLabel,
    PushButton,
    TwoLineList,
    TwoLines,
    set_off,
)

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["MessagesPage"]

translate = QCoreApplication.translate
MOST = 60
"""Messages of one thread that are laid out; the latest."""


@dataclass(slots=True)
class _Known:
    """What one reading brought, apart from the threads; the keys are account and person."""

    names: dict[int, str] = field(default_factory=dict)
    drafts: dict[Key, str] = field(default_factory=dict)
    items: dict[Key, list[OutboxItem]] = field(default_factory=dict)
    able: dict[Key, Available] = field(default_factory=dict)
    wants_subject: dict[int, bool] = field(default_factory=dict)


class MessagesPage(Page):
    """Threads by person and order, the latest word first. ``review_wanted`` carries a review's id, ``private_wanted``
    that of one whose thread is to be answered, ``said`` a sentence for the status line."""

    review_wanted = Signal(object)
    private_wanted = Signal(object)
    said = Signal(str)
    answers = frozenset({"reply", "private"})

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._threads: list[MessageThread] = []
        self._known = _Known()
        self._wanted: Key | None = None
        self._shown: tuple[Key, str | None] | None = None
        self._left = QWidget(self)
        self._head = PaneHead(translate("messages", "Messages"), self._left)
        self.list = TwoLineList(self._left)
        self.list.setAccessibleName(translate("messages", "Threads"))
        self.list.currentRowChanged.connect(self._show_thread)
        self.list.opened.connect(self._on_opened)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._head)
        left.addWidget(self.list, 1)
        self._subject = PlainLabel(parent=self, font=fonts.title_font)
        self._about = PlainLabel(parent=self, role="text-3")
        self.button = PushButton(translate("messages", "Show the review"), self, cap="↵")
        self.button.clicked.connect(self.open_review)
        self.answer_button = PushButton(
            translate("messages", "Answer privately"), self, kind="private", icon="lock-key-fill", cap="R"
        )
        self.answer_button.clicked.connect(self.reply)
        self._acts = OutboxActs(bridge.core, bridge, self)
        self._acts.failed.connect(self._on_act_failed)
        self._acts.back_to_draft.connect(self._on_back_to_draft)
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
        head.addWidget(self.answer_button)
        self._thread = QWidget(self)
        words = QVBoxLayout()
        words.setContentsMargins(24, 18, 24, 0)
        words.setSpacing(6)
        words.addLayout(head)
        words.addWidget(self._about)
        words.addWidget(self.area, 1)
        self.answer = Answer(bridge, self._thread)
        self.answer.left.connect(self._to_list)
        self.answer.drafted.connect(self.reload)
        right = QVBoxLayout(self._thread)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(words, 1)
        right.addWidget(self.answer)
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

    def panes(self) -> Sequence[QWidget]:
        return (self.start(), self.answer.editor) if self.answer.is_open() else (self.start(),)

    def finish(self) -> bool:
        return self.answer.finish()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The words and who can read them come first: in a narrow window the list gives way.
        self._left.setFixedWidth(
            max(metrics.icon_size(240), min(metrics.icon_size(420), self.width() * 3 // 8))
        )

    def reload(self) -> None:
        """Read the threads again; the one that is shown stays."""
        self._bridge.run(self._read, done=self._on_read, owner=self, key="threads")

    def _read(self) -> tuple[list[MessageThread], _Known]:
        core = self._bridge.core
        threads, accounts = core.messages.threads(), core.accounts.list()
        specs = {spec.id: spec for spec in core.accounts.specs()}
        known = _Known(
            {a.id: a.name for a in accounts},
            {(d.account_id, d.person): d.text for d in core.letters.drafts()},
            core.letters.pending(),
            wants_subject={a.id: specs[a.provider].messages_need_subject for a in accounts},
        )
        cache: dict[tuple[int, bool], Available] = {}
        for thread in threads:
            if thread.review_id is None:
                kind = (thread.account_id, bool(thread.person))
                if kind not in cache:
                    cache[kind] = core.letters.can(thread.account_id, thread.person)
                known.able[thread.account_id, thread.person or ""] = cache[kind]
        return threads, known

    def _on_changes(self, change: ChangeSet) -> None:
        if self.isVisible() and (change.views or change.changed or change.outbox):
            self.reload()

    def _on_read(self, found: tuple[list[MessageThread], _Known]) -> None:
        before = self._current()
        self._threads, self._known = found
        now = self._bridge.core.clock.now()
        at = 0
        if before is not None:
            same = _identity(before)
            at = next((n for n, t in enumerate(self._threads) if _identity(t) == same), 0)
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            at = next((n for n, t in enumerate(self._threads) if _letter_key(t) == wanted), at)
        self.list.set_rows(
            [
                _row(thread, number, now, self._known.drafts.get(_letter_key(thread) or (0, ""), ""))
                for number, thread in enumerate(self._threads, 1)
            ],
            at + 1,
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
            if wanted is not None and _letter_key(self._threads[at]) == wanted:
                self.reply()

    def _current(self) -> MessageThread | None:
        at = self.list.currentRow()
        return self._threads[at] if 0 <= at < len(self._threads) else None

    def _show_thread(self, at: int) -> None:
        if not 0 <= at < len(self._threads):
            return
        thread, now = self._threads[at], self._bridge.core.clock.now()
        self._subject.setText(_subject(thread))
        account = self._known.names.get(thread.account_id, "")
        parts = (_person(thread), one_line(reveal(thread.order_id or ""), 40), account)
        self._about.setText(" · ".join(part for part in parts if part))
        self.button.setVisible(thread.review_id is not None)
        set_off(self.answer_button, self._why_not(thread))
        entries = [_entry(message, account, _person(thread), now) for message in thread.messages]
        label = AccountLabel(thread.account_id, account, "", "", 0)
        entries += [item_entry(label, item, now, None) for item in self._items(thread)]
        shown = entries[-MOST:]
        while len(self._entries) < len(shown):
            view = EntryView(self)
            view.act.connect(self._on_entry_act)
            self._entries.append(view)
            self._column.insertWidget(self._column.count() - 1, view)
        for number, view in enumerate(self._entries):
            view.setVisible(number < len(shown))
            if number < len(shown):
                view.set_entry(shown[number])
        self._follow(thread)
        self._tell_button(thread)

    def _tell_button(self, thread: MessageThread) -> None:
        """The way to the answer; not beside an answer that is open."""
        self.answer_button.setVisible(thread.review_id is None and not self.answer.is_open())

    # --- the answer ------------------------------------------------------------------------------

    def _follow(self, thread: MessageThread) -> None:
        """Another thread is shown: its draft with it, where it has one. The focus stays where it is."""
        identity = _identity(thread)
        if identity == self._shown:
            return
        self._shown = identity
        key = _letter_key(thread)
        if key is None or self._why_not(thread) or not self.answer.draft_of(key)[0].strip():
            self.answer.close()
        else:
            self._open_answer(thread, key, focus=False)

    def _open_answer(self, thread: MessageThread, key: Key, *, focus: bool) -> None:
        subject = next((m.subject for m in reversed(thread.messages) if m.subject.strip()), "")
        wants = self._known.wants_subject.get(thread.account_id, True)
        self.answer.open(
            key, _person(thread), answer_subject(subject[:1_000]), needs_subject=wants, focus=focus
        )
        self._tell_button(thread)
        # The latest words stand right above the answer.
        bar = self.area.verticalScrollBar()
        QTimer.singleShot(0, bar, lambda: bar.setValue(bar.maximum()))

    def reply(self) -> None:
        """Begin an answer to the thread, or say why there can be none; that of a review is written at the review."""
        thread = self._current()
        if thread is None:
            return
        if thread.review_id is not None:
            self.private_wanted.emit(thread.review_id)
            return
        reason, key = self._why_not(thread), _letter_key(thread)
        if reason or key is None:
            self.said.emit(reason or "")
        else:
            self._open_answer(thread, key, focus=True)

    def write_on(self, account_id: int, person: str) -> None:
        """Show the thread with this person beside any review, and write on in its draft."""
        self._wanted = (account_id, person)
        self.answer.close()
        self.reload()

    def _why_not(self, thread: MessageThread) -> str | None:
        able = self._known.able.get((thread.account_id, thread.person or ""))
        return None if thread.review_id is not None or able is None or able.available else able.reason

    def _items(self, thread: MessageThread) -> list[OutboxItem]:
        key = _letter_key(thread)
        return self._known.items.get(key, []) if key is not None else []

    def _to_list(self) -> None:
        thread = self._current()
        if thread is not None:
            self._tell_button(thread)
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_opened(self, *_key: object) -> None:
        thread = self._current()
        if thread is not None and thread.review_id is None:
            self.reply()
        else:
            self.open_review()

    def _on_entry_act(self, name: str, item_id: int) -> None:
        thread = self._current()
        item = next((i for i in self._items(thread) if i.id == item_id), None) if thread is not None else None
        if item is None or thread is None:
            return
        if name == "undo" and item.state is OutboxState.FAILED:
            # It is out of the queue for good, so its text is kept as a draft before the item goes.
            subject = str(item.payload.get("subject", ""))
            saved = self._bridge.core.letters.save_draft(
                thread.account_id, thread.person or "", item.text, subject
            )
            self._bridge.watch(saved, done=partial(self._on_text_kept, item), owner=self)
        else:
            self._acts.do(name, item)

    def _on_text_kept(self, item: OutboxItem, _saved: object) -> None:
        self._acts.do("discard", item)
        self._on_back_to_draft()

    def _on_back_to_draft(self, *_target: object) -> None:
        thread = self._current()
        if thread is not None and thread.person:
            self.write_on(thread.account_id, thread.person)

    def _on_act_failed(self, _level: str, words: str) -> None:
        self.said.emit(words)

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


def _identity(thread: MessageThread) -> tuple[Key, str | None]:
    return (thread.account_id, thread.person or ""), thread.order_id or str(thread.review_id or "")


def _letter_key(thread: MessageThread) -> Key | None:
    """Account and person of a thread that belongs to no review."""
    return (thread.account_id, thread.person) if thread.review_id is None and thread.person else None


def _person(thread: MessageThread) -> str:
    return one_line(reveal(thread.person or ""), 60) or translate("messages", "No name")


def _subject(thread: MessageThread) -> str:
    return one_line(reveal(thread.subject[:1_000]), 120) or translate("messages", "No subject")


def _row(thread: MessageThread, number: int, now: float, draft: str = "") -> TwoLines:
    """Who, when, and the latest words; strong while the latest are the customer's. A draft goes before them."""
    latest = thread.latest
    words = one_line(reveal(latest.body[:1_000]), 120)
    if latest.ours:
        words = translate("messages", "You: {words}").format(words=words)
    if draft:
        words = translate("messages", "Draft: {words}").format(words=one_line(draft[:1_000], 120))
    return TwoLines(
        title=_person(thread),
        end=short_when(latest.created_at, now),
        below=words,
        key=number,
        strong=not latest.ours,
    )


def _entry(message: Message, account: str, person: str, now: float) -> Entry:
    resolution = translate("messages", "offers a resolution") if message.resolution else ""
    state = ""
    if message.ours:
        state = translate("messages", "Delivered {when}").format(when=short_when(message.created_at, now))
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
        state=state,
        state_icon="checks" if state else "",
    )
