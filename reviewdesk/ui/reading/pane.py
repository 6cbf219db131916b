"""The reading pane: one review with everything that is known of it, refreshed in place, never in the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.capabilities import Available, Capability, ProviderSpec
from reviewdesk.domain.models import ChangeSet, ReviewDetail, Target
from reviewdesk.services.settings import READ_AFTER_S, READ_POLICY
from reviewdesk.ui.reading.acts import OutboxActs
from reviewdesk.ui.reading.content import Content
from reviewdesk.ui.reading.entry import EntryView
from reviewdesk.ui.reading.find import FindBar
from reviewdesk.ui.reading.head import ReadingHead
from reviewdesk.ui.reading.kept import Kept
from reviewdesk.ui.reading.owners import Owners
from reviewdesk.ui.reading.places import Places
from reviewdesk.ui.reading.reply_bar import ReplyBar
from reviewdesk.ui.reading.timeline import live_reply
from reviewdesk.ui.reading.viewer import PictureViewer
from reviewdesk.ui.reading.words import AccountLabel, copy_text, name_of
from reviewdesk.ui.theme import theme
from reviewdesk.ui.widgets import EmptyState, InlineBar

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.people import Context
    from reviewdesk.ui.bridge import Bridge

__all__ = ["ReadingPane"]

_SEEN_MS = 8
_UNSEEN_MS = 50
"""What is beside a review waits so long for the review's own painting: a pane that nobody sees is never painted."""
_PRODUCTS_MS = 1_000
"""A first sync finds new products with every page; the one beside the review is read again this often at most."""
_HURRY_MS = 70
"""A held key comes 25 to 33 times a second, and opening a review takes longer than that."""
_PARTS = (
    *(
        "score_row",
        "removed",
        "title",
        "facts",
        "doors",
        "notices",
        "text",
        "pictures",
        "ratings",
        "conversation",
    ),
    *("entries", "private", "context", "product", "history", "details", "_detail_grid"),
)
"""What of the content is reached through the pane."""


