"""The journal's page: everything that left the machine and what came of it, searched and written to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QModelIndex
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import ChangeSet
from reviewdesk.services.journal import Line
from reviewdesk.ui.data.parts import AskTarget, Table, ask_target
from reviewdesk.ui.data.words import action_words, result_words
from reviewdesk.ui.page import Page
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import EmptyState, PlainLabel, PushButton

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["JournalPage"]

translate = QCoreApplication.translate
PAGE = 200
_NEAR_END = 40


def _title_font() -> QFont:
    return fonts.body_font(600)


class JournalPage(Page):
    """Lines are read page by page as they are scrolled to; a row about a review leads to it."""

    search_words = "search"
    needs_account = False

    def __init__(self, window: MainWindow, *, ask: AskTarget = ask_target) -> None:
        super().__init__(window)
        self.search_words = translate("data", "Search the journal")
        self._window = window
        self._ask = ask
        self._text = ""
        self._lines: list[Line] = []
        self._more = False
        self._stale = True
        self.table = Table(
            translate("data", "Journal"),
            (
                translate("data", "When"),
                translate("data", "Account"),
                translate("data", "What"),
                translate("data", "Result"),
                translate("data", "Answer"),
            ),
            4,
            self,
        )
        head = QWidget(self)
        head.setObjectName("panehead")
        head.setFixedHeight(metrics.pane_head_height())
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 12, 1)
        row.setSpacing(8)
        row.addWidget(PlainLabel(translate("data", "Journal"), head, font=_title_font))
        row.addSpacing(4)
        self.said = PlainLabel(
            translate("data", "What left this machine, and what came of it. No texts."), head, role="text-2"
        )
        row.addWidget(self.said, 1)
        self.save = PushButton(translate("data", "Export…"), head, icon="export", small=True)
        self.save.clicked.connect(self._on_save)
        row.addWidget(self.save)
        self._empty = EmptyState(self)
        body = QWidget(self)
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(body, 1)
        self.table.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.table.activated.connect(self._on_activated)
        window.bridge.changes.connect(self._on_changes)

    def start(self) -> QWidget:
        return self.table

    def set_filter(self, text: str) -> None:
        """Only lines in which every word stands."""
        self._text = text.strip()
        self._read()

    def lines(self) -> list[Line]:
        """What is shown."""
        return list(self._lines)

    # --- reading ---------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._read()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)

    def _on_changes(self, change: ChangeSet) -> None:
        if change.journal:
            self._stale = True
            # Somebody who has scrolled down reads on; the new lines are there at the next look.
            if self.isVisible() and self.table.verticalScrollBar().value() == 0:
                self._read()

    def _read(self) -> None:
        text = self._text
        self._stale = False
        self._window.bridge.run(
            lambda: self._window.core.care.journal.page(text, limit=PAGE),
            done=self._on_first,
            owner=self,
            key="journal",
        )

    def _on_first(self, lines: list[Line]) -> None:
        self._lines = lines
        self._more = len(lines) == PAGE
        self.table.set_rows([self._cells(line) for line in lines])
        if self._text:
            self._empty.set_state("magnifying-glass", translate("data", "No match in the journal"), "")
        else:
            self._empty.set_state(
                "notebook",
                translate("data", "Nothing has left this machine"),
                translate("data", "Replies, invitations and exports are noted here."),
            )
        self._stack.setCurrentIndex(0 if lines else 1)
        self.save.setEnabled(bool(lines))

    def _on_scrolled(self, value: int) -> None:
        bar = self.table.verticalScrollBar()
        if self._more and value >= bar.maximum() - _NEAR_END:
            self._more = False
            text, before = self._text, self._lines[-1].id
            self._window.bridge.run(
                lambda: self._window.core.care.journal.page(text, before=before, limit=PAGE),
                done=self._on_next,
                owner=self,
                key="journal",
            )

    def _on_next(self, lines: list[Line]) -> None:
        self._lines += lines
        self._more = len(lines) == PAGE
        self.table.add_rows([self._cells(line) for line in lines])

    def _cells(self, line: Line) -> tuple[str, ...]:
        when = QLocale().toString(QDateTime.fromSecsSinceEpoch(line.at), QLocale.FormatType.ShortFormat)
        return (when, line.account, action_words(line.action), result_words(line.result), line.answer)

    def _on_activated(self, index: QModelIndex) -> None:
        line = self._lines[index.row()] if index.row() < len(self._lines) else None
        if line is not None and line.review_id is not None:
            self._window.open_review(line.review_id)

    # --- writing to a file -----------------------------------------------------------------------

    def _on_save(self) -> None:
        target = self._ask(self, translate("data", "Export the journal"), "journal.csv", "CSV (*.csv)")
        if target is not None:
            self.write(target)

    def write(self, target: Path) -> None:
        """Write what the search finds, all of it, to ``target``."""
        text = self._text
        self._window.bridge.run(
            lambda: self._window.core.care.journal.export(target, text),
            done=lambda n: self.said.setText(
                translate("data", "%n lines written to {file}.", "", n).format(file=target.name)
            ),
            failed=self._on_failed,
            owner=self,
        )

    def _on_failed(self, error: BaseException) -> None:
        words = error.message if isinstance(error, ReviewdeskError) else ""
        self.said.setText(words or translate("data", "Something went wrong inside; the log has the details."))
