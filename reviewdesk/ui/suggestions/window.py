"""The window of suggestions: which reply, to whom it was written, how it would read here; inserted by a press."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QPlainTextEdit

from reviewdesk.domain.models import Target
from reviewdesk.services.suggestions import Suggestion
from reviewdesk.ui.composer.gaps import GapLook
from reviewdesk.ui.data.parts import Panel, Table
from reviewdesk.ui.reading.words import score_words, when_words
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton, announce

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["SuggestionsWindow", "source_words"]

translate = QCoreApplication.translate


def source_words(found: Suggestion, now: float) -> str:
    """Where a suggestion comes from, in one line."""
    parts = [
        translate("suggestions", "to {name}").format(
            name=found.author or translate("suggestions", "somebody without a name")
        ),
        score_words(found.score, found.score_max),
        found.account,
        when_words(found.replied_at, now),
    ]
    return ", ".join(part for part in parts if part)


class SuggestionsWindow(Panel):
    """Enter or the button inserts at the cursor of the reply that is open, or begins one."""

    def __init__(self, window: MainWindow, review_id: int, target: Target) -> None:
        super().__init__(translate("suggestions", "From my earlier replies"), QSize(820, 560), window)
        self._window, self._key = window, (review_id, target)
        self._found: tuple[Suggestion, ...] = ()
        self.column.addSpacing(6)
        self.said = PlainLabel(
            translate("suggestions", "Looking through this computer's archive"),
            self,
            role="text-2",
            wrap=True,
        )
        self.column.addWidget(self.said)
        self.column.addSpacing(8)
        self.table = Table(
            translate("suggestions", "Earlier replies to similar reviews"),
            (
                translate("suggestions", "Reply"),
                translate("suggestions", "Was written"),
                translate("suggestions", "In common"),
            ),
            0,
            self,
        )
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for column in (1, 2):
            self.table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        self.column.addWidget(self.table, 3)
        self.column.addSpacing(8)
        self.column.addWidget(
            PlainLabel(translate("suggestions", "As it would read here"), self, role="text-3")
        )
        self.preview = QPlainTextEdit(self)
        self.preview.setObjectName("field")
        self.preview.setReadOnly(True)
        self.preview.setTabChangesFocus(True)
        self.preview.setAccessibleName(translate("suggestions", "As it would read here"))
        self._look = GapLook(self.preview.document())
        fonts.follow(self.preview, fonts.body_font)
        self.column.addWidget(self.preview, 2)
        self.column.addSpacing(4)
        self.source = PlainLabel("", self, role="text-2", wrap=True)
        self.column.addWidget(self.source)
        self.show_there = PushButton(translate("suggestions", "Show that review"), self.foot)
        self.shut = PushButton(translate("suggestions", "Close"), self.foot)
        self.insert = PushButton(
            translate("suggestions", "Insert"),
            self.foot,
            kind="primary",
            cap=translate("suggestions", "Enter"),
        )
        self.buttons.addWidget(self.show_there)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.shut)
        self.buttons.addWidget(self.insert)
        for button in (self.show_there, self.insert):
            button.setEnabled(False)
        self.table.installEventFilter(self)
        self.table.viewport().installEventFilter(self)
        self.table.currentCellChanged.connect(self._on_row)
        self.table.doubleClicked.connect(self._on_insert)
        self.show_there.clicked.connect(self._on_show)
        self.insert.clicked.connect(self._on_insert)
        self.shut.clicked.connect(self.close)
        window.bridge.run(
            window.core.suggestions.for_review,
            review_id,
            target,
            done=self._on_found,
            failed=self._on_failed,
            owner=self,
        )

    def found(self) -> tuple[Suggestion, ...]:
        """What is offered, the best first."""
        return self._found

    def _on_found(self, found: tuple[Suggestion, ...]) -> None:
        self._found = found
        now = self._window.core.clock.now()
        self.table.set_rows([(f.resolved.text, source_words(f, now), ", ".join(f.shared)) for f in found])
        if not found:
            self.said.setText(
                translate(
                    "suggestions", "No review like this one was answered before, as far as this archive goes"
                )
            )
            self.shut.setFocus()
            return
        self.said.setText(
            translate(
                "suggestions", "Found on this computer. Nothing is sent anywhere by looking or inserting"
            )
        )
        self.table.setCurrentCell(0, 0)
        self._on_row(0)
        self.table.setFocus()
        announce(self.table, self.said.text())

    def _on_failed(self, error: BaseException) -> None:
        self.said.set_role("fail")
        self.said.setText(
            getattr(error, "message", "")
            or translate("suggestions", "Something went wrong inside; the log has the details.")
        )

    def current(self) -> Suggestion | None:
        """What is chosen."""
        row = self.table.currentRow()
        return self._found[row] if 0 <= row < len(self._found) else None

    def _on_row(self, _row: int, *_cell: int) -> None:
        found = self.current()
        if found is None:
            return
        self.preview.setPlainText(found.resolved.text)
        now = self._window.core.clock.now()
        words = translate("suggestions", "Your reply {source}. In common: {words}").format(
            source=source_words(found, now), words=", ".join(found.shared)
        )
        if found.resolved.gaps:
            gaps = ", ".join(dict.fromkeys(gap.words for gap in found.resolved.gaps))
            words += " " + translate("suggestions", "To fill: {gaps}").format(gaps=gaps)
        self.source.setText(words)
        for button in (self.show_there, self.insert):
            button.setEnabled(True)

    def _on_insert(self, *_index: object) -> None:
        found = self.current()
        window, (review_id, target) = self._window, self._key
        if found is None:
            return
        window.activateWindow()
        composer = window.composer
        if composer.key() != self._key:
            if window.reading.current_id() != review_id:
                window.open_review(review_id)
            composer.open(review_id, target)
        if composer.key() == self._key:
            composer.editor.setFocus()
            composer.editor.insert_resolved(found.resolved)
            self.close()

    def _on_show(self) -> None:
        found = self.current()
        if found is not None:
            self._window.open_review(found.review_id)
            self._window.activateWindow()
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_insert()
                return True
        elif watched is self.table.viewport() and event.type() == QEvent.Type.Resize:
            wide = self.table.viewport().width()
            self.table.setColumnWidth(1, round(wide * 0.3))
            self.table.setColumnWidth(2, round(wide * 0.2))
        return super().eventFilter(watched, event)