class ReadingPane(QWidget):
    """Shows one review. ``reply_requested`` asks for the composer, ``action_requested`` for what the window does
    (done, reopen, snooze, star, unstar, read, unread, open_provider), ``step_requested`` for a neighbour (+1, -1),
    ``shown`` says which review is on the screen (0: none), ``said`` is a short confirmation for the status line,
    ``review_wanted`` asks for another review, ``comment_wanted`` (act, comment id) for a change of a published reply,
    ``unlink_wanted`` (this review, another; likewise an invitation) says that the two are not of one person, ``filled``
    that there is news."""

    reply_requested = Signal(object)
    action_requested = Signal(str, object)
    step_requested = Signal(int)
    shown = Signal(object)
    said = Signal(str)
    review_wanted = Signal(object)
    comment_wanted = Signal(str, str)
    unlink_wanted = Signal(object, object)
    invitation_unlink_wanted = Signal(object, object)
    filled = Signal()

    def __init__(
        self,
        core: Core,
        bridge: Bridge,
        parent: QWidget | None = None,
        *,
        zone: tzinfo | None = None,
        content: Content | None = None,
    ) -> None:
        """``content``: what it shows a review in, where that was made in advance (making both takes a tenth of a second)."""
        super().__init__(parent)
        self._core, self._bridge, self._zone = core, bridge, zone
        self._id = self._gone = 0
        self._detail: ReviewDetail | None = None
        self._owners = Owners(core, bridge, self)
        self._kept = Kept(core, bridge, self)
        self._needles: tuple[tuple[str, bool], ...] = ()
        self._composing = False
        self._no_edit: str | None = None
        self._viewer: PictureViewer | None = None
        self._acts = OutboxActs(core, bridge, self)
        self._acts.done.connect(self.reload)
        self._acts.back_to_draft.connect(self.reply_requested)
        self._acts.failed.connect(self._on_act_failed)
        self.setObjectName("read")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._build(content if content is not None else Content(core, bridge, zone=zone))
        self._places = Places(self)
        self._read_timer = QTimer(self)
        self._read_timer.setSingleShot(True)
        self._read_timer.timeout.connect(self._mark_read)
        self._ticker = QTimer(self)
        self._ticker.setInterval(1000)
        self._ticker.timeout.connect(self._on_tick)
        self._asked_last = QElapsedTimer()
        self._stopped_soon = QTimer(self)
        self._stopped_soon.setSingleShot(True)
        self._stopped_soon.setInterval(_HURRY_MS)
        self._stopped_soon.timeout.connect(self._open)
        self._beside: Context | None = None
        self._beside_soon = QTimer(self)
        self._beside_soon.setSingleShot(True)
        self._beside_soon.timeout.connect(self._tell_beside)
        self.content.seen.connect(self._on_seen)
        self._products_came = QTimer(self)
        self._products_came.setSingleShot(True)
        self._products_came.setInterval(_PRODUCTS_MS)
        self._products_came.timeout.connect(self._look_beside)
        bridge.changes.connect(self._on_changes)
        theme().changed.connect(self._on_theme)
        self._owners.changed.connect(self._on_owners)
        self._owners.read()
        self._show_empty()

    # --- structure -------------------------------------------------------------------------------

    def _build(self, content: Content) -> None:
        self.head = ReadingHead(self)
        self.head.act.connect(self._on_act)
        self.head.step.connect(self.step_requested)
        self.bar = InlineBar(self)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The pane itself has the keyboard: space, arrows and single keys work without a visible cursor.
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.content = content
        content.set_pane(self)
        self.content.doors.wanted.connect(self.show_review)
        self.content.pictures.opened.connect(self.open_picture)
        self.content.entry_act.connect(self._on_entry_act)
        self.content.comment_act.connect(self._on_comment_act)
        self.content.opened.connect(self.review_wanted)
        self.content.unlinked.connect(self._on_unlinked)
        self.content.invitation_unlinked.connect(self._on_invitation_unlinked)
        self.content.entries_came.connect(self._on_entries)
        for name in _PARTS:
            setattr(self, name, getattr(self.content, name))
        self.area.setWidget(self.content)
        self.find_bar = FindBar(self)
        self.reply_bar = ReplyBar(self)
        self.reply_bar.wanted.connect(self.reply_requested)
        self.empty = EmptyState(self)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.head, self.find_bar, self.bar):
            column.addWidget(part)
        column.addWidget(self.area, 1)
        column.addWidget(self.reply_bar)
        self._page = page
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)
        self.setFocusProxy(self.area)
        self.setMinimumWidth(240)

    # --- what is shown ---------------------------------------------------------------------------

    def current_id(self) -> int:
        """The review that was asked for last (0: none)."""
        return self._id

    def detail(self) -> ReviewDetail | None:
        """What is on the screen; None while another review is on its way, so that no key meets the one that leaves."""
        shown = self._detail
        return shown if shown is not None and shown.row.id == self._id else None

    def is_reading(self) -> bool:
        """Whether a review was asked for that is not on the screen yet."""
        return self._id not in (0, self._gone) and self.detail() is None

    def show_review(self, review_id: int) -> None:
        """Show a review, 0 for none. At once when it was prefetched; else the old one stays until it is there.

        Whoever walks on faster than anybody reads (a key that is held) sees the one where they stop.
        """
        if review_id == self._id and (review_id == 0 or self._detail is not None):
            return
        self._id = review_id
        self._read_timer.stop()
        self._stopped_soon.stop()
        hurried = self._asked_last.isValid() and self._asked_last.elapsed() < _HURRY_MS
        self._asked_last.start()
        if not review_id:
            self._detail = None
            self._show_empty()
            self.shown.emit(0)
            return
        if hurried:
            self._stopped_soon.start()
        else:
            self._open()

    def _open(self) -> None:
        known = self._kept.get(self._id)
        if known is not None:
            self._show(known)
        elif self._id:
            self._load(self._id)

    def reload(self) -> None:
        """Read the present review again; the place in it stays."""
        if self._id:
            self._load(self._id)

    def prefetch(self, ids: Iterable[int]) -> None:
        """The neighbours that will probably be opened next: kept ready."""
        self._kept.prefetch(ids, self._id)

    def set_position(self, at: int, count: int) -> None:
        """``at`` of ``count`` in the list, from 1."""
        self.head.set_place(at, count)

    def set_highlight(self, needles: tuple[tuple[str, bool], ...]) -> None:
        """Mark what a search found: (words, as a beginning), as ``domain.text.hits`` takes it."""
        self._needles = tuple(needles)
        self.content.set_highlight(self._needles)

    def set_composing(self, composing: bool) -> None:
        """Whether the composer is open: then the row of reply buttons gives way."""
        self._composing = composing
        self._update_reply_bar()

    def copy_text(self) -> str:
        """The review as plain text without private data; empty when none is shown."""
        detail = self._detail
        return copy_text(detail, self._owners.label(detail), self._zone) if detail is not None else ""

    def _load(self, review_id: int) -> None:
        self._bridge.run(
            self._core.inbox.detail,
            review_id,
            done=partial(self._on_detail, review_id),
            owner=self,
            key="detail",
        )

    def _on_detail(self, review_id: int, detail: ReviewDetail | None) -> None:
        if review_id != self._id:
            return
        if detail is None:
            self._kept.forget([review_id])
            self._detail = None
            self._gone = review_id
            self._show_gone()
            self.shown.emit(0)
            self.filled.emit()
            return
        self._show(detail)

    # --- filling ---------------------------------------------------------------------------------

    def _show(self, detail: ReviewDetail) -> None:
        before = self._detail
        other = before is None or before.row.id != detail.row.id
        self._kept.keep(detail)
        self._detail, self._gone = detail, 0
        self._stack.setCurrentWidget(self._page)
        if other:
            self.bar.hide()
            self.content.details.set_open(False)
            self.content.record.set_open(False)
        if before != detail:
            self._fill(detail)
        else:
            self._ask_context(detail)  # what is beside it may have changed without it
        if other:
            self.area.verticalScrollBar().setValue(0)
            self._start_read_timer(detail)
            self.setAccessibleName(self._spoken(detail))
            self.shown.emit(detail.row.id)

    def _fill(self, detail: ReviewDetail) -> None:
        now = self._core.clock.now()
        label = self._owners.label(detail)
        self.head.set_row(detail.row, has_address=bool(self.address_of(detail)), provider=label.provider)
        self._no_edit = self.can(detail, Capability.EDIT_REPLY).reason
        self.content.fill(detail, label, self._owners.get, now)
        self._fill_entries(detail, label, now)
        self.set_highlight(self._needles)
        if not self.find_bar.isHidden():
            self.find_bar.set_bodies(self.content.bodies())
        self._update_reply_bar()
        self.filled.emit()
        self._ask_context(detail)

    def _ask_context(self, detail: ReviewDetail) -> None:
        self._bridge.run(
            self._core.people.context,
            detail.row.id,
            done=self._context_came,
            owner=self,
            key="context",
        )

    def _context_came(self, context: Context) -> None:
        # Each of the two lays out the column, and the review is what is waited for: its painting comes first.
        self._beside = context
        self._beside_soon.start(_SEEN_MS if self.content.is_seen() else _UNSEEN_MS)

    def _on_seen(self) -> None:
        if self._beside_soon.isActive():
            self._beside_soon.start(_SEEN_MS)

    def _tell_beside(self) -> None:
        context, self._beside = self._beside, None
        if context is not None:
            self._on_context(context)

    def _on_entries(self) -> None:
        self.content.set_edit_reason(self._no_edit)
        self.content.set_highlight(self._needles)
        if not self.find_bar.isHidden():
            self.find_bar.set_bodies(self.content.bodies())

    def _on_context(self, context: Context) -> None:
        if context.review_id == self._id:
            self.content.set_context(context, self._owners.get, self._core.clock.now())

    def _fill_entries(self, detail: ReviewDetail, label: AccountLabel, now: float) -> None:
        self._places.reveal_new(self.content.fill_entries(detail, label, now))
        self.content.set_edit_reason(self._no_edit)
        moving = self.content.is_moving()
        if moving and not self._ticker.isActive():
            self._ticker.start()
        elif not moving:
            self._ticker.stop()

    def shown_entries(self) -> list[EntryView]:
        """The entries of the conversation that are on the screen, oldest first."""
        return self.content.shown_entries()

    def _spoken(self, detail: ReviewDetail) -> str:
        return ", ".join(
            part
            for part in (self.content.score_row.words.text(), name_of(detail), detail.title[:200])
            if part
        )

    def _show_empty(self) -> None:
        self.empty.set_state(
            "tray", self.tr("No review is open"), self.tr("Choose one in the list to read it here.")
        )
        self._stack.setCurrentWidget(self.empty)

    def _show_gone(self) -> None:
        self.empty.set_state(
            "eye-slash",
            self.tr("This review is no longer in this program"),
            self.tr("It was removed together with its account or by a clean-up."),
        )
        self._stack.setCurrentWidget(self.empty)

    # --- accounts --------------------------------------------------------------------------------

    def _on_owners(self) -> None:
        if self._detail is not None:
            self._fill(self._detail)

    def address_of(self, detail: ReviewDetail) -> str:
        """The review's own page at the provider, else the provider's back office; empty where there is neither."""
        spec = self.spec_of(detail)
        return detail.url or (spec.back_office_url if spec is not None else "")

    def spec_of(self, detail: ReviewDetail) -> ProviderSpec | None:
        """What the review's provider is, as it was read last; None for an account that is gone."""
        return self._owners.spec_of(detail)

    def can(self, detail: ReviewDetail, capability: Capability) -> Available:
        """Whether the review's account can do it, and if not, why: from memory, nothing is read here."""
        return self._owners.can(detail, capability)

    # --- changes ---------------------------------------------------------------------------------

    def _on_changes(self, changes: ChangeSet) -> None:
        if changes.accounts:
            self._owners.read()
        touched = changes.added | changes.changed | changes.removed | changes.drafts
        if changes.outbox or changes.views or changes.accounts:
            # Which review an outbox item belongs to is not in the change: what was kept ahead may be old.
            self._kept.clear()
        self._kept.forget(touched)
        if self._id and (self._id in touched or changes.outbox or changes.views or changes.accounts):
            self._load(self._id)
        elif changes.products and not self._products_came.isActive():
            self._products_came.start()

    def _look_beside(self) -> None:
        if self._detail is not None and self.isVisible():
            self._ask_context(self._detail)

    def _on_tick(self) -> None:
        """Words of time in the timeline (waiting, next try) follow the clock while something is on its way."""
        if self._detail is not None and self.isVisible():
            self._fill_entries(self._detail, self._owners.label(self._detail), self._core.clock.now())

    def _on_theme(self) -> None:
        self.content.fit()
        if self._detail is not None:
            detail = self._detail
            now = self._core.clock.now()
            self.content.score_row.set_detail(detail, self._owners.label(detail).provider, now, self._zone)
            self.content.column.invalidate()

    # --- read state ------------------------------------------------------------------------------

    def _start_read_timer(self, detail: ReviewDetail) -> None:
        policy = self._core.settings.get(READ_POLICY)
        if not detail.row.unread or policy == "hand":
            return
        if policy == "open":
            # At once: a key that is held is on the next review before a timer of no time rings.
            self._mark_read()
            return
        self._read_timer.start(round(float(self._core.settings.get(READ_AFTER_S)) * 1000))

    def _mark_read(self) -> None:
        detail = self._detail
        if detail is not None and detail.row.id == self._id and detail.row.unread and self.isVisible():
            self._bridge.watch(self._core.inbox.set_read([detail.row.id], True), owner=self)

    # --- acts ------------------------------------------------------------------------------------

    def _on_act(self, name: str) -> None:
        detail = self._detail
        if detail is None:
            return
        if name == "copy":
            self.copy()
            return
        if name == "unread":
            self._read_timer.stop()
        self.action_requested.emit(name, [detail.row.id])

    def copy(self) -> None:
        """Put the review on the clipboard as plain text, without anything private."""
        text = self.copy_text()
        if text:
            QGuiApplication.clipboard().setText(text)
            self.said.emit(self.tr("Review copied as text, without private data"))

    def _on_entry_act(self, name: str, item_id: int) -> None:
        detail = self._detail
        item = next((i for i in detail.outbox if i.id == item_id), None) if detail is not None else None
        if item is not None:
            self._acts.do(name, item)

    def _on_comment_act(self, name: str, comment_id: str) -> None:
        self.comment_wanted.emit(name, comment_id)

    def _on_unlinked(self, other: int) -> None:
        self.area.setFocus(Qt.FocusReason.OtherFocusReason)  # its row goes, and the keys must not go with it
        if self._detail is not None:
            self.unlink_wanted.emit(self._detail.row.id, other)

    def _on_invitation_unlinked(self, invitation: int) -> None:
        self.area.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._detail is not None:
            self.invitation_unlink_wanted.emit(self._detail.row.id, invitation)

    def selected_text(self) -> str:
        """The passage of the review that is marked; what others wrote below it does not count."""
        return self._places.selected_text()

    # --- find --------------------------------------------------------------------------------------

    def find_in_review(self) -> None:
        """Ask for words and walk through where they stand."""
        if self._detail is not None:
            self.find_bar.open(self.content.bodies())

    def _on_act_failed(self, level: str, words: str) -> None:
        self.bar.show_message(level, words)
        self.reload()

    def open_picture(self, number: int) -> None:
        """Show a picture large, with the keyboard's arrows, plus, minus and Escape."""
        detail = self._detail
        if detail is None or not 0 <= number < len(self.content.pictures.attachments()):
            self.said.emit(self.tr("There are no pictures"))
            return
        self._viewer = PictureViewer(
            self._core,
            self._bridge,
            self.window(),
            detail.row.id,
            self.content.pictures.attachments(),
            number,
        )
        self._viewer.open()

    def show_history(self) -> None:
        """Unfold the earlier versions and go there with the keyboard."""
        self._places.show_history()

    def show_people(self) -> None:
        """Go to the first of the other reviews of this person or order; Enter opens it, Del takes it apart."""
        self._places.show_people()

    def viewer(self) -> PictureViewer | None:
        return self._viewer

    # --- replies ---------------------------------------------------------------------------------

    def _update_reply_bar(self) -> None:
        detail = self._detail
        if detail is None or self._composing:
            self.reply_bar.hide()
            return
        public = self.can(detail, Capability.REPLY)
        private = self.can(detail, Capability.PRIVATE_MESSAGE)
        if not private.available:
            private = self.can(detail, Capability.RESOLUTION)
        self.reply_bar.set_choices(
            public,
            private,
            provider=self._owners.label(detail).provider,
            public_live=live_reply(detail, Target.PUBLIC) is not None,
            private_live=live_reply(detail, Target.PRIVATE) is not None,
            draft=detail.row.has_draft,
        )

    # --- keys ------------------------------------------------------------------------------------

    def scroll_page(self, by: int) -> bool:
        """Scroll by most of a page; false when there is no more in that direction (then the next review is due)."""
        return self._places.scroll_page(by)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.content.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._detail is not None:
            self._fill(self._detail)

    def closeEvent(self, event: object) -> None:
        self._read_timer.stop()
        self._ticker.stop()
