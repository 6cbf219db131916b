"""The page of reports: what was reported to providers, why, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.models import ChangeSet
from reviewdesk.domain.text import one_line, reveal
from reviewdesk.services.moderation import Flag, Outcome
from reviewdesk.ui.page import Page
from reviewdesk.ui.reading.words import short_when
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import EmptyState, PlainLabel, plain_tip

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["ReportsPage", "outcome_words"]

translate = QCoreApplication.translate


def outcome_words(outcome: Outcome) -> str:
    return {
        Outcome.WAITING: translate("casework", "On its way"),
        Outcome.NOT_ACCEPTED: translate("casework", "Not accepted"),
        Outcome.OPEN: translate("casework", "With the provider"),
        Outcome.BACK_OFFICE: translate("casework", "Taken to the back office"),
        Outcome.REMOVED: translate("casework", "Closed, the review was removed"),
    }[outcome]


class ReportsPage(Page):
    """A table, the latest first; Enter shows the review."""

    review_wanted = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._flags: list[Flag] = []
        self.title = PlainLabel(translate("casework", "Reports"), self, font=fonts.title_font)
        self.table = QTableWidget(0, 5, self)
        self.table.setHorizontalHeaderLabels(
            [
                translate("casework", "When"),
                translate("casework", "Review by"),
                translate("casework", "Reason"),
                translate("casework", "What was said"),
                translate("casework", "Outcome"),
            ]
        )
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableWidget.Shape.NoFrame)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(translate("casework", "Reports"))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.table.setWordWrap(False)
        self.table.activated.connect(self._on_activated)
        self.empty = EmptyState(self)
        self.empty.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # something with a name for the keys to be at
        self.empty.set_state(
            "flag",
            translate("casework", "Nothing was reported yet"),
            translate("casework", "Choose a review and press ! to report it to its provider."),
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        bridge.changes.connect(self._on_changes)
        self.table.hide()

    def start(self) -> QWidget:
        return self.table if self._flags else self.empty

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.reload()

    def reload(self) -> None:
        self._bridge.run(self._bridge.core.moderation.flags, done=self._on_flags, owner=self, key="flags")

    def _on_changes(self, change: ChangeSet) -> None:
        if self.isVisible() and (change.outbox or change.changed or change.removed):
            self.reload()

    def _on_flags(self, flags: list[Flag]) -> None:
        self._flags = flags
        now = self._bridge.core.clock.now()
        at = self.table.currentRow()
        self.table.setRowCount(len(flags))
        for number, flag in enumerate(flags):
            said = one_line(reveal(flag.message[:2_000]), 200)
            texts = (
                short_when(flag.at, now),
                one_line(reveal(flag.author or ""), 60),
                one_line(reveal(flag.reason_words), 60),
                said,
                outcome_words(flag.outcome),
            )
            for column, text in enumerate(texts):
                cell = QTableWidgetItem(text)
                cell.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                if column == 3:
                    cell.setToolTip(plain_tip(flag.message[:600]))
                self.table.setItem(number, column, cell)
            self.table.setRowHeight(number, metrics.list_line() + 16)
        if flags:
            self.table.setCurrentCell(max(0, min(at, len(flags) - 1)), 0)
        waited = self.empty.hasFocus()
        self.table.setVisible(bool(flags))
        self.empty.setVisible(not flags)
        if waited and flags:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def rows(self) -> list[tuple[str, ...]]:
        """What is on the screen, row by row."""
        return [
            tuple(_text(self.table.item(row, column)) for column in range(self.table.columnCount()))
            for row in range(self.table.rowCount())
        ]

    def _on_activated(self, index: Any) -> None:
        review = self._flags[index.row()].item.review_id
        if review is not None:
            self.review_wanted.emit(review)


def _text(item: QTableWidgetItem | None) -> str:
    return item.text() if item is not None else ""
