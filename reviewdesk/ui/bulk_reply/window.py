"""The window of a reply to several reviews: every text before it goes, every line's end after it went."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPlainTextEdit, QVBoxLayout, QWidget

from reviewdesk.domain.models import ChangeSet, OutboxItem, OutboxState
from reviewdesk.domain.templates import gaps
from reviewdesk.domain.text import reveal
from reviewdesk.services.bulk_replies import MOST, Line, Outcome
from reviewdesk.services.saved_replies import SavedReply
from reviewdesk.services.settings import UNDO_DELAY_S
from reviewdesk.ui.bulk_reply.words import cells, check_words, headings, outcome_words
from reviewdesk.ui.composer.gaps import GapLook, next_gap, utf16
from reviewdesk.ui.data.parts import Panel, Steps, Table
from reviewdesk.ui.reading.clip import broken
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import InlineBar, PlainLabel, PushButton, announce

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["BulkReplyWindow"]

translate = QCoreApplication.translate
_CUSTOMER, _SOURCE, _SCORE, _VARIANT, _TEXT, _CHECK = range(1, 7)
_JUDGE_MS = 250


class _Editor(QPlainTextEdit):
    """One text. Tab walks its gaps and then leaves; Ctrl+Enter goes on to the next text, Esc back to the list."""

    following = Signal()
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("field")
        self.setAccessibleName(translate("bulk", "Text of this reply"))
        self.setTabChangesFocus(True)
        self.look = GapLook(self.document())
        fonts.follow(self, fonts.body_font)

    def to_gap(self, *, back: bool = False) -> bool:
        """Mark the next gap; false where there is none."""
        text = self.toPlainText()
        cursor = self.textCursor()
        at = cursor.selectionStart() if back else cursor.selectionEnd()
        # Places of a document are counted in UTF-16.
        plain = len(text.encode("utf-16-le", "surrogatepass")[: 2 * at].decode("utf-16-le", "ignore"))
        gap = next_gap(list(gaps(text)), plain, back=back)
        if gap is None:
            return False
        cursor.setPosition(utf16(text[: gap.start]))
        cursor.setPosition(utf16(text[: gap.end]), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        return True

    def focusNextPrevChild(self, following: bool) -> bool:
        return self.to_gap(back=not following) or super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chord = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chord:
            self.following.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
        else:
            super().keyPressEvent(event)


class BulkReplyWindow(Panel):
    """Space leaves a line out or takes it in, Enter writes in its text. Only the button publishes."""

    def __init__(self, window: MainWindow, ids: Sequence[int], reply: SavedReply) -> None:
        count = min(len(ids), MOST)
        super().__init__(translate("bulk", "Reply to %n reviews", "", count), QSize(1080, 700), window)
        self._window, self._ids, self._reply = window, list(ids[:MOST]), reply
        self._lines: list[Line] = []
        self._outcomes: dict[int, Outcome] = {}
        self._items: dict[int, OutboxItem] = {}
        self._at = -1
        self._cancel = threading.Event()
        self._steps = Steps(self)
        self._steps.moved.connect(self._on_step)
        self._judging = QTimer(self)
        self._judging.setSingleShot(True)
        self._judging.setInterval(_JUDGE_MS)
        self._judging.timeout.connect(self._judge)
        self._ticker = QTimer(self)
        self._ticker.setInterval(1000)
        self._ticker.timeout.connect(self._tell_outcomes)
        self._build()
        window.bridge.changes.connect(self._on_changes)
        self._prepare()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        self.said = PlainLabel("", self, role="text-2", wrap=True)
        self.another = PushButton(translate("bulk", "Another saved reply…"), self, icon="quotes", small=True)
        top.addWidget(self.said, 1)
        top.addWidget(self.another, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addSpacing(6)
        self.column.addLayout(top)
        self.column.addSpacing(8)
        self.bar = InlineBar(self)
        self.column.addWidget(self.bar)
        self.table = Table(translate("bulk", "Replies"), headings(), _TEXT, self)
        self.table.setAccessibleDescription(
            translate("bulk", "Space leaves a reply out or takes it in, Enter changes its text")
        )
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        head = self.table.horizontalHeader()
        for column in (_CUSTOMER, _SOURCE, _CHECK):
            head.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self.column.addWidget(self.table, 3)
        self.column.addSpacing(10)
        texts = QHBoxLayout()
        texts.setSpacing(20)
        self.theirs = QPlainTextEdit(self)
        self.theirs.setReadOnly(True)
        self.theirs.setTabChangesFocus(True)
        self.theirs.setAccessibleName(translate("bulk", "The review"))
        fonts.follow(self.theirs, fonts.body_font)
        self.editor = _Editor(self)
        for name, part in (
            (translate("bulk", "The review"), self.theirs),
            (translate("bulk", "Your reply, as it will be published"), self.editor),
        ):
            side = QVBoxLayout()
            side.setSpacing(4)
            side.addWidget(PlainLabel(name, self, role="text-3"))
            side.addWidget(part, 1)
            texts.addLayout(side, 1)
        self.column.addLayout(texts, 2)
        self.problems = PlainLabel("", self, role="warn", wrap=True)
        self.problems.setMinimumHeight(metrics.list_line())
        self.column.addSpacing(4)
        self.column.addWidget(self.problems)
        self.back = PushButton(translate("bulk", "Take all back"), self.foot, icon="arrow-u-up-left")
        self.pause = PushButton(translate("bulk", "Pause"), self.foot, icon="pause")
        self.skip = PushButton(translate("bulk", "Leave out"), self.foot, cap=translate("bulk", "Space"))
        self.shut = PushButton(translate("bulk", "Close"), self.foot)
        self.go = PushButton("", self.foot, kind="primary", icon="paper-plane-tilt")
        for button in (self.back, self.pause, self.skip):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        for button in (self.shut, self.go):
            self.buttons.addWidget(button)
        self.back.hide()
        self.pause.hide()
        self.table.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        self.table.currentCellChanged.connect(self._on_row)
        self.editor.textChanged.connect(self._on_typed)
        self.editor.following.connect(self._on_following)
        self.editor.left.connect(self.table.setFocus)
        self.another.clicked.connect(self._on_another)
        self.skip.clicked.connect(self._on_skip)
        self.go.clicked.connect(self.publish)
        self.back.clicked.connect(self._on_take_back)
        self.pause.clicked.connect(self._on_pause)
        self.shut.clicked.connect(self.close)

    def _fit_columns(self) -> None:
        """The words of three columns get a share of the width; what is least needed gives way."""
        wide = self.table.viewport().width()
        roomy = wide >= metrics.breakpoint_px(860)
        for column in (_SCORE, _VARIANT):
            self.table.setColumnHidden(column, not roomy)
        self.table.setColumnHidden(_SOURCE, wide < metrics.breakpoint_px(620))
        for column, share in ((_CUSTOMER, 0.14), (_SOURCE, 0.16), (_CHECK, 0.28)):
            self.table.setColumnWidth(column, round(wide * share))

    # --- making ready ----------------------------------------------------------------------------

    def lines(self) -> tuple[Line, ...]:
        """What is shown, in the order of the rows."""
        return tuple(self._lines)

    def _prepare(self) -> None:
        self._busy(True)
        self.said.setText(translate("bulk", "Writing the texts"))
        steps, core, ids, reply, cancel = self._steps, self._window.core, self._ids, self._reply, self._cancel

        def work() -> list[Line]:
            return core.bulk_replies.prepare(
                ids, reply, progress=lambda done, all_: steps.say((done, all_)), cancel=cancel
            )

        self._window.bridge.run(
            work, done=self._on_prepared, failed=self._on_failed, owner=self, key="bulk-prepare"
        )

    def _on_step(self, moved: object) -> None:
        if isinstance(moved, tuple) and not self._lines:
            done, total = moved
            self.said.setText(
                translate("bulk", "Writing the texts: {done} of {all}").format(done=done, all=total)
            )
        elif isinstance(moved, Outcome):
            self._take_outcome(moved)

    def _on_prepared(self, lines: list[Line]) -> None:
        self._busy(False)
        self._lines, self._at = lines, -1
        self.table.set_rows([cells(line, check_words(line)) for line in lines])
        self._tell()
        if lines:
            self.table.setCurrentCell(0, 0)
            self._on_row(0)
        self.table.setFocus()
        announce(self.table, self.said.text())

    def _on_another(self) -> None:
        from reviewdesk.ui.bulk_reply.room import ask_saved

        def chosen(reply: SavedReply) -> None:
            self.activateWindow()
            self._reply, self._lines = reply, []
            self._prepare()

        # The picker is the main window's.
        self._window.activateWindow()
        ask_saved(self._window, chosen)

    def _busy(self, busy: bool) -> None:
        for part in (self.go, self.skip, self.another, self.editor):
            part.setEnabled(not busy)

    def _tell(self) -> None:
        going = sum(line.goes for line in self._lines)
        never = Counter(line.provider for line in self._lines if line.never)
        parts = [
            translate("bulk", "“{name}”").format(name=self._reply.name),
            translate("bulk", "%n go out", "", going),
        ]
        open_ = sum(bool(line.problems) and not line.skipped and not line.never for line in self._lines)
        if open_:
            parts.append(translate("bulk", "%n need a look", "", open_))
        skipped = sum(line.skipped for line in self._lines)
        if skipped:
            parts.append(translate("bulk", "%n left out by you", "", skipped))
        if never:
            names = ", ".join(f"{name} {count}" for name, count in never.most_common())
            parts.append(translate("bulk", "not from here: {names}").format(names=names))
        self.said.setText(" · ".join(parts))
        self.go.setText(translate("bulk", "Publish %n replies", "", going))
        self.go.setEnabled(going > 0)

    # --- one line --------------------------------------------------------------------------------

    def _on_row(self, row: int, *_cell: int) -> None:
        if not 0 <= row < len(self._lines):
            return
        if self._judging.isActive():
            self._judging.stop()
            self._judge()
        line = self._lines[row]
        changed = row != self._at
        self._at = row
        if changed:
            self.theirs.setPlainText(broken(reveal(line.review)))
            blocked = self.editor.blockSignals(True)
            self.editor.setPlainText(line.text)
            self.editor.blockSignals(blocked)
        self.editor.setReadOnly(bool(line.never) or bool(self._outcomes))
        self._tell_line(line)

    def _tell_line(self, line: Line) -> None:
        said = [line.never] if line.never else [*line.problems, *line.advice]
        self.problems.setText(" ".join(said))
        self.problems.set_role("warn" if line.never or line.problems else "text-2")
        self.skip.setText(translate("bulk", "Take in") if line.skipped else translate("bulk", "Leave out"))
        self.skip.setEnabled(not line.never and not self._outcomes)

    def _put(self, row: int, line: Line) -> None:
        self._lines[row] = line
        for column, text in enumerate(cells(line, check_words(line))):
            cell = self.table.item(row, column)
            if cell is not None:
                cell.setText(" ".join(text.split())[:400])
        if row == self._at:
            self._tell_line(line)
        self._tell()

    def _on_typed(self) -> None:
        if self._at >= 0 and not self._outcomes:
            # Until it was looked at anew nobody knows whether it may go.
            self.go.setEnabled(False)
            self._judging.start()

    def _judge(self) -> None:
        row = self._at
        if not 0 <= row < len(self._lines):
            return
        line = replace(self._lines[row], text=self.editor.toPlainText())
        self._lines[row] = line
        self._window.bridge.run(
            self._window.core.bulk_replies.judge,
            line,
            done=lambda judged: self._on_judged(row, judged),
            failed=self._on_failed,
            owner=self,
            key=("judge", row),
        )

    def _on_judged(self, row: int, judged: Line) -> None:
        if row < len(self._lines) and self._lines[row].review_id == judged.review_id:
            now = self._lines[row]
            if now.text == judged.text:
                self._put(row, replace(judged, skipped=now.skipped))

    def _on_following(self) -> None:
        if self._at + 1 < len(self._lines):
            self.table.setCurrentCell(self._at + 1, 0)
        else:
            self.table.setFocus()

    def _on_skip(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self._lines) and not self._outcomes and not self._lines[row].never:
            line = self._lines[row]
            self._put(row, replace(line, skipped=not line.skipped))
            announce(self.table, check_words(self._lines[row]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Delete):
                self._on_skip()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
                self.editor.setFocus()
                self.editor.to_gap()
                return True
        if event.type() == QEvent.Type.Resize and watched is self.table.viewport():
            self._fit_columns()
        return super().eventFilter(watched, event)

    # --- publishing ------------------------------------------------------------------------------

    def publish(self) -> None:
        """Queue every line that goes, in a thread of its own; each line says what became of it."""
        if self._outcomes or not any(line.goes for line in self._lines) or self._judging.isActive():
            return
        self._busy(True)
        core, lines, steps, cancel = self._window.core, list(self._lines), self._steps, self._cancel
        delay, used = float(core.settings.get(UNDO_DELAY_S)), self._reply.id

        def work() -> list[Outcome]:
            return core.bulk_replies.publish(
                lines, delay_s=delay, used=used, progress=steps.say, cancel=cancel
            )

        self._window.bridge.run(work, done=self._on_published, failed=self._on_failed, owner=self)

    def _take_outcome(self, outcome: Outcome) -> None:
        self._outcomes[outcome.review_id] = outcome
        if outcome.item is not None:
            self._items.setdefault(outcome.item.id, outcome.item)
        self._tell_outcomes()

    def _on_published(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self._outcomes[outcome.review_id] = outcome
            if outcome.item is not None:
                self._items.setdefault(outcome.item.id, outcome.item)
        self.go.hide()
        self.skip.hide()
        self.another.hide()
        self.editor.setReadOnly(True)
        self.editor.setEnabled(True)
        self.back.show()
        self.pause.show()
        self.table.setFocus()
        self._window.doing.published()
        self._ticker.start()
        self._read_states()

    def _on_changes(self, changes: ChangeSet) -> None:
        if self._items and changes.outbox & self._items.keys():
            self._read_states()

    def _read_states(self) -> None:
        self._window.bridge.run(
            self._window.core.bulk_replies.states,
            list(self._items),
            done=self._on_states,
            owner=self,
            key="bulk-states",
        )

    def _on_states(self, items: dict[int, OutboxItem]) -> None:
        self._items.update(items)
        self._tell_outcomes()

    def _tell_outcomes(self) -> None:
        """The last column and the sentence above follow what the outbox says."""
        now = self._window.core.clock.now()
        states: Counter[OutboxState] = Counter()
        for row, line in enumerate(self._lines):
            outcome = self._outcomes.get(line.review_id)
            if outcome is None:
                continue
            item = self._items.get(outcome.item.id) if outcome.item is not None else None
            if item is not None:
                states[item.state] += 1
            cell = self.table.item(row, _CHECK)
            words = outcome_words(outcome, item, now)
            if cell is not None and cell.text() != words:
                cell.setText(words[:400])
        delivered, held = states[OutboxState.SENT], states[OutboxState.HELD]
        under_way = sum(states[s] for s in (OutboxState.WAITING, OutboxState.SENDING, OutboxState.VERIFYING))
        told = [
            (translate("bulk", "%n delivered", "", delivered), delivered),
            (translate("bulk", "%n under way", "", under_way), under_way),
            (translate("bulk", "%n held", "", held), held),
            (
                translate("bulk", "%n not accepted", "", states[OutboxState.FAILED]),
                states[OutboxState.FAILED],
            ),
            (
                translate("bulk", "%n taken back", "", states[OutboxState.DISCARDED]),
                states[OutboxState.DISCARDED],
            ),
        ]
        left = len(self._outcomes) - sum(states.values())
        told.append((translate("bulk", "%n not sent", "", left), left))
        self.said.setText(" · ".join(words for words, count in told if count))
        waiting = states[OutboxState.WAITING] > 0
        mine = self._held_here()
        self.back.setEnabled(waiting or bool(mine))
        self.pause.setEnabled(waiting or bool(mine))
        self.pause.setText(translate("bulk", "Go on") if mine and not waiting else translate("bulk", "Pause"))
        if not under_way and self._ticker.isActive():
            self._ticker.stop()
            announce(self.table, self.said.text())

    def _held_here(self) -> list[int]:
        return [
            i.id
            for i in self._items.values()
            if i.state is OutboxState.HELD and i.error is not None and i.error.kind == "held"
        ]

    def _on_pause(self) -> None:
        """Hold what waits, or let go again what is held by that."""
        outbox, watch = self._window.core.outbox, self._window.bridge.watch
        waiting = [i.id for i in self._items.values() if i.state is OutboxState.WAITING]
        for item_id in waiting:
            watch(outbox.hold(item_id), failed=self._on_late, owner=self)
        if not waiting:
            for item_id in self._held_here():
                watch(outbox.send_now(item_id), failed=self._on_late, owner=self)
            self._ticker.start()

    def _on_take_back(self) -> None:
        core, ids = self._window.core, list(self._items)
        self._window.bridge.run(
            lambda: core.bulk_replies.take_back(ids),
            done=self._on_taken_back,
            failed=self._on_failed,
            owner=self,
        )

    def _on_taken_back(self, count: int) -> None:
        self.bar.show_message("info", translate("bulk", "%n became drafts again", "", count))
        self._read_states()

    def _on_late(self, _error: BaseException) -> None:
        # It went out between the look and the key: its line says so.
        self._read_states()

    def _on_failed(self, error: BaseException) -> None:
        self._busy(False)
        words = getattr(error, "message", "") or translate(
            "bulk", "Something went wrong inside; the log has the details."
        )
        self.bar.show_message("fail", words)

    def stop(self) -> None:
        """What is queued goes its way; what is not stays unsent."""
        self._cancel.set()
        self._ticker.stop()
        self._judging.stop()
