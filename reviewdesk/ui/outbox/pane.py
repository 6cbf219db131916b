"""The outbox pane: head, table, and the chosen item with its text and what happened to it."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from reviewdesk.domain.letters import is_letter, person_of
from reviewdesk.domain.models import ChangeSet, Draft, OutboxItem, OutboxState, ReviewRow
from reviewdesk.services.approval import my_name
from reviewdesk.services.outbox_meanwhile import Meanwhile
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.outbox.detail import Detail
from reviewdesk.ui.outbox.table import AccountMark, OutboxList, Row, TableHead
from reviewdesk.ui.outbox.words import (
    GROUPS,
    action_title,
    describe,
    group_of,
    stands_in_the_way,
)
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import EmptyState, PlainLabel, PushButton

__all__ = ["OutboxPane"]

_SHOWN = tuple(s for s in OutboxState if s is not OutboxState.DISCARDED)


def _title_font() -> QFont:
    return fonts.body_font(600)


class OutboxPane(QWidget):
    """``said`` carries a sentence for the toast (with the id of an undo, or nothing), ``draft_wanted`` a review and
    target whose draft should be opened, ``review_wanted`` a review to show, ``letter_wanted`` the item of a message beside
    any review that became a draft again."""

    said = Signal(str)
    draft_wanted = Signal(object, object)
    letter_wanted = Signal(object)
    review_wanted = Signal(object)
    discarded = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bridge = bridge
        self._items: list[OutboxItem] = []
        self._authors: dict[int, str] = {}
        self._marks: dict[int, AccountMark] = {}
        self._filter = ""
        self._head = self._make_head()
        self._table_head = TableHead(self)
        self.list = OutboxList(self)
        self.list.setAccessibleName(self.tr("Outbox"))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.list.acted.connect(self.act)
        self.list.picked.connect(self._on_picked)
        self._detail = Detail(self)
        self._detail.acted.connect(self.act)
        self._empty = EmptyState(self)
        self._empty.set_state(
            "paper-plane-tilt",
            self.tr("Nothing is waiting"),
            self.tr("Replies you publish pass through here."),
        )
        table = QWidget(self)
        column = QVBoxLayout(table)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._table_head)
        column.addWidget(self.list, 1)
        column.addWidget(self._detail)
        body = QWidget(self)
        self._stack = QStackedLayout(body)
        self._stack.addWidget(table)
        self._stack.addWidget(self._empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._head)
        whole.addWidget(body, 1)
        # Countdowns are part of the words; they run only while somebody looks.
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tell)
        bridge.changes.connect(self._on_changes)
        theme().changed.connect(self._on_theme)
        self.refresh()

    def _make_head(self) -> QWidget:
        head = QWidget(self)
        head.setObjectName("panehead")
        head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        head.setFixedHeight(metrics.pane_head_height())
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 12, 1)
        row.setSpacing(8)
        title = PlainLabel(self.tr("Outbox"), head, font=_title_font)
        self._hold_all = PushButton(self.tr("Hold all"), head, icon="pause", small=True)
        self._retry_failed = PushButton(self.tr("Retry failed"), head, icon="arrow-clockwise", small=True)
        self._hold_all.clicked.connect(self._on_hold_all)
        self._retry_failed.clicked.connect(self._on_retry_failed)
        row.addWidget(title)
        row.addSpacing(4)
        row.addWidget(
            PlainLabel(self.tr("Everything you publish passes through here"), head, role="text-2"), 1
        )
        row.addWidget(self._hold_all)
        row.addWidget(self._retry_failed)
        return head

    # --- data ------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the items again."""
        self._bridge.run(self._read, done=self._on_read, owner=self, key="outbox")

    def _read(self) -> tuple[list[OutboxItem], dict[int, ReviewRow], dict[int, AccountMark]]:
        core = self._bridge.core
        items = core.outbox.items(states=_SHOWN, limit=500)
        rows = core.inbox.rows({i.review_id for i in items if i.review_id is not None})
        codes = {spec.id: spec.code for spec in core.accounts.specs()}
        marks = {
            a.id: AccountMark(a.name, codes.get(a.provider, a.provider[:2].upper()), a.colour)
            for a in core.accounts.list()
        }
        return items, rows, marks

    def _on_read(self, result: tuple[list[OutboxItem], dict[int, ReviewRow], dict[int, AccountMark]]) -> None:
        self._items, rows, self._marks = result
        self._authors = {i: (row.author_name or "") for i, row in rows.items()}
        self._tell()

    def _on_changes(self, change: ChangeSet) -> None:
        if change.outbox or change.accounts:
            self.refresh()

    def set_filter(self, text: str) -> None:
        """Show only items whose words hold ``text``."""
        self._filter = text.strip().casefold()
        self._tell()

    def count(self) -> int:
        """Items shown."""
        return sum(1 for row in self.list.table.rows() if row.item is not None)

    def _now(self) -> float:
        return self._bridge.core.clock.now()

    def _tell(self) -> None:
        now = self._now()
        groups: dict[str, list[Row]] = {g: [] for g in GROUPS}
        for item in self._items:
            group = group_of(item)
            if group == "delivered" and now - (item.finished_at or now) > 24 * 3600:
                continue
            words = describe(item, self._authors.get(item.review_id or 0, "") or person_of(item), now)
            mark = self._marks.get(item.account_id)
            if (
                self._filter
                and self._filter not in f"{words.sentence} {mark.name if mark else ''}".casefold()
            ):
                continue
            groups[group].append(Row(f"item:{item.id}", group, item=item, words=words, account=mark))
        rows: list[Row] = []
        groups["waiting"].sort(key=_by_turn)
        for group in GROUPS:
            if groups[group]:
                rows.append(Row(f"head:{group}", group, len(groups[group])))
                rows.extend(groups[group])
        self.list.set_rows(rows)
        self._empty.set_state(
            *(
                ("magnifying-glass", self.tr("No match in the outbox"), "")
                if self._filter and self._items
                else (
                    "paper-plane-tilt",
                    self.tr("Nothing is waiting"),
                    self.tr("Replies you publish pass through here."),
                )
            )
        )
        self._stack.setCurrentIndex(0 if rows else 1)
        waiting = [i for i in self._items if i.state is OutboxState.WAITING]
        self._hold_all.setVisible(bool(waiting))
        self._retry_failed.setVisible(any(i.state is OutboxState.FAILED for i in self._items))
        moving = bool(waiting) or any(i.state is OutboxState.VERIFYING for i in self._items)
        if moving and self.isVisible():
            self._second.start()
        else:
            self._second.stop()

    def _on_picked(self, item_id: int) -> None:
        row = next((r for r in self.list.table.rows() if r.item is not None and r.item.id == item_id), None)
        self._detail.show_row(row, self._now())
        item = row.item if row is not None else None
        if item is not None and stands_in_the_way(item):
            self._bridge.run(
                partial(self._bridge.core.outbox.meanwhile, item.id),
                done=partial(self._on_meanwhile, item),
                owner=self,
                key="outbox-meanwhile",
            )

    def _on_meanwhile(self, item: OutboxItem, met: Meanwhile | None) -> None:
        if self._detail.item_id() == item.id:
            self._detail.show_meanwhile(item, met)

    def _on_theme(self) -> None:
        self._head.setFixedHeight(metrics.pane_head_height())
        self._tell()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._second.stop()

    # --- acts ------------------------------------------------------------------------------------

    def _item(self, item_id: int) -> OutboxItem | None:
        return next((i for i in self._items if i.id == item_id), None)

    def act(self, action: str, item_id: int) -> None:
        """Do one of the actions of ``words``; whether it still applies is looked at again by the service."""
        item = self._item(item_id)
        if item is None:
            return
        core = self._bridge.core
        if action == "open":
            self.review_wanted.emit(item.review_id)
        elif action == "undo":
            self._watch(core.replies.undo(item.id), done=_Undone(self, item))
        elif action == "edit":
            self._take_back(item)
        elif action == "discard":
            self._watch(core.outbox.discard(item.id), done=_Discarded(self, item))
        elif action in ("send-now", "release"):
            self._watch(core.outbox.send_now(item.id))
        elif action in ("retry", "look-now"):
            self._watch(core.outbox.retry(item.id))
        elif action == "override":
            self._watch(core.outbox.retry(item.id, override=True))
        elif action == "hold":
            self._watch(core.outbox.hold(item.id))
        elif action == "ask-approval":
            self._watch(core.outbox.ask_approval(item.id))
        elif action == "approve":
            self._watch(core.outbox.approve(item.id, my_name(core.settings)))

    def _watch(self, future: Future[Any], done: Any = None) -> None:
        self._bridge.watch(future, done=done, owner=self)

    def undone(self, item: OutboxItem, draft: Draft | None) -> None:
        """Undo came back: with the draft, or too late."""
        if draft is None:
            self.said.emit(self.tr("It is on its way already"))
        elif item.review_id is not None:
            self.draft_wanted.emit(item.review_id, item.target)
        elif is_letter(item):
            self.letter_wanted.emit(item)

    def _take_back(self, item: OutboxItem) -> None:
        """An item becomes a draft again, unless another draft stands there; a failed one goes only afterwards."""
        core = self._bridge.core
        if is_letter(item):
            self._watch(core.replies.undo(item.id), done=_Undone(self, item))
        if item.review_id is None:
            return
        if core.replies.draft(item.review_id, item.target) is not None:
            self.draft_wanted.emit(item.review_id, item.target)
            return
        if item.state is not OutboxState.FAILED:
            self._watch(core.replies.undo(item.id), done=_Undone(self, item))
            return
        subject = str(item.payload.get("subject", ""))
        saved = core.replies.save_draft(item.review_id, item.target, item.text, subject)
        self._watch(saved, done=_Saved(self, item))

    def saved_for_edit(self, item: OutboxItem) -> None:
        self._watch(self._bridge.core.outbox.discard(item.id), done=_Opened(self, item))

    def _on_hold_all(self) -> None:
        for item in self._items:
            if item.state is OutboxState.WAITING:
                self.act("hold", item.id)

    def _on_retry_failed(self) -> None:
        for item in self._items:
            if item.state is OutboxState.FAILED:
                self.act("retry", item.id)

    def _on_menu(self, place: QPoint) -> None:
        row = self.list.table.row(self.list.indexAt(place))
        if row is None or row.item is None or row.words is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = list(row.words.actions)
        if row.item.review_id is not None and "open" not in names:
            names.append("open")
        for name in names:
            entry = menu.addAction(action_title(name))
            entry.setData((name, row.item.id))
        menu.triggered.connect(self._on_menu_entry)
        menu.popup(self.list.viewport().mapToGlobal(place))

    def _on_menu_entry(self, entry: QAction) -> None:
        name, item_id = entry.data()
        self.act(name, item_id)


def _by_turn(row: Row) -> tuple[bool, float]:
    """What goes out next stands first, what is held last."""
    item = row.item
    return (False, 0.0) if item is None else (item.state is OutboxState.HELD, item.not_before)


class _After:
    """What follows an act; a value with a call, so that nothing captures by accident."""

    def __init__(self, pane: OutboxPane, item: OutboxItem) -> None:
        self.pane, self.item = pane, item


class _Undone(_After):
    def __call__(self, draft: Draft | None) -> None:
        self.pane.undone(self.item, draft)


class _Discarded(_After):
    def __call__(self, _item: object) -> None:
        self.pane.discarded.emit(self.item)


class _Saved(_After):
    def __call__(self, _nothing: object) -> None:
        self.pane.saved_for_edit(self.item)


class _Opened(_After):
    def __call__(self, _item: object) -> None:
        self.pane.draft_wanted.emit(self.item.review_id, self.item.target)
